"""Tests of the engine on one page: it gives the very bits of the package."""

import re
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import tinygrad_mlp as tg

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "engine_in_one_page.py"
PAGE = (ROOT / "docs" / "engine.md").read_text(encoding="utf-8")
GRAPHS = range(500)


@pytest.fixture
def page(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLE.parent)
    return import_module("engine_in_one_page")


# ----- Random graphs -----

SHAPES = [(), (1,), (3,), (2, 1), (1, 3), (2, 3), (3, 3), (3, 2), (2, 1, 3)]
NUMPY = SimpleNamespace(exp=np.exp, log=np.log, tanh=np.tanh, transpose=np.transpose)
WITH_TWO = [
    lambda e, x, y: x + y,
    lambda e, x, y: x - y,
    lambda e, x, y: x * y,
    lambda e, x, y: x / y,
    lambda e, x, y: e.tanh(x) * (x - y * x),
]


def steps_with_one(source, x):
    """Return what can be done with ``x``, as functions of an engine and a Value of its shape."""
    number, matrix = float(source.uniform(0.5, 2)), source.uniform(0.5, 2, (2, 3))
    steps = [
        lambda e, x: e.exp(x),
        lambda e, x: e.log(x),
        lambda e, x: e.tanh(x),
        lambda e, x: -x,
        lambda e, x: x**2,
        lambda e, x: x**3,
        lambda e, x: x**0.5,
        lambda e, x: x**-1.5,
        lambda e, x: x**matrix,
        lambda e, x: number + x,
        lambda e, x: x - matrix,
        lambda e, x: 1 - x,
        lambda e, x: matrix * x,
        lambda e, x: x / 3,
        lambda e, x: matrix / x,
        lambda e, x: x.sum(),
        lambda e, x: x.reshape((-1, 1)),
        lambda e, x: x.reshape((-1,)),
    ]
    if x.ndim:
        axis, order = int(source.integers(x.ndim)), source.integers(len(x), size=4)
        steps += [
            lambda e, x: x.sum(axis=axis),
            lambda e, x: x.sum(axis=-1, keepdims=True),
            lambda e, x: x[0],
            lambda e, x: x[..., ::-1],
            lambda e, x: x[order],
            lambda e, x: x[1:],
            lambda e, x: x[:, None],
        ]
    if x.ndim >= 2:
        steps += [lambda e, x: x @ matrix.T, lambda e, x: matrix @ x]
    if x.ndim == 2:
        steps += [lambda e, x: e.transpose(x), lambda e, x: x @ e.transpose(x)] * 2
    return steps


def random_graph(seed, more=()):
    """Return numbers for leaves, and a function that makes a graph of leaves in any engine.

    It gives all values that it makes; the last is a scalar, to which each of them contributes.
    Steps that leave the domain of a function, or small sizes and numbers, are not taken.
    """
    source = np.random.default_rng(seed)
    shapes = source.integers(len(SHAPES), size=3)
    signs = source.choice([-1.0, 1.0, 1.0], size=3)
    leaves = [sign * source.uniform(0.3, 1.8, SHAPES[k])[()] for k, sign in zip(shapes, signs)]
    known, plan = list(leaves), []
    while len(plan) < 10:
        i, j = (int(k) for k in source.integers(len(known), size=2))
        x, y = known[i], known[j]
        if source.integers(2):
            steps, args = steps_with_one(source, x), (i,)
        else:
            products = [lambda e, x, y: x @ y] * 4 if min(x.ndim, y.ndim) >= 2 else []
            steps, args = [*WITH_TWO, *products, *more], (i, j)
        step = steps[source.integers(len(steps))]
        try:
            with np.errstate(all="raise"):
                made = np.asarray(step(NUMPY, *(known[k] for k in args)))[()]
        except (ValueError, IndexError, FloatingPointError):
            continue
        if 0 < made.size < 80 and made.ndim < 4 and 0.01 < abs(made).min() <= abs(made).max() < 10:
            plan.append((step, args))
            known.append(made)
    weights = [source.normal(size=x.shape) for x in known]

    def make(engine, leaves):
        values = list(leaves)
        for step, args in plan:
            values.append(step(engine, *(values[k] for k in args)))
        return [*values, weighted(values, weights)]

    return leaves, make, weights


def weighted(values, weights):
    total = 0.0
    for value, weight in zip(values, weights):
        total = total + (value * value * weight).sum()
    return total


def results(engine, seed, more=()):
    """Return the values, first and second derivatives of a random graph, by what they are."""
    numbers, make, weights = random_graph(seed, more)
    leaves = [engine.Value(x) for x in numbers]
    values = make(engine, leaves)
    slopes = engine.grad(values[-1], leaves, create_graph=True)
    curved = weighted(slopes, weights)
    plain = engine.grad(values[-1], leaves)
    values[-1].backward()
    return {
        "values": bits(values),
        "gradients": bits(plain),
        "gradients of all values": bits([value.grad for value in values]),
        "recorded gradients": bits(slopes),
        "gradients of gradients": bits(engine.grad(curved, leaves)),
    }


def bits(values):
    arrays = [np.asarray(value.data if hasattr(value, "args") else value) for value in values]
    return [(array.shape, array.tobytes()) for array in arrays]


def test_the_page_gives_the_bits_of_the_package_in_both_orders(page):
    for seed in GRAPHS:
        expected, got = results(tg, seed), results(page, seed)
        for what, numbers in expected.items():
            assert numbers == got[what], f"{what} of graph {seed}"


def test_an_exponent_that_is_a_value_gives_the_same_gradient_to_the_bit(page):
    def raised(e, x, y):
        if np.min(x.data if hasattr(x, "args") else x) <= 0:
            raise ValueError("a Value as an exponent wants a positive base")
        return x**y

    more = [raised] * 4 + [lambda e, x, y: 2**x]
    for seed in GRAPHS[::5]:
        expected, got = results(tg, seed, more), results(page, seed, more)
        *first_order, second = expected
        assert [expected[what] for what in first_order] == [got[what] for what in first_order]
        for (shape, mine), (_, theirs) in zip(expected[second], got[second]):
            mine, theirs = (np.frombuffer(x).reshape(shape) for x in (mine, theirs))
            np.testing.assert_allclose(theirs, mine, rtol=1e-9, atol=1e-9)


def test_the_graphs_share_values_and_broadcast():
    shared = stretched = 0
    for seed in GRAPHS:
        numbers, make, _ = random_graph(seed)
        history = tg.history(make(tg, [tg.Value(x) for x in numbers])[-1])
        parents = [x for value in history for x in value.args if isinstance(x, tg.Value)]
        shared += len(parents) > len(set(parents))
        stretched += any(
            x.shape != value.shape
            for value in history
            if value.op is not None and value.op.name in {"add", "subtract", "multiply", "divide"}
            for x in value.args
            if isinstance(x, tg.Value)
        )
    assert len(GRAPHS) == shared
    assert stretched > 0.8 * len(GRAPHS)


# ----- Derivatives that are known -----


def test_derivatives_of_any_order(page):
    for function, derivatives in [
        (lambda x: page.exp(2 * x), [2**n * np.exp(1.4) for n in range(1, 7)]),
        (
            lambda x: 1 / x,
            [(-1) ** n * np.prod(range(1, n + 1)) / 0.7 ** (n + 1) for n in range(1, 7)],
        ),
        (lambda x: x**3, [3 * 0.7**2, 6 * 0.7, 6, 0, 0, 0]),
    ]:
        x = page.Value(0.7)
        y = function(x)
        for expected in derivatives:
            [y] = page.grad(y, [x], create_graph=True)
            np.testing.assert_allclose(y.data, expected, rtol=1e-12, atol=1e-12)


def test_leaves_gather_and_a_second_pass_is_exact(page):
    x = page.Value([1.0, 2.0])
    square = x * x
    loss = square.sum()
    loss.backward()
    loss.backward()
    np.testing.assert_array_equal([4.0, 8.0], x.grad)
    np.testing.assert_array_equal([1.0, 1.0], square.grad)


def test_what_was_not_used_has_the_derivative_zero(page):
    x, unused = page.Value(1.0), page.Value([1.0, 2.0])
    np.testing.assert_array_equal([0.0, 0.0], page.grad(x * x, [unused])[0])


def test_a_long_chain_needs_no_recursion(page):
    x = y = page.Value(0.5)
    for _ in range(20_000):
        y = y + x
    assert [20_001.0] == page.grad(y, [x])


# ----- The page -----


def test_the_page_shows_the_very_text_of_the_example():
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    shown = [line for block in blocks if ">>>" not in block for line in block.splitlines()]
    written = EXAMPLE.read_text(encoding="utf-8").splitlines()
    assert [line for line in written if line] == [line for line in shown if line]


def test_the_example_is_one_page_of_numpy():
    text = EXAMPLE.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    assert ["import numpy as np"] == re.findall(r"^\s*(?:import|from) .*", text, re.MULTILINE)


def test_every_file_that_the_page_names_is_there():
    table = PAGE.rpartition("| --- |")[2]
    names = re.findall(r"`([a-z_/]+\.py)`", table)
    core = {f"core/{path.name}" for path in (ROOT / "tinygrad_mlp" / "core").glob("[a-z]*.py")}
    assert set() == core.difference(names), "a file of core/ that the table does not name"
    for name in names:
        assert (ROOT / "tinygrad_mlp" / name).exists(), name
