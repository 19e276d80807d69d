"""Central and one-sided differences over a range of steps: the V, and the kinks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

#: The steps, as powers of two.
POWERS = range(-52, 1)


class Differences(NamedTuple):
    """The slopes of a function at 0 by differences.

    Attributes
    ----------
    steps : tuple of float
        From the smallest to the largest.
    central, one_sided : tuple of float
        (f(h) - f(-h)) / 2h and (f(h) - f(0)) / h for each step h.
    step, slope : float
        The step that balances rounding and bending for most functions, the cube root of the
        precision, and the central difference with it.
    sides : pair of float, or None
        The slopes from the left and from the right, where they are not the same.
    """

    steps: tuple[float, ...]
    central: tuple[float, ...]
    one_sided: tuple[float, ...]
    step: float
    slope: float
    sides: tuple[float, float] | None


def differences(f: Callable[[float], float], precision: float, size: float = 1.0) -> Differences:
    """Return the slopes of ``f`` at 0, with steps in units of ``size``, a power of two.

    Examples
    --------
    >>> found = differences(lambda t: (2.0 + t) ** 2, 2.0**-52)
    >>> round(found.slope, 6), found.sides
    (4.0, None)
    >>> differences(abs, 2.0**-52).sides
    (-1.0, 1.0)
    """
    middle = f(0.0)
    steps = tuple(size * 2.0**power for power in POWERS)
    ahead = [f(h) for h in steps]
    behind = [f(-h) for h in steps]
    rows = list(zip(steps, ahead, behind, strict=True))
    central = tuple((a - b) / (2 * h) for h, a, b in rows)
    best = round(np.log2(precision) / 3) - POWERS.start
    return Differences(
        steps,
        central,
        tuple((a - middle) / h for h, a, _ in rows),
        steps[best],
        central[best],
        _sides(middle, rows, precision),
    )


def _sides(
    middle: float, rows: list[tuple[float, float, float]], precision: float
) -> tuple[float, float] | None:
    """Return the slopes on both sides if there is a kink: they stay apart with smaller steps."""
    wide, narrow = (round(np.log2(precision) * part) - POWERS.start for part in (1 / 4, 2 / 5))
    pairs = []
    for place in (wide, narrow):
        h, ahead, behind = rows[place]
        h_half, ahead_half, behind_half = rows[place - 1]
        # Both are extrapolated to no step, so that a bend does not look like a kink.
        right = 2 * (ahead_half - middle) / h_half - (ahead - middle) / h
        left = 2 * (middle - behind_half) / h_half - (middle - behind) / h
        pairs.append((left, right))
    far, near = pairs
    left, right = (_limit(*pair) for pair in zip(far, near, strict=True))
    if np.isnan(left) or np.isnan(right):
        return (left, right) if np.isnan(left) != np.isnan(right) else None
    gap = abs(right - left)
    stays = gap > 0.5 * abs(far[1] - far[0]) and gap > 1e-3 * max(abs(left), abs(right))
    return (left, right) if stays else None


def _limit(far: float, near: float) -> float:
    """Return what slopes by two steps lead to, in the digits that differences have."""
    if abs(near) > 1.5 * abs(far) > 1e-3:
        return float(np.copysign(np.inf, near))  # it grows and grows
    return float(f"{near:.6g}")
