"""The built-in drawing of a graph, made in pure Python so that it fits its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing.builtin.fitting import arranged, is_legible
from tinygrad_mlp.drawing.builtin.painting import painted
from tinygrad_mlp.drawing.keys import explained
from tinygrad_mlp.drawing.style import DEFAULT, NUMBER_SIZE
from tinygrad_mlp.drawing.svg import svg_of
from tinygrad_mlp.graphs.fold import fold

if TYPE_CHECKING:
    from tinygrad_mlp.drawing.shapes import Canvas
    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.graphs.graph import Graph

#: The layout of more nodes takes longer than a few seconds; they are folded.
MAXIMUM_NODES = 6000
#: What is left at most of a graph that is too large for its page, at each attempt.
_LESS = 0.7
#: As much is left at least of a graph of few nodes: scopes are folded before anything else is.
_SMALL, _SMALL_STEP = 60, 0.5


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
    while choices.expand is not None and not is_legible(sheet.scale(*scene.size), sheet):
        # As many as there is room for on the page, were all of one size.
        room = (sheet.scale(*scene.size) * NUMBER_SIZE / sheet.smallest) ** 2
        share = max(min(_LESS, 1.5 * room), _SMALL_STEP if len(graph) <= _SMALL else 0.0)
        most = max(1, int(len(graph) * share))
        folded = fold(graph, expand=choices.expand, max_nodes=most)
        if len(folded) >= len(graph):
            break
        choices = explained(folded, choices)  # boxes of more than one value want a key
        graph, scene = folded, arranged(folded, choices)
    return painted(scene, sheet.scale(*scene.size))
