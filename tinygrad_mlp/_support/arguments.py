"""Checks of single arguments, each of which names the argument, what came and what was wanted."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def whole_number(name: str, value: Any, *, minimum: int = 1) -> int:
    """Return ``value`` as an int of at least ``minimum``.

    Raises
    ------
    TypeError
        If it is not an int; a bool or a float with no fraction is not.
    ValueError
        If it is too small.

    Examples
    --------
    >>> whole_number("batch_size", 64)
    64
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be an int, got {type(value).__name__} {value!r:.80}")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {value}")
    return int(value)


def finite_number(name: str, value: Any, *, minimum: float = -math.inf) -> float:
    """Return ``value`` as a finite float of at least ``minimum``.

    Raises
    ------
    TypeError
        If it is not a real number.
    ValueError
        If it is nan, infinite or too small.

    Examples
    --------
    >>> finite_number("learning_rate", 1)
    1.0
    """
    wrong = isinstance(value, bool | np.bool_)
    if wrong or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{name} must be a real number, got {type(value).__name__} {value!r:.80}")
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value}")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum:g}, got {value}")
    return float(value)


def random_source(rng: Any) -> Any:
    """Return an object whose ``random(size)`` draws uniform numbers from 0 to 1.

    Parameters
    ----------
    rng : None, int, numpy Generator or RandomState
        None shares NumPy's global stream, which ``np.random.seed`` sets (and which worker
        processes inherit: give each its own seed); an int starts a stream of its own.

    Raises
    ------
    TypeError
        If it is anything else, such as a float or text.
    ValueError
        If it is a negative int.

    Examples
    --------
    >>> float(random_source(7).random())
    0.625095466604667
    """
    if rng is None:
        return np.random
    if isinstance(rng, np.random.Generator | np.random.RandomState):
        return rng
    try:
        seed = whole_number("rng", rng, minimum=0)
    except TypeError:
        raise TypeError(
            "rng must be None, an int seed, a numpy Generator or a RandomState, "
            f"got {type(rng).__name__} {rng!r:.80}"
        ) from None
    return np.random.default_rng(seed)
