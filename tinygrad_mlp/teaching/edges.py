"""What passes over each edge in a backward pass, as the loop of the engine hands it over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp.core.backward import grad
from tinygrad_mlp.core.watching import check_recorded, witnessed
from tinygrad_mlp.drawing.naming import named
from tinygrad_mlp.graphs.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinygrad_mlp.core.value import Value
    from tinygrad_mlp.kernels import Array


class Edge(NamedTuple):
    """One share of a gradient.

    Attributes
    ----------
    user : Value
        Whose gradient was handed on.
    place : int
        For which argument of its op; 0 is the first.
    argument : Value
        Who got the share.
    upstream, contribution : arrays
        The gradient of the user, and the share of the argument.
    """

    user: Value
    place: int
    argument: Value
    upstream: Array
    contribution: Array


class Pass(NamedTuple):
    """A backward pass from an output to one value, and all that it handed on, in its order.

    The ``graph`` holds both, with the names of a drawing of the output; ``total`` is the gradient,
    ``seed`` that of the output itself.
    """

    output: Value
    value: Value
    graph: Graph
    seed: Array
    total: Array
    edges: list[Edge]


def backward_pass(output: Value, value: Value, gradient: Any = None) -> Pass:
    """Return the gradient of ``output`` by ``value``, and every share on the way; writes nothing.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0)
    >>> found = backward_pass(x * x, x)
    >>> [(edge.place, edge.contribution) for edge in found.edges], found.total
    ([(0, np.float64(3.0)), (1, np.float64(3.0))], np.float64(6.0))
    """
    graph = named_graph(output, value)
    (total,), edges = passed(graph, output, [value], gradient)
    seed = edges[0].upstream if edges else np.ones_like(output.numpy())
    return Pass(output, value, graph, seed, total, edges)


def named_graph(output: Value, *values: Value) -> Graph:
    """Return a graph that holds all of these, with the names that a drawing of the output has.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value([3.0, 4.0], label="x")
    >>> total = tg.sum(x)
    >>> [node.label for node in named_graph(tg.square(total), total)]
    ['x', 'total', None]
    """
    graph = Graph.of(output)
    is_whole = all(value in graph for value in values)
    return named(graph if is_whole else Graph.of(output, *values))


def passed(
    graph: Graph, output: Value, values: list[Value], gradient: Any = None
) -> tuple[list[Array], list[Edge]]:
    """Return the gradients by some values, and every share on the way to them, in the loop's order.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0)
    >>> y = tg.exp(tg.sin(x))
    >>> totals, edges = passed(Graph.of(y), y, tg.history(y))
    >>> [edge.user.op.name for edge in edges]
    ['exp', 'sin']
    """
    check_recorded(output)
    edges: list[Edge] = []
    last: Value | None = None  # the loop hands on all shares of a user before it goes on
    places: Iterator[tuple[int, Any]] = iter(())

    def witness(user: Value, argument: Value, upstream: Array, share: Array) -> None:
        if user not in graph:
            return  # a rule may differentiate something of its own
        nonlocal last, places
        if user is not last:
            last, places = user, _places(user)
        place = next(place for place, x in places if x is argument)
        edges.append(Edge(user, place, argument, upstream, share))

    with witnessed(witness):
        totals = grad(output, values, gradient)
    return totals, edges


def _places(user: Value) -> Iterator[tuple[int, Any]]:
    """Return the arguments of an op that may get a share, with their places, as the loop goes."""
    pairs = zip(user.args, user.op.vjps, strict=False)  # some rules are endless
    return ((place, x) for place, (x, rule) in enumerate(pairs) if rule is not None)
