"""How values are copied and pickled: with their graphs, however long.

``Value.__deepcopy__`` uses this too.
"""

from __future__ import annotations

import copyreg
from typing import Any, NamedTuple

from tinygrad_mlp.engine import Array, Value, history, keep, leaf_of, next_number


def reduced(value: Value) -> tuple[Any, ...]:
    """Return how to make a leaf again, or anything else with its whole graph."""
    numbers = value.plain("copying or pickling")
    if value.op is None:
        return _restored_leaf, (numbers, value.grad, value.label, value.scope, value.unrecorded)
    # One flat list, because a million nested values cannot be pickled one in another.
    order = history(value)
    places = {each: place for place, each in enumerate(order)}
    rows: list[Any] = []
    for each in order:
        if each.op is None:
            rows.append(each)
            continue
        args = [places[a] if type(a) is Value else _Constant(a) for a in each.args]
        rest = (each.options, each._numbers, each.slope, each.grad, each.label, each.scope)
        rows.append((each.op, args, *rest))
    return _restored_graph, (rows,)


class _Constant(NamedTuple):
    """A constant among the arguments of a pickled value, where an int is the place of a value."""

    data: Any


def _restored_leaf(
    data: Array, grad: Any, label: str | None, scope: str, unrecorded: str | None = None
) -> Value:
    value = leaf_of(data)  # with a number of its own: births are counted in each process
    value._grad, value.label, value.scope, value.unrecorded = grad, label, scope, unrecorded
    return value


def _restored_graph(rows: list[Any]) -> Value:
    values: list[Value] = []
    for row in rows:
        if type(row) is Value:
            values.append(row)
            continue
        value = Value.__new__(Value)
        value.op, args, value.options, value._numbers, value.slope, *rest = row
        value._grad, value.label, value.scope = rest
        args = tuple(values[a] if isinstance(a, int) else a.data for a in args)
        inputs = [a._numbers if type(a) is Value else a for a in args]
        value.args = keep(args, inputs, value._numbers)
        value.inputs = tuple(inputs)
        value.number = next_number()
        values.append(value)
    return values[-1]


copyreg.pickle(Value, reduced)
