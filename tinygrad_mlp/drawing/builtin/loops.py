"""Edges back, in a loop that was rolled up: the way around the boxes of its cell."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    Point = tuple[float, float]
    Step = tuple[str, Sequence[Point]]  # "M" to a point, "L" a line, "C" a curve

#: How far beyond the boxes an edge back turns around.
TURN = 20.0


def loop_route(
    leaving: Sequence[Point], lane: Sequence[Point], arriving: Sequence[Point]
) -> list[Point]:
    """Return the corners of an edge back, from three routes of the layout.

    Parameters
    ----------
    leaving : points
        From the source to the place behind it where the edge turns.
    lane : points
        From the place before the target to that behind the source, past all boxes between them.
    arriving : points
        From the place before the target to the target.

    Examples
    --------
    >>> leaving, arriving = [(50, 0), (50, 0), (80, 5), (80, 5)], [(0, 5), (0, 5), (30, 0), (30, 0)]
    >>> loop_route(leaving, [(0, 5), (0, 5), (30, 20), (50, 20), (80, 5), (80, 5)], arriving)
    [(50, 0), (50, 0), (50, 20), (30, 20), (30, 0), (30, 0)]
    """
    return [*leaving[:2], *reversed(lane[2:-2]), *arriving[-2:]]


def loop_steps(route: Sequence[Point], head: float, *, upright: bool) -> list[Step]:
    """Return the steps of the path of an edge back, which ends ``head`` before the last corner.

    Straight past the boxes, an S between two heights, and a U at both ends.

    >>> route = [(50, 0), (50, 0), (50, 20), (30, 20), (30, 0), (30, 0)]
    >>> [letter for letter, _ in loop_steps(route, 8.0, upright=False)]
    ['M', 'L', 'C', 'L', 'C', 'L']
    """
    points = [(y, x) if upright else (x, y) for x, y in route]
    forward = 1.0 if points[0][0] >= points[-1][0] else -1.0
    points[-1] = points[-1][0] - forward * head, points[-1][1]
    if (points[-2][0] - points[-1][0]) * forward > 0:
        points[-2] = points[-1]
    steps: list[Step] = [("M", points[:1])]
    for place, (before, point) in enumerate(pairwise(points), start=1):
        if place % 2:
            steps.append(("L", [point]))
            continue
        ends = before[0] * forward, point[0] * forward
        middle = sum(ends) / 2
        if place == 2:
            middle = max(ends) + TURN
        elif place == len(points) - 2:
            middle = min(ends) - TURN
        steps.append(("C", [(middle * forward, before[1]), (middle * forward, point[1]), point]))
    return directed(steps, upright=upright)


def directed(steps: list[Step], *, upright: bool) -> list[Step]:
    """Return steps that were told along the direction of arrows, and across it, as x and y."""
    if upright:
        return [(letter, [(y, x) for x, y in corners]) for letter, corners in steps]
    return steps
