"""Names for hidden results in a drawing: those that they have in the source of the computation."""

from __future__ import annotations

from contextvars import Context
from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp.graphs.scopes import backward_ids

if TYPE_CHECKING:
    from tinygrad_mlp.core.value import Value
    from tinygrad_mlp.graphs.graph import Graph

#: In a larger graph nobody reads the names, and to find them would take long.
MAXIMUM_NODES = 300
SMALL = 100
MAXIMUM_NUMBERS = 1_000_000


def named(graph: Graph) -> Graph:
    """Return the graph with a label for each hidden result that ``tg.source`` gives a name.

    Where a small graph has one output, and that is a scalar, names are those of
    ``tg.source(output)``, in which the backward pass is written too; else those of
    ``tg.source(output, wrt=())``.  Whether gradients are there plays no part, so a backward pass
    changes no name.  A label that the user gave stays, and so does an output.  A graph that was
    read from a file has no names, and neither has one of an error.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x, W, b = (tg.Value([[1.0]], label=name) for name in "xWb")
    >>> [node.label for node in named(tg.Graph.of(tg.sum(tg.sigmoid(tg.affine(x, W, b)))))]
    ['x', 'W', 'b', 'z', 'a', None]
    """
    values = graph.values()
    numbers = sum(node.value.size for node in graph) if values else 0
    if not values or len(graph) > MAXIMUM_NODES or numbers > MAXIMUM_NUMBERS:
        return graph
    if not values.keys() >= set(graph.outputs):  # what failed has no value
        return graph
    names = _names(graph, [values[output] for output in graph.outputs])
    kept = {*graph.outputs, *backward_ids(graph)}
    nodes = [
        node.replaced(label=names[node.id])
        if node.id in names and node.arguments and not node.label and node.id not in kept
        else node
        for node in graph
    ]
    return graph.with_nodes(nodes)


def _names(graph: Graph, outputs: list[Value]) -> dict[str, str]:
    """Return names by the ids of a graph.

    In a context of its own: neither a scope nor ``no_grad`` around the drawing matters.
    """
    from tinygrad_mlp.programs.writing.result_names import result_names  # here, it is much to load

    output = graph[graph.outputs[0]]
    differentiated = len(outputs) == 1 and output.value.size == 1 and len(graph) <= SMALL
    for gradients in (True, False)[not differentiated :]:
        try:
            with np.errstate(all="ignore"):
                return Context().run(result_names, outputs, gradients=gradients)
        except Exception:  # noqa: BLE001, S112  without a rule, or with data that was changed since
            continue
    return {}
