"""The HTML-like labels of Graphviz: boxes with rows, and ops with a port for each argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.style import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.graphs.node import Node

#: As many arguments of an op are told apart by their names; fewer are first and second.
FEWEST_NAMED, MOST_NAMED = 3, 6
#: Longest tooltip.
TOOLTIP_LIMIT = 200


_MARKED = round(style.HIGHLIGHT_WIDTH)
#: Keys of a legend beside each other.
_KEYS_IN_A_ROW = 6


def op_label(node: Node, choices: Style) -> str:
    """Return a rounded table: the symbol, and a thin cell for each argument on its side."""
    look = choices.theme.looks["op"]
    direction = choices.direction
    count = len(node.arguments)
    symbol = literal(style.symbol(node))
    names = [small([name], choices.theme.quiet_ink) for name in _told_names(node)]
    texts = enumerate(names or [""] * count)
    if count == 1:
        rows = [f'<TD CELLPADDING="6">{symbol}</TD>']
    elif direction in {"LR", "RL"}:
        ports = [
            f'<TD PORT="a{place}" WIDTH="1" HEIGHT="11" CELLPADDING="2">{x}</TD>'
            for place, x in texts
        ]
        cell = f'<TD ROWSPAN="{count}" CELLPADDING="6">{symbol}</TD>'
        first = [ports[0], cell] if direction == "LR" else [cell, ports[0]]
        rows = ["".join(first), *ports[1:]]
    else:
        ports = [
            f'<TD PORT="a{place}" WIDTH="11" HEIGHT="1" CELLPADDING="2">{x}</TD>'
            for place, x in texts
        ]
        rows = ["".join(ports), f'<TD COLSPAN="{count}" CELLPADDING="6">{symbol}</TD>']
        if direction == "BT":
            rows.reverse()
    marked = choices.highlights(node)
    border = choices.theme.highlight if marked else look.border
    return (
        f'<TABLE BORDER="{_MARKED if marked else 1}" CELLBORDER="0" CELLSPACING="0" '
        f'CELLPADDING="0" STYLE="ROUNDED" BGCOLOR="{look.fill}" COLOR="{border}">'
        f"{_rows(rows)}</TABLE>"
    )


def _told_names(node: Node) -> tuple[str, ...]:
    """Return what an op calls its arguments, if there are so many that one has to ask."""
    told = FEWEST_NAMED <= len(node.arguments) == len(node.argument_names) <= MOST_NAMED
    return node.argument_names if told else ()


def value_label(node: Node, choices: Style, *, is_output: bool, named: bool = False) -> str:
    """Return a table of title, value and gradient below each other; ``named`` as for ``words``."""
    theme = choices.theme
    look = choices.look(node)
    words = choices.words(node, named=named)
    line = ' STYLE="DASHED"' if look.dashed else ""
    rows = []
    if words.title:
        bold, quiet = "<B>{}</B>", f'<FONT COLOR="{theme.quiet_ink}">{{}}</FONT>'
        title = " ".join((bold if name else quiet).format(literal(x)) for x, name in words.title)
        rows.append(f'<TD{line} BGCOLOR="{look.fill}">{title}</TD>')
    rows += [f"<TD{line}>{small(lines, getattr(theme, ink))}</TD>" for lines, ink in words.rows]
    marked = choices.highlights(node)
    colour = theme.highlight if marked else look.border
    # Two lines around a box that stands for many, and a broad one around what the graph is for.
    double = node.role == "group"
    border = _MARKED if marked else 2 * is_output + double
    return (
        f'<TABLE BORDER="{border}" CELLBORDER="1" CELLSPACING="{2 if double else 0}" '
        f'CELLPADDING="4" COLOR="{colour}" BGCOLOR="{theme.paper}">{_rows(rows)}</TABLE>'
    )


def edge_label(lines: Sequence[str], choices: Style, *, marked: bool) -> str:
    """Return a table with a piece of an edge in it, the port ``line``.

    Half of the lines of text are above it and half below; to the right of an upright edge.
    """
    theme = choices.theme
    colour, width = (theme.highlight, 3) if marked else (theme.edge, 1)
    size = "WIDTH" if choices.upright else "HEIGHT"
    line = f'<TD PORT="line" {size}="{width}" BGCOLOR="{colour}"></TD>'
    half = (len(lines) + 1) // 2
    parts = [lines] if choices.upright else [lines[:half], lines[half:]]
    cells = [
        f'<TD CELLPADDING="3">{small(part, theme.gradient_ink)}</TD>' for part in parts if part
    ]
    rows = [line + cells[0]] if choices.upright else [cells[0], line, *cells[1:]]
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{_rows(rows)}</TABLE>'


def tooltip(text: str) -> str:
    """Return the attribute for what is said when one points at something."""
    # How often a backslash must be doubled there depends on the version of Graphviz.
    told = escape(style.readable(text, TOOLTIP_LIMIT)).replace("\\", "∖")
    return f'tooltip="{told}"'


def footer(note: str, choices: Style) -> str:
    """Return what stands below a drawing: the note of its graph, and the legend."""
    theme = choices.theme
    if not choices.keys:
        return small([note], theme.quiet_ink) if note else ""
    cells = []
    for key in choices.keys:
        look = ' STYLE="DASHED"' if key.dashed else ' STYLE="ROUNDED"' if key.rounded else ""
        fill = "" if key.is_line else f' BGCOLOR="{key.fill}"'
        cells.append(
            f'<TD{look}{fill} BORDER="{round(key.width)}" COLOR="{key.border}">'
            f"{small([key.text], theme.ink)}</TD>"
        )
    rows = [cells[n : n + _KEYS_IN_A_ROW] for n in range(0, len(cells), _KEYS_IN_A_ROW)]
    tables = [
        f'<TABLE BORDER="0" CELLSPACING="6" CELLPADDING="3">{_rows(["".join(row)])}</TABLE>'
        for row in rows
    ]
    lines = [small([note], theme.quiet_ink)] if note else []
    whole = _rows([f"<TD>{line}</TD>" for line in [*lines, *tables]])
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0">{whole}</TABLE>'


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
