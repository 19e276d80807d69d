"""The step of gradient descent: all parameters move, or none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.core.value import Value


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


def assign(
    parameters: Sequence[Value], moved: Sequence[Any], after: Sequence[tuple[Any, str, Any]] = ()
) -> None:
    """Give every parameter its new numbers, arrays that nobody else writes to.

    Then attributes are set, as ``setattr(*each)`` does: what belongs to these numbers.
    """
    pairs = list(zip(parameters, moved, strict=True))
    try:
        _assign(pairs, after)
    except BaseException:  # Ctrl-C in the middle: still all of them
        _assign(pairs, after)
        raise


def _assign(pairs: Sequence[tuple[Value, Any]], after: Sequence[tuple[Any, str, Any]]) -> None:
    for parameter, numbers in pairs:
        parameter.adopt(numbers)
    for attribute in after:
        setattr(*attribute)
