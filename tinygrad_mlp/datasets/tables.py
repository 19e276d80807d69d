"""Tables in CSV files: a line of names, then numbers and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp.datasets.sheet import Sheet

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray


class Table(NamedTuple):
    """A table as a network takes it.

    Parameters
    ----------
    x : (n, features) float64
        The inputs: numbers as they are, words one-hot.
    y : (n,) int64 or (n, 1) float64
        Numbers of classes if the target is made of words, else the numbers; empty if there is no
        such column in a table that is read ``like`` another.
    feature_names : tuple of str
        What each column of ``x`` is: ``"age"``, ``"colour=red"``.
    classes : tuple of str
        What each number in ``y`` stands for; empty if the target is made of numbers.
    target : str
        The name of the column that ``y`` is made of.
    columns : dict of str to tuple of str
        The columns of the file that ``x`` is made of, each with its words; none for numbers.
    """

    x: NDArray[np.float64]
    y: NDArray[Any]
    feature_names: tuple[str, ...]
    classes: tuple[str, ...]
    target: str
    columns: Mapping[str, tuple[str, ...]]


def load_csv(
    path: str | os.PathLike[str],
    target: str | None = None,
    *,
    categorical: Iterable[str] = (),
    ignore: Iterable[str] = (),
    delimiter: str = ",",
    like: Table | None = None,
) -> Table:
    r"""Read a table from a CSV file, whose first line names the columns.

    A column in which no cell is a number is made of words: one column of ``x`` for each word, in
    the order of the alphabet, that is 1 where it stands; of a target, numbers of classes.

    Parameters
    ----------
    path : path
        A file in UTF-8.
    target : str, optional
        The column to predict; the last one if not given.
    categorical : iterable of str
        Columns whose numbers are names, such as postcodes or classes 0, 1, 2.
    ignore : iterable of str
        Columns to leave out, such as names of persons.
    delimiter : str
        What stands between cells: ``","``, ``";"`` or ``"\t"``.
    like : Table, optional
        The table that a network was trained on: the same columns and words, found by name, and its
        target, which may be missing here.

    Returns
    -------
    Table
        ``x, y, feature_names, classes, target, columns``.

    Raises
    ------
    ValueError
        A `FileFormatError` with line and column, if a cell is missing, or is not a number as the
        others of its column are, or a line has another number of cells; if there are no names or
        no rows; if a column is not there.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> text = "size,colour,kind\n1.5,red,apple\n0.3,blue,plum\n1.2,green,apple\n"
    >>> _ = Path("fruit.csv").write_text(text)
    >>> table = load_csv("fruit.csv", target="kind")
    >>> table.feature_names, table.classes
    (('size', 'colour=blue', 'colour=green', 'colour=red'), ('apple', 'plum'))
    >>> table.x[0], table.y
    (array([1.5, 0. , 0. , 1. ]), array([0, 1, 0]))
    """
    sheet = Sheet(path, delimiter)
    categorical, ignore = _names(categorical, "categorical"), _names(ignore, "ignore")
    if like is not None:
        target, wanted = like.target, list(like.columns)
    else:
        target = sheet.names[-1] if target is None else target
        wanted = [name for name in sheet.names if name != target and name not in ignore]
        sheet.place("target", target)
        if not wanted:
            raise sheet.wrong(f" has no column besides the target {target!r}")
    for argument, names in (("categorical", categorical), ("ignore", ignore), ("like", wanted)):
        for name in names:
            sheet.place(argument, name)
    columns: dict[str, tuple[str, ...]] = {}
    parts: list[NDArray[np.float64]] = []
    for name in wanted:
        known = None if like is None else like.columns[name]
        words, numbers = sheet.column(name, categorical, known)
        columns[name] = words
        parts.append(numbers[:, None] if not words else np.eye(len(words))[numbers])
    known = None if like is None else like.classes
    if like is not None and target not in sheet.names:
        classes, y = like.classes, np.zeros(0)
    else:
        classes, y = sheet.column(target, categorical, known)
        y = y if classes else y[:, None]
    features = [
        feature
        for name, words in columns.items()
        for feature in ([f"{name}={word}" for word in words] or [name])
    ]
    return Table(np.hstack(parts), y, tuple(features), classes, target, columns)


def _names(names: Any, argument: str) -> tuple[str, ...]:
    """Return names of columns, of which one alone is often meant."""
    found = (names,) if isinstance(names, str) else tuple(names)
    if not all(isinstance(name, str) for name in found):
        raise TypeError(f"{argument} must be names of columns, got {names!r:.80}")
    return found
