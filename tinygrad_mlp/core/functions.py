"""Every function that takes Values, by name, and which function of NumPy is which one here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

#: Every function of this package that takes Values, by name; arrays for arrays, Values for Values.
FUNCTIONS: dict[str, Any] = {}
#: Those that stand in ``tg.linalg``, by NumPy's name there.
LINALG: dict[str, Any] = {}
#: What else the methods of a Value call.
METHODS: dict[str, Callable[..., Any]] = {}

# ----- Which function of NumPy is which one here; those not named here have the same name -----

_QUESTIONS = (
    "all allclose any argmax argmin argsort argwhere array_equal array_equiv count_nonzero equal "
    "flatnonzero greater greater_equal isclose iscomplexobj isfinite isinf isnan isneginf isposinf "
    "isrealobj less less_equal logical_and logical_not logical_or logical_xor ndim nonzero "
    "not_equal searchsorted shape signbit size"
)
#: Questions about numbers.  The answers are steps, so they are plain arrays and record nothing.
PLAIN = frozenset(_QUESTIONS.split())
#: Of these, what needs no numbers, only shape and type.
OF_SHAPES = frozenset(("iscomplexobj", "isrealobj", "ndim", "shape", "size"))
#: Of these, what has an answer whose length depends on the numbers.
OF_ANY_LENGTH = frozenset(("argwhere", "flatnonzero", "nonzero"))
#: Arrays that take nothing but shape and type from their first argument.
LIKE = frozenset(("empty_like", "full_like", "ones_like", "zeros_like"))
SECOND_NAMES = {
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "around": "round",
    "degrees": "rad2deg",
    "fabs": "abs",
    "radians": "deg2rad",
    # SciPy's
    "expit": "sigmoid",
    "log_expit": "log_sigmoid",
    "psi": "digamma",
}
#: What a method of a binary function is.
UFUNC_METHODS = {
    ("add", "reduce"): "sum",
    ("multiply", "reduce"): "prod",
    ("maximum", "reduce"): "max",
    ("minimum", "reduce"): "min",
    ("logaddexp", "reduce"): "logsumexp",
    ("add", "accumulate"): "cumsum",
    ("multiply", "accumulate"): "cumprod",
}
#: Where NumPy keeps its functions, but for those of linear algebra.
_MODULES = ("numpy", "numpy.lib.stride_tricks")
#: The same name with another meaning.
_NAMESAKES = frozenset(("place",))

#: What to write, and for which of NumPy's functions that is the same: ``linalg.outer`` is
#: ``np.linalg.outer``, ``.outer`` the method of a binary function.  A few are SciPy's.
_INSTEAD = {
    "tg.sort and an index": "partition",
    "tg.concatenate": "insert",
    "tg.cumsum(tg.where(np.isnan(x), 0.0, x))": "nancumsum",
    "tg.power": "float_power",
    "tg.where(condition, x, y)": "heaviside piecewise",
    "tg.where(mask, new, x), or tg.broadcast_to(new, x.shape)": "copyto",
    "tg.where(mask, new, x)": "place put putmask put_along_axis fill_diagonal",
    "x * (y / x) ** np.linspace(0.0, 1.0, number)": "geomspace",
    "10 ** tg.linspace(x, y, number)": "logspace",
    "tg.take(x, np.arange(np.prod(shape)).reshape(shape) % x.size)": "resize",
    "tg.broadcast_to": "broadcast_arrays",
    "x, which is real": "real_if_close",
    "tg.arctan2(0.0, x)": "angle",
    "tg.norm, the Euclidean length": "linalg.vector_norm linalg.matrix_norm",
    "tg.trunc": "fix",
    "tg.expm1(x) / x": "exprel",
    # Methods of binary functions.
    "the function itself for x[:, np.newaxis] and y": ".outer",
    "x + tg.place(new, index, x.shape)": ".at",
    "the function itself, step by step,": ".accumulate .reduce .reduceat",
}


def counterpart(function: Any, method: str = "__call__") -> Callable[..., Any] | None:
    """Return the function of this package for one of NumPy's, or None."""
    name, module = function.__name__, getattr(function, "__module__", "numpy")
    if method != "__call__":
        return FUNCTIONS.get(UFUNC_METHODS.get((name, method), ""))
    if module == "numpy.linalg":
        return LINALG.get(name)
    if name in _NAMESAKES or not (isinstance(function, np.ufunc) or module in _MODULES):
        return None
    return FUNCTIONS.get(SECOND_NAMES.get(name, name))


def advice_for(name: str) -> str:
    """Return what to write instead of a function that has no rule.

    >>> advice_for("fix")
    'tg.trunc'
    """
    spelled = (advice for advice, names in _INSTEAD.items() if name in names.split())
    return next(spelled, "")


def no_rule(spelling: str, name: str) -> TypeError:
    """Return the error that says that a function has no rule, and what to write instead."""
    advice = advice_for(name)
    advice = f"write {advice}" if advice else "use the functions of tinygrad_mlp"
    return TypeError(
        f"{spelling} has no derivative rule here, so it cannot take a Value; {advice}, or "
        "value.data for the bare numbers"
    )
