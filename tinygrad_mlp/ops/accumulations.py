"""Sums and products of all elements up to each."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.numbers import as_operand
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.arithmetic import unary
from tinygrad_mlp.ops.indexing import along, flip, getitem
from tinygrad_mlp.ops.joining import concatenate
from tinygrad_mlp.ops.shapes import axis_of, reduced_axes, reshape
from tinygrad_mlp.ops.sorting import one_axis_or_all


def _added_axis(x: Array, axis: Any) -> dict[str, Any]:
    return {"axis": None if reduced_axes(x, axis) is None else axis_of(x, axis)}


cumsum: Op = unary(
    "cumsum",
    options={"axis": None},
    prepare=_added_axis,
    vjps=(
        lambda g, out, x, axis: reshape(
            flip(cumsum(flip(g, axis=axis), axis=axis), axis=axis), x.shape
        ),
    ),
    latex=r"\sum_{{j \le i}} {x}_j",
    symbol="Σ≤",
    doc="Sum of all elements up to each, along an axis or in the raveled value.",
    example=">>> tg.cumsum([1.0, 2.0, 3.0])\narray([1., 3., 6.])",
)


def _vjp_cumprod(g: Any, out: Any, x: Any, axis: Any) -> Any:
    """The product of all before, times the sum of ``g_i`` times the product from here to i.

    Such a sum is the gradient here plus the next factor times the next sum.  So there is no
    division, which zeros would forbid, and each step reaches twice as far.
    """
    length = out.shape[axis or 0]
    if length < 2:
        return reshape(g, x.shape)  # a product of one factor

    def part(v: Any, start: Any, stop: Any) -> Any:
        return getitem(v, along(axis or 0, slice(start, stop)))

    factors, sums, reach = part(reshape(x, out.shape), 1, None), g, 1
    while reach < length:
        if reach > 1:
            half = reach // 2
            factors = part(factors, None, -half) * part(factors, half, None)
        longer = part(sums, None, -reach) + factors * part(sums, reach, None)
        sums = concatenate([longer, part(sums, -reach, None)], axis or 0)
        reach *= 2
    others = part(out, None, -1) * part(sums, 1, None)
    return reshape(concatenate([part(sums, None, 1), others], axis or 0), x.shape)


cumprod: Op = unary(
    "cumprod",
    options={"axis": None},
    prepare=one_axis_or_all,
    vjps=(_vjp_cumprod,),
    latex=r"\prod_{{j \le i}} {x}_j",
    symbol="Π≤",
    doc="Product of all elements up to each, along an axis or in the raveled value; its gradient "
    "is right with zeros too.",
    example=">>> tg.cumprod([2.0, 3.0, 4.0])\narray([ 2.,  6., 24.])",
)


@composite
def cumulative_sum(x: Any, *, axis: int | None = None, include_initial: bool = False) -> Any:
    """Return the sum of all elements up to each along an axis, as NumPy 2.1 spells it.

    Parameters
    ----------
    x : Value or array_like, shape (...)
        The numbers.
    axis : int, optional
        Along which axis; needed unless there is only one.
    include_initial : bool
        Begin with a 0, which makes the axis one longer.

    Returns
    -------
    Value or ndarray
        A Value if ``x`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.cumulative_sum([1.0, 2.0, 3.0], include_initial=True)
    array([0., 1., 3., 6.])
    """
    return _begun(cumsum, x, axis, 0.0 if include_initial else None)


@composite
def cumulative_prod(x: Any, *, axis: int | None = None, include_initial: bool = False) -> Any:
    """Return the product of all elements up to each along an axis, as NumPy 2.1 spells it.

    Parameters
    ----------
    x, axis
        As for ``cumulative_sum``.
    include_initial : bool
        Begin with a 1, which makes the axis one longer.

    Returns
    -------
    Value or ndarray
        A Value if ``x`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.cumulative_prod([1.0, 2.0, 3.0], include_initial=True)
    array([1., 1., 2., 6.])
    """
    return _begun(cumprod, x, axis, 1.0 if include_initial else None)


def _begun(row: Op, x: Any, axis: int | None, start: float | None) -> Any:
    """Return what accumulates along the axis that is given or the only one, after a start."""
    x = as_operand(x, f"{row.name}: x")
    if axis is None and x.ndim != 1:
        raise ShapeError(
            f"axis must be given for the shape {x.shape}, which has not one axis; "
            "ravel first to accumulate all elements"
        )
    axis = axis_of(x, 0 if axis is None else axis)
    found = row(x, axis=axis)
    if start is None:
        return found
    before = (*found.shape[:axis], 1, *found.shape[axis + 1 :])
    return concatenate([np.full(before, start, found.dtype), found], axis)
