"""Other shapes, orders, types and parts of the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from tinygrad_mlp.engine import Op, Rule
from tinygrad_mlp.errors import DataTypeError, ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.operators import composite


def axes_of(x: Array, axis: Any) -> tuple[int, ...]:
    """Return an axis or a tuple of axes as a tuple, counted from the front."""
    ndim = np.ndim(x)
    result = []
    for one in axis if isinstance(axis, tuple | list) else (axis,):
        if isinstance(one, bool) or not isinstance(one, int | np.integer):
            raise TypeError(f"axis must be None, an int or a tuple of ints, got {axis!r}")
        if not -ndim <= one < ndim:
            raise ShapeError(f"axis {one} does not exist: the value has shape {np.shape(x)}")
        result.append(int(one) % ndim)
    if len(set(result)) < len(result):
        raise ValueError(f"axis names one axis twice: {axis!r}")
    return tuple(result)


copy: Op = Op(
    "copy",
    "x",
    forward="np.copy({x})",
    vjps=(lambda g, out, x: g,),
    latex="{x}",
    symbol="=",
    doc="The same numbers, as a value of its own in the graph.",
    example=">>> tg.copy([1.0, 2.0])\narray([1., 2.])",
)
stop_gradient: Op = Op(
    "stop_gradient",
    "x",
    forward="{x}",
    vjps=(None,),
    latex="{x}",
    symbol="stop",
    doc="The value itself, taken as a constant: no gradient passes.",
    example=">>> x = tg.Value(3.0)\n>>> tg.grad(x * tg.stop_gradient(x), x)\nnp.float64(3.0)",
)


def _reshape_options(x: Array, shape: Any) -> dict[str, Any]:
    lengths = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    if not all(isinstance(n, int | np.integer) for n in lengths):
        raise TypeError(f"shape must be an int or a tuple of ints, got {shape!r}")
    return {"shape": tuple(int(n) for n in lengths)}


reshape: Op = Op(
    "reshape",
    "x",
    options={"shape": (-1,)},
    prepare=_reshape_options,
    forward="np.reshape({x}, {shape})",
    vjps=(lambda g, out, x, shape: reshape(g, x.shape),),
    latex=r"\operatorname{{reshape}} {x}",
    doc="The same elements in another shape; one length may be -1.",
    example=">>> tg.reshape([1.0, 2.0, 3.0, 4.0], (2, 2))\narray([[1., 2.],\n       [3., 4.]])",
)


def _transpose_options(x: Array, axes: Any) -> dict[str, Any]:
    order = tuple(range(np.ndim(x)))[::-1] if axes is None else axes_of(x, tuple(axes))
    if len(order) != np.ndim(x):
        raise ShapeError(f"transpose: axes {axes!r} must name every axis of shape {np.shape(x)}")
    return {"axes": order}


transpose: Op = Op(
    "transpose",
    "x",
    options={"axes": None},
    prepare=_transpose_options,
    forward="np.transpose({x}, {axes})",
    vjps=(lambda g, out, x, axes: transpose(g, np.argsort(axes)),),
    latex=r"{x}^\mathsf{{T}}",
    symbol="ᵀ",
    doc="The value with its axes in another order; reversed by default.",
    example=">>> tg.transpose([[1.0, 2.0]])\narray([[1.],\n       [2.]])",
)
broadcast_to: Op = Op(
    "broadcast_to",
    "x",
    options={"shape": ()},
    prepare=_reshape_options,
    forward="np.broadcast_to({x}, {shape})",
    vjps=(lambda g, out, x, shape: g,),
    latex=r"\operatorname{{broadcast}} {x}",
    doc="The value repeated to a larger shape, by NumPy's broadcasting.",
    example=">>> tg.broadcast_to([1.0, 2.0], (2, 2))\narray([[1., 2.],\n       [1., 2.]])",
)
sum_to: Op = Op(
    "sum_to",
    "x",
    options={"shape": ()},
    forward="sum_to({x}, {shape})",
    vjps=(lambda g, out, x, shape: broadcast_to(g, x.shape),),
    latex=r"\sum {x}",
    symbol="Σ",
    doc="Sum over the axes that broadcasting from a smaller shape added or stretched.",
    example=">>> tg.sum_to([[1.0, 2.0], [3.0, 4.0]], shape=(2,))\narray([4., 6.])",
)


def _squeeze_options(x: Array, axis: Any) -> dict[str, Any]:
    if axis is None:
        return {"axis": tuple(a for a, length in enumerate(np.shape(x)) if length == 1)}
    return {"axis": axes_of(x, axis)}


squeeze: Op = Op(
    "squeeze",
    "x",
    options={"axis": None},
    prepare=_squeeze_options,
    forward="np.squeeze({x}, {axis})",
    vjps=(lambda g, out, x, axis: reshape(g, x.shape),),
    latex=r"\operatorname{{squeeze}} {x}",
    doc="The value without axes of length 1; without all of them by default.",
    example=">>> tg.squeeze([[1.0, 2.0]])\narray([1., 2.])",
)
expand_dims: Op = Op(
    "expand_dims",
    "x",
    options={"axis": 0},
    forward="np.expand_dims({x}, {axis})",
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


astype: Op = Op(
    "astype",
    "x",
    options={"dtype": float},
    prepare=_dtype_option,
    forward="{x}.astype({dtype})",
    vjps=(lambda g, out, x, dtype: g,),
    latex="{x}",
    doc="The value in another floating type; the gradient comes back in the original one.",
    example=">>> tg.astype([1.0], 'float32')\narray([1.], dtype=float32)",
)


def _index_option(x: Array, index: Any) -> dict[str, Any]:
    """Copy arrays and lists inside the index, so that later changes of them do not matter."""
    parts = index if isinstance(index, tuple) else (index,)
    checked = []
    for part in parts:
        if isinstance(part, list | np.ndarray):
            part = np.array(part)
            if part.size == 0 and part.dtype.kind == "f":
                part = part.astype(int)  # np.array([]) has no type of its own
        elif not isinstance(part, slice | int | np.integer | np.bool_ | None | type(Ellipsis)):
            raise TypeError(
                "an index is made of ints, slices, None, ..., and arrays of ints or bools; "
                f"got {part!r:.80}"
            )
        checked.append(part)
    return {"index": tuple(checked) if isinstance(index, tuple) else checked[0]}


getitem: Op = Op(
    "getitem",
    "x",
    options={"index": ()},
    prepare=_index_option,
    forward="{x}[{index}]",
    vjps=(lambda g, out, x, index: place(g, index=index, shape=x.shape),),
    latex="{x}_{{[\\cdot]}}",
    symbol="[ ]",
    doc="The elements at an index: ints, slices, None, ..., arrays of ints or of bools.",
    example=">>> tg.getitem([1.0, 2.0, 3.0], slice(1, None))\narray([2., 3.])",
)
place: Op = Op(
    "place",
    "x",
    options={"index": (), "shape": ()},
    prepare=lambda x, index, shape: {**_index_option(x, index), "shape": shape},
    forward="place({x}, {index}, {shape})",
    vjps=(lambda g, out, x, index, shape: getitem(g, index),),
    latex=r"\operatorname{{place}} {x}",
    doc="Zeros of a shape with x added at an index: the adjoint of indexing.",
    example=">>> tg.place([1.0, 2.0], index=[0, 0], shape=(3,))\narray([3., 0., 0.])",
)


class _EachPosition:
    """The rules of an op that takes any number of arguments: one rule, told the position."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def __iter__(self) -> Iterator[Rule]:
        position = 0
        while True:
            yield partial(self._rule, position)
            position += 1


def _concatenate_options(*arrays: Array, axis: Any) -> dict[str, Any]:
    if not arrays:
        raise ValueError("concatenate: give at least one value")
    return {"axis": axes_of(arrays[0], axis)[0]}


def _vjp_concatenate(position: int, g: Any, out: Any, *arrays: Any, axis: int) -> Any:
    start = sum(array.shape[axis] for array in arrays[:position])
    stop = start + arrays[position].shape[axis]
    return getitem(g, (slice(None),) * axis + (slice(start, stop),))


_concatenate: Op = Op(
    "concatenate",
    "*arrays",
    options={"axis": 0},
    prepare=_concatenate_options,
    forward="np.concatenate({arrays}, axis={axis})",
    vjps=_EachPosition(_vjp_concatenate),
    latex=r"\operatorname{{concatenate}}",
    symbol="concat",
    shapes="(...)->(...)",
    doc="Values joined along an axis.",
)


@composite
def concatenate(arrays: Any, axis: int = 0) -> Any:
    """Return values joined along an existing axis.

    Parameters
    ----------
    arrays : sequence of Values or array_likes
        Of one shape but for the length along ``axis``.
    axis : int
        The axis.

    Returns
    -------
    Value or ndarray
        A Value if any of them is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.concatenate([[1.0], [2.0, 3.0]])
    array([1., 2., 3.])
    """
    return _concatenate(*arrays, axis=axis)


@composite
def stack(arrays: Any, axis: int = 0) -> Any:
    """Return values of one shape joined along a new axis.

    Parameters
    ----------
    arrays : sequence of Values or array_likes
        All of one shape.
    axis : int
        Where the new axis is in the result.

    Returns
    -------
    Value or ndarray
        A Value if any of them is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.stack([1.0, 2.0])
    array([1., 2.])
    """
    return _concatenate(*(expand_dims(array, axis) for array in arrays), axis=axis)
