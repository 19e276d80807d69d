"""The HTML-like labels of Graphviz: boxes with rows, and ops with a port for each argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.style import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.graphs.node import Node


def op_label(node: Node, choices: Style) -> str:
    """Return a rounded table: the symbol, and a thin cell for each argument on its side."""
    look = choices.theme.looks["op"]
    direction = choices.direction
    count = len(node.arguments)
    symbol = literal(style.symbol(node))
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
    marked = choices.highlights(node)
    border = choices.theme.highlight if marked else look.border
    return (
        f'<TABLE BORDER="{3 if marked else 1}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" '
        f'STYLE="ROUNDED" BGCOLOR="{look.fill}" COLOR="{border}">{_rows(rows)}</TABLE>'
    )


def value_label(node: Node, choices: Style, *, is_output: bool, named: bool = False) -> str:
    """Return a table of title, value and gradient below each other; ``named`` as for ``words``."""
    theme = choices.theme
    look = theme.looks[node.role]
    words = choices.words(node, named=named)
    line = ' STYLE="DASHED"' if look.dashed else ""
    rows = []
    if words.title:
        bold, quiet = "<B>{}</B>", f'<FONT COLOR="{theme.quiet_ink}">{{}}</FONT>'
        title = " ".join((bold if name else quiet).format(literal(x)) for x, name in words.title)
        fill = (theme.looks["op"] if words.op else look).fill
        rows.append(f'<TD{line} BGCOLOR="{fill}">{title}</TD>')
    rows += [f"<TD{line}>{small(lines, getattr(theme, ink))}</TD>" for lines, ink in words.rows]
    marked = choices.highlights(node)
    colour = theme.highlight if marked else look.border
    # Two lines around a box that stands for many, and a broad one around what the graph is for.
    double = node.role == "group"
    border = 3 if marked else 2 * is_output + double
    return (
        f'<TABLE BORDER="{border}" CELLBORDER="1" CELLSPACING="{2 if double else 0}" '
        f'CELLPADDING="4" COLOR="{colour}" BGCOLOR="{theme.paper}">{_rows(rows)}</TABLE>'
    )


def small(lines: Sequence[str], ink: str) -> str:
    """Return lines of one length, which stay below each other however they are aligned."""
    length = max(map(len, lines))
    text = "<BR/>".join(literal(line.ljust(length)) for line in lines)
    return f'<FONT POINT-SIZE="{style.NUMBER_SIZE}" COLOR="{ink}">{text}</FONT>'


def literal(text: str) -> str:
    """Return text for an HTML-like label.

    A backslash there may start the name of something, and Graphviz 2 cannot read a text that
    starts with a bracket.
    """
    return escape(text).replace("\\", "\\\\").replace("]", "&#93;")


def _rows(rows: Sequence[str]) -> str:
    return "".join(f"<TR>{row}</TR>" for row in rows)
