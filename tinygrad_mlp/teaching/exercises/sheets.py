"""Sheets for a class: a list of them, their keys, and a folder of their files."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from tinygrad_mlp._support.files import write_whole
from tinygrad_mlp.drawing.style import listed
from tinygrad_mlp.teaching.exercises.formats import FORMATS, SOLVED
from tinygrad_mlp.teaching.exercises.sheet import Exercise

if TYPE_CHECKING:
    from collections.abc import Iterable


class Sheets(list[Exercise]):
    """The variants of one exercise, in the order of their numbers.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import tinygrad_mlp as tg
    >>> w, x = tg.Value(-3.0, label="w"), tg.Value(2.0, label="x")
    >>> sheets = tg.exercise(w * x, ask="gradient", variants=2)
    >>> sorted(sheets.keys)
    [1, 2]
    >>> folder = pathlib.Path(tempfile.mkdtemp(), "week3")
    >>> sheets.save(folder, formats="svg")
    >>> sorted(path.name for path in folder.iterdir())
    ['keys.json', 'sheet1.svg', 'sheet2.svg', 'solutions.txt']
    """

    __slots__ = ()

    @property
    def keys(self) -> dict[int, dict[int, float]]:
        """The key of each sheet, by its number."""
        return {sheet.number: sheet.key for sheet in self}

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        formats: str | Iterable[str] = ("svg", "html"),
        solved: bool = False,
    ) -> None:
        """Write every sheet into a folder, and for the teacher ``keys.json`` and ``solutions.txt``.

        Parameters
        ----------
        folder : str or path
            Made if it is missing; files of these names are replaced, others stay.
        formats : str or iterable of str
            What ``Exercise.save`` writes, such as ``"pdf"``.
        solved : bool
            Write each sheet once more with the answers in its blanks, as ``solved1.pdf``, in those
            of the formats that can be solved.

        Raises
        ------
        ValueError
            If there is no such format.
        OSError
            If a file cannot be written, or the folder around it is missing.
        RenderError
            If PDF is asked for and the package typst is not installed.
        """
        from pathlib import Path  # here, because it is slow to import

        ends = [f".{name.removeprefix('.')}" for name in listed("formats", formats)]
        for end in ends:
            if end not in FORMATS:
                known = ", ".join(name[1:] for name in FORMATS)
                raise ValueError(f"save: formats must be of {known}, got {end[1:]!r:.80}")
        target = Path(folder)
        target.mkdir(exist_ok=True)
        digits = len(str(len(self)))
        for sheet in self:
            for end in ends:
                sheet.save(target / f"sheet{sheet.number:0{digits}}{end}")
                if solved and end in SOLVED:
                    sheet.save(target / f"solved{sheet.number:0{digits}}{end}", solved=True)
        solutions = "\n\n".join(sheet.solution for sheet in self)
        for name, text in (
            ("keys.json", json.dumps(self.keys, indent=1)),
            ("solutions.txt", solutions),
        ):
            write_whole(target / name, f"{text}\n".encode())
