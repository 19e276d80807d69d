"""Formulas of whole arrays: a row's ``latex`` with those of its arguments written in.

They stand in parentheses where they would be misread: each formula knows how strongly it holds
together, and each place in a row how strongly what stands there must.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.core.op import Row
from tinygrad_mlp.programs.recording.program import Program, Step
from tinygrad_mlp.programs.writing.derivation import Derivation
from tinygrad_mlp.programs.writing.equations.formulas import (
    CLOSED,
    ELEMENTWISE,
    SUM,
    Formula,
    enclosed,
    escaped,
    formula_of,
    number,
    run_together,
    template_of,
    written_in,
)
from tinygrad_mlp.programs.writing.equations.substitution import shown
from tinygrad_mlp.programs.writing.equations.symbols import Symbols
from tinygrad_mlp.programs.writing.formatting import COMPARISONS
from tinygrad_mlp.programs.writing.literals import only_number

_AXES = "njklmi"
#: What has the letters of the axes below it, along which it goes.
_REDUCTIONS = (r"\sum", r"\prod", r"\max", r"\min", r"\operatorname{mean}")


class Arrays:
    """The formulas of steps and of their arguments.

    Parameters
    ----------
    program : Program
        What is derived.
    derivation : Derivation
        Its lines.
    symbols : Symbols
        What its values are called.
    plain : bool
        Write fractions in one line.
    """

    def __init__(
        self, program: Program, derivation: Derivation, symbols: Symbols, plain: bool
    ) -> None:
        self._constants = program.constants
        self._derivation = derivation
        self._symbols = symbols
        self._plain = plain
        self._samples = program.samples()
        forward = [step for step in program.steps if step.id in program.forward]
        self._written = {x for step in forward for x in step.arguments}

    def letters(self, id_: str) -> tuple[str, ...]:
        """Return no letters: a whole array has no indices."""
        return ()

    def of(self, id_: str, _letters: tuple[str, ...] = ()) -> Formula:
        """Return the formula of an argument, in symbols."""
        if id_ in self._derivation.inlined:
            return self.of_step(self._derivation.inlined[id_])
        if id_ not in self._derivation.names and self.is_number(id_):
            # What the backward pass brings in is one over a count; other numbers somebody wrote.
            x = self._constants[id_]
            of_count = (np.ndim(x) > 0 or id_ not in self._written) and not self._plain
            return formula_of(number(np.ravel(x)[0], of_count=of_count), self._plain)
        return self._symbols.of(id_)

    def of_step(self, step: Step, _letters: tuple[str, ...] = ()) -> Formula:
        """Return the formula of a step, in symbols."""
        other = self.other_than_one(step)
        return self._of_step(step, self.of, self._times) if other is None else self.of(other)

    def other_than_one(self, step: Step) -> str | None:
        """Return the factor beside ones that the backward pass brought in; they tell nothing."""
        if step.row.name != "multiply":
            return None
        ones = [x for x in step.arguments if x not in self._written and self.of(x).text == "1"]
        others = [x for x in step.arguments if x not in ones]
        return others[0] if ones and others else None

    def is_number(self, id_: str) -> bool:
        """Return whether something is written as one number, or is a scalar."""
        x = self._samples[id_]
        return np.ndim(x) == 0 or (id_ in self._constants and only_number(x) is not None)

    def _of_step(
        self,
        step: Step,
        of: Callable[[str], Formula],
        times: Callable[[Step, list[Formula]], str],
    ) -> Formula:
        formulas = [of(x) for x in step.arguments]
        return of_row(step.row, step.options, formulas, times(step, formulas), self._plain)

    def _times(self, step: Step, formulas: list[Formula]) -> str:
        """Return what stands between two factors."""
        if not any(map(self.is_number, step.arguments)):
            return r" \odot "
        return r" \cdot " if step.row.name == "multiply" and dotted(*formulas) else " "

    # ----- With numbers -----

    def number(self, id_: str) -> Formula:
        """Return an argument as its number, or as the array of its numbers."""
        if id_ in self._derivation.inlined:
            return self.number_of_step(self._derivation.inlined[id_])
        if id_ not in self._derivation.names and self.is_number(id_):
            return self.of(id_)
        return shown(self._samples[id_])

    def number_of_step(self, step: Step) -> Formula:
        """Return the formula of a step, with the numbers of its arguments."""

        def of(id_: str) -> Formula:
            is_vector = id_ in step.arguments[1:] and np.ndim(self._samples[id_]) == 1
            if is_vector and step.row.name == "matmul" and id_ not in self._derivation.inlined:
                return shown(self._samples[id_], column=True)
            return self.number(id_)

        return self._of_step(step, of, self._times_numbers)

    def _times_numbers(self, step: Step, _: list[Formula]) -> str:
        return r" \cdot " if any(map(self.is_number, step.arguments)) else r" \odot "


def of_row(
    row: Row,
    options: Mapping[str, Any],
    formulas: Sequence[Formula],
    times: str = r" \odot ",
    plain: bool = False,
) -> Formula:
    r"""Return the formula of a row, with those of its arguments written in.

    >>> import tinygrad_mlp as tg
    >>> a_plus_b, c = Formula("a + b", 1), Formula("c", 6)
    >>> of_row(tg.OPS["multiply"], {}, [a_plus_b, c]).text
    '(a + b) \\odot c'
    """
    if row.name == "question":
        return question(options["function"], formulas)
    if row.parameters[0].startswith("*"):
        inside = ", ".join(formula.text for formula in formulas)
        return Formula(f"{row.latex.format()}({inside})", CLOSED)
    template = template_of(row, options).replace(r" \odot ", times)
    axis = options.get("axis")
    word, blank, rest = template.partition(" ")
    if isinstance(axis, tuple) and axis and word in _REDUCTIONS:
        letters = ", ".join(_AXES[a] for a in axis if a < len(_AXES))
        template = rf"{word}_{{{letters}}}{blank}{rest}"
    return written_in(template, formulas, plain)


def dotted(left: Formula, right: Formula) -> bool:
    r"""Return whether two factors side by side would be misread without a dot between them.

    A number would join what stands before it, and a symbol its like; an index tells such apart.
    Beside a dot another one saves parentheses.

    >>> x, x_1, two, log_x = (Formula(t, 6) for t in ("x", "x_1", "2", "\\log x"))
    >>> dotted(x, two), dotted(x, x), dotted(x_1, x_1), dotted(two, x), dotted(x, log_x)
    (True, True, False, False, False)
    >>> dotted(Formula(r"\mathrm{size}", 6), x)
    True
    """
    if right.strength > SUM and right.text[:1].isdigit():
        return True
    if left.open or SUM in (left.strength, right.strength):
        return False  # there will be parentheses
    if any(x.strength == ELEMENTWISE and r"\odot" not in x.text for x in (left, right)):
        return True
    if run_together(left.text, right.text):
        return True
    last, first = left.text.split(" ")[-1], right.text.split(" ")[0]
    return last == first and "_" not in first


def question(function: str, formulas: Sequence[Formula]) -> Formula:
    """Return the formula of what is 1 where something holds and 0 elsewhere."""
    if function in COMPARISONS and len(formulas) == 2:
        left, right = (enclosed(x, ELEMENTWISE) for x in formulas)
        return Formula(f"[{left} {COMPARISONS[function][2]} {right}]", CLOSED)
    inside = ", ".join(formula.text for formula in formulas)
    return Formula(rf"\operatorname{{{escaped(function)}}}({inside})", CLOSED)
