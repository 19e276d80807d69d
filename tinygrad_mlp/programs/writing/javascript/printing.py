"""A program as the text of a JavaScript function that stands alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinygrad_mlp.programs.recording.tracing import Output
from tinygrad_mlp.programs.writing.formatting import one_line
from tinygrad_mlp.programs.writing.javascript.expressions import Expressions, said
from tinygrad_mlp.programs.writing.javascript.functions import needed, texts
from tinygrad_mlp.programs.writing.javascript.text import (
    INDENT,
    array,
    number,
    statement,
)
from tinygrad_mlp.programs.writing.literals import LARGEST
from tinygrad_mlp.programs.writing.printing import Printer, Source
from tinygrad_mlp.programs.writing.tasks import Task

#: What cannot be the name of a variable in JavaScript, or means something there.
_RESERVED = (
    "arguments await break case catch class const continue debugger default delete do else enum "
    "eval export extends false finally for function if implements import in instanceof interface "
    "let new null package private protected public return static super switch this throw true try "
    "typeof var void while with yield Array Infinity Map Math NaN Number Object undefined"
)


def javascript(task: Task, formulas: bool) -> Source:
    """Return the text of a JavaScript function, and of those that it calls.

    Raises
    ------
    ValueError
        If an operation has no row in the table, or numbers are not of float64.
    """
    _check(task)
    return _Text(Printer(task, formulas, [*_RESERVED.split(), *texts()])).source()


def _check(task: Task) -> None:
    """Refuse what would not be the same in JavaScript."""
    program = task.program
    called = {id_: parameter.name for parameter in task.parameters for id_ in parameter.ids}
    called |= {step.id: step.label or step.row.name for step in program.steps}
    for step in program.steps:
        said(step)
    for id_, x in program.samples().items():
        kind = np.asarray(x).dtype
        name = called.get(id_, "a constant")
        if kind.kind == "f" and kind != np.float64:
            raise ValueError(
                f"source: JavaScript computes with float64, but {name} is {kind}; make all "
                "arguments float64"
            )
        if np.size(x) == 0:
            raise ValueError(
                f"source: nested arrays of JavaScript have no shape without a number in them, but "
                f"{name} has shape {np.shape(x)}"
            )


class _Text:
    """The text of a printer's program."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._constants: dict[str, tuple[str, Any]] = {}  # by id, the name and the numbers
        self._named_in_text: set[str] = set()
        self._expressions = Expressions(
            printer.program,
            printer.derivation.inlined,
            self._named,
            lambda: printer.all_names.take_numbered("u"),
        )

    def source(self) -> Source:
        printer = self._printer
        lines = printer.statements(
            self._expressions.step,
            self._statement,
            comment=f"{INDENT}// ",
            declare="const ",
            sequence=list,
        )
        body = [*self._unpacking(), *lines]
        if not printer.is_returned_at_once():
            body += self._statement("return ", self._formed(printer.form))
        large = {name: x for name, x in self._constants.values() if np.size(x) > LARGEST}
        parameters = [parameter.name for parameter in printer.parameters]
        parameters += [f"{{ {', '.join(large)} }}"] if large else []
        blocks = [f"// {one_line(printer.title)}", *needed(self._named_in_text)]
        blocks += [
            "\n".join(statement(f"const {name} = ", array(x), ""))
            for name, x in self._constants.values()
            if name not in large
        ]
        function = [f"function {printer.name}({', '.join(parameters)}) {{", *body, "}"]
        text = "\n\n".join([*blocks, "\n".join(function)]) + "\n"
        return Source(text, printer.name, large)

    def _statement(self, prefix: str, node: ast.expr) -> list[str]:
        """Return a statement, and note its names."""
        self._named_in_text |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        return statement(prefix, node)

    def _named(self, id_: str) -> ast.expr:
        """Return the name of a line, of an input, or of a constant; a number is written out."""
        printer = self._printer
        if id_ in printer.names:
            return ast.Name(printer.names[id_])
        return self._constant(printer.program.constants[id_], printer.program.labels.get(id_), id_)

    def _constant(self, x: Any, label: str | None, key: str) -> ast.expr:
        if np.ndim(x) == 0:
            return number(x)
        if key not in self._constants:
            names = self._printer.all_names
            name = names.take(label) if label else names.take_numbered("constant")
            self._constants[key] = name, np.asarray(x)
        return ast.Name(self._constants[key][0])

    def _unpacking(self) -> Iterator[str]:
        for name, id_, path, _ in self._printer.inputs():
            if path:
                node: ast.expr = ast.Name(name)
                for key in path:
                    node = ast.Subscript(node, ast.Constant(key))
                yield from statement(f"const {self._printer.names[id_]} = ", node)

    def _formed(self, form: Any) -> ast.expr:
        """Return what is returned, in its form: a tuple as an array, a dict as an object."""
        if isinstance(form, Output):
            return self._expressions.of(self._printer.program.outputs[form.position])
        if isinstance(form, Mapping) and all(isinstance(key, str | int) for key in form):
            keys: list[ast.expr | None] = [ast.Constant(key) for key in form]
            return ast.Dict(keys, [self._formed(item) for item in form.values()])
        if isinstance(form, tuple | list):
            return ast.List([self._formed(item) for item in form])
        if form is None or isinstance(form, str):
            return ast.Constant(form)
        if isinstance(form, bool | int | float | np.generic | np.ndarray):
            return self._constant(form, None, f"returned {len(self._constants)}")
        raise ValueError(
            f"source: target 'javascript' has no way to return {type(form).__name__} {form!r:.80}"
        )
