"""The table: how each row of operations is said in JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp.ops.convolutions import sliding_window_view
from tinygrad_mlp.programs.recording.program import Step

#: An option as it is handed over, from the step and the shape of its first argument.
Option = Callable[[Step, tuple[int, ...]], Any]


class Said(NamedTuple):
    """An expression with the names of a row's parameters and options in braces.

    It is written in the grammar of Python, whose operators mean the same in JavaScript; names that
    are called stand in ``functions.js``.  ``made`` are options that the row does not have so.
    ``number_by_number`` means that it is one of numbers, for each place of the arguments.
    """

    text: str
    number_by_number: bool = False
    made: Mapping[str, Option] = {}


def _axis(step: Step, _: tuple[int, ...]) -> Any:
    """Return the one axis of a step, counted from the front."""
    axis = step.options["axis"]
    return None if axis is None else axis % max(np.ndim(step.value), 1)


def _axes(step: Step, shape: tuple[int, ...]) -> Any:
    """Return the axes of a step as a list, counted from the front; None for all."""
    axis = step.options["axis"]
    several = (axis,) if isinstance(axis, int) else axis
    return None if axis is None else [one % len(shape) for one in several]


def _order(step: Step, _: tuple[int, ...]) -> Any:
    """Return the order of axes, None if they are reversed."""
    axes = list(step.options["axes"])
    return None if axes == [*range(len(axes))][::-1] else axes


def _shape(step: Step, _: tuple[int, ...]) -> list[int]:
    """Return the shape of the result."""
    return list(np.shape(step.value))


def _which(step: Step, _: tuple[int, ...]) -> int:
    """Return the number of a mode of convolution."""
    return ("valid", "same", "full").index(step.options["mode"])


def _length(step: Step, _: tuple[int, ...]) -> int:
    """Return the length of the result."""
    return len(step.value)


def _places(step: Step, shape: tuple[int, ...]) -> Any:
    """Return which numbers an index takes, if they are counted one after the other."""
    shape = step.options.get("shape", shape)
    return np.arange(np.prod(shape, dtype=int)).reshape(shape)[step.options["index"]]


def _windows(step: Step, shape: tuple[int, ...]) -> Any:
    """Return which numbers stand in windows, counted as above."""
    shape = step.options.get("shape", shape)
    numbers = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    return sliding_window_view.compute(numbers, step.options["window_shape"], step.options["axis"])


_NUMBERS = {
    "add": "{x} + {y}",
    "subtract": "{x} - {y}",
    "multiply": "{x} * {y}",
    "divide": "{x} / {y}",
    "negative": "-{x}",
    "power": "{x} ** {y}",
    "power_slope": "power_slope({x}, {y}, {by_x}, {by_y})",
    "power_by_base": "{y} * {x} ** exponent_below({y})",
    "power_by_exponent": "{x} ** {y} * log_of_base({x}, {y})",
    "divide_or_zero": "divide_or_zero({x}, {y})",
    "maximum": "Math.max({x}, {y})",
    "minimum": "Math.min({x}, {y})",
    "larger_share": "larger_share({x}, {y})",
    "where": "{x} if {condition} else {y}",
    "clip": "Math.min(Math.max({x}, {a_min}), {a_max})",
    "inside": "inside({x}, {a_min}, {a_max})",
    "copy": "{x}",
    "stop_gradient": "{x}",
    "exp": "Math.exp({x})",
    "expm1": "Math.expm1({x})",
    "exp2": "2 ** {x}",
    "log": "Math.log({x})",
    "log1p": "Math.log1p({x})",
    "log2": "Math.log2({x})",
    "log10": "Math.log10({x})",
    "logaddexp": "logaddexp({x}, {y})",
    "sqrt": "Math.sqrt({x})",
    "square": "{x} ** 2",
    "cbrt": "Math.cbrt({x})",
    "reciprocal": "1 / {x}",
    "sign": "Math.sign({x})",
    "abs": "Math.abs({x})",
    "sigmoid": "sigmoid({z})",
    "sigmoid_prime": "sigmoid_prime({z})",
    "log_sigmoid": "-softplus(-{z})",
    "softplus": "softplus({x})",
    "tanh": "Math.tanh({x})",
    "tanh_prime": "tanh_prime({x})",
    "relu": "Math.max({x}, 0)",
    "relu_prime": "relu_prime({x})",
    "floor": "Math.floor({x})",
    "ceil": "Math.ceil({x})",
    "trunc": "Math.trunc({x})",
    "rint": "rint({x})",
    "round": "round({x}, {decimals})",
    "floor_divide": "floor_divide({x}, {y})",
    "remainder": "remainder({x}, {y})",
    "fmod": "fmod({x}, {y})",
    "sin": "Math.sin({x})",
    "cos": "Math.cos({x})",
    "tan": "Math.tan({x})",
    "one_minus_square": "(1 - {x}) * (1 + {x})",
    "logit": "logit({x})",
    "xlogy": "xlogy({x}, {y})",
    "bell": "Math.exp(-{x} * {x})",
    "sinc": "sinc({x})",
    "sinc_slope": "sinc_slope({x}, {order})",
    "arcsin": "Math.asin({x})",
    "arccos": "Math.acos({x})",
    "arctan": "Math.atan({x})",
    "arctan2": "Math.atan2({y}, {x})",
    "hypot": "Math.hypot({x}, {y})",
    "direction": "direction({x}, {y})",
    "sinh": "Math.sinh({x})",
    "cosh": "Math.cosh({x})",
    "arcsinh": "Math.asinh({x})",
    "arccosh": "Math.acosh({x})",
    "arctanh": "Math.atanh({x})",
}

_ARRAYS = {
    "reshape": Said("reshape({x}, {shape})", made={"shape": _shape}),
    "squeeze": Said("reshape({x}, {shape})", made={"shape": _shape}),
    "expand_dims": Said("reshape({x}, {shape})", made={"shape": _shape}),
    "broadcast_to": Said("broadcast_to({x}, {shape})", made={"shape": _shape}),
    "sum_to": Said("sum_to({x}, {shape})", made={"shape": _shape}),
    "transpose": Said("transpose({x}, {order})", made={"order": _order}),
    "getitem": Said("take({x}, {places})", made={"places": _places}),
    "place": Said("place({x}, {places}, {shape})", made={"places": _places}),
    "sliding_window_view": Said("take({x}, {places})", made={"places": _windows}),
    "overlap_add": Said("place({x}, {places}, {shape})", made={"places": _windows}),
    "convolve": Said(
        "convolve({a}, {v}, {which}, {length})", made={"which": _which, "length": _length}
    ),
    "concatenate": Said("concatenate({arrays}, {axis})"),
    "stack": Said("stack({arrays}, {axis})", made={"axis": _axis}),
    "assemble": Said("assemble({parts}, {shape})", made={"shape": _shape}),
    "matmul": Said("matmul({x}, {y})"),
    "affine": Said("affine({x}, {W}, {b})"),
    "einsum": Said("einsum({subscripts}, {operands})"),
    "sum": Said("sum({x}, {axis}, {keepdims})"),
    "mean": Said("mean({x}, {axis}, {keepdims})"),
    "max": Said("max({x}, {axis}, {keepdims})"),
    "min": Said("min({x}, {axis}, {keepdims})"),
    "max_share": Said("max_share({x}, {axis})", made={"axis": _axes}),
    "prod": Said("prod({x}, {axis}, {keepdims})"),
    "product_of_others": Said("product_of_others({x}, {axis})"),
    "sum_of_others": Said("sum_of_others({x}, {axis})"),
    "norm": Said("norm({x}, {axis}, {keepdims})"),
    "unit": Said("unit({x}, {axis})", made={"axis": _axes}),
    "logsumexp": Said("logsumexp({x}, {axis}, {keepdims})"),
    "softmax": Said("softmax({x}, {axis})"),
    "log_softmax": Said("log_softmax({x}, {axis})"),
    "cumsum": Said("cumsum({x}, {axis})", made={"axis": _axis}),
    "cumprod": Said("cumprod({x}, {axis})", made={"axis": _axis}),
    "sort": Said("sort({x}, {axis})", made={"axis": _axis}),
    "sorted_by": Said("sorted_by({x}, {by}, {axis})", made={"axis": _axis}),
    "unsorted_by": Said("unsorted_by({x}, {by}, {axis})", made={"axis": _axis}),
    "elements_at": Said("elements_at({x}, {places})"),
    "added_at": Said("added_at({x}, {places}, {length})"),
    "half_squared_error": Said("half_squared_error({y_true}, {y_pred})"),
    "mse": Said("mse({y_true}, {y_pred})"),
    "binary_cross_entropy": Said("binary_cross_entropy({y_true}, {y_pred})"),
    "softmax_cross_entropy": Said("softmax_cross_entropy({y_true}, {logits})"),
}

#: The rows that can be said, by name.
ROWS: dict[str, Said] = {
    **{name: Said(text, number_by_number=True) for name, text in _NUMBERS.items()},
    **_ARRAYS,
}

#: What is asked with NumPy's functions, by their names and how they ask, of one number or of two.
QUESTIONS: dict[str, Said] = {
    name: Said(text, number_by_number=True)
    for name, text in {
        "greater": "{x} > {y}",
        "greater_equal": "{x} >= {y}",
        "less": "{x} < {y}",
        "less_equal": "{x} <= {y}",
        "equal": "{x} == {y}",
        "not_equal": "{x} != {y}",
        "logical_not": "not {x}",
        "logical_and": "{x} and {y}",
        "logical_or": "{x} or {y}",
        "isfinite": "Number.isFinite({x})",
        "isnan": "Number.isNaN({x})",
    }.items()
}
QUESTIONS["all"] = Said("min({x})")
QUESTIONS["searchsorted right"] = Said("not_larger({x}, {y})")
