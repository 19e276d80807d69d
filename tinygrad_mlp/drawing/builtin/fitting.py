"""Which way a drawing runs and where it wraps, so that its letters are as large as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing.builtin.scene import Scene
from tinygrad_mlp.drawing.builtin.strips import LAYER_GAP
from tinygrad_mlp.drawing.builtin.vertex import BOX_GAP
from tinygrad_mlp.drawing.builtin.wrapping import breaks_for
from tinygrad_mlp.drawing.sheet import USUAL
from tinygrad_mlp.drawing.style import AUTO

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


def arranged(graph: Graph, choices: Style) -> Scene:
    """Return a scene with all places, in the direction that was asked for or in the best one."""
    scene = Scene(graph, choices.settled("LR"))
    strip = scene.sorted.strip()
    scene.follow(scene.sorted.laid_out(strip))
    if choices.direction != AUTO:
        return scene
    sheet = choices.sheet or USUAL
    largest = sheet.scale(*scene.size)
    layouts = [(scene, scene.sorted.laid_out(strip))]
    for other, layout in _others(scene, strip, choices, sheet):
        if largest == 1.0:
            break
        other.follow(layout)
        scale = sheet.scale(*other.size)
        if scale > largest * WORTH:
            largest = scale
            layouts.append((other, layout))
    scene, layout = layouts[-1]
    scene.follow(layout)
    return scene


def _others(
    wide: Scene, strip: Strip, choices: Style, sheet: Sheet
) -> Iterator[tuple[Scene, Layout]]:
    """Yield what else there is: top to bottom, and rows of several lengths."""
    if sheet.scale(*_size_upright(wide)) * _DOUBT > sheet.scale(*wide.size) * WORTH:
        tall = Scene(wide.graph, choices.settled("TB"))
        yield tall, tall.sorted.laid_out(tall.sorted.strip())
    if wide.sorted.is_whole:
        for breaks in breaks_for(strip, sheet):
            yield wide, wide.sorted.wrapped(breaks)


def _size_upright(wide: Scene) -> tuple[float, float]:
    """Return about how wide and high the scene is from top to bottom."""
    layers = wide.sorted.rows.layers[0]
    width = max(sum(v.width + BOX_GAP for v in layer if v.width) for layer in layers)
    return width, sum(max(v.height for v in layer) + LAYER_GAP for layer in layers)
