"""A graph in the DOT language, for Graphviz and everything else that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.direction import direction_for, size_of
from tinygrad_mlp.drawing.graphviz.edges import OPPOSITE, SIDES, Edges
from tinygrad_mlp.drawing.graphviz.frames import Frames
from tinygrad_mlp.drawing.graphviz.labels import footer, op_label, tooltip, value_label
from tinygrad_mlp.drawing.style import DEFAULT
from tinygrad_mlp.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinygrad_mlp.drawing.graphviz.digraph import Drawing
    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.graphs.graph import Graph

#: With more boxes Graphviz is told to look for good places, and not for the best.
_MANY = 100
_SEARCH = 1


def to_digraph(graph: Graph, choices: Style = DEFAULT) -> Drawing:
    """Return a ``graphviz.Digraph`` of a graph, which notebooks display.

    It is the same as ``to_dot`` gives as text.  Add to it and change it as any other.

    Raises
    ------
    RenderError
        If the Python package graphviz is missing.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> to_digraph(tg.Graph.of(tg.Value(2.0) * 3.0)).directed
    True
    """
    try:
        from tinygrad_mlp.drawing.graphviz.digraph import Drawing  # loads graphviz
    except ImportError:
        raise RenderError(
            "a graphviz.Digraph needs the Python package graphviz: pip install graphviz; "
            "save_drawing works without it"
        ) from None
    drawing = Drawing(body=list(_body(graph, choices)))
    drawing.name = _title(graph)  # not at first: it would become the name of the file
    drawing.remember(graph, choices)
    return drawing


def to_dot(graph: Graph, choices: Style = DEFAULT) -> str:
    """Return a graph in the DOT language.

    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> to_dot(tg.Graph.of(x * x)).splitlines()[0]
    'digraph "Computation graph of 2 nodes" {'
    """
    return "".join([f'digraph "{_title(graph)}" {{\n', *_body(graph, choices), "}\n"])


def _title(graph: Graph) -> str:
    return f"Computation graph of {len(graph)} nodes"


def _body(graph: Graph, choices: Style) -> Iterator[str]:
    """Yield the lines between the braces."""
    choices = choices.settled(direction_for(graph, choices))
    edges = Edges(graph, choices)
    frames = Frames(choices.theme)
    boxes: dict[str, str] = {}

    def add(scope: str, name: str, label: str, hover: str) -> None:
        frames.add(scope, f"{name} [label=<{label}> {tooltip(hover)}]\n")
        boxes[name] = scope

    outputs = set(graph.outputs)
    for node in graph:
        for scope, name, label, hover in edges.labels(node):
            add(scope, name, label, hover)
        if choices.has_op(node):
            turned = _turned(choices) if node.id in edges.backward else choices
            add(node.scope, f"{node.id}_op", op_label(node, turned), node.op or "")
        named = node.id in edges.named
        label = value_label(node, choices, is_output=node.id in outputs, named=named)
        add(node.scope, node.id, label, style.about(node))
    yield from _defaults(graph, choices, len(boxes))
    yield from frames.nested()
    for node in graph:
        yield from edges.of(node)
    yield from edges.loops()
    yield from frames.ties(boxes, (ends for node in graph for ends in edges.ends(node)))


def _defaults(graph: Graph, choices: Style, boxes: int) -> Iterator[str]:
    """Yield what holds for the whole graph, for all of its nodes and for all of its edges."""
    theme = choices.theme
    below = footer(graph.note, choices)
    note = f" label=<{below}> labelloc=b" if below else ""
    limit = f" nslimit={_SEARCH}" if boxes > _MANY else ""
    # newrank: all edges point forward, even between clusters that share arguments.
    ranksep = 0.3 if style.LOCAL in choices.show else 0.4
    yield (
        f"\tgraph [rankdir={choices.direction} newrank=true ranksep={ranksep} nodesep=0.2 pad=0.15 "
        f'bgcolor="{theme.page}" fontname="{style.FONT}" {tooltip(_title(graph))}'
        f"{size_of(choices)}{limit}{note}]\n"
    )
    yield (
        f'\tnode [shape=plain id="\\N" fontname="{style.FONT}" fontsize={style.TEXT_SIZE} '
        f'fontcolor="{theme.ink}"]\n'
    )
    tail, head = SIDES[choices.direction]
    yield (
        f'\tedge [color="{theme.edge}" fontname="{style.FONT}" arrowsize=0.7 '
        f"tailport={tail} headport={head} weight=3]\n"
    )


def _turned(choices: Style) -> Style:
    return choices._replace(direction=OPPOSITE[choices.direction])
