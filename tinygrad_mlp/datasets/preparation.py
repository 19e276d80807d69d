"""From data to what a network trains on: one-hot targets, and a part kept back for testing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp._support.arguments import finite_number, generator_from, whole_number
from tinygrad_mlp.errors import DataTypeError, ShapeError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Split(NamedTuple):
    """A data set in two parts: one to train on, one to test on.

    Parameters
    ----------
    x_train, x_test : (n, ...) arrays
        The inputs, one per row.
    y_train, y_test : (n, ...) arrays
        What the network should answer to each.
    """

    x_train: NDArray[Any]
    y_train: NDArray[Any]
    x_test: NDArray[Any]
    y_test: NDArray[Any]


def one_hot(labels: ArrayLike, classes: int | None = None) -> NDArray[np.float64]:
    """Return one row per label that is 1 in the label's column and 0 elsewhere.

    Parameters
    ----------
    labels : (n,) integers
        Each from 0 to ``classes - 1``.
    classes : int, optional
        The number of columns; by default the greatest label plus one. Give it when a part of the
        data may lack the last classes.

    Returns
    -------
    (n, classes) float64

    Raises
    ------
    TypeError
        If the labels are not integers, or ``classes`` is not an int.
    ValueError
        If ``labels`` has not one axis, or a label is outside 0 to ``classes - 1``.

    Examples
    --------
    >>> one_hot([2, 0], classes=3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    table = np.asarray(labels)
    if table.ndim != 1:
        raise ShapeError(f"labels must have shape (n,), got {table.shape}; try np.ravel(labels)")
    if table.size and not np.issubdtype(table.dtype, np.integer):
        raise DataTypeError(
            f"labels must be integers, got dtype {table.dtype}{_way_to_integers(table)}"
        )
    if classes is not None:
        classes = whole_number("classes", classes)
    elif table.size:
        classes = int(table.max()) + 1
    else:
        raise ValueError("labels is empty, so classes must be given: one_hot(labels, classes=10)")
    outside = np.flatnonzero((table < 0) | (table >= classes))
    if outside.size:
        first = int(outside[0])
        limit = "0 or more" if table[first] < 0 else f"less than classes={classes}"
        raise ValueError(f"labels[{first}] is {table[first]}, but must be {limit}")
    rows = np.zeros((table.size, classes))
    rows[np.arange(table.size), table.astype(np.int64)] = 1.0
    return rows


def _way_to_integers(table: NDArray[Any]) -> str:
    """Return how to number such labels, where it can be done without guessing."""
    kind = table.dtype.kind
    if kind == "b" or (kind == "f" and np.isfinite(table).all() and not (table % 1).any()):
        return "; try np.asarray(labels).astype(int)"
    if kind in "US" or all(isinstance(label, str) for label in table):
        return "; try classes, labels = np.unique(labels, return_inverse=True)"
    return ""


def train_test_split(
    x: ArrayLike, y: ArrayLike, test_fraction: float = 0.2, *, rng: int | np.random.Generator
) -> Split:
    """Shuffle a data set and keep a part of it back for testing.

    Parameters
    ----------
    x : (n, ...) array
        The inputs, one per row.
    y : (n, ...) array
        What belongs to each input.
    test_fraction : float
        The share of the rows that goes to the test part, rounded to whole rows.
    rng : int or numpy Generator
        A seed, or the generator to go on with.

    Returns
    -------
    Split
        The copies ``x_train, y_train, x_test, y_test``, in this order and under these names.

    Raises
    ------
    TypeError
        If ``test_fraction`` or ``rng`` is of the wrong type.
    ValueError
        If ``x`` and ``y`` differ in length, or one part would be empty.

    Examples
    --------
    >>> split = train_test_split([[1.0], [2.0], [3.0], [4.0]], [1, 2, 3, 4], 0.25, rng=0)
    >>> split.y_train, split.y_test
    (array([1, 2, 4]), array([3]))
    """
    inputs, targets = np.asarray(x), np.asarray(y)
    for name, array in (("x", inputs), ("y", targets)):
        if array.ndim == 0:
            raise ShapeError(f"{name} must have one row per example, got the single value {array}")
    if len(inputs) != len(targets):
        raise ShapeError(
            "x and y must have one row per example each, "
            f"got {len(inputs)} rows of x and {len(targets)} of y"
        )
    count = len(inputs)
    test_count = round(count * finite_number("test_fraction", test_fraction, minimum=0.0))
    if not 0 < test_count < count:
        raise ValueError(
            f"test_fraction must leave rows in both parts, got {test_fraction!r}, "
            f"which gives {test_count} of {count} rows to the test part"
        )
    order = generator_from(rng).permutation(count)
    test, train = order[:test_count], order[test_count:]
    return Split(inputs[train], targets[train], inputs[test], targets[test])
