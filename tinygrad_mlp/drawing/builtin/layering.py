"""The layer of every box: what is computed stands early, what was given just before its use."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Branches of more boxes stay where they are: whatever is done with them must be quick.
LARGEST_BRANCH = 200
#: So few lines from one box are seen one by one.
FEW = 6


class Edge(NamedTuple):
    """An edge between two boxes, by their indices.

    ``port`` is where it arrives, measured from the middle of the target; ``length`` is the least
    number of layers from the source to the target.  ``close`` is how bad it is if a row ends
    between the two: 1 for an operation and its result, infinite for what is never parted.
    """

    source: int
    target: int
    port: float = 0.0
    length: int = 1
    close: float = 0.0


def layers_of(
    count: int, edges: list[Edge], groups: Sequence[tuple[int, ...]] | None = None
) -> list[int]:
    """Return the layer of each box: after all its sources, and where that makes edges short.

    A box stands just before its first use.  What has no longer edges further to the left moves
    there, together with what only it needs, unless it would widen a frame: so equal branches
    stand beside each other.

    >>> layers_of(4, [Edge(0, 2), Edge(2, 3), Edge(1, 3)])
    [0, 1, 1, 2]
    """
    layer = [0] * count
    for source, target, _, length, _ in sorted(edges, key=lambda edge: edge.target):
        layer[target] = max(layer[target], layer[source] + length)
    latest: dict[int, int] = {}
    for source, target, _, length, _ in sorted(edges, key=lambda edge: -edge.source):
        limit = latest.get(target, layer[target]) - length
        latest[source] = min(latest.get(source, limit), limit)
    numbers = [latest.get(box, layer[box]) for box in range(count)]
    layers = _Layers(numbers, edges, groups or [()] * count)
    for box in reversed(range(count)):
        layers.move(box)
    used = {number: place for place, number in enumerate(sorted(set(numbers)))}
    return [used[number] for number in numbers]


class _Layers:
    """The layers of boxes while branches of them move to the left.

    A branch is a box and all that only it needs.
    """

    def __init__(
        self, numbers: list[int], edges: list[Edge], groups: Sequence[tuple[int, ...]]
    ) -> None:
        self.numbers = numbers
        self.groups = groups
        self.sources: list[list[Edge]] = [[] for _ in numbers]
        self.users: list[dict[int, None]] = [{} for _ in numbers]  # in their order
        for edge in edges:
            self.sources[edge.target].append(edge)
            self.users[edge.source][edge.target] = None
        self.sizes = Counter(group for around in groups for group in around)
        self.firsts: dict[int, int] = {}
        for number, around in zip(numbers, groups, strict=True):
            for group in around:
                self.firsts[group] = min(self.firsts.get(group, number), number)

    def move(self, box: int) -> None:
        """Move the branch of a box as far to the left as lines do not get longer by that."""
        shared = [e for e in self.sources[box] if len(self.users[e.source]) > 1]
        if not self.users[box] or not self._slack(shared):
            return
        branch = self._branch(box)
        ties = self._ties(branch)
        slack = min(self._slack(ties), self._room(branch))
        gains = self._gains(branch, ties)
        best, distance = 0, 0
        for stop in sorted({slack, *(gain for gain in gains if gain < slack)}):
            shorter = sum(min(gain, stop) for gain in gains) - stop
            if stop > 0 and shorter >= best:
                best, distance = shorter, stop
        for member in branch if distance else ():
            self.numbers[member] -= distance
            for group in self.groups[member]:
                self.firsts[group] = min(self.firsts[group], self.numbers[member])

    def _branch(self, box: int) -> list[int]:
        """Return a box and all that only it needs, or the nearest of that."""
        branch = [box]
        for member in branch:  # it grows
            if len(branch) > LARGEST_BRANCH:
                break
            own = dict.fromkeys(e.source for e in self.sources[member])
            branch += [source for source in own if len(self.users[source]) == 1]
        return branch

    def _ties(self, branch: list[int]) -> list[Edge]:
        """Return the edges into a branch from what is needed elsewhere too."""
        inside = set(branch)
        return [e for member in branch for e in self.sources[member] if e.source not in inside]

    def _slack(self, ties: list[Edge]) -> int:
        """Return how far what these edges lead to can move."""
        slacks = (self.numbers[e.target] - self.numbers[e.source] - e.length for e in ties)
        return min(slacks, default=len(self.numbers))

    def _room(self, branch: list[int]) -> int:
        """Return how far a branch can move inside of the frames that hold others too."""
        room = len(self.numbers)
        counts = Counter(group for member in branch for group in self.groups[member])
        for member in branch:
            for group in self.groups[member]:
                if counts[group] < self.sizes[group]:
                    room = min(room, self.numbers[member] - self.firsts[group])
        return room

    def _gains(self, branch: list[int], ties: list[Edge]) -> list[int]:
        """Return by how many layers at most each line into a branch may get shorter.

        Few lines from a box are looked at one by one; many are one line, as long as the longest.
        """
        inside = set(branch)
        gains = []
        for source in dict.fromkeys(e.source for e in ties):
            users = self.users[source]
            if len(users) <= FEW:
                gains += [len(self.numbers)] * sum(user in inside for user in users)
            elif len(users) <= LARGEST_BRANCH:
                last = {True: 0, False: 0}
                for user in users:
                    last[user in inside] = max(last[user in inside], self.numbers[user])
                gains.append(max(0, last[True] - last[False]))
        return gains
