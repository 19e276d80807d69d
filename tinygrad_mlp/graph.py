"""A recorded graph as plain data: nodes in order, with ids that are the same in every process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tinygrad_mlp.engine import Value, history, primal_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tinygrad_mlp.engine import Op

Role = Literal["input", "operation", "constant"]

_NO_OPTIONS: Mapping[str, Any] = {}

#: Longest text that ``summarize`` returns.
SUMMARY_LIMIT = 300


class Node:
    """One value of a graph, and what it was made from.

    Attributes
    ----------
    id : str
        ``"v0"``, ``"v1"``, ... in the order of birth, counted inside this graph.
    role : str
        ``"input"`` for a leaf, ``"operation"`` for a result, ``"constant"`` for a number or an
        array that is not a Value.
    value, gradient : ndarray or NumPy scalar
        The arrays themselves, not copies; ``gradient`` is None where none was computed.
    label : str or None
        The name that the user gave.
    scope : str
        Where it belongs, such as ``"encoder/layer1"``; a constant belongs to its use.
    op, symbol : str or None
        Name of the op that made it, and what a drawing shows for it.
    arguments, argument_names : tuple of str
        Ids of the op's arguments in order, with repeats, and what the op calls them.
    row : Op or None
        The op itself.
    options : mapping
        What the op was called with besides, such as ``axis``.
    weak : bool
        A Python number, which takes the type of the array that it meets.
    primal : str or None
        In a recorded backward pass: id of the node whose gradient this is.
    """

    __slots__ = (
        "argument_names",
        "arguments",
        "gradient",
        "id",
        "label",
        "op",
        "options",
        "primal",
        "role",
        "row",
        "scope",
        "symbol",
        "value",
        "weak",
    )

    def __init__(
        self,
        id: str,  # noqa: A002  short, and told apart by being an attribute everywhere else
        role: Role,
        value: Any,
        *,
        gradient: Any = None,
        label: str | None = None,
        scope: str = "",
        op: str | None = None,
        symbol: str | None = None,
        arguments: tuple[str, ...] = (),
        argument_names: tuple[str, ...] = (),
        options: Mapping[str, Any] = _NO_OPTIONS,
        row: Op | None = None,
        primal: str | None = None,
        weak: bool = False,
    ) -> None:
        self.id = id
        self.role = role
        self.value = value
        self.gradient = gradient
        self.label = label
        self.scope = scope
        self.op = op
        self.symbol = symbol
        self.arguments = arguments
        self.argument_names = argument_names
        self.options = options
        self.row = row
        self.primal = primal
        self.weak = weak

    def __repr__(self) -> str:
        made = f" = {self.op}({', '.join(self.arguments)})" if self.op else ""
        return f"<{self.role} {self.id}{made}>"

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes of the value; ``()`` for a scalar."""
        shape: tuple[int, ...] = self.value.shape
        return shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements of the value."""
        dtype: np.dtype[Any] = self.value.dtype
        return dtype


class Graph:
    """What some Values were made from, for everything that reads graphs and computes nothing.

    Make one with ``Graph.of``.  Nodes stand after the nodes that they were made from.

    Attributes
    ----------
    nodes : tuple of Node
        All nodes; a constant stands just before the node that uses it.
    outputs : tuple of str
        Ids of the Values that were asked for.

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

    __slots__ = ("_ids", "_places", "nodes", "outputs")

    def __init__(
        self, nodes: tuple[Node, ...], ids: dict[Value, str], outputs: tuple[str, ...]
    ) -> None:
        self.nodes = nodes
        self.outputs = outputs
        self._ids = ids
        self._places = {node.id: place for place, node in enumerate(nodes)}

    @classmethod
    def of(cls, *values: Value) -> Graph:
        """Return the graph of everything that the values were made from.

        Parameters
        ----------
        *values : Value
            The outputs of the graph, one or more, of any shapes.

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
            primal = primal_of(value)
            of = None if primal is None else ids.get(primal)
            nodes.append(_node(ids[value], value, tuple(arguments), of))
        return cls(tuple(nodes), ids, tuple(ids[value] for value in values))

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def __getitem__(self, id: str) -> Node:  # noqa: A002  the name of Node's field
        try:
            return self.nodes[self._places[id]]
        except KeyError:
            raise KeyError(
                f"no node {id!r} in this graph; ids are 'v0' to 'v{len(self) - 1}'"
            ) from None

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


def _node(
    id: str,  # noqa: A002  as above
    value: Value,
    arguments: tuple[str, ...],
    primal: str | None,
) -> Node:
    """Return the node of a Value whose arguments have their ids."""
    gradient = value.grad.data if type(value.grad) is Value else value.grad
    op = value.op
    if op is None:
        return Node(
            id,
            "input",
            value.numpy(),
            gradient=gradient,
            label=value.label,
            scope=value.scope,
            primal=primal,
        )
    names = op.parameters
    if names[0].startswith("*"):  # it takes any number of them
        names = tuple(f"{names[0][1:]}[{place}]" for place in range(len(arguments)))
    return Node(
        id,
        "operation",
        value.numpy(),
        gradient=gradient,
        label=value.label,
        scope=value.scope,
        op=op.name,
        symbol=op.symbol,
        arguments=arguments,
        argument_names=names,
        row=op,
        options=value.options,
        primal=primal,
    )


# ----- Numbers as text -----


def summarize(array: Any) -> str:
    """Return a short text of a value, the same under any print options of NumPy.

    A scalar is a number of six digits, a matrix of up to 4 × 4 its rows, anything larger its
    first and last two numbers.  A whole number has no point, and what was rounded to one has.

    Parameters
    ----------
    array : ndarray or NumPy scalar, any shape
        Real numbers or bools.

    Returns
    -------
    str
        At most ``SUMMARY_LIMIT`` characters; lines separated by newlines.

    Examples
    --------
    >>> summarize(np.float64(0.1 + 0.2))
    '0.3'
    >>> print(summarize(np.array([[10.15, 25.0], [-2.0, 0.25]])))
    10.15 25
    -2     0.25
    >>> summarize(np.arange(784.0))
    '0 1 … 782 783'
    """
    if array.size == 0:
        return "empty"
    if array.ndim == 0:
        return _number(array)
    if array.ndim <= 2 and max(array.shape) <= 4:
        rows = [[_number(x) for x in row] for row in np.atleast_2d(array)]
        return "\n".join(_aligned(rows))
    flat = array.flat
    if array.size <= 4:
        return " ".join(_number(x) for x in flat)
    first, last = (flat[0], flat[1]), (flat[-2], flat[-1])
    return " ".join([*map(_number, first), "…", *map(_number, last)])


def _number(x: Any) -> str:
    """Return six significant digits of one number."""
    if isinstance(x, np.bool_):
        return str(bool(x))
    number = float(x)
    if number.is_integer() and abs(number) < 1e9:
        return f"{number:.0f}"
    text = f"{number:.6g}"
    # 0.99999999 is not 1: a number that only rounds to a whole one shows a point.
    return f"{number:.1f}" if text.lstrip("-").isdigit() else text


def _aligned(rows: list[list[str]]) -> list[str]:
    """Return each row as a line, with the decimal points of every column below each other."""
    columns = []
    for column in zip(*rows, strict=True):
        parts = [text.partition(".") for text in column]
        before = max(len(whole) for whole, _, _ in parts)
        after = max(len(point + fraction) for _, point, fraction in parts)
        columns.append([a.rjust(before) + (point + b).ljust(after) for a, point, b in parts])
    return [" ".join(line).rstrip() for line in zip(*columns, strict=True)]
