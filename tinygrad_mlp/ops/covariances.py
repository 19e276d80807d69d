"""How variables vary together: covariances and correlations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_mlp._support.arguments import whole_number, whole_numbers
from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.ops.elementwise import sqrt
from tinygrad_mlp.ops.indexing import diagonal
from tinygrad_mlp.ops.joining import concatenate
from tinygrad_mlp.ops.linear import matmul
from tinygrad_mlp.ops.reductions import mean
from tinygrad_mlp.ops.selections import clip
from tinygrad_mlp.ops.shapes import as_double, atleast_2d, expand_dims, reshape, transpose
from tinygrad_mlp.ops.statistics import average


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
    table = _variables("m", m, y, rowvar)
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


def _variables(name: str, x: Any, y: Any, rowvar: bool) -> Any:
    """Return a table with the variables of x, and of y if it is there, in its rows."""
    table = _table(name, x, rowvar)
    if y is None:
        return table
    more = _table("y", y, rowvar)
    if more.shape[1] != table.shape[1]:
        raise ShapeError(
            f"{name} and y must have as many observations, got {table.shape[1]} and {more.shape[1]}"
        )
    return concatenate([table, more])


def _table(name: str, x: Any, rowvar: bool) -> Any:
    """Return a table with a variable in each row."""
    x = as_double(x, name)
    if x.ndim > 2:
        raise ShapeError(f"{name} must be a vector or a matrix, got shape {x.shape}")
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
    found = cov(_variables("x", x, y, rowvar))
    if not found.ndim:
        return found / found
    deviation = sqrt(diagonal(found))
    found = found / expand_dims(deviation, 1) / expand_dims(deviation, 0)
    return clip(found, -1.0, 1.0)
