"""Derivatives that have a symbol of their own, such as σ′, by what they are made of."""

from __future__ import annotations

from copy import copy

import numpy as np

from tinygrad_mlp.core.record import OPS
from tinygrad_mlp.programs.recording.program import Program, Step

_ONE = "one"
#: For each derivative its function a, and the steps that it is made of; "" is the step before.
_SPELLED = {
    "sigmoid_prime": ("sigmoid", (("subtract", (_ONE, "a")), ("multiply", ("a", "")))),
    "tanh_prime": ("tanh", (("square", ("a",)), ("subtract", (_ONE, "")))),
}


def spelled_out(program: Program) -> Program:
    """Return a program in which σ′(z) is a (1 - a) with a = σ(z), and tanh′(z) is 1 - a²."""
    result = copy(program)
    result.constants = {**program.constants, _ONE: 1.0}
    result.steps = []
    result.forward = set(program.forward)
    samples = result.samples() | program.samples()
    known: dict[tuple[str, tuple[str, ...]], str] = {}

    def emit(id_: str, row: str, arguments: tuple[str, ...], at: Step) -> None:
        with np.errstate(all="ignore"):
            samples[id_] = np.asarray(OPS[row].compute(*(samples[x] for x in arguments)))[()]
        result.steps.append(Step(id_, OPS[row], arguments, {}, samples[id_], None, at.scope, None))
        if at.id in program.forward:
            result.forward.add(id_)

    for step in program.steps:
        if step.row.name not in _SPELLED:
            known[step.row.name, step.arguments] = step.id
            result.steps.append(step)
            continue
        function, parts = _SPELLED[step.row.name]
        if (function, step.arguments) not in known:
            known[function, step.arguments] = f"{step.id}_a"
            emit(f"{step.id}_a", function, step.arguments, step)
        a = before = known[function, step.arguments]
        for place, (row, arguments) in enumerate(parts, 1):
            id_ = step.id if place == len(parts) else f"{step.id}_{place}"
            emit(id_, row, tuple({"a": a, "": before}.get(x, x) for x in arguments), step)
            before = id_
        result.steps[-1] = result.steps[-1]._replace(label=step.label, primal=step.primal)
    return result
