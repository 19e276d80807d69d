"""Differences of neighbours, the slopes that they estimate, and the area below points."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.numbers import as_operand, joined
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.ops.indexing import along, getitem
from tinygrad_mlp.ops.joining import concatenate
from tinygrad_mlp.ops.reductions import sum  # noqa: A004  NumPy's name
from tinygrad_mlp.ops.shapes import astype, axes_of, axis_of, broadcast_to, raveled, reshape


def _part(x: Any, axis: int, start: int | None, stop: int | None) -> Any:
    """Return the elements of an axis from a place to another."""
    return getitem(x, along(axis, slice(start, stop)))


@composite
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Return the differences of neighbours along an axis.

    Parameters
    ----------
    a : Value or array_like, shape (...)
        The value.
    n : int
        How often differences are taken.
    axis : int
        Along which axis, which becomes shorter by ``n``.
    prepend, append : Value or array_like, optional
        What is put before and behind the value first; a number counts as one element.

    Returns
    -------
    Value or ndarray
        A Value if any argument is one.

    Raises
    ------
    ValueError
        If ``n`` is negative.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.diff([1.0, 4.0, 9.0])
    array([3., 5.])
    >>> tg.diff([1.0, 4.0, 9.0], prepend=0.0)
    array([1., 3., 5.])
    """
    a, prepend, append = as_operand(a, "diff: a"), joined(prepend), joined(append)
    times = whole_number("diff: n", n, minimum=0)
    place = axis_of(a, axis)
    one = tuple(1 if i == place else length for i, length in enumerate(a.shape))
    ends = [x if x is None or np.ndim(x) else broadcast_to(x, one) for x in (prepend, append)]
    parts = [x for x in (ends[0], a, ends[1]) if x is not None]
    a = concatenate(parts, place) if len(parts) > 1 else a
    for _ in range(times):
        a = _part(a, place, 1, None) - _part(a, place, None, -1)
    return a


@composite
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Return the differences of neighbours in the raveled value, between further elements.

    >>> import tinygrad_mlp as tg
    >>> tg.ediff1d([1.0, 4.0, 9.0], to_begin=0.0)
    array([0., 3., 5.])
    """
    inside = diff(raveled(ary))
    parts = [x for x in (to_begin, inside, to_end) if x is not None]
    if len(parts) == 1:
        return inside
    found = concatenate(parts, None)
    return found if found.dtype == inside.dtype else astype(found, inside.dtype)  # as in NumPy


@composite
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    r"""Return estimates of the slopes of a function from its values on a grid.

    Inside, the difference of both neighbours, $(f_{i+1} - f_{i-1}) / 2h$, or what is as exact for
    uneven steps; at the ends, from the nearest two or three values.  The derivative of ``f`` that
    is recorded as a graph is ``tg.grad``; this is ``np.gradient``.

    Parameters
    ----------
    f : Value or array_like, shape (...)
        Values on a grid.
    *varargs : float, Value or array_like
        The distance of neighbours, or their coordinates, shape (n): one for all axes, or one for
        each.  By default 1.
    axis : int or tuple of ints, optional
        Along which axes; all by default.
    edge_order : {1, 2}
        How exact the slopes at the ends are.

    Returns
    -------
    Value or ndarray, or a tuple of them
        For each axis, of the shape of ``f``; Values if any argument is one.

    Raises
    ------
    ShapeError
        If an axis is too short, or coordinates do not fit it.
    TypeError
        If there are neither one distance nor as many as axes.
    ValueError
        For another ``edge_order``.

    References
    ----------
    B. Fornberg, "Generation of Finite Difference Formulas on Arbitrarily Spaced Grids" (1988).

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.gradient([1.0, 2.0, 4.0, 7.0])
    array([1. , 1.5, 2.5, 3. ])
    >>> tg.gradient([1.0, 2.0, 5.0], [0.0, 1.0, 2.0], edge_order=2)
    array([0., 2., 4.])
    """
    f = as_operand(f, "gradient: f")
    axes = tuple(range(f.ndim)) if axis is None else axes_of(f, axis)
    spacings = varargs or (1.0,)
    if len(spacings) == 1:
        spacings *= len(axes)
    if len(spacings) != len(axes):
        raise TypeError(f"gradient: give one distance, or {len(axes)}; got {len(varargs)}")
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: edge_order must be 1 or 2, got {edge_order!r:.80}")
    pairs = zip(axes, spacings, strict=True)
    slopes = tuple(_slopes(f, one, spacing, edge_order) for one, spacing in pairs)
    return slopes[0] if len(axes) == 1 else slopes


def _slopes(f: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    """Return the slopes along one axis."""
    spacing = as_operand(spacing, "gradient: a distance", weak=True)
    length = np.shape(f)[axis]
    if length <= edge_order:
        raise ShapeError(
            f"gradient: axis {axis} must have at least {edge_order + 1} elements for edge_order = "
            f"{edge_order}, got shape {np.shape(f)}"
        )
    if np.ndim(spacing) and np.shape(spacing) != (length,):
        raise ShapeError(
            f"gradient: coordinates of axis {axis} must have the shape {(length,)}, got "
            f"{np.shape(spacing)}"
        )

    def values(start: int | None, stop: int | None) -> Any:
        return _part(f, axis, start, stop)

    def steps(start: int | None, stop: int | None) -> Any:
        if not np.ndim(spacing):
            return spacing
        found = getitem(diff(spacing), slice(start, stop))
        return reshape(found, (-1, *(1,) * (np.ndim(f) - axis - 1)))

    if np.ndim(spacing):
        inside = _weighted(
            [values(None, -2), values(1, -1), values(2, None)], steps(None, -1), steps(1, None), 1
        )
    else:
        inside = (values(2, None) - values(None, -2)) / (2.0 * spacing)
    if edge_order == 1:
        first = (values(1, 2) - values(0, 1)) / steps(0, 1)
        last = (values(-1, None) - values(-2, -1)) / steps(-1, None)
    else:
        three = [values(i, i + 1) for i in range(3)]
        first = _weighted(three, steps(0, 1), steps(1, 2), 0)
        three = [values(-3, -2), values(-2, -1), values(-1, None)]
        last = _weighted(three, steps(-2, -1), steps(-1, None), 2)
    slopes, dtype = concatenate([first, inside, last], axis), values(0, 0).dtype
    # They are of the type of f, as NumPy's, whatever that of the grid is.
    return slopes if slopes.dtype == dtype else astype(slopes, dtype)


def _weighted(three: list[Any], left: Any, right: Any, place: int) -> Any:
    """Return the slope, at one of three points, of the parabola through them."""
    both = left + right
    if place == 0:
        weights = -(both + left) / (left * both), both / (left * right), -left / (right * both)
    elif place == 1:
        weights = -right / (left * both), (right - left) / (left * right), left / (right * both)
    else:
        weights = right / (left * both), -both / (left * right), (both + right) / (right * both)
    first, second, third = (w * x for w, x in zip(weights, three, strict=True))
    return first + second + third


@composite
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    r"""Return the area below points, $\sum_i (x_{i+1} - x_i) (y_i + y_{i+1}) / 2$.

    Parameters
    ----------
    y : Value or array_like, shape (...)
        The heights.
    x : Value or array_like, optional
        Where they are: shape (n) of the axis, or that of ``y``.
    dx : float or Value
        The distance of neighbours, if ``x`` is not given.
    axis : int
        Along which axis.

    Returns
    -------
    Value or ndarray
        A Value if any argument is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.trapezoid([1.0, 2.0, 3.0], dx=0.5)
    np.float64(2.0)
    """
    y, x = as_operand(y, "trapezoid: y"), x if x is None else as_operand(x, "trapezoid: x")
    place = axis_of(y, axis)
    if x is None:
        steps = dx
    elif x.ndim and x.shape[axis if x.ndim > 1 else 0] == y.shape[place]:
        steps = diff(x, axis=axis if x.ndim > 1 else 0)
        if x.ndim == 1:
            steps = reshape(steps, (-1, *(1,) * (y.ndim - place - 1)))
    else:
        raise ShapeError(
            f"trapezoid: x must have the shape {(y.shape[place],)} of axis {place} or that of y, "
            f"{y.shape}, got {x.shape}"
        )
    heights = _part(y, place, 1, None) + _part(y, place, None, -1)
    return sum(steps * heights / 2.0, axis=axis)
