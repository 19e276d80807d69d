"""Arrays made of few values: evenly spaced, filled, or chosen from several."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp._support.arguments import check_bools, each, whole_number
from tinygrad_mlp.core.functions import composite
from tinygrad_mlp.core.numbers import as_operand
from tinygrad_mlp.ops.arithmetic import subtract
from tinygrad_mlp.ops.indexing import inside, ints
from tinygrad_mlp.ops.selections import where
from tinygrad_mlp.ops.shapes import axis_of, broadcast_to, expand_dims, moveaxis


@composite
def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    axis: int = 0,
) -> Any:
    r"""Return evenly spaced numbers, $(1 - t) a + t b$ for t from 0 to 1.

    Parameters
    ----------
    start, stop : Value or array_like, shape (...)
        The ends a and b; they broadcast.
    num : int
        How many.
    endpoint : bool
        Whether ``stop`` is the last one.
    retstep : bool
        Whether to return the step, too.
    axis : int
        Where the new axis is in the result.

    Returns
    -------
    Value or ndarray, or a pair of them
        Values if any end is one.

    Raises
    ------
    TypeError, ValueError
        If ``num`` is no int, or negative.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.linspace(0.0, 1.0, 5)
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    >>> stop = tg.Value(1.0)
    >>> tg.grad(tg.linspace(0.0, stop, 3).sum(), stop)
    np.float64(1.5)
    """
    start = as_operand(start, "linspace: start", weak=True)
    stop = as_operand(stop, "linspace: stop", weak=True)
    count = whole_number("linspace: num", num, minimum=0)
    steps = count - 1 if endpoint else count
    first, last = expand_dims(start, 0), expand_dims(stop, 0)
    dtype = np.result_type(first.dtype, last.dtype)
    t = (np.arange(count) / max(steps, 1)).astype(dtype)
    t = t.reshape((-1,) + (1,) * max(np.ndim(start), np.ndim(stop)))
    # Not first + t * (last - first), which would miss the last one by a rounding.
    result = (1 - t) * first + t * last
    result = moveaxis(result, 0, axis_of(result, axis))
    if not retstep:
        return result
    return result, subtract(stop, start) / (float(steps) if steps > 0 else np.nan)


def full(shape: Any, fill_value: Any) -> Any:
    """Return an array of a shape that is filled with a value.

    Parameters
    ----------
    shape : int or tuple of ints
        The shape.
    fill_value : Value or array_like
        What it is filled with, repeated as NumPy broadcasts.

    Returns
    -------
    Value or ndarray
        A Value if ``fill_value`` is one; ``np.full`` would lose its graph, and says so.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0)
    >>> tg.grad(tg.full((2, 2), x).sum(), x)
    np.float64(4.0)
    """
    return broadcast_to(fill_value, shape)


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
