"""Whole numbers near a number: steps, whose derivative is 0 between the jumps."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.core.op import UNIT_INTERVAL
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.arithmetic import unary

_STEP = (-0.5, 0.5)


floor: Op = unary(
    "floor",
    vjps=(None,),
    latex=r"\lfloor {x} \rfloor",
    symbol="⌊x⌋",
    domain=UNIT_INTERVAL,
    doc="Largest whole number that is not larger; its derivative is taken as 0.",
    example=">>> tg.floor(-1.5)\nnp.float64(-2.0)",
)
ceil: Op = unary(
    "ceil",
    vjps=(None,),
    latex=r"\lceil {x} \rceil",
    symbol="⌈x⌉",
    domain=UNIT_INTERVAL,
    doc="Smallest whole number that is not smaller; its derivative is taken as 0.",
    example=">>> tg.ceil(-1.5)\nnp.float64(-1.0)",
)
trunc: Op = unary(
    "trunc",
    vjps=(None,),
    domain=UNIT_INTERVAL,
    doc="The number without what is behind its point; its derivative is taken as 0.",
    example=">>> tg.trunc(-1.5)\nnp.float64(-1.0)",
)
rint: Op = unary(
    "rint",
    vjps=(None,),
    domain=_STEP,
    doc="Nearest whole number, the even one at a tie; its derivative is taken as 0.",
    example=">>> tg.rint([0.5, 1.5])\narray([0., 2.])",
)


def _decimals_option(x: Array, decimals: Any) -> dict[str, Any]:
    if isinstance(decimals, bool) or not isinstance(decimals, int | np.integer):
        raise TypeError(f"round: decimals must be an int, got {decimals!r:.80}")
    return {"decimals": int(decimals)}


round: Op = unary(  # noqa: A001  NumPy's name
    "round",
    options={"decimals": 0},
    prepare=_decimals_option,
    forward="np.round({x}, {decimals})",
    vjps=(None,),
    domain=_STEP,
    doc="Nearest number with so many decimals; its derivative is taken as 0.",
    example=">>> tg.round(3.14159, 2)\nnp.float64(3.14)",
)
