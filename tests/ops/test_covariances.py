"""Tests of covariances and correlations: NumPy's numbers, and slopes by complex steps."""

import numpy as np
import pytest

import tinygrad_mlp as tg

TABLE = np.random.default_rng(8).uniform(-1, 1, (3, 5))
OTHER = np.random.default_rng(9).uniform(-1, 1, (2, 5))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.longdouble])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"bias": True},
        {"ddof": 0},
        {"ddof": 2, "bias": True},
        {"fweights": [1, 0, 3, 1, 2]},
        {"aweights": [0.5, 1.0, 0.0, 2.0, 1.0]},
        {"fweights": [1, 0, 3, 1, 2], "aweights": [0.5, 1.0, 0.0, 2.0, 1.0], "ddof": 2},
        {"aweights": [0.5, 1.0, 0.0, 2.0, 1.0], "bias": True},
    ],
)
def test_covariances_are_numpys(options, dtype):
    m, y = TABLE.astype(dtype), OTHER.astype(dtype)
    bound = 20 * np.finfo(np.result_type(dtype, np.float64)).eps
    for args in ((m,), (m[0],), (m, y), (m[0], y[1]), (m[:1], y)):
        for rowvar in (True, False):
            given = args if rowvar else [each.T for each in args]
            wanted = np.cov(*given, rowvar=rowvar, **options)
            for got in (
                tg.cov(*given, rowvar=rowvar, **options),
                np.cov(*map(tg.Value, given), rowvar=rowvar, **options).data,
                tg.compile(lambda *a, r=rowvar: tg.cov(*a, rowvar=r, **options))(*given),
            ):
                assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape)
                np.testing.assert_allclose(got, wanted, rtol=bound, atol=bound)
    value = tg.Value(m)
    assert tg.grad(tg.sum(tg.cov(value, **options)), value).dtype == dtype


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_correlations_are_numpys(dtype):
    m, y = TABLE.astype(dtype), OTHER.astype(dtype)
    for args in ((m,), (m[0],), (m, y), (m[0], -2 * m[0]), (m, y, False)):
        given = [each.T if args[-1] is False else each for each in args if each is not False]
        rowvar = args[-1] is not False
        wanted = np.corrcoef(*given, rowvar=rowvar)
        got = np.corrcoef(*map(tg.Value, given), rowvar=rowvar)
        assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape)
        np.testing.assert_allclose(got.data, wanted, rtol=1e-14, atol=1e-14)
        assert np.max(np.abs(got.data)) <= 1
        run = tg.compile(lambda *a, r=rowvar: tg.corrcoef(*a, rowvar=r))(*given)
        np.testing.assert_array_equal(run, got.data)


def test_a_variable_that_does_not_vary_has_no_correlation():
    with np.errstate(invalid="ignore"):
        found = tg.corrcoef([[1.0, 2.0, 4.0], [3.0, 3.0, 3.0]])
    np.testing.assert_array_equal(np.isnan(found), [[False, True], [True, True]])


def _by_hand(m, ddof=1, weights=None):
    """Covariances of complex numbers, of which none is conjugated."""
    weights = np.ones(m.shape[1]) if weights is None else weights
    distance = m - (m @ weights / np.sum(weights))[:, np.newaxis]
    return distance * weights @ distance.T / (np.sum(weights) - ddof)


def _correlations(m):
    found = _by_hand(m)
    size = np.sqrt(np.diagonal(found))
    return found / np.outer(size, size)


@pytest.mark.parametrize(
    ("function", "by_hand"),
    [
        (tg.cov, _by_hand),
        (lambda m: tg.cov(m, bias=True), lambda m: _by_hand(m, 0)),
        (
            lambda m: tg.cov(m, fweights=[1, 0, 3, 1, 2]),
            lambda m: _by_hand(m, 1, np.array([1.0, 0, 3, 1, 2])),
        ),
        (tg.corrcoef, _correlations),
    ],
    ids=["cov", "biased", "weighted", "corrcoef"],
)
def test_slopes_of_covariances_are_those_of_a_complex_step(function, by_hand):
    rng = np.random.default_rng(10)
    upstream, way, other = (rng.uniform(-1, 1, shape) for shape in ((3, 3), (3, 5), (3, 5)))

    def f(m):
        return tg.sum(upstream * function(m) ** 2)

    def slope(m):
        return np.sum(upstream * by_hand(m + 1e-30j * way) ** 2).imag / 1e-30

    np.testing.assert_allclose(np.sum(tg.grad(f)(TABLE) * way), slope(TABLE), rtol=1e-12)
    product = np.sum(tg.hvp(f, (TABLE,), (way,))[0] * other)
    ends = [slope(TABLE + t * other) for t in (1e-5, -1e-5)]
    np.testing.assert_allclose(product, (ends[0] - ends[1]) / 2e-5, rtol=1e-7)
    np.testing.assert_array_equal(tg.compile(tg.grad(f))(TABLE), tg.grad(f)(TABLE))
    pile = np.stack([TABLE, TABLE[::-1] ** 3])
    mapped = tg.vmap(function)(pile)
    np.testing.assert_allclose(mapped, [function(each) for each in pile], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: np.cov(tg.Value([1.0])), ValueError, "a covariance of 1 observations with ddof"),
        (lambda: tg.cov(TABLE, ddof=5), ValueError, "5 observations with ddof = 5 does not exist"),
        (lambda: tg.cov(TABLE, ddof=0.5), TypeError, "ddof must be an int"),
        (lambda: tg.cov(TABLE[None]), tg.ShapeError, r"m must be a vector or a matrix, got shape"),
        (lambda: tg.cov(TABLE, OTHER[:, :2]), tg.ShapeError, "as many observations, got 5 and 2"),
        (lambda: tg.cov(TABLE, fweights=[1, 2]), tg.ShapeError, r"fweights must have the shape"),
        (lambda: tg.cov(TABLE, fweights=[0.5] * 5), TypeError, "fweights must be"),
        (lambda: tg.cov(TABLE, fweights=[-1] * 5), ValueError, "fweights must be"),
        (lambda: tg.cov(TABLE, aweights=[-1.0] * 5), ValueError, "aweights must be numbers from 0"),
        (lambda: tg.cov(TABLE, aweights=tg.Value([1.0] * 5)), TypeError, "aweights is already a V"),
        (lambda: tg.cov(TABLE, aweights=[0.0] * 5), ValueError, "weights must not add up to 0"),
        (lambda: tg.cov("abc"), tg.DataTypeError, "^cov: m must be made of real numbers"),
        (lambda: tg.corrcoef("abc"), tg.DataTypeError, "^corrcoef: x must be made of real numbers"),
        (lambda: tg.corrcoef(TABLE[None]), tg.ShapeError, "^corrcoef: x must be a vector"),
        (lambda: tg.corrcoef(TABLE, TABLE[:, 1:]), tg.ShapeError, "^corrcoef: x and y must have"),
        (lambda: np.cov(tg.Value(TABLE), dtype=float), TypeError, "dtype=.* is not supported"),
    ],
)
def test_what_has_no_covariance_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
