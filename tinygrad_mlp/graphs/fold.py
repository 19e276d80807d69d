"""Folding a graph: layers, what repeats, and at last any neighbours become one box each."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp.core.context import SLASH
from tinygrad_mlp.graphs.group import Box, Group, contract, members_of, symbols_of
from tinygrad_mlp.graphs.scopes import backward_ids, paths_inward, scope_name, scope_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node

#: A drawing of more nodes tells nobody anything.
MAXIMUM_NODES = 300
#: Results in one period of what repeats, at most; and how often it must occur.
LONGEST_PERIOD = 64
FEWEST_COPIES = 3
#: Boxes that a graph without any structure is cut into.
PARTS = 12
#: The box of leaves that nothing was made from.
LEAVES = "unused leaves"

#: What the note says of an earlier folding; that of the last tells all.
_FOLDED = re.compile(r"(; )?[\d,]+ of [\d,]+ nodes folded into [\d,]+ box(es)?$")
_FAR = 1000  # arguments further away than this are all equally far


def fold(
    graph: Graph,
    *,
    depth: int | None = None,
    expand: Collection[str] = (),
    max_nodes: int | None = MAXIMUM_NODES,
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
    max_nodes : int, optional
        Where there are more, scopes are folded from the inside, then what repeats, then whatever
        stands together, and the note of the graph tells so.  None folds nothing by itself.

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
    opened = _Opened(graph, expand)
    folded = graph if depth is None else _scopes_folded(graph, depth, opened)
    if max_nodes is not None and len(folded) > max_nodes:
        folded = _folded_until_small(graph, depth, opened, max_nodes)
    opened.check()
    return folded


def _folded_until_small(graph: Graph, depth: int | None, opened: _Opened, max_nodes: int) -> Graph:
    deepest = max((node.scope.count("/") + bool(node.scope) for node in graph), default=0)
    levels = range(1, min(deepest, depth or deepest) + 1)
    at_level = partial(_scopes_folded, graph, opened=opened)
    fitting = bisect_right(levels, max_nodes, key=lambda level: len(at_level(level)))
    folded = at_level(max(fitting, 1)) if levels else graph
    for step in (_repeats_folded, _cut):
        if len(folded) > max_nodes:
            folded = step(folded, opened)
    groups = [node for node in folded if isinstance(node, Group)]
    inside = sum(len(group.members) for group in groups)
    whole = sum(len(members_of(node)) for node in graph)  # some may be folded already
    boxes = f"{len(groups):,} box" + "es" * (len(groups) != 1)
    notes = _FOLDED.sub("", graph.note), f"{inside:,} of {whole:,} nodes folded into {boxes}"
    folded.note = "; ".join(filter(None, notes))
    return folded


class _Opened:
    """The names of boxes that stay open, and with them the scopes around those."""

    def __init__(self, graph: Graph, names: Collection[str]) -> None:
        self._names = dict.fromkeys(name.replace(SLASH, "/") for name in names)
        self._possible: set[str] = set()
        self._named: set[str] = set()  # scopes
        self._open: set[str] = set()
        for scope in {node.scope for node in graph} if names else ():
            paths = scope_paths(scope)
            for depth, path in enumerate(paths, start=1):
                called = {path.replace(SLASH, "/"), scope_name(path)}
                self._possible |= called
                if not called.isdisjoint(self._names):
                    self._named.add(path)
                    self._open.update(paths[:depth])

    def is_open(self, path: str) -> bool:
        """Return whether what is in a scope is not made one box."""
        return path in self._open

    def shows(self, node: Node) -> bool:
        """Return whether a node is in a scope that was named, so that no box may hide it."""
        return bool(self._named) and not self._named.isdisjoint(scope_paths(node.scope))

    def has(self, name: str) -> bool:
        """Return whether the box of this name stays open."""
        self._possible.add(name)
        return name in self._names

    def check(self) -> None:
        """Raise ``ValueError`` for a name that no box would have."""
        for name in self._names:
            if name not in self._possible:
                known = ", ".join(sorted(self._possible)) or "none in this graph"
                raise ValueError(f"expand: no box is called {name!r:.80}; there are {known:.400}")


# ----- Scopes -----


def _scopes_folded(graph: Graph, depth: int, opened: _Opened) -> Graph:
    """Make one box of the results of a scope that were born together."""
    boxes: list[Box] = []
    owners = [-1] * len(graph)
    runs: Counter[str] = Counter()
    closed: dict[str, str] = {}
    previous = ""
    for place, node in enumerate(graph):
        if node.scope not in closed:
            closed[node.scope] = _closed(node.scope, depth, opened)
        if not node.arguments:
            continue
        path = closed[node.scope]
        if path and path != previous:
            runs[path] += 1
            again = f" ({runs[path]})" if runs[path] > 1 else ""
            boxes.append(Box(scope_name(path) + again, path.rpartition("/")[0]))
        if path:
            owners[place] = len(boxes) - 1
        previous = path

    def belongs(leaf: Node, user: Node) -> bool:  # the inputs of a network stay outside
        return leaf.role != "input" or closed[leaf.scope] == closed[user.scope]

    return _with_leaves(graph, owners, boxes, belongs)


def _closed(scope: str, depth: int, opened: _Opened) -> str:
    """Return the outermost scope around a scope that becomes a box; none if all are open."""
    for path in paths_inward(scope, depth):
        if not opened.is_open(path):
            return path
    return ""


def _with_leaves(
    graph: Graph,
    owners: list[int],
    boxes: list[Box],
    belongs: Callable[[Node, Node], bool],
    *,
    shared: bool = False,
) -> Graph:
    """Contract a graph, with the leaves in the boxes of their users.

    A leaf with users in several boxes stays outside, unless they may be ``shared``: then the
    first has it.  A recorded backward pass uses what the forward pass has, and does not count.
    """
    backward = backward_ids(graph)
    users: dict[str, list[int]] = {}
    afterwards: dict[str, list[int]] = {}
    for place, node in enumerate(graph):
        for argument in node.arguments:
            (afterwards if node.id in backward else users).setdefault(argument, []).append(place)
    users = afterwards | users
    for place, leaf in enumerate(graph):
        if leaf.arguments or leaf.id not in users:
            continue
        first = users[leaf.id][0]
        alone = all(owners[user] == owners[first] for user in users[leaf.id])
        if (alone or shared) and belongs(leaf, graph.nodes[first]):
            owners[place] = owners[first]
    return contract(graph, owners, boxes)


# ----- What repeats -----


def _repeats_folded(graph: Graph, opened: _Opened) -> Graph:
    """Make one box of each part that occurs again and again, each time on the one before."""
    places = [place for place, node in enumerate(graph) if node.arguments]
    signatures = _signatures(graph, places, opened)
    boxes: list[Box] = []
    owners = [-1] * len(graph)
    for start, period, copies in _repeats(signatures):
        part = [graph.nodes[place] for place in places[start : start + period]]
        words = (("layer",) if isinstance(node, Group) else symbols_of(node) for node in part)
        symbols = [symbol for several in words for symbol in several]
        named = " ".join(symbols[:4]) + (" …" if len(symbols) > 4 else "")
        name = f"{copies:,} times {named}"
        if opened.has(name):
            continue
        for place in places[start : start + period * copies]:
            owners[place] = len(boxes)
        boxes.append(Box(name))
    return _with_leaves(graph, owners, boxes, lambda leaf, user: True)


def _signatures(
    graph: Graph, places: list[int], opened: _Opened
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return a number for each result; equal ones do the same with equally near arguments."""
    ranks = {graph.nodes[place].id: rank for rank, place in enumerate(places)}
    numbers: dict[object, int] = {}
    found = []
    for rank, place in enumerate(places):
        node = graph.nodes[place]
        arguments = tuple(
            min(rank - ranks[argument], _FAR)
            if argument in ranks
            else (graph[argument].role, graph[argument].shape)
            for argument in node.arguments
        )
        words = node.lines if isinstance(node, Group) else (node.op, node.shape)
        if opened.shows(node):
            words = (node.id,)  # like no other
        found.append(numbers.setdefault((words, node.scope, arguments), len(numbers)))
    return np.array(found, dtype=np.int64)


def _repeats(
    signatures: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> list[tuple[int, int, int]]:
    """Return start, period and number of copies of the longest repeats that do not overlap."""
    candidates = []
    for period in range(1, min(LONGEST_PERIOD, len(signatures) // FEWEST_COPIES) + 1):
        same = signatures[period:] == signatures[:-period]
        borders = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
        for start, stop in borders.reshape(-1, 2).tolist():
            copies = (stop - start) // period + 1
            if copies >= FEWEST_COPIES:
                candidates.append((-copies * period, period, start, copies))
    taken = np.zeros(len(signatures), dtype=bool)
    chosen = []
    for length, period, start, copies in sorted(candidates):
        if not taken[start : start - length].any():
            taken[start : start - length] = True
            chosen.append((start, period, copies))
    return sorted(chosen)


# ----- Anything -----


def _cut(graph: Graph, opened: _Opened) -> Graph:
    """Cut the results into parts of equal size, in the order of birth; leaves are another."""
    places = [place for place, node in enumerate(graph) if node.arguments]
    owners = [-1] * len(graph)
    boxes: list[Box] = []
    count = min(PARTS, len(places))
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
    return _with_leaves(graph, owners, boxes, lambda leaf, user: True, shared=True)
