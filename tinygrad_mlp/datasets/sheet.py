"""The cells of a CSV file, and the columns that they make."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp.errors import FileFormatError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

#: What stands in a column of numbers where there is none, in small letters.
_MISSING = ("", "?", "-", "na", "n/a", "nan", "null", "none")
#: More words than this are names or remarks, not kinds.
_MAXIMUM_CATEGORIES = 1000
_SHOWN = 8


class Sheet:
    """The cells of a file, each row with the number of its line."""

    def __init__(self, path: str | os.PathLike[str], delimiter: str) -> None:
        import csv

        if not (isinstance(delimiter, str) and len(delimiter) == 1):
            raise ValueError(f"delimiter must be one character, got {delimiter!r:.80}")
        self.path, self.delimiter = path, delimiter
        self.lines: list[int] = []
        self.rows: list[list[str]] = []
        header: list[str] | None = None
        end = 0
        # A byte order mark, which spreadsheets write, belongs to no name.
        with open(path, encoding="utf-8-sig", newline="") as file:  # noqa: PTH123  names the path
            reader = csv.reader(file, delimiter=delimiter, strict=True, skipinitialspace=True)
            try:
                for cells in reader:
                    line, end = end + 1, reader.line_num
                    if not any(cell.strip() for cell in cells) and len(cells) < 2:
                        continue  # an empty line
                    stripped = [cell.strip() for cell in cells]
                    if header is None:
                        header = self._header(stripped, line)
                    else:
                        self._add(stripped, line, len(header))
            except csv.Error as error:
                raise self.wrong(f", line {reader.line_num}: {error}") from None
            except UnicodeDecodeError:
                raise self.wrong(" is not a text in UTF-8; save it in that encoding") from None
        if header is None:
            raise self.wrong(" is empty")
        self.names = header
        if not self.rows:
            raise self.wrong(" has names of columns, but no row below them")

    def _header(self, names: list[str], line: int) -> list[str]:
        """Return the names of the columns, which must be names, each another."""
        if all(_is_number(name) for name in names):
            raise self.wrong(
                f", line {line}: the first line must name the columns, got the numbers "
                f"{_listed(names)}"
            )
        for number, name in enumerate(names, start=1):
            if not name:
                raise self.wrong(f", line {line}: column {number} has no name")
            if names.index(name) + 1 < number:
                raise self.wrong(f", line {line}: two columns have the name {name!r:.80}")
        return names

    def _add(self, cells: list[str], line: int, width: int) -> None:
        if len(cells) != width:
            way = ""
            if self.delimiter == "," and width == 1:
                way = "; is the delimiter another, such as ';'?"
            raise self.wrong(
                f", line {line} has {len(cells)} cells, but there are {width} columns{way}"
            )
        self.lines.append(line)
        self.rows.append(cells)

    def wrong(self, what: str) -> FileFormatError:
        """Return an error about this file."""
        return FileFormatError(f"{self.path}{what}")

    def place(self, argument: str, name: str) -> int:
        """Return where a column stands."""
        if name not in self.names:
            marks = [mark for mark in ";\t|" if mark in self.names[0] and len(self.names) == 1]
            way = f"; say delimiter={marks[0]!r}" if marks else ""
            raise self.wrong(
                f" has no column {name!r:.80}, which {argument} names; it has "
                f"{_listed(self.names)}{way}"
            )
        return self.names.index(name)

    def column(
        self, name: str, categorical: Sequence[str], known: tuple[str, ...] | None
    ) -> tuple[tuple[str, ...], NDArray[Any]]:
        """Return the words of a column and which of them stand in it, or no words and numbers."""
        place = self.names.index(name)
        cells = [row[place] for row in self.rows]
        given = [cell for cell in cells if cell.lower() not in _MISSING]
        has_words = name in categorical or bool(given and not any(map(_is_number, given)))
        if has_words if known is None else known:
            return self._words(name, cells, known)
        return (), self._numbers(name, cells)

    def _numbers(self, name: str, cells: Sequence[str]) -> NDArray[np.float64]:
        numbers = np.empty(len(cells))
        for row, cell in enumerate(cells):
            where = f", line {self.lines[row]}, column {name!r}"
            if cell.lower() in _MISSING:
                raise self.wrong(
                    f"{where}: the number is missing, got {cell!r}; fill it in or remove the line"
                )
            if not _is_number(cell):
                raise self.wrong(
                    f"{where}: {cell!r:.80} is not a number, as others in this column are; correct "
                    f"it, or say categorical=[{name!r}] if all of them are names"
                )
            numbers[row] = float(cell)
            if not math.isfinite(numbers[row]):
                raise self.wrong(f"{where}: {cell:.80} is not a finite number")
        return numbers

    def _words(
        self, name: str, cells: Sequence[str], known: tuple[str, ...] | None
    ) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        for line, cell in zip(self.lines, cells, strict=True):
            if not cell:
                raise self.wrong(
                    f", line {line}, column {name!r}: the word is missing; fill it in or remove "
                    "the line"
                )
            if known is not None and cell not in known:
                raise self.wrong(
                    f", line {line}, column {name!r}: {cell!r:.80} is new, known are "
                    f"{_listed(known)}"
                )
        words = known or _sorted(set(cells))
        if len(words) > _MAXIMUM_CATEGORIES:
            raise self.wrong(
                f", column {name!r} has {len(words):,} different words, and each would be a column "
                f"of its own; say ignore=[{name!r}]"
            )
        number_of = {word: number for number, word in enumerate(words)}
        return words, np.array([number_of[cell] for cell in cells], np.int64)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # which Python allows within numbers


def _sorted(words: Iterable[str]) -> tuple[str, ...]:
    """Return words in the order of the alphabet, and numbers by their size.

    >>> _sorted({"10", "9"}), _sorted({"b", "a", "10"})
    (('9', '10'), ('10', 'a', 'b'))
    """
    alphabetical = sorted(words)
    if all(map(_is_number, alphabetical)):
        return tuple(sorted(alphabetical, key=float))
    return tuple(alphabetical)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(f"{name:.40}" for name in names[:_SHOWN]) + more
