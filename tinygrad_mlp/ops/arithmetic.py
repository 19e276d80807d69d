"""Sums, products, quotients and powers."""

from __future__ import annotations

from typing import Any

from tinygrad_mlp import kernels
from tinygrad_mlp.engine import POSITIVE, Op

_BINARY = "(...),(...)->(...)"


add: Op = Op(
    "add",
    "x y",
    forward="{x} + {y}",
    vjps=(lambda g, out, x, y: g, lambda g, out, x, y: g),
    latex="{x} + {y}",
    symbol="+",
    shapes=_BINARY,
    doc="Sum of two values.",
    example=">>> tg.add(1.0, 2.0)\nnp.float64(3.0)",
)
subtract: Op = Op(
    "subtract",
    "x y",
    forward="{x} - {y}",
    vjps=(lambda g, out, x, y: g, lambda g, out, x, y: -g),
    latex="{x} - {y}",
    symbol="−",
    shapes=_BINARY,
    doc="Difference of two values.",
    example=">>> tg.subtract(1.0, 2.0)\nnp.float64(-1.0)",
)
multiply: Op = Op(
    "multiply",
    "x y",
    forward="{x} * {y}",
    vjps=(lambda g, out, x, y: g * y, lambda g, out, x, y: g * x),
    latex=r"{x} \odot {y}",
    symbol="×",
    shapes=_BINARY,
    doc="Product of two values, element by element.",
    example=">>> tg.multiply([1.0, 2.0], 3.0)\narray([3., 6.])",
)
divide: Op = Op(
    "divide",
    "x y",
    forward="{x} / {y}",
    vjps=(lambda g, out, x, y: g / y, lambda g, out, x, y: -g * (out / y)),
    latex=r"\frac{{{x}}}{{{y}}}",
    symbol="÷",
    shapes=_BINARY,
    doc="Quotient of two values, element by element; division by zero is infinite or nan.",
    example=">>> tg.divide(1.0, 4.0)\nnp.float64(0.25)",
)
negative: Op = Op(
    "negative",
    "x",
    forward="-{x}",
    vjps=(lambda g, out, x: -g,),
    latex="-{x}",
    symbol="−",
    doc="The value with its sign changed.",
    example=">>> tg.negative(1.0)\nnp.float64(-1.0)",
)
exponent_below: Op = Op(
    "exponent_below",
    "y",
    forward="exponent_below({y})",
    vjps=(lambda g, out, y: g,),
    public=False,
    latex="({y} - 1)",
    doc="Exponent of the derivative of a power: y - 1, but 0 where y is 0.",
)
log_of_base: Op = Op(
    "log_of_base",
    "x y",
    forward="log_of_base({x}, {y})",
    vjps=(lambda g, out, x, y: g / x, None),
    public=False,
    latex=r"\log {x}",
    shapes=_BINARY,
    domain=POSITIVE,
    doc="Natural logarithm of x, but 0 where x**y is constant because x is 0.",
)


def _exponent_below(y: Any) -> Any:
    """Return the exponent of the derivative; a Python number stays one, which has no type."""
    return kernels.exponent_below(float(y)) if type(y) in (int, float) else exponent_below(y)


power: Op = Op(
    "power",
    "x y",
    forward="{x} ** {y}",
    vjps=(
        lambda g, out, x, y: g * (y * power(x, _exponent_below(y))),
        lambda g, out, x, y: g * (out * log_of_base(x, y)),
    ),
    latex="{{{x}}}^{{{y}}}",
    symbol="xʸ",
    shapes=_BINARY,
    domain=POSITIVE,
    doc="First value to the power of the second; nan for a fractional power of a negative.",
    example=">>> tg.power(2.0, 3.0)\nnp.float64(8.0)",
)

divide_or_zero: Op = Op(
    "divide_or_zero",
    "x y",
    forward="divide_or_zero({x}, {y})",
    vjps=(
        lambda g, out, x, y: divide_or_zero(g, y),
        lambda g, out, x, y: -g * divide_or_zero(out, y),
    ),
    public=False,
    latex=r"\frac{{{x}}}{{{y}}}",
    symbol="÷",
    shapes=_BINARY,
    domain=POSITIVE,
    doc="Quotient of two values, and 0 wherever the first is 0.",
    example='>>> tg.OPS["divide_or_zero"](0.0, 0.0)\nnp.float64(0.0)',
)
