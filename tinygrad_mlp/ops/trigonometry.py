"""Angles, triangles, and their hyperbolic counterparts."""

from __future__ import annotations

import math

import numpy as np

from tinygrad_mlp.core.record import Op
from tinygrad_mlp.ops.arithmetic import binary, divide_or_zero, unary
from tinygrad_mlp.ops.elementwise import sqrt, square

_BETWEEN_ONES = (-1.0, 1.0)


tan: Op = unary(
    "tan",
    vjps=(lambda g, out, x: g * (1.0 + square(out)),),
    domain=(-math.pi / 2, math.pi / 2),
    doc="Tangent of an angle in radians.",
    example=">>> tg.tan(0.0)\nnp.float64(0.0)",
)
one_minus_square: Op = unary(
    "one_minus_square",
    forward="(1.0 - {x}) * (1.0 + {x})",  # 1 - x**2 would cancel near the ends
    vjps=(lambda g, out, x: g * (-2.0 * x),),  # that of the factors would cancel near 0
    public=False,
    latex="(1 - {{{x}}}^2)",
    domain=_BETWEEN_ONES,
    doc="One minus the square, exact near -1 and 1.",
    example='>>> tg.OPS["one_minus_square"](0.5)\nnp.float64(0.75)',
)
arcsin: Op = unary(
    "arcsin",
    vjps=(lambda g, out, x: g / sqrt(one_minus_square(x)),),
    domain=_BETWEEN_ONES,
    doc="Angle in radians that has a sine; its slope at -1 and 1 is infinite.",
    example=">>> tg.arcsin(0.0)\nnp.float64(0.0)",
)
arccos: Op = unary(
    "arccos",
    vjps=(lambda g, out, x: -g / sqrt(one_minus_square(x)),),
    domain=_BETWEEN_ONES,
    doc="Angle in radians that has a cosine; its slope at -1 and 1 is infinite.",
    example=">>> tg.arccos(1.0)\nnp.float64(0.0)",
)
direction: Op = binary(
    "direction",
    forward="direction({x}, {y})",
    # y**2 / length**3 and -x * y / length**3, without a difference that would cancel
    vjps=(
        lambda g, out, x, y: g * (divide_or_zero(direction(y, x), hypot(x, y)) * direction(y, x)),
        lambda g, out, x, y: -g * (divide_or_zero(direction(y, x), hypot(x, y)) * out),
    ),
    public=False,
    latex=r"\frac{{{x}}}{{\sqrt{{{x}^2 + {y}^2}}}}",
    doc="Cosine of the angle to the point (x, y), x / hypot(x, y); it is 0 at the origin.",
    example='>>> tg.OPS["direction"](3.0, 4.0)\nnp.float64(0.6)',
)
hypot: Op = binary(
    "hypot",
    forward="np.hypot({x}, {y})",
    vjps=(
        lambda g, out, x, y: g * direction(x, y),
        lambda g, out, x, y: g * direction(y, x),
    ),
    latex=r"\sqrt{{{x}^2 + {y}^2}}",
    doc="Long side of a right triangle, without overflow; its gradient at the origin is 0.",
    example=">>> tg.hypot(3.0, 4.0)\nnp.float64(5.0)",
)
arctan: Op = unary(
    "arctan",
    # hypot, because x**2 could overflow
    vjps=(lambda g, out, x: g / hypot(1.0, x) / hypot(1.0, x),),
    doc="Angle in radians that has a tangent.",
    example=">>> tg.arctan(0.0)\nnp.float64(0.0)",
)
arctan2: Op = binary(
    "arctan2",
    "y x",
    forward="np.arctan2({y}, {x})",
    vjps=(
        lambda g, out, y, x: g * divide_or_zero(direction(x, y), hypot(x, y)),
        lambda g, out, y, x: -g * divide_or_zero(direction(y, x), hypot(x, y)),
    ),
    latex=r"\operatorname{{arctan2}}({y}, {x})",
    doc="Angle from the positive x-axis to the point (x, y); its gradient at the origin is 0.",
    example=">>> tg.arctan2(0.0, 1.0)\nnp.float64(0.0)",
)
sinh: Op = unary(
    "sinh",
    vjps=(lambda g, out, x: g * cosh(x),),
    doc="Hyperbolic sine.",
    example=">>> tg.sinh(0.0)\nnp.float64(0.0)",
)
cosh: Op = unary(
    "cosh",
    vjps=(lambda g, out, x: g * sinh(x),),
    doc="Hyperbolic cosine.",
    example=">>> tg.cosh(0.0)\nnp.float64(1.0)",
)
arcsinh: Op = unary(
    "arcsinh",
    vjps=(lambda g, out, x: g / hypot(1.0, x),),
    latex=r"\operatorname{{arsinh}} {x}",
    doc="Number that has a hyperbolic sine.",
    example=">>> tg.arcsinh(0.0)\nnp.float64(0.0)",
)
arccosh: Op = unary(
    "arccosh",
    vjps=(lambda g, out, x: g / sqrt(x - 1.0) / sqrt(x + 1.0),),
    latex=r"\operatorname{{arcosh}} {x}",
    domain=(1.0, np.inf),
    doc="Positive number that has a hyperbolic cosine; its slope at 1 is infinite.",
    example=">>> tg.arccosh(1.0)\nnp.float64(0.0)",
)
arctanh: Op = unary(
    "arctanh",
    vjps=(lambda g, out, x: g / one_minus_square(x),),
    latex=r"\operatorname{{artanh}} {x}",
    domain=_BETWEEN_ONES,
    doc="Number that has a hyperbolic tangent; infinite at -1 and 1.",
    example=">>> tg.arctanh(0.0)\nnp.float64(0.0)",
)
sinc_slope: Op = unary(
    "sinc_slope",
    options={"order": 1},
    forward="sinc_slope({x}, {order})",
    vjps=(lambda g, out, x, order: g * sinc_slope(x, order=order + 1),),
    public=False,
    latex=r"\operatorname{{sinc}}^{{({order})}}({x})",
    symbol="sinc'",
    doc="Derivative of sinc, of that order; exact near 0, where its formula would cancel.",
    example='>>> tg.OPS["sinc_slope"](1.0)\nnp.float64(-1.0)',
)
sinc: Op = unary(
    "sinc",
    forward="sinc({x})",
    vjps=(lambda g, out, x: g * sinc_slope(x, order=1),),
    latex=r"\operatorname{{sinc}}({x})",
    doc="Sine of pi x, divided by pi x; 1 at 0.",
    example=">>> tg.sinc([0.0, 0.5, 1.5])\narray([ 1.        ,  0.63661977, -0.21220659])",
)
