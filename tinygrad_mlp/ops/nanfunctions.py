"""Summaries that leave out nan, and numbers in its place."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.numbers import as_operand
from tinygrad_mlp.ops.reductions import max, mean, min, only, prod, sum  # noqa: A004  NumPy's names
from tinygrad_mlp.ops.selections import where
from tinygrad_mlp.ops.statistics import std, var


def _is_number(x: Any, also: Any) -> Any:
    """Return where there is no nan, and where something else holds too."""
    known = np.logical_not(np.isnan(x))
    return known if also is True else np.logical_and(known, also)


def _nan_where_all_are(x: Any, axis: Any) -> Any:
    """Return where there is no nan, and all of a slice that has nothing else."""
    is_nan = np.isnan(x)
    return np.logical_or(np.logical_not(is_nan), np.all(is_nan, axis=axis, keepdims=True))


@composite
def nansum(
    a: Any, axis: Any = None, keepdims: bool = False, *, initial: Any = None, where: Any = True
) -> Any:
    """Return the sum over axes of all that is not nan.

    >>> import tinygrad_mlp as tg
    >>> tg.nansum([1.0, np.nan, 3.0])
    np.float64(4.0)
    """
    a = as_operand(a, "nansum: a")
    return sum(a, axis, keepdims, initial=initial, where=_is_number(a, where))


@composite
def nanprod(
    a: Any, axis: Any = None, keepdims: bool = False, *, initial: Any = None, where: Any = True
) -> Any:
    """Return the product over axes of all that is not nan.

    >>> import tinygrad_mlp as tg
    >>> tg.nanprod([1.0, np.nan, 3.0])
    np.float64(3.0)
    """
    a = as_operand(a, "nanprod: a")
    return prod(a, axis, keepdims, initial=initial, where=_is_number(a, where))


@composite
def nanmean(a: Any, axis: Any = None, keepdims: bool = False, *, where: Any = True) -> Any:
    """Return the mean over axes of all that is not nan; nan where there is nothing else.

    >>> import tinygrad_mlp as tg
    >>> tg.nanmean([1.0, np.nan, 3.0])
    np.float64(2.0)
    """
    a = as_operand(a, "nanmean: a")
    return mean(a, axis, keepdims, where=_is_number(a, where))


@composite
def nanmax(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the largest element over axes that is not nan; nan where there is nothing else.

    >>> import tinygrad_mlp as tg
    >>> tg.nanmax([1.0, np.nan, 3.0])
    np.float64(3.0)
    """
    a = as_operand(a, "nanmax: a")
    return max(only(_nan_where_all_are(a, axis), a, -np.inf), axis, keepdims)


@composite
def nanmin(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the smallest element over axes that is not nan; nan where there is nothing else.

    >>> import tinygrad_mlp as tg
    >>> tg.nanmin([1.0, np.nan, 3.0])
    np.float64(1.0)
    """
    a = as_operand(a, "nanmin: a")
    return min(only(_nan_where_all_are(a, axis), a, np.inf), axis, keepdims)


@composite
def nanvar(
    a: Any, axis: Any = None, keepdims: bool = False, ddof: int = 0, *, where: Any = True
) -> Any:
    """Return ``var`` over axes of all that is not nan; nan where nothing is left.

    >>> import tinygrad_mlp as tg
    >>> tg.nanvar([1.0, np.nan, 3.0])
    np.float64(1.0)
    """
    a = as_operand(a, "nanvar: a")
    return var(a, axis, keepdims, ddof, where=_is_number(a, where))


@composite
def nanstd(
    a: Any, axis: Any = None, keepdims: bool = False, ddof: int = 0, *, where: Any = True
) -> Any:
    """Return ``std`` over axes of all that is not nan; nan where nothing is left.

    >>> import tinygrad_mlp as tg
    >>> tg.nanstd([1.0, np.nan, 3.0])
    np.float64(1.0)
    """
    a = as_operand(a, "nanstd: a")
    return std(a, axis, keepdims, ddof, where=_is_number(a, where))


@composite
def nan_to_num(
    x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """Return numbers in the place of nan and of what is infinite.

    What was replaced gets no gradient, not even where its own slope would be nan.

    Parameters
    ----------
    x : Value or array_like
        Numbers.
    copy : bool
        As in NumPy; here the result is always another array.
    nan, posinf, neginf : float, optional
        What replaces nan and what is infinite: 0, and the largest and the smallest number of the
        type, by default.

    Returns
    -------
    Value or ndarray, the same shape
        A Value if x is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.nan_to_num([np.nan, 2.0, np.inf], posinf=9.0)
    array([0., 2., 9.])
    """
    x = as_operand(x, "nan_to_num: x")
    limits = np.finfo(x.dtype)
    x = where(np.isnan(x), nan, x)
    x = where(np.isposinf(x), float(limits.max) if posinf is None else posinf, x)
    return where(np.isneginf(x), float(limits.min) if neginf is None else neginf, x)
