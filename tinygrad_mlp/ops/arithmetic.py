"""Sums, products, quotients and powers; and how rows of one and of two arguments are begun."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinygrad_mlp import kernels
from tinygrad_mlp.core.op import POSITIVE
from tinygrad_mlp.core.operators import Operators
from tinygrad_mlp.core.record import Op

#: What LaTeX has a command for.
_COMMANDS = "sin cos tan arcsin arccos arctan sinh cosh log max min"


def unary(name: str, **declared: Any) -> Op:
    """Return the row of one argument: NumPy's function of that name, unless a formula is given."""
    return Op(name, "x", **numpys(name, declared.get("options", ())) | declared)


def numpys(name: str, options: Iterable[str] = ()) -> dict[str, Any]:
    """Return what is declared of NumPy's function of that name: its formula, here and in LaTeX."""
    written = rf"\{name}" if name in _COMMANDS.split() else rf"\operatorname{{{{{name}}}}}"
    named = "".join(f", {option}={{{option}}}" for option in options)
    return {"forward": f"np.{name}({{x}}{named})", "latex": f"{written} {{x}}"}


def binary(name: str, parameters: str = "x y", **declared: Any) -> Op:
    """Return the row of a function of two numbers, for arrays that are broadcast."""
    return Op(name, parameters, shapes="(...),(...)->(...)", **declared)


add: Op = binary(
    "add",
    forward="{x} + {y}",
    vjps=(lambda g, out, x, y: g, lambda g, out, x, y: g),
    latex="{x} + {y}",
    symbol="+",
    doc="Sum of two values.",
    example=">>> tg.add(1.0, 2.0)\nnp.float64(3.0)",
)
subtract: Op = binary(
    "subtract",
    forward="{x} - {y}",
    vjps=(lambda g, out, x, y: g, lambda g, out, x, y: -g),
    latex="{x} - {y}",
    symbol="−",
    doc="Difference of two values.",
    example=">>> tg.subtract(1.0, 2.0)\nnp.float64(-1.0)",
)
multiply: Op = binary(
    "multiply",
    forward="{x} * {y}",
    vjps=(lambda g, out, x, y: g * y, lambda g, out, x, y: g * x),
    latex=r"{x} \odot {y}",
    symbol="×",
    doc="Product of two values, element by element.",
    example=">>> tg.multiply([1.0, 2.0], 3.0)\narray([3., 6.])",
)
divide: Op = binary(
    "divide",
    forward="{x} / {y}",
    vjps=(lambda g, out, x, y: g / y, lambda g, out, x, y: -g * (out / y)),
    latex=r"\frac{{{x}}}{{{y}}}",
    symbol="÷",
    doc="Quotient of two values, element by element; division by zero is infinite or nan.",
    example=">>> tg.divide(1.0, 4.0)\nnp.float64(0.25)",
)
negative: Op = unary(
    "negative",
    forward="-{x}",
    vjps=(lambda g, out, x: -g,),
    latex="-{x}",
    symbol="−",
    doc="The value with its sign changed.",
    example=">>> tg.negative(1.0)\nnp.float64(-1.0)",
)
power_slope: Op = binary(
    "power_slope",
    options={"by_x": 0, "by_y": 0},
    forward="power_slope({x}, {y}, {by_x}, {by_y})",
    vjps=(
        lambda g, out, x, y, by_x, by_y: g * power_slope(x, y, by_x=by_x + 1, by_y=by_y),
        lambda g, out, x, y, by_x, by_y: g * power_slope(x, y, by_x=by_x, by_y=by_y + 1),
    ),
    public=False,
    latex="D_1^{{{by_x}}} D_2^{{{by_y}}} {{{x}}}^{{{y}}}",
    domain=POSITIVE,
    doc="Derivative of x**y, taken so often by x and so often by y; exact where x is 0.",
    example='>>> tg.OPS["power_slope"](2.0, 3.0, by_x=1)\nnp.float64(12.0)',
)


# The two slopes that a reader meets, as one would write them.
power_by_base: Op = binary(
    "power_by_base",
    forward="{y} * {x} ** exponent_below({y})",
    vjps=(
        lambda g, out, x, y: g * power_slope(x, y, by_x=2),
        lambda g, out, x, y: g * power_slope(x, y, by_x=1, by_y=1),
    ),
    public=False,
    latex=r"{y} \odot {{{x}}}^{{{y} - 1}}",
    domain=POSITIVE,
    doc="Derivative of x**y by x, y * x**(y - 1), and 0 where y is 0.",
    example='>>> tg.OPS["power_by_base"](2.0, 3.0)\nnp.float64(12.0)',
)
power_by_exponent: Op = binary(
    "power_by_exponent",
    forward="{x} ** {y} * log_of_base({x}, {y})",
    vjps=(
        lambda g, out, x, y: g * power_slope(x, y, by_x=1, by_y=1),
        lambda g, out, x, y: g * power_slope(x, y, by_y=2),
    ),
    public=False,
    latex=r"{{{x}}}^{{{y}}} \odot \log {x}",
    domain=POSITIVE,
    doc="Derivative of x**y by y, x**y * log(x), and 0 for 0**y, y >= 0.",
    example='>>> tg.OPS["power_by_exponent"](1.0, 3.0)\nnp.float64(0.0)',
)


def _vjp_power_x(g: Any, out: Any, x: Any, y: Any) -> Any:
    if isinstance(y, Operators):  # the slope may be differentiated by y too
        return g * power_by_base(x, y)
    return g * (y * x ** kernels.exponent_below(y))


power: Op = binary(
    "power",
    forward="{x} ** {y}",
    vjps=(_vjp_power_x, lambda g, out, x, y: g * power_by_exponent(x, y)),
    latex="{{{x}}}^{{{y}}}",
    symbol="xʸ",
    domain=POSITIVE,
    doc="First value to the power of the second; nan for a fractional power of a negative.",
    example=">>> tg.power(2.0, 3.0)\nnp.float64(8.0)",
)

divide_or_zero: Op = binary(
    "divide_or_zero",
    forward="divide_or_zero({x}, {y})",
    vjps=(
        lambda g, out, x, y: divide_or_zero(g, y),
        lambda g, out, x, y: -g * divide_or_zero(out, y),
    ),
    public=False,
    latex=r"\frac{{{x}}}{{{y}}}",
    symbol="÷",
    domain=POSITIVE,
    doc="Quotient of two values, and 0 wherever the first is 0.",
    example='>>> tg.OPS["divide_or_zero"](0.0, 0.0)\nnp.float64(0.0)',
)
