"""What a recorded graph computes as one line of mathematics, such as ``xᵀ @ (g ⊙ σ′(z))``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.graphs.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    "divide_or_zero": (" / ", 2),
    "matmul": (" @ ", 3),
}
_TIGHTEST = 4
# What stands around the arguments, and how tightly it binds.
_AROUND = {
    "abs": ("|{inside}|", _TIGHTEST),
    "half_squared_error": ("½ Σ({bound} − {last})²", 2),
    "larger_share": ("([{bound} > {last}] + ½ [{bound} = {last}])", _TIGHTEST),
    "max_share": ("[{inside} = max({inside})] / Σ([{inside} = max({inside})])", 2),
    "norm": ("‖{inside}‖", _TIGHTEST),
    "one_minus_square": ("1 − {bound}²", 1),
    "square": ("{bound}²", _TIGHTEST),
    "sum_to": ("sum({inside})", _TIGHTEST),
}
# What has bounds, and how it is told with one of them, or with both.
_BOUNDED = {
    "clip": ("max({x}, {a_min})", "min({x}, {a_max})", "clip({x}, {a_min}, {a_max})"),
    "inside": ("[{x} ≥ {a_min}]", "[{x} ≤ {a_max}]", "[{a_min} ≤ {x} ≤ {a_max}]"),
}
_POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
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


def step_formula(node: Node, names: Sequence[str]) -> str:
    """Return the last step to a node as a formula over the names, or numbers, of its arguments.

    It says what was done, even if that is to multiply by 1.

    >>> import tinygrad_mlp as tg
    >>> graph = Graph.of(tg.Value(1.0) * tg.Value(2.0))
    >>> step_formula(graph["v2"], ["a", "b"])
    'a · b'
    """
    arguments = [(name, _TIGHTEST) for name in names]
    if node.op in _INFIX:
        return _between(node, *arguments)[0]
    return _written(node, arguments)[0]


def _bounded(op: str, x: str, a_min: str, a_max: str) -> str:
    """Return the formula of what has bounds, without those that are infinite."""
    lower, upper, both = _BOUNDED[op]
    told = lower if a_max == "inf" else upper if a_min == "-inf" else both
    return told.format(x=x, a_min=a_min, a_max=a_max)


def _unbracketed(argument: str) -> str:
    """Return an argument as it stands between commas: a negative number needs no brackets.

    >>> _unbracketed("(-4)"), _unbracketed("(a + b)")
    ('-4', '(a + b)')
    """
    return re.sub(r"^\((-[\w.+-]+)\)$", r"\1", argument)


def _written(node: Node, arguments: list[tuple[str, int]]) -> tuple[str, int]:
    """Return the text of a node, and how tightly it holds together."""
    if not arguments:
        scalar = summarize(node.value) if not node.shape else node.label or "constant"
        return scalar, _TIGHTEST
    op = node.op or ""
    if op in _INFIX:
        return _without_one(op, *arguments) or _between(node, *arguments)
    text, tight = arguments[0]
    bound = text if tight == _TIGHTEST else f"({text})"
    if op == "negative":
        return _cut(f"−{bound}"), 1
    if op == "transpose" and len(node.shape) == 2:
        return _cut(f"{bound}ᵀ"), _TIGHTEST
    if op == "power":
        exponent = arguments[1][0]
        if exponent == "1":
            return arguments[0]
        raised = exponent.translate(_POWERS) if exponent.isdecimal() else f"^{exponent}"
        return _cut(f"{bound}{raised}"), _TIGHTEST
    plain = [_unbracketed(argument) for argument, _ in arguments]
    inside = ", ".join(plain)
    if op in _BOUNDED:
        return _cut(_bounded(op, *plain)), _TIGHTEST
    if op in _AROUND:
        around, strength = _AROUND[op]
        last = arguments[-1][0] if arguments[-1][1] == _TIGHTEST else f"({arguments[-1][0]})"
        return _cut(around.format(bound=bound, inside=inside, last=last)), strength
    return _cut(f"{node.symbol or op}({inside})"), _TIGHTEST


def _without_one(
    op: str, first: tuple[str, int], second: tuple[str, int]
) -> tuple[str, int] | None:
    """Return what remains of a product with 1 or −1, or of a quotient by 1."""
    if op == "multiply" and "1" in (first[0], second[0]):
        return second if first[0] == "1" else first
    if op == "divide" and second[0] == "1":
        return first
    if op == "multiply" and first[0] == "−1":
        bound = second[0] if second[1] > 2 else f"({second[0]})"
        return _cut(f"−{bound}"), 2
    return None


def _between(node: Node, first: tuple[str, int], second: tuple[str, int]) -> tuple[str, int]:
    """Return two arguments with a sign between them."""
    op = node.op or ""
    sign, strength = _INFIX[op]
    if op == "multiply" and not node.shape:
        sign = " · "
    (left, tight), (right, right_tight) = first, second
    left = left if tight >= strength else f"({left})"
    right = right if right_tight > strength else f"({right})"
    return _cut(f"{left}{sign}{right}"), strength


def _cut(text: str) -> str:
    # Twice the limit at every step: a long formula stays linear in time.
    return text[: 2 * FORMULA_LIMIT]
