"""One-hot rows and splitting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_mlp.datasets import one_hot, train_test_split

labels_of_any_length = st.lists(st.integers(0, 20), min_size=1, max_size=30)


# ----- one_hot -----


@given(labels_of_any_length, st.sampled_from([np.int8, np.uint8, np.int64, np.uint64]))
def test_the_only_one_of_each_row_is_in_the_column_of_its_label(labels, dtype):
    rows = one_hot(np.array(labels, dtype))
    assert ((len(labels), max(labels) + 1), np.float64) == (rows.shape, rows.dtype)
    assert labels == rows.argmax(axis=1).tolist()
    assert rows.sum() == len(labels)


def test_classes_that_do_not_occur_have_columns_too():
    assert one_hot([1], classes=4).tolist() == [[0.0, 1.0, 0.0, 0.0]]


def test_no_labels_give_no_rows_when_the_classes_are_told():
    assert one_hot([], classes=3).shape == (0, 3)
    with pytest.raises(ValueError, match=r"labels is empty, so classes must be given"):
        one_hot([])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, -1], r"labels\[1\] is -1, but must be 0 or more"),
        ([0, 3], r"labels\[1\] is 3, but must be less than classes=3"),
        ([[0], [1]], r"labels must have shape \(n,\), got \(2, 1\); try np.ravel\(labels\)"),
        (1, r"labels must have shape \(n,\), got \(\)"),
    ],
)
def test_labels_outside_the_classes_or_of_another_shape_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        one_hot(labels, classes=3)


@pytest.mark.parametrize("labels", [[0.0, 1.0], [True, False], ["0", "1"], [0, None], [1j]])
def test_labels_that_are_not_integers_are_refused(labels):
    with pytest.raises(TypeError, match=r"labels must be integers, got dtype"):
        one_hot(labels, classes=3)


@pytest.mark.parametrize(
    "labels",
    [
        [0.0, 2.0, 1.0],
        [True, False, True],
        ["cat", "dog", "cat"],
        np.array(["cat", "dog", "cat"], object),
        np.array([b"b", b"a", b"b"]),
        [[0], [2], [1]],
        np.array([[0, 2, 1]]),
    ],
)
def test_what_an_error_advises_gives_one_row_for_each_label(labels):
    with pytest.raises((TypeError, ValueError), match="; try ") as refused:
        one_hot(labels)
    names = {"np": np, "labels": labels}
    advice = str(refused.value).split("; try ")[1]
    if " = " in advice:
        exec(advice, names)
    else:
        names["labels"] = eval(advice, names)
    rows = one_hot(names["labels"])
    assert (len(rows), rows.sum()) == (3, 3)
    flat = np.ravel(labels)
    for one, other in [(0, 1), (0, 2), (1, 2)]:  # alike where the labels are, and only there
        assert (rows[one] == rows[other]).all() == (flat[one] == flat[other])


@pytest.mark.parametrize("labels", [[0.5, 1.9], [np.nan], [np.inf], [0, None], [1j], ["a", None]])
def test_labels_that_nothing_numbers_without_guessing_get_no_advice(labels):
    with pytest.raises(TypeError, match=r"labels must be integers, got dtype \S+$"):
        one_hot(labels)


@pytest.mark.parametrize("classes", [True, 3.0, "3"])
def test_classes_must_be_an_int(classes):
    with pytest.raises(TypeError, match=r"classes must be an int"):
        one_hot([0], classes)


def test_classes_must_be_positive():
    with pytest.raises(ValueError, match=r"classes must be at least 1, got 0"):
        one_hot([0], 0)


# ----- train_test_split -----


@given(st.integers(2, 60), st.floats(0.01, 0.99), st.integers(0, 2**40))
def test_every_row_goes_to_one_part_and_keeps_its_answer(count, fraction, seed):
    wanted = round(count * fraction)
    x = np.arange(2 * count).reshape(count, 2)
    y = x[:, 0] // 2
    if not 0 < wanted < count:
        with pytest.raises(ValueError, match=r"test_fraction must leave rows in both parts"):
            train_test_split(x, y, fraction, rng=seed)
        return
    split = train_test_split(x, y, fraction, rng=seed)
    assert (wanted, count - wanted) == (len(split.x_test), len(split.x_train))
    assert list(range(count)) == sorted([*split.y_train, *split.y_test])
    for inputs, answers in ((split.x_train, split.y_train), (split.x_test, split.y_test)):
        assert np.array_equal(inputs[:, 0] // 2, answers)


def test_the_same_seed_splits_alike_and_another_one_otherwise():
    x = np.arange(100)
    first, again, other = (train_test_split(x, x, rng=seed).y_test for seed in (5, 5, 6))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def test_a_split_does_not_share_memory_with_the_data():
    x = np.arange(10.0)
    train_test_split(x, x, rng=0).x_train[:] = -1.0
    assert x.min() == 0.0


def test_rows_that_do_not_match_are_refused_with_both_counts():
    with pytest.raises(ValueError, match=r"got 3 rows of x and 2 of y"):
        train_test_split([1, 2, 3], [1, 2], rng=0)


@pytest.mark.parametrize(("x", "y", "name"), [(1.0, [1], "x"), ([1], 1.0, "y")])
def test_a_single_value_has_no_rows_to_split(x, y, name):
    with pytest.raises(ValueError, match=f"{name} must have one row per example"):
        train_test_split(x, y, rng=0)


@pytest.mark.parametrize("fraction", [-0.1, 0, 1, 1.5, float("nan"), float("inf")])
def test_a_fraction_outside_zero_to_one_is_refused(fraction):
    with pytest.raises(ValueError, match="test_fraction"):
        train_test_split(np.arange(9), np.arange(9), fraction, rng=0)


@pytest.mark.parametrize("fraction", [True, "0.2", None])
def test_a_fraction_must_be_a_number(fraction):
    with pytest.raises(TypeError, match="test_fraction must be a real number"):
        train_test_split(np.arange(9), np.arange(9), fraction, rng=0)
