"""What a value stands for: a recorded cotangent for its primal, a copy for its original.

All of this is weak at both ends: it keeps nothing alive.
"""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary, ref

from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import GraphError

# By the number of the primal: y = a + b hands its own cotangent on.
_primals: WeakKeyDictionary[Value, dict[int, ref[Value]]] = WeakKeyDictionary()
_originals: WeakKeyDictionary[Value, ref[Value]] = WeakKeyDictionary()


def note_primal(cotangent: Value, value: Value) -> None:
    """Remember that a recorded cotangent is the gradient of a value."""
    _primals.setdefault(cotangent, {}).setdefault(value.number, ref(value))


def primal_of(cotangent: Value) -> Value | None:
    """Return the value whose gradient a recorded cotangent was first; None for any other value.

    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(2.0, label="x")
    >>> primal_of(tg.grad(x**3, x, create_graph=True))
    Value(2.0, label='x')
    """
    found = _primals.get(cotangent)
    return next(iter(found.values()))() if found else None


def primals_of(cotangent: Value) -> list[Value]:
    """Return all values that are still there and have this gradient.

    >>> import tinygrad_mlp as tg
    >>> a, b = tg.Value(2.0, label="a"), tg.Value(3.0, label="b")
    >>> total = a + b
    >>> primals_of(tg.grad(total, [a, b], create_graph=True)[0])
    [Value(5.0, op='add'), Value(3.0, label='b'), Value(2.0, label='a')]
    """
    found = (reference() for reference in _primals.get(cotangent, {}).values())
    return [value for value in found if value is not None]


def is_cotangent(value: Value) -> bool:
    """Return whether a value was recorded as a gradient, be it of a value that is gone.

    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(2.0)
    >>> is_cotangent(x), is_cotangent(tg.grad(x**3, x, create_graph=True))
    (False, True)
    """
    return value in _primals


def note_original(copied: Value, value: Value) -> None:
    """Remember of which leaf one in the deep copy of a graph is the copy."""
    _originals[copied] = ref(value)


def check_not_copied(outputs: list[Value], order: list[Value], missed: Iterable[Value]) -> None:
    """Raise if an output was made from the deep copy of a leaf instead of the leaf itself."""
    wanted = set(missed).difference(order) if _originals else ()
    for copied in order if wanted else ():
        original = _originals.get(copied)
        value = original() if original is not None else None
        if value is not None and value in wanted:
            raise GraphError(
                f"{outputs[0].described()} was made from a deep copy, which has leaves of its own "
                f"instead of {value.described()}; differentiate by the leaves of the copy, or use "
                "the value itself, which nobody can change"
            ).about(*outputs, value, copied)
