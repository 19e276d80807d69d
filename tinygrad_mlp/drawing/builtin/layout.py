"""Places for the boxes of a graph and routes for its edges, in layers from left to right.

The steps are those of Sugiyama: layers by the longest path, bends where an edge passes a layer,
few crossings by sorting each layer by its neighbours, then places as near to them as fit.  Frames
around groups of boxes take part in all of it: no stranger stands inside of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tinygrad_mlp.drawing.builtin.frames import (
    Titles,
    add_borders,
    around_both,
    fill,
    frames_on_the_way,
    rectangles,
    spans_of,
)
from tinygrad_mlp.drawing.builtin.ordering import order
from tinygrad_mlp.drawing.builtin.placing import place
from tinygrad_mlp.drawing.builtin.vertex import BOX, Vertex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.drawing.builtin.frames import Span
    from tinygrad_mlp.drawing.builtin.vertex import Layers
    from tinygrad_mlp.drawing.shapes import Frame

#: Bends of all edges together; edges that are too long are drawn straight, behind the boxes.
MAXIMUM_BENDS = 20_000

LAYER_GAP = 30.0


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
    """Middles of the boxes, the corners of every edge's route, and the frame of every group."""

    places: list[tuple[float, float]]
    routes: list[list[tuple[float, float]]]
    frames: dict[int, Frame]


def layout(
    sizes: list[tuple[float, float]],
    edges: list[Edge],
    groups: Sequence[tuple[int, ...]] | None = None,
    titles: Titles = Titles(),  # noqa: B008  immutable
) -> Layout:
    """Return where to draw boxes and edges so that everything flows from left to right.

    Parameters
    ----------
    sizes : list of (width, height)
        One for each box, in topological order: an edge goes from an earlier box to a later one.
    edges : list of Edge
        By the indices of the boxes; an edge may occur twice.
    groups : sequence of tuples of ints, optional
        For each box the frames around it, outermost first; a frame is always in the same others.
    titles : Titles
        Room for the names of frames.

    Returns
    -------
    Layout
        No two boxes overlap.  A route starts in the middle of the right border of its source and
        ends at its port on the left border of its target.  A frame, which is left, top, right and
        bottom, holds its boxes and frames and no others.

    Examples
    --------
    >>> layout([(40.0, 20.0), (40.0, 20.0)], [Edge(0, 1)])  # doctest: +NORMALIZE_WHITESPACE
    Layout(places=[(20.0, 10.0), (90.0, 10.0)],
           routes=[[(40.0, 10.0), (40.0, 10.0), (70.0, 10.0), (70.0, 10.0)]], frames={})
    """
    groups = groups or [()] * len(sizes)
    numbers = _layers(len(sizes), edges)
    boxes = [
        Vertex(*size, layer, around, BOX)
        for size, layer, around in zip(sizes, numbers, groups, strict=True)
    ]
    layers: Layers = [[] for _ in range(max(numbers, default=-1) + 1)]
    for box in boxes:
        layers[box.layer].append(box)
    spans = spans_of(boxes)
    trunks = _connect(boxes, edges, layers, spans)
    fill(layers, spans)
    order(layers)
    add_borders(layers)
    heights = place(layers, titles.above)
    return _measure(boxes, edges, layers, trunks, spans, heights, titles)


def _layers(count: int, edges: list[Edge]) -> list[int]:
    """Return the layer of each box: after all its sources, and as late as its targets allow."""
    layer = [0] * count
    for source, target, _, length in sorted(edges, key=lambda edge: edge.target):
        layer[target] = max(layer[target], layer[source] + length)
    latest: dict[int, int] = {}
    for source, target, _, length in sorted(edges, key=lambda edge: -edge.source):
        limit = latest.get(target, layer[target]) - length
        latest[source] = min(latest.get(source, limit), limit)
    numbers = [latest.get(box, layer[box]) for box in range(count)]
    used = {number: place for place, number in enumerate(sorted(set(numbers)))}
    return [used[number] for number in numbers]


def _connect(
    boxes: list[Vertex], edges: list[Edge], layers: Layers, spans: dict[int, Span]
) -> list[list[Vertex]]:
    """Make neighbours of what an edge connects, and return the bends behind each box.

    Edges that leave one box share their bends, one in each layer that they pass.
    """
    passed = [boxes[e.target].layer - boxes[e.source].layer - 1 for e in edges]
    longest = _longest_route(len(boxes), edges, passed)
    trunks: list[list[Vertex]] = [[] for _ in boxes]
    linked = set()
    for edge, length in zip(edges, passed, strict=True):
        if length > longest:
            continue
        source, target = boxes[edge.source], boxes[edge.target]
        trunk = trunks[edge.source]
        for bend in trunk[:length] if spans else ():
            bend.groups = around_both(bend.groups, frames_on_the_way(source, target, bend, spans))
        while len(trunk) < length:
            last = trunk[-1] if trunk else source
            bend = Vertex(0.0, 0.0, last.layer + 1)
            bend.groups = frames_on_the_way(source, target, bend, spans)
            trunk.append(bend)
            layers[bend.layer].append(bend)
            last.after.append((bend, 0.0))
            bend.before.append((last, 0.0))
        last = trunk[length - 1] if length else source
        if edge not in linked:  # x * x: one neighbour at each of two ports
            linked.add(edge)
            last.after.append((target, edge.port))
            target.before.append((last, edge.port))
    return trunks


def _longest_route(count: int, edges: list[Edge], passed: list[int]) -> int:
    """Return the largest length of which all edges together have few enough bends."""
    longest = [0] * count
    for edge, length in zip(edges, passed, strict=True):
        longest[edge.source] = max(longest[edge.source], length)
    total = 0
    for length in sorted(longest):
        total += length
        if total > MAXIMUM_BENDS:
            return length - 1
    return max(longest, default=0)


# ----- From layers to the plane -----


def _measure(
    boxes: list[Vertex],
    edges: list[Edge],
    layers: Layers,
    trunks: list[list[Vertex]],
    spans: dict[int, Span],
    heights: list[float],
    titles: Titles,
) -> Layout:
    """Return places, routes and frames, with the top left corner of everything at zero."""
    top = min((heights[v.track] - v.height / 2 for layer in layers for v in layer), default=0.0)
    y = {vertex: heights[vertex.track] - top for layer in layers for vertex in layer}
    widths = [max(vertex.width for vertex in layer) for layer in layers]
    before, behind = [0.0] * len(layers), [0.0] * len(layers)  # room for what begins and ends
    for span in spans.values():
        before[span.first] = max(before[span.first], span.room(titles.before))
        behind[span.last] = max(behind[span.last], span.room(titles.behind))
    lefts: list[float] = []
    left = 0.0
    for number, layer in enumerate(layers):
        lefts.append(left + before[number])
        steepest = max(
            (abs(y[end] + port - y[vertex]) for vertex in layer for end, port in vertex.after),
            default=0.0,
        )
        left = lefts[-1] + widths[number] + behind[number] + LAYER_GAP
        left += min(50.0, steepest / 5)  # steep edges get room to turn
    places = [(lefts[box.layer] + widths[box.layer] / 2, y[box]) for box in boxes]
    runs = [_runs(trunk, y) for trunk in trunks]
    routes = []
    for edge in edges:
        source, target = boxes[edge.source], boxes[edge.target]
        x, level = places[edge.source]
        route = [(x + source.width / 2, level), (lefts[source.layer] + widths[source.layer], level)]
        is_routed = len(trunks[edge.source]) >= target.layer - source.layer - 1
        for first, last, height in runs[edge.source] if is_routed else ():
            if first < target.layer:
                end = min(last, target.layer - 1)
                route += [(lefts[first], height), (lefts[end] + widths[end], height)]
        x, level = places[edge.target]
        level += edge.port
        route += [(lefts[target.layer], level), (x - target.width / 2, level)]
        routes.append(route)
    return Layout(places, routes, rectangles(boxes, places, layers, spans, y, titles))


def _runs(trunk: list[Vertex], y: dict[Vertex, float]) -> list[tuple[int, int, float]]:
    """Return the stretches of a trunk that are straight: first and last layer, and height."""
    runs: list[tuple[int, int, float]] = []
    for bend in trunk:
        first = bend.layer
        if runs and runs[-1][2] == y[bend]:
            first = runs.pop()[0]
        runs.append((first, bend.layer, y[bend]))
    return runs
