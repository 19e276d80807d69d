"""Averages, and what leaves out nan, against NumPy and by hand."""

import warnings

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import relative_error, slope

X = np.array([[0.7, np.nan, 0.4], [0.8, 0.5, np.nan], [-0.3, 1.2, 0.1]])
KNOWN = ~np.isnan(X)
NAMES = ["nansum", "nanprod", "nanmean", "nanmax", "nanmin", "nanvar", "nanstd"]
OPTIONS = [{}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": (0, 1)}]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_nan_is_left_out_as_by_numpy(name, options, dtype):
    x = X.astype(dtype)
    wanted = getattr(np, name)(x, **options)
    for function in (getattr(tg, name), getattr(np, name)):
        got = function(tg.Value(x), **options)
        assert (type(got), got.dtype) == (tg.Value, dtype)
        assert relative_error(got.data, wanted) < 8 * np.finfo(dtype).eps
        compiled = tg.compile(lambda x, f=function: f(x, **options))(x)
        np.testing.assert_array_equal(compiled, got.data)
    np.testing.assert_array_equal(getattr(tg, name)(x, **options), got.data)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_nan_gets_no_gradient_and_the_others_that_of_differences(name, options):
    way, other = np.random.default_rng(1).uniform(-1, 1, (2, 3, 3))
    function = getattr(tg, name)
    weights = np.random.default_rng(2).uniform(-1, 1, np.shape(function(X, **options)))

    def total(x):
        return tg.sum(weights * function(x, **options))

    with np.errstate(all="raise"):
        found = tg.grad(total)(X)
    assert not np.any(found[~KNOWN])
    assert relative_error(np.sum(found * way), slope(lambda t: total(X + t * way))) < 1e-11
    curvature = np.sum(tg.hvp(total, (X,), (way,))[0] * other)
    wanted = slope(lambda s: slope(lambda t: total(X + t * way + s * other)))
    assert relative_error(curvature, wanted) < 1e-8


@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_nan_is_what_it_is_to_numpy(name):
    x = np.array([[np.nan, np.nan], [1.0, 2.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        wanted = getattr(np, name)(x, axis=1)
        got = getattr(tg, name)(tg.Value(x), axis=1)
        slopes = tg.grad(lambda x: getattr(tg, name)(x, axis=1)[1])(x)
    np.testing.assert_array_equal(got.data, wanted)
    assert np.all(np.isfinite(slopes[1]))


def test_some_of_what_is_no_nan_can_be_chosen():
    mask = np.arange(3) < 2
    for name in NAMES:
        if name not in ("nanmax", "nanmin"):
            got = getattr(np, name)(tg.Value(X), where=mask)
            np.testing.assert_allclose(got.data, getattr(np, name)(X, where=mask), rtol=1e-15)
    assert tg.nansum(tg.Value(X), initial=2.0) == np.nansum(X, initial=2.0)


# ----- Averages -----

W = np.array([[0.5, 2.0, 1.0], [0.25, 1.0, 3.0]])
A = np.array([[1.0, -2.0, 4.0], [3.0, 0.5, -1.0]])
WEIGHTS = [
    ({}, None),
    ({"axis": 0}, None),
    ({}, W),
    ({"axis": 1}, W),
    ({"axis": 1}, W[0]),
    ({"axis": 0, "keepdims": True}, W[:, 1]),
    ({"axis": (0, 1)}, W),
    ({"axis": (1, 0)}, W.T),
    ({"axis": (-1,)}, W[1]),
]


@pytest.mark.parametrize(("options", "weights"), WEIGHTS)
def test_an_average_and_the_sum_of_its_weights_are_numpys(options, weights):
    wanted = np.average(A, weights=weights, returned=True, **options)
    for a, w in ((A, weights), (tg.Value(A), weights), (A.tolist(), weights)):
        got = tg.average(a, weights=w, returned=True, **options)
        for one, other in zip(got, wanted, strict=True):
            one = getattr(one, "data", one)
            assert one.shape == np.shape(other)
            np.testing.assert_allclose(one, other, rtol=1e-15)
    if weights is not None:
        a, w = tg.Value(A), tg.Value(weights)
        mean, total = np.average(a, weights=w, returned=True, **options)
        np.testing.assert_allclose(mean.data, wanted[0], rtol=1e-15)
        np.testing.assert_allclose(total.data, wanted[1], rtol=1e-15)


def test_the_gradient_of_an_average_is_that_of_its_formula():
    a, w = tg.Value(A), tg.Value(W)
    mean = np.average(a, axis=1, weights=w)
    by_a, by_w = tg.grad(mean, [a, w], [1.0, 10.0])
    totals = W.sum(1, keepdims=True)
    means = np.sum(A * W, 1, keepdims=True) / totals
    seeds = np.array([[1.0], [10.0]])
    np.testing.assert_allclose(by_a, seeds * W / totals, rtol=1e-15)
    np.testing.assert_allclose(by_w, seeds * (A - means) / totals, rtol=1e-13)


@pytest.mark.parametrize(
    ("a", "weights", "axis"),
    [
        ([1.0, 2.0], [0.0, 0.0], None),
        ([1.0, 2.0], [1.0, -1.0], None),
        (A, [[1.0, 2.0, 3.0], [1.0, 0.0, -1.0]], 1),
        ([], [], None),
    ],
)
def test_an_average_of_weights_that_are_nothing_together_is_refused_as_by_numpy(a, weights, axis):
    calls = [(a, weights), (tg.Value(a), weights), (tg.Value(a), tg.Value(weights))]
    with pytest.raises(ZeroDivisionError):
        np.average(a, weights=weights, axis=axis)
    for x, w in calls:
        with pytest.raises(ZeroDivisionError, match="weights must not add up to 0"):
            tg.average(x, weights=w, axis=axis)
    with pytest.raises(ZeroDivisionError):
        tg.grad(lambda w: tg.sum(tg.average(a, weights=w, axis=axis)))(np.array(weights))


def test_an_average_that_looks_at_no_numbers_is_no_number_where_weights_are_nothing_together():
    def average(weights):
        return tg.average([1.0, 2.0], weights=weights)

    compiled = tg.compile(average)
    with np.errstate(invalid="ignore", divide="ignore"):
        assert np.isnan(compiled(np.zeros(2)))
        assert compiled(np.array([1.0, 1.0])) == 1.5
        assert compiled(np.array([1.0, -1.0])) == -np.inf
        found = tg.vmap(average)(np.array([[1.0, 3.0], [1.0, -1.0]]))
    assert found.tolist() == [1.75, -np.inf]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: tg.average(x, weights=W[0]), TypeError, r"weights of shape \(3,\) .* an axis"),
        (lambda x: tg.average(x, 0, W[0]), tg.ShapeError, r"\(3,\) fit neither a of shape \(2, 3"),
        (lambda x: tg.average(x, 2, W), tg.ShapeError, "axis 2 does not exist"),
        (lambda x: tg.nanmean(x, axis=5), tg.ShapeError, "axis 5 does not exist"),
    ],
)
def test_weights_and_axes_that_do_not_fit_are_refused(call, error, words):
    for kind in (np.copy, tg.Value):
        with pytest.raises(error, match=words):
            call(kind(A))
