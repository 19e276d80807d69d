"""Boxes that stand for many nodes: a graph with some of its neighbours drawn as one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from tinygrad_mlp._support.display import counted
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.node import Node
from tinygrad_mlp.graphs.scopes import backward_ids

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Symbols of ops that a box names before it says that there are more.
SYMBOLS_NAMED = 4


class Box(NamedTuple):
    """What one box will be called, and the scope that it is drawn in."""

    name: str
    scope: str = ""


class Group(Node):
    """A node that stands for others; its value is that of the last of them.

    Attributes
    ----------
    lines : tuple of str
        What its box says below the name.
    members : tuple of str
        Ids of the nodes of the whole graph that it stands for.
    parameters : int
        How many numbers are learned in it.
    symbols : tuple of str
        Symbols of the ops in it, each once, in their order.
    """

    __slots__ = ("lines", "members", "parameters", "symbols")

    lines: tuple[str, ...]
    members: tuple[str, ...]
    parameters: int
    symbols: tuple[str, ...]


class Rolled(Node):
    """A node of a loop: it stands for itself in every turn, and has the numbers of the last.

    Attributes
    ----------
    members : tuple of str
        Ids of the nodes of the whole graph that it stands for.
    back : tuple of str or None
        For each argument the id of the result that all turns but the first take in its place;
        None where they take the argument.  Empty where none does.
    """

    __slots__ = ("back", "members")

    members: tuple[str, ...]
    back: tuple[str | None, ...]

    @classmethod
    def of(
        cls, node: Node, *, members: tuple[str, ...], back: tuple[str | None, ...], **changes: Any
    ) -> Rolled:
        """Return a node as one of a loop, with some of its other fields changed."""
        rolled = cls.__new__(cls)
        for name in Node.__slots__:
            setattr(rolled, name, changes.get(name, getattr(node, name)))
        rolled.members, rolled.back = members, back
        return rolled


def members_of(node: Node) -> tuple[str, ...]:
    """Return the ids of the nodes of the whole graph that a node stands for."""
    return node.members if isinstance(node, Group | Rolled) else (node.id,)


def back_of(node: Node) -> tuple[str | None, ...]:
    """Return for each argument of a node what comes there from the turn before, in a loop."""
    return node.back if isinstance(node, Rolled) else ()


def symbols_of(node: Node) -> tuple[str, ...]:
    """Return the symbols of the ops in a node."""
    if isinstance(node, Group):
        return node.symbols
    return (node.symbol or node.op or "",) if node.op else ()


def shortened(symbols: Sequence[str]) -> str:
    """Return the first symbols beside each other, and whether there are more.

    >>> shortened(["×", "+"]), shortened(list("abcdef"))
    ('× +', 'a b c d …')
    """
    return " ".join(symbols[:SYMBOLS_NAMED]) + " …" * (len(symbols) > SYMBOLS_NAMED)


def contract(graph: Graph, owners: Sequence[int], boxes: Sequence[Box]) -> Graph:
    """Return the graph with each box in the place of the nodes that it owns.

    Parameters
    ----------
    graph : Graph
        Not changed.
    owners : sequence of int
        For every node the index of its box, or -1 for one that stays.  The results in one box
        must be neighbours among all results, in the order of birth: so no path can leave a box
        and come back, and no cycle arises.  A leaf may be in the box of its first user.
    boxes : sequence of Box
        One without any result holds leaves that nobody uses.
    """
    members: list[list[Node]] = [[] for _ in boxes]
    ends = [-1] * len(boxes)  # places of the last results
    for place, (node, owner) in enumerate(zip(graph, owners, strict=True)):
        if owner >= 0:
            members[owner].append(node)
            if node.arguments or ends[owner] < 0:
                ends[owner] = place
    ids = {
        node.id: node.id if owner < 0 else f"g{graph.nodes[ends[owner]].id[1:]}"
        for node, owner in zip(graph, owners, strict=True)
    }
    backward = backward_ids(graph)
    nodes: list[Node] = []
    for place, (node, owner) in enumerate(zip(graph, owners, strict=True)):
        if owner < 0:
            nodes.append(moved(node, ids))
        elif ends[owner] == place:
            primal = _primal(members[owner], backward, ids)
            nodes.append(_group(graph, node, boxes[owner], members[owner], ids, primal))
    outputs = tuple(dict.fromkeys(ids[output] for output in graph.outputs))
    return Graph(tuple(nodes), outputs, note=graph.note)


def moved(node: Node, ids: dict[str, str]) -> Node:
    """Return a node with the new ids of what it was made from; one edge from each box."""
    primal = ids.get(node.primal or "")
    linked = [*node.arguments, *filter(None, back_of(node))]
    if primal == node.primal and all(ids[other] == other for other in linked):
        return node
    first: dict[str, str] = {}
    # x * x has two edges, though x may be in a box.
    kept = [
        place
        for place, argument in enumerate(node.arguments)
        if first.setdefault(ids[argument], argument) == argument
    ]
    return node.replaced(
        arguments=tuple(ids[node.arguments[place]] for place in kept),
        # What goes into a box that was made before has no names.
        argument_names=tuple(node.argument_names[place] for place in kept if node.argument_names),
        primal=primal,
        back=tuple(ids.get(back_of(node)[place] or "") for place in kept if back_of(node)),
    )


def _group(
    graph: Graph,
    end: Node,
    box: Box,
    members: list[Node],
    ids: dict[str, str],
    primal: str | None,
) -> Group:
    """Return the node of a box; ``end`` is the last result in it."""
    own = ids[end.id]
    outside = [a for node in members for a in node.arguments if ids[a] != own]
    group = Group(
        own,
        "group",
        end.value,
        gradient=end.gradient,
        label=box.name,
        scope=box.scope,
        arguments=tuple(dict.fromkeys(ids[argument] for argument in outside)),
        primal=primal,
    )
    group.members = tuple(member for node in members for member in members_of(node))
    group.parameters = sum(map(parameters_of, members))
    symbols = (symbol for node in members for symbol in symbols_of(node))
    group.symbols = tuple(dict.fromkeys(symbols))
    group.lines = tuple(_lines(group, [graph[argument] for argument in outside]))
    return group


def _primal(members: list[Node], backward: set[str], ids: dict[str, str]) -> str | None:
    """Return what a box of nothing but a recorded backward pass has its first gradient of."""
    results = [node.id for node in members if node.arguments]
    if not results or not backward.issuperset(results):
        return None
    return next((ids[node.primal] for node in members if node.primal), None)


def parameters_of(node: Node) -> int:
    """Return how many numbers are learned in a node."""
    if isinstance(node, Group):
        return node.parameters
    return math.prod(node.shape) * len(members_of(node)) if node.role == "parameter" else 0


def _lines(group: Group, outside: list[Node]) -> Iterator[str]:
    """Yield what the box of a group says: sizes, ops, parameters, nodes."""
    came = [node.shape for node in outside if node.role not in {"parameter", "constant"}]
    if came and (came[0] or group.shape):
        yield f"{came[0]} → {group.shape}"
    yield from contents_told(group.symbols, group.parameters, len(group.members))


def contents_told(symbols: Sequence[str], parameters: int, values: int) -> Iterator[str]:
    """Yield what a box says of what is in it: ops, parameters, nodes."""
    if symbols:
        yield shortened(symbols)
    if parameters:
        yield counted(parameters, "parameter")
    yield counted(values, "value")
