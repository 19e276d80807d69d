"""From strips to the plane: rows below each other, and the routes of all edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tinygrad_mlp.drawing.builtin.vertex import BEND_GAP

if TYPE_CHECKING:
    from tinygrad_mlp.drawing.builtin.layering import Edge
    from tinygrad_mlp.drawing.builtin.rows import Rows
    from tinygrad_mlp.drawing.builtin.strips import Strip
    from tinygrad_mlp.drawing.builtin.vertex import Vertex
    from tinygrad_mlp.drawing.shapes import Frame, Point

#: From a row to the nearest line below it, and from the last line to the next row.
ROW_GAP = 15.0


class Layout(NamedTuple):
    """Middles of the boxes, the corners of every edge's route, and the frames of every group.

    A group has a frame in each row that it has a box in.
    """

    places: list[Point]
    routes: list[list[Point]]
    frames: dict[int, list[Frame]]


class _Turn(NamedTuple):
    """How a line goes back to the next row: down on the right, and down on the left."""

    right: float
    level: float
    left: float


class _Plane(NamedTuple):
    """Where the layers of all rows are, counted through, and everything in them."""

    lefts: list[float]
    rights: list[float]
    starts: list[float]
    ends: list[float]
    y: dict[Vertex, float]
    turns: dict[Vertex, _Turn]  # by the exits
    frames: dict[int, list[Frame]]


def routed(rows: Rows, strips: list[Strip], edges: list[Edge]) -> Layout:
    """Return places, routes and frames, with the top left corner of everything at zero."""
    plane = _plane(strips)
    middles = [(left + right) / 2 for left, right in zip(plane.lefts, plane.rights, strict=True)]
    places = [(middles[n], plane.y[b]) for n, b in zip(rows.numbers, rows.boxes, strict=True)]
    starts = [number + 1 for number in rows.numbers]
    runs = [_runs(t, first, plane) for t, first in zip(rows.trunks, starts, strict=True)]
    routes = []
    for edge in edges:
        source, target = rows.boxes[edge.source], rows.boxes[edge.target]
        first, end = starts[edge.source], rows.numbers[edge.target]
        x, level = places[edge.source]
        route = [(x + source.width / 2, level), (plane.ends[first - 1], level)]
        if len(rows.trunks[edge.source]) >= end - first:  # else it goes straight
            route += _between(runs[edge.source], end, plane)
        x, level = places[edge.target]
        level += edge.port
        route += [(plane.starts[end], level), (x - target.width / 2, level)]
        routes.append(route)
    return Layout(places, routes, plane.frames)


def _plane(strips: list[Strip]) -> _Plane:
    """Return the rows below each other, with as much room between them as lines need."""
    plane = _Plane([], [], [], [], {}, {}, {})
    top, inset = 0.0, 0.0
    for row, strip in enumerate(strips):
        for start, width in zip(strip.lefts, strip.widths, strict=True):
            plane.lefts.append(start + inset)
            plane.rights.append(start + width + inset)
        plane.starts.extend(start + inset for start in strip.starts)
        plane.ends.extend(end + inset for end in strip.ends)
        plane.y.update((vertex, y + top) for vertex, y in strip.y.items())
        for group, (left, above, right, below) in strip.frames.items():
            frame = left + inset, above + top, right + inset, below + top
            plane.frames.setdefault(group, []).append(frame)
        if row < len(strips) - 1:
            exits = strip.layers[-1]
            top += strip.height + ROW_GAP
            inset = (len(exits) + 1) * BEND_GAP
            for place, vertex in enumerate(exits):
                outer = (len(exits) - place) * BEND_GAP  # they turn around each other, uncrossed
                edge, left = plane.rights[-1] + outer, inset - (place + 1) * BEND_GAP
                plane.turns[vertex] = _Turn(edge, top + outer, left)
            top += inset + ROW_GAP
    return plane


def _runs(
    trunk: list[Vertex], number: int, plane: _Plane
) -> list[tuple[int, int, float, _Turn | None]]:
    """Return the stretches of a trunk that are straight: first and last layer, height, turn."""
    runs: list[tuple[int, int, float, _Turn | None]] = []
    for place, bend in enumerate(trunk, start=number):
        first, height = place, plane.y[bend]
        if runs and runs[-1][2] == height:
            first = runs.pop()[0]
        runs.append((first, place, height, plane.turns.get(bend)))
    return runs


def _between(
    runs: list[tuple[int, int, float, _Turn | None]], end: int, plane: _Plane
) -> list[Point]:
    """Return the corners of an edge between its source and the layer with number ``end``."""
    route: list[Point] = []
    before: _Turn | None = None
    for first, last, height, turn in runs:
        if first >= end:
            break
        turn = turn if last < end else None
        left = before.left if before else plane.starts[first]
        right = turn.right if turn else plane.ends[min(last, end - 1)]
        route += [(left, height), (right, height)]
        if turn:
            route += [(turn.right, turn.level), (turn.left, turn.level)]
        before = turn
    return route
