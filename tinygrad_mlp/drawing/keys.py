"""What colours mean: the legend of a drawing, and boxes tinted by the size of their gradient."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp._support.display import Summary
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.svg import line, rectangle, text
from tinygrad_mlp.drawing.theme import Key
from tinygrad_mlp.graphs.group import back_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.drawing.svg import Frame
    from tinygrad_mlp.drawing.theme import Theme
    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node

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
    """Return the choices with the tints of a graph's boxes and the legend that was asked for.

    Raises
    ------
    ValueError
        If the boxes should be tinted by their gradients, and there are none.
    """
    theme = choices.theme
    keys: list[Key] = list(_kinds(graph, choices)) if choices.legend else []
    if choices.color == "gradient":
        sizes = {node.id: size for node in graph if (size := gradient_size(node)) is not None}
        if not sizes:
            raise ValueError(
                'color="gradient": no gradient was computed; call backward() on the output first'
            )
        bounds = _bounds(list(sizes.values()), len(theme.heat))
        tints = {id_: theme.heat[_place(size, bounds)] for id_, size in sizes.items()}
        keys += _scale(bounds, theme)
        choices = choices._replace(tints=tints)
    return choices._replace(keys=tuple(keys))


def gradient_size(node: Node) -> float | None:
    """Return the root of the mean square of a node's gradient; None if that is not known.

    >>> import numpy as np
    >>> from tinygrad_mlp.graphs.node import Node
    >>> gradient_size(Node("v0", "input", np.zeros(2), gradient=np.array([1.0, 7.0])))
    5.0
    """
    gradient = node.gradient
    if gradient is None or node.role == "constant":
        return None
    if isinstance(gradient, Summary):  # a scalar is there exactly
        try:
            return abs(float(gradient.text))
        except ValueError:
            return None
    numbers = np.abs(np.asarray(gradient, dtype=np.float64))
    largest = float(numbers.max(initial=0.0))
    if not largest or not math.isfinite(largest):
        return largest
    return largest * math.sqrt(
        float(np.mean(np.square(numbers / largest)))
    )  # no under- or overflow


# ----- Sizes of gradients -----


def _bounds(sizes: list[float], count: int) -> list[float]:
    """Return round numbers that part sizes into ``count`` classes, least first.

    A class is one decade wide or more: gradients that are nearly alike look so.
    """
    powers = [math.log10(x) for x in sizes if 0 < x < math.inf] or [0.0]
    high = max(powers)
    width = max(1.0, (high - min(powers)) / (count - 0.5))
    return [float(f"{10 ** (high - width * place):.0e}") for place in range(count - 1, 0, -1)]


def _place(size: float, bounds: list[float]) -> int:
    """Return the class of a size; what is no number is with the largest."""
    return sum(not size < bound for bound in bounds)


def _scale(bounds: list[float], theme: Theme) -> Iterator[Key]:
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
    if any(map(choices.has_op, graph)):
        yield Key("operation", op.fill, op.border, rounded=True)
    yield Key("output", theme.paper, theme.looks["operation"].border, width=2.5)
    if choices.highlight:
        yield Key("highlighted", theme.paper, theme.highlight, width=style.HIGHLIGHT_WIDTH)
    if any(any(back_of(node)) for node in graph):
        yield Key("from the turn before", "none", theme.edge, dashed=True, width=1.6, is_line=True)


# ----- In SVG -----


def legend_lines(choices: Style, left: float, top: float, room: float) -> tuple[list[str], Frame]:
    """Return the legend in as many rows as the room wants, and the frame around it."""
    ink = choices.theme.ink
    lines: list[str] = []
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
            lines.append(line(x, middle, x + _SWATCH, middle, **pen))
        else:
            frame = (x + 1, middle - 6, x + _SWATCH - 1, middle + 6)
            lines.append(rectangle(frame, fill=key.fill, rx=4 if key.rounded else 0, **pen))
        lines.append(text(x + _SWATCH + _GAP / 2, middle + 4, key.text, fill=ink))
        right = max(right, x + width)
        x += width + 2 * _GAP
    return lines, (left, top, right, y + ROW_HEIGHT)
