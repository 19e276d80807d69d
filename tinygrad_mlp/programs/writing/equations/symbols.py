r"""What each value of a derivation is called in a formula, no two of them alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count

import numpy as np

from tinygrad_mlp.programs.recording.program import Program, Step
from tinygrad_mlp.programs.writing.derivation import Derivation
from tinygrad_mlp.programs.writing.equations.formulas import (
    CLOSED,
    SYMBOL,
    Formula,
    escaped,
    symbol,
)
from tinygrad_mlp.programs.writing.naming import FUNCTIONS


class Symbols:
    """The symbols of a derivation.

    Parameters
    ----------
    program : Program
        What is derived.
    derivation : Derivation
        Its lines.
    result : str or None
        Id of what is differentiated.  It is called L, if it has no symbol of its own.
    deltas : dict of str to str
        The gradients that are called delta, with what they are gradients by.
    plain : bool
        Call things by their names in the source.
    indices : bool
        Leave room for indices: an array W1 is W with a (1) above.
    """

    def __init__(
        self,
        program: Program,
        derivation: Derivation,
        result: str | None,
        deltas: Mapping[str, str],
        plain: bool,
        indices: bool,
    ) -> None:
        self._program = program
        self._names = derivation.names
        self._result = result
        self._plain = plain
        self._indices = indices
        self._samples = program.samples()
        self.gradients = {
            line.step.id: line.step.primal
            for line in derivation.lines
            if line.step.primal is not None and line.step.id not in program.forward
        }
        self.result = self._symbol_of_result()
        self._symbols = self._all_symbols(derivation)
        if not plain:
            self.result = self._symbols.get(result or "", self.result)
        self._deltas = self._symbols_of_deltas(deltas)

    def of(self, id_: str, letters: Sequence[str] = ()) -> Formula:
        """Return the symbol of a value, or of one of its elements."""
        if id_ == self._result and self.gradients:
            return Formula(self.result, SYMBOL)
        if self.is_derivative(id_) and id_ not in self._deltas and not self._plain:
            return Formula(self.derivative(self.gradients[id_], letters), CLOSED)
        text = self._element(id_, letters)
        return Formula(text, CLOSED if "^" in text else SYMBOL)

    def left_side(self, id_: str, letters: Sequence[str] = ()) -> str:
        """Return what stands before the equals sign of a line, which says what a delta is."""
        text = self.of(id_, letters).text
        if id_ in self._deltas:
            return f"{text} = {self.derivative(self.gradients[id_], letters)}"
        return text

    def derivative(self, id_: str, letters: Sequence[str] = ()) -> str:
        """Return the symbol of the gradient by a value."""
        return rf"\frac{{\partial {self.result}}}{{\partial {self._element(id_, letters)}}}"

    def _element(self, id_: str, letters: Sequence[str]) -> str:
        text = self._deltas.get(id_) or self._symbols.get(id_)
        if text is None and id_ in self._program.constants:
            text = "C" if self._plain else rf"C_{{{id_.removeprefix('v')}}}"
        if text is None:
            text = symbol(self._names.get(id_) or self._program.labels[id_])
        has_indices = self._indices and np.ndim(self._samples.get(id_, 0)) > 0
        return with_indices(text, letters) if has_indices else text

    def is_derivative(self, id_: str) -> bool:
        """Return whether something is told as the gradient by a value, such as dL/dW."""
        return self.primal_name(id_) is not None and self.gradients[id_] not in self.gradients

    def primal_name(self, id_: str) -> str | None:
        """Return by what something is the gradient, where its name says so."""
        primal = self.gradients.get(id_)
        if primal is None:
            return None
        of = self._names.get(primal) or self._program.labels.get(primal)
        return of if self._names[id_] == f"d{of}" else None

    def repeated(self) -> Iterator[tuple[str, str]]:
        """Yield what has a gradient without a line, because it equals another or a constant."""
        if self._result is None:
            return
        told = {self.gradients[id_] for id_ in self.gradients if self.primal_name(id_)}
        for primal, gradient in self._program.gradients.items():
            if primal not in told:
                yield primal, gradient

    def letters(self) -> set[str]:
        """Return the letters that are symbols or parts of them, and so no indices."""
        texts = [self.result, "e", *self._symbols.values()]
        words = r"\\mathrm\{[^{}]*\}|\\[A-Za-z]+"
        return {letter for text in texts for letter in re.sub(words, "", text)}

    # ----- Choosing them -----

    def _all_symbols(self, derivation: Derivation) -> dict[str, str]:
        """Return a symbol for each name, no two of them alike."""
        names = self._names
        if self._plain:
            return dict(names)
        symbols: dict[str, str] = {}
        taken = {rf"\mathrm{{{word}}}" for word in FUNCTIONS}
        unnamed = {line.step.id for line in derivation.lines if self._is_unnamed(line.step)}
        for id_, name in names.items():
            if id_ in unnamed or self.primal_name(id_) is not None:
                continue
            short = self.result if id_ == self._result else symbol(name)
            symbols[id_] = rf"\mathrm{{{escaped(name)}}}" if short in taken else short
            taken.add(symbols[id_])
        letter = next((x for x in "vuh" if x not in taken), "v")
        free = (x for number in count(1) if (x := symbol(f"{letter}{number}")) not in taken)
        for id_ in names:
            if id_ in unnamed:
                alone = [id_] == self._program.outputs and "y" not in taken
                symbols[id_] = "y" if alone else next(free)
        return symbols

    def _symbols_of_deltas(self, deltas: Mapping[str, str]) -> dict[str, str]:
        """Return the symbol of each delta, which has the number of its z, or of its layer."""
        lines = {id_: z for id_, z in deltas.items() if self.primal_name(id_) is not None}
        if any(x.startswith(r"\delta") for x in self._symbols.values()):
            return {}
        numbers = [
            re.sub(r"^[A-Za-z]_\{?(\d+)\}?$", r"\1", self._symbols[z]) for z in lines.values()
        ]
        if len(set(numbers)) < len(numbers) or not all(x.isdigit() for x in numbers):
            forward = [step.id for step in self._program.steps]
            layers = sorted(lines.values(), key=forward.index)
            numbers = [str(1 + layers.index(z)) for z in lines.values()]
            if len(layers) == 1:
                return dict.fromkeys(lines, r"\delta")
        return {id_: rf"\delta^{{({number})}}" for id_, number in zip(lines, numbers, strict=True)}

    def _is_unnamed(self, step: Step) -> bool:
        """Return whether a step has no name but that of its operation, such as product."""
        if step.label is not None or step.id == self._result or self.primal_name(step.id):
            return False
        return symbol(self._names[step.id]).startswith(r"\mathrm")

    def _symbol_of_result(self) -> str:
        """Return the symbol of what is differentiated: its own, or L for a word such as loss."""
        name = self._names.get(self._result or "", "loss")
        is_word = symbol(name).startswith(r"\mathrm")
        if is_word and "L" not in (x for id_, x in self._names.items() if id_ != self._result):
            return "L"
        return name if self._plain else symbol(name)


def with_indices(text: str, letters: Sequence[str]) -> str:
    r"""Return the symbol of an element; a number in the symbol makes room for the indices.

    >>> with_indices("W_1", ["i", "j"]), with_indices(r"y_{\mathrm{true}}", ["n"])
    ('W^{(1)}_{ij}', 'y_{\\mathrm{true},n}')
    """
    found = re.fullmatch(r"(.*[^\\])_(\w|\{(?:[^{}]|\{[^{}]*\})*\})", text)
    base, index = found.groups() if found else (text, "")
    index = index[1:-1] if index.startswith("{") else index
    if index.isdigit():
        base, index = f"{base}^{{({index})}}", ""
    inside = ",".join(x for x in (index, "".join(letters)) if x)
    return f"{base}_{{{inside}}}" if inside else base
