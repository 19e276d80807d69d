"""The layer of every box: what is computed stands early, what was given just before its use."""

from __future__ import annotations

from typing import NamedTuple

#: Branches of more boxes stay where they are: whatever is done with them must be quick.
LARGEST_BRANCH = 200


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

    A box stands just before its first use.  What has shorter edges further to the left moves there,
    together with what only it needs: so equal branches stand beside each other.

    >>> layers_of(4, [Edge(0, 2), Edge(2, 3), Edge(1, 3)])
    [0, 1, 1, 2]
    """
    layer = [0] * count
    for source, target, _, length in sorted(edges, key=lambda edge: edge.target):
        layer[target] = max(layer[target], layer[source] + length)
    latest: dict[int, int] = {}
    for source, target, _, length in sorted(edges, key=lambda edge: -edge.source):
        limit = latest.get(target, layer[target]) - length
        latest[source] = min(latest.get(source, limit), limit)
    layers = _Layers([latest.get(box, layer[box]) for box in range(count)], edges)
    for box in reversed(range(count)):
        layers.move(box)
    used = {number: place for place, number in enumerate(sorted(set(layers.numbers)))}
    return [used[number] for number in layers.numbers]


class _Layers:
    """The layers of boxes while branches of them move to the left.

    A branch is a box and all that only it needs.  The edges that leave a box share one line, as
    long as the longest of them; lines inside of a frame count twice.
    """

    def __init__(self, numbers: list[int], edges: list[Edge]) -> None:
        self.numbers = numbers
        self.sources: list[list[Edge]] = [[] for _ in numbers]
        self.users: list[dict[int, int]] = [{} for _ in numbers]  # and the weights of the edges
        for edge in edges:
            self.sources[edge.target].append(edge)
            self.users[edge.source][edge.target] = 2 if edge.length == 1 else 1

    def move(self, box: int) -> None:
        """Move the branch of a box to where lines are shortest."""
        users = self.users[box]
        if not users or not self.sources[box] or not self._slack(box):
            return
        branch, ties = self._branch(box)
        if not ties or len(branch) > LARGEST_BRANCH:
            return
        slack = min(self.numbers[e.target] - self.numbers[e.source] - e.length for e in ties)
        cost = max(users.values())
        gains = [self._gain(source, branch) for source in dict.fromkeys(e.source for e in ties)]
        stops = sorted({slack, *(gain.limit for gain in gains if 0 < gain.limit < slack)})
        best, distance = 0, 0
        for stop in stops:
            shorter = sum(gain.weight * min(gain.limit, stop) for gain in gains) - cost * stop
            if stop > 0 and shorter >= best:
                best, distance = shorter, stop
        for member in branch:
            self.numbers[member] -= distance

    def _slack(self, box: int) -> int:
        """Return how far a box alone could move."""
        slacks = [self.numbers[box] - self.numbers[e.source] - e.length for e in self.sources[box]]
        shared = [
            slack
            for slack, edge in zip(slacks, self.sources[box], strict=True)
            if len(self.users[edge.source]) > 1
        ]
        return min(shared, default=1)

    def _branch(self, box: int) -> tuple[set[int], list[Edge]]:
        """Return the members of a branch, and the edges into it."""
        branch, waiting, ties = {box}, [box], []
        while waiting and len(branch) <= LARGEST_BRANCH:
            for edge in self.sources[waiting.pop()]:
                if len(self.users[edge.source]) > 1:
                    ties.append(edge)
                elif edge.source not in branch:
                    branch.add(edge.source)
                    waiting.append(edge.source)
        return branch, ties

    def _gain(self, source: int, branch: set[int]) -> _Gain:
        """Return how much shorter the line of a source gets if its users in a branch move."""
        users = self.users[source]
        last = [-1, -1]  # outside and inside of the branch
        for user in users if len(users) <= LARGEST_BRANCH else ():
            inside = user in branch
            last[inside] = max(last[inside], self.numbers[user])
        return _Gain(max(0, last[True] - last[False]), max(users.values()))


class _Gain(NamedTuple):
    """By how many layers at most a line gets shorter, and how much each of them counts."""

    limit: int
    weight: int
