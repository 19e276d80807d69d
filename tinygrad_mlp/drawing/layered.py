"""The built-in SVG writer: draws a graph in pure Python, with the look of the DOT drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.boxes import (
    FRAME_TITLE,
    LINE_HEIGHT,
    TITLE_HEIGHT,
    Box,
    edge_length,
    frame_around,
    row_height,
)
from tinygrad_mlp.drawing.layout import Edge, Titles, layout
from tinygrad_mlp.drawing.style import SHOWN, Words, escape, text_width
from tinygrad_mlp.drawing.svg import coordinate as _f
from tinygrad_mlp.drawing.svg import document, marked_text, rectangle, text
from tinygrad_mlp.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinygrad_mlp.drawing.svg import Frame
    from tinygrad_mlp.graph import Graph

#: A drawing of more nodes tells nobody anything.
MAXIMUM_NODES = 2000

_MARGIN = 12.0
_ARROW = 8.0

Point = tuple[float, float]


def layered_svg(graph: Graph, *, direction: str = "LR", show: Iterable[str] = SHOWN) -> str:
    """Return an SVG drawing of a graph, made without any other program.

    Parameters
    ----------
    graph : Graph
        At most ``MAXIMUM_NODES`` nodes.
    direction : str
        ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``: from where to where the arrows point.
    show : iterable of str
        Any of ``"label"``, ``"op"``, ``"shape"``, ``"value"``, ``"grad"``.

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
    boxes: list[Box] = []
    edges: list[Edge] = []
    place: dict[str, int] = {}
    for node in graph:
        words, count = style.words(node, show), len(node.arguments)
        if count and "op" in show:
            edges.append(Edge(len(boxes), len(boxes) + 1))
            parts = [Box(node, None, count, upright=upright), Box(node, words, 0, upright=upright)]
        else:
            parts = [Box(node, words, count, upright=upright)]
        for argument, port in zip(node.arguments, parts[0].ports, strict=True):
            length = edge_length(graph, graph[argument], node)
            edges.append(Edge(place[argument], len(boxes), port, length))
        boxes += parts
        place[node.id] = len(boxes) - 1
    routes, frames = _arrange(boxes, edges, direction)
    return _document(graph, boxes, routes, frames, upright=upright)


def check_size(graph: Graph) -> None:
    """Raise ``RenderError`` for a graph that is too large to draw."""
    if len(graph) > MAXIMUM_NODES:
        raise RenderError(
            f"this graph has {len(graph)} nodes, and a drawing holds at most {MAXIMUM_NODES}; "
            "draw a part of it, or save it as .dot and lay it out with a program of your choice"
        )


def _arrange(
    boxes: list[Box], edges: list[Edge], direction: str
) -> tuple[list[list[Point]], list[tuple[str, Frame]]]:
    """Give every box its place, and return the corners of the edges and the frames of scopes."""
    upright = direction in {"TB", "BT"}
    sizes = [(box.height, box.width) if upright else (box.width, box.height) for box in boxes]
    numbers: dict[str, int] = {}  # of scopes
    groups = [
        tuple(numbers.setdefault(path, len(numbers)) for path in style.scope_paths(box.node.scope))
        for box in boxes
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

    for box, point in zip(boxes, places, strict=True):
        box.x, box.y = turned(point)
    frames = []
    for path, number in numbers.items():  # outer frames come first
        left, top, right, bottom = found[number]
        corners = turned((left, top)), turned((right, bottom))
        frames.append((path, frame_around((*corner, *corner) for corner in corners)))
    return [[turned(point) for point in route] for route in routes], frames


# ----- SVG -----


def _document(
    graph: Graph,
    boxes: list[Box],
    routes: list[list[Point]],
    frames: list[tuple[str, Frame]],
    *,
    upright: bool,
) -> str:
    corners = [*(box.frame for box in boxes), *(frame for _, frame in frames)]
    corners += [(x, y, x, y) for route in routes for x, y in route]
    page = frame_around(corners, _MARGIN)
    lines = [
        rectangle(frame, rx=6, fill=style.SCOPE_FILL, stroke=style.SCOPE_BORDER)
        for _, frame in frames
    ]
    lines.append(f'<g fill="none" stroke="{style.EDGE}">')
    lines += [f'<path d="{_curve(route, upright=upright)}"/>' for route in routes]
    lines += ["</g>", f'<g fill="{style.EDGE}">']
    lines += [f'<path d="{_arrow_head(route, upright=upright)}"/>' for route in routes]
    lines.append("</g>")
    lines += [_frame_name(path, frame) for path, frame in frames]
    outputs = set(graph.outputs)
    for box in boxes:
        if box.words is None:
            lines += _op_lines(box)
        else:
            lines += _value_lines(box, box.words, is_output=box.node.id in outputs)
    return document(page, f"Computation graph of {len(graph)} nodes", lines)


def _curve(route: list[Point], *, upright: bool) -> str:
    """Return an edge: straight through every layer, and an S from layer to layer."""
    along = 1 if upright else 0
    forward = 1.0 if route[-1][along] >= route[0][along] else -1.0
    points = [list(point) for point in route]
    points[-1][along] -= forward * _ARROW  # the arrow head does the rest
    if (points[-2][along] - points[-1][along]) * forward > 0:
        points[-2][along] = points[-1][along]
    parts = [f"M{_f(points[0][0])},{_f(points[0][1])}"]
    for place, (x, y) in enumerate(points[1:], start=1):
        x0, y0 = points[place - 1]
        if place % 2:
            parts.append(f"L{_f(x)},{_f(y)}" if (x, y) != (x0, y0) else "")
        elif upright:
            middle = _f((y0 + y) / 2)
            parts.append(f"C{_f(x0)},{middle} {_f(x)},{middle} {_f(x)},{_f(y)}")
        else:
            middle = _f((x0 + x) / 2)
            parts.append(f"C{middle},{_f(y0)} {middle},{_f(y)} {_f(x)},{_f(y)}")
    return "".join(parts)


def _arrow_head(route: list[Point], *, upright: bool) -> str:
    """Return a triangle whose tip is the end of the route."""
    x, y = route[-1]
    along = 1 if upright else 0
    back = -_ARROW if route[-1][along] >= route[0][along] else _ARROW
    half = _ARROW * 0.4
    if upright:
        return f"M{_f(x)},{_f(y)}L{_f(x - half)},{_f(y + back)}L{_f(x + half)},{_f(y + back)}Z"
    return f"M{_f(x)},{_f(y)}L{_f(x + back)},{_f(y - half)}L{_f(x + back)},{_f(y + half)}Z"


def _frame_name(path: str, frame: Frame) -> str:
    halo = {"stroke": style.SCOPE_FILL, "stroke_width": 4, "paint_order": "stroke"}
    name = style.readable(path.rpartition("/")[2])
    return text(frame[2] - 8, frame[1] + 15, name, text_anchor="end", fill=style.QUIET_INK, **halo)


def _op_lines(box: Box) -> list[str]:
    look = style.LOOKS["op"]
    return [
        f"<g><title>{escape(style.readable(box.node.op or ''))}</title>",
        rectangle(box.frame, rx=8, fill=look.fill, stroke=look.border),
        text(box.x, box.y + 4.2, style.symbol(box.node), text_anchor="middle", fill=style.INK),
        "</g>",
    ]


def _value_lines(box: Box, words: Words, *, is_output: bool) -> list[str]:
    """Return title, value and gradient below each other, with lines between them."""
    node = box.node
    look = style.LOOKS[node.role]
    border = {"stroke": look.border, "stroke_width": 2.5 if is_output else 1}
    if look.dashed:
        border["stroke_dasharray"] = "4 3"
    left, y, right, _ = frame = box.frame
    name = f"{style.readable(node.label)}: " if node.label else ""
    about = f"{name}{node.id}, {node.role}, shape {node.shape}, {node.dtype}"
    lines = [f"<g><title>{escape(about)}</title>", rectangle(frame, fill="#ffffff")]
    if words.title:
        lines.append(rectangle((left, y, right, y + TITLE_HEIGHT), fill=look.fill))
        title = " ".join(
            [f'<tspan font-weight="bold">{escape(words.label)}</tspan>'] * bool(words.label)
            + [f'<tspan fill="{style.QUIET_INK}">{words.shape}</tspan>'] * bool(words.shape)
        )
        lines.append(marked_text(box.x, y + 15, title, text_anchor="middle", fill=style.INK))
        y += TITLE_HEIGHT
    for numbers, ink in ((words.value, style.INK), (words.gradient, style.GRADIENT_INK)):
        width = max((text_width(line, style.NUMBER_SIZE) for line in numbers), default=0.0)
        if numbers and y > frame[1]:
            lines.append(f'<path d="M{_f(left)},{_f(y)}H{_f(right)}" stroke="{look.border}"/>')
        for place, line in enumerate(numbers, start=1):
            baseline = y + LINE_HEIGHT * place - 0.5
            lines.append(
                text(box.x - width / 2, baseline, line, font_size=style.NUMBER_SIZE, fill=ink)
            )
        y += row_height(numbers)
    return [*lines, rectangle(frame, fill="none", **border), "</g>"]
