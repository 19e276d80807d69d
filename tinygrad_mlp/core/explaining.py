"""What went wrong in a call, in words of the row and not of NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.core.context import line_of
from tinygrad_mlp.core.op import Row
from tinygrad_mlp.errors import ShapeError, TinygradError


def refused(row: Row, error: Exception, args: Any, inputs: Any) -> Exception:
    """Return the error of ``prepare`` with the values that it speaks of."""
    said = str(error).removeprefix(f"{row.name}: ")
    got = told(row.names(len(args)), args, inputs)
    return _about(row, type(error)(f"{row.name}: {said}; called with {got}"), args)


def explained(
    row: Row, error: Exception, args: Any, inputs: Any, options: Mapping[str, Any]
) -> Exception:
    """Return the error that tells a reader of the op, not of NumPy, what went wrong."""
    if isinstance(error, TinygradError):
        return _about(row, error, args)
    got = told(row.names(len(args)), args, inputs)
    if isinstance(error, np.linalg.LinAlgError):  # not the shapes: the numbers
        return np.linalg.LinAlgError(f"{row.name}: {error}; got {got}")
    if len(args) > 1:
        wanted = _of_broadcasting([np.shape(x) for x in inputs]) if row.elementwise else ""
        wrong = ShapeError(f"{row.name}: {got} do not fit together; wanted {wanted or row.shapes}")
        return _about(row, wrong, args)
    kind = next((k for k in (IndexError, TypeError) if isinstance(error, k)), ShapeError)
    extra = "".join(f", {name} = {value!r}" for name, value in options.items())
    return _about(row, kind(f"{row.name}: {error}; got {got}{extra}"), args)


def _of_broadcasting(shapes: Sequence[tuple[int, ...]]) -> str:
    """Return what broadcasting asks for, and where it fails; empty if it does not.

    >>> _of_broadcasting([(4, 2), (3,)])
    'lengths that are equal or 1, counted from the right; those of axis -1 are 2 and 3'
    """
    for axis in range(-1, -1 - max(map(len, shapes)), -1):
        lengths = [shape[axis] for shape in shapes if len(shape) >= -axis and shape[axis] != 1]
        if len(set(lengths)) > 1:
            here = " and ".join(str(length) for length in dict.fromkeys(lengths))
            told = "lengths that are equal or 1, counted from the right"
            return f"{told}; those of axis {axis} are {here}"
    return ""


def _about(row: Row, error: Exception, args: Any) -> Exception:
    """Return the error, about the call of a row if it is of this package."""
    if not isinstance(error, TinygradError):
        return error
    return about_call(error, row.name, row.names(len(args)), args)


def about_call(
    error: TinygradError, operation: str, names: Sequence[str], args: Sequence[Any]
) -> TinygradError:
    """Return an error, which now keeps what could not be called, its Values and all shapes."""
    error.about(*(argument for argument in args if hasattr(argument, "op")))
    error.operation = operation
    error.operands = tuple(zip(names, map(np.shape, args), strict=True))
    return error


def told(names: Sequence[str], args: Sequence[Any], inputs: Sequence[Any]) -> str:
    """Describe arguments for a message: their names, shapes, labels and lines."""
    parts = []
    for name, argument, x in zip(names, args, inputs, strict=True):
        label, op = getattr(argument, "label", None), getattr(argument, "op", None)
        about = f" (label {label!r:.80})" if label else f" made by {op.name}" if op else ""
        line = line_of(argument) if hasattr(argument, "op") else ""
        parts.append(f"{name} of shape {np.shape(x)}{about}{line}")
    return ", ".join(parts)
