"""The kinds of mistakes in a backward pass: a table, and the changed rule of each.

Whoever derives a gradient by hand makes one of a few mistakes: a derivative is left out, a mean is
differentiated as a sum, a matrix is not transposed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp.checking.doctor.runs import AtNode, ChangedRule, row_of
from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.core.value import Value

#: The changed rule for an argument of a node; None where a mistake cannot be made.
Change = Callable[[Value, int], ChangedRule | None]


class Kind(NamedTuple):
    """A mistake that can be made in many places.

    ``text`` may speak of the {place} and the {argument}, and of the {count} of numbers of which
    the node takes the mean or the {total}.
    """

    name: str
    text: str
    change: Change


def count_of(node: Value) -> int:
    """Return how many numbers a node sums or averages to one."""
    count = max(np.size(x) for x in node.inputs) // max(node.size, 1)
    if row_of(node).name == "softmax_cross_entropy":
        count //= max(node.inputs[-1].shape[-1], 1)  # it is the mean over the rows
    return max(count, 1)


def scaled(factor: float) -> ChangedRule:
    """Return the change of a rule that multiplies by a factor."""
    return lambda rule, *known, **options: factor * rule(*known, **options)


#: Ops that divide by the number of what they add up.
_MEANS = {"mean", "mse", "binary_cross_entropy", "softmax_cross_entropy"}
#: Arguments of ops whose rule has a minus.
_MINUS = {"negative": 0, "subtract": 1, "divide": 1, "cos": 0, "mse": 1, "half_squared_error": 1}


def _without_minus(node: Value, position: int) -> ChangedRule | None:
    return scaled(-1.0) if _MINUS.get(row_of(node).name) == position else None


def _if_in(ops: set[str], by: Callable[[float], float]) -> Change:
    def change(node: Value, _position: int) -> ChangedRule | None:
        if row_of(node).name not in ops or count_of(node) == 1:
            return None
        return scaled(by(count_of(node)))

    return change


def _left_out(node: Value, position: int) -> ChangedRule | None:
    row = row_of(node)
    has_slopes = row.elementwise or row.name in ("softmax", "log_softmax")
    if _MINUS.get(row.name) == position or not has_slopes:
        return None
    return lambda rule, g, *known, **options: g


def _at_output(node: Value, _position: int) -> ChangedRule | None:
    row = row_of(node)
    if not row.elementwise or len(node.args) > 1:
        return None

    def changed(rule: Any, g: Any, out: Any, _x: Any, **options: Any) -> Any:
        return rule(g, row.compute(out, **options), out, **options)

    return changed


def _formula(formulas: dict[tuple[str, int], Any]) -> Change:
    def change(node: Value, position: int) -> ChangedRule | None:
        formula = formulas.get((row_of(node).name, position))
        return formula and (lambda rule, *known, **options: formula(*known))

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


def _one_row(row: int) -> Change:
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
    row = row_of(node)
    is_constant = row.name in ("add", "subtract", "negative")  # the derivative
    op = getattr(node.args[position], "op", None)
    if is_constant or not row.elementwise or op is None or op.name not in ("add", "subtract"):
        return None

    def change(node: Value, rule: Any, g: Any, _out: Any, *args: Any) -> Any:
        inner = node.args[position]
        u, v = inner.inputs
        other = u + v if row_of(inner).name == "subtract" else u - v
        args = tuple(
            other if is_same(x, inner) else y for x, y in zip(node.args, args, strict=True)
        )
        return rule(g, row_of(node).compute(*args), *args)

    return AtNode(change)


def is_same(x: Any, y: Any) -> bool:
    """Tell whether two arguments are one, or were computed in one way from the same."""
    if x is y:
        return True
    if not (isinstance(x, Value) and isinstance(y, Value) and x.op is not None and x.op is y.op):
        return False
    return len(x.args) == len(y.args) and all(
        one is other or (not isinstance(one, Value) and np.array_equal(one, other))
        for one, other in zip(x.args, y.args, strict=True)
    )


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


_TERM_TEXT = "in the derivative of {place}, one term has the wrong sign, such as p + t for p - t"
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
        _if_in(_MEANS, lambda n: n),
    ),
    Kind(
        "constant factor",
        "{count} - 1 stands for {count}, the number that {place} divides by",
        _if_in({*_MEANS, "var", "std"}, lambda n: n / (n - 1)),
    ),
    Kind(
        "constant factor",
        "{count} times too small, the number of what {place} adds up: this is the gradient of "
        "the mean, not of the {total}",
        _if_in({"sum", "half_squared_error"}, lambda n: 1 / n),
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
    Kind("sign of one term", _TERM_TEXT, _with_other_sign),
    Kind(
        "sign of one term",
        _TERM_TEXT,
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
