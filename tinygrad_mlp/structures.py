"""Nested lists, tuples and dicts of numbers, such as the parameters of a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def leaves(structure: Any) -> list[Any]:
    """Return what is in a structure, from left to right.

    Examples
    --------
    >>> leaves({"W": [1.0, 2.0], "b": (3.0, None)})
    [1.0, 2.0, 3.0, None]
    """
    if isinstance(structure, dict):
        return [leaf for item in structure.values() for leaf in leaves(item)]
    if isinstance(structure, list | tuple):
        return [leaf for item in structure for leaf in leaves(item)]
    return [structure]


def rebuild(structure: Any, new: Iterator[Any]) -> Any:
    """Return a structure of the same form with ``new`` things in it, from left to right.

    Examples
    --------
    >>> rebuild({"W": [1.0, 2.0], "b": (3.0,)}, iter("xyz"))
    {'W': ['x', 'y'], 'b': ('z',)}
    """
    if isinstance(structure, dict):
        return {key: rebuild(item, new) for key, item in structure.items()}
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*(rebuild(item, new) for item in structure))
    if isinstance(structure, list | tuple):
        return type(structure)(rebuild(item, new) for item in structure)
    return next(new)


def mapped(function: Callable[..., Any], structure: Any, *others: Any) -> Any:
    """Return a structure with ``function`` of the things in the same place of each.

    Raises
    ------
    ValueError
        If they have not the same form.

    Examples
    --------
    >>> mapped(lambda x, y: x + y, [1, (2,)], [10, (20,)])
    [11, (22,)]
    """
    columns = [leaves(tree) for tree in (structure, *others)]
    if len({len(column) for column in columns}) > 1:
        counts = ", ".join(str(len(column)) for column in columns)
        raise ValueError(f"structures of one form are wanted, these hold {counts} things")
    return rebuild(structure, (function(*row) for row in zip(*columns, strict=True)))
