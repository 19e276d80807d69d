"""Closing boxes: leaves go with their users, and small boxes stay open where there is room."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from tinygrad_mlp.graphs.group import Box, contract
from tinygrad_mlp.graphs.scopes import backward_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node


def closed(
    graph: Graph,
    owners: list[int],
    boxes: Sequence[Box],
    belongs: Callable[[Node, Node], bool],
    *,
    shared: bool = False,
    most: int = 0,
) -> Graph:
    """Return the graph with its boxes closed, and the leaves in the boxes of their users.

    Parameters
    ----------
    graph, owners, boxes
        As for ``contract``; ``owners`` of the leaves are filled in here.
    belongs : function
        Whether a leaf may be in the box of a user.
    shared : bool
        A leaf with users in several boxes stays outside, unless this is so: then the first has it.
        A recorded backward pass uses what the forward pass has, and does not count.
    most : int
        Nodes that there is room for: the smallest boxes stay open as far as it suffices, those of
        one size together.
    """
    _add_leaves(graph, owners, belongs, shared=shared)
    sizes = Counter(owner for owner in owners if owner >= 0)
    room = most - owners.count(-1) - len(sizes)
    opened: set[int] = set()
    for size, alike in groupby(sorted(sizes, key=sizes.__getitem__), key=sizes.__getitem__):
        same = list(alike)
        room -= len(same) * size  # one more than needed: what is in a box takes more paper
        if room < 0:
            break
        opened.update(same)
    if opened:
        owners = [-1 if owner in opened else owner for owner in owners]
    return contract(graph, owners, boxes)


def _add_leaves(
    graph: Graph, owners: list[int], belongs: Callable[[Node, Node], bool], *, shared: bool
) -> None:
    """Write to the owners which box each leaf is in that no box has yet."""
    backward = backward_ids(graph)
    users: dict[str, list[int]] = {}
    afterwards: dict[str, list[int]] = {}
    for place, node in enumerate(graph):
        for argument in node.arguments:
            (afterwards if node.id in backward else users).setdefault(argument, []).append(place)
    users = afterwards | users
    for place, leaf in enumerate(graph):
        if leaf.arguments or leaf.id not in users or owners[place] >= 0:
            continue
        first = users[leaf.id][0]
        alone = all(owners[user] == owners[first] for user in users[leaf.id])
        if (alone or shared) and belongs(leaf, graph.nodes[first]):
            owners[place] = owners[first]
