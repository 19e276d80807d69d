"""Printing a lowered program as loops over numbers, which numba turns into machine code.

For small arrays the calls of NumPy cost more than the arithmetic.  Here the whole program is one
function: calls that go over the same shape, number by number, share one loop, and what only this
loop needs is never stored.  Views are not made; where they would be read, the place in the array
that they look at is computed.  A call that has no loop here raises ``UnsupportedError``, and the
program is printed for NumPy instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from tinygrad_mlp.compiling.emitting import OPERATORS, Emitted, Printer, Task
from tinygrad_mlp.compiling.liveness import is_elementwise
from tinygrad_mlp.compiling.lowering import other_way
from tinygrad_mlp.compiling.symbols import Call, Symbol

Array = Any

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
#: Of 12 down to 2, for the series of the exponential function.
_FACTORIALS = (479001600, 39916800, 3628800, 362880, 40320, 5040, 720, 120, 24, 6, 2)
#: Functions of each number that are no ufuncs.
_OTHERS = {
    "_power": "np.power({}, {})",
    "_item": "{}",
    "clip": "np.minimum(np.maximum({}, {}), {})",
    "where": "({1} if {0} else {2})",
}
_TYPES = ("bool", "int32", "int64", "float32", "float64")


class UnsupportedError(Exception):
    """A program cannot be printed for numba; the message says why."""


def _machine_code(samples: Sequence[Any]) -> Callable[[Any], Any]:
    """Return a decorator that compiles a function for arguments like some samples."""
    try:
        import numba
        from numba.core.errors import NumbaError
    except ImportError:
        raise UnsupportedError("numba is not installed (pip install 'tinygrad-mlp[jit]')") from None

    done: list[Any] = []  # for all threads

    def decorate(function: Any) -> Any:
        if done:
            return done[0]
        function.__globals__["exp"] = numba.njit(error_model="numpy")(_exp)
        loops = numba.njit(error_model="numpy")(function)
        try:
            loops.compile(tuple(map(numba.typeof, samples)))
        except (
            NumbaError,
            ImportError,
            NotImplementedError,
        ) as error:  # it imports SciPy for products of matrices
            raise UnsupportedError(f"numba: {str(error).strip():.200}") from error
        done.append(loops)
        return loops

    return decorate


def _exp(x: Any) -> Any:
    """Exponential function within 1 ulp, in steps that a processor makes for many numbers at once.

    The one that numba calls takes a number at a time, several times as long.

    >>> abs(_exp(1.0) / np.e - 1.0) < 3e-16
    np.True_
    """
    limited = min(max(x, -746.0), 710.0)
    # Adding and taking away 1.5 * 2**52 rounds to a whole number.
    exponent = (limited * 1.4426950408889634 + 6755399441055744.0) - 6755399441055744.0
    # ln 2 in two parts, the first with so few digits that its product is exact.
    rest = (limited - exponent * 0.693147180369123816490) - exponent * 1.90821492927058770002e-10
    series = 1 / 6227020800
    for factorial in _FACTORIALS:
        series = series * rest + 1 / factorial
    series = series * rest * rest + rest + 1.0
    # Two factors, as a power of two near the edges is no number itself; made of their bits.
    whole = np.int64(exponent)
    half = whole >> 1
    first = np.int64((half + 1023) << 52).view(np.float64)
    second = np.int64((whole - half + 1023) << 52).view(np.float64)
    return series * first * second if x == x else x  # noqa: PLR0124  not so for nan


class LoopPrinter(Printer):
    """Prints ``loops`` for numba, and ``run`` that calls it."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.views: dict[int, tuple[Symbol, Array]] = {}  # whose numbers, and which of them
        self.group: list[Call] = []  # calls that will share a loop
        self.inside: set[int] = set()  # their results
        self.users: dict[int, list[Call]] = {}
        self.kept = {self._root(x) for x in task.lowered.outputs if isinstance(x, Symbol)}
        self.array_constants: dict[str, Array] = {}
        self.places: dict[int, tuple[Any, str]] = {}  # of results: their kind, their array
        self.free: dict[Any, list[str]] = {}  # arrays of a kind that nothing needs any more
        self.finished: list[int] = []  # results that nothing reads after the open loop

    def _root(self, symbol: Symbol) -> int:
        view = self.views.get(symbol.number)
        return super()._root(symbol) if view is None else view[0].number

    # ----- The text -----

    def emitted(self) -> Emitted:
        """Return the module, as ``Printer`` does.

        Raises
        ------
        UnsupportedError
            If numba is not installed, or a call has no loop here.  The module itself raises it when
            it is run, if numba refuses the loops.
        """
        self._calls(self.lowered.calls, self.dying)
        values = self._results()
        layouts = self._layouts()
        scalars = [p for p, x in enumerate(self.lowered.outputs) if _is_scalar(x)]
        returned = "".join(f"{self._text(self.lowered.outputs[p])}, " for p in scalars)
        parameters = [*self.parameters, *(f"o{position}" for position in layouts)]
        given = ", ".join([*parameters, *self.array_constants])
        taken = "".join(f"s{p}, " for p in scalars)
        symbols = [*self.lowered.inputs.values(), *self.lowered.captured.values()]
        samples = [
            *(np.array(x.data, order="C")[()] for x in symbols),
            *(layout.empty() for layout in layouts.values()),
            *self.array_constants.values(),
        ]
        self.namespace["machine_code"] = _machine_code(samples)
        text = "\n".join(
            [
                "@machine_code",
                f"def loops({given}):",
                *(f"    {line}" for line in self.setup),
                *self.body,
                f"    return ({returned})",
                "",
                "",
                f"def run({', '.join(parameters)}):",
                f"    {taken and taken + '= '}loops({given})",
                f"    return {self.result.format_map(values)}",
                "",
            ]
        )
        return self._finished(text, layouts)._replace(has_buffers=False)

    def _results(self) -> dict[str, str]:
        """Copy outputs that were not written where they belong, and return the texts of all."""
        values: dict[str, str] = {}
        copies = []
        for position, output in enumerate(self.lowered.outputs):
            if not isinstance(output, Symbol):
                copied = ".copy()" if isinstance(output, np.ndarray) else ""
                values[f"r{position}"] = self._text(output) + copied
            elif _is_scalar(output):
                kind = self._constant(output.dtype.type, "kind")
                values[f"r{position}"] = f"{kind}(s{position})"
            else:
                values[f"r{position}"] = f"o{position}"
                if self.destinations.get(output.number) != position:
                    copies.append((self._root(output) not in self.given, position, output))
        # What is passed through is copied before a donated array is overwritten.
        for _, position, output in sorted(copies, key=lambda copy: copy[:2]):
            with_index = self._loop(output.shape)
            self._line(f"{_at(f'o{position}', with_index)} = {self._number(output, with_index)}")
            self.depth = 1
        return values

    def _calls(self, calls: Sequence[Call], dying: Mapping[int, Sequence[int]]) -> None:
        for call in calls:
            for symbol in call.symbols():
                self.users.setdefault(symbol.number, []).append(call)
        for place, call in enumerate(calls):
            self._call_of_any_kind(call)
            self.finished += dying.get(place, ())
        self._end_group()

    def _call_of_any_kind(self, call: Call) -> None:
        kinds = [x.dtype.name for x in (*call.symbols(), call.result) if x is not None]
        if not set(kinds) <= set(_TYPES):
            raise UnsupportedError(f"there are no loops for {kinds}")
        if call.kind == "view":
            self._remember_view(call)
        elif _is_numberwise(call):
            self._add_to_group(call)
        else:
            self._end_group()
            self._alone(call)

    def _alone(self, call: Call) -> None:
        name = call.function.__name__
        if call.kind == "guard":
            self._guard(call)
        elif call.kind == "end":
            self._end(call)
        elif call.kind in ("reduce", "total"):
            self._reduction(call)
        elif name == "matmul" and [np.ndim(x) for x in call.arguments] == [2, 2]:
            self._product(call)
        elif name in ("vdot", "dot", "matmul") and _is_scalar(_made(call)):
            self._scalar_product(call)
        elif name == "_item" and not _is_of_each_number(call):
            self._selection(call)
        elif _is_scalar(_made(call)) and _is_of_each_number(call):
            self._line(f"{self._new_name(_made(call))} = {self._formula(call, ())}")
        else:
            raise UnsupportedError(f"there is no loop for {name}")

    # ----- Loops -----

    def _loop(self, shape: tuple[int, ...]) -> tuple[str, ...]:
        """Print the heads of loops over a shape, and return the index inside."""
        for axis, length in enumerate(shape):
            self._line(f"for i{axis} in range({length}):")
            self.depth += 1
        return tuple(f"i{axis}" for axis in range(len(shape)))

    def _target(self, symbol: Symbol) -> str:
        """Return the name of the array that a result is stored in."""
        position = self.destinations.get(symbol.number)
        if position is not None:
            self.names[symbol.number] = name = f"o{position}"
            return name
        return self._new_array(symbol)

    def _new_array(self, symbol: Symbol) -> str:
        """Return the name of an array for a result; of one that is free, if there is any."""
        self.memory.take(symbol.number, symbol.data.nbytes)
        kind = symbol.shape, symbol.dtype
        if self.free.get(kind):
            self.names[symbol.number] = name = self.free[kind].pop()
        else:
            name = self._new_name(symbol)
            self.setup.append(f"{name} = np.empty({symbol.shape!r}, np.{_type(symbol)})")
        self.places[symbol.number] = kind, name
        return name

    def _add_to_group(self, call: Call) -> None:
        """Let a call share the loop of those before it, if each number is all that it reads."""
        result = _made(call)
        position = self.destinations.get(result.number)
        donor = None if position is None else self.donated.get(position)
        overwritten = None if donor is None else self.given[donor]
        if self.group and (
            _made(self.group[0]).shape != result.shape
            or any(
                x.number not in self.inside and self._root(x) in self.inside for x in call.symbols()
            )
            or any(
                x.number != overwritten and self._root(x) == overwritten
                for earlier in self.group
                for x in earlier.symbols()
            )
        ):
            self._end_group()
        self.group.append(call)
        self.inside.add(result.number)

    def _end_group(self) -> None:
        """Print the loop of the calls that share one, and free what nothing reads after it."""
        group, self.group = self.group, []
        if group:
            self._print_group(group)
        if self.depth > 1:
            return  # what is read for the last time in a block is read by its other way too
        for number in self.finished:
            self.memory.release(number)
            if number in self.places:
                kind, name = self.places.pop(number)
                self.free.setdefault(kind, []).append(name)
        self.finished = []

    def _print_group(self, group: Sequence[Call]) -> None:
        depth = self.depth
        stored = {
            _made(call).number: self._target(_made(call))
            for call in group
            if _made(call).number in self.kept
            or any(user not in group for user in self.users.get(_made(call).number, ()))
        }
        index = self._loop(_made(group[0]).shape)
        for call in group:
            number = _made(call).number
            text = self._formula(call, index)
            self.counter += 1
            name = f"t{self.counter}"
            self._line(f"{name} = {text}")
            if number in stored:
                self._line(f"{_at(stored[number], index)} = {name}")
            self.names[number] = name
        self.names.update(stored)
        self.inside.clear()
        self.depth = depth

    def _reduction(self, call: Call) -> None:
        name, x = call.function.__name__, call.arguments[0]
        more = set(call.options) - {"axis", "initial", "keepdims"}
        if name not in _STARTS or more:
            raise UnsupportedError(f"there is no loop for a reduction by {name} with {more}")
        axis = call.options["axis"]
        axes = range(x.ndim) if axis is None else np.atleast_1d(axis) % max(x.ndim, 1)
        depth, symbol = self.depth, _made(call)
        start = f"np.{_type(symbol)}({_STARTS[name]})"
        if "initial" in call.options:
            start = self._literal(call.options["initial"], [symbol.dtype])
        if _is_scalar(symbol):
            target = self._new_name(symbol)
        else:
            array = self._target(symbol)
            target = _at(array, self._loop(symbol.shape))
        self._line(f"{target} = {start}")
        self.depth = depth
        index = self._loop(x.shape)
        if not _is_scalar(symbol):
            kept = [i for axis, i in enumerate(index) if axis not in axes]
            if call.options.get("keepdims"):
                kept = ["0" if axis in axes else i for axis, i in enumerate(index)]
            target = _at(array, kept)
        number = self._number(x, index)
        if name in _COMPARISONS:  # np.maximum in a loop costs LLVM minutes; nan has to win
            self._line(f"number = {number}")
            is_next = f"number {_COMPARISONS[name]} {target} or number != number"
            combined = f"number if {is_next} else {target}"
        else:
            combined = self._combine(call.function, [target, number], symbol.dtype)
        self._line(f"{target} = {combined}")
        self.depth = depth

    def _scalar_product(self, call: Call) -> None:
        x, y = call.arguments
        if np.shape(x) != np.shape(y):
            raise UnsupportedError("there is no loop for this product")
        depth, name = self.depth, self._new_name(_made(call))
        self._line(f"{name} = np.{_type(_made(call))}(0)")
        index = self._loop(x.shape)
        self._line(f"{name} += {self._number(x, index)} * {self._number(y, index)}")
        self.depth = depth

    def _selection(self, call: Call) -> None:
        """Print the loop over what an index picks, from tables of where each number comes from."""
        x, index = call.arguments
        places = np.arange(x.size).reshape(x.shape)[index]
        tables = np.unravel_index(places, x.shape)
        depth = self.depth
        if _is_scalar(_made(call)):
            number = self._number(x, [str(table) for table in tables])
            self._line(f"{self._new_name(_made(call))} = {number}")
            return
        target = self._target(_made(call))
        inside = self._loop(places.shape)
        number = self._number(x, [self._number(table, inside) for table in tables])
        self._line(f"{_at(target, inside)} = {number}")
        self.depth = depth

    def _product(self, call: Call) -> None:
        """Print a product of matrices: loops for small ones, BLAS for large ones."""
        x, y = call.arguments
        (rows, inner), columns = np.shape(x), np.shape(y)[1]
        depth = self.depth
        if rows * inner * columns > _LARGE_PRODUCT and x.dtype == y.dtype:
            array = self._new_array(_made(call))
            self._line(f"np.dot({self._matrix(x)}, {self._matrix(y)}, {array})")
            if _made(call).number in self.destinations:
                target = self._target(_made(call))
                self._line(f"{target}[...] = {array}")
            return
        array = self._target(_made(call))
        self._line(f"for i0 in range({rows}):")
        self.depth += 1
        for line in (
            f"for i1 in range({columns}):",
            f"    {array}[i0, i1] = 0.0",
            f"for k0 in range({inner}):",
            f"    factor = {self._number(x, ('i0', 'k0'))}",
            f"    for i1 in range({columns}):",
            f"        {array}[i0, i1] += factor * {self._number(y, ('k0', 'i1'))}",
        ):
            self._line(line)
        self.depth = depth

    def _matrix(self, x: Any) -> str:
        """Return a matrix as an array that BLAS takes."""
        transposed = ""
        if isinstance(x, Symbol) and x.number in self.views:
            root, places = self.views[x.number]
            whole = np.arange(root.size).reshape(root.shape)
            if np.array_equal(places, whole):
                x = root
            elif root.ndim == 2 and np.array_equal(places, whole.T):
                x, transposed = root, ".T"
            else:
                depth = self.depth
                self.counter += 1
                name = f"t{self.counter}"
                self.setup.append(f"{name} = np.empty({x.shape!r}, np.{_type(x)})")
                index = self._loop(x.shape)
                self._line(f"{_at(name, index)} = {self._number(x, index)}")
                self.depth = depth
                return name
        return f"np.ascontiguousarray({self._text(x)}){transposed}"

    def _guard(self, call: Call) -> None:
        """Begin a block; its result needs a place that both ways write to."""
        if call.alternative is not None:
            self.kept.add(_made(call.alternative).number)
        super()._guard(call)

    def _end(self, call: Call) -> None:
        """End a block, with the loops of the other way to its result."""
        result = _made(call)
        self.depth -= 1
        if call.alternative is None:  # only what other blocks read was wanted of it
            return
        self._line("else:")
        self.depth += 1
        name = self.names[result.number]
        others, other = other_way(call)
        self.kept.add(other.number)
        before = [*self.places]
        self._calls(others, {})  # what it makes is finished below
        depth = self.depth
        index = () if _is_scalar(result) else self._loop(result.shape)
        target = name if _is_scalar(result) else _at(name, index)
        self._line(f"{target} = {self._number(other, index)}")
        self.depth = depth - 1
        self.finished += [number for number in self.places if number not in before]

    # ----- One number -----

    def _formula(self, call: Call, index: tuple[str, ...]) -> str:
        """Return the expression of one number of a result."""
        if call.function.__name__ == "_astype":
            return f"np.{_type(_made(call))}({self._number(call.arguments[0], index)})"
        arguments = call.arguments
        if call.function.__name__ == "_item":
            arguments = arguments[:1]
        kinds = [x.dtype for x in arguments if hasattr(x, "dtype")]
        numbers = [
            self._number(x, index) if hasattr(x, "dtype") else self._literal(x, kinds)
            for x in arguments
        ]
        return self._combine(call.function, numbers, _made(call).dtype)

    def _combine(self, function: Any, numbers: Sequence[str], kind: np.dtype[Any]) -> str:
        name = function.__name__
        if name in _OTHERS:
            return _OTHERS[name].format(*numbers)
        if name in OPERATORS:
            return OPERATORS[name].format(*numbers)
        if name == "exp":
            text = f"exp({numbers[0]})"
            return text if kind == np.float64 else f"np.{_type(kind)}({text})"
        return f"np.{name}({', '.join(numbers)})"

    def _literal(self, x: Any, kinds: Sequence[np.dtype[Any]]) -> str:
        kind = np.result_type(*kinds, x)
        text = repr(x) if np.isfinite(x) else f'float("{x}")'
        if not np.isfinite(x):
            return self._constant(kind.type(x), "c")
        return text if kind == np.float64 and type(x) is float else f"np.{_type(kind)}({text})"

    def _number(self, x: Any, index: Sequence[str]) -> str:
        """Return one number of an argument that takes part in a result with an index."""
        if np.ndim(x) == 0 and not isinstance(x, Symbol):
            return self._constant(np.asarray(x)[()], "c")
        if isinstance(x, Symbol) and x.number in self.inside and x.number in self.names:
            return self.names[x.number]
        if _is_scalar(x):
            return self._text(x)
        shape = np.shape(x)
        index = index[len(index) - len(shape) :]
        index = ["0" if length == 1 else i for length, i in zip(shape, index, strict=True)]
        if isinstance(x, np.ndarray):
            name = self._constant(x, "c")
            self.array_constants[name] = x
            return _at(name, index)
        if x.number in self.views:
            root, places = self.views[x.number]
            return _at(self._text(root), _place(root.shape, places, index))
        return _at(self._text(x), index)

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
        self.views[_made(call).number] = root, seen


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


def _made(call: Call) -> Symbol:
    """Return the result of a call that has one."""
    if call.result is None:
        raise UnsupportedError(f"{call.function.__name__} has no result")
    return call.result


def _at(name: str, index: Sequence[str]) -> str:
    return f"{name}[{', '.join(index) or '()'}]"


def _is_scalar(x: Any) -> bool:
    return isinstance(x, Symbol) and not isinstance(x.data, np.ndarray)


def _is_numberwise(call: Call) -> bool:
    """Return whether a call makes an array, each number of it from one of each argument."""
    if call.result is None or _is_scalar(call.result) or call.kind not in ("ufunc", "plain"):
        return False
    return _is_of_each_number(call)


def _is_of_each_number(call: Call) -> bool:
    if isinstance(call.function, np.ufunc):
        return is_elementwise(call) and not call.options
    name = call.function.__name__
    if name == "_item":
        index = call.arguments[1]
        return isinstance(index, tuple) and not index
    return (name in _OTHERS or name == "_astype") and not call.options


def _type(x: Any) -> str:
    name: str = (x if isinstance(x, np.dtype) else x.dtype).name
    return "bool_" if name == "bool" else name
