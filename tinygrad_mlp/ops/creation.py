"""Arrays made of few values: evenly spaced, or filled with one."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp.core.composites import composite, composite_of_several
from tinygrad_mlp.core.numbers import as_operand, of_one_type
from tinygrad_mlp.ops.arithmetic import subtract
from tinygrad_mlp.ops.shapes import axis_of, broadcast_to, expand_dims, moveaxis, reshape


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
    start, stop = of_one_type(
        as_operand(start, "linspace: start", weak=True),
        as_operand(stop, "linspace: stop", weak=True),
    )
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


@composite_of_several
def meshgrid(*xi: Any, sparse: bool = False, indexing: str = "xy") -> tuple[Any, ...]:
    r"""Return the coordinates of all points of a grid, one value for each axis.

    Parameters
    ----------
    *xi : Value or array_like
        The coordinates along each axis, raveled.
    sparse : bool
        Leave the lengths 1 along the other axes; what is computed with them broadcasts.
    indexing : {"xy", "ij"}
        Whether the first coordinate goes along the second axis of the results, as in a picture, or
        along the first one, as in a matrix.

    Returns
    -------
    tuple of Values or of ndarrays
        A Value where the coordinates are one.

    Raises
    ------
    ValueError
        For another indexing.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x, y = tg.meshgrid([1.0, 2.0], [5.0, 6.0])
    >>> print(x, y, sep="\n")
    [[1. 2.]
     [1. 2.]]
    [[5. 5.]
     [6. 6.]]
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing must be 'xy' or 'ij', got {indexing!r:.80}")
    several = [as_operand(x, f"meshgrid: xi[{place}]") for place, x in enumerate(xi)]
    order = list(range(len(several)))
    if indexing == "xy":
        order[:2] = order[:2][::-1]
    # Each lies along an axis of its own.
    ones = [1] * len(several)
    sides = [
        reshape(x, (*ones[:axis], -1 if x.size else 0, *ones[axis + 1 :]))
        for x, axis in zip(several, order, strict=True)
    ]
    if sparse:
        return tuple(sides)
    whole = np.broadcast_shapes(*(side.shape for side in sides))
    grid = (broadcast_to(side, whole) for side in sides)
    # Of arrays they are new ones, which may be written to.
    return tuple(x.copy() if isinstance(x, np.ndarray) else x for x in grid)


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
