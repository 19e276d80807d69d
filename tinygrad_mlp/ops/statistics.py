"""Summaries that are made of rows: spreads, averages, and those that leave out nan."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_mlp.core.functions import composite
from tinygrad_mlp.ops.elementwise import sqrt, square
from tinygrad_mlp.ops.reducing import count_of, is_half
from tinygrad_mlp.ops.reductions import (
    chosen_count,
    max,  # noqa: A004  NumPy's names
    mean,
    min,  # noqa: A004
    norm,
    only,
    sum,  # noqa: A004
)
from tinygrad_mlp.ops.selections import maximum
from tinygrad_mlp.ops.shapes import astype, reduced_axes


@composite
def var(
    x: Any, axis: Any = None, keepdims: bool = False, ddof: int = 0, *, where: Any = True
) -> Any:
    r"""Return the variance over axes, $\frac{1}{n - d} \sum (x - \bar x)^2$.

    Parameters
    ----------
    x : Value or array_like, shape (...)
        The numbers.
    axis : None, int or tuple of ints
        Over which axes; over all by default.
    keepdims : bool
        Keep the reduced axes with length 1.
    ddof : int
        What is subtracted from the count, d in the formula.
    where : array_like of bool
        Which elements count; all by default.

    Returns
    -------
    Value or ndarray
        A Value if ``x`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.var([1.0, 3.0])
    np.float64(1.0)
    """
    if is_half(x):
        return astype(var(astype(x, np.float32), axis, keepdims, ddof, where=where), np.float16)
    distance = _from_mean(x, where, axis)
    squares = sum(square(distance), axis=axis, keepdims=keepdims)
    return squares / _degrees_of_freedom(distance, where, axis, ddof, keepdims)


@composite
def std(
    x: Any, axis: Any = None, keepdims: bool = False, ddof: int = 0, *, where: Any = True
) -> Any:
    """Return the standard deviation over axes, the square root of ``var``.

    Its gradient at a constant slice is 0, as that of the norm.

    Parameters
    ----------
    x, axis, keepdims, ddof, where
        As for ``var``.

    Returns
    -------
    Value or ndarray
        A Value if ``x`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.std([1.0, 3.0])
    np.float64(1.0)
    """
    if is_half(x):
        return astype(std(astype(x, np.float32), axis, keepdims, ddof, where=where), np.float16)
    distance = _from_mean(x, where, axis)
    length = norm(distance, axis=axis, keepdims=keepdims)
    freedom = _degrees_of_freedom(distance, where, axis, ddof, keepdims)
    return length / (math.sqrt(freedom) if where is True else sqrt(freedom))


@composite
def ptp(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the distance from the smallest to the largest element over axes.

    >>> import tinygrad_mlp as tg
    >>> tg.ptp([1.0, 3.0, 7.0])
    np.float64(6.0)
    """
    return max(a, axis=axis, keepdims=keepdims) - min(a, axis=axis, keepdims=keepdims)


def _from_mean(x: Any, mask: Any, axis: Any) -> Any:
    """Return the distance of each element from the mean, 0 for those that a mask leaves out."""
    distance = x - mean(x, axis=axis, keepdims=True, where=mask)
    return distance if mask is True else only(mask, distance, 0.0)


def _degrees_of_freedom(x: Any, mask: Any, axis: Any, ddof: int, keepdims: bool) -> Any:
    """Return the count less ``ddof``; of a mask, nothing below 0, as NumPy does."""
    if mask is not True:
        return maximum(chosen_count(mask, x, axis, keepdims) - ddof, 0.0)
    count = count_of(x, reduced_axes(x, axis)) - ddof
    if count <= 0:
        raise ValueError(f"a variance of {count + ddof} numbers with ddof = {ddof} does not exist")
    return count
