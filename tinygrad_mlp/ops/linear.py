"""Products of matrices."""

from __future__ import annotations

from typing import Any

from tinygrad_mlp.core.record import Op
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.shapes import expand_dims, squeeze, transpose


def _as_matrices(g: Any, x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Return all three with the axes that ``matmul`` leaves out for vectors."""
    if y.ndim == 1:
        g, y = expand_dims(g, -1), expand_dims(y, -1)
    if x.ndim == 1:
        g, x = expand_dims(g, -2), expand_dims(x, -2)
    return g, x, y


def turned(matrices: Any) -> Any:
    """Return the transpose of every matrix of a stack of them."""
    if matrices.ndim == 2:
        return matrices.T
    return transpose(matrices, (*range(matrices.ndim - 2), -1, -2))


def _vjp_matmul_x(g: Any, out: Any, x: Any, y: Any) -> Any:
    if x.ndim == 1 and y.ndim == 2:
        return y @ g
    g, _, matrix = _as_matrices(g, x, y)
    share = g @ turned(matrix)
    return squeeze(share, -2) if x.ndim == 1 else share


def _vjp_matmul_y(g: Any, out: Any, x: Any, y: Any) -> Any:
    if x.ndim == 2:
        return x.T @ g
    g, matrix, _ = _as_matrices(g, x, y)
    share = turned(matrix) @ g
    return squeeze(share, -1) if y.ndim == 1 else share


matmul: Op = Op(
    "matmul",
    "x y",
    forward="{x} @ {y}",
    vjps=(_vjp_matmul_x, _vjp_matmul_y),
    latex="{x} {y}",
    symbol="@",
    shapes="(...,n,k),(...,k,m)->(...,n,m)",
    doc="Matrix product, as np.matmul: vectors, matrices, and stacks of matrices.",
    example=">>> tg.matmul([[1.0, 2.0]], [3.0, 4.0])\narray([11.])",
)


def _check_affine(x: Array, W: Array, b: Array) -> dict[str, Any]:
    # In every step of a training, so not np.shape, which takes its time.
    x_shape: tuple[int, ...] = getattr(x, "shape", ())
    W_shape: tuple[int, ...] = getattr(W, "shape", ())
    b_shape: tuple[int, ...] = getattr(b, "shape", ())
    fits = len(x_shape) == len(W_shape) == 2 and x_shape[1] == W_shape[0]
    if fits and (b_shape == (1, W_shape[1]) or b_shape == (W_shape[1],)):
        return {}
    raise ShapeError(
        f"affine: x, W and b of shapes {x_shape}, {W_shape} and {b_shape} do not fit together; "
        "wanted (n,k), (k,m) and (1,m)"
    )


affine: Op = Op(
    "affine",
    "x W b",
    prepare=_check_affine,
    forward="{x} @ {W} + {b}",
    vjps=(
        lambda g, out, x, W, b: g @ W.T,
        lambda g, out, x, W, b: x.T @ g,
        lambda g, out, x, W, b: g,
    ),
    latex="{x} {W} + {b}",
    shapes="(n,k),(k,m),(1,m)->(n,m)",
    doc="Fully connected layer: each row of x times the weights W, plus the bias b.",
    example=">>> tg.affine([[1.0, 2.0]], [[3.0], [4.0]], [[5.0]])\narray([[16.]])",
)
