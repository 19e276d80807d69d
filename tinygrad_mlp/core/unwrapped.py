"""NumPy's functions without the layer of Python around them, which costs more than small arrays.

The eager engine evaluates the formulas of the table with these.  They give the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np

from tinygrad_mlp import kernels
from tinygrad_mlp.core.ownership import locked
from tinygrad_mlp.kernels import Array


def _mean(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    if x.dtype.itemsize < 4 or x.size == 0:  # NumPy adds these in a wider type, and warns
        return np.mean(x, axis=axis, keepdims=keepdims)
    total: Array = np.add.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]  # its stubs know no bool
    return total / (x.size // (total.size or 1))


def _broadcast_to(x: Array, shape: tuple[int, ...]) -> Array:
    if not x.ndim:
        return locked(np.ndarray(shape, x.dtype, x, 0, (0,) * len(shape))) if shape else x
    added = len(shape) - x.ndim
    pairs = tuple(zip(x.shape, shape[added:], strict=False))
    fits = added >= 0 and all(length in (1, wanted) for length, wanted in pairs)
    if not (fits and x.flags.c_contiguous):
        return np.broadcast_to(x, shape)
    stretched = zip(x.strides, pairs, strict=True)
    strides = [0 if length == 1 else stride for stride, (length, _) in stretched]
    return locked(np.ndarray(shape, x.dtype, x, 0, (*(0,) * added, *strides)))


def _expand_dims(x: Array, axis: Any) -> Array:
    if axis in (-1, (x.ndim,)):
        return x[..., None]
    return x[None] if axis in (0, (0,)) else np.expand_dims(x, axis)


_NUMPY = SimpleNamespace(
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

# What a formula names: NumPy, and the kernels, whose own formulas name the same.
_NAMES: dict[str, Any] = {**vars(kernels), "np": _NUMPY}


def quick(function: FunctionType, named: Mapping[str, Any] | None = None) -> FunctionType:
    """Return the same function with these names, and some of its own, in place of NumPy's.

    >>> quick(lambda x: np.sum(x))(np.ones(3))
    np.float64(3.0)
    """
    names = {**_NAMES, **named} if named else _NAMES
    return FunctionType(function.__code__, names, function.__name__, function.__defaults__)


_NAMES |= {name: quick(f) for name, f in vars(kernels).items() if isinstance(f, FunctionType)}
