"""Whose an array is: what a graph has used must not change under it.

The arrays of Values belong to the graph and are read-only from their first use on.  An array that
the caller passed as a constant stays the caller's, so the graph keeps a copy.  Whether somebody
else can reach an array is told by CPython's count of references.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from sys import getrefcount
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy import ndarray

from tinygrad_mlp.errors import GraphError
from tinygrad_mlp.kernels import Array

# The C library of Linux gives free memory back to the system at once, unless a large block was
# freed before; to get it again for the copies and gradients of the next step of a training costs
# more than to fill it.  So we free one that nobody ever touched, which costs nothing.
np.empty(30 * 2**20, np.uint8)


def keep(args: tuple[Any, ...], inputs: list[Array], result: Array) -> tuple[Any, ...]:
    """Make the arrays of a new value read-only; return its arguments with constants copied.

    Of a leaf whose array has views, which stay writeable, the graph keeps a copy too, to compare
    it with.
    """
    for place, argument in enumerate(args):
        x = inputs[place]
        if type(x) is not ndarray:
            continue
        if argument is x:  # a constant
            if x.flags.writeable or x.base is not None:
                x = inputs[place] = locked(x.copy("K"))  # the order decides how BLAS multiplies it
                args = (*args[:place], x, *args[place + 1 :])
        elif argument.op is None:  # else its array is out of reach until someone asks for .data
            if x.flags.writeable:
                others = getrefcount(x) - _ALONE
                x.setflags(False)  # type: ignore[call-arg]  # by name it takes twice as long
                if others > 0 and others > _known(x, inputs, result):
                    argument._numbers = x.view()  # marks it for the graphs to come
            if argument._numbers.base is not None:
                inputs[place] = locked(x.copy("K"))
    return args


def lend(value: Any) -> Array:
    """Return the numbers of a value: those of a leaf to do with as the caller likes.

    An array that a graph has used stays with that graph, unless that is gone, and the leaf goes on
    with a copy.
    """
    data = value._numbers
    if type(data) is not ndarray:
        return data
    if value.op is not None:
        return locked(data)
    if not data.flags.writeable:
        if data.base is None and getrefcount(data) < _ALONE:
            data.setflags(True)  # type: ignore[call-arg]  # by name it takes twice as long
        else:
            data = value._numbers = data.copy("K")
    return data


def owned(array: Array) -> Array:
    """Return an array that nobody else holds: rules may pass one on, or give a view."""
    if type(array) is not ndarray or (array.base is None and array.flags.writeable):
        return array
    return array.copy("K")


def locked(array: Array) -> Array:
    """Return the array itself, read-only from now on."""
    array.setflags(False)  # by name it takes twice as long
    return array


def to_read(array: Array) -> Array:
    """Return the same numbers, which cannot be written to."""
    return locked(array.view()) if type(array) is ndarray else array


def handed(
    who: str,
    what: str,
    function: Callable[..., Any],
    args: Iterable[Any],
    options: Mapping[str, Any],
) -> Any:
    """Call what a user wrote with arrays to read; tell what to do if it writes to one of them."""
    try:
        return function(*args, **options)
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise GraphError(
            f"{who}: the {what} writes to its arguments, whose numbers others still need; "
            "compute into new arrays, or write to x.copy()"
        ) from error


# ----- Counting references -----


def _in_a_list(arrays: list[Array]) -> int:
    x = arrays[0]
    return getrefcount(x)


def _of_an_object(value: Any) -> int:
    data = value._numbers
    return getrefcount(data)


def _of_a_result(arrays: list[Array], result: Array) -> int:
    return _in_a_list(arrays) if arrays[0] is result else 0


def _handed_on(arrays: list[Array], result: Array) -> int:
    return _of_a_result(arrays, result)


def _counts() -> tuple[int, ...]:
    """Return how often an array is found to be referred to, in each way that is counted above."""
    value = SimpleNamespace(_numbers=np.empty(1))
    data = np.empty(1)
    return _in_a_list([np.empty(1)]), _of_an_object(value), _handed_on([data], data)


# How often an array is referred to by one Value, a list of inputs and whoever counts.  An
# interpreter that borrows references counts fewer of them, and a shared array could pass for one
# of our own; there every array counts as shared, and is copied before anybody changes it.
_ALONE: float = 4 if _counts() == (3, 3, 6) else -np.inf


def _known(x: Array, inputs: list[Array], result: Array) -> int:
    """Return how many references to an array this package has besides those of ``_ALONE``."""
    repeats = sum(other is x for other in inputs) - 1
    # A result is also that of those who called.
    return repeats + 3 * (x is result) + (x is result.base)
