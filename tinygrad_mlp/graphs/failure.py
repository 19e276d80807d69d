"""The graph that an error speaks of, up to the operation that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.group import Group

if TYPE_CHECKING:
    from tinygrad_mlp.errors import TinygradError
    from tinygrad_mlp.graphs.node import Role

#: The role of what failed.
ERROR: Role = "error"
#: Letters of the message that stand below a drawing.
_LONGEST_NOTE = 120


def graph_of_error(error: TinygradError) -> Graph:
    """Return the graph of the Values that an error keeps, with what failed in the role "error".

    An operation that could not be computed is a box of its own, with the shapes that it was given.

    Raises
    ------
    ValueError
        If the error keeps no Values, because it is not about any.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> try:
    ...     tg.exp(tg.Value([[1.0, 2.0]])) @ tg.Value([[3.0, 4.0]])
    ... except tg.ShapeError as error:
    ...     graph = graph_of_error(error)
    >>> [(node.role, node.label) for node in graph][-2:]
    [('input', None), ('error', 'matmul')]
    >>> graph.nodes[-1].lines
    ('x (1, 2)', 'y (1, 2)', 'do not fit together')
    """
    if not error.values:
        raise ValueError(f"this {type(error).__name__} speaks of no Values that could be drawn")
    graph = Graph.of(*error.values)
    ids = {value: id_ for id_, value in graph.values().items()}
    note = str(error).partition(";")[0]
    note = note if len(note) <= _LONGEST_NOTE else f"{note[: _LONGEST_NOTE - 1]}…"
    if error.operation:
        failed = _failed(error, graph)
        return Graph((*graph, failed), (failed.id,), ids=ids, note=note)
    wrong = graph.id_of(error.values[0])
    nodes = (node.replaced(role=ERROR) if node.id == wrong else node for node in graph)
    return Graph(tuple(nodes), graph.outputs, ids=ids, note=note)


def _failed(error: TinygradError, graph: Graph) -> Group:
    """Return the box of an operation that could not be computed."""
    names = [name for name, _ in error.operands]
    width = max(map(len, names))
    lines = [f"{name:{width}} {shape}" for name, shape in error.operands]
    failed = Group(
        f"v{len(graph)}",
        ERROR,
        np.float64("nan"),
        label=error.operation,
        arguments=tuple(graph.id_of(value) for value in error.values),
    )
    failed.members = (failed.id,)
    failed.parameters = 0
    failed.symbols = (error.operation,)
    failed.lines = (*lines, "do not fit together" if len(lines) > 1 else "does not fit")
    return failed
