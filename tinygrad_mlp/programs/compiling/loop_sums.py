"""Loops for sums and products of matrices, and for what an index picks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tinygrad_mlp.programs.compiling.calls import Call, Variable
from tinygrad_mlp.programs.compiling.loop_numbers import NumberPrinter, at, made, type_name
from tinygrad_mlp.programs.compiling.machine_code import UnsupportedError
from tinygrad_mlp.programs.compiling.printer import Task, is_scalar

#: Products of matrices with more multiplications than this are left to BLAS.
_LARGE_PRODUCT = 2**12
#: What reductions begin with.
_STARTS = {
    "add": "0",
    "multiply": "1",
    "maximum": "-np.inf",
    "minimum": "np.inf",
    "logical_or": "False",
    "logical_and": "True",
}
_COMPARISONS = {"maximum": ">", "minimum": "<"}


class SumPrinter(NumberPrinter):
    """Prints the loops of calls that take more than one number of an argument."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.places: dict[int, tuple[Any, str]] = {}  # of results: their kind, their array
        self.free: dict[Any, list[str]] = {}  # arrays of a kind that nothing needs any more

    @contextmanager
    def _loop(self, shape: tuple[int, ...]) -> Iterator[tuple[str, ...]]:
        """Print the heads of loops over a shape, and give the index to what stands inside."""
        for axis, length in enumerate(shape):
            self._line(f"for i{axis} in range({length}):")
            self.depth += 1
        yield tuple(f"i{axis}" for axis in range(len(shape)))
        self.depth -= len(shape)

    def _fill(self, array: str, x: Any) -> None:
        """Print the loops that copy the numbers of something into an array."""
        with self._loop(np.shape(x)) as index:
            self._line(f"{at(array, index)} = {self._number(x, index)}")

    def _target(self, variable: Variable) -> str:
        """Return the name of the array that a result is stored in."""
        position = self.destinations.get(variable.number)
        if position is not None:
            self.names[variable.number] = name = f"o{position}"
            return name
        return self._new_array(variable)

    def _new_array(self, variable: Variable) -> str:
        """Return the name of an array for a result; of one that is free, if there is any."""
        self.memory.take(variable.number, variable.data.nbytes)
        kind = variable.shape, variable.dtype
        if self.free.get(kind):
            self.names[variable.number] = name = self.free[kind].pop()
        else:
            name = self._new_name(variable)
            self.setup.append(f"{name} = np.empty({variable.shape!r}, np.{type_name(variable)})")
        self.places[variable.number] = kind, name
        return name

    def _reduction(self, call: Call) -> None:
        name, x = call.function.__name__, call.arguments[0]
        more = set(call.options) - {"axis", "initial", "keepdims"}
        if name not in _STARTS or more:
            raise UnsupportedError(f"there is no loop for a reduction by {name} with {more}")
        axis = call.options["axis"]
        axes = range(x.ndim) if axis is None else axis
        variable = made(call)
        start = f"np.{type_name(variable)}({_STARTS[name]})"
        if "initial" in call.options:
            start = self._literal(call.options["initial"], [variable.dtype])
        if is_scalar(variable):
            target = self._new_name(variable)
            self._line(f"{target} = {start}")
        else:
            array = self._target(variable)
            with self._loop(variable.shape) as index:
                self._line(f"{at(array, index)} = {start}")
        with self._loop(x.shape) as index:
            if not is_scalar(variable):
                kept = [i for axis, i in enumerate(index) if axis not in axes]
                if call.options.get("keepdims"):
                    kept = ["0" if axis in axes else i for axis, i in enumerate(index)]
                target = at(array, kept)
            number = self._number(x, index)
            if name in _COMPARISONS:  # np.maximum in a loop costs LLVM minutes; nan has to win
                self._line(f"number = {number}")
                is_next = f"number {_COMPARISONS[name]} {target} or number != number"
                combined = f"number if {is_next} else {target}"
            else:
                combined = self._combine(call.function, [target, number], variable.dtype)
            self._line(f"{target} = {combined}")

    def _scalar_product(self, call: Call) -> None:
        x, y = call.arguments
        if np.shape(x) != np.shape(y):
            raise UnsupportedError("there is no loop for this product")
        name = self._new_name(made(call))
        self._line(f"{name} = np.{type_name(made(call))}(0)")
        with self._loop(x.shape) as index:
            self._line(f"{name} += {self._number(x, index)} * {self._number(y, index)}")

    def _selection(self, call: Call) -> None:
        """Print the loop over what an index picks, from tables of where each number comes from."""
        x, index = call.arguments
        places = np.arange(x.size).reshape(x.shape)[index]
        tables = np.unravel_index(places, x.shape)
        if is_scalar(made(call)):
            number = self._number(x, [str(table) for table in tables])
            self._line(f"{self._new_name(made(call))} = {number}")
            return
        target = self._target(made(call))
        with self._loop(places.shape) as inside:
            number = self._number(x, [self._number(table, inside) for table in tables])
            self._line(f"{at(target, inside)} = {number}")

    def _product(self, call: Call) -> None:
        """Print a product of matrices: loops for small ones, BLAS for large ones."""
        x, y = call.arguments
        (rows, inner), columns = np.shape(x), np.shape(y)[1]
        if rows * inner * columns > _LARGE_PRODUCT and x.dtype == y.dtype:
            array = self._new_array(made(call))
            self._line(f"np.dot({self._matrix(x)}, {self._matrix(y)}, {array})")
            if made(call).number in self.destinations:
                target = self._target(made(call))
                self._line(f"{target}[...] = {array}")
            return
        array = self._target(made(call))
        for line in (
            f"for i0 in range({rows}):",
            f"    for i1 in range({columns}):",
            f"        {array}[i0, i1] = 0.0",
            f"    for k0 in range({inner}):",
            f"        factor = {self._number(x, ('i0', 'k0'))}",
            f"        for i1 in range({columns}):",
            f"            {array}[i0, i1] += factor * {self._number(y, ('k0', 'i1'))}",
        ):
            self._line(line)

    def _matrix(self, x: Any) -> str:
        """Return a matrix as an array that BLAS takes."""
        transposed = ""
        if isinstance(x, Variable) and x.number in self.views:
            root, places = self.views[x.number]
            whole = np.arange(root.size).reshape(root.shape)
            if np.array_equal(places, whole):
                x = root
            elif root.ndim == 2 and np.array_equal(places, whole.T):
                x, transposed = root, ".T"
            else:
                name = self._unused_name()
                self.setup.append(f"{name} = np.empty({x.shape!r}, np.{type_name(x)})")
                self._fill(name, x)
                return name
        return f"np.ascontiguousarray({self._text(x)}){transposed}"
