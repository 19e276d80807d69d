"""Which leaves of a graph are parameters: those that some layer has computed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Iterable

# Weak: that a value was a parameter once keeps it alive no longer.
_parameters: WeakSet[Any] = WeakSet()


def mark_parameters(values: Iterable[Any]) -> None:
    """Note that these Values are what a layer learns.

    >>> import tinygrad_mlp as tg
    >>> w = tg.Value(2.0)
    >>> is_parameter(w)
    False
    >>> mark_parameters([w])
    >>> is_parameter(w)
    True
    """
    _parameters.update(values)


def is_parameter(value: Any) -> bool:
    """Return whether a layer has computed with this Value as one of its parameters."""
    return value in _parameters
