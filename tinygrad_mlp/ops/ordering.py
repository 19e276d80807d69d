"""Values in order of size, and what depends on the elements before."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.core.functions import composite
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.arithmetic import binary, unary
from tinygrad_mlp.ops.indexing import flip, getitem
from tinygrad_mlp.ops.shapes import axis_of, reduced_axes, reshape


def _one_axis_or_all(x: Array, axis: Any) -> dict[str, Any]:
    return {"axis": None if axis is None else axis_of(x, axis)}


def _added_axis(x: Array, axis: Any) -> dict[str, Any]:
    return {"axis": None if reduced_axes(x, axis) is None else axis_of(x, axis)}


def _order_of_another(x: Array, by: Array, axis: Any) -> dict[str, Any]:
    if np.shape(x) != np.shape(by):
        raise ShapeError(f"x and by must have one shape, got {np.shape(x)} and {np.shape(by)}")
    return {"axis": axis_of(x, axis)}


sorted_by: Op = binary(
    "sorted_by",
    "x by",
    options={"axis": -1},
    prepare=_order_of_another,
    forward="sorted_by({x}, {by}, axis={axis})",
    vjps=(lambda g, out, x, by, axis: unsorted_by(g, by, axis=axis), None),
    public=False,
    latex=r"\operatorname{{sort}}_{{{by}}} {x}",
    doc="Elements of x in the order in which those of another value rise.",
    example='>>> tg.OPS["sorted_by"]([10.0, 20.0, 30.0], [3.0, 1.0, 2.0])\narray([20., 30., 10.])',
)
unsorted_by: Op = binary(
    "unsorted_by",
    "x by",
    options={"axis": -1},
    prepare=_order_of_another,
    forward="unsorted_by({x}, {by}, axis={axis})",
    vjps=(lambda g, out, x, by, axis: sorted_by(g, by, axis=axis), None),
    public=False,
    latex=r"\operatorname{{sort}}_{{{by}}}^{{-1}} {x}",
    doc="What sorted_by took apart: its elements back where they came from.",
    example='>>> tg.OPS["unsorted_by"]([20.0, 10.0], [3.0, 1.0])\narray([10., 20.])',
)
sort: Op = unary(
    "sort",
    options={"axis": -1},
    prepare=_one_axis_or_all,
    forward="np.sort({x}, axis={axis}, kind='stable')",
    vjps=(
        lambda g, out, x, axis: reshape(
            unsorted_by(g, reshape(x, out.shape), axis=axis or 0), x.shape
        ),
    ),
    doc="Elements in rising order along an axis, nan last; each gradient goes where its element "
    "came from, and of equal ones the first stays the first.",
    example=">>> tg.sort([3.0, 1.0, 2.0])\narray([1., 2., 3.])",
)
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


@composite
def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """Return the differences of neighbours along an axis.

    Parameters
    ----------
    a : Value or array_like, shape (...)
        The value.
    n : int
        How often differences are taken.
    axis : int
        Along which axis, which becomes shorter by ``n``.

    Returns
    -------
    Value or ndarray
        A Value if ``a`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.diff([1.0, 4.0, 9.0])
    array([3., 5.])
    """
    if n < 0:
        raise ValueError(f"diff: n must not be negative, got {n}")
    before = (slice(None),) * axis_of(a, axis)
    a = getitem(a, ())  # numbers of any kind become floating-point ones
    for _ in range(n):
        a = getitem(a, (*before, slice(1, None))) - getitem(a, (*before, slice(None, -1)))
    return a
