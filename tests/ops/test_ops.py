"""Every row of the table against differences and against NumPy."""

import doctest
import inspect
import math
import operator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import tinygrad_mlp as tg
from tests.matrices import SLOWLY
from tests.oracles import SLOPED, calls, relative_error, slope
from tinygrad_mlp import errors, kernels, ops
from tinygrad_mlp.core import backward, functions, op, operators, record, relatives
from tinygrad_mlp.core import value as value_module
from tinygrad_mlp.core.functions import FUNCTIONS

COMPOSITES = {name: f for name, f in FUNCTIONS.items() if not isinstance(f, tg.Op)}

every_row = pytest.mark.parametrize("name", tg.OPS)
every_sloped_row = pytest.mark.parametrize("name", SLOPED)


def gradient(function, *numbers, seed=None):
    """Gradient of a function of Values by all of them, or by the only one."""
    values = [tg.Value(x) for x in numbers]
    out = function(*values)
    found = tg.grad(out, values, np.ones(out.shape) if seed is None else seed)
    return found[0] if len(found) == 1 else found


def same(got, wanted) -> bool:
    """Whether two arrays have one type, one shape and the same numbers, nan included."""
    got, wanted = np.asarray(got), np.asarray(wanted)
    return got.dtype == wanted.dtype and np.array_equal(got, wanted, equal_nan=True)


# ----- Every row: gradients -----


@every_sloped_row
def test_the_gradient_agrees_with_differences(name):
    errors = {repr(call): call.error() for call in calls(name)}
    assert {call: error for call, error in errors.items() if error > 1e-11} == {}


@every_sloped_row
def test_the_second_derivative_agrees_with_differences(name):
    for call in calls(name):
        _, values, out = call.values()
        upstream = tg.Value(call.cotangent)
        firsts = tg.grad(out, values, upstream, create_graph=True)
        pairs = zip(call.places, firsts, strict=True)
        along = tg.Value(0.0) + sum(tg.sum(first * call.directions[i]) for i, first in pairs)
        *seconds, by_upstream = tg.grad(along, [*values, upstream])
        pairs = zip(call.places, seconds, strict=True)
        curvature = sum(np.sum(second * call.others[i]) for i, second in pairs)
        assert relative_error(curvature, call.curvature) < 1e-8, call
        assert relative_error(by_upstream, slope(call.moved)) < 1e-11, call


@every_row
def test_every_row_is_differentiated_at_some_table_of_numbers(name):
    assert any(max(np.size(x) for x in call.arguments) > 1 for call in calls(name))


@every_row
def test_a_gradient_has_the_shape_and_type_of_its_argument(name):
    types = np.float32, np.float64, np.float16, np.longdouble
    for call in calls(name):
        mixed = [
            tg.Value(x.astype(types[i % 4])) if i in call.places else x
            for i, x in enumerate(call.arguments)
        ]
        values = [mixed[i] for i in call.places]
        out = call.op(*mixed, **call.options)
        for create_graph in (False, True):
            found = tg.grad(out, values, call.cotangent, create_graph=create_graph)
            for got, value in zip(found, values, strict=True):
                assert (got.shape, got.dtype) == (value.shape, value.dtype), call


@every_row
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_other_precisions_give_the_same_gradient_in_their_own(name, dtype):
    if name in SLOWLY and dtype is not np.float32:
        pytest.skip("LAPACK has no such precision")
    for call in calls(name):
        out = call.values(dtype)[-1]
        if name != "astype":
            assert out.dtype == dtype
        for got, wanted in zip(call.gradients(dtype), call.gradients(), strict=True):
            assert got.dtype == dtype
            assert relative_error(got, wanted) < 100 * max(np.finfo(dtype).eps, 1e-16), call


@every_row
def test_a_zero_cotangent_gives_a_zero_gradient(name):
    for call in calls(name):
        _, values, out = call.values()
        for found in tg.grad(out, values, np.zeros(out.shape)):
            assert not found.any(), call


@every_row
def test_the_same_call_gives_the_same_bytes(name):
    for call in calls(name):
        first, second = ([x.tobytes() for x in call.gradients()] for _ in range(2))
        assert first == second, call


@every_row
def test_recording_the_backward_pass_does_not_change_it(name):
    for call in calls(name):
        recorded = call.gradients(create_graph=True)
        for value, wanted in zip(recorded, call.gradients(), strict=True):
            assert same(value.data, wanted), call


@every_row
def test_a_constant_among_the_arguments_changes_nothing(name):
    for call in calls(name):
        for i, wanted in zip(call.places, call.gradients(), strict=True):
            value = tg.Value(call.arguments[i])
            out = call.op(*call.arguments[:i], value, *call.arguments[i + 1 :], **call.options)
            assert same(tg.grad(out, value, call.cotangent), wanted), call


LAYOUTS = {
    "column-major": np.asfortranarray,
    "backwards": lambda x: np.flip(np.flip(x).copy()),
    "every second": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
}


@every_row
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_of_memory_does_not_matter_and_nothing_is_written_to_it(name, layout):
    for call in calls(name):
        arranged = [LAYOUTS[layout](x) if x.ndim else x for x in call.arguments]
        for x in arranged:
            x.setflags(write=False)
        out = call.op(*arranged, **call.options)
        assert relative_error(out, call.out) < 1e-14
        for i, wanted in zip(call.places, call.gradients(), strict=True):
            value = tg.Value(0.0) + arranged[i]  # computed, so it keeps a layout of its own
            out = call.op(*arranged[:i], value, *arranged[i + 1 :], **call.options)
            before = value.data.tobytes()
            assert relative_error(tg.grad(out, value, call.cotangent), wanted) < 1e-14, call
            assert value.data.tobytes() == before


# ----- Every row: values -----


def _placed(x, index, shape):
    result = np.zeros(shape, np.asarray(x).dtype)
    np.add.at(result, index, x)
    return result[()]


def _overlap_added(x, window_shape, axis, shape):
    result = np.zeros(shape, np.asarray(x).dtype)
    for place in np.ndindex(np.shape(x)[: len(shape)]):
        for offset in np.ndindex(window_shape):
            target = list(place)
            for one, step in zip(axis, offset):
                target[one] += step
            result[tuple(target)] += x[(*place, *offset)]
    return result[()]


def _power_slope(x, y, by_x, by_y):
    """Leibniz's rule, with the derivatives of y * (y - 1) ... by NumPy's polynomials."""
    one = np.polynomial.Polynomial([1])
    falling = math.prod((np.polynomial.Polynomial([-i, 1]) for i in range(by_x)), start=one)
    return sum(
        math.comb(by_y, k) * falling.deriv(k)(y) * np.log(x) ** (by_y - k) * x ** (y - by_x)
        for k in range(by_y + 1)
    )


def _sinc_slope(x, order):
    """Integral of the cosine, for sin(t) / t is that of cos(u t) for u from 0 to 1; by Romberg."""
    pi = 4 * np.arctan(np.longdouble(1))
    t = pi * np.asarray(x, np.longdouble)[..., None]
    column = []
    for k in range(4, 11):
        u = np.arange(2**k + 1, dtype=np.longdouble) / 2**k
        waves = u**order * np.cos(u * t + order * pi / 2)
        column.append((np.sum(waves, -1) - (waves[..., 0] + waves[..., -1]) / 2) / 2**k)
    for n in range(1, len(column)):
        column = [fine + (fine - coarse) / (4**n - 1) for coarse, fine in pairwise(column)]
    return (column[0] * pi**order).astype(np.asarray(x).dtype)[()]


SAME = (
    "add arccos arccosh arcsin arcsinh arctan arctan2 arctanh broadcast_to cbrt ceil clip cos "
    "cosh cumprod cumsum divide exp exp2 expand_dims expm1 floor floor_divide fmod hypot log "
    "log10 log1p log2 logaddexp matmul max maximum mean min minimum multiply negative power "
    "prod reciprocal remainder rint round sign sin sinc sinh sort sqrt square squeeze subtract sum "
    "tan tanh transpose trunc where "
)
FORMULAS = {
    "abs": np.abs,
    "added_at": lambda x, places, length: _placed(x, np.trunc(places).astype(int), (length,)),
    "affine": lambda x, W, b: np.matmul(x, W) + b,
    "assemble": lambda *parts, shape: np.hstack([*map(np.ravel, parts)]).reshape(shape),
    "astype": np.array,
    "bell": lambda x: np.exp(-x * x),
    "binary_cross_entropy": lambda y, p: np.mean(-(y * np.log(p)) - (1 - y) * np.log(1 - p)),
    "concatenate": lambda *arrays, axis: np.concatenate(arrays, axis),
    "stack": lambda *arrays, axis: np.moveaxis(np.array(arrays), 0, axis),
    "convolve": np.convolve,
    "direction": lambda x, y: np.cos(np.arctan2(y, x)),
    "divide_or_zero": np.divide,
    "einsum": lambda *operands, subscripts: np.einsum(subscripts, *operands),
    "elements_at": lambda x, places: np.take(x, np.trunc(places).astype(int)),
    "getitem": lambda x, index: x[tuple(index) if isinstance(index, tuple) else index],
    "half_squared_error": lambda y, p: ((y - p) ** 2).sum() / 2,
    "inside": lambda x, a_min, a_max: ((x >= a_min) & (x <= a_max)) * 1.0,
    "larger_share": lambda x, y: np.heaviside(x - y, 0.5),
    "log_sigmoid": lambda z: -np.log(1 + np.exp(-z)),
    "log_softmax": lambda x, axis: np.log(np.exp(x) / np.sum(np.exp(x), axis, keepdims=True)),
    "logit": lambda x: np.log(x / (1 - x)),
    "logsumexp": lambda x, **options: np.log(np.sum(np.exp(x), **options)),
    "max_share": lambda x, axis: np.equal(x, np.max(x, axis, keepdims=True)) * 1.0,
    "mse": lambda y, p: ((y - p) ** 2 / 2).mean(),
    "norm": lambda x, **options: np.sqrt(np.sum(x * x, **options)),
    "overlap_add": _overlap_added,
    "one_minus_square": lambda x: 1 - x * x,
    "place": _placed,
    "power_by_base": lambda x, y: y * x ** (y - 1),
    "power_by_exponent": lambda x, y: x**y * np.log(x),
    "power_slope": _power_slope,
    "product_of_others": lambda x, axis: np.prod(x, axis, keepdims=True) / x,
    "relu": lambda x: x * (x > 0),
    "relu_prime": lambda x: np.heaviside(x, 0.0),
    "reshape": lambda x, shape: x.reshape(shape),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "sigmoid_prime": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    "sorted_by": lambda x, by, axis: np.take_along_axis(x, by.argsort(axis), axis),
    "sinc_slope": _sinc_slope,
    "softmax": lambda x, axis: np.exp(x) / np.sum(np.exp(x), axis, keepdims=True),
    "sliding_window_view": np.lib.stride_tricks.sliding_window_view,
    "softmax_cross_entropy": lambda y, z: np.mean(
        np.sum(-y * np.log(np.exp(z) / np.sum(np.exp(z), -1, keepdims=True)), -1)
    ),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "stop_gradient": np.copy,
    "sum_of_others": lambda x, axis: np.sum(x, axis, keepdims=True) - x,
    "unit": lambda x, axis: x / np.sqrt(np.sum(x * x, axis, keepdims=True)),
    "unsorted_by": lambda x, by, axis: np.take_along_axis(x, by.argsort(axis).argsort(axis), axis),
    "tanh_prime": lambda x: 1 / np.cosh(x) ** 2,
    "xlogy": lambda x, y: x * np.log(y),
}


NUMPYS = {name: getattr(np, name) for name in SAME.split()} | FORMULAS | SLOWLY


@pytest.mark.parametrize("name", NUMPYS)
def test_values_are_those_of_numpy(name):
    for call in calls(name):
        wanted = NUMPYS[name](*call.arguments, **(call.op.options | call.options))
        assert relative_error(call.out, wanted) < 1e-14, call
        assert call.out.dtype == wanted.dtype


@every_row
def test_arrays_give_arrays_and_values_give_values(name):
    for call in calls(name):
        assert type(call.out) is (np.ndarray if call.out.ndim else np.float64)
        out = call.values()[-1]
        assert type(out) is tg.Value
        assert same(out.data, call.out)


@every_row
def test_integers_bools_and_lists_are_numbers(name):
    call = next(call for call in calls(name) if max(x.size for x in call.arguments) > 1)
    with np.errstate(all="ignore"):
        wanted = call.op(*((x > 0).astype(float) for x in call.arguments), **call.options)
        for convert in (np.array, np.uint8, np.int64, np.ndarray.tolist):
            got = call.op(*(convert(np.asarray(x > 0)) for x in call.arguments), **call.options)
            assert same(got, wanted)


def test_subtracting_bytes_does_not_wrap_around():
    zero, one = np.uint8([0]), np.uint8([1])
    for function in (tg.subtract, tg.mse_gradient, lambda x, y: -tg.mse_prime(x, y)):
        assert abs(function(zero, one)) == 1
    assert tg.mse_prime(one, zero) == -1
    assert tg.mse(zero, one) == tg.mse(one, zero) == 0.5
    assert (tg.Value(0.0) - one).data == -1


@pytest.mark.parametrize(
    "options", [{}, {"axis": 0}, {"axis": (-1, 0), "ddof": 1}, {"axis": -1, "keepdims": True}]
)
@pytest.mark.parametrize("name", ["var", "std"])
def test_spread_is_that_of_numpy(name, options):
    x = np.random.default_rng(1).normal(size=(3, 4, 2))
    for data in (x, x.astype(np.float32), x.tolist(), (9 * x).astype(np.uint8), x > 0):
        got, wanted = (module(data, **options) for module in (getattr(tg, name), getattr(np, name)))
        assert got.dtype == wanted.dtype
        assert relative_error(got, wanted) < 30 * np.finfo(got.dtype).eps
        assert same(getattr(tg, name)(tg.Value(data), **options).data, got)
        assert same(getattr(tg.Value(data), name)(**options).data, got)
    weights = np.random.default_rng(2).normal(size=np.shape(wanted))
    way = np.random.default_rng(3).normal(size=x.shape)
    found = gradient(lambda x: getattr(tg, name)(x, **options), x, seed=weights)
    numpy_slope = slope(lambda t: np.sum(weights * getattr(np, name)(x + t * way, **options)))
    assert relative_error(np.sum(found * way), numpy_slope) < 1e-11


def test_a_variance_of_too_few_numbers_is_refused():
    with pytest.raises(ValueError, match="variance of 1 numbers with ddof = 1"):
        tg.var([1.0], ddof=1)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_stacking_is_that_of_numpy(axis):
    x, y = np.arange(3.0), np.arange(3.0) + 10
    assert same(tg.stack([x, [10, 11, 12]], axis), np.stack([x, y], axis))
    cotangent = np.random.default_rng(1).normal(size=np.stack([x, y], axis).shape)
    found = gradient(lambda x, y: tg.stack([x, y], axis), x, y, seed=cotangent)
    assert same(np.stack(found, axis), cotangent)


def test_joining_keeps_constants_and_values_apart():
    x = tg.Value([1.0, 2.0])
    joined = tg.concatenate([x, [3.0], x])
    assert joined.data.tolist() == [1, 2, 3, 1, 2]
    assert tg.grad(joined, x, [1, 10, 100, 1000, 10000]).tolist() == [1001, 10010]
    for join in (tg.concatenate, tg.stack):
        with pytest.raises(ValueError, match="at least one"):
            join([])


def test_the_two_gradients_of_the_loss_differ_by_the_number_of_outputs():
    for n in (1, 2, 10):
        y, p = np.random.default_rng(n).normal(size=(2, 1, n))
        by_graph = gradient(lambda p, y=y: tg.mse(y, p), p)
        assert relative_error(tg.mse_gradient(y, p), by_graph) < 1e-15
        assert same(tg.mse_prime(y, p), p - y)
        assert relative_error(tg.mse_prime(y, p), n * by_graph) < 1e-15
        assert same(tg.mse_prime(y, p), gradient(lambda p, y=y: tg.half_squared_error(y, p), p))
        assert same(tg.mse_prime(y, tg.Value(p)).data, p - y)


@pytest.mark.parametrize(
    "loss",
    [
        tg.mse,
        tg.mse_prime,
        tg.mse_gradient,
        tg.half_squared_error,
        tg.binary_cross_entropy,
        tg.softmax_cross_entropy,
    ],
)
def test_a_loss_refuses_shapes_that_numpy_would_broadcast(loss):
    with pytest.raises(ValueError, match=r"one shape, got \(4, 1\) and \(4,\)"):
        loss(np.ones((4, 1)), tg.Value(np.ones(4)))


@pytest.mark.parametrize("function", [tg.mse_prime, tg.mse_gradient, tg.mse])
def test_lists_are_targets_and_predictions_of_their_shape(function):
    y, p = [[1.0, 2.0]], np.array([[3.0, 5.0]])
    wanted = function(np.array(y), p)
    for targets, predictions in ((y, p), (np.array(y), p.tolist()), (y, p.tolist())):
        assert same(function(targets, predictions), wanted)
    assert same(function(y, tg.Value(p)).data, wanted)
    with pytest.raises(ValueError, match=r"one shape, got \(2, 1\) and \(2,\)"):
        function([[1.0], [2.0]], [1.0, 2.0])


@given(st.data())
def test_indexing_is_that_of_numpy_and_its_gradient_adds_up_repeats(data):
    shape = data.draw(arrays.array_shapes(max_dims=3, max_side=4))
    x = np.arange(float(np.prod(shape))).reshape(shape)
    index = data.draw(
        arrays.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True)
        | arrays.integer_array_indices(shape)
        | arrays.arrays(bool, shape)
        | st.lists(st.integers(-shape[0], shape[0] - 1))
    )
    value = tg.Value(x)
    out = value[index]
    plain = np.array(index, int) if isinstance(index, list) else index
    assert same(out.data, x[plain])
    cotangent = np.random.default_rng(0).normal(size=out.shape)
    wanted = np.zeros(shape)
    np.add.at(wanted, plain, cotangent)
    assert same(tg.grad(out, value, cotangent), wanted)


Y = [0, 1, 3]


@pytest.mark.parametrize(
    "index",
    [
        (range(3), Y),
        range(2),
        range(0),
        (range(0), range(0)),
        range(2, -1, -1),
        ((0, 1), (1, 2)),
        ((0, 1),),
        ([0, 1], (1, 2)),
        ([0, 1], range(2)),
        ((True, False, True),),
        ((),),
        (slice(None), (0, 0, 3)),
        (None, range(2), ..., (3, 0)),
        ([[0], [2]], ((1, 3),)),
        np.ix_([0, 2], (1, 3)),
        (np.uint8(1), np.array(2)),
        np.array([2, 0], "int8"),
        (range(3), np.argmax(np.eye(4)[:3], axis=1)),
    ],
    ids=repr,
)
def test_an_index_is_spelled_as_numpys_and_the_gradient_goes_back_to_its_places(index):
    x = np.arange(12.0).reshape(3, 4)
    value = tg.Value(x)
    for out in (value[index], tg.getitem(value, index)):
        assert same(out.data, x[index])
        cotangent = np.random.default_rng(0).normal(size=np.shape(x[index]))
        wanted = np.zeros((3, 4))
        np.add.at(wanted, index, cotangent)
        (got,) = tg.vjp(lambda x, out=out: x[index], value.data)[1](cotangent)
        assert same(got, wanted)
        assert same(tg.grad(out, value, cotangent), wanted)


def test_an_array_like_of_another_library_is_an_index():
    class Labels:
        def __array__(self, dtype=None, copy=None):
            return np.array([1, 0])

    assert tg.Value([[1.0, 2.0], [3.0, 4.0]])[range(2), Labels()].data.tolist() == [2.0, 3.0]


def test_whole_numbers_of_a_value_index_as_plain_ints():
    x = tg.Value([10.0, 20.0, 30.0])
    place = tg.Value([0.5, 2.9])
    for places in (tg.floor(place).astype(int), place.astype("int32"), tg.astype(place, "u1")):
        assert type(places) is np.ndarray
        assert x[places].data.tolist() == [10.0, 30.0]
    assert type(tg.Value(1.5).astype(int)) is np.int64
    assert tg.astype([1.7, -1.7], int).tolist() == [1, -1]
    assert x.astype(bool).tolist() == [True] * 3
    # Steps have the derivative 0, so what they choose is differentiated and they are not.
    assert tg.grad(lambda p: (p * x.data[tg.floor(p).astype(int)]).sum())(place.data).tolist() == [
        10.0,
        30.0,
    ]


def test_whole_numbers_are_not_there_while_a_function_is_compiled():
    with pytest.raises(tg.TraceError, match="no floating type"):
        tg.compile(lambda x, y: y[x.astype(int)])(np.array([0.0]), np.array([3.0]))


# ----- A number has no axes -----


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("name", ["sum", "max", "min", "prod", "ptp", "squeeze", "cumsum"])
def test_the_axis_of_a_number_is_0_or_minus_1_as_in_numpy(name, axis):
    numpys = getattr(np, name)
    for x in (tg.Value(2.5), tg.Value(np.float32(2.5))):
        wanted = numpys(x.data, axis=axis)
        for function in (numpys, getattr(tg, name)):
            got = function(x, axis=axis)
            assert type(got) is tg.Value
            assert same(
                got.data, np.asarray(wanted)[()] if np.ndim(wanted) else np.array(wanted)[()]
            )
            assert same(tg.grad(got.sum(), x), x.dtype.type(name != "ptp"))
        assert same(getattr(tg, name)(x, axis=np.int64(axis)).data, got.data)
        for wrong in (1, -2):
            with pytest.raises(tg.ShapeError, match=f"axis {wrong} does not exist"):
                getattr(tg, name)(x, axis=wrong)
        with pytest.raises(TypeError, match="axis must be"):
            getattr(tg, name)(x, axis=False)


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("name", ["mean", "norm", "logsumexp", "std", "var"])
def test_other_reductions_take_the_axis_of_a_number_as_sum_does(name, axis):
    function = getattr(tg, name)
    x = tg.Value(2.5)
    for keepdims in (False, True):
        assert function(x, axis=axis, keepdims=keepdims).data == function(x).data
    assert tg.grad(function(x, axis=axis), x) == tg.grad(function(x), x)


# ----- Lists of Values -----


LISTS = {
    "two": lambda a, b, w: [a, b],
    "tuple": lambda a, b, w: (b, a, b),
    "rows": lambda a, b, w: [[a, b], [b, 2.0 * a]],
    "mixed": lambda a, b, w: [w, [a, 4.0]],
}
OF_LISTS = {
    "sum": (tg.sum, np.sum),
    "sum of columns": (lambda x: tg.sum(x, axis=0), lambda x: np.sum(x, axis=0)),
    "mean": (tg.mean, np.mean),
    "max": (tg.max, np.max),
    "min": (tg.min, np.min),
    "prod": (tg.prod, np.prod),
    "var": (tg.var, np.var),
    "std": (tg.std, np.std),
    "ptp": (tg.ptp, np.ptp),
    "norm": (tg.norm, np.linalg.norm),
    "logsumexp": (tg.logsumexp, lambda x: np.log(np.sum(np.exp(x)))),
    "softmax": (lambda x: tg.softmax(x, None), lambda x: np.exp(x) / np.sum(np.exp(x))),
    "cumsum": (tg.cumsum, np.cumsum),
    "exp": (tg.exp, np.exp),
    "add": (lambda x: tg.add(1.0, x), lambda x: 1.0 + x),
    "array": (tg.array, np.array),
    "array of float32": (lambda x: tg.array(x, "float32"), lambda x: x.astype("float32")),
    "dot": (
        lambda x: tg.dot(x, [3.0, 5.0, 7.0][: len(x)]),
        lambda x: x @ [3.0, 5.0, 7.0][: len(x)],
    ),
    "inner": (lambda x: tg.inner(x, x), lambda x: np.inner(x, x)),
    "outer": (lambda x: tg.outer(x, x), lambda x: np.outer(x, x)),
    "vdot": (lambda x: tg.vdot(x, x), lambda x: np.vdot(x, x)),
    "tensordot": (lambda x: tg.tensordot(x, x, (0, 0)), lambda x: np.tensordot(x, x, (0, 0))),
    "einsum": (lambda x: tg.einsum("i...,i...", x, x), lambda x: np.sum(x * x, 0)),
    "maximum": (lambda x: tg.maximum(x, 0.4), lambda x: np.maximum(x, 0.4)),
    "where": (lambda x: tg.where(True, x, 0.0), lambda x: x),
    "vstack": (lambda x: tg.vstack([x, x]), lambda x: np.vstack([x, x])),
    "hstack": (lambda x: tg.hstack([x, x]), lambda x: np.hstack([x, x])),
    "column_stack": (lambda x: tg.column_stack([x, x]), lambda x: np.column_stack([x, x])),
    "concatenate": (lambda x: tg.concatenate([x, x]), lambda x: np.concatenate([x, x])),
    "reshape": (lambda x: tg.reshape(x, -1), lambda x: x.reshape(-1)),
}


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("name", OF_LISTS)
def test_a_list_of_values_stands_for_the_array_of_its_numbers(name, kind):
    ours, numpys = OF_LISTS[name]
    numbers = [np.float64(0.7), np.float64(0.3), np.array([0.2, 0.9])]
    inputs = [tg.Value(x) for x in numbers]
    out = ours(LISTS[kind](*inputs))
    wanted = numpys(np.array(LISTS[kind](*numbers)))
    assert type(out) is tg.Value
    assert out.dtype == wanted.dtype
    assert relative_error(out.data, wanted) < 1e-15
    rng = np.random.default_rng(1)
    cotangent = rng.uniform(-1, 1, np.shape(wanted))
    ways = [rng.uniform(-1, 1, x.shape) for x in numbers]

    def along(t):
        moved = (x + t * way for x, way in zip(numbers, ways, strict=True))
        return np.sum(cotangent * numpys(np.array(LISTS[kind](*moved))))

    gradients = tg.grad(out, inputs, cotangent)
    found = sum(np.sum(g * way) for g, way in zip(gradients, ways, strict=True))
    if name != "array of float32":  # differences of which are rough
        assert relative_error(found, slope(along)) < 1e-10


def test_a_list_keeps_the_type_of_its_values_and_may_be_empty():
    half = tg.Value(np.float16(0.5))
    assert tg.array([[half, half]]).dtype == np.float16
    assert tg.array([half, 2.0]).dtype == np.array([np.float16(0.5), 2.0]).dtype
    assert tg.grad(tg.sum([half, 2.0]), half).dtype == np.float16
    empty = tg.Value(np.zeros((0, 3)))
    assert tg.array([empty, empty]).shape == (2, 0, 3)
    assert tg.grad(tg.sum([empty, empty]), empty).shape == (0, 3)


def test_lists_and_indices_are_compiled_and_printed_as_they_are_computed():
    def f(a, b):
        return tg.sum([a, b * a, 3.0]) * tg.array([[a, 1.0], [b, 2.0]])[range(2), (0, 1)].sum()

    both = tg.value_and_grad(f, (0, 1))
    # (a + ab + 3)(a + 2), and its slopes by a and by b, at 2 and 3
    assert both(2.0, 3.0) == (44.0, (4 * 4.0 + 11.0, 2.0 * 4.0))
    assert tg.compile(both)(2.0, 3.0) == both(2.0, 3.0)
    printed = {}
    exec(tg.source(f, 2.0, 3.0), printed)
    assert printed["f"](2.0, 3.0) == 44.0


def test_a_value_is_an_array_already_and_numbers_become_a_plain_one():
    x = tg.Value([1.0, 2.0])
    assert tg.array(x) is x
    numbers = np.array([1.0, 2.0])
    assert type(tg.array(numbers)) is np.ndarray
    assert not np.shares_memory(tg.array(numbers), numbers)
    assert tg.array([1, True], np.float32).dtype == np.float32
    assert tg.array(()).shape == (0,)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: tg.array([x, [1.0, 2.0, 3.0]]), tg.ShapeError, r"stack: arrays\[0\] of shape"),
        (lambda x: tg.array([x, "a"]), tg.DataTypeError, "real numbers, got 'a'"),
        (lambda x: tg.array("a"), tg.DataTypeError, "array: x must be made of real numbers"),
        (lambda x: tg.array([1, [2]]), tg.DataTypeError, "array: x must be numbers"),
        (lambda x: tg.array([x], complex), tg.DataTypeError, "must be a floating type"),
        (lambda x: tg.Value([x, x]), tg.DataTypeError, "tg.array joins Values"),
        (
            lambda x: np.sum([x, x]),
            tg.DataTypeError,
            r"tg.array\(\[...\]\) for np.array\(\[...\]\), tg.sum\(",
        ),
    ],
)
def test_what_cannot_be_joined_says_so(call, error, words):
    with pytest.raises(error, match=words):
        call(tg.Value([1.0, 2.0]))


def test_changing_an_index_later_changes_nothing():
    rows = np.array([0, 0])
    x = tg.Value([1.0, 2.0])
    out = x[rows]
    rows[:] = 1
    assert tg.grad(out, x, [1.0, 10.0]).tolist() == [11, 0]


def test_a_sequence_of_rows_is_the_table():
    x = tg.Value([[1.0, 2.0], [3.0, 4.0]])
    first, second = x
    assert tg.grad((first * second).sum(), x).tolist() == [[3, 4], [1, 2]]


# ----- Edges of NumPy's functions -----


@pytest.mark.parametrize(
    ("name", "x", "wanted"),
    [
        ("arcsin", 1 - 2.0**-53, 2.0**26),  # 1 - x**2 would be 8 digits off
        ("arccos", 2.0**-53 - 1, -(2.0**26)),
        ("arctanh", 1 - 2.0**-53, 2.0**52),
        ("arctan", 1e200, 0.0),  # x**2 would overflow
        ("arctan", -1e100, 1e-200),
        ("arcsinh", -1e200, 1e-200),
        ("arccosh", 1e200, 1e-200),
        ("arccosh", 1 + 2.0**-52, 2.0**25.5),
        ("cbrt", 1e-300, 1e200 / 3),
        ("cbrt", -8.0, 1 / 12),
        ("reciprocal", 1e200, -0.0),
        ("sinh", -700.0, np.cosh(700.0)),
        ("tan", 1e-200, 1.0),
    ],
)
def test_slopes_far_out_and_near_the_ends_are_exact(name, x, wanted):
    with np.errstate(all="raise", under="ignore"):
        assert gradient(tg.OPS[name], x) == pytest.approx(wanted, rel=2e-15, abs=0)


@pytest.mark.parametrize("size", [1e-320, 1e-200, 1.0, 1e200, 1e308])
def test_a_long_side_and_an_angle_neither_overflow_nor_vanish(size):
    with np.errstate(all="raise", under="ignore", over="ignore" if size < 1e-300 else "raise"):
        found = gradient(tg.hypot, 0.6 * size, -0.8 * size)
        angles = gradient(tg.arctan2, 0.6 * size, -0.8 * size)
    assert found == pytest.approx([0.6, -0.8], rel=1e-3 if size < 1e-300 else 1e-15)
    if size > 1e-300:
        assert angles == pytest.approx([-0.8 / size, -0.6 / size], rel=1e-15, abs=0)


def test_at_the_origin_a_long_side_and_an_angle_have_no_slope():
    with np.errstate(all="raise"):
        assert gradient(tg.hypot, 0.0, -0.0) == [0, 0]
        assert gradient(tg.arctan2, 0.0, -0.0) == [0, 0]


@pytest.mark.parametrize(
    ("x", "y", "value", "slopes"),
    [
        (1000.0, -1000.0, 1000.0, [1, 0]),
        (-np.inf, 3.0, 3.0, [0, 1]),
        (np.inf, 3.0, np.inf, [1, 0]),
        (5.0, 5.0, 5.0 + np.log(2.0), [0.5, 0.5]),
    ],
)
def test_adding_in_logarithms_does_not_overflow(x, y, value, slopes):
    with np.errstate(all="raise", under="ignore"):
        assert tg.logaddexp(x, y) == pytest.approx(value, rel=1e-15)
        assert gradient(tg.logaddexp, x, y) == slopes


def test_of_equal_elements_the_first_stays_the_first():
    x = np.array([2.0, 1.0, 2.0, 1.0, np.nan])
    assert same(tg.sort(x), np.sort(x))
    assert gradient(tg.sort, x, seed=[1.0, 2.0, 3.0, 4.0, 5.0]).tolist() == [3, 1, 4, 2, 5]
    many = np.zeros(1000)
    assert gradient(tg.sort, many, seed=np.arange(1000.0)).tolist() == list(range(1000))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_numpys_functions_keep_the_type(dtype):
    x = tg.Value(np.array([[0.5, 0.25], [0.75, 0.5]], dtype))
    row = np.array([0.5, 0.25], dtype)
    for out in (
        tg.einsum("ij,j", x, row),
        tg.einsum("ij->", x),
        tg.tensordot(x, x),
        tg.pad(x, 1, constant_values=0.5),
        tg.tril(x),
        tg.diag(x[0]),
        tg.tile(x, 2),
        tg.roll(x, 1),
        tg.diff(x),
        tg.cumsum(x),
        tg.cumprod(x),
        tg.cumulative_prod(x, axis=0, include_initial=True),
        tg.arctan2(x, 0.5),
        tg.hypot(1.0, x),
        tg.logaddexp(0, x),
        tg.exp2(x) + tg.log2(x) + tg.log10(x) + tg.cbrt(x),
    ):
        assert out.dtype == dtype
        assert tg.grad(out, x, np.ones(out.shape)).dtype == dtype


@pytest.mark.parametrize(
    "subscripts",
    [
        "ij,jk",
        "ij,jk->ki",
        "ij , ij",
        "ij,ij->",
        "ij,i...",
        "...,...",
        "ij,kl",
        "ii,ii",
        "ii,jj->ji",
    ],
)
def test_einstein_is_numpys(subscripts):
    x, y = np.random.default_rng(1).normal(size=(2, 3, 3))
    assert relative_error(tg.einsum(subscripts, x, y), np.einsum(subscripts, x, y)) < 1e-15


@pytest.mark.parametrize("operand", [2.0, 2, np.float64(2.0), tg.Value(2.0)])
def test_einsum_takes_numbers(operand):
    x = tg.Value([1.0, 2.0])
    for subscripts in ("i,->i", "...,...->..."):
        y = tg.einsum(subscripts, x, operand)
        np.testing.assert_array_equal(y.data, [2.0, 4.0])
        np.testing.assert_array_equal(tg.grad(y, x, [1.0, 10.0]), [2.0, 20.0])
    np.testing.assert_array_equal(tg.einsum(",i", 2.0, [1.0, 2.0]), [2.0, 4.0])


@given(st.data())
def test_einstein_is_numpys_for_any_letters_lengths_and_repeats(data):
    lengths = {letter: data.draw(st.integers(1, 3)) for letter in "abc"}
    letters = st.text("abc", max_size=3)
    parts = data.draw(st.lists(letters, min_size=1, max_size=3))
    known = "".join(sorted(set("".join(parts))))
    right = data.draw(st.permutations(known).map("".join))[: data.draw(st.integers(0, len(known)))]
    subscripts = ",".join(parts) + data.draw(st.sampled_from(["", f"->{right}"]))
    rng = np.random.default_rng(0)
    operands = []
    for part in parts:
        stretched = data.draw(st.sampled_from(["", *part]))  # lengths of 1 are stretched
        shape = [1 if letter == stretched else lengths[letter] for letter in part]
        operands.append(np.asarray(rng.normal(size=shape))[()])
    wanted = np.einsum(subscripts, *operands)
    values = [tg.Value(x) for x in operands]
    out = tg.einsum(subscripts, *values)
    assert relative_error(out.data, wanted) < 1e-13
    cotangent = np.asarray(rng.normal(size=wanted.shape))[()]
    for place, found in enumerate(tg.grad(out, values, cotangent)):
        way = np.asarray(rng.normal(size=found.shape))[()]
        moved = [*operands[:place], way, *operands[place + 1 :]]  # it is linear in each
        slope_along = np.sum(cotangent * np.einsum(subscripts, *moved))
        assert relative_error(np.sum(found * way), slope_along) < 1e-12


def test_what_einstein_sums_alone_or_stretches_has_a_gradient_of_its_own_shape():
    x, y = np.array([1.0, 2.0]), np.array([3.0])
    assert [each.tolist() for each in gradient(lambda x, y: tg.einsum("i,i", x, y), x, y)] == [
        [3, 3],
        [3],
    ]
    assert gradient(lambda x: tg.einsum("ij->", x), np.zeros((2, 3))).tolist() == [[1] * 3] * 2
    assert gradient(lambda x: tg.einsum("ii", x), np.zeros((2, 2))).tolist() == [[1, 0], [0, 1]]
    assert gradient(lambda x: tg.einsum("i,i", x, y), np.zeros(0)).shape == (0,)


def test_a_value_is_split_into_a_list_and_joined_again():
    x = tg.Value(np.arange(7.0))
    pieces = tg.array_split(x, 3)
    assert type(pieces) is list
    assert [piece.shape for piece in pieces] == [(3,), (2,), (2,)]
    assert tg.concatenate(pieces).data.tolist() == x.data.tolist()
    assert [p.shape for p in tg.split(x, [2, 2, 9])] == [(2,), (0,), (5,), (0,)]


@pytest.mark.parametrize("shape", [(np.int64(3), 2), [3, np.array(2)], (True, -1), np.int32(6)])
def test_lengths_and_axes_of_any_type_of_int_are_kept_as_ints(shape):
    y = tg.sum(tg.reshape(tg.Value(np.ones((2, 3))), shape), axis=np.int64(-1))
    kept = (*y.args[0].options["shape"], *y.options["axis"])
    assert {int} == {type(number) for number in kept}


# ----- Bad arguments -----


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: tg.sum(x, axis=2), tg.errors.ShapeError, r"axis 2 .* shape \(2, 3\)"),
        (lambda x: tg.sum(x, axis=(0, -2)), ValueError, "one axis twice"),
        (lambda x: tg.sum(x, axis=1.0), TypeError, "axis must be .* got 1.0"),
        (lambda x: tg.sum(x, axis=True), TypeError, "axis must be .* got True"),
        (lambda x: tg.sum(x, 0, float), TypeError, "keepdims must be True or False"),
        (lambda x: tg.concatenate([x, x], axis=(0,)), TypeError, "axis must be an int, got .0,"),
        (lambda x: tg.roll(x, 1, 0.5), TypeError, "axis must be .*0.5"),
        (lambda x: tg.sum(x, axes=0), TypeError, r"sum\(x, axis=None, keepdims=False\).*axes"),
        (lambda x: tg.exp(x, x), TypeError, r"exp\(x\) cannot be called so: 2 given"),
        (lambda x: tg.exp(), TypeError, r"exp\(x\) cannot be called so: 0 given"),
        (lambda x: tg.power(x, x=x), TypeError, r"power\(x, y\) cannot be called so"),
        (lambda x: tg.clip(x, 0.0, min=1.0), TypeError, "min and a_min are two names of one end"),
        (lambda x: tg.clip(x, "0"), TypeError, "clip: argument a_min must be .*real"),
        (lambda x: tg.clip(x, max=np.zeros(2)), tg.errors.ShapeError, r"clip: .*a_max of sha"),
        (lambda x: tg.reshape(x, (4, -1)), tg.errors.ShapeError, r"size 6 .* shape = \(4, -1\)"),
        (lambda x: tg.reshape(x, 1.0), TypeError, "shape must be an int"),
        (lambda x: tg.broadcast_to(x, (3, 2)), tg.errors.ShapeError, r"\(2, 3\)"),
        (lambda x: tg.transpose(x, (0,)), tg.errors.ShapeError, "every axis"),
        (lambda x: tg.squeeze(x, 1), tg.errors.ShapeError, "size not equal to one"),
        (lambda x: tg.astype(x, complex), TypeError, "floating type, got complex128"),
        (lambda x: tg.softmax(1.0), tg.errors.ShapeError, "axis -1 does not exist"),
        (lambda x: tg.max(np.zeros(0)), tg.errors.ShapeError, "max: .* no identity"),
        (lambda x: x[2], IndexError, r"index 2 is out of bounds.* \(label 'w'\)"),
        (lambda x: x[1.0], TypeError, "an index is made of .* got 1.0"),
        (lambda x: x[tg.Value(1.0)], TypeError, r"an index is made of.*\.astype\(int\) makes"),
        (lambda x: x[[[0, 1], [0]]], TypeError, r"an index is made of .* got \[\[0, 1\], \[0\]\]"),
        (lambda x: x[[tg.Value(1.0), 0]], TypeError, r"an index is made of .* got \[Value\(1.0\)"),
        (lambda x: x[{0}], TypeError, r"an index is made of .* got \{0\}"),
        (lambda x: x["a"], TypeError, "an index is made of"),
        (lambda x: x[[0.5]], IndexError, "integer"),
        (lambda x: tg.affine(x, x, x), tg.errors.ShapeError, r"\(2, 3\).*wanted \(n,k\)"),
        (lambda x: x + np.ones(4), tg.errors.ShapeError, r"add: .*\(2, 3\) \(label 'w'\).*\(4,\)"),
        (lambda x: x @ x, tg.errors.ShapeError, r"matmul: .*\(2, 3\).*wanted \(...,n,k\)"),
        (lambda x: x @ 2.0, tg.errors.ShapeError, r"matmul: .* of shape \(\)"),
        (lambda x: tg.Value(1.0) @ 2.0, tg.errors.ShapeError, r"matmul: .* of shape \(\)"),
        (lambda x: tg.concatenate([x, np.ones((2, 3, 1))]), ValueError, r"arrays\[1\] of shape"),
        (lambda x: tg.concatenate([1.0, x]), tg.errors.ShapeError, r"axis 0 does not exist"),
        (lambda x: tg.place(np.ones((2, 3, 4)), (slice(None), 0), (4, 2)), ValueError, "place"),
        (lambda x: tg.einsum("ij,jk", x), ValueError, "subscripts for 2 operands, got 1"),
        (lambda x: tg.einsum("ijk", x), tg.errors.ShapeError, r"'ijk' does not fit operand 0"),
        (lambda x: tg.einsum("i", x), tg.errors.ShapeError, r"operand 0 of shape \(2, 3\)"),
        (lambda x: tg.einsum("ii", x), tg.errors.ShapeError, "needs a square"),
        (lambda x: tg.einsum("ij,ij", x, x.T), tg.errors.ShapeError, "'i' has the lengths 2 and 3"),
        (lambda x: tg.einsum("ij->ik", x), ValueError, "only axes of the left side"),
        (lambda x: tg.einsum("ij->ii", x), ValueError, "name each axis once"),
        (lambda x: tg.einsum("...j->j", x), ValueError, "must name each axis"),
        (lambda x: tg.einsum("i1", x), ValueError, "must be made of letters"),
        (tg.einsum, TypeError, "subscripts must be a str"),
        (lambda x: tg.einsum(x, x), TypeError, "subscripts must be a str, or lists of ints behind"),
        (lambda x: tg.einsum(x, [0, 0.5]), TypeError, "named by ints or ..., got 0.5"),
        (lambda x: tg.einsum(x, [0, 52]), ValueError, "from 0 to 51, got 52"),
        (lambda x: tg.einsum(x, [0]), tg.errors.ShapeError, r"'A' does not fit operand 0"),
        (lambda x: tg.tensordot(x, x, 3), tg.errors.ShapeError, "3 axes do not exist"),
        (lambda x: tg.tensordot(x, x, (0, 1)), tg.errors.ShapeError, r"lengths \[2\] and \[3\]"),
        (lambda x: tg.dot(x, x), tg.errors.ShapeError, "matmul: .*do not fit"),
        (lambda x: tg.sort(x, 2), tg.errors.ShapeError, "axis 2 does not exist"),
        (lambda x: tg.OPS["sorted_by"](x, x.T), tg.errors.ShapeError, "must have one shape"),
        (lambda x: tg.split(x, 2, 1), ValueError, "3 elements cannot be split into 2 equal"),
        (lambda x: tg.take(x, [0.5]), TypeError, "indices must be ints"),
        (lambda x: tg.take(x, 6), IndexError, "out of bounds"),
        (lambda x: tg.take_along_axis(x, [[3]], 1), IndexError, "out of bounds"),
        (lambda x: tg.take_along_axis(x, [0], 1), tg.ShapeError, r"\(1,\) and \(2, 3\)"),
        (lambda x: tg.take_along_axis(x, [[0.5]], 1), TypeError, "indices must be ints"),
        (lambda x: tg.roll(x, 1, 2), tg.errors.ShapeError, "axis 2 does not exist"),
        (lambda x: tg.diag(x[None]), tg.errors.ShapeError, "a vector or a matrix"),
        (lambda x: tg.diagonal(x, 0, 1, -1), ValueError, "one axis twice"),
        (lambda x: tg.trace(x[0]), tg.errors.ShapeError, "axis 1 does not exist"),
        (lambda x: tg.tril(x[0]), tg.errors.ShapeError, "two axes or more"),
        (lambda x: tg.moveaxis(x, (0, 1), 0), ValueError, "must be as many"),
        (lambda x: tg.pad(x, -1), ValueError, "ints from 0 on"),
        (lambda x: tg.pad(x, 0.5), ValueError, "ints from 0 on"),
        (lambda x: tg.pad(x, (1, 2, 3)), tg.errors.ShapeError, "a pair for each of 2 axes"),
        (lambda x: tg.pad(x, {2: 1}), tg.errors.ShapeError, "axis 2 does not exist"),
        (lambda x: tg.pad(x, 1, "mean"), ValueError, "mode must be .* got 'mean'; concatenate"),
        (lambda x: tg.pad(x[:0], 1, "edge"), ValueError, "axis 0 .* has no element to repeat"),
        (lambda x: tg.pad(x, 1, "edge", 2.0), ValueError, "for mode = 'constant', got mode = 'ed"),
        (lambda x: tg.pad(x, 1, constant_values="a"), TypeError, "must be numbers, got 'a'"),
        (lambda x: tg.pad(x, 1, constant_values=x), TypeError, "concatenate makes a border of V"),
        (lambda x: tg.reshape(x, 6, "K"), ValueError, "order must be 'C' or 'F', got 'K'"),
        (lambda x: tg.ravel(x, "A"), ValueError, "ravel: order must be"),
        (lambda x: tg.take(x, 6, mode="round"), ValueError, "'raise', 'wrap' or 'clip', got 'ro"),
        (lambda x: tg.take(x[:0], 6, mode="wrap"), IndexError, "without elements"),
        (lambda x: tg.delete(x, 7), IndexError, "out of bounds"),
        (lambda x: tg.hsplit(x.sum(), 2), tg.errors.ShapeError, "hsplit: ary must have at least 1"),
        (lambda x: tg.vsplit(x[0], 2), tg.errors.ShapeError, "vsplit: ary must have at least 2"),
        (lambda x: tg.dsplit(x, 2), tg.errors.ShapeError, "dsplit: ary must have at least 3 axes"),
        (lambda x: tg.rollaxis(x, 0, 3), tg.errors.ShapeError, "from -2 to 2, got 3"),
        (lambda x: tg.matrix_transpose(x[0]), tg.errors.ShapeError, "must have two axes"),
        (lambda x: tg.gradient(x, 1.0, 2.0, 3.0), TypeError, "one distance, or 2; got 3"),
        (lambda x: tg.gradient(x, edge_order=3), ValueError, "edge_order must be 1 or 2, got 3"),
        (lambda x: tg.gradient(x, edge_order=2), tg.errors.ShapeError, "axis 0 .* at least 3"),
        (lambda x: tg.gradient(x, [0.0, 1.0]), tg.errors.ShapeError, r"shape \(3,\), got \(2,\)"),
        (lambda x: tg.cross(x, x[:, :2]), tg.errors.ShapeError, r"b must have 3 .* a\[0\] \* b"),
        (lambda x: tg.vecdot(x, x[:, :1]), tg.errors.ShapeError, "the lengths 3 and 1"),
        (lambda x: tg.matvec(x, x[:, 0]), tg.errors.ShapeError, r"matvec: .*\(2, 3\).*\(2,\)"),
        (lambda x: tg.vecmat(x[0], x), tg.errors.ShapeError, r"vecmat: .*\(2, 3\).*\(3,\)"),
        (lambda x: tg.linspace(x, 1.0, -1), ValueError, "num must be at least 0"),
        (lambda x: tg.linspace(x, 1.0, 2.5), TypeError, "num must be an int"),
        (lambda x: tg.select([], []), ValueError, "one at least; got 0 and 0"),
        (lambda x: tg.select([x > 0], [x, x]), ValueError, "got 2 and 1"),
        (lambda x: tg.select([x], [x]), TypeError, r"condlist\[0\] must be made of bools"),
        (lambda x: tg.choose([0, 2], [x[0], x[1]]), ValueError, "from 0 to 1, for 2 choices"),
        (lambda x: tg.choose([0.5], [x]), TypeError, "a must be ints"),
        (lambda x: tg.choose([0], [x], "round"), ValueError, "mode must be"),
        (lambda x: tg.full(2.5, x), TypeError, "shape must be an int"),
        (lambda x: tg.diff(x, -1), ValueError, "n must be at least 0"),
        (lambda x: tg.round(x, 0.5), TypeError, "decimals must be an int"),
        (lambda x: tg.softmax_cross_entropy(1.0, 1.0), tg.errors.ShapeError, "axis of classes"),
    ],
)  # fmt: skip
def test_a_call_that_cannot_be_is_refused_in_its_own_words(call, error, words):
    with pytest.raises(error, match=words):
        call(tg.Value(np.ones((2, 3)), label="w"))


ONE_AXIS = {
    "append": lambda module, x, axis: module.append(x, x, axis=axis),
    "compress": lambda module, x, axis: module.compress([True], x, axis=axis),
    "cross": lambda module, x, axis: module.cross(
        module.tile(x, 3)[:, :3].T, [1, 2, 3], axisa=axis
    ),
    "delete": lambda module, x, axis: module.delete(x, 0, axis=axis),
    "linspace": lambda module, x, axis: module.linspace(x, x, 3, axis=axis),
    "rollaxis": lambda module, x, axis: module.rollaxis(x, axis),
    "trapezoid": lambda module, x, axis: module.trapezoid(x, axis=axis),
    "unstack": lambda module, x, axis: getattr(module, "unstack", tg.unstack)(x, axis=axis),
    "vecdot": lambda module, x, axis: module.vecdot(x, x, axis=axis),
    "array_split": lambda module, x, axis: module.array_split(x, 2, axis=axis),
    "concatenate": lambda module, x, axis: module.concatenate([x, x], axis=axis),
    "cumsum": lambda module, x, axis: module.cumsum(x, axis=axis),
    "cumprod": lambda module, x, axis: module.cumprod(x, axis=axis),
    "diagonal": lambda module, x, axis: module.diagonal(x, axis2=axis),
    "diff": lambda module, x, axis: module.diff(x, axis=axis),
    "repeat": lambda module, x, axis: module.repeat(x, 2, axis=axis),
    "sort": lambda module, x, axis: module.sort(x, axis=axis),
    "split": lambda module, x, axis: module.split(x, 1, axis=axis),
    "stack": lambda module, x, axis: module.stack([x, x], axis=axis),
    "swapaxes": lambda module, x, axis: module.swapaxes(x, 0, axis),
    "take": lambda module, x, axis: module.take(x, [0], axis=axis),
    "take_along_axis": lambda module, x, axis: module.take_along_axis(
        x, np.eye(2, dtype=int), axis
    ),
    "trace": lambda module, x, axis: module.trace(x, axis2=axis),
}

#: With these, NumPy takes one axis in a tuple, which its pages do not tell.
TAKEN_IN_A_TUPLE = {"cross", "linspace", "unstack"}


@pytest.mark.parametrize("axis", [(0, 1), (0,), [0], 0.0, "0"])
@pytest.mark.parametrize("name", ONE_AXIS)
def test_an_axis_that_must_be_one_is_one(name, axis):
    x = np.ones((2, 2)) if name != "cross" else np.ones((3, 3))
    if name not in TAKEN_IN_A_TUPLE:
        with pytest.raises(TypeError):
            ONE_AXIS[name](np, x, axis)
    for module, kind in ((tg, np.copy), (tg, tg.Value), (np, tg.Value)):
        with pytest.raises(TypeError, match="axis"):
            ONE_AXIS[name](module, kind(x), axis)
    for one in (1, -1, np.int64(1)):
        got, wanted = (ONE_AXIS[name](module, x, one) for module in (tg, np))
        np.testing.assert_array_equal(got, wanted)


def test_every_function_of_one_axis_is_tried():
    parameters = {name: inspect.signature(f).parameters for name, f in COMPOSITES.items()}
    of_one = {
        name
        for name, each in parameters.items()
        if any(key.startswith("axis") and "int" in str(p.annotation) for key, p in each.items())
    }
    of_one -= {"cumulative_prod", "cumulative_sum"}  # NumPy's take (0,) too
    assert of_one | {"cumprod", "cumsum", "sort"} == ONE_AXIS.keys()


# ----- The table itself -----


@every_row
def test_every_row_tells_its_formula_shapes_and_purpose(name):
    op = tg.OPS[name]
    names = [parameter.lstrip("*") for parameter in op.parameters]
    assert op.latex.format(**{name: name for name in names}, **op.options)
    assert op.name == op.__name__ == name
    assert op.doc.endswith(".")
    composed = ("astype", "clip", "concatenate", "einsum", "reshape", "stack")
    assert FUNCTIONS[name] is op or name in composed
    assert "->" in op.shapes
    assert repr(op) == f"<op {op.signature}>"
    assert op.doc in op.__doc__


@pytest.mark.parametrize(
    "module",
    [errors, kernels, operators, functions, op, value_module, record, relatives, backward, ops],
)
def test_the_examples_in_the_docstrings_are_true(module):
    failed, tried = doctest.testmod(module)
    assert failed == 0
    assert tried > 0 or module is errors


def test_a_power_of_float32_is_differentiated_in_float32():
    x = tg.Value(np.float32([0.1, 0.7]))
    slope = tg.grad(tg.sum(x**3), x, create_graph=True)
    assert {value.dtype for value in tg.history(slope)} == {np.dtype("float32")}


@pytest.mark.parametrize("split", [tg.split, tg.array_split])
@pytest.mark.parametrize("cuts", [1.0, [1.0, 2.0]])
def test_where_to_cut_is_no_value(split, cuts):
    with pytest.raises(TypeError, match="indices_or_sections must be ints, got Value"):
        split([1.0, 2.0, 3.0], tg.Value(cuts))


# ----- Quotients and what is left -----

SPECIAL = [0.0, -0.0, 0.1, 0.3, 1.0, -1.0, 7.0, -7.5, 1e300, -1e-300, np.inf, -np.inf, np.nan]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ["remainder", "mod", "fmod", "floor_divide", "divmod"])
def test_quotients_and_rests_are_numpys_at_every_edge(name, dtype):
    with np.errstate(all="ignore"):
        x, y = np.meshgrid(*[np.array(SPECIAL).astype(dtype)] * 2)
        wanted = getattr(np, name)(x, y)
        for a, b in ((x, y), (tg.Value(x), y), (x, tg.Value(y)), (tg.Value(x), tg.Value(y))):
            for function in (getattr(tg, name), getattr(np, name)):
                got = function(a, b)
                if name == "divmod":
                    assert all(map(same, map(np.copy, map(bare, got)), wanted))
                else:
                    assert same(bare(got), wanted)


def bare(x):
    return x.data if isinstance(x, tg.Value) else x


OF_PYTHON = {
    "%": (operator.mod, np.remainder),
    "//": (operator.floordiv, np.floor_divide),
    "divmod": (divmod, np.divmod),
}


@pytest.mark.parametrize("sign", OF_PYTHON)
def test_operators_of_quotients_take_values_on_both_sides(sign):
    function, numpys = OF_PYTHON[sign]
    x, y = np.array([7.3, -7.3]), np.array([[2.0], [-0.7]])
    for a, b in ((x, y), (x, 2), (2.5, y), (x.tolist(), y), (x, y.tolist()), (5, np.float64(3.0))):
        for left, right in ((tg.Value(a), b), (a, tg.Value(b)), (tg.Value(a), tg.Value(b))):
            got, wanted = function(left, right), numpys(a, b)
            for one, other in zip(*map(parts_of, (got, wanted)), strict=True):
                assert type(one) is tg.Value
                assert same(one.data, other)


def parts_of(x):
    return x if isinstance(x, tuple) else (x,)


@pytest.mark.parametrize(
    ("function", "x", "y", "by_x", "by_y"),
    [
        (tg.remainder, 7.3, 2.0, 1, -3),
        (tg.remainder, -7.3, 2.0, 1, 4),
        (tg.remainder, 7.3, -2.0, 1, 4),
        (tg.remainder, 1.0, 0.1, 1, -9),  # 1.0 / 0.1 is rounded up to 10
        (tg.fmod, 7.3, 2.0, 1, -3),
        (tg.fmod, -7.3, 2.0, 1, 3),
        (tg.fmod, 1.0, 0.1, 1, -9),
        (tg.fmod, 0.0, 2.0, 1, 0),
        (tg.floor_divide, 7.3, 2.0, 0, 0),
    ],
)
def test_a_rest_falls_by_the_divisor_as_often_as_it_was_taken_away(function, x, y, by_x, by_y):
    x, y = tg.Value(x), tg.Value(y)
    first = tg.grad(function(x, y) * 3.0, [x, y])
    assert first == [3 * by_x, 3 * by_y]
    assert tg.grad(tg.sum(tg.divmod(x, y)[1] * 3.0), x) == 3


# ----- Clipping: numbers, arrays and Values as ends, one or two or none -----

ENDS = {
    "numbers": (-0.5, 0.6),
    "one below": (-0.5, None),
    "one above": (None, 0.6),
    "none": (None, None),
    "a row": (np.array([-0.5, 0.0, 0.7]), 0.9),
    "a column": (-1.0, np.array([[0.3], [-0.2]])),
    "a table": (np.full((2, 1, 3), -0.1), [0.1, 0.2, 0.3]),
    "crossed": (0.5, -0.5),
    "crossed here and there": (np.array([-0.5, 0.5, 0.0]), 0.1),
    "no number below": (np.nan, 1.0),
    "no number above": (-1.0, [0.0, np.nan, 1.0]),
}


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_clipping_is_that_of_numpy_for_ends_of_any_kind(ends, dtype):
    x = np.array([[-2.0, 0.25, 0.75], [0.1, -0.3, np.inf]], dtype)
    low, high = ENDS[ends]
    wanted = x if low is high else np.clip(x, low, high)  # before 2.1 NumPy wanted an end
    assert same(tg.clip(x, low, high), wanted)
    v = tg.Value(x)
    for got in (
        tg.clip(v, low, high),
        tg.clip(v, min=low, max=high),
        tg.clip(v, a_max=high, a_min=low),
        v.clip(low, high),
        v.clip(min=low, max=high),
        np.clip(v, low, high),
    ):
        assert same(got.data, wanted)
    as_values = [None if end is None else np.asarray(end, dtype) for end in (low, high)]
    got = np.clip(v, *(None if end is None else tg.Value(end) for end in as_values))
    assert same(got.data, x if low is high else np.clip(x, *as_values))


@pytest.mark.parametrize(
    ("x", "low", "high", "wanted"),
    [
        (-1.0, 0.0, 1.0, [0, 1, 0]),
        (0.5, 0.0, 1.0, [1, 0, 0]),
        (2.0, 0.0, 1.0, [0, 0, 1]),
        (0.0, 0.0, 1.0, [1, 0, 0]),  # at an end the slope is that of x, as in PyTorch
        (1.0, 0.0, 1.0, [1, 0, 0]),
        (0.0, 0.0, 0.0, [1, 0, 0]),
        (-2.0, 1.0, 0.0, [0, 0, 1]),  # crossed
        (0.5, 1.0, 0.0, [0, 0, 1]),
        (2.0, 1.0, 0.0, [0, 0, 1]),
        (-np.inf, 0.0, np.inf, [0, 1, 0]),
        (np.inf, -np.inf, 1.0, [0, 0, 1]),
    ],
)
def test_the_slope_of_clipping_goes_to_the_one_whose_number_it_is(x, low, high, wanted):
    with np.errstate(all="raise"):
        found = gradient(tg.clip, x, low, high, seed=3.0)
        second = tg.grad(lambda z: tg.grad(tg.clip, 1)(x, z, high))(low)
    assert [float(each) for each in found] == [3 * each for each in wanted]
    assert second == 0


def test_the_ends_of_many_numbers_gather_their_slopes():
    x = np.array([[-2.0, 0.5, 3.0], [-1.0, -3.0, 0.2]])
    low, high = np.array([0.0, 0.1, 0.3]), np.array([[1.0], [0.15]])
    seed = np.arange(1.0, 7.0).reshape(2, 3)
    by_x, by_low, by_high = gradient(tg.clip, x, low, high, seed=seed)
    # From the rows: 0 (low), 0.5 (x), 1 (high); then 0 (low), 0.1 (low), 0.15 (high, crossed).
    assert by_x.tolist() == [[0, 2, 0], [0, 0, 0]]
    assert by_low.tolist() == [5, 5, 0]
    assert by_high.tolist() == [[3], [6]]


# ----- Products of all up to each -----


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "x",
    [
        [2.0, 0.0, 3.0, 5.0],
        [0.0, 2.0, 0.0, 3.0, 0.0],
        [0.0, 0.0],
        [-0.0, 4.0],
        [7.0],
        [],
        [1.0, 2.0, np.inf, 0.5],
    ],
)
def test_the_gradient_of_products_up_to_each_is_right_with_zeros(x, dtype):
    x = np.array(x, dtype)
    seed = np.arange(1.0, 1 + len(x)).astype(dtype)
    # The product up to i, but for k, by definition.
    wanted = [
        sum((seed[i] * np.prod(np.delete(x[: i + 1], k)) for i in range(k, len(x))), start=dtype(0))
        for k in range(len(x))
    ]
    found = gradient(tg.cumprod, x, seed=seed)
    assert same(found, np.array(wanted, dtype))
    for function in (np.cumprod, np.multiply.accumulate):
        assert same(gradient(function, x, seed=seed), found)


def test_the_curvature_of_products_up_to_each_is_right_with_zeros():
    x, seed = np.array([2.0, 0.0, 3.0, 0.0, 5.0]), np.array([1.0, -2.0, 0.5, 3.0, 7.0])
    wanted = np.zeros((5, 5))
    for i in range(5):
        for j in range(5):
            if i != j:
                wanted[i, j] = sum(
                    seed[n] * np.prod(np.delete(x[: n + 1], [i, j])) for n in range(max(i, j), 5)
                )
    found = tg.hessian(lambda x: tg.sum(seed * tg.cumprod(x)))(x)
    np.testing.assert_array_equal(found, wanted)
    compiled = tg.compile(tg.hessian(lambda x: tg.sum(seed * tg.cumprod(x))))(x)
    np.testing.assert_array_equal(compiled, wanted)


@pytest.mark.parametrize("name", ["cumulative_sum", "cumulative_prod"])
def test_accumulating_needs_an_axis_where_there_is_not_one(name):
    function = getattr(tg, name)
    for x in (np.ones((2, 2)), 1.0, tg.Value([[1.0]])):
        with pytest.raises(tg.errors.ShapeError, match=r"axis must be given .* ravel first"):
            function(x)
    for axis in ((0, 1), (0,), [0], 0.0, "0"):
        with pytest.raises(TypeError, match="axis must be an int"):
            function(tg.Value(np.ones((2, 2))), axis=axis)
    if hasattr(np, name):
        for axis in (0, 1):
            for shape in ((2, 3), (0, 2), (2, 0)):
                x = np.random.default_rng(0).normal(size=shape)
                wanted = getattr(np, name)(x, axis=axis, include_initial=True)
                assert same(function(x, axis=axis, include_initial=True), wanted)
