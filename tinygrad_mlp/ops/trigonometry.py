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
arcsin: Op = Op(
    "arcsin",
    "x",
    forward="np.arcsin({x})",
    # 1 - x**2 would cancel near the ends.
    vjps=(lambda g, out, x: g / sqrt((1.0 - x) * (1.0 + x)),),
    latex=r"\arcsin {x}",
    domain=_BETWEEN_ONES,
    doc="Angle in radians that has a sine; its slope at -1 and 1 is infinite.",
    example=">>> tg.arcsin(0.0)\nnp.float64(0.0)",
)
arccos: Op = Op(
    "arccos",
    "x",
    forward="np.arccos({x})",
    vjps=(lambda g, out, x: -g / sqrt((1.0 - x) * (1.0 + x)),),
    latex=r"\arccos {x}",
    domain=_BETWEEN_ONES,
    doc="Angle in radians that has a cosine; its slope at -1 and 1 is infinite.",
    example=">>> tg.arccos(1.0)\nnp.float64(0.0)",
)
hypot: Op = Op(
    "hypot",
    "x y",
    forward="np.hypot({x}, {y})",
    vjps=(
        lambda g, out, x, y: g * divide_or_zero(x, out),
        lambda g, out, x, y: g * divide_or_zero(y, out),
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
    # twice by the length, because its square could overflow
    vjps=(
        lambda g, out, y, x: g * divide_or_zero(divide_or_zero(x, hypot(x, y)), hypot(x, y)),
        lambda g, out, y, x: -g * divide_or_zero(divide_or_zero(y, hypot(x, y)), hypot(x, y)),
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
    vjps=(lambda g, out, x: g / ((1.0 - x) * (1.0 + x)),),
    latex=r"\operatorname{{artanh}} {x}",
    domain=_BETWEEN_ONES,
    doc="Number that has a hyperbolic tangent; infinite at -1 and 1.",
    example=">>> tg.arctanh(0.0)\nnp.float64(0.0)",
)
