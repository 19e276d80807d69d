r"""Linear systems, inverses and determinants.

The rules are those of M. Giles, "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation" (2008), section 2.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp._support.arguments import finite_number
from tinygrad_mlp.core.composites import composite_of_several
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.errors import DataTypeError, ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.linear import turned
from tinygrad_mlp.ops.shapes import expand_dims, squeeze

# ----- What LAPACK takes -----


def check_matrices(name: str, a: Array) -> None:
    """Raise unless LAPACK can take an array as a matrix, or as a stack of them."""
    if np.ndim(a) < 2:
        raise ShapeError(f"{name}: a must be a matrix or a stack of them, got shape {np.shape(a)}")
    check_precision(name, "a", a)


def check_precision(name: str, argument: str, x: Array) -> None:
    """Raise for a type of numbers that LAPACK lacks, as NumPy does."""
    if x.dtype.char not in "fd":
        raise DataTypeError(
            f"{name}: {argument} must be of float32 or float64, in which LAPACK computes, got "
            f"{x.dtype}; convert with tg.astype"
        )


def check_square(name: str, a: Array) -> dict[str, Any]:
    """Raise unless an array is a square matrix or a stack of them; there are no options."""
    check_matrices(name, a)
    if a.shape[-1] != a.shape[-2]:
        raise ShapeError(f"{name}: a must be square, got shape {a.shape}")
    return {}


# ----- Linear systems -----


def _check_solve(a: Array, b: Array) -> dict[str, Any]:
    check_square("solve", a)
    if np.ndim(b) == 0 or np.shape(b)[-2:][0] != a.shape[-1]:
        raise ShapeError(
            f"solve: a and b of shapes {a.shape} and {np.shape(b)} do not fit together; wanted "
            "(...,n,n) and (...,n,k), or (n,) for one right side"
        )
    check_precision("solve", "b", b)
    return {}


def _as_columns(b: Any, x: Any) -> Any:
    """Return what has the shape of a right side, or of a solution, as matrices."""
    return expand_dims(x, -1) if b.ndim == 1 else x


def _vjp_solve_a(g: Any, out: Any, a: Any, b: Any) -> Any:
    share_of_b = solve(turned(a), _as_columns(b, g))
    return -share_of_b @ turned(_as_columns(b, out))


def _vjp_solve_b(g: Any, out: Any, a: Any, b: Any) -> Any:
    share = solve(turned(a), _as_columns(b, g))
    return squeeze(share, -1) if b.ndim == 1 else share


solve: Op = Op(
    "solve",
    "a b",
    prepare=_check_solve,
    forward="np.linalg.solve({a}, {b})",
    vjps=(_vjp_solve_a, _vjp_solve_b),
    latex="{a}^{{-1}} {b}",
    shapes="(...,n,n),(...,n,k)->(...,n,k)",
    doc="Solution x of a x = b, as np.linalg.solve; its rule solves with the transpose of a.",
    example=">>> tg.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [1.0, 1.0])\narray([0.5 , 0.25])",
)

inv: Op = Op(
    "inv",
    "a",
    prepare=lambda a: check_square("inv", a),
    forward="np.linalg.inv({a})",
    vjps=(lambda g, out, a: -turned(out) @ g @ turned(out),),
    latex="{a}^{{-1}}",
    shapes="(...,n,n)->(...,n,n)",
    doc="Inverse of a matrix; to solve a system, solve is faster and more exact.",
    example=(
        ">>> tg.linalg.inv([[2.0, 0.0], [0.0, 4.0]])\narray([[0.5 , 0.  ],\n       [0.  , 0.25]])"
    ),
)


def _pinv_options(a: Array, rcond: Any) -> dict[str, Any]:
    check_matrices("pinv", a)
    return {"rcond": 1e-15 if rcond is None else finite_number("rcond", rcond, minimum=0.0)}


def _vjp_pinv(g: Any, out: Any, a: Any, rcond: float) -> Any:
    """G. Golub and V. Pereyra (1973), equation 4.12, for matrices that keep their rank."""
    turned_g, turned_out = turned(g), turned(out)
    inside = -turned_out @ g @ turned_out
    beside = (turned_g - a @ (out @ turned_g)) @ (out @ turned_out)
    across = (turned_out @ out) @ (turned_g - (turned_g @ out) @ a)
    return inside + beside + across


pinv: Op = Op(
    "pinv",
    "a",
    options={"rcond": 1e-15},
    prepare=_pinv_options,
    forward="np.linalg.pinv({a}, {rcond})",
    vjps=(_vjp_pinv,),
    latex="{a}^{{+}}",
    shapes="(...,n,k)->(...,k,n)",
    doc=(
        "Pseudoinverse; singular values up to rcond times the largest count as 0, and its "
        "derivative is that of matrices of the same rank."
    ),
    example=">>> tg.linalg.pinv([[3.0], [4.0]])\narray([[0.12, 0.16]])",
)

# ----- Determinants -----


det: Op = Op(
    "det",
    "a",
    prepare=lambda a: check_square("det", a),
    forward="np.linalg.det({a})",
    vjps=(lambda g, out, a: expand_dims(g * out, (-2, -1)) * turned(inv(a)),),
    latex=r"\det {a}",
    shapes="(...,n,n)->(...)",
    doc="Determinant; its derivative wants an inverse, so a matrix that has one.",
    example=">>> tg.linalg.det([[2.0, 0.0], [0.0, 4.0]]).round(12)\nnp.float64(8.0)",
)

logabsdet: Op = Op(
    "logabsdet",
    "a",
    prepare=lambda a: check_square("logabsdet", a),
    forward="np.linalg.slogdet({a})[1]",
    vjps=(lambda g, out, a: expand_dims(g, (-2, -1)) * turned(inv(a)),),
    latex=r"\log \left| \det {a} \right|",
    shapes="(...,n,n)->(...)",
    public=False,
    doc="Logarithm of the absolute value of the determinant, the second result of slogdet.",
)

sign_of_det: Op = Op(
    "sign_of_det",
    "a",
    prepare=lambda a: check_square("sign_of_det", a),
    forward="np.linalg.slogdet({a})[0]",
    vjps=(None,),
    latex=r"\operatorname{{sign}} \det {a}",
    shapes="(...,n,n)->(...)",
    public=False,
    doc="Sign of the determinant, the first result of slogdet; the derivative of a step is 0.",
)


class SlogdetResult(NamedTuple):
    """A determinant as its sign and the logarithm of its absolute value."""

    sign: Any
    logabsdet: Any


@composite_of_several
def slogdet(a: Any) -> SlogdetResult:
    r"""Return the sign of a determinant and $\log |\det a|$, which do not overflow.

    Parameters
    ----------
    a : Value or array_like, shape (..., n, n)
        Square matrices.

    Returns
    -------
    SlogdetResult
        ``sign``, whose derivative is that of a step, 0; and ``logabsdet``.

    Raises
    ------
    ShapeError
        If ``a`` is not square.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> a = tg.Value([[2.0, 0.0], [0.0, 4.0]])
    >>> tg.grad(tg.linalg.slogdet(a).logabsdet, a)
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """
    return SlogdetResult(sign_of_det(a), logabsdet(a))
