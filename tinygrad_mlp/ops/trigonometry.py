"""Angles, triangles, and their hyperbolic counterparts."""

from __future__ import annotations

import math

import numpy as np

from tinygrad_mlp.engine import Op
from tinygrad_mlp.ops.arithmetic import divide_or_zero
from tinygrad_mlp.ops.elementwise import sqrt, square

_BINARY = "(...),(...)->(...)"
_BETWEEN_ONES = (-1.0, 1.0)


tan: Op = Op(
    "tan",
    "x",
    forward="np.tan({x})",
    vjps=(lambda g, out, x: g * (1.0 + square(out)),),
    latex=r"\tan {x}",
    domain=(-math.pi / 2, math.pi / 2),
    doc="Tangent of an angle in radians.",
    example=">>> tg.tan(0.0)\nnp.float64(0.0)",
)
one_minus_square: Op = Op(
    "one_minus_square",
    "x",
    forward="(1.0 - {x}) * (1.0 + {x})",  # 1 - x**2 would cancel near the ends
    vjps=(lambda g, out, x: g * (-2.0 * x),),  # that of the factors would cancel near 0
    public=False,
    latex="(1 - {{{x}}}^2)",
    domain=_BETWEEN_ONES,
    doc="One minus the square, exact near -1 and 1.",
    example='>>> tg.OPS["one_minus_square"](0.5)\nnp.float64(0.75)',
)
arcsin: Op = Op(
    "arcsin",
    "x",
    forward="np.arcsin({x})",
    vjps=(lambda g, out, x: g / sqrt(one_minus_square(x)),),
    latex=r"\arcsin {x}",
    domain=_BETWEEN_ONES,
    doc="Angle in radians that has a sine; its slope at -1 and 1 is infinite.",
    example=">>> tg.arcsin(0.0)\nnp.float64(0.0)",
)
arccos: Op = Op(
    "arccos",
    "x",
    forward="np.arccos({x})",
    vjps=(lambda g, out, x: -g / sqrt(one_minus_square(x)),),
    latex=r"\arccos {x}",
    domain=_BETWEEN_ONES,
    doc="Angle in radians that has a cosine; its slope at -1 and 1 is infinite.",
    example=">>> tg.arccos(1.0)\nnp.float64(0.0)",
)
direction: Op = Op(
    "direction",
    "x y",
    forward="direction({x}, {y})",
    # y**2 / length**3 and -x * y / length**3, without a difference that would cancel
    vjps=(
        lambda g, out, x, y: g * (divide_or_zero(direction(y, x), hypot(x, y)) * direction(y, x)),
        lambda g, out, x, y: -g * (divide_or_zero(direction(y, x), hypot(x, y)) * out),
    ),
    public=False,
    latex=r"\frac{{{x}}}{{\sqrt{{{x}^2 + {y}^2}}}}",
    shapes=_BINARY,
    doc="Cosine of the angle to the point (x, y), x / hypot(x, y); it is 0 at the origin.",
    example='>>> tg.OPS["direction"](3.0, 4.0)\nnp.float64(0.6)',
)
hypot: Op = Op(
    "hypot",
    "x y",
    forward="np.hypot({x}, {y})",
    vjps=(
        lambda g, out, x, y: g * direction(x, y),
        lambda g, out, x, y: g * direction(y, x),
    ),
    latex=r"\sqrt{{{x}^2 + {y}^2}}",
    shapes=_BINARY,
    doc="Long side of a right triangle, without overflow; its gradient at the origin is 0.",
    example=">>> tg.hypot(3.0, 4.0)\nnp.float64(5.0)",
)
arctan: Op = Op(
    "arctan",
    "x",
    forward="np.arctan({x})",
    # hypot, because x**2 could overflow
    vjps=(lambda g, out, x: g / hypot(1.0, x) / hypot(1.0, x),),
    latex=r"\arctan {x}",
    doc="Angle in radians that has a tangent.",
    example=">>> tg.arctan(0.0)\nnp.float64(0.0)",
)
arctan2: Op = Op(
    "arctan2",
    "y x",
    forward="np.arctan2({y}, {x})",
    vjps=(
        lambda g, out, y, x: g * divide_or_zero(direction(x, y), hypot(x, y)),
        lambda g, out, y, x: -g * divide_or_zero(direction(y, x), hypot(x, y)),
    ),
    latex=r"\operatorname{{arctan2}}({y}, {x})",
    shapes=_BINARY,
    doc="Angle from the positive x-axis to the point (x, y); its gradient at the origin is 0.",
    example=">>> tg.arctan2(0.0, 1.0)\nnp.float64(0.0)",
)
sinh: Op = Op(
    "sinh",
    "x",
    forward="np.sinh({x})",
    vjps=(lambda g, out, x: g * cosh(x),),
    latex=r"\sinh {x}",
    doc="Hyperbolic sine.",
    example=">>> tg.sinh(0.0)\nnp.float64(0.0)",
)
cosh: Op = Op(
    "cosh",
    "x",
    forward="np.cosh({x})",
    vjps=(lambda g, out, x: g * sinh(x),),
    latex=r"\cosh {x}",
    doc="Hyperbolic cosine.",
    example=">>> tg.cosh(0.0)\nnp.float64(1.0)",
)
arcsinh: Op = Op(
    "arcsinh",
    "x",
    forward="np.arcsinh({x})",
    vjps=(lambda g, out, x: g / hypot(1.0, x),),
    latex=r"\operatorname{{arsinh}} {x}",
    doc="Number that has a hyperbolic sine.",
    example=">>> tg.arcsinh(0.0)\nnp.float64(0.0)",
)
arccosh: Op = Op(
    "arccosh",
    "x",
    forward="np.arccosh({x})",
    vjps=(lambda g, out, x: g / sqrt(x - 1.0) / sqrt(x + 1.0),),
    latex=r"\operatorname{{arcosh}} {x}",
    domain=(1.0, np.inf),
    doc="Positive number that has a hyperbolic cosine; its slope at 1 is infinite.",
    example=">>> tg.arccosh(1.0)\nnp.float64(0.0)",
)
arctanh: Op = Op(
    "arctanh",
    "x",
    forward="np.arctanh({x})",
    vjps=(lambda g, out, x: g / one_minus_square(x),),
    latex=r"\operatorname{{artanh}} {x}",
    domain=_BETWEEN_ONES,
    doc="Number that has a hyperbolic tangent; infinite at -1 and 1.",
    example=">>> tg.arctanh(0.0)\nnp.float64(0.0)",
)
