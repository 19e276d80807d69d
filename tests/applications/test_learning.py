"""Programs of people who train models: an LSTM, a convolution, factors, natural gradients."""

import numpy as np

import tinygrad_mlp as tg
from tests.applications.differences import assert_gradient_is_exact, complex_gradient

RANDOM = np.random.default_rng(11)


# ----- An LSTM, and a model of characters -----

TEXT = "the cat sat on the mat and the rat sat on the cat "
LETTERS = sorted(set(TEXT))
CODES = np.array([LETTERS.index(letter) for letter in TEXT])
HIDDEN = 8


def lstm_cell(state, x, W, b):
    """Return hidden and cell state (Hochreiter and Schmidhuber 1997; Gers et al. 2000)."""
    hidden, cell = state
    gates = np.concatenate([x, hidden]) @ W + b
    enter, forget, leave = (
        1 / (1 + np.exp(-gates[k * HIDDEN : (k + 1) * HIDDEN])) for k in range(3)
    )
    cell = forget * cell + enter * np.tanh(gates[3 * HIDDEN :])
    return leave * np.tanh(cell), cell


def character_loss(W, b, V, codes=CODES):
    """Mean surprise, in nats, at the next character."""
    one_hot = np.eye(len(LETTERS))[codes]
    state = np.zeros(HIDDEN), np.zeros(HIDDEN)
    hidden = []
    for x in one_hot[:-1]:
        state = lstm_cell(state, x, W, b)
        hidden.append(state[0])
    logits = np.stack(hidden) @ V
    totals = np.log(np.sum(np.exp(logits), axis=1))
    return np.mean(totals - np.sum(logits * one_hot[1:], axis=1))


def lstm_parameters():
    rows = len(LETTERS) + HIDDEN
    return (
        0.3 * RANDOM.standard_normal((rows, 4 * HIDDEN)),
        np.zeros(4 * HIDDEN),
        0.3 * RANDOM.standard_normal((HIDDEN, len(LETTERS))),
    )


def test_backpropagation_through_time_is_that_of_the_published_equations():
    # Greff et al. (2017), section II.C, without peepholes, for one sequence and the loss c . h_T.
    W, b, _ = lstm_parameters()
    inputs, direction = RANDOM.standard_normal((4, len(LETTERS))), RANDOM.standard_normal(HIDDEN)

    def program(W, b):
        state = np.zeros(HIDDEN), np.zeros(HIDDEN)
        for x in inputs:
            state = lstm_cell(state, x, W, b)
        return state[0] @ direction

    kept, hidden, cell = [], np.zeros(HIDDEN), np.zeros(HIDDEN)
    for x in inputs:
        joined = np.concatenate([x, hidden])
        i, f, o, z = np.split(joined @ W + b, 4)
        i, f, o, z = 1 / (1 + np.exp(-i)), 1 / (1 + np.exp(-f)), 1 / (1 + np.exp(-o)), np.tanh(z)
        kept.append((joined, i, f, o, z, cell))
        cell = f * cell + i * z
        hidden = o * np.tanh(cell)
        kept[-1] += (cell,)
    by_W, by_b = np.zeros_like(W), np.zeros_like(b)
    by_hidden, by_cell = direction, np.zeros(HIDDEN)
    for joined, i, f, o, z, before, after in reversed(kept):
        by_o = by_hidden * np.tanh(after) * o * (1 - o)
        by_cell = by_cell + by_hidden * o * (1 - np.tanh(after) ** 2)
        by_gates = np.concatenate(
            [
                by_cell * z * i * (1 - i),
                by_cell * before * f * (1 - f),
                by_o,
                by_cell * i * (1 - z**2),
            ]
        )
        by_W += np.outer(joined, by_gates)
        by_b += by_gates
        by_hidden = (W @ by_gates)[len(LETTERS) :]
        by_cell = by_cell * f
    for mine, hand in zip(tg.grad(program, argnums=(0, 1))(W, b), (by_W, by_b), strict=True):
        np.testing.assert_allclose(mine, hand, rtol=1e-10, atol=1e-14)


def test_a_model_of_characters_learns_more_than_how_often_each_occurs():
    parameters = list(lstm_parameters())
    counts = np.bincount(CODES) / len(CODES)
    entropy = -np.sum(counts * np.log(counts))
    step = tg.compile(tg.value_and_grad(character_loss, argnums=(0, 1, 2)))
    optimizer = tg.optimizers.Adam()
    state = optimizer.init(parameters)
    for _ in range(120):
        loss, gradients = step(*parameters)
        moves, state = optimizer.update(list(gradients), state, parameters, 0.03)
        parameters = [p - move for p, move in zip(parameters, moves, strict=True)]
    assert loss < 0.5 * entropy
    assert_gradient_is_exact(
        lambda b: character_loss(parameters[0], b, parameters[2]), parameters[1]
    )


# ----- A convolution, by sliding windows -----

IMAGES = RANDOM.standard_normal((3, 6, 7))
CLASSES = np.array([0, 2, 1])


def convolution_by_windows(images, kernels):
    windows = np.lib.stride_tricks.sliding_window_view(images, kernels.shape[1:], axis=(1, 2))
    return np.einsum("nijhw,khw->nkij", windows, kernels)


def convolution_by_loops(images, kernels):
    count, height, width = images.shape
    _, tall, wide = kernels.shape
    result = np.zeros((count, len(kernels), height - tall + 1, width - wide + 1), complex)
    for n, k, i, j in np.ndindex(*result.shape):
        result[n, k, i, j] = np.sum(images[n, i : i + tall, j : j + wide] * kernels[k])
    return result


def loss_of_convolution(convolution):
    def loss(kernels, W):
        maps = convolution(IMAGES, kernels)
        features = np.mean(maps * (1 / (1 + np.exp(-maps))), axis=(2, 3))
        logits = features @ W
        picked = logits[np.arange(3), CLASSES]
        return np.mean(np.log(np.sum(np.exp(logits), axis=1)) - picked)

    return loss


def test_a_convolutional_network_has_the_gradient_of_its_loops():
    kernels, W = RANDOM.standard_normal((4, 3, 2)), RANDOM.standard_normal((4, 3))
    gradients = tg.grad(loss_of_convolution(convolution_by_windows), argnums=(0, 1))(kernels, W)
    exact = complex_gradient(loss_of_convolution(convolution_by_loops), kernels, W)
    for mine, wanted in zip(gradients, exact, strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-10, atol=1e-14)


# ----- A matrix in two factors -----


def test_factors_found_by_gradients_are_where_alternating_least_squares_stays():
    M = RANDOM.standard_normal((7, 2)) @ RANDOM.standard_normal((2, 5))
    known = RANDOM.random((7, 5)) < 0.8

    def loss(U, V):
        return 0.5 * np.sum(np.where(known, U @ V.T - M, 0.0) ** 2) + 0.05 * (
            np.sum(U**2) + np.sum(V**2)
        )

    U, V = RANDOM.standard_normal((7, 2)), RANDOM.standard_normal((5, 2))
    by_U, by_V = tg.grad(loss, argnums=(0, 1))(U, V)
    residual = np.where(known, U @ V.T - M, 0.0)
    np.testing.assert_allclose(by_U, residual @ V + 0.1 * U, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(by_V, residual.T @ U + 0.1 * V, rtol=1e-12, atol=1e-13)
    gradient = tg.compile(tg.grad(loss, argnums=(0, 1)))
    for _ in range(6000):
        by_U, by_V = gradient(U, V)
        U, V = U - 0.05 * by_U, V - 0.05 * by_V
    ridge = 0.1 * np.eye(2)
    again = [
        np.linalg.solve(V[seen].T @ V[seen] + ridge, V[seen].T @ row[seen])
        for row, seen in zip(M, known, strict=True)
    ]
    np.testing.assert_allclose(again, U, atol=1e-6)


# ----- Natural gradients: Hessian times vector, and conjugate gradients -----


def conjugate_gradients(product, b, count):
    """Solve ``product(x) = b`` (Hestenes and Stiefel 1952)."""
    x, residual = np.zeros_like(b), b
    direction = residual
    for _ in range(count):
        image = product(direction)
        length = residual @ residual / (direction @ image)
        x, after = x + length * direction, residual - length * image
        direction = after + (after @ after) / (residual @ residual) * direction
        residual = after
        if residual @ residual < 1e-30:
            break
    return x


def test_a_natural_gradient_by_products_is_that_of_the_fisher_matrix():
    X, labels = RANDOM.standard_normal((40, 5)), RANDOM.random(40) < 0.5

    def loss(w):
        z = X @ w
        return np.mean(np.logaddexp(0.0, z) - labels * z)

    def newton_step(w):
        gradient = tg.grad(loss)(w)
        return conjugate_gradients(lambda v: tg.hvp(loss, (w,), (v,))[0], gradient, 20)

    w = 0.3 * RANDOM.standard_normal(5)
    p = 1 / (1 + np.exp(-X @ w))
    fisher = (X.T * (p * (1 - p))) @ X / 40
    natural = np.linalg.solve(fisher, X.T @ (p - labels) / 40)
    np.testing.assert_allclose(newton_step(w), natural, rtol=1e-8)
    for _ in range(8):
        w = w - newton_step(w)
    assert np.max(np.abs(tg.grad(loss)(w))) < 1e-12
