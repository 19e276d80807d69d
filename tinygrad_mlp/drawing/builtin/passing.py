"""Where lines pass: room for the name of a frame is beside them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tinygrad_mlp.drawing.shapes import Path, Point

#: Pieces that a curve is cut into.
_PIECES = 16


class Passing:
    """The pieces of all lines of a drawing.

    Examples
    --------
    >>> from tinygrad_mlp.drawing.shapes import line
    >>> passing = Passing([line((50.0, 0.0), (50.0, 99.0))])
    >>> passing.gap((0.0, 10.0, 100.0, 20.0), 30.0)
    (50.0, 100.0)
    >>> passing.gap((0.0, 10.0, 70.0, 20.0), 30.0), passing.gap((0.0, 10.0, 70.0, 20.0), 60.0)
    ((0.0, 50.0), (0.0, 50.0))
    """

    def __init__(self, lines: Iterable[Path]) -> None:
        pieces = [piece for line in lines for piece in _pieces(line.steps)]
        ends = np.array(pieces, dtype=np.float64).reshape(-1, 2, 2)
        least, most = ends.min(axis=1), ends.max(axis=1)
        self._lefts, self._tops = least[:, 0], least[:, 1]
        self._rights, self._bottoms = most[:, 0], most[:, 1]

    def gap(self, strip: tuple[float, float, float, float], width: float) -> tuple[float, float]:
        """Return from where to where nothing passes in a strip: where there is ``width``, if any.

        Of several it is the rightmost, and if none is so wide, the widest.  The strip is given by
        left, top, right and bottom.
        """
        left, top, right, bottom = strip
        there = (self._tops < bottom) & (self._bottoms > top)
        there &= (self._lefts < right) & (self._rights > left)
        starts, ends = self._lefts[there].tolist(), self._rights[there].tolist()
        widest = right, right
        for end, start in sorted([*zip(ends, starts, strict=True), (left, left)], reverse=True):
            if right - end > widest[1] - widest[0]:
                widest = end, right
            if widest[1] - widest[0] >= width:
                break
            right = min(right, start)
        return widest


def _pieces(steps: Sequence[tuple[str, Sequence[Point]]]) -> Iterator[tuple[Point, Point]]:
    """Yield the straight pieces of a path, of a curve those between points on it."""
    here: Point = (0.0, 0.0)
    for letter, corners in steps:
        if letter != "M":
            count = 1 if len(corners) == 1 else _PIECES
            points = [_at([here, *corners], place / count) for place in range(count + 1)]
            yield from pairwise(points)
        here = corners[-1]


def _at(corners: Sequence[Point], t: float) -> Point:
    """Return a point of a Bézier curve, by de Casteljau."""
    while len(corners) > 1:
        corners = [
            (one[0] + t * (other[0] - one[0]), one[1] + t * (other[1] - one[1]))
            for one, other in pairwise(corners)
        ]
    return corners[0]
