"""Steps as expressions, with others written in, and the constants that they need."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinygrad_mlp.programs.recording.program import Program, Step, axes_in_memory, frozen
from tinygrad_mlp.programs.writing import literals
from tinygrad_mlp.programs.writing.expressions import OfArray, expression_of, functions_of
from tinygrad_mlp.programs.writing.formatting import text_of
from tinygrad_mlp.programs.writing.literals import only_number
from tinygrad_mlp.programs.writing.naming import Names


class Writer:
    """Writes the steps of a program.

    Parameters
    ----------
    program : Program
        Whose samples tell the types, which decide how a constant may be written.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._samples = program.samples()
        self._results: dict[tuple[str, str], tuple[Any, Any]] = {}

    def length(self, step: Step, inlined: Mapping[str, Step], names: Mapping[str, str]) -> int:
        """Return how long the line of a step is if some others are written into it."""

        def of(id_: str) -> ast.expr:
            if id_ in inlined:
                return self.expression(inlined[id_], of, _short)
            if id_ in self._program.constants:
                return _short(self._program.constants[id_])
            return ast.Name(names.get(id_, "x1"))

        return len(f"{names.get(step.id, '')} = {text_of(self.expression(step, of, _short))}")

    def expression(self, step: Step, of: Callable[[str], ast.expr], of_array: OfArray) -> ast.expr:
        """Return what a step computes, from what stands for its arguments and its arrays."""
        arguments = []
        for id_ in step.arguments:
            number = self._number(id_, step)
            if number is None:
                arguments.append(of(id_))
            else:
                weak = self._is_weak(number, id_, step)
                arguments.append(literals.number(number) if weak else literals.scalar(number))
        node = expression_of(step.row, arguments, step.options, of_array)
        if np.ndim(step.value) == 0 and self._computed(step)[0] is np.ndarray:
            node = ast.Subscript(node, ast.Tuple([]))  # of an array with no axes, its number
        return node

    def _number(self, id_: str, step: Step) -> Any:
        """Return the number that a constant is in a step, None if it is a table of several.

        A table of one number is that number where something else has shape and order in memory of
        the result, in which a sum of it is taken.
        """
        x: Any = self._program.constants.get(id_)
        if x is None or np.ndim(x) == 0:
            return x
        others = [self._samples[y] for y in step.arguments if y not in self._program.constants]
        decided = any(_layout(y) == _layout(step.value) for y in others)
        return only_number(x) if step.row.elementwise and decided else None

    def _is_weak(self, x: Any, id_: str, step: Step) -> bool:
        """Return whether a number can be one of Python's in a step, which have no type."""
        if not isinstance(x, np.generic):
            return True
        others = [self._samples[y] for y in step.arguments if y not in self._program.constants]
        return (
            x.dtype.kind == "f"
            and bool(others)
            and all(getattr(y, "dtype", None) == x.dtype for y in (*others, step.value))
            and (np.isnan(x) or x.dtype.type(float(x)) == x)
            and not functions_of(step.row)  # which may compute with it alone first
            # one of Python's numbers widens nothing; it does in np.einsum
            and bool(self._computed(step, id_, float(x))[1] == step.value.dtype)
        )

    def _computed(self, step: Step, replaced: str = "", number: float = 0.0) -> tuple[Any, Any]:
        """Return the types of what a step gives for the samples, or with a number for one."""
        key = step.id, replaced
        if key not in self._results:
            inputs = [number if id_ == replaced else self._samples[id_] for id_ in step.arguments]
            with np.errstate(all="ignore"):
                result = step.row.compute(*inputs, **step.options)
            self._results[key] = type(result), result.dtype
        return self._results[key]


def _layout(x: Any) -> tuple[Any, ...]:
    return np.shape(x), axes_in_memory(x) if np.ndim(x) else None


def _short(x: Any) -> ast.expr:
    """Return an array as it will be written, or a name that is as long as most are."""
    return literals.in_place(x) or ast.Name("constant1")


class Constants:
    """Arrays that are the same in every run.

    Attributes
    ----------
    small : dict of str to expression
        What is written out.
    large : dict of str to array
        What is handed over.
    """

    def __init__(self, names: Names) -> None:
        self.small: dict[str, ast.expr] = {}
        self.large: dict[str, Any] = {}
        self._names = names
        self._known: dict[Any, str] = {}

    def expression(self, x: Any, label: str | None = None) -> ast.expr:
        """Return how an array is written where it is used."""
        node = literals.in_place(x)
        if node is not None:
            return node
        node = literals.array(x)
        key = frozen(x)
        if key not in self._known:
            word = label or {"b": "mask", "f": "constant"}.get(x.dtype.kind, "index")
            name = self._names.take(label) if label else self._names.take_numbered(word)
            self._known[key] = name
            if node is None:
                self.large[name] = x
            else:
                self.small[name] = node
        return ast.Name(self._known[key])
