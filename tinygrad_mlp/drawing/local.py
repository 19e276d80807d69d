"""What happens on one edge of the backward pass: upstream times local is the contribution."""

from __future__ import annotations

from contextvars import Context
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp.drawing.formula import formula, name_in_formula
from tinygrad_mlp.drawing.group import Group
from tinygrad_mlp.engine import Value, leaf_of
from tinygrad_mlp.formatting import Summary, summarize
from tinygrad_mlp.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinygrad_mlp.node import Node

#: Rules of ops are tried on arrays of at most this size together: a drawing must be quick.
LARGEST = 1_000_000


def local_lines(graph: Graph, node: Node) -> list[list[str]]:
    """Return for each argument of a node what to write on its edge; nothing where nobody knows.

    Between scalars that is the local derivative, and upstream × local = contribution.  Between
    tensors it is the formula of the contribution, in which g is the upstream gradient, and its
    shape.

    Parameters
    ----------
    graph : Graph
        Not changed; no gradient is needed or computed.
    node : Node
        One of its nodes.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x, y = tg.Value(3.0, label="x"), tg.Value(4.0, label="y")
    >>> z = x * y
    >>> z.backward()
    >>> graph = tg.Graph.of(z)
    >>> local_lines(graph, graph["v2"])
    [['∂ = 4', '1 × 4 = 4'], ['∂ = 3', '1 × 3 = 3']]
    """
    arguments = [graph[argument] for argument in node.arguments]
    known = [node, *arguments]
    op = node.row
    if (
        op is None
        or any(isinstance(x, Group) or isinstance(x.value, Summary) for x in known)
        or sum(x.value.size for x in known) > LARGEST
    ):
        return [[] for _ in arguments]
    rules = [rule for rule, _ in zip(op.vjps, arguments, strict=False)]
    lines = _formula if any(x.shape for x in known) else _numbers
    with np.errstate(all="ignore"):
        return [
            lines(rule, place, node, arguments) if rule and argument.role != "constant" else []
            for place, (rule, argument) in enumerate(zip(rules, arguments, strict=True))
        ]


def _numbers(rule: Callable[..., Any], _: int, node: Node, arguments: list[Node]) -> list[str]:
    """Return the local derivative and, where there is a gradient, the contribution."""
    known = [node.value, *(x.value for x in arguments)]
    slope = _tried(rule, [node.value.dtype.type(1), *known], node)
    if slope is None:
        return []
    lines = [f"∂ = {summarize(np.asarray(slope)[()])}"]
    share = None if node.gradient is None else _tried(rule, [node.gradient, *known], node)
    if share is not None:
        upstream, local, contribution = (
            summarize(np.asarray(x)[()]) for x in (node.gradient, slope, share)
        )
        lines.append(f"{upstream} × {local} = {contribution}")
    return lines


def _formula(rule: Callable[..., Any], place: int, node: Node, arguments: list[Node]) -> list[str]:
    """Return what the rule computes, over names, and the shape of the contribution."""
    numbers = [np.ones_like(node.value)[()], node.value, *(x.value for x in arguments)]
    leaves = [leaf_of(x) for x in numbers]
    share = _tried(rule, leaves, node)
    if not isinstance(share, Value):
        return []
    called = ["g", name_in_formula(node.label or "out")]
    called += [
        name_in_formula(argument.label or name)
        for argument, name in zip(arguments, node.argument_names, strict=True)
    ]
    names = dict(zip(leaves, called, strict=True))
    return [formula(share, names), str(arguments[place].shape)]


def _tried(rule: Callable[..., Any], known: list[Any], node: Node) -> Any:
    """Return what a rule gives, or None if it fails.

    In a context of its own: neither a scope nor ``no_grad`` around the drawing matters.
    """
    try:
        return Context().run(rule, *known, **node.options)
    except Exception:  # noqa: BLE001  a rule is code that anybody may have written
        return None
