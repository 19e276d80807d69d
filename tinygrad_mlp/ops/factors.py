"""Matrices taken apart into several: each function puts the results of its rows together."""

from __future__ import annotations

from typing import Any, NamedTuple

from tinygrad_mlp.core.composites import composite_of_several
from tinygrad_mlp.core.numbers import as_operand
from tinygrad_mlp.ops.decompositions import (
    eigenvectors,
    eigvalsh,
    left_singular_vectors,
    orthonormal_columns,
    right_singular_vectors,
    svdvals,
)
from tinygrad_mlp.ops.indexing import getitem, triu
from tinygrad_mlp.ops.linear import matmul, turned


class EighResult(NamedTuple):
    """Eigenvalues, the smallest first, and a column of ``eigenvectors`` for each."""

    eigenvalues: Any
    eigenvectors: Any


class QRResult(NamedTuple):
    """Orthonormal columns, and the upper triangle that makes the matrix of them."""

    Q: Any
    R: Any


class SVDResult(NamedTuple):
    """Columns, singular values, the largest first, and rows: their product is the matrix."""

    U: Any
    S: Any
    Vh: Any


@composite_of_several
def eigh(a: Any) -> EighResult:
    """Return eigenvalues w and eigenvectors v of a symmetric matrix, ``a v = v diag(w)``.

    Only the symmetric part of ``a`` counts, so its gradient is symmetric.  Where eigenvalues are
    equal, their eigenvectors have no derivative, and a gradient through them is infinite or nan.

    Parameters
    ----------
    a : Value or array_like, shape (..., n, n)
        Symmetric matrices.

    Returns
    -------
    EighResult
        ``eigenvalues``, shape (..., n), the smallest first; ``eigenvectors``, shape (..., n, n),
        one in each column.

    Raises
    ------
    ShapeError
        If ``a`` is not square.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> a = tg.Value([[2.0, 1.0], [1.0, 2.0]])
    >>> largest = tg.linalg.eigh(a).eigenvalues[-1]
    >>> tg.grad(largest, a).round(12)
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    return EighResult(eigvalsh(a), eigenvectors(a))


@composite_of_several
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Return the thin singular value decomposition, ``a = U diag(S) Vh``.

    Parameters
    ----------
    a : Value or array_like, shape (..., n, k)
        Matrices.
    full_matrices : bool
        Must be False unless ``a`` is square: further columns are not determined by ``a``, so they
        have no derivative.
    compute_uv : bool
        If False, only the singular values are returned.

    Returns
    -------
    SVDResult, or Value or ndarray
        ``U``, shape (..., n, m), ``S``, shape (..., m), the largest first, and ``Vh``, shape
        (..., m, k), where m is the smaller of n and k.

    Raises
    ------
    ValueError
        If full matrices are wanted of ``a`` that is not square.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> a = tg.Value([[0.0, 2.0], [3.0, 0.0], [0.0, 0.0]])
    >>> u, s, vh = tg.linalg.svd(a, full_matrices=False)
    >>> tg.grad(s[0], a).round(12) + 0.0
    array([[0., 0.],
           [1., 0.],
           [0., 0.]])
    """
    a = as_operand(a, "svd: a")
    if not compute_uv:
        return svdvals(a)
    if full_matrices and a.ndim >= 2 and a.shape[-1] != a.shape[-2]:
        raise ValueError(
            f"svd: of a of shape {a.shape} some columns of full matrices are not determined, "
            "so they have no derivative; write full_matrices=False"
        )
    return SVDResult(left_singular_vectors(a), svdvals(a), right_singular_vectors(a))


@composite_of_several
def qr(a: Any, mode: str = "reduced") -> Any:
    """Return orthonormal columns Q and an upper triangle R with ``a = Q R``.

    Parameters
    ----------
    a : Value or array_like, shape (..., n, k)
        Matrices whose first m columns are independent, m being the smaller of n and k.
    mode : {"reduced", "r"}
        Both factors, or only R.

    Returns
    -------
    QRResult, or Value or ndarray
        ``Q``, shape (..., n, m), and ``R``, shape (..., m, k).

    Raises
    ------
    ShapeError
        If ``a`` is no matrix.
    ValueError
        For another mode.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.linalg.qr([[3.0, 1.0], [4.0, 2.0]]).R.round(12)
    array([[-5. , -2.2],
           [ 0. ,  0.4]])
    """
    a = as_operand(a, "qr: a")
    if mode not in ("reduced", "r"):
        raise ValueError(f"qr: mode must be 'reduced' or 'r', got {mode!r:.80}")
    # Of a wide matrix the first columns alone determine Q.
    first = getitem(a, (..., slice(a.shape[-2]))) if a.ndim >= 2 else a
    q = orthonormal_columns(first)
    r = triu(matmul(turned(q), a))
    return QRResult(q, r) if mode == "reduced" else r
