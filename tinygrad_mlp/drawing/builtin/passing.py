"""Where lines pass: room for the name of a frame is beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        curves: dict[int, list[tuple[Point, ...]]] = {2: []}  # by the number of their corners
        for line in lines:
            here: Point = (0.0, 0.0)
            for letter, corners in line.steps:
                if letter != "M":
                    curves.setdefault(1 + len(corners), []).append((here, *corners))
                here = corners[-1]
        pieces = [_pieces(np.reshape(found, (-1, n, 2))) for n, found in curves.items()]
        ends = np.concatenate(pieces).astype(np.float64)
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


def _pieces(corners: np.ndarray) -> np.ndarray:
    """Return both ends of the pieces of Bézier curves, by de Casteljau; a line is one piece."""
    count = 1 if corners.shape[1] == 2 else _PIECES
    t = np.linspace(0.0, 1.0, count + 1)[:, np.newaxis]
    points = corners[:, :, np.newaxis]
    while points.shape[1] > 1:
        points = points[:, :-1] + t * (points[:, 1:] - points[:, :-1])
    along = points[:, 0]
    return np.stack([along[:, :-1], along[:, 1:]], axis=2).reshape(-1, 2, 2)
