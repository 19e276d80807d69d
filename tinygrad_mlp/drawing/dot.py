"""A graph in the DOT language, for Graphviz and everything else that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.style import SHOWN, Words, escape
from tinygrad_mlp.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tinygrad_mlp.drawing.digraph import Drawing
    from tinygrad_mlp.graph import Graph
    from tinygrad_mlp.node import Node

# The sides where edges leave and arrive, as Graphviz names sides.
_SIDES = {"LR": ("e", "w"), "RL": ("w", "e"), "TB": ("s", "n"), "BT": ("n", "s")}


def to_digraph(graph: Graph, *, direction: str = "LR", show: Iterable[str] = SHOWN) -> Drawing:
    """Return a ``graphviz.Digraph`` of a graph, which notebooks display.

    Parameters
    ----------
    graph : Graph
        Of any size.
    direction : str
        ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``: from where to where the arrows point.
    show : iterable of str
        Any of ``"label"``, ``"op"``, ``"shape"``, ``"value"``, ``"grad"``.

    Returns
    -------
    graphviz.Digraph
        The same as ``to_dot`` gives as text.  Add to it and change it as any other.

    Raises
    ------
    RenderError
        If the Python package graphviz is missing.
    ValueError
        If a direction or a part does not exist.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.graph import Graph
    >>> to_digraph(Graph.of(tg.Value(2.0) * 3.0)).directed
    True
    """
    try:
        from tinygrad_mlp.drawing.digraph import Drawing  # loads graphviz
    except ImportError:
        raise RenderError(
            "a graphviz.Digraph needs the Python package graphviz: pip install graphviz; "
            "to_dot and save_drawing work without it"
        ) from None
    show = style.check_choices(direction, show)
    drawing = Drawing(body=list(_body(graph, direction, show)))
    drawing.graph, drawing.direction, drawing.show = graph, direction, show
    return drawing


def to_dot(graph: Graph, *, direction: str = "LR", show: Iterable[str] = SHOWN) -> str:
    """Return a graph in the DOT language; takes what ``to_digraph`` takes and needs no package.

    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.graph import Graph
    >>> x = tg.Value(3.0, label="x")
    >>> [line.strip() for line in to_dot(Graph.of(x * x)).splitlines() if "->" in line]
    ['v0 -> v1_op:a0:w', 'v0 -> v1_op:a1:w', 'v1_op -> v1 [weight=8]']
    """
    show = style.check_choices(direction, show)
    return "".join(["digraph {\n", *_body(graph, direction, show), "}\n"])


def _body(graph: Graph, direction: str, show: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines between the braces."""
    yield f"\tgraph [rankdir={direction} ranksep=0.4 nodesep=0.2 pad=0.15 bgcolor=white]\n"
    yield (
        f'\tnode [shape=plain fontname="{style.FONT}" fontsize={style.TEXT_SIZE} '
        f'fontcolor="{style.INK}"]\n'
    )
    tail, head = _SIDES[direction]
    yield f'\tedge [color="{style.EDGE}" arrowsize=0.7 tailport={tail} headport={head}]\n'
    statements: dict[str, list[str]] = {}
    edges: list[str] = []
    outputs = set(graph.outputs)
    for node in graph:
        lines = statements.setdefault("/".join(node.scope.split("/")[: style.SCOPE_DEPTH]), [])
        target = node.id
        if node.arguments and "op" in show:
            target = f"{node.id}_op"
            lines.append(f"{target} [label=<{_op_label(node, direction)}>]\n")
        straight = " [weight=4]" if len(node.arguments) == 1 else ""
        edges += [
            f"\t{argument} -> {_port(target, place, direction, node)}{straight}\n"
            for place, argument in enumerate(node.arguments)
        ]
        if target != node.id:
            edges.append(f"\t{target} -> {node.id} [weight=8]\n")  # straight, if it can be
        label = _value_label(node, style.words(node, show), is_output=node.id in outputs)
        lines.append(f"{node.id} [label=<{label}>]\n")
    yield from _nested(statements)
    yield from edges


def _nested(statements: dict[str, list[str]]) -> Iterator[str]:
    """Yield the statements of all scopes, each inside the clusters that it belongs to."""
    number: dict[str, int] = {}
    for scope in statements:
        for path in style.scope_paths(scope):
            number.setdefault(path, len(number))
    opened: list[str] = []
    # Members of one cluster come together, clusters in the order of their first members.
    for scope in sorted(statements, key=lambda s: [number[path] for path in style.scope_paths(s)]):
        paths = style.scope_paths(scope)
        while opened and opened[-1] not in paths:
            yield "\t" * len(opened) + "}\n"
            opened.pop()
        for path in paths[len(opened) :]:
            opened.append(path)
            indent = "\t" * len(opened)
            name = _literal(style.readable(path.rpartition("/")[2])) or " "
            yield f"{indent}subgraph cluster_{number[path]} {{\n"
            yield (
                f'{indent}\tgraph [label=<{name}> labeljust=r style="rounded,filled" '
                f'fillcolor="{style.SCOPE_FILL}" color="{style.SCOPE_BORDER}" '
                f'fontname="{style.FONT}" fontsize={style.TEXT_SIZE} '
                f'fontcolor="{style.QUIET_INK}"]\n'
            )
        indent = "\t" * (len(opened) + 1)
        yield from (indent + statement for statement in statements[scope])
    for depth in range(len(opened), 0, -1):
        yield "\t" * depth + "}\n"


def _port(target: str, place: int, direction: str, node: Node) -> str:
    """Return where an argument arrives: at its own port if there are several."""
    if target == node.id or len(node.arguments) == 1:
        return target
    return f"{target}:a{place}:{_SIDES[direction][1]}"


def _op_label(node: Node, direction: str) -> str:
    """Return a rounded table: the symbol, and a thin cell for each argument on its side."""
    look = style.LOOKS["op"]
    count = len(node.arguments)
    symbol = _literal(style.symbol(node))
    if count == 1:
        rows = [f'<TD CELLPADDING="6">{symbol}</TD>']
    elif direction in {"LR", "RL"}:
        ports = [f'<TD PORT="a{place}" WIDTH="1" HEIGHT="11"></TD>' for place in range(count)]
        cell = f'<TD ROWSPAN="{count}" CELLPADDING="6">{symbol}</TD>'
        first = [ports[0], cell] if direction == "LR" else [cell, ports[0]]
        rows = ["".join(first), *ports[1:]]
    else:
        ports = [f'<TD PORT="a{place}" WIDTH="11" HEIGHT="1"></TD>' for place in range(count)]
        rows = ["".join(ports), f'<TD COLSPAN="{count}" CELLPADDING="6">{symbol}</TD>']
        if direction == "BT":
            rows.reverse()
    return (
        '<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" STYLE="ROUNDED" '
        f'BGCOLOR="{look.fill}" COLOR="{look.border}">'
        + "".join(f"<TR>{row}</TR>" for row in rows)
        + "</TABLE>"
    )


def _value_label(node: Node, words: Words, *, is_output: bool) -> str:
    """Return a table of title, value and gradient below each other."""
    look = style.LOOKS[node.role]
    line = ' STYLE="DASHED"' if look.dashed else ""
    rows = []
    if words.title:
        parts = [
            f"<B>{_literal(words.label)}</B>" if words.label else "",
            f'<FONT COLOR="{style.QUIET_INK}">{words.shape}</FONT>' if words.shape else "",
        ]
        rows.append(f'<TD{line} BGCOLOR="{look.fill}">{" ".join(filter(None, parts))}</TD>')
    for lines, ink in ((words.value, style.INK), (words.gradient, style.GRADIENT_INK)):
        if lines:
            # Lines of one length stay below each other, however they are aligned.
            length = max(map(len, lines))
            text = "<BR/>".join(line.ljust(length) for line in lines)
            rows.append(
                f'<TD{line}><FONT POINT-SIZE="{style.NUMBER_SIZE}" COLOR="{ink}">{text}</FONT></TD>'
            )
    border = 'BORDER="2" CELLBORDER="1"' if is_output else 'BORDER="0" CELLBORDER="1"'
    return (
        f'<TABLE {border} CELLSPACING="0" CELLPADDING="4" COLOR="{look.border}" BGCOLOR="#ffffff">'
        + "".join(f"<TR>{row}</TR>" for row in rows)
        + "</TABLE>"
    )


def _literal(text: str) -> str:
    """Return text for an HTML-like label, where a backslash may start the name of something."""
    return escape(text).replace("\\", "\\\\")
