"""Whole numbers near a number or a quotient, and what is left when they are taken away.

Between the jumps, a whole number is a constant: its derivative is 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.core.composites import composite_of_several
from tinygrad_mlp.core.op import UNIT_INTERVAL
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.arithmetic import binary, unary

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


# ----- Of quotients -----

floor_divide: Op = binary(
    "floor_divide",
    forward="np.floor_divide({x}, {y})",
    vjps=(None, None),
    latex=r"\lfloor {x} / {y} \rfloor",
    symbol="//",
    doc="Largest whole number that is not larger than the quotient; its derivative is taken as 0.",
    example=">>> tg.floor_divide([7.0, -7.0], 2.0)\narray([ 3., -4.])",
)
remainder: Op = binary(
    "remainder",
    forward="np.remainder({x}, {y})",
    vjps=(lambda g, out, x, y: g, lambda g, out, x, y: -g * floor_divide(x, y)),
    latex=r"\operatorname{{mod}}({x}, {y})",
    symbol="%",
    doc="Rest of a division, x - y * floor(x / y), which has the sign of y.",
    example=">>> tg.remainder([7.0, -7.0], 2.0)\narray([1., 1.])",
)
mod: Op = remainder  # NumPy has both names
fmod: Op = binary(
    "fmod",
    forward="np.fmod({x}, {y})",
    # The quotient of what was taken away is a whole number, but for its rounding.
    vjps=(lambda g, out, x, y: g, lambda g, out, x, y: -g * rint((x - out) / y)),
    latex=r"\operatorname{{fmod}}({x}, {y})",
    doc="Rest of a division, x - y * trunc(x / y), which has the sign of x.",
    example=">>> tg.fmod([7.0, -7.0], 2.0)\narray([ 1., -1.])",
)


@composite_of_several
def divmod(x: Any, y: Any) -> tuple[Any, Any]:  # noqa: A001  NumPy's name
    r"""Return the whole part and the rest of a division, $x = \lfloor x / y \rfloor y + r$.

    Parameters
    ----------
    x, y : Value or array_like
        Numbers of shapes that broadcast.

    Returns
    -------
    tuple of two Values or ndarrays
        ``floor_divide(x, y)`` and ``remainder(x, y)``: Values if an argument is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.divmod([7.0, -7.0], 2.0)
    (array([ 3., -4.]), array([1., 1.]))
    """
    return floor_divide(x, y), remainder(x, y)
