"""Printing a lowered program as a Python function that writes into buffers prepared once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp.compiling.buffers import Layout, Memory
from tinygrad_mlp.compiling.liveness import Lives, is_elementwise
from tinygrad_mlp.compiling.lowering import Lowered
from tinygrad_mlp.compiling.symbols import Call, Symbol
from tinygrad_mlp.writing.formatting import one_line

Array = Any

OPERATORS = {
    "add": "{} + {}",
    "subtract": "{} - {}",
    "multiply": "{} * {}",
    "divide": "{} / {}",
    "negative": "-{}",
    "less": "{} < {}",
    "less_equal": "{} <= {}",
    "greater": "{} > {}",
    "greater_equal": "{} >= {}",
    "_power": "{} ** {}",
    "_item": "{}[{}]",
    "_astype": "{}.astype({})",
}
#: Its out= must be named; a second argument of the full shape is several times faster than one
#: number, because the loop for one number is not vectorized.
_EXTREMES = ("minimum", "maximum")
#: From here on it costs more to read an array of the full shape than to limit with clip.
_LARGE = 2**16


class Emitted(NamedTuple):
    """The text of a module with one function ``run``, what it refers to, and what it uses."""

    text: str
    namespace: dict[str, Any]
    layouts: dict[int, Layout]  # of the outputs that are written into arrays given to the run
    calls: int
    flops: int
    memory: Memory
    has_buffers: bool = True  # of its own, so that no two runs at once may share one


class Task(NamedTuple):
    """What is to be printed.

    Attributes
    ----------
    lowered : Lowered
        The calls.
    parameters : sequence of str
        Names for the inputs, then for the captured.
    result : str
        What the function returns, an expression over ``r0``, ``r1`` and so on, the outputs.
    namespace : mapping
        What ``result`` refers to.
    donated : mapping of int to int
        Positions of outputs that are written into the memory of inputs, by position.
    """

    lowered: Lowered
    parameters: Sequence[str]
    result: str
    namespace: Mapping[str, Any]
    donated: Mapping[int, int]


class Printer:
    """Prints a lowered program; what it knows of memory is of use to other printers too."""

    def __init__(self, task: Task) -> None:
        lowered, parameters, donated = task.lowered, task.parameters, task.donated
        self.lowered = lowered
        self.parameters = list(parameters)
        self.result = task.result
        self.namespace: dict[str, Any] = {
            "np": np,
            "copyto": np.copyto,
            "allocate": Memory.allocate,
            **task.namespace,
        }
        self.donated = donated
        self.memory = Memory()
        self.setup: list[str] = []
        self.body: list[str] = []
        self.names: dict[int, str] = {}
        self.static: set[int] = set()  # roots that lie in buffers, where views can be made once
        self.constants: dict[int, str] = {}
        self.bound: list[Any] = []  # alive, so that no two have one id
        self.counter = 0
        self.depth = 1
        given = [*lowered.inputs.values(), *lowered.captured.values()]
        for name, symbol in zip(parameters, given, strict=True):
            self.names[symbol.number] = name
        self.lives = lives = Lives(lowered, donated)
        self.given, self.destinations = lives.given, lives.destinations
        self.last_use, self.dying = lives.last_use, lives.dying

    def _root(self, symbol: Symbol) -> int:
        """Return the number of the symbol whose memory this one shares, or its own."""
        return self.lives.root(symbol)

    # ----- The text -----

    def emitted(self) -> Emitted:
        """Return the module.

        Executed, it prepares buffers and defines ``run(*inputs, *captured, *arrays)``, with one
        array for every output in ``layouts``.
        """
        comment = ""
        quiet: dict[str, Any] = {}
        for place, call in enumerate(self.lowered.calls):
            if call.quiet != quiet or call.kind in ("guard", "end"):
                self.depth -= bool(quiet)
                quiet = call.quiet
                if quiet:
                    settings = ", ".join(f"{k}={v!r}" for k, v in quiet.items())
                    self._line(f"with np.errstate({settings}):")
                    self.depth += 1
            if call.comment != comment and call.kind not in ("view", "end"):
                comment = call.comment
                self._line(f"# {one_line(comment)}")
            self._call(place, call)
            for root in self.dying.get(place, ()):
                self.memory.release(root)
        self.depth = 1
        for line in self._returns():
            self._line(line)
        layouts = self._layouts()
        arrays = [f"o{position}" for position in layouts]
        text = "\n".join(
            [
                *self._memory_lines(),
                *self.setup,
                "",
                "",
                f"def run({', '.join([*self.parameters, *arrays])}):",
                *self.body,
                "",
            ]
        )
        return self._finished(text, layouts)

    def _layouts(self) -> dict[int, Layout]:
        """Return those of the outputs that are arrays."""
        return {
            position: Layout.of(output.data)
            for position, output in enumerate(self.lowered.outputs)
            if isinstance(output, Symbol) and isinstance(output.data, np.ndarray)
        }

    def _finished(self, text: str, layouts: dict[int, Layout]) -> Emitted:
        """Return the module with a text, and what can be told of its calls."""
        flops = sum(map(_flops, self.lowered.calls))
        calls = sum(call.kind not in ("guard", "end", "view") for call in self.lowered.calls)
        return Emitted(text, self.namespace, layouts, calls, flops, self.memory)

    def _line(self, text: str) -> None:
        self.body.append("    " * self.depth + text)

    def _memory_lines(self) -> Iterator[str]:
        if self.memory.arrays:
            yield f"memory = allocate({self.memory.size})"

    def _call(self, place: int, call: Call) -> None:
        if call.kind == "guard":
            self._guard(call)
            return
        if call.kind == "end":
            self._end(call)
            return
        symbol = call.result
        if symbol is None:
            return
        if call.kind == "view":
            self._view(call, symbol)
        elif call.kind in ("ufunc", "reduce"):
            self._into(place, call, symbol)
        else:
            name = self._new_name(symbol)
            self._line(f"{name} = {self._expression(call)}")

    def _guard(self, call: Call) -> None:
        """Begin a block."""
        condition = self._text(call.arguments[0])
        self._line(f"if {condition}:" if call.truth else f"if not {condition}:")
        self.depth += 1

    def _end(self, call: Call) -> None:
        """End a block, with the other way to its result."""
        if call.result is None or call.alternative is None:
            self.depth -= 1
            return
        target, other = self._text(call.result), self._expression(call.alternative)
        self.depth -= 1
        self._line("else:")
        into_array = isinstance(call.result.data, np.ndarray)
        self._line(f"    copyto({target}, {other})" if into_array else f"    {target} = {other}")

    def _view(self, call: Call, symbol: Symbol) -> None:
        name = self._new_name(symbol)
        line = f"{name} = {self._expression(call)}"
        if self._root(symbol) in self.static:
            self.setup.append(line)
        else:
            self._line(line)

    def _into(self, place: int, call: Call, symbol: Symbol) -> None:
        """Print a call that writes into an array."""
        large = _is_large_minimum(call)
        arguments = [self._text(x) if large else self._operand(call, x) for x in call.arguments]
        position = self.destinations.get(symbol.number)
        if position is not None:
            self.names[symbol.number] = target = f"o{position}"
        else:
            layout = Layout.of(symbol.data)
            offset = self._offset(place, call, symbol.number, layout)
            target = self._new_name(symbol)
            self.static.add(symbol.number)
            self.setup.append(f"{target} = {self._part(offset, layout)}")
        function = self._function(call)
        if call.kind == "reduce":
            axis, keepdims = call.options["axis"], call.options["keepdims"]
            if isinstance(axis, tuple) and len(axis) == 1:
                axis = axis[0]
            more = {k: v for k, v in call.options.items() if k not in ("axis", "keepdims")}
            others = "".join(f", {k}={self._text(v)}" for k, v in more.items())
            self._line(
                f"{function}({arguments[0]}, {axis!r}, None, {target}, {bool(keepdims)}{others})"
            )
        elif large:
            least = self._constant(np.asarray(-np.inf, symbol.dtype), "c")
            most = self._constant(np.asarray(call.arguments[1], symbol.dtype), "c")
            self._line(f"{arguments[0]}.clip({least}, {most}, {target})")
        elif call.function.__name__ in _EXTREMES:
            self._line(f"{function}({', '.join(arguments)}, out={target})")
        elif _is_plain_product(call):
            self._line(f"{arguments[0]}.dot({arguments[1]}, {target})")
        else:
            self._line(f"{function}({', '.join([*arguments, target])})")

    def _offset(self, place: int, call: Call, number: int, layout: Layout) -> int:
        """Return where the result of a call lies: in the place of an argument that ends here."""
        if call.kind == "ufunc" and is_elementwise(call):
            for x in call.symbols():
                if (
                    x.number in self.static
                    and self.last_use.get(x.number) == place
                    and Layout.of(x.data) == layout
                ):
                    return self.memory.hand_over(x.number, number)
        return self.memory.take(number, layout.nbytes)

    def _part(self, offset: int, layout: Layout) -> str:
        dtype = self._constant(layout.dtype, "dtype")
        text = f"memory[{offset}:{offset + layout.nbytes}].view({dtype})"
        text += f".reshape({layout.stored_shape!r})"
        return text if layout.order is None else f"{text}.transpose({layout.order!r})"

    def _returns(self) -> Iterator[str]:
        copies = []
        values: dict[str, str] = {}
        for position, output in enumerate(self.lowered.outputs):
            if not isinstance(output, Symbol):
                copied = ".copy()" if isinstance(output, np.ndarray) else ""
                values[f"r{position}"] = self._text(output) + copied
            elif not isinstance(output.data, np.ndarray):
                values[f"r{position}"] = self._text(output)
            else:
                values[f"r{position}"] = f"o{position}"
                if self.destinations.get(output.number) != position:
                    copies.append((self._root(output) not in self.given, position, output))
        # What is passed through is copied before a donated array is overwritten.
        for _, position, output in sorted(copies, key=lambda copy: copy[:2]):
            yield f"copyto(o{position}, {self._text(output)})"
        yield f"return {self.result.format_map(values)}"

    # ----- Parts of a line -----

    def _new_name(self, symbol: Symbol) -> str:
        self.counter += 1
        self.names[symbol.number] = name = f"t{self.counter}"
        return name

    def _function(self, call: Call) -> str:
        name = call.function.__name__
        if getattr(np, name, None) is not call.function:
            formula = self._constant(call.function, "formula")
            self.namespace[formula] = _apart(call.function)
            return formula
        if call.kind in ("reduce", "total"):
            self.namespace[f"{name}_reduce"] = call.function.reduce
            return f"{name}_reduce"
        self.namespace[name] = call.function
        return name

    def _operand(self, call: Call, x: Any) -> str:
        """Return an argument of a ufunc; numbers as arrays, which NumPy takes faster."""
        if isinstance(x, Symbol | np.ndarray) or call.kind == "reduce":
            return self._text(x)
        types = [s.dtype for s in call.arguments if hasattr(s, "dtype")]
        number = np.asarray(x, dtype=np.result_type(*types, x))
        result = call.result
        if call.function.__name__ in _EXTREMES and result is not None:
            number = np.full(result.shape, number)
        return self._constant(number, "c")

    def _expression(self, call: Call) -> str:
        name = call.function.__name__
        arguments = [self._text(x) for x in call.arguments]
        if call.kind == "total":
            axis, start = call.options["axis"], call.options.get("initial")
            start_text = "" if start is None else f", None, None, False, {self._text(start)}"
            return f"{self._function(call)}({arguments[0]}, {axis!r}{start_text})"
        if name in OPERATORS and not call.options and call.kind in ("plain", "view"):
            scalars = call.kind == "plain" and all(np.ndim(x) == 0 for x in call.symbols())
            if scalars or name.startswith("_"):
                return OPERATORS[name].format(*arguments)
        if name == "transpose" and len(call.arguments) == 1:
            return f"{arguments[0]}.T"
        if name == "transpose" and tuple(call.arguments[1]) == (1, 0):
            return f"{arguments[0]}.T"
        if name == "reshape" and len(call.arguments) == 2:
            return f"{arguments[0]}.reshape({arguments[1]})"
        options = [f"{k}={self._text(v)}" for k, v in call.options.items()]
        return f"{self._function(call)}({', '.join([*arguments, *options])})"

    def _text(self, x: Any) -> str:
        if isinstance(x, Symbol):
            return self.names[x.number]
        if type(x) in (int, bool, str) or x is None:
            return repr(x)
        if type(x) is float and np.isfinite(x):
            return repr(x)
        if type(x) in (list, tuple):
            inner = ", ".join(self._text(each) for each in x)
            if type(x) is list:
                return f"[{inner}]"
            return f"({inner},)" if len(x) == 1 else f"({inner})"
        return self._constant(x, "c")

    def _constant(self, x: Any, prefix: str) -> str:
        """Return the name under which a constant is bound."""
        if id(x) not in self.constants:
            name = x.name if isinstance(x, np.dtype) else f"{prefix}{len(self.constants)}"
            self.constants[id(x)] = name
            self.bound.append(x)
            self.namespace[name] = x
        return self.constants[id(x)]


def _apart(formula: Callable[..., Any]) -> Callable[..., Any]:
    """Return a formula whose result has memory of its own: arguments may be overwritten.

    Whether it gives an argument, or a view of one, may depend on the numbers.
    """

    def apart(*args: Any, **options: Any) -> Any:
        result = formula(*args, **options)
        if any(np.may_share_memory(result, x) for x in args):
            return result.copy("K")
        return result

    return apart


def _is_large_minimum(call: Call) -> bool:
    """Return whether a call limits a large array by a positive number, as clip does too."""
    if call.function is not np.minimum or call.kind != "ufunc" or call.result is None:
        return False
    x, limit = call.arguments
    return (
        isinstance(x, Symbol)
        and type(limit) is float
        and limit > 0
        and x.dtype == call.result.dtype
        and call.result.size >= _LARGE
    )


def _flops(call: Call) -> int:
    """Return how many multiplications, additions and so on a call makes."""
    if call.kind == "view" or call.result is None:
        return 0
    if call.function is np.matmul:
        return 2 * int(np.size(call.result.data)) * int(np.shape(call.arguments[0])[-1])
    return max((int(np.size(x.data)) for x in (*call.symbols(), call.result)), default=0)


def _is_plain_product(call: Call) -> bool:
    """Return whether ``x.dot(y)`` gives the bits of a matrix product, with less overhead."""
    if call.function is not np.matmul or not isinstance(call.arguments[0], Symbol):
        return False
    x, y = (x.data if isinstance(x, Symbol) else x for x in call.arguments)
    if x is y or np.ndim(x) != 2 or np.ndim(y) != 2:
        return False
    if x.dtype != y.dtype or x.dtype.itemsize not in (4, 8):
        return False
    # matmul has loops of its own for vectors, and for what does not lie in one piece.
    return min(*x.shape, *y.shape) > 1 and bool(x.flags.forc and y.flags.forc)
