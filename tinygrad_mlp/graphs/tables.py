"""Single numbers that a graph calls W[0,0], W[0,1] ...: the box of their table."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tinygrad_mlp.graphs.closing import closed
from tinygrad_mlp.graphs.group import Box

if TYPE_CHECKING:
    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node
    from tinygrad_mlp.graphs.opened import Opened


def tables_folded(graph: Graph, opened: Opened, most: int) -> Graph:
    """Make one box of all entries of a table, as ``expand`` names them.

    The entries that are computed have with them what was computed for them: everything since the
    table before, in the same scope.

    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.graphs.opened import Opened
    >>> x, W = tg.Value([[1.0, 2.0]], "x"), tg.Value([[3.0], [4.0]], "W")
    >>> graph = tg.Graph.of(tg.expand(x @ W))
    >>> [node.label for node in tables_folded(graph, Opened(graph), 0)]
    ['x', 'W', None, None, None, None]
    """
    boxes: list[Box] = []
    owners = [-1] * len(graph)
    _leaves_owned(graph, opened, owners, boxes)
    _results_owned(graph, opened, owners, boxes)
    sizes = Counter(owners)
    owners = [owner if sizes[owner] > 1 else -1 for owner in owners]  # one number is no table
    return closed(graph, owners, boxes, lambda leaf, user: leaf.role == "constant", most=most)


def table_of(node: Node) -> str:
    """Return the name of the table that a node is an entry of; none of what is no entry.

    >>> from tinygrad_mlp.graphs.node import Node
    >>> [table_of(Node("v0", "input", 1.0, label=label)) for label in ("W[0,1]", "W[a]", "W")]
    ['W', '', '']
    """
    name, bracket, places = (node.label or "").rpartition("[")
    is_entry = bracket and places.endswith("]") and places[:-1].replace(",", "").isdigit()
    return name if is_entry else ""


def _leaves_owned(graph: Graph, opened: Opened, owners: list[int], boxes: list[Box]) -> None:
    """Add a box for each table of leaves that were made together."""
    entries = _Entries(boxes)
    for place, node in enumerate(graph):
        if not node.arguments:
            table = table_of(node)
            if not table or opened.shows(node) or opened.has(table):
                entries.end()
            else:
                owners[place] = entries.add(node, table)


def _results_owned(graph: Graph, opened: Opened, owners: list[int], boxes: list[Box]) -> None:
    """Add a box for each table of results, with what was computed for it."""
    entries = _Entries(boxes)
    waiting: list[int] = []
    scope = ""
    for place, node in enumerate(graph):
        if not node.arguments:
            continue
        if node.scope != scope:
            waiting, scope = [], node.scope
        table = table_of(node)
        if opened.shows(node) or opened.has(table) or (node.label and not table):
            entries.end()
            waiting = []
        elif not table:
            entries.end()
            waiting.append(place)
        else:
            owner = entries.add(node, table)
            for result in (*waiting, place):
                owners[result] = owner
            waiting = []


class _Entries:
    """The boxes of tables, one after the other."""

    def __init__(self, boxes: list[Box]) -> None:
        self._boxes = boxes
        self._seen: set[str] = set()
        self._kind: tuple[str, str, str] | None = None

    def end(self) -> None:
        """End the table: the next entry is one of another."""
        self._kind = None

    def add(self, node: Node, table: str) -> int:
        """Return the number of the box of an entry; an entry that is there begins another table."""
        kind = (table, node.scope, node.role)
        if kind != self._kind or node.label in self._seen:
            self._seen = set()
            self._boxes.append(Box(table, node.scope))
        self._kind = kind
        self._seen.add(node.label or "")
        return len(self._boxes) - 1
