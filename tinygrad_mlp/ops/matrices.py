"""Powers, products, norms and traces of matrices, and least squares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.core.composites import composite, composite_of_several
from tinygrad_mlp.core.numbers import as_operand, joined
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.ops import contractions, reductions
from tinygrad_mlp.ops.arithmetic import power, subtract
from tinygrad_mlp.ops.decompositions import svdvals
from tinygrad_mlp.ops.elementwise import abs as absolute
from tinygrad_mlp.ops.elementwise import sign, square
from tinygrad_mlp.ops.linear import matmul
from tinygrad_mlp.ops.selections import where
from tinygrad_mlp.ops.shapes import axes_of, copy, expand_dims, moveaxis, reshape, squeeze
from tinygrad_mlp.ops.solving import inv, pinv

# ----- Products -----


@composite
def matrix_power(a: Any, n: int) -> Any:
    """Return the product of n times the same square matrix; of its inverse, if n is negative.

    Parameters
    ----------
    a : Value or array_like, shape (..., k, k)
        Square matrices.
    n : int
        The exponent.

    Returns
    -------
    Value or ndarray, shape (..., k, k)
        By squaring, so with about ``2 * log2(n)`` products.

    Raises
    ------
    ShapeError
        If ``a`` is not square.
    TypeError
        If ``n`` is no int.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.linalg.matrix_power([[1.0, 1.0], [1.0, 0.0]], 10)
    array([[89., 55.],
           [55., 34.]])
    """
    a = as_operand(a, "matrix_power: a")
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise TypeError(f"matrix_power: n must be an int, got {n!r:.80}")
    shape = a.shape
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise ShapeError(f"matrix_power: a must be square, got shape {shape}")
    power, rest, product = copy(inv(a) if n < 0 else a), abs(int(n)), None
    if n == 0:
        return where(False, power, np.eye(shape[-1], dtype=power.dtype))
    while rest > 1:
        if rest % 2:
            product = power if product is None else matmul(product, power)
        power, rest = matmul(power, power), rest // 2
    return power if product is None else matmul(product, power)


@composite
def multi_dot(arrays: Sequence[Any]) -> Any:
    """Return the product of several matrices, in the order that takes the fewest multiplications.

    Parameters
    ----------
    arrays : sequence of Values or array_likes
        At least two matrices; the first and the last may be vectors.

    Returns
    -------
    Value or ndarray
        As ``arrays[0] @ arrays[1] @ ...``.

    Raises
    ------
    ValueError
        If there are fewer than two.
    ShapeError
        If they do not fit together, or are no matrices.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.linalg.multi_dot([[[1.0, 2.0]], [[3.0], [4.0]], [[5.0]]])
    array([[55.]])
    """
    several = list(map(joined, arrays))
    if len(several) < 2:
        raise ValueError(f"multi_dot: give at least two matrices, got {len(several)}")
    ends = (0, len(several) - 1)
    for place, array in enumerate(several):
        if np.ndim(array) != 2 and not (np.ndim(array) == 1 and place in ends):
            raise ShapeError(
                f"multi_dot: arrays[{place}] must be a matrix, got shape {np.shape(array)}"
            )
    lengths = [1 if np.ndim(several[0]) == 1 else np.shape(several[0])[0]]
    lengths += [np.shape(array)[-1] for array in several[:-1]]
    lengths.append(1 if np.ndim(several[-1]) == 1 else np.shape(several[-1])[1])
    return _multiplied(several, _cuts(lengths), 0, len(several) - 1)


def _cuts(lengths: list[int]) -> dict[tuple[int, int], int]:
    """Return behind which matrix to cut each run of them, for the fewest multiplications.

    >>> _cuts([100, 1, 100, 1])  # first the product of the second and the third
    {(0, 1): 0, (1, 2): 1, (0, 2): 0}
    """
    number = len(lengths) - 1
    cost = {(place, place): 0 for place in range(number)}
    cuts = {}
    for span in range(1, number):
        for i in range(number - span):
            j = i + span
            cost[i, j], cuts[i, j] = min(
                (cost[i, k] + cost[k + 1, j] + lengths[i] * lengths[k + 1] * lengths[j + 1], k)
                for k in range(i, j)
            )
    return cuts


def _multiplied(arrays: list[Any], cuts: dict[tuple[int, int], int], i: int, j: int) -> Any:
    if i == j:
        return arrays[i]
    k = cuts[i, j]
    return matmul(_multiplied(arrays, cuts, i, k), _multiplied(arrays, cuts, k + 1, j))


# ----- Norms -----


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002
    """Return a norm of vectors or of matrices, as ``np.linalg.norm``.

    Parameters
    ----------
    x : Value or array_like, shape (...)
        The elements.
    ord : None, number or {"fro", "nuc"}
        None for the Euclidean length of all elements.  Of vectors, a number p is the norm
        ``sum(abs(x) ** p) ** (1 / p)``, infinite ones are the largest and the smallest
        ``abs(x)``, and 0 counts what is not 0.  Of matrices, 1 and infinity are the largest sum
        of ``abs(x)`` in a column and in a row, 2 the largest singular value, ``"nuc"`` the sum of
        singular values, ``"fro"`` the length; -1, -2 and -infinity the smallest.
    axis : int or pair of ints, optional
        The axis of the vectors, or the axes of the rows and the columns of the matrices.
    keepdims : bool
        Whether axes that are gone stay, with length 1.

    Returns
    -------
    Value or ndarray
        The norms.

    Raises
    ------
    ShapeError
        If there is no such axis, or ``x`` has more than two and ``axis`` does not tell which.
    ValueError
        If there is no such norm.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value([[1.0, -2.0], [3.0, 4.0]])
    >>> tg.grad(tg.linalg.norm(x, 1), x)
    array([[ 0., -1.],
           [ 0.,  1.]])
    """
    x = as_operand(x, "norm: x")
    if ord is None:
        return reductions.norm(x, axis, keepdims)
    axes = tuple(range(x.ndim)) if axis is None else axes_of(x, axis)
    if not 1 <= len(axes) <= 2:
        raise ShapeError(
            f"norm: x of shape {x.shape} has {len(axes)} axes; with ord, give the axis of "
            "vectors or the two axes of matrices"
        )
    if len(axes) == 1:
        return _norm_of_vectors(x, ord, axes, keepdims)
    norms = _norm_of_matrices(x, ord, axes)
    return norms if keepdims else squeeze(norms, axes)


def _norm_of_vectors(x: Any, order: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    if isinstance(order, bool) or not isinstance(order, int | float | np.integer | np.floating):
        text = f"norm: of vectors, ord must be a number, got {order!r:.80}"
        raise ValueError(text)  # noqa: TRY004  as NumPy does
    if order == 2:
        return reductions.norm(x, axes, keepdims)
    if np.isinf(order):
        return (reductions.max if order > 0 else reductions.min)(absolute(x), axes, keepdims)
    if order == 0:
        return reductions.sum(absolute(sign(x)), axes, keepdims)
    if order == 1:
        return reductions.sum(absolute(x), axes, keepdims)
    total = reductions.sum(power(absolute(x), float(order)), axes, keepdims)
    return power(total, 1.0 / float(order))


def _norm_of_matrices(x: Any, order: Any, axes: tuple[int, ...]) -> Any:
    """Return norms of matrices whose axes are kept, with length 1."""
    rows, columns = axes
    extreme = reductions.min if order in (-1, -2, -np.inf) else reductions.max
    if order == "fro":
        return reductions.norm(x, axes, True)
    if order in (1, -1):
        return extreme(reductions.sum(absolute(x), rows, True), columns, True)
    if order in (np.inf, -np.inf):
        return extreme(reductions.sum(absolute(x), columns, True), rows, True)
    if order not in (2, -2, "nuc"):
        raise ValueError(
            f"norm: of matrices, ord must be 1, 2, inf, -1, -2, -inf, 'fro' or 'nuc', got "
            f"{order!r:.80}"
        )
    values = svdvals(moveaxis(x, axes, (-2, -1)))
    return expand_dims((reductions.sum if order == "nuc" else extreme)(values, -1), axes)


# ----- Least squares -----


@composite_of_several
def lstsq(a: Any, b: Any, rcond: float | None = None) -> tuple[Any, Any, Any, Any]:
    """Return the shortest x for which the length of ``a x - b`` is least.

    Parameters
    ----------
    a : Value or array_like, shape (n, k)
        The coefficients.
    b : Value or array_like, shape (n,) or (n, m)
        The right sides.
    rcond : float, optional
        Singular values up to so many times the largest count as 0; by default the spacing of
        numbers at 1, times the larger of n and k.

    Returns
    -------
    x : Value or ndarray, shape (k,) or (k, m)
        The solutions, ``pinv(a, rcond) @ b``.
    residuals : Value or ndarray, shape (1,) or (m,)
        The squared lengths that are left; shape (0,) where n is not larger than k.
    rank : int
        How many singular values do not count as 0.
    s : Value or ndarray, shape (min(n, k),)
        The singular values of ``a``.

    Raises
    ------
    ShapeError
        If the shapes do not fit together.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> b = tg.Value([1.0, 2.0, 6.0])
    >>> x, *_ = tg.linalg.lstsq([[1.0], [1.0], [1.0]], b)
    >>> tg.grad(x[0], b).round(12)
    array([0.33333333, 0.33333333, 0.33333333])
    """
    a, b = as_operand(a, "lstsq: a"), as_operand(b, "lstsq: b")
    if a.ndim != 2 or b.ndim not in (1, 2) or a.shape[0] != b.shape[0]:
        raise ShapeError(
            f"lstsq: a and b of shapes {a.shape} and {b.shape} do not fit together; "
            "wanted (n,k) and (n,) or (n,m)"
        )
    n, k = a.shape
    s = svdvals(a)
    if rcond is None:
        rcond = float(np.finfo(s.dtype).eps) * max(n, k)
    x = matmul(pinv(a, rcond), b)
    left = reductions.sum(square(subtract(matmul(a, x), b)), 0)
    residuals = reshape(left, (-1,)) if n > k else np.zeros(0, left.dtype)
    return x, residuals, np.count_nonzero(s > rcond * s[:1]), s


# ----- The diagonal -----


def trace(x: Any, offset: int = 0) -> Any:
    """Return the sum of the diagonal of the last two axes, as ``np.linalg.trace``.

    >>> import tinygrad_mlp as tg
    >>> tg.linalg.trace([[1.0, 2.0], [3.0, 4.0]])
    np.float64(5.0)
    """
    return contractions.trace(x, offset, -2, -1)
