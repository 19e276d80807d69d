"""Tests of vmap: it gives what a loop gives, with derivatives of any order."""

from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.oracles import SLOPED, calls

RNG = np.random.default_rng(5)
X = RNG.normal(size=(4, 3))
W = RNG.normal(size=(3, 2))


def looped(f, *args):
    return np.stack([f(*each) for each in zip(*args, strict=True)])


@pytest.mark.parametrize("name", SLOPED)
def test_every_row_and_its_gradient_is_that_of_a_loop(name):
    for call in calls(name):

        def f(*args, call=call):
            out = call.op(*args, **call.options)
            return tg.sum(out * call.cotangent), out

        several = [np.stack([x, x * 1.1 if x.dtype != bool else x]) for x in call.arguments]
        places = tuple(call.places)
        slope = tg.grad(f, places, has_aux=True)
        found, out = tg.vmap(slope)(*several)
        for k in range(2):
            wanted, single = slope(*(x[k] for x in several))
            np.testing.assert_allclose(out[k], single, rtol=1e-10, atol=1e-12)
            for a, b in zip(found, wanted, strict=True):
                assert a.dtype == b.dtype
                np.testing.assert_allclose(a[k], b, rtol=1e-10, atol=1e-12)


def model(p, x):
    hidden = tg.tanh(x @ p["W"] + p["b"])
    return tg.sum(hidden**2) * tg.max(x), hidden


def test_gradients_for_each_example_and_their_derivatives():
    p = {"W": W, "b": np.array([0.5, -1.0])}
    per_example = tg.vmap(tg.grad(lambda p, x: model(p, x)[0]), in_axes=(None, 0))
    found = per_example(p, X)
    for k, x in enumerate(X):
        wanted = tg.grad(lambda p, x=x: model(p, x)[0])(p)
        for name in p:
            np.testing.assert_allclose(found[name][k], wanted[name], rtol=1e-12)

    def penalty(p):
        return tg.sum(per_example(p, X)["W"] ** 2)

    def by_loop(p):
        return sum(tg.sum(tg.grad(lambda p, x=x: model(p, x)[0])(p)["W"] ** 2) for x in X)

    for transform in (tg.grad, lambda f: tg.compile(tg.grad(f))):
        found, wanted = transform(penalty)(p), tg.grad(by_loop)(p)
        for name in p:
            np.testing.assert_allclose(found[name], wanted[name], rtol=1e-10)


@given(st.integers(-2, 1), st.integers(-2, 1), st.integers(-3, 2))
def test_axes_go_where_they_are_wanted(first, second, out):
    x, y = RNG.normal(size=(2, 4, 4))
    found = tg.vmap(lambda a, b: tg.outer(a, tg.sin(b)), (first, second), out)(x, y)
    rows = zip(np.moveaxis(x, first, 0), np.moveaxis(y, second, 0), strict=True)
    wanted = np.moveaxis(np.stack([np.outer(a, np.sin(b)) for a, b in rows]), 0, out)
    np.testing.assert_allclose(found, wanted, rtol=1e-14)
    assert found.flags.writeable


def test_structures_of_axes_and_outputs():
    def f(p, x, *, scale):
        return {"sum": p["a"] + x[0] * scale, "same": p["b"] * 2.0, "word": "w", "n": 3.0}

    found = tg.vmap(f, ({"a": 1, "b": None}, 0), {"sum": -1, "same": None, "word": 0, "n": 0})(
        {"a": W.T, "b": 5.0}, (np.ones((3, 2)),), scale=np.array([1.0, 10.0, 100.0])
    )
    np.testing.assert_allclose(found["sum"], (W + np.array([[1.0], [10.0], [100.0]])).T)
    assert (10.0, "w") == (found["same"], found["word"])
    np.testing.assert_array_equal([3.0] * 3, found["n"])


def test_it_nests_and_goes_into_other_transforms():
    table = tg.vmap(tg.vmap(lambda a, b: tg.exp(a) * b, (None, 0)), (0, None))
    x, y = RNG.normal(size=3), RNG.normal(size=4)
    np.testing.assert_allclose(table(x, y), np.exp(x)[:, None] * y, rtol=1e-14)
    np.testing.assert_allclose(
        tg.grad(lambda x: tg.sum(table(x, y)))(x), np.exp(x) * y.sum(), rtol=1e-13
    )
    hessians = tg.vmap(tg.hessian(lambda x: tg.sum(tg.sin(x)) ** 2))(X)
    wanted = looped(tg.hessian(lambda x: tg.sum(tg.sin(x)) ** 2), X)
    np.testing.assert_allclose(hessians, wanted, rtol=1e-12, atol=1e-14)
    tangent = tg.jvp(tg.vmap(lambda x: x @ W), X, X)[1]
    np.testing.assert_allclose(tangent, X @ W, rtol=1e-13)
    inside = tg.vmap(tg.jacobian(lambda x: tg.tanh(x @ W)))(X)
    np.testing.assert_allclose(inside, looped(tg.jacobian(lambda x: tg.tanh(x @ W)), X), rtol=1e-12)


def test_values_around_the_function_get_their_gradients():
    w = tg.Value(W)
    out = tg.vmap(lambda x: tg.sum(tg.tanh(x @ w)))(X)
    assert isinstance(out, tg.Value)
    found = tg.grad(out, w, np.arange(4.0))
    wanted = tg.grad(lambda w: sum(k * tg.sum(tg.tanh(X[k] @ w)) for k in range(4)))(W)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0,), (1, 0, 3), (2, 3)])
@pytest.mark.parametrize("size", [0, 1, 3])
def test_shapes_and_types_are_those_of_a_loop(size, shape, dtype):
    x = np.asfortranarray(RNG.normal(size=(size, *shape)).astype(dtype))
    x.setflags(write=False)
    found, total = tg.vmap(lambda x: (tg.sin(x) * 2, tg.sum(x)))(x)
    assert ((size, *shape), (size,), dtype) == (found.shape, total.shape, found.dtype)
    np.testing.assert_array_equal(np.sin(x) * 2, found)
    (slope,) = tg.vjp(tg.vmap(tg.sin), x)[1](np.ones_like(x))
    np.testing.assert_array_equal(np.cos(x), slope)


def test_what_the_package_does_not_know_is_called_example_by_example():
    calls = []

    @tg.custom_vjp(lambda g, out, x: (g * 2.0 * x,))
    def squared(x):
        calls.append(x.shape)
        return x * x

    @tg.operation(lambda g, out, x: g - tg.sum(g) / g.size)
    def centered(x):
        return x - x.mean()

    found = tg.vmap(tg.grad(lambda x: tg.sum(squared(x) * x)))(X)
    np.testing.assert_allclose(found, 3 * X**2, rtol=1e-14)
    assert {(3,)} == set(calls)
    wanted = X - X.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(tg.vmap(centered)(X), wanted, rtol=1e-14, atol=1e-16)
    np.testing.assert_allclose(tg.vmap(tg.checkpoint(tg.sin))(X), np.sin(X), rtol=1e-15)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_branch_on_the_numbers_of_an_example_is_refused(compiled):
    for f in (lambda x: x if x > 0 else -x, lambda x: x * float(x), lambda x: x * x.data):
        g = tg.vmap(f)
        with pytest.raises(tg.TraceError, match="numbers of"):
            (tg.compile(g) if compiled else g)(np.array([1.0, -1.0]))
    found = tg.vmap(lambda x: tg.where(x > 0, x, -2.0 * x))(np.array([1.0, -1.0]))
    np.testing.assert_array_equal([1.0, 2.0], found)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tg.vmap(3), TypeError, "vmap: f must be a function"),
        (lambda: tg.vmap(tg.sin)(1.0), ValueError, r"in_axes is 0 for an argument of shape \(\)"),
        (lambda: tg.vmap(tg.sin, 2)(X), ValueError, r"in_axes is 2 for an argument of shape"),
        (lambda: tg.vmap(tg.add)(X, W), ValueError, r"one length, got 4 \(axis 0 of .*and 3"),
        (lambda: tg.vmap(tg.add, (0,))(X, X), ValueError, "each of the 2 positional arguments"),
        (lambda: tg.vmap(tg.add, "x")(X, X), ValueError, "in_axes must be an int, None"),
        (lambda: tg.vmap(tg.sin, None)(X), ValueError, "nothing is mapped"),
        (lambda: tg.vmap(tg.sin, 0, None)(X), ValueError, "out_axes is None for an output"),
        (lambda: tg.vmap(tg.sin, 0, 2)(X), ValueError, "out_axes is 2, but the output has 2 axes"),
        (lambda: tg.vmap(tg.sin, 0, (0, 0))(X), ValueError, "out_axes must be ints and None"),
        (lambda: tg.vmap(tg.sin)("x"), TypeError, "vmap: an argument must be made of real"),
        (lambda: tg.vmap(lambda p: p["a"], [{"b": 0}])({"a": X}), ValueError, "in_axes must be"),
    ],
)
def test_misuse_is_told(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_batch_takes_less_time_than_a_loop():
    x = RNG.normal(size=(200, 3))
    slope = tg.grad(lambda x: tg.sum(tg.tanh(x @ W)))
    times = [], []
    for _ in range(5):
        for each, f in zip(times, (tg.vmap(slope), lambda x: looped(slope, x)), strict=True):
            start = perf_counter()
            f(x)
            each.append(perf_counter() - start)
    assert min(times[0]) < 0.3 * min(times[1])


@pytest.mark.parametrize("thing", [object(), {1, 2}, np.array([None])])
def test_what_no_array_can_be_made_of_is_refused_as_an_output(thing):
    with pytest.raises(TypeError, match="vmap: what f returns must be arrays, numbers and texts"):
        tg.vmap(lambda x: (x, thing))(np.ones(3))
