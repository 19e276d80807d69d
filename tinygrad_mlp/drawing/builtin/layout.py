"""Places for the boxes of a graph and routes for its edges, in layers from left to right.

The steps are those of Sugiyama: layers, bends where an edge passes a layer, few crossings by
sorting each layer by its neighbours, then places as near to them as fit.  Frames around groups of
boxes take part in all of it: no stranger stands inside of one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing.builtin.frames import (
    Titles,
    around_both,
    fill,
    frames_on_the_way,
    spans_of,
)
from tinygrad_mlp.drawing.builtin.layering import Edge, layers_of
from tinygrad_mlp.drawing.builtin.ordering import order
from tinygrad_mlp.drawing.builtin.routes import Layout, routed
from tinygrad_mlp.drawing.builtin.rows import Rows, wrapped
from tinygrad_mlp.drawing.builtin.strips import strip_of
from tinygrad_mlp.drawing.builtin.vertex import BOX, Vertex, renumber

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.drawing.builtin.frames import Span
    from tinygrad_mlp.drawing.builtin.strips import Strip
    from tinygrad_mlp.drawing.builtin.vertex import Layers

#: Bends of all edges together; edges that are too long are drawn straight, behind the boxes.
MAXIMUM_BENDS = 20_000


class Sorted:
    """A graph in layers and in order, whose boxes have no places yet; all flows to the right.

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
    orders : list of lists of int, optional
        Those of the same graph, sorted for another direction.

    Attributes
    ----------
    orders : list of lists of int
        For each layer the places, before it was sorted, of what is in it.

    Examples
    --------
    >>> graph = Sorted([(40.0, 20.0), (40.0, 20.0)], [Edge(0, 1)])
    >>> graph.laid_out(graph.strip())  # doctest: +NORMALIZE_WHITESPACE
    Layout(places=[(20.0, 10.0), (90.0, 10.0)],
           routes=[[(40.0, 10.0), (40.0, 10.0), (70.0, 10.0), (70.0, 10.0)]], frames={})
    """

    def __init__(
        self,
        sizes: list[tuple[float, float]],
        edges: list[Edge],
        groups: Sequence[tuple[int, ...]] | None = None,
        titles: Titles = Titles(),  # noqa: B008  immutable
        orders: list[list[int]] | None = None,
    ) -> None:
        groups = groups or [()] * len(sizes)
        numbers = layers_of(len(sizes), edges, groups)
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
        _tie(boxes, edges, layers, spans)
        if orders is None:
            before = {v: place for layer in layers for place, v in enumerate(layer)}
            order(layers)
            orders = [[before[vertex] for vertex in layer] for layer in layers]
        else:
            for layer, places in zip(layers, orders, strict=True):
                layer[:] = [layer[place] for place in places]
                renumber(layer)
        self.orders = orders
        self.edges = edges
        self.titles = titles
        self.rows = Rows([layers], boxes, trunks, numbers)

    @property
    def is_whole(self) -> bool:
        """Whether every edge has its bends."""
        numbers, trunks = self.rows.numbers, self.rows.trunks
        return all(
            len(trunks[e.source]) >= numbers[e.target] - numbers[e.source] - 1 for e in self.edges
        )

    def strip(self) -> Strip:
        """Return all layers in one row, with their places."""
        (layers,) = self.rows.layers
        return strip_of([list(layer) for layer in layers], self.titles)

    def laid_out(self, strip: Strip) -> Layout:
        """Return the layout of one row.

        No two boxes overlap.  A route starts in the middle of the right border of its source and
        ends at its port on the left border of its target.  A frame, which is left, top, right and
        bottom, holds its boxes and frames and no others.
        """
        return routed(self.rows, [strip], self.edges)

    def wrapped(self, breaks: list[int]) -> Layout:
        """Return the layout of rows that begin with the layers of these numbers."""
        rows = wrapped(self.rows, breaks)
        return routed(rows, [strip_of(layers, self.titles) for layers in rows.layers], self.edges)


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


def _tie(boxes: list[Vertex], edges: list[Edge], layers: Layers, spans: dict[int, Span]) -> None:
    """Note what rows should not begin with: the ends of close edges, or whole frames around them.

    The frame around an edge that is never parted is not cut either.
    """
    for edge in edges:
        source, target = boxes[edge.source], boxes[edge.target]
        tied = [target]
        if edge.close == math.inf:
            around = around_both(source.groups, target.groups)
            span = spans[around[-1]] if around else None
            first, last = (span.first, span.last) if span else (source.layer, target.layer)
            tied = [layer[0] for layer in layers[first + 1 : last + 1]]
        for vertex in tied:
            vertex.follows = max(vertex.follows, edge.close)


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
