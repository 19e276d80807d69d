"""The program of a function for one kind of arguments, ready to run."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any
from weakref import finalize

import numpy as np
from numpy import ndarray

from tinygrad_mlp._support.structures import is_container, leaves, mapped, rebuild
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.programs.compiling.calls import Variable
from tinygrad_mlp.programs.compiling.entry import MISS, Entry, identifiers
from tinygrad_mlp.programs.compiling.lowering import Lowered, lowered
from tinygrad_mlp.programs.compiling.memory import Layout, memory_roots
from tinygrad_mlp.programs.compiling.printer import Printer, Task
from tinygrad_mlp.programs.recording.outside import Outside
from tinygrad_mlp.programs.recording.tracing import Output, Trace, as_sample, is_dynamic, widest

Array = Any
Run = Callable[..., Any]

_next_number = count(1).__next__


class Specialization:
    """The program of a function for one kind of arguments, ready to run.

    Every run has buffers of its own, which the next run takes over, so that threads, and a
    function that calls itself, do not disturb each other.

    Attributes
    ----------
    entry : callable
        Takes the arguments of a function whose arguments are arrays and floats; returns ``MISS``
        if they are not of this kind.
    text : str
        The Python text of the program.
    outside : Outside
        What the function has read besides its arguments.
    recorded : Trace
        What the function did, to be written.
    """

    def __init__(
        self,
        name: str,
        outside: Outside,
        recorded: Trace,
        flat: Sequence[Any],
        donated: Sequence[int],
        reuse_outputs: bool,
        printer: type[Printer],
    ) -> None:
        self.name = name
        self.outside = outside
        program = recorded.program
        self.operations = len(program.steps)
        self.float_type = widest(flat)
        self.places = [place for place, x in enumerate(flat) if is_dynamic(x)]
        self.samples = list(program.inputs.values())
        self.types = [x.dtype if isinstance(x, ndarray) else type(x) for x in self.samples]
        labels = program.labels
        self.parameters = identifiers(
            [labels.get(id_, "x") for id_ in (*program.inputs, *program.captured)]
        )
        self.captured = list(program.captured.values())
        program.forget_results()  # before lowering computes them once more
        calls = lowered(program)
        self.donated = self._donations(calls, [self.places.index(place) for place in donated])
        result, bound = _result_text(recorded.result)
        task = Task(calls, self.parameters, result, bound, self.donated)
        self.printed = printer(task).emitted()
        calls.forget()
        self.reused: dict[int, Array] = {}
        if reuse_outputs:
            self.reused = {p: layout.empty() for p, layout in self.printed.layouts.items()}
        self._idle: list[Run] = []
        entry = Entry(
            self.parameters,
            self.samples,
            [not isinstance(flat[place], np.generic | ndarray) for place in self.places],
            self.printed,
            self.donated,
            self.reused,
            bool(outside.conditions),
        )
        self.text = self.printed.text + entry.text()
        filename = f"<compiled {self.name} {_next_number()}>"
        # Tracebacks and debuggers show the lines that they find here.
        lines = self.text.splitlines(keepends=True)
        linecache.cache[filename] = (len(self.text), None, lines, filename)
        finalize(self, _forget, filename)
        self._code = compile(self.text, filename, "exec")
        defined = self._executed()
        self.entry: Callable[..., Any] = defined["entry"]
        self._idle.append(defined["run"])
        del self.samples  # memory that nothing needs any more
        self.recorded = recorded
        program.forget_inputs()

    def call(self, flat: Sequence[Any], arrays: Sequence[Array | None] | None = None) -> Any:
        """Run on the leaves of the arguments; write into ``arrays``, if there are any."""
        given = [as_sample(flat[place], self.float_type) for place in self.places]
        captured = [value._numbers for value in self.captured]
        kept = list(captured)  # what must not be written over
        for place in self.donated.values():
            array, dtype = flat[self.places[place]], self.types[place]
            if not (array.flags.writeable and array.dtype == dtype):
                raise ValueError(
                    f"compile: {self.name} writes into argument {self.parameters[place]} "
                    f"(donate_argnums), which must be an array of dtype {dtype} that can be "
                    f"written, got one of dtype {array.dtype}, writeable = {array.flags.writeable}"
                )
            if any(np.may_share_memory(array, other) for other in kept):
                raise ValueError(
                    f"compile: argument {self.parameters[place]} of {self.name} is written into "
                    "(donate_argnums), and shares memory with another such one or with a Value "
                    "that is read; pass a copy"
                )
            kept.append(array)
            given[place] = array
        targets = self._targets(given, arrays)
        run = self._own_run()
        result = run(*given, *captured, *targets)
        self._idle.append(run)
        pairs = zip(targets, arrays or (), strict=False)
        strange: dict[int, Any] = {id(t): (t, array) for t, array in pairs if t is not array}
        for target, array in strange.values():
            np.copyto(array, target)
        return mapped(lambda x: strange.get(id(x), (x, x))[1], result) if strange else result

    def prepared(self) -> Run:
        """Return a run of its own."""
        run, captured = self._own_run(), self.captured
        if not captured:
            return run
        count = len(self.places)

        def with_captured(*args: Any) -> Any:
            return run(*args[:count], *(value._numbers for value in captured), *args[count:])

        return with_captured

    def report(self) -> str:
        """Return a table of what the program does."""
        memory = self.printed.memory
        rows = [
            ("operations", self.operations),
            ("calls of NumPy", self.printed.calls),
            ("results in buffers", memory.arrays),
            ("bytes of these results", memory.wanted),
            ("bytes of the buffers", memory.size),
            ("floating-point operations", self.printed.flops),
        ]
        width = max(len(title) for title, _ in rows)
        lines = [f"{title:<{width}}  {number:>14,}" for title, number in rows]
        return "\n".join([f"program of {self.name}", *lines])

    # ----- Preparation -----

    def _donations(self, calls: Lowered, places: Sequence[int]) -> dict[int, int]:
        """Return for outputs the position of the argument whose memory they may have."""
        roots = memory_roots(calls.calls)
        returned = {roots.get(x.number, x.number) for x in calls.outputs if isinstance(x, Variable)}
        numbers = [symbol.number for symbol in calls.inputs.values()]
        free = [place for place in places if numbers[place] not in returned]
        found: dict[int, int] = {}
        for position, output in enumerate(calls.outputs):
            if not isinstance(output, Variable) or not isinstance(output.data, ndarray):
                continue
            for place in free:
                if Layout.of(self.samples[place]) == Layout.of(output.data):
                    found[position] = place
                    free.remove(place)
                    break
        return found

    def _own_run(self) -> Run:
        """Return a run that nobody else has."""
        try:
            return self._idle.pop()
        except IndexError:
            return self._new_run()

    def _new_run(self) -> Run:
        run: Run = self._executed()["run"]
        return run

    def _executed(self) -> dict[str, Any]:
        """Return what the text defines, with buffers of its own."""
        printed = self.printed
        namespace = {
            **printed.namespace,
            "MISS": MISS,
            "ndarray": ndarray,
            "idle": self._idle,
            "unchanged": self.outside.unchanged,
            "new_run": self._new_run,
            **{f"captured{i}": value for i, value in enumerate(self.captured)},
            **{f"s{i}": kind for i, kind in enumerate(self.types)},
            **{f"empty{p}": layout.empty for p, layout in printed.layouts.items()},
            **{f"reused{p}": array for p, array in self.reused.items()},
        }
        exec(self._code, namespace)  # noqa: S102  our own text
        return namespace

    def _targets(self, given: Sequence[Any], arrays: Sequence[Any] | None) -> list[Array]:
        layouts = self.printed.layouts
        if arrays is None:
            if self.reused:
                return list(self.reused.values())
            own = {position: given[place] for position, place in self.donated.items()}
            return [_fitting(own.get(position), layout) for position, layout in layouts.items()]
        if len(arrays) != len(layouts):
            raise ValueError(
                f"compile: into takes a list of {len(layouts)}, one for every array that "
                f"{self.name} returns, got {len(arrays)}"
            )
        kept = [value._numbers for value in self.captured]
        targets = []
        for array, layout in zip(arrays, layouts.values(), strict=True):
            like = layout.empty()
            if not isinstance(array, ndarray) or not array.flags.writeable:
                raise TypeError(
                    f"compile: {self.name} writes into arrays that can be written, got "
                    f"{type(array).__name__} {array!r:.80}"
                )
            if (array.shape, array.dtype) != (like.shape, like.dtype):
                raise ShapeError(
                    f"compile: {self.name} returns an array of shape {like.shape} and dtype "
                    f"{like.dtype}, got one of shape {array.shape} and dtype {array.dtype} to "
                    "write into"
                )
            if any(np.shares_memory(array, other) for other in kept):
                raise ValueError(
                    f"compile: an array that {self.name} shall write into shares memory with "
                    "another one, or with a Value that is read; pass one of its own for each"
                )
            kept.append(array)
            targets.append(_fitting(array, layout))
        return targets


def _fitting(array: Array | None, layout: Layout) -> Array:
    """Return an array to write into: not every call of NumPy can write into every order."""
    like = layout.empty()
    return array if array is not None and array.strides == like.strides else like


def _forget(filename: str) -> None:
    """Let linecache have no text of a program that is gone.

    It may be going through its files at this moment, and would miss one that is removed; so this
    becomes one that does not exist, which linecache itself removes when it looks for changes.
    """
    linecache.cache[filename] = (0, 0.0, [], "<gone>")


def _result_text(result: Any) -> tuple[str, dict[str, Any]]:
    """Return what a function returns as an expression, and what that refers to."""
    bound: dict[str, Any] = {}

    def bind(x: Any) -> str:
        bound[f"k{len(bound)}"] = x
        return f"k{len(bound) - 1}"

    def text(x: Any) -> str:
        if isinstance(x, Output):
            return f"{{r{x.position}}}"
        if type(x) is dict:
            items = ", ".join(f"{bind(key)}: {text(item)}" for key, item in x.items())
            return f"{{{{{items}}}}}"
        if type(x) in (list, tuple):
            inner = ", ".join(map(text, x))
            if type(x) is list:
                return f"[{inner}]"
            return f"({inner},)" if len(x) == 1 else f"({inner})"
        if is_container(x):  # of a type of somebody's own
            fill = bind(lambda *new: rebuild(x, iter(new)))
            return f"{fill}({', '.join(map(text, leaves(x)))})"
        return f"{bind(x)}.copy()" if isinstance(x, ndarray) else bind(x)

    return text(result), bound
