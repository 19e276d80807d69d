"""A sheet with blanks: its texts, its key, its grade, and its files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tinygrad_mlp._support.files import write_whole
from tinygrad_mlp.drawing.picture import checked_suffix
from tinygrad_mlp.drawing.svg import shown_in_cell
from tinygrad_mlp.teaching.exercises.formats import FORMATS, SOLVED
from tinygrad_mlp.teaching.exercises.grading import grade
from tinygrad_mlp.teaching.exercises.notebooks import otter_notebook
from tinygrad_mlp.teaching.exercises.solution import solution_of

if TYPE_CHECKING:
    from tinygrad_mlp.teaching.exercises.content import Content
    from tinygrad_mlp.teaching.exercises.grading import Grade


class Exercise:
    """One sheet; ``exercise`` makes it.

    Attributes
    ----------
    blanks : tuple of Blank
        What is asked, in the order of the numbers beside the boxes.
    seed, number : int
        Which sheet it is: the same seed and number give the same sheet.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> w, x = tg.Value(-3.0, label="w"), tg.Value(2.0, label="x")
    >>> sheet = tg.exercise(w * x, numbers="given", ask="gradient")
    >>> sheet
    <Exercise, sheet 1 of seed 0: 2 blanks; .save('sheet.html') writes it>
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self.blanks = tuple(content.blanks)
        self.seed = content.seed
        self.number = content.number

    def __repr__(self) -> str:
        return (
            f"<Exercise, sheet {self.number} of seed {self.seed}: {len(self.blanks)} blanks; "
            ".save('sheet.html') writes it>"
        )

    def __str__(self) -> str:
        return FORMATS[".md"](self._content).decode()

    @property
    def key(self) -> dict[int, float]:
        """The right answers by the numbers of the blanks, rounded as the sheet asks for."""
        return {blank.number: blank.answer for blank in self.blanks}

    @property
    def solution(self) -> str:
        """The worked solution: the key, every step, and the chain rule down to each leaf."""
        return solution_of(self._content)

    def grade(self, answers: Any) -> Grade:
        """Return points and verdicts, with follow-through.

        A right step from a wrong number earns its point, so one mistake costs one point.

        Parameters
        ----------
        answers : mapping, or sequence in the order of the blanks
            Numbers, or texts such as ``"-0,5"`` or ``"1/2"``; a mapping by the numbers of the
            blanks, from which some may be missing.

        Raises
        ------
        TypeError, ValueError
            If it is neither, or speaks of blanks that the sheet does not have.

        Examples
        --------
        >>> import tinygrad_mlp as tg
        >>> w, x = tg.Value(-3.0, label="w"), tg.Value(2.0, label="x")
        >>> p = w * x
        >>> p.label = "p"
        >>> sheet = tg.exercise(p * w, numbers="given", ask="gradient")
        >>> [blank.sign for blank in sheet.blanks]
        ['∂L/∂p', '∂L/∂x', '∂L/∂w']
        >>> print(sheet.grade([3, 9, -6]))
        1 of 3 points
        1  ∂L/∂p  the sign
        2  ∂L/∂x  right
        3  ∂L/∂w  you forgot the second path, straight into L
        """
        content = self._content
        return grade(content.problem, content.blanks, content.digits, answers)

    def save(self, path: str | os.PathLike[str], *, solved: bool = False) -> None:
        """Write the sheet to a file, in the format that the name ends with.

        ``.svg`` and ``.pdf`` to print, ``.tex`` and ``.md`` to go on with, ``.html`` to fill in on
        screen; ``.xml`` is a question for Moodle, ``.ipynb`` an assignment for nbgrader.  The last
        three hold the answers: those of the page are obscured, and not secret.

        Parameters
        ----------
        path : str or path
            Where to write, in a folder that exists; a file of that name is replaced.
        solved : bool
            Write the answers into the blanks; of ``.svg``, ``.pdf``, ``.tex`` and ``.md``.

        Raises
        ------
        ValueError
            If the name ends with something else.
        OSError
            If the file cannot be written.
        RenderError
            If PDF is asked for and the package typst is not installed.
        """
        known = SOLVED if solved else [*FORMATS]
        suffix = checked_suffix("save", path, known, f"one of {', '.join(known)}")
        write_whole(path, FORMATS[suffix](self._content._replace(solved=bool(solved))))

    def save_otter(self, folder: str | os.PathLike[str]) -> None:
        """Write an assignment for otter-grader: ``otter assign sheet.ipynb dist`` makes the rest.

        Parameters
        ----------
        folder : str or path
            Made if it does not exist; its ``sheet.ipynb`` is replaced.
        """
        from pathlib import Path  # here, because it is slow to import

        target = Path(folder)
        target.mkdir(exist_ok=True)
        write_whole(target / "sheet.ipynb", otter_notebook(self._content))

    def _repr_svg_(self) -> str:
        return shown_in_cell(FORMATS[".svg"](self._content).decode())
