"""Folding a graph: layers, what repeats, and at last any neighbours become one box each."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from tinygrad_mlp.graphs.closing import closed
from tinygrad_mlp.graphs.group import Box, Group, members_of
from tinygrad_mlp.graphs.opened import Opened
from tinygrad_mlp.graphs.repeats import repeats_folded
from tinygrad_mlp.graphs.scopes import paths_inward, scope_around, scope_name
from tinygrad_mlp.graphs.tables import tables_folded

if TYPE_CHECKING:
    from collections.abc import Collection

    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node

#: A drawing of more nodes tells nobody anything.
MAXIMUM_NODES = 300
#: Boxes that a graph without any structure is cut into.
PARTS = 12
#: The box of leaves that nothing was made from.
LEAVES = "unused leaves"

#: What the note says of an earlier folding; that of the last tells all.
_FOLDED = re.compile(r"(; )?[\d,]+ of [\d,]+ nodes folded into [\d,]+ box(es)?$")


def fold(
    graph: Graph,
    *,
    depth: int | None = None,
    expand: Collection[str] = (),
    kept: Collection[str] = (),
    max_nodes: int | None = MAXIMUM_NODES,
    repeats: bool = True,
    fill: bool = False,
) -> Graph:
    """Return the graph with scopes deeper than ``depth`` as boxes, and small enough to draw.

    Parameters
    ----------
    graph : Graph
        Not changed.
    depth : int, optional
        1 makes one box of each outermost scope, 2 of each scope inside those; None opens all.
    expand : collection of str
        Names of boxes that stay open, such as ``"layer1"`` or ``"encoder/layer1"``, and with them
        those around them.
    kept : collection of str
        Ids of nodes that ``max_nodes`` hides in no box.
    max_nodes : int, optional
        Where there are more, the entries of tables are folded, then scopes from the inside, then
        what repeats, then whatever stands together, and the note of the graph tells so.  None
        folds nothing by itself.
    repeats : bool
        Whether what repeats may become one box, though each time has numbers of its own.
    fill : bool
        Small boxes stay open as far as ``max_nodes`` allows, instead of all of one kind alike.

    Returns
    -------
    Graph
        Takes time in proportion to the graph.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(1.0, label="x")
    >>> with tg.scope("outer"), tg.scope("inner"):
    ...     y = tg.tanh(x * x)
    >>> [(node.label, node.lines) for node in fold(tg.Graph.of(y), depth=1) if node.role == "group"]
    [('outer', ('× tanh', '2 values'))]
    """
    opened = Opened(graph, expand)
    folded = graph if depth is None else _scopes_folded(graph, depth, opened)
    opened.keep(folded, kept)
    if max_nodes is not None and len(folded) > max_nodes:
        folded = _folded_until_small(folded, opened, max_nodes, repeats=repeats, fill=fill)
    opened.check()
    return folded


def _folded_until_small(
    graph: Graph, opened: Opened, max_nodes: int, *, repeats: bool, fill: bool
) -> Graph:
    """Return the graph after as many steps as it takes, each coarser than the one before."""
    most = max_nodes if fill else 0
    folded = tables_folded(graph, opened, most)
    if len(folded) > max_nodes:
        folded = _levels_folded(folded, opened, max_nodes, most)
    if len(folded) > max_nodes and repeats:
        folded = repeats_folded(folded, opened, most)
    if len(folded) > max_nodes:
        folded = _cut(folded, opened, min(PARTS, max_nodes))
    groups = [node for node in folded if isinstance(node, Group)]
    inside = sum(len(group.members) for group in groups)
    whole = sum(len(members_of(node)) for node in graph)  # some may be folded already
    boxes = f"{len(groups):,} box" + "es" * (len(groups) != 1)
    notes = _FOLDED.sub("", graph.note), f"{inside:,} of {whole:,} nodes folded into {boxes}"
    folded.note = "; ".join(filter(None, notes))
    return folded


# ----- Scopes -----


def _levels_folded(graph: Graph, opened: Opened, max_nodes: int, most: int) -> Graph:
    """Fold scopes from the inside, as many levels as it takes; the last not more than it takes."""
    deepest = max((node.scope.count("/") + bool(node.scope) for node in graph), default=0)
    levels = range(1, deepest + 1)
    if not levels:
        return graph
    at_level = partial(_scopes_folded, graph, opened=opened)
    last = max(1, bisect_right(levels, max_nodes, key=lambda level: len(at_level(level))))
    inside = at_level(last + 1) if most and last < levels[-1] else graph
    return _scopes_folded(inside, last, opened, most)


def _scopes_folded(graph: Graph, depth: int, opened: Opened, most: int = 0) -> Graph:
    """Make one box of the results of a scope that were born together."""
    boxes: list[Box] = []
    owners = [-1] * len(graph)
    runs: Counter[str] = Counter()
    outermost: dict[str, str] = {}
    previous = ""
    for place, node in enumerate(graph):
        if node.scope not in outermost:
            outermost[node.scope] = _closed(node.scope, depth, opened)
        if not node.arguments:
            continue
        path = outermost[node.scope]
        if path and path != previous:
            runs[path] += 1
            again = f" ({runs[path]})" if runs[path] > 1 else ""
            boxes.append(Box(scope_name(path) + again, scope_around(path)))
        if path:
            owners[place] = len(boxes) - 1
        previous = path

    def belongs(leaf: Node, user: Node) -> bool:  # the inputs of a network stay outside
        return not _is_input(leaf) or outermost[leaf.scope] == outermost[user.scope]

    return closed(graph, owners, boxes, belongs, most=most)


def _closed(scope: str, depth: int, opened: Opened) -> str:
    """Return the outermost scope around a scope that becomes a box; none if all are open."""
    for path in paths_inward(scope, depth):
        if not opened.is_open(path):
            return path
    return ""


def _is_input(leaf: Node) -> bool:
    """Return whether a leaf, or what is in the box of a table of leaves, is an input."""
    return leaf.role == "input" or (isinstance(leaf, Group) and not leaf.parameters)


# ----- Anything -----


def _cut(graph: Graph, opened: Opened, parts: int) -> Graph:
    """Cut the results into parts of equal size, in the order of birth; leaves are another."""
    places = [place for place, node in enumerate(graph) if node.arguments]
    owners = [-1] * len(graph)
    boxes: list[Box] = []
    count = min(parts, len(places))
    for part in range(count):
        name = f"part {part + 1}"
        if opened.has(name):
            continue
        runs, hidden = 0, False
        for place in places[part * len(places) // count : (part + 1) * len(places) // count]:
            before, hidden = hidden, not opened.shows(graph.nodes[place])
            if hidden and not before:
                runs += 1
                boxes.append(Box(f"{name} ({runs})" if runs > 1 else name))
            if hidden:
                owners[place] = len(boxes) - 1
    used = {argument for node in graph for argument in node.arguments}
    alone = [p for p, node in enumerate(graph) if not node.arguments and node.id not in used]
    if len(alone) > PARTS and not opened.has(LEAVES):
        for place in alone:
            owners[place] = len(boxes)
        boxes.append(Box(LEAVES))
    return closed(graph, owners, boxes, lambda leaf, user: True, shared=True)
