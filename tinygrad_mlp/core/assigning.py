"""What may be assigned to the data and the gradient of a Value, and what then stands there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.core.operators import Operators
from tinygrad_mlp.errors import GraphError, ShapeError


def assigned_data(value: Any, new: Any) -> Any:
    """Return the array that a leaf has after ``value.data = new``."""
    value.check_writable(".data =")
    if value.op is not None:
        raise GraphError(
            f"Value.data: {value.described()} was computed, and its gradient needs that number; "
            "assign to the data of what it was computed from, or make a new Value"
        ).about(value)
    if new is value._numbers:  # what ``value.data -= step`` assigns after changing it in place
        return new
    numbers = as_numbers(new, "Value.data", copy=True)
    if numbers.shape != value.shape:
        raise ShapeError(
            f"Value.data: {value.described()} keeps its shape, got shape {numbers.shape}; "
            "make a new Value for another shape"
        ).about(value)
    return numbers.astype(value.dtype, copy=False)


def assigned_gradient(value: Any, new: Any) -> Any:
    """Return the gradient that a value has after ``value.grad = new``."""
    value.check_writable(".grad =")
    if new is None or new is value._grad:  # the latter is what ``value.grad *= 2`` assigns
        return new
    if not isinstance(new, Operators):  # a recorded gradient stays one
        numbers = as_numbers(new, "Value.grad", copy=True).astype(value.dtype, copy=False)
        is_zero = not numbers.shape and numbers == 0
        new = np.zeros_like(value._numbers)[()] if is_zero else numbers
    if new.shape != value.shape:
        raise ShapeError(
            f"Value.grad: the gradient of {value.described()} has its shape, or is 0 or None, "
            f"got shape {new.shape}"
        ).about(value)
    return new


def zero_grad(*values: Any) -> None:
    """Set ``.grad`` of Values, or of every Value in lists of them, back to None.

    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(2.0)
    >>> (x * x).backward()
    >>> tg.zero_grad(x)
    >>> x.grad is None
    True
    """
    flat: list[Any] = []
    for item in values:
        flat += item if isinstance(item, Iterable) and not isinstance(item, Operators) else [item]
    for value in flat:
        if not isinstance(value, Operators):
            raise TypeError(f"zero_grad: wanted Values, got {type(value).__name__}")
        value.check_writable("zero_grad")
    for value in flat:
        value._grad = None
