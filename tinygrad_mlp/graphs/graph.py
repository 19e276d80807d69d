"""A recorded graph as plain data: nodes in order, with ids that are the same in every process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.display import mimebundle
from tinygrad_mlp.core.backward import history
from tinygrad_mlp.core.relatives import primal_of
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.graphs import saved
from tinygrad_mlp.graphs.node import Node, is_parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tinygrad_mlp.graphs.node import Role

__all__ = ["Graph", "Node"]

_NO_IDS: Mapping[Value, str] = {}


class Graph:
    """What some Values were made from, for everything that reads graphs and computes nothing.

    Make one with ``Graph.of`` or ``Graph.from_json``.  Nodes stand after the nodes that they
    were made from.

    Attributes
    ----------
    nodes : tuple of Node
        All nodes; a constant stands just before the node that uses it.
    outputs : tuple of str
        Ids of the Values that were asked for.
    note : str
        What a drawing says below itself, such as how much of a graph was folded.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> graph = Graph.of(x * x + 1.0)
    >>> [(node.id, node.role, node.op, node.arguments) for node in graph]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('v0', 'input', None, ()), ('v1', 'operation', 'multiply', ('v0', 'v0')),
     ('v2', 'constant', None, ()), ('v3', 'operation', 'add', ('v1', 'v2'))]
    >>> graph["v0"].label, graph.outputs
    ('x', ('v3',))
    """

    __slots__ = ("_ids", "_places", "nodes", "note", "outputs")

    def __init__(
        self,
        nodes: tuple[Node, ...],
        outputs: tuple[str, ...],
        *,
        ids: Mapping[Value, str] = _NO_IDS,
        note: str = "",
    ) -> None:
        self.nodes = nodes
        self.outputs = outputs
        self.note = note
        self._ids = ids
        self._places = {node.id: place for place, node in enumerate(nodes)}

    @classmethod
    def of(cls, *values: Value, parameters: Iterable[Value] = ()) -> Graph:
        """Return the graph of everything that the values were made from.

        Parameters
        ----------
        *values : Value
            The outputs of the graph, one or more, of any shapes.
        parameters : iterable of Values
            Leaves that are learned, besides those that layers have computed with.

        Returns
        -------
        Graph
            A picture of this moment, except that arrays changed in place change in it too.

        Raises
        ------
        TypeError
            If there is no value, or one that is not a Value.
        """
        if not values:
            raise TypeError("Graph.of: wanted one or more Values, got none")
        for position, value in enumerate(values):
            if type(value) is not Value:
                raise TypeError(
                    f"Graph.of: argument {position} is of type {type(value).__name__}, wanted a "
                    "Value, such as network(tg.Value(x)); write Graph.of(*values) for a list"
                )
        learned = set(parameters)
        nodes: list[Node] = []
        ids: dict[Value, str] = {}
        for value in history(*values):
            arguments = []
            for argument in value.args:
                if type(argument) is Value:
                    arguments.append(ids[argument])
                else:
                    weak = not hasattr(argument, "shape")
                    constant = np.float64(argument) if weak else argument
                    node = Node(
                        f"v{len(nodes)}", "constant", constant, scope=value.scope, weak=weak
                    )
                    nodes.append(node)
                    arguments.append(node.id)
            ids[value] = f"v{len(nodes)}"
            nodes.append(_node(value, ids, tuple(arguments), learned))
        return cls(tuple(nodes), tuple(ids[value] for value in values), ids=ids)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def __contains__(self, value: object) -> bool:
        return value in self._ids

    def __getitem__(self, id: str) -> Node:  # noqa: A002  the name of Node's field
        try:
            return self.nodes[self._places[id]]
        except KeyError:
            raise KeyError(
                f"no node {id!r} in this graph; ids are 'v0' to 'v{len(self) - 1}'"
            ) from None

    _repr_mimebundle_ = mimebundle

    def __repr__(self) -> str:
        return f"<Graph of {len(self)} nodes, outputs {', '.join(self.outputs)}>"

    def values(self) -> dict[str, Value]:
        """Return the Values of this graph by id; constants are none.

        >>> import tinygrad_mlp as tg
        >>> Graph.of(tg.Value(3.0, label="x") * 2.0).values()["v0"]
        Value(3.0, label='x')
        """
        return {id_: value for value, id_ in self._ids.items()}

    def id_of(self, value: Value) -> str:
        """Return the id of a Value of this graph.

        >>> import tinygrad_mlp as tg
        >>> x = tg.Value(3.0)
        >>> Graph.of(2.0 * x).id_of(x)
        'v0'
        """
        try:
            return self._ids[value]
        except KeyError:
            raise KeyError(f"this graph does not hold {value!r}") from None

    def with_nodes(self, nodes: Iterable[Node]) -> Graph:
        """Return a graph of the same Values, outputs and note whose nodes tell something else.

        >>> import tinygrad_mlp as tg
        >>> x = tg.Value(3.0)
        >>> graph = Graph.of(x)
        >>> graph.with_nodes(node.replaced(label="x") for node in graph)[graph.id_of(x)].label
        'x'
        """
        return Graph(tuple(nodes), self.outputs, ids=self._ids, note=self.note)

    def to_json(self) -> str:
        """Return the graph as JSON text, the same in every process.

        Everything that a drawing needs is in it, except for local derivatives.  Arrays are not: a
        scalar is there exactly, of anything larger the shape, the dtype and a summary.  nan and
        infinity are texts.

        >>> import tinygrad_mlp as tg
        >>> x = tg.Value(3.0, label="x")
        >>> text = Graph.of(x * x).to_json()
        >>> text.splitlines()[0]
        '{"format": "tinygrad_mlp graph 1", "outputs": ["v1"], "nodes": ['
        >>> Graph.from_json(text).to_json() == text
        True
        """
        return saved.dump(self.nodes, self.outputs)

    @classmethod
    def from_json(cls, text: str | bytes) -> Graph:
        """Return the graph that ``to_json`` wrote, for everything that draws and tells.

        Raises
        ------
        FileFormatError
            If the text is not such a graph.

        Examples
        --------
        >>> import numpy as np
        >>> import tinygrad_mlp as tg
        >>> x = tg.Value(np.arange(784.0), label="x")
        >>> node = Graph.from_json(Graph.of(x).to_json())["v0"]
        >>> print(node.label, node.shape, node.value.text)
        x (784,) mean 391.5
        min 0, max 783
        """
        return cls(*saved.load(text))


def graph_of(function: str, values: object) -> Graph:
    """Return the graph of what a function was given: Values, a list of them, or a Graph itself.

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


def _node(
    value: Value, ids: Mapping[Value, str], arguments: tuple[str, ...], learned: set[Value]
) -> Node:
    """Return the node of a Value whose arguments have their ids, and itself too."""
    made: dict[str, Any] = {}
    role: Role = "operation"
    if (op := value.op) is None:
        role = "parameter" if value in learned or is_parameter(value) else "input"
    else:
        made = {"op": op.name, "symbol": op.symbol, "row": op, "options": value.options}
        made |= {"arguments": arguments, "argument_names": op.names(len(arguments))}
    primal = primal_of(value)
    return Node(
        ids[value],
        role,
        value.numpy(),
        # As numbers, even where it was recorded.
        gradient=value.grad.numpy() if isinstance(value.grad, Value) else value.grad,
        label=value.label,
        scope=value.scope,
        primal=None if primal is None else ids.get(primal),
        **made,
    )
