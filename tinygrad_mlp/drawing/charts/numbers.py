"""Numbers in the picture of a network: where they are written, and where they do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.svg import rectangle, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.drawing.charts.neurons import Column
    from tinygrad_mlp.drawing.shapes import Frame
    from tinygrad_mlp.drawing.theme import Theme

    Line = tuple[float, float, float, float]  # x and y of its start, and of its end

#: Lines between two columns on which numbers are written; on more of them nobody finds his own.
MAXIMUM_WRITTEN = 12

_ROW = 13.0
_PLACES = np.linspace(0.2, 0.8, 31)


def short(number: Any) -> str:
    """Return a number with three digits.

    >>> short(-0.012345)
    '-0.0123'
    """
    return summarize(np.float64(f"{float(number):.3g}"))


def fits(inputs: int, outputs: int) -> bool:
    """Return whether there is room for a number on every line between two columns.

    >>> fits(2, 3), fits(784, 128)
    (True, False)
    """
    return inputs * outputs <= MAXIMUM_WRITTEN


def on_lines(
    left: Column, right: Column, matrix: Any, gradient: Any | None, theme: Theme
) -> list[str]:
    """Return the weights, with their gradients below, each on its line, beside the others."""
    lines: list[Line] = []
    words: list[list[str]] = []
    for i, y0 in zip(left.units, left.heights, strict=True):
        for j, y1 in zip(right.units, right.heights, strict=True):
            lines.append((left.x, y0, right.x, y1))
            words.append(_words(matrix[i, j], None if gradient is None else gradient[i, j]))
    labels: list[str] = []
    taken: list[Frame] = []
    for line, said in zip(lines, words, strict=True):
        frame = _free(line, said, lines, taken)
        taken.append(frame)
        labels += _label(frame, said, theme)
    return labels


def below_circles(
    column: Column, radius: float, biases: Any, gradient: Any | None, theme: Theme
) -> list[str]:
    """Return the biases, with their gradients, each below its circle."""
    lines = []
    for unit, y in zip(column.units, column.heights, strict=True):
        if unit is not None:
            said = _words(biases[unit], None if gradient is None else gradient[unit])
            said[0] = f"b {said[0]}"
            width = max(map(_width, said))
            top = y + radius + 3
            frame = (column.x - width / 2, top, column.x + width / 2, top + _ROW * len(said))
            lines += _label(frame, said, theme)
    return lines


def in_circles(column: Column, values: Any, theme: Theme) -> list[str]:
    """Return the activations, each in its circle."""
    look = {"text_anchor": "middle", "fill": theme.ink, "font_size": style.NUMBER_SIZE}
    return [
        text(column.x, y + 4, short(values[unit]), **look)
        for unit, y in zip(column.units, column.heights, strict=True)
        if unit is not None
    ]


def _words(number: Any, gradient: Any | None) -> list[str]:
    return [short(number)] if gradient is None else [short(number), f"∂ {short(gradient)}"]


def _width(line: str) -> float:
    return style.text_width(line, style.NUMBER_SIZE) + 4


def _free(line: Line, said: list[str], lines: Sequence[Line], taken: list[Frame]) -> Frame:
    """Return the place on a line where a label covers least, near the middle if it may choose."""
    width, height = max(map(_width, said)), _ROW * len(said) + 2
    x0, y0, x1, y1 = line

    def frame(share: float) -> Frame:
        x, y = x0 + (x1 - x0) * share, y0 + (y1 - y0) * share
        return x - width / 2, y - height / 2, x + width / 2, y + height / 2

    def cost(share: float) -> tuple[int, int, float]:
        covered = sum(_overlap(frame(share), other) for other in taken)
        crossed = sum(other != line and _crosses(other, frame(share)) for other in lines)
        return covered, crossed, abs(share - 0.5)

    return frame(min(_PLACES.tolist(), key=cost))


def _overlap(one: Frame, other: Frame) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _crosses(line: Line, frame: Frame) -> bool:
    """Return whether a line, which runs from left to right, passes a frame."""
    x0, y0, x1, y1 = line
    at_left, at_right = (y0 + (y1 - y0) * (x - x0) / (x1 - x0) for x in (frame[0], frame[2]))
    return min(at_left, at_right) <= frame[3] and max(at_left, at_right) >= frame[1]


def _label(frame: Frame, said: list[str], theme: Theme) -> list[str]:
    left, top, right, _ = frame
    lines = [rectangle(frame, fill=theme.page, fill_opacity=0.85)]
    inks = (theme.ink, theme.gradient_ink)
    look = {"text_anchor": "middle", "font_size": style.NUMBER_SIZE}
    for place, (line, ink) in enumerate(zip(said, inks, strict=False)):
        lines.append(text((left + right) / 2, top + 10.5 + _ROW * place, line, fill=ink, **look))
    return lines
