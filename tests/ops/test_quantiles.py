"""Medians and quantiles against NumPy and by hand."""

import numpy as np
import pytest

import tinygrad_mlp as tg

X = np.random.default_rng(5).permutation(24).reshape(2, 3, 4) + 0.25
OPTIONS = [
    {},
    {"axis": 0},
    {"axis": -1, "keepdims": True},
    {"axis": (0, 2)},
    {"axis": (2, 1), "keepdims": True},
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("q", [0.0, 0.3, 0.5, 1.0, [0.25, 0.75], [[0.1], [0.9]]])
def test_quantiles_are_numpys(q, options, dtype):
    x = X.astype(dtype)
    percent = 100 * np.asarray(q)
    for name, share in (("quantile", q), ("percentile", percent)):
        wanted = getattr(np, name)(x, np.asarray(share, dtype), **options)
        for function in (getattr(tg, name), getattr(np, name)):
            got = function(tg.Value(x), share, **options)
            assert (type(got), got.dtype, got.shape) == (tg.Value, dtype, wanted.shape)
            np.testing.assert_allclose(got.data, wanted, rtol=20 * np.finfo(dtype).eps)
            np.testing.assert_array_equal(
                tg.compile(lambda x, f=function, s=share: f(x, s, **options))(x), got.data
            )


@pytest.mark.parametrize("options", OPTIONS)
def test_a_median_is_numpys(options):
    for x in (X, X.tolist(), X[:, :, :3]):
        wanted = np.median(x, **options)
        np.testing.assert_allclose(tg.median(x, **options), wanted, rtol=1e-15)
        np.testing.assert_allclose(np.median(tg.Value(x), **options).data, wanted, rtol=1e-15)


def test_the_gradient_goes_to_the_elements_around_the_place():
    x = [3.0, 1.0, 2.0, 5.0]
    assert tg.grad(tg.median)(np.array(x)).tolist() == [0.5, 0, 0.5, 0]
    assert tg.grad(tg.median)(np.array(x[:3])).tolist() == [0, 0, 1]
    found = tg.grad(lambda x: tg.quantile(x, 0.9) * 10.0)(np.array(x))
    np.testing.assert_allclose(found, [3, 0, 0, 7], rtol=1e-14)
    assert not tg.hessian(lambda x: tg.quantile(x, 0.9))(np.array(x)).any()
    assert tg.grad(tg.median)(np.array([2.0, 2.0, 2.0])).tolist() == [0, 1, 0]


def test_one_nan_makes_a_quantile_nan():
    x = np.array([[1.0, np.nan, 3.0], [1.0, 2.0, 9.0]])
    np.testing.assert_array_equal(tg.median(tg.Value(x), axis=1).data, [np.nan, 2.0])
    slopes = tg.grad(lambda x: tg.median(x, axis=1)[1])(x)
    assert slopes.tolist() == [[0, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: tg.quantile(x, 1.5), ValueError, "q must be from 0 to 1, got 1.5"),
        (lambda x: tg.quantile(x, [0.5, np.nan]), ValueError, "q must be from 0 to 1"),
        (lambda x: tg.quantile(x, x), TypeError, "q is already a Value"),
        (lambda x: tg.median(x[:0]), tg.ShapeError, r"nothing has no quantile; .*\(0,\)"),
        (lambda x: tg.median(x, axis=1), tg.ShapeError, "axis 1 does not exist"),
        (lambda x: np.quantile(x, 0.5, method="lower"), TypeError, "method=.* is not supported"),
    ],
)
def test_what_is_no_share_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call(tg.Value([1.0, 2.0]))


@pytest.mark.parametrize("name", ["quantile", "percentile"])
@pytest.mark.parametrize("bad", [tg.Value(0.5), "a", None, [tg.Value(0.5)]])
def test_shares_are_numbers(name, bad):
    with pytest.raises(tg.DataTypeError, match=f"{name}: q (is already a Value|must be )"):
        getattr(tg, name)([1.0, 2.0], bad)


@pytest.mark.parametrize("keepdims", [False, True])
def test_of_no_shares_there_are_no_quantiles_of_the_shape_of_numpys(keepdims):
    x, q = np.arange(6.0).reshape(2, 3), np.zeros(0)
    value = tg.Value(x)
    out = tg.quantile(value, q, axis=1, keepdims=keepdims)
    assert out.shape == np.quantile(x, q, axis=1, keepdims=keepdims).shape
    assert tg.grad(out, value, np.zeros(out.shape)).tolist() == np.zeros((2, 3)).tolist()


def test_numpy_may_be_allowed_to_overwrite_its_input():
    x = tg.Value([3.0, 1.0, 2.0])
    assert np.median(x, overwrite_input=True).item() == 2.0
    assert x.data.tolist() == [3.0, 1.0, 2.0]
