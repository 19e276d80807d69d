"""The layer of every box: what is computed stands early, what was given just before its use."""

from __future__ import annotations

from typing import NamedTuple


class Edge(NamedTuple):
    """An edge between two boxes, by their indices.

    ``port`` is where it arrives, measured from the middle of the target; ``length`` is the least
    number of layers from the source to the target.
    """

    source: int
    target: int
    port: float = 0.0
    length: int = 1


def layers_of(count: int, edges: list[Edge]) -> list[int]:
    """Return the layer of each box: after all its sources, and where that makes edges short.

    A box moves to just before its first use if more edges get shorter than longer.  Equal branches
    so stand beside each other, and a leaf, or what only leaves were made into, near its use.

    >>> layers_of(4, [Edge(0, 2), Edge(2, 3), Edge(1, 3)])
    [0, 1, 1, 2]
    """
    layer = [0] * count
    for source, target, _, length in sorted(edges, key=lambda edge: edge.target):
        layer[target] = max(layer[target], layer[source] + length)
    pulls = _pulls(count, edges)
    latest: dict[int, int] = {}
    for source, target, _, length in sorted(edges, key=lambda edge: -edge.source):
        # Whatever comes behind the source has its place already.
        place = latest.get(target, layer[target]) if pulls[target] else layer[target]
        limit = place - length
        latest[source] = min(latest.get(source, limit), limit)
    numbers = [latest.get(box, layer[box]) if pulls[box] else layer[box] for box in range(count)]
    used = {number: place for place, number in enumerate(sorted(set(numbers)))}
    return [used[number] for number in numbers]


def _pulls(count: int, edges: list[Edge]) -> list[bool]:
    """Return for each box whether it moves late: with what only it needs, it has fewer edges in."""
    users: list[set[int]] = [set() for _ in range(count)]
    for edge in edges:
        users[edge.source].add(edge.target)
    ties = [0] * count  # edges into a box and what only it needs, from all others
    for source, target in sorted({(e.source, e.target) for e in edges}, key=lambda e: e[1]):
        ties[target] += ties[source] if len(users[source]) == 1 else 1
    return [ties[box] < max(1, len(users[box])) for box in range(count)]
