"""What a finished drawing is made of, as data that SVG and TikZ are printed from.

How a shape looks is told in the words of SVG, with ``_`` for ``-``: ``fill``, ``stroke``,
``stroke_width``, ``stroke_dasharray``, ``stroke_opacity``, ``rx``, ``text_anchor``,
``font_size``, ``font_weight``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

Point = tuple[float, float]
Frame = tuple[float, float, float, float]
Look = Mapping[str, object]
#: One step of a path: ``"M"`` to a point, ``"L"`` a line, ``"C"`` a curve, ``"Z"`` back.
Step = tuple[str, Sequence[Point]]


class Rectangle(NamedTuple):
    """A rectangle: left, top, right and bottom."""

    frame: Frame
    look: Look


class Text(NamedTuple):
    """Parts of one line of text beside each other, each with the look that it adds."""

    x: float
    y: float
    parts: Sequence[tuple[str, Look]]
    look: Look


class Path(NamedTuple):
    """A line or an area."""

    steps: Sequence[Step]
    look: Look


class Group(NamedTuple):
    """Shapes with one title, or with one look where they have none of their own."""

    shapes: Sequence[Shape]
    look: Look
    title: str = ""


Shape = Rectangle | Text | Path | Group


class Canvas(NamedTuple):
    """A whole drawing: the part of the plane that it fills, and its shapes from back to front.

    It is shown ``scale`` times as large: in the pixels of SVG and PNG, and on paper.
    """

    frame: Frame
    title: str
    description: str
    page: str
    shapes: Sequence[Shape]
    scale: float = 1.0


def rectangle(frame: Frame, **look: object) -> Rectangle:
    """Return a rectangle from left, top, right and bottom."""
    return Rectangle(frame, look)


def text(x: float, y: float, content: str, **look: object) -> Text:
    """Return a line of text that anybody may have written."""
    return Text(x, y, [(content, {})], look)


def path(*steps: Step, **look: object) -> Path:
    """Return a line or an area."""
    return Path(steps, look)


def line(start: Point, end: Point, **look: object) -> Path:
    """Return a straight line."""
    return Path([("M", [start]), ("L", [end])], look)
