"""One of several values, element by element."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp._support.arguments import check_bools, each
from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.ops.indexing import inside, ints
from tinygrad_mlp.ops.selections import where


@composite
def select(condlist: Any, choicelist: Any, default: Any = 0.0) -> Any:
    """Return for each element that of the first choice whose condition holds there.

    Parameters
    ----------
    condlist : sequence of arrays of bools
        The conditions.
    choicelist : sequence of Values or array_likes
        As many choices; all broadcast together.
    default : Value or array_like
        The elements where no condition holds.

    Returns
    -------
    Value or ndarray
        A Value if any choice is one.  What was not chosen has no influence, even if it is nan.

    Raises
    ------
    TypeError
        For conditions that are not of bools.
    ValueError
        If there are no conditions, or not as many choices.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> x = np.array([-2.0, 0.5, 3.0])
    >>> tg.select([x < 0, x > 1], [-x, x**2], default=1.0)
    array([2., 1., 9.])
    """
    conditions, choices = each("select: condlist", condlist), each("select: choicelist", choicelist)
    if not conditions or len(conditions) != len(choices):
        raise ValueError(
            "select: give as many choices as conditions, and one at least; got "
            f"{len(choices)} and {len(conditions)}"
        )
    for place, condition in enumerate(conditions):
        check_bools(f"select: condlist[{place}]", condition)
    result = default
    for condition, choice in zip(conditions[::-1], choices[::-1], strict=True):
        result = where(condition, choice, result)
    return result


@composite
def choose(a: Any, choices: Any, mode: str = "raise") -> Any:
    """Return for each element that of one of several choices, whose number is given there.

    Parameters
    ----------
    a : array_like of ints
        Which choice; all broadcast together.
    choices : sequence of Values or array_likes
        The choices.
    mode : {"raise", "wrap", "clip"}
        What other numbers are: an error; counted on from the first; or the nearest one.

    Returns
    -------
    Value or ndarray
        A Value if any choice is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.choose([0, 1, 0], [[1.0, 2.0, 3.0], 10.0])
    array([ 1., 10.,  3.])
    """
    several = each("choose: choices", choices)
    if not several:
        raise ValueError(f"choose: give one choice at least, got {choices!r:.80}")
    numbers = inside("choose", ints("choose: a", a, bools=True), len(several), mode)
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < len(several):
        raise ValueError(
            f"choose: a must be from 0 to {len(several) - 1}, for {len(several)} choices; got "
            f"{a!r:.80}"
        )
    result = where(np.equal(numbers, 0), several[0], several[-1])
    for number, choice in enumerate(several[1:-1], 1):
        result = where(np.equal(numbers, number), choice, result)
    return result
