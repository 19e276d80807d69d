"""Learning curves: a small line chart as SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from textwrap import wrap
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.charts.axes import BOTTOM, LEFT, RIGHT, TOP, x_axis, y_axis
from tinygrad_mlp.drawing.picture import Picture
from tinygrad_mlp.drawing.svg import SANS_FONTS, document, rectangle, text
from tinygrad_mlp.drawing.svg import coordinate as _f

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinygrad_mlp.drawing.shapes import Frame

#: Of longer series, the least and the greatest values of stretches are drawn.
MAXIMUM_POINTS = 1000

_PAGE = (0.0, 0.0, 640.0, 400.0)
_GRID = "#e2e2e2"
_NAME_LIMIT = 30
_TITLE_WIDTH, _TITLE_HEIGHT = 62, 21.0  # letters, and from one line to the next
# The distance of two numbers that are not larger is finite.
_INFINITE = 1e300
# Apart for colour-blind readers, and in print by their dashes.
_COLOURS = ("#0b5fa5", "#d55e00", "#00795c", "#a3388a", "#5f5f5f")
_DASHES = ("none", "7 4", "2 3", "9 3 2 3", "4 2")

Points = list[tuple[float, float]]


def draw_curves(
    series: Mapping[str, Sequence[float]],
    *,
    x: Sequence[float] | Mapping[str, Sequence[float]] | None = None,
    title: str = "",
    x_label: str = "",
    y_label: str = "",
    logarithmic: bool = False,
) -> Picture:
    """Return a line chart, such as learning curves: one line for each series.

    Parameters
    ----------
    series : mapping of str to sequence of float
        What to draw, by the names in the legend, such as ``{"training": [...]}``.  Values that are
        not finite, or beyond 1e300, are left out, and so are values that are not positive where
        the scale is logarithmic.
    x : sequence of float, or mapping of str to those, optional
        Where the values of every series stand, such as the epochs, or of each by its name;
        1, 2, 3, ... if missing.
    title, x_label, y_label : str
        Shown above, in up to three lines, below and on the left.
    logarithmic : bool
        Let equal steps upwards mean equal factors.

    Returns
    -------
    Picture
        Notebooks show it; ``.save("curves.svg")`` writes it, the same in every process.

    Raises
    ------
    TypeError
        If ``series`` is no mapping.
    ValueError
        If there is no series, or one that is not made of numbers or has another length than its x.

    Examples
    --------
    >>> picture = draw_curves(
    ...     {"training": [0.9, 0.5, 0.3, 0.2], "validation": [0.6, 0.4]},
    ...     x={"training": [1, 2, 3, 4], "validation": [2, 4]},
    ...     x_label="epoch",
    ... )
    >>> "validation" in picture.svg
    True
    """
    if not isinstance(series, Mapping):
        raise TypeError(
            "draw_curves: series must be a dict of names and numbers, such as {'loss': [2.0, 1.0]} "
            f"or history.curves, got {type(series).__name__}"
        )
    if not series:
        raise ValueError("draw_curves: series is empty, wanted one or more, by name")
    curves = []
    for name, values in series.items():
        heights = _numbers(f"series {name!r:.80}", values)
        places = _places(name, len(heights), x)
        curves.append(_points(places, heights, logarithmic=logarithmic))
    across = x_axis([x for points in curves for x, _ in points])
    up = y_axis([y for points in curves for _, y in points], logarithmic=logarithmic)
    page_left, page_top, page_right, page_bottom = _PAGE
    whole = style.readable(title, 3 * _TITLE_WIDTH)
    shown = wrap(whole, _TITLE_WIDTH, max_lines=3, placeholder=" …") or [""]
    page_top -= _TITLE_HEIGHT * (len(shown) - 1)
    lines = [
        text(LEFT, page_top + 26 + _TITLE_HEIGHT * place, part, font_size=16, fill=style.INK)
        for place, part in enumerate(shown)
    ]
    for tick, name in up.ticks:
        y = up.place(tick)
        lines.append(f'<path d="M{_f(LEFT)},{_f(y)}H{_f(RIGHT)}" stroke="{_GRID}"/>')
        lines.append(text(LEFT - 8, y + 4, name, text_anchor="end", fill=style.QUIET_INK))
    for tick, name in across.ticks:
        left, below = across.place(tick), BOTTOM + 20
        lines.append(f'<path d="M{_f(left)},{_f(BOTTOM)}v5" stroke="{style.INK}"/>')
        lines.append(text(left, below, name, text_anchor="middle", fill=style.QUIET_INK))
    lines.append(f'<path d="M{_f(LEFT)},{_f(BOTTOM)}H{_f(RIGHT)}" stroke="{style.INK}"/>')
    lines += _axis_labels(x_label, y_label)
    drawn = [[(across.place(x), up.place(y)) for x, y in points] for points in curves]
    for place, corners in enumerate(drawn):
        lines += _curve(corners, place)
    frame = _legend_frame(series, drawn)
    lines += _legend(series, frame)
    page = (page_left, page_top, max(page_right, frame[2] + 12), max(page_bottom, frame[3] + 12))
    return Picture(document(page, title or "Line chart", lines, fonts=SANS_FONTS))


def _places(
    name: str, count: int, x: Sequence[float] | Mapping[str, Sequence[float]] | None
) -> list[float]:
    """Return where the values of a series stand."""
    if isinstance(x, Mapping):
        if name not in x:
            raise ValueError(f"draw_curves: x has nothing for the series {name!r:.80}")
        x = x[name]
    if x is None:
        return [place + 1.0 for place in range(count)]
    places = _numbers("x", x)
    if len(places) != count:
        raise ValueError(
            f"draw_curves: series {name!r:.80} has {count} values, but x has {len(places)}"
        )
    return places


def _numbers(name: str, values: Sequence[float]) -> list[float]:
    try:
        return [float(value) for value in values]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(
            f"draw_curves: {name} must be a sequence of numbers, got {values!r:.80}"
        ) from None


def _points(places: list[float], heights: list[float], *, logarithmic: bool) -> Points:
    """Return the points to draw, at most ``MAXIMUM_POINTS``, heights as logarithms if wanted."""
    points = [
        (x, math.log10(y) if logarithmic else y)
        for x, y in zip(places, heights, strict=True)
        if abs(x) < _INFINITE and abs(y) < _INFINITE and (y > 0 or not logarithmic)
    ]
    if len(points) <= MAXIMUM_POINTS:
        return points
    chosen = {0, len(points) - 1}
    stretches = MAXIMUM_POINTS // 2 - 1
    for stretch in range(stretches):
        first, last = (len(points) * end // stretches for end in (stretch, stretch + 1))
        chosen.add(min(range(first, last), key=lambda place: points[place][1]))
        chosen.add(max(range(first, last), key=lambda place: points[place][1]))
    return [points[place] for place in sorted(chosen)]


# ----- Marks -----


def _axis_labels(x_label: str, y_label: str) -> Iterable[str]:
    middle = (TOP + BOTTOM) / 2
    yield text(
        (LEFT + RIGHT) / 2,
        BOTTOM + 42,
        style.readable(x_label, 60),
        text_anchor="middle",
        fill=style.INK,
    )
    yield text(
        16,
        middle,
        style.readable(y_label, 60),
        text_anchor="middle",
        fill=style.INK,
        transform=f"rotate(-90 16 {_f(middle)})",
    )


def _pen(place: int, width: float = 2.0) -> str:
    colour = _COLOURS[place % len(_COLOURS)]
    dash = _DASHES[(place + place // len(_COLOURS)) % len(_DASHES)]
    return f'fill="none" stroke="{colour}" stroke-width="{_f(width)}" stroke-dasharray="{dash}"'


def _curve(corners: Points, place: int) -> list[str]:
    """Return a line, or a dot where there is but one point."""
    if len(corners) == 1:
        (x, y), colour = corners[0], _COLOURS[place % len(_COLOURS)]
        return [f'<circle cx="{_f(x)}" cy="{_f(y)}" r="3" fill="{colour}"/>']
    path = " ".join(f"{_f(x)},{_f(y)}" for x, y in corners)
    pen = _pen(place, 2.0 if len(corners) < MAXIMUM_POINTS / 4 else 1.2)
    return [f'<polyline points="{path}" {pen} stroke-linejoin="round"/>'] if path else []


def _legend_frame(names: Iterable[str], curves: Sequence[Points]) -> Frame:
    """Return where the legend stands: in a corner that no curve passes, or right of the chart."""
    shown = [style.readable(name, _NAME_LIMIT) for name in names]
    width = max(map(style.text_width, shown)) + 48
    height = 8.0 + 18 * len(shown)
    upper, lower = TOP + 4, BOTTOM - 4 - height
    inner, outer = LEFT + 4, RIGHT - 4 - width
    for left, top in ((outer, upper), (inner, lower), (inner, upper), (outer, lower)):
        frame = (left, top, left + width, top + height)
        if lower > upper and not any(_passes(curve, frame) for curve in curves):
            return frame
    return (RIGHT + 12, upper, RIGHT + 12 + width, upper + height)


def _passes(curve: Points, frame: Frame) -> bool:
    """Return whether a curve comes near a frame."""
    left, top, right, bottom = (
        edge + room for edge, room in zip(frame, (-6, -6, 6, 6), strict=True)
    )
    for (x0, y0), (x1, y1) in pairwise([*curve[:1], *curve]):
        if min(x0, x1) > right or max(x0, x1) < left:
            continue
        ends = (min(max(edge, min(x0, x1)), max(x0, x1)) for edge in (left, right))
        heights = [y0 + (y1 - y0) * (x - x0) / (x1 - x0) for x in ends] if x0 != x1 else [y0, y1]
        if min(heights) <= bottom and max(heights) >= top:
            return True
    return False


def _legend(names: Iterable[str], frame: Frame) -> list[str]:
    """Return the names of the series in their frame."""
    left, top, _, _ = frame
    lines = [rectangle(frame, fill="#ffffff", fill_opacity=0.85, stroke=_GRID)]
    for place, name in enumerate(style.readable(name, _NAME_LIMIT) for name in names):
        y = top + 13 + 18 * place
        lines.append(f'<path d="M{_f(left + 8)},{_f(y)}h26" {_pen(place)}/>')
        lines.append(text(left + 42, y + 4, name, fill=style.INK))
    return lines
