"""Summaries that are made of rows: spreads, averages, and what varies together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_mlp._support.arguments import finite_number, whole_number, whole_numbers
from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.context import current
from tinygrad_mlp.core.numbers import as_numbers, as_operand
from tinygrad_mlp.core.protocols import bare_numbers
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.ops.elementwise import sqrt, square
from tinygrad_mlp.ops.indexing import diagonal
from tinygrad_mlp.ops.joining import concatenate
from tinygrad_mlp.ops.linear import matmul
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
from tinygrad_mlp.ops.selections import clip, maximum
from tinygrad_mlp.ops.shapes import (
    astype,
    atleast_2d,
    axes_of,
    broadcast_to,
    expand_dims,
    reduced_axes,
    reshape,
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


@composite
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
) -> Any:
    r"""Return how variables vary together, $\frac{1}{n - d} \sum (x - \bar x)(y - \bar y)$.

    Parameters
    ----------
    m : Value or array_like, shape (variables,n) or (n)
        The observations, a variable in each row.
    y : Value or array_like, optional
        More variables, of the same form.
    rowvar : bool
        False if each column is a variable.
    bias : bool
        Divide by n, and not by n - 1.
    ddof : int, optional
        What is subtracted from the count, d in the formula, instead of what ``bias`` says.
    fweights : array_like of ints, shape (n), optional
        How often each observation was made.
    aweights : array_like, shape (n), optional
        How much each observation counts.

    Returns
    -------
    Value or ndarray, shape (variables,variables), or a number of one variable
        A Value if any argument is one; in double precision or more, as NumPy's.

    Raises
    ------
    ValueError
        If there are not more observations than ``ddof``.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.cov([[1.0, 2.0, 3.0], [2.0, 4.0, 9.0]])
    array([[ 1. ,  3.5],
           [ 3.5, 13. ]])
    """
    table = _variables("m", m, rowvar)
    if y is not None:
        more = _variables("y", y, rowvar)
        if more.shape[1] != table.shape[1]:
            raise ShapeError(
                "cov: m and y must have as many observations, got "
                f"{table.shape[1]} and {more.shape[1]}"
            )
        table = concatenate([table, more])
    count = table.shape[1]
    if ddof is None:
        ddof = 0 if bias else 1
    less = whole_number("cov: ddof", ddof, minimum=-math.inf)
    weights, freedom = _weights(fweights, aweights, count, less, table.dtype)
    if not freedom > 0:
        raise ValueError(f"a covariance of {count} observations with ddof = {ddof} does not exist")
    if weights is None:
        distance = table - mean(table, 1, True)
        products = matmul(distance, transpose(distance))
    else:
        distance = table - average(table, 1, weights, keepdims=True)
        products = matmul(distance, transpose(distance * weights))
    found = products * (1.0 / freedom)
    return reshape(found, ()) if table.shape[0] == 1 else found


def _variables(name: str, x: Any, rowvar: bool) -> Any:
    """Return a table with a variable in each row, in double precision or more."""
    x = as_operand(x, f"cov: {name}")
    if x.ndim > 2:
        raise ShapeError(f"cov: {name} must be a vector or a matrix, got shape {x.shape}")
    wide = np.result_type(x.dtype, np.float64)
    x = x if x.dtype == wide else astype(x, wide)
    table = atleast_2d(x)
    return table if rowvar or x.ndim < 2 else transpose(table)


def _weights(fweights: Any, aweights: Any, count: int, ddof: int, dtype: Any) -> tuple[Any, float]:
    """Return the weights of observations, or None, and what their products are divided by."""
    if fweights is None and aweights is None:
        return None, count - ddof
    often, much = np.ones(count), np.ones(count)
    if fweights is not None:
        often = whole_numbers("cov: fweights", fweights, minimum=0).astype(float)
    if aweights is not None:
        much = np.asarray(as_numbers(aweights, "cov: aweights"))
        if not np.all(much >= 0):
            raise ValueError("cov: aweights must be numbers from 0 on")
    for name, each in (("fweights", often), ("aweights", much)):
        if each.shape != (count,):
            raise ShapeError(f"cov: {name} must have the shape {(count,)}, got {each.shape}")
    weights = (often * much).astype(dtype)
    total = np.sum(weights)
    if not total:
        raise ValueError("cov: weights must not add up to 0; give others")
    if aweights is None:
        return weights, total - ddof
    return weights, total - ddof * np.sum(weights * much) / total


@composite
def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    """Return the correlations of variables: covariances of what has the standard deviation 1.

    A variable that does not vary has none: nan.

    Parameters
    ----------
    x : Value or array_like, shape (variables,n) or (n)
        The observations, a variable in each row.
    y : Value or array_like, optional
        More variables, of the same form.
    rowvar : bool
        False if each column is a variable.

    Returns
    -------
    Value or ndarray, shape (variables,variables), or a number of one variable
        A Value if any argument is one; from -1 to 1, in double precision or more.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.corrcoef([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]])
    array([[1., 1.],
           [1., 1.]])
    """
    found = cov(x, y, rowvar)
    if not found.ndim:
        return found / found
    deviation = sqrt(diagonal(found))
    found = found / expand_dims(deviation, 1) / expand_dims(deviation, 0)
    return clip(found, -1.0, 1.0)
