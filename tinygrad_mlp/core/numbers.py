"""What counts as numbers: everything that comes in becomes a floating-point array or scalar."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import float64

from tinygrad_mlp._support.arguments import refuse_other_meaning
from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.core.operators import Operators
from tinygrad_mlp.errors import DataTypeError

_FLOAT64 = np.dtype(float64)
_LISTS = (list, tuple)
#: What to do with a dataclass where numbers, or lists, tuples and dicts of them, are wanted.
AS_TUPLE = (
    "; a dataclass is taken by transforms and compile after tg.register_tree(its class), and "
    "anywhere as the tuple of its fields, dataclasses.astuple(...)"
)


def is_dataclass(x: Any) -> bool:
    """Return whether something is an instance of a dataclass, without the slow import.

    >>> is_dataclass(1.0)
    False
    """
    return hasattr(type(x), "__dataclass_fields__")


def as_numbers(data: Any, name: str, *, copy: bool = False, keep_bool: bool = False) -> Any:
    """Return ``data`` as a floating-point array, or as a NumPy scalar if it has no axes.

    Parameters
    ----------
    data : array_like
        Real numbers: Python's, NumPy's, nested lists of them, or anything with ``__array__``.
    name : str
        What to call it in an error message.
    copy : bool
        The result shares no memory with ``data``.
    keep_bool : bool
        Leave bools as they are, as a mask that is multiplied with.

    Raises
    ------
    DataTypeError
        If it is not made of real numbers.
    """
    if type(data) is np.ndarray and data.dtype is _FLOAT64 and data.ndim:  # nothing to be told
        return data.copy("K") if copy else data
    if isinstance(data, Operators):
        raise DataTypeError(
            f"{name} is already a Value, {data.described()}; take its numbers with .data"
        )
    refuse_other_meaning(data, name)
    if is_dataclass(data):
        raise DataTypeError(f"{name} must be made of real numbers, got {data!r:.80}{AS_TUPLE}")
    if isinstance(data, int) and not isinstance(data, bool):
        try:
            return float64(data)
        except OverflowError:
            raise OverflowError(f"{name} is an int too large for a float") from None
    if isinstance(data, str | bytes) or data is None:
        raise DataTypeError(f"{name} must be made of real numbers, got {data!r:.80}")
    try:
        array = np.array(data, copy=True if copy else None, subok=False)
    except (ValueError, TypeError):
        raise DataTypeError(
            f"{name} must be numbers or a table of numbers with rows of one length "
            f"(tg.array joins Values), got {type(data).__name__} {data!r:.80}"
        ) from None
    kind = array.dtype.kind
    if kind in "iu" or (kind == "b" and not keep_bool):
        array = array.astype(float64)
    elif kind not in "fb":
        what = _wrong_column(data, array)
        if not what:
            what = "complex numbers" if kind == "c" else f"dtype {array.dtype}"
            what += _one_of(data, array)
        raise DataTypeError(f"{name} must be made of real numbers, got {what}")
    elif not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return array if array.ndim else array[()]


_REAL = (int, float, np.bool_, np.integer, np.floating)


def _one_of(data: Any, array: Any) -> str:
    """Return the data for a message, or of an array, whose text has several lines, one item."""
    if isinstance(data, list | tuple) or not (array.ndim and array.size):
        return f": {data!r:.80}"
    item = next((x for x in array.flat if not isinstance(x, _REAL)), None)
    return f", such as {item.item() if isinstance(item, np.generic) else item!r:.40}"


def _wrong_column(data: Any, array: Any) -> str:
    """Return what a table with named columns, such as a DataFrame, holds instead of numbers."""
    if array.ndim != 2 or not hasattr(data, "columns"):
        return ""
    for column, items in zip(data.columns, array.T, strict=True):
        for row, item in enumerate(items):
            if not isinstance(item, _REAL):
                return f"{type(item).__name__} {item!r:.40} in row {row} of the column {column!r}"
    return "a table whose columns are of different kinds; .astype(float) makes them one"


def holds_values(x: Any) -> bool:
    """Return whether something is a list or tuple with a Value in it, or in a list in it.

    >>> import tinygrad_mlp as tg
    >>> holds_values([[0.0], [tg.Value(1.0)]]), holds_values(tg.Value([1.0]))
    (True, False)
    """
    if not isinstance(x, _LISTS):
        return False
    kinds = set(map(type, x))  # few, also of a long list of numbers
    if any(issubclass(kind, Operators) for kind in kinds):
        return True
    return any(issubclass(kind, _LISTS) for kind in kinds) and any(map(holds_values, x))


def joined(x: Any) -> Any:
    """Return a list that holds Values as one Value, and everything else as it is.

    >>> import tinygrad_mlp as tg
    >>> joined([tg.Value(1.0), 2.0]), joined([1.0, 2.0])
    (Value([1., 2.], shape=(2,), op='stack'), [1.0, 2.0])
    """
    return FUNCTIONS["array"](x) if holds_values(x) else x


def as_operand(x: Any, name: str, *, weak: bool = False) -> Any:
    """Return a Value as it is, a list that holds Values as one, and anything else as numbers.

    For functions that look at a shape or a type before a row takes what they got.  A number of
    Python's stays one if it is ``weak``, and does not widen float32.

    >>> as_operand([1, 2], "f: x"), as_operand(1, "f: x", weak=True)
    (array([1., 2.]), 1.0)
    """
    x = joined(x)
    if isinstance(x, Operators):
        return x
    return as_constant(x, name, keep_bool=False) if weak else as_numbers(x, name)


def of_one_type(*operands: Any) -> list[Any]:
    """Return operands, of which Python's numbers are NumPy's of the type of the others.

    For functions that compute with each of them before they meet.

    >>> of_one_type(np.float32(1.0), 2.0), of_one_type(2.0)
    ([np.float32(1.0), np.float32(2.0)], [np.float64(2.0)])
    """
    types = [x.dtype for x in operands if type(x) is not float]
    dtype = np.result_type(*types) if types else _FLOAT64
    return [dtype.type(x) if type(x) is float else x for x in operands]


def as_constant(argument: Any, name: str, *, keep_bool: bool) -> Any:
    """Return a constant as numbers; one of Python's stays so, for it does not widen float32."""
    numbers = as_numbers(argument, name, keep_bool=keep_bool)
    weak = isinstance(argument, int | float) and not isinstance(argument, np.generic)
    return float(numbers) if weak and numbers.dtype.kind == "f" else numbers


def as_constants(row: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the arguments of a row with all that are no Values as numbers.

    A list of Values becomes one Value, as a list of numbers becomes one array.
    """
    args = tuple(map(joined, args))
    is_value = [isinstance(argument, Operators) for argument in args]
    return tuple(
        argument
        if known
        else as_constant(
            argument,
            f"{row.name}: argument {name}",
            keep_bool=name == "condition" if row.selects else any(is_value),
        )
        for argument, known, name in zip(args, is_value, row.names(len(args)), strict=True)
    )
