r"""The lines of a derivation as equations: in LaTeX, and in letters for a comment.

A formula is the ``latex`` of a row with the formulas of its arguments written in, in parentheses
where they would be misread: each formula knows how strongly it holds together, and each place in a
row how strongly what stands there must.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from tinygrad_mlp.core.op import Row
from tinygrad_mlp.programs.recording.program import Program, Step
from tinygrad_mlp.programs.writing.derivation import Derivation, Line
from tinygrad_mlp.programs.writing.formatting import COMPARISONS
from tinygrad_mlp.programs.writing.formulas import (
    CLOSED,
    ELEMENTWISE,
    SYMBOL,
    Formula,
    enclosed,
    escaped,
    formula_of,
    number,
    symbol,
    written_in,
)
from tinygrad_mlp.programs.writing.letters import in_letters
from tinygrad_mlp.programs.writing.literals import only_number
from tinygrad_mlp.programs.writing.naming import FUNCTIONS

_AXES = "ijklmn"


class Equations:
    """The formulas of the lines of a derivation.

    Parameters
    ----------
    program : Program
        What is derived.
    derivation : Derivation
        Its lines.
    result : str or None
        Id of what is differentiated.  It is called L, if it has no symbol of its own.
    plain : bool
        Call things by their names in the source, and write fractions in one line.
    """

    def __init__(
        self, program: Program, derivation: Derivation, result: str | None, plain: bool = False
    ) -> None:
        self._program = program
        self._derivation = derivation
        self._result = result
        self._plain = plain
        self._samples = program.samples()
        self._gradients = {
            line.step.id: line.step.primal
            for line in derivation.lines
            if line.step.primal is not None and line.step.id not in program.forward
        }
        self._result_symbol = self._symbol_of_result()
        self._symbols = self._all_symbols()
        if not plain:
            self._result_symbol = self._symbols.get(result or "", self._result_symbol)

    def latex(self) -> str:
        """Return all lines as aligned equations."""
        rows = [
            f"{self._symbol(line.step.id).text} &= {self._of_step(line.step).text}"
            for line in self._derivation.lines
        ]
        rows += self._repeated_gradients()
        rows = rows or [f"y &= {self._of(x).text}" for x in self._program.outputs]
        return "\n".join([r"\begin{aligned}", " \\\\\n".join(rows), r"\end{aligned}"]) + "\n"

    def comment(self, line: Line) -> str:
        """Return one line in letters, such as ``dL/dW1 = xᵀ dz1``."""
        primal = self._primal_name(line.step.id)
        left = f"d{self._result_symbol}/d{primal}" if primal else self._symbol(line.step.id).text
        return in_letters(f"{left} = {self._of_step(line.step).text}")

    def _repeated_gradients(self) -> list[str]:
        """Return the gradients that have no line, because they equal another or a constant."""
        if self._result is None:
            return []
        told = {self._gradients[id_] for id_ in self._gradients if self._primal_name(id_)}
        return [
            f"{self._derivative(self._symbols[primal])} &= {self._of(gradient).text}"
            for primal, gradient in self._program.gradients.items()
            if primal not in told
        ]

    # ----- Symbols -----

    def _all_symbols(self) -> dict[str, str]:
        """Return a symbol for each name, no two of them alike."""
        names = self._derivation.names
        if self._plain:
            return dict(names)
        symbols: dict[str, str] = {}
        taken = {rf"\mathrm{{{word}}}" for word in FUNCTIONS}
        unnamed = {line.step.id for line in self._derivation.lines if self._is_unnamed(line.step)}
        for id_, name in names.items():
            if id_ in unnamed or self._primal_name(id_) is not None:
                continue
            short = self._result_symbol if id_ == self._result else symbol(name)
            symbols[id_] = rf"\mathrm{{{escaped(name)}}}" if short in taken else short
            taken.add(symbols[id_])
        free = (x for number in count(1) if (x := symbol(f"v{number}")) not in taken)
        for id_ in names:
            if id_ in unnamed:
                alone = [id_] == self._program.outputs and "y" not in taken
                symbols[id_] = "y" if alone else next(free)
        return symbols

    def _is_unnamed(self, step: Step) -> bool:
        """Return whether a step has no name but that of its operation, such as product."""
        if step.label is not None or step.id == self._result or self._primal_name(step.id):
            return False
        return symbol(self._derivation.names[step.id]).startswith(r"\mathrm")

    def _symbol_of_result(self) -> str:
        """Return the symbol of what is differentiated: its own, or L for a word such as loss."""
        names = self._derivation.names
        name = names.get(self._result or "", "loss")
        is_word = symbol(name).startswith(r"\mathrm")
        if is_word and "L" not in (x for id_, x in names.items() if id_ != self._result):
            return "L"
        return name if self._plain else symbol(name)

    def _primal_name(self, id_: str) -> str | None:
        """Return by what something is the gradient, where its name says so."""
        primal = self._gradients.get(id_)
        if primal is None:
            return None
        name = self._derivation.names[id_]
        of = self._derivation.names.get(primal) or self._program.labels.get(primal)
        return of if name == f"d{of}" else None

    def _symbol(self, id_: str) -> Formula:
        if id_ == self._result and self._gradients:
            return Formula(self._result_symbol, SYMBOL)
        name = self._derivation.names[id_]
        primal = self._primal_name(id_)
        if self._plain or primal is None or self._gradients[id_] in self._gradients:
            return Formula(self._symbols.get(id_) or symbol(name), SYMBOL)
        by = self._symbols.get(self._gradients[id_]) or symbol(primal)
        return Formula(self._derivative(by), CLOSED)

    def _derivative(self, by: str) -> str:
        return rf"\frac{{\partial {self._result_symbol}}}{{\partial {by}}}"

    def _of(self, id_: str) -> Formula:
        """Return the formula of an argument."""
        if id_ in self._derivation.inlined:
            return self._of_step(self._derivation.inlined[id_])
        if id_ in self._derivation.names:
            return self._symbol(id_)
        x = self._program.constants[id_]
        if self._is_number(id_):
            of_count = bool(np.ndim(x)) and not self._plain
            return formula_of(number(np.ravel(x)[0], of_count=of_count), self._plain)
        return Formula("C" if self._plain else rf"C_{{{id_.removeprefix('v')}}}", SYMBOL)

    def _is_number(self, id_: str) -> bool:
        """Return whether something is written as one number, or is a scalar."""
        x = self._samples[id_]
        if np.ndim(x) == 0:
            return True
        return id_ in self._program.constants and only_number(x) is not None

    # ----- Formulas -----

    def _of_step(self, step: Step) -> Formula:
        formulas = [self._of(x) for x in step.arguments]
        times = self._times(step, formulas) if step.row.name == "multiply" else ""
        return of_row(step.row, step.options, formulas, times, self._plain)

    def _times(self, step: Step, formulas: list[Formula]) -> str:
        """Return what stands between two factors."""
        if formulas[1].text[:1].isdigit():
            return r" \cdot "
        return " " if any(map(self._is_number, step.arguments)) else r" \odot "


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
        return _question(options["function"], formulas)
    if row.parameters[0].startswith("*"):
        inside = ", ".join(formula.text for formula in formulas)
        return Formula(f"{row.latex.format()}({inside})", CLOSED)
    places = {key: f"\x00{place}\x00" for place, key in enumerate(row.parameters)}
    numbers = {
        key: number(x, of_count=False) for key, x in options.items() if isinstance(x, int | float)
    }
    template = row.latex.format_map(defaultdict(lambda: r"\cdot", numbers | places))
    if row.name == "multiply":
        template = template.replace(r" \odot ", times)
    axis = options.get("axis")
    if isinstance(axis, tuple) and axis and template.startswith(r"\sum "):
        letters = ", ".join(_AXES[a] for a in axis if a < len(_AXES))
        template = template.replace(r"\sum ", rf"\sum_{{{letters}}} ", 1)
    return written_in(template, formulas, plain)


def _question(function: str, formulas: Sequence[Formula]) -> Formula:
    if function in COMPARISONS and len(formulas) == 2:
        left, right = (enclosed(x, ELEMENTWISE) for x in formulas)
        return Formula(f"[{left} {COMPARISONS[function][2]} {right}]", CLOSED)
    inside = ", ".join(formula.text for formula in formulas)
    return Formula(rf"\operatorname{{{escaped(function)}}}({inside})", CLOSED)
