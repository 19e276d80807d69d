"""Where to cut layers into rows, as words into lines: so that all of it is largest on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tinygrad_mlp.drawing.builtin.routes import ROW_GAP
from tinygrad_mlp.drawing.builtin.strips import LAYER_GAP
from tinygrad_mlp.drawing.builtin.vertex import BEND_GAP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinygrad_mlp.drawing.builtin.strips import Strip
    from tinygrad_mlp.drawing.sheet import Sheet

#: Scales that are tried: each is as much smaller than the one before.
_STEP, _STEPS = 0.96, 48
#: As bad as so many pixels of height: to cut a frame, or an operation from its result.
_CUT = 60.0
#: Around the rows.
_MARGINS = 24.0
#: More layers are not wrapped: the search would take too long.
_MOST = 2_000


class _Layer(NamedTuple):
    """What the search knows of a layer."""

    left: float
    right: float
    top: float
    bottom: float
    passing: int  # lines from the layer before it
    cut: int  # what should not be cut before it


class _Cuts(NamedTuple):
    """Where rows begin, and about how high they are together."""

    breaks: list[int]
    height: float


def breaks_for(strip: Strip, sheet: Sheet) -> Iterator[list[int]]:
    """Yield lists of the layers that rows should begin with, the best guess first."""
    layers = _layers(strip)
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
        if found is not None and found.breaks and found.breaks not in seen:
            seen.append(found.breaks)
            yield found.breaks


def _fits(layers: list[_Layer], sheet: Sheet, scale: float) -> bool:
    found = _cuts(layers, sheet.width / scale - _MARGINS)
    return found is not None and found.height <= sheet.height / scale - _MARGINS


def _even(layers: list[_Layer], width: float) -> _Cuts | None:
    """Return rows of at most a width, as even as they may be without becoming more."""
    best = _cuts(layers, width)
    while best is not None:
        width *= _STEP
        narrower = _cuts(layers, width)
        if narrower is None or len(narrower.breaks) > len(best.breaks):
            break
        if narrower.height > best.height + _CUT / 2:
            break
        best = narrower
    return best


def _cuts(layers: list[_Layer], width: float) -> _Cuts | None:
    """Return the rows of at most a width that are lowest together; None if a layer is too wide."""
    lowest = [0.0]
    previous = [0]
    for end in range(1, len(layers) + 1):
        best, start = float("inf"), -1
        top, bottom = float("inf"), float("-inf")
        for first in range(end - 1, -1, -1):
            layer = layers[first]
            top, bottom = min(top, layer.top), max(bottom, layer.bottom)
            side = BEND_GAP * (layer.passing + 1)
            room = 2 * LAYER_GAP + side if first else LAYER_GAP
            if layers[end - 1].right - layer.left + room > width and first < end - 1:
                break
            height = lowest[first] + bottom - top
            if first:
                height += side + 2 * ROW_GAP + _CUT * layer.cut
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


def _layers(strip: Strip) -> list[_Layer]:
    """Return what the search knows of each layer."""
    found = []
    passing = 0
    for number, layer in enumerate(strip.layers):
        ends = [(strip.y[v] - v.height / 2, strip.y[v] + v.height / 2) for v in layer]
        left = strip.lefts[number]
        cut = sum(span.first < number <= span.last for span in strip.spans.values())
        cut += sum(vertex.follows for vertex in layer)
        top, bottom = min(a for a, _ in ends), max(b for _, b in ends)
        found.append(_Layer(left, left + strip.widths[number], top, bottom, passing, cut))
        passing = sum(bool(vertex.after) for vertex in layer)
    return found
