"""Medians and other quantiles: the elements in order of size, and what lies between two."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.numbers import as_numbers, as_operand
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.ops.arithmetic import add, multiply
from tinygrad_mlp.ops.indexing import getitem
from tinygrad_mlp.ops.joining import stack
from tinygrad_mlp.ops.selections import where
from tinygrad_mlp.ops.shapes import axes_of, expand_dims, reshape, transpose
from tinygrad_mlp.ops.sorting import sort


@composite
def quantile(a: Any, q: Any, axis: Any = None, keepdims: bool = False) -> Any:
    r"""Return what a share q of the elements over axes does not exceed.

    Of n elements in order it is that at the place $q (n - 1)$, and between two places in
    proportion; nan if any of them is.

    Parameters
    ----------
    a : Value or array_like, shape (...)
        The numbers.
    q : array_like
        Shares from 0 to 1; their axes come first in the result.
    axis : None, int or tuple of ints
        Over which axes; over all by default.
    keepdims : bool
        Keep the reduced axes with length 1.

    Returns
    -------
    Value or ndarray
        A Value if ``a`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.quantile([3.0, 1.0, 2.0], [0.5, 0.75])
    array([2. , 2.5])
    """
    shares = _shares("quantile", q, 1)
    a = as_operand(a, "quantile: a")
    axes = tuple(range(a.ndim)) if axis is None else axes_of(a, axis)
    rest = [each for each in range(a.ndim) if each not in axes]
    count = math.prod(a.shape[each] for each in axes)
    if not count:
        raise ShapeError(f"quantile: nothing has no quantile; got a of shape {a.shape}")
    along = reshape(transpose(a, (*rest, *axes)), (*(a.shape[each] for each in rest), count))
    rising = sort(along, axis=-1)
    wanted = shares.ravel().tolist() or [0.0]  # of no shares too there is a shape
    found = [_at(rising, share * (count - 1)) for share in wanted]
    if keepdims:
        found = [expand_dims(each, axes) for each in found]
    if not shares.ndim:
        return found[0]
    whole = stack(found) if shares.size else getitem(stack(found), slice(0))
    return reshape(whole, shares.shape + found[0].shape)


def _shares(name: str, q: Any, whole: int) -> Any:
    """Return shares of 1 from shares of a whole, or raise ValueError."""
    parts = np.asarray(as_numbers(q, f"{name}: q"))
    if not np.all((parts >= 0) & (parts <= whole)):
        raise ValueError(f"{name}: q must be from 0 to {whole}, got {q!r:.80}")
    return parts / whole


def _at(rising: Any, place: float) -> Any:
    """Return the element at a place that may be between two; nan if there is one, which is last."""
    below = math.floor(place)
    found = getitem(rising, (..., below))
    if place > below:
        above = getitem(rising, (..., below + 1))
        found = add(multiply(found, below + 1 - place), multiply(above, place - below))
    last = getitem(rising, (..., -1))
    return where(np.isnan(last), last, found)


@composite
def percentile(a: Any, q: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return what q percent of the elements over axes do not exceed: ``quantile`` of q / 100.

    >>> import tinygrad_mlp as tg
    >>> tg.percentile([3.0, 1.0, 2.0], 75.0)
    np.float64(2.5)
    """
    return quantile(a, _shares("percentile", q, 100), axis, keepdims)


@composite
def median(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the middle of the elements over axes, or the mean of the two in the middle.

    >>> import tinygrad_mlp as tg
    >>> tg.median([3.0, 1.0, 2.0, 5.0])
    np.float64(2.5)
    """
    return quantile(a, 0.5, axis, keepdims)
