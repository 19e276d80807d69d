"""Matrices as products: Cholesky's, eigenvectors, singular vectors, orthonormal columns.

A row has one result, so where NumPy gives several each is a row of its own.  The rules are those of
M. Giles, "Collected matrix derivative results" (2008), and of M. Seeger, A. Hetzel, Z. Dai, E.
Meissner and N. Lawrence, "Auto-differentiating linear algebra" (2017).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.core.record import Op
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.arithmetic import divide_or_zero
from tinygrad_mlp.ops.indexing import tril
from tinygrad_mlp.ops.linear import turned
from tinygrad_mlp.ops.selections import where
from tinygrad_mlp.ops.shapes import expand_dims
from tinygrad_mlp.ops.solving import check_matrices, check_square, inv, solve

# ----- Symmetric matrices: only the symmetric part counts, so gradients are symmetric -----

_SYMMETRIC = "({a} + np.swapaxes({a}, -1, -2)) / 2"


def _from_below(x: Any) -> Any:
    """Return the symmetric matrix with this lower triangle."""
    return tril(x) + turned(tril(x, -1))


def _symmetric(x: Any) -> Any:
    return (x + turned(x)) / 2.0


def _vjp_cholesky(g: Any, out: Any, a: Any) -> Any:
    """Seeger et al. (2017), section 4.1, where solving twice is multiplying by an inverse."""
    inverse = inv(out)
    return turned(inverse) @ (_from_below(turned(out) @ g) / 2.0) @ inverse


cholesky: Op = Op(
    "cholesky",
    "a",
    prepare=lambda a: check_square("cholesky", a),
    forward=f"np.linalg.cholesky({_SYMMETRIC})",
    vjps=(_vjp_cholesky,),
    latex=r"\operatorname{{chol}} {a}",
    shapes="(...,n,n)->(...,n,n)",
    doc=(
        "Lower triangle L with L L.T = a, of the symmetric part of a; its gradient is symmetric, "
        "too."
    ),
    example=(
        ">>> tg.linalg.cholesky([[4.0, 2.0], [2.0, 5.0]])\narray([[2., 0.],\n       [1., 2.]])"
    ),
)

# ----- Eigenvalues and eigenvectors of symmetric matrices -----


def _over_gaps(x: Any, gaps: Any) -> Any:
    """Return a quotient, with zeros on the diagonal.

    Of equal eigenvalues every rotation of the eigenvectors is as good, so there is no derivative,
    and what arrives there becomes infinite, with NumPy's warning.
    """
    diagonal = np.eye(x.shape[-1], dtype=bool)
    return divide_or_zero(where(diagonal, 0.0, x), where(diagonal, 1.0, gaps))


def _gaps(numbers: Any) -> Any:
    """Return at [i, j] how much larger the j-th number is than the i-th."""
    return expand_dims(numbers, -2) - expand_dims(numbers, -1)


def _vjp_eigenvectors(g: Any, out: Any, a: Any) -> Any:
    """Giles (2008), section 3.1; symmetric, because only the symmetric part of ``a`` counts."""
    turning = _over_gaps(turned(out) @ g, _gaps(eigvalsh(a)))
    return _symmetric(out @ turning @ turned(out))


def _vjp_eigvalsh(g: Any, out: Any, a: Any) -> Any:
    """Giles (2008), section 3.1: by one eigenvalue, the outer product of its eigenvector."""
    vectors = eigenvectors(a)
    return (vectors * expand_dims(g, -2)) @ turned(vectors)


eigvalsh: Op = Op(
    "eigvalsh",
    "a",
    prepare=lambda a: check_square("eigvalsh", a),
    forward=f"np.linalg.eigvalsh({_SYMMETRIC})",
    vjps=(_vjp_eigvalsh,),
    latex=r"\operatorname{{eigval}} {a}",
    shapes="(...,n,n)->(...,n)",
    doc="Eigenvalues of the symmetric part of a, the smallest first.",
    example=">>> tg.linalg.eigvalsh([[2.0, 1.0], [1.0, 2.0]])\narray([1., 3.])",
)

eigenvectors: Op = Op(
    "eigenvectors",
    "a",
    prepare=lambda a: check_square("eigenvectors", a),
    forward=f"np.linalg.eigh({_SYMMETRIC})[1]",
    vjps=(_vjp_eigenvectors,),
    latex=r"\operatorname{{eigvec}} {a}",
    shapes="(...,n,n)->(...,n,n)",
    public=False,
    doc="Eigenvectors of the symmetric part of a, one in each column, the second result of eigh.",
)

# ----- Singular values and vectors: u s vh, thin -----


def _share_of_vectors(g: Any, u: Any, s: Any, v: Any) -> Any:
    """Return the share of ``u s v.T`` in a gradient by ``u``; that by ``v`` is the same, turned.

    Giles (2008), section 3.2, with both kinds of vectors: they turn in their own space, and where
    it is not the whole space also out of it.
    """
    inside = turned(u) @ g
    turning = _over_gaps(inside, _gaps(s) * (expand_dims(s, -2) + expand_dims(s, -1)))
    share = (u @ (turning + turned(turning)) * expand_dims(s, -2)) @ turned(v)
    if u.shape[-1] == u.shape[-2]:
        return share
    return share + ((g - u @ inside) / expand_dims(s, -2)) @ turned(v)


def _vjp_svdvals(g: Any, out: Any, a: Any) -> Any:
    return (left_singular_vectors(a) * expand_dims(g, -2)) @ right_singular_vectors(a)


def _vjp_left_singular_vectors(g: Any, out: Any, a: Any) -> Any:
    return _share_of_vectors(g, out, svdvals(a), turned(right_singular_vectors(a)))


def _vjp_right_singular_vectors(g: Any, out: Any, a: Any) -> Any:
    u = left_singular_vectors(a)
    return turned(_share_of_vectors(turned(g), turned(out), svdvals(a), u))


def _check_svd(name: str, a: Array) -> dict[str, Any]:
    check_matrices(name, a)
    return {}


svdvals: Op = Op(
    "svdvals",
    "a",
    prepare=lambda a: _check_svd("svdvals", a),
    forward="np.linalg.svd({a}, compute_uv=False)",
    vjps=(_vjp_svdvals,),
    latex=r"\operatorname{{singval}} {a}",
    shapes="(...,n,k)->(...,m)",
    doc="Singular values, the largest first.",
    example=">>> tg.linalg.svdvals([[0.0, 2.0], [3.0, 0.0]])\narray([3., 2.])",
)

left_singular_vectors: Op = Op(
    "left_singular_vectors",
    "a",
    prepare=lambda a: _check_svd("left_singular_vectors", a),
    forward="np.linalg.svd({a}, full_matrices=False)[0]",
    vjps=(_vjp_left_singular_vectors,),
    latex=r"\operatorname{{leftvec}} {a}",
    shapes="(...,n,k)->(...,n,m)",
    public=False,
    doc="Left singular vectors, one in each column, the first result of svd.",
)

right_singular_vectors: Op = Op(
    "right_singular_vectors",
    "a",
    prepare=lambda a: _check_svd("right_singular_vectors", a),
    forward="np.linalg.svd({a}, full_matrices=False)[2]",
    vjps=(_vjp_right_singular_vectors,),
    latex=r"\operatorname{{rightvec}} {a}",
    shapes="(...,n,k)->(...,m,k)",
    public=False,
    doc="Right singular vectors, one in each row, the third result of svd.",
)

# ----- Orthonormal columns -----


def _check_tall(a: Array) -> dict[str, Any]:
    check_matrices("orthonormal_columns", a)
    if a.shape[-2] < a.shape[-1]:
        raise ShapeError(
            f"orthonormal_columns: a must have no more columns than rows, got shape {a.shape}"
        )
    return {}


def _vjp_orthonormal_columns(g: Any, out: Any, a: Any) -> Any:
    """Seeger et al. (2017), section 4.2, for the orthonormal factor alone; R is out.T a."""
    inner = out @ _from_below(turned(g) @ out)
    return turned(solve(turned(out) @ a, turned(g - inner)))


orthonormal_columns: Op = Op(
    "orthonormal_columns",
    "a",
    prepare=_check_tall,
    forward="np.linalg.qr({a})[0]",
    vjps=(_vjp_orthonormal_columns,),
    latex=r"\operatorname{{orth}} {a}",
    shapes="(...,k,n)->(...,k,n)",
    public=False,
    doc="Orthonormal columns that span those of a, the first result of qr.",
)
