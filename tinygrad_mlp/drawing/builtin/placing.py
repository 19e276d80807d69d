"""Heights for everything in the layers: straight edges, no overlaps, frames that are rectangles.

What should be straight, such as a long edge, is one track with one height.  Tracks are drawn to
the middle of their neighbours, and after each sweep moved apart where they are too close.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing.builtin.vertex import BEND, BOTTOM, BOX, TOP, Vertex, distance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinygrad_mlp.drawing.builtin.vertex import Layers

#: Sweeps to and fro.
SWEEPS = 16
#: What comes from nowhere, such as a weight, pulls less than what was computed: data goes straight.
LEAF_PULL = 0.25

Neighbours = list[list[tuple[int, float, float]]]  # track, how much higher it should be, weight


def place(layers: Layers, title: float) -> list[float]:
    """Return the height of each track, and tell every vertex its track.

    Parameters
    ----------
    layers : list of lists of Vertex
        In their order, with the borders of frames among them.
    title : float
        Room between the top of a frame and what is in it.
    """
    tracks = _tracks(layers)
    apart = _distances(layers, title)
    down, up = _constraints(len(tracks), apart)
    heights = _apart([0.0] * len(tracks), down, up)
    before, after = _neighbours(tracks)
    along = sorted(range(len(tracks)), key=lambda track: tracks[track][0].layer)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        near = before if forward else after
        for track in along if forward else reversed(along):
            if near[track]:
                heights[track] = _mean(near[track], heights)
        _hug(tracks, layers, heights, title)
        heights = _apart(heights, down, up)
    both = [one + other for one, other in zip(before, after, strict=True)]
    for _ in range(SWEEPS // 2):
        wishes = [_mean(near, heights) if near else heights[t] for t, near in enumerate(both)]
        heights = [(one + other) / 2 for one, other in zip(heights, wishes, strict=True)]
        _hug(tracks, layers, heights, title)
        heights = _apart(heights, down, up)
    _hug(tracks, layers, heights, title)
    return heights


# ----- Tracks -----


def _tracks(layers: Layers) -> list[list[Vertex]]:
    """Return what has one height: frames' borders, long edges, and data on its way.

    Of two tracks that would cross, the second is cut there.
    """
    straight: list[list[tuple[int, int]]] = [[] for _ in layers]  # by ranks, in order
    following: dict[Vertex, Vertex] = {}
    for one, other in _candidates(layers):
        pairs = straight[one.layer]
        at = bisect_left(pairs, (one.rank, other.rank))
        free = not at or (pairs[at - 1][0] < one.rank and pairs[at - 1][1] < other.rank)
        if at < len(pairs):
            free = free and one.rank < pairs[at][0] and other.rank < pairs[at][1]
        if free:
            pairs.insert(at, (one.rank, other.rank))
            following[one] = other
    tracks: list[list[Vertex]] = []
    for layer in layers:
        for vertex in layer:
            if vertex.track < 0:
                tracks.append([vertex])
            else:
                tracks[vertex.track].append(vertex)
            vertex.track = vertex.track if vertex.track >= 0 else len(tracks) - 1
            if vertex in following:
                following[vertex].track = vertex.track
    return tracks


def _candidates(layers: Layers) -> Iterator[tuple[Vertex, Vertex]]:
    """Yield pairs in neighbouring layers that should have one height, the most important first."""
    for kind in (TOP, BOTTOM):
        last: dict[int, Vertex] = {}
        for layer in layers:
            for vertex in layer:
                if vertex.kind == kind:
                    group = vertex.groups[-1]
                    if group in last:
                        yield last[group], vertex
                    last[group] = vertex
    leaves = _leaves(layers)
    computed = {
        vertex: sum(one not in leaves for one, _ in vertex.before)
        for layer in layers
        for vertex in layer
    }
    chains = []
    for layer in layers:
        for vertex in layer:
            for other, _ in vertex.after:
                if vertex.kind == other.kind == BEND:
                    yield vertex, other
                elif len(vertex.after) == computed[other] == 1 and vertex not in leaves:
                    chains.append((vertex, other))
    yield from chains


def _leaves(layers: Layers) -> set[Vertex]:
    """Return what comes from nowhere, such as a weight, and the bends on the way from there."""
    leaves: set[Vertex] = set()
    for layer in layers:
        for vertex in layer:
            if not vertex.before:
                is_leaf = vertex.kind == BOX  # and not what comes from the row before
            else:
                is_leaf = vertex.kind == BEND and vertex.before[0][0] in leaves
            if is_leaf:
                leaves.add(vertex)
    return leaves


def _neighbours(tracks: list[list[Vertex]]) -> tuple[Neighbours, Neighbours]:
    """Return for each track the tracks before and after it."""
    before: Neighbours = [[] for _ in tracks]
    after: Neighbours = [[] for _ in tracks]
    for track, vertices in enumerate(tracks):
        first = vertices[0]
        pull = LEAF_PULL if first.kind == BOX and not first.before else 1.0
        for vertex in vertices:
            for other, port in vertex.after:
                if other.track != track:
                    after[track].append((other.track, port, 1.0))
                    before[other.track].append((track, -port, pull))
    return before, after


def _mean(near: list[tuple[int, float, float]], heights: list[float]) -> float:
    # fsum gives the same bits in every Python; sum rounds otherwise since 3.12.
    total = math.fsum((heights[track] + port) * weight for track, port, weight in near)
    return total / math.fsum(weight for _, _, weight in near)


# ----- Distances -----


def _distances(layers: Layers, title: float) -> dict[tuple[int, int], float]:
    """Return how far apart the tracks are that are next to each other in a layer."""
    apart: dict[tuple[int, int], float] = {}
    for layer in layers:
        for one, other in pairwise(layer):
            pair = one.track, other.track
            apart[pair] = max(apart.get(pair, 0.0), distance(one, other, title))
    return apart


def _constraints(
    count: int, apart: dict[tuple[int, int], float]
) -> tuple[list[tuple[int, int, float]], list[tuple[int, int, float]]]:
    """Return the distances in an order in which they can be met one by one, down and up.

    Tracks do not cross, so that "above" has no cycles.
    """
    below: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
    waiting = [0] * count
    for (one, other), least in apart.items():
        below[one].append((other, least))
        waiting[other] += 1
    ready = [track for track in range(count) if not waiting[track]]
    down = []
    for track in ready:  # it grows
        for other, least in below[track]:
            down.append((track, other, least))
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return down, down[::-1]


def _apart(
    wishes: list[float],
    down: list[tuple[int, int, float]],
    up: list[tuple[int, int, float]],
) -> list[float]:
    """Return heights near the wishes that are far enough apart.

    Half of what is too close moves down, half of it up: the mean of two ways to meet all distances
    meets them too.
    """
    lower, upper = list(wishes), list(wishes)
    for one, other, least in down:
        lower[other] = max(lower[other], lower[one] + least)
    for one, other, least in up:
        upper[one] = min(upper[one], upper[other] - least)
    return [(one + other) / 2 for one, other in zip(lower, upper, strict=True)]


def _hug(tracks: list[list[Vertex]], layers: Layers, heights: list[float], title: float) -> None:
    """Let the borders of every frame wish to be where its contents are, inner frames first."""
    borders = [vertices[0].track for vertices in tracks if vertices[0].kind in (TOP, BOTTOM)]
    borders.sort(key=lambda track: -len(tracks[track][0].groups))
    for track in borders:
        vertices = tracks[track]
        if vertices[0].kind == TOP:
            nearest = [(v, layers[v.layer][v.rank + 1]) for v in vertices]
            heights[track] = min(heights[o.track] - distance(v, o, title) for v, o in nearest)
        else:
            nearest = [(v, layers[v.layer][v.rank - 1]) for v in vertices]
            heights[track] = max(heights[o.track] + distance(o, v, title) for v, o in nearest)
