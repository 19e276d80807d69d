"""A program as the text of a NumPy function that a person would have written."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Self

import numpy as np

from tinygrad_mlp.programs.recording.program import Step
from tinygrad_mlp.programs.recording.tracing import Output
from tinygrad_mlp.programs.writing import literals
from tinygrad_mlp.programs.writing.definitions import Definitions
from tinygrad_mlp.programs.writing.derivation import Derivation, Line, grouped
from tinygrad_mlp.programs.writing.equations.deltas import deltas_of
from tinygrad_mlp.programs.writing.equations.guards import without_guards
from tinygrad_mlp.programs.writing.equations.printing import Equations
from tinygrad_mlp.programs.writing.equations.spelling import spelled_out
from tinygrad_mlp.programs.writing.expressions import functions_of
from tinygrad_mlp.programs.writing.formatting import INDENT, WIDTH, docstring, one_line, statement
from tinygrad_mlp.programs.writing.naming import Names
from tinygrad_mlp.programs.writing.statements import Constants, Writer
from tinygrad_mlp.programs.writing.tasks import Task


class Source(str):  # noqa: SLOT000  it has two attributes
    """The text of a program.

    Attributes
    ----------
    name : str
        What the function in it is called.
    constants : dict of str to array
        What was too large to be written out; the function takes these by keyword.
    """

    name: str
    constants: dict[str, Any]

    def __new__(cls, text: str, name: str, constants: Mapping[str, Any]) -> Self:
        """Make one of its text; a ``str`` takes it here."""
        source = super().__new__(cls, text)
        source.name = name
        source.constants = dict(constants)
        return source

    def __getnewargs__(self) -> tuple[Any, ...]:
        return str(self), self.name, self.constants

    def _repr_markdown_(self) -> str:
        if self.startswith("\\begin"):
            return f"$$\n{self}$$\n"
        language = "javascript" if self.startswith("// ") else "python"
        return f"```{language}\n{self}```\n"


class Printer:
    """Prints a program, as source or as equations.

    Parameters
    ----------
    task : Task
        What is printed.
    formulas : bool
        Say above each line what it is in mathematics.
    reserved : iterable of str
        Names that mean something where the text will stand.
    """

    def __init__(self, task: Task, formulas: bool, reserved: Iterable[str] = ()) -> None:
        if task.notation is not None:
            program = without_guards(task.program)
            program = spelled_out(program) if task.notation.spelled_out else program
            task = task._replace(program=program)
        self.program = program = task.program
        self.form = task.form
        self.title = f"Written by tinygrad_mlp: {task.subject}."
        self.samples = program.samples()
        self.all_names = Names()
        self.all_names.forbid(reserved)
        self.writer = Writer(program)
        self.name = self.all_names.take(task.name)
        for step in program.steps:
            self.all_names.forbid(functions_of(step.row))
        self.constants = Constants(self.all_names)
        given: dict[str, str] = {}
        nested: dict[str, str] = {}  # what the parameters hold
        self.parameters = []
        for parameter in task.parameters:
            own = self.all_names.take(parameter.name)
            self.parameters.append(parameter._replace(name=own))
            for id_, path in zip(parameter.ids, parameter.paths, strict=True):
                if path:
                    nested[id_] = program.labels.get(id_) or _end_of(path)
                else:
                    given[id_] = own
        given.update(self.all_names.take_all(nested))
        self.notation = task.notation
        self.deltas = {} if task.notation is None else deltas_of(program)
        self.result = None if task.result is None else program.outputs[0]
        wishes = {program.outputs[0]: task.result} if task.result is not None else {}
        self.derivation = Derivation(
            program, given, wishes, self.all_names, self.writer.length, self.deltas
        )
        self.names = self.derivation.names
        self.comments = None
        if formulas:
            self.comments = Equations(program, self.derivation, self.result, {}, None)

    def _expression(self, id_: str) -> ast.expr:
        """Return what stands for an id in the text."""
        if id_ in self.derivation.inlined:
            return self._line(self.derivation.inlined[id_])
        if id_ in self.names:
            return ast.Name(self.names[id_])
        x = self.program.constants[id_]
        if np.ndim(x) == 0:
            return literals.scalar(x) if isinstance(x, np.generic) else literals.number(x)
        return self.constants.expression(x, self.program.labels.get(id_))

    def _line(self, step: Step) -> ast.expr:
        """Return what a step computes."""
        return self.writer.expression(step, self._expression, self.constants.expression)

    # ----- Text -----

    def source(self) -> Source:
        """Return the text of a module with the function."""
        body = [*self._unpacking(), *self.statements(self._line, statement)]
        if not self.is_returned_at_once():
            body += statement("return ", self._formed(self.form))
        definitions = Definitions()
        for step in self.program.steps:
            namespace = step.row.compute.__globals__
            definitions.need(functions_of(step.row), namespace, step.row.name)
        keywords = list(self.constants.large)
        signature = [parameter.name for parameter in self.parameters]
        signature += ["*", *keywords] if keywords else []
        called = ast.Call(ast.Name(self.name), list(map(ast.Name, signature)), [])
        function = [*statement("def ", called, "", ":"), *body]
        parts = [docstring(self.title)]
        imports = {**definitions.imports, "np": "import numpy as np"}
        parts.append("\n".join(sorted(imports.values(), key=lambda line: line.split()[1])))
        constants = [
            "\n".join(statement(f"{key} = ", node, ""))
            for key, node in self.constants.small.items()
        ]
        if constants:
            parts.append("\n".join(constants))
        head = "\n\n".join(parts)
        blocks = [*definitions.texts.values(), "\n".join(function)]
        text = "\n\n\n".join([head, *blocks]) + "\n"
        return Source(text, self.name, self.constants.large)

    def latex(self) -> Source:
        """Return the same derivation as equations."""
        equations = Equations(
            self.program, self.derivation, self.result, self.deltas, self.notation
        )
        return Source(equations.latex(), self.name, {})

    def inputs(self) -> Iterator[tuple[str, str, tuple[Any, ...], Any]]:
        """Yield for each input that is used its parameter, its id, the way to it, and a sample."""
        used = {x for step in self.program.steps for x in step.arguments}
        used |= set(self.program.outputs)
        for name, *places in self.parameters:
            for id_, path, given in zip(*places, strict=True):
                if id_ in used:
                    yield name, id_, path, given

    def _unpacking(self) -> Iterator[str]:
        for name, id_, path, given in self.inputs():
            node: ast.expr = ast.Name(name)
            for key in path:
                node = ast.Subscript(node, literals.option(key, literals.array))
            converted = self._converted(id_, node, given)
            if path or converted is not node:
                yield from statement(f"{self.names[id_]} = ", converted)

    def _converted(self, id_: str, node: ast.expr, given: Any) -> ast.expr:
        """Return an input as the array of floats that it is taken for, if it is another."""
        kind = self.samples[id_].dtype
        if isinstance(given, np.ndarray | np.generic):
            if given.dtype == kind:
                return node
            return ast.Call(ast.Attribute(node, "astype"), [literals.dtype(kind)], [])
        if self._meets_arrays_only(id_):
            return node
        return literals.call(f"np.{kind.name}", node)

    def _meets_arrays_only(self, id_: str) -> bool:
        """Return whether a Python float can stay one: it takes the type of what it meets."""
        dynamic = set(self.program.constants) | {id_}
        return all(
            any(x not in dynamic and np.ndim(self.samples[x]) for x in step.arguments)
            for step in self.program.steps
            if id_ in step.arguments
        )

    def statements(
        self,
        expression: Callable[[Step], ast.expr],
        write: Callable[[str, ast.expr], list[str]],
        *,
        comment: str = f"{INDENT}# ",
        declare: str = "",
        sequence: Callable[[tuple[int, ...]], object] = tuple,
    ) -> Iterator[str]:
        """Yield all lines, in a language of which the parameters tell what is special to it."""
        sign = comment.strip()
        for heading, lines in self._sections():
            if heading is not None:
                yield comment + heading
            for line in lines:
                node = expression(line.step)
                if line is self.derivation.lines[-1] and self.is_returned_at_once():
                    yield from write("return ", node)
                    continue
                if self.comments is not None:
                    yield comment + self.comments.comment(line)
                text = write(f"{declare}{line.name} = ", node)
                shape = np.shape(line.step.value)
                told = f"  {sign} {sequence(shape)}" if shape and len(text) == 1 else ""
                yield from [text[0] + told] if told and len(text[0] + told) <= WIDTH else text

    def _sections(self) -> Iterator[tuple[str | None, list[Line]]]:
        """Yield the lines that belong together, behind what stands above them."""
        groups = grouped(self.derivation.lines)
        both = len({backward for backward, *_ in groups}) > 1
        layered = any(scope for _, scope, _ in groups)
        before: bool | None = None
        for backward, scope, members in groups:
            words = []
            if both and backward != before:
                words.append("Backward" if backward else "Forward")
            if layered and scope:
                words.append(one_line(scope))
            elif layered and not words:
                words.append("outside of the layers" if np.ndim(members[-1].step.value) else "loss")
            before = backward
            comment = ": ".join(words)
            yield (comment if scope else comment.capitalize()) or None, members

    def is_returned_at_once(self) -> bool:
        """Return whether all that is returned is one value, which needs no name then."""
        lines = self.derivation.lines
        if len(self.program.outputs) != 1 or not isinstance(self.form, Output) or not lines:
            return False
        last = lines[-1]
        users = [x for step in self.program.steps for x in step.arguments]
        return (
            last.step.id == self.program.outputs[0]
            and last.step.id not in users
            and last.step.label is None
            and self.comments is None
        )

    def _formed(self, form: Any) -> ast.expr:
        """Return what is returned, in its form."""
        if isinstance(form, Output):
            return self._expression(self.program.outputs[form.position])
        if isinstance(form, dict):
            keys: list[ast.expr | None] = [literals.option(key, literals.array) for key in form]
            return ast.Dict(keys, [self._formed(item) for item in form.values()])
        if isinstance(form, tuple | list):
            kind = ast.Tuple if isinstance(form, tuple) else ast.List
            return kind([self._formed(item) for item in form])
        return literals.option(form, lambda x: self.constants.expression(x, None))


def _end_of(path: tuple[Any, ...]) -> str:
    """Return the most telling part of a path: its last text, or the name of a number."""
    texts = [key for key in path if isinstance(key, str)]
    return texts[-1] if texts else f"x{path[-1]}"
