"""Values put together, and taken apart again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate, count
from typing import Any
from weakref import ref

import numpy as np

from tinygrad_mlp._support.arguments import each, whole_number
from tinygrad_mlp.core.composites import composite, composite_of_several
from tinygrad_mlp.core.numbers import as_numbers, as_operand, holds_values, joined, of_one_type
from tinygrad_mlp.core.op import Rule
from tinygrad_mlp.core.operators import Operators
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.indexing import along, getitem, ints
from tinygrad_mlp.ops.shapes import (
    astype,
    atleast_1d,
    atleast_2d,
    atleast_3d,
    axis_of,
    broadcast_to,
    raveled,
    reshape,
)


class EachPosition:
    """The rules of an op that takes any number of arguments: one rule, told the position."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def __iter__(self) -> Iterator[Rule]:
        return (partial(self._rule, position) for position in count())


def _some(name: str, arrays: Any) -> list[Any]:
    """Return the values of a sequence as a list that is not empty."""
    several = each(f"{name}: what is joined", arrays)
    if not several:
        raise ValueError(f"{name}: give at least one value, got {arrays!r}")
    return several


# Where the parts begin of the result that was asked for last, as its rule is called for each part.
_last: list[tuple[Callable[[], Any], int | None, list[int]]] = [(lambda: None, 0, [0])]


def _part(position: int, out: Any, arrays: Any, axis: int | None) -> slice:
    """Return where a part of a result is along an axis; for None, among all elements."""
    result, along, cuts = _last[0]
    if result() is not out or along != axis or len(cuts) != len(arrays) + 1:
        lengths = (array.size if axis is None else array.shape[axis] for array in arrays)
        cuts = [0, *accumulate(lengths)]
        if out.ndim:  # else a number, which no weak reference can be to, of a single part
            _last[0] = ref(out), axis, cuts
    return slice(*cuts[position : position + 2])


def _vjp_concatenate(position: int, g: Any, out: Any, *arrays: Any, axis: int) -> Any:
    return getitem(g, along(axis, _part(position, out, arrays, axis)))


_concatenate: Op = Op(
    "concatenate",
    "*arrays",
    options={"axis": 0},
    prepare=lambda *arrays, axis: {"axis": axis_of(arrays[0], axis)},
    forward="np.concatenate({arrays}, axis={axis})",
    vjps=EachPosition(_vjp_concatenate),
    latex=r"\operatorname{{concatenate}}",
    symbol="concat",
    shapes="(...)->(...)",
    doc="Values joined along an axis.",
)


@composite
def concatenate(arrays: Any, axis: int | None = 0) -> Any:
    """Return values joined along an existing axis.

    Parameters
    ----------
    arrays : sequence of Values or array_likes
        Of one shape but for the length along ``axis``.
    axis : int, optional
        The axis; None joins all elements of values of any shapes end to end.

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
    several = _some("concatenate", arrays)
    if axis is None:
        operands = (as_operand(x, "concatenate: arrays", weak=True) for x in several)
        return _joined(list(map(raveled, of_one_type(*operands))), 0)
    return _joined(several, axis)


@composite
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """Return a value with another one behind it, along an axis or, by default, both raveled.

    >>> import tinygrad_mlp as tg
    >>> tg.append([1.0, 2.0], 3.0)
    array([1., 2., 3.])
    """
    # As in NumPy, a number is an array like any other.
    return concatenate([arr, as_operand(values, "append: values")], axis)


_MOST = 4096  # to be joined at once: each call of a rule is told all that were


def _joined(arrays: list[Any], axis: Any, row: Op = _concatenate) -> Any:
    """Join many arrays group by group, so that the time grows with their number, not its square."""
    if len(arrays) <= _MOST:
        return row(*arrays, axis=axis)
    return _joined([row(*group, axis=axis) for group in _groups(arrays)], axis)


def _groups(arrays: list[Any]) -> list[list[Any]]:
    return [arrays[start : start + _MOST] for start in range(0, len(arrays), _MOST)]


def _assemble_options(*parts: Array, shape: Any) -> dict[str, Any]:
    if not parts:
        raise ValueError("assemble: give at least one value")
    return {"shape": tuple(shape) if isinstance(shape, tuple | list) else (shape,)}


def _vjp_assemble(position: int, g: Any, out: Any, *parts: Any, shape: tuple[int, ...]) -> Any:
    piece = getitem(raveled(g), _part(position, out, parts, None))
    return reshape(piece, parts[position].shape)


_assemble: Op = Op(
    "assemble",
    "*parts",
    options={"shape": (-1,)},
    prepare=_assemble_options,
    forward="np.reshape(np.concatenate({parts}, axis=None), {shape})",
    vjps=EachPosition(_vjp_assemble),
    public=False,
    latex=r"\operatorname{{assemble}}",
    shapes="(...)->(...)",
    doc="Elements of all values, one value after the other, in a shape.",
    example='>>> tg.OPS["assemble"](1.0, [2.0, 3.0])\narray([1., 2., 3.])',
)


def assembled(parts: list[Any], shape: tuple[int, ...]) -> Any:
    """Return the elements of all values, one value after the other, in a shape.

    >>> assembled([1.0, [2.0, 3.0, 4.0]], (2, 2))
    array([[1., 2.],
           [3., 4.]])
    """
    while len(parts) > _MOST:
        parts = [_assemble(*group) for group in _groups(parts)]
    return _assemble(*parts, shape=shape)


def pieces(whole: Any) -> list[Any]:
    """Return what a value was assembled of, in order; any other value is its only piece.

    >>> import tinygrad_mlp as tg
    >>> pieces(assembled([tg.Value(1.0), 2.0], (2,)))
    [Value(1.0), 2.0]
    """
    if getattr(whole, "op", None) is not _assemble:
        return [whole]
    return [piece for part in whole.args for piece in pieces(part)]


def _stack_options(*arrays: Array, axis: Any) -> dict[str, Any]:
    return {"axis": axis_of(np.expand_dims(arrays[0], 0), axis)}


def _vjp_stack(position: int, g: Any, out: Any, *arrays: Any, axis: int) -> Any:
    return getitem(g, along(axis, position))


_stack: Op = Op(
    "stack",
    "*arrays",
    options={"axis": 0},
    prepare=_stack_options,
    forward="np.stack({arrays}, axis={axis})",
    vjps=EachPosition(_vjp_stack),
    latex=r"\operatorname{{stack}}",
    shapes="(...)->(...)",
    doc="Values of one shape joined along a new axis.",
)


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
    return _joined(_some("stack", arrays), axis, _stack)


@composite
def array(x: Any, dtype: Any = None) -> Any:
    """Return lists of Values and numbers, lists of such lists ..., joined as ``np.array`` does.

    Functions of this package join such a list by themselves, wherever it stands for an array.

    Parameters
    ----------
    x : list or tuple of Values, numbers, array_likes and lists of these
        All rows of one shape.  A Value is given back as it is.
    dtype : floating type, optional
        The type of the result.

    Returns
    -------
    Value or ndarray
        A Value if there is one in the lists.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> angle = tg.Value(0.0)
    >>> tg.array([[tg.cos(angle), -tg.sin(angle)], [tg.sin(angle), tg.cos(angle)]])
    Value([[ 1., -0.],
           [ 0.,  1.]], shape=(2, 2), op='stack')
    >>> tg.array([1, 2])
    array([1., 2.])
    """
    if holds_values(x):
        x = stack([array(each) for each in x])
    elif not isinstance(x, Operators):
        x = as_numbers(x, "array: x", copy=True)
    return x if dtype is None else astype(x, dtype)


@composite
def vstack(tup: Any) -> Any:
    """Return values joined one below the other; a vector is a row.

    >>> import tinygrad_mlp as tg
    >>> tg.vstack([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 2.],
           [3., 4.]])
    """
    return concatenate([atleast_2d(array) for array in _some("vstack", tup)], 0)


@composite
def hstack(tup: Any) -> Any:
    """Return values joined one beside the other; vectors are joined end to end.

    >>> import tinygrad_mlp as tg
    >>> tg.hstack([[1.0, 2.0], [3.0]])
    array([1., 2., 3.])
    """
    arrays = [atleast_1d(array) for array in _some("hstack", tup)]
    return concatenate(arrays, 0 if arrays[0].ndim == 1 else 1)


@composite
def column_stack(tup: Any) -> Any:
    """Return values joined one beside the other; a vector is a column.

    >>> import tinygrad_mlp as tg
    >>> tg.column_stack([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 3.],
           [2., 4.]])
    """
    columns = [*map(joined, _some("column_stack", tup))]
    return concatenate([a if np.ndim(a) > 1 else reshape(a, (-1, 1)) for a in columns], 1)


@composite
def dstack(tup: Any) -> Any:
    """Return values joined along a third axis; a vector (n) counts as (1,n,1).

    >>> import tinygrad_mlp as tg
    >>> tg.dstack([[1.0, 2.0], [3.0, 4.0]])
    array([[[1., 3.],
            [2., 4.]]])
    """
    return concatenate([atleast_3d(array) for array in _some("dstack", tup)], 2)


@composite
def block(arrays: Any) -> Any:
    """Return values joined as they stand in nested lists, such as a matrix of matrices.

    The innermost lists are joined along the last axis, those around them along the one before.

    Parameters
    ----------
    arrays : Value, array_like, or nested lists of these, all of one depth
        The parts; what has fewer axes than others gets axes of length 1 in front.

    Returns
    -------
    Value or ndarray
        A Value if any of them is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value([[1.0, 2.0], [3.0, 4.0]])
    >>> tg.block([[x, np.zeros((2, 1))], [np.ones((1, 2)), 9.0]])
    Value([[1., 2., 0.],
           [3., 4., 0.],
           [1., 1., 9.]], shape=(3, 3), op='concatenate')
    """
    depth = _depth(arrays)
    parts = [as_operand(part, "block: arrays") for part in _leaves(arrays)]
    ndim = max(depth, *(part.ndim for part in parts))
    whole = iter([reshape(x, (1,) * (ndim - x.ndim) + x.shape) for x in parts])

    def joined_at(nested: Any, axis: int) -> Any:
        if not isinstance(nested, list):
            return next(whole)
        return concatenate([joined_at(each, axis + 1) for each in nested], axis)

    return joined_at(arrays, -depth)


def _leaves(nested: Any) -> Iterator[Any]:
    """Yield what stands in nested lists, in order."""
    if isinstance(nested, list):
        for part in nested:
            yield from _leaves(part)
    else:
        yield nested


def _depth(nested: Any) -> int:
    """Return how deep nested lists are, which must be the same everywhere."""
    if isinstance(nested, tuple):
        raise TypeError(f"block: lists say what is joined, got the tuple {nested!r:.80}")
    if not isinstance(nested, list):
        return 0
    if not nested:
        raise ValueError("block: a list is empty; give at least one value")
    depths = sorted({_depth(part) for part in nested})
    if len(depths) > 1:
        raise ValueError(
            f"block: all lists must be of one depth, got one with parts of depth {depths[0]} and "
            f"{depths[-1]}; [x] is a list of x alone"
        )
    return depths[0] + 1


@composite_of_several
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Return the parts of a value; unlike those of ``split``, their lengths may differ by one.

    >>> import tinygrad_mlp as tg
    >>> tg.array_split([1.0, 2.0, 3.0], 2)
    [array([1., 2.]), array([3.])]
    """
    ary = as_operand(ary, "array_split: ary")
    place = axis_of(ary, axis)
    cuts = _cuts("array_split", indices_or_sections)
    # NumPy splits the places, so that the parts are its parts.
    parts = np.array_split(np.arange(ary.shape[place]), cuts)
    slices = [slice(int(part[0]), int(part[-1]) + 1) if part.size else slice(0) for part in parts]
    return [getitem(ary, along(place, one)) for one in slices]


def _cuts(name: str, cuts: Any) -> Any:
    """Return how many parts are wanted, or where to cut."""
    places = ints(f"{name}: indices_or_sections", cuts)
    if places.ndim:
        return places
    return whole_number(f"{name}: indices_or_sections", int(places))


@composite_of_several
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Return the parts of a value, as a list.

    Parameters
    ----------
    ary : Value or array_like, shape (...)
        The value.
    indices_or_sections : int or sequence of ints
        How many parts of one length; or where to cut.
    axis : int
        Along which axis.

    Returns
    -------
    list of Values or of ndarrays
        Values if ``ary`` is one.

    Raises
    ------
    ValueError
        If the length along the axis is no multiple of the number of parts.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.split([1.0, 2.0, 3.0], [1])
    [array([1.]), array([2., 3.])]
    """
    ary = as_operand(ary, "split: ary")
    length, cuts = ary.shape[axis_of(ary, axis)], _cuts("split", indices_or_sections)
    if isinstance(cuts, int) and length % cuts:
        raise ValueError(
            f"split: {length} elements cannot be split into {cuts} equal parts; "
            "array_split allows parts of two lengths"
        )
    return array_split(ary, cuts, axis)


@composite_of_several
def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Return the parts of a value beside each other, as ``split`` along the second axis.

    A vector is split along its only axis.

    >>> import tinygrad_mlp as tg
    >>> tg.hsplit([[1.0, 2.0]], 2)
    [array([[1.]]), array([[2.]])]
    """
    ary = as_operand(ary, "hsplit: ary")
    _check_axes("hsplit", ary, 1)
    return split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


@composite_of_several
def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Return the parts of a value below each other, as ``split`` along the first of two axes.

    >>> import tinygrad_mlp as tg
    >>> tg.vsplit([[1.0], [2.0]], 2)
    [array([[1.]]), array([[2.]])]
    """
    ary = as_operand(ary, "vsplit: ary")
    _check_axes("vsplit", ary, 2)
    return split(ary, indices_or_sections, 0)


@composite_of_several
def dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Return the parts of a value of three axes behind each other, as ``split`` along the third.

    >>> import tinygrad_mlp as tg
    >>> tg.dsplit([[[1.0, 2.0]]], 2)
    [array([[[1.]]]), array([[[2.]]])]
    """
    ary = as_operand(ary, "dsplit: ary")
    _check_axes("dsplit", ary, 3)
    return split(ary, indices_or_sections, 2)


def _check_axes(name: str, ary: Any, least: int) -> None:
    if np.ndim(ary) < least:
        raise ShapeError(
            f"{name}: ary must have at least {least} axes, got shape {np.shape(ary)}; split along "
            "any axis is tg.split"
        )


@composite_of_several
def unstack(x: Any, axis: int = 0) -> tuple[Any, ...]:
    """Return the parts of a value along an axis, which they no longer have: the undoing of stack.

    >>> import tinygrad_mlp as tg
    >>> tg.unstack([[1.0, 2.0], [3.0, 4.0]])
    (array([1., 2.]), array([3., 4.]))
    """
    x = as_operand(x, "unstack: x")
    place = axis_of(x, axis)
    return tuple(getitem(x, along(place, row)) for row in range(x.shape[place]))


@composite
def tile(A: Any, reps: Any) -> Any:
    """Return copies of a value side by side.

    Parameters
    ----------
    A : Value or array_like, shape (...)
        The value.
    reps : int or tuple of ints
        How many copies along each axis, the last one last.

    Returns
    -------
    Value or ndarray
        A Value if ``A`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.tile([1.0, 2.0], 2)
    array([1., 2., 1., 2.])
    """
    A = as_operand(A, "tile: A")
    counts = tuple(ints("tile: reps", reps, minimum=0).ravel().tolist())
    lengths = A.shape
    counts = (1,) * (len(lengths) - len(counts)) + counts
    lengths = (1,) * (len(counts) - len(lengths)) + lengths
    # Each axis becomes two, of which the first counts the copies.
    pairs = tuple(zip(counts, lengths, strict=True))
    copies = broadcast_to(
        reshape(A, tuple(n for _, length in pairs for n in (1, length))),
        tuple(n for pair in pairs for n in pair),
    )
    return reshape(copies, tuple(count * length for count, length in pairs))
