"""Exercises in code: a backward pass to write, graded by the gradient doctor."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp._support.files import write_whole
from tinygrad_mlp.checking.doctor import diagnose
from tinygrad_mlp.checking.texts import name_of, parameter_names
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.drawing.picture import checked_suffix
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.programs.recording.tracing import watching_locals
from tinygrad_mlp.teaching.exercises.problem import with_numbers
from tinygrad_mlp.teaching.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinygrad_mlp.checking.doctor import Report

#: What each number of hints tells: nothing; what is wrong; the mistake; where, and the numbers.
MOST_HINTS = 3


def exercise_code(f: Callable[..., Any], *args: Any, hints: int = 2) -> CodeExercise:
    r"""Ask for a backward pass of a function: $\bar x = \bar y\,\partial f/\partial x$ for each x.

    Parameters
    ----------
    f : callable
        ``f(*args)`` returns an array of any shape, written in operators and functions that take
        arrays and Values alike.
    *args : array_like
        Where the answer is compared, better not at kinks.
    hints : int
        How much a grade tells: 0 the points, 1 which gradients are wrong, 2 the names of the
        mistakes too, 3 all that the doctor says.

    Returns
    -------
    CodeExercise
        With ``template``, ``grade`` and ``save``.

    Raises
    ------
    TypeError, ValueError
        If there are no arguments, or hints is not 0 to 3.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> def layer(x, W, b):
    ...     return tg.tanh(x @ W + b)
    >>> task = tg.exercise_code(layer, [[1.0, 2.0]], [[0.3], [-0.2]], [[0.1]])
    >>> def backward(upstream, x, W, b):
    ...     delta = upstream * (1 - layer(x, W, b) ** 2)
    ...     return delta @ W.T, -x.T @ delta, delta
    >>> print(task.grade(backward))
    2 of 3 points
    x: right
    W: wrong sign
    b: right
    """
    hints = whole_number("exercise_code: hints", hints, minimum=0)
    if hints > MOST_HINTS:
        raise ValueError(f"exercise_code: hints must be 0 to {MOST_HINTS}, got {hints}")
    if not args:
        raise TypeError("exercise_code: give the arguments of f, where answers are compared")
    told = parameter_names(f, len(args))
    names = [name if name.isidentifier() else f"x{place}" for place, name in enumerate(told)]
    numbers = [as_numbers(x, f"exercise_code: {name}") for name, x in zip(names, args, strict=True)]
    return CodeExercise(f, names, numbers, hints)


class CodeGrade(NamedTuple):
    """What a backward pass is worth; ``print`` it.

    Attributes
    ----------
    score, total : int
        A point for each gradient.
    verdicts : dict of str to str
        By the names of the arguments, as much as the hints of the exercise allow.
    """

    score: int
    total: int
    verdicts: dict[str, str]

    def __str__(self) -> str:
        lines = [f"{name}: {text}" for name, text in self.verdicts.items()]
        return "\n".join([f"{self.score} of {self.total} points", *lines])


class CodeExercise:
    """A backward pass to write; ``exercise_code`` makes it.

    Attributes
    ----------
    template : str
        The file that a student goes on with.
    """

    def __init__(
        self, f: Callable[..., Any], names: list[str], args: list[Any], hints: int
    ) -> None:
        self._f, self._names, self._args, self._hints = f, names, args, hints
        self.template = _template(f, names, args)

    def __repr__(self) -> str:
        return f"<CodeExercise: backward(upstream, {', '.join(self._names)})>"

    def grade(self, backward: Callable[..., Any] | str | Path) -> CodeGrade:
        """Return a point for each gradient that is right, and hints for the others.

        The code of the student runs in this process, unsandboxed: with all rights that you have.
        Read it first, or grade in a container.

        Parameters
        ----------
        backward : callable, str or Path
            ``backward(upstream, *args)``, the text of a program that defines it, or its file: a
            path, or a text of one line that ends with ``.py``.

        Raises
        ------
        TypeError
            If ``backward`` is none of these.

        Examples
        --------
        >>> import tinygrad_mlp as tg
        >>> task = tg.exercise_code(lambda x, y: x * y, 2.0, 3.0, hints=1)
        >>> print(task.grade("def backward(upstream, x, y): return upstream * y, upstream * y"))
        1 of 2 points
        x: right
        y: wrong
        """
        if not (callable(backward) or isinstance(backward, str | os.PathLike)):
            raise TypeError(
                "grade: backward must be a function, a text or a Path, "
                f"got {type(backward).__name__} {backward!r:.80}"
            )
        total = len(self._names)
        try:
            function = backward if callable(backward) else _defined(backward)
            report = diagnose(self._f, function, *self._args)
        except (Exception, SystemExit) as error:  # noqa: BLE001  it is somebody's unfinished code
            reason = str(error).replace("my_backward", "backward")  # as the doctor calls it
            text = f"backward could not be run: {type(error).__name__}: {reason}"
            return CodeGrade(0, total, dict.fromkeys(self._names[:1], text))
        right = sum(finding.name == "right" for finding in report.findings.values())
        return CodeGrade(right, total, self._verdicts(report))

    def _verdicts(self, report: Report) -> dict[str, str]:
        if self._hints == 0:
            return {}
        told = {}
        for name, finding in report.findings.items():
            if finding.ok or self._hints > 1:
                told[name] = finding.name + (finding.told() if self._hints == MOST_HINTS else "")
            else:
                told[name] = "wrong"
        return told

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the template to a file whose name ends with ``.py``.

        Raises
        ------
        ValueError
            If the name ends with something else.
        OSError
            If the file cannot be written.
        """
        checked_suffix("save", path, [".py"], ".py")
        write_whole(path, self.template.encode())


def _defined(source: str | Path) -> Callable[..., Any]:
    """Return the function ``backward`` of a program."""
    # The name of a file, though it could also be the attribute py of something.
    is_file = isinstance(source, os.PathLike) or (source.endswith(".py") and "\n" not in source)
    text = Path(source).read_text(encoding="utf-8") if is_file else str(source)
    namespace: dict[str, Any] = {"__name__": "submission"}
    exec(compile(text, "<submission>", "exec"), namespace)  # noqa: S102  the docstring says so
    if not callable(namespace.get("backward")):
        raise NameError("the program defines no function called backward")  # noqa: TRY004
    return namespace["backward"]  # type: ignore[no-any-return]


def _template(f: Callable[..., Any], names: list[str], args: list[Any]) -> str:
    """Return the file in which a student writes."""
    values = [Value(x, label=name) for name, x in zip(names, args, strict=True)]
    names_inside: dict[Value, str] = {}
    with watching_locals(names_inside):
        output = f(*values)
    steps: list[str] = []
    if isinstance(output, Value):
        for value, name in names_inside.items():
            if value.label is None and value.op is not None:
                value.label = name
        graph = Graph.of(with_numbers(Graph.of(output), {}))
        words = Words(graph)
        steps = [f"    {words.step(node.id)}" for node in graph if node.row is not None]
    shapes = [f"    {name}: {value.shape}" for name, value in zip(names, values, strict=True)]
    results = ", ".join(f"d{name}" for name in names)
    return "\n".join(
        [
            f'"""Write the backward pass of {_called(f)}.',
            "",
            *_safe(["Forward:", "", *steps, "", "Shapes:", "", *shapes]),
            f"    upstream: {getattr(output, 'shape', ())}, the gradient by the result",
            "",
            f"Return {results}: the gradient by each argument, in the shape of that argument.",
            '"""',
            "",
            "import numpy as np",
            "",
            "",
            f"def backward(upstream, {', '.join(names)}):",
            f"    raise NotImplementedError  # return {results}",
            "",
        ]
    )


def _called(f: Callable[..., Any]) -> str:
    name = name_of(f)
    return "f" if name == "<lambda>" else name


def _safe(lines: list[str]) -> list[str]:
    """Return lines that end no docstring and escape nothing in it."""
    return [line.replace("\\", "∖").replace('"', "'") for line in lines]
