"""How one number of a result is written in a loop, from one of each argument."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from tinygrad_mlp.programs.compiling.calls import Call, Variable, is_elementwise
from tinygrad_mlp.programs.compiling.machine_code import UnsupportedError
from tinygrad_mlp.programs.compiling.printer import OPERATORS, Printer, Task, is_scalar

Array = Any

#: Functions of each number that are no ufuncs.
_OTHERS = {
    "_power": "np.power({}, {})",
    "_item": "{}",
    "clip": "np.minimum(np.maximum({}, {}), {})",
    "where": "({1} if {0} else {2})",
}
#: Of NumPy's, those that numba computes otherwise: it rounds the quotient, and then down.
_OF_NUMPY_ALONE = (np.floor_divide,)


class NumberPrinter(Printer):
    """Prints single numbers; a view is computed as a place in the array that it looks at."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.views: dict[int, tuple[Variable, Array]] = {}  # whose numbers, and which of them
        self.inside: set[int] = set()  # results that the open loop has as numbers
        self.array_constants: dict[str, Array] = {}

    def _root(self, variable: Variable) -> int:
        view = self.views.get(variable.number)
        return super()._root(variable) if view is None else view[0].number

    def _formula(self, call: Call, index: tuple[str, ...]) -> str:
        """Return the expression of one number of a result."""
        if call.function.__name__ == "_astype":
            return f"np.{type_name(made(call))}({self._number(call.arguments[0], index)})"
        arguments = call.arguments
        if call.function.__name__ == "_item":
            arguments = arguments[:1]
        kinds = [x.dtype for x in arguments if hasattr(x, "dtype")]
        numbers = [
            self._number(x, index) if hasattr(x, "dtype") else self._literal(x, kinds)
            for x in arguments
        ]
        return self._combine(call.function, numbers, made(call).dtype)

    def _combine(self, function: Any, numbers: Sequence[str], kind: np.dtype[Any]) -> str:
        name = function.__name__
        if name in _OTHERS:
            return _OTHERS[name].format(*numbers)
        if name in OPERATORS:
            return OPERATORS[name].format(*numbers)
        if name == "exp":
            text = f"exp({numbers[0]})"
            return text if kind == np.float64 else f"np.{type_name(kind)}({text})"
        return f"np.{name}({', '.join(numbers)})"

    def _literal(self, x: Any, kinds: Sequence[np.dtype[Any]]) -> str:
        kind = np.result_type(*kinds, x)
        if not np.isfinite(x):
            return self._constant(kind.type(x), "c")
        is_plain = kind == np.float64 and type(x) is float
        return repr(x) if is_plain else f"np.{type_name(kind)}({x!r})"

    def _number(self, x: Any, index: Sequence[str]) -> str:
        """Return one number of an argument that takes part in a result with an index."""
        if np.ndim(x) == 0 and not isinstance(x, Variable):
            return self._constant(np.asarray(x)[()], "c")
        if isinstance(x, Variable) and x.number in self.inside and x.number in self.names:
            return self.names[x.number]
        if is_scalar(x):
            return self._text(x)
        shape = np.shape(x)
        index = index[len(index) - len(shape) :]
        index = ["0" if length == 1 else i for length, i in zip(shape, index, strict=True)]
        if isinstance(x, np.ndarray):
            name = self._constant(x, "c")
            self.array_constants[name] = x
            return at(name, index)
        if x.number in self.views:
            root, places = self.views[x.number]
            return at(self._text(root), _place(root.shape, places, index))
        return at(self._text(x), index)

    def _remember_view(self, call: Call) -> None:
        """Note which numbers of which array a view looks at."""
        source: Any = call.source
        root, places = self.views.get(source.number, (source, None))
        if places is None:
            places = np.arange(source.size).reshape(source.shape)
        arguments = [places if x is source else x for x in call.arguments]
        seen = call.function(*arguments, **call.options)
        if not np.may_share_memory(seen, places):
            raise UnsupportedError(f"there is no loop for {call.function.__name__}")
        self.views[made(call).number] = root, seen


def _place(shape: tuple[int, ...], places: Array, index: Sequence[str]) -> list[str]:
    """Return the index into an array of what a view of it, at an index, looks at."""
    if not places.size:
        return ["0"] * len(shape)
    start = int(places.flat[0])
    steps = [stride // places.itemsize for stride in places.strides]
    moving = [
        (i, step, length)
        for i, step, length in zip(index, steps, places.shape, strict=True)
        if length > 1 and step != 0
    ]
    units = [prod(shape[axis + 1 :]) for axis in range(len(shape))]
    firsts = [start // unit % length for unit, length in zip(units, shape, strict=True)]
    terms: list[list[str]] = [[str(first)] if first else [] for first in firsts]
    lowest, highest = list(firsts), list(firsts)
    for i, step, length in moving:
        axis = next(a for a, unit in enumerate(units) if unit <= abs(step) and step % unit == 0)
        stride = step // units[axis]
        terms[axis].append(i if stride == 1 else f"{stride} * {i}")
        end = stride * (length - 1)
        lowest[axis], highest[axis] = lowest[axis] + min(end, 0), highest[axis] + max(end, 0)
    if all(
        low >= 0 and high < length for low, high, length in zip(lowest, highest, shape, strict=True)
    ):
        return [" + ".join(parts) or "0" for parts in terms]
    flat = " + ".join([str(start), *(f"{step} * {i}" for i, step, _ in moving)])
    return [f"({flat}) // {unit} % {length}" for unit, length in zip(units, shape, strict=True)]


def made(call: Call) -> Variable:
    """Return the result of a call that has one."""
    if call.result is None:
        raise UnsupportedError(f"{call.function.__name__} has no result")
    return call.result


def at(name: str, index: Sequence[str]) -> str:
    """Return the expression of what stands at an index of an array."""
    return f"{name}[{', '.join(index) or '()'}]"


def is_of_each_number(call: Call) -> bool:
    """Return whether each number of a result is made from one of each argument."""
    name = call.function.__name__
    if isinstance(call.function, np.ufunc):
        is_numbas = call.function not in _OF_NUMPY_ALONE and hasattr(np, name)
        return is_numbas and is_elementwise(call) and not call.options
    if name == "_item":
        index = call.arguments[1]
        return isinstance(index, tuple) and not index
    return (name in _OTHERS or name == "_astype") and not call.options


def type_name(x: Any) -> str:
    """Return what NumPy calls the type of an array, or a type."""
    name: str = (x if isinstance(x, np.dtype) else x.dtype).name
    return "bool_" if name == "bool" else name
