"""Strips of layers beside each other: all of a drawing, or one of the rows that it wraps into."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tinygrad_mlp.drawing.builtin.frames import add_borders, rectangles, spans_of
from tinygrad_mlp.drawing.builtin.placing import place
from tinygrad_mlp.drawing.builtin.vertex import BOX, Vertex

if TYPE_CHECKING:
    from tinygrad_mlp.drawing.builtin.frames import Span, Titles
    from tinygrad_mlp.drawing.builtin.vertex import Layers
    from tinygrad_mlp.drawing.shapes import Frame

LAYER_GAP = 30.0


class Strip(NamedTuple):
    """Layers that have their places: its top left corner is at zero.

    From ``starts`` to ``ends`` lines go straight through a layer, past the names of frames too.
    """

    layers: Layers
    spans: dict[int, Span]
    lefts: list[float]
    widths: list[float]
    starts: list[float]
    ends: list[float]
    y: dict[Vertex, float]
    frames: dict[int, Frame]

    @property
    def height(self) -> float:
        """From its top to its bottom."""
        return max((y + vertex.height / 2 for vertex, y in self.y.items()), default=0.0)


def strip_of(layers: Layers, titles: Titles) -> Strip:
    """Give everything in some layers its place; the borders of frames are added to them."""
    boxes = [vertex for layer in layers for vertex in layer if vertex.kind == BOX]
    spans = spans_of(boxes)
    add_borders(layers, spans, titles)
    heights = place(layers, titles.above)
    top = min((heights[v.track] - v.height / 2 for layer in layers for v in layer), default=0.0)
    y = {vertex: heights[vertex.track] - top for layer in layers for vertex in layer}
    # No box passes the end of a row where all leaves go along to the next one.
    widths = [max((vertex.width for vertex in layer), default=0.0) for layer in layers]
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
    middles = [(lefts[box.layer] + widths[box.layer] / 2, y[box]) for box in boxes]
    frames = rectangles(boxes, middles, layers, spans, y, titles)
    rights = [left + width for left, width in zip(lefts, widths, strict=True)]
    starts = [x - room * bool(titles.before) for x, room in zip(lefts, before, strict=True)]
    ends = [x + room * bool(titles.behind) for x, room in zip(rights, behind, strict=True)]
    return Strip(layers, spans, lefts, widths, starts, ends, y, frames)
