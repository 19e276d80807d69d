"""Gradients below a selection, as mathematics has them: 0 times what is undefined is 0."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from tinygrad_mlp.programs.recording.program import Program

if TYPE_CHECKING:
    from tinygrad_mlp.programs.recording.program import Step


def without_guards(program: Program) -> Program:
    """Return a program without the steps that keep nan out of a branch that was not taken.

    What ``where`` did not choose gets no gradient, even where its derivative is infinite.  A
    program has to look for that; a formula says it by the gradient that is 0.
    """
    made = {step.id: step for step in program.steps}
    guarded = {step.id: step.arguments[2] for step in program.steps if _is_guard(step, made)}
    if not guarded:
        return program

    def bare(id_: str) -> str:
        while id_ in guarded:
            id_ = guarded[id_]
        return id_

    result = copy(program)
    result.outputs = [bare(id_) for id_ in program.outputs]
    result.gradients = {primal: bare(id_) for primal, id_ in program.gradients.items()}
    primals = {bare(id_): made[id_].primal for id_ in guarded if made[id_].primal is not None}
    used, kept = set(result.outputs), []
    for step in reversed(program.steps):
        if step.id in used:
            arguments = tuple(map(bare, step.arguments))
            used.update(arguments)
            primal = step.primal or primals.get(step.id)
            kept.append(step._replace(arguments=arguments, primal=primal))
    result.steps = kept[::-1]
    return result


def _is_guard(step: Step, made: dict[str, Step]) -> bool:
    """Return whether a step is ``where(silent & ~isfinite(share), 0.0, share)``."""
    if step.row.name != "where":
        return False
    both = made.get(step.arguments[0])
    if both is None or not _asks(both, "logical_and"):
        return False
    unbounded = made.get(both.arguments[-1])
    if unbounded is None or not _asks(unbounded, "logical_not"):
        return False
    bounded = made.get(unbounded.arguments[0])
    is_share = bounded is not None and bounded.arguments == step.arguments[2:]
    return is_share and bounded is not None and _asks(bounded, "isfinite")


def _asks(step: Step, function: str) -> bool:
    return step.row.name == "question" and step.options["function"] == function
