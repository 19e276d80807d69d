"""NumPy's protocols: what ``np.exp(value)`` and ``np.sum(value, axis=0)`` do."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from types import FrameType
from typing import Any, Never

import numpy as np

from tinygrad_mlp._support.arguments import refuse_other_meaning
from tinygrad_mlp.core.context import current
from tinygrad_mlp.core.functions import (
    FUNCTIONS,
    LIKE,
    LINALG,
    OF_SHAPES,
    PLAIN,
    counterpart,
    no_rule,
)
from tinygrad_mlp.errors import DataTypeError

_NO_OPTIONS: Mapping[str, Any] = {}
_SECOND_PARAMETERS = {"min": "a_min", "max": "a_max", "newshape": "shape", "correction": "ddof"}
#: Parameters that say how to compute, not what.
_WITHOUT_EFFECT = frozenset(("copy", "kind", "optimize", "overwrite_input", "stable"))
_OTHERWISE = {
    "dtype": "convert with tg.astype",
    "where": "choose with tg.where first",
}
_INSTEAD_OF_NUMPY = (
    "write tg.array([...]) for np.array([...]), tg.sum([...]) for np.sum([...]) and its "
    "like, array @ value for array.dot(value), tg.where for a choice, value.astype(int) for an "
    "index or a count, or value.data for bare numbers (np.ma drops the graph, too: of a masked "
    "array use .filled())"
)


# ----- The arguments -----


@cache
def _parameters(function: Any) -> tuple[Mapping[str, Any], int]:
    """Return names and defaults of the arguments of a function, empty if it does not tell.

    The number is how many of them have to be given by their place.
    """
    from inspect import Parameter, signature  # here, because it is slow to import

    try:
        parameters = signature(function).parameters.values()
    except (TypeError, ValueError):  # it is written in C
        return {}, 0
    if any(p.kind is Parameter.VAR_POSITIONAL for p in parameters):
        return {}, 0
    named = [p for p in parameters if p.kind is not Parameter.VAR_KEYWORD]
    by_place = [p for p in named if p.kind is Parameter.POSITIONAL_ONLY]
    return {p.name: p.default for p in named}, max(len(by_place), 1)


@cache
def _accepted(function: Any) -> frozenset[str]:
    """Return the names of the arguments of a function of this package."""
    from inspect import signature

    if hasattr(function, "parameters"):
        return frozenset((*function.parameters, *function.options, *function.also))
    return frozenset(signature(function).parameters)


def _call(spelling: str, function: Any, ours: Any, args: Any, options: Any) -> Any:
    """Call our function with the arguments of NumPy's, whose order and names may be others."""
    if len(args) == 1 and not options:
        return ours(*args)
    defaults, by_place = _parameters(function)
    if defaults:
        options = {**dict(zip(defaults, args, strict=False)), **options}
        args = [options.pop(name) for name in [*defaults][:by_place] if name in options]
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


class NumpyProtocols:
    """The part of a Value that NumPy asks."""

    __slots__ = ()

    _numbers: Any

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any
    ) -> Any:
        """Make ``np.exp(value)`` and ``array * value`` record the graph."""
        name = ufunc.__name__
        if method == "__call__" and out is None and not options and name not in PLAIN:
            ours = counterpart(ufunc)
            if ours is not None:
                return ours(*inputs)
        spelling = f"np.{name}" if getattr(np, name, None) is ufunc else name  # SciPy's, perhaps
        spelling += "" if method == "__call__" else f".{method}"
        if out is not None:
            _refuse(spelling, "out")
        ours = counterpart(ufunc, method)
        if method == "__call__":
            for option in options:
                if ours is None or option not in _accepted(ours):
                    _refuse(spelling, option)
            if name in PLAIN:
                return answer(ufunc, inputs)
        if ours is None:
            raise no_rule(spelling, name if method == "__call__" else f".{method}")
        if method == "__call__":
            return ours(*inputs, **options)
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
            + (_instead_of_scipy() or _INSTEAD_OF_NUMPY)
        )

    #: Higher than those of pandas, whose operators then leave a DataFrame with a Value to us.
    __pandas_priority__ = 10_000


def _instead_of_scipy() -> str:
    """Return what to write if it is SciPy that asks for an array; nothing if it is not."""
    frame: FrameType | None = sys._getframe(2)
    names, module = [], ""
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("scipy."):
            names.append(frame.f_code.co_name)
            module = ".".join(name.split(".")[:2]).partition("._")[0]
        elif not name.startswith("numpy"):
            break
        frame = frame.f_back
    if not names:
        return ""
    for name in reversed(names):  # what was called, and not what that called
        if name in LINALG or name in FUNCTIONS:
            ours = f"tg.linalg.{name}" if name in LINALG else f"tg.{name}"
            return f"{module} takes arrays alone: write {ours}, or value.data for bare numbers"
    return (
        f"{module} takes arrays alone: see tg.linalg, tg.special and tg.operation, or take "
        "value.data for bare numbers"
    )


def answer(function: Any, args: Any, options: Mapping[str, Any] = _NO_OPTIONS) -> Any:
    """Answer a question about numbers: a plain array, which records nothing.

    A function that is being compiled has no numbers yet, so there the question is recorded, and
    the answer is a Value.
    """
    recorder = current().recorder
    if recorder is None or function.__name__ in OF_SHAPES:
        return function(*bare_numbers(args), **bare_numbers(options))
    return recorder.answer(function, args, options)


def bare_numbers(x: Any) -> Any:
    """Return what came with the numbers of Values in their place."""
    if isinstance(x, NumpyProtocols):
        return x._numbers
    refuse_other_meaning(x, "an operand")
    if isinstance(x, list | tuple):
        parts = [bare_numbers(each) for each in x]
        return tuple(parts) if isinstance(x, tuple) else parts
    if isinstance(x, dict):
        return {name: bare_numbers(value) for name, value in x.items()}
    return x
