"""Which shapes of a finished drawing belong to which node and which edge of its graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.shapes import Group, Text
from tinygrad_mlp.graphs.local import edge_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinygrad_mlp.drawing.shapes import Canvas
    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.graphs.graph import Graph

#: The id of a result, and which of its arguments: an edge.  None is that from an op to its result.
Edge = tuple[str, int | None]


class Parts(NamedTuple):
    """The places of shapes in a drawing.

    Attributes
    ----------
    boxes, ops : dict of str to int
        Of the boxes of nodes and of their operations, by the ids of the nodes.
    lines : dict of edge to int
        Of the lines in the group of lines, and of their heads in the group of heads.
    words : dict of edge to list of int
        Of what stands on the edges.
    line_group, head_group : int
        Of these groups.
    """

    boxes: dict[str, int]
    ops: dict[str, int]
    lines: dict[Edge, int]
    words: dict[Edge, list[int]]
    line_group: int
    head_group: int


def parts_of(canvas: Canvas, graph: Graph, choices: Style) -> Parts:
    """Return what is what in a drawing of a graph by the built-in layout.

    It draws in the order of the graph: frames, all lines, all heads, then for each node what stands
    on its edges, its operation, and its box, whose title is that of the node alone.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.drawing.builtin.plan import layered
    >>> graph = tg.Graph.of(tg.Value(2.0) * 3.0)
    >>> parts = parts_of(layered(graph), graph, style.DEFAULT)
    >>> list(parts.boxes), list(parts.lines)
    (['v0', 'v1', 'v2'], [('v2', 0), ('v2', 1), ('v2', None)])
    """
    titles = {style.about(node): node.id for node in graph}
    boxes: dict[str, int] = {}
    ops: dict[str, int] = {}
    groups: list[int] = []  # of lines and of heads
    on_edges: list[int] = []
    for place, shape in enumerate(canvas.shapes):
        if isinstance(shape, Group) and shape.title in titles:
            id_ = titles[shape.title]
            boxes[id_] = place
            if choices.has_op(graph[id_]):
                ops[id_] = place - 1
        elif isinstance(shape, Group) and not boxes and len(groups) < 2:
            groups.append(place)
        elif isinstance(shape, Text) and shape.look.get("font_size") == style.NUMBER_SIZE:
            on_edges.append(place)
    edges = {edge: place for place, edge in enumerate(_edges(graph, choices))}
    words: dict[Edge, list[int]] = {}
    for edge, place in zip(_words(graph, choices), on_edges, strict=False):
        words.setdefault(edge, []).append(place)
    return Parts(boxes, ops, edges, words, *groups[:2])


def _edges(graph: Graph, choices: Style) -> Iterator[Edge]:
    """Yield all edges in the order in which they are drawn."""
    for node in graph:
        yield from ((node.id, place) for place in range(len(node.arguments)))
        if choices.has_op(node):
            yield node.id, None


def _words(graph: Graph, choices: Style) -> Iterator[Edge]:
    """Yield for each line of words the edge that it stands on, in the order of drawing."""
    if style.LOCAL not in choices.show:
        return
    lines = edge_lines(graph, graph).lines
    for node in graph:
        for place, found in enumerate(lines[node.id]):
            yield from [(node.id, place)] * len(found)
