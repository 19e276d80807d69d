"""How values are copied and pickled: with their graphs, however long."""

from __future__ import annotations

import copyreg
from copy import deepcopy
from typing import Any, NamedTuple

from tinygrad_mlp.core.backward import history
from tinygrad_mlp.core.functions import METHODS
from tinygrad_mlp.core.ownership import keep
from tinygrad_mlp.core.relatives import note_original
from tinygrad_mlp.core.value import Value, filled, leaf_of, new
from tinygrad_mlp.kernels import Array


def reduced(value: Value) -> tuple[Any, ...]:
    """Return how to make a leaf again, or anything else with its whole graph."""
    numbers = value.plain("copying or pickling")
    if value.op is None:
        return _restored_leaf, (numbers, value.grad, value.label, value.scope, value.options)
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


def _restored_leaf(data: Array, grad: Any, label: str | None, scope: str, options: Any) -> Value:
    value = leaf_of(data)  # with a number of its own: births are counted in each process
    value._grad, value.label, value.scope, value.options = grad, label, scope, options
    return value


def _restored_graph(rows: list[Any]) -> Value:
    values: list[Value] = []
    for row in rows:
        if type(row) is Value:
            values.append(row)
            continue
        op, args, options, data, slope, grad, label, scope = row
        args = tuple(values[a] if isinstance(a, int) else a.data for a in args)
        inputs = [a._numbers if type(a) is Value else a for a in args]
        args = keep(args, inputs, data)
        value = filled(new(Value), data, op, args, tuple(inputs), slope, options)
        value._grad, value.label, value.scope = grad, label, scope
        values.append(value)
    return values[-1]


# While a transform differentiates a value, a copy would cut it off, so it is its own copy.


def copied(value: Value) -> Value:
    """Do what ``copy.copy`` does."""
    if value.is_differentiated():
        return value
    make, parts = reduced(value)
    twin: Value = make(*parts)
    return twin


def deep_copied(value: Value, memo: dict[int, Any]) -> Value:
    """Do what ``copy.deepcopy`` does, with leaves of its own."""
    if value.is_differentiated():
        return value
    make, parts = reduced(value)
    twin: Value = make(*deepcopy(parts, memo))
    if value.op is not None:
        for each in history(value):
            if each.op is None and id(each) in memo:
                note_original(memo[id(each)], each)
    return twin


METHODS["copy"] = copied
METHODS["deepcopy"] = deep_copied
copyreg.pickle(Value, reduced)
