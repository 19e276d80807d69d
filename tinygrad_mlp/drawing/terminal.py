"""A graph as text for a terminal: every result above what it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp._support.display import Summary, summarize
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.naming import named
from tinygrad_mlp.graphs.graph import graph_of
from tinygrad_mlp.graphs.group import Group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.core.value import Value
    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node

#: Lines that are printed before the text says how many nodes there are besides.
MAXIMUM_LINES = 200
#: Branches inside of branches that are followed; a deeper one is not readable.
MAXIMUM_DEPTH = 40

_NUMBERS_LIMIT = 40


def tree(values: Value | Sequence[Value] | Graph, *, max_lines: int = MAXIMUM_LINES) -> str:
    """Return a graph as text: below each result its arguments, in their order.

    Parameters
    ----------
    values : Value, list of Values, or Graph
        Nothing is computed and nothing changes.
    max_lines : int
        Where there are more, the rest is counted.

    Returns
    -------
    str
        A line says the name, as in a drawing, or else the id, the number or the shape, the op
        and the gradient.  What is used more than once is written out at the first place and
        marked ``↑`` at the others.

    Raises
    ------
    TypeError
        If it is anything else, or ``max_lines`` is not an int.
    ValueError
        If ``max_lines`` is less than 1.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> y = x * x + 1.0
    >>> y.backward()
    >>> print(tree(y))
    v3 = 10 ← +  grad 1
    ├─ v1 = 9 ← ×  grad 1
    │  ├─ x = 3  grad 6
    │  └─ x ↑
    └─ 1
    """
    max_lines = whole_number("max_lines", max_lines)
    graph = named(graph_of("tree", values))
    lines: list[str] = []
    written: set[str] = set()
    # Each entry: a node, what stands before its line, and before the lines of its arguments.
    waiting = [(graph[output], "", "", 0) for output in reversed(graph.outputs)]
    while waiting and len(lines) < max_lines:
        node, before, indent, depth = waiting.pop()
        if node.id in written:
            lines.append(f"{before}{_name(node)} ↑")
            continue
        written.add(node.id)
        lines.append(f"{before}{_line(node)}")
        arguments = [graph[argument] for argument in node.arguments]
        if arguments and depth == MAXIMUM_DEPTH:
            lines.append(f"{indent}└─ …")
            continue
        for place in reversed(range(len(arguments))):
            last = place == len(arguments) - 1
            branch, below = ("└─ ", "   ") if last else ("├─ ", "│  ")
            waiting.append((arguments[place], indent + branch, indent + below, depth + 1))
    missing = len(graph) - len(written)
    if missing:
        lines.append(f"… and {missing:,} more of {len(graph):,} nodes")
    return "\n".join(lines)


def _line(node: Node) -> str:
    """Return what is known of a node, on one line."""
    if isinstance(node, Group):  # it has no number of its own
        return f"{_name(node)}: {'; '.join(node.lines)}"
    numbers = _numbers(node.value)
    if node.role == "constant":
        return numbers
    made = f" ← {style.symbol(node)}" if node.op else ""
    scope = f"  in {style.readable(node.scope)}" if node.scope else ""
    gradient = "" if node.gradient is None else f"  grad {_numbers(node.gradient)}"
    return f"{_name(node)} = {numbers}{made}{gradient}{scope}"


def _name(node: Node) -> str:
    return style.readable(node.label) if node.label else node.id


def _numbers(numbers: Any) -> str:
    """Return a scalar as it is, and anything larger with its shape and its numbers.

    Where those would take too much room, their mean, the least and the greatest stand for them.
    """
    text = " ".join(summarize(numbers).replace("\n", "; ").split())
    shape: tuple[int, ...] = numbers.shape
    if not shape:
        return text
    if len(text) <= _NUMBERS_LIMIT:
        return f"{shape} [{text}]"
    if isinstance(numbers, Summary):
        return str(shape)
    with np.errstate(all="ignore"):
        mean, low, high = (
            f"{float(number):.3g}" for number in (numbers.mean(), numbers.min(), numbers.max())
        )
    return f"{shape} mean {mean}, {low} to {high}"
