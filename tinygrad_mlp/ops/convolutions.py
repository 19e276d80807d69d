"""Windows that slide along a value, and sums of products in each of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.numbers import as_operand
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.arithmetic import unary
from tinygrad_mlp.ops.indexing import flip, place
from tinygrad_mlp.ops.shapes import axis_of

# ----- Windows -----


def _window_options(x: Array, window_shape: Any, axis: Any) -> dict[str, Any]:
    window = tuple(window_shape) if isinstance(window_shape, tuple | list) else (window_shape,)
    if any(isinstance(n, bool) or not isinstance(n, int | np.integer) for n in window):
        raise TypeError(
            "sliding_window_view: window_shape must be an int or a tuple of ints, got "
            f"{window_shape!r:.80}"
        )
    if axis is None:
        axes = tuple(range(np.ndim(x)))
    else:  # NumPy lets windows slide along one axis twice
        several = axis if isinstance(axis, tuple | list) else (axis,)
        axes = tuple([axis_of(x, one) for one in several])
    if len(window) != len(axes):
        raise ShapeError(
            f"sliding_window_view: window_shape {window} and axes {axes} of a value of shape "
            f"{np.shape(x)} must be as many"
        )
    return {"window_shape": tuple(map(int, window)), "axis": axes}


sliding_window_view: Op = unary(
    "sliding_window_view",
    options={"window_shape": (), "axis": None},
    prepare=_window_options,
    forward="np.lib.stride_tricks.sliding_window_view({x}, {window_shape}, {axis})",
    vjps=(
        lambda g, out, x, window_shape, axis: overlap_add(
            g, window_shape=window_shape, axis=axis, shape=x.shape
        ),
    ),
    latex=r"\operatorname{{windows}} {x}",
    symbol="windows",
    doc="All windows of a shape, one for each place where it fits; their axes come last.",
    example=(">>> tg.sliding_window_view([1.0, 2.0, 3.0], 2)\narray([[1., 2.],\n       [2., 3.]])"),
)
overlap_add: Op = unary(
    "overlap_add",
    options={"window_shape": (), "axis": (), "shape": ()},
    forward="overlap_add({x}, {window_shape}, {axis}, {shape})",
    vjps=(
        lambda g, out, x, window_shape, axis, shape: sliding_window_view(
            g, window_shape=window_shape, axis=axis
        ),
    ),
    public=False,
    latex=r"\operatorname{{overlap}} {x}",
    doc="Windows added up, each in its place: the adjoint of sliding_window_view.",
    example=(
        '>>> tg.OPS["overlap_add"]([[1.0, 2.0], [10.0, 20.0]], (2,), (0,), (3,))\n'
        "array([ 1., 12., 20.])"
    ),
)

# ----- Convolution -----

_MODES = ("full", "same", "valid")


def _check_vectors(name: str, a: Array, v: Array, mode: Any) -> None:
    if mode not in _MODES:
        raise ValueError(f"{name}: mode must be 'full', 'same' or 'valid', got {mode!r:.80}")
    for letter, x in (("a", a), ("v", v)):
        if np.ndim(x) > 1 or np.size(x) == 0:
            raise ShapeError(
                f"{name}: {letter} must be a vector with elements, got shape {np.shape(x)}; for "
                "more axes sum over windows: tg.einsum('...k,k', tg.sliding_window_view(a, k), v)"
            )


def _convolve_options(a: Array, v: Array, mode: Any) -> dict[str, Any]:
    _check_vectors("convolve", a, v, mode)
    return {"mode": mode}


def _share(g: Any, own: Any, other: Any, mode: str) -> Any:
    """Return the gradient by one of the two vectors: the other one slides along ``g``."""
    if mode != "full":  # then only sums in the middle were kept
        shorter = min(own.size, np.size(other))
        first = (shorter - 1) // 2 if mode == "same" else shorter - 1
        index = slice(first, first + g.size)
        g = place(g, index=index, shape=(own.size + np.size(other) - 1,))
    turned = flip(other) if np.ndim(other) else other
    return convolve(g, turned, mode="valid")


convolve: Op = Op(
    "convolve",
    "a v",
    options={"mode": "full"},
    prepare=_convolve_options,
    forward="np.convolve({a}, {v}, {mode})",
    vjps=(
        lambda g, out, a, v, mode: _share(g, a, v, mode),
        lambda g, out, a, v, mode: _share(g, v, a, mode),
    ),
    latex="{a} * {v}",
    symbol="∗",
    shapes="(n),(k)->(m)",
    doc="Convolution of two vectors, sums of a[i] v[n - i]; mode is full, same or valid.",
    example=">>> tg.convolve([1.0, 2.0, 3.0], [1.0, 10.0])\narray([ 1., 12., 23., 30.])",
)


@composite
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    r"""Return the cross-correlation of two vectors, $c_k = \sum_n a_{n+k} v_n$.

    Parameters
    ----------
    a, v : Value or array_like, shape (n) and (k)
        The vectors.
    mode : {"valid", "same", "full"}
        Only the sums where all of the shorter one meets the longer one, as many as the longer one
        has elements, or all.

    Returns
    -------
    Value or ndarray
        A Value if any argument is one.

    Raises
    ------
    ShapeError
        If one of them is no vector, or empty.
    ValueError
        For another mode.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.correlate([1.0, 2.0, 3.0], [1.0, 10.0])
    array([21., 32.])
    """
    a, v = as_operand(a, "correlate: a"), as_operand(v, "correlate: v")
    _check_vectors("correlate", a, v, mode)
    if v.size > a.size:  # NumPy computes it with the longer one first, and turns it
        return flip(convolve(flip(a), v, mode=mode))
    return convolve(a, flip(v), mode=mode)
