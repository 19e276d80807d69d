"""Sums, means, extremes and other rows over axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_mlp.core.operators import Operators
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.arithmetic import add, divide_or_zero, multiply, unary
from tinygrad_mlp.ops.elementwise import exp, logaddexp
from tinygrad_mlp.ops.reduction import Reduction, count_of, is_half, unreduced
from tinygrad_mlp.ops.selections import maximum, minimum, where
from tinygrad_mlp.ops.shapes import (
    astype,
    axes_of,
    broadcast_to,
    expand_dims,
    inverse_of,
    reduced_axes,
    reshape,
    transpose,
)
from tinygrad_mlp.ops.trigonometry import hypot

_LARGEST_HALF = 65504  # the largest number of half precision


def divided_among(g: Any, count: int) -> Any:
    """Return ``g / count``, also where half precision cannot hold the count; 0 counts as 1."""
    if count > _LARGEST_HALF and g.dtype.itemsize == 2:
        return g * (1.0 / count)
    return g / (count or 1)


# ----- A part of the elements, and a number more -----


def only(mask: Any, x: Any, other: float) -> Any:
    """Return the elements that a mask chooses, and another number in the place of the others."""
    return where(mask, x, other)


def _joined(join: Op, neutral: float, *, of_none: bool = True) -> Callable[..., Any]:
    """Return how some elements are reduced by a row that joins two by two.

    Parameters
    ----------
    join : Op
        Such as ``add`` for a sum.
    neutral : float
        What joins and changes nothing, such as 0.
    of_none : bool
        Whether it is the result where no element is chosen.
    """

    def partly(row: Op, x: Any, initial: Any, mask: Any, axis: Any, keepdims: bool) -> Any:
        if initial is None and not of_none:
            raise ValueError(
                f"{row.name}: where may choose no element, which has no {row.name}; give initial"
            )
        x = only(mask, x, neutral)
        if count_of(x, reduced_axes(x, axis)):
            found = row(x, axis, keepdims)
        else:
            found = sum(x, axis, keepdims) + neutral
        if initial is None:
            return found
        return join(found, initial if isinstance(initial, Operators) else float(initial))

    return partly


def _mean_of_part(row: Op, x: Any, initial: Any, mask: Any, axis: Any, keepdims: bool) -> Any:
    if initial is not None:
        raise TypeError(f"mean: initial is for sums and the like, got {initial!r:.80}")
    if is_half(x):
        wide = astype(x, np.float32)
        return astype(_mean_of_part(row, wide, initial, mask, axis, keepdims), np.float16)
    chosen = only(mask, x, 0.0)
    return sum(chosen, axis, keepdims) / chosen_count(mask, chosen, axis, keepdims)


def chosen_count(mask: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Return how many elements of ``x`` a mask chooses, as a number of its type."""
    return sum(only(mask, np.ones(x.shape, x.dtype), 0.0), axis, keepdims)


# ----- The rows -----

sum: Op = Reduction(  # noqa: A001  NumPy's name
    "sum",
    partly=_joined(add, 0.0),
    vjps=(lambda g, out, x, axis, keepdims: broadcast_to(unreduced(g, axis, keepdims), x.shape),),
    latex=r"\sum {x}",
    symbol="Σ",
    doc="Sum over axes; over all of them by default.",
    example=">>> tg.sum([[1.0, 2.0], [3.0, 4.0]], axis=0)\narray([4., 6.])",
)
mean: Op = Reduction(
    "mean",
    partly=_mean_of_part,
    vjps=(
        lambda g, out, x, axis, keepdims: broadcast_to(
            unreduced(divided_among(g, count_of(x, axis)), axis, keepdims), x.shape
        ),
    ),
    doc="Arithmetic mean over axes; over all of them by default.",
    example=">>> tg.mean([1.0, 2.0, 6.0])\nnp.float64(3.0)",
)
max_share: Op = unary(
    "max_share",
    options={"axis": None},
    forward="max_share({x}, axis={axis})",
    vjps=(None,),
    public=False,
    latex=r"\frac{{[{x} = \max {x}]}}{{\sum [{x} = \max {x}]}}",
    doc="Share of each element in the maximum over axes; ties share evenly.",
    example='>>> tg.OPS["max_share"]([1.0, 3.0, 3.0])\narray([0. , 0.5, 0.5])',
)
max: Op = Reduction(  # noqa: A001  NumPy's name
    "max",
    partly=_joined(maximum, -np.inf, of_none=False),
    vjps=(
        lambda g, out, x, axis, keepdims: unreduced(g, axis, keepdims) * max_share(x, axis=axis),
    ),
    doc="Largest element over axes; ties share the gradient evenly.",
    example=">>> tg.max([1.0, 3.0, 2.0])\nnp.float64(3.0)",
)
min: Op = Reduction(  # noqa: A001  NumPy's name
    "min",
    partly=_joined(minimum, np.inf, of_none=False),
    vjps=(
        lambda g, out, x, axis, keepdims: unreduced(g, axis, keepdims) * max_share(-x, axis=axis),
    ),
    doc="Smallest element over axes; ties share the gradient evenly.",
    example=">>> tg.min([1.0, 3.0, 2.0])\nnp.float64(1.0)",
)


def _named_axes(x: Any, axis: Any) -> tuple[int, ...]:
    """Return the axes that are reduced, by number also where these are all."""
    return tuple(range(np.ndim(x))) if axis is None else axes_of(x, axis)


def _others_options(x: Array, axis: Any) -> dict[str, Any]:
    return {"axis": _named_axes(x, axis)}


def _vjp_product_of_others(g: Any, out: Any, x: Any, axis: tuple[int, ...]) -> Any:
    """Sum of the rows ``g_i * product of all but i and j``: one row for each element i."""
    rest = tuple(a for a in range(x.ndim) if a not in axis)
    order = (*axis, *rest)
    lengths = tuple(x.shape[a] for a in order)
    count = count_of(x, axis)
    flat = (count, *lengths[len(axis) :])
    is_i = np.eye(count, dtype=bool).reshape(count, count, *(1,) * len(rest))
    elements, upstream = (reshape(transpose(v, order), flat) for v in (x, g))
    without_i = product_of_others(where(is_i, 1.0, elements), axis=(1,))
    rows = where(is_i, 0.0, expand_dims(upstream, 1) * without_i)
    return transpose(reshape(sum(rows, axis=0), lengths), inverse_of(order))


product_of_others: Op = unary(
    "product_of_others",
    options={"axis": None},
    prepare=_others_options,
    forward="product_of_others({x}, {axis})",
    vjps=(_vjp_product_of_others,),
    public=False,
    latex=r"\prod_{{j \ne i}} {x}_j",
    doc="Product over axes of all elements but the one in place; right with zeros.",
    example='>>> tg.OPS["product_of_others"]([0.0, 2.0, 3.0])\narray([6., 0., 0.])',
)
prod: Op = Reduction(
    "prod",
    partly=_joined(multiply, 1.0),
    vjps=(
        lambda g, out, x, axis, keepdims: (
            unreduced(g, axis, keepdims) * product_of_others(x, axis=_named_axes(x, axis))
        ),
    ),
    latex=r"\prod {x}",
    symbol="Π",
    doc="Product over axes; its gradient is right with zeros too.",
    example=">>> tg.prod([2.0, 3.0, 4.0])\nnp.float64(24.0)",
)
sum_of_others: Op = unary(
    "sum_of_others",
    options={"axis": None},
    prepare=_others_options,
    forward="sum_of_others({x}, {axis})",
    vjps=(lambda g, out, x, axis: sum_of_others(g, axis=axis),),
    public=False,
    latex=r"\sum_{{j \ne i}} {x}_j",
    doc="Sum over axes of all elements but the one in place, without cancellation.",
    example='>>> tg.OPS["sum_of_others"]([1e20, 2.0, 3.0])\narray([5.e+00, 1.e+20, 1.e+20])',
)


def _vjp_unit(g: Any, out: Any, x: Any, axis: Any) -> Any:
    """Sum of ``u_j * (g_i u_j - u_i g_j) / length``: without j = i, so that nothing cancels."""
    curved = divide_or_zero(out, norm(x, axis=axis, keepdims=True))
    axes = _named_axes(x, axis)
    return g * sum_of_others(curved * out, axis=axes) - curved * sum_of_others(g * out, axis=axes)


unit: Op = unary(
    "unit",
    options={"axis": None},
    forward="unit({x}, axis={axis})",
    vjps=(_vjp_unit,),
    public=False,
    latex=r"\frac{{{x}}}{{\lVert {x} \rVert}}",
    doc="Vectors along axes divided by their length; 0 stays 0.",
    example='>>> tg.OPS["unit"]([3.0, 4.0])\narray([0.6, 0.8])',
)
norm: Op = Reduction(
    "norm",
    partly=_joined(hypot, 0.0),
    forward="norm({x}, axis={axis}, keepdims={keepdims})",
    vjps=(lambda g, out, x, axis, keepdims: unreduced(g, axis, keepdims) * unit(x, axis=axis),),
    latex=r"\lVert {x} \rVert",
    symbol="‖x‖",
    doc="Euclidean length over axes; its gradient at 0 is 0, the smallest subgradient.",
    example=">>> tg.norm([3.0, 4.0])\nnp.float64(5.0)",
)
logsumexp: Op = Reduction(
    "logsumexp",
    partly=_joined(logaddexp, -np.inf),
    forward="logsumexp({x}, axis={axis}, keepdims={keepdims})",
    vjps=(lambda g, out, x, axis, keepdims: unreduced(g, axis, keepdims) * softmax(x, axis),),
    latex=r"\log \sum e^{{{x}}}",
    doc="Logarithm of the sum of exponentials over axes, without overflow.",
    example=">>> tg.logsumexp([1000.0, 1000.0])\nnp.float64(1000.6931471805599)",
)


def _softmax_options(x: Array, axis: Any) -> dict[str, Any]:
    return {"axis": None if axis is None else axes_of(x, axis)}


softmax: Op = unary(
    "softmax",
    options={"axis": -1},
    prepare=_softmax_options,
    forward="softmax({x}, axis={axis})",
    vjps=(lambda g, out, x, axis: out * (g - sum(g * out, axis=axis, keepdims=True)),),
    doc="Exponentials divided by their sum over axes, the last one by default.",
    example=">>> tg.softmax([0.0, 0.0])\narray([0.5, 0.5])",
)
log_softmax: Op = unary(
    "log_softmax",
    options={"axis": -1},
    prepare=_softmax_options,
    forward="log_softmax({x}, axis={axis})",
    vjps=(lambda g, out, x, axis: g - exp(out) * sum(g, axis=axis, keepdims=True),),
    latex=r"\log \operatorname{{softmax}} {x}",
    doc="Logarithm of the softmax over axes, the last one by default.",
    example=">>> tg.log_softmax([0.0, -1000.0])\narray([    0., -1000.])",
)
