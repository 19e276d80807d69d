"""The kernels against functions in 400 digits, at every magnitude and without a warning."""

import inspect
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.oracles import EXACT, relative_error, ulps
from tinygrad_mlp import kernels

every_exact = pytest.mark.parametrize("name", EXACT)

#: Each marks an edge of some formula: subnormals, cancellation, saturation, overflow.
EDGES = [0.0, 5e-324, 1e-310, 2.3e-308, 1e-200, 1e-20, 1e-16, 1e-8, 1e-3, 0.1, 0.5, 0.7, 1.0, 2.0]
EDGES += [5.0, 10.0, 17.0, 18.4, 20.0, 30.0, 36.0, 36.8, 37.0, 40.0, 44.5, 88.0, 89.0, 104.0]
EDGES += [300.0, 350.0, 354.0, 372.0, 373.0, 500.0, 700.0, 708.5, 710.0, 740.0, 745.0, 745.2]
EDGES += [746.0, 800.0, 1e4, 1e30, 1e300, 1.7976931348623157e308]

#: In units of the last place. The worst of 70,000 random numbers was 4.8; a formula that cancels
#: is off by millions.
FEW = 8.0


def with_gradient(name, x):
    """Value of a function and its gradient, with every floating-point flag but underflow fatal."""
    value = tg.Value(x)
    with np.errstate(all="raise", under="ignore"):
        out = tg.OPS[name](value)
        return out.data, tg.grad(out, value)


@every_exact
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_values_and_gradients_are_exact_to_a_few_ulp_everywhere(name, dtype):
    largest = float(np.finfo(dtype).max)
    for edge in EDGES:
        for x in (dtype(min(edge, largest)), -dtype(min(edge, largest))):
            got = with_gradient(name, x)
            errors = [ulps(y, f, x) for y, f in zip(got, EXACT[name], strict=True)]
            assert max(errors) <= FEW, (x, got, errors)


@every_exact
@given(x=st.floats(-800, 800) | st.floats(allow_nan=False, allow_infinity=False))
def test_no_number_is_an_exception(name, x):
    for y, function in zip(with_gradient(name, np.float64(x)), EXACT[name], strict=True):
        assert ulps(y, function, np.float64(x)) <= FEW


@every_exact
def test_a_table_gives_what_its_numbers_give(name):
    numbers = np.array([*EDGES, *(-x for x in EDGES)])
    out, gradients = zip(*(with_gradient(name, x) for x in numbers), strict=True)
    tables = (
        tg.OPS[name](numbers),
        tg.grad(tg.OPS[name](x := tg.Value(numbers)), x, np.ones_like(numbers)),
    )
    # Vectorised exponentials may round otherwise in the last place.
    np.testing.assert_allclose(tables[0], out, rtol=1e-15, atol=1e-323)
    np.testing.assert_allclose(tables[1], gradients, rtol=1e-15, atol=1e-323)


@pytest.mark.parametrize(
    ("name", "at_minus_inf", "at_inf", "slope_at_minus_inf", "slope_at_inf"),
    [
        ("sigmoid", 0.0, 1.0, 0.0, 0.0),
        ("sigmoid_prime", 0.0, 0.0, 0.0, 0.0),
        ("tanh", -1.0, 1.0, 0.0, 0.0),
        ("tanh_prime", 0.0, 0.0, 0.0, 0.0),
        ("softplus", 0.0, np.inf, 0.0, 1.0),
        ("log_sigmoid", -np.inf, 0.0, 1.0, 0.0),
    ],
)
def test_infinity_is_the_limit_and_nan_stays_nan(
    name, at_minus_inf, at_inf, slope_at_minus_inf, slope_at_inf
):
    assert with_gradient(name, -np.inf) == (at_minus_inf, slope_at_minus_inf)
    assert with_gradient(name, np.inf) == (at_inf, slope_at_inf)
    assert np.isnan(with_gradient(name, np.nan)).all()


@every_exact
def test_both_zeros_give_the_same(name):
    assert with_gradient(name, -0.0) == with_gradient(name, 0.0)


def test_the_slope_of_the_logistic_function_does_not_vanish_early():
    assert kernels.sigmoid_prime(np.float64(40.0)) == 4.248354255291589e-18
    assert with_gradient("sigmoid", 40.0)[1] == 4.248354255291589e-18
    assert kernels.sigmoid_prime(np.float64(-125.0)) == pytest.approx(
        5.166420632837861e-55, rel=1e-15, abs=0
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.longdouble])
def test_value_and_slope_at_once_are_those_one_after_the_other(dtype):
    edges = np.array(
        [np.inf, np.nan, *(x for x in EDGES if x <= float(np.finfo(dtype).max))], dtype
    )
    tables = (np.concatenate([edges, -edges]), edges[edges < 5.0], np.zeros((0, 3), dtype))
    rows = [op for op in tg.OPS.values() if op.compute_with_slope]
    assert tg.sigmoid in rows
    for op in rows:
        for x in (*tables, *tables[0]):
            with np.errstate(all="raise", under="ignore"):
                value, slope = op.compute_with_slope(x)
                np.testing.assert_array_equal(value, op.compute(x))
                if slope is not None:
                    wanted = op.rule_of_slope(dtype(1.0), value, x)
                    np.testing.assert_array_equal(slope, wanted)
                    assert value.dtype == slope.dtype == dtype
        assert (op.compute_with_slope(tables[1])[1] is None) == (dtype is np.float16)


def test_a_kernel_needs_numpy_and_nothing_else():
    functions = inspect.getmembers(kernels, inspect.isfunction)
    assert len(functions) > 10
    for _, function in functions:
        assert set(inspect.getclosurevars(function).globals) <= {"np"}


# ----- Shares -----


def test_ties_of_two_share_evenly_and_nothing_overflows():
    largest = np.float16(60000)
    assert kernels.larger_share(largest, largest) == 0.5
    assert kernels.larger_share(np.inf, np.inf) == 0.5
    x = np.array([0.0, 1.0, 2.0], np.float32)
    assert kernels.larger_share(x, 1.0).tolist() == [0, 0.5, 1]
    assert kernels.larger_share(x, 1.0).dtype == np.float32


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1), (-1,)])
def test_shares_of_a_maximum_sum_to_one(axis):
    x = np.array([[2.0, 2.0, 1.0], [2.0, 0.0, 5.0]])
    shares = kernels.max_share(x, axis)
    assert np.array_equal(np.sum(shares, axis=axis), np.ones(np.max(x, axis=axis).shape))
    assert not shares[x < np.max(x, axis=axis, keepdims=True)].any()


def test_a_maximum_that_is_nan_comes_from_the_nans():
    assert kernels.max_share(np.array([1.0, np.nan, 9.0]), None).tolist() == [0, 1, 0]


def test_more_ties_than_half_precision_can_count():
    shares = kernels.max_share(np.ones(70_000, np.float16), None)
    assert shares.dtype == np.float16
    assert np.array_equal(shares, np.full(70_000, np.float16(1 / 70_000)))


# ----- Reductions -----


@pytest.mark.parametrize("axis", [(0,), (2,), (0, 2), (2, 0), (0, 1, 2), ()])
@pytest.mark.parametrize("zeros", [0, 1, 4, 24])
def test_the_product_of_others_needs_no_division(axis, zeros):
    rng = np.random.default_rng(zeros)
    x = rng.uniform(0.5, 2.0, 24)
    x[rng.permutation(24)[:zeros]] = 0.0
    x = x.reshape(2, 3, 4)
    wanted = np.empty_like(x)
    for place in np.ndindex(x.shape):
        others = np.copy(x)
        others[place] = 1.0
        line = tuple(slice(None) if a in axis else i for a, i in enumerate(place))
        wanted[place] = np.prod(others[line])
    assert relative_error(kernels.product_of_others(x, axis), wanted) < 1e-14


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (1, 0, 3), ()])
def test_products_of_nothing_have_no_others(shape):
    for axis in [tuple(range(len(shape))), *((a,) for a in range(len(shape))), ()]:
        others = kernels.product_of_others(np.zeros(shape), axis)
        assert others.shape == shape
        assert np.all(others == 1.0) or len(axis) > 0


@pytest.mark.parametrize("size", [1e-320, 1e-200, 1.0, 1e200, 1.7e308])
def test_a_length_neither_overflows_nor_vanishes(size):
    with np.errstate(all="raise", under="ignore"):
        length = kernels.norm(np.array([0.6 * size, -0.8 * size]), None, keepdims=False)
    assert length == pytest.approx(size, rel=1e-3 if size < 1e-300 else 1e-15, abs=0)


def test_lengths_at_the_edges():
    x = np.array([[0.0, 0.0], [3.0, np.inf], [3.0, np.nan], [-3.0, 4.0]])
    wanted = [0.0, np.inf, np.nan, 5.0]
    assert np.array_equal(kernels.norm(x, (1,), keepdims=False), wanted, equal_nan=True)
    assert kernels.norm(x, (1,), keepdims=True).shape == (4, 1)
    assert kernels.norm(np.zeros((0, 3)), (0,), keepdims=False).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ([1000.0, 1000.0], 1000 + math.log(2)),
        ([-1000.0, -1000.0], -1000 + math.log(2)),
        ([0.0, -np.inf], 0.0),
        ([-np.inf, -np.inf], -np.inf),
        ([], -np.inf),
        ([np.inf, 0.0], np.inf),
        ([1e300, -1e300], 1e300),
    ],
)
def test_logsumexp_does_not_overflow(row, wanted):
    with np.errstate(all="raise", under="ignore"):
        assert kernels.logsumexp(np.array(row), None, keepdims=False) == wanted
        assert (
            kernels.logsumexp(np.array([row, row]), (1,), keepdims=True).tolist() == [[wanted]] * 2
        )


def test_softmax_does_not_overflow():
    x = np.array([[1e300, 0.0, -1e300], [-1000.0, -1000.0, -np.inf]])
    with np.errstate(all="raise", under="ignore"):
        assert kernels.softmax(x, -1).tolist() == [[1, 0, 0], [0.5, 0.5, 0]]
        row = kernels.log_softmax(x, -1)[1]
        assert row.tolist() == [-math.log(2), -math.log(2), -np.inf]
        assert kernels.log_softmax(np.array([0.0, -800.0]), -1).tolist() == [0, -800]


# ----- Shapes -----


@pytest.mark.parametrize(
    ("large", "small"),
    [
        ((2, 3), ()),
        ((2, 3), (3,)),
        ((2, 3), (2, 1)),
        ((4, 2, 3), (1, 3)),
        ((0, 3), (3,)),
        ((2,), (2,)),
    ],
)
def test_summing_to_a_shape_is_the_adjoint_of_broadcasting(large, small):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=large), np.asarray(rng.normal(size=small))
    summed = kernels.sum_to(x, small)
    assert summed.shape == small
    assert np.sum(summed * y) == pytest.approx(np.sum(x * np.broadcast_to(y, large)))


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, np.uint16])
def test_placing_accumulates_for_every_type_of_index(dtype):
    rows = np.array([0, 100, 100, 3], dtype)
    placed = kernels.place(np.array([1.0, 2.0, 4.0, 8.0]), rows, (10_000,))
    assert (placed[0], placed[100], placed[3], placed.sum()) == (1, 6, 8, 15)


def test_placing_counts_negative_indices_from_the_end():
    assert kernels.place(np.ones(3), np.array([-1, 2, 0]), (3,)).tolist() == [1, 0, 2]


def test_placing_keeps_half_precision():
    assert kernels.place(np.ones(2, np.float16), np.array([0, 0]), (2,)).dtype == np.float16


# ----- Losses -----


def test_certain_and_right_costs_nothing_and_certain_and_wrong_everything():
    certain = np.array([0.0, 1.0])
    with np.errstate(all="raise"):
        assert kernels.binary_cross_entropy(certain, certain) == 0
    with np.errstate(divide="ignore"):
        assert kernels.binary_cross_entropy(certain, 1 - certain) == np.inf


def test_huge_logits_do_not_overflow():
    truth = np.array([[1.0, 0.0], [0.0, 1.0]])
    with np.errstate(all="raise", under="ignore"):
        assert kernels.softmax_cross_entropy(truth, 1e4 * truth) == 0
        assert kernels.softmax_cross_entropy(truth, 1e4 - 1e4 * truth) == 1e4


@pytest.mark.skipif(np.finfo(np.longdouble).eps == np.finfo(float).eps, reason="it is a double")
def test_the_logistic_function_has_all_digits_of_a_long_double():
    assert kernels.sigmoid(np.longdouble(100.0)) == 1
    z = np.longdouble(60.0)
    assert abs(kernels.sigmoid_prime(z) / np.exp(-z) - 1) < 8 * np.finfo(z).eps
