"""The page that a drawing has to fit on, and how small its text may become there."""

from __future__ import annotations

import math
from typing import NamedTuple

from tinygrad_mlp._support.arguments import finite_number

#: Pixels in a point, as in CSS and in SVG.
POINT = 4 / 3


class Sheet(NamedTuple):
    """The room for a drawing in pixels, and the height of the smallest letters one can read."""

    width: float = math.inf
    height: float = math.inf
    smallest: float = 11.0

    def scale(self, width: float, height: float) -> float:
        """Return by what to multiply a drawing so that it fits, never more than 1."""
        return min(1.0, self.width / width, self.height / height)


SHEETS = {
    "slide": Sheet(1280.0, 720.0),
    "a4": Sheet((595 - 2 * 54) * POINT, (842 - 2 * 54) * POINT, 6 * POINT),
    "column": Sheet(252 * POINT, smallest=6 * POINT),
    "cell": Sheet(900.0),
}
#: Whose shape a drawing has that was not made for any page.
USUAL = SHEETS["slide"]


def sheet_of(
    page: str | None = None, width: float | None = None, height: float | None = None
) -> Sheet | None:
    """Return the room for a drawing, None where nobody has asked for any.

    >>> sheet_of("cell")
    Sheet(width=900.0, height=inf, smallest=11.0)
    >>> sheet_of(width=300)
    Sheet(width=300.0, height=inf, smallest=11.0)

    Raises
    ------
    ValueError
        If there is no such page, or a length is below one pixel, or both were given.
    TypeError
        If a length is no number.
    """
    given = {"width": width, "height": height}
    lengths = {
        n: finite_number(n, length, minimum=1.0)
        for n, length in given.items()
        if length is not None
    }
    if page is None:
        return Sheet(**lengths) if lengths else None
    if page not in list(SHEETS):  # a dict would want it hashable
        raise ValueError(f"page must be one of {', '.join(SHEETS)}, got {page!r:.80}")
    if lengths:
        raise ValueError(f"page={page!r} has a size already: give either page or width and height")
    return SHEETS[page]
