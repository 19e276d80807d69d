"""Single steps on tables of scalars: one class makes scalars, the other only counts them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp.core.record import OPS
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.graphs.node import mark_parameters
from tinygrad_mlp.ops.indexing import getitem
from tinygrad_mlp.ops.joining import assembled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tinygrad_mlp.core.record import Op
    from tinygrad_mlp.graphs.node import Node

#: An array of objects: scalar Values, and numbers where nothing is recorded.
Elements = Any


class Steps:
    """What the scalar formulas are written in; this one makes scalar Values."""

    def made(self, parts: Iterable[Any], shape: tuple[int, ...], steps: int = 1) -> Elements:
        """Return a table of new parts, which are made as it asks, in so many steps each."""
        return table_of(parts, shape)

    def each(self, op: Op, *arrays: Any, **options: Any) -> Elements:
        """Return ``op`` of the elements in each place; the arrays broadcast."""
        tables = [box(array) for array in arrays]
        stretched = np.broadcast_arrays(*tables)
        rows = zip(*(table.flat for table in stretched), strict=True)
        return self.made((op(*row, **options) for row in rows), stretched[0].shape)

    def fold(self, op: Op, x: Elements, axis: Any = None, keepdims: bool = False) -> Elements:
        """Return ``op`` of the first two elements over axes, then of that and the third, ..."""
        axes = _axes(x, axis)
        rest = [a for a in range(x.ndim) if a not in axes]
        lengths = tuple(x.shape[a] for a in rest)
        count = math.prod(x.shape[a] for a in axes)
        rows = np.transpose(x, (*rest, *axes)).reshape((*lengths, count))
        if count:
            total = self.made(self._folded(op, rows), lengths, count - 1)
        else:
            neutral = float(getattr(np, op.name).identity)
            total = table_of([neutral] * math.prod(lengths), lengths)
        return np.expand_dims(total, axes) if keepdims else total

    def _folded(self, op: Op, rows: Elements) -> Iterator[Any]:
        total = rows[..., 0]
        for place in range(1, rows.shape[-1]):
            total = self.each(op, total, rows[..., place])
        yield from total.flat

    def leaves(self, node: Node) -> Elements:
        """Return a leaf for each number of a leaf."""
        names = names_of(node)
        places = np.ndindex(node.shape)
        parts = (_leaf(node, node.value[place], names(place)) for place in places)
        return self.made(parts, node.shape)

    def keep(self, node: Node, parts: list[Any]) -> Any:
        """Return a tensor as it is, made of other tensors."""
        if node.op is None:
            return _leaf(node, node.value, node.label)
        return _named((node.row or OPS[node.op])(*parts, **node.options), node.label)

    def apart(self, node: Node, tensor: Any) -> Elements:
        """Return the elements of a tensor."""
        names = names_of(node)
        parts = (_named(getitem(tensor, place), names(place)) for place in np.ndindex(node.shape))
        return self.made(parts, node.shape)

    def together(self, node: Node, parts: Elements) -> Any:
        """Return elements as a tensor."""
        if not parts.size:
            return node.value
        scalars = [x if type(x) is Value else node.dtype.type(x) for x in parts.flat]
        return _named(assembled(scalars, node.shape), node.label)

    def named(self, node: Node, table: Elements) -> Elements:
        """Give the elements of a result their names, unless they have others."""
        names = names_of(node)
        for place in np.ndindex(node.shape):
            if type(table[place]) is Value and table[place].op is not None:
                _named(table[place], table[place].label or names(place))
        return table

    def agree(self, table: Elements, value: Any) -> bool:
        """Return whether a table holds the numbers of an array."""
        if table.shape != value.shape:
            return False
        found, wanted = self.numbers(table), np.asarray(value)
        near = math.sqrt(np.finfo(wanted.dtype).eps) if wanted.dtype.kind == "f" else 0.0
        return np.allclose(found, wanted, rtol=near, atol=0.0, equal_nan=True)

    def numbers(self, x: Elements) -> Any:
        """Return the numbers in a table, to look at and not to differentiate."""
        numbers = [part.numpy() if type(part) is Value else part for part in x.flat]
        return np.array(numbers).reshape(x.shape)

    def is_constant_zero(self, x: Elements) -> Any:
        """Return where a table holds the number 0 that is not a Value."""
        zero = [type(part) is not Value and part == 0 for part in x.flat]
        return np.array(zero, dtype=bool).reshape(x.shape)


class Count(Steps):
    """Counts the steps and makes none: its tables hold zeros and take no memory."""

    def __init__(self) -> None:
        self.total = 0

    def made(self, parts: Iterable[Any], shape: tuple[int, ...], steps: int = 1) -> Elements:
        """Count the steps, and never ask for the parts."""
        self.total += steps * math.prod(shape)
        return nothing(shape)

    def keep(self, node: Node, parts: Any) -> Any:
        """Count one tensor."""
        self.total += 1

    together = keep

    def named(self, node: Node, table: Elements) -> Elements:
        """Name nothing."""
        return table

    def agree(self, table: Elements, value: Any) -> bool:
        """Return True: there is nothing to compare."""
        return True


def nothing(shape: tuple[int, ...]) -> Elements:
    """Return a table of zeros, which all share one place in memory."""
    return np.broadcast_to(np.array(0, dtype=object), shape)


def table_of(parts: Iterable[Any], shape: tuple[int, ...]) -> Elements:
    """Return a table of things; NumPy would look into them."""
    table = np.empty(math.prod(shape), dtype=object)
    for place, part in enumerate(parts):
        table[place] = part
    return table.reshape(shape)


def box(array: Any) -> Elements:
    """Return numbers, a Value or a table as a table."""
    if type(array) in (Value, float):  # a Python float takes the precision of its neighbour
        return table_of([array], ())
    array = np.asarray(array)
    return array if array.dtype == object else table_of(array.flat, array.shape)


def names_of(node: Node) -> Callable[[tuple[int, ...]], str | None]:
    """Return a function that tells the name of the element in a place, such as ``W[0,1]``."""
    if not node.label or not node.shape:
        return lambda place: node.label
    return lambda place: f"{node.label}[{','.join(map(str, place))}]"


def _leaf(node: Node, numbers: Any, label: str | None) -> Value:
    """Return a new leaf, which is a parameter where the old one was."""
    leaf = Value(numbers, label)
    if node.role == "parameter":
        mark_parameters([leaf])
    return leaf


def _named(value: Any, label: str | None) -> Any:
    if type(value) is Value:
        value.label = label
    return value


def _axes(x: Elements, axis: Any) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(x.ndim))
    return tuple(a % x.ndim for a in (axis if isinstance(axis, tuple) else (axis,)))
