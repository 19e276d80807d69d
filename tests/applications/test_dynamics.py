"""Programs of engineers: equations of motion, control, fixed points, rankings, splines."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.applications.differences import assert_gradient_is_exact, complex_gradient

RANDOM = np.random.default_rng(13)


# ----- A neural ordinary differential equation -----

TIMES = np.linspace(0.0, 2.0, 21)
SPIRAL = np.stack(
    [np.exp(-0.3 * TIMES) * np.cos(2 * TIMES), -np.exp(-0.3 * TIMES) * np.sin(2 * TIMES)], 1
)


def motion(state, W1, W2):
    return np.tanh(state @ W1) @ W2


def runge_kutta(state, step, *weights):
    """One step of fourth order (Kutta 1901)."""
    k1 = motion(state, *weights)
    k2 = motion(state + step / 2 * k1, *weights)
    k3 = motion(state + step / 2 * k2, *weights)
    k4 = motion(state + step * k3, *weights)
    return state + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def path_in_an_array(*weights):
    """The loop as one writes it without gradients: into an array made before."""
    path = np.zeros((len(TIMES), 2))
    path[0] = SPIRAL[0]
    for t in range(1, len(TIMES)):
        path[t] = runge_kutta(path[t - 1], TIMES[t] - TIMES[t - 1], *weights)
    return path


def path_in_a_list(*weights):
    path = [SPIRAL[0]]
    for t in range(1, len(TIMES)):
        path.append(runge_kutta(path[-1], TIMES[t] - TIMES[t - 1], *weights))
    return np.stack(path)


def misfit(W1, W2):
    return np.mean((path_in_a_list(W1, W2) - SPIRAL) ** 2)


WEIGHTS = 0.5 * RANDOM.standard_normal((2, 8)), 0.5 * RANDOM.standard_normal((8, 2))


def test_a_time_loop_into_an_array_is_refused_and_says_what_to_write():
    np.testing.assert_array_equal(path_in_an_array(*WEIGHTS), path_in_a_list(*WEIGHTS))
    with pytest.raises((TypeError, ValueError)) as caught:
        tg.grad(lambda W: np.mean(path_in_an_array(W, WEIGHTS[1])))(WEIGHTS[0])
    told, error = "", caught.value
    while error is not None:
        told, error = told + str(error), error.__cause__
    assert "write tg.array(" in told


def test_a_neural_differential_equation_has_the_gradient_of_its_steps():
    assert_gradient_is_exact(misfit, *WEIGHTS)


def test_the_adjoint_equation_runs_back_to_the_gradient():
    # Pontryagin's adjoint (Chen et al. 2018): da/dt = -a df/dx, and dL/dW gathers a df/dW.
    count, fine = 2000, 2.0 / 2000
    direction = np.array([1.0, -0.5])

    def last(W1, W2):
        state = SPIRAL[0]
        for _ in range(40):
            state = runge_kutta(state, 2.0 / 40, W1, W2)
        return state @ direction

    state = SPIRAL[0]
    for _ in range(count):
        state = runge_kutta(state, fine, *WEIGHTS)
    adjoint, gathered = direction, [np.zeros_like(W) for W in WEIGHTS]

    def slopes(state, adjoint):
        _, back = tg.vjp(motion, state, *WEIGHTS)
        by_state, *by_weights = back(adjoint)
        return by_state, by_weights

    for _ in range(count):  # the midpoint rule, backward in time
        half = runge_kutta(state, -fine / 2, *WEIGHTS)
        by_state, _ = slopes(state, adjoint)
        by_half, by_weights = slopes(half, adjoint + fine / 2 * by_state)
        gathered = [total + fine * part for total, part in zip(gathered, by_weights, strict=True)]
        adjoint = adjoint + fine * by_half
        state = runge_kutta(state, -fine, *WEIGHTS)
    for mine, continuous in zip(tg.grad(last, argnums=(0, 1))(*WEIGHTS), gathered, strict=True):
        np.testing.assert_allclose(mine, continuous, rtol=1e-5, atol=1e-6)


# ----- A cart and its pole, held up through 100 steps -----


def swing(forces, gain):
    """Return the squared tilt after 100 steps (Barto, Sutton and Anderson 1983)."""
    gravity, cart, pole, half_length, step = 9.8, 1.0, 0.1, 0.5, 0.02
    position, velocity, angle, turning = 0.0, 0.0, 0.1, 0.0
    cost = 0.0
    for t in range(100):
        force = forces[t] + gain[0] * angle + gain[1] * turning + gain[2] * velocity
        sine, cosine = np.sin(angle), np.cos(angle)
        push = (force + pole * half_length * turning**2 * sine) / (cart + pole)
        angular = (gravity * sine - cosine * push) / (
            half_length * (4.0 / 3.0 - pole * cosine**2 / (cart + pole))
        )
        linear = push - pole * half_length * angular * cosine / (cart + pole)
        position, velocity = position + step * velocity, velocity + step * linear
        angle, turning = angle + step * turning, turning + step * angular
        cost = cost + angle**2 + 0.01 * position**2
    return cost


def test_a_cart_and_pole_has_exact_gradients_through_a_hundred_steps():
    forces, gain = 0.1 * RANDOM.standard_normal(100), np.array([20.0, 4.0, 1.0])
    assert_gradient_is_exact(swing, forces, gain, rtol=1e-8)


def test_a_controller_learns_to_hold_the_pole():
    step = tg.compile(tg.value_and_grad(lambda gain: swing(np.zeros(100), gain)))
    gain = np.array([12.0, 1.0, 0.0])
    before, _ = step(gain)
    for _ in range(150):
        _, gradient = step(gain)
        gain = gain - 0.3 * gradient / max(1.0, float(np.linalg.norm(gradient)))
    assert step(gain)[0] < 0.5 * before


# ----- How a ranking of pages depends on its links -----


def test_the_sensitivity_of_a_page_rank_is_that_of_its_linear_equation():
    links = (RANDOM.random((6, 6)) < 0.4) + np.eye(6, k=1) + np.eye(6, k=-5)

    def rank(damping, weights):
        """By 200 rounds, as in Page et al. (1999)."""
        flow = weights / np.sum(weights, axis=0)
        r = np.ones(6) / 6
        for _ in range(200):
            r = damping * (flow @ r) + (1 - damping) / 6
        return r

    flow = links / links.sum(axis=0)
    r = np.linalg.solve(np.eye(6) - 0.85 * flow, np.full(6, 0.15 / 6))
    np.testing.assert_allclose(rank(0.85, links), r, rtol=1e-12)
    # (I - dF) r = (1 - d)/n, so (I - dF) dr/dd = F r - 1/n.
    by_damping = np.linalg.solve(np.eye(6) - 0.85 * flow, flow @ r - 1 / 6)
    mine = tg.jacobian(lambda damping: rank(damping, links))(0.85)
    np.testing.assert_allclose(mine, by_damping, rtol=1e-10)
    # And by a link's weight: the column of flow that it stands in changes.
    target = RANDOM.standard_normal(6)
    adjoint = np.linalg.solve((np.eye(6) - 0.85 * flow).T, target)
    sums = links.sum(axis=0)
    by_weights = 0.85 * (adjoint[:, None] - adjoint @ flow) * r / sums
    mine = tg.grad(lambda weights: rank(0.85, weights) @ target)(links)
    np.testing.assert_allclose(mine, by_weights, rtol=1e-9, atol=1e-13)


# ----- A fixed point: Kepler's equation -----


def test_a_fixed_point_has_the_derivative_of_the_implicit_function_theorem():
    def anomaly(mean, eccentricity):
        E = mean
        for _ in range(60):
            E = mean + eccentricity * np.sin(E)
        return E

    E = anomaly(0.8, 0.3)
    by_mean, by_eccentricity = tg.grad(anomaly, argnums=(0, 1))(0.8, 0.3)
    assert by_mean == pytest.approx(1 / (1 - 0.3 * np.cos(E)), rel=1e-12)
    assert by_eccentricity == pytest.approx(np.sin(E) / (1 - 0.3 * np.cos(E)), rel=1e-12)
    second = -0.3 * np.sin(E) / (1 - 0.3 * np.cos(E)) ** 3
    assert tg.grad(tg.grad(anomaly))(0.8, 0.3) == pytest.approx(second, rel=1e-11)


# ----- A spline, fitted by least squares -----

KNOTS = np.linspace(0.0, 1.0, 6)
PLACES = np.sort(RANDOM.uniform(0, 1, 40))
HEIGHTS = np.sin(6 * PLACES) + 0.05 * RANDOM.standard_normal(40)


def spline(heights):
    """A natural cubic spline through the knots, at all places (de Boor 1978, chapter IV)."""
    h = KNOTS[1] - KNOTS[0]
    inner = len(KNOTS) - 2
    system = 4 * np.eye(inner) + np.eye(inner, k=1) + np.eye(inner, k=-1)
    bends = np.linalg.solve(system, 6 / h**2 * (heights[2:] - 2 * heights[1:-1] + heights[:-2]))
    bends = np.concatenate([np.zeros(1), bends, np.zeros(1)])
    piece = np.minimum((PLACES / h).astype(int), len(KNOTS) - 2)
    right = (PLACES - KNOTS[piece]) / h
    left = 1 - right
    straight = left * heights[piece] + right * heights[piece + 1]
    curved = (left**3 - left) * bends[piece] + (right**3 - right) * bends[piece + 1]
    return straight + h**2 / 6 * curved


def robust_residuals(heights):
    return np.arctan(spline(heights) - HEIGHTS)


def test_a_spline_is_linear_in_its_heights():
    heights = RANDOM.standard_normal(6)
    columns = np.stack([spline(row) for row in np.eye(6)], axis=1)
    np.testing.assert_allclose(tg.jacobian(spline)(heights), columns, rtol=1e-11, atol=1e-12)
    assert_gradient_is_exact(lambda heights: np.sum(robust_residuals(heights) ** 2), heights)


def test_a_spline_fits_by_the_least_squares_of_scipy():
    optimize = pytest.importorskip("scipy.optimize", reason="the package scipy is missing")
    found = optimize.least_squares(robust_residuals, np.zeros(6), jac=tg.jacobian(robust_residuals))
    by_differences = optimize.least_squares(robust_residuals, np.zeros(6), jac="3-point")
    np.testing.assert_allclose(found.x, by_differences.x, atol=1e-6)
    exact = complex_gradient(lambda heights: np.sum(robust_residuals(heights) ** 2), found.x)[0]
    assert np.max(np.abs(exact)) < 1e-6
