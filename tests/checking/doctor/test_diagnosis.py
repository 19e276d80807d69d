"""Tests of the gradient doctor: it never cries wolf, knows each mistake, and never guesses."""

import inspect
import re
from collections import Counter
from functools import partial

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.checking.doctor import diagnose
from tinygrad_mlp.checking.doctor.kinds import KINDS
from tinygrad_mlp.checking.doctor.mistakes import mistakes_in
from tinygrad_mlp.checking.doctor.recognition import recognise
from tinygrad_mlp.checking.doctor.runs import Run

# ----- Random functions, and gradients that owe nothing to the graph -----

_UNARY = (
    np.sin,
    np.cos,
    np.tanh,
    np.square,
    lambda x: np.exp(0.3 * x),
    lambda x: np.log(2.0 + x * x),
    lambda x: np.sqrt(1.0 + x * x),
    lambda x: -x,
    lambda x: 0.7 * x,
    lambda x: x * np.sum(x),
    lambda x: x - np.mean(x, axis=0, keepdims=True),
    lambda x: np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True),
)
_BINARY = (
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / (2.0 + y * y),
)
_LAST = (
    lambda x: x,
    np.sum,
    lambda x: np.mean(x, axis=0),
    np.transpose,
    lambda x: 0.5 * np.mean(np.square(x)),
)


def random_function(seed):
    """A function of a table, a matrix, a row and a number, in operations of NumPy alone."""
    rng = np.random.default_rng(seed)
    n, k, m = rng.integers(1, 5, 3)
    args = [rng.uniform(-2, 2, shape) for shape in ((n, k), (k, m), (1, m), ())]
    steps = [
        (rng.integers(len(_UNARY)), rng.integers(len(_BINARY)), rng.integers(99)) for _ in "123"
    ]
    last = _LAST[rng.integers(len(_LAST))]

    def forward(x, w, b, c):
        known = [x @ w + b, c * (x @ w), b + c]
        for unary, binary, choice in steps:
            first, second = known[choice % len(known)], known[choice // 7 % len(known)]
            known.append(_UNARY[unary](_BINARY[binary](first, second)))
        return last(known[-1])

    return forward, args


def by_complex_step(forward):
    """The gradient from imaginary steps: exact to rounding, with no rule of any graph."""

    def backward(upstream, *args):
        gradients = []
        for place, x in enumerate(args):
            gradient = np.zeros(np.shape(x))
            for index in np.ndindex(np.shape(x)):
                step = np.zeros(np.shape(x), complex)
                step[index] = 1e-200j
                moved = (*args[:place], x + step, *args[place + 1 :])
                gradient[index] = np.sum(upstream * np.imag(forward(*moved))) / 1e-200
            gradients.append(gradient)
        return gradients

    return backward


def by_graph(forward, distorted=list):
    """The graph's own gradient."""

    def backward(upstream, *args):
        values = [tg.Value(x) for x in args]
        return distorted(tg.grad(forward(*values), values, upstream))

    return backward


@pytest.mark.parametrize("seed", range(200))
def test_a_right_gradient_of_a_random_function_gives_no_alarm(seed):
    forward, args = random_function(seed)
    report = diagnose(forward, by_complex_step(forward), *args, rng=seed)
    assert report.ok, report


@pytest.mark.parametrize("seed", range(200, 250))
def test_rounding_of_the_last_place_gives_no_alarm(seed):
    forward, args = random_function(seed)
    noise = np.random.default_rng(seed)

    def rounded(gradients):
        return [np.nextafter(g, np.inf * noise.choice([-1, 1], np.shape(g))) for g in gradients]

    report = diagnose(forward, by_graph(forward, rounded), *args, rng=seed)
    assert report.ok, report


@pytest.mark.parametrize("seed", range(8))
def test_nonsense_gets_no_name_but_numbers(seed):
    forward, args = random_function(seed)
    noise = np.random.default_rng(seed)
    factors = [noise.uniform(0.5, 3, np.shape(x)) for x in args]
    right = by_graph(forward)

    def nonsense(upstream, *args):
        square = np.sum(upstream**2)
        gradients = right(upstream, *args)
        return [c * g + 0.3 * np.cos(7 * x) * square for c, g, x in zip(factors, gradients, args)]

    report = diagnose(forward, nonsense, *args, rng=seed)
    for finding in report.findings.values():
        assert "unknown" == finding.name
        assert finding.got != finding.wanted
        assert f"wanted {finding.wanted:.6g}" in str(report)


@pytest.mark.parametrize("seed", range(9))
def test_every_change_of_a_rule_is_recognised(seed):
    forward, args = random_function(seed)
    names = ["x", "w", "b", "c"]
    mistakes = [m for m in mistakes_in(Run(forward, names, args)) if m.name != "stale input"]
    mistake = mistakes[np.random.default_rng(seed).integers(len(mistakes))]

    def backward(upstream, *args):
        return Run(forward, names, args).gradients(upstream, mistake.changes)

    report = diagnose(forward, backward, *args)
    for finding in report.findings.values():
        names_told = {finding.name, *(other.partition(":")[0] for other in finding.others)}
        assert {mistake.name, "right", "all zero"} & names_told, (mistake, report)


# ----- Settings: functions of which the gradient is known by hand -----

rng = np.random.default_rng(1)
X, W, B = rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=(1, 5))
W2, B2 = rng.normal(size=(5, 2)), rng.normal(size=(1, 2))
NET = (X, W, B, W2, B2)
V = rng.normal(size=5)
SQUARE = rng.normal(size=(3, 3))
TARGET = rng.normal(size=(4, 2))
ONE_HOT = np.eye(5)[[0, 3, 3, 1]]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def stable_softmax(x):
    exponentials = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return exponentials / np.sum(exponentials, axis=-1, keepdims=True)


def own_layer(x, W, b):
    return sigmoid(x @ W + b)  # four operations of the graph


def layer(x, W, b):
    return tg.sigmoid(tg.affine(x, W, b))


def layer_backward(upstream, x, W, b, prime=sigmoid_prime):
    delta = upstream * prime(x @ W + b)
    return delta @ W.T, x.T @ delta, delta.sum(axis=0, keepdims=True)


def network(x, W, b, W2, b2):
    return tg.affine(tg.tanh(tg.affine(x, W, b)), W2, b2)


def network_backward(upstream, x, W, b, W2, b2, prime=lambda z: 1 - np.tanh(z) ** 2):
    z = x @ W + b
    delta = upstream @ W2.T * prime(z)
    top = np.tanh(z).T @ upstream, upstream.sum(axis=0, keepdims=True)
    return delta @ W.T, x.T @ delta, delta.sum(axis=0, keepdims=True), *top


def loss(x, W, b, W2, b2):
    return tg.mse(TARGET, network(x, W, b, W2, b2))


def loss_backward(x, W, b, W2, b2, *, count=8):
    z = np.tanh(x @ W + b)
    return network_backward((z @ W2 + b2 - TARGET) / count, x, W, b, W2, b2)


def minus_loss_backward(x, W, b, W2, b2):
    return [-gradient for gradient in loss_backward(x, W, b, W2, b2)]


def changed(backward, **changes):
    """The backward pass with some of its answers changed."""

    def wrong(*args):
        answers = dict(zip(("x", "W", "b", "W2", "b2"), backward(*args)))
        for name, change in changes.items():
            answers[name] = change(answers[name])
        return tuple(answers.values())

    return wrong


def at(closed_over, backward):
    """A backward pass that forgets the x that it is passed."""
    return lambda upstream, x, *rest: backward(upstream, closed_over, *rest)


def layer_of_last_row(upstream, x, W, b):
    by_x, _, _ = layer_backward(upstream, x, W, b)
    _, by_w, by_b = layer_backward(upstream[-1:], x[-1:], W, b)
    return by_x, by_w, by_b


def network_of_first_row(upstream, x, W, b, W2, b2):
    _, by_w, *_ = network_backward(upstream[:1], x[:1], W, b, W2, b2)
    by_x, _, *rest = network_backward(upstream, x, W, b, W2, b2)
    return by_x, by_w, *rest


class Accumulating:
    """A layer that adds to its gradients and never clears them, as after a missing zero_grad."""

    def __init__(self, backward):
        self.backward, self.sums = backward, None

    def __call__(self, *args):
        gradients = self.backward(*args)
        self.sums = [a + b for a, b in zip(self.sums or [0] * len(gradients), gradients)]
        return [*gradients[:1], *self.sums[1:]] if len(gradients) > 1 else self.sums


class Late:
    """Keeps the first argument of each call for the next one."""

    def __init__(self, backward):
        self.backward, self.kept = backward, None

    def __call__(self, upstream, x, *others):
        kept, self.kept = self.kept, np.copy(x)
        return self.backward(upstream, x if kept is None else kept, *others)


def softmax(x):
    exponentials = np.exp(x)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def by_logits(upstream, y, z):
    return None, upstream * (softmax(z) - y) / 4


def scattered(like, index, g):
    """Gradients put where their elements were, without adding those of repeats."""
    gradient = np.zeros_like(like)
    gradient[index] += g
    return gradient


ALL = ("x", "W", "b", "W2", "b2")
RIGHT = dict.fromkeys(ALL, "right")


def test_the_settings_are_right():
    for report in (
        diagnose(layer, layer_backward, X, W, B),
        diagnose(network, network_backward, *NET),
        diagnose(loss, loss_backward, *NET),
        diagnose(tg.softmax_cross_entropy, by_logits, ONE_HOT, X @ W),
    ):
        assert report.ok, report
        assert str(report).startswith("No mistake was found.")


CASES = [
    # ----- a constant factor -----
    ("constant factor", {"y_pred"}, tg.mse, lambda y, p: (None, p - y), (TARGET, TARGET**2)),
    ("constant factor", set(ALL), loss, partial(loss_backward, count=1), NET),
    ("constant factor", {"x"}, lambda x: x**2, lambda g, x: g * x, (3.0,)),
    ("constant factor", {"x"}, lambda x: tg.sum(x * x), lambda g, x: g * 4 * x, (V,)),
    (
        "constant factor",
        {"W", "b"},
        layer,
        changed(layer_backward, W=lambda g: g / 4, b=lambda g: g / 4),
        (X, W, B),
    ),
    ("constant factor", {"x"}, tg.sum, lambda g, x: g * np.full(x.shape, 1 / 12), (X,)),
    # ----- a sign -----
    ("wrong sign", {"W"}, layer, changed(layer_backward, W=np.negative), (X, W, B)),
    ("wrong sign", set(ALL), loss, minus_loss_backward, NET),
    ("wrong sign", {"x"}, lambda x: 3.0 * tg.cos(x), lambda g, x: g * 3 * np.sin(x), (V,)),
    (
        "wrong sign",
        {"y"},
        lambda x, y: tg.exp(x) / y,
        lambda g, x, y: (g * np.exp(x) / y, g * np.exp(x) / y**2),
        (V, V**2 + 1),
    ),
    # ----- transposed -----
    ("transposed", {"W"}, layer, changed(layer_backward, W=np.transpose), (X, W, B)),
    ("transposed", {"W2"}, network, changed(network_backward, W2=np.transpose), NET),
    (
        "transposed",
        {"x"},
        tg.tanh,
        lambda g, x: (g * (1 - np.tanh(x) ** 2)).T,
        (SQUARE,),
    ),
    (
        "not transposed",
        {"x"},
        lambda x, w: x @ w,
        lambda g, x, w: (g @ w, x.T @ g),
        (SQUARE, SQUARE**2),
    ),
    # ----- the gradient of something else -----
    (
        "another argument's",
        {"x", "y"},
        lambda x, y: x * y,
        lambda g, x, y: (g * x, g * y),
        (V, V**2),
    ),
    (
        "another argument's",
        {"b"},
        lambda a, b: tg.sin(a) * tg.exp(b),
        lambda g, a, b: (g * np.cos(a) * np.exp(b),) * 2,
        (V, V**2),
    ),
    # ----- rows -----
    (
        "missing sum",
        {"b"},
        layer,
        lambda g, x, W, b: (
            *layer_backward(g, x, W, b)[:2],
            g * sigmoid_prime(x @ W + b),
        ),
        (X, W, B),
    ),
    (
        "missing sum",
        {"b2"},
        network,
        lambda g, *args: (*network_backward(g, *args)[:4], g),
        NET,
    ),
    ("missing sum", {"c"}, lambda c: c * V, lambda g, c: g * V, (2.5,)),
    ("one row only", {"W", "b"}, layer, layer_of_last_row, (X, W, B)),
    ("one row only", {"W"}, network, network_of_first_row, NET),
    (
        "one row only",
        {"w"},
        lambda w: tg.tanh(X @ w),
        lambda g, w: g[-1] * (1 - np.tanh(X[-1] @ w) ** 2) * X[-1],
        (V[:3],),
    ),
    # ----- paths -----
    ("overwritten", {"x"}, lambda x: x * x, lambda g, x: g * x, (3.0,)),
    (
        "overwritten",
        {"x"},
        lambda x: x * tg.sigmoid(x),
        lambda g, x: g * x * sigmoid_prime(x),
        (V,),
    ),
    (
        "overwritten",
        {"x", "W"},
        lambda x, W, v: x @ W + tg.tanh(x @ W) @ v,  # each product is used twice by its x and W
        lambda g, x, W, v: (
            ((g @ v.T) * (1 - np.tanh(x @ W) ** 2)) @ W.T,
            x.T @ ((g @ v.T) * (1 - np.tanh(x @ W) ** 2)),
            np.tanh(x @ W).T @ g,
        ),
        (SQUARE, SQUARE + 1, SQUARE - 1),
    ),
    (
        "forgotten path",
        {"x"},
        lambda x: tg.sin(x) + tg.exp(x) + x**3,
        lambda g, x: g * (np.cos(x) + np.exp(x)),
        (V**2,),
    ),
    # ----- activations -----
    (
        "missing derivative",
        {"x", "W", "b"},
        layer,
        lambda *args: layer_backward(*args, prime=np.ones_like),
        (X, W, B),
    ),
    (
        "missing derivative",
        {"x", "W", "b"},
        network,
        lambda *args: network_backward(*args, prime=np.ones_like),
        NET,
    ),
    (
        "missing derivative",
        {"x"},
        lambda x: tg.sqrt(tg.sum(tg.relu(x))),
        lambda g, x: g * 0.5 / np.sqrt(np.maximum(x, 0).sum()) * np.ones_like(x),
        (V,),
    ),
    (
        "derivative at the output",
        {"x", "W", "b"},
        layer,
        lambda *args: layer_backward(*args, prime=lambda z: sigmoid_prime(sigmoid(z))),
        (X, W, B),
    ),
    (
        "derivative at the output",
        {"x", "W", "b"},
        network,
        lambda *args: network_backward(*args, prime=lambda z: 1 - np.tanh(np.tanh(z)) ** 2),
        NET,
    ),
    (
        "derivative at the output",
        {"x"},
        lambda x: tg.log(1.0 + tg.exp(x)),
        lambda g, x: g * np.exp(np.exp(x)) / (1 + np.exp(x)),
        (V,),
    ),
    (
        "derivative at the input",
        {"x", "W", "b"},
        layer,
        lambda *args: layer_backward(*args, prime=lambda z: z * (1 - z)),
        (X, W, B),
    ),
    (
        "derivative at the input",
        {"x", "W", "b"},
        network,
        lambda *args: network_backward(*args, prime=lambda z: 1 - z**2),
        NET,
    ),
    # ----- activations that are written out -----
    (
        "missing derivative",
        {"x", "W", "b"},
        own_layer,
        lambda *args: layer_backward(*args, prime=np.ones_like),
        (X, W, B),
    ),
    (
        "derivative at the output",
        {"x", "W", "b"},
        own_layer,
        lambda *args: layer_backward(*args, prime=lambda z: sigmoid_prime(sigmoid(z))),
        (X, W, B),
    ),
    (
        "derivative at the input",
        {"x", "W", "b"},
        own_layer,
        lambda *args: layer_backward(*args, prime=lambda z: z * (1 - z)),
        (X, W, B),
    ),
    (
        "softmax diagonal",
        {"W"},
        lambda x, W: stable_softmax(x @ W),
        lambda g, x, W: (None, x.T @ (g * softmax(x @ W) * (1 - softmax(x @ W)))),
        (X, W),
    ),
    (
        "missing derivative",
        {"x"},
        lambda x: tg.sum(V * np.maximum(x, 0.0)),
        lambda g, x: g * V,
        (V + 0.1,),
    ),
    ("derivative at the input", {"x"}, tg.exp, lambda g, x: g * x, (V,)),
    # ----- softmax -----
    (
        "softmax diagonal",
        {"x"},
        tg.softmax,
        lambda g, x: g * softmax(x) * (1 - softmax(x)),
        (X,),
    ),
    (
        "softmax diagonal",
        {"x", "W"},
        lambda x, W: tg.log(tg.softmax(x @ W)),
        lambda g, x, W: (
            (g * (1 - softmax(x @ W))) @ W.T,
            x.T @ (g * (1 - softmax(x @ W))),
        ),
        (X, W),
    ),
    (
        "softmax diagonal",
        {"logits"},
        tg.softmax_cross_entropy,
        lambda g, y, z: (None, g * y * (softmax(z) - 1) / 4),
        (ONE_HOT, X @ W),
    ),
    ("softmax diagonal", {"x"}, tg.log_softmax, lambda g, x: g * (1 - softmax(x)), (X,)),
    ("softmax denominator", {"x"}, tg.softmax, lambda g, x: g * softmax(x), (X,)),
    # ----- what comes from above -----
    (
        "upstream ignored",
        {"x", "W", "b"},
        layer,
        lambda g, *args: layer_backward(np.ones_like(g), *args),
        (X, W, B),
    ),
    (
        "upstream ignored",
        set(ALL),
        network,
        lambda g, *args: network_backward(np.ones_like(g), *args),
        NET,
    ),
    ("upstream ignored", {"x"}, tg.exp, lambda g, x: np.exp(x), (V,)),
    (
        "upstream ignored",  # and more is wrong
        {"x"},
        tg.exp,
        lambda g, x: np.exp(x) * np.arange(1, 6) / x,
        (V,),
    ),
    # ----- old data -----
    ("stale input", {"x", "W", "b"}, layer, at(X, layer_backward), (X, W, B)),
    ("stale input", set(ALL) - {"b2"}, network, at(X, network_backward), NET),
    ("stale input", {"x"}, lambda x: x**3, lambda g, x: g * 12.0, (2.0,)),
    ("stale input", {"x", "W", "b"}, layer, lambda: Late(layer_backward), (X, W, B)),
    ("stale input", set(ALL) - {"b2"}, network, lambda: Late(network_backward), NET),
    (
        "stale input",  # an activation that was kept from an earlier forward pass
        {"x", "W", "b"},
        layer,
        lambda *args: layer_backward(*args, prime=lambda z: sigmoid_prime(X @ W + B)),
        (X, W, B),
    ),
    ("ignores an argument", {"x", "W", "b"}, layer, at(X + 1, layer_backward), (X, W, B)),
    ("ignores an argument", {"x"}, tg.sin, lambda g, x: g * np.cos(V + 1), (V,)),
    ("not cleared", {"W", "b"}, layer, lambda: Accumulating(layer_backward), (X, W, B)),
    (
        "not cleared",
        set(ALL) - {"x"},
        network,
        lambda: Accumulating(network_backward),
        NET,
    ),
    (
        "not cleared",
        {"x"},
        lambda x: tg.sum(tg.sin(x)),
        lambda: Accumulating(lambda g, x: [g * np.cos(x)]),
        (V,),
    ),
    # ----- no numbers, or in no order -----
    ("wrong shape", {"b"}, layer, changed(layer_backward, b=np.ravel), (X, W, B)),
    ("wrong shape", {"W2"}, network, changed(network_backward, W2=lambda g: g[:2]), NET),
    ("wrong shape", {"x"}, tg.sum, lambda g, x: g, (V,)),
    ("not finite", {"W"}, layer, changed(layer_backward, W=lambda g: g / 0 * 0), (X, W, B)),
    ("not finite", {"b2"}, network, changed(network_backward, b2=lambda g: g + np.inf), NET),
    ("not finite", {"x"}, lambda x: tg.sum(x * x), lambda g, x: np.sqrt(-(x**2)), (V,)),
    ("all zero", {"W"}, layer, changed(layer_backward, W=np.zeros_like), (X, W, B)),
    ("all zero", {"W2"}, network, changed(network_backward, W2=np.zeros_like), NET),
    ("all zero", {"x"}, tg.exp, lambda g, x: 0 * x, (V,)),
    ("not computed", {"W"}, layer, changed(layer_backward, W=lambda g: None), (X, W, B)),
    ("not computed", {"x"}, network, changed(network_backward, x=lambda g: None), NET),
    ("not computed", {"x"}, tg.exp, lambda g, x: None, (V,)),
    # ----- arguments that are special -----
    ("right only here", {"x"}, lambda x: x**2, lambda g, x: g * x**2, (2.0,)),
    ("right nearby", {"x"}, tg.relu, lambda g, x: g * (x >= 0), ([-1.0, 0.0, 2.0],)),
    ("right only here", {"x"}, lambda x: x**3, lambda g, x: g * 9 * x, (3.0,)),
    ("right only here", {"x"}, tg.exp, lambda g, x: g * (1 + x), (np.zeros(3),)),
    (
        "right nearby",
        {"x", "y"},
        tg.maximum,
        lambda g, x, y: (g * (x >= y), g * (x < y)),
        ([1.0, 2.0, 3.0], [1.0, 3.0, 2.0]),
    ),
    ("right nearby", {"x"}, tg.abs, lambda g, x: g * np.where(x >= 0, 1, -1), ([-1.0, 0.0],)),
    # ----- more of what is rare -----
    (
        "another argument's",
        {"x", "y"},
        lambda x, y: tg.sum(x**2 * y**3),
        lambda x, y: (3 * x**2 * y**2, 2 * x * y**3),
        (V**2, V**4 + 1),
    ),
    (
        "not transposed",
        {"x"},
        layer,
        lambda g, x, W, b: (
            (g * sigmoid_prime(x @ W + b)) @ W,
            *layer_backward(g, x, W, b)[1:],
        ),
        (SQUARE, SQUARE + 1, SQUARE[:1]),
    ),
    (
        "not transposed",
        {"W"},
        lambda W: tg.sum(tg.tanh(SQUARE @ W)),
        lambda g, W: g * SQUARE @ (1 - np.tanh(SQUARE @ W) ** 2),
        (SQUARE**2,),
    ),
    (
        "forgotten path",
        {"W"},
        lambda W: ((SQUARE @ W) @ W) @ W,
        lambda g, W: (SQUARE @ W @ W).T @ g + (SQUARE @ W).T @ (g @ W.T),
        (SQUARE + 1,),
    ),
    (
        "forgotten path",
        {"c"},
        lambda c: tg.sum(c * V + c * V**2 + c * V**3 + tg.exp(c)),
        lambda c: np.sum(V + V**2 + V**3),
        (0.7,),
    ),
    (
        "softmax denominator",
        {"x", "W"},
        lambda x, W: tg.softmax(x @ W),
        lambda g, x, W: ((g * softmax(x @ W)) @ W.T, x.T @ (g * softmax(x @ W))),
        (X, W),
    ),
    (
        "softmax denominator",
        {"x"},
        stable_softmax,
        lambda g, x: g * softmax(x),
        (X,),
    ),
    (
        "ignores an argument",
        {"x"},
        lambda x, w: tg.sum(x * w**2),
        lambda g, x, w: (g * V, g * 2 * x * w),
        (V**2, V**3),
    ),
    # ----- formulas that are nearly right -----
    ("wrong formula", {"x"}, tg.tanh, lambda g, x: g * (1 - np.tanh(x)), (V,)),
    ("wrong formula", {"x"}, tg.tanh, lambda g, x: g * (1 + np.tanh(x) ** 2), (V,)),
    ("wrong formula", {"z"}, sigmoid, lambda g, x: g * sigmoid(x) * (1 + sigmoid(x)), (V,)),
    ("wrong formula", {"x"}, tg.relu, lambda g, x: g * (g > 0), (X,)),
    (
        "wrong formula",
        {"x", "W", "b"},
        lambda x, W, b: tg.relu(x @ W + b),
        lambda g, x, W, b: ((g * (g > 0)) @ W.T, x.T @ (g * (g > 0)), (g * (g > 0)).sum(0)),
        (X, W, B[0]),
    ),
    (
        "wrong formula",
        {"x", "W", "b"},
        lambda x, W, b: tg.sum(tg.tanh(x @ W + b) ** 2),
        lambda x, W, b: layer_backward(
            2 * np.tanh(x @ W + b), x, W, b, prime=lambda z: 1 - np.tanh(z)
        ),
        (X, W, B),
    ),
    ("sign of one term", {"y_pred"}, tg.mse, lambda t, p: (None, (p + t) / 8), (TARGET, TARGET**2)),
    (
        "sign of one term",
        {"p"},
        lambda p: 0.5 * np.sum(np.square(p - TARGET)),
        lambda g, p: g * (p + TARGET),
        (TARGET**2,),
    ),
    (
        "sign of one term",
        {"p"},
        lambda p: np.mean((p - TARGET) ** 2),
        lambda p: 2 * (p + TARGET) / TARGET.size,
        (TARGET**2,),
    ),
    (
        "sign of one term",
        {"logits"},
        tg.softmax_cross_entropy,
        lambda y, z: (None, (softmax(z) + y) / 4),
        (ONE_HOT, X @ W),
    ),
    (
        "constant factor",
        {"x"},
        lambda x: np.mean(np.sin(x)),
        lambda g, x: g * np.cos(x) / (x.size - 1),
        (X,),
    ),
    ("constant factor", {"a"}, np.var, lambda g, x: g * 2 * (x - x.mean()) / (x.size - 1), (V,)),
    (
        "repeats lost",
        {"W"},
        lambda W: W[[0, 2, 2, 1]],
        lambda g, W: scattered(W, [0, 2, 2, 1], g),
        (SQUARE,),
    ),
    (
        "repeats lost",
        {"W"},
        lambda W: tg.sum(tg.tanh(np.take(W, [1, 1, 0], axis=0)) * X[:3]),
        lambda W: scattered(W, [1, 1, 0], (1 - np.tanh(W[[1, 1, 0]]) ** 2) * X[:3]),
        (SQUARE,),
    ),
    (
        "repeats lost",
        {"W"},
        lambda W: tg.mean(np.square(W[[0, 1, 0], [2, 2, 2]])),
        lambda g, W: scattered(W, ([0, 1, 0], [2, 2, 2]), g * 2 * W[[0, 1, 0], [2, 2, 2]] / 3),
        (SQUARE,),
    ),
    # ----- gradients of what was broadcast, not summed -----
    ("missing sum", {"b"}, lambda x, b: x + b, lambda g, x, b: (g, g), (X, X[0])),
    ("missing sum", {"b"}, lambda x, b: x - b, lambda g, x, b: (g, -g), (X, X[:1])),
    (
        "missing sum",
        {"b"},
        lambda y, b: np.sum((y - b) ** 2),
        lambda y, b: (2 * (y - b), -2 * (y - b)),
        (V, np.float64(0.3)),
    ),
    ("missing sum and wrong sign", {"b"}, lambda x, b: x - b, lambda g, x, b: (g, g), (X, X[0])),
    (
        "missing sum and wrong sign",
        {"b"},
        lambda y, b: np.sum((y - b) ** 2),
        lambda y, b: (2 * (y - b), 2 * (y - b)),
        (X, X[0]),
    ),
    # ----- a gradient from above that nobody looks at -----
    (
        "wrong sign and upstream ignored",
        {"p"},
        lambda p: tg.sum(np.square(p)),
        lambda upstream, p: -2 * p,
        (V,),
    ),
    (
        "sign of one term and upstream ignored",
        {"y_pred"},
        tg.mse,
        lambda upstream, t, p: (None, (p + t) / 8),
        (TARGET, TARGET**2),
    ),
    # ----- two mistakes at once -----
    (
        "missing derivative and constant factor",
        {"x"},
        lambda x: tg.mse(TARGET, tg.tanh(x)),
        lambda g, x: g * (np.tanh(x) - TARGET),
        (TARGET**2,),
    ),
    (
        "derivative at the output and constant factor",
        {"x", "W", "b"},
        layer,
        lambda g, *args: layer_backward(2 * g, *args, prime=lambda z: sigmoid_prime(sigmoid(z))),
        (X, W, B),
    ),
    (
        "transposed and wrong sign",
        {"W"},
        layer,
        changed(layer_backward, W=lambda g: -g.T),
        (X, W, B),
    ),
]


@pytest.mark.filterwarnings("ignore:(invalid|divide).*:RuntimeWarning")
@pytest.mark.parametrize(
    ("name", "wrong", "forward", "backward", "args"),
    CASES,
    ids=[f"{case[0]}-{number}" for number, case in enumerate(CASES)],
)
def test_a_mistake_is_called_by_its_name(name, wrong, forward, backward, args):
    if not inspect.signature(backward).parameters:
        backward = backward()  # one that remembers is made afresh
    with np.errstate(divide="ignore", invalid="ignore"):
        report = diagnose(forward, backward, *args)
    found = {argument: finding.name for argument, finding in report.findings.items()}
    assert {a: n for a, n in found.items() if n not in ("right", "not computed")} == dict.fromkeys(
        wrong if name != "not computed" else (), name
    ), report
    assert report.ok == (name == "not computed")
    assert wrong <= {a for a, n in found.items() if n != "right"}


def test_each_name_is_given_in_three_settings():
    single = Counter(case[0] for case in CASES if " and " not in case[0])
    assert {kind.name for kind in KINDS} <= single.keys()
    assert min(single.values()) >= 3, single


def test_what_looks_like_an_activation_at_one_number_is_none():
    # At 0 it has the value of the sigmoid, but not its slope.
    report = diagnose(lambda x: 0.5 + 0.1 * x, lambda g, x: g * 0.1, 0.0)
    assert report.ok
    run = Run(lambda x: 0.5 + 0.1 * x, ["x"], [np.float64(0.0)])
    assert not recognise(run)
    assert ["multiply", "add"] == [node.op.name for node in run.nodes]


# ----- What it says -----


def test_the_first_patient_is_the_mse_prime_of_the_notebook():
    y, prediction = np.zeros((1, 10)), np.linspace(0.1, 1.0, 10).reshape(1, 10)
    report = diagnose(
        tg.mse, lambda upstream, y, p: (None, upstream * tg.mse_prime(y, p)), y, prediction
    )
    finding = report["y_pred"]
    assert ("constant factor", "mse", False) == (finding.name, finding.op, finding.ok)
    assert "10 times too large" in finding.explanation
    assert "the gradient of the half sum, not of the mean" in finding.explanation
    assert abs(finding.ratio - 10) < 1e-12


def test_half_the_sum_is_what_mse_prime_is_the_gradient_of():
    arguments = np.zeros((1, 10)), np.linspace(0.1, 1.0, 10).reshape(1, 10)
    backward = lambda upstream, y, p: (None, upstream * tg.mse_prime(y, p))  # noqa: E731
    assert diagnose(tg.half_squared_error, backward, *arguments).ok


def test_the_place_of_a_mistake_is_told_by_number_label_and_scope():
    def forward(x):
        with tg.scope("encoder"):
            a = tg.sigmoid(x)
            a.label = "hidden"
        return tg.sigmoid(3.0 * a)

    def backward(upstream, x):
        a = sigmoid(x)
        return upstream * sigmoid_prime(3 * a) * 3.0  # sigmoid_prime(x) is missing

    finding = diagnose(forward, backward, V)["x"]
    assert "sigmoid number 1 of 2 (hidden) in encoder" in finding.explanation


def test_the_number_of_rows_is_named_where_they_were_averaged():
    backward = changed(layer_backward, b=lambda gradient: gradient / 4)
    finding = diagnose(layer, backward, X, W, B)["b"]
    assert "4 times too small; 4 is the number of rows of" in finding.explanation


def test_two_explanations_that_cannot_be_told_apart_are_both_given():
    finding = diagnose(lambda x: x * x, lambda g, x: g * x, 3.0)["x"]
    assert "overwritten" == finding.name
    assert "constant factor: 2 times too small" in "".join(finding.others)


def test_a_report_is_text_markdown_and_data():
    report = diagnose(layer, changed(layer_backward, W=np.negative), X, W, B)
    lines = str(report).splitlines()
    assert "1 of 3 gradients is wrong." == lines[0]
    assert "- by x, b: right" == lines[1]
    assert lines[2].startswith("- by W: wrong sign: minus what it should be (at W[")
    assert lines[2].endswith("ratio -1)")
    assert "<Report: 1 of 3 gradients is wrong.>" == repr(report)
    markdown = report._repr_markdown_()
    assert "**1 of 3 gradients is wrong.**" in markdown
    assert "- by `W`: **wrong sign**: minus what" in markdown
    assert ["x", "W", "b"] == list(report.findings)
    finding = report["W"]
    element = layer_backward(np.ones((4, 5)), X, W, B)[1][finding.element]
    assert element != 0
    assert -1 == round(finding.ratio, 12)
    assert str(finding).startswith("W: wrong sign: ")


def test_equal_questions_get_equal_answers():
    ask = partial(diagnose, network, changed(network_backward, W=lambda g: g * g), *NET)
    assert str(ask()) == str(ask())
    assert str(ask(rng=1)) == str(ask(rng=np.random.default_rng(1)))
    assert str(ask(rng=1)) == str(ask(rng=2))  # numbers are told for ones from above
    # For ones the gradient of the softmax is 0, which this formula gives as well.
    centred = partial(diagnose, tg.softmax, lambda g, x: g - np.mean(g), V)
    assert str(centred(rng=1)) != str(centred(rng=2))


# ----- What it accepts -----


@pytest.mark.parametrize(
    "answer",
    [
        lambda g: g,
        lambda g: (g,),
        lambda g: [g],
        list,
        tg.Value,
    ],
)
def test_the_gradient_by_one_argument_may_come_alone_or_in_a_list(answer):
    assert diagnose(tg.exp, lambda g, x: answer(g * np.exp(x)), V).ok
    assert diagnose(tg.exp, lambda g, x: answer(g * np.exp(x)), V[:1]).ok


def test_a_number_may_have_a_backward_pass_without_upstream_gradient():
    assert diagnose(lambda x: tg.sum(x * x), lambda x: 2 * x, X).ok
    assert diagnose(lambda x: tg.sum(x * x), lambda upstream, x: 2 * upstream * x, X).ok
    assert not diagnose(lambda x: tg.sum(x * x), lambda x: x, X).ok


def test_arguments_are_named_by_the_signature_or_counted():
    assert ["y_true", "y_pred"] == list(diagnose(tg.mse, by_graph(tg.mse), V, V + 1).findings)
    report = diagnose(lambda x, *others: x * others[0], lambda g, x, y: (g * y, g * x), 2.0, 3.0)
    assert ["x", "args[1]"] == list(report.findings)


def test_lists_and_ints_are_numbers_and_float32_is_half_as_precise():
    assert diagnose(lambda x, y: x * y, lambda g, x, y: (g * y, sum(g * x)), [1, 2, 3], 4).ok
    args = [x.astype(np.float32) for x in NET]
    assert diagnose(network, network_backward, *args).ok
    wrong = changed(network_backward, W=lambda g: g * np.float32(1.001))
    assert "constant factor" == diagnose(network, wrong, *args)["W"].name


def test_arguments_are_neither_changed_nor_lent():
    x = V.copy()
    x.flags.writeable = False

    def destructive(upstream, x):
        gradient = upstream * np.exp(x)
        x[:], upstream[:] = 0, 0
        return gradient

    assert diagnose(tg.exp, destructive, x).ok


def test_an_answer_may_be_overwritten_by_the_next():
    buffer = np.empty_like(V)
    assert diagnose(tg.exp, lambda g, x: np.multiply(g, np.exp(x), out=buffer), V).ok


def test_nothing_is_left_changed_in_the_graph_or_the_table():
    rows = [(row, row.vjps) for row in tg.OPS.values()]
    values = []

    def forward(x):
        values.append(tg.sigmoid(x) * x)
        return values[-1]

    diagnose(forward, lambda g, x: g * 0.123, V)
    assert rows == [(row, row.vjps) for row in tg.OPS.values()]
    for value in values:
        assert all(v.op is None or v.op is tg.OPS[v.op.name] for v in tg.history(value))


def test_targets_that_are_probabilities_stay_so():
    soft = softmax(X @ W)
    for targets in (ONE_HOT, soft):
        assert diagnose(tg.softmax_cross_entropy, by_logits, targets, X @ W).ok
    # softmax - y is right for these only; in general it is softmax * sum(y) - y
    other = diagnose(tg.softmax_cross_entropy, by_logits, 2 * soft, X @ W)
    assert not other.ok


def test_functions_that_are_defined_at_few_places_are_compared_there():
    def picky(x):
        if np.any(x < 1.0):
            raise ValueError("x must be at least 1")
        return tg.sqrt(x - 1.0)

    x = np.array([1.01, 1.02, 1.3])
    assert diagnose(picky, lambda g, x: g * 0.5 / np.sqrt(x - 1), x).ok
    assert "missing derivative" == diagnose(picky, lambda g, x: g, x)["x"].name
    steep = lambda g, x: g / np.sqrt(x - 1)  # noqa: E731
    assert "constant factor" == diagnose(picky, steep, x)["x"].name


def test_one_number_alone_is_no_constant_factor():
    def only_here(x):
        if x != 2.0:
            raise ValueError("x must be 2")
        return x**3

    assert "unknown" == diagnose(only_here, lambda g, x: g * 7.0, 2.0)["x"].name
    assert "constant factor" == diagnose(lambda x: x**3, lambda g, x: g * 7 * x**2, 2.0)["x"].name


def test_gradients_that_cancel_to_rounding_are_right():
    report = diagnose(lambda x: tg.sum(tg.softmax(x)), lambda g, x: 0.0 * x, X)
    assert report.ok
    assert not diagnose(lambda x: 1e-30 * tg.sin(1e30 * x), lambda g, x: g * 0.5, 1e-30).ok


def test_empty_arrays_have_empty_gradients():
    assert diagnose(tg.exp, lambda g, x: g * np.exp(x), np.zeros((0, 3))).ok


# ----- What it refuses -----


@pytest.mark.parametrize(
    ("forward", "backward", "args", "error", "message"),
    [
        (tg.exp, lambda g, x: g, (), TypeError, "at least one argument"),
        (tg.exp, lambda g, x: g, ("two",), TypeError, "diagnose: x"),
        (lambda x: (x, x), lambda g, x: g, (V,), TypeError, "forward must return one Value"),
        (lambda x: tg.Value(1.0), lambda g, x: g, (V,), RuntimeError, "not made from the arg"),
        (tg.exp, lambda x: x, (V,), TypeError, "gradient by the output, of shape (5,), and then"),
        (tg.exp, lambda a, b, c: a, (V,), TypeError, "the 1 argument of forward"),
        (tg.sum, lambda x, y=2: x, (V,), TypeError, "but not either way"),
        (tg.multiply, lambda g, x, y: g * y, (V, V), ValueError, "wanted a tuple of 2"),
        (tg.multiply, lambda g, x, y: (g, g, g), (V, V), ValueError, "3 gradients"),
        (tg.multiply, lambda g, x, y: (g, "g"), (V, V), TypeError, "the gradient by y"),
        (tg.exp, lambda g, x: g * 1j, (V,), TypeError, "complex"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(forward, backward, args, error, message):
    with pytest.raises(error, match=re.escape(message)):
        diagnose(forward, backward, *args)


def test_an_error_in_the_backward_pass_is_that_of_its_author():
    with pytest.raises(ZeroDivisionError):
        diagnose(tg.exp, lambda g, x: g * (1 // 0), V)


def test_no_grad_outside_does_not_matter_and_inside_cuts():
    with tg.no_grad():
        assert diagnose(tg.exp, lambda g, x: g * np.exp(x), V).ok
    with pytest.raises(RuntimeError, match="without no_grad inside"):
        diagnose(tg.no_grad()(lambda x: x * x), lambda g, x: g, V)


# ----- Students' mistakes at small sizes: the true name is told, alone or with others -----

SIZES = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 2), (2, 3), (5, 4)]


def of_one_difference(p):
    d = p - 0.7
    return np.sum(d * d)


#: A name, a forward pass, what was written, and what would be right; of p, of the shape given, and
#: t, a target.
STUDENTS = {
    "tanh 1 - t": (
        "wrong formula", tg.tanh,
        lambda g, p: g * (1 - np.tanh(p)), lambda g, p: g * (1 - np.tanh(p) ** 2),
    ),
    "tanh 1 - x²": (
        "derivative at the input", tg.tanh,
        lambda g, p: g * (1 - p**2), lambda g, p: g * (1 - np.tanh(p) ** 2),
    ),
    "sigmoid s (1 + s)": (
        "wrong formula", sigmoid,
        lambda g, p: g * sigmoid(p) * (1 + sigmoid(p)), lambda g, p: g * sigmoid_prime(p),
    ),
    "relu masks g": (
        "wrong formula", tg.relu, lambda g, p: g * (g > 0), lambda g, p: g * (p > 0),
    ),
    "square p + t": (
        "sign of one term", lambda p: np.square(p - 0.7),
        lambda g, p: 2 * g * (p + 0.7), lambda g, p: 2 * g * (p - 0.7),
    ),
    "loss p + t": (
        "sign of one term", lambda p: np.sum((p - 0.7) ** 2),
        lambda g, p: 2 * g * (p + 0.7), lambda g, p: 2 * g * (p - 0.7),
    ),
    "d times d with p + t": (
        "sign of one term", lambda p: np.sum((p - 0.7) * (p - 0.7)),
        lambda g, p: 2 * g * (p + 0.7), lambda g, p: 2 * g * (p - 0.7),
    ),
    "d times d of one d with p + t": (
        "sign of one term", of_one_difference,
        lambda g, p: 2 * g * (p + 0.7), lambda g, p: 2 * g * (p - 0.7),
    ),
    "mean by n - 1": (
        "constant factor", lambda p: np.mean(np.sin(p)),
        lambda g, p: g * np.cos(p) / max(p.size - 1, 1), lambda g, p: g * np.cos(p) / p.size,
    ),
    "repeats": (
        "repeats lost", lambda p: np.sin(p)[[0, 0]],
        lambda g, p: scattered(p, [0, 0], g) * np.cos(p),
        lambda g, p: np.cos(p) * np.concatenate([g.sum(0, keepdims=True), 0 * p[1:]]),
    ),
    "square without its 2": (
        "constant factor", lambda p: np.square(p) * 1.5,
        lambda g, p: 1.5 * g * p, lambda g, p: 3 * g * p,
    ),
    "cos without its minus": (
        "wrong sign", tg.cos, lambda g, p: g * np.sin(p), lambda g, p: -g * np.sin(p),
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SIZES, ids=str)
@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.filterwarnings("ignore:(invalid|divide|overflow).*:RuntimeWarning")
def test_a_students_mistake_is_named_at_any_size_and_a_right_gradient_is_never_accused(
    student, shape
):
    name, forward, wrong, right = STUDENTS[student]
    for seed in range(4):
        p = np.random.default_rng(seed).uniform(-1.5, 1.5, shape)
        report = diagnose(forward, right, p, rng=seed)
        assert report.ok, report
        report = diagnose(forward, wrong, p, rng=seed)
        if report.ok:  # as for the mean of two numbers, of which one is no other than itself
            probe = np.random.default_rng(9).uniform(-1, 1, np.shape(forward(p)))[()]
            np.testing.assert_allclose(wrong(probe, p), right(probe, p))
            continue
        finding = report["p" if "p" in report.findings else next(iter(report.findings))]
        told = {finding.name, *(other.partition(":")[0] for other in finding.others)}
        assert name in told, report


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (3, 1), (2, 2), (4, 3)], ids=str)
@pytest.mark.parametrize("sign", [1, -1])
def test_an_unsummed_gradient_is_no_other_arguments_at_any_size(shape, sign):
    x = np.random.default_rng(0).normal(size=shape)
    for b in (x[0], x[:1], x[0, 0], x[:, :1]):
        report = diagnose(lambda x, b: x + sign * b, lambda g, x, b: (g, sign * g), x, b)
        assert report["x"].ok
        assert report["b"].ok == (np.shape(b) == shape)
        if not report["b"].ok:
            assert report["b"].name in ("missing sum", "wrong shape"), report
            assert (report["b"].name == "missing sum") or x.size == np.size(b), report


def test_gradients_in_another_order_are_no_missing_sum():
    report = diagnose(lambda x, b: x + b, lambda g, x, b: (g.sum(0), g), X, X[0])
    assert ["another argument's"] * 2 == [f.name for f in report.findings.values()], report


def test_numbers_are_those_at_the_students_own_arguments():
    finding = diagnose(lambda x: x * x, lambda upstream, x: upstream * x, 3.0)["x"]
    assert (3.0, 6.0) == (finding.got, finding.wanted)
    report = diagnose(layer, changed(layer_backward, W=np.negative), X, W, B)
    wanted = layer_backward(np.ones((4, 5)), X, W, B)[1]
    assert report["W"].wanted == pytest.approx(wanted[report["W"].element], rel=1e-12)
    assert report["W"].got == -report["W"].wanted


def test_a_mistake_is_not_hidden_by_an_upstream_gradient_that_is_ignored():
    def loss(p):
        return np.sum((p - 0.7) ** 2)

    report = diagnose(loss, lambda upstream, p: 2 * (p + 0.7), V)
    finding = report["p"]
    assert "sign of one term and upstream ignored" == finding.name
    assert "does not change with the gradient from above" in finding.explanation
    assert finding.got == pytest.approx(2 * (V[finding.element] + 0.7))
    assert "upstream ignored" == diagnose(loss, lambda upstream, p: 2 * (p - 0.7), V)["p"].name
    finding = diagnose(loss, lambda upstream, p: np.exp(p), V)["p"]
    assert "for ones from above it is not right either" in finding.explanation
    assert diagnose(loss, lambda p: 2 * (p - 0.7), V).ok
