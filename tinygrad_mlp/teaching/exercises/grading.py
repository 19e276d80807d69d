"""A grade with follow-through: a right step from a wrong number earns its point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp.teaching.exercises.mistakes import mistake
from tinygrad_mlp.teaching.exercises.numbers import answered, written
from tinygrad_mlp.teaching.exercises.problem import Quantity

if TYPE_CHECKING:
    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.teaching.exercises.blanks import Blank
    from tinygrad_mlp.teaching.exercises.problem import Problem

Numbers = dict[Quantity, "Array"]

RIGHT = "right"


class Grade(NamedTuple):
    """What a filled-in sheet is worth; ``print`` it.

    Attributes
    ----------
    score, total : int
        Points, one for each blank that is right, or the right step from wrong numbers.
    verdicts : dict of int to str
        For each blank what is to be said of its answer; ``"right"`` if nothing is.

    Examples
    --------
    >>> print(Grade(1, 2, {1: "right", 2: "the sign"}, {1: "p", 2: "∂L/∂w"}))
    1 of 2 points
    1  p      right
    2  ∂L/∂w  the sign
    """

    score: int
    total: int
    verdicts: dict[int, str]
    signs: dict[int, str]

    def __str__(self) -> str:
        width = max(map(len, self.signs.values()), default=0)
        digits = len(str(len(self.signs)))
        return "\n".join(
            [
                f"{self.score} of {self.total} points",
                *(
                    f"{number:>{digits}}  {self.signs[number].ljust(width)}  {text}"
                    for number, text in self.verdicts.items()
                ),
            ]
        )


def grade(problem: Problem, blanks: Sequence[Blank], digits: int, answers: Any) -> Grade:
    """Return the grade of some answers.

    Parameters
    ----------
    problem : Problem
        With the true numbers.
    blanks : sequence of Blank
        What was asked, in order.
    digits : int
        How many digits behind the point were asked for.
    answers : mapping, or sequence in the order of the blanks
        Numbers, or texts of them; a mapping by the numbers of the blanks.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> sheet = tg.exercise(tg.square(tg.Value(3.0, label="x")), numbers="given")
    >>> sheet.key
    {1: 6.0, 2: 6.0}
    >>> print(sheet.grade([5, 5]))
    1 of 2 points
    1  ∂L/∂x (on the arrow)  wrong
    2  ∂L/∂x                 the step is right, but ∂L/∂x (on the arrow) (1) was already wrong
    """
    given = _given(blanks, answers)
    return _Grading(problem, blanks, 0.51 * 10.0**-digits, given).grade()


def _given(blanks: Sequence[Blank], answers: Any) -> dict[int, Any]:
    """Return the answers by the numbers of blanks."""
    if isinstance(answers, Mapping):
        found = {}
        numbers = {str(blank.number): blank.number for blank in blanks}
        for key, answer in answers.items():
            number = numbers.get(str(key))
            if number is None:
                raise ValueError(
                    f"grade: answers has {key!r:.80}, which is no blank of this sheet; its blanks "
                    f"are 1 to {len(blanks)}"
                )
            found[number] = answer
        return found
    if isinstance(answers, str) or not isinstance(answers, Sequence | np.ndarray):
        raise TypeError(
            "grade: answers must be a dict from the numbers of blanks to answers, or a list of "
            f"answers in their order, got {type(answers).__name__}"
        )
    if len(answers) != len(blanks):
        raise ValueError(f"grade: {len(blanks)} answers are wanted, got {len(answers)}")
    return {blank.number: answer for blank, answer in zip(blanks, answers, strict=True)}


class _Grading:
    """All answers to one sheet, held against the true numbers and against each other."""

    def __init__(
        self, problem: Problem, blanks: Sequence[Blank], tolerance: float, given: dict[int, Any]
    ) -> None:
        self.problem = problem
        self.blanks = blanks
        self.tolerance = tolerance
        self.given = given
        self.answers = {number: answered(answer) for number, answer in given.items()}
        self.at: dict[Quantity, list[Blank]] = {}
        for blank in blanks:
            self.at.setdefault(blank.quantity, []).append(blank)
        self.wrong = {
            blank.number
            for blank in blanks
            if (answer := self.answers.get(blank.number)) is not None
            and not self.is_close(answer, self.true(blank))
        }
        everything = {n for n, answer in self.answers.items() if answer is not None}
        #: What a student may have computed with: the own wrong numbers; or all own numbers,
        #: rounded as they are.
        self.views = [self._with(self.wrong), self._with(everything)]

    def is_close(self, answer: float, wanted: float) -> bool:
        return abs(answer - wanted) <= self.tolerance + 1e-9 * abs(wanted)

    def true(self, blank: Blank) -> float:
        return float(np.asarray(self.problem.numbers[blank.quantity])[blank.at])

    def _with(self, numbers: set[int]) -> Numbers:
        """Return all numbers, but some as they were answered."""
        known = dict(self.problem.numbers)
        for quantity, blanks in self.at.items():
            for blank in blanks:
                if blank.number in numbers:
                    array = np.array(known[quantity], dtype=float)
                    array[blank.at] = self.answers[blank.number]
                    known[quantity] = array[()]
        return known

    def grade(self) -> Grade:
        told = [self._told(blank) for blank in self.blanks]
        return Grade(
            sum(point for point, _ in told),
            len(self.blanks),
            {blank.number: text for blank, (_, text) in zip(self.blanks, told, strict=True)},
            {blank.number: blank.sign for blank in self.blanks},
        )

    def _told(self, blank: Blank) -> tuple[int, str]:
        """Return the point for one answer, and the verdict."""
        answer = self.answers.get(blank.number)
        if answer is None:
            given = self.given.get(blank.number)
            is_empty = given is None or (isinstance(given, str) and not given.strip())
            return 0, "empty" if is_empty else f"{given!r:.40} is no number"
        if self.is_close(answer, self.true(blank)):
            return 1, RIGHT
        for view in self.views:
            if self.is_close(answer, self._step(blank, view)):
                return 1, self._followed(blank)
        itself = {blank.quantity: self.problem.numbers[blank.quantity]}
        for known in (self.problem.numbers, *self.views):
            known = {**known, **itself}  # an answer explains no mistake in itself
            text = mistake(self.problem, blank, answer, known, self.is_close)
            if text:
                return 0, text
        return 0, "wrong"

    def _step(self, blank: Blank, known: Numbers) -> float:
        step = np.asarray(self.problem.step(blank.quantity, known), dtype=float)
        return float(step[blank.at]) if step.ndim == len(blank.at) else np.nan

    def _followed(self, blank: Blank) -> str:
        """Say which of the numbers before an answer were wrong."""
        before = [
            other
            for quantity in dict.fromkeys(self.problem.before(blank.quantity))
            for other in self.at.get(quantity, [])
            if other.number in self.wrong
        ]
        if not before:
            return f"right from rounded numbers; more precisely it is {written(blank.answer, 12)}"
        kinds = {other.quantity.kind for other in before}
        names = " and ".join(f"{other.sign} ({other.number})" for other in before[:3])
        was = "was" if len(before) == 1 else "were"
        if kinds == {"gradient"}:
            return f"the derivative is right, but the upstream {names} {was} already wrong"
        return f"the step is right, but {names} {was} already wrong"
