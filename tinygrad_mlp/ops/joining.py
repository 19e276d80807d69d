"""Values put together, and taken apart again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate, count
from typing import Any
from weakref import ref

import numpy as np

from tinygrad_mlp.core.functions import composite
from tinygrad_mlp.core.numbers import as_numbers, holds_values, joined
from tinygrad_mlp.core.op import Rule
from tinygrad_mlp.core.operators import Operators
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.indexing import getitem, place
from tinygrad_mlp.ops.selections import where
from tinygrad_mlp.ops.shapes import (
    astype,
    atleast_1d,
    atleast_2d,
    axis_of,
    broadcast_to,
    ravel,
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
    several = list(arrays)
    if not several:
        raise ValueError(f"{name}: give at least one value, got {arrays!r}")
    return several


# Where the parts begin of the result that was asked for last, as its rule is called for each part.
_last: list[tuple[Callable[[], Any], int, list[int]]] = [(lambda: None, 0, [0])]


def _cuts(out: Any, arrays: Any, axis: int) -> list[int]:
    """Return where each part of a result begins along an axis, and where the last one ends."""
    result, along, cuts = _last[0]
    if result() is not out or along != axis or len(cuts) != len(arrays) + 1:
        cuts = [0, *accumulate(array.shape[axis] for array in arrays)]
        _last[0] = ref(out), axis, cuts
    return cuts


def _vjp_concatenate(position: int, g: Any, out: Any, *arrays: Any, axis: int) -> Any:
    start, stop = _cuts(out, arrays, axis)[position : position + 2]
    return getitem(g, (slice(None),) * axis + (slice(start, stop),))


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
        return _joined(list(map(ravel, several)), 0)
    return _joined(several, axis)


_MOST = 4096  # to be joined at once: each call of a rule is told all that were


def _joined(arrays: list[Any], axis: Any, row: Op = _concatenate) -> Any:
    """Join many arrays group by group, so that the time grows with their number, not its square."""
    if len(arrays) <= _MOST:
        return row(*arrays, axis=axis)
    groups = (arrays[start : start + _MOST] for start in range(0, len(arrays), _MOST))
    return _joined([row(*group, axis=axis) for group in groups], axis)


def _assemble_options(*parts: Array, shape: Any) -> dict[str, Any]:
    if not parts:
        raise ValueError("assemble: give at least one value")
    return {"shape": tuple(shape) if isinstance(shape, tuple | list) else (shape,)}


def _vjp_assemble(position: int, g: Any, out: Any, *parts: Any, shape: tuple[int, ...]) -> Any:
    start = sum(part.size for part in parts[:position])
    part = parts[position]
    return reshape(getitem(ravel(g), slice(start, start + part.size)), part.shape)


assemble: Op = Op(
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


def _stack_options(*arrays: Array, axis: Any) -> dict[str, Any]:
    return {"axis": axis_of(np.expand_dims(arrays[0], 0), axis)}


def _vjp_stack(position: int, g: Any, out: Any, *arrays: Any, axis: int) -> Any:
    return getitem(g, (*(slice(None),) * axis, position))


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
    return concatenate([atleast_2d(array) for array in map(joined, _some("vstack", tup))], 0)


@composite
def hstack(tup: Any) -> Any:
    """Return values joined one beside the other; vectors are joined end to end.

    >>> import tinygrad_mlp as tg
    >>> tg.hstack([[1.0, 2.0], [3.0]])
    array([1., 2., 3.])
    """
    arrays = [atleast_1d(array) for array in map(joined, _some("hstack", tup))]
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
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Return the parts of a value; unlike those of ``split``, their lengths may differ by one.

    >>> import tinygrad_mlp as tg
    >>> tg.array_split([1.0, 2.0, 3.0], 2)
    [array([1., 2.]), array([3.])]
    """
    place = axis_of(ary, axis)
    if isinstance(indices_or_sections, Operators):
        raise TypeError(
            "indices_or_sections must be an int or a sequence of ints, got "
            f"{indices_or_sections.described()}; take its numbers with .data"
        )
    # NumPy splits the places, so that the parts are its parts.
    parts = np.array_split(np.arange(np.shape(ary)[place]), indices_or_sections)
    slices = [slice(int(part[0]), int(part[-1]) + 1) if part.size else slice(0) for part in parts]
    return [getitem(ary, (*(slice(None),) * place, one)) for one in slices]


@composite
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
    length = np.shape(ary)[axis_of(ary, axis)]
    if isinstance(indices_or_sections, int | np.integer) and length % indices_or_sections:
        raise ValueError(
            f"split: {length} elements cannot be split into {indices_or_sections} equal parts; "
            "array_split allows parts of two lengths"
        )
    return array_split(ary, indices_or_sections, axis)


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
    counts = tuple(reps) if isinstance(reps, tuple | list) else (reps,)
    lengths = np.shape(A)
    counts = (1,) * (len(lengths) - len(counts)) + counts
    lengths = (1,) * (len(counts) - len(lengths)) + lengths
    # Each axis becomes two, of which the first counts the copies.
    pairs = tuple(zip(counts, lengths, strict=True))
    copies = broadcast_to(
        reshape(A, tuple(n for _, length in pairs for n in (1, length))),
        tuple(n for pair in pairs for n in pair),
    )
    return reshape(copies, tuple(count * length for count, length in pairs))


@composite
def pad(array: Any, pad_width: Any, mode: str = "constant", constant_values: float = 0.0) -> Any:
    """Return the value with a border of a constant.

    Parameters
    ----------
    array : Value or array_like, shape (...)
        The value.
    pad_width : int, pair of ints, or one pair for each axis
        How many elements before and after.
    mode : "constant"
        What stands in the border.
    constant_values : float
        The constant.

    Returns
    -------
    Value or ndarray
        A Value if ``array`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.pad([1.0, 2.0], (1, 2))
    array([0., 1., 2., 0., 0.])
    """
    if mode != "constant" or not isinstance(constant_values, int | float | np.number):
        raise TypeError(
            f"pad: only a border of one number is supported, got mode = {mode!r:.80} and "
            f"constant_values = {constant_values!r:.80}; concatenate makes any other"
        )
    lengths = np.shape(array)
    widths = np.broadcast_to(pad_width, (len(lengths), 2)).tolist()
    if any(not isinstance(n, int) or n < 0 for pair in widths for n in pair):
        raise ValueError(f"pad: pad_width must be made of ints from 0 on, got {pad_width!r:.80}")
    inner = tuple(slice(before, before + n) for (before, _), n in zip(widths, lengths, strict=True))
    shape = tuple(before + n + after for (before, after), n in zip(widths, lengths, strict=True))
    placed = place(array, index=inner, shape=shape)
    if constant_values == 0:
        return placed
    border = np.ones(shape, dtype=bool)
    border[inner] = False
    return where(border, float(constant_values), placed)
