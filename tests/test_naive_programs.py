"""Programs as strangers write them, for NumPy alone: on Values they run too, and have gradients.

Each is run on plain arrays, which gives the value, and its differences there give the slope.
"""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import relative_error, slope

_rng = np.random.default_rng(0)
X = _rng.normal(size=(12, 3))
LABELS = _rng.integers(0, 4, 12)
YES = (X @ [1.0, -2.0, 0.5] > 0).astype(int)
Y = _rng.normal(size=12)
IMAGE = _rng.normal(size=(6, 6))
WORDS = ["emma", "olivia", "ava", "isabella"]

PROGRAMS = []


def of(**shapes):
    """Note a program, and the shapes of its arguments."""

    def noted(program):
        PROGRAMS.append(pytest.param(program, shapes, id=program.__name__))
        return program

    return noted


# ----- Regressions and classifiers -----


@of(w=(3,), b=())
def logistic_regression(w, b):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    return -np.mean(YES * np.log(p) + (1 - YES) * np.log(1 - p))


@of(w=(3,), b=())
def logistic_regression_without_overflow(w, b):
    z = np.dot(X, w) + b
    return (np.maximum(z, 0) - z * YES + np.log1p(np.exp(-np.abs(z)))).mean()


@of(W=(3, 4), b=(4,))
def softmax_classifier_with_one_hot_rows(W, b):
    z = X @ W + b
    z = z - z.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -np.sum(np.eye(4)[LABELS] * np.log(p)) / len(LABELS) + 0.01 * (W**2).sum()


@of(W=(3, 4))
def softmax_classifier_with_an_index(W):
    z = X @ W
    logp = z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))
    return -logp[range(len(LABELS)), LABELS].mean()


@of(W=(3, 4))
def softmax_classifier_with_places_along_an_axis(W):
    z = X @ W
    right = np.take_along_axis(z, LABELS[:, None], axis=1)
    return np.mean(np.log(np.exp(z).sum(1)) - np.squeeze(right, axis=1))


@of(penalty=())
def ridge(penalty):
    w = np.linalg.solve(X.T @ X + penalty * np.eye(3), X.T @ Y)
    return np.sum((X @ w - Y) ** 2)


@of(c=(4,))
def polynomial_fit(c):
    x = np.linspace(-1, 1, 20)
    prediction = sum(c[i] * x**i for i in range(4))
    return np.mean((prediction - np.sin(x)) ** 2)


@of(w=(3,), b=())
def support_vector_machine(w, b):
    signs = 2 * YES - 1
    return np.maximum(0, 1 - signs * (X @ w + b)).mean() + 0.01 * np.dot(w, w)


@of(w=(3,))
def huber_loss(w):
    r = X @ w - Y
    return np.where(np.abs(r) < 1, 0.5 * r**2, np.abs(r) - 0.5).sum()


@of(length=(), noise=())
def kernel_regression(length, noise):
    d2 = ((X[:, None, :] - X[None, :, :]) ** 2).sum(-1)
    K = np.exp(-0.5 * d2 / length**2) + noise * np.eye(len(X))
    L = np.linalg.cholesky(K)
    fit = 0.5 * Y @ np.linalg.solve(K, Y)
    return fit + np.sum(np.log(np.diag(L))) + len(X) / 2 * np.log(2 * np.pi)


@of(u=(4, 2), v=(3, 2))
def matrix_factorization(u, v):
    known = X[:4] > -0.5
    i, j = np.nonzero(known)
    errors = X[i, j] - (u[i] * v[j]).sum(axis=1)
    return (errors**2).sum() + np.sum(known * (X[:4] - u @ v.T) ** 2) + 0.1 * np.sum(u**2)


@of(centers=(3, 3))
def k_means(centers):
    d = np.sum((X[:, None] - centers[None]) ** 2, axis=2)
    nearest = np.argmin(d, axis=1)
    return np.mean(np.min(d, axis=1)) + np.sum((X - centers[nearest]) ** 2)


@of(w=(3,))
def principal_component(w):
    u = w / np.linalg.norm(w)
    return np.var((X - X.mean(axis=0)) @ u, ddof=1)


# ----- Densities -----


@of(mu=(2,), log_s=(2,), log_w=(2,))
def mixture(mu, log_s, log_w):
    log_w = log_w - np.logaddexp.reduce(log_w)
    z = (Y[:, None] - mu) / np.exp(log_s)
    logp = -0.5 * z**2 - log_s - 0.5 * np.log(2 * np.pi) + log_w
    m = logp.max(axis=1, keepdims=True)
    by_hand = np.log(np.sum(np.exp(logp - m), axis=1)) + m[:, 0]
    return np.logaddexp.reduce(logp, axis=1).sum() - 0.5 * by_hand.sum()


@of(q=(), r=())
def kalman_filter_of_a_number(q, r):
    x, P, ll = 0.0, 1.0, 0.0
    for z in [1.0, 1.2, 0.9, 1.4]:
        P = P + q
        S = P + r
        K = P / S
        ll += -0.5 * (np.log(2 * np.pi * S) + (z - x) ** 2 / S)
        x, P = x + K * (z - x), (1 - K) * P
    return -ll


@of(A=(3, 3))
def hidden_markov_model(A):
    A = A / A.sum(axis=1, keepdims=True)
    B = np.abs(X[:3, :2])
    alpha = np.ones(3) / 3 * B[:, 0]
    for o in [1, 0, 1]:
        alpha = (alpha @ A) * B[:, o]
    return np.log(alpha.sum())


@of(mu=(4, 2), log_var=(4, 2))
def variational_lower_bound(mu, log_var):
    z = mu + np.exp(log_var / 2) * X[:4, :2]
    kl = -0.5 * np.sum(1 + log_var - np.square(mu) - np.exp(log_var), axis=1)
    return kl.mean() + (z**2).sum()


# ----- Networks -----


@of(W=(27, 27))
def character_bigrams(W):
    pairs = [pair for word in WORDS for pair in zip("." + word, word + ".", strict=True)]
    number = {c: i for i, c in enumerate(".abcdefghijklmnopqrstuvwxyz")}
    xs, ys = ([number[c] for c in column] for column in zip(*pairs, strict=True))
    counts = np.exp(np.eye(27)[xs] @ W)
    probs = counts / counts.sum(1, keepdims=True)
    logits = W[xs]
    logp = logits - np.log(np.exp(logits).sum(1))[:, None]
    return -np.log(probs[range(len(ys)), ys]).mean() - logp[tuple(range(len(ys))), ys].mean()


@of(Wx=(5, 3), Wh=(5, 5), b=(5,))
def recurrent_cell(Wx, Wh, b):
    h, states = np.zeros(5), []
    for x in X[:4]:
        h = np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
        states.append(h)
    return sum(np.sum(h**2) for h in states) + np.stack(states).max(axis=0).sum()


@of(W=(7, 16))
def lstm_cell(W):
    h = c = np.zeros(4)
    for x in X[:3]:
        i, f, o, g = np.split(np.hstack((x, h)) @ W, 4)
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
    return h.sum()


@of(k=(3, 3))
def convolution_by_loops(k):
    out = [np.sum(IMAGE[i : i + 3, j : j + 3] * k) for i in range(4) for j in range(4)]
    out = np.maximum(np.reshape(np.stack(out), (4, 4)), 0)
    return out.reshape(2, 2, 2, 2).max(axis=(1, 3)).mean()


@of(k=(9,))
def convolution_by_columns(k):
    padded = np.pad(IMAGE, 1)
    columns = [padded[i : i + 6, j : j + 6].ravel() for i in range(3) for j in range(3)]
    return ((k @ np.array(columns)).reshape(6, 6) ** 2).sum()


@of(x=(8, 3), gamma=(3,), beta=(3,))
def batch_norm_by_hand(x, gamma, beta):
    centered = x - x.mean(axis=0)
    normal = centered / np.sqrt(np.var(x, axis=0) + 1e-5)
    return ((gamma * normal + beta) ** 3).sum()


@of(q=(5, 4), k=(5, 4), v=(5, 4))
def attention(q, k, v):
    scores = q @ k.T / np.sqrt(4)
    scores = np.where(np.triu(np.ones((5, 5)), 1).astype(bool), -np.inf, scores)
    e = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return ((e / np.sum(e, axis=-1, keepdims=True) @ v) ** 2).sum()


@of(x=(2, 5, 8), W=(8, 24))
def attention_of_two_heads(x, W):
    heads = (t.reshape(2, 5, 2, 4).transpose(0, 2, 1, 3) for t in np.split(x @ W, 3, axis=-1))
    q, k, v = heads
    weights = q @ k.swapaxes(-1, -2) / 2.0
    weights = np.exp(weights - weights.max(-1, keepdims=True))
    weights = weights / weights.sum(-1, keepdims=True)
    return (weights @ v).transpose(0, 2, 1, 3).reshape(2, 5, -1).std()


@of(E=(10, 3))
def embedding(E):
    e = E[np.array([[1, 2, 3], [4, 5, 1]])].mean(axis=1)
    return e[0] @ e[1] / (np.linalg.norm(e[0]) * np.linalg.norm(e[1])) + E[(0, 0, 7), :].sum()


@of(W=(3, 2))
def graph_convolution(W):
    A = np.eye(12) + (X @ X.T > 0)
    D = np.diag(A.sum(1) ** -0.5)
    return np.log(np.maximum(D @ A @ D @ X @ W, 0).sum() + 1)


@of(z=(3,))
def policy_gradient(z):
    p = np.exp(z) / np.exp(z).sum()
    action = p.argmax()
    return -np.log(p[action]) * 1.5 + 0.1 * (p * np.log(p)).sum()


# ----- Steps in time, and numbers one by one -----


@of(p=(2,))
def rosenbrock(p):
    x, y = p
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


@of(x=(5,))
def rosenbrock_of_many(x):
    return sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)


@of(rates=(4,))
def lotka_volterra(rates):
    a, b, c, d = rates
    state, path = np.array([1.0, 0.5]), []
    for _ in range(30):
        x, y = state
        state = state + 0.05 * np.stack([a * x - b * x * y, c * x * y - d * y])
        path.append(state)
    return np.mean(np.stack(path)[:, 0] ** 2)


@of(angle=())
def pendulum(angle):
    speed = 0.0
    for _ in range(10):
        speed = speed - 0.01 * 9.81 * np.sin(angle)
        angle = angle + 0.01 * speed
    return 0.5 * speed**2 + 9.81 * (1 - np.cos(angle))


@of(u=(10,))
def heat_equation(u):
    for _ in range(3):
        u = u + 0.1 * (np.roll(u, 1) - 2 * u + np.roll(u, -1))
    return np.sum(np.diff(u, axis=0) ** 2) + u[[0, -1]].sum()


@of(x=(10,))
def moving_average(x):
    c = np.cumsum(x)
    by_sums = np.concatenate([c[2:3], c[3:] - c[:-3]]) / 3
    by_windows = sum(x[i : len(x) - 2 + i] for i in range(3)) / 3
    return (by_sums**3).sum() + (by_windows**2).sum()


@of(rate=())
def trapezoidal_rule(rate):
    t = np.linspace(0, 1, 11)
    f = np.exp(-rate * t)
    return (t[1] - t[0]) * (np.sum(f) - 0.5 * (f[0] + f[-1]))


@of(costs=(4, 4))
def cheapest_path(costs):
    best = [[None] * 4 for _ in range(4)]
    for i in range(4):
        for j in range(4):
            before = [best[i - 1][j]] if i else []
            before += [best[i][j - 1]] if j else []
            best[i][j] = costs[i, j] + (min(before) if before else 0)
    return best[3][3]


@of(x=())
def newtons_method(x):
    while abs(x**2 - 2) > 1e-3:
        x = x - (x**2 - 2) / (2 * x)
    return x


BY_LAPACK = ("ridge", "kernel_regression")  # which has doubles only


@pytest.mark.parametrize(("program", "shapes"), PROGRAMS)
def test_a_program_for_numpy_runs_on_values_and_has_a_gradient(program, shapes):
    rng = np.random.default_rng(3)  # with which no way leads over a kink
    start = {name: rng.uniform(0.2, 1.2, shape)[()] for name, shape in shapes.items()}
    ways = {name: rng.uniform(-1, 1, shape) for name, shape in shapes.items()}
    kind = float if program.__name__ in BY_LAPACK else np.longdouble

    def along(t):
        moved = {name: np.asarray(x + t * ways[name], kind)[()] for name, x in start.items()}
        return program(**moved)

    values = {name: tg.Value(x, label=name) for name, x in start.items()}
    out = program(**values)
    assert type(out) is tg.Value
    assert relative_error(out.data, np.float64(program(**start))) < 1e-13
    out.backward()
    found = sum(np.sum(value.grad * ways[name]) for name, value in values.items())
    assert relative_error(found, np.float64(slope(along))) < 1e-9

    def by_place(*arguments):
        return program(**dict(zip(start, arguments, strict=True)))

    curved = tg.hvp(by_place, tuple(start.values()), tuple(ways.values()))
    found = sum(np.sum(h * way) for h, way in zip(curved, ways.values(), strict=True))
    curvature = slope(lambda t: slope(lambda u: along(t + u)))
    assert relative_error(found, np.float64(curvature)) < 1e-7


# ----- Trainings, whose end is known -----


def descended(loss, weights, rate, steps):
    """What gradient descent, as everybody writes it, makes of weights."""
    for _ in range(steps):
        loss(weights).backward()
        weights.data -= rate * weights.grad
        weights.grad = None
    return weights.data


def test_gradient_descent_finds_the_polynomial_of_least_squares():
    x = np.linspace(-1, 1, 20)
    y = np.sin(3 * x)
    powers = np.vander(x, 4)
    w = descended(lambda w: np.mean((powers @ w - y) ** 2), tg.Value(np.zeros(4)), 0.6, 2000)
    assert relative_error(w, np.polyfit(x, y, 3)) < 1e-9


def test_gradient_ascent_finds_the_first_principal_component():
    data = X - X.mean(axis=0)

    def loss(w):
        return -np.mean((data @ (w / np.linalg.norm(w))) ** 2)

    w = descended(loss, tg.Value(np.ones(3)), 0.5, 2000)
    u = np.linalg.eigh(data.T @ data)[1][:, -1]
    assert abs(abs(u @ w) / np.linalg.norm(w) - 1.0) < 1e-12


def test_k_means_by_gradient_ends_at_the_means_of_its_groups():
    data = np.concatenate([X + 9.0, X, X - 9.0])

    def loss(centers):
        return np.sum(np.min(np.sum((data[:, None] - centers) ** 2, axis=2), axis=1))

    centers = descended(loss, tg.Value(data[[0, 12, 24]]), 0.02, 200)
    assert relative_error(centers, [X.mean(0) + 9.0, X.mean(0), X.mean(0) - 9.0]) < 1e-12


def test_adam_written_in_a_loop_finds_the_minimum():
    w = tg.Value([5.0, -2.0])
    m = v = np.zeros(2)
    for t in range(1, 3001):
        ((w - [3.0, 1.0]) ** 2).sum().backward()
        m = 0.9 * m + 0.1 * w.grad
        v = 0.999 * v + 0.001 * w.grad**2
        w.data -= 0.05 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        w.grad[:] = 0
    assert relative_error(w.data, [3.0, 1.0]) < 1e-6


def test_a_network_of_single_numbers_learns_xor_as_in_micrograd():
    rng = np.random.default_rng(5)
    points = [((0, 0), -1), ((0, 1), 1), ((1, 0), 1), ((1, 1), -1)]
    hidden = [[tg.Value(x) for x in rng.uniform(-1, 1, 3)] for _ in range(4)]
    last = [tg.Value(x) for x in rng.uniform(-1, 1, 5)]
    parameters = [p for row in [*hidden, last] for p in row]

    def predict(x):
        h = [sum((w * xi for w, xi in zip(row, x)), row[-1]).tanh() for row in hidden]
        return sum((w * hi for w, hi in zip(last, h)), last[-1]).tanh()

    for _ in range(300):
        loss = sum((predict(x) - y) ** 2 for x, y in points)
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data += -0.1 * p.grad
    assert [np.sign(predict(x).data) for x, _ in points] == [y for _, y in points]
    assert loss.data < 0.1
