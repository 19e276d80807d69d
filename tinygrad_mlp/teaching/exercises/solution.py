"""The worked solution of a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.teaching.exercises.numbers import written
from tinygrad_mlp.teaching.ledger import why
from tinygrad_mlp.teaching.steps import steps

if TYPE_CHECKING:
    from tinygrad_mlp.teaching.exercises.content import Content


def solution_of(content: Content) -> str:
    """Return the answers, every step, and the chain rule down to each leaf.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> sheet = tg.exercise(tg.Value(3.0, label="x") * 2.0, ask="x", numbers="given")
    >>> print(solution_of(sheet._content))
    Backpropagation by hand
    tinygrad_mlp exercise 1 · seed 0
    <BLANKLINE>
    Answers
    (1) ∂L/∂x = 2
    <BLANKLINE>
    Step by step
    L = x · 2 = 3 · 2 = 6
    ∂L/∂L = 1: here the backward pass begins
    x gets 1 × 2 = 2 from L (×); it had none
    <BLANKLINE>
    ∂L/∂x = 2
    <BLANKLINE>
    where L = x · 2
    <BLANKLINE>
    """
    problem = content.problem
    lines = [content.title, content.footer, "", "Answers"]
    lines += [
        f"({blank.number}) {blank.sign} = {written(blank.answer, content.digits)}"
        for blank in content.blanks
    ]
    lines += ["", "Step by step", *map(str, steps(problem.output))]
    values = problem.graph.values()
    for node in problem.graph:
        if node.row is None and node.id in problem.uses:
            ledger = why(problem.output, values[node.id])
            lines += ["", str(ledger.chain())]
            if node.shape:
                lines += ["in numbers", summarize(ledger.total)]
    return "\n".join(lines) + "\n"
