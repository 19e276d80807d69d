"""Kinks, edges, and what other frameworks answered wrongly there (named in the comments)."""

import os
import subprocess
import sys

import numpy as np
import pytest

import tinygrad_mlp as tg


def _sinc(x):
    other = tg.where(x.data == 0, 1.0, x)
    return tg.where(x.data == 0, 1.0, tg.sin(other) / other)


MASK = np.array([[True, False], [True, True]])
TABLE = np.arange(20.0).reshape(5, 4)

#: Sentence: function of one Value, where, and its gradient there. The cotangent will be 3, for
#: many a wrong rule is right when it is 1.
QUIET = {
    "relu has slope 0 at 0": (tg.relu, [0.0, -0.0, 2.0], [0, 0, 1]),  # smile, PyTorch
    "abs has slope 0 at 0": (tg.abs, [0.0, -0.0, -2.0], [0, 0, -1]),
    "maximum with 0 shares the tie": (
        lambda x: tg.maximum(x, 0.0),
        [0.0, 2.0],
        [0.5, 1],
    ),  # PyTorch
    "maximum shares a tie": (
        lambda x: tg.maximum(x[0], x[1]),
        [1.0, 1.0],
        [0.5, 0.5],
    ),  # autograd, MyGrad
    "minimum shares a tie": (lambda x: tg.minimum(x[0], x[1]), [1.0, 1.0], [0.5, 0.5]),
    "maximum shares infinite ties": (
        lambda x: tg.maximum(x[0], x[1]),
        [np.inf, np.inf],
        [0.5, 0.5],
    ),
    "max shares ties": (tg.max, [1.0, 3.0, 3.0], [0, 0.5, 0.5]),  # Theano, DeZero
    "min shares ties": (tg.min, [1.0, 1.0, 3.0], [0.5, 0.5, 0]),
    "max shares ties in each row": (
        lambda x: tg.max(x, axis=1),
        [[1.0, 1.0], [0.0, 2.0]],
        [[0.5, 0.5], [0, 1]],
    ),
    "max of a number and itself is that number": (
        lambda x: tg.max(tg.stack([x, x])),
        1.0,
        1,
    ),  # autograd
    "clip has slope 1 at its ends": (  # PyTorch
        lambda x: tg.clip(x, 0.0, 1.0),
        [-0.1, 0.0, 0.5, 1.0, 1.1],
        [0, 1, 1, 1, 0],
    ),
    "clip passes on the cotangent once": (
        lambda x: tg.mean(tg.clip(x, 0, 1)),
        [0.5, 2.0],
        [0.5, 0],
    ),  # Nx
    "the norm has gradient 0 at 0": (tg.norm, [0.0, 0.0], [0, 0]),  # autograd, PyTorch
    "a row of zeros has gradient 0 in a norm": (
        lambda x: tg.norm(x, axis=1),
        [[0.0, 0.0], [3.0, 4.0]],
        [[0, 0], [0.6, 0.8]],
    ),
    "the square of the norm is smooth at 0": (lambda x: tg.norm(x) ** 2, [0.0, 0.0], [0, 0]),  # JAX
    "the sum of squares is smooth at 0": (lambda x: tg.sum(x * x), [0.0, 2.0], [0, 4]),
    "the spread of a constant has gradient 0": (tg.std, [2.0, 2.0, 2.0], [0, 0, 0]),  # PyTorch
    "the variance of a constant has gradient 0": (tg.var, [2.0, 2.0], [0, 0]),
    "x**0 is constant": (
        lambda x: x**0,
        [0.0, -2.0, np.inf, -np.inf],
        [0, 0, 0, 0],
    ),  # micrograd, tinygrad
    "x**1 has slope 1": (lambda x: x**1, [0.0, -2.0], [1, 1]),
    "x**2 has slope 2x": (lambda x: x**2, [0.0, -2.0, 3.0], [0, -4, 6]),
    "x**3 has slope 3x**2": (lambda x: x**3.0, [0.0, -2.0], [0, 12]),
    "x**-3 has slope -3x**-4": (lambda x: x**-3, [-2.0], [-0.1875]),  # micrograd
    "x**[0, 1, 2] has slopes 0, 1, 2x at 0": (
        lambda x: x ** np.arange(3.0),
        [0.0, 0, 0],
        [0, 1, 0],
    ),
    "0**y is constant": (lambda y: tg.power(0.0, y), [0.5, 1.0, 2.0], [0, 0, 0]),  # autograd
    "2**y has slope log(2) * 2**y": (lambda y: 2**y, [3.0], [5.545177444479562]),  # micrograd
    "a power has a share by its base and one by its exponent": (  # micrograd
        lambda x: x[0] ** x[1],
        [2.0, 3.0],
        [12, 5.545177444479562],
    ),
    "x**x has both shares": (lambda x: x**x, [1.0, 2.0], [1, 4 * (1 + np.log(2))]),
    "a product of one zero has slope 1": (tg.prod, [0.0], [1]),  # autograd
    "a product with one zero": (tg.prod, [0.0, 2.0, 3.0], [6, 0, 0]),  # tinygrad, PyTorch
    "a product with two zeros": (tg.prod, [0.0, 0.0, 3.0], [0, 0, 0]),
    "a product along the only axis": (lambda x: tg.prod(x, axis=0), [0.0], [1]),  # PyTorch
    "products of columns with zeros": (
        lambda x: tg.prod(x, axis=0),
        [[0.0, 2.0], [5.0, 0.0]],
        [[5, 0], [0, 2]],
    ),
    "the branch not taken has no slope": (
        lambda x: tg.where(x < 1, x, tg.sqrt(x)),
        [0.0],
        [1],
    ),  # JAX
    "nor has a division by zero in it": (_sinc, [0.0], [0]),  # JAX
    "an index that repeats adds up": (lambda x: x[[0, 0]], [1.0, 2.0], [2, 0]),  # autograd
    "negative indices count from the end": (
        lambda x: x[np.array([-1, 2, 0])],
        [1.0, 2, 3],
        [1, 0, 2],
    ),  # NumPy
    "broadcasting four times counts four times": (  # autograd
        lambda x: tg.broadcast_to(x, (4, 3)),
        [1.0, 1.0, 1.0],
        [4, 4, 4],
    ),
    "a stretched axis is summed": (lambda x: x * TABLE, [2.0], [190]),  # PyTorch
    "a stretched partner is repeated": (
        lambda x: x * np.array([2.0]),
        [1.0, 1.0],
        [2, 2],
    ),  # autograd
    "einsum repeats an axis of length 1": (  # autograd
        lambda x: np.einsum("i,i", x, [2.0]),
        [1.0, 1.0],
        [2, 2],
    ),
    "einsum sums over what it stretched": (
        lambda x: np.einsum("i,i", [1.0, 2.0], x),
        [2.0],
        [3],
    ),
    "where sums over what it stretched": (  # autograd
        lambda x: tg.where(MASK, x, 0.0) * np.array([[1.0, 2.0], [3.0, 4.0]]),
        [1.0, 1.0],
        [4, 4],
    ),
    "a mean over no axis is no mean": (
        lambda x: tg.mean(x, axis=()),
        [1.0, 2.0],
        [1, 1],
    ),  # PyTorch
    "moving all numbers moves no distance from their mean": (  # PyTorch
        lambda x: x - tg.mean(x),
        [1.0, 2.0, 3.0, 4.0],
        [0, 0, 0, 0],
    ),
    "every path to a number counts": (
        lambda x: tg.exp(x) + x,
        [1.0],
        [np.e + 1],
    ),  # micrograd lecture
    "parents wait for all their children": (lambda x: (x + x) + (x + x), [1.0], [4]),  # micrograd
    "the logistic function does not overflow": (tg.sigmoid, [-1000.0, 1000.0], [0, 0]),  # TinyTorch
    "its slope does not either": (tg.sigmoid, [-125.0], [5.166420632837861e-55]),  # snnTorch
    "a minus infinite exponent has no share": (tg.logsumexp, [-np.inf, 0.0], [0, 1]),
    "log softmax of distant numbers": (tg.log_softmax, [0.0, -1000.0], [-1, 1]),
    "certain probabilities have a finite slope": (
        lambda p: tg.binary_cross_entropy([0.0, 1.0], p),
        [0.0, 1.0],
        [0.5, -0.5],
    ),
}

#: The same, where the numbers are infinite or undefined on the way, and NumPy says so.
LOUD = {
    "sqrt is infinitely steep at 0": (tg.sqrt, [0.0], [np.inf]),
    "log is infinitely steep at 0": (tg.log, [0.0], [np.inf]),
    "x**0.3 at 0 and at both infinities": (  # tinygrad
        lambda x: x**0.3,
        [0.0, -np.inf, np.inf],
        [np.inf, 0, 0],
    ),
    "0**-1 is infinite and so is its slope": (lambda x: x**-1, [0.0], [-np.inf]),
    "a power of negatives has a slope by its base only": (  # micrograd
        lambda x: x[0] ** x[1],
        [-2.0, -3.0],
        [-0.1875, np.nan],
    ),
    "a negative base has no slope by its exponent": (  # micrograd
        lambda y: tg.power(-2.0, y),
        [-3.0],
        [np.nan],
    ),
    "a fractional power of a negative is nan": (
        lambda x: x ** (1 / 3),
        [-8.0],
        [np.nan],
    ),  # micrograd
    "x / |x| is undefined at 0": (lambda x: x / tg.abs(x), [0.0], [np.nan]),  # PyTorch
    # The product rule meets 0 * inf: x**1.5 is the spelling that is smooth.
    "x * sqrt(x) is undefined at 0": (lambda x: x * x**0.5, [0.0], [np.nan]),  # autograd
    "where takes no nan from the other branch": (  # autograd
        lambda x: tg.where(x >= 0, x, tg.sqrt(-x)),
        [1.0],
        [1],
    ),
    "where takes no infinity from the other branch": (  # PyTorch
        lambda x: tg.where(x <= 0, tg.exp(x), 1 + x),
        [1000.0, -1.0],
        [1, np.exp(-1)],
    ),
    "where takes nothing through a reduction": (
        lambda x: tg.where([True, False], tg.logsumexp(x, axis=1), 0.0),
        [[0.0, 0.0], [-np.inf, np.nan]],
        [[0.5, 0.5], [0, 0]],
    ),
    "where takes nothing through a reduction that keeps its axes": (
        lambda x: tg.where([[True], [False]], tg.logsumexp(x, axis=1, keepdims=True), 0.0),
        [[0.0, 0.0], [-np.inf, np.nan]],
        [[0.5, 0.5], [0, 0]],
    ),
    "where takes nothing through a product": (
        lambda x: tg.where(False, tg.prod(x), tg.sum(x)),
        [np.inf, 2.0],
        [1, 1],
    ),
    "where takes nothing through a matrix product": (
        lambda x: tg.where(False, tg.sum(x @ x), tg.sum(x)),
        [[np.inf, 1.0], [np.nan, 1.0]],
        [[1, 1], [1, 1]],
    ),
    "where hides no infinity of the branch taken": (
        lambda x: tg.where([[True, True], [False, True]], tg.sqrt(x.T), 0.0),
        [[0.0, 1.0], [0.0, 1.0]],
        [[np.inf, 0], [np.inf, 0.5]],
    ),
    "a masked quotient": (  # JAX
        lambda x: tg.where(x.data != 0, 1 / x, 0.0),
        [0.0, 2.0],
        [0, -0.25],
    ),
    "an undefined length has an undefined gradient": (tg.norm, [np.nan, 1.0], [np.nan, np.nan]),
    "an impossible class that is not true has no slope": (
        lambda z: tg.softmax_cross_entropy([[0.0, 1.0], [0.0, 1.0]], z),
        [[-np.inf, 0.0], [0.0, 0.0]],
        [[0, 0], [0.25, -0.25]],
    ),
    "an infinite side is the length": (lambda x: tg.hypot(x[0], x[1]), [np.inf, 1.0], [1, 0]),
    "of two infinite sides each is": (
        lambda x: tg.hypot(x[0], x[1]),
        [np.inf, -np.inf],
        [np.sqrt(0.5), -np.sqrt(0.5)],
    ),
    "an infinite element is the length": (tg.norm, [1.0, -np.inf, 0.0], [0, -1, 0]),
    "a length that overflows has a direction": (
        tg.norm,
        [1.7e308, -1.7e308],
        [np.sqrt(0.5), -np.sqrt(0.5)],
    ),
    "so has a triangle": (
        lambda x: tg.hypot(x[0], x[1]),
        [-1.7e308, 1.7e308],
        [-np.sqrt(0.5), np.sqrt(0.5)],
    ),
    "the angle to what is infinitely far does not change": (
        lambda x: tg.arctan2(x[0], x[1]),
        [0.0, np.inf],
        [0, 0],
    ),
}


@pytest.mark.parametrize("sentence", QUIET)
def test_at_an_edge(sentence):
    function, x, wanted = QUIET[sentence]
    with np.errstate(all="raise", under="ignore"):
        value = tg.Value(x)
        out = function(value)
        for create_graph in (False, True):
            got = tg.grad(out, value, np.full(out.shape, 3.0), create_graph=create_graph)
            assert got.shape == value.shape
            np.testing.assert_allclose(getattr(got, "data", got), 3 * np.array(wanted), rtol=1e-15)


@pytest.mark.parametrize("sentence", LOUD)
def test_at_an_infinite_edge(sentence):
    function, x, wanted = LOUD[sentence]
    with np.errstate(all="ignore"):
        value = tg.Value(x)
        out = function(value)
        for create_graph in (False, True):
            got = tg.grad(out, value, np.full(out.shape, 3.0), create_graph=create_graph)
            np.testing.assert_allclose(getattr(got, "data", got), 3 * np.array(wanted), rtol=1e-15)


def test_no_gradient_of_any_order_passes_a_stop():
    x = tg.Value([3.0, -2.0])
    out = tg.sum(x * tg.stop_gradient(x) * x)
    first = tg.grad(out, x, create_graph=True)
    assert first.data.tolist() == [18, 8]
    assert tg.grad(tg.sum(first), x).tolist() == [6, -4]
    assert tg.grad(tg.stop_gradient(x), x, [1.0, 1.0]).tolist() == [0, 0]


def test_derivatives_of_the_bell_curve_are_hermite_polynomials():  # autograd: -0, -2, nan, nan
    x = tg.Value(0.0)
    derivative = tg.exp(-(x**2))
    found = []
    for _ in range(6):
        derivative = tg.grad(derivative, x, create_graph=True)
        found.append(derivative.item())
    assert found == [0, -2, 0, 12, 0, -120]


def test_more_ties_than_half_precision_can_count_still_share():  # tinygrad: all zero
    x = tg.Value(np.ones(70_000, np.float16))
    found = tg.grad(tg.max(x), x)
    assert found.dtype == np.float16
    assert np.array_equal(found, np.full(70_000, np.float16(1 / 70_000)))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize(
    "function",
    [
        lambda x: tg.maximum(x, 3.1),  # tinygrad: float32
        lambda x: tg.sum(tg.maximum(x, 1)),  # autograd: float64
        lambda x: tg.sum(x**2),  # autograd: float64
        lambda x: tg.where(x.data > 0, x, 0.0),
        lambda x: 1 + 2 * x - 3 / x**2,
        lambda x: x * True + np.array([True, False]),
        lambda x: tg.sigmoid(x) * 0.5 + tg.softplus(x),
        lambda x: tg.var(x) + tg.std(x, ddof=1) + tg.norm(x) + tg.logsumexp(x),
        lambda x: tg.mse(x, 0.5 * x) + tg.half_squared_error(x, x),
    ],
)
def test_pythons_numbers_do_not_widen(function, dtype):
    x = tg.Value(np.array([1.0, 2.0], dtype))
    out = function(x)
    assert out.dtype == dtype
    assert tg.grad(out, x, np.ones(out.shape)).dtype == dtype


def test_numpys_scalars_do_widen():
    x = tg.Value(np.ones(2, np.float32))
    for constant in (np.float64(1.0), np.ones(2)):
        assert (x * constant).dtype == np.float64
        assert tg.where([True, False], x, constant).dtype == np.float64


def test_nan_in_nan_out():
    for name, op in tg.OPS.items():
        if name == "where" or not (op.elementwise or "keepdims" in op.options):
            continue  # what was not chosen has no say
        rest = [0.0, 1.0] if name == "clip" else [0.5] * (len(op.parameters) - 1)
        numbers = [np.nan, max(op.domain[0], 0.0) + 0.25]
        assert np.isnan(op(numbers, *rest)).any(), name
        assert np.isnan(op(tg.Value(numbers), *rest).data).any(), name


#: Arguments of which a row is a multiple, so that its derivative does not depend on them.
STRAIGHT = {
    ("add", 0): "01",
    ("add", 1): "01",
    ("subtract", 0): "01",
    ("subtract", 1): "01",
    ("negative", 0): "0",
    ("copy", 0): "0",
    ("astype", 0): "0",
    ("multiply", 0): "0",
    ("multiply", 1): "1",
    ("divide", 0): "0",
    ("divide_or_zero", 0): "0",
    ("remainder", 0): "0",
    ("remainder", 1): "0",
    ("fmod", 0): "0",
    ("fmod", 1): "0",
    ("xlogy", 0): "0",
}


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, op in tg.OPS.items()
        if op.elementwise and name not in ("stop_gradient", "where") and any(op.vjps)
    ],
)
def test_a_nan_makes_every_slope_of_a_number_nan(name):
    op = tg.OPS[name]
    for place in range(len(op.parameters)):
        numbers = [max(op.domain[0], 0.0) + 0.25 + k for k in range(len(op.parameters))]
        numbers[place] = np.nan
        values = [tg.Value(x) for x in numbers]
        with np.errstate(all="raise"):
            slopes = tg.grad(op(*values), values)
        finite = "".join(str(k) for k, slope in enumerate(slopes) if not np.isnan(slope))
        assert finite == STRAIGHT.get((name, place), "")


@pytest.mark.parametrize("compiled", [False, True])
def test_of_several_elements_those_that_are_nan_share_the_slope(compiled):
    x = np.array([1.0, np.nan, 2.0, np.nan])
    for function, wanted in (
        (tg.max, [0, 0.5, 0, 0.5]),
        (tg.min, [0, 0.5, 0, 0.5]),
        (lambda x: tg.sum(tg.sort(x) * np.arange(4.0)), [0, 2, 1, 3]),
        (lambda x: tg.sum(tg.relu(x) + tg.clip(x, 0.0, 1.5)), [2, np.nan, 1, np.nan]),
        (lambda x: tg.sum(tg.maximum(x, 1.5)), [0, np.nan, 1, np.nan]),
        (lambda x: tg.sum(tg.minimum(1.5, x)), [1, np.nan, 0, np.nan]),
    ):
        slopes = tg.grad(function)
        found = (tg.compile(slopes) if compiled else slopes)(x)
        np.testing.assert_array_equal(found, wanted)


#: At a kink the slope is chosen, and is taken to stay so: the second derivative is 0.
KINKS = {
    "relu": (tg.relu, 0.0),
    "abs": (tg.abs, 0.0),
    "maximum": (lambda x: tg.maximum(x, 1.0), 1.0),
    "minimum": (lambda x: tg.minimum(x, 1.0), 1.0),
    "clip": (lambda x: tg.clip(x, 0.0, 1.0), 1.0),
    "hypot": (lambda x: tg.hypot(x, 0.0), 0.0),
    "norm": (lambda x: tg.norm(tg.stack([x, 2.0 * x])), 0.0),
    "std": (lambda x: tg.std(tg.stack([x, 1.0, 1.0])), 1.0),
    "the square of a norm": (lambda x: tg.norm(tg.stack([x, 2.0 * x])) ** 2, 0.0),
    "the square of abs": (lambda x: tg.abs(x) ** 2, 0.0),
    "the square of hypot": (lambda x: tg.hypot(x, 0.0) ** 2, 0.0),
}


@pytest.mark.parametrize("name", KINKS)
def test_at_a_kink_second_derivatives_see_the_chosen_slope_as_constant(name):
    function, kink = KINKS[name]
    slope = tg.grad(function)(kink)
    with np.errstate(all="raise"):
        second, third = (
            tg.grad(tg.grad(function))(kink),
            tg.grad(tg.grad(tg.grad(function)))(kink),
        )
    assert second == (2.0 * slope * slope if "square" in name else 0.0) == third == 0.0


def test_smooth_spellings_have_the_second_derivative_of_what_they_are():
    z = np.zeros(2)
    assert tg.hessian(lambda z: tg.sum(z * z))(z).tolist() == [[2, 0], [0, 2]]
    assert tg.hessian(lambda z: tg.norm(z) ** 2)(z).tolist() == [[0, 0], [0, 0]]
    assert tg.hessian(tg.var)(z).tolist() == [[0.5, -0.5], [-0.5, 0.5]]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_more_numbers_than_half_precision_can_count_have_a_mean(dtype):
    count = 70_000
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, count, 1)).astype(dtype)
    p = (0.25 + 0.5 * (x > 0)).astype(dtype)
    both = np.concatenate([p, 1 - p], 1)
    X, Y, P = x.astype(float), y.astype(float), p.astype(float)
    exact = {
        tg.mean: np.full(x.shape, 1 / count),
        tg.var: 2 * (X - X.mean()) / count,
        tg.std: (X - X.mean()) / X.std() / count,
        tg.norm: X / np.sqrt(np.sum(X**2)),
        (lambda x: tg.mse(y, x)): (X - Y) / count,
        (lambda x: tg.mse(x, y)): (X - Y) / count,
        (lambda x: tg.sum(tg.mse_gradient(y, x) * p)): P / count,
        (lambda x: tg.softmax_cross_entropy(both, tg.concatenate([x, 0 * x], 1))): (
            (1 / (1 + np.exp(-X)) - P) / count
        ),
    }
    for function, wanted in exact.items():
        value, found = tg.value_and_grad(function)(x)
        assert np.isfinite(value)
        assert found.dtype == dtype
        bound, least = (4e-3, 6e-8) if dtype is np.float16 else (1e-5, 0.0)
        assert np.abs(found - wanted).max() <= bound * np.abs(wanted).max() + least
    bce = tg.grad(lambda p: tg.binary_cross_entropy(0 * y, p))(p)
    np.testing.assert_allclose(bce, 1 / (1 - P) / count, rtol=4e-3)


def test_the_mean_of_nothing_has_a_gradient_of_no_elements():
    x = tg.Value(np.zeros((0, 3)))
    with pytest.warns(RuntimeWarning, match="Mean of empty"), np.errstate(invalid="ignore"):
        out = tg.mean(x)
    assert tg.grad(out, x).shape == (0, 3)


def test_a_tie_near_the_largest_number_of_half_precision_does_not_overflow():  # tinygrad
    x = tg.Value(np.float16([60_000.0]))
    with np.errstate(all="raise"):
        out = tg.maximum(x, x)
    assert out.item() == 60_000
    assert tg.grad(out, x, [1.0]) == 1


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.int32, np.int64])
def test_an_index_of_any_type_and_length_adds_up(dtype):  # NumPy
    x = tg.Value([1.0, 2.0])
    for index, wanted in [(1, [0, 9000]), (0, [9000, 0])]:
        assert tg.grad(tg.sum(x[np.full(9000, index, dtype)]), x).tolist() == wanted
    if dtype != np.uint8:
        assert tg.grad(tg.sum(x[np.full(9000, -2, dtype)]), x).tolist() == [9000, 0]


def test_what_does_not_fit_at_an_index_is_refused():  # NumPy: a crash
    for kind in (np.asarray, tg.Value):
        with pytest.raises(ValueError, match="place: could not broadcast"):
            tg.place(kind(np.ones((2, 3, 4))), index=(slice(None), 0), shape=(4, 2))
    x = tg.Value(np.ones((4, 2)))
    with pytest.raises(ValueError, match=r"gradient has shape \(2, 3, 4\), wanted"):
        x[:, 0].backward(np.ones((2, 3, 4)))


def test_a_column_of_targets_is_not_stretched_to_a_table():  # PyTorch
    for loss in (tg.mse, tg.half_squared_error, tg.binary_cross_entropy):
        with pytest.raises(ValueError, match=r"\(3, 1\) and \(3,\); reshape one"):
            loss(np.ones((3, 1)), tg.Value(np.full(3, 0.5)))


def test_a_result_that_a_rule_needs_cannot_be_changed():  # PyTorch
    a = tg.Value([1.0, 2.0])
    b = tg.sigmoid(a)
    with pytest.raises(TypeError, match="in-place assignment"):
        b[1] = 2.0
    with pytest.raises(ValueError, match="read-only"):
        b.data[1] = 2.0
    x = a
    x += b  # a new value, whose graph holds both
    tg.sum(x).backward()
    np.testing.assert_allclose(a.grad, 1 + tg.sigmoid_prime(a.data))
    assert a.data.tolist() == [1, 2]


def test_replacing_nan_afterwards_lets_no_nan_through():  # JAX gives nan
    x, y = tg.Value([1.0, 0.0, 2.0]), tg.Value([0.0, 0.0, 4.0])
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.nan_to_num(x / y, nan=5.0, posinf=7.0)
    np.testing.assert_array_equal(found.data, [7.0, 5.0, 0.5])
    by_x, by_y = tg.grad(found, [x, y], [1.0, 10.0, 100.0])
    np.testing.assert_array_equal(by_x, [0.0, 0.0, 25.0])
    np.testing.assert_array_equal(by_y, [0.0, 0.0, -12.5])


@pytest.mark.parametrize("name", [name for name, op in tg.OPS.items() if op.elementwise])
def test_infinities_go_through_every_row_as_through_numpy(name):
    op = tg.OPS[name]
    numbers = np.array([np.inf, -np.inf, 0.0, -0.0, np.nan, 1e308, 5e-324, -2.0])
    for shift in range(len(numbers) if len(op.parameters) > 1 else 1):
        args = [np.roll(numbers, shift * place) for place in range(len(op.parameters))]
        if name == "where":
            args[0] = args[0] > 0
        seen = {"values": [], "arrays": []}
        with np.errstate(all="call"):
            for kind, told in seen.items():
                values = args if kind == "arrays" else [tg.Value(x) for x in args]
                with np.errstate(call=lambda what, _, told=told: told.append(what)):
                    found = op(*(args[:1] if name == "where" else []), *values[name == "where" :])
                seen[kind] = (getattr(found, "data", found), told)
        np.testing.assert_array_equal(seen["values"][0], seen["arrays"][0])
        assert seen["values"][1] == seen["arrays"][1]


def test_overflow_is_told():
    for kind in (np.asarray, tg.Value):
        with np.errstate(over="warn"), pytest.warns(RuntimeWarning, match="overflow"):
            tg.exp(kind([1000.0]))


@pytest.mark.parametrize(("scale", "under"), [(1.0, "raise"), (1e3, "ignore")])
def test_a_network_trains_where_every_warning_of_numpy_is_an_error(scale, under):
    x, y = tg.datasets.xor()
    with np.errstate(all="raise", under=under):  # what is far out may vanish
        network = tg.Network(verbose=False)
        network.add(tg.FullyConnectedLayer(2, 3, rng=1))
        network.add(tg.ActivationLayer("tanh"))
        network.add(tg.FullyConnectedLayer(3, 1, rng=2))
        network.add(tg.ActivationLayer("sigmoid"))
        network.fit(scale * x, y, epochs=200, learning_rate=1.0, rng=3)
    assert all(np.isfinite(parameter.data).all() for parameter in network.parameters())


def test_a_drawing_changes_nothing_and_shows_gradients_if_there_are_any():
    x = tg.Value([1.0, 2.0], label="x")
    y = tg.sum(x * x)
    before = tg.draw(y).source
    assert before == tg.draw(y).source
    y.backward()
    assert x.grad.tolist() == [2, 4]
    after = tg.draw(y).source
    assert before != after == tg.draw(y).source
    assert x.grad.tolist() == [2, 4]
    assert tg.grad(y, x).tolist() == [2, 4]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_forked_workers_share_numpys_stream_and_have_their_own_with_rng():
    program = """
import os, sys
import numpy as np
import tinygrad_mlp as tg
np.random.seed(0)
for worker in range(2):
    if os.fork() == 0:
        shared, own = tg.FullyConnectedLayer(1, 1), tg.FullyConnectedLayer(1, 1, rng=worker)
        print(*shared.weights.ravel(), *own.weights.ravel(), flush=True)
        os._exit(0)
    os.wait()
"""
    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    ).stdout
    (first, its_own), (second, another) = (line.split() for line in output.splitlines())
    assert first == second
    assert its_own != another
