"""Functions of each number by itself."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.numbers import as_operand, of_one_type
from tinygrad_mlp.core.op import POSITIVE
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.ops.arithmetic import binary, multiply, unary

exp: Op = unary(
    "exp",
    vjps=(lambda g, out, x: g * out,),
    latex="e^{{{x}}}",
    doc="Exponential function.",
    example=">>> tg.exp(0.0)\nnp.float64(1.0)",
)
expm1: Op = unary(
    "expm1",
    vjps=(lambda g, out, x: g * exp(x),),
    latex="e^{{{x}}} - 1",
    doc="Exponential minus 1, exact near 0.",
    example=">>> tg.expm1(1e-20)\nnp.float64(1e-20)",
)
log: Op = unary(
    "log",
    vjps=(lambda g, out, x: g / x,),
    domain=POSITIVE,
    doc="Natural logarithm; -inf at 0 and nan below.",
    example=">>> tg.log(1.0)\nnp.float64(0.0)",
)
log1p: Op = unary(
    "log1p",
    vjps=(lambda g, out, x: g / (1.0 + x),),
    latex=r"\log(1 + {x})",
    domain=(-1.0, np.inf),
    doc="Natural logarithm of 1 + x, exact near 0.",
    example=">>> tg.log1p(1e-20)\nnp.float64(1e-20)",
)
exp2: Op = unary(
    "exp2",
    vjps=(lambda g, out, x: g * out * math.log(2.0),),
    latex="2^{{{x}}}",
    doc="Two to the power of the value.",
    example=">>> tg.exp2(3.0)\nnp.float64(8.0)",
)
log2: Op = unary(
    "log2",
    vjps=(lambda g, out, x: g / x / math.log(2.0),),
    latex=r"\log_2 {x}",
    domain=POSITIVE,
    doc="Logarithm to the base 2; -inf at 0 and nan below.",
    example=">>> tg.log2(8.0)\nnp.float64(3.0)",
)
log10: Op = unary(
    "log10",
    vjps=(lambda g, out, x: g / x / math.log(10.0),),
    latex=r"\log_{{10}} {x}",
    domain=POSITIVE,
    doc="Logarithm to the base 10; -inf at 0 and nan below.",
    example=">>> tg.log10(1000.0)\nnp.float64(3.0)",
)
sqrt: Op = unary(
    "sqrt",
    vjps=(lambda g, out, x: g * 0.5 / out,),
    latex=r"\sqrt{{{x}}}",
    symbol="√",
    domain=POSITIVE,
    doc="Square root; its slope at 0 is infinite.",
    example=">>> tg.sqrt(9.0)\nnp.float64(3.0)",
)
square: Op = unary(
    "square",
    vjps=(lambda g, out, x: g * (2.0 * x),),
    latex="{{{x}}}^2",
    symbol="x²",
    doc="Square.",
    example=">>> tg.square(3.0)\nnp.float64(9.0)",
)
cbrt: Op = unary(
    "cbrt",
    vjps=(lambda g, out, x: g / (3.0 * square(out)),),
    latex=r"\sqrt[3]{{{x}}}",
    symbol="∛",
    doc="Cube root, of negative numbers too; its slope at 0 is infinite.",
    example=">>> tg.cbrt(-1.0)\nnp.float64(-1.0)",
)
reciprocal: Op = unary(
    "reciprocal",
    vjps=(lambda g, out, x: -g * square(out),),
    latex=r"\frac{{1}}{{{x}}}",
    symbol="1/x",
    doc="One divided by the value; infinite at 0.",
    example=">>> tg.reciprocal(4.0)\nnp.float64(0.25)",
)
sign: Op = unary(
    "sign",
    vjps=(None,),
    doc="Sign: -1, 0 or 1; its derivative is taken as 0.",
    example=">>> tg.sign(-3.0)\nnp.float64(-1.0)",
)
abs: Op = unary(  # noqa: A001  NumPy's name
    "abs",
    vjps=(lambda g, out, x: g * sign(x),),
    latex="|{x}|",
    symbol="|x|",
    doc="Absolute value; its slope at 0 is 0.",
    example=">>> tg.abs(-3.0)\nnp.float64(3.0)",
)
sin: Op = unary(
    "sin",
    vjps=(lambda g, out, x: g * cos(x),),
    doc="Sine of an angle in radians.",
    example=">>> tg.sin(0.0)\nnp.float64(0.0)",
)
cos: Op = unary(
    "cos",
    vjps=(lambda g, out, x: -g * sin(x),),
    doc="Cosine of an angle in radians.",
    example=">>> tg.cos(0.0)\nnp.float64(1.0)",
)
tanh_prime: Op = unary(
    "tanh_prime",
    forward="tanh_prime({x})",
    vjps=(lambda g, out, x: g * (-2.0 * tanh(x) * out),),
    latex=r"\tanh'({x})",
    symbol="tanh'",
    doc="Derivative of tanh, 1 / cosh(x)**2, exact where 1 - tanh(x)**2 would cancel.",
    example=">>> tg.tanh_prime(0.0)\nnp.float64(1.0)",
)
tanh: Op = unary(
    "tanh",
    vjps=(lambda g, out, x: g * tanh_prime(x),),
    latex=r"\tanh({x})",
    doc="Hyperbolic tangent.",
    example=">>> tg.tanh(0.0)\nnp.float64(0.0)",
)
sigmoid_prime: Op = Op(
    "sigmoid_prime",
    "z",
    forward="sigmoid_prime({z})",
    vjps=(lambda g, out, z: g * (-tanh(0.5 * z) * out),),
    latex=r"\sigma'({z})",
    symbol="σ'",
    doc="Derivative of the logistic function, exact where s * (1 - s) would cancel.",
    example=">>> tg.sigmoid_prime(0.0)\nnp.float64(0.25)",
)
sigmoid: Op = Op(
    "sigmoid",
    "z",
    forward="sigmoid({z})",
    with_slope="sigmoid_with_slope({z})",
    vjps=(lambda g, out, z: g * sigmoid_prime(z),),
    latex=r"\sigma({z})",
    symbol="σ",
    doc="Logistic function, 1 / (1 + exp(-z)), without overflow.",
    example=">>> tg.sigmoid(0.0)\nnp.float64(0.5)",
)
softplus: Op = unary(
    "softplus",
    forward="softplus({x})",
    vjps=(lambda g, out, x: g * sigmoid(x),),
    latex=r"\log(1 + e^{{{x}}})",
    doc="Smooth relu, log(1 + exp(x)), without overflow.",
    example=">>> tg.softplus(1000.0)\nnp.float64(1000.0)",
)
log_sigmoid: Op = Op(
    "log_sigmoid",
    "z",
    forward="-softplus(-{z})",
    vjps=(lambda g, out, z: g * sigmoid(-z),),
    latex=r"\log \sigma({z})",
    symbol="log σ",
    doc="Logarithm of the logistic function, without overflow.",
    example=">>> tg.log_sigmoid(-1000.0)\nnp.float64(-1000.0)",
)
relu_prime: Op = unary(
    "relu_prime",
    forward="relu_prime({x})",
    vjps=(None,),
    public=False,
    latex=r"[{x} > 0]",
    symbol="relu'",
    doc="Slope of relu: 1 where x is positive, 0 elsewhere; nan for nan.",
    example='>>> tg.OPS["relu_prime"]([-1.0, 0.0, 2.0])\narray([0., 0., 1.])',
)
relu: Op = unary(
    "relu",
    forward="np.maximum({x}, 0.0)",
    vjps=(lambda g, out, x: g * relu_prime(x),),
    latex=r"\max(0, {x})",
    doc="Rectifier: x, or 0 where x is negative; its slope at 0 is 0.",
    example=">>> tg.relu([-1.0, 2.0])\narray([0., 2.])",
)
logaddexp: Op = binary(
    "logaddexp",
    forward="quiet_logaddexp({x}, {y})",
    vjps=(
        lambda g, out, x, y: g * sigmoid(x - y),
        lambda g, out, x, y: g * sigmoid(y - x),
    ),
    latex=r"\log(e^{{{x}}} + e^{{{y}}})",
    doc="Logarithm of the sum of two exponentials, without overflow.",
    example=">>> tg.logaddexp(1000.0, -1000.0)\nnp.float64(1000.0)",
)


@composite
def logaddexp2(x: Any, y: Any) -> Any:
    r"""Return the logarithm to the base 2 of the sum of two powers of 2, $\log_2(2^x + 2^y)$.

    >>> import tinygrad_mlp as tg
    >>> tg.logaddexp2(3.0, 3.0)
    np.float64(4.0)
    """
    x, y = of_one_type(
        as_operand(x, "logaddexp2: x", weak=True), as_operand(y, "logaddexp2: y", weak=True)
    )
    base = math.log(2.0)
    return multiply(logaddexp(multiply(x, base), multiply(y, base)), 1.0 / base)
