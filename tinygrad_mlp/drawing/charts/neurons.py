"""The parts of the picture of a network: circles for neurons, lines for weights, and a legend."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tinygrad_mlp.drawing.svg import coordinate as _f
from tinygrad_mlp.drawing.svg import text
from tinygrad_mlp.graphs.formula import name_in_formula

if TYPE_CHECKING:
    from typing import Any

    from tinygrad_mlp.drawing.theme import Theme

#: Circles of one layer that are drawn; where there are more, dots stand for those in the middle.
MAXIMUM_CIRCLES = 12
RADIUS = 11.0
LEGEND_ROW = 22.0

#: The radius where a number is written into a circle.
LARGE_RADIUS = 24.0

Line = tuple[float, str]  # how strong it is, and its SVG


class Column(NamedTuple):
    """A layer's middle, the heights of what is drawn, and the units; None stands for dots."""

    x: float
    heights: list[float]
    units: list[int | None]


def shown_units(size: int) -> list[int | None]:
    """Return the units to draw from top to bottom, None for the dots between them."""
    if size <= MAXIMUM_CIRCLES:
        return list(range(size))
    half = MAXIMUM_CIRCLES // 2
    return [*range(half), None, *range(size - half, size)]


def largest_of(numbers: Any) -> float:
    """Return the largest of the finite numbers, without their signs."""
    return float(np.abs(numbers[np.isfinite(numbers)]).max(initial=0.0))


def _stroke(number: float, largest: float, theme: Theme) -> Line:
    """Return the strength of a number, and the attributes of a line that shows it."""
    strength = abs(number) / largest if largest and math.isfinite(number) else 0.0
    colour = theme.neutral
    if strength:
        colour = theme.positive if number > 0 else theme.negative
    width = 0.5 + 2.5 * strength
    look = f'stroke="{colour}" stroke-width="{width:.2f}"'
    if strength and number < 0:
        look += f' stroke-dasharray="{_f(3 + width)} {_f(2 + width)}"'
    return strength, look


def edges(left: Column, right: Column, matrix: Any, theme: Theme) -> list[str]:
    """Return the lines between two columns, the strongest in front."""
    largest = 0.0 if matrix is None else largest_of(matrix)
    lines: list[Line] = []
    for i, y0 in zip(left.units, left.heights, strict=True):
        for j, y1 in zip(right.units, right.heights, strict=True):
            if i is None or j is None:
                continue
            path = f"M{_f(left.x)},{_f(y0)}L{_f(right.x)},{_f(y1)}"
            if matrix is None:
                strength, look = 0.0, f'stroke="{theme.neutral}" stroke-width="1.00"'
            else:
                strength, look = _stroke(float(matrix[i, j]), largest, theme)
            fade = f'stroke-opacity="{0.35 + 0.6 * strength:.2f}"'
            lines.append((strength, f'<path d="{path}" {look} {fade}/>'))
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]


def circles(
    column: Column, layer: int, biases: Any, theme: Theme, radius: float = RADIUS
) -> list[str]:
    """Return the units of a column, and dots for those that are left out."""
    kind = theme.looks["op" if layer else "input"]
    largest = 0.0 if biases is None else largest_of(biases)
    lines = []
    for unit, y in zip(column.units, column.heights, strict=True):
        if unit is None:
            lines += _dots(column.x, y, theme)
        elif biases is None:
            ring = f'stroke="{kind.border}" stroke-width="1.5"'
            lines.append(_circle(column.x, y, kind.fill, ring, radius))
        else:
            ring = _stroke(float(biases[unit]), largest, theme)[1]
            lines.append(_circle(column.x, y, kind.fill, ring, radius))
    return lines


def _circle(x: float, y: float, fill: str, ring: str, radius: float = RADIUS) -> str:
    return f'<circle cx="{_f(x)}" cy="{_f(y)}" r="{_f(radius)}" fill="{fill}" {ring}/>'


def _dots(x: float, y: float, theme: Theme) -> list[str]:
    return [
        f'<circle cx="{_f(x)}" cy="{_f(y + step)}" r="1.8" fill="{theme.ink}"/>'
        for step in (-7.0, 0.0, 7.0)
    ]


def unit_names(
    column: Column, letter: str, anchor: str, theme: Theme, radius: float = RADIUS
) -> list[str]:
    """Return names such as x₁ beside the circles of the first or the last column."""
    x = column.x + (-1 if anchor == "end" else 1) * (radius + 8)
    return [
        text(
            x, y + 4, name_in_formula(f"{letter}{unit + 1}"),
            text_anchor=anchor, fill=theme.quiet_ink,
        )
        for unit, y in zip(column.units, column.heights, strict=True)
        if unit is not None
    ]  # fmt: skip


def left_out(size: int) -> str:
    """Return how many neurons of a column are not drawn; nothing if all are.

    >>> left_out(784), left_out(3)
    ('772 not drawn', '')
    """
    return f"{size - MAXIMUM_CIRCLES:,} not drawn" if size > MAXIMUM_CIRCLES else ""


def legend(top: float, theme: Theme, *, with_biases: bool) -> list[str]:
    """Return what colours, dashes, rings and thickness mean, in two or three rows."""
    left, second = 30.0, 190.0
    lines = []
    rows = [("weight", False), ("bias", True)][: 1 + with_biases]
    for row, (what, is_ring) in enumerate(rows):
        y = top + LEGEND_ROW * (row + 0.5)
        for x, number, sign in ((left, 0.6, "positive"), (second, -0.6, "negative")):
            look = _stroke(number, 1.0, theme)[1]
            lines.append(
                _circle(x + 18, y, theme.looks["op"].fill, look, radius=8)
                if is_ring
                else f'<path d="M{_f(x)},{_f(y)}h36" {look}/>'
            )
            lines.append(text(x + 44, y + 4, f"{sign} {what}", fill=theme.ink))
    y = top + LEGEND_ROW * (len(rows) + 0.5)
    for place, strength in enumerate((0.0, 0.5, 1.0)):
        width = f'stroke="{theme.ink}" stroke-width="{0.5 + 2.5 * strength:.2f}"'
        lines.append(f'<path d="M{_f(left + 13 * place)},{_f(y)}h10" {width}/>')
    lines.append(text(left + 44, y + 4, "from 0 to the largest of its layer", fill=theme.ink))
    return lines
