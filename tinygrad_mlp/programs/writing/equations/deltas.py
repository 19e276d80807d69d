"""The gradients that textbooks call delta: those by what an activation or a loss is applied to."""

from __future__ import annotations

from tinygrad_mlp.programs.recording.program import Program, Step
from tinygrad_mlp.programs.writing.naming import word_for

_PRODUCTS = ("affine", "matmul")
#: What rows are called that a layer ends in: an activation, a loss.
_ENDS = ("a", "p", "log_p", "loss")


def deltas_of(program: Program) -> dict[str, str]:
    """Return the ids of the gradients by ``x W + b``, with the ids of what they are gradients by.

    Only a step that an activation or a loss is applied to counts: the z of a layer.
    """
    steps = {step.id: step for step in program.steps}
    ends = {
        x
        for step in program.steps
        if step.id in program.forward and word_for(step.row) in _ENDS
        for x in step.arguments
    }

    def is_layer(step: Step) -> bool:
        if step.row.name == "add":
            return any(x in steps and steps[x].row.name in _PRODUCTS for x in step.arguments)
        return step.row.name in _PRODUCTS

    layers = {x for x in ends if x in steps and is_layer(steps[x])}
    return {
        step.id: step.primal
        for step in program.steps
        if step.primal in layers and step.label is None and step.id not in program.forward
    }
