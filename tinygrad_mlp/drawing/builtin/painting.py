"""The shapes of a graph whose boxes, lines and frames have their places."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.builtin.boxes import (
    EDGE_DISTANCE,
    LINE_HEIGHT,
    LONGEST_NAME,
    TITLE_HEIGHT,
    frame_around,
    row_height,
)
from tinygrad_mlp.drawing.builtin.loops import directed, loop_steps
from tinygrad_mlp.drawing.builtin.passing import Passing
from tinygrad_mlp.drawing.description import described
from tinygrad_mlp.drawing.shapes import Canvas, Group, Path, Text, line, path, rectangle, text
from tinygrad_mlp.drawing.style import text_width
from tinygrad_mlp.graphs.scopes import scope_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.drawing.builtin.boxes import Box
    from tinygrad_mlp.drawing.builtin.scene import Scene
    from tinygrad_mlp.drawing.builtin.wires import Wire
    from tinygrad_mlp.drawing.shapes import Frame, Point, Shape, Step
    from tinygrad_mlp.drawing.style import Style, Words
    from tinygrad_mlp.drawing.theme import Theme

_ARROW = 8.0
_ROUNDING = 1e-6
#: On both sides of the name of a frame.
_BESIDE = 2.0
#: What is left of it, at least.
_LEAST_NAME = 30.0
#: Of the corners where a line goes back to the next row.
_ROUND = 6.0


def painted(scene: Scene, scale: float = 1.0) -> Canvas:
    """Return the drawing of what has its places; it is shown smaller by ``scale``."""
    graph, choices, frames = scene.graph, scene.choices, scene.frames
    theme = choices.theme
    shapes: list[Shape] = [
        rectangle(frame, rx=6, fill=theme.scope_fill, stroke=theme.scope_border)
        for _, frame in frames
    ]
    edges = [_line(wire, choices) for wire in scene.wires]
    heads = [_arrow_head(wire, choices) for wire in scene.wires if not wire.link]
    shapes.append(Group(edges, {"fill": "none", "stroke": theme.edge}))
    shapes.append(Group(heads, {"fill": theme.edge}))
    passing = Passing(edges if frames else ())
    for name, frame in frames:
        shapes += _frame_name(name, frame, choices, passing)
    outputs = set(graph.outputs)
    for box in scene.boxes:
        if box.words is None:
            shapes.append(_op(box, choices))
        elif box.on_edge:
            shapes += _edge_lines(box, box.words.gradient, choices)
        else:
            shapes.append(_value(box, box.words, choices, is_output=box.node.id in outputs))
    page = scene.page
    middle, base = (page[0] + page[2]) / 2, scene.body[3] + 10
    quiet = {"text_anchor": "middle", "fill": theme.quiet_ink}
    for place, note in enumerate(scene.notes):
        shapes.append(text(middle, base + LINE_HEIGHT * place, note, **quiet))
    if choices.keys:
        shapes += scene.legend[0]
    return Canvas(page, *described(graph), theme.page, shapes, scale)


# ----- Lines -----


def _line(wire: Wire, choices: Style) -> Path:
    look: dict[str, object] = {}
    if wire.marked:
        look = {"stroke": choices.theme.highlight, "stroke_width": 2.5}
    elif wire.loop:
        look = {"stroke_width": 1.6, "stroke_dasharray": "7 4", "class": "loop"}
        if wire.turn:
            return Path(loop_steps(wire.route, _ARROW, upright=choices.upright), look)
    elif wire.turn:
        look = {"stroke_opacity": 0.6}
    elif wire.link:
        look = {"stroke": choices.theme.gradient_ink, "stroke_dasharray": "5 4"}
    return Path(_curve(wire, upright=choices.upright), look)


def _curve(wire: Wire, *, upright: bool) -> list[Step]:
    """Return an edge: straight through every layer, an S between them, a U where it turns."""
    points = [(y, x) if upright else (x, y) for x, y in wire.route]
    back = _back(wire, upright=upright)
    if not wire.link:  # the arrow head does the rest
        points[-1] = points[-1][0] + back, points[-1][1]
        if (points[-2][0] - points[-1][0]) * back < 0:
            points[-2] = points[-1][0], points[-2][1]
    steps: list[Step] = [("M", points[:1])]
    for place, (before, point) in enumerate(pairwise(points), start=1):
        if place % 2:
            if point != before:
                steps.append(("L", [point]))
        elif before[0] == point[0] and place != wire.turn:
            steps += _bracket(points[place - 2], before, point)
        else:
            turns = place == wire.turn
            middle = before[0] + back if turns else (before[0] + point[0]) / 2
            steps.append(("C", [(middle, before[1]), (middle, point[1]), point]))
    return directed(steps, upright=upright)


def _bracket(start: Point, before: Point, point: Point) -> list[Step]:
    """Return two round corners and what is between them: where a line goes back, or on again."""
    x, height = before[0], point[1] - before[1]
    out = x + math.copysign(_ROUND, x - start[0])
    round_ = math.copysign(min(_ROUND, abs(height) / 2), height)
    first, last = (out, before[1]), (out, point[1])
    return [
        ("C", [first, first, (out, before[1] + round_)]),
        ("L", [(out, point[1] - round_)]),
        ("C", [last, last, point]),
    ]


def _back(wire: Wire, *, upright: bool) -> float:
    """Return how far, and which way, the shaft of an arrow is from its tip."""
    end = wire.route[-1][upright]
    for before in reversed(wire.route[max(wire.turn - 1, 0) : -1]):
        if abs(before[upright] - end) > _ROUNDING:
            return -_ARROW if before[upright] < end else _ARROW
    return -_ARROW


def _arrow_head(wire: Wire, choices: Style) -> Path:
    """Return a triangle whose tip is the end of the route."""
    upright = choices.upright
    along, across = wire.route[-1][upright], wire.route[-1][not upright]
    shaft, half = along + _back(wire, upright=upright), _ARROW * 0.4
    corners = ("M", (along, across)), ("L", (shaft, across - half)), ("L", (shaft, across + half))
    steps = directed([(letter, [corner]) for letter, corner in corners], upright=upright)
    look = {"fill": choices.theme.highlight} if wire.marked else {}
    return path(*steps, ("Z", []), **look)


# ----- Boxes -----


def _frame_name(scope: str, frame: Frame, choices: Style, passing: Passing) -> list[Shape]:
    """Return the name of a scope at the top of its frame, cut visibly where that is narrow.

    It stands in the corner, or as near to it as there is room beside the lines that pass.
    """
    theme = choices.theme
    whole = name = style.readable(scope_name(scope))
    if choices.upright:  # lines come in beside it
        name = style.readable(scope_name(scope), LONGEST_NAME)
    base = frame[1] + 15
    corner = max(3.0, min(8.0, frame[2] - frame[0] - 6 - text_width(name))) - _BESIDE
    strip = frame[0] + 3 - _BESIDE, base - 11, frame[2] - corner, base + 4
    left, right = passing.gap(strip, text_width(name) + 2 * _BESIDE)
    covered = right - left < _LEAST_NAME
    if covered:
        left, _, right, _ = strip
    while len(name) > 1 and text_width(name) > right - left - 2 * _BESIDE:
        name = f"{name[:-2]}…"
    right -= _BESIDE
    shapes: list[Shape] = [text(right, base, name, text_anchor="end", fill=theme.quiet_ink)]
    if covered:  # lines pass everywhere: a broad one below keeps the name readable
        ends = (right - text_width(name) - 2, base - 4), (right + 2, base - 4)
        shapes.insert(0, line(*ends, stroke=theme.scope_fill, stroke_width=14))
    return shapes if name == whole else [Group(shapes, {}, title=whole)]


def _op(box: Box, choices: Style) -> Group:
    theme = choices.theme
    look = theme.looks["op"]
    border: dict[str, object] = {"stroke": look.border}
    if choices.highlights(box.node):
        border = {"stroke": theme.highlight, "stroke_width": style.HIGHLIGHT_WIDTH}
    symbol = style.symbol(box.node)
    shapes: list[Shape] = [
        rectangle(box.frame, rx=8, fill=look.fill, **border),
        text(box.x, box.y + 4.2, symbol, text_anchor="middle", fill=theme.ink),
    ]
    return Group(shapes, {}, title=style.readable(box.node.op or ""))


def _value(box: Box, words: Words, choices: Style, *, is_output: bool) -> Group:
    """Return title, value and gradient below each other, with lines between them."""
    node, theme = box.node, choices.theme
    look = choices.look(node)
    left, y, right, _ = frame = box.frame
    about = style.about(node)
    shapes: list[Shape] = [rectangle(frame, fill=theme.paper)]
    if words.title:
        shapes.append(rectangle((left, y, right, y + TITLE_HEIGHT), fill=look.fill))
        shapes.append(_title(box, words, theme))
        y += TITLE_HEIGHT
    for numbers, ink in words.rows:
        if y > frame[1]:
            shapes.append(line((left, y), (right, y), stroke=look.border))
        shapes += _numbers(box, numbers, y, getattr(theme, ink))
        y += row_height(numbers)
    return Group([*shapes, *_borders(box, choices, is_output=is_output)], {}, title=about)


def _title(box: Box, words: Words, theme: Theme) -> Text:
    """Return the parts of a title beside each other, in the middle of a box."""
    # Not anchored in the middle: some programs then put one part on the other.
    left = box.x - text_width(words.title_text) / 2
    bold, quiet = {"font_weight": "bold"}, {"fill": theme.quiet_ink}
    parts = [(part, bold if name else quiet) for part, name in words.title]
    return Text(left, box.frame[1] + 15, parts, {"fill": theme.ink})


def _borders(box: Box, choices: Style, *, is_output: bool) -> list[Shape]:
    look = choices.theme.looks[box.node.role]
    border: dict[str, object] = {"stroke": look.border, "stroke_width": 2.5 if is_output else 1}
    if choices.highlights(box.node):
        border = {"stroke": choices.theme.highlight, "stroke_width": style.HIGHLIGHT_WIDTH}
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


def _edge_lines(box: Box, lines: Sequence[str], choices: Style) -> list[Shape]:
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
) -> list[Shape]:
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
