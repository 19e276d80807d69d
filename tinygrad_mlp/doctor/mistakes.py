"""Mistakes in a backward pass, each as the graph's own backward pass with one rule changed.

Whoever derives a gradient by hand makes one of a few mistakes: a derivative is left out, a path is
forgotten, a mean is differentiated as a sum.  ``mistakes_in`` goes through a recorded graph and
yields each of them for each place where it can be made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp.doctor.runs import AtNode, ChangedRule, Changes, Edge, Run, row_of
from tinygrad_mlp.engine import Value
from tinygrad_mlp.operators import FUNCTIONS


class Mistake(NamedTuple):
    """What a learner may have done, where in the graph, and which rules that changes."""

    name: str
    explanation: str
    op: str
    changes: Changes


class Kind(NamedTuple):
    """A mistake that can be made in many places.

    ``text`` may speak of the {place} and the {argument}, and of the {count} of numbers of which
    the node takes the mean or the {total}.  ``change(node, position)`` is the changed rule, or None
    where this mistake cannot be made.
    """

    name: str
    text: str
    change: Callable[[Value, int], ChangedRule | None]


def mistakes_in(run: Run) -> Iterator[Mistake]:
    """Yield every mistake that can be made in the backward pass of a run.

    Examples
    --------
    >>> run = Run(lambda x: FUNCTIONS["sin"](x), ["x"], [np.float64(3.0)])
    >>> for mistake in mistakes_in(run):
    ...     print(mistake.name, "-", mistake.explanation)
    missing derivative - the derivative of sin is left out: what comes from above is passed on as is
    derivative at the output - the derivative of sin is taken at its output instead of its input
    stale input - the derivative of sin is taken at the numbers of an earlier call
    """
    yield from _forgotten_paths(run)
    for kind in KINDS:
        alike: dict[tuple[str, int], dict[Edge, ChangedRule]] = {}
        for number, position in run.edges:
            node = run.nodes[number]
            changed = kind.change(node, position)
            if changed is not None:
                op, place = row_of(node).name, _place(run, node)
                text = _filled(kind.text, op, place, _argument(node, position), str(_count(node)))
                yield Mistake(kind.name, text, op, {(number, position): changed})
                # In d * d both arguments are one, and so is what one thinks of their derivatives.
                is_doubled = sum(_is_same(x, node.args[position]) for x in node.args) > 1
                key = op, -1 if is_doubled else position
                alike.setdefault(key, {})[number, position] = changed
        # Who derives a function wrongly does so wherever it is used.
        for (op, _), changes in alike.items():
            if len(changes) > 1:
                text = _filled(kind.text, op, f"every {op}", "its argument", "n")
                yield Mistake(kind.name, text, op, changes)


def _forgotten_paths(run: Run) -> Iterator[Mistake]:
    """Yield, for each value that is used several times, that only one use, or one not, counts."""
    uses: dict[Value, list[Edge]] = {}
    for number, position in run.edges:
        uses.setdefault(run.nodes[number].args[position], []).append((number, position))
    for value, edges in uses.items():
        if len(edges) == 1:
            continue
        what = value.label or f"the result of {_place(run, value)}"
        times = f"{what} is used {len(edges)} times, and the gradients of all uses add up; "
        for edge in edges:
            node, position = run.nodes[edge[0]], edge[1]
            op = row_of(node)
            use = _place(run, node)
            if len(op.parameters) == len(node.args) > 1:
                use += f" (argument {op.parameters[position]})"
            others = {other: _nothing for other in edges if other != edge}
            text = f"{times}only that in {use} is there, as if = stood for +="
            yield Mistake("overwritten", text, op.name, others)
            if len(edges) > 2:
                text = f"{times}that in {use} is missing"
                yield Mistake("forgotten path", text, op.name, {edge: _nothing})


# ----- Where it is -----


def _filled(text: str, op: str, place: str, argument: str, count: str) -> str:
    total = "half sum" if op in ("mse", "half_squared_error") else "sum"
    return text.format(place=place, argument=argument, count=count, total=total)


def _place(run: Run, node: Value) -> str:
    """Return the name of a node's op, which of several it is, its label and its scope."""
    row = row_of(node)
    alike = [other for other in run.nodes if other.op is row]
    text = row.name
    if len(alike) > 1:
        text += f" number {alike.index(node) + 1} of {len(alike)}"
    if node.label:
        text += f" ({node.label:.80})"
    return f"{text} in {node.scope}" if node.scope else text


def _argument(node: Value, position: int) -> str:
    """Return the label of an argument, or else the op's name for it."""
    names = row_of(node).parameters
    name = names[position] if position < len(names) else f"argument {position}"
    return str(node.args[position].label or name)


def _count(node: Value) -> int:
    """Return how many numbers a node sums or averages to one."""
    count = max(np.size(x) for x in node.inputs) // max(node.size, 1)
    if row_of(node).name == "softmax_cross_entropy":
        count //= max(node.inputs[-1].shape[-1], 1)  # it is the mean over the rows
    return max(count, 1)


# ----- Changed rules -----

#: Ops that divide by the number of what they add up.
_MEANS = {"mean", "mse", "binary_cross_entropy", "softmax_cross_entropy"}
#: Arguments of ops whose rule has a minus.
_MINUS = {
    ("negative", 0),
    ("subtract", 1),
    ("divide", 1),
    ("cos", 0),
    ("mse", 1),
    ("half_squared_error", 1),
}


def _nothing(rule: Any, *known: Any, **options: Any) -> Any:
    return 0.0 * rule(*known, **options)


def _without_minus(node: Value, position: int) -> ChangedRule | None:
    if (row_of(node).name, position) not in _MINUS:
        return None
    return lambda rule, *known, **options: -rule(*known, **options)


def _scaled(
    ops: set[str], by: Callable[[float], float]
) -> Callable[[Value, int], ChangedRule | None]:
    def change(node: Value, _position: int) -> ChangedRule | None:
        if row_of(node).name not in ops or _count(node) == 1:
            return None
        factor = by(_count(node))
        return lambda rule, *known, **options: factor * rule(*known, **options)

    return change


def _left_out(node: Value, position: int) -> ChangedRule | None:
    row = row_of(node)
    if (row.name, position) in _MINUS:
        return None
    if not (row.elementwise or row.name in ("softmax", "log_softmax", "clip")):
        return None
    return lambda rule, g, *known, **options: g


def _at_output(node: Value, _position: int) -> ChangedRule | None:
    row = row_of(node)
    if not row.elementwise or len(node.args) > 1:
        return None
    return lambda rule, g, out, x: rule(g, row.compute(out), out)


def _formula(formulas: dict[tuple[str, int], Any]) -> Callable[[Value, int], ChangedRule | None]:
    def change(node: Value, position: int) -> ChangedRule | None:
        formula = formulas.get((row_of(node).name, position))
        if formula is None:
            return None
        return lambda rule, *known, **options: formula(*known)

    return change


def _not_transposed(node: Value, position: int) -> ChangedRule | None:
    if row_of(node).name not in ("matmul", "affine") or position > 1:
        return None
    other = node.inputs[1 - position]
    if other.ndim != 2 or other.shape[0] != other.shape[1]:
        return None  # then the shapes do not fit, which nobody overlooks

    def changed(rule: Any, g: Any, out: Any, *args: Any) -> Any:
        turned = [x.T if place == 1 - position else x for place, x in enumerate(args)]
        return rule(g, out, *turned)

    return changed


def _one_row(row: int) -> Callable[[Value, int], ChangedRule | None]:
    def change(node: Value, _position: int) -> ChangedRule | None:
        if node.ndim == 0 or node.shape[0] < 2:
            return None

        def changed(rule: Any, g: Any, *known: Any, **options: Any) -> Any:
            alone = np.zeros_like(g)
            alone[row] = g[row]
            return rule(alone, *known, **options)

        return changed

    return change


def _stale(node: Value, _position: int) -> ChangedRule | None:
    # The numbers of this node, also when the rule is applied in runs on other numbers.
    return lambda rule, g, out, *args, **options: rule(g, node.numpy(), *node.inputs, **options)


def _with_other_sign(node: Value, position: int) -> ChangedRule | None:
    """Take the derivative of a function of u - v at u + v, or the other way round."""
    if not (row_of(node).elementwise and _is_sum(node.args[position])):
        return None
    if row_of(node).name in ("add", "subtract", "negative"):
        return None  # their derivatives are constant

    def change(node: Value, rule: Any, g: Any, _out: Any, *args: Any) -> Any:
        inner = node.args[position]
        u, v = inner.inputs
        other = u + v if row_of(inner).name == "subtract" else u - v
        args = tuple(
            other if _is_same(x, inner) else y for x, y in zip(node.args, args, strict=True)
        )
        return rule(g, row_of(node).compute(*args), *args)

    return AtNode(change)


def _is_same(x: Any, y: Any) -> bool:
    """Tell whether two arguments are one, or were computed in one way from the same."""
    if x is y:
        return True
    if not (isinstance(x, Value) and isinstance(y, Value) and x.op is not None and x.op is y.op):
        return False
    return len(x.args) == len(y.args) and all(
        one is other or (not isinstance(one, Value) and np.array_equal(one, other))
        for one, other in zip(x.args, y.args, strict=True)
    )


def _is_sum(x: Any) -> bool:
    return isinstance(x, Value) and x.op is not None and x.op.name in ("add", "subtract")


def _only_last_repeat(node: Value, _position: int) -> ChangedRule | None:
    if row_of(node).name != "getitem":
        return None
    places = np.arange(node.inputs[0].size).reshape(node.inputs[0].shape)[node.options["index"]]
    if np.unique(places).size == places.size:
        return None

    def changed(_rule: Any, g: Any, _out: Any, x: Any, *, index: Any) -> Any:
        share = np.zeros_like(x)
        share[index] += g
        return share

    return changed


def _diagonal_of_cross_entropy(g: Any, _out: Any, y: Any, logits: Any) -> Any:
    rows = max(logits.size // logits.shape[-1], 1)
    return g / rows * y * (FUNCTIONS["softmax"](logits) - 1.0)


def _sum_in_cross_entropy(g: Any, _out: Any, y: Any, logits: Any) -> Any:
    rows = max(logits.size // logits.shape[-1], 1)
    return g / rows * (FUNCTIONS["softmax"](logits) + y)


_ROW_TEXT = (
    "of what arrives at {{place}}, only the {} row is counted for {{argument}}; "
    "the gradients of all rows add up"
)

#: In the order in which they are thought of.
KINDS = (
    Kind("wrong sign", "the minus in the derivative of {place} is missing", _without_minus),
    Kind(
        "constant factor",
        "{count} times too large, the number that {place} divides by: this is the gradient of "
        "the {total}, not of the mean",
        _scaled(_MEANS, lambda n: n),
    ),
    Kind(
        "constant factor",
        "{count} - 1 stands for {count}, the number that {place} divides by",
        _scaled({*_MEANS, "var", "std"}, lambda n: n / (n - 1)),
    ),
    Kind(
        "constant factor",
        "{count} times too small, the number of what {place} adds up: this is the gradient of "
        "the mean, not of the {total}",
        _scaled({"sum", "half_squared_error"}, lambda n: 1 / n),
    ),
    Kind(
        "missing derivative",
        "the derivative of {place} is left out: what comes from above is passed on as is",
        _left_out,
    ),
    Kind(
        "derivative at the output",
        "the derivative of {place} is taken at its output instead of its input",
        _at_output,
    ),
    Kind(
        "derivative at the input",
        "the derivative of {place} is written for its output, but was given its input",
        _formula(
            {
                ("sigmoid", 0): lambda g, out, z: g * z * (1.0 - z),
                ("tanh", 0): lambda g, out, x: g * (1.0 - x * x),
                ("exp", 0): lambda g, out, x: g * x,
                ("sqrt", 0): lambda g, out, x: g * 0.5 / x,
            }
        ),
    ),
    Kind(
        "softmax diagonal",
        "only the diagonal of the Jacobian of {place} is there, but each probability depends on "
        "every input, through the denominator",
        _formula(
            {
                ("softmax", 0): lambda g, out, x: g * out * (1.0 - out),
                ("log_softmax", 0): lambda g, out, x: g * (1.0 - np.exp(out)),
                ("softmax_cross_entropy", 1): _diagonal_of_cross_entropy,
            }
        ),
    ),
    Kind(
        "softmax denominator",
        "the denominator of {place} is taken as constant, but it depends on every input",
        _formula({("softmax", 0): lambda g, out, x: g * out}),
    ),
    Kind(
        "not transposed",
        "in the rule of {place} for {argument}, the other matrix is not transposed",
        _not_transposed,
    ),
    Kind(
        "wrong formula",
        "1 - t stands for the derivative of {place}, which is 1 - t² for t = tanh(x)",
        _formula({("tanh", 0): lambda g, t, x: g * (1.0 - t)}),
    ),
    Kind(
        "wrong formula",
        "1 + t² stands for the derivative of {place}, which is 1 - t² for t = tanh(x)",
        _formula({("tanh", 0): lambda g, t, x: g * (1.0 + t * t)}),
    ),
    Kind(
        "wrong formula",
        "s (1 + s) stands for the derivative of {place}, which is s (1 - s) for s = sigmoid(z)",
        _formula({("sigmoid", 0): lambda g, s, z: g * s * (1.0 + s)}),
    ),
    Kind(
        "wrong formula",
        "{place} passes on what comes from above where *that* is positive; the mask belongs to the "
        "input: g * (z > 0), not g * (g > 0)",
        _formula({("relu", 0): lambda g, out, z: g * (g > 0)}),
    ),
    Kind(
        "sign of one term",
        "in the derivative of {place}, one term has the wrong sign, such as p + t for p - t",
        _with_other_sign,
    ),
    Kind(
        "sign of one term",
        "in the derivative of {place}, one term has the wrong sign, such as p + t for p - t",
        _formula(
            {
                ("mse", 1): lambda g, out, t, p: g * (p + t) / p.size,
                ("half_squared_error", 1): lambda g, out, t, p: g * (p + t),
                ("softmax_cross_entropy", 1): _sum_in_cross_entropy,
            }
        ),
    ),
    Kind(
        "repeats lost",
        "where {place} takes an element several times, only the last gradient is there: "
        "grad[index] += g adds one of them, np.add.at(grad, index, g) all",
        _only_last_repeat,
    ),
    Kind("one row only", _ROW_TEXT.format("last"), _one_row(-1)),
    Kind("one row only", _ROW_TEXT.format("first"), _one_row(0)),
    Kind(
        "stale input",
        "the derivative of {place} is taken at the numbers of an earlier call",
        _stale,
    ),
)
