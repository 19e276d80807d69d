"""Loops of Python as machine code, by numba."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

#: Of 12 down to 2, for the series of the exponential function.
_FACTORIALS = (479001600, 39916800, 3628800, 362880, 40320, 5040, 720, 120, 24, 6, 2)


class UnsupportedError(Exception):
    """A program cannot be printed for numba; the message says why."""


def machine_code(samples: Sequence[Any]) -> Callable[[Any], Any]:
    """Return a decorator that compiles a function for arguments like some samples."""
    try:
        import numba
        from numba.core.errors import NumbaError
    except ImportError:
        raise UnsupportedError("numba is not installed (pip install 'tinygrad-mlp[jit]')") from None

    done: list[Any] = []  # for all threads

    def decorate(function: Any) -> Any:
        if done:
            return done[0]
        function.__globals__["exp"] = numba.njit(error_model="numpy")(_exp)
        loops = numba.njit(error_model="numpy")(function)
        try:
            loops.compile(tuple(map(numba.typeof, samples)))
        # It imports SciPy for products of matrices.
        except (NumbaError, ImportError, NotImplementedError) as error:
            raise UnsupportedError(f"numba: {str(error).strip():.200}") from error
        done.append(loops)
        return loops

    return decorate


def _exp(x: Any) -> Any:
    """Exponential function within 1 ulp, in steps that a processor makes for many numbers at once.

    The one that numba calls takes a number at a time, several times as long.

    >>> abs(_exp(1.0) / np.e - 1.0) < 3e-16
    np.True_
    """
    limited = min(max(x, -746.0), 710.0)
    # Adding and taking away 1.5 * 2**52 rounds to a whole number.
    exponent = (limited * 1.4426950408889634 + 6755399441055744.0) - 6755399441055744.0
    # ln 2 in two parts, the first with so few digits that its product is exact.
    rest = (limited - exponent * 0.693147180369123816490) - exponent * 1.90821492927058770002e-10
    series = 1 / 6227020800
    for factorial in _FACTORIALS:
        series = series * rest + 1 / factorial
    series = series * rest * rest + rest + 1.0
    # Two factors, as a power of two near the edges is no number itself; made of their bits.
    whole = np.int64(exponent)
    half = whole >> 1
    first = np.int64((half + 1023) << 52).view(np.float64)
    second = np.int64((whole - half + 1023) << 52).view(np.float64)
    return series * first * second if x == x else x  # noqa: PLR0124  not so for nan
