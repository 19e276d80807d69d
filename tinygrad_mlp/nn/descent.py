"""The step of gradient descent: all parameters move, or none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.core.backward import grad
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.ops.shapes import astype


def moves_of(loss: Value, parameters: Sequence[Value], rate: Any) -> list[Any]:
    r"""Return what to subtract from each parameter $w$ of a loss $L$: $\eta \nabla_w L$.

    The rule that ``fit`` follows, as a compiled program or step by step; $\eta$ is the rate.

    >>> import tinygrad_mlp as tg
    >>> w = tg.Value([1.0, 2.0])
    >>> moves_of(tg.sum(w * w), [w], rate=0.25)
    [array([0.5, 1. ])]
    """
    # Begun with the rate instead of 1, a backward pass gives gradients times the rate.
    moves: list[Any] = grad(loss, parameters, astype(rate, loss.dtype))
    return moves


def move(parameters: Sequence[Value], moves: Sequence[Any]) -> None:
    """Subtract from every parameter its move, an array or a Value.

    Raises
    ------
    FloatingPointError
        If a parameter would become nan or infinite; none has moved then.
    """
    by = [x.numpy() if isinstance(x, Value) else x for x in moves]
    moved = [parameter.numpy() - x for parameter, x in zip(parameters, by, strict=True)]
    check_finite(parameters, moved)
    assign(parameters, moved)


def cannot_overflow(moves: Any) -> bool:
    """Return whether finite numbers surely stay finite when moved by an array of moves.

    What has a finite square is less than a rounding error of the numbers near overflow, in all
    types but float16.

    >>> import numpy as np
    >>> cannot_overflow(np.ones(3)), cannot_overflow(np.array([1.0, np.nan]))
    (True, False)
    """
    return bool(moves.itemsize > 2 and _has_finite_square(moves))


def check_finite(parameters: Sequence[Value], moved: Sequence[Any]) -> None:
    """Raise FloatingPointError if the next numbers of a parameter, or those now, are not finite."""
    if all(map(_has_finite_square, moved)):
        return
    for parameter in parameters:
        if not np.isfinite(parameter.numpy()).all():
            raise FloatingPointError(
                f"{parameter.described()} was not finite even before this step; give it other "
                "numbers"
            )
    for parameter, numbers in zip(parameters, moved, strict=True):
        if not np.isfinite(numbers).all():
            raise FloatingPointError(
                f"training diverged: the next {parameter.described()} is not finite; all "
                "parameters are those before this step. Lower learning_rate or scale the data"
            )


def _has_finite_square(numbers: Any) -> bool:
    # A sum of squares is nan or infinite if anything in it is, and costs little.
    return math.isfinite(np.vdot(numbers, numbers))


def assign(parameters: Sequence[Value], moved: Sequence[Any]) -> None:
    """Give every parameter its new numbers, arrays that nobody else writes to."""
    pairs = list(zip(parameters, moved, strict=True))
    try:
        for parameter, numbers in pairs:
            parameter.adopt(numbers)
    except BaseException:  # Ctrl-C in the middle: still all of them
        for parameter, numbers in pairs:
            parameter.adopt(numbers)
        raise
