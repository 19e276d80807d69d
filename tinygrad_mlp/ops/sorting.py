"""Values in order of size."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.core.record import Op
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.arithmetic import binary, unary
from tinygrad_mlp.ops.shapes import axis_of, reshape


def one_axis_or_all(x: Array, axis: Any) -> dict[str, Any]:
    """Return axis as an int from 0 on, or None for the raveled value."""
    return {"axis": None if axis is None else axis_of(x, axis)}


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
    prepare=one_axis_or_all,
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
