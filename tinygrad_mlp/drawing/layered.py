"""The built-in SVG writer: draws a graph in pure Python, with the look of the DOT drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.boxes import FRAME_TITLE, Box, edge_length, frame_around
from tinygrad_mlp.drawing.figure import EdgeLabel, Point, figure
from tinygrad_mlp.drawing.layout import Edge, Titles, layout
from tinygrad_mlp.drawing.style import SHOWN
from tinygrad_mlp.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tinygrad_mlp.drawing.svg import Frame
    from tinygrad_mlp.graph import Graph

#: A drawing of more nodes tells nobody anything.
MAXIMUM_NODES = 2000


def layered_svg(
    graph: Graph,
    *,
    direction: str = "LR",
    show: Iterable[str] = SHOWN,
    labels: Mapping[tuple[str, int], Sequence[str]] | None = None,
) -> str:
    """Return an SVG drawing of a graph, made without any other program.

    Parameters
    ----------
    graph : Graph
        At most ``MAXIMUM_NODES`` nodes.
    direction : str
        ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``: from where to where the arrows point.
    show : iterable of str
        Any of ``"label"``, ``"op"``, ``"shape"``, ``"value"``, ``"grad"``.
    labels : mapping, optional
        Lines of text for edges, by the id of the node and the position of its argument.

    Returns
    -------
    str
        A complete SVG document, the same in every process.

    Raises
    ------
    RenderError
        If the graph is too large.
    ValueError
        If a direction or a part does not exist.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.graph import Graph
    >>> layered_svg(Graph.of(tg.Value(2.0) * 3.0))[:4]
    '<svg'
    """
    show = style.check_choices(direction, show)
    check_size(graph)
    upright = direction in {"TB", "BT"}
    things, edges, arrows = _gather(graph, show, labels or {}, upright=upright)
    routes, frames = _arrange(things, edges, direction)
    joined = [_joined([routes[edge] for edge in arrow]) for arrow in arrows]
    return figure(graph, things, joined, frames, upright=upright)


def _gather(
    graph: Graph,
    show: tuple[str, ...],
    labels: Mapping[tuple[str, int], Sequence[str]],
    *,
    upright: bool,
) -> tuple[list[Box | EdgeLabel], list[Edge], list[list[int]]]:
    """Return what is drawn, the edges between, and of which edges each arrow is made."""
    things: list[Box | EdgeLabel] = []
    edges: list[Edge] = []
    arrows: list[list[int]] = []
    place: dict[str, int] = {}
    for node in graph:
        words, count = style.words(node, show), len(node.arguments)
        parts = [Box(node, words, count, upright=upright)]
        if count and "op" in show:
            op = Box(node, None, count, upright=upright)
            parts = [op, Box(node, words, 0, upright=upright)]
        starts = []
        for position, argument in enumerate(node.arguments):
            source = graph[argument]
            start, length = place[argument], edge_length(graph, source, node)
            way: list[int] = []
            if lines := labels.get((node.id, position)):
                way = [len(edges)]
                edges.append(Edge(start, len(things), 0.0, length))
                start, length = len(things), 1
                things.append(EdgeLabel(lines, _shared_scope(source.scope, node.scope)))
            starts.append((start, length, way))
        for (start, length, way), port in zip(starts, parts[0].ports, strict=True):
            arrows.append([*way, len(edges)])
            edges.append(Edge(start, len(things), port, length))
        if len(parts) == 2:
            arrows.append([len(edges)])
            edges.append(Edge(len(things), len(things) + 1))
        things += parts
        place[node.id] = len(things) - 1
    return things, edges, arrows


def _shared_scope(one: str, other: str) -> str:
    """Return the innermost scope around both."""
    shared = [
        a for a, b in zip(style.scope_paths(one), style.scope_paths(other), strict=False) if a == b
    ]
    return shared[-1] if shared else ""


def _joined(routes: list[list[Point]]) -> list[Point]:
    """Return the corners of an arrow that goes straight through the labels on its way."""
    joined = routes[0]
    for route in routes[1:]:
        joined = joined[:-1] + route[1:]
    return joined


def check_size(graph: Graph) -> None:
    """Raise ``RenderError`` for a graph that is too large to draw."""
    if len(graph) > MAXIMUM_NODES:
        raise RenderError(
            f"this graph has {len(graph)} nodes, and a drawing holds at most {MAXIMUM_NODES}; "
            "draw a part of it, or save it as .dot and lay it out with a program of your choice"
        )


def _arrange(
    things: list[Box | EdgeLabel], edges: list[Edge], direction: str
) -> tuple[list[list[Point]], list[tuple[str, Frame]]]:
    """Give every box its place, and return the corners of the edges and the frames of scopes."""
    upright = direction in {"TB", "BT"}
    sizes = [(one.height, one.width) if upright else (one.width, one.height) for one in things]
    numbers: dict[str, int] = {}  # of scopes
    scopes = [one.scope if isinstance(one, EdgeLabel) else one.node.scope for one in things]
    groups = [
        tuple(numbers.setdefault(path, len(numbers)) for path in style.scope_paths(scope))
        for scope in scopes
    ]
    titles = Titles(
        above=0.0 if upright else FRAME_TITLE,
        before=FRAME_TITLE if direction == "TB" else 0.0,
        behind=FRAME_TITLE if direction == "BT" else 0.0,
    )
    places, routes, found = layout(sizes, edges, groups, titles)
    length = max(along + size[0] / 2 for (along, _), size in zip(places, sizes, strict=True))

    def turned(point: Point) -> Point:
        along, across = point
        if direction in {"RL", "BT"}:
            along = length - along
        return (across, along) if upright else (along, across)

    for one, point in zip(things, places, strict=True):
        one.x, one.y = turned(point)
    frames = []
    for path, number in numbers.items():  # outer frames come first
        left, top, right, bottom = found[number]
        corners = turned((left, top)), turned((right, bottom))
        frames.append((path, frame_around((*corner, *corner) for corner in corners)))
    return [[turned(point) for point in route] for route in routes], frames
