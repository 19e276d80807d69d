"""What happens on one edge of the backward pass: upstream times local is the contribution."""

from __future__ import annotations

from contextvars import Context
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp._support.display import Summary, summarize
from tinygrad_mlp.core.backward import history
from tinygrad_mlp.core.value import Value, leaf_of
from tinygrad_mlp.graphs.formula import formula, name_in_formula
from tinygrad_mlp.graphs.group import Group, back_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node

    Rule = tuple[int, Callable[..., Any]]  # the place of an argument, and its rule

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


def edge_lines(graph: Graph, nodes: Iterable[Node]) -> EdgeLines:
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
        known = [node, *arguments]
        op = node.row
        if (
            op is None
            or any(isinstance(x, Group) or isinstance(x.value, Summary) for x in known)
            or sum(x.value.size for x in known) > LARGEST
            or len(arguments) > MOST_ARGUMENTS
            or any(back_of(node))  # its arguments are those of the first turn of a loop
        ):
            continue
        lines = _formulas if any(x.shape for x in known) else _numbers
        with np.errstate(all="ignore"):
            rules = [
                (place, rule)
                for place, (rule, argument) in enumerate(zip(op.vjps, arguments, strict=False))
                if rule and argument.role != "constant"
            ]
            for place, written in lines(rules, node, arguments, found.named):
                found.lines[node.id][place] = written
    return found


def _numbers(
    rules: list[Rule], node: Node, arguments: list[Node], _: set[str]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the local derivatives and, where there is a gradient, the contributions."""
    known = [node.value, *(x.value for x in arguments)]
    for place, rule in rules:
        slope = _tried(rule, [node.value.dtype.type(1), *known], node)
        if slope is None:
            continue
        lines = [f"∂ = {summarize(np.asarray(slope)[()])}"]
        share = None if node.gradient is None else _tried(rule, [node.gradient, *known], node)
        if share is not None:
            upstream, local, contribution = (
                summarize(np.asarray(x)[()]) for x in (node.gradient, slope, share)
            )
            lines.append(f"{upstream} × {local} = {contribution}")
        yield place, lines


def _formulas(
    rules: list[Rule], node: Node, arguments: list[Node], named: set[str]
) -> Iterator[tuple[int, list[str]]]:
    """Yield what the rules compute, over names, and the shapes of the contributions."""
    known = [node, *arguments]
    upstream = leaf_of(np.ones_like(node.value)[()])
    leaves = {leaf_of(x.value): x for x in known}
    names = {leaf: _name(x) for leaf, x in leaves.items()}
    names[upstream] = "upstream" if "g" in names.values() else "g"
    for place, rule in rules:
        share = _tried(rule, [upstream, *leaves], node)
        if isinstance(share, Value):
            used = [leaves[leaf] for leaf in history(share) if leaf in leaves]
            named.update(x.id for x in used if not _is_number(x))
            yield place, [formula(share, names), str(arguments[place].shape)]


def _name(node: Node) -> str:
    """Return what a formula calls a node."""
    return summarize(node.value) if _is_number(node) else name_in_formula(node.label or node.id)


def _is_number(node: Node) -> bool:
    return node.role == "constant" and not node.shape


def _tried(rule: Callable[..., Any], known: list[Any], node: Node) -> Any:
    """Return what a rule gives, or None if it fails.

    In a context of its own: neither a scope nor ``no_grad`` around the drawing matters.
    """
    try:
        return Context().run(rule, *known, **node.options)
    except Exception:  # noqa: BLE001  a rule is code that anybody may have written
        return None
