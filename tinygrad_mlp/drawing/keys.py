"""What colours mean: the legend of a drawing, and boxes tinted by the size of their gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.heat import bounds_of, gradient_size
from tinygrad_mlp.drawing.shapes import line, rectangle, text
from tinygrad_mlp.drawing.theme import Key
from tinygrad_mlp.graphs.group import back_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tinygrad_mlp.drawing.shapes import Frame, Shape
    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.drawing.theme import Theme
    from tinygrad_mlp.graphs.graph import Graph

ROW_HEIGHT = 20.0

_ROLES = {
    "input": "input",
    "parameter": "learned",
    "operation": "computed",
    "constant": "constant",
    "group": "several values",
}
_SWATCH = 22.0
_GAP = 8.0


def explained(graph: Graph, choices: Style) -> Style:
    """Return the choices with what a graph's tints are to tell, and the legend that was asked for.

    Raises
    ------
    ValueError
        If the boxes should be tinted by their gradients, and there are none.
    """
    theme = choices.theme
    keys: list[Key] = list(_kinds(graph, choices)) if choices.legend else []
    if choices.color == "gradient":
        sizes = [size for node in graph if (size := gradient_size(node)) is not None]
        if not sizes:
            raise ValueError(
                'color="gradient": no gradient was computed; call backward() on the output first'
            )
        bounds = bounds_of(sizes, len(theme.heat))
        keys += _scale(bounds, theme)
        choices = choices._replace(bounds=bounds)
    return choices._replace(keys=tuple(keys))


# ----- Sizes of gradients -----


def _scale(bounds: Sequence[float], theme: Theme) -> Iterator[Key]:
    """Yield what the tints mean, the smallest gradients first."""
    texts = [f"|grad| < {bounds[0]:g}", *(f"from {bound:g}" for bound in bounds)]
    for fill, what in zip(theme.heat, texts, strict=True):
        yield Key(what, fill, theme.edge)


# ----- Kinds of boxes -----


def _kinds(graph: Graph, choices: Style) -> Iterator[Key]:
    """Yield a key for each kind of box, and of line, that the drawing has."""
    theme = choices.theme
    tinted = choices.color == "gradient"
    found = {node.role for node in graph}
    for role, what in _ROLES.items():
        look = theme.looks[role]
        if role in found:
            fill = theme.paper if tinted else look.fill
            yield Key(what, fill, look.border, dashed=look.dashed)
    op = theme.looks["op"]
    if any(map(choices.shows_op, graph)):
        yield Key("operation", op.fill, op.border, rounded=not choices.compact)
    yield Key("output", theme.paper, theme.looks["operation"].border, width=2.5)
    if choices.highlight:
        yield Key("highlighted", theme.paper, theme.highlight, width=style.HIGHLIGHT_WIDTH)
    if any(any(back_of(node)) for node in graph):
        yield Key("from the turn before", "none", theme.edge, dashed=True, width=1.6, is_line=True)


# ----- In pictures -----


def legend_shapes(
    choices: Style, left: float, top: float, room: float
) -> tuple[list[Shape], Frame]:
    """Return the legend in as many rows as the room wants, and the frame around it."""
    ink = choices.theme.ink
    shapes: list[Shape] = []
    x, y, right = left, top, left
    for key in choices.keys:
        width = _SWATCH + _GAP / 2 + style.text_width(key.text)
        if x > left and x + width > left + room:
            x, y = left, y + ROW_HEIGHT
        pen: dict[str, object] = {"stroke": key.border, "stroke_width": key.width}
        if key.dashed:
            pen["stroke_dasharray"] = "4 3"
        middle = y + ROW_HEIGHT / 2
        if key.is_line:
            shapes.append(line((x, middle), (x + _SWATCH, middle), **pen))
        else:
            frame = (x + 1, middle - 6, x + _SWATCH - 1, middle + 6)
            shapes.append(rectangle(frame, fill=key.fill, rx=4 if key.rounded else 0, **pen))
        shapes.append(text(x + _SWATCH + _GAP / 2, middle + 4, key.text, fill=ink))
        right = max(right, x + width)
        x += width + 2 * _GAP
    return shapes, (left, top, right, y + ROW_HEIGHT)
