"""The SVG of a graph whose boxes, lines and frames have their places."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.builtin.boxes import (
    EDGE_DISTANCE,
    LINE_HEIGHT,
    TITLE_HEIGHT,
    frame_around,
    row_height,
)
from tinygrad_mlp.drawing.style import escape, text_width
from tinygrad_mlp.drawing.svg import coordinate as _f
from tinygrad_mlp.drawing.svg import document, marked_text, rectangle, text
from tinygrad_mlp.graphs.scopes import scope_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.drawing.builtin.boxes import Box
    from tinygrad_mlp.drawing.builtin.scene import Scene
    from tinygrad_mlp.drawing.builtin.wires import Wire
    from tinygrad_mlp.drawing.style import Style, Words
    from tinygrad_mlp.drawing.svg import Frame
    from tinygrad_mlp.drawing.theme import Theme

_ARROW = 8.0
_ROUNDING = 1e-6
#: Of the corners where a line goes back to the next row.
_ROUND = 6.0


def painted(scene: Scene, scale: float = 1.0) -> str:
    """Return the SVG document of what has its places; it is shown smaller by ``scale``."""
    graph, choices, frames = scene.graph, scene.choices, scene.frames
    theme = choices.theme
    lines = [
        rectangle(frame, rx=6, fill=theme.scope_fill, stroke=theme.scope_border)
        for _, frame in frames
    ]
    lines.append(f'<g fill="none" stroke="{theme.edge}">')
    lines += [_line(wire, choices) for wire in scene.wires]
    lines += ["</g>", f'<g fill="{theme.edge}">']
    lines += [_arrow_head(wire, choices) for wire in scene.wires if not wire.link]
    lines.append("</g>")
    lines += [_frame_name(path, frame, choices) for path, frame in frames]
    outputs = set(graph.outputs)
    for box in scene.boxes:
        if box.words is None:
            lines += _op_lines(box, choices)
        elif box.on_edge:
            lines += _edge_lines(box, box.words.gradient, choices)
        else:
            lines += _value_lines(box, box.words, choices, is_output=box.node.id in outputs)
    page = scene.page
    if graph.note:
        quiet = {"text_anchor": "middle", "fill": theme.quiet_ink}
        lines.append(text((page[0] + page[2]) / 2, page[3] - 12, graph.note, **quiet))
    title = f"Computation graph of {len(graph)} nodes"
    return document(page, title, lines, page=theme.page, scale=scale)


# ----- Lines -----


def _line(wire: Wire, choices: Style) -> str:
    look = ""
    if wire.marked:
        look = f' stroke="{choices.theme.highlight}" stroke-width="2.5"'
    elif wire.turn:
        look = ' stroke-opacity="0.6"'
    elif wire.link:
        look = f' stroke="{choices.theme.gradient_ink}" stroke-dasharray="5 4"'
    return f'<path d="{_curve(wire, upright=choices.upright)}"{look}/>'


def _curve(wire: Wire, *, upright: bool) -> str:
    """Return an edge: straight through every layer, an S between them, a U where it turns."""
    points = [[y, x] if upright else [x, y] for x, y in wire.route]
    back = _back(wire, upright=upright)
    if not wire.link:  # the arrow head does the rest
        points[-1][0] += back
        if (points[-2][0] - points[-1][0]) * back < 0:
            points[-2][0] = points[-1][0]
    parts = [f"M{_at(points[0], upright=upright)}"]
    for place, (before, point) in enumerate(pairwise(points), start=1):
        if place % 2:
            parts.append(f"L{_at(point, upright=upright)}" if point != before else "")
        elif before[0] == point[0] and place != wire.turn:
            parts.append(_bracket(points[place - 2], before, point, upright=upright))
        else:
            turns = place == wire.turn
            middle = before[0] + back if turns else (before[0] + point[0]) / 2
            corners = [middle, before[1]], [middle, point[1]], point
            parts.append("C" + " ".join(_at(corner, upright=upright) for corner in corners))
    return "".join(parts)


def _bracket(
    start: Sequence[float], before: Sequence[float], point: Sequence[float], *, upright: bool
) -> str:
    """Return two round corners and what is between them: where a line goes back, or on again."""
    x, height = before[0], point[1] - before[1]
    out = x + math.copysign(_ROUND, x - start[0])
    round_ = math.copysign(min(_ROUND, abs(height) / 2), height)
    corners: list[list[Sequence[float]]] = [
        [[out, before[1]], [out, before[1] + round_]],
        [[out, point[1] - round_]],
        [[out, point[1]], point],
    ]
    return "".join(
        letter + " ".join(_at(corner, upright=upright) for corner in found)
        for letter, found in zip("QLQ", corners, strict=True)
    )


def _at(point: Sequence[float], *, upright: bool) -> str:
    """Return the coordinates of a point: how far along the direction of arrows, and across it."""
    along, across = point
    return f"{_f(across)},{_f(along)}" if upright else f"{_f(along)},{_f(across)}"


def _back(wire: Wire, *, upright: bool) -> float:
    """Return how far, and which way, the shaft of an arrow is from its tip."""
    end = wire.route[-1][upright]
    for before in reversed(wire.route[max(wire.turn - 1, 0) : -1]):
        if abs(before[upright] - end) > _ROUNDING:
            return -_ARROW if before[upright] < end else _ARROW
    return -_ARROW


def _arrow_head(wire: Wire, choices: Style) -> str:
    """Return a triangle whose tip is the end of the route."""
    upright = choices.upright
    along, across = wire.route[-1][upright], wire.route[-1][not upright]
    shaft, half = along + _back(wire, upright=upright), _ARROW * 0.4
    corners = (along, across), (shaft, across - half), (shaft, across + half)
    path = "L".join(_at(corner, upright=upright) for corner in corners)
    look = f' fill="{choices.theme.highlight}"' if wire.marked else ""
    return f'<path d="M{path}Z"{look}/>'


# ----- Boxes -----


def _frame_name(path: str, frame: Frame, choices: Style) -> str:
    theme = choices.theme
    name = style.readable(scope_name(path))
    right, base = frame[2] - 8, frame[1] + 15
    # An edge may pass here: a broad line keeps the name readable.
    start = f"M{_f(right - text_width(name) - 2)},{_f(base - 4)}"
    paper = f'<path d="{start}H{_f(right + 2)}" stroke="{theme.scope_fill}" stroke-width="14"/>'
    return paper + text(right, base, name, text_anchor="end", fill=theme.quiet_ink)


def _op_lines(box: Box, choices: Style) -> list[str]:
    theme = choices.theme
    look = theme.looks["op"]
    border: dict[str, object] = {"stroke": look.border}
    if choices.highlights(box.node):
        border = {"stroke": theme.highlight, "stroke_width": 3}
    return [
        f"<g><title>{escape(style.readable(box.node.op or ''))}</title>",
        rectangle(box.frame, rx=8, fill=look.fill, **border),
        text(box.x, box.y + 4.2, style.symbol(box.node), text_anchor="middle", fill=theme.ink),
        "</g>",
    ]


def _value_lines(box: Box, words: Words, choices: Style, *, is_output: bool) -> list[str]:
    """Return title, value and gradient below each other, with lines between them."""
    node, theme = box.node, choices.theme
    look = theme.looks[node.role]
    left, y, right, _ = frame = box.frame
    name = f"{style.readable(node.label)}: " if node.label else ""
    about = f"{name}{node.id}, {node.role}, shape {node.shape}, {node.dtype}"
    lines = [f"<g><title>{escape(about)}</title>", rectangle(frame, fill=theme.paper)]
    if words.title:
        fill = (theme.looks["op"] if words.op else look).fill
        lines.append(rectangle((left, y, right, y + TITLE_HEIGHT), fill=fill))
        lines.append(_title(box, words, theme))
        y += TITLE_HEIGHT
    for numbers, ink in words.rows:
        if y > frame[1]:
            lines.append(f'<path d="M{_f(left)},{_f(y)}H{_f(right)}" stroke="{look.border}"/>')
        lines += _numbers(box, numbers, y, getattr(theme, ink))
        y += row_height(numbers)
    return [*lines, *_borders(box, choices, is_output=is_output), "</g>"]


def _title(box: Box, words: Words, theme: Theme) -> str:
    """Return the parts of a title beside each other, in the middle of a box."""
    # Not anchored in the middle: some programs then put one part on the other.
    left = box.x - text_width(words.title_text) / 2
    bold, quiet = 'font-weight="bold"', f'fill="{theme.quiet_ink}"'
    parts = (f"<tspan {bold if n else quiet}>{escape(part)}</tspan>" for part, n in words.title)
    return marked_text(left, box.frame[1] + 15, " ".join(parts), fill=theme.ink)


def _borders(box: Box, choices: Style, *, is_output: bool) -> list[str]:
    look = choices.theme.looks[box.node.role]
    border: dict[str, object] = {"stroke": look.border, "stroke_width": 2.5 if is_output else 1}
    if choices.highlights(box.node):
        border = {"stroke": choices.theme.highlight, "stroke_width": 3}
    if look.dashed:
        border["stroke_dasharray"] = "4 3"
    if box.node.role != "group":
        return [rectangle(box.frame, fill="none", **border)]
    # Two lines around what stands for many.
    around = frame_around([box.frame], 3.0)
    return [
        rectangle(box.frame, fill="none", stroke=look.border),
        rectangle(around, rx=2, fill="none", **border),
    ]


def _edge_lines(box: Box, lines: Sequence[str], choices: Style) -> list[str]:
    """Return text on an edge, half of it above and half below; to the right of an upright one."""
    half = (len(lines) + 1) // 2
    above, below = lines[:half], lines[half:]
    top, ink = box.y - LINE_HEIGHT * half - 3.0, choices.theme.gradient_ink
    return [
        *_numbers(box, above, top, ink, beside=choices.upright),
        *_numbers(box, below, box.y + 1.0, ink, beside=choices.upright),
    ]


def _numbers(
    box: Box, lines: Sequence[str], y: float, ink: str, *, beside: bool = False
) -> list[str]:
    """Return lines of text below each other, in the middle of a box or beside it."""
    width = max((text_width(line, style.NUMBER_SIZE) for line in lines), default=0.0)
    left = box.x + EDGE_DISTANCE if beside else box.x - width / 2
    return [
        text(
            left,
            y + LINE_HEIGHT * place - 0.5,
            line,
            font_size=style.NUMBER_SIZE,
            fill=ink,
        )
        for place, line in enumerate(lines, start=1)
    ]
