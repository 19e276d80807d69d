"""Functions that are given by points, or by coefficients."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp._support.arguments import finite_number
from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.context import current
from tinygrad_mlp.core.numbers import as_operand
from tinygrad_mlp.core.protocols import bare_numbers
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.indexing import getitem
from tinygrad_mlp.ops.joining import concatenate
from tinygrad_mlp.ops.rounding import remainder
from tinygrad_mlp.ops.selections import where
from tinygrad_mlp.ops.shapes import as_double, broadcast_to
from tinygrad_mlp.ops.sorting import sort, sorted_by

# ----- Places that only the numbers tell, so that a compiled function finds them at every run -----


def _of_a_vector(x: Array, places: Array) -> dict[str, Any]:
    if np.ndim(x) != 1:
        raise ShapeError(f"x must be a vector, got shape {np.shape(x)}")
    return {}


def _of_one_shape(x: Array, places: Array, length: int) -> dict[str, Any]:
    if np.shape(x) != np.shape(places):
        raise ShapeError(
            f"x and places must have one shape, got {np.shape(x)} and {np.shape(places)}"
        )
    return {"length": length}


elements_at: Op = Op(
    "elements_at",
    "x places",
    prepare=_of_a_vector,
    forward="elements_at({x}, {places})",
    vjps=(lambda g, out, x, places: added_at(g, places, length=x.shape[0]), None),
    public=False,
    latex="{x}_{{{places}}}",
    shapes="(n),(...)->(...)",
    doc="Elements of a vector at places that are numbers like any other, cut to whole ones.",
    example='>>> tg.OPS["elements_at"]([10.0, 20.0, 30.0], [2.0, 0.0])\narray([30., 10.])',
)
added_at: Op = Op(
    "added_at",
    "x places",
    options={"length": 0},
    prepare=_of_one_shape,
    forward="added_at({x}, {places}, {length})",
    vjps=(lambda g, out, x, places, length: elements_at(g, places), None),
    public=False,
    latex=r"\operatorname{{add}}_{{{places}}} {x}",
    shapes="(...),(...)->(n)",
    doc="Zeros of a length with x added at places: the adjoint of elements_at.",
    example='>>> tg.OPS["added_at"]([1.0, 2.0], [2.0, 0.0], length=3)\narray([2., 0., 1.])',
)


# ----- Made of these -----


@composite
def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: float | None = None
) -> Any:
    r"""Return a function at x that is known at some points, and a straight line between two.

    Between the knots $x_i$ and $x_{i+1}$ it is
    $f_i + (x - x_i) (f_{i+1} - f_i) / (x_{i+1} - x_i)$.  At a knot it belongs to the line on the
    right of it, and so does its slope; at the last knot that is 0, as it is outside.  The second
    derivative by x is 0 everywhere, and so is what a kink would have.

    Parameters
    ----------
    x : Value or array_like, shape (...)
        Where the function is wanted.
    xp : Value or array_like, shape (n)
        The knots, which rise; in any order if there is a period.
    fp : Value or array_like, shape (n)
        The function at the knots.
    left, right : float or Value, optional
        The function before the first knot and behind the last one; by default that at the knot.
    period : float, optional
        After which distance the function repeats itself; then there is no left and no right.

    Returns
    -------
    Value or ndarray, shape (...)
        A Value if any argument is one; in double precision or more, as NumPy's.  Beside a knot
        where the function is infinite it may be nan.

    Raises
    ------
    ShapeError
        If xp and fp are not two vectors of one length, of 1 or more.
    ValueError
        If the knots fall.  While compiling nobody knows them; the result has no meaning then.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.interp([0.5, 1.5, 9.0], [0.0, 1.0, 2.0], [0.0, 10.0, 40.0])
    array([ 5., 25., 40.])
    >>> x = tg.Value([0.5, 1.0])
    >>> tg.grad(tg.interp(x, [0.0, 1.0, 2.0], [0.0, 10.0, 40.0]).sum(), x)
    array([10., 30.])
    """
    x, xp = as_double(x, "interp: x"), as_double(xp, "interp: xp")
    fp = as_double(fp, "interp: fp")
    if xp.ndim != 1 or xp.shape != fp.shape or not xp.size:
        raise ShapeError(
            "interp: xp and fp must be vectors of one length, of 1 or more; got shapes "
            f"{xp.shape} and {fp.shape}"
        )
    if period is not None:
        x, xp, fp = _within_a_period(x, xp, fp, period)
        left = right = None
    elif current().recorder is None and np.any(np.diff(bare_numbers(xp)) < 0):
        raise ValueError("interp: the knots xp must rise; sort them, and fp in the same order")
    left = getitem(fp, 0) if left is None else _number("left", left)
    last = getitem(fp, -1)
    if xp.shape[0] == 1:
        inside = broadcast_to(last, x.shape)
    else:
        inside = where(np.greater_equal(x, getitem(xp, -1)), last, _line(x, xp, fp))
    found = where(np.less(x, getitem(xp, 0)), left, inside)
    if right is None:
        return found
    return where(np.greater(x, getitem(xp, -1)), _number("right", right), found)


def _number(name: str, x: Any) -> Any:
    x = as_double(x, f"interp: {name}")
    if x.ndim:
        raise ShapeError(f"interp: {name} must be a number, got shape {x.shape}")
    return x


def _line(x: Any, xp: Any, fp: Any) -> Any:
    """Return what lies on the line through the two knots around each x."""
    place = np.searchsorted(getitem(xp, slice(1, -1)), x, side="right")
    start, end = slice(None, -1), slice(1, None)
    from_x, from_y = elements_at(getitem(xp, start), place), elements_at(getitem(fp, start), place)
    to_x, to_y = elements_at(getitem(xp, end), place), elements_at(getitem(fp, end), place)
    with np.errstate(divide="ignore", invalid="ignore"):  # of two equal knots at an end, not taken
        return (to_y - from_y) / (to_x - from_x) * (x - from_x) + from_y


def _within_a_period(x: Any, xp: Any, fp: Any, period: Any) -> tuple[Any, Any, Any]:
    """Return x and the knots in one period, and beyond each end a knot of the next one."""
    length = abs(finite_number("interp: period", period))
    if not length:
        raise ValueError(f"interp: period must not be 0, got {period!r:.80}")
    xp = remainder(xp, length)
    fp, xp = sorted_by(fp, xp), sort(xp)
    first, last = slice(None, 1), slice(-1, None)
    xp = concatenate([getitem(xp, last) - length, xp, getitem(xp, first) + length])
    return remainder(x, length), xp, concatenate([getitem(fp, last), fp, getitem(fp, first)])


@composite
def polyval(p: Any, x: Any) -> Any:
    r"""Return a polynomial at x, $p_0 x^{n-1} + p_1 x^{n-2} + \dots + p_{n-1}$, by Horner's rule.

    Parameters
    ----------
    p : Value or array_like, shape (n) or (n,...)
        The coefficients, the highest power first.
    x : Value or array_like, shape (...)
        Where the polynomial is wanted.

    Returns
    -------
    Value or ndarray
        A Value if any argument is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.polyval([1.0, 0.0, -2.0], [2.0, 3.0])
    array([2., 7.])
    """
    if isinstance(x, np.poly1d):
        raise TypeError("polyval: x must be numbers, got a polynomial; np.polyval joins two")
    p, x = as_operand(p, "polyval: p"), as_operand(x, "polyval: x")
    if not p.ndim:
        raise ShapeError("polyval: p must be a list of coefficients, got a number")
    if p.shape[0] == 0:
        return np.zeros(x.shape, x.dtype)[()]
    # A lonely coefficient has the shape of x, too.
    found = getitem(p, 0) if p.shape[0] > 1 else 0.0 * x + getitem(p, 0)
    for place in range(1, p.shape[0]):
        found = found * x + getitem(p, place)
    return found
