"""Which way a drawing runs and where it wraps, so that its letters are as large as can be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing.builtin.scene import Scene
from tinygrad_mlp.drawing.builtin.strips import LAYER_GAP
from tinygrad_mlp.drawing.builtin.vertex import BOX_GAP
from tinygrad_mlp.drawing.builtin.wrapping import breaks_for, estimated, measured
from tinygrad_mlp.drawing.sheet import USUAL
from tinygrad_mlp.drawing.style import AUTO, NUMBER_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinygrad_mlp.drawing.builtin.routes import Layout
    from tinygrad_mlp.drawing.builtin.strips import Strip
    from tinygrad_mlp.drawing.sheet import Sheet
    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.graphs.graph import Graph

#: How much larger letters must become before arrows point down, or rows wrap.
WORTH = 1.06
#: An estimate of a size may be wrong by as much.
_DOUBT = 1.3
#: What stands in the layers of a graph, bends too, that has time for more than one layout.
LARGE = 1500


def arranged(graph: Graph, choices: Style) -> Scene:
    """Return a scene with all places, in the direction that was asked for or in the best one."""
    wide = Scene(graph, choices.settled("LR"))
    (layers,) = wide.sorted.rows.layers
    sheet = choices.sheet or USUAL
    if choices.direction == AUTO and sum(map(len, layers)) > LARGE:
        breaks = next(breaks_for(estimated(layers), sheet), []) if wide.sorted.is_whole else []
        wide.follow(wide.sorted.wrapped(breaks))
        return wide
    strip = wide.sorted.strip()
    best, layout = wide, wide.sorted.laid_out(strip)
    wide.follow(layout)
    size = wide.size
    if choices.direction != AUTO or sheet.scale(*size) == 1.0:
        return wide
    for scene, other in _others(wide, strip, choices, sheet):
        if scene is wide and wide.runs_back and is_legible(sheet.scale(*size), sheet):
            break  # lines to and fro between rows are hard to follow
        scene.follow(other)
        if _is_better(scene.size, size, sheet):
            size, best, layout = scene.size, scene, other
        if sheet.scale(*size) == 1.0 and sheet.height < math.inf:
            break
    best.follow(layout)
    return best


def _is_better(one: tuple[float, float], other: tuple[float, float], sheet: Sheet) -> bool:
    """Return whether the first size gives larger letters, or as large ones on much less paper."""
    scale, before = sheet.scale(*one), sheet.scale(*other)
    lower = sheet.height == math.inf and one[1] * scale < other[1] * before / _DOUBT
    if is_legible(scale, sheet) != is_legible(before, sheet):
        return scale > before
    return scale > before * WORTH or (lower and scale >= before)


def is_legible(scale: float, sheet: Sheet) -> bool:
    """Return whether the smallest letters are large enough at a scale."""
    return scale * NUMBER_SIZE >= sheet.smallest


def _others(
    wide: Scene, strip: Strip, choices: Style, sheet: Sheet
) -> Iterator[tuple[Scene, Layout]]:
    """Yield what else there is: top to bottom, and rows of several lengths."""
    if sheet.scale(*_size_upright(wide)) * _DOUBT > sheet.scale(*wide.size) * WORTH:
        tall = Scene(wide.graph, choices.settled("TB"), like=wide)
        yield tall, tall.sorted.laid_out(tall.sorted.strip())
    if wide.sorted.is_whole:
        for breaks in breaks_for(measured(strip), sheet):
            yield wide, wide.sorted.wrapped(breaks)


def _size_upright(wide: Scene) -> tuple[float, float]:
    """Return about how wide and high the scene is from top to bottom."""
    layers = wide.sorted.rows.layers[0]
    width = max(sum(v.width + BOX_GAP for v in layer if v.width) for layer in layers)
    return width, sum(max(v.height for v in layer) + LAYER_GAP for layer in layers)
