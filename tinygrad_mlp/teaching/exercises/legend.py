"""What operations mean, in the words of a sheet: for students, who read no documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing.style import readable

if TYPE_CHECKING:
    from tinygrad_mlp.graphs.node import Node

#: Each begins with its sign in the drawing.  None where everybody knows it.  What is not here is
#: told by the sentence of its row.
PLAIN = {
    "abs": "|x| is x without its sign. At 0, take 0 as its slope.",
    "add": None,
    "affine": "affine: each row of x times the table W, and the row b added to it.",
    "binary_cross_entropy": (
        "BCE: minus the mean of target·ln(guess) + (1 − target)·ln(1 − guess)."
    ),
    "clip": "clip: x, but not below a_min nor above a_max. Its slope is 1 inside, 0 outside.",
    "cos": "cos: the cosine; angles in radians.",
    "divide": None,
    "exp": "exp(x) is e to the power of x, with e = 2.718….",
    "half_squared_error": "½Σ(y−ŷ)²: half of the sum of all (target − guess)².",
    "log": "ln: the natural logarithm, to the base e = 2.718….",
    "matmul": "@: rows times columns. Multiply number by number, and add up.",
    "max": "max: the largest of the numbers. Equal ones share its gradient.",
    "maximum": "maximum: the larger of two numbers. Equal ones share its gradient by halves.",
    "mean": "mean: all numbers added up, divided by how many there are.",
    "min": "min: the smallest of the numbers. Equal ones share its gradient.",
    "minimum": "minimum: the smaller of two numbers. Equal ones share its gradient by halves.",
    "mse": "½ mse: half of the mean of all (target − guess)².",
    "negative": None,
    "power": None,
    "prod": "Π: all numbers multiplied.",
    "reciprocal": "1/x: one divided by x.",
    "relu": "relu(x) is x where x is positive, and 0 elsewhere. So its slope is 1 or 0.",
    "sigmoid": "σ(z) = 1 / (1 + e^(−z)), the S-shaped curve. Its slope is σ(z)·(1 − σ(z)).",
    "sin": "sin: the sine; angles in radians.",
    "softmax": "softmax: e to the power of each number, divided by the sum of these in its row.",
    "softmax_cross_entropy": "CE: softmax in each row, −ln of what the right answer got; the mean.",
    "softplus": "softplus(x) = ln(1 + e^x), a smooth relu. Its slope is σ(x).",
    "sqrt": "√x: the number whose square is x. Its slope is 1 / (2·√x).",
    "square": None,
    "subtract": None,
    "sum": "Σ: all numbers added up.",
    "tan": "tan: the tangent; angles in radians.",
    "tanh": "tanh(x) = (e^x − e^(−x)) / (e^x + e^(−x)). Its slope is 1 − tanh(x)².",
    "transpose": "ᵀ: rows become columns.",
    "where": "where: the first number where the condition is true, the second elsewhere.",
}


def meaning(node: Node) -> str:
    """Return what the operation of a node means; nothing where everybody knows it.

    >>> import tinygrad_mlp as tg
    >>> meaning(tg.Graph.of(tg.sigmoid(tg.Value(1.0)))["v1"])
    'σ(z) = 1 / (1 + e^(−z)), the S-shaped curve. Its slope is σ(z)·(1 − σ(z)).'
    >>> meaning(tg.Graph.of(tg.sinh(tg.Value(1.0)))["v1"])
    'sinh: Hyperbolic sine.'
    """
    if node.row is None or node.op is None:
        return ""
    if node.op == "multiply":
        return "⊙: multiplied number by number." if node.shape else ""
    symbol = readable(node.symbol or node.op)
    told = PLAIN.get(node.op, f"{symbol}: {readable(str(node.row.doc), 300)}")
    return told or ""
