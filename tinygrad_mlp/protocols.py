"""NumPy's protocols: what ``np.exp(value)`` and ``np.sum(value, axis=0)`` do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Never, TypeVar

import numpy as np

from tinygrad_mlp.context import current
from tinygrad_mlp.errors import DataTypeError, TraceError
from tinygrad_mlp.subclasses import refuse_other_meaning

if TYPE_CHECKING:
    from tinygrad_mlp.engine import Value

_Function = TypeVar("_Function", bound=Callable[..., Any])

#: Every function of this package that takes Values, by name; arrays for arrays, Values for Values.
FUNCTIONS: dict[str, Callable[..., Value]] = {}


def composite(function: _Function) -> _Function:
    """Put a function that is made of others into the table of functions."""
    FUNCTIONS[function.__name__] = function
    return function


# ----- Which function of NumPy is which one here; those not named here have the same name -----

_QUESTIONS = (
    "all allclose any argmax argmin argsort argwhere array_equal array_equiv count_nonzero equal "
    "flatnonzero greater greater_equal isclose iscomplexobj isfinite isinf isnan isneginf isposinf "
    "isrealobj less less_equal logical_and logical_not logical_or logical_xor ndim nonzero "
    "not_equal shape signbit size"
)
#: Questions about numbers.  The answers are steps, so they are plain arrays and record nothing.
PLAIN = frozenset(_QUESTIONS.split())
#: Of these, what needs no numbers, only shape and type.
_OF_SHAPES = frozenset(("iscomplexobj", "isrealobj", "ndim", "shape", "size"))
#: Of these, what has an answer whose length depends on the numbers.
_OF_ANY_LENGTH = frozenset(("argwhere", "flatnonzero", "nonzero"))
#: Arrays that take nothing but shape and type from their first argument.
LIKE = frozenset(("empty_like", "full_like", "ones_like", "zeros_like"))
SECOND_NAMES = {
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "around": "round",
    "fabs": "abs",
}
#: What a method of a binary function is.
UFUNC_METHODS = {
    ("add", "reduce"): "sum",
    ("multiply", "reduce"): "prod",
    ("maximum", "reduce"): "max",
    ("minimum", "reduce"): "min",
    ("logaddexp", "reduce"): "logsumexp",
    ("add", "accumulate"): "cumsum",
}
_NO_OPTIONS: Mapping[str, Any] = {}
#: The same name with another meaning.
_NAMESAKES = frozenset(("place",))

_SECOND_PARAMETERS = {"min": "a_min", "max": "a_max", "newshape": "shape", "correction": "ddof"}
#: Parameters that say how to compute, not what.
_WITHOUT_EFFECT = frozenset(("kind", "optimize", "stable"))
_OTHERWISE = {
    "dtype": "convert with tg.astype",
    "where": "choose with tg.where first",
    "initial": "use tg.maximum, tg.minimum, + or * on the result",
}

#: What to write, and for which of NumPy's functions that is the same: ``linalg.outer`` is
#: ``np.linalg.outer``, ``.outer`` the method of a binary function.  A few are SciPy's.
_INSTEAD = {
    "x - y * tg.floor(x / y)": "remainder",
    "x - y * tg.trunc(x / y)": "fmod",
    "tg.floor(x / y)": "floor_divide",
    "tg.floor(x / y) and x - y * tg.floor(x / y)": "divmod",
    "tg.stack([tg.prod(x[:n]) for n in range(1, len(x) + 1)])": "cumprod cumulative_prod",
    "tg.cumsum(x)": "cumulative_sum",
    "tg.mean(tg.sort(x, axis=None)[(x.size - 1) // 2 : x.size // 2 + 1])": "median",
    "tg.sort and an index": "percentile quantile partition",
    "tg.sum(weights * x) / tg.sum(weights)": "average",
    "tg.concatenate": "append insert delete block",
    "tg.stack([x, y], axis=2)": "dstack",
    "tg.split": "hsplit vsplit dsplit",
    "tuple(x)": "unstack",
    "tg.flip(x, 0)": "flipud",
    "tg.flip(x, 1)": "fliplr",
    "tg.flip(x.T, 0)": "rot90",
    "tg.moveaxis": "rollaxis",
    "tg.clip(tg.where(np.isnan(x), 0.0, x), np.finfo(x.dtype).min, np.finfo(x.dtype).max)": (
        "nan_to_num"
    ),
    "tg.sum(tg.where(np.isnan(x), 0.0, x))": "nansum",
    "tg.cumsum(tg.where(np.isnan(x), 0.0, x))": "nancumsum",
    "tg.prod(tg.where(np.isnan(x), 1.0, x))": "nanprod",
    "tg.mean(x[~np.isnan(x)])": "nanmean",
    "tg.std(x[~np.isnan(x)])": "nanstd",
    "tg.var(x[~np.isnan(x)])": "nanvar",
    "tg.max(x[~np.isnan(x)])": "nanmax",
    "tg.min(x[~np.isnan(x)])": "nanmin",
    "tg.where(np.isnan(x) | (y > x), y, x)": "fmax",
    "tg.where(np.isnan(x) | (y < x), y, x)": "fmin",
    "tg.power": "float_power",
    "tg.logaddexp(x * np.log(2.0), y * np.log(2.0)) / np.log(2.0)": "logaddexp2",
    "tg.where(condition, x, y)": "heaviside select choose piecewise",
    "tg.where(mask, new, x), or tg.broadcast_to(new, x.shape)": "copyto",
    "tg.where(mask, new, x)": "place put putmask put_along_axis fill_diagonal",
    "x[index]": "take_along_axis compress extract",
    "tg.einsum": "cross linalg.cross kron vecdot linalg.vecdot matvec vecmat linalg.multi_dot",
    "x * (np.pi / 180)": "deg2rad radians",
    "x * (180 / np.pi)": "rad2deg degrees",
    "tg.diff(x)": "ediff1d",
    "tg.concatenate([x[1:2] - x[:1], (x[2:] - x[:-2]) / 2, x[-1:] - x[-2:-1]])": "gradient",
    "x + (y - x) * np.linspace(0.0, 1.0, number)": "linspace",
    "tg.reshape": "atleast_3d",
    "tg.take(x, np.arange(np.prod(shape)).reshape(shape) % x.size)": "resize",
    "tg.broadcast_to": "broadcast_arrays meshgrid",
    "x, which is real": "conjugate real real_if_close positive",
    "np.zeros_like(x), for x is real": "imag",
    "tg.arctan2(0.0, x)": "angle",
    "tg.norm, the Euclidean length": "linalg.vector_norm linalg.matrix_norm",
    "tg.swapaxes(x, -1, -2)": "matrix_transpose linalg.matrix_transpose",
    "tg.matmul(x, y)": "linalg.matmul",
    "tg.tensordot(x, y)": "linalg.tensordot",
    "tg.outer(x, y)": "linalg.outer",
    "tg.diagonal(x, axis1=-2, axis2=-1)": "linalg.diagonal",
    "tg.trace(x, axis1=-2, axis2=-1)": "linalg.trace",
    "tg.trunc": "fix",
    "tg.sin(y) / y with y = np.pi * tg.where(np.equal(x, 0), 1e-20, x)": "sinc",
    "tg.sigmoid(x)": "expit",
    "tg.log_sigmoid(x)": "log_expit",
    "tg.log(x) - tg.log1p(-x)": "logit",
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
    if module == "numpy.linalg" and name == "norm":
        return _norm
    if name in _NAMESAKES or not (isinstance(function, np.ufunc) or module == "numpy"):
        return None
    return FUNCTIONS.get(SECOND_NAMES.get(name, name))


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Value:  # noqa: A002
    """Return the Euclidean length, for what ``np.linalg.norm`` calls so."""
    several = np.ndim(x) != 1 if axis is None else np.ndim(axis) == 1 and len(axis) > 1
    if ord is not None and ord != ("fro" if several else 2):
        raise TypeError(
            f"np.linalg.norm(..., ord={ord!r}) has no derivative rule here; only the Euclidean "
            "length has one; "
            + (
                "of a matrix, tg.max(tg.sum(tg.abs(x), axis=0)) and "
                "tg.max(tg.sum(tg.abs(x), axis=1)) are the norms 1 and inf"
                if several
                else "of a vector, tg.sum(tg.abs(x)) and tg.max(tg.abs(x)) are the norms 1 and inf"
            )
        )
    return FUNCTIONS["norm"](x, axis=axis, keepdims=keepdims)


# ----- The arguments -----


@cache
def _parameters(function: Any) -> Mapping[str, Any]:
    """Return names and defaults of the arguments of a function, empty if it does not tell."""
    from inspect import Parameter, signature  # here, because it is slow to import

    try:
        parameters = signature(function).parameters.values()
    except (TypeError, ValueError):  # it is written in C
        return {}
    if any(p.kind is Parameter.VAR_POSITIONAL for p in parameters):
        return {}
    return {p.name: p.default for p in parameters if p.kind is not Parameter.VAR_KEYWORD}


@cache
def _accepted(function: Any) -> frozenset[str]:
    """Return the names of the arguments of a function of this package."""
    from inspect import signature

    if hasattr(function, "parameters"):
        return frozenset((*function.parameters, *function.options))
    return frozenset(signature(function).parameters)


def _call(spelling: str, function: Any, ours: Any, args: Any, options: Any) -> Any:
    """Call our function with the arguments of NumPy's, whose order and names may be others."""
    if len(args) == 1 and not options:
        return ours(*args)
    defaults = _parameters(function)
    if defaults:
        options = {**dict(zip(defaults, args, strict=False)), **options}
        args = (options.pop(next(iter(defaults))),)
    accepted = _accepted(ours)
    kept = {}
    for name, value in options.items():
        if name in _WITHOUT_EFFECT or value is defaults.get(name, np._NoValue):
            continue
        name = _SECOND_PARAMETERS.get(name, name)
        if name in accepted:
            kept[name] = value
        elif value is not None:
            _refuse(spelling, name)
    return ours(*args, **kept)


def _refuse(spelling: str, option: str) -> Never:
    if option == "out":
        raise TypeError(
            f"{spelling}(..., out=) would overwrite a graph, and so would array += value; assign "
            f"the result, as in y = {spelling}(...)"
        )
    raise TypeError(
        f"{spelling}(..., {option}=) is not supported for a Value; "
        + _OTHERWISE.get(option, "use the function of tinygrad_mlp, or value.data for bare numbers")
    )


def advice_for(name: str) -> str:
    """Return what to write instead of a function that has no rule.

    >>> advice_for("fmod")
    'x - y * tg.trunc(x / y)'
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


class NumpyProtocols:
    """The part of a Value that NumPy asks."""

    __slots__ = ()

    if TYPE_CHECKING:
        _numbers: Any

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any
    ) -> Any:
        """Make ``np.exp(value)`` and ``array * value`` record the graph."""
        name = ufunc.__name__
        spelling = f"np.{name}" if getattr(np, name, None) is ufunc else name  # SciPy's, perhaps
        spelling += "" if method == "__call__" else f".{method}"
        if out is not None:
            _refuse(spelling, "out")
        if method == "__call__":
            for option in options:
                _refuse(spelling, option)
            if name in PLAIN:
                return answer(ufunc, inputs)
        ours = counterpart(ufunc, method)
        if ours is None:
            raise no_rule(spelling, name if method == "__call__" else f".{method}")
        if method == "__call__":
            return ours(*inputs)
        axis = 0 if np.ndim(inputs[0]) else None  # what NumPy's methods take by default
        return _call(spelling, ufunc, ours, inputs, {"axis": axis, **options})

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        """Make ``np.sum(value, axis=0)`` record the graph."""
        name = function.__name__
        spelling = f"{function.__module__.replace('numpy', 'np', 1)}.{name}"
        if function.__module__ == "numpy":
            if name in PLAIN:
                if options.get("out") is not None:
                    _refuse(spelling, "out")
                return answer(function, args, options)
            if name in LIKE and args:
                return function(bare_numbers(args[0]), *args[1:], **options)
        ours = counterpart(function)
        if ours is None:
            raise no_rule(spelling, spelling.removeprefix("np."))
        return _call(spelling, function, ours, args, options)

    def __array__(
        self, dtype: Any = None, copy: Any = None
    ) -> np.ndarray[Any, np.dtype[np.object_]]:
        raise DataTypeError(
            "turning a Value into an array, or putting it into one, would silently drop its graph; "
            "join Values with tg.stack, choose with tg.where, or write value.data for bare numbers "
            "(np.ma does so, too: with a masked array, use its .filled())"
        )

    #: Higher than those of pandas, whose operators then leave a DataFrame with a Value to us.
    __pandas_priority__ = 10_000


def answer(function: Any, args: Any, options: Mapping[str, Any] = _NO_OPTIONS) -> Any:
    """Answer a question about numbers: a plain array, which records nothing.

    A function that is being compiled has no numbers yet, so there the question is recorded, and
    the answer is a Value.
    """
    name = function.__name__
    if current().compiling is None or name in _OF_SHAPES:
        return function(*bare_numbers(args), **bare_numbers(options))
    if name in _OF_ANY_LENGTH:
        raise TraceError(
            f"compile: the length of np.{name}(...) depends on numbers that the function has only "
            "when it runs; use tg.where(condition, x, y), which keeps the shape"
        )
    # The others say how to ask, such as the axis of argmax.
    count = len(args) if isinstance(function, np.ufunc) else _count_of_arrays(args)
    return FUNCTIONS["question"](
        *args[:count], function=name, others=tuple(args[count:]), named=tuple(options.items())
    )


def _count_of_arrays(args: Any) -> int:
    return sum(isinstance(x, NumpyProtocols | np.ndarray) for x in args)


def bare_numbers(x: Any) -> Any:
    """Return what came with the numbers of Values in their place."""
    if isinstance(x, NumpyProtocols):
        return x._numbers
    refuse_other_meaning(x, "an operand")
    if isinstance(x, list | tuple):
        return [bare_numbers(each) for each in x]
    if isinstance(x, dict):
        return {name: bare_numbers(value) for name, value in x.items()}
    return x
