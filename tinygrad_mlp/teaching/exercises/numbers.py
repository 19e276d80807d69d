"""The numbers of a sheet: how they are drawn, how an answer is read, and how it is written."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from random import Random

    from tinygrad_mlp.kernels import Array


def _without_zero(end: int, parts: int) -> tuple[float, ...]:
    return tuple(place / parts for place in range(-end, end + 1) if place)


#: What the leaves of a variant are drawn from.
KINDS: dict[str, tuple[float, ...]] = {
    "integers": _without_zero(5, 1),
    "positive": tuple(map(float, range(1, 10))),
    "halves": _without_zero(8, 2),
    "tenths": _without_zero(20, 10),
}
#: The leaves keep the numbers that they have.
GIVEN = "given"

_NUMBER = r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?"
_ANSWER = re.compile(rf"({_NUMBER})(?:/({_NUMBER}))?")


def drawn(random: Random, kind: str, shape: tuple[int, ...]) -> Array:
    """Return numbers of a kind.

    Only ``random()`` is asked, which gives the same numbers in every version of Python.

    >>> from random import Random
    >>> drawn(Random(7), "halves", (3,))
    array([-1.5, -3. ,  1.5])
    """
    choices = KINDS[kind]
    numbers = [choices[int(random.random() * len(choices))] for _ in range(math.prod(shape))]
    return np.array(numbers).reshape(shape)[()]


def written(number: float, digits: int) -> str:
    """Return a number with at most so many digits behind the point.

    >>> written(-2.0, 3), written(0.12345, 3), written(-0.0001, 3)
    ('-2', '0.123', '0')
    """
    text = f"{number:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def is_short(number: float, digits: int) -> bool:
    """Return whether a number is exact with so many digits behind the point.

    >>> is_short(0.1 + 0.2, 3), is_short(1 / 3, 3)
    (True, False)
    """
    return abs(round(number, digits) - number) <= 1e-9 * max(1.0, abs(number))


def answered(answer: Any) -> float | None:
    """Return the number that an answer is, or None if it is none or empty.

    A text may be a decimal number with a point or a comma, or a fraction.

    >>> answered("-1/2"), answered("0,25"), answered(3), answered("two")
    (-0.5, 0.25, 3.0, None)
    """
    if isinstance(answer, str):
        found = _ANSWER.fullmatch("".join(answer.split()).replace("−", "-"))
        if found is None:
            return None
        above, below = (float((part or "1").replace(",", ".")) for part in found.groups())
        return _finite(above / below) if below else None
    if isinstance(answer, bool | np.bool_):
        return None
    if isinstance(answer, int | float | np.number | Fraction) or getattr(answer, "shape", 0) == ():
        try:
            return _finite(float(answer))
        except (TypeError, ValueError, OverflowError):
            return None
    return None


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
