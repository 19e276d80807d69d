"""Parts of boxes: what is too large to be opened whole, opened to its first level."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from tinygrad_mlp.graphs.fold import PARTS
from tinygrad_mlp.graphs.group import Box, Group, contract, members_of
from tinygrad_mlp.graphs.scopes import shared_scope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tinygrad_mlp.graphs.graph import Graph


def parted(whole: Graph, folded: Graph, ids: Collection[str], most: int) -> Graph:
    """Return a folded graph with some of its boxes opened, or in parts where they are too large.

    Parameters
    ----------
    whole, folded : Graph
        A graph, and the same with boxes.
    ids : collection of str
        Of the boxes that are opened.
    most : int
        Nodes that there is room for in all.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.graphs.fold import fold
    >>> y = tg.Value(1.0, label="x")
    >>> for _ in range(100):
    ...     y = tg.tanh(y)
    >>> whole = tg.Graph.of(y)
    >>> folded = fold(whole, max_nodes=10)
    >>> [node.label for node in folded]
    ['x', None, '99 times tanh']
    >>> ids = [node.id for node in folded if node.role == "group"]
    >>> [node.label for node in parted(whole, folded, ids, 6)]
    ['x', None, 'part 1 of 3', 'part 2 of 3', 'part 3 of 3']
    """
    if not ids:
        return folded
    room = max(1, (most - len(folded)) // len(ids))
    places = {node.id: place for place, node in enumerate(whole)}
    boxes: list[Box] = []
    owners = [-1] * len(whole)
    for group in folded:
        members = [places[member] for member in members_of(group)]
        if not isinstance(group, Group) or (group.id in ids and len(members) <= room):
            continue
        if group.id not in ids:
            for place in members:
                owners[place] = len(boxes)
            boxes.append(Box(group.label or group.id, group.scope))
            continue
        parts = list(_parts(whole, sorted(members), min(PARTS, room)))
        for number, part in enumerate(parts, start=1):
            for place in part:
                owners[place] = len(boxes)
            scope = reduce(shared_scope, (whole.nodes[place].scope for place in part))
            boxes.append(Box(f"part {number} of {len(parts)}", scope))
    opened = contract(whole, owners, boxes)
    opened.note = folded.note
    return opened


def _parts(whole: Graph, members: Sequence[int], most: int) -> Iterator[list[int]]:
    """Yield parts of equal size, in the order of birth; a leaf is with the first that uses it."""
    results = [place for place in members if whole.nodes[place].arguments] or members
    count = min(most, len(results))
    starts = [part * len(results) // count for part in range(count + 1)]
    parts = [list(results[start:end]) for start, end in zip(starts, starts[1:], strict=False)]
    part_of = {place: number for number, part in enumerate(parts) for place in part}
    places = {whole.nodes[place].id: place for place in members}
    for place in results:
        for argument in whole.nodes[place].arguments:
            if argument in places and places[argument] not in part_of:
                parts[part_of[place]].append(places[argument])
                part_of[places[argument]] = part_of[place]
    parts[0] += [place for place in members if place not in part_of]
    yield from parts
