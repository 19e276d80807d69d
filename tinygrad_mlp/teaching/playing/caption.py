"""The words below the picture of a step: how far the steps are, a sentence, a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing.shapes import text
from tinygrad_mlp.drawing.style import text_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.drawing.shapes import Canvas, Shape
    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.teaching.telling import Step

#: The least size of letters; those of a wide picture are larger, because it is shown smaller.
_SIZE = 15.0
_LETTERS = 80.0
_MARGIN = 14.0
_NARROWEST = 620.0


class Caption:
    """The words below all pictures: they have the room that the longest need."""

    def __init__(self, steps: Sequence[Step], choices: Style, canvas: Canvas) -> None:
        left, top, right, bottom = canvas.frame
        middle = (left + right) / 2
        half = max(right - left, _NARROWEST) / 2
        self._theme = choices.theme
        self._size = max(_SIZE, 2 * half / _LETTERS)
        self._line = 1.4 * self._size
        self._left, self._top = middle - half + _MARGIN, bottom + self._line
        self._room = 2 * half - 2 * _MARGIN
        rows = max(len(self._rows(step)) for step in steps)
        self.frame = (middle - half, top, middle + half, self._top + self._line * (rows + 0.6))

    def _rows(self, step: Step) -> list[tuple[str, bool]]:
        """Return lines, and whether each is a formula."""
        lines = [(line, False) for line in _wrapped(step.sentence, self._room, self._size)]
        if step.formula not in step.sentence:
            lines += [(line, True) for line in _wrapped(step.formula, self._room, self._size)]
        return lines

    def shapes(self, step: Step, count: int) -> list[Shape]:
        """Return how far the steps are, a sentence and a formula."""
        theme, x, y = self._theme, self._left, self._top
        place = f"{step.number} of {count}, {step.phase} pass"
        made: list[Shape] = [text(x, y, place, font_size=self._size, fill=theme.quiet_ink)]
        for line, is_formula in self._rows(step):
            y += self._line
            ink = theme.gradient_ink if is_formula else theme.ink
            made.append(text(x, y, line, font_size=self._size, fill=ink))
        return made


def _wrapped(content: str, room: float, size: float) -> list[str]:
    """Return the lines of a text in a room.

    >>> _wrapped("one two three", 80.0, 15.0)
    ['one two', 'three']
    """
    lines: list[str] = []
    for word in content.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
