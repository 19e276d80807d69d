"""The drawing of a sheet: a graph in whose boxes and on whose edges numbers are left out.

Where a number is left out, the layout is given a row of ``▢`` with the number of the blank, as wide
and as high as a hand needs; when all have their places, each row becomes a box.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp._support.display import Summary, summarize
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.builtin.boxes import LINE_HEIGHT
from tinygrad_mlp.drawing.builtin.plan import layered
from tinygrad_mlp.drawing.shapes import Canvas, Group, Text, rectangle, text
from tinygrad_mlp.drawing.style import AUTO, NUMBER_SIZE, TEXT_SIZE, text_width
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.local import EdgeLines
from tinygrad_mlp.teaching.exercises.numbers import written
from tinygrad_mlp.teaching.exercises.problem import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tinygrad_mlp.drawing.shapes import Shape
    from tinygrad_mlp.graphs.node import Node
    from tinygrad_mlp.teaching.exercises.content import Content

#: How many letters wide a blank is.
WIDTH = 10
_BLANK = re.compile("▢([0-9]+)▢*")
_HEIGHT = 1.8 * LINE_HEIGHT
_SMALL = 8
_LINE = 17.0
_MARGIN = 16.0
_LETTERS = 92


class Box(NamedTuple):
    """The box of one blank: its number and where it stands."""

    number: int
    frame: tuple[float, float, float, float]


class Picture(NamedTuple):
    """A drawing, and the boxes in it."""

    canvas: Canvas
    boxes: list[Box]


def picture(
    content: Content, theme: str = "print", *, sheet: bool = True, direction: str = AUTO
) -> Picture:
    """Return the drawing of a sheet, with its texts above and below if it is all of the sheet.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> sheet = tg.exercise(tg.square(tg.Value(3.0, label="x")))
    >>> [box.number for box in picture(sheet._content).boxes]
    [1, 2]
    """
    has_gradient = "gradient" in content.kinds
    show = [part for part in style.SHOWN if part != "grad" or has_gradient]
    choices = style.checked(direction, show, theme)._replace(lines=_edge_lines(content))
    canvas = layered(_with_blanks(content), choices)
    boxes: list[Box] = []
    answers = {blank.number: content.answer(blank) for blank in content.blanks}
    shapes = _boxed(canvas.shapes, boxes, answers, choices.theme)
    canvas = canvas._replace(shapes=[*shapes], title=content.title)
    boxes.sort()
    return Picture(_framed(canvas, content, choices.theme) if sheet else canvas, boxes)


# ----- Blanks for the layout -----


def _with_blanks(content: Content) -> Graph:
    """Return the graph with texts for its numbers, as on the sheet."""
    problem = content.problem
    nodes = []
    for node in problem.graph:
        gradient: Any = Summary(node.shape, node.dtype, "0")  # no path leads there
        if Quantity("gradient", node.id) in problem.numbers:
            gradient = _told(content, Quantity("gradient", node.id), node)
        value = _told(content, Quantity("forward", node.id), node)
        nodes.append(node.replaced(value=value, gradient=gradient))
    return Graph(tuple(nodes), problem.graph.outputs)


def _told(content: Content, quantity: Quantity, node: Node) -> Summary:
    """Return what stands in a box for a quantity: rows of numbers and blanks."""
    lines = _lines(content, quantity)
    return Summary(node.shape, node.dtype, "\n".join(lines))


def _lines(content: Content, quantity: Quantity) -> list[str]:
    """Return a line for each row of an array, and an empty one below each with blanks."""
    numbers = content.problem.numbers[quantity]
    numbers_of = {blank.at: blank.number for blank in content.blanks if blank.quantity == quantity}
    if not numbers_of:
        return summarize(numbers).split("\n")
    rows: dict[tuple[int, ...], list[str]] = {}
    for index in np.ndindex(np.shape(numbers)):
        blank = numbers_of.get(index)
        number = written(float(np.asarray(numbers)[index]), content.digits)
        cell = number if blank is None else f"▢{blank}".ljust(WIDTH, "▢")
        rows.setdefault(index[:-1], []).append(cell)
    return [line for row in rows.values() for line in (" ".join(row), "")]


def _edge_lines(content: Content) -> EdgeLines:
    """Return what stands on the edges: local derivatives, some of them blank."""
    problem = content.problem
    asked = {blank.quantity for blank in content.blanks}
    lines: dict[str, list[list[str]]] = {}
    for node in problem.graph:
        lines[node.id] = [[] for _ in node.arguments]
        for place in range(len(node.arguments)):
            local = Quantity("local", node.id, place)
            if local in asked:  # half of the lines stand above the edge
                lines[node.id][place] = [f"∂ {_lines(content, local)[0]}", "", "", ""]
            elif local in problem.numbers and content.shows_local:
                lines[node.id][place] = [f"∂ = {_lines(content, local)[0]}"]
    return EdgeLines(lines, set())


# ----- Boxes for the blanks -----


def _boxed(
    shapes: Sequence[Shape], found: list[Box], answers: Mapping[int, str], theme: Any
) -> Iterator[Shape]:
    """Yield shapes in which every blank is a box, and gather the boxes."""
    for shape in shapes:
        if isinstance(shape, Group):
            yield shape._replace(shapes=[*_boxed(shape.shapes, found, answers, theme)])
        elif isinstance(shape, Text) and len(shape.parts) == 1:
            yield from _parts(shape, found, answers, theme)
        else:
            yield shape


def _parts(
    shape: Text, found: list[Box], answers: Mapping[int, str], theme: Any
) -> Iterator[Shape]:
    """Yield a line of text, or boxes and what stands beside them."""
    line = shape.parts[0][0]
    blanks = [*_BLANK.finditer(line)]
    if not blanks:
        if line:
            yield shape
        return
    top = shape.y - 0.8 * LINE_HEIGHT
    rest, at = line[: blanks[0].start()], shape.x
    if rest:
        yield shape._replace(y=top + _HEIGHT / 2 + 4, parts=[(rest, {})])
    for blank in blanks:
        left = at + text_width(line[: blank.start()], NUMBER_SIZE)
        right = left + text_width(blank[0], NUMBER_SIZE)
        frame = left, top, right, top + _HEIGHT
        found.append(Box(int(blank[1]), frame))
        look = {"fill": "#ffffff", "stroke": theme.ink, "data_blank": blank[1]}
        yield rectangle(frame, rx=2, **look)
        yield text(left + 2, top + _SMALL, blank[1], font_size=_SMALL, fill=theme.quiet_ink)
        if answers[int(blank[1])]:
            middle = {"text_anchor": "middle", "font_weight": "bold", "font_size": NUMBER_SIZE}
            x, y = (left + right) / 2, top + _HEIGHT - 6
            yield text(x, y, answers[int(blank[1])], fill=theme.ink, **middle)


# ----- Texts above and below -----


def _framed(canvas: Canvas, content: Content, theme: Any) -> Canvas:
    """Return a drawing with the texts of its sheet."""
    left, top, right, bottom = canvas.frame
    above = [line for part in content.instructions for line in _wrapped(part)]
    below = ["Computed as", *(f"  {step}" for step in content.steps)]
    below += [line for part in content.legend for line in _wrapped(part)]
    below += ["", content.footer]
    shapes: list[Shape] = []
    x, y = left + _MARGIN, top - _LINE * len(above) - _MARGIN / 2
    shapes.append(_text(x, y - 1.6 * _LINE, content.title, theme, font_weight="bold"))
    name = "" if content.solved else "Name: ______________________"
    begin = y - 3.4 * _LINE
    shapes.append(_text(x, y - 3.2 * _LINE + 8, name, theme))
    shapes += [_text(x, y + _LINE * place, line, theme) for place, line in enumerate(above)]
    y = bottom + _LINE
    shapes += [_text(x, y + _LINE * place, line, theme) for place, line in enumerate(below)]
    widest = max(map(text_width, [content.title, name, *above, *below]))
    frame = left, begin - _MARGIN, max(right, x + widest + _MARGIN), y + _LINE * len(below)
    return canvas._replace(frame=frame, shapes=[*shapes, *canvas.shapes])


def _text(x: float, y: float, line: str, theme: Any, **look: Any) -> Text:
    return text(x, y, line, font_size=TEXT_SIZE, fill=theme.ink, **look)


def _wrapped(line: str) -> list[str]:
    from textwrap import wrap

    return wrap(line, _LETTERS, subsequent_indent="  ")
