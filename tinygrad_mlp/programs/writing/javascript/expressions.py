"""Steps as expressions of JavaScript: what is done number by number is one function of numbers."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinygrad_mlp.programs.recording.program import Program, Step
from tinygrad_mlp.programs.writing.expressions import Filling, by_parameter
from tinygrad_mlp.programs.writing.javascript import text
from tinygrad_mlp.programs.writing.javascript.rows import QUESTIONS, ROWS, Said
from tinygrad_mlp.programs.writing.literals import only_number

_DEFAULT = "undefined"  # what an argument is that is left out


def said(step: Step) -> Said:
    """Return how a step is said.

    Raises
    ------
    ValueError
        If its row is not in the table.
    """
    if step.row.name == "question":
        function = step.options["function"]
        asked = (*step.options["others"], *(x for _, x in step.options["named"]))
        spelled = " ".join([function, *(str(x) for x in asked if x is not None)])
        if spelled in QUESTIONS:
            return QUESTIONS[spelled]
        raise ValueError(f"source: target 'javascript' has no np.{function} in its table")
    if step.row.name not in ROWS:
        raise ValueError(
            f"source: target 'javascript' has no {step.row.name} in its table; docs/operations.md "
            "tells which operations it has"
        )
    return ROWS[step.row.name]


class Expressions:
    """Writes the steps of a program.

    Parameters
    ----------
    program : Program
        Whose samples tell which arguments are arrays.
    inlined : mapping of str to Step
        Steps that are written into others.
    named : callable
        Returns what stands for an id that has a name, or is a constant.
    new_name : callable
        Returns a name that nothing else has.
    """

    def __init__(
        self,
        program: Program,
        inlined: Mapping[str, Step],
        named: Callable[[str], ast.expr],
        new_name: Callable[[], str],
    ) -> None:
        self._samples = program.samples()
        self._constants = program.constants
        self._inlined = inlined
        self._named = named
        self._new_name = new_name

    def of(self, id_: str) -> ast.expr:
        """Return what stands for an id."""
        return self.step(self._inlined[id_]) if id_ in self._inlined else self._named(id_)

    def step(self, step: Step) -> ast.expr:
        """Return what a step computes.

        A function of numbers is applied to arrays by ``each``, with all that is done number by
        number in it.
        """
        if not (said(step).number_by_number and np.shape(step.value)):
            return self._filled(step, [self.of(id_) for id_ in step.arguments])
        held: dict[str, ast.expr] = {}
        body = self._of_numbers(step, held)
        return ast.Call(ast.Name("each"), [_function(list(held), body), *held.values()], [])

    def _of_numbers(self, step: Step, held: dict[str, ast.expr]) -> ast.expr:
        """Return what a step computes at each place; ``held`` gets the arrays by name."""
        return self._filled(step, [self._number(id_, step, held) for id_ in step.arguments])

    def _number(self, id_: str, user: Step, held: dict[str, ast.expr]) -> ast.expr:
        """Return what stands for one number of an argument."""
        inner = self._inlined.get(id_)
        if inner is not None and said(inner).number_by_number:
            return self._of_numbers(inner, held)
        single = self._single(id_, user)
        if single is not None:
            return text.number(single)
        whole = self.of(id_)
        if isinstance(whole, ast.Name):
            if np.shape(self._samples[id_]):
                held[whole.id] = whole
            return whole
        name = self._new_name()
        held[name] = whole
        return ast.Name(name)

    def _single(self, id_: str, user: Step) -> Any:
        """Return the number that a constant is, or that all of it are where others have a shape."""
        x: Any = self._constants.get(id_)
        if x is None or np.ndim(x) == 0:
            return x
        shape = np.shape(user.value)
        others = [self._samples[y] for y in user.arguments if y not in self._constants]
        return only_number(x) if any(np.shape(y) == shape for y in others) else None

    def _filled(self, step: Step, arguments: list[ast.expr]) -> ast.expr:
        """Return the expression of a row with its arguments and options written in."""
        row, words = step.row, said(step)
        options = dict(step.options)
        for name, made in words.made.items():
            options[name] = made(step, np.shape(self._samples[step.arguments[0]]))
        filling = {name: _option(x) for name, x in options.items() if f"{{{name}}}" in words.text}
        if row.name == "question":
            filling |= dict(zip("xy", arguments, strict=False))
        else:
            filling |= by_parameter(row, arguments)
        return _Filling(filling).filled(words.text)


def _function(names: list[str], body: ast.expr) -> ast.expr:
    """Return a function of some names; one that only calls another is the other."""
    match body:
        case ast.Call(ast.Name() as called, arguments) if names == [
            argument.id for argument in arguments if isinstance(argument, ast.Name)
        ] and len(names) == len(arguments):
            return called
    parameters = [ast.arg(name) for name in names]
    return ast.Lambda(ast.arguments([], parameters, None, [], [], None, []), body)


class _Filling(Filling):
    """Leaves out options that say nothing."""

    def visit_Call(self, node: ast.Call) -> ast.expr:  # noqa: N802  ast's name
        arguments = [self.visit(argument) for argument in node.args]
        while isinstance(arguments[-1], ast.Name) and arguments[-1].id == _DEFAULT:
            del arguments[-1]
        return ast.Call(node.func, arguments, [])


def _option(x: Any) -> ast.expr:
    """Return an option: a number, a text, a truth value, nothing, or a list of them.

    >>> text.text_of(_option((0, None, True))), text.text_of(_option("ij->i"))
    ('[0, undefined, true]', '"ij->i"')
    """
    if isinstance(x, str):
        return ast.Constant(x)
    if isinstance(x, list | tuple | np.ndarray) and np.ndim(x):
        return ast.List([_option(part) for part in x])
    return ast.Name(_DEFAULT) if x is None or x is False else text.number(x)
