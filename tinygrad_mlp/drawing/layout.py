"""Places for the boxes of a graph and routes for its edges, in layers from left to right.

The steps are those of Sugiyama: layers by the longest path, bends where an edge passes a layer,
few crossings by sorting each layer by its neighbours, then places as near to them as fit.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import NamedTuple

#: Sweeps to and fro for the order inside the layers, and for the places.
ORDER_SWEEPS = 8
PLACE_SWEEPS = 10
#: An edge over more layers than this is drawn straight, behind the boxes.
LONGEST_ROUTE = 40

LAYER_GAP = 30.0
BOX_GAP = 18.0
BEND_GAP = 9.0


class Edge(NamedTuple):
    """An edge between two boxes, by their indices.

    ``port`` is where it arrives, measured from the middle of the target; ``length`` is the least
    number of layers from the source to the target.
    """

    source: int
    target: int
    port: float = 0.0
    length: int = 1


class Layout(NamedTuple):
    """Middles of the boxes, and for every edge the corners of its route."""

    places: list[tuple[float, float]]
    routes: list[list[tuple[float, float]]]


class _Vertex:
    """A box, or a bend of the edges that pass a layer on their way from one box."""

    __slots__ = ("after", "before", "gap", "height", "is_bend", "layer", "width", "y")

    def __init__(self, width: float, height: float, layer: int, *, is_bend: bool = False) -> None:
        self.width = width
        self.height = height
        self.layer = layer
        self.is_bend = is_bend
        self.gap = BEND_GAP if is_bend else BOX_GAP
        self.y = 0.0
        self.before: list[tuple[_Vertex, float]] = []  # neighbours, and the port on the right one
        self.after: list[tuple[_Vertex, float]] = []


def layout(
    sizes: list[tuple[float, float]], edges: list[Edge], layer_gap: float = LAYER_GAP
) -> Layout:
    """Return where to draw boxes and edges so that everything flows from left to right.

    Parameters
    ----------
    sizes : list of (width, height)
        One for each box, in topological order: an edge goes from an earlier box to a later one.
    edges : list of Edge
        By the indices of the boxes; an edge may occur twice.
    layer_gap : float
        The least distance between boxes of neighbouring layers.

    Returns
    -------
    Layout
        No two boxes overlap.  A route starts in the middle of the right border of its source and
        ends at its port on the left border of its target.

    Examples
    --------
    >>> layout([(40.0, 20.0), (40.0, 20.0)], [Edge(0, 1)])  # doctest: +NORMALIZE_WHITESPACE
    Layout(places=[(20.0, 10.0), (90.0, 10.0)],
           routes=[[(40.0, 10.0), (40.0, 10.0), (70.0, 10.0), (70.0, 10.0)]])
    """
    numbers = _layers(len(sizes), edges)
    boxes = [_Vertex(*size, layer) for size, layer in zip(sizes, numbers, strict=True)]
    layers: list[list[_Vertex]] = [[] for _ in range(max(numbers, default=-1) + 1)]
    for box in boxes:
        layers[box.layer].append(box)
    trunks = _connect(boxes, edges, layers)
    _order(layers)
    _place(layers)
    return _measure(boxes, edges, layers, trunks, layer_gap)


def _layers(count: int, edges: list[Edge]) -> list[int]:
    """Return the layer of each box: after all its sources, and as late as its targets allow."""
    layer = [0] * count
    for source, target, _, length in sorted(edges, key=lambda edge: edge.target):
        layer[target] = max(layer[target], layer[source] + length)
    latest: dict[int, int] = {}
    for source, target, _, length in sorted(edges, key=lambda edge: -edge.source):
        limit = latest.get(target, layer[target]) - length
        latest[source] = min(latest.get(source, limit), limit)
    return [latest.get(box, layer[box]) for box in range(count)]


def _connect(
    boxes: list[_Vertex], edges: list[Edge], layers: list[list[_Vertex]]
) -> list[list[_Vertex]]:
    """Make neighbours of what an edge connects, and return the bends behind each box.

    Edges that leave one box share their bends, one in each layer that they pass.
    """
    trunks: list[list[_Vertex]] = [[] for _ in boxes]
    linked = set()
    for edge in edges:
        source, target = boxes[edge.source], boxes[edge.target]
        trunk = trunks[edge.source]
        passed = target.layer - source.layer - 1
        if passed > LONGEST_ROUTE:
            continue
        while len(trunk) < passed:
            last = trunk[-1] if trunk else source
            bend = _Vertex(0.0, 0.0, last.layer + 1, is_bend=True)
            trunk.append(bend)
            layers[bend.layer].append(bend)
            last.after.append((bend, 0.0))
            bend.before.append((last, 0.0))
        last = trunk[passed - 1] if passed else source
        if edge not in linked:  # x * x: one neighbour at each of two ports
            linked.add(edge)
            last.after.append((target, edge.port))
            target.before.append((last, edge.port))
    return trunks


# ----- The order inside the layers -----


def _order(layers: list[list[_Vertex]]) -> None:
    """Sort each layer by the middle of its neighbours, to and fro, and keep the best order."""
    rank = {vertex: float(place) for layer in layers for place, vertex in enumerate(layer)}
    best = [list(layer) for layer in layers]
    fewest = _crossings(layers, rank)
    for sweep in range(ORDER_SWEEPS):
        if not fewest:
            break
        forward = sweep % 2 == 0
        for layer in layers if forward else reversed(layers):
            layer.sort(key=lambda vertex: _middle(vertex, rank, forward=forward))
            rank.update((vertex, float(place)) for place, vertex in enumerate(layer))
        crossings = _crossings(layers, rank)
        if crossings < fewest:
            fewest, best = crossings, [list(layer) for layer in layers]
    layers[:] = best


def _middle(vertex: _Vertex, rank: dict[_Vertex, float], *, forward: bool) -> float:
    """Return the mean rank of a vertex's neighbours in the layer before or after it."""
    if forward:
        near = [rank[other] for other, _ in vertex.before]
    else:
        near = [_arrival(other, port, rank) for other, port in vertex.after]
    return sum(near) / len(near) if near else rank[vertex]


def _arrival(vertex: _Vertex, port: float, rank: dict[_Vertex, float]) -> float:
    """Return the rank of a port: the first of a box is a little less than the last."""
    return rank[vertex] + port / max(vertex.height, 1.0)


def _crossings(layers: list[list[_Vertex]], rank: dict[_Vertex, float]) -> int:
    """Count the pairs of edges that cross between neighbouring layers."""
    total = 0
    for layer in layers:
        seen: list[float] = []
        for vertex in layer:
            ends = [_arrival(other, port, rank) for other, port in vertex.after]
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


# ----- Places -----


def _place(layers: list[list[_Vertex]]) -> None:
    """Move each vertex as near to the middle of its neighbours as the order in its layer allows."""
    for layer in layers:
        _settle(layer, [(0.0, 1.0) for _ in layer])
    for sweep in range(PLACE_SWEEPS):
        forward = sweep % 2 == 1  # the last one goes forward, from arguments to results
        for layer in layers if forward else reversed(layers):
            _settle(layer, [_wish(vertex, forward=forward) for vertex in layer])
    for layer in layers:  # a result that had to step aside takes its op along
        _settle(layer, [_wish_of_pair(vertex) for vertex in layer])


def _wish(vertex: _Vertex, *, forward: bool) -> tuple[float, float]:
    """Return where a vertex wants to be, and how much."""
    near = vertex.before if forward else vertex.after
    if not near:
        return vertex.y, 0.01
    wish = sum(other.y + (-port if forward else port) for other, port in near) / len(near)
    straight = vertex.is_bend and near[0][0].is_bend
    return wish, 8.0 if straight else 1.0


def _wish_of_pair(vertex: _Vertex) -> tuple[float, float]:
    """Return the place of the only vertex after this one, if this is the only one before it."""
    if len(vertex.after) == 1:
        other, port = vertex.after[0]
        if len(other.before) == 1:
            return other.y + port, 1.0
    return vertex.y, 100.0


def _settle(layer: list[_Vertex], wishes: list[tuple[float, float]]) -> None:
    """Put a layer's vertices where the weighted squares of their distances to wishes are least.

    They keep their order and their gaps.  Measured from where each would be if all were packed
    tightly, "in order and apart" just means "not falling", and the best such numbers come from
    averaging every falling run (isotonic regression).
    """
    offsets, offset = [], 0.0
    for place, vertex in enumerate(layer):
        if place:
            above = layer[place - 1]
            offset += (above.height + vertex.height) / 2 + max(above.gap, vertex.gap)
        offsets.append(offset)
    runs: list[tuple[float, float, int]] = []  # mean, weight, number of vertices
    for (wish, weight), offset in zip(wishes, offsets, strict=True):
        mean, count = wish - offset, 1
        while runs and runs[-1][0] >= mean:
            other_mean, other_weight, other_count = runs.pop()
            mean = (mean * weight + other_mean * other_weight) / (weight + other_weight)
            weight += other_weight
            count += other_count
        runs.append((mean, weight, count))
    means = [mean for mean, _, count in runs for _ in range(count)]
    for vertex, mean, offset in zip(layer, means, offsets, strict=True):
        vertex.y = mean + offset


def _measure(
    boxes: list[_Vertex],
    edges: list[Edge],
    layers: list[list[_Vertex]],
    trunks: list[list[_Vertex]],
    layer_gap: float,
) -> Layout:
    """Return places and routes, with the top left corner of everything at zero."""
    top = min((vertex.y - vertex.height / 2 for layer in layers for vertex in layer), default=0.0)
    widths = [max(vertex.width for vertex in layer) for layer in layers]
    lefts, left = [], 0.0
    for layer, width in zip(layers, widths, strict=True):
        lefts.append(left)
        steepest = max(
            (abs(end.y + port - vertex.y) for vertex in layer for end, port in vertex.after),
            default=0.0,
        )
        left += width + layer_gap + min(50.0, steepest / 5)  # steep edges get room to turn
    places = [(lefts[box.layer] + widths[box.layer] / 2, box.y - top) for box in boxes]
    routes = []
    for edge in edges:
        source, target = boxes[edge.source], boxes[edge.target]
        x, y = places[edge.source]
        route = [(x + source.width / 2, y), (lefts[source.layer] + widths[source.layer], y)]
        for bend in trunks[edge.source][: target.layer - source.layer - 1]:
            left = lefts[bend.layer]
            route += [(left, bend.y - top), (left + widths[bend.layer], bend.y - top)]
        x, y = places[edge.target]
        route += [(lefts[target.layer], y + edge.port), (x - target.width / 2, y + edge.port)]
        routes.append(route)
    return Layout(places, routes)
