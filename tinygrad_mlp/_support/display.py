"""How things are shown: numbers as short text, and whole things in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

#: Longest text that ``summarize`` returns.
SUMMARY_LIMIT = 300


def counted(number: int, noun: str) -> str:
    """Return how many there are of something.

    >>> counted(1, "parameter"), counted(2000, "parameter")
    ('1 parameter', '2,000 parameters')
    """
    return f"{number:,} {noun}{'s' * (number != 1)}"


class Summary(NamedTuple):
    """An array that is not at hand, as one that was read from a file: its looks alone."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    text: str


def summarize(array: Any, digits: int | None = None) -> str:
    """Return a short text of a value, the same under any print options of NumPy.

    A scalar is a number of six digits, a matrix of up to 4 × 4 its rows with three, anything
    larger its mean, least and largest number.  What is whole, or rounded to whole, has no point,
    and zero no sign.

    Parameters
    ----------
    array : ndarray, NumPy scalar or Summary, any shape
        Real numbers or bools; or the text of what is not at hand itself.
    digits : int, optional
        Significant digits of each number, instead of six or three.

    Returns
    -------
    str
        At most ``SUMMARY_LIMIT`` characters; lines separated by newlines.

    Examples
    --------
    >>> summarize(np.float64(0.1 + 0.2))
    '0.3'
    >>> print(summarize(np.array([[10.15, 25.0], [-2.0, 0.25]])))
    10.2 25
    -2    0.25
    >>> print(summarize(np.arange(784.0)))
    mean 391.5
    min 0, max 783
    """
    if isinstance(array, Summary):
        return array.text
    if array.size == 0:
        return "empty"
    if array.ndim == 0:
        return _number(array, digits or 6)
    if array.ndim <= 2 and max(array.shape) <= 4:
        rows = [[_number(x, digits or 3) for x in row] for row in np.atleast_2d(array)]
        return "\n".join(_aligned(rows))
    if array.size <= 4:
        return " ".join(_number(x, digits or 3) for x in array.flat)
    return _statistics(array, digits or 3)


def _statistics(array: Any, digits: int) -> str:
    """Return the mean, the least and the largest number of many, and how many are not finite."""
    count = array.size
    # What was broadcast is the same everywhere along an axis, which may be very long.
    array = array[tuple(slice(None if stride else 1) for stride in array.strides)]
    if array.dtype == bool:
        return f"{np.count_nonzero(array) * (count // array.size):,} of {count:,} True"
    lines = []
    with np.errstate(all="ignore"):
        mean = array.mean(dtype=np.longdouble)  # it has room for the sum
        if not np.isfinite(mean):
            finite = array[np.isfinite(array)]
            lines.append(f"{(array.size - finite.size) * (count // array.size):,} not finite")
            array, mean = finite, finite.mean(dtype=np.longdouble) if finite.size else None
    if array.size:
        mean, least, most = (_number(x, digits) for x in (mean, array.min(), array.max()))
        lines += [f"mean {mean}", f"min {least}, max {most}"]
    return "\n".join(lines)


def _number(x: Any, digits: int) -> str:
    """Return the significant digits of one number."""
    if isinstance(x, np.bool_):
        return str(bool(x))
    number = float(x)
    if number.is_integer() and abs(number) < 1e9:
        return f"{number + 0.0:.0f}"  # -0.0 + 0.0 is 0.0
    text = f"{number:.{digits}g}"
    # Few digits are not enough for the first one behind the point of 123456.7.
    short = text.lstrip("-").isdigit() or ("e+" in text and abs(number) < 1e6)
    return f"{number:.1f}".removesuffix(".0") if short else text


def _aligned(rows: list[list[str]]) -> list[str]:
    """Return each row as a line, with the decimal points of every column below each other."""
    columns = []
    for column in zip(*rows, strict=True):
        parts = [text.partition(".") for text in column]
        before = max(len(whole) for whole, _, _ in parts)
        after = max(len(point + fraction) for _, point, fraction in parts)
        columns.append([a.rjust(before) + (point + b).ljust(after) for a, point, b in parts])
    return [" ".join(line).rstrip() for line in zip(*columns, strict=True)]


# ----- Notebooks -----

_Maker = Callable[[Any], dict[str, str]]

# What is shown is made far above the things that are shown, so it is registered here.
_makers: dict[str, _Maker] = {}


def show_with(maker: _Maker) -> None:
    """Take the function that returns texts by their kinds, such as ``"image/svg+xml"``."""
    _makers["notebook"] = maker


def mimebundle(
    thing: Any,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] | None = None,
    **_: Any,
) -> dict[str, str]:
    """Return what a notebook shows of a thing: a picture and a text, and at least the text.

    Never raises: in a notebook that would hide the thing behind a traceback.

    >>> import tinygrad_mlp as tg
    >>> sorted(mimebundle(tg.Value(2.0)))
    ['image/svg+xml', 'text/plain']
    """
    bundle = {"text/plain": repr(thing)}
    with suppress(Exception):  # then the text is shown
        bundle |= _makers["notebook"](thing)
    wanted = bundle.keys() if include is None else set(include)
    unwanted = set(exclude or ())
    return {kind: text for kind, text in bundle.items() if kind in wanted and kind not in unwanted}
