"""Other shapes, orders, types and parts of the same numbers."""

from __future__ import annotations

import math
from operator import index
from typing import Any

import numpy as np

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp.core.composites import composite, composite_of_several
from tinygrad_mlp.core.numbers import as_operand, joined
from tinygrad_mlp.core.operators import Operators
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.errors import DataTypeError, ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.arithmetic import unary

# As tuples with names, because the checks run in every call: a union is built where it is written.
_INTEGERS = (int, np.integer)
_SEVERAL = (tuple, list)


def axis_of(x: Array, axis: Any) -> int:
    """Return one axis, counted from the front."""
    return axes_of(x, (axis,), "an int")[0]


def axes_of(x: Array, axis: Any, wanted: str = "") -> tuple[int, ...]:
    """Return an axis or a tuple of axes as a tuple, counted from the front."""
    ndim = x.ndim if hasattr(x, "ndim") else np.ndim(x)  # which takes its time for a Value
    axes = []
    for one in axis if isinstance(axis, _SEVERAL) else (axis,):
        if isinstance(one, bool) or not isinstance(one, _INTEGERS):
            none = "" if axis is None else "None, "
            wanted = wanted or f"{none}an int or a tuple of ints"
            raise TypeError(f"axis must be {wanted}, got {one!r:.80}")
        if not -ndim <= one < ndim:
            raise ShapeError(f"axis {one} does not exist: the value has shape {np.shape(x)}")
        axes.append(int(one) % ndim)
    if len(axes) > 1 and len(set(axes)) < len(axes):
        raise ValueError(f"axis names one axis twice: {axis!r}")
    return tuple(axes)


def reduced_axes(x: Array, axis: Any) -> tuple[int, ...] | None:
    """Return the axes that are reduced to nothing, or None for all of them.

    A number has none, but NumPy lets its axis 0 or -1 be reduced, as if it were a vector of one.
    """
    is_one = isinstance(axis, _INTEGERS) and not isinstance(axis, bool)
    if axis is None or (is_one and axis in (0, -1) and not np.ndim(x)):
        return None
    return axes_of(x, axis)


def inverse_of(order: tuple[int, ...]) -> list[int]:
    """Return the order of axes that undoes another one."""
    return sorted(range(len(order)), key=order.__getitem__)


copy: Op = unary(
    "copy",
    vjps=(lambda g, out, x: g,),
    latex="{x}",
    symbol="=",
    doc="The same numbers, as a value of its own in the graph.",
    example=">>> tg.copy([1.0, 2.0])\narray([1., 2.])",
)
stop_gradient: Op = unary(
    "stop_gradient",
    forward="{x}",
    vjps=(None,),
    latex="{x}",
    symbol="stop",
    doc="The value itself, taken as a constant: no gradient passes.",
    example=">>> x = tg.Value(3.0)\n>>> tg.grad(x * tg.stop_gradient(x), x)\nnp.float64(3.0)",
)


def _reshape_options(x: Array, shape: Any) -> dict[str, Any]:
    try:
        lengths = shape if isinstance(shape, _SEVERAL) else (shape,)
        return {"shape": tuple([int(index(n)) for n in lengths])}
    except TypeError:
        raise TypeError(f"shape must be an int or a tuple of ints, got {shape!r}") from None


reshape: Op = unary(
    "reshape",
    options={"shape": (-1,)},
    prepare=_reshape_options,
    forward="np.reshape({x}, {shape})",
    vjps=(lambda g, out, x, shape: reshape(g, x.shape),),
    doc="The same elements in another shape; one length may be -1.",
    example=">>> tg.reshape([1.0, 2.0, 3.0, 4.0], (2, 2))\narray([[1., 2.],\n       [3., 4.]])",
)


def _transpose_options(x: Array, axes: Any) -> dict[str, Any]:
    ndim = np.ndim(x)
    if axes is None:
        return {"axes": tuple(range(ndim))[::-1]}
    order = axes_of(x, axes if isinstance(axes, _INTEGERS) else tuple(axes))
    if len(order) != ndim:
        raise ShapeError(f"transpose: axes {axes!r} must name every axis of shape {np.shape(x)}")
    return {"axes": order}


transpose: Op = unary(
    "transpose",
    options={"axes": None},
    prepare=_transpose_options,
    forward="np.transpose({x}, {axes})",
    vjps=(lambda g, out, x, axes: transpose(g, inverse_of(axes)),),
    latex=r"{x}^\mathsf{{T}}",
    symbol="ᵀ",
    doc="The value with its axes in another order; reversed by default.",
    example=">>> tg.transpose([[1.0, 2.0]])\narray([[1.],\n       [2.]])",
)


def _broadcast_options(x: Array, shape: Any) -> dict[str, Any]:
    options = _reshape_options(x, shape)
    if any(length < 0 for length in options["shape"]):
        raise ShapeError(f"broadcast_to: shape must be made of lengths from 0 on, got {shape!r}")
    return options


broadcast_to: Op = unary(
    "broadcast_to",
    options={"shape": ()},
    prepare=_broadcast_options,
    forward="np.broadcast_to({x}, {shape})",
    vjps=(lambda g, out, x, shape: g,),
    latex=r"\operatorname{{broadcast}} {x}",
    doc="The value repeated to a larger shape, by NumPy's broadcasting.",
    example=">>> tg.broadcast_to([1.0, 2.0], (2, 2))\narray([[1., 2.],\n       [1., 2.]])",
)
sum_to: Op = unary(
    "sum_to",
    options={"shape": ()},
    forward="sum_to({x}, {shape})",
    vjps=(lambda g, out, x, shape: broadcast_to(g, x.shape),),
    public=False,
    latex=r"\sum {x}",
    symbol="Σ",
    doc="Sum over the axes that broadcasting from a smaller shape added or stretched.",
    example='>>> tg.OPS["sum_to"]([[1.0, 2.0], [3.0, 4.0]], shape=(2,))\narray([4., 6.])',
)


def _squeeze_options(x: Array, axis: Any) -> dict[str, Any]:
    axes = reduced_axes(x, axis)
    if axes is None:
        axes = tuple(a for a, length in enumerate(np.shape(x)) if length == 1)
    return {"axis": axes}


squeeze: Op = unary(
    "squeeze",
    options={"axis": None},
    prepare=_squeeze_options,
    vjps=(lambda g, out, x, axis: reshape(g, x.shape),),
    doc="The value without axes of length 1; without all of them by default.",
    example=">>> tg.squeeze([[1.0, 2.0]])\narray([1., 2.])",
)
expand_dims: Op = unary(
    "expand_dims",
    options={"axis": 0},
    vjps=(lambda g, out, x, axis: reshape(g, x.shape),),
    latex=r"\operatorname{{expand}} {x}",
    doc="The value with new axes of length 1.",
    example=">>> tg.expand_dims([1.0, 2.0], 0)\narray([[1., 2.]])",
)


def _dtype_option(x: Array, dtype: Any) -> dict[str, Any]:
    wanted = np.dtype(dtype)
    if wanted.kind != "f":
        raise DataTypeError(f"astype: dtype must be a floating type, got {wanted}")
    return {"dtype": wanted}


_astype: Op = unary(
    "astype",
    options={"dtype": float},
    prepare=_dtype_option,
    forward="{x}.astype({dtype})",
    vjps=(lambda g, out, x, dtype: g,),
    latex="{x}",
    doc="The value in another floating type; the gradient comes back in the original one.",
)


# ----- Made of these -----


@composite
def astype(x: Any, dtype: Any = "float64") -> Any:
    """Return the value in another type; in a floating one, its gradient comes back as it was.

    Whole numbers and bools have no gradient, so they are a plain array, to index with.

    Parameters
    ----------
    x : Value or array_like, shape (...)
        The value.
    dtype : a floating type, one of ints, or bool
        The type.

    Returns
    -------
    Value or ndarray, the same shape
        A Value if ``x`` is one and the type is a floating one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.astype([1.0], "float32")
    array([1.], dtype=float32)
    >>> tg.astype(tg.Value([2.7, -2.7]), int)
    array([ 2, -2])
    """
    if np.dtype(dtype).kind not in "iub":
        return _astype(x, dtype)
    x = as_operand(x, "astype: x")
    numbers = x.known("what is no floating type") if isinstance(x, Operators) else x
    return numbers.astype(dtype)


def as_double(x: Any, name: str) -> Any:
    """Return an operand in double precision or more, in which NumPy computes a few things.

    >>> as_double(np.float32(0.5), "f: x"), as_double([1, 2], "f: x")
    (np.float64(0.5), array([1., 2.]))
    """
    x = as_operand(x, name)
    wide = np.result_type(x.dtype, np.float64)
    return x if x.dtype == wide else astype(x, wide)


def raveled(a: Any) -> Any:
    """Return all elements along one axis, the last index changing fastest.

    >>> raveled([[1.0, 2.0], [3.0, 4.0]])
    array([1., 2., 3., 4.])
    """
    return reshape(a, (-1,))


@composite
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Return the value with axes moved to other places; the rest keeps its order.

    Parameters
    ----------
    a : Value or array_like, shape (...)
        The value.
    source, destination : int or tuple of ints, as many of each
        Where the axes are, and where they shall be.

    Returns
    -------
    Value or ndarray
        A Value if ``a`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.moveaxis([[[1.0, 2.0, 3.0]]], -1, 0).shape
    (3, 1, 1)
    """
    a = as_operand(a, "moveaxis: a")
    old, new = axes_of(a, source), axes_of(a, destination)
    if len(old) != len(new):
        raise ValueError(
            f"moveaxis: source and destination must be as many, got {source!r} and {destination!r}"
        )
    order = [axis for axis in range(a.ndim) if axis not in old]
    for place, axis in sorted(zip(new, old, strict=True)):
        order.insert(place, axis)
    return transpose(a, order)


@composite
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """Return the value with two axes in each other's place.

    >>> import tinygrad_mlp as tg
    >>> tg.swapaxes([[1.0, 2.0]], 0, 1)
    array([[1.],
           [2.]])
    """
    a = as_operand(a, "swapaxes: a")
    order = list(range(a.ndim))
    first, second = axis_of(a, axis1), axis_of(a, axis2)
    order[first], order[second] = second, first
    return transpose(a, order)


@composite
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """Return the value with one axis moved before another one; ``moveaxis`` says it plainer.

    >>> import tinygrad_mlp as tg
    >>> tg.rollaxis([[[1.0, 2.0, 3.0]]], 2).shape
    (3, 1, 1)
    """
    a = as_operand(a, "rollaxis: a")
    ndim, place = a.ndim, axis_of(a, axis)
    first = whole_number("rollaxis: start", start, minimum=-math.inf)
    before = first + ndim if first < 0 else first
    if not 0 <= before <= ndim:
        raise ShapeError(f"rollaxis: start must be from {-ndim} to {ndim}, got {start}")
    return moveaxis(a, place, before - (before > place))


@composite
def matrix_transpose(x: Any) -> Any:
    """Return the transpose of every matrix of a stack, its last two axes in each other's place.

    >>> import tinygrad_mlp as tg
    >>> tg.matrix_transpose([[[1.0, 2.0]]])
    array([[[1.],
            [2.]]])
    """
    x = as_operand(x, "matrix_transpose: x")
    if x.ndim < 2:
        raise ShapeError(f"matrix_transpose: x must have two axes, got shape {x.shape}")
    return swapaxes(x, -1, -2)


@composite_of_several
def atleast_1d(*arys: Any) -> Any:
    """Return the value with an axis, if it is a scalar; several give a tuple.

    >>> import tinygrad_mlp as tg
    >>> tg.atleast_1d(3.0)
    array([3.])
    """
    results = tuple(reshape(a, np.shape(a) or (1,)) for a in map(joined, arys))
    return results[0] if len(results) == 1 else results


@composite_of_several
def atleast_2d(*arys: Any) -> Any:
    """Return the value with two axes at least, new ones in front; several give a tuple.

    >>> import tinygrad_mlp as tg
    >>> tg.atleast_2d([1.0, 2.0])
    array([[1., 2.]])
    """
    results = tuple(reshape(a, (1,) * (2 - np.ndim(a)) + np.shape(a)) for a in map(joined, arys))
    return results[0] if len(results) == 1 else results


@composite_of_several
def atleast_3d(*arys: Any) -> Any:
    """Return the value with three axes at least, (n) as (1,n,1) and (n,m) as (n,m,1).

    Several give a tuple.

    >>> import tinygrad_mlp as tg
    >>> tg.atleast_3d([1.0, 2.0]).shape
    (1, 2, 1)
    """
    results = tuple(reshape(a, _three_lengths(*np.shape(a))) for a in map(joined, arys))
    return results[0] if len(results) == 1 else results


def _three_lengths(*shape: int) -> tuple[int, ...]:
    return {0: (1, 1, 1), 1: (1, *shape, 1), 2: (*shape, 1)}.get(len(shape), shape)
