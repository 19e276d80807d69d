"""Formulas of single elements: with indices, and with sums over those that the result lacks."""

from __future__ import annotations

import re

import numpy as np

from tinygrad_mlp.programs.recording.program import Program, Step
from tinygrad_mlp.programs.writing.derivation import Derivation
from tinygrad_mlp.programs.writing.equations.arrays import Arrays, dotted, question
from tinygrad_mlp.programs.writing.equations.axes import Letters
from tinygrad_mlp.programs.writing.equations.formulas import (
    CLOSED,
    SYMBOL,
    Formula,
    enclosed,
    written_in,
)
from tinygrad_mlp.programs.writing.equations.indices import Axis, Indexed, indexed
from tinygrad_mlp.programs.writing.equations.symbols import Symbols

#: What stands before all that it goes over.
_OVER_AXES = re.compile(r"\\(sum|prod|max|min) ")


class Elements:
    """The formulas of the elements of what steps give.

    Parameters
    ----------
    program : Program
        What is derived.
    derivation : Derivation
        Its lines.
    symbols : Symbols
        What its values are called.
    arrays : Arrays
        The formulas of whole arrays, for steps whose elements have none of their own.
    """

    def __init__(
        self, program: Program, derivation: Derivation, symbols: Symbols, arrays: Arrays
    ) -> None:
        self._derivation = derivation
        self._symbols = symbols
        self._arrays = arrays
        self._samples = program.samples()
        self._letters = Letters(program, symbols.letters())

    def letters(self, id_: str) -> tuple[str, ...]:
        """Return the indices of an element of a value: a letter for each axis, "" for length 1."""
        return self._letters.of(id_)

    def of(self, id_: str, letters: tuple[str, ...], used: frozenset[str] = frozenset()) -> Formula:
        """Return the formula of an element of an argument; no sum is over letters in use."""
        if id_ in self._derivation.inlined:
            return self.of_step(self._derivation.inlined[id_], letters, used)
        if id_ not in self._derivation.names and self._arrays.is_number(id_):
            return self._arrays.of(id_)
        return self._symbols.of(id_, letters)

    def of_step(
        self, step: Step, letters: tuple[str, ...], used: frozenset[str] = frozenset()
    ) -> Formula:
        """Return the formula of an element of what a step gives."""
        other = self._arrays.other_than_one(step)
        if other is not None:
            lengths = np.shape(self._samples[other])
            last = letters[len(letters) - len(lengths) :]
            own = (x if n > 1 else "" for x, n in zip(last, lengths, strict=True))
            return self.of(other, tuple(own), used)
        found = indexed(step, [np.shape(self._samples[x]) for x in step.arguments])
        if found is None:  # so it is that element of the whole
            whole = self._arrays.of_step(step)
            index = "".join(letters)
            text = enclosed(whole, SYMBOL, "_")
            return Formula(f"{text}_{{{index}}}", CLOSED) if index else whole
        known: dict[Axis, str] = dict(zip(found.result, letters, strict=True))
        used = used.union(letters)
        signs = iter([self._summed(found, axes, known, used) for axes in found.sums])
        template = _OVER_AXES.sub(lambda sign: _over(sign[1], next(signs)), found.template)
        used = used.union(known.values())
        formulas = []
        for id_, axes in zip(found.arguments, found.axes, strict=True):
            lengths = np.shape(self._samples[id_])
            own = (known.get(x, "") if n > 1 else "" for x, n in zip(axes, lengths, strict=True))
            formulas.append(self.of(id_, tuple(own), used))
        if step.row.name == "question":
            return question(step.options["function"], formulas)
        beside = step.row.name != "multiply" or not dotted(*formulas)
        template = template.replace(r" \odot ", " " if beside else r" \cdot ")
        return written_in(template, formulas, indexed=True)

    def _summed(
        self, found: Indexed, axes: tuple[Axis, ...], known: dict[Axis, str], used: frozenset[str]
    ) -> list[str]:
        """Return letters for the axes that a step sums over, and note them in ``known``."""
        letters = []
        for name in axes:
            for id_, own in zip(found.arguments, found.axes, strict=True):
                if name in own and np.shape(self._samples[id_])[own.index(name)] > 1:
                    taken = used.union(known.values())
                    known[name] = self._letters.other(id_, own.index(name), taken)
                    letters.append(known[name])
                    break
        return letters


def _over(sign: str, letters: list[str]) -> str:
    return rf"\{sign}_{{{','.join(letters)}}} " if letters else ""
