"""Tests of numbers as text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, floating_dtypes

from tinygrad_mlp._support.display import SUMMARY_LIMIT, Summary, summarize


def test_an_array_that_is_not_at_hand_is_its_text():
    assert "1 2" == summarize(Summary((2,), np.dtype(float), "1 2"))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (3.0, "3"),
        (-2.0, "-2"),
        (1_000_000.0, "1000000"),
        (123456789.0, "123456789"),
        (1e9, "1e+09"),
        (-0.0, "0"),
        (0.0, "0"),
        (np.nan, "nan"),
        (np.inf, "inf"),
        (-np.inf, "-inf"),
        (1e-300, "1e-300"),
        (-1.234567891e-300, "-1.23457e-300"),
        (5e-324, "4.94066e-324"),
        (0.99999999, "1"),
        (-0.99999999, "-1"),
        (123456.7, "123456.7"),
        (0.751365069552, "0.751365"),
    ],
)
def test_a_number_is_short_and_right(number, text):
    assert text == summarize(np.float64(number))


def test_a_single_precision_number_shows_its_own_digits():
    assert "0.1" == summarize(np.float32(0.1))


def test_a_small_matrix_is_shown_by_its_rows_with_points_aligned():
    matrix = np.array([[0.15, -20.0], [10.0, 0.125]])
    assert [" 0.15 -20", "10      0.125"] == summarize(matrix).split("\n")


def test_a_vector_of_four_is_a_row_and_a_longer_one_its_mean_and_ends():
    assert "1 2 3 4" == summarize(np.array([1.0, 2.0, 3.0, 4.0]))
    assert "mean 2\nmin 0, max 4" == summarize(np.arange(5.0))


def test_numbers_in_a_tensor_have_three_digits_or_as_many_as_asked_for():
    array = np.array([0.123456, 1234.5678, 1e7 / 3])
    assert "0.123 1234.6 3.33e+06" == summarize(array)
    assert "0.12346 1234.6 3.3333e+06" == summarize(array, digits=5)
    assert "0.12" == summarize(np.float64(0.123456), digits=2)
    assert "mean 2.5\nmin 0, max 5" == summarize(np.arange(6.0), digits=2)


def test_what_is_not_finite_is_counted_and_left_out_of_the_mean():
    array = np.array([1.0, np.nan, 3.0, np.inf, 5.0])
    assert "2 not finite\nmean 3\nmin 1, max 5" == summarize(array)
    assert "5 not finite" == summarize(np.full(5, np.nan))
    assert "3 of 6 True" == summarize(np.arange(6) % 2 == 1)


@given(arrays(np.float64, st.integers(5, 40), elements=st.floats(-1e6, 1e6)))
def test_a_mean_lies_between_the_least_and_the_largest(array):
    mean, least, most = (
        float(word.strip(",")) for word in summarize(array, digits=9).split()[1::2]
    )
    slack = 1e-6 * (1 + abs(array).max())
    assert least - slack <= mean <= most + slack
    assert (least, most) == pytest.approx((array.min(), array.max()))


def test_what_has_many_axes_or_none_or_nothing_in_it_is_shown():
    assert "1 1 1 1" == summarize(np.ones((2, 1, 2)))
    assert "mean 3.5\nmin 0, max 7" == summarize(np.arange(8.0).reshape(2, 2, 2))
    assert "empty" == summarize(np.ones((0, 3)))
    assert "True False" == summarize(np.array([True, False]))
    assert "True" == summarize(np.bool_(True))


def test_print_options_of_numpy_change_nothing():
    array = np.array([[0.123456789, 1e-10], [1.0, 2.0]])
    wanted = summarize(array)
    with np.printoptions(precision=2, suppress=True, threshold=1, floatmode="fixed"):
        assert wanted == summarize(array)


def test_an_array_of_any_layout_in_memory_is_read_and_not_copied():
    huge = np.broadcast_to(np.float64(1.0), (10**6, 10**6))
    assert "mean 1\nmin 1, max 1" == summarize(huge)
    assert "1 3\n2 4" == summarize(np.array([[1.0, 2.0], [3.0, 4.0]]).T)


@given(arrays(floating_dtypes(endianness="="), array_shapes(min_dims=0, max_dims=4, max_side=6)))
def test_a_summary_is_bounded(array):
    text = summarize(array)
    assert text
    assert len(text) <= SUMMARY_LIMIT
    assert len(text.split("\n")) <= 4


@given(st.floats())
def test_the_text_of_a_number_reads_as_the_number(number):
    read = float(summarize(np.float64(number)))
    assert read == pytest.approx(number, rel=1e-5, abs=1e-320, nan_ok=True)
    if number.is_integer() and abs(number) < 1e9:
        assert read == number
