"""The larger, the smaller, the one or the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.engine import Op
from tinygrad_mlp.kernels import Array

_BINARY = "(...),(...)->(...)"


larger_share: Op = Op(
    "larger_share",
    "x y",
    forward="larger_share({x}, {y})",
    vjps=(None, None),
    public=False,
    latex="[{x} > {y}]",
    shapes=_BINARY,
    doc="Share of x in maximum(x, y): 1, 0, or 1/2 at a tie; nan for nan.",
    example='>>> tg.OPS["larger_share"](2.0, 2.0)\nnp.float64(0.5)',
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


inside: Op = Op(
    "inside",
    "x",
    options={"a_min": -np.inf, "a_max": np.inf},
    forward="inside({x}, {a_min}, {a_max})",
    vjps=(None,),
    public=False,
    latex=r"[{a_min} \le {x} \le {a_max}]",
    doc="Slope of clip: 1 from a_min to a_max, 0 outside; nan for nan.",
    example='>>> tg.OPS["inside"]([-1.0, 0.0, 2.0], 0.0, 1.0)\narray([0., 1., 0.])',
)
clip: Op = Op(
    "clip",
    "x",
    options={"a_min": None, "a_max": None},
    prepare=_clip_options,
    forward="np.clip({x}, {a_min}, {a_max})",
    vjps=(lambda g, out, x, a_min, a_max: g * inside(x, a_min=a_min, a_max=a_max),),
    latex=r"\min(\max({x}, {a_min}), {a_max})",
    doc="x limited to the interval from a_min to a_max; the slope is 1 inside and at its ends.",
    example=">>> tg.clip([-1.0, 0.5, 2.0], 0.0, 1.0)\narray([0. , 0.5, 1. ])",
)
