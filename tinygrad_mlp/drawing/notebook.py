"""What notebooks show of Values, graphs and networks: small ones whole, large ones compactly."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from tinygrad_mlp.core.value import Value
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.charts.network import draw_network
from tinygrad_mlp.drawing.naming import named
from tinygrad_mlp.drawing.sheet import SHEETS
from tinygrad_mlp.drawing.style import Style
from tinygrad_mlp.drawing.svg import shown_in_cell
from tinygrad_mlp.drawing.terminal import tree
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.rolling import rolled
from tinygrad_mlp.graphs.scopes import placed

#: A graph of scalars with at most as many nodes is shown with every number in it.
SMALL = 60
#: Boxes of any other graph that are shown at most.
COMPACT = 40
#: Lines of the text that stands for a graph where no picture may be shown.
LINES = 20


def bundle(thing: Any) -> dict[str, str]:
    """Return the picture and the text of a Value, a Graph or a Network, by their kinds.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> bundle(tg.Value(2.0) * 3.0)["image/svg+xml"].rstrip()[-6:]
    '</svg>'
    """
    if isinstance(thing, Value):
        return {"image/svg+xml": _graph_svg(Graph.of(thing))}
    if isinstance(thing, Graph):
        return {"image/svg+xml": _graph_svg(thing), "text/plain": tree(thing, max_lines=LINES)}
    found = {"text/plain": thing.summary()}
    with suppress(ValueError):  # there are networks without neurons
        found["image/svg+xml"] = shown_in_cell(draw_network(thing).svg)
    return found


def _graph_svg(graph: Graph) -> str:
    whole = rolled(placed(named(graph)))
    if len(graph) <= SMALL and all(not node.shape for node in graph):
        return shown_in_cell(layered_svg(whole, Style(sheet=SHEETS["cell"])))
    compact = fold(whole, depth=1, max_nodes=COMPACT)
    choices = Style(show=("label", "op", "shape", "value"), sheet=SHEETS["cell"])
    return shown_in_cell(layered_svg(compact, choices))
