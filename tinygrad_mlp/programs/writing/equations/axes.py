"""A letter for each axis of a program: one and the same for axes that run together."""

from __future__ import annotations

from collections.abc import Container

import numpy as np

from tinygrad_mlp.programs.recording.program import Program, Step
from tinygrad_mlp.programs.writing.equations.indices import Axis, Indexed, Shape, indexed

#: The axis that all samples of a batch lie on has the first, others those that follow.
_LETTERS = "nijklmpqrstuvw"


class Letters:
    """A letter for each axis of a program: one and the same for those that run together.

    Parameters
    ----------
    program : Program
        Whose steps tell which axes run together: those that they go through side by side.
    taken : container of str
        Letters that mean something else.
    """

    def __init__(self, program: Program, taken: Container[str]) -> None:
        self._samples = program.samples()
        self._same: dict[tuple[str, int], tuple[str, int]] = {}
        self._batch: set[tuple[str, int]] = set()
        rows: list[tuple[str, int]] = []
        summed: list[tuple[str, int]] = []
        for step in program.steps:
            shapes = [self.shape(x) for x in step.arguments]
            found = indexed(step, shapes)
            if found is not None:
                self._run_together(step, found)
            if step.primal is not None and self.shape(step.primal) == np.shape(step.value):
                for axis in range(np.ndim(step.value)):
                    self._unite((step.id, axis), (step.primal, axis))
            if step.row.name in ("matmul", "affine") and step.id in program.forward:
                left = step.arguments[0]
                summed.append((left, len(shapes[0]) - 1))
                if len(shapes[0]) > 1 and left not in program.gradients:
                    rows.append((left, len(shapes[0]) - 2))
        self._batch = {self._root(x) for x in rows} - {self._root(x) for x in summed}
        self._free = [x for x in _LETTERS if x not in taken]
        self._letters: dict[tuple[str, int], str] = {}
        for step in program.steps:
            for id_ in (*step.arguments, step.id):
                self.of(id_)  # in the order of reading

    def shape(self, id_: str) -> Shape:
        """Return the shape of a value."""
        return np.shape(self._samples[id_])

    def of(self, id_: str) -> tuple[str, ...]:
        """Return a letter for each axis of a value; none for those of length 1."""
        letters: list[str] = []
        for axis, length in enumerate(self.shape(id_)):
            letters.append(self.other(id_, axis, letters) if length > 1 else "")
        return tuple(letters)

    def other(self, id_: str, axis: int, used: Container[str]) -> str:
        """Return the letter of an axis, with as many primes as make it differ from those used."""
        letter = self._letter((id_, axis))
        while letter in used:
            letter += "'"
        return letter

    def _letter(self, place: tuple[str, int]) -> str:
        root = self._root(place)
        if root not in self._letters:
            first = self._free[:1] == ["n"] and root not in self._batch
            fallback = f"i_{{{len(self._letters)}}}"
            self._letters[root] = self._free.pop(first) if len(self._free) > first else fallback
        return self._letters[root]

    def _root(self, place: tuple[str, int]) -> tuple[str, int]:
        while place in self._same:
            place = self._same[place]
        return place

    def _unite(self, one: tuple[str, int], other: tuple[str, int]) -> None:
        one, other = self._root(one), self._root(other)
        if one != other:
            self._same[one] = other

    def _run_together(self, step: Step, found: Indexed) -> None:
        places: dict[Axis, tuple[str, int]] = {}
        for id_, axes in zip((step.id, *found.arguments), (found.result, *found.axes), strict=True):
            for axis, name in enumerate(axes):
                if self.shape(id_)[axis] > 1:
                    self._unite(places.setdefault(name, (id_, axis)), (id_, axis))
