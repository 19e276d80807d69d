"""Degrees, parts of numbers, and what replaces nan, against NumPy."""

import numpy as np
import pytest

import tinygrad_mlp as tg

X = np.array([[-1.5, 0.0, 2.5], [0.25, -0.0, 7.0]])
#: By how much they grow with their argument.
SLOPES = {
    "deg2rad": np.pi / 180,
    "radians": np.pi / 180,
    "rad2deg": 180 / np.pi,
    "degrees": 180 / np.pi,
    "positive": 1.0,
    "conj": 1.0,
    "conjugate": 1.0,
    "real": 1.0,
    "imag": 0.0,
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", SLOPES)
def test_a_conversion_is_numpys_and_a_straight_line(name, dtype):
    x = X.astype(dtype)
    wanted = getattr(np, name)(x)
    seed = np.arange(6.0).reshape(2, 3).astype(dtype)
    for function in (getattr(np, name), getattr(tg, name)):
        value = tg.Value(x)
        got = function(value)
        assert (type(got), got.dtype) == (tg.Value, dtype)
        # In float32 NumPy's degrees are not rounded to the nearest.
        np.testing.assert_allclose(got.data, wanted, rtol=np.finfo(dtype).eps)
        found = tg.grad(got, value, seed)
        np.testing.assert_array_equal(found, seed * dtype(SLOPES[name]))
    np.testing.assert_array_equal(getattr(tg, name)(x), got.data)
    np.testing.assert_array_equal(tg.compile(getattr(tg, name))(x), got.data)


def test_a_value_has_the_parts_that_an_array_has():
    value = tg.Value(X)
    for name in ("real", "imag"):
        part = getattr(value, name)
        np.testing.assert_array_equal(part.data, getattr(X, name))
        assert tg.grad(tg.sum(part), value).tolist() == [[SLOPES[name]] * 3] * 2


def test_the_imaginary_part_of_what_is_infinite_is_zero_too():
    x = tg.Value([np.inf, np.nan])
    assert tg.imag(x).data.tolist() == [0.0, 0.0]
    assert tg.grad(tg.sum(tg.imag(x)), x).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("options", [{}, {"nan": 1.0}, {"posinf": 2.0, "neginf": -3.0}])
def test_what_replaces_nan_has_the_type_of_the_numbers(options, dtype):
    x = np.array([np.nan, np.inf, -np.inf, 1.5, 0.0], dtype)
    wanted = np.nan_to_num(x, **options)
    got = np.nan_to_num(tg.Value(x), **options)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got.data, wanted)
    found = tg.grad(lambda x: tg.sum(tg.nan_to_num(x, **options)))(x)
    assert found.tolist() == [0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("name", "x", "y", "value", "slopes"),
    [
        ("fmax", 1.0, 2.0, 2.0, [0, 1]),
        ("fmin", 1.0, 2.0, 1.0, [1, 0]),
        ("fmax", 2.0, 2.0, 2.0, [0.5, 0.5]),
        ("fmin", 2.0, 2.0, 2.0, [0.5, 0.5]),
        ("fmax", np.nan, -5.0, -5.0, [0, 1]),
        ("fmin", -5.0, np.nan, -5.0, [1, 0]),
        ("fmax", np.inf, np.nan, np.inf, [1, 0]),
    ],
)
def test_of_a_nan_and_a_number_the_number_is_taken(name, x, y, value, slopes):
    x, y = tg.Value(x), tg.Value(y)
    with np.errstate(all="raise"):
        for function in (getattr(tg, name), getattr(np, name)):
            found = function(x, y)
            assert found.data == value
            assert tg.grad(found * 3.0, [x, y]) == [3 * slope for slope in slopes]


def test_of_two_nan_there_is_none():
    for function in (tg.fmax, tg.fmin):
        assert np.isnan(function(tg.Value(np.nan), np.nan).data)


@pytest.mark.parametrize(
    ("x", "y"), [(1000.0, 1000.0), (1000.0, -1000.0), (-3.0, 2.5), (-np.inf, 4.0), (0.0, 0.0)]
)
def test_adding_in_logarithms_to_the_base_2_does_not_overflow(x, y):
    share = 1.0 / (1.0 + 2.0 ** (y - x)) if np.isfinite(x) else 0.0
    with np.errstate(all="raise", under="ignore"):
        a, b = tg.Value(x), tg.Value(y)
        found = np.logaddexp2(a, b)
        np.testing.assert_allclose(found.data, np.logaddexp2(x, y), rtol=1e-15)
        np.testing.assert_allclose(tg.grad(found, [a, b]), [share, 1 - share], rtol=1e-15)
