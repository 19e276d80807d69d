"""Products of vectors and of matrices that are made of others."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.numbers import as_operand
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.ops import indexing
from tinygrad_mlp.ops.arithmetic import multiply, subtract
from tinygrad_mlp.ops.contractions import einsum
from tinygrad_mlp.ops.indexing import take
from tinygrad_mlp.ops.shapes import axis_of, moveaxis, reshape


@composite
def kron(a: Any, b: Any) -> Any:
    """Return the Kronecker product: ``b`` in the place of each element of ``a``, times it.

    Parameters
    ----------
    a, b : Value or array_like, shape (...)
        The values; of the one with fewer axes, further ones of length 1 stand in front.

    Returns
    -------
    Value or ndarray
        Each length is the product of both.  A Value if any argument is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.kron([1.0, 10.0], [1.0, 2.0])
    array([ 1.,  2., 10., 20.])
    """
    a, b = as_operand(a, "kron: a", weak=True), as_operand(b, "kron: b", weak=True)
    ndim = max(np.ndim(a), np.ndim(b))
    left, right = ((1,) * (ndim - np.ndim(x)) + np.shape(x) for x in (a, b))
    # Each axis becomes two: the elements of a, and those of b inside.
    outside = reshape(a, tuple(n for length in left for n in (length, 1)))
    inside = reshape(b, tuple(n for length in right for n in (1, length)))
    return reshape(
        multiply(outside, inside), tuple(n * m for n, m in zip(left, right, strict=True))
    )


@composite
def cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """Return the vectors that are orthogonal to two in space, as long as their parallelogram.

    Parameters
    ----------
    a, b : Value or array_like, shape (..., 3)
        The vectors; they broadcast.
    axisa, axisb, axisc : int
        Where the three components are in ``a``, in ``b`` and in the result.
    axis : int, optional
        The same axis for all three.

    Returns
    -------
    Value or ndarray
        A Value if any argument is one.

    Raises
    ------
    ShapeError
        If there are not three components.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    array([0., 0., 1.])
    """
    a, b = as_operand(a, "cross: a"), as_operand(b, "cross: b")
    if axis is not None:
        axisa = axisb = axisc = axis
    for name, x, place in (("a", a, axisa), ("b", b, axisb)):
        if np.shape(x)[axis_of(x, place)] != 3:
            raise ShapeError(
                f"cross: {name} must have 3 components along axis {place}, got shape "
                f"{np.shape(x)}; in the plane write a[0] * b[1] - a[1] * b[0]"
            )
    a, b = moveaxis(a, axisa, -1), moveaxis(b, axisb, -1)
    forth, back = [1, 2, 0], [2, 0, 1]
    result = subtract(
        multiply(take(a, forth, -1), take(b, back, -1)),
        multiply(take(a, back, -1), take(b, forth, -1)),
    )
    return moveaxis(result, -1, axis_of(result, axisc))


@composite
def vecdot(x1: Any, x2: Any, axis: int = -1) -> Any:
    """Return the products of vectors along an axis; the other axes broadcast.

    >>> import tinygrad_mlp as tg
    >>> tg.vecdot([[1.0, 2.0], [3.0, 4.0]], [1.0, 10.0])
    array([21., 43.])
    """
    x1, x2 = as_operand(x1, "vecdot: x1"), as_operand(x2, "vecdot: x2")
    x1, x2 = (moveaxis(x, axis_of(x, axis), -1) for x in (x1, x2))
    if x1.shape[-1] != x2.shape[-1]:
        raise ShapeError(f"vecdot: the vectors have the lengths {x1.shape[-1]} and {x2.shape[-1]}")
    return einsum("...i,...i->...", x1, x2)


@composite
def matvec(x1: Any, x2: Any) -> Any:
    """Return the products of matrices with vectors, of shapes (...,n,k) and (...,k).

    >>> import tinygrad_mlp as tg
    >>> tg.matvec([[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [0.0, 1.0]])
    array([[1., 3.],
           [2., 4.]])
    """
    x1, x2 = as_operand(x1, "matvec: x1"), as_operand(x2, "matvec: x2")
    _check_fit("matvec", "(...,n,k) and (...,k)", x1, x2, -1)
    return einsum("...ij,...j->...i", x1, x2)


@composite
def vecmat(x1: Any, x2: Any) -> Any:
    """Return the products of vectors with matrices, of shapes (...,n) and (...,n,k).

    >>> import tinygrad_mlp as tg
    >>> tg.vecmat([[1.0, 0.0], [0.0, 1.0]], [[1.0, 2.0], [3.0, 4.0]])
    array([[1., 2.],
           [3., 4.]])
    """
    x1, x2 = as_operand(x1, "vecmat: x1"), as_operand(x2, "vecmat: x2")
    _check_fit("vecmat", "(...,n) and (...,n,k)", x2, x1, -2)
    return einsum("...i,...ij->...j", x1, x2)


def _check_fit(name: str, wanted: str, matrix: Any, vector: Any, axis: int) -> None:
    fits = np.ndim(matrix) > 1 and np.ndim(vector) > 0
    if not fits or np.shape(matrix)[axis] != np.shape(vector)[-1]:
        raise ShapeError(
            f"{name}: wanted shapes {wanted}, got a matrix of {np.shape(matrix)} and a vector of "
            f"{np.shape(vector)}"
        )


def diagonal(x: Any, offset: int = 0) -> Any:
    """Return the diagonals of the last two axes, as ``np.linalg.diagonal``.

    >>> import tinygrad_mlp as tg
    >>> tg.linalg.diagonal([[1.0, 2.0], [3.0, 4.0]])
    array([1., 4.])
    """
    return indexing.diagonal(x, offset, -2, -1)
