"""Learning curves: a small line chart as SVG."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.svg import SANS_FONTS, document, rectangle, text
from tinygrad_mlp.drawing.svg import coordinate as _f

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Of longer series, the least and the greatest values of stretches are drawn.
MAXIMUM_POINTS = 1000

_PAGE = (0.0, 0.0, 640.0, 400.0)
_LEFT, _TOP, _RIGHT, _BOTTOM = 76.0, 44.0, 616.0, 344.0
_GRID = "#e2e2e2"
_NAME_LIMIT = 30
# The distance of two numbers that are not larger is finite.
_INFINITE = 1e300
# Apart for colour-blind readers, and in print by their dashes.
_COLOURS = ("#0b5fa5", "#d55e00", "#00795c", "#a3388a", "#5f5f5f")
_DASHES = ("none", "7 4", "2 3", "9 3 2 3", "4 2")

Points = list[tuple[float, float]]
Tick = tuple[float, str]


def line_chart_svg(
    series: Mapping[str, Sequence[float]],
    *,
    x: Sequence[float] | None = None,
    title: str = "",
    x_label: str = "",
    y_label: str = "",
    logarithmic: bool = False,
) -> str:
    """Return a chart with one line for each series.

    Parameters
    ----------
    series : mapping of str to sequence of float
        What to draw, by the names in the legend.  Values that are not finite, or beyond 1e300,
        are left out, and so are values that are not positive where the scale is logarithmic.
    x : sequence of float, optional
        Where the values of every series stand, such as the epochs; 1, 2, 3, ... if missing.
    title, x_label, y_label : str
        Shown above, below and on the left.
    logarithmic : bool
        Let equal steps upwards mean equal factors.

    Returns
    -------
    str
        A complete SVG document, the same in every process.

    Raises
    ------
    ValueError
        If there is no series, or one that is not made of numbers or has another length than x.

    Examples
    --------
    >>> line_chart_svg({"error": [0.5, 0.2, 0.1]}, title="Training", x_label="epoch")[:4]
    '<svg'
    """
    if not series:
        raise ValueError("line_chart_svg: series is empty, wanted one or more, by name")
    positions = None if x is None else _numbers("x", x)
    curves = []
    for name, values in series.items():
        heights = _numbers(f"series {name!r:.80}", values)
        if positions is not None and len(positions) != len(heights):
            raise ValueError(
                f"line_chart_svg: series {name!r:.80} has {len(heights)} values, but x has "
                f"{len(positions)}"
            )
        places = positions or [place + 1.0 for place in range(len(heights))]
        curves.append(_points(places, heights, logarithmic=logarithmic))
    across = _x_axis([x for points in curves for x, _ in points])
    up = _y_axis([y for points in curves for _, y in points], logarithmic=logarithmic)
    lines = [text(_LEFT, 26, style.readable(title, 60), font_size=16, fill=style.INK)]
    for tick, name in up.ticks:
        y = up.place(tick)
        lines.append(f'<path d="M{_f(_LEFT)},{_f(y)}H{_f(_RIGHT)}" stroke="{_GRID}"/>')
        lines.append(text(_LEFT - 8, y + 4, name, text_anchor="end", fill=style.QUIET_INK))
    for tick, name in across.ticks:
        left, below = across.place(tick), _BOTTOM + 20
        lines.append(f'<path d="M{_f(left)},{_f(_BOTTOM)}v5" stroke="{style.INK}"/>')
        lines.append(text(left, below, name, text_anchor="middle", fill=style.QUIET_INK))
    lines.append(f'<path d="M{_f(_LEFT)},{_f(_BOTTOM)}H{_f(_RIGHT)}" stroke="{style.INK}"/>')
    lines += _axis_labels(x_label, y_label)
    for place, points in enumerate(curves):
        lines += _curve([(across.place(x), up.place(y)) for x, y in points], place)
    lines += _legend(series)
    return document(_PAGE, title or "Line chart", lines, fonts=SANS_FONTS)


def _numbers(name: str, values: Sequence[float]) -> list[float]:
    try:
        return [float(value) for value in values]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(
            f"line_chart_svg: {name} must be a sequence of numbers, got {values!r:.80}"
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


# ----- Axes -----


class _Axis(NamedTuple):
    """The numbers from ``low`` to ``high``, drawn from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float
    ticks: list[Tick]

    def place(self, number: float) -> float:
        """Return where a number is drawn."""
        return self.start + (number - self.low) / (self.high - self.low) * (self.end - self.start)


def _x_axis(numbers: list[float]) -> _Axis:
    """Return an axis from the least number to the greatest."""
    low, high, step = _range(numbers or [1.0, 2.0], 7)
    if all(number.is_integer() for number in numbers):
        step = max(step, 1.0)
    places = [place * step for place in range(math.ceil(low / step), math.floor(high / step) + 1)]
    if numbers and (not places or places[0] - low > 0.6 * step):
        places.insert(0, low)
    return _Axis(low, high, _LEFT, _RIGHT, [(place, f"{place:.10g}") for place in places])


def _y_axis(numbers: list[float], *, logarithmic: bool) -> _Axis:
    """Return an axis from a round number below the least to one above the greatest."""
    if logarithmic:
        ticks = _powers(math.floor(min(numbers, default=0.0)), math.ceil(max(numbers, default=1.0)))
    else:
        low, high, step = _range(numbers or [0.0, 1.0], 5)
        count = range(math.floor(low / step), math.ceil(high / step) + 1)
        ticks = [(place * step, f"{place * step:.6g}") for place in count]
    return _Axis(ticks[0][0], ticks[-1][0], _BOTTOM, _TOP, ticks)


def _powers(low: int, high: int) -> list[Tick]:
    """Return powers of ten by their exponents, with round numbers between few of them."""
    high = max(high, low + 1)
    step = math.ceil((high - low) / 6)
    high += (low - high) % step
    factors = (1, 2, 5) if high - low <= 2 else (1,)
    return [
        (power + math.log10(factor), f"{factor * 10.0**power:.6g}")
        for power in range(low, high + 1, step)
        for factor in (factors if power < high else (1,))
    ]


def _range(numbers: list[float], steps: int) -> tuple[float, float, float]:
    """Return the least and the greatest number, apart, and a round step between ticks.

    The step is 1, 2 or 5 times a power of ten.
    """
    low, high = min(numbers), max(numbers)
    size = max(abs(low), abs(high))
    if high - low <= 1e-9 * max(size, 1e-250):
        room = size / 2 if size > 1e-250 else 0.5
        low, high = low - room, high + room
    least = (high - low) / steps
    power = 10.0 ** math.floor(math.log10(least))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * 0.999)
    return low, high, step


# ----- Marks -----


def _axis_labels(x_label: str, y_label: str) -> Iterable[str]:
    middle = (_TOP + _BOTTOM) / 2
    yield text(
        (_LEFT + _RIGHT) / 2,
        _BOTTOM + 42,
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


def _legend(names: Iterable[str]) -> list[str]:
    """Return the names of the series in the upper right corner, where learning curves are not."""
    shown = [style.readable(name, _NAME_LIMIT) for name in names]
    width = max(map(style.text_width, shown)) + 48
    left = _RIGHT - width - 4
    frame = (left, _TOP + 4, _RIGHT - 4, _TOP + 12 + 18 * len(shown))
    lines = [rectangle(frame, fill="#ffffff", fill_opacity=0.85, stroke=_GRID)]
    for place, name in enumerate(shown):
        y = _TOP + 17 + 18 * place
        lines.append(f'<path d="M{_f(left + 8)},{_f(y)}h26" {_pen(place)}/>')
        lines.append(text(left + 42, y + 4, name, fill=style.INK))
    return lines
