"""The frames around groups of boxes: the layers that they reach over, and their rectangles."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from tinygrad_mlp.drawing.builtin.vertex import BOTTOM, FRAME_PADDING, TOP, Vertex, renumber

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinygrad_mlp.drawing.builtin.vertex import Layers
    from tinygrad_mlp.drawing.shapes import Frame


class Titles(NamedTuple):
    """Room for the name of a frame: above what is in it, before it or behind it.

    A name that stands before or behind a frame has its own length in ``lengths``, by the number of
    the frame, so that it stands beside the lines that pass there.
    """

    above: float = 0.0
    before: float = 0.0
    behind: float = 0.0
    lengths: Mapping[int, float] = MappingProxyType({})


class Span:
    """The layers that a frame reaches over, and the frames around it and itself."""

    __slots__ = ("depth", "first", "groups", "last")

    def __init__(self, layer: int, groups: tuple[int, ...]) -> None:
        self.first = self.last = layer
        self.groups = groups
        self.depth = 0  # frames inside of frames inside of it

    def reaches(self, layer: int) -> bool:
        """Return whether it reaches over a layer."""
        return self.first <= layer <= self.last

    def room(self, title: float) -> float:
        """Return the distance from its side to the nearest box."""
        return (self.depth + 1) * (FRAME_PADDING + title)


def spans_of(boxes: list[Vertex]) -> dict[int, Span]:
    """Return the span of each frame, by its number."""
    spans: dict[int, Span] = {}
    for box in boxes:
        for level, group in enumerate(box.groups):
            span = spans.setdefault(group, Span(box.layer, box.groups[: level + 1]))
            span.first, span.last = min(span.first, box.layer), max(span.last, box.layer)
            span.depth = max(span.depth, len(box.groups) - level - 1)
    return spans


def fill(layers: Layers, spans: dict[int, Span]) -> None:
    """Keep a place for a frame in every layer that it passes without a box, inner frames first."""
    for group, span in sorted(spans.items(), key=lambda item: (-len(item[1].groups), item[0])):
        previous: Vertex | None = None
        for layer in range(span.first, span.last + 1):
            inside = [vertex for vertex in layers[layer] if group in vertex.groups]
            if not inside:
                filler = Vertex(0.0, 0.0, layer, span.groups)
                if previous is not None:
                    filler.before.append((previous, 0.0))
                layers[layer].append(filler)
                inside = [filler]
            previous = inside[0]


def add_borders(layers: Layers, spans: dict[int, Span], titles: Titles) -> None:
    """Put the top and the bottom of every frame into every layer that it reaches over."""
    for number, layer in enumerate(layers):
        filled: list[Vertex] = []
        around: tuple[int, ...] = ()
        for vertex in [*layer, Vertex(0.0, 0.0, number)]:
            shared = len(around_both(around, vertex.groups))
            closed = range(len(around), shared, -1)
            opened = range(shared + 1, len(vertex.groups) + 1)
            filled += [Vertex(0.0, 0.0, number, around[:depth], BOTTOM) for depth in closed]
            filled += [Vertex(0.0, 0.0, number, vertex.groups[:depth], TOP) for depth in opened]
            filled.append(vertex)
            around = vertex.groups
        layer[:] = filled[:-1]
        renumber(layer)
    for group, length in titles.lengths.items():
        if group in spans:
            _keep_room(
                layers[spans[group].first if titles.before else spans[group].last], group, length
            )


def _keep_room(layer: list[Vertex], group: int, length: float) -> None:
    """Keep room for the name of a frame beside the last line that passes between its borders."""
    place = next(n for n, v in enumerate(layer) if v.kind == BOTTOM and v.groups[-1] == group)
    while layer[place - 1].kind == BOTTOM:  # of frames inside, which keep some of it
        place -= 1
        length -= FRAME_PADDING
    port = max((port for _, port in layer[place - 1].before), default=0.0)
    layer[place].room = max(layer[place].room, length + port)


def around_both(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    """Return the frames around both."""
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]


def frames_on_the_way(
    source: Vertex, target: Vertex, bend: Vertex, spans: dict[int, Span]
) -> tuple[int, ...]:
    """Return the frames that an edge is in: it may enter those of its target, or not yet leave."""
    shared = len(around_both(source.groups, target.groups))
    for end in (target, source):
        length = shared
        while length < len(end.groups) and spans[end.groups[length]].reaches(bend.layer):
            length += 1
        if length > shared:
            return end.groups[:length]
    return source.groups[:shared]


def rectangles(
    boxes: list[Vertex],
    places: list[tuple[float, float]],
    layers: Layers,
    spans: dict[int, Span],
    y: dict[Vertex, float],
    titles: Titles,
) -> dict[int, Frame]:
    """Return the rectangle of every frame: around its boxes, and between its borders."""
    lefts: dict[int, float] = {}
    rights: dict[int, float] = {}
    for box, (x, _) in zip(boxes, places, strict=True):
        for group in box.groups:
            lefts[group] = min(lefts.get(group, x), x - box.width / 2)
            rights[group] = max(rights.get(group, x), x + box.width / 2)
    frames = {}
    for group, span in spans.items():
        borders = [
            y[vertex]
            for vertex in layers[span.first]
            if vertex.kind in (TOP, BOTTOM) and vertex.groups[-1] == group
        ]
        left = lefts[group] - span.room(titles.before)
        frames[group] = left, borders[0], rights[group] + span.room(titles.behind), borders[1]
    return frames
