"""Parts of a value, and the order in which they stand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_mlp._support.arguments import whole_number, whole_numbers
from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.numbers import as_operand, joined
from tinygrad_mlp.core.operators import Operators
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.arithmetic import unary
from tinygrad_mlp.ops.selections import where
from tinygrad_mlp.ops.shapes import axes_of, axis_of, moveaxis, raveled, reshape, swapaxes

_LISTS = (list, tuple, range)
_PARTS = (slice, int, np.integer, np.bool_, type(None), type(Ellipsis))


def _index_option(x: Array, index: Any) -> dict[str, Any]:
    return {"index": tuple(map(_part, index)) if isinstance(index, tuple) else _part(index)}


def _part(part: Any) -> Any:
    """Return a part of an index; of an array or list a copy, which nobody else will change."""
    if isinstance(part, _PARTS):
        return part
    if isinstance(part, Operators):
        part.known("an index")
    elif isinstance(part, _LISTS) or hasattr(type(part), "__array__"):
        places = _places(part)
        if places.dtype.kind in "iubf":  # of floats NumPy says what is wrong
            return places
    advice = "; .astype(int) makes whole numbers one" if isinstance(part, Operators) else ""
    raise TypeError(
        "an index is made of ints, slices, None, ..., and arrays of ints or bools; "
        f"got {part!r:.80}{advice}"
    )


def _places(part: Any) -> Array:
    try:
        places = np.array(part)
    except (ValueError, TypeError):  # rows of several lengths, or Values among the numbers
        return np.array(None)
    # np.array([]) has no type of its own
    return places.astype(int) if places.size == 0 and places.dtype.kind == "f" else places


getitem: Op = unary(
    "getitem",
    options={"index": ()},
    prepare=_index_option,
    forward="{x}[{index}]",
    vjps=(lambda g, out, x, index: place(g, index=index, shape=x.shape),),
    latex="{x}_{{[\\cdot]}}",
    symbol="[ ]",
    doc="The elements at an index: ints, slices, None, ..., arrays of ints or of bools.",
    example=">>> tg.getitem([1.0, 2.0, 3.0], slice(1, None))\narray([2., 3.])",
)
place: Op = unary(
    "place",
    options={"index": (), "shape": ()},
    prepare=lambda x, index, shape: {**_index_option(x, index), "shape": shape},
    forward="place({x}, {index}, {shape})",
    vjps=(lambda g, out, x, index, shape: getitem(g, index),),
    doc="Zeros of a shape with x added at an index: the adjoint of indexing.",
    example=">>> tg.place([1.0, 2.0], index=[0, 0], shape=(3,))\narray([3., 0., 0.])",
)


# ----- Made of these -----


def along(axis: int, index: Any) -> Any:
    """Return the index that takes ``index`` along one axis and everything along the others."""
    return (*(slice(None),) * axis, index)


@composite
def take(a: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
    """Return the elements at some places along an axis.

    Parameters
    ----------
    a : Value or array_like, shape (...)
        The value.
    indices : int or array_like of ints
        Which places; one may occur many times, and negative ones count from the end.
    axis : int, optional
        Along which axis; along the raveled value by default.
    mode : {"raise", "wrap", "clip"}
        What places outside are: an error; counted on from the other end; or the nearest one, and
        then negative ones are the first.

    Returns
    -------
    Value or ndarray
        A Value if ``a`` is one.

    Raises
    ------
    IndexError
        For places that do not exist.
    TypeError
        For indices that are no ints.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.take([10.0, 20.0, 30.0], [2, 0])
    array([30., 10.])
    >>> tg.take([10.0, 20.0, 30.0], [-5, 5], mode="clip")
    array([10., 30.])
    """
    a = as_operand(a, "take: a")
    if axis is None:
        return take(raveled(a), indices, 0, mode)
    place = axis_of(a, axis)
    places = inside("take", ints("take: indices", indices), a.shape[place], mode)
    return getitem(a, along(place, places))


def ints(name: str, x: Any, *, minimum: float = -math.inf, bools: bool = False) -> Array:
    """Return places, or how often something is done, as an array of ints."""
    if isinstance(x, Operators):
        x.known(name)  # the answer to a question has no numbers while a function is compiled
    return whole_numbers(name, x, minimum=minimum, bools=bools)


def inside(name: str, places: Array, length: int, mode: Any) -> Array:
    """Return places of which none is outside, unless that shall be an error."""
    if mode not in ("raise", "wrap", "clip"):
        raise ValueError(f"{name}: mode must be 'raise', 'wrap' or 'clip', got {mode!r:.80}")
    if mode == "raise" or not places.size:
        return places
    if not length:
        raise IndexError(f"{name}: an axis without elements has none to take")
    return places % length if mode == "wrap" else np.clip(places, 0, length - 1)


@composite
def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    """Return the elements at those places along an axis where a condition holds.

    >>> import tinygrad_mlp as tg
    >>> tg.compress([True, False, True], [1.0, 2.0, 3.0])
    array([1., 3.])
    """
    condition = joined(condition)
    if np.ndim(condition) != 1:
        raise ShapeError(f"compress: condition must be a vector, got shape {np.shape(condition)}")
    return take(a, np.flatnonzero(condition), axis)


@composite
def extract(condition: Any, arr: Any) -> Any:
    """Return the elements, raveled, where a condition of the same shape holds.

    >>> import tinygrad_mlp as tg
    >>> tg.extract([[True, False]], [[1.0, 2.0]])
    array([1.])
    """
    return take(arr, np.flatnonzero(joined(condition)))


@composite
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """Return the value without some places along an axis, or of the raveled value.

    >>> import tinygrad_mlp as tg
    >>> tg.delete([1.0, 2.0, 3.0], 1)
    array([1., 3.])
    """
    arr = as_operand(arr, "delete: arr")
    length = arr.size if axis is None else arr.shape[axis_of(arr, axis)]
    return take(arr, np.delete(np.arange(length), _part(obj)), axis)


@composite
def flipud(m: Any) -> Any:
    """Return the value with its rows in reverse order, the first axis.

    >>> import tinygrad_mlp as tg
    >>> tg.flipud([[1.0], [2.0]])
    array([[2.],
           [1.]])
    """
    return flip(m, 0)


@composite
def fliplr(m: Any) -> Any:
    """Return the value with its columns in reverse order, the second axis.

    >>> import tinygrad_mlp as tg
    >>> tg.fliplr([[1.0, 2.0]])
    array([[2., 1.]])
    """
    return flip(m, 1)


@composite
def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """Return the value turned by k times 90 degrees, from the first of two axes to the second.

    >>> import tinygrad_mlp as tg
    >>> tg.rot90([[1.0, 2.0]])
    array([[2.],
           [1.]])
    """
    m = as_operand(m, "rot90: m")
    plane = axes_of(m, axes)
    if len(plane) != 2:
        raise ValueError(f"rot90: axes must be two, got {axes!r:.80}")
    quarters = whole_number("rot90: k", k, minimum=-math.inf) % 4
    if quarters % 2 == 0:
        return flip(m, plane if quarters else ())
    turned = flip(m, plane[1]) if quarters == 1 else m
    turned = swapaxes(turned, *plane)
    return flip(turned, plane[1]) if quarters == 3 else turned


@composite
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """Return along an axis the elements at places that are others in each line of the value.

    So ``take_along_axis(x, np.argsort(x), -1)`` is the sorted value, and with the labels as a
    column it picks the number of the right class from each row.

    Parameters
    ----------
    arr : Value or array_like, shape (...)
        The value.
    indices : array_like of ints, as many axes as ``arr``
        The places; the other lengths are those of ``arr``, or 1.
    axis : int, optional
        Along which axis; None for the raveled value, with a vector of places.

    Returns
    -------
    Value or ndarray
        A Value if ``arr`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.take_along_axis([[1.0, 2.0], [3.0, 4.0]], [[1], [0]], axis=1)
    array([[2.],
           [3.]])
    """
    arr = as_operand(arr, "take_along_axis: arr")
    if axis is None:
        return take_along_axis(raveled(arr), indices, 0)
    places = ints("take_along_axis: indices", indices)
    if places.ndim != arr.ndim:
        raise ShapeError(
            f"take_along_axis: indices must have as many axes as the value, got shapes "
            f"{places.shape} and {arr.shape}"
        )
    index = [*np.indices(arr.shape, sparse=True)]
    index[axis_of(arr, axis)] = places
    return getitem(arr, tuple(index))


@composite
def flip(m: Any, axis: Any = None) -> Any:
    """Return the value with its elements in reverse order along axes, or along all of them.

    >>> import tinygrad_mlp as tg
    >>> tg.flip([1.0, 2.0, 3.0])
    array([3., 2., 1.])
    """
    m = as_operand(m, "flip: m")
    axes = range(m.ndim) if axis is None else axes_of(m, axis)
    index = tuple(slice(None, None, -1 if a in axes else None) for a in range(m.ndim))
    return getitem(m, index)


@composite
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """Return the value shifted along axes; what leaves at one end comes in at the other.

    Parameters
    ----------
    a : Value or array_like, shape (...)
        The value.
    shift : int or tuple of ints, one for each axis
        How far.
    axis : int or tuple of ints, optional
        Along which axes; along the raveled value by default.

    Returns
    -------
    Value or ndarray, the same shape
        A Value if ``a`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.roll([1.0, 2.0, 3.0], 1)
    array([3., 1., 2.])
    """
    a = as_operand(a, "roll: a")
    if axis is None:
        return reshape(roll(raveled(a), shift, 0), a.shape)
    for step, one in np.broadcast(ints("roll: shift", shift), axis):
        place = axis_of(a, one)
        origins = np.roll(np.arange(a.shape[place]), step)
        a = getitem(a, along(place, origins))
    return a


@composite
def repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    """Return every element repeated, along an axis or in the raveled value.

    Parameters
    ----------
    a : Value or array_like, shape (...)
        The value.
    repeats : int or array_like of ints
        How often, for all elements or for each place along the axis.
    axis : int, optional
        Along which axis; along the raveled value by default.

    Returns
    -------
    Value or ndarray
        A Value if ``a`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.repeat([1.0, 2.0], 2)
    array([1., 1., 2., 2.])
    """
    a = as_operand(a, "repeat: a")
    if axis is None:
        return repeat(raveled(a), repeats, 0)
    place = axis_of(a, axis)
    length, counts = a.shape[place], ints("repeat: repeats", repeats, minimum=0)
    if counts.ndim > 1 or counts.size not in (1, length):
        raise ShapeError(
            f"repeat: repeats must be an int, or one for each of {length} places, got shape "
            f"{counts.shape}"
        )
    return getitem(a, along(place, np.repeat(np.arange(length), counts)))


@composite
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Return the elements whose places along two axes are equal, as a new last axis.

    Parameters
    ----------
    a : Value or array_like, shape (...)
        The value, of two axes or more.
    offset : int
        How far to the right of the main diagonal; to the left if negative.
    axis1, axis2 : int
        The two axes.

    Returns
    -------
    Value or ndarray
        A Value if ``a`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.diagonal([[1.0, 2.0], [3.0, 4.0]])
    array([1., 4.])
    """
    a = joined(a)
    axes_of(a, (axis1, axis2))  # refuses two names of one axis
    square = moveaxis(a, (axis1, axis2), (-2, -1))
    height, width = square.shape[-2:]
    return getitem(square, (..., *_diagonal_places(height, width, offset)))


def _diagonal_places(height: int, width: int, offset: int) -> tuple[Any, Any]:
    rows = np.arange(height)
    rows = rows[(rows + offset >= 0) & (rows + offset < width)]
    return rows, rows + offset


@composite
def diag(v: Any, k: int = 0) -> Any:
    """Return the matrix with a vector on its diagonal, or the diagonal of a matrix.

    Parameters
    ----------
    v : Value or array_like, shape (n) or (n,m)
        The vector or the matrix.
    k : int
        How far the diagonal is to the right of the main one; to the left if negative.

    Returns
    -------
    Value or ndarray
        A Value if ``v`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.diag([1.0, 2.0])
    array([[1., 0.],
           [0., 2.]])
    """
    v = as_operand(v, "diag: v")
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise ShapeError(f"diag: v must be a vector or a matrix, got shape {v.shape}")
    side = v.shape[0] + abs(k)
    return place(v, index=_diagonal_places(side, side, k), shape=(side, side))


@composite
def diagflat(v: Any, k: int = 0) -> Any:
    """Return the matrix with all elements of a value on its diagonal, as ``diag`` of its ravel.

    >>> import tinygrad_mlp as tg
    >>> tg.diagflat([[1.0], [2.0]])
    array([[1., 0.],
           [0., 2.]])
    """
    return diag(raveled(v), k)


@composite
def tril(m: Any, k: int = 0) -> Any:
    """Return the value with zeros above a diagonal of its last two axes, by default the main one.

    >>> import tinygrad_mlp as tg
    >>> tg.tril([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 0.],
           [3., 4.]])
    """
    m = as_operand(m, "tril: m")
    return where(np.tri(*_last_two(m, "tril"), k=k, dtype=bool), m, 0.0)


@composite
def triu(m: Any, k: int = 0) -> Any:
    """Return the value with zeros below a diagonal of its last two axes, by default the main one.

    >>> import tinygrad_mlp as tg
    >>> tg.triu([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 2.],
           [0., 4.]])
    """
    m = as_operand(m, "triu: m")
    return where(np.tri(*_last_two(m, "triu"), k=k - 1, dtype=bool), 0.0, m)


def _last_two(m: Any, name: str) -> tuple[int, int]:
    if np.ndim(m) < 2:
        raise ShapeError(f"{name}: m must have two axes or more, got shape {np.shape(m)}")
    height, width = np.shape(m)[-2:]
    return height, width
