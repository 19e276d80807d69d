"""Summaries that are made of rows: spreads and averages."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_mlp._support.arguments import finite_number
from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.context import current
from tinygrad_mlp.core.numbers import as_operand
from tinygrad_mlp.core.protocols import bare_numbers
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.ops.elementwise import sqrt, square
from tinygrad_mlp.ops.reduction import count_of, is_half
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
from tinygrad_mlp.ops.shapes import (
    astype,
    axes_of,
    broadcast_to,
    expand_dims,
    reduced_axes,
    transpose,
)


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
    if mask is True:
        return x - mean(x, axis, True)
    return only(mask, x - mean(x, axis, True, where=mask), 0.0)


def _degrees_of_freedom(x: Any, mask: Any, axis: Any, ddof: int, keepdims: bool) -> Any:
    """Return the count less ``ddof``; of a mask, nothing below 0, as NumPy does."""
    finite_number("ddof", ddof)
    if mask is not True:
        return maximum(chosen_count(mask, x, axis, keepdims) - ddof, 0.0)
    count = count_of(x, reduced_axes(x, axis)) - ddof
    if count <= 0:
        raise ValueError(f"a variance of {count + ddof} numbers with ddof = {ddof} does not exist")
    return count


@composite
def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False
) -> Any:
    r"""Return the weighted mean over axes, $\sum w x / \sum w$.

    Parameters
    ----------
    a : Value or array_like, shape (...)
        The numbers.
    axis : None, int or tuple of ints
        Over which axes; over all by default.
    weights : Value or array_like, optional
        Of the shape of ``a``, or of the lengths of these axes; all equal by default.
    returned : bool
        Return the sum of the weights too.
    keepdims : bool
        Keep the reduced axes with length 1.

    Returns
    -------
    Value or ndarray, or a pair of them
        The average, and the sum of the weights if wanted.

    Raises
    ------
    ZeroDivisionError
        If weights add up to 0, as in NumPy; while compiling the average is nan or infinite then.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.average([1.0, 2.0, 6.0], weights=[1.0, 2.0, 1.0], returned=True)
    (np.float64(2.75), np.float64(4.0))
    """
    a = as_operand(a, "average: a")
    axes = None if axis is None else axes_of(a, axis)
    if weights is None:
        found = mean(a, axis=axes, keepdims=keepdims)
        total: Any = np.full(found.shape, count_of(a, axes), found.dtype)[()]
    else:
        weights = as_operand(weights, "average: weights")
        weights = broadcast_to(_beside(weights, a.shape, axes), a.shape)
        total = sum(weights, axis=axes, keepdims=keepdims)
        if current().recorder is None and not np.all(bare_numbers(total)):
            raise ZeroDivisionError("average: weights must not add up to 0 anywhere; give others")
        found = sum(a * weights, axis=axes, keepdims=keepdims) / total
    return (found, total) if returned else found


def _beside(weights: Any, shape: tuple[int, ...], axes: tuple[int, ...] | None) -> Any:
    """Return weights of the lengths of some axes, with an axis for each of the others."""
    if weights.shape == shape:
        return weights
    if axes is None:
        raise TypeError(
            f"average: weights of shape {weights.shape} beside a of shape {shape} need an axis"
        )
    if weights.shape != tuple(shape[axis] for axis in axes):
        raise ShapeError(
            f"average: weights of shape {weights.shape} fit neither a of shape {shape} nor its "
            f"axes {axes}"
        )
    order = sorted(range(len(axes)), key=axes.__getitem__)
    others = tuple(axis for axis in range(len(shape)) if axis not in axes)
    return expand_dims(transpose(weights, order), others)
