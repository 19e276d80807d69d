"""The built-in drawing of a graph, made in pure Python so that it fits its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing.builtin.fitting import arranged, is_legible
from tinygrad_mlp.drawing.builtin.painting import painted
from tinygrad_mlp.drawing.keys import explained
from tinygrad_mlp.drawing.style import DEFAULT, NUMBER_SIZE
from tinygrad_mlp.drawing.svg import svg_of
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.graph import Graph

if TYPE_CHECKING:
    from tinygrad_mlp.drawing.builtin.scene import Scene
    from tinygrad_mlp.drawing.shapes import Canvas
    from tinygrad_mlp.drawing.sheet import Sheet
    from tinygrad_mlp.drawing.style import Style

#: The layout of more nodes takes longer than a few seconds; they are folded.
MAXIMUM_NODES = 6000
#: What is left of a graph that is too large for its page, at each attempt: at most, and at least.
_LESS, _LEAST = 0.7, 0.1


def layered_svg(graph: Graph, choices: Style = DEFAULT) -> str:
    """Return an SVG drawing of a graph, made without any other program.

    More than ``MAXIMUM_NODES`` nodes are folded, and so are some where the letters would be too
    small on the page that was asked for; then the drawing says so.

    >>> import tinygrad_mlp as tg
    >>> layered_svg(tg.Graph.of(tg.Value(2.0) * 3.0))[:4]
    '<svg'
    """
    return svg_of(layered(graph, choices))


def layered(graph: Graph, choices: Style = DEFAULT) -> Canvas:
    """Return a drawing of a graph as shapes, which SVG and TikZ are printed from.

    >>> import tinygrad_mlp as tg
    >>> layered(tg.Graph.of(tg.Value(2.0) * 3.0)).title
    'Computation graph of 3 nodes'
    """
    graph = fold(graph, max_nodes=MAXIMUM_NODES)
    scene = arranged(graph, choices)
    sheet = choices.sheet
    if sheet is None:
        return painted(scene)
    if choices.expand is not None and not _fits(scene, sheet):
        scene = _folded_to_fit(scene, choices, sheet)
    if not _fits(scene, sheet):
        scene = _with_warning(scene, sheet)
    return painted(scene, sheet.scale(*scene.size))


def _folded_to_fit(scene: Scene, choices: Style, sheet: Sheet) -> Scene:
    """Return the scene of the graph with as little folded as it takes for letters one can read.

    First there are fewer and fewer nodes until it fits, then more again, by bisection, as long
    as it does.
    """
    whole = scene.graph
    scenes = {len(whole): scene}  # by how many nodes there are

    def at(most: int) -> Scene:
        folded = fold(
            whole,
            expand=choices.expand or (),
            kept=choices.highlight,
            max_nodes=most,
            repeats=choices.color != "gradient",
            fill=True,
        )
        if len(folded) not in scenes:
            # Boxes of more than one value want a key.
            scenes[len(folded)] = arranged(folded, explained(folded, choices))
        return scenes[len(folded)]

    few, many = len(whole), len(whole)
    while few > 1 and not _fits(scene, sheet):
        # As many as there is room for on the page, were all of one size.
        room = (sheet.scale(*scene.size) * NUMBER_SIZE / sheet.smallest) ** 2
        share = max(min(_LESS, 1.5 * room), _LEAST)
        many, few = few, max(1, int(few * share))
        scene = at(few)
    while few + 1 < many and _fits(scene, sheet):
        middle = (few + many) // 2
        found = at(middle)
        if _fits(found, sheet):
            few, scene = middle, found
        else:
            many = middle
    return scene


def _fits(scene: Scene, sheet: Sheet) -> bool:
    """Return whether one can read the smallest letters of a scene on its page."""
    return is_legible(sheet.scale(*scene.size), sheet)


def _with_warning(scene: Scene, sheet: Sheet) -> Scene:
    """Return the scene with a note that its letters are too small."""
    graph = scene.graph
    note = f"too large for its page: letters below {sheet.smallest:.3g} px"
    noted = Graph(graph.nodes, graph.outputs, note="; ".join(filter(None, (graph.note, note))))
    return arranged(noted, scene.choices)
