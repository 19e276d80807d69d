"""What formulas and rules call, without the layers of Python around it that cost more than it.

The eager engine evaluates the formulas of the table with NumPy's functions as they stand here, and
its rules with the formulas themselves in place of rows.  Both give the same bits.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import cache
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
    strides = [0] * added
    for length, stride, wanted in zip(x.shape, x.strides, shape[added:], strict=False):
        if length not in (1, wanted):
            return np.broadcast_to(x, shape)  # which says that it does not fit
        strides.append(0 if length == 1 else stride)
    if added < 0 or not x.flags.c_contiguous:
        return np.broadcast_to(x, shape)
    return locked(np.ndarray(shape, x.dtype, x, 0, tuple(strides)))


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
    return _renamed(function, names)


def _renamed(function: FunctionType, names: dict[str, Any]) -> FunctionType:
    """Return the same function, for which names mean something else."""
    twin = FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, function.__closure__
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    return twin


_NAMES |= {name: quick(f) for name, f in vars(kernels).items() if isinstance(f, FunctionType)}


# ----- Rules -----

#: For each rule of the table one that takes arrays only, and calls formulas where it calls rows.
OF_ARRAYS: dict[Any, FunctionType] = {}


def reach_formulas(rows: Iterable[Any]) -> None:
    """Make these twins of the rules of rows, now that all rows are there that a rule may call."""
    for row in rows:
        for rule in row.vjps if isinstance(row.vjps, tuple) else ():
            if rule is not None:
                OF_ARRAYS[rule] = _renamed(rule, _formulas_in(rule.__module__))


@cache
def _formulas_in(module: str) -> dict[str, Any]:
    """Return what is in a module of the table, with formulas in place of rows."""
    names = dict(vars(sys.modules[module]))
    for name, x in vars(sys.modules[module]).items():
        if hasattr(x, "compute_quickly"):
            names[name] = x.compute_quickly
        elif type(x) is FunctionType and x.__module__.startswith("tinygrad_mlp.ops."):
            own = names if x.__module__ == module else _formulas_in(x.__module__)
            names[name] = _renamed(x, own)
    return names
