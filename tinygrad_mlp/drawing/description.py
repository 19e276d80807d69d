"""A drawing of a graph in two sentences, for who cannot see it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style

if TYPE_CHECKING:
    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node

# Names that are said before the rest is counted.
_NAMED = 8


def described(graph: Graph) -> tuple[str, str]:
    """Return a title, and what goes in, what happens and what comes out.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> y = tg.tanh(x * x)
    >>> y.label = "y"
    >>> described(tg.Graph.of(y))
    ('Computation graph of 3 nodes', 'Inputs: x. Operations: ×, tanh. Outputs: y.')
    """
    counts = Counter(style.symbol(node) for node in graph if node.op)
    said = {
        "Inputs": [_name(node) for node in graph if node.role == "input"],
        "Parameters": [_name(node) for node in graph if node.role == "parameter"],
        "Boxes of many": [_name(node) for node in graph if node.role == "group"],
        "Operations": [f"{n} {symbol}" if n > 1 else symbol for symbol, n in counts.items()],
        "Outputs": [_name(graph[output]) for output in graph.outputs],
    }
    sentences = [f"{what}: {_listed(names)}." for what, names in said.items() if names]
    return f"Computation graph of {len(graph)} nodes", " ".join([*sentences, graph.note]).strip()


def _name(node: Node) -> str:
    return style.readable(node.label or node.id)


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
