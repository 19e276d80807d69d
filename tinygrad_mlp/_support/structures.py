"""Nested lists, tuples and dicts of numbers, such as the parameters of a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

_CONTAINERS = (dict, list, tuple)


def leaves(structure: Any) -> list[Any]:
    """Return what is in a structure, from left to right; None is a structure with nothing in it.

    Examples
    --------
    >>> leaves({"W": [1.0, 2.0], "b": (3.0, None)})
    [1.0, 2.0, 3.0]
    """
    if not isinstance(structure, _CONTAINERS):
        return [] if structure is None else [structure]
    found = []
    for item in structure.values() if isinstance(structure, dict) else structure:
        if isinstance(item, _CONTAINERS):
            found += leaves(item)
        elif item is not None:
            found.append(item)
    return found


def rebuild(structure: Any, new: Iterator[Any]) -> Any:
    """Return a structure of the same form with ``new`` things in it, from left to right.

    Examples
    --------
    >>> rebuild({"W": [1.0, 2.0], "b": (3.0,)}, iter("xyz"))
    {'W': ['x', 'y'], 'b': ('z',)}
    """
    if not isinstance(structure, _CONTAINERS):
        return None if structure is None else next(new)
    if isinstance(structure, dict):
        fields = {key: rebuild(item, new) for key, item in structure.items()}
        return fields if type(structure) is dict else dict_like(structure, fields)
    items = [rebuild(item, new) for item in structure]
    return type(structure)(*items) if hasattr(structure, "_fields") else type(structure)(items)


def dict_like(example: Any, items: dict[Any, Any]) -> Any:
    """Return a dict of the type of an example that has the same keys, with other things in it.

    >>> from collections import defaultdict
    >>> dict_like(defaultdict(list, a=1), {"a": 2})
    defaultdict(<class 'list'>, {'a': 2})
    """
    like = copy(example)
    for key, item in items.items():
        like[key] = item
    return like


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
    if others and any(form_of(other) != form_of(structure) for other in others):
        raise ValueError(
            "structures of one form are wanted; these have other keys, another order of them, or "
            "None in other places"
        )
    return rebuild(structure, (function(*row) for row in zip(*columns, strict=True)))


def form_of(structure: Any) -> Any:
    """Return what is equal for structures whose things are in the same places.

    >>> form_of([1.0, None]) == form_of((2.0, None)), form_of([1.0, None]) == form_of([None, 1.0])
    (True, False)
    """
    if isinstance(structure, dict):
        return tuple((key, form_of(item)) for key, item in structure.items())
    if isinstance(structure, list | tuple):
        return tuple(map(form_of, structure))
    return structure is None
