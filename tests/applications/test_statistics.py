"""Programs of statisticians: likelihoods, filters, mixtures, samplers."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.applications.differences import assert_gradient_is_exact, complex_gradient

RANDOM = np.random.default_rng(7)


# ----- A Gaussian process: hyperparameters by marginal likelihood -----

INPUTS = np.sort(RANDOM.uniform(-3, 3, 12))
TARGETS = np.sin(INPUTS) + 0.1 * RANDOM.standard_normal(12)
SQUARED_DISTANCES = (INPUTS[:, None] - INPUTS) ** 2


def kernel_matrix(logs):
    """Squared exponential, with noise; ``logs`` are those of length, amplitude and noise."""
    length, amplitude, noise = np.exp(logs[0]), np.exp(logs[1]), np.exp(logs[2])
    smooth = amplitude**2 * np.exp(-0.5 * SQUARED_DISTANCES / length**2)
    return smooth + noise**2 * np.eye(len(INPUTS))


def negative_log_likelihood(logs):
    """As one computes it: Cholesky's factor, and two triangular halves of the determinant."""
    K = kernel_matrix(logs)
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(K, TARGETS)
    log_determinant = 2.0 * np.sum(np.log(np.diagonal(L)))
    constant = 0.5 * len(INPUTS) * np.log(2 * np.pi)
    return 0.5 * TARGETS @ alpha + 0.5 * log_determinant + constant


LOGS = np.array([0.2, -0.1, -1.5])


def test_the_marginal_likelihood_has_the_gradient_of_rasmussen_and_williams():
    # Gaussian Processes for Machine Learning (2006), equation 5.9.
    K = kernel_matrix(LOGS)
    inverse = np.linalg.inv(K)
    alpha = inverse @ TARGETS
    smooth = K - np.exp(2 * LOGS[2]) * np.eye(len(INPUTS))
    slopes = [
        smooth * SQUARED_DISTANCES / np.exp(2 * LOGS[0]),
        2 * smooth,
        2 * np.exp(2 * LOGS[2]) * np.eye(len(INPUTS)),
    ]
    wanted = [-0.5 * np.trace((np.outer(alpha, alpha) - inverse) @ slope) for slope in slopes]
    np.testing.assert_allclose(tg.grad(negative_log_likelihood)(LOGS), wanted, rtol=1e-10)


def test_slogdet_and_cholesky_tell_the_same_likelihood_and_its_second_derivatives():
    def by_slogdet(logs):
        K = kernel_matrix(logs)
        constant = 0.5 * len(INPUTS) * np.log(2 * np.pi)
        quadratic = 0.5 * TARGETS @ np.linalg.solve(K, TARGETS)
        return quadratic + 0.5 * np.linalg.slogdet(K)[1] + constant

    assert negative_log_likelihood(LOGS) == pytest.approx(by_slogdet(LOGS), rel=1e-12)
    one, other = tg.hessian(negative_log_likelihood)(LOGS), tg.hessian(by_slogdet)(LOGS)
    np.testing.assert_allclose(one, other, rtol=1e-8)


def test_newton_finds_hyperparameters_where_the_likelihood_is_flat():
    logs = LOGS
    for _ in range(40):
        curvatures, axes = np.linalg.eigh(tg.hessian(negative_log_likelihood)(logs))
        # Downhill along every axis, also where the likelihood bends the other way.
        step = axes @ (axes.T @ tg.grad(negative_log_likelihood)(logs) / np.abs(curvatures))
        logs = logs - step / max(1.0, 2 * np.linalg.norm(step))
    assert np.max(np.abs(tg.grad(negative_log_likelihood)(logs))) < 1e-9
    assert negative_log_likelihood(logs) < negative_log_likelihood(LOGS)


# ----- A mixture of Gaussians: by EM and by its gradient -----

SAMPLES = np.concatenate([RANDOM.normal(-2, 0.7, 60), RANDOM.normal(1.5, 1.1, 90)])


def mixture_log_likelihood(logits, means, log_deviations):
    z = (SAMPLES[:, None] - means) / tg.exp(log_deviations)
    log_densities = -0.5 * z**2 - log_deviations - 0.5 * np.log(2 * np.pi)
    return tg.sum(tg.logsumexp(log_densities + tg.log_softmax(logits), axis=1))


def em_step(weights, means, deviations):
    """Return the next parameters, as in Bishop (2006), section 9.2.2."""
    z = (SAMPLES[:, None] - means) / deviations
    shares = weights * np.exp(-0.5 * z**2) / deviations
    shares /= shares.sum(axis=1, keepdims=True)
    counts = shares.sum(axis=0)
    means = shares.T @ SAMPLES / counts
    variances = np.sum(shares * (SAMPLES[:, None] - means) ** 2, axis=0) / counts
    return counts / len(SAMPLES), means, np.sqrt(variances)


def test_em_goes_along_the_gradient_and_ends_where_that_is_zero():
    state = np.array([0.5, 0.5]), np.array([-1.0, 1.0]), np.array([1.0, 1.0])
    gradient = tg.grad(mixture_log_likelihood, argnums=(0, 1, 2))
    before = state
    by_means = gradient(np.log(before[0]), before[1], np.log(before[2]))[1]
    after = em_step(*before)
    # The step of the means is the gradient times variance over responsibility (Xu, Jordan 1996).
    counts = after[0] * len(SAMPLES)
    np.testing.assert_allclose(after[1] - before[1], by_means * before[2] ** 2 / counts, rtol=1e-10)
    for _ in range(2000):
        state = em_step(*state)
    weights, means, deviations = state
    for part in gradient(np.log(weights), means, np.log(deviations)):
        assert np.max(np.abs(part)) < 1e-9


def test_gradient_descent_finds_the_maximum_that_em_finds():
    state = np.array([0.5, 0.5]), np.array([-1.0, 1.0]), np.array([1.0, 1.0])
    for _ in range(2000):
        state = em_step(*state)
    parameters = [np.zeros(2), np.array([-1.0, 1.0]), np.zeros(2)]
    gradient = tg.compile(tg.grad(mixture_log_likelihood, argnums=(0, 1, 2)))
    for _ in range(4000):
        parameters = [
            p + 0.5 / len(SAMPLES) * g
            for p, g in zip(parameters, gradient(*parameters), strict=True)
        ]
    logits, means, log_deviations = parameters
    np.testing.assert_allclose(tg.softmax(logits), state[0], atol=1e-6)
    np.testing.assert_allclose(means, state[1], atol=1e-6)
    np.testing.assert_allclose(np.exp(log_deviations), state[2], atol=1e-6)


# ----- A Kalman filter with matrices -----

STEPS, NOISE = 6, 0.3
OBSERVED = RANDOM.standard_normal((STEPS, 1))
H = np.array([[1.0, 0.0]])


def filter_log_likelihood(A, log_noise):
    """Log-likelihood of the observations, step by step (Kalman 1960; Särkkä 2013, chapter 4)."""
    mean, covariance = np.zeros(2), np.eye(2)
    Q, R = np.exp(log_noise) * np.eye(2), NOISE * np.eye(1)
    total = 0.0
    for y in OBSERVED:
        mean, covariance = A @ mean, A @ covariance @ A.T + Q
        S = H @ covariance @ H.T + R
        residual = y - H @ mean
        total = total - 0.5 * (
            residual @ np.linalg.solve(S, residual) + np.log(np.linalg.det(S)) + np.log(2 * np.pi)
        )
        gain = np.linalg.solve(S, H @ covariance).T
        mean = mean + gain @ residual
        covariance = covariance - gain @ H @ covariance
    return total


def joint_log_density(A, log_noise):
    """The same in one piece: all observations are jointly Gaussian."""
    states = STEPS + 1
    # x0 = e0, x_t = A x_{t-1} + e_t: the states are a matrix times independent noise.
    rows = []
    for t in range(1, states):
        row, power = [np.zeros((2, 2))] * states, np.eye(2)
        for s in range(t, -1, -1):
            row[s] = power
            power = A @ power
        rows.append(H @ np.concatenate(row, axis=1))
    M = np.concatenate(rows)
    spread = np.array([1.0] * 2 + [0.0] * (2 * STEPS))
    noise = spread + (1 - spread) * np.exp(log_noise)
    covariance = (M * noise) @ M.T + NOISE * np.eye(STEPS)
    y = OBSERVED[:, 0]
    logarithm = np.log(np.linalg.det(covariance))
    return -0.5 * (y @ np.linalg.solve(covariance, y) + logarithm + STEPS * np.log(2 * np.pi))


def test_a_kalman_filter_has_the_likelihood_and_gradient_of_the_joint_gaussian():
    A, log_noise = np.array([[0.9, 0.4], [-0.3, 0.8]]), -0.7
    wanted = joint_log_density(A, log_noise)
    assert filter_log_likelihood(A, log_noise) == pytest.approx(wanted, rel=1e-12)
    gradients = tg.grad(filter_log_likelihood, argnums=(0, 1))(A, log_noise)
    for mine, exact in zip(
        gradients, complex_gradient(joint_log_density, A, log_noise), strict=True
    ):
        np.testing.assert_allclose(mine, exact, rtol=1e-9)
    assert_gradient_is_exact(filter_log_likelihood, A, log_noise)


# ----- One step of Hamiltonian Monte Carlo -----


def banana(q):
    """Potential of a bent distribution, in two dimensions."""
    return 0.5 * q[0] ** 2 + 0.5 * (q[1] - q[0] ** 2) ** 2 / 0.5


def leapfrog(gradient, q, p, step, count):
    """Return position and momentum after so many steps (Neal 2011, section 5.2.3)."""
    p = p - 0.5 * step * gradient(q)
    for turn in range(count):
        q = q + step * p
        p = p - (step if turn < count - 1 else 0.5 * step) * gradient(q)
    return q, p


def test_leapfrog_steps_can_be_taken_back_and_keep_the_energy_to_second_order():
    gradient = tg.compile(tg.grad(banana))

    def by_hand(q):
        return np.array([q[0] - 4 * q[0] * (q[1] - q[0] ** 2), 2 * (q[1] - q[0] ** 2)])

    q, p = np.array([0.3, -0.8]), np.array([1.1, 0.4])
    energy = banana(q) + 0.5 * p @ p
    errors = []
    for count in (20, 40, 80):
        there = leapfrog(gradient, q, p, 2.0 / count, count)
        for mine, hand in zip(there, leapfrog(by_hand, q, p, 2.0 / count, count), strict=True):
            np.testing.assert_allclose(mine, hand, rtol=1e-12)
        back = leapfrog(gradient, there[0], -there[1], 2.0 / count, count)
        np.testing.assert_allclose(back[0], q, rtol=1e-10)
        np.testing.assert_allclose(-back[1], p, rtol=1e-10)
        errors.append(abs(banana(there[0]) + 0.5 * there[1] @ there[1] - energy))
    assert errors[0] > 3 * errors[1] > 9 * errors[2] > 0


# ----- One step of a variational autoencoder -----

PICTURES = RANDOM.uniform(0, 1, (5, 8))
DRAWN = RANDOM.standard_normal((5, 2))


def evidence_bound(encoder, decoder):
    """Negative bound of Kingma and Welling (2014), with the noise drawn beforehand."""
    code = PICTURES @ encoder
    mean, log_variance = code[:, :2], code[:, 2:]
    z = mean + np.exp(0.5 * log_variance) * DRAWN
    logits = z @ decoder
    # Cross-entropy of a pixel: log(1 + exp(a)) - x a
    reconstruction = np.sum(np.log(1 + np.exp(logits)) - PICTURES * logits)
    divergence = -0.5 * np.sum(1 + log_variance - mean**2 - np.exp(log_variance))
    return (reconstruction + divergence) / len(PICTURES)


def test_a_variational_autoencoder_has_the_gradient_of_its_formula():
    encoder, decoder = RANDOM.standard_normal((8, 4)), RANDOM.standard_normal((2, 8))
    by_encoder, by_decoder = tg.grad(evidence_bound, argnums=(0, 1))(encoder, decoder)
    # By hand: (sigmoid(a) - x), back through z, and the two slopes of the divergence.
    code = PICTURES @ encoder
    mean, deviation = code[:, :2], np.exp(0.5 * code[:, 2:])
    z = mean + deviation * DRAWN
    upstream = (1 / (1 + np.exp(-z @ decoder)) - PICTURES) / len(PICTURES)
    by_z = upstream @ decoder.T
    by_mean = by_z + mean / len(PICTURES)
    by_log_variance = by_z * DRAWN * deviation / 2 + 0.5 * (deviation**2 - 1) / len(PICTURES)
    np.testing.assert_allclose(by_decoder, z.T @ upstream, rtol=1e-11)
    wanted = PICTURES.T @ np.concatenate([by_mean, by_log_variance], axis=1)
    np.testing.assert_allclose(by_encoder, wanted, rtol=1e-11)


def test_steps_of_a_variational_autoencoder_raise_its_bound():
    parameters = [0.1 * RANDOM.standard_normal((8, 4)), 0.1 * RANDOM.standard_normal((2, 8))]
    step = tg.compile(tg.value_and_grad(evidence_bound, argnums=(0, 1)))
    losses = []
    for _ in range(50):
        loss, gradients = step(*parameters)
        losses.append(float(loss))
        parameters = [p - 0.05 * g for p, g in zip(parameters, gradients, strict=True)]
    assert all(later < earlier for earlier, later in zip(losses, losses[1:], strict=False))
