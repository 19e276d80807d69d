"""What every printer of lowered programs begins with: names, constants, and what is returned."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp.programs.compiling.calls import Call, Variable
from tinygrad_mlp.programs.compiling.lowering import Lowered
from tinygrad_mlp.programs.compiling.memory import Layout, Lives, Memory

#: How calls of some functions are written instead.
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
    """What is to be printed."""

    lowered: Lowered
    parameters: Sequence[str]  # names for the inputs, then for the captured
    result: str  # what is returned, an expression over ``r0``, ``r1`` and so on, the outputs
    namespace: Mapping[str, Any]  # what ``result`` refers to
    donated: Mapping[int, int]  # outputs that are written into inputs, both by position


class Printer(ABC):
    """Prints a lowered program; each kind of printer says how its calls are written."""

    def __init__(self, task: Task) -> None:
        lowered, parameters, donated = task.lowered, task.parameters, task.donated
        self.lowered = lowered
        self.parameters = list(parameters)
        self.result = task.result
        self.namespace: dict[str, Any] = {"np": np, **task.namespace}
        self.donated = donated
        self.memory = Memory()
        self.setup: list[str] = []
        self.body: list[str] = []
        self.names: dict[int, str] = {}
        self.constants: dict[int, str] = {}
        self.bound: list[Any] = []  # alive, so that no two have one id
        self.counter = 0
        self.depth = 1
        given = [*lowered.inputs.values(), *lowered.captured.values()]
        for name, variable in zip(parameters, given, strict=True):
            self.names[variable.number] = name
        self.lives = lives = Lives(lowered, donated)
        self.given, self.destinations = lives.given, lives.destinations
        self.last_use, self.dying = lives.last_use, lives.dying

    def _root(self, variable: Variable) -> int:
        """Return the number of the variable whose memory this one shares, or its own."""
        return self.lives.root(variable)

    @abstractmethod
    def emitted(self) -> Emitted:
        """Return the module."""

    @abstractmethod
    def _copy(self, position: int, output: Variable) -> None:
        """Print how an output gets into the array that it belongs in."""

    # ----- The text -----

    def _layouts(self) -> dict[int, Layout]:
        """Return those of the outputs that are arrays."""
        return {
            position: Layout.of(output.data)
            for position, output in enumerate(self.lowered.outputs)
            if isinstance(output, Variable) and isinstance(output.data, np.ndarray)
        }

    def _finished(self, text: str, layouts: dict[int, Layout]) -> Emitted:
        """Return the module with a text, and what can be told of its calls."""
        flops = sum(map(_flops, self.lowered.calls))
        calls = sum(call.kind not in ("guard", "end", "view") for call in self.lowered.calls)
        return Emitted(text, self.namespace, layouts, calls, flops, self.memory)

    def _line(self, text: str) -> None:
        self.body.append("    " * self.depth + text)

    def _guard(self, call: Call) -> None:
        """Begin a block."""
        condition = self._text(call.arguments[0])
        self._line(f"if {condition}:" if call.truth else f"if not {condition}:")
        self.depth += 1

    def _returned(self) -> str:
        """Copy outputs that were not written where they belong, and return what is returned."""
        values: dict[str, str] = {}
        copies = []
        for position, output in enumerate(self.lowered.outputs):
            if not isinstance(output, Variable):
                copied = ".copy()" if isinstance(output, np.ndarray) else ""
                values[f"r{position}"] = self._text(output) + copied
            elif is_scalar(output):
                values[f"r{position}"] = self._scalar(position, output)
            else:
                values[f"r{position}"] = f"o{position}"
                if self.destinations.get(output.number) != position:
                    copies.append((self._root(output) not in self.given, position, output))
        # What is passed through is copied before a donated array is overwritten.
        for _, position, output in sorted(copies, key=lambda copy: copy[:2]):
            self._copy(position, output)
        return self.result.format_map(values)

    def _scalar(self, position: int, output: Variable) -> str:
        """Return an output that is no array, at its position."""
        return self._text(output)

    # ----- Parts of a line -----

    def _unused_name(self) -> str:
        self.counter += 1
        return f"t{self.counter}"

    def _new_name(self, variable: Variable) -> str:
        self.names[variable.number] = name = self._unused_name()
        return name

    def _text(self, x: Any) -> str:
        if isinstance(x, Variable):
            return self.names[x.number]
        if type(x) in (int, bool, str) or x is None or (type(x) is float and np.isfinite(x)):
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


def is_scalar(x: Any) -> bool:
    """Return whether something is a variable, and no array."""
    return isinstance(x, Variable) and not isinstance(x.data, np.ndarray)


def _flops(call: Call) -> int:
    """Return how many multiplications, additions and so on a call makes."""
    if call.kind == "view" or call.result is None:
        return 0
    if call.function is np.matmul:
        return 2 * int(np.size(call.result.data)) * int(np.shape(call.arguments[0])[-1])
    return max((int(np.size(x.data)) for x in (*call.variables(), call.result)), default=0)
