"""Kinds of arrays whose operators mean something else than those of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.errors import DataTypeError

_OPERATORS = (
    "__add__",
    "__sub__",
    "__mul__",
    "__truediv__",
    "__pow__",
    "__matmul__",
    "__lt__",
    "__eq__",
    "__array_ufunc__",
    "__array_function__",
)


def refuse_other_meaning(x: Any, name: str) -> None:
    """Raise for a masked array, a matrix, or an array with units: a plain one is not the same.

    Examples
    --------
    >>> import numpy as np
    >>> refuse_other_meaning(np.ones(2), "x")
    >>> refuse_other_meaning(np.ones((1, 1)).view(np.matrix), "x")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    tinygrad_mlp.errors.DataTypeError: x is a matrix, whose operators mean something else than ...
    """
    if type(x) is np.ndarray or not isinstance(x, np.ndarray):
        return
    if isinstance(x, np.ma.MaskedArray):
        raise DataTypeError(f"{name} is a masked array, and the mask would be lost; use .filled()")
    if any(getattr(type(x), name) is not getattr(np.ndarray, name) for name in _OPERATORS):
        raise DataTypeError(
            f"{name} is a {type(x).__name__}, whose operators mean something else than those of "
            "arrays; use np.asarray(x)"
        )
