"""Taking a program apart into single calls of NumPy, by running it once on symbols.

The forward formula of every operation, and the kernels that it names, are run as they are.  So
there is no second description of any operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.core.op import PROTECTED
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.programs.compiling.calls import Call
from tinygrad_mlp.programs.compiling.symbols import USUAL, Notes, Symbol, UntraceableError
from tinygrad_mlp.programs.recording.program import Program


class Lowered:
    """A program as calls of NumPy.

    Attributes
    ----------
    inputs, captured : dict of str to Symbol
        By id.
    calls : list of Call
        In order, without any whose result nothing needs.
    outputs : list of Symbol or constants
    """

    def __init__(self, program: Program, notes: Notes) -> None:
        self.inputs = {id_: Symbol(x, notes) for id_, x in program.inputs.items()}
        self.captured = {id_: Symbol(v._numbers, notes) for id_, v in program.captured.items()}
        self.calls = notes.calls
        self.outputs: list[Any] = []
        self._notes = notes

    def forget(self) -> None:
        """Let go of what only ``other_way`` needs, so that memory goes as soon as it can."""
        self._notes.forget()

    def other_way(self, end: Call) -> tuple[list[Call], Symbol]:
        """Return the calls of a formula where its guard does not hold, and the result.

        Parameters
        ----------
        end : Call
            The end of the block.

        Raises
        ------
        UntraceableError
            If the formula cannot be followed there.
        """
        if end.alternative is None:
            raise UntraceableError("no block")
        calls, result = self._notes.along(not end.truth, end.alternative)
        if not isinstance(result, Symbol) or any(call.kind == "guard" for call in calls):
            raise UntraceableError("several branches")
        for call in calls:
            call.row = end.row
        return _needed(calls, [result]), result


def lowered(program: Program) -> Lowered:
    """Return a program as calls of NumPy.

    A formula that branches on numbers is followed along the branch that it took for the samples,
    behind a guard.  One that cannot be followed stays a single call.
    """
    notes = Notes()
    result = Lowered(program, notes)
    known: dict[str, Any] = {**program.constants, **result.inputs, **result.captured}
    # A setting that no formula has, so that what formulas switch off is noticed.
    with np.errstate(all=USUAL, call=lambda *_: None):
        for step in program.steps:
            first = len(notes.calls)
            arguments = [known[id_] for id_ in step.arguments]
            known[step.id] = _follow(notes, step.row, arguments, step.options)
            name = step.label or step.row.name
            for call in notes.calls[first:]:
                call.comment, call.row = name, step.row
    result.outputs = [known[id_] for id_ in program.outputs]
    result.calls = _needed(result.calls, result.outputs)
    return result


def _follow(notes: Notes, row: Op, arguments: Sequence[Any], options: Any) -> Any:
    """Run a formula on symbols, or record it as one call if that is not possible."""
    compute = row.compute
    if row.name not in PROTECTED:  # a reader's own formula may do what notes do not show
        return notes.call("plain", compute, arguments, options)
    before = len(notes.calls)
    try:
        result = compute(*arguments, **options)
        if isinstance(result, Symbol):
            if isinstance(result.data, np.ndarray) and result.data.ndim == 0:
                result = result[()]
            _close_guard(notes, before, Call("plain", compute, arguments, options, result, row=row))
            return result
    except (UntraceableError, TypeError, AttributeError, ValueError):
        pass
    notes.take_back(before)
    return notes.call("plain", compute, arguments, options)


def _close_guard(notes: Notes, before: int, whole: Call) -> None:
    """End the block that a formula's guard began, if it had one."""
    guards = [i for i in range(before, len(notes.calls)) if notes.calls[i].kind == "guard"]
    if not guards:
        return
    last = notes.calls[-1]
    if last.result is not whole.result or last.kind == "view":
        raise UntraceableError("a branch that cannot be a block")
    guard = notes.calls[guards[0]]
    guard.alternative = whole
    notes.close_block(guards[0])
    end = Call("end", whole.function, [], {}, whole.result)
    end.alternative = whole
    end.truth = guard.truth
    notes.add(end)


def _needed(calls: Sequence[Call], outputs: Sequence[Any]) -> list[Call]:
    """Return the calls without those whose result nothing needs."""
    needed = {x.number for x in outputs if isinstance(x, Symbol)}
    kept: list[Call] = []
    end: Call | None = None
    for call in reversed(calls):
        is_needed = call.result is not None and call.result.number in needed
        if call.kind == "end":
            end, inside = call, len(kept)
            if not is_needed:
                call.alternative = None
        elif call.kind == "guard" and len(kept) > inside and end is not None:
            kept.insert(inside, end)
            call.alternative = end.alternative
            is_needed = True
        if is_needed and call.kind != "end":
            kept.append(call)
            needed.update(x.number for x in call.variables())
    return kept[::-1]
