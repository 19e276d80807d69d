"""What occurs again and again in a graph, each time on the one before, as one box."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp.graphs.closing import closed
from tinygrad_mlp.graphs.group import Box, Group, shortened, symbols_of
from tinygrad_mlp.graphs.scopes import shared_scope

if TYPE_CHECKING:
    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.opened import Opened

#: Results in one period of what repeats, at most; and how often it must occur.
LONGEST_PERIOD = 64
FEWEST_COPIES = 3
_FAR = 1000  # arguments further away than this are all equally far


def repeats_folded(graph: Graph, opened: Opened, most: int) -> Graph:
    """Make one box of each part that occurs again and again, each time on the one before."""
    places = [place for place, node in enumerate(graph) if node.arguments]
    signatures = _signatures(graph, places, opened)
    boxes: list[Box] = []
    owners = [-1] * len(graph)
    for start, period, copies in _repeats(signatures):
        part = [graph.nodes[place] for place in places[start : start + period]]
        words = (("layer",) if isinstance(node, Group) else symbols_of(node) for node in part)
        name = f"{copies:,} times {shortened([symbol for several in words for symbol in several])}"
        if opened.has(name):
            continue
        for place in places[start : start + period * copies]:
            owners[place] = len(boxes)
        boxes.append(Box(name, reduce(shared_scope, (node.scope for node in part))))
    return closed(graph, owners, boxes, lambda leaf, user: True, most=most)


def _signatures(
    graph: Graph, places: list[int], opened: Opened
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
