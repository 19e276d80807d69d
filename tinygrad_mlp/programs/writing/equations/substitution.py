"""Numbers in the place of symbols, rounded as one writes them on a board."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from tinygrad_mlp.programs.writing.equations.formulas import SUM, SYMBOL, Formula, number
from tinygrad_mlp.programs.writing.literals import LARGEST

#: Digits that a number is rounded to.
DIGITS = 4
#: Letters that fit into one line beside the left side of an equation.
_WIDTH = 48


def can_be_shown(x: Any) -> bool:
    """Return whether an array is small enough to be written out in a formula."""
    return np.ndim(x) <= 2 and 0 < np.size(x) <= LARGEST


def shown(x: Any, *, column: bool = False) -> Formula:
    r"""Return a number or an array as it stands in a formula.

    >>> import numpy as np
    >>> shown(-2.5).text, shown(np.array([[1.0, 2 / 3]])).text
    ('-2.5', '\\begin{bmatrix}1 & 0.6667\\end{bmatrix}')
    """
    if np.ndim(x) == 0:
        text = _digits(x)
        return Formula(text, SYMBOL if re.fullmatch(r"[\d.]+", text) else SUM)
    rows = np.asarray(x)[:, np.newaxis] if column and np.ndim(x) == 1 else np.atleast_2d(x)
    inside = r" \\ ".join(" & ".join(map(_digits, row)) for row in rows)
    return Formula(rf"\begin{{bmatrix}}{inside}\end{{bmatrix}}", SYMBOL)


def _digits(x: Any) -> str:
    return number(_rounded(x), of_count=False)


def _rounded(x: Any) -> float:
    return float(f"{float(x):.{DIGITS}g}") + 0.0  # no -0


def is_exact(x: Any) -> bool:
    """Return whether rounding changes no number by more than arithmetic does.

    >>> is_exact(0.1 + 0.2), is_exact(1 / 3)
    (True, False)
    """
    kind = x.dtype if isinstance(x, np.ndarray | np.floating) and x.dtype.kind == "f" else float
    few = 16 * max(float(np.finfo(kind).eps), float(np.finfo(float).eps))
    numbers = np.ravel(np.asarray(x, float))
    rounded = np.array([_rounded(n) for n in numbers])
    return bool(np.allclose(numbers, rounded, rtol=few, atol=0.0, equal_nan=True))


def filled(formula: str, numbers: str, value: str, exact: tuple[bool, bool]) -> Iterator[str]:
    r"""Return what stands behind the first equals sign: the formula, its numbers, the result.

    ``exact`` tells whether the numbers are, and the result is.

    >>> list(filled("x w", r"2 \cdot 3", "6", (True, True)))
    ['x w = 2 \\cdot 3 = 6']
    """
    first = "=" if exact[0] else r"\approx"
    last = "=" if all(exact) else r"\approx"
    numbers = _grown(_apart(numbers))
    parts = [f"{first} {numbers}"] if numbers != value else []
    parts += [f"{last} {value}"] if formula != value else []
    behind = " ".join(parts)
    if _width(f"{formula} {behind}") <= _WIDTH:
        yield f"{formula} {behind}".rstrip()
    else:
        yield formula
        yield from [behind] if _width(behind) <= _WIDTH else parts


def _width(text: str) -> int:
    r"""Return about how many letters wide a formula is.

    >>> _width(r"\sigma(\begin{bmatrix}0.5 & 2 \\ 1 & 2\end{bmatrix})")
    13
    """
    text = re.sub(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}", _longest_row, text)
    text = re.sub(r"\\frac\{(.*?)\}\{(.*?)\}", lambda found: max(found.groups(), key=len), text)
    text = re.sub(r"\\(left|right|t?frac|mathsf|mathrm|operatorname)|[{}^_]", "", text)
    return len(re.sub(r"\\[A-Za-z]+", "x", text))


def _longest_row(array: re.Match[str]) -> str:
    rows = array[1].split(r"\\")
    return f"[{max(rows, key=len)}]"


def _apart(text: str) -> str:
    """Return a text with a dot between numbers that stand side by side."""
    return re.sub(r"(?<![\w.])(\d+(?:\.\d+)?(?:\^\{[^{}]*\}|\^\d)?) (?=\d)", r"\1 \\cdot ", text)


def _grown(text: str) -> str:
    """Return a text with parentheses as tall as the arrays in them."""
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    for place, letter in enumerate(text):
        if letter in "([":
            opened.append(place)
        elif letter in ")]" and opened:
            pairs.append((opened.pop(), place))
    replaced = dict(enumerate(text))
    for start, end in pairs:
        if r"\begin" in text[start:end] and not text[:start].endswith(r"\left"):
            replaced[start] = r"\left" + text[start]
            replaced[end] = r"\right" + text[end]
    return "".join(replaced.values())
