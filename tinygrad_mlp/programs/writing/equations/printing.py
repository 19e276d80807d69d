r"""The lines of a derivation as equations: in LaTeX, and in letters for a comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from tinygrad_mlp.programs.recording.program import Program, Step
from tinygrad_mlp.programs.writing.derivation import Derivation, Line
from tinygrad_mlp.programs.writing.equations.arrays import Arrays
from tinygrad_mlp.programs.writing.equations.elements import Elements
from tinygrad_mlp.programs.writing.equations.formulas import Formula, for_any_tex
from tinygrad_mlp.programs.writing.equations.substitution import (
    can_be_shown,
    filled,
    is_exact,
    shown,
)
from tinygrad_mlp.programs.writing.equations.symbols import Symbols, with_indices
from tinygrad_mlp.programs.writing.letters import in_letters
from tinygrad_mlp.programs.writing.tasks import Notation


class Equations:
    """The equations of a derivation.

    Parameters
    ----------
    program : Program
        What is derived.
    derivation : Derivation
        Its lines.
    result : str or None
        Id of what is differentiated.
    deltas : dict of str to str
        The gradients that are called delta, with what they are gradients by.
    notation : Notation or None
        How they are written: None for comments, which call things by their names in the source.
    """

    def __init__(
        self,
        program: Program,
        derivation: Derivation,
        result: str | None,
        deltas: Mapping[str, str],
        notation: Notation | None,
    ) -> None:
        plain = notation is None
        self._notation = notation or Notation()
        self._program = program
        self._derivation = derivation
        self._samples = program.samples()
        indices = self._notation.indices
        self._symbols = Symbols(program, derivation, result, deltas, plain, indices)
        self._arrays = Arrays(program, derivation, self._symbols, plain)
        self._formulas: Arrays | Elements = self._arrays
        if indices:
            self._formulas = Elements(program, derivation, self._symbols, self._arrays)

    def comment(self, line: Line) -> str:
        """Return one line in letters, such as ``dL/dW1 = xᵀ dz1``."""
        primal = self._symbols.primal_name(line.step.id)
        left = self._symbols.of(line.step.id).text
        if primal:
            left = f"d{self._symbols.result}/d{primal}"
        return in_letters(f"{left} = {self._arrays.of_step(line.step).text}")

    def latex(self) -> str:
        """Return all lines as aligned equations."""
        rows = [*self._given(), *self._derived()]
        rows = rows or [self._result(x) for x in self._program.outputs]
        rows = [*self._constants("\n".join(rows)), *rows]
        text = for_any_tex(" \\\\\n".join(rows))
        return f"\\begin{{aligned}}\n{text}\n\\end{{aligned}}\n"

    def _constants(self, text: str) -> Iterator[str]:
        """Return what the constant arrays are that have a symbol in some equations."""
        for id_, x in self._program.constants.items():
            if not np.ndim(x) or self._arrays.is_number(id_):
                continue
            name = self._symbols.of(id_).text
            name = with_indices(name, []) if self._notation.indices else name
            if name not in text:
                continue
            if can_be_shown(x):
                sign = "=" if is_exact(x) else r"\approx"
                yield f"{name} &{sign} {shown(x).text}"
            else:
                yield rf"{name} &= \text{{constant of shape {x.shape}}}"

    def _result(self, id_: str) -> str:
        """Return the equation of what is returned as it came."""
        letters = self._formulas.letters(id_)
        return f"{with_indices('y', letters)} &= {self._formulas.of(id_, letters).text}"

    def _given(self) -> Iterator[str]:
        """Return the numbers of what is given, if numbers are asked for."""
        used = {x for step in self._program.steps for x in step.arguments}
        for id_ in (*self._program.inputs, *self._program.captured):
            x = self._samples[id_]
            if self._notation.numbers and id_ in used and can_be_shown(x):
                sign = "=" if is_exact(x) else r"\approx"
                letters = self._formulas.letters(id_)
                left = self._symbols.of(id_, letters)
                yield f"{left.text} &{sign} {_element(shown(x).text, letters)}"

    def _derived(self) -> Iterator[str]:
        """Return the lines, at the end the gradients that nothing else is made of.

        Of these the simplest come first, from the last layer to the first: so the four equations
        of backpropagation stand in the order in which they are taught.
        """
        lines = self._derivation.lines
        sources = {line.step.id: self._derivation.sources(line.step) for line in lines}
        used = {x for line in lines for x in sources[line.step.id]}
        ends = []
        places = {id_: place for place, id_ in enumerate(sources)}
        for line in lines:
            id_ = line.step.id
            if line.backward and id_ not in used and self._symbols.is_derivative(id_):
                simple = sum(x in self._derivation.names for x in sources[id_])
                ends.append((simple, places[id_], self._line(line.step)))
            else:
                yield from self._line(line.step)
        for primal, gradient in self._symbols.repeated():
            simple = gradient in self._derivation.names
            ends.append((simple, places.get(gradient, -1), self._repeated(primal, gradient)))
        for *_, rows in sorted(ends, key=lambda end: end[:2]):
            yield from rows

    def _line(self, step: Step) -> Iterator[str]:
        """Return the equation of a step."""
        letters = self._formulas.letters(step.id)
        left = self._symbols.left_side(step.id, letters)
        formula = self._formulas.of_step(step, letters).text
        numbers = partial(self._arrays.number_of_step, step)
        sources = self._derivation.sources(step)
        yield from self._equation(left, formula, numbers, step.id, sources, letters)

    def _repeated(self, primal: str, gradient: str) -> Iterator[str]:
        """Return the equation of a gradient that has no line: it equals another, or a constant."""
        letters = self._formulas.letters(primal)
        left = self._symbols.derivative(primal, letters)
        formula = self._formulas.of(gradient, letters).text
        numbers = partial(self._arrays.number, gradient)
        yield from self._equation(left, formula, numbers, gradient, [gradient], letters)

    def _equation(
        self,
        left: str,
        formula: str,
        numbers: Callable[[], Formula],
        id_: str,
        sources: list[str],
        letters: tuple[str, ...],
    ) -> Iterator[str]:
        """Return an equation, with the numbers behind it if they are asked for and few."""
        value, given = self._samples[id_], [self._samples[x] for x in sources]
        if not (self._notation.numbers and all(map(can_be_shown, (value, *given)))):
            yield f"{left} &= {formula}"
            return
        exact = all(map(is_exact, given)), is_exact(value)
        result = _element(shown(value).text, letters)
        first, *others = filled(formula, _element(numbers().text, letters), result, exact)
        yield f"{left} &= {first}"
        for part in others:
            yield f"&{part}"


def _element(text: str, letters: tuple[str, ...]) -> str:
    r"""Return an element of numbers in a formula; all of them, if there are no letters.

    >>> _element(r"\begin{bmatrix}1 & 2\end{bmatrix}", ("", "i"))
    '\\begin{bmatrix}1 & 2\\end{bmatrix}_{i}'
    """
    index = "".join(letters)
    if not index:
        return text
    is_array = text.startswith(r"\begin{bmatrix}") and text.find(r"\end") == text.rfind(r"\end")
    whole = text if is_array and text.endswith(r"\end{bmatrix}") else f"({text})"
    return f"{whole}_{{{index}}}"
