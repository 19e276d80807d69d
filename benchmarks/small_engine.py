"""Scalars that differentiate themselves, in as few lines as teaching needs: a peer to race.

A node keeps its number, what it was made from, and the derivative by each of these, which is
computed on the way forward.  So the way back is one loop of products, the same for every operation.
"""

from __future__ import annotations

from typing import Any


class Value:
    """A number, and where it came from."""

    __slots__ = ("_parents", "_slopes", "data", "grad")

    def __init__(self, data: float, parents: tuple[Any, ...] = (), slopes: tuple[float, ...] = ()):
        self.data = data
        self.grad = 0.0
        self._parents = parents
        self._slopes = slopes

    def __add__(self, other: Any) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    __radd__, __rmul__ = __add__, __mul__

    def relu(self) -> Value:
        """Return the number, or 0 where it is negative."""
        return Value(max(0.0, self.data), (self,), (float(self.data > 0),))

    def backward(self) -> None:
        """Add the derivative of this number by each that it was made from to ``.grad``."""
        order: list[Value] = []
        seen = set()

        def visit(value: Value) -> None:
            if value not in seen:
                seen.add(value)
                for parent in value._parents:
                    visit(parent)
                order.append(value)

        visit(self)
        self.grad = 1.0
        for value in reversed(order):
            for parent, slope in zip(value._parents, value._slopes, strict=True):
                parent.grad += slope * value.grad
