"""Where to cut layers into rows, as words into lines: so that all of it is largest on a page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tinygrad_mlp.drawing.builtin.frames import spans_of
from tinygrad_mlp.drawing.builtin.routes import ROW_GAP
from tinygrad_mlp.drawing.builtin.strips import LAYER_GAP
from tinygrad_mlp.drawing.builtin.vertex import BEND_GAP, BOX, BOX_GAP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinygrad_mlp.drawing.builtin.frames import Span
    from tinygrad_mlp.drawing.builtin.strips import Strip
    from tinygrad_mlp.drawing.builtin.vertex import Layers
    from tinygrad_mlp.drawing.sheet import Sheet

#: Scales that are tried: each is as much smaller than the one before.
_STEP, _STEPS = 0.96, 100
#: As bad as so many pixels of height: to cut a frame, or an operation from its result ...
_CUT = 60.0
#: ... and a leaf from its only use.
_CUT_LEAF = 30.0
#: Around the rows.
_MARGINS = 24.0
#: More layers are not wrapped: the search would take too long.
_MOST = 2_000


class Outline(NamedTuple):
    """What the search knows of a layer."""

    left: float
    right: float
    top: float
    bottom: float
    passing: int  # lines from the layer before it
    harm: float  # how bad it is to cut before it

    @property
    def before(self) -> float:
        """What a row that begins here adds to the height besides its own."""
        return BEND_GAP * (self.passing + 1) + 2 * ROW_GAP + self.harm


class _Cuts(NamedTuple):
    """Where rows begin, and about how high they are together."""

    breaks: list[int]
    height: float


def breaks_for(layers: list[Outline], sheet: Sheet) -> Iterator[list[int]]:
    """Yield lists of the layers that rows should begin with, the best guess first."""
    if not 1 < len(layers) <= _MOST or sheet.width == float("inf"):
        return
    low, high = 0, _STEPS  # the first step at which everything fits
    while low < high:
        middle = (low + high) // 2
        if _fits(layers, sheet, _STEP**middle):
            high = middle
        else:
            low = middle + 1
    seen: list[list[int]] = []
    for step in (low, low + 1, low - 1, low + 2):
        found = _even(layers, sheet.width / _STEP**step - _MARGINS)
        if found.breaks and found.breaks not in seen:
            seen.append(found.breaks)
            yield found.breaks


def _fits(layers: list[Outline], sheet: Sheet, scale: float) -> bool:
    found = _cuts(layers, sheet.width / scale - _MARGINS)
    return found.height < sheet.height / scale - _MARGINS


def _even(layers: list[Outline], width: float) -> _Cuts:
    """Return rows of at most a width, as even as they may be without becoming more."""
    best = _cuts(layers, width)
    for step in range(1, _STEPS):
        narrower = _cuts(layers, width * _STEP**step)
        more = len(narrower.breaks) > len(best.breaks)
        if more or narrower.height > best.height + _CUT / 2:
            break
        best = narrower
    return best


def _cuts(layers: list[Outline], width: float) -> _Cuts:
    """Return the rows of at most a width that are lowest together; each has a layer at least.

    None are cut, and the height is infinite, where what is never parted is wider.
    """
    # Of a row that begins with a layer: its left end, and what it adds to the height.
    starts = [
        (one.left - BEND_GAP * (one.passing + 1) - LAYER_GAP, one.top, one.bottom, one.before)
        for one in layers
    ]
    starts[0] = (layers[0].left, layers[0].top, layers[0].bottom, 0.0)
    lowest, previous = [0.0], [0]
    for end in range(1, len(layers) + 1):
        best, start = float("inf"), -1
        top, bottom = layers[end - 1].top, layers[end - 1].bottom
        right = layers[end - 1].right
        right += BEND_GAP * (layers[end].passing + 1) + LAYER_GAP if end < len(layers) else 0.0
        for first in range(end - 1, -1, -1):
            left, above, below, more = starts[first]
            if right - left > width and first < end - 1:
                break
            # Quicker than min and max, and this is done very often.
            top = above if above < top else top  # noqa: FURB136
            bottom = below if below > bottom else bottom  # noqa: FURB136
            height = lowest[first] + bottom - top + more
            if height < best:
                best, start = height, first
        lowest.append(best)
        previous.append(start)
    breaks = []
    at = previous[-1]
    while at > 0:
        breaks.append(at)
        at = previous[at]
    return _Cuts(breaks[::-1], lowest[-1])


# ----- Layers -----


def measured(strip: Strip) -> list[Outline]:
    """Return what the search must know of layers that have their places."""
    outlines = []
    for number, layer in enumerate(strip.layers):
        top = min(strip.y[vertex] - vertex.height / 2 for vertex in layer)
        bottom = max(strip.y[vertex] + vertex.height / 2 for vertex in layer)
        left = strip.lefts[number]
        outlines.append(_outline(strip.layers, number, left, (top, bottom), strip.spans))
    return outlines


def estimated(layers: Layers) -> list[Outline]:
    """Return about the same of layers that have no places yet."""
    spans = spans_of([v for layer in layers for v in layer if v.kind == BOX])
    outlines: list[Outline] = []
    for number, layer in enumerate(layers):
        left = outlines[-1].right + 1.5 * LAYER_GAP if outlines else 0.0
        height = sum(v.height + (BOX_GAP if v.kind == BOX else BEND_GAP) for v in layer)
        outlines.append(_outline(layers, number, left, (-height / 2, height / 2), spans))
    return outlines


def _outline(
    layers: Layers, number: int, left: float, ends: tuple[float, float], spans: dict[int, Span]
) -> Outline:
    layer, before = layers[number], layers[number - 1] if number else []
    # A row has more in it than leaves.
    worthless = number > 0 and not any(v.before for layer in layers[:number] for v in layer)
    leaves = sum(v.kind == BOX and not v.before and len(v.after) == 1 for v in before)
    bad = sum(span.first < number <= span.last for span in spans.values())
    harm = bad + sum(vertex.follows for vertex in layer) + (math.inf if worthless else 0.0)
    return Outline(
        left,
        left + max(vertex.width for vertex in layer),
        *ends,
        passing=sum(bool(vertex.after) for vertex in before),
        harm=_CUT * harm + _CUT_LEAF * leaves,
    )
