"""Tests against functions from the literature: published numbers, closed forms, exact fractions."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest

import tinygrad_mlp as tg


def derivatives(function, point):
    """Value, gradient and Hessian: the latter is the gradient of the recorded gradient."""
    x = tg.Value(point, label="x")
    y = function(x)
    gradient = tg.grad(y, x, create_graph=True)
    rows = [tg.grad(gradient[i], x) for i in range(x.size)]
    return y.item(), tg.grad(y, x), gradient.data, np.array(rows)


# ----- Polynomials, in exact fractions -----


class Jet:
    """Value, slopes and curvatures of a polynomial in fractions: nothing is rounded."""

    def __init__(self, value, slopes, curvatures):
        self.value, self.slopes, self.curvatures = value, slopes, curvatures

    @classmethod
    def variables(cls, point):
        n = len(point)
        zeros = np.full((n, n), Fraction(0))
        unit = [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
        return [cls(Fraction(str(p)), np.array(unit[i]), zeros) for i, p in enumerate(point)]

    def __add__(self, other):
        if not isinstance(other, Jet):
            return Jet(self.value + Fraction(str(other)), self.slopes, self.curvatures)
        return Jet(
            self.value + other.value,
            self.slopes + other.slopes,
            self.curvatures + other.curvatures,
        )

    def __mul__(self, other):
        if not isinstance(other, Jet):
            c = Fraction(str(other))
            return Jet(c * self.value, c * self.slopes, c * self.curvatures)
        mixed = np.outer(self.slopes, other.slopes)
        return Jet(
            self.value * other.value,
            self.slopes * other.value + self.value * other.slopes,
            self.curvatures * other.value + mixed + mixed.T + self.value * other.curvatures,
        )

    def __sub__(self, other):
        return self + other * -1

    def __rsub__(self, other):
        return self * -1 + other

    def __pow__(self, exponent):
        return self if exponent == 1 else self * self ** (exponent - 1)

    __radd__, __rmul__ = __add__, __mul__


def rosenbrock(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def goldstein_price(x):
    a, b = x[0], x[1]
    first = 19 - 14 * a + 3 * a**2 - 14 * b + 6 * a * b + 3 * b**2
    second = 18 - 32 * a + 12 * a**2 + 48 * b - 36 * a * b + 27 * b**2
    return (1 + (a + b + 1) ** 2 * first) * (30 + (2 * a - 3 * b) ** 2 * second)


def himmelblau(x):
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


def beale(x):
    a, b = x[0], x[1]
    return (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2


def booth(x):
    return (x[0] + 2 * x[1] - 7) ** 2 + (2 * x[0] + x[1] - 5) ** 2


def powell_singular(x):
    return (
        (x[0] + 10 * x[1]) ** 2
        + 5 * (x[2] - x[3]) ** 2
        + (x[1] - 2 * x[2]) ** 4
        + 10 * (x[0] - x[3]) ** 4
    )


def wood(x):
    return (
        100 * (x[1] - x[0] ** 2) ** 2
        + (1 - x[0]) ** 2
        + 90 * (x[3] - x[2] ** 2) ** 2
        + (1 - x[2]) ** 2
        + 10 * (x[1] + x[3] - 2) ** 2
        + (x[1] - x[3]) ** 2 * 0.1
    )


def speelpenning(x):
    product = x[0]
    for i in range(1, 5):
        product = product * x[i]
    return product


def newton_cubic(x):
    return x[0] ** 3 - 2 * x[0] - 5


#: function, point, value, gradient, Hessian: as published or by hand, None where neither is.
POLYNOMIALS = [
    (rosenbrock, (1, 1), 0, (0, 0), ((802, -400), (-400, 200))),
    (rosenbrock, (-1.2, 1), 24.2, (-215.6, -88), ((1330, 480), (480, 200))),
    (goldstein_price, (0, -1), 3, (0, 0), None),
    (goldstein_price, (1, 1), 1876, None, None),
    (goldstein_price, (-0.6, -0.4), 30, (0, 0), None),  # a local minimum
    (goldstein_price, (1.8, 0.2), 84, (0, 0), None),  # and another one
    (himmelblau, (3, 2), 0, (0, 0), ((74, 20), (20, 34))),
    (himmelblau, (0, 0), 170, (-14, -22), ((-42, 0), (0, -26))),
    (beale, (3, 0.5), 0, (0, 0), None),
    (beale, (1, 1), 14.203125, None, None),
    (booth, (1, 3), 0, (0, 0), ((10, 8), (8, 10))),
    (booth, (0, 0), 74, (-34, -38), ((10, 8), (8, 10))),
    (powell_singular, (3, -1, 0, 1), 215, (306, -144, -2, -310), None),
    (powell_singular, (0, 0, 0, 0), 0, (0, 0, 0, 0), None),
    (wood, (-3, -1, -3, -1), 19192, None, None),
    (wood, (1, 1, 1, 1), 0, (0, 0, 0, 0), None),
    (speelpenning, (1, 2, 3, 4, 5), 120, (120, 60, 40, 30, 24), None),
    (newton_cubic, (2,), -1, (10,), ((12,),)),
]


@pytest.mark.parametrize(
    ("function", "point", "value", "gradient", "hessian"),
    POLYNOMIALS,
    ids=[f"{case[0].__name__}-{case[1]}" for case in POLYNOMIALS],
)
def test_a_polynomial_has_the_published_and_exact_derivatives(
    function, point, value, gradient, hessian
):
    exact = function(Jet.variables(point))
    for published, jet in ((value, exact.value), (gradient, exact.slopes)):
        if published is not None:
            np.testing.assert_array_equal(np.asarray(jet, float), published)
    if hessian is not None:
        np.testing.assert_array_equal(exact.curvatures.astype(float), hessian)

    got, slopes, recorded, curvatures = derivatives(function, np.array(point, dtype=float))
    size = max(1.0, np.abs(exact.curvatures.astype(float)).max())
    assert abs(got - float(exact.value)) <= 1e-13 * size
    np.testing.assert_allclose(slopes, exact.slopes.astype(float), rtol=1e-13, atol=1e-13 * size)
    np.testing.assert_array_equal(recorded, slopes)
    np.testing.assert_allclose(
        curvatures, exact.curvatures.astype(float), rtol=1e-13, atol=1e-13 * size
    )


def test_speelpenning_is_the_product_of_the_others_also_with_zeros():
    for point in ([1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 0.0, 3.0, 4.0, 5.0], [1.0, 0.0, 3.0, 0.0, 5.0]):
        _, by_hand, _, curvatures = derivatives(speelpenning, point)
        _, slopes, _, hessian = derivatives(tg.prod, point)
        np.testing.assert_array_equal(by_hand, slopes)
        np.testing.assert_array_equal(curvatures, hessian)
        for i in range(5):
            assert math.prod(point[:i] + point[i + 1 :]) == slopes[i]


def test_himmelblau_has_its_maximum_where_it_was_published():
    value, slopes, _, curvatures = derivatives(himmelblau, [-0.270845, -0.923039])
    assert abs(value - 181.617) < 5e-4
    assert np.abs(slopes).max() < 1e-4
    assert (np.linalg.eigvalsh(curvatures) < 0).all()


# ----- Closed forms -----


class ClosedForm(NamedTuple):
    """A function, and its gradient as a formula that also takes complex numbers."""

    name: str
    function: Callable
    gradient: Callable
    point: np.ndarray


def rastrigin(x):
    return 10 * x.size + tg.sum(x**2 - 10 * tg.cos(2 * math.pi * x))


def ackley(x):
    first = -20 * tg.exp(-0.2 * tg.sqrt(tg.mean(x**2)))
    return first - tg.exp(tg.mean(tg.cos(2 * math.pi * x))) + 20 + math.e


def ackley_gradient(x):
    root = np.sqrt(np.mean(x**2))
    waves = np.exp(np.mean(np.cos(2 * np.pi * x))) * np.sin(2 * np.pi * x)
    return (4 * np.exp(-0.2 * root) * x / root + 2 * np.pi * waves) / x.size


def griewank_walther(x):
    return (tg.sin(x[0] / x[1]) + x[0] / x[1] - tg.exp(x[1])) * (x[0] / x[1] - tg.exp(x[1]))


def griewank_walther_gradient(x):
    a, b = x
    q, e = a / b, np.exp(b)
    by_q = (np.cos(q) + 1) * (q - e) + np.sin(q) + q - e
    by_e = -(q - e) - (np.sin(q) + q - e)
    return np.array([by_q / b, -by_q * a / b**2 + by_e * e])


def baydin(x):
    return tg.log(x[0]) + x[0] * x[1] - tg.sin(x[1])


def baydin_gradient(x):
    return np.array([1 / x[0] + x[1], x[0] - np.cos(x[1])])


BONDS = np.array([[1.0, 0.3, 0.2], [0.3, 0.8, 0.1], [0.2, 0.1, 0.9]])
SIZES = np.array([0.10, 0.15, 0.20])
ROOT = math.sqrt(2.0)


def helmholtz(x):
    filled = tg.sum(SIZES * x)
    mixing = tg.sum(x * tg.log(x / (1 - filled)))
    ratio = (1 + (1 + ROOT) * filled) / (1 + (1 - ROOT) * filled)
    return mixing - tg.sum(x * (BONDS @ x)) / (math.sqrt(8.0) * filled) * tg.log(ratio)


def helmholtz_gradient(x):
    filled, energy = SIZES @ x, x @ BONDS @ x
    log = np.log((1 + (1 + ROOT) * filled) / (1 + (1 - ROOT) * filled))
    mixing = np.log(x / (1 - filled)) + 1 + SIZES * np.sum(x) / (1 - filled)
    by_energy = (2 * BONDS @ x / filled - energy * SIZES / filled**2) * log / math.sqrt(8.0)
    return mixing - by_energy - energy / filled * SIZES / (1 + 2 * filled - filled**2)


def softmax(x):
    exponentials = np.exp(x)
    return exponentials / np.sum(exponentials, axis=-1, keepdims=True)


INPUTS = np.array([[1, 0.5], [1, 1.5], [1, 2.0], [1, 3.0], [1, 3.5], [1, -1.0]])
PASSED = np.array([0.0, 0, 1, 0, 1, 1])
CLASS = np.eye(3)[[0, 2, 1, 1, 0, 2]]


def logistic_regression(w):
    """Minus the log likelihood: the sum of softplus(z) - y z."""
    z = INPUTS @ w
    return tg.sum(tg.softplus(z) - PASSED * z)


def logistic_gradient(w):
    return INPUTS.T @ (1 / (1 + np.exp(-INPUTS @ w)) - PASSED)


def softmax_regression(w):
    return 6.0 * tg.softmax_cross_entropy(CLASS, INPUTS @ tg.reshape(w, (2, 3)))


def softmax_gradient(w):
    return (INPUTS.T @ (softmax(INPUTS @ w.reshape(2, 3)) - CLASS)).ravel()


POINTS = np.random.default_rng(7).normal(size=(9, 2))
K, D = 3, 2


def mixture(theta):
    """Log likelihood of K Gaussians with inverse covariances Q'Q, up to a constant.

    theta: the logarithms of the weights, up to their sum; the means; the logarithms of the diagonal
    of each Q; and the element below it.
    """
    alpha, means = theta[:K], tg.reshape(theta[K : 3 * K], (K, D))
    diagonals, below = tg.reshape(theta[3 * K : 5 * K], (K, D)), theta[5 * K :]
    distance = tg.expand_dims(POINTS, 1) - means
    first = tg.exp(diagonals[:, 0]) * distance[:, :, 0]
    second = tg.exp(diagonals[:, 1]) * distance[:, :, 1] + below * distance[:, :, 0]
    inner = alpha + tg.sum(diagonals, axis=1) - 0.5 * (first**2 + second**2)
    return tg.sum(tg.logsumexp(inner, axis=1)) - len(POINTS) * tg.logsumexp(alpha)


def mixture_gradient(theta):
    """By responsibilities, as in the E step of the EM algorithm."""
    alpha, means = theta[:K], theta[K : 3 * K].reshape(K, D)
    diagonals, below = theta[3 * K : 5 * K].reshape(K, D), theta[5 * K :]
    by_alpha, by_means = -len(POINTS) * softmax(alpha), np.zeros_like(means)
    by_diagonals, by_below = np.zeros_like(diagonals), np.zeros_like(below)
    for point in POINTS:
        q = [
            np.array([[np.exp(diagonals[k, 0]), 0], [below[k], np.exp(diagonals[k, 1])]])
            for k in range(K)
        ]
        d = [point - means[k] for k in range(K)]
        square = np.array([np.sum((q[k] @ d[k]) ** 2) for k in range(K)])
        share = softmax(alpha + diagonals.sum(axis=1) - 0.5 * square)
        by_alpha = by_alpha + share
        for k in range(K):
            by_means[k] += share[k] * (q[k].T @ q[k] @ d[k])
            by_diagonals[k] += share[k] * (1 - np.diag(q[k]) * d[k] * (q[k] @ d[k]))
            by_below[k] -= share[k] * (q[k] @ d[k])[1] * d[k][0]
    return np.concatenate([by_alpha, by_means.ravel(), by_diagonals.ravel(), by_below])


RNG = np.random.default_rng(3)
CLOSED_FORMS = [
    ClosedForm(
        "rastrigin",
        rastrigin,
        lambda x: 2 * x + 20 * np.pi * np.sin(2 * np.pi * x),
        np.array([0.3, -1.2, 2.0]),
    ),
    ClosedForm("ackley", ackley, ackley_gradient, np.array([0.3, -1.2, 2.0])),
    ClosedForm(
        "griewank_walther", griewank_walther, griewank_walther_gradient, np.array([1.5, 0.5])
    ),
    ClosedForm("baydin", baydin, baydin_gradient, np.array([2.0, 5.0])),
    ClosedForm("helmholtz", helmholtz, helmholtz_gradient, np.array([0.7, 0.4, 0.9])),
    ClosedForm("logsumexp", tg.logsumexp, softmax, np.array([0.1, -2.0, 3.0, 0.5])),
    ClosedForm(
        "logistic regression", logistic_regression, logistic_gradient, np.array([-0.4, 0.7])
    ),
    ClosedForm("softmax regression", softmax_regression, softmax_gradient, RNG.normal(size=6)),
    ClosedForm("gaussian mixture", mixture, mixture_gradient, RNG.normal(size=6 * K)),
]


def complex_steps(gradient, point):
    """Hessian of a formula for the gradient, exact to rounding, without any graph."""
    columns = []
    for i in range(point.size):
        moved = point.astype(complex)
        moved[i] += 1e-200j
        columns.append(np.imag(gradient(moved)) / 1e-200)
    return np.array(columns)


@pytest.mark.parametrize("case", CLOSED_FORMS, ids=lambda case: case.name)
def test_a_function_has_the_gradient_and_hessian_of_its_closed_form(case):
    _, slopes, recorded, curvatures = derivatives(case.function, case.point)
    wanted, hessian = case.gradient(case.point), complex_steps(case.gradient, case.point)
    np.testing.assert_allclose(slopes, wanted, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(recorded, wanted, rtol=1e-12, atol=1e-12)
    scale = np.abs(hessian).max()
    np.testing.assert_allclose(curvatures, hessian, rtol=1e-11, atol=1e-13 * scale)
    np.testing.assert_allclose(tg.hessian(case.function)(case.point), curvatures, rtol=1e-12)


# ----- Hessians that are published as formulas -----


def hessian_of(function, point):
    return derivatives(function, point)[3]


def test_rastrigin_is_a_parabola_and_a_wave():
    x = np.array([0.3, -1.2, 2.0])
    wanted = np.diag(2 + 40 * np.pi**2 * np.cos(2 * np.pi * x))
    np.testing.assert_allclose(hessian_of(rastrigin, x), wanted, rtol=1e-13, atol=1e-11)
    value, slopes, _, _ = derivatives(rastrigin, np.zeros(3))
    assert (0.0, 0.0) == (value, np.abs(slopes).max())


def test_ackley_at_whole_numbers_is_as_steep_as_its_cone():
    x = np.array([1.0, 2.0])
    n, root = x.size, np.sqrt(np.mean(x**2))
    value, slopes, _, curvatures = derivatives(ackley, x)
    decay = np.exp(-0.2 * root)
    assert abs(value - 20 * (1 - decay)) < 1e-13
    np.testing.assert_allclose(slopes, 4 * decay * x / (n * root), rtol=1e-13)
    cone = np.eye(n) / root - np.outer(x, x) / n * (1 / root**3 + 0.2 / root**2)
    wanted = 4 / n * decay * cone + np.e * 4 * np.pi**2 / n * np.eye(n)
    np.testing.assert_allclose(curvatures, wanted, rtol=1e-12)


def test_logsumexp_has_the_hessian_of_boyd_and_vandenberghe():
    x = np.array([0.1, -2.0, 3.0, 0.5])
    z = np.exp(x)
    wanted = (z.sum() * np.diag(z) - np.outer(z, z)) / z.sum() ** 2
    got = hessian_of(tg.logsumexp, x)
    np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-16)
    assert np.linalg.eigvalsh(got).min() > -1e-16  # it is convex ...
    assert np.abs(got @ np.ones(4)).max() < 1e-16  # ... and linear along (1, 1, 1, 1)


def test_logistic_regression_has_the_hessian_x_w_x():
    w = np.array([-0.4, 0.7])
    p = 1 / (1 + np.exp(-INPUTS @ w))
    wanted = INPUTS.T @ np.diag(p * (1 - p)) @ INPUTS
    np.testing.assert_allclose(hessian_of(logistic_regression, w), wanted, rtol=1e-13)


def test_newton_steps_fit_a_logistic_regression():
    w = np.zeros(2)
    for _ in range(8):
        _, slopes, _, curvatures = derivatives(logistic_regression, w)
        w = w - np.linalg.solve(curvatures, slopes)
    # At the optimum, the fitted probabilities have the means of the data, for each column.
    p = 1 / (1 + np.exp(-INPUTS @ w))
    np.testing.assert_allclose(INPUTS.T @ p, INPUTS.T @ PASSED, atol=1e-14)


def test_softmax_regression_has_the_hessian_of_bishop():
    w = np.linspace(-1, 1, 6)
    y = softmax(INPUTS @ w.reshape(2, 3))
    wanted = np.zeros((2, 3, 2, 3))
    for row, share in zip(INPUTS, y):
        block = np.diag(share) - np.outer(share, share)
        wanted += np.einsum("i,jk,l->ijlk", row, block, row)
    got = hessian_of(softmax_regression, w).reshape(2, 3, 2, 3)
    np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-14)


def test_weights_of_a_mixture_have_the_covariance_of_responsibilities():
    theta = RNG.normal(size=6 * K)
    rest = theta[K:]

    def by_weights(alpha):
        return mixture(tg.concatenate([alpha, rest]))

    def covariance(share):
        return np.diag(share) - np.outer(share, share)

    means, diagonals = rest[: 2 * K].reshape(K, D), rest[2 * K : 4 * K].reshape(K, D)
    wanted = -len(POINTS) * covariance(softmax(theta[:K]))
    for point in POINTS:
        inner = [
            theta[k]
            + diagonals[k].sum()
            - 0.5
            * np.sum(
                (
                    np.array(
                        [[np.exp(diagonals[k, 0]), 0], [rest[4 * K + k], np.exp(diagonals[k, 1])]]
                    )
                    @ (point - means[k])
                )
                ** 2
            )
            for k in range(K)
        ]
        wanted = wanted + covariance(softmax(np.array(inner)))
    got = hessian_of(by_weights, theta[:K])
    np.testing.assert_allclose(got, wanted, rtol=1e-11, atol=1e-13)


def test_baydin_has_the_hessian_that_one_sees():
    wanted = [[-1 / 4, 1], [1, np.sin(5.0)]]
    np.testing.assert_allclose(hessian_of(baydin, [2.0, 5.0]), wanted, rtol=1e-15)


# ----- Traces that are printed in books -----


def adjoints(output):
    """What the backward pass leaves at each value of the trace, oldest first."""
    output.backward()
    return [(value.item(), float(value.grad)) for value in tg.history(output)]


def test_the_trace_of_griewank_and_walther():
    x1, x2 = tg.Value(1.5), tg.Value(0.5)
    v1 = x1 / x2
    v2 = tg.sin(v1)
    v3 = tg.exp(x2)
    v4 = v1 - v3
    v5 = v2 + v4
    v6 = v5 * v4
    wanted = [
        (1.5, 3.0118),
        (0.5, -13.7239),
        (3.0, 1.5059),
        (0.1411, 1.3513),
        (1.6487, -2.8437),
        (1.3513, 2.8437),
        (1.4924, 1.3513),
        (2.0167, 1.0),
    ]
    assert [v1, v2, v3, v4, v5, v6] == tg.history(v6)[2:]
    # One unit of the last digit, not half of one: the book goes on with rounded numbers, so that
    # it prints 2.0167 for 2.01665 and -13.7239 for -13.72396.
    np.testing.assert_allclose(adjoints(v6), wanted, rtol=0, atol=1e-4)


def test_the_trace_of_baydin_pearlmutter_radul_and_siskind():
    x1, x2 = tg.Value(2.0), tg.Value(5.0)
    v1 = tg.log(x1)
    v2 = x1 * x2
    v3 = tg.sin(x2)
    v4 = v1 + v2
    v5 = v4 - v3
    wanted = [
        (2.0, 5.5),
        (5.0, 1.716),
        (0.693, 1.0),
        (10.0, 1.0),
        (-0.959, -1.0),
        (10.693, 1.0),
        (11.652, 1.0),
    ]
    np.testing.assert_allclose(adjoints(v5), wanted, rtol=0, atol=5.0001e-4)


def mazur(w):
    """Loss and outputs of the network; ``w`` holds w1 to w8 in the order of the article."""
    hidden = tg.sigmoid(tg.reshape(w[:4], (2, 2)) @ np.array([0.05, 0.10]) + 0.35)
    output = tg.sigmoid(tg.reshape(w[4:], (2, 2)) @ hidden + 0.60)
    return tg.half_squared_error([0.01, 0.99], output), hidden, output


WEIGHTS = np.array([0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55])


def test_the_network_of_mazur():
    w = tg.Value(WEIGHTS)
    loss, hidden, output = mazur(w)
    slopes = tg.grad(loss, w)
    np.testing.assert_allclose(hidden.data, [0.593269992, 0.596884378], atol=5e-10)
    np.testing.assert_allclose(output.data, [0.75136507, 0.772928465], atol=5e-9)
    assert abs(loss.item() - 0.298371109) < 5e-10
    np.testing.assert_allclose(slopes[[4, 0]], [0.082167041, 0.000438568], atol=5e-10)
    stepped = [
        *(0.149780716, 0.19956143, 0.24975114, 0.29950229),
        *(0.35891648, 0.408666186, 0.511301270, 0.561370121),
    ]
    np.testing.assert_allclose(WEIGHTS - 0.5 * slopes, stepped, atol=5.1e-9)


def test_the_network_of_mazur_has_the_hessian_of_its_backward_pass_by_hand():
    x, y = np.array([0.05, 0.10]), np.array([0.01, 0.99])

    def by_hand(w):
        hidden = 1 / (1 + np.exp(-(w[:4].reshape(2, 2) @ x + 0.35)))
        output = 1 / (1 + np.exp(-(w[4:].reshape(2, 2) @ hidden + 0.60)))
        delta = (output - y) * output * (1 - output)
        below = w[4:].reshape(2, 2).T @ delta * hidden * (1 - hidden)
        return np.concatenate([np.outer(below, x).ravel(), np.outer(delta, hidden).ravel()])

    _, slopes, _, curvatures = derivatives(lambda w: mazur(w)[0], WEIGHTS)
    np.testing.assert_allclose(slopes, by_hand(WEIGHTS), rtol=1e-13)
    np.testing.assert_allclose(curvatures, complex_steps(by_hand, WEIGHTS), rtol=1e-11, atol=1e-16)
