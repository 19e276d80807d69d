"""The step of gradient descent: all parameters move, or none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.core.value import Value


def descend(parameters: Sequence[Value], gradients: Sequence[Any], learning_rate: float) -> None:
    r"""Move every parameter against its gradient, $w \leftarrow w - \eta \nabla_w L$.

    Parameters
    ----------
    parameters : sequence of Values
        Leaves.
    gradients : sequence of arrays
        One for each, of its shape; they are overwritten.
    learning_rate : float
        The factor $\eta$.

    Raises
    ------
    FloatingPointError
        If a parameter would become nan or infinite; none has moved then.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> w = tg.Value([1.0, 2.0])
    >>> descend([w], tg.grad(tg.sum(w * w), [w]), learning_rate=0.25)
    >>> w.data
    array([0.5, 1. ])
    """
    moved = []
    for parameter, gradient in zip(parameters, gradients, strict=True):
        gradient *= -learning_rate
        gradient += parameter.numpy()
        moved.append(gradient)
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
    try:
        _assign(parameters, moved)
    except BaseException:  # Ctrl-C in the middle: still all of them
        _assign(parameters, moved)
        raise


def _assign(parameters: Sequence[Value], moved: Sequence[Any]) -> None:
    for parameter, numbers in zip(parameters, moved, strict=True):
        parameter.adopt(numbers)
