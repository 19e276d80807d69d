"""One number of a tensor, as a leaf in the graph of single numbers."""

from __future__ import annotations

from operator import index as as_int
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp.errors import GraphError
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.zoom.expansion import expand
from tinygrad_mlp.ops.joining import pieces
from tinygrad_mlp.teaching.edges import named_graph

if TYPE_CHECKING:
    from tinygrad_mlp.core.value import Value

#: Single numbers that a graph may have; more rows than that nobody reads.
LIMIT = 100_000


def single_number(output: Value, value: Value, index: Any) -> tuple[Value, Value, tuple[int, ...]]:
    """Return ``output`` of single numbers, the one of ``value`` as a leaf, and its index.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> w = tg.Value([3.0, 4.0], label="w")
    >>> single_number(tg.sum(w * w), w, 1)
    (Value(25.0, op='add'), Value(4.0, label='w[1]'), (1,))
    """
    place = _checked(value, index)
    graph = _cut(named_graph(output, value), output, value)
    try:
        expanded = expand(graph, limit=LIMIT)
    except GraphError as error:
        raise GraphError(
            "why: index asks for a graph of single numbers, at most "
            f"{LIMIT:,} of them, and this one is too large or has an op without a scalar formula; "
            "take fewer rows, or ask about the whole tensor, without index"
        ) from error
    found = expanded.values()
    parts = pieces(found[expanded.outputs[1]])
    number = int(np.ravel_multi_index(place, value.shape)) if place else 0
    return found[expanded.outputs[0]], parts[number], place


def _checked(value: Value, index: Any) -> tuple[int, ...]:
    """Return an index of one number, counted from the start of each axis."""
    given = index if isinstance(index, tuple | list) else (index,)
    try:
        places = [as_int(x) for x in given]
    except TypeError:
        raise TypeError(f"why: index must be ints, one for each axis, got {index!r:.80}") from None
    wrong = len(places) != value.ndim or any(
        not -length <= place < length for place, length in zip(places, value.shape, strict=False)
    )
    if wrong:
        raise IndexError(
            f"why: index {index!r:.80} is no place in {value.described()}; give one int for each "
            "axis, smaller than its length"
        )
    return tuple(place % length for place, length in zip(places, value.shape, strict=True))


def _cut(graph: Graph, output: Value, value: Value) -> Graph:
    """Return the graph from a value up, as a leaf, to the output; both are outputs of it."""
    id_, top = graph.id_of(value), graph.id_of(output)
    kept = {id_, top}
    nodes = []
    for node in reversed(graph.nodes):
        if node.id == id_:
            role = node.role if node.role == "parameter" else "input"
            label = node.label or node.id
            made: dict[str, Any] = {"op": None, "symbol": None, "row": None, "options": {}}
            made |= {"arguments": (), "argument_names": ()}
            node = node.replaced(role=role, label=label, **made)
        if node.id in kept:
            kept.update(node.arguments)
            nodes.append(node)
    return Graph(tuple(reversed(nodes)), (top, id_))
