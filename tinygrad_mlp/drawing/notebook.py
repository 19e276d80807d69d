"""What notebooks show of Values, graphs and networks: small ones whole, large ones compactly."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from tinygrad_mlp.core.value import Value
from tinygrad_mlp.drawing.charts.network import draw_network
from tinygrad_mlp.drawing.render import render_svg
from tinygrad_mlp.drawing.sheet import SHEETS
from tinygrad_mlp.drawing.style import Style
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.scopes import placed

#: A graph of scalars with at most as many nodes is shown with every number in it.
SMALL = 60
#: Boxes of any other graph that are shown at most.
COMPACT = 40


def bundle(thing: Any) -> dict[str, str]:
    """Return the picture and the text of a Value, a Graph or a Network, by their kinds.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> bundle(tg.Value(2.0) * 3.0)["image/svg+xml"].rstrip()[-6:]
    '</svg>'
    """
    if isinstance(thing, Value):
        thing = Graph.of(thing)
    if isinstance(thing, Graph):
        return {"image/svg+xml": _graph_svg(thing)}
    found = {"text/plain": thing.summary()}
    with suppress(ValueError):  # there are networks without neurons
        found["image/svg+xml"] = draw_network(thing).svg
    return found


def _graph_svg(graph: Graph) -> str:
    if len(graph) <= SMALL and all(not node.shape for node in graph):
        return render_svg(placed(graph), Style(sheet=SHEETS["cell"]))
    compact = fold(placed(graph), depth=1, max_nodes=COMPACT)
    return render_svg(compact, Style(show=("label", "op", "shape"), sheet=SHEETS["cell"]))
