"""Functions of square matrices that their powers are summed to: the exponential."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.core.record import Op
from tinygrad_mlp.ops.indexing import getitem
from tinygrad_mlp.ops.joining import concatenate
from tinygrad_mlp.ops.linear import turned
from tinygrad_mlp.ops.solving import check_square


def _vjp_expm(g: Any, out: Any, a: Any) -> Any:
    """Take the derivative along ``g`` from the exponential of a matrix of four blocks.

    C. Van Loan, "Computing Integrals Involving the Matrix Exponential" (1978), theorem 1;
    I. Najfeld and T. Havel, "Derivatives of the Matrix Exponential and Their Computation" (1995).
    """
    side, back = a.shape[-1], turned(a)
    rows = [concatenate([back, g], -1), concatenate([np.zeros(a.shape, a.dtype), back], -1)]
    blocks = expm(concatenate(rows, -2))
    return getitem(blocks, (..., slice(None, side), slice(side, None)))


expm: Op = Op(
    "expm",
    "a",
    prepare=lambda a: check_square("expm", a),
    forward="expm({a})",
    vjps=(_vjp_expm,),
    latex=r"\operatorname{{expm}} {a}",
    shapes="(...,n,n)->(...,n,n)",
    doc="Exponential of a square matrix, the sum of its powers over factorials.",
    example=">>> tg.linalg.expm([[0.0, 1.0], [0.0, 0.0]])\narray([[1., 1.],\n       [0., 1.]])",
)
