"""The argument ``rng`` of this package: a seed or a generator, always given explicitly."""

from __future__ import annotations

import numpy as np

from tinygrad_mlp._support.arguments import whole_number


def generator_from(rng: int | np.random.Generator) -> np.random.Generator:
    """Return the generator that ``rng`` is, or a new one that starts from the seed ``rng``.

    Parameters
    ----------
    rng : int or numpy Generator
        A seed of 0 or more gives the same numbers every time; a generator goes on from where it is.

    Raises
    ------
    TypeError
        If it is anything else, such as None, a bool, a float or text.
    ValueError
        If the seed is negative.

    Examples
    --------
    >>> float(generator_from(7).random())
    0.625095466604667
    """
    if isinstance(rng, np.random.Generator):
        return rng
    try:
        seed = whole_number("rng", rng, minimum=0)
    except TypeError:
        raise TypeError(
            "rng must be an int seed or a numpy Generator such as np.random.default_rng(0), "
            f"got {type(rng).__name__} {rng!r:.80}"
        ) from None
    return np.random.default_rng(seed)
