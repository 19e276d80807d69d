"""Sums, means, extremes and other summaries over axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_mlp.core.functions import composite
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.arithmetic import divide_or_zero, unary
from tinygrad_mlp.ops.elementwise import exp, square
from tinygrad_mlp.ops.selections import where
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


def _reduction_options(x: Array, axis: Any, keepdims: bool = False) -> dict[str, Any]:
    """Return axis as None or a tuple of axes counted from the front."""
    if type(keepdims) is not bool and not isinstance(keepdims, np.bool_):  # NumPy's third is dtype
        raise TypeError(f"keepdims must be True or False, got {keepdims!r:.80}")
    return {"axis": reduced_axes(x, axis), "keepdims": bool(keepdims)}


def _unreduced(reduced: Any, axis: tuple[int, ...] | None, keepdims: bool) -> Any:
    """Return what a reduction gave, with the reduced axes back as axes of length 1."""
    if keepdims or axis is None or axis == ():
        return reduced
    return expand_dims(reduced, axis)


def _count(x: Any, axis: tuple[int, ...] | None) -> int:
    """Return how many elements of ``x`` are reduced to one."""
    return x.size if axis is None else math.prod([x.shape[a] for a in axis])


_LARGEST_HALF = 65504  # the largest number of half precision


def divided_among(g: Any, count: int) -> Any:
    """Return ``g / count``, also where half precision cannot hold the count; 0 counts as 1."""
    if count > _LARGEST_HALF and g.dtype.itemsize == 2:
        return g * (1.0 / count)
    return g / (count or 1)


def _reduction(name: str, **declared: Any) -> Op:
    """Return the row of a reduction: NumPy's of that name, unless a formula is given."""
    options = {"axis": None, "keepdims": False}
    return unary(name, options=options, prepare=_reduction_options, shapes="(...)->()", **declared)


sum: Op = _reduction(  # noqa: A001  NumPy's name
    "sum",
    vjps=(lambda g, out, x, axis, keepdims: broadcast_to(_unreduced(g, axis, keepdims), x.shape),),
    latex=r"\sum {x}",
    symbol="Σ",
    doc="Sum over axes; over all of them by default.",
    example=">>> tg.sum([[1.0, 2.0], [3.0, 4.0]], axis=0)\narray([4., 6.])",
)
mean: Op = _reduction(
    "mean",
    vjps=(
        lambda g, out, x, axis, keepdims: broadcast_to(
            _unreduced(divided_among(g, _count(x, axis)), axis, keepdims), x.shape
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
max: Op = _reduction(  # noqa: A001  NumPy's name
    "max",
    vjps=(
        lambda g, out, x, axis, keepdims: _unreduced(g, axis, keepdims) * max_share(x, axis=axis),
    ),
    doc="Largest element over axes; ties share the gradient evenly.",
    example=">>> tg.max([1.0, 3.0, 2.0])\nnp.float64(3.0)",
)
min: Op = _reduction(  # noqa: A001  NumPy's name
    "min",
    vjps=(
        lambda g, out, x, axis, keepdims: _unreduced(g, axis, keepdims) * max_share(-x, axis=axis),
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
    count = _count(x, axis)
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
prod: Op = _reduction(
    "prod",
    vjps=(
        lambda g, out, x, axis, keepdims: (
            _unreduced(g, axis, keepdims) * product_of_others(x, axis=_named_axes(x, axis))
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
norm: Op = _reduction(
    "norm",
    forward="norm({x}, axis={axis}, keepdims={keepdims})",
    vjps=(lambda g, out, x, axis, keepdims: _unreduced(g, axis, keepdims) * unit(x, axis=axis),),
    latex=r"\lVert {x} \rVert",
    symbol="‖x‖",
    doc="Euclidean length over axes; its gradient at 0 is 0, the smallest subgradient.",
    example=">>> tg.norm([3.0, 4.0])\nnp.float64(5.0)",
)
logsumexp: Op = _reduction(
    "logsumexp",
    forward="logsumexp({x}, axis={axis}, keepdims={keepdims})",
    vjps=(lambda g, out, x, axis, keepdims: _unreduced(g, axis, keepdims) * softmax(x, axis),),
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


@composite
def var(x: Any, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Any:
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
    if _is_half(x):  # which cannot hold a sum of many squares
        return astype(var(astype(x, np.float32), axis, keepdims, ddof), np.float16)
    distance = x - mean(x, axis=axis, keepdims=True)
    squares = sum(square(distance), axis=axis, keepdims=keepdims)
    return squares / _degrees_of_freedom(distance, axis, ddof)


@composite
def std(x: Any, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Any:
    """Return the standard deviation over axes, the square root of ``var``.

    Its gradient at a constant slice is 0, as that of the norm.

    Parameters
    ----------
    x, axis, keepdims, ddof
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
    if _is_half(x):
        return astype(std(astype(x, np.float32), axis, keepdims, ddof), np.float16)
    distance = x - mean(x, axis=axis, keepdims=True)
    return norm(distance, axis=axis, keepdims=keepdims) / math.sqrt(
        _degrees_of_freedom(distance, axis, ddof)
    )


@composite
def ptp(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the distance from the smallest to the largest element over axes.

    >>> import tinygrad_mlp as tg
    >>> tg.ptp([1.0, 3.0, 7.0])
    np.float64(6.0)
    """
    return max(a, axis=axis, keepdims=keepdims) - min(a, axis=axis, keepdims=keepdims)


def _is_half(x: Any) -> bool:
    return getattr(x, "dtype", None) == np.float16


def _degrees_of_freedom(x: Any, axis: Any, ddof: int) -> int:
    count = _count(x, reduced_axes(x, axis)) - ddof
    if count <= 0:
        raise ValueError(f"a variance of {count + ddof} numbers with ddof = {ddof} does not exist")
    return count
