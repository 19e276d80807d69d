"""Printing a lowered program as loops over numbers, which numba turns into machine code.

For small arrays the calls of NumPy cost more than the arithmetic.  Here the whole program is one
function: calls that go over the same shape, number by number, share one loop, and what only this
loop needs is never stored.  Views are not made; where they would be read, the place in the array
that they look at is computed.  A call that has no loop here raises ``UnsupportedError``, and the
program is printed for NumPy instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tinygrad_mlp.programs.compiling.calls import Call, Variable
from tinygrad_mlp.programs.compiling.loop_numbers import at, is_of_each_number, made
from tinygrad_mlp.programs.compiling.loop_sums import SumPrinter
from tinygrad_mlp.programs.compiling.machine_code import UnsupportedError, machine_code
from tinygrad_mlp.programs.compiling.printer import Emitted, Task, is_scalar

_TYPES = ("bool", "int32", "int64", "float32", "float64")


class LoopPrinter(SumPrinter):
    """Prints ``loops`` for numba, and ``run`` that calls it."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.group: list[Call] = []  # calls that will share a loop
        self.users: dict[int, list[Call]] = {}
        self.kept = {self._root(x) for x in task.lowered.outputs if isinstance(x, Variable)}
        self.finished: list[int] = []  # results that nothing reads after the open loop

    def emitted(self) -> Emitted:
        """Return the module, as ``Printer`` does.

        Raises
        ------
        UnsupportedError
            If numba is not installed, or a call has no loop here.  The module itself raises it when
            it is run, if numba refuses the loops.
        """
        self._calls(self.lowered.calls, self.dying)
        result = self._returned()
        layouts = self._layouts()
        scalars = [p for p, x in enumerate(self.lowered.outputs) if is_scalar(x)]
        returned = "".join(f"{self._text(self.lowered.outputs[p])}, " for p in scalars)
        parameters = [*self.parameters, *(f"o{position}" for position in layouts)]
        given = ", ".join([*parameters, *self.array_constants])
        taken = "".join(f"s{p}, " for p in scalars)
        variables = [*self.lowered.inputs.values(), *self.lowered.captured.values()]
        samples = [
            *(np.array(x.data, order="C")[()] for x in variables),
            *(layout.empty() for layout in layouts.values()),
            *self.array_constants.values(),
        ]
        self.namespace["machine_code"] = machine_code(samples)
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
                f"    return {result}",
                "",
            ]
        )
        return self._finished(text, layouts)._replace(has_buffers=False)

    def _scalar(self, position: int, output: Variable) -> str:
        return f"{self._constant(output.dtype.type, 'kind')}(s{position})"

    def _copy(self, position: int, output: Variable) -> None:
        self._fill(f"o{position}", output)

    def _calls(self, calls: Sequence[Call], dying: Mapping[int, Sequence[int]]) -> None:
        for call in calls:
            for variable in call.variables():
                self.users.setdefault(variable.number, []).append(call)
        for place, call in enumerate(calls):
            self._call_of_any_kind(call)
            self.finished += dying.get(place, ())
        self._end_group()

    def _call_of_any_kind(self, call: Call) -> None:
        kinds = [x.dtype.name for x in (*call.variables(), call.result) if x is not None]
        if not set(kinds) <= set(_TYPES):
            raise UnsupportedError(f"there are no loops for {kinds}")
        if call.kind == "view":
            self._remember_view(call)
            return
        is_single = call.kind in ("ufunc", "plain") and is_of_each_number(call)
        if is_single and not is_scalar(call.result):
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
        elif name in ("vdot", "dot", "matmul") and is_scalar(made(call)):
            self._scalar_product(call)
        elif name == "_item" and not is_of_each_number(call):
            self._selection(call)
        elif is_scalar(made(call)) and is_of_each_number(call):
            self._line(f"{self._new_name(made(call))} = {self._formula(call, ())}")
        else:
            raise UnsupportedError(f"there is no loop for {name}")

    # ----- Loops -----

    def _add_to_group(self, call: Call) -> None:
        """Let a call share the loop of those before it, if each number is all that it reads."""
        result = made(call)
        position = self.destinations.get(result.number)
        donor = None if position is None else self.donated.get(position)
        overwritten = None if donor is None else self.given[donor]
        before = [x for earlier in self.group for x in earlier.variables()]
        needs_all = any(
            x.number not in self.inside and self._root(x) in self.inside for x in call.variables()
        )
        if self.group and (
            made(self.group[0]).shape != result.shape
            or needs_all
            or any(x.number != overwritten and self._root(x) == overwritten for x in before)
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
        stored = {
            made(call).number: self._target(made(call))
            for call in group
            if made(call).number in self.kept
            or any(user not in group for user in self.users.get(made(call).number, ()))
        }
        with self._loop(made(group[0]).shape) as index:
            for call in group:
                number = made(call).number
                text = self._formula(call, index)
                self.names[number] = name = self._unused_name()
                self._line(f"{name} = {text}")
                if number in stored:
                    self._line(f"{at(stored[number], index)} = {name}")
        self.names.update(stored)
        self.inside.clear()

    def _guard(self, call: Call) -> None:
        """Begin a block; its result needs a place that both ways write to."""
        if call.alternative is not None:
            self.kept.add(made(call.alternative).number)
        super()._guard(call)

    def _end(self, call: Call) -> None:
        """End a block, with the loops of the other way to its result."""
        result = made(call)
        self.depth -= 1
        if call.alternative is None:  # only what other blocks read was wanted of it
            return
        self._line("else:")
        self.depth += 1
        name = self.names[result.number]
        others, other = self.lowered.other_way(call)
        self.kept.add(other.number)
        before = [*self.places]
        self._calls(others, {})  # what it makes is finished below
        if is_scalar(result):
            self._line(f"{name} = {self._number(other, ())}")
        else:
            self._fill(name, other)
        self.depth -= 1
        self.finished += [number for number in self.places if number not in before]
