"""The SVG of a graph whose boxes have their places: frames, arrows, boxes and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.boxes import LINE_HEIGHT, TITLE_HEIGHT, Box, frame_around, row_height
from tinygrad_mlp.drawing.style import Words, escape, text_width
from tinygrad_mlp.drawing.svg import coordinate as _f
from tinygrad_mlp.drawing.svg import document, marked_text, rectangle, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.drawing.svg import Frame
    from tinygrad_mlp.graph import Graph

_MARGIN = 12.0
_ARROW = 8.0

Point = tuple[float, float]


class EdgeLabel:
    """Lines of text on an edge; x and y are their middle."""

    __slots__ = ("height", "lines", "scope", "width", "x", "y")

    def __init__(self, lines: Sequence[str], scope: str) -> None:
        self.lines = [style.readable(line) for line in lines]
        self.scope = scope
        self.x = self.y = 0.0
        self.width = max(text_width(line, style.NUMBER_SIZE) for line in self.lines) + 10.0
        self.height = LINE_HEIGHT * (len(lines) + len(lines) % 2) + 6.0  # half above the edge

    @property
    def frame(self) -> Frame:
        """Left, top, right and bottom."""
        half_width, half_height = self.width / 2, self.height / 2
        return self.x - half_width, self.y - half_height, self.x + half_width, self.y + half_height


def figure(
    graph: Graph,
    things: list[Box | EdgeLabel],
    routes: list[list[Point]],
    frames: list[tuple[str, Frame]],
    *,
    upright: bool,
) -> str:
    """Return a graph as a complete SVG document.

    Parameters
    ----------
    graph : Graph
        What is drawn.
    things : list of Box and EdgeLabel
        With their places.
    routes : list of lists of points
        The corners of every arrow.
    frames : list of (scope, frame)
        Outer ones first.
    upright : bool
        Arrows go up or down.
    """
    corners = [*(one.frame for one in things), *(frame for _, frame in frames)]
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
    for one in things:
        if isinstance(one, EdgeLabel):
            lines += _label_lines(one, upright=upright)
        elif one.words is None:
            lines += _op_lines(one)
        else:
            lines += _value_lines(one, one.words, is_output=one.node.id in outputs)
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


def _label_lines(label: EdgeLabel, *, upright: bool) -> list[str]:
    """Return the lines: half above and half below the edge, or on one that goes up or down."""
    look = {"font_size": style.NUMBER_SIZE, "text_anchor": "middle", "fill": style.GRADIENT_INK}
    count = len(label.lines)
    above = count / 2 if upright else (count + 1) // 2
    lines = []
    if upright:
        lines.append(rectangle(label.frame, rx=3, fill="#ffffff"))
    for row, line in enumerate(label.lines):
        baseline = label.y + LINE_HEIGHT * (row + 1 - above) - 4.0
        if not upright:
            baseline += 1.0 if row >= above else -0.5
        lines.append(text(label.x, baseline, line, **look))
    return lines


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
