"""What stands on a sheet, whatever it is written as."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.graphs.formula import step_formula
from tinygrad_mlp.graphs.local import is_number
from tinygrad_mlp.teaching.exercises.legend import meaning
from tinygrad_mlp.teaching.exercises.numbers import written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.graphs.node import Node
    from tinygrad_mlp.teaching.exercises.blanks import Blank
    from tinygrad_mlp.teaching.exercises.problem import Problem

#: What a sheet says that it is, with the version of its format.
FORMAT = "tinygrad_mlp exercise 1"


class Content(NamedTuple):
    """Everything that a sheet says.

    Attributes
    ----------
    title : str
        On one line.
    problem : Problem
        The graph with its true numbers.
    blanks : list of Blank
        What is asked.
    shows_local : bool
        Whether local derivatives that are not asked are shown.
    digits : int
        How many behind the point an answer has.
    seed, number : int
        Which sheet it is.
    solved : bool
        Whether the answers stand where the blanks are.
    of_several : bool
        Whether there are variants, so that a number tells which it is.
    """

    title: str
    problem: Problem
    blanks: Sequence[Blank]
    shows_local: bool
    digits: int
    seed: int
    number: int
    solved: bool = False
    of_several: bool = False

    @property
    def kinds(self) -> list[str]:
        """The kinds of numbers that are asked, in the order of work."""
        found = {blank.quantity.kind for blank in self.blanks}
        return [kind for kind in ("forward", "local", "gradient") if kind in found]

    @property
    def instructions(self) -> list[str]:
        """What is to be done, a sentence each."""
        name = self.problem.words.name(self.problem.graph.outputs[0])
        if self.solved:
            return ["Solved: in each box that has a small number in its corner stands the answer."]
        told = ["Write a number into each box that has a small number in its corner."]
        if "forward" in self.kinds:
            told.append("Forward, along the arrows: below the name of a box stands its value.")
        if "local" in self.kinds or self.shows_local:
            told.append(
                "On an arrow, ∂ is the local derivative: of the result of the operation that it "
                "points to, by the value that it comes from."
            )
        if "gradient" in self.kinds:
            what = f"Backward, against the arrows: grad of a box is ∂{name}/∂(that box)"
            if any(node.shape for node in self.problem.graph):
                told.append(
                    f"{what}, a table of the same shape. Each arrow brings a share: what the rule "
                    "of its operation makes of the grad at the tip. Add the shares."
                )
            else:
                told.append(
                    f"{what}, the sum over its arrows of (grad of the result at the tip) × (local "
                    "derivative)."
                )
        if not all(blank.is_exact for blank in self.blanks):
            told.append(f"Round to {self.digits} digits behind the point, only at the end.")
        return told

    @property
    def steps(self) -> list[str]:
        """How each result is computed, such as ``p = w · x``."""
        return [self._step(node) for node in self.problem.graph if node.row is not None]

    def _step(self, node: Node) -> str:
        words = self.problem.words
        formula = step_formula(node, [words.name(x) for x in node.arguments])
        options = ", ".join(
            f"{name} = {value}"
            for name, value in node.options.items()
            if value is not None
            and value is not False
            # The sign ᵀ says already that the axes of a matrix change places.
            and (node.op, value) != ("transpose", (1, 0))
        )
        return f"{words.name(node.id)} = {formula}" + (f"  ({options})" if options else "")

    @property
    def legend(self) -> list[str]:
        """What the operations mean that need to be told."""
        return list(filter(None, dict.fromkeys(map(meaning, self.problem.graph))))

    def answer(self, blank: Blank) -> str:
        """Return what stands in a blank: the answer if the sheet is solved, else nothing."""
        return written(blank.answer, self.digits) if self.solved else ""

    @property
    def given(self) -> list[str]:
        """The numbers of the leaves and of constant arrays, such as ``w = 2``."""
        words = self.problem.words
        return [
            f"{words.name(node.id)} = {_inline(node)}"
            for node in self.problem.graph
            if node.row is None and not is_number(node)
        ]

    @property
    def footer(self) -> str:
        """Which sheet it is; one alone has no number, for its title may have another."""
        number = f" · sheet {self.number}" if self.of_several else ""
        return f"{FORMAT} · seed {self.seed}{number}{', solved' if self.solved else ''}"


def _inline(node: Node) -> str:
    """Return a value on one line, matrices in brackets.

    >>> import numpy as np
    >>> from tinygrad_mlp.graphs.node import Node
    >>> _inline(Node("v0", "input", np.array([[1.0, 2.0], [3.0, 4.5]])))
    '[1 2; 3 4.5]'
    """
    if not node.shape:
        return summarize(node.value)
    rows = [" ".join(line.split()) for line in summarize(node.value).split("\n")]
    return f"[{'; '.join(rows)}]"
