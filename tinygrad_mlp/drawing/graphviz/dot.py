"""A graph in the DOT language, for Graphviz and everything else that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.direction import direction_for, size_of
from tinygrad_mlp.drawing.graphviz.labels import literal, op_label, small, value_label
from tinygrad_mlp.drawing.style import DEFAULT
from tinygrad_mlp.errors import RenderError
from tinygrad_mlp.graphs.local import edge_lines
from tinygrad_mlp.graphs.scopes import backward_ids, scope_name, scope_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinygrad_mlp.drawing.graphviz.digraph import Drawing
    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.drawing.theme import Theme
    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node

# The sides where edges leave and arrive, as Graphviz names sides.
_SIDES = {"LR": ("e", "w"), "RL": ("w", "e"), "TB": ("s", "n"), "BT": ("n", "s")}
_OPPOSITE = {"LR": "RL", "RL": "LR", "TB": "BT", "BT": "TB"}


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
    drawing.remember(graph, choices)
    return drawing


def to_dot(graph: Graph, choices: Style = DEFAULT) -> str:
    """Return a graph in the DOT language.

    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> [line.strip() for line in to_dot(tg.Graph.of(x * x)).splitlines() if "->" in line]
    ['v0 -> v1_op:a0:w', 'v0 -> v1_op:a1:w', 'v1_op -> v1 [weight=8]']
    """
    return "".join(["digraph {\n", *_body(graph, choices), "}\n"])


def _body(graph: Graph, choices: Style) -> Iterator[str]:
    """Yield the lines between the braces."""
    choices = choices.settled(direction_for(graph, choices))
    theme = choices.theme
    note = f" label=<{small([graph.note], theme.quiet_ink)}> labelloc=b" if graph.note else ""
    yield (
        f"\tgraph [rankdir={choices.direction} ranksep=0.4 nodesep=0.2 pad=0.15 "
        f'bgcolor="{theme.page}" fontname="{style.FONT}"{size_of(choices)}{note}]\n'
    )
    yield (
        f'\tnode [shape=plain fontname="{style.FONT}" fontsize={style.TEXT_SIZE} '
        f'fontcolor="{theme.ink}"]\n'
    )
    tail, head = _SIDES[choices.direction]
    yield (
        f'\tedge [color="{theme.edge}" fontname="{style.FONT}" arrowsize=0.7 '
        f"tailport={tail} headport={head}]\n"
    )
    statements: dict[str, list[str]] = {}
    edges: list[str] = []
    outputs = set(graph.outputs)
    backward = backward_ids(graph)
    local = style.LOCAL in choices.show
    found = edge_lines(graph, [node for node in graph if local and node.id not in backward])
    for node in graph:
        lines = statements.setdefault(node.scope, [])
        if choices.has_op(node):
            turned = _turned(choices) if node.id in backward else choices
            lines.append(f"{node.id}_op [label=<{op_label(node, turned)}>]\n")
        edges += _edges(graph, node, choices, backward, found.lines.get(node.id))
        named = node.id in found.named
        label = value_label(node, choices, is_output=node.id in outputs, named=named)
        lines.append(f"{node.id} [label=<{label}>]\n")
    yield from _nested(statements, theme)
    yield from edges


def _turned(choices: Style) -> Style:
    return choices._replace(direction=_OPPOSITE[choices.direction])


# ----- Edges -----


def _edges(
    graph: Graph,
    node: Node,
    choices: Style,
    backward: set[str],
    local: list[list[str]] | None,
) -> Iterator[str]:
    """Yield the edges that arrive at a node: at its op, from its op, and from its primal."""
    target = f"{node.id}_op" if choices.has_op(node) else node.id
    turned = node.id in backward
    marked = choices.highlights(node)
    side = _SIDES[_OPPOSITE[choices.direction] if turned else choices.direction][1]
    for place, argument in enumerate(node.arguments):
        attributes = _stressed(choices, marked and choices.highlights(graph[argument]))
        # A straight line, if there can be one.
        attributes += ["weight=4"] if len(node.arguments) == 1 else []
        if local and local[place]:
            attributes.append(f"label=<{small(local[place], choices.theme.gradient_ink)}>")
        several = target != node.id and len(node.arguments) > 1
        port = f"{target}:a{place}:{side}" if several else target
        if turned and argument not in backward:
            port = port if several else f"{target}:{side}"
            attributes.append("constraint=false")
        yield _edge(argument, port, attributes, turned=turned and argument in backward)
    if target != node.id:
        yield _edge(target, node.id, [*_stressed(choices, marked), "weight=8"], turned=turned)
    if node.primal:
        yield _link(node, choices)


def _edge(source: str, target: str, attributes: list[str], *, turned: bool) -> str:
    if turned:  # Graphviz sorts by the direction of edges: a backward pass runs back
        source, target, attributes = target, source, [*attributes, "dir=back"]
    return f"\t{source} -> {target}" + (f" [{' '.join(attributes)}]\n" if attributes else "\n")


def _link(node: Node, choices: Style) -> str:
    """Return the line between a value and its recorded gradient, which stand face to face."""
    return (
        f"\t{node.primal} -> {node.id} [style=dashed arrowhead=none minlen=0 weight=2 tailport=_ "
        f'headport=_ color="{choices.theme.gradient_ink}"]\n'
    )


def _stressed(choices: Style, marked: bool) -> list[str]:
    return [f'color="{choices.theme.highlight}"', "penwidth=2.5"] if marked else []


# ----- Scopes -----


def _nested(statements: dict[str, list[str]], theme: Theme) -> Iterator[str]:
    """Yield the statements of all scopes, each inside the clusters that it belongs to."""
    number: dict[str, int] = {}
    for scope in statements:
        for path in scope_paths(scope):
            number.setdefault(path, len(number))
    opened: list[str] = []
    # Members of one cluster come together, clusters in the order of their first members.
    for scope in sorted(statements, key=lambda s: [number[path] for path in scope_paths(s)]):
        paths = scope_paths(scope)
        while opened and opened[-1] not in paths:
            yield "\t" * len(opened) + "}\n"
            opened.pop()
        for path in paths[len(opened) :]:
            opened.append(path)
            indent = "\t" * len(opened)
            name = literal(style.readable(scope_name(path))) or " "
            yield f"{indent}subgraph cluster_{number[path]} {{\n"
            yield (
                f'{indent}\tgraph [label=<{name}> labeljust=r style="rounded,filled" '
                f'fillcolor="{theme.scope_fill}" color="{theme.scope_border}" '
                f'fontname="{style.FONT}" fontsize={style.TEXT_SIZE} '
                f'fontcolor="{theme.quiet_ink}"]\n'
            )
        indent = "\t" * (len(opened) + 1)
        yield from (indent + statement for statement in statements[scope])
    for depth in range(len(opened), 0, -1):
        yield "\t" * depth + "}\n"
