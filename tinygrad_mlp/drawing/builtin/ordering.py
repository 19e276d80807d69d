"""The order inside the layers: few crossings, and what has a frame around it stays together."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing.builtin.vertex import Vertex, renumber

if TYPE_CHECKING:
    from tinygrad_mlp.drawing.builtin.vertex import Layers

#: Sweeps to and fro at most, and without getting better.
SWEEPS = 24
PATIENCE = 6
#: Rounds in which neighbours may change places, and more pairs of edges than are looked at then.
EXCHANGES = 8
MANY = 400
#: Vertices of a graph at most for which there is time to try more.
SMALL = 600
#: Vertices of a graph from which on there is time for a few sweeps only.
HUGE = 10_000
FEW_SWEEPS = 6


def order(layers: Layers) -> None:
    """Sort each layer by the middle of its neighbours, to and fro, and keep the best order.

    It starts from a walk back from the results, argument by argument, and in a small graph from
    the order of birth too.  Frames never cross: those beside each other keep one order in all
    layers.
    """
    starts = [_walk(layers)]
    if len(starts[0]) <= SMALL:
        starts.append({v: float(rank) for layer in layers for rank, v in enumerate(layer)})
    best, fewest = layers, -1
    for start in starts:
        found = _sweep(layers, start)
        count = crossings(found)
        if fewest < 0 or count < fewest:
            best, fewest = found, count
    for layer, good in zip(layers, best, strict=True):
        layer[:] = good
        renumber(layer)


def _walk(layers: Layers) -> dict[Vertex, float]:
    """Return the order in which a walk from the results to their arguments comes by."""
    seen: dict[Vertex, float] = {}
    for layer in reversed(layers):
        for end in layer:
            waiting = [end]
            while waiting:
                vertex = waiting.pop()
                if vertex not in seen:
                    seen[vertex] = float(len(seen))
                    waiting += [other for other, _ in reversed(vertex.before)]
    return seen


def _sweep(layers: Layers, start: dict[Vertex, float]) -> Layers:
    """Return the best order that is found from a start."""
    layers = [list(layer) for layer in layers]
    for layer in layers:
        layer.sort(key=start.__getitem__)
        renumber(layer)
    frames = _order_of_frames(layers)
    for layer in layers:
        _sort(layer, [float(vertex.rank) for vertex in layer], frames)
    best = [list(layer) for layer in layers]
    fewest, waited = crossings(layers), 0
    count = sum(map(len, layers))
    for sweep in range(SWEEPS if count < HUGE else FEW_SWEEPS):
        if not fewest or waited == PATIENCE:
            break
        forward = sweep % 2 == 0
        frames = _order_of_frames(layers)
        for layer in layers if forward else reversed(layers):
            _sort(layer, [_middle(vertex, forward=forward) for vertex in layer], frames)
        if count <= SMALL:
            _exchange_all(layers)
        found = crossings(layers)
        waited += 1
        if found < fewest:
            fewest, waited, best = found, 0, [list(layer) for layer in layers]
    for layer in best:
        renumber(layer)
    if count < HUGE:
        _exchange_all(best)
    return best


def _exchange_all(layers: Layers) -> None:
    for _ in range(EXCHANGES):
        if not sum(map(_exchange, layers)):
            break


def _exchange(layer: list[Vertex]) -> int:
    """Let neighbours in a layer change places where fewer edges cross then; return how many did."""
    count = 0
    for rank in range(1, len(layer)):
        one, other = layer[rank - 1], layer[rank]
        if one.groups == other.groups and _crossed(one, other) > _crossed(other, one):
            layer[rank - 1], layer[rank] = other, one
            one.rank, other.rank = rank, rank - 1
            count += 1
    return count


def _crossed(one: Vertex, other: Vertex) -> int:
    """Count the crossings of the edges of two vertices, if the first stood above the second."""
    total = 0
    for above, below in (
        (_ends_after(one), _ends_after(other)),
        (_ends_before(one), _ends_before(other)),
    ):
        if len(above) * len(below) <= MANY:
            total += sum(high > low for high in above for low in below)
    return total


def _ends_after(vertex: Vertex) -> list[float]:
    return [_arrival(other, port) for other, port in vertex.after]


def _ends_before(vertex: Vertex) -> list[float]:
    return [float(other.rank) for other, _ in vertex.before]


def _middle(vertex: Vertex, *, forward: bool) -> float:
    """Return the mean rank of a vertex's neighbours in the layer before or after it."""
    if forward:
        near = [float(other.rank) for other, _ in vertex.before]
    else:
        near = [_arrival(other, port) for other, port in vertex.after]
    return sum(near) / len(near) if near else float(vertex.rank)


def _arrival(vertex: Vertex, port: float) -> float:
    """Return the rank of a port: the first of a box is a little less than the last."""
    return vertex.rank + port / max(vertex.height, 1.0)


def crossings(layers: Layers) -> int:
    """Count the pairs of edges that cross between neighbouring layers."""
    total = 0
    for layer in layers:
        seen: list[float] = []
        for vertex in layer:
            ends = _ends_after(vertex)
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


# ----- Frames -----


def _order_of_frames(layers: Layers) -> dict[int, int]:
    """Return the place of each frame in the one order that all layers keep, by mean height."""
    heights: defaultdict[int, list[float]] = defaultdict(list)
    for layer in layers:
        for vertex in layer:
            for group in vertex.groups:
                heights[group].append((vertex.rank + 0.5) / len(layer))
    mean = {group: sum(found) / len(found) for group, found in heights.items()}
    return {
        group: place
        for place, group in enumerate(sorted(mean, key=lambda group: (mean[group], group)))
    }


def _sort(layer: list[Vertex], wishes: list[float], frames: dict[int, int]) -> None:
    """Sort a layer by wishes; each frame's vertices come together, where their mean is."""
    if not frames:
        keys = dict(zip(layer, wishes, strict=True))
        layer.sort(key=keys.__getitem__)
        renumber(layer)
        return
    inside: defaultdict[int, list[float]] = defaultdict(list)
    siblings: defaultdict[int, set[int]] = defaultdict(set)  # the frames here, by the one around
    for vertex, wish in zip(layer, wishes, strict=True):
        outer = -1
        for group in vertex.groups:
            inside[group].append(wish)
            siblings[outer].add(group)
            outer = group
    place: dict[int, float] = {}
    for groups in siblings.values():
        means = sorted(sum(inside[group]) / len(inside[group]) for group in groups)
        place.update(zip(sorted(groups, key=frames.__getitem__), means, strict=True))
    nested = {
        vertex: (*((place[group], frames[group]) for group in vertex.groups), (wish, -1))
        for vertex, wish in zip(layer, wishes, strict=True)
    }
    layer.sort(key=nested.__getitem__)
    renumber(layer)
