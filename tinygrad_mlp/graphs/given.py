"""The graph of what a drawing is asked for: Values, a list of them, or a Graph itself."""

from __future__ import annotations

from tinygrad_mlp.core.value import Value
from tinygrad_mlp.graphs.graph import Graph


def graph_of(function: str, values: object) -> Graph:
    """Return the graph of whatever a function was given.

    Raises
    ------
    TypeError
        If it is anything else, or an empty list.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> graph_of("draw", [tg.Value(1.0), tg.Value(2.0)]).outputs
    ('v0', 'v1')
    """
    if isinstance(values, Graph):
        return values
    if isinstance(values, Value):
        return Graph.of(values)
    wrong = f"got {type(values).__name__}"
    if isinstance(values, tuple | list):
        strangers = [type(value).__name__ for value in values if type(value) is not Value]
        if values and not strangers:
            return Graph.of(*values)
        wrong = f"got a list with {strangers[0]} in it" if strangers else "got none"
    raise TypeError(
        f"{function}: values must be Values, a list of them or one Graph, {wrong}; a network is "
        "drawn by network.draw(), and its graph by its output, network(tg.Value(x))"
    )
