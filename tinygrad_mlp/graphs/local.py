"""What happens on one edge of the backward pass: upstream times local is the contribution."""

from __future__ import annotations

from contextvars import Context
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp._support.display import Summary, summarize
from tinygrad_mlp.core.backward import history
from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.core.value import Value, leaf_of
from tinygrad_mlp.graphs.formula import formula, name_in_formula
from tinygrad_mlp.graphs.group import Group, back_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node

#: Rules of ops are tried on arrays of at most this size together: a drawing must be quick.
LARGEST = 1_000_000
#: Where more lines arrive, nobody reads what stands on them, and writing it would take long.
MOST_ARGUMENTS = 100


class EdgeLines(NamedTuple):
    """What to write on the edges of a graph.

    Attributes
    ----------
    lines : dict of str to lists of lines
        For the id of a result, a list of lines for each of its arguments; empty where nobody knows.
    named : set of str
        Ids of the nodes that a formula speaks of, so that their boxes must say their names.
    """

    lines: dict[str, list[list[str]]]
    named: set[str]


def edge_lines(graph: Graph, nodes: Iterable[Node], digits: int | None = None) -> EdgeLines:
    """Return what to write on the edges that arrive at some nodes of a graph.

    Between scalars that is the local derivative, and upstream × local = contribution.  Between
    tensors it is the formula of the contribution, in which g is the upstream gradient, and its
    shape.  A formula calls a node by its label, or else by its id, and a constant by its number.

    Parameters
    ----------
    graph : Graph
        Not changed; no gradient is needed or computed.
    nodes : iterable of Node
        Some of its nodes.
    digits : int, optional
        Of each number; as ``summarize`` chooses.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x, y = tg.Value(3.0, label="x"), tg.Value(4.0, label="y")
    >>> z = x * y
    >>> z.backward()
    >>> graph = tg.Graph.of(z)
    >>> edge_lines(graph, graph).lines["v2"]
    [['∂ = 4', '1 × 4 = 4'], ['∂ = 3', '1 × 3 = 3']]
    """
    found = EdgeLines({}, set())
    for node in nodes:
        arguments = [graph[argument] for argument in node.arguments]
        found.lines[node.id] = [[] for _ in arguments]
        # The arguments in a loop that was rolled are those of its first turn.
        if any(back_of(node)) or not can_be_told(node, arguments):
            continue
        between_tensors = any(x.shape for x in (node, *arguments))
        pairs = zip(node.row.vjps, arguments, strict=False)
        with np.errstate(all="ignore"):
            for place, (rule, argument) in enumerate(pairs):
                if rule and argument.role != "constant":
                    found.lines[node.id][place] = (
                        _contribution(node, arguments, place, found.named)
                        if between_tensors
                        else _numbers(node, arguments, place, digits)
                    )
    return found


def can_be_told(node: Node, arguments: Sequence[Node]) -> bool:
    """Return whether the rules of a result can be tried, and are few enough to read."""
    known = [node, *arguments]
    return not (
        node.row is None
        or any(isinstance(x, Group) or isinstance(x.value, Summary) for x in known)
        or sum(x.value.size for x in known) > LARGEST
        or len(arguments) > MOST_ARGUMENTS
    )


def local_derivative(node: Node, arguments: Sequence[Node], place: int) -> Any:
    """Return what the rule for one argument makes of ones, or None if it fails.

    For what works on each number by itself, this is the derivative at each place.

    >>> import tinygrad_mlp as tg
    >>> x, y = tg.Value(3.0), tg.Value(4.0)
    >>> graph = tg.Graph.of(x * y)
    >>> local_derivative(graph["v2"], [graph["v0"], graph["v1"]], 0)
    np.float64(4.0)
    """
    return _share(np.ones_like(node.value)[()], node, arguments, place)


class Recorded(NamedTuple):
    """The share of an argument, recorded by its rule from leaves that stand for nodes.

    Attributes
    ----------
    share : Value
        Made of the leaves.
    upstream : Value
        The leaf that stands for the gradient of the result.
    leaves : dict of Value to Node
        The others: the result, and its arguments; numbers among these are no leaves.
    """

    share: Value
    upstream: Value
    leaves: dict[Value, Node]

    def formula(self, upstream: str, name: Callable[[Node], str]) -> str:
        """Return the share as a formula over the names of nodes."""
        names = {leaf: name(node) for leaf, node in self.leaves.items()}
        return formula(self.share, {**names, self.upstream: upstream})


def recorded_share(node: Node, arguments: Sequence[Node], place: int) -> Recorded | None:
    """Return how the rule for one argument makes its share, or None if it fails.

    What the engine does after the rule, summing over what was broadcast, belongs to it.

    >>> import tinygrad_mlp as tg
    >>> x, b = tg.Value([[1.0], [2.0]], label="x"), tg.Value(3.0, label="b")
    >>> graph = tg.Graph.of(x * b)
    >>> recorded_share(graph["v2"], [graph["v0"], graph["v1"]], 1).formula("g", node_name)
    'sum(g ⊙ x)'
    """
    upstream = leaf_of(np.ones_like(node.value)[()])
    result = leaf_of(node.value)
    inputs = [x.value if is_number(x) and x.weak else leaf_of(x.value) for x in arguments]
    leaves = {result: node}
    leaves |= {leaf: x for leaf, x in zip(inputs, arguments, strict=True) if type(leaf) is Value}
    share = _tried(_rule(node, place), [upstream, result, *inputs], node)
    wanted = arguments[place].shape
    if isinstance(share, Value) and share.shape != wanted:
        share = _tried(FUNCTIONS["sum_to"], [share, wanted], None)
    return Recorded(share, upstream, leaves) if isinstance(share, Value) else None


def _numbers(node: Node, arguments: list[Node], place: int, digits: int | None) -> list[str]:
    """Return the local derivative and, where there is a gradient, the contribution."""
    slope = local_derivative(node, arguments, place)
    if slope is None:
        return []
    share = None
    if node.gradient is not None:
        share = _share(node.gradient, node, arguments, place)
    if share is None:
        return [f"∂ = {summarize(np.asarray(slope)[()], digits)}"]
    upstream, local, contribution = (
        summarize(np.asarray(x)[()], digits) for x in (node.gradient, slope, share)
    )
    factor = f"({local})" if local.startswith("-") else local
    return [f"∂ = {local}", f"{upstream} × {factor} = {contribution}"]


def _contribution(node: Node, arguments: list[Node], place: int, named: set[str]) -> list[str]:
    """Return what a rule computes, over names, and the shape of the contribution."""
    found = recorded_share(node, arguments, place)
    if found is None:
        return []
    used = [found.leaves[x] for x in history(found.share) if x in found.leaves]
    named.update(x.id for x in used if not is_number(x))
    upstream = "upstream" if any(x.label == "g" for x in (node, *arguments)) else "g"
    return [found.formula(upstream, node_name), str(arguments[place].shape)]


def node_name(node: Node) -> str:
    """Return what a formula calls a node: its label, or else its id; a constant by its number."""
    return summarize(node.value) if is_number(node) else name_in_formula(node.label or node.id)


def is_number(node: Node) -> bool:
    """Return whether a node is a constant that a formula tells as a number."""
    return node.role == "constant" and not node.shape


def _rule(node: Node, place: int) -> Callable[..., Any]:
    return next(islice(node.row.vjps, place, None))  # type: ignore[no-any-return]  # endless ones


def _share(upstream: Any, node: Node, arguments: Sequence[Node], place: int) -> Any:
    """Return what the rule for one argument makes of a gradient."""
    known = [upstream, node.value, *(x.value for x in arguments)]
    return _tried(_rule(node, place), known, node)


def _tried(rule: Callable[..., Any], known: list[Any], node: Node | None) -> Any:
    """Return what a rule gives, or None if it fails.

    In a context of its own: neither a scope nor ``no_grad`` around the drawing matters.
    """
    options = {} if node is None else node.options
    try:
        return Context().run(rule, *known, **options)
    except Exception:  # noqa: BLE001  a rule is code that anybody may have written
        return None
