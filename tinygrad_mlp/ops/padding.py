"""Values with a border."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.numbers import as_operand, holds_values
from tinygrad_mlp.core.operators import Operators
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.ops.indexing import place, take
from tinygrad_mlp.ops.selections import where
from tinygrad_mlp.ops.shapes import axis_of

#: Borders of elements that are there already.
_REPEATING: Any = ("edge", "reflect", "symmetric", "wrap")


@composite
def pad(array: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0.0) -> Any:
    """Return the value with a border.

    Parameters
    ----------
    array : Value or array_like, shape (...)
        The value.
    pad_width : int, pair of ints, one pair for each axis, or dict of such by axis
        How many elements before and after.
    mode : {"constant", "edge", "reflect", "symmetric", "wrap"}
        What stands in the border: a constant; the element at the edge; all elements mirrored at
        that one, or at the edge behind it; or the elements of the other end.
    constant_values : float, pair of floats, or one pair for each axis
        The constants before and after; where two borders meet, that of the later axis.

    Returns
    -------
    Value or ndarray
        A Value if ``array`` is one.  The gradient of an element is the sum over all its places.

    Raises
    ------
    TypeError
        For constants that are no numbers.
    ValueError
        For another mode, for negative widths, or where there is no element to repeat.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.pad([1.0, 2.0], (1, 2))
    array([0., 1., 2., 0., 0.])
    >>> tg.pad([1.0, 2.0, 3.0], (1, 2), mode="reflect")
    array([2., 1., 2., 3., 2., 1.])
    """
    array = as_operand(array, "pad: array")
    lengths = array.shape
    widths = _widths(array, pad_width)
    constants = _constants(constant_values, len(lengths))
    is_zero = not constants.any()
    if mode in _REPEATING:
        if not is_zero:
            raise ValueError(f"pad: constant_values are for mode = 'constant', got mode = {mode!r}")
        return _repeated(array, widths, mode)
    if mode != "constant":
        raise ValueError(
            f"pad: mode must be 'constant', 'edge', 'reflect', 'symmetric' or 'wrap', got "
            f"{mode!r:.80}; concatenate makes any other border"
        )
    inner = tuple(slice(before, before + n) for (before, _), n in zip(widths, lengths, strict=True))
    shape = tuple(before + n + after for (before, after), n in zip(widths, lengths, strict=True))
    placed = place(array, index=inner, shape=shape)
    if is_zero:
        return placed
    is_border = np.ones(shape, dtype=bool)
    is_border[inner] = False
    border = np.pad(np.zeros(lengths, placed.dtype), widths, constant_values=constants)
    return where(is_border, border, placed)


def _widths(array: Any, pad_width: Any) -> list[tuple[int, int]]:
    """Return how many elements stand before and after, for each axis."""
    ndim = np.ndim(array)
    wanted = "pad: pad_width must be made of ints from 0 on"
    if isinstance(pad_width, dict):
        of_axes = {axis_of(array, axis): width for axis, width in pad_width.items()}
        pairs = [of_axes.get(axis, 0) for axis in range(ndim)]
        pad_width = [pair if isinstance(pair, list | tuple) else (pair, pair) for pair in pairs]
    try:
        widths = np.broadcast_to(pad_width, (ndim, 2)).tolist()
    except ValueError:
        raise ShapeError(
            f"{wanted}: one, a pair, or a pair for each of {ndim} axes, got {pad_width!r:.80}"
        ) from None
    if any(isinstance(n, bool) or not isinstance(n, int) or n < 0 for row in widths for n in row):
        raise ValueError(f"{wanted}, got {pad_width!r:.80}")
    return [(before, after) for before, after in widths]


def _repeated(array: Any, widths: Any, mode: Any) -> Any:
    lengths = np.shape(array)
    for axis, (pair, length) in enumerate(zip(widths, lengths, strict=True)):
        if length == 0 and any(pair):
            raise ValueError(f"pad: axis {axis} of shape {lengths} has no element to repeat")
        # NumPy pads the places, so that the elements are its elements.
        array = take(array, np.pad(np.arange(length), pair, mode), axis)
    return array


def _constants(constant_values: Any, ndim: int) -> Any:
    """Return the constants of a border as an array of numbers."""
    refused = f"pad: constant_values must be numbers, got {constant_values!r:.80}"
    if isinstance(constant_values, Operators) or holds_values(constant_values):
        raise TypeError(f"{refused}; concatenate makes a border of Values")
    try:
        constants = np.broadcast_to(np.asarray(constant_values), (ndim, 2))
    except ValueError:
        raise ShapeError(f"{refused}: one, a pair, or a pair for each of {ndim} axes") from None
    if constants.dtype.kind not in "biuf":
        raise TypeError(f"{refused}; concatenate makes any other border")
    return constants
