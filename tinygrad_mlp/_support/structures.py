"""Nested lists, tuples and dicts of numbers, such as the parameters of a network.

A class of one's own takes part if it was registered with ``register_tree``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from typing import Any, NamedTuple, TypeVar, overload

_Class = TypeVar("_Class", bound=type)
_CONTAINERS = (dict, list, tuple)


class _Kind(NamedTuple):
    """How a registered class is taken apart and made again."""

    flatten: Callable[[Any], tuple[Iterable[Any], Any]]
    unflatten: Callable[[Any, Iterable[Any]], Any]


_REGISTERED: dict[type, _Kind] = {}


@overload
def register_tree(cls: _Class, flatten: Any = None, unflatten: Any = None) -> _Class: ...
@overload
def register_tree(
    cls: None = None, flatten: Any = None, unflatten: Any = None, *, static: str | Iterable[str]
) -> Callable[[_Class], _Class]: ...
@overload
def register_tree(
    cls: _Class, flatten: Any = None, unflatten: Any = None, *, static: str | Iterable[str]
) -> _Class: ...
def register_tree(
    cls: Any = None, flatten: Any = None, unflatten: Any = None, *, static: str | Iterable[str] = ()
) -> Any:
    """Let objects of a class be taken apart wherever lists, tuples and dicts are.

    Parameters
    ----------
    cls : type
        A dataclass; another class with ``flatten`` and ``unflatten``.  Classes derived from it are
        registered on their own.
    flatten : callable, optional
        Takes an object; returns what is in it, a list, and the rest, which says what else belongs
        to the object.  The rest can be compared, and for ``compile`` it has a hash.
    unflatten : callable, optional
        Takes the rest and the list, with other things in the same places; returns an object.
    static : str or iterable of str
        Fields of a dataclass that belong to the rest, such as a name or a size.

    Returns
    -------
    type
        The class itself, so this may stand above it as a decorator.

    Raises
    ------
    TypeError
        If the class is no dataclass and does not come with both functions, or is one of Python's.
    ValueError
        If ``static`` names what is no field.

    Notes
    -----
    A dataclass is made anew by calling it, so its ``__post_init__`` runs, and must bear Values in
    the place of arrays.  The functions are those of ``jax.tree_util.register_pytree_node``.

    Examples
    --------
    >>> import dataclasses
    >>> import tinygrad_mlp as tg
    >>> @tg.register_tree
    ... @dataclasses.dataclass
    ... class Line:
    ...     slope: float
    ...     start: float
    >>> tg.grad(lambda line: line.slope * 3.0 + line.start)(Line(2.0, 5.0))
    Line(slope=np.float64(3.0), start=np.float64(1.0))
    """
    names = (static,) if isinstance(static, str) else tuple(static)
    if cls is None:
        return lambda decorated: register_tree(decorated, flatten, unflatten, static=names)
    if not isinstance(cls, type):
        raise TypeError(f"register_tree: cls must be a class, got {type(cls).__name__} {cls!r:.80}")
    if cls.__module__ in ("builtins", "numpy"):
        raise TypeError(
            f"register_tree: cls must be a class of your own, got {cls.__name__}, whose meaning is "
            "known; derive a class from it"
        )
    if flatten is None and unflatten is None:
        _REGISTERED[cls] = _fields_of(cls, names)
    elif callable(flatten) and callable(unflatten) and not names:
        _REGISTERED[cls] = _Kind(flatten, unflatten)
    else:
        raise TypeError(
            "register_tree: flatten and unflatten must be two functions, and then there is no "
            f"static; got {flatten!r:.40}, {unflatten!r:.40} and static={names!r:.40}"
        )
    return cls


def _fields_of(cls: type, static: tuple[str, ...]) -> _Kind:
    """Return how a dataclass is taken apart into its fields and made again."""
    from dataclasses import fields, is_dataclass  # here, because it is slow to import

    if not is_dataclass(cls):
        raise TypeError(
            f"register_tree: {cls.__name__} is no dataclass, so give flatten(x), which returns the "
            "list of what is in it and the rest, and unflatten(rest, list)"
        )
    names = [field.name for field in fields(cls) if field.init]
    for name in static:
        if name not in names:
            raise ValueError(
                f"register_tree: static names {name!r}, but the fields of {cls.__name__} that it "
                f"is made with are {', '.join(names)}"
            )
    inside = [name for name in names if name not in static]

    def flatten(x: Any) -> tuple[list[Any], Any]:
        return [getattr(x, name) for name in inside], tuple(getattr(x, name) for name in static)

    def unflatten(rest: Any, items: Iterable[Any]) -> Any:
        return cls(**dict(zip(inside, items, strict=True)), **dict(zip(static, rest, strict=True)))

    return _Kind(flatten, unflatten)


# ----- Taking apart, and making again -----


def is_container(x: Any) -> bool:
    """Return whether something is taken apart, and is no thing itself.

    >>> is_container([]), is_container(None), is_container(1.0)
    (True, False, False)
    """
    return isinstance(x, _CONTAINERS) or type(x) in _REGISTERED


def is_registered(x: Any) -> bool:
    """Return whether something is of a class that was registered.

    >>> is_registered([])
    False
    """
    return type(x) in _REGISTERED


def _items(container: Any) -> Iterable[Any]:
    """Return what is in a container, from left to right."""
    kind = _REGISTERED.get(type(container))
    if kind is not None:
        return kind.flatten(container)[0]
    return container.values() if isinstance(container, dict) else container


def taken_apart(container: Any) -> tuple[list[Any], Any]:
    """Return what is in a container, from left to right, and what else tells it from others.

    >>> taken_apart({"W": 1.0, "b": 2.0})
    ([1.0, 2.0], ('W', 'b'))
    """
    kind = _REGISTERED.get(type(container))
    if kind is not None:
        items, rest = kind.flatten(container)
        return list(items), (type(container), rest)
    return list(_items(container)), tuple(container) if isinstance(container, dict) else ()


def leaves(structure: Any) -> list[Any]:
    """Return what is in a structure, from left to right; None is a structure with nothing in it.

    Examples
    --------
    >>> leaves({"W": [1.0, 2.0], "b": (3.0, None)})
    [1.0, 2.0, 3.0]
    """
    if not (isinstance(structure, _CONTAINERS) or type(structure) in _REGISTERED):
        return [] if structure is None else [structure]
    found = []
    for item in _items(structure):
        if isinstance(item, _CONTAINERS) or type(item) in _REGISTERED:  # without a call for each
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
    own = _REGISTERED.get(type(structure))
    if own is None and not isinstance(structure, _CONTAINERS):
        return None if structure is None else next(new)
    if own is None and isinstance(structure, dict):
        fields = {key: rebuild(item, new) for key, item in structure.items()}
        return fields if type(structure) is dict else dict_like(structure, fields)
    items = [rebuild(item, new) for item in _items(structure)]
    if own is not None:
        return own.unflatten(own.flatten(structure)[1], items)
    named = hasattr(structure, "_fields")  # a named tuple
    return type(structure)(*items) if named else type(structure)(items)


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
    if not is_container(structure):
        return structure is None
    items, rest = taken_apart(structure)
    return rest, tuple(map(form_of, items))


def parts_at(structure: Any, other: Any) -> list[Any]:
    """Return what stands in another structure in the places of the leaves of this one.

    Raises
    ------
    ValueError
        If the other has not the containers of this one, with as much in them.

    Examples
    --------
    >>> parts_at({"a": 1.0, "b": (2.0, None)}, {"a": [5, 6], "b": (7, None)})
    [[5, 6], 7]
    """
    if structure is None:
        if other is not None:
            raise ValueError(f"None is wanted where {other!r:.80} stands")
        return []
    if not is_container(structure):
        return [other]
    items, rest = taken_apart(structure)
    others, of_others = taken_apart(other) if is_container(other) else ([], None)
    if of_others != rest or len(others) != len(items):
        raise ValueError(
            f"{type(structure).__name__} with {len(items)} things is wanted where "
            f"{type(other).__name__} {other!r:.80} stands"
        )
    return [x for pair in zip(items, others, strict=True) for x in parts_at(*pair)]
