"""What a recorded graph computes as one line of mathematics, such as ``xᵀ @ (g ⊙ σ′(z))``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.graphs.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinygrad_mlp.core.value import Value
    from tinygrad_mlp.graphs.node import Node

#: Longest formula; a longer one is cut where one sees it.
FORMULA_LIMIT = 60

# Signs between two arguments, and how tightly they bind.
_INFIX = {
    "add": (" + ", 1),
    "subtract": (" − ", 1),
    "multiply": (" ⊙ ", 2),
    "divide": (" / ", 2),
    "matmul": (" @ ", 3),
}
_TIGHTEST = 4
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def formula(value: Value, names: Mapping[Value, str]) -> str:
    """Return how a value was computed, as a formula over named leaves.

    Parameters
    ----------
    value : Value
        Made by a few ops, as by the rule of one: not a network.
    names : mapping of Values to str
        Where the formula ends; constants show their number.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> W, g = tg.Value([[1.0, 2.0]]), tg.Value([[1.0, 1.0]])
    >>> formula((g * 2.0) @ W.T, {W: "W", g: "g"})
    '(g ⊙ 2) @ Wᵀ'
    """
    graph = Graph.of(value)
    values = graph.values()
    found = {id_: (names[leaf], _TIGHTEST) for id_, leaf in values.items() if leaf in names}
    for node in graph:
        if node.id not in found:
            found[node.id] = _written(node, [found[argument] for argument in node.arguments])
    text, _ = found[graph.outputs[0]]
    return text if len(text) <= FORMULA_LIMIT else text[: FORMULA_LIMIT - 1] + "…"


def name_in_formula(label: str) -> str:
    """Return a label with the digits at its end below the line.

    >>> name_in_formula("W12")
    'W₁₂'
    """
    letters = label.rstrip("0123456789")
    return letters + label[len(letters) :].translate(_SUBSCRIPTS)


def _written(node: Node, arguments: list[tuple[str, int]]) -> tuple[str, int]:
    """Return the text of a node, and how tightly it holds together."""
    if not arguments:
        scalar = summarize(node.value) if not node.shape else node.label or "constant"
        return scalar, _TIGHTEST
    op = node.op or ""
    if op in _INFIX:
        sign, strength = _INFIX[op]
        (left, tight), (right, right_tight) = arguments
        left = left if tight >= strength else f"({left})"
        right = right if right_tight > strength else f"({right})"
        return _cut(f"{left}{sign}{right}"), strength
    text, tight = arguments[0]
    bound = text if tight == _TIGHTEST else f"({text})"
    if op == "negative":
        return _cut(f"−{bound}"), 1
    if op == "transpose" and len(node.shape) == 2:
        return _cut(f"{bound}ᵀ"), _TIGHTEST
    if op == "power":
        return _cut(f"{bound}^{arguments[1][0]}"), _TIGHTEST
    inside = ", ".join(argument for argument, _ in arguments)
    return _cut(f"{node.symbol or op}({inside})"), _TIGHTEST


def _cut(text: str) -> str:
    # Twice the limit at every step: a long formula stays linear in time.
    return text[: 2 * FORMULA_LIMIT]
