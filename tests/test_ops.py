"""Every row of the table against differences and NumPy, and every edge that bit somebody."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import tinygrad_mlp as tg
from tests.oracles import SLOPED, calls, relative_error, slope
from tinygrad_mlp import engine, errors, kernels, operators, ops
from tinygrad_mlp.operators import FUNCTIONS

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
    result = np.zeros(shape)
    np.add.at(result, index, x)
    return result[()]


SAME = (
    "add broadcast_to clip cos divide exp expand_dims expm1 log log1p matmul max maximum mean min "
    "minimum multiply negative power prod sign sin sqrt square squeeze subtract sum tanh "
    "transpose where"
)
FORMULAS = {
    "abs": np.abs,
    "affine": lambda x, W, b: np.matmul(x, W) + b,
    "astype": np.array,
    "binary_cross_entropy": lambda y, p: np.mean(-(y * np.log(p)) - (1 - y) * np.log(1 - p)),
    "concatenate": lambda *arrays, axis: np.concatenate(arrays, axis),
    "divide_or_zero": np.divide,
    "exponent_below": lambda y: y - 1,
    "getitem": lambda x, index: x[tuple(index) if isinstance(index, tuple) else index],
    "half_squared_error": lambda y, p: ((y - p) ** 2).sum() / 2,
    "larger_share": lambda x, y: np.heaviside(x - y, 0.5),
    "log_of_base": lambda x, y: np.log(x) + 0 * y,
    "log_sigmoid": lambda z: -np.log(1 + np.exp(-z)),
    "log_softmax": lambda x, axis: x - np.log(np.sum(np.exp(x), axis, keepdims=True)),
    "logsumexp": lambda x, **options: np.log(np.sum(np.exp(x), **options)),
    "max_share": lambda x, axis: np.equal(x, np.max(x, axis, keepdims=True)) * 1.0,
    "mse": lambda y, p: ((y - p) ** 2 / 2).mean(),
    "norm": lambda x, **options: np.sqrt(np.sum(x * x, **options)),
    "place": _placed,
    "product_of_others": lambda x, axis: np.prod(x, axis, keepdims=True) / x,
    "relu": lambda x: x * (x > 0),
    "reshape": np.reshape,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "sigmoid_prime": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    "softmax": lambda x, axis: np.exp(x) / np.sum(np.exp(x), axis, keepdims=True),
    "softmax_cross_entropy": lambda y, z: np.mean(
        np.sum(-y * np.log(np.exp(z) / np.sum(np.exp(z), -1, keepdims=True)), -1)
    ),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "stop_gradient": np.copy,
    "tanh_prime": lambda x: 1 / np.cosh(x) ** 2,
}


NUMPYS = {name: getattr(np, name) for name in SAME.split()} | FORMULAS


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
            got = call.op(*(convert(x > 0) for x in call.arguments), **call.options)
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


# ----- Bad arguments -----


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: tg.sum(x, axis=2), tg.errors.ShapeError, r"axis 2 .* shape \(2, 3\)"),
        (lambda x: tg.sum(x, axis=(0, -2)), ValueError, "one axis twice"),
        (lambda x: tg.sum(x, axis=1.0), TypeError, "axis must be .* got 1.0"),
        (lambda x: tg.sum(x, axis=True), TypeError, "axis must be .* got True"),
        (lambda x: tg.sum(x, 0, float), TypeError, "keepdims must be True or False"),
        (lambda x: tg.sum(x, axes=0), TypeError, r"sum\(x, axis=None, keepdims=False\).*axes"),
        (lambda x: tg.exp(x, x), TypeError, r"exp\(x\) cannot be called so: 2 given"),
        (lambda x: tg.exp(), TypeError, r"exp\(x\) cannot be called so: 0 given"),
        (lambda x: tg.power(x, x=x), TypeError, r"power\(x, y\) cannot be called so"),
        (tg.clip, TypeError, "a_min, a_max or both"),
        (lambda x: tg.clip(x, 1.0, 0.0), ValueError, "a_min = 1.0 and a_max = 0.0"),
        (lambda x: tg.clip(x, np.nan), ValueError, "a_min = nan"),
        (lambda x: tg.clip(x, a_max=tg.Value(1.0)), TypeError, "a_max must be a number"),
        (lambda x: tg.clip(x, np.zeros(3)), TypeError, "maximum and minimum take arrays"),
        (lambda x: tg.reshape(x, (4, -1)), tg.errors.ShapeError, r"size 6 .* shape = \(4, -1\)"),
        (lambda x: tg.reshape(x, 1.0), TypeError, "shape must be an int"),
        (lambda x: tg.broadcast_to(x, (3, 2)), tg.errors.ShapeError, r"\(2, 3\)"),
        (lambda x: tg.transpose(x, (0,)), tg.errors.ShapeError, "every axis"),
        (lambda x: tg.squeeze(x, 1), tg.errors.ShapeError, "size not equal to one"),
        (lambda x: tg.astype(x, int), TypeError, "floating type, got int64"),
        (lambda x: tg.softmax(1.0), tg.errors.ShapeError, "axis -1 does not exist"),
        (lambda x: tg.max(np.zeros(0)), tg.errors.ShapeError, "max: .* no identity"),
        (lambda x: x[2], IndexError, r"index 2 is out of bounds.* \(label 'w'\)"),
        (lambda x: x[1.0], TypeError, "an index is made of .* got 1.0"),
        (lambda x: x[tg.Value(1.0)], TypeError, "an index is made of"),
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
        (lambda x: tg.softmax_cross_entropy(1.0, 1.0), tg.errors.ShapeError, "axis of classes"),
    ],
)  # fmt: skip
def test_a_call_that_cannot_be_is_refused_in_its_own_words(call, error, words):
    with pytest.raises(error, match=words):
        call(tg.Value(np.ones((2, 3)), label="w"))


# ----- Kinks, edges, and what other frameworks answered wrongly -----
#
# The origin of a bug is in the comment. Every cotangent is 3, for many a wrong rule is right for 1.


def _sinc(x):
    other = tg.where(x.data == 0, 1.0, x)
    return tg.where(x.data == 0, 1.0, tg.sin(other) / other)


MASK = np.array([[True, False], [True, True]])
TABLE = np.arange(20.0).reshape(5, 4)

#: Sentence: function of one Value, where, and its gradient there (times the cotangent).
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
    "x**x has both shares": (lambda x: x**x, [1.0, 2.0], [1, 4 * (1 + np.log(2))]),
    "a product of one zero has slope 1": (tg.prod, [0.0], [1]),  # autograd
    "a product with one zero": (tg.prod, [0.0, 2.0, 3.0], [6, 0, 0]),  # tinygrad, PyTorch
    "a product with two zeros": (tg.prod, [0.0, 0.0, 3.0], [0, 0, 0]),
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


def test_nan_in_nan_out():
    for name, op in tg.OPS.items():
        if name in ("where", "larger_share") or not (op.elementwise or "keepdims" in op.options):
            continue  # choices: what was not chosen has no say
        rest = [0.5] * (len(op.parameters) - 1)
        assert np.isnan(op([np.nan, 0.5], *rest)).any(), name
        assert np.isnan(op(tg.Value([np.nan, 0.5]), *rest).data).any(), name


def test_the_mean_of_nothing_has_a_gradient_of_no_elements():
    x = tg.Value(np.zeros((0, 3)))
    with pytest.warns(RuntimeWarning, match="Mean of empty"), np.errstate(invalid="ignore"):
        out = tg.mean(x)
    assert tg.grad(out, x).shape == (0, 3)


# ----- The table itself -----


@every_row
def test_every_row_tells_its_formula_shapes_and_purpose(name):
    op = tg.OPS[name]
    names = [parameter.lstrip("*") for parameter in op.parameters]
    assert op.latex.format(**{name: name for name in names}, **op.options)
    assert op.name == op.__name__ == name
    assert op.doc.endswith(".")
    assert FUNCTIONS[name] is op or name == "concatenate"
    assert "->" in op.shapes
    assert repr(op) == f"<op {op.signature}>"
    assert op.doc in op.__doc__


@pytest.mark.parametrize("module", [errors, kernels, operators, engine, ops])
def test_the_examples_in_the_docstrings_are_true(module):
    failed, tried = doctest.testmod(module)
    assert failed == 0
    assert tried > 0 or module is errors
