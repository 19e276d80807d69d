"""The axes of a line chart: from which number to which, with round ticks."""

from __future__ import annotations

import math
from typing import NamedTuple

#: The corners of the area that the axes enclose.
LEFT, TOP, RIGHT, BOTTOM = 76.0, 44.0, 616.0, 344.0

#: A logarithmic axis of a smaller part of a decade has the ticks of a plain one.
_NARROW = math.log10(5.0)

#: The part of an axis that the numbers should take at least.
_FULL = 0.7

Tick = tuple[float, str]


class Axis(NamedTuple):
    """The numbers from ``low`` to ``high``, drawn from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float
    ticks: list[Tick]

    def place(self, number: float) -> float:
        """Return where a number is drawn."""
        return self.start + (number - self.low) / (self.high - self.low) * (self.end - self.start)


def x_axis(numbers: list[float]) -> Axis:
    """Return an axis from the least number to the greatest."""
    low, high, step = _range(numbers or [1.0, 2.0], 7)
    if all(number.is_integer() for number in numbers):
        step = max(step, 1.0)
    places = [place * step for place in range(math.ceil(low / step), math.floor(high / step) + 1)]
    if numbers and (not places or places[0] - low > 0.6 * step):
        places.insert(0, low)
    return Axis(low, high, LEFT, RIGHT, [(place, f"{place:.10g}") for place in places])


def y_axis(numbers: list[float], *, logarithmic: bool) -> Axis:
    """Return an axis from a round number below the least to one above the greatest."""
    if logarithmic:
        low, high = min(numbers, default=0.0), max(numbers, default=1.0)
        ticks = _between(10.0**low, 10.0**high) if 0 < high - low < _NARROW else []
        ticks = ticks or _around(low, high, _powers(math.floor(low), math.ceil(high)))
    else:
        for steps in (5, 8):  # finer steps where the others would leave much room empty
            low, high, step = _range(numbers or [0.0, 1.0], steps)
            count = range(math.floor(low / step), math.ceil(high / step) + 1)
            if high - low >= _FULL * step * (len(count) - 1):
                break
        ticks = [(place * step, f"{place * step:.6g}") for place in count]
    return Axis(ticks[0][0], ticks[-1][0], BOTTOM, TOP, ticks)


def _between(least: float, greatest: float) -> list[Tick]:
    """Return round numbers by their logarithms, for a small part of a decade; none if it is 0."""
    low, high, step = _range([least, greatest], 5)
    count = range(math.floor(low / step), math.ceil(high / step) + 1)
    if count[0] <= 0:
        return []
    return [(math.log10(place * step), f"{place * step:.6g}") for place in count]


def _around(low: float, high: float, ticks: list[Tick]) -> list[Tick]:
    """Return the ticks from the last one below all numbers to the first one above them."""
    first = max((n for n, tick in enumerate(ticks) if tick[0] <= low), default=0)
    last = min((n for n, tick in enumerate(ticks) if tick[0] >= high and n > first), default=None)
    return ticks[first:] if last is None else ticks[first : last + 1]


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
