"""NumPy's functions without the layer of Python around them, which costs more than small arrays.

The eager engine evaluates the formulas of the table with these.  They give the same bits.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from tinygrad_mlp.kernels import Array


def _mean(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    if x.dtype.itemsize < 4 or x.size == 0:  # NumPy adds these in a wider type, and warns
        return np.mean(x, axis=axis, keepdims=keepdims)
    total: Array = np.add.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]  # its stubs know no bool
    return total / (x.size // (total.size or 1))


def _broadcast_to(x: Array, shape: tuple[int, ...]) -> Array:
    if x.ndim:
        return np.broadcast_to(x, shape)
    return np.ndarray(shape, x.dtype, x, 0, (0,) * len(shape)) if shape else x


def _expand_dims(x: Array, axis: Any) -> Array:
    if axis in (-1, (x.ndim,)):
        return x[..., None]
    return x[None] if axis in (0, (0,)) else np.expand_dims(x, axis)


#: What a formula finds under the name ``np``.
numpy = SimpleNamespace(
    **vars(np)
    | {
        "sum": np.add.reduce,
        "prod": np.multiply.reduce,
        "max": np.maximum.reduce,
        "min": np.minimum.reduce,
        "mean": _mean,
        "reshape": lambda x, shape: x.reshape(shape),
        "transpose": lambda x, axes: x.transpose(axes),
        "squeeze": lambda x, axis: x.squeeze(axis),
        "broadcast_to": _broadcast_to,
        "expand_dims": _expand_dims,
    }
)
