"""The table: one row for each operation, and the functions that are made of rows.

A rule sees ``g``, the gradient of the result, and ``out``, the result.  It is written in operators
and in functions of this table, so it computes with arrays in an ordinary backward pass and records
itself with Values when a derivative of the derivative is wanted.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from tinygrad_mlp.engine import OPS, POSITIVE, UNIT_INTERVAL, Op, Rule
from tinygrad_mlp.errors import DataTypeError, ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.operators import FUNCTIONS

_BINARY = "(...),(...)->(...)"

# ----- Arithmetic -----

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
    latex="({y} - 1)",
    doc="Exponent of the derivative of a power: y - 1, but 0 where y is 0.",
)
log_of_base: Op = Op(
    "log_of_base",
    "x y",
    forward="log_of_base({x}, {y})",
    vjps=(lambda g, out, x, y: g / x, None),
    latex=r"\log {x}",
    shapes=_BINARY,
    domain=POSITIVE,
    doc="Natural logarithm of x, but 0 where x**y is constant because x is 0.",
)
power: Op = Op(
    "power",
    "x y",
    forward="{x} ** {y}",
    vjps=(
        lambda g, out, x, y: g * (y * power(x, exponent_below(y))),
        lambda g, out, x, y: g * (out * log_of_base(x, y)),
    ),
    latex="{{{x}}}^{{{y}}}",
    symbol="xʸ",
    shapes=_BINARY,
    domain=POSITIVE,
    doc="First value to the power of the second; nan for a fractional power of a negative.",
    example=">>> tg.power(2.0, 3.0)\nnp.float64(8.0)",
)

copy: Op = Op(
    "copy",
    "x",
    forward="np.copy({x})",
    vjps=(lambda g, out, x: g,),
    latex="{x}",
    symbol="=",
    doc="The same numbers, as a value of its own in the graph.",
    example=">>> tg.copy([1.0, 2.0])\narray([1., 2.])",
)
stop_gradient: Op = Op(
    "stop_gradient",
    "x",
    forward="{x}",
    vjps=(None,),
    latex="{x}",
    symbol="stop",
    doc="The value itself, taken as a constant: no gradient passes.",
    example=">>> x = tg.Value(3.0)\n>>> tg.grad(x * tg.stop_gradient(x), x)\nnp.float64(3.0)",
)

# ----- Elementwise functions -----

exp: Op = Op(
    "exp",
    "x",
    forward="np.exp({x})",
    vjps=(lambda g, out, x: g * out,),
    latex="e^{{{x}}}",
    doc="Exponential function.",
    example=">>> tg.exp(0.0)\nnp.float64(1.0)",
)
expm1: Op = Op(
    "expm1",
    "x",
    forward="np.expm1({x})",
    vjps=(lambda g, out, x: g * exp(x),),
    latex="e^{{{x}}} - 1",
    doc="Exponential minus 1, exact near 0.",
    example=">>> tg.expm1(1e-20)\nnp.float64(1e-20)",
)
log: Op = Op(
    "log",
    "x",
    forward="np.log({x})",
    vjps=(lambda g, out, x: g / x,),
    latex=r"\log {x}",
    domain=POSITIVE,
    doc="Natural logarithm; -inf at 0 and nan below.",
    example=">>> tg.log(1.0)\nnp.float64(0.0)",
)
log1p: Op = Op(
    "log1p",
    "x",
    forward="np.log1p({x})",
    vjps=(lambda g, out, x: g / (1.0 + x),),
    latex=r"\log(1 + {x})",
    domain=(-1.0, np.inf),
    doc="Natural logarithm of 1 + x, exact near 0.",
    example=">>> tg.log1p(1e-20)\nnp.float64(1e-20)",
)
sqrt: Op = Op(
    "sqrt",
    "x",
    forward="np.sqrt({x})",
    vjps=(lambda g, out, x: g * 0.5 / out,),
    latex=r"\sqrt{{{x}}}",
    symbol="√",
    domain=POSITIVE,
    doc="Square root; its slope at 0 is infinite.",
    example=">>> tg.sqrt(9.0)\nnp.float64(3.0)",
)
square: Op = Op(
    "square",
    "x",
    forward="np.square({x})",
    vjps=(lambda g, out, x: g * (2.0 * x),),
    latex="{{{x}}}^2",
    symbol="x²",
    doc="Square.",
    example=">>> tg.square(3.0)\nnp.float64(9.0)",
)
sign: Op = Op(
    "sign",
    "x",
    forward="np.sign({x})",
    vjps=(None,),
    latex=r"\operatorname{{sign}} {x}",
    doc="Sign: -1, 0 or 1; its derivative is taken as 0.",
    example=">>> tg.sign(-3.0)\nnp.float64(-1.0)",
)
abs: Op = Op(  # noqa: A001  NumPy's name
    "abs",
    "x",
    forward="np.abs({x})",
    vjps=(lambda g, out, x: g * sign(x),),
    latex="|{x}|",
    symbol="|x|",
    doc="Absolute value; its slope at 0 is 0.",
    example=">>> tg.abs(-3.0)\nnp.float64(3.0)",
)
sin: Op = Op(
    "sin",
    "x",
    forward="np.sin({x})",
    vjps=(lambda g, out, x: g * cos(x),),
    latex=r"\sin {x}",
    doc="Sine of an angle in radians.",
    example=">>> tg.sin(0.0)\nnp.float64(0.0)",
)
cos: Op = Op(
    "cos",
    "x",
    forward="np.cos({x})",
    vjps=(lambda g, out, x: -g * sin(x),),
    latex=r"\cos {x}",
    doc="Cosine of an angle in radians.",
    example=">>> tg.cos(0.0)\nnp.float64(1.0)",
)
tanh_prime: Op = Op(
    "tanh_prime",
    "x",
    forward="tanh_prime({x})",
    vjps=(lambda g, out, x: g * (-2.0 * tanh(x) * out),),
    latex=r"\tanh'({x})",
    doc="Derivative of tanh, 1 / cosh(x)**2, exact where 1 - tanh(x)**2 would cancel.",
    example=">>> tg.tanh_prime(0.0)\nnp.float64(1.0)",
)
tanh: Op = Op(
    "tanh",
    "x",
    forward="np.tanh({x})",
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
    vjps=(lambda g, out, z: g * sigmoid_prime(z),),
    latex=r"\sigma({z})",
    symbol="σ",
    doc="Logistic function, 1 / (1 + exp(-z)), without overflow.",
    example=">>> tg.sigmoid(0.0)\nnp.float64(0.5)",
)
softplus: Op = Op(
    "softplus",
    "x",
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
relu: Op = Op(
    "relu",
    "x",
    forward="np.maximum({x}, 0.0)",
    vjps=(lambda g, out, x: g * (x > 0),),
    latex=r"\max(0, {x})",
    doc="Rectifier: x, or 0 where x is negative; its slope at 0 is 0.",
    example=">>> tg.relu([-1.0, 2.0])\narray([0., 2.])",
)

# ----- Selections -----

larger_share: Op = Op(
    "larger_share",
    "x y",
    forward="larger_share({x}, {y})",
    vjps=(None, None),
    latex="[{x} > {y}]",
    shapes=_BINARY,
    doc="Share of x in maximum(x, y): 1, 0, or 1/2 at a tie.",
    example=">>> tg.larger_share(2.0, 2.0)\nnp.float64(0.5)",
)
maximum: Op = Op(
    "maximum",
    "x y",
    forward="np.maximum({x}, {y})",
    vjps=(
        lambda g, out, x, y: g * larger_share(x, y),
        lambda g, out, x, y: g * larger_share(y, x),
    ),
    latex=r"\max({x}, {y})",
    shapes=_BINARY,
    doc="Larger of two values, element by element; a tie shares the gradient evenly.",
    example=">>> tg.maximum([1.0, 5.0], 3.0)\narray([3., 5.])",
)
minimum: Op = Op(
    "minimum",
    "x y",
    forward="np.minimum({x}, {y})",
    vjps=(
        lambda g, out, x, y: g * larger_share(y, x),
        lambda g, out, x, y: g * larger_share(x, y),
    ),
    latex=r"\min({x}, {y})",
    shapes=_BINARY,
    doc="Smaller of two values, element by element; a tie shares the gradient evenly.",
    example=">>> tg.minimum([1.0, 5.0], 3.0)\narray([1., 3.])",
)
where: Op = Op(
    "where",
    "condition x y",
    forward="np.where({condition}, {x}, {y})",
    vjps=(
        None,
        lambda g, out, condition, x, y: where(condition, g, 0.0),
        lambda g, out, condition, x, y: where(condition, 0.0, g),
    ),
    latex=r"\begin{{cases}}{x} & {condition}\\{y}\end{{cases}}",
    shapes="(...),(...),(...)->(...)",
    selects=True,
    doc="x where the condition holds and y elsewhere; the branch not taken has no influence, "
    "even if it is infinite or nan.",
    example=">>> tg.where([True, False], [1.0, 2.0], 0.0)\narray([1., 0.])",
)


def _clip_options(x: Array, a_min: Any, a_max: Any) -> dict[str, Any]:
    if a_min is None and a_max is None:
        raise TypeError("clip: give a_min, a_max or both")
    for name, bound in (("a_min", a_min), ("a_max", a_max)):
        if not (bound is None or isinstance(bound, int | float | np.number)):
            raise TypeError(
                f"clip: {name} must be a number or None, got {bound!r:.80}; "
                "maximum and minimum take arrays and Values"
            )
    lowest = -np.inf if a_min is None else float(a_min)
    highest = np.inf if a_max is None else float(a_max)
    if not lowest <= highest:
        raise ValueError(f"clip: wanted a_min <= a_max, got a_min = {a_min} and a_max = {a_max}")
    return {"a_min": lowest, "a_max": highest}


clip: Op = Op(
    "clip",
    "x",
    options={"a_min": None, "a_max": None},
    prepare=_clip_options,
    forward="np.clip({x}, {a_min}, {a_max})",
    vjps=(lambda g, out, x, a_min, a_max: g * ((x >= a_min) & (x <= a_max)),),
    latex=r"\min(\max({x}, {a_min}), {a_max})",
    doc="x limited to the interval from a_min to a_max; the slope is 1 inside and at its ends.",
    example=">>> tg.clip([-1.0, 0.5, 2.0], 0.0, 1.0)\narray([0. , 0.5, 1. ])",
)

# ----- Reductions -----


def _reduction_options(x: Array, axis: Any, keepdims: bool = False) -> dict[str, Any]:
    """Return axis as None or a tuple of axes counted from the front."""
    if not isinstance(keepdims, bool | np.bool_):  # NumPy's third argument is another
        raise TypeError(f"keepdims must be True or False, got {keepdims!r:.80}")
    return {"axis": None if axis is None else _axes(x, axis), "keepdims": bool(keepdims)}


def _axes(x: Array, axis: Any) -> tuple[int, ...]:
    ndim = np.ndim(x)
    result = []
    for one in axis if isinstance(axis, tuple | list) else (axis,):
        if isinstance(one, bool) or not isinstance(one, int | np.integer):
            raise TypeError(f"axis must be None, an int or a tuple of ints, got {axis!r}")
        if not -ndim <= one < ndim:
            raise ShapeError(f"axis {one} does not exist: the value has shape {np.shape(x)}")
        result.append(int(one) % ndim)
    if len(set(result)) < len(result):
        raise ValueError(f"axis names one axis twice: {axis!r}")
    return tuple(result)


def _unreduced(reduced: Any, axis: tuple[int, ...] | None, keepdims: bool) -> Any:
    """Return what a reduction gave, with the reduced axes back as axes of length 1."""
    if keepdims or axis is None or axis == ():
        return reduced
    return expand_dims(reduced, axis)


def _count(x: Any, axis: tuple[int, ...] | None) -> int:
    """Return how many elements of ``x`` are reduced to one."""
    return math.prod(x.shape if axis is None else (x.shape[a] for a in axis))


_REDUCTION = {"axis": None, "keepdims": False}

sum: Op = Op(  # noqa: A001  NumPy's name
    "sum",
    "x",
    options=_REDUCTION,
    prepare=_reduction_options,
    forward="np.sum({x}, axis={axis}, keepdims={keepdims})",
    vjps=(lambda g, out, x, axis, keepdims: broadcast_to(_unreduced(g, axis, keepdims), x.shape),),
    latex=r"\sum {x}",
    symbol="Σ",
    shapes="(...)->()",
    doc="Sum over axes; over all of them by default.",
    example=">>> tg.sum([[1.0, 2.0], [3.0, 4.0]], axis=0)\narray([4., 6.])",
)
mean: Op = Op(
    "mean",
    "x",
    options=_REDUCTION,
    prepare=_reduction_options,
    forward="np.mean({x}, axis={axis}, keepdims={keepdims})",
    vjps=(
        lambda g, out, x, axis, keepdims: broadcast_to(
            _unreduced(g / builtins.max(_count(x, axis), 1), axis, keepdims), x.shape
        ),
    ),
    latex=r"\operatorname{{mean}} {x}",
    shapes="(...)->()",
    doc="Arithmetic mean over axes; over all of them by default.",
    example=">>> tg.mean([1.0, 2.0, 6.0])\nnp.float64(3.0)",
)
max_share: Op = Op(
    "max_share",
    "x",
    options={"axis": None},
    forward="max_share({x}, {axis})",
    vjps=(None,),
    latex=r"[{x} = \max {x}]",
    doc="Share of each element in the maximum over axes; ties share evenly.",
    example=">>> tg.max_share([1.0, 3.0, 3.0])\narray([0. , 0.5, 0.5])",
)
max: Op = Op(  # noqa: A001  NumPy's name
    "max",
    "x",
    options=_REDUCTION,
    prepare=_reduction_options,
    forward="np.max({x}, axis={axis}, keepdims={keepdims})",
    vjps=(
        lambda g, out, x, axis, keepdims: _unreduced(g, axis, keepdims) * max_share(x, axis=axis),
    ),
    latex=r"\max {x}",
    shapes="(...)->()",
    doc="Largest element over axes; ties share the gradient evenly.",
    example=">>> tg.max([1.0, 3.0, 2.0])\nnp.float64(3.0)",
)
min: Op = Op(  # noqa: A001  NumPy's name
    "min",
    "x",
    options=_REDUCTION,
    prepare=_reduction_options,
    forward="np.min({x}, axis={axis}, keepdims={keepdims})",
    vjps=(
        lambda g, out, x, axis, keepdims: _unreduced(g, axis, keepdims) * max_share(-x, axis=axis),
    ),
    latex=r"\min {x}",
    shapes="(...)->()",
    doc="Smallest element over axes; ties share the gradient evenly.",
    example=">>> tg.min([1.0, 3.0, 2.0])\nnp.float64(1.0)",
)


def _product_axes(x: Array, axis: Any) -> dict[str, Any]:
    return {"axis": tuple(range(np.ndim(x))) if axis is None else _axes(x, axis)}


def _vjp_product_of_others(g: Any, out: Any, x: Any, axis: tuple[int, ...]) -> Any:
    """Sum of the rows ``g_i * product of all but i and j``: one row for each element i."""
    rest = tuple(a for a in range(x.ndim) if a not in axis)
    order = (*axis, *rest)
    lengths = tuple(x.shape[a] for a in order)
    count = _count(x, axis)
    flat = (count, *lengths[len(axis) :])
    is_i = np.eye(count, dtype=bool).reshape(count, count, *(1,) * len(rest))
    elements, upstream = (reshape(transpose(v, order), flat) for v in (x, g))
    without_i = product_of_others(where(is_i, 1.0, elements), axis=1)
    rows = where(is_i, 0.0, expand_dims(upstream, 1) * without_i)
    return transpose(reshape(sum(rows, axis=0), lengths), np.argsort(order))


product_of_others: Op = Op(
    "product_of_others",
    "x",
    options={"axis": None},
    prepare=_product_axes,
    forward="product_of_others({x}, {axis})",
    vjps=(_vjp_product_of_others,),
    latex=r"\prod_{{j \ne i}} {x}_j",
    doc="Product over axes of all elements but the one in place; right with zeros.",
    example=">>> tg.product_of_others([0.0, 2.0, 3.0])\narray([6., 0., 0.])",
)
prod: Op = Op(
    "prod",
    "x",
    options=_REDUCTION,
    prepare=_reduction_options,
    forward="np.prod({x}, axis={axis}, keepdims={keepdims})",
    vjps=(
        lambda g, out, x, axis, keepdims: (
            _unreduced(g, axis, keepdims) * product_of_others(x, axis=axis)
        ),
    ),
    latex=r"\prod {x}",
    symbol="Π",
    shapes="(...)->()",
    doc="Product over axes; its gradient is right with zeros too.",
    example=">>> tg.prod([2.0, 3.0, 4.0])\nnp.float64(24.0)",
)
divide_or_zero: Op = Op(
    "divide_or_zero",
    "x y",
    forward="divide_or_zero({x}, {y})",
    vjps=(
        lambda g, out, x, y: divide_or_zero(g, y),
        lambda g, out, x, y: -g * divide_or_zero(out, y),
    ),
    latex=r"\frac{{{x}}}{{{y}}}",
    symbol="÷",
    shapes=_BINARY,
    domain=POSITIVE,
    doc="Quotient of two values, and 0 wherever the first is 0.",
    example=">>> tg.divide_or_zero(0.0, 0.0)\nnp.float64(0.0)",
)
norm: Op = Op(
    "norm",
    "x",
    options=_REDUCTION,
    prepare=_reduction_options,
    forward="norm({x}, {axis}, {keepdims})",
    vjps=(
        lambda g, out, x, axis, keepdims: (
            _unreduced(g, axis, keepdims) * divide_or_zero(x, _unreduced(out, axis, keepdims))
        ),
    ),
    latex=r"\lVert {x} \rVert",
    symbol="‖x‖",
    shapes="(...)->()",
    doc="Euclidean length over axes; its gradient at 0 is 0, the smallest subgradient.",
    example=">>> tg.norm([3.0, 4.0])\nnp.float64(5.0)",
)
logsumexp: Op = Op(
    "logsumexp",
    "x",
    options=_REDUCTION,
    prepare=_reduction_options,
    forward="logsumexp({x}, {axis}, {keepdims})",
    vjps=(lambda g, out, x, axis, keepdims: _unreduced(g, axis, keepdims) * softmax(x, axis),),
    latex=r"\log \sum e^{{{x}}}",
    shapes="(...)->()",
    doc="Logarithm of the sum of exponentials over axes, without overflow.",
    example=">>> tg.logsumexp([1000.0, 1000.0])\nnp.float64(1000.6931471805599)",
)


def _softmax_options(x: Array, axis: Any) -> dict[str, Any]:
    return {"axis": None if axis is None else _axes(x, axis)}


softmax: Op = Op(
    "softmax",
    "x",
    options={"axis": -1},
    prepare=_softmax_options,
    forward="softmax({x}, {axis})",
    vjps=(lambda g, out, x, axis: out * (g - sum(g * out, axis=axis, keepdims=True)),),
    latex=r"\operatorname{{softmax}} {x}",
    doc="Exponentials divided by their sum over axes, the last one by default.",
    example=">>> tg.softmax([0.0, 0.0])\narray([0.5, 0.5])",
)
log_softmax: Op = Op(
    "log_softmax",
    "x",
    options={"axis": -1},
    prepare=_softmax_options,
    forward="log_softmax({x}, {axis})",
    vjps=(lambda g, out, x, axis: g - exp(out) * sum(g, axis=axis, keepdims=True),),
    latex=r"\log \operatorname{{softmax}} {x}",
    doc="Logarithm of the softmax over axes, the last one by default.",
    example=">>> tg.log_softmax([0.0, -1000.0])\narray([    0., -1000.])",
)

# ----- Shapes and types -----


def _reshape_options(x: Array, shape: Any) -> dict[str, Any]:
    lengths = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    if not all(isinstance(n, int | np.integer) for n in lengths):
        raise TypeError(f"shape must be an int or a tuple of ints, got {shape!r}")
    return {"shape": tuple(int(n) for n in lengths)}


reshape: Op = Op(
    "reshape",
    "x",
    options={"shape": (-1,)},
    prepare=_reshape_options,
    forward="np.reshape({x}, {shape})",
    vjps=(lambda g, out, x, shape: reshape(g, x.shape),),
    latex=r"\operatorname{{reshape}} {x}",
    doc="The same elements in another shape; one length may be -1.",
    example=">>> tg.reshape([1.0, 2.0, 3.0, 4.0], (2, 2))\narray([[1., 2.],\n       [3., 4.]])",
)


def _transpose_options(x: Array, axes: Any) -> dict[str, Any]:
    order = tuple(range(np.ndim(x)))[::-1] if axes is None else _axes(x, tuple(axes))
    if len(order) != np.ndim(x):
        raise ShapeError(f"transpose: axes {axes!r} must name every axis of shape {np.shape(x)}")
    return {"axes": order}


transpose: Op = Op(
    "transpose",
    "x",
    options={"axes": None},
    prepare=_transpose_options,
    forward="np.transpose({x}, {axes})",
    vjps=(lambda g, out, x, axes: transpose(g, np.argsort(axes)),),
    latex=r"{x}^\mathsf{{T}}",
    symbol="ᵀ",
    doc="The value with its axes in another order; reversed by default.",
    example=">>> tg.transpose([[1.0, 2.0]])\narray([[1.],\n       [2.]])",
)
broadcast_to: Op = Op(
    "broadcast_to",
    "x",
    options={"shape": ()},
    prepare=_reshape_options,
    forward="np.broadcast_to({x}, {shape})",
    vjps=(lambda g, out, x, shape: g,),
    latex=r"\operatorname{{broadcast}} {x}",
    doc="The value repeated to a larger shape, by NumPy's broadcasting.",
    example=">>> tg.broadcast_to([1.0, 2.0], (2, 2))\narray([[1., 2.],\n       [1., 2.]])",
)
sum_to: Op = Op(
    "sum_to",
    "x",
    options={"shape": ()},
    forward="sum_to({x}, {shape})",
    vjps=(lambda g, out, x, shape: broadcast_to(g, x.shape),),
    latex=r"\sum {x}",
    symbol="Σ",
    doc="Sum over the axes that broadcasting from a smaller shape added or stretched.",
    example=">>> tg.sum_to([[1.0, 2.0], [3.0, 4.0]], shape=(2,))\narray([4., 6.])",
)


def _squeeze_options(x: Array, axis: Any) -> dict[str, Any]:
    if axis is None:
        return {"axis": tuple(a for a, length in enumerate(np.shape(x)) if length == 1)}
    return {"axis": _axes(x, axis)}


squeeze: Op = Op(
    "squeeze",
    "x",
    options={"axis": None},
    prepare=_squeeze_options,
    forward="np.squeeze({x}, {axis})",
    vjps=(lambda g, out, x, axis: reshape(g, x.shape),),
    latex=r"\operatorname{{squeeze}} {x}",
    doc="The value without axes of length 1; without all of them by default.",
    example=">>> tg.squeeze([[1.0, 2.0]])\narray([1., 2.])",
)
expand_dims: Op = Op(
    "expand_dims",
    "x",
    options={"axis": 0},
    forward="np.expand_dims({x}, {axis})",
    vjps=(lambda g, out, x, axis: reshape(g, x.shape),),
    latex=r"\operatorname{{expand}} {x}",
    doc="The value with new axes of length 1.",
    example=">>> tg.expand_dims([1.0, 2.0], 0)\narray([[1., 2.]])",
)


def _dtype_option(x: Array, dtype: Any) -> dict[str, Any]:
    wanted = np.dtype(dtype)
    if wanted.kind != "f":
        raise DataTypeError(f"astype: dtype must be a floating type, got {wanted}")
    return {"dtype": wanted}


astype: Op = Op(
    "astype",
    "x",
    options={"dtype": float},
    prepare=_dtype_option,
    forward="{x}.astype({dtype})",
    vjps=(lambda g, out, x, dtype: g,),
    latex="{x}",
    doc="The value in another floating type; the gradient comes back in the original one.",
    example=">>> tg.astype([1.0], 'float32')\narray([1.], dtype=float32)",
)


def _index_option(x: Array, index: Any) -> dict[str, Any]:
    """Copy arrays and lists inside the index, so that later changes of them do not matter."""
    parts = index if isinstance(index, tuple) else (index,)
    checked = []
    for part in parts:
        if isinstance(part, list | np.ndarray):
            part = np.array(part)
            if part.size == 0 and part.dtype.kind == "f":
                part = part.astype(int)  # np.array([]) has no type of its own
        elif not isinstance(part, slice | int | np.integer | np.bool_ | None | type(Ellipsis)):
            raise TypeError(
                "an index is made of ints, slices, None, ..., and arrays of ints or bools; "
                f"got {part!r:.80}"
            )
        checked.append(part)
    return {"index": tuple(checked) if isinstance(index, tuple) else checked[0]}


getitem: Op = Op(
    "getitem",
    "x",
    options={"index": ()},
    prepare=_index_option,
    forward="{x}[{index}]",
    vjps=(lambda g, out, x, index: place(g, index=index, shape=x.shape),),
    latex="{x}_{{[\\cdot]}}",
    symbol="[ ]",
    doc="The elements at an index: ints, slices, None, ..., arrays of ints or of bools.",
    example=">>> tg.getitem([1.0, 2.0, 3.0], slice(1, None))\narray([2., 3.])",
)
place: Op = Op(
    "place",
    "x",
    options={"index": (), "shape": ()},
    prepare=lambda x, index, shape: {**_index_option(x, index), "shape": shape},
    forward="place({x}, {index}, {shape})",
    vjps=(lambda g, out, x, index, shape: getitem(g, index),),
    latex=r"\operatorname{{place}} {x}",
    doc="Zeros of a shape with x added at an index: the adjoint of indexing.",
    example=">>> tg.place([1.0, 2.0], index=[0, 0], shape=(3,))\narray([3., 0., 0.])",
)


class _EachPosition:
    """The rules of an op that takes any number of arguments: one rule, told the position."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def __iter__(self) -> Iterator[Rule]:
        position = 0
        while True:
            yield partial(self._rule, position)
            position += 1


def _concatenate_options(*arrays: Array, axis: Any) -> dict[str, Any]:
    if not arrays:
        raise ValueError("concatenate: give at least one value")
    return {"axis": _axes(arrays[0], axis)[0]}


def _vjp_concatenate(position: int, g: Any, out: Any, *arrays: Any, axis: int) -> Any:
    start = builtins.sum(array.shape[axis] for array in arrays[:position])
    stop = start + arrays[position].shape[axis]
    return getitem(g, (slice(None),) * axis + (slice(start, stop),))


_concatenate: Op = Op(
    "concatenate",
    "*arrays",
    options={"axis": 0},
    prepare=_concatenate_options,
    forward="np.concatenate({arrays}, axis={axis})",
    vjps=_EachPosition(_vjp_concatenate),
    latex=r"\operatorname{{concatenate}}",
    symbol="concat",
    shapes="(...)->(...)",
    doc="Values joined along an axis.",
)


# ----- Linear algebra -----


def _as_matrices(g: Any, x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Return all three with the axes that ``matmul`` leaves out for vectors."""
    if y.ndim == 1:
        g, y = expand_dims(g, -1), expand_dims(y, -1)
    if x.ndim == 1:
        g, x = expand_dims(g, -2), expand_dims(x, -2)
    return g, x, y


def _turned(matrices: Any) -> Any:
    """Return the transpose of every matrix of a stack of them."""
    if matrices.ndim == 2:
        return matrices.T
    return transpose(matrices, (*range(matrices.ndim - 2), -1, -2))


def _vjp_matmul_x(g: Any, out: Any, x: Any, y: Any) -> Any:
    g, _, matrix = _as_matrices(g, x, y)
    share = g @ _turned(matrix)
    return squeeze(share, -2) if x.ndim == 1 else share


def _vjp_matmul_y(g: Any, out: Any, x: Any, y: Any) -> Any:
    g, matrix, _ = _as_matrices(g, x, y)
    share = _turned(matrix) @ g
    return squeeze(share, -1) if y.ndim == 1 else share


matmul: Op = Op(
    "matmul",
    "x y",
    forward="{x} @ {y}",
    vjps=(_vjp_matmul_x, _vjp_matmul_y),
    latex="{x} {y}",
    symbol="@",
    shapes="(...,n,k),(...,k,m)->(...,n,m)",
    doc="Matrix product, as np.matmul: vectors, matrices, and stacks of matrices.",
    example=">>> tg.matmul([[1.0, 2.0]], [3.0, 4.0])\narray([11.])",
)


def _check_affine(x: Array, W: Array, b: Array) -> dict[str, Any]:
    fits = np.ndim(x) == np.ndim(W) == 2 and np.shape(x)[1] == np.shape(W)[0]
    if not fits or np.shape(b) not in ((1, np.shape(W)[1]), (np.shape(W)[1],)):
        raise ShapeError(
            f"affine: x of shape {np.shape(x)}, W of shape {np.shape(W)} and b of shape "
            f"{np.shape(b)} do not fit together; wanted (n,k), (k,m) and (1,m)"
        )
    return {}


affine: Op = Op(
    "affine",
    "x W b",
    prepare=_check_affine,
    forward="{x} @ {W} + {b}",
    vjps=(
        lambda g, out, x, W, b: g @ W.T,
        lambda g, out, x, W, b: x.T @ g,
        lambda g, out, x, W, b: g,
    ),
    latex="{x} {W} + {b}",
    shapes="(n,k),(k,m),(1,m)->(n,m)",
    doc="Fully connected layer: each row of x times the weights W, plus the bias b.",
    example=">>> tg.affine([[1.0, 2.0]], [[3.0], [4.0]], [[5.0]])\narray([[16.]])",
)

# ----- Losses -----


def _check_targets(y_true: Array, y_pred: Array) -> dict[str, Any]:
    """Refuse targets that NumPy would broadcast: the loss of a table that nobody meant."""
    if np.shape(y_true) != np.shape(y_pred):
        raise ShapeError(
            f"y_true and y_pred must have one shape, got {np.shape(y_true)} and "
            f"{np.shape(y_pred)}; reshape one of them"
        )
    return {}


half_squared_error: Op = Op(
    "half_squared_error",
    "y_true y_pred",
    prepare=_check_targets,
    forward="0.5 * np.sum(np.square({y_true} - {y_pred}))",
    vjps=(
        lambda g, out, y_true, y_pred: g * (y_true - y_pred),
        lambda g, out, y_true, y_pred: g * (y_pred - y_true),
    ),
    latex=r"\tfrac{{1}}{{2}} \sum ({y_true} - {y_pred})^2",
    symbol="½Σ(y−ŷ)²",
    shapes="(...),(...)->()",
    doc="Half the sum of squared errors, the loss that the network is trained on.",
    example=">>> tg.half_squared_error([1.0, 2.0], [0.0, 0.0])\nnp.float64(2.5)",
)
mse: Op = Op(
    "mse",
    "y_true y_pred",
    prepare=_check_targets,
    forward="np.mean(0.5 * np.square({y_true} - {y_pred}))",
    vjps=(
        lambda g, out, y_true, y_pred: (g / y_true.size) * (y_true - y_pred),
        lambda g, out, y_true, y_pred: (g / y_pred.size) * (y_pred - y_true),
    ),
    latex=r"\operatorname{{mean}} \tfrac{{1}}{{2}} ({y_true} - {y_pred})^2",
    shapes="(...),(...)->()",
    doc="Mean of half the squared errors; its gradient is (y_pred - y_true) / n.",
    example=">>> tg.mse([1.0, 2.0], [0.0, 0.0])\nnp.float64(1.25)",
)
binary_cross_entropy: Op = Op(
    "binary_cross_entropy",
    "y_true y_pred",
    prepare=_check_targets,
    forward="binary_cross_entropy({y_true}, {y_pred})",
    vjps=(
        lambda g, out, y_true, y_pred: (g / y_true.size) * (log1p(-y_pred) - log(y_pred)),
        lambda g, out, y_true, y_pred: (
            (g / y_pred.size)
            * (divide_or_zero(1.0 - y_true, 1.0 - y_pred) - divide_or_zero(y_true, y_pred))
        ),
    ),
    latex=r"-\operatorname{{mean}} ({y_true} \log {y_pred} + (1 - {y_true}) \log(1 - {y_pred}))",
    symbol="BCE",
    shapes="(...),(...)->()",
    domain=UNIT_INTERVAL,
    doc="Mean cross-entropy of probabilities y_pred against targets from 0 to 1.",
    example=">>> tg.binary_cross_entropy([1.0], [0.5])\nnp.float64(0.6931471805599453)",
)


def _check_classes(y_true: Array, logits: Array) -> dict[str, Any]:
    if np.ndim(logits) < 1:
        raise ShapeError("softmax_cross_entropy: logits need an axis of classes, got a scalar")
    return _check_targets(y_true, logits)


def _rows(x: Any) -> int:
    """Return how many rows a table has, counting at least one."""
    return math.prod(x.shape[:-1]) or 1


softmax_cross_entropy: Op = Op(
    "softmax_cross_entropy",
    "y_true logits",
    prepare=_check_classes,
    forward="softmax_cross_entropy({y_true}, {logits})",
    vjps=(
        lambda g, out, y_true, logits: (-g / _rows(logits)) * log_softmax(logits),
        lambda g, out, y_true, logits: (
            (g / _rows(logits)) * (softmax(logits) * sum(y_true, axis=-1, keepdims=True) - y_true)
        ),
    ),
    latex=r"-\operatorname{{mean}} \sum_j {y_true}_j \log \operatorname{{softmax}}({logits})_j",
    symbol="CE",
    shapes="(n,m),(n,m)->()",
    doc="Mean over the rows of the cross-entropy of softmax(logits) against target probabilities.",
    example=(
        ">>> tg.softmax_cross_entropy([[1.0, 0.0]], [[0.0, 0.0]])\nnp.float64(0.6931471805599453)"
    ),
)

# ----- Functions made of rows -----


def _composite(function: Any) -> Any:
    FUNCTIONS[function.__name__] = function
    return function


@_composite
def concatenate(arrays: Any, axis: int = 0) -> Any:
    """Return values joined along an existing axis.

    Parameters
    ----------
    arrays : sequence of Values or array_likes
        Of one shape but for the length along ``axis``.
    axis : int
        The axis.

    Returns
    -------
    Value or ndarray
        A Value if any of them is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.concatenate([[1.0], [2.0, 3.0]])
    array([1., 2., 3.])
    """
    return _concatenate(*arrays, axis=axis)


@_composite
def stack(arrays: Any, axis: int = 0) -> Any:
    """Return values of one shape joined along a new axis.

    Parameters
    ----------
    arrays : sequence of Values or array_likes
        All of one shape.
    axis : int
        Where the new axis is in the result.

    Returns
    -------
    Value or ndarray
        A Value if any of them is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.stack([1.0, 2.0])
    array([1., 2.])
    """
    return _concatenate(*(expand_dims(array, axis) for array in arrays), axis=axis)


@_composite
def var(x: Any, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Any:
    r"""Return the variance over axes, $\frac{1}{n - d} \sum (x - \bar x)^2$.

    Parameters
    ----------
    x : Value or array_like, shape (...)
        The numbers.
    axis : None, int or tuple of ints
        Over which axes; over all by default.
    keepdims : bool
        Keep the reduced axes with length 1.
    ddof : int
        What is subtracted from the count, d in the formula.

    Returns
    -------
    Value or ndarray
        A Value if ``x`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.var([1.0, 3.0])
    np.float64(1.0)
    """
    distance = x - mean(x, axis=axis, keepdims=True)
    squares = sum(square(distance), axis=axis, keepdims=keepdims)
    return squares / _degrees_of_freedom(distance, axis, ddof)


@_composite
def std(x: Any, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Any:
    """Return the standard deviation over axes, the square root of ``var``.

    Its gradient at a constant slice is 0, as that of the norm.

    Parameters
    ----------
    x, axis, keepdims, ddof
        As for ``var``.

    Returns
    -------
    Value or ndarray
        A Value if ``x`` is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.std([1.0, 3.0])
    np.float64(1.0)
    """
    distance = x - mean(x, axis=axis, keepdims=True)
    return norm(distance, axis=axis, keepdims=keepdims) / math.sqrt(
        _degrees_of_freedom(distance, axis, ddof)
    )


def _degrees_of_freedom(x: Any, axis: Any, ddof: int) -> int:
    count = _count(x, None if axis is None else _axes(x, axis)) - ddof
    if count <= 0:
        raise ValueError(f"a variance of {count + ddof} numbers with ddof = {ddof} does not exist")
    return count


@_composite
def mse_prime(y_true: Any, y_pred: Any) -> Any:
    r"""Return $\hat y - y$, the gradient of ``half_squared_error``.

    Beware of its name, which is that of the notebook: the gradient of ``mse`` is n times smaller
    for n outputs; see ``mse_gradient``.

    Parameters
    ----------
    y_true, y_pred : Value or array_like, one shape
        Targets and predictions.

    Returns
    -------
    Value or ndarray, the same shape
        A Value if any argument is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.mse_prime([1.0, 2.0], [0.0, 0.0])
    array([-1., -2.])
    """
    _check_targets(y_true, y_pred)
    return subtract(y_pred, y_true)


@_composite
def mse_gradient(y_true: Any, y_pred: Any) -> Any:
    r"""Return $(\hat y - y) / n$, the gradient of ``mse`` by ``y_pred``.

    Parameters
    ----------
    y_true, y_pred : Value or array_like, one shape
        Targets and predictions.

    Returns
    -------
    Value or ndarray, the same shape
        A Value if any argument is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.mse_gradient([1.0, 2.0], [0.0, 0.0])
    array([-0.5, -1. ])
    """
    return mse_prime(y_true, y_pred) / builtins.max(np.size(y_pred), 1)


#: The examples in the docstrings of the rows, where doctest finds them.
__test__ = {name: op.__doc__ for name, op in OPS.items()}
