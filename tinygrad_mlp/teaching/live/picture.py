"""The drawing of a graph with places for numbers that change: nothing moves when they do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.display import Summary
from tinygrad_mlp.drawing.builtin.plan import layered
from tinygrad_mlp.drawing.style import DEFAULT
from tinygrad_mlp.drawing.svg import svg_of
from tinygrad_mlp.drawing.theme import THEMES, Look, Theme
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.scopes import placed
from tinygrad_mlp.programs.writing.formatting import COMPARISONS

if TYPE_CHECKING:
    from tinygrad_mlp.drawing.shapes import Canvas
    from tinygrad_mlp.graphs.node import Node

#: Letters that a number of a scalar, and one of several, has room for.
SCALAR_WIDTH, TENSOR_WIDTH = 12, 8
#: Letters of the longest summary: the first and the last two numbers.
_SUMMARY_WIDTH = 4 * TENSOR_WIDTH + len("   … ")
#: A drawing that is wider goes from top to bottom.
_WIDEST = 900
#: What answers to questions have.
_NO_GRADIENT = Summary((), np.dtype(bool), "none")
#: One of these marks the places; it is one that no name has.
_MARKS = "~^|¦¬¤"


def width_of(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return how many lines a value has in a drawing, and how many letters each has room for.

    >>> width_of(()), width_of((2, 3)), width_of((5, 5))
    ((1, 12), (2, 26), (1, 37))
    """
    if not shape:
        return 1, SCALAR_WIDTH
    if len(shape) <= 2 and max(shape) <= 4:
        rows, columns = (1, *shape)[-2:]
        return rows, columns * (TENSOR_WIDTH + 1) - 1
    return 1, _SUMMARY_WIDTH


def sign_of(node: Node) -> str | None:
    """Return the sign of a comparison, None for anything else.

    >>> import numpy as np
    >>> from tinygrad_mlp.graphs.node import Node
    >>> sign_of(Node("v2", "operation", np.True_, op="question", options={"function": "less"}))
    '<'
    """
    asked = COMPARISONS.get(node.options.get("function", "")) if node.op == "question" else None
    return asked[1] if asked else None


def picture(graph: Graph) -> str:
    """Return an SVG in which the texts of values and gradients say where they belong.

    They are empty, and have the attributes ``data-node``, ``data-part`` and ``data-line``.

    >>> import tinygrad_mlp as tg
    >>> svg = picture(tg.Graph.of(tg.Value(3.0, label="x") * 2.0))
    >>> svg.count('data-part="value"'), svg.count('data-part="gradient"')
    (2, 2)
    """
    names = [text for node in graph for text in (node.label, node.op, node.symbol, node.scope)]
    mark = next(m for m in _MARKS if not any(m in name for name in names if name))
    nodes = tuple(_prepared(node, mark) for node in placed(graph))
    prepared = Graph(nodes, graph.outputs[:1])
    choices = DEFAULT._replace(theme=_variables())
    if _width(layered(prepared, choices)) > _WIDEST:
        choices = choices._replace(direction="TB")
    svg = svg_of(layered(prepared, choices))
    place = rf"{re.escape(mark)}(\d+)({'|'.join(_PARTS)})(\d+){re.escape(mark)}+"
    return re.sub(rf"<text ([^>]*)>(?:grad |     )?{place}</text>", _element, svg)


def _width(canvas: Canvas) -> float:
    left, _, right, _ = canvas.frame
    return right - left


_PARTS = {"v": "value", "g": "gradient"}


def _element(found: re.Match[str]) -> str:
    attributes, node, part, line = found.groups()
    where = f'data-node="{node}" data-part="{_PARTS[part]}" data-line="{line}"'
    return f"<text {where} {attributes}></text>"


def _prepared(node: Node, mark: str) -> Node:
    """Return a node with marks in the place of its numbers, and a name."""
    if node.role == "constant":  # one number says itself; of a table the steps tell the name
        return node.replaced(label=node.label or node.id) if node.shape else node
    number = int(node.id[1:])

    def marked(part: str) -> Summary:
        lines, width = width_of(node.shape)
        texts = (f"{mark}{number}{part}{line}{mark}" for line in range(lines))
        text = "\n".join(text.ljust(width, mark) for text in texts)
        return Summary(node.shape, node.dtype, text)

    return node.replaced(
        value=marked("v"),
        gradient=_NO_GRADIENT if node.dtype.kind == "b" else marked("g"),
        label=node.label or node.id,
        symbol=sign_of(node) or node.symbol,
    )


def _variables() -> Theme:
    """Return a theme whose colours are variables of the page, which has light and dark ones."""
    light = THEMES["light"]
    looks = {
        role: Look(f"var(--{role}-fill)", f"var(--{role}-border)", look.dashed)
        for role, look in light.looks.items()
    }
    names = (name for name, colour in light._asdict().items() if isinstance(colour, str))
    colours: dict[str, Any] = {name: f"var(--{name.replace('_', '-')})" for name in names}
    return light._replace(**colours, looks=looks)
