"""Sums of products over shared axes: Einstein's notation, and what is written in it."""

from __future__ import annotations

import string
from typing import Any

import numpy as np

from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.numbers import joined
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.arithmetic import multiply
from tinygrad_mlp.ops.indexing import diagonal, place
from tinygrad_mlp.ops.joining import EachPosition
from tinygrad_mlp.ops.linear import matmul
from tinygrad_mlp.ops.reductions import sum  # noqa: A004  NumPy's name
from tinygrad_mlp.ops.shapes import axes_of, expand_dims, raveled, sum_to


def _canonical(operands: tuple[Array, ...], subscripts: Any) -> str:
    """Return subscripts with a right side and without ``...`` and spaces."""
    if not isinstance(subscripts, str):
        raise TypeError(f"einsum: subscripts must be a str, got {subscripts!r:.80}")
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    parts = left.split(",")
    if len(parts) != len(operands):
        raise ValueError(
            f"einsum: {subscripts!r} has subscripts for {len(parts)} operands, got {len(operands)}"
        )
    free = [letter for letter in string.ascii_letters if letter not in subscripts]
    dots = ""  # the letters that the longest ... stands for
    for place_, (part, operand) in enumerate(zip(parts, operands, strict=True)):
        count = np.ndim(operand) - len(part.replace("...", ""))
        if count < 0 or (count > 0 and "..." not in part):
            raise ShapeError(
                f"einsum: {subscripts!r} does not fit operand {place_} of shape {np.shape(operand)}"
            )
        letters = "".join(free[:count])[::-1]
        dots = max(dots, letters, key=len)
        parts[place_] = part.replace("...", letters, 1)
    if not arrow:
        once = (letter for letter in sorted(set(left) - set(".,")) if left.count(letter) == 1)
        right = ("..." if "..." in left else "") + "".join(once)
    right = right.replace("...", dots, 1)
    known = "".join(parts)
    if not (known + right).isalpha() and known + right:
        raise ValueError(f"einsum: {subscripts!r} must be made of letters, commas, ... and ->")
    if len(set(right)) < len(right) or not set(dots) <= set(right) <= set(known):
        raise ValueError(
            f"einsum: the right side of {subscripts!r} must name each axis once, and only axes of "
            "the left side"
        )
    return f"{','.join(parts)}->{right}"


def _lengths(parts: list[str], operands: Any) -> dict[str, int]:
    """Return the length of each letter; one of 1 is stretched to the others."""
    lengths: dict[str, int] = {}
    for part, operand in zip(parts, operands, strict=True):
        own: dict[str, int] = {}
        for letter, length in zip(part, np.shape(operand), strict=True):
            if own.setdefault(letter, length) != length:
                raise ShapeError(f"einsum: {part!r} needs a square, got shape {np.shape(operand)}")
            if lengths.get(letter, 1) == 1:
                lengths[letter] = length
            elif length not in (1, lengths[letter]):
                raise ShapeError(
                    f"einsum: axis {letter!r} has the lengths {lengths[letter]} and {length}"
                )
    return lengths


def _einsum_options(*operands: Array, subscripts: Any) -> dict[str, Any]:
    canonical = _canonical(operands, subscripts)
    _lengths(canonical.partition("->")[0].split(","), operands)
    return {"subscripts": canonical}


def _vjp_einsum(position: int, g: Any, out: Any, *operands: Any, subscripts: str) -> Any:
    left, _, right = subscripts.partition("->")
    parts = left.split(",")
    lengths = _lengths(parts, operands)
    operand, part = operands[position], parts[position]
    letters = "".join(dict.fromkeys(part))
    arrays = [g, *operands[:position], *operands[position + 1 :]]
    rest = [right, *parts[:position], *parts[position + 1 :]]
    # Along an axis on which nothing else depends the gradient is constant.
    reached = _lengths(rest, arrays)
    lonely = "".join(letter for letter in letters if reached.get(letter) != lengths[letter])
    if lonely:
        rest.append(lonely)
        arrays.append(np.ones([lengths[letter] for letter in lonely], operand.dtype))
    share = _einsum(*arrays, subscripts=f"{','.join(rest)}->{letters}")
    if letters == part:
        return share  # axes of length 1 are summed by whoever undoes broadcasting
    # Letters that occur twice took a diagonal, so the gradient goes there.
    share = sum_to(share, shape=tuple(operand.shape[part.index(letter)] for letter in letters))
    places = np.indices(share.shape, sparse=True)
    index = tuple(places[letters.index(letter)] for letter in part)
    return place(share, index=index, shape=operand.shape)


_einsum: Op = Op(
    "einsum",
    "*operands",
    options={"subscripts": ""},
    prepare=_einsum_options,
    forward="np.einsum({subscripts}, *{operands}, optimize=True)",
    vjps=EachPosition(_vjp_einsum),
    latex=r"\operatorname{{einsum}}",
    shapes="(...)->(...)",
    doc="Sum of products over axes that are named by letters.",
)


@composite
def einsum(subscripts: Any, *operands: Any, optimize: Any = True) -> Any:
    """Return the sum of products over axes that are named by letters.

    Parameters
    ----------
    subscripts : str
        The letters of the axes of each operand, and behind ``->`` those of the result; without
        it, those that occur once.  A letter that occurs twice in one operand takes its diagonal,
        and ``...`` stands for any axes.
    operands : Values or array_likes
        As many as there are subscripts.  Lengths of 1 are stretched.  Or, as NumPy's other form,
        ``einsum(a, [0, 1], b, [1], [0])``: axes are named by ints behind each operand, and those
        of the result come last.
    optimize : optional
        As NumPy's, without effect: the order of the products is always a good one.

    Returns
    -------
    Value or ndarray
        A Value if any operand is one.

    Raises
    ------
    TypeError
        If ``subscripts`` is neither text nor followed by a list of ints.
    ValueError, ShapeError
        If the subscripts do not fit the operands.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> A = [[1.0, 2.0], [3.0, 4.0]]
    >>> tg.einsum("ij,j->i", A, [1.0, 10.0])
    array([21., 43.])
    >>> tg.einsum("ii", A)
    np.float64(5.0)
    >>> tg.einsum(A, [0, 1], [1.0, 10.0], [1], [0])
    array([21., 43.])
    """
    if not isinstance(subscripts, str) and operands:
        subscripts, operands = _in_letters(subscripts, *operands)
    return _einsum(*operands, subscripts=subscripts)


def _in_letters(*given: Any) -> tuple[str, tuple[Any, ...]]:
    """Return subscripts and operands for those that come with lists of ints behind each."""
    operands, lists = given[: len(given) // 2 * 2 : 2], given[1::2]
    right = f"->{_letters(given[-1])}" if len(given) % 2 else ""
    return ",".join(map(_letters, lists)) + right, operands


def _letters(axes: Any) -> str:
    """Return the letters for ints that name axes; an ellipsis stays one.

    >>> _letters([0, 25, 26, ...])
    'AZa...'
    """
    letters = string.ascii_uppercase + string.ascii_lowercase
    if not isinstance(axes, list | tuple):
        raise TypeError(
            "einsum: subscripts must be a str, or lists of ints behind each operand, got "
            f"{axes!r:.80}"
        )
    for axis in axes:
        if axis is Ellipsis:
            continue
        if isinstance(axis, bool) or not isinstance(axis, int | np.integer):
            raise TypeError(f"einsum: axes are named by ints or ..., got {axis!r:.80}")
        if not 0 <= axis < len(letters):
            raise ValueError(f"einsum: axes are named by ints from 0 to 51, got {axis}")
    return "".join("..." if axis is Ellipsis else letters[axis] for axis in axes)


@composite
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Return the sum of products over axes of two values.

    Parameters
    ----------
    a, b : Value or array_like, shape (...)
        The values.
    axes : int or pair of axes
        How many of the last axes of ``a`` meet the first of ``b``; or which axes of ``a``, and
        which of ``b``.

    Returns
    -------
    Value or ndarray
        The axes of ``a`` that are left, then those of ``b``.  A Value if any argument is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.tensordot([[1.0, 2.0]], [3.0, 4.0], axes=1)
    array([11.])
    """
    a, b = joined(a), joined(b)
    if isinstance(axes, int | np.integer):
        if not 0 <= axes <= min(np.ndim(a), np.ndim(b)):
            raise ShapeError(
                f"tensordot: {axes} axes do not exist in shapes {np.shape(a)} and {np.shape(b)}"
            )
        axes = range(-axes, 0), range(axes)
    pairs = zip((a, b), axes, strict=True)
    of_a, of_b = (axes_of(x, tuple(w) if np.ndim(w) else w) for x, w in pairs)
    lengths = [[np.shape(x)[axis] for axis in own] for x, own in ((a, of_a), (b, of_b))]
    if lengths[0] != lengths[1]:
        raise ShapeError(f"tensordot: the axes have the lengths {lengths[0]} and {lengths[1]}")
    names = list(string.ascii_letters)
    left = names[: np.ndim(a)]
    right = names[26 : 26 + np.ndim(b)]
    for one, other in zip(of_a, of_b, strict=True):
        right[other] = left[one]
    rest = [letter for letter in left + right if (letter in left) != (letter in right)]
    return einsum(f"{''.join(left)},{''.join(right)}->{''.join(rest)}", a, b)


@composite
def dot(a: Any, b: Any) -> Any:
    """Return the product of scalars, vectors or matrices, as ``np.dot``.

    It sums over the last axis of ``a`` and the last but one of ``b``; a scalar multiplies.

    >>> import tinygrad_mlp as tg
    >>> tg.dot([1.0, 2.0], [3.0, 4.0])
    np.float64(11.0)
    """
    a, b = joined(a), joined(b)
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return multiply(a, b)
    if np.ndim(b) <= 2:
        return matmul(a, b)
    return tensordot(a, b, (-1, -2))


@composite
def inner(a: Any, b: Any) -> Any:
    """Return the sum of products over the last axes of both; a scalar multiplies.

    >>> import tinygrad_mlp as tg
    >>> tg.inner([1.0, 2.0], [3.0, 4.0])
    np.float64(11.0)
    """
    a, b = joined(a), joined(b)
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return multiply(a, b)
    return tensordot(a, b, (-1, -1))


@composite
def outer(a: Any, b: Any) -> Any:
    """Return the table of all products of an element of one with an element of the other.

    >>> import tinygrad_mlp as tg
    >>> tg.outer([1.0, 2.0], [3.0, 4.0])
    array([[3., 4.],
           [6., 8.]])
    """
    return multiply(expand_dims(raveled(a), 1), raveled(b))


@composite
def vdot(a: Any, b: Any) -> Any:
    """Return the sum of all products of the raveled values.

    >>> import tinygrad_mlp as tg
    >>> tg.vdot([[1.0], [2.0]], [[3.0], [4.0]])
    np.float64(11.0)
    """
    return matmul(raveled(a), raveled(b))


@composite
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Return the sum of the diagonal, which is as that of ``diagonal``.

    >>> import tinygrad_mlp as tg
    >>> tg.trace([[1.0, 2.0], [3.0, 4.0]])
    np.float64(5.0)
    """
    return sum(diagonal(a, offset, axis1, axis2), axis=-1)
