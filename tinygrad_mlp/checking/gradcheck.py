"""A check of gradients against differences, which tells what is wrong and where.

Reverse mode gives the gradient by all numbers at once; differences give the slope along one way.
Both must agree along ways that are drawn at random, so a million numbers are checked by some dozens
of calls of the function.  Only if they disagree are single numbers looked at.

Differences are taken in the widest floating type that the function allows.  There the rules must
agree with them closely; in the types of the arguments the same rules must give the same numbers
but for rounding.  So rounding accuses nobody, and what is wrong cannot hide behind it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.arguments import finite_number, random_source, whole_number
from tinygrad_mlp.checking.check import Check
from tinygrad_mlp.checking.comparison import Settings
from tinygrad_mlp.checking.texts import Function, name_of, titles
from tinygrad_mlp.data import as_numbers
from tinygrad_mlp.engine import Value


def gradcheck(
    f: Function,
    *args: Any,
    order: int = 2,
    rtol: float | None = None,
    atol: float | None = None,
    rng: Any = 0,
) -> bool:
    """Check the gradient of ``f`` at ``args`` against differences; raise if it is wrong.

    Also checked: a gradient has the shape and type of its argument; it is zero if the upstream
    gradient is; two calls give the same bytes; nothing is written to; gaps in memory and narrow
    types change nothing but rounding; and all this holds for the gradient of the gradient.

    Parameters
    ----------
    f : callable
        Takes Values, returns a Value of any shape; smooth near ``args``.
    *args : Values or array_likes
        Where to check.  Bools are constants, everything else is differentiated by.
    order : int
        How often to differentiate.
    rtol : float, optional
        Allowed relative error; by default half of the digits of the type that is computed in.
    atol : float, optional
        Allowed absolute error of an element, besides rounding; 0 by default.
    rng : None, int, numpy Generator or RandomState
        Source of the random ways and upstream gradients.

    Returns
    -------
    bool
        True.

    Raises
    ------
    GradientError
        If a gradient is wrong.
    TypeError
        If ``f`` does not return a Value.
    ValueError
        If there is nothing to differentiate by, or an argument or the result is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> tg.gradcheck(tg.matmul, np.ones((2, 3)), np.ones(3))
    True
    >>> def square(x):
    ...     return x * x.data  # the right numbers, but half of the gradient is lost
    >>> tg.gradcheck(square, 3.0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    tinygrad_mlp.errors.GradientError: gradcheck of square, order 1: the gradient by ...
        got             3
        wanted          6 ± ...
        got / wanted    0.5
        relative error  0.5
        hint: got = wanted / 2
    """
    if not callable(f):
        raise TypeError(f"gradcheck: f must be a function, got {type(f).__name__} {f!r:.80}")
    whole_number("order", order)
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance is not None:
            finite_number(name, tolerance, minimum=0.0)
    settings = Settings(name_of(f), rtol, atol or 0.0, random_source(rng))
    data = []
    for position, x in enumerate(args):
        x = x.data if isinstance(x, Value) else x
        data.append(as_numbers(x, f"gradcheck: args[{position}]", copy=True, keep_bool=True))
        if not np.isfinite(data[-1]).all():
            raise ValueError(f"gradcheck: args[{position}] must be finite, got {x!r:.80}")
    if all(x.dtype.kind == "b" for x in data):
        raise ValueError("gradcheck: args must hold at least one number to differentiate by")
    with np.errstate(all="ignore"):  # whether a number is right is judged by the number
        _check_to_order(order, Check(f, data, titles(f, args), [], settings))
    return True


def _check_to_order(order: int, check: Check) -> None:
    check.is_the_same_every_time()
    check.agrees_with_differences()
    check.is_zero_for_zero()
    check.depends_on_numbers_alone()
    if order > 1:
        for place in check.places:
            _check_to_order(order - 1, check.of_gradient(place))
