"""Convolution and sliding windows: sums by hand, the recipe for more axes, words of errors."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import relative_error, slope

RNG = np.random.default_rng(5)


def by_hand(a, v, mode):
    """The sums of the definition, and those of them that a mode keeps."""
    sums = [
        sum(a[i] * v[n - i] for i in range(len(a)) if 0 <= n - i < len(v))
        for n in range(len(a) + len(v) - 1)
    ]
    shorter, longer = sorted((len(a), len(v)))
    cut = {"full": 0, "same": (shorter - 1) // 2, "valid": shorter - 1}[mode]
    kept = {"full": len(sums), "same": longer, "valid": longer - shorter + 1}[mode]
    return np.array(sums[cut : cut + kept])


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("n", range(1, 6))
@pytest.mark.parametrize("k", range(1, 6))
def test_a_convolution_and_its_gradients_are_those_of_the_definition(n, k, mode):
    a, v = RNG.normal(size=n), RNG.normal(size=k)
    values = tg.Value(a), tg.Value(v)
    out = tg.convolve(*values, mode=mode)
    assert relative_error(out.data, by_hand(a, v, mode)) < 1e-15
    g = RNG.normal(size=out.shape)
    for place, found in enumerate(tg.grad(out, values, g)):
        units = np.eye(len((a, v)[place]))
        wanted = [
            g @ by_hand(*(unit if place == i else x for i, x in enumerate((a, v))), mode)
            for unit in units
        ]
        assert relative_error(found, wanted) < 1e-14


def test_the_product_of_polynomials_is_the_convolution_of_their_coefficients():
    p, q = RNG.normal(size=4), RNG.normal(size=3)
    product = np.polynomial.Polynomial(p) * np.polynomial.Polynomial(q)
    assert relative_error(tg.convolve(p, q), product.coef) < 1e-15


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize(("n", "k"), [(5, 3), (5, 4), (3, 5), (2, 5), (3, 3), (1, 4)])
def test_a_correlation_is_numpys_also_with_the_longer_one_last(n, k, mode):
    a, v = RNG.normal(size=n), RNG.normal(size=k)
    got = tg.correlate(a, v, mode)
    assert np.array_equal(got, np.correlate(a, v, mode))
    assert np.array_equal(np.correlate(tg.Value(a), v, mode).data, got)


def convolved(image, kernels):
    """The recipe of docs/numpy.md with channels: (n, c, h, w) and (d, c, i, j) give (n, d, ., .)"""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernels.shape[-2:], axis=(-2, -1))
    return np.einsum("ncxyij,dcij->ndxy", windows, kernels)


def test_windows_and_einsum_are_a_convolution_of_images():
    image, kernels = RNG.normal(size=(2, 3, 5, 6)), RNG.normal(size=(4, 3, 2, 3))

    def by_loops(image, kernels):
        out = np.zeros((2, 4, 4, 4), np.result_type(image, kernels))
        for x in range(4):
            for y in range(4):
                part = image[:, None, :, x : x + 2, y : y + 3]
                out[:, :, x, y] = np.sum(part * kernels, axis=(2, 3, 4))
        return out

    values = tg.Value(image), tg.Value(kernels)
    out = convolved(*values)
    assert relative_error(out.data, by_loops(image, kernels)) < 1e-14
    g = RNG.normal(size=out.shape)
    ways = RNG.normal(size=image.shape), RNG.normal(size=kernels.shape)
    found = tg.grad(out, values, g)
    moved = [
        slope(lambda t: np.sum(g * by_loops(image + t * ways[0], kernels))),
        slope(lambda t: np.sum(g * by_loops(image, kernels + t * ways[1]))),
    ]
    for got, way, wanted in zip(found, ways, moved):
        assert relative_error(np.sum(got * way), wanted) < 1e-11

    def loss(image, kernels):
        return tg.sum(convolved(image, kernels) ** 2)

    wanted = tg.grad(loss, (0, 1))(image, kernels)
    for got, one in zip(tg.compile(tg.grad(loss, (0, 1)))(image, kernels), wanted):
        assert np.array_equal(got, one)
    assert relative_error(wanted[0].ravel() @ image.ravel(), 2 * loss(image, kernels)) < 1e-14


def test_windows_of_a_result_are_those_of_the_newest_numbers_in_a_compiled_program():
    compiled = tg.compile(lambda x: tg.sliding_window_view(tg.sin(x), 2))
    for x in RNG.normal(size=(3, 4)):
        wanted = np.lib.stride_tricks.sliding_window_view(np.sin(x), 2)
        assert np.array_equal(compiled(x), wanted)


def test_windows_of_float32_stay_float32():
    x = tg.Value(np.float32([1.0, 2.0, 3.0]))
    for out in (tg.sliding_window_view(x, 2), tg.convolve(x, x), tg.correlate(x, x, "same")):
        assert out.dtype == tg.grad(out, x, np.ones(out.shape)).dtype == np.float32


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: tg.convolve(x, x), tg.ShapeError, r"a must be a vector .*\(2, 3\); for more"),
        (lambda x: tg.convolve(x[0], x), tg.ShapeError, r"v must be a vector .*\(2, 3\)"),
        (lambda x: tg.convolve(x[0, :0], x[0]), tg.ShapeError, r"elements, got shape \(0,\)"),
        (lambda x: np.convolve(x[0], x[0], "half"), ValueError, "'full', 'same' or 'valid', got"),
        (lambda x: tg.correlate(x[0], x[0], 2), ValueError, "got 2"),
        (lambda x: tg.sliding_window_view(x, 2), tg.ShapeError, "must be as many"),
        (lambda x: tg.sliding_window_view(x, 4, 1), ValueError, "cannot be larger"),
        (lambda x: tg.sliding_window_view(x, -1, 1), ValueError, "negative"),
        (lambda x: tg.sliding_window_view(x, 1.0, 1), TypeError, "window_shape must be"),
        (lambda x: tg.sliding_window_view(x, 1, 2), tg.ShapeError, "axis 2 does not exist"),
        (
            lambda x: np.lib.stride_tricks.sliding_window_view(x, 1, 1, writeable=True),
            TypeError,
            "writeable=.* is not supported",
        ),
    ],
)
def test_a_call_that_cannot_be_is_refused_in_its_own_words(call, error, words):
    with pytest.raises(error, match=words):
        call(tg.Value(np.ones((2, 3)), label="w"))


def test_what_an_error_about_more_axes_advises_is_right():
    a, v = RNG.normal(size=6), RNG.normal(size=3)
    advised = tg.einsum("...k,k", tg.sliding_window_view(a, 3), v)
    assert relative_error(advised, np.correlate(a, v)) < 1e-15
