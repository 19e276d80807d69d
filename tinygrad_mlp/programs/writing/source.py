"""Autodiff that writes your backprop: as NumPy source, as JavaScript, or as equations."""

from __future__ import annotations

from keyword import iskeyword
from typing import Any

from tinygrad_mlp.core.value import Value
from tinygrad_mlp.functional.joint import function_call
from tinygrad_mlp.programs.recording.tracing import Trace
from tinygrad_mlp.programs.writing.javascript.printing import javascript
from tinygrad_mlp.programs.writing.printing import Printer, Source
from tinygrad_mlp.programs.writing.tasks import (
    Notation,
    Task,
    declared,
    of_function,
    of_trace,
    of_values,
)


def _numpy(task: Task, formulas: bool) -> Source:
    return Printer(task, formulas).source()


def _latex(task: Task, formulas: bool) -> Source:
    return Printer(task, formulas).latex()


TARGETS = {"numpy": _numpy, "latex": _latex, "javascript": javascript}


def source(
    f: Any,
    *args: Any,
    wrt: Any = None,
    formulas: bool = False,
    target: str = "numpy",
    name: str | None = None,
    indices: bool = False,
    numbers: bool = False,
    spelled_out: bool = False,
    **options: Any,
) -> Source:
    """Return what a function computes as the source of a NumPy function that stands alone.

    The program is that for arguments of these shapes and types; it gives the same numbers as the
    function, to the last bit, and needs nothing but NumPy.

    Parameters
    ----------
    f : callable, Value, or sequence of Values
        What is written: a function, such as ``tg.value_and_grad(loss)``; or how a Value came
        about, from its leaves.
    *args, **options
        What a function is called with.  Arrays and floats become parameters; anything else, such
        as an int or a text, belongs to the program.
    wrt : optional
        By what the gradients are written too.  For a function: positions or names of arguments,
        or Values that it refers to.  For a Value: leaves or their labels, all of them by default
        if it is a scalar, none for ``()``.
    formulas : bool
        Say above each line what it is in mathematics.
    target : {"numpy", "javascript", "latex"}
        Source; the same as a function of JavaScript, which takes and returns nested arrays; or the
        derivation as equations for a LaTeX document with amsmath, for KaTeX or for MathJax.
    name : str, optional
        What to call the function.
    indices : bool
        Write equations element by element, with sums over indices.
    numbers : bool
        Write behind the symbols of an equation the numbers that the function was called with, and
        the result; for arrays of up to 24 elements, behind an element the array that it is of.
    spelled_out : bool
        Write in equations what derivatives such as σ′ are made of.

    Returns
    -------
    Source
        A ``str``.  Its ``name`` is that of the function; its ``constants`` are arrays that were
        too large to be written out, which the function takes by keyword.

    Raises
    ------
    TraceError
        If the function looks at numbers that a program has only when it runs; choose with
        ``tg.where``.
    ValueError
        If ``javascript`` has no word for an operation, or numbers are not float64.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> def loss(x, W):
    ...     z = x @ W
    ...     return (z * z).sum()
    >>> source = tg.source(loss, np.ones((4, 2)), np.ones((2, 3)), wrt="W")
    >>> print(source[source.index("def ") :])
    def loss_and_gradients(x, W):
        # Forward
        z = x @ W  # (4, 3)
        loss = np.sum(z * z)
        # Backward
        dz = z + z  # (4, 3)
        dW = x.T @ dz  # (2, 3)
        return loss, dW
    <BLANKLINE>
    """
    if target not in tuple(TARGETS):  # which also takes what has no hash
        raise ValueError(f"source: target must be one of {', '.join(TARGETS)}, got {target!r:.80}")
    notation = Notation(indices, numbers, spelled_out)
    for key, asked in {"formulas": formulas, **notation._asdict()}.items():
        if not isinstance(asked, bool):
            raise TypeError(f"source: {key} must be True or False, got {asked!r:.80}")
    if any(notation) and target != "latex":
        asked_for = " and ".join(f"{k}=True" for k, asked in notation._asdict().items() if asked)
        raise ValueError(f"source: {asked_for} is for equations; add target='latex'")
    if name is not None and not (
        isinstance(name, str) and name.isidentifier() and not iskeyword(name)
    ):
        raise ValueError(f"source: name must be the name of a function, got {name!r:.80}")
    if isinstance(f, Value) or (isinstance(f, list | tuple) and f):
        if args or options:
            raise TypeError("source: Values have their numbers; give arguments with a function")
        task = of_values(f, wrt)
    elif callable(f):
        task = of_function(f, args, options, wrt)
    else:
        raise TypeError(
            f"source: f must be a function, a Value or Values, got {type(f).__name__} {f!r:.80}"
        )
    if name is not None:
        task = task._replace(name=name)
    if target == "latex":
        task = task._replace(notation=notation)
    _check_formulas(task)
    return TARGETS[target](task, formulas)


def written(f: Any, recorded: Trace, args: Any, options: Any) -> Source:
    """Return the source of a function that was recorded already, with arguments like these."""
    task = of_trace(f, declared(f, args, options), recorded)
    _check_formulas(task)
    return _numpy(task, False)


def _check_formulas(task: Task) -> None:
    """Raise TypeError if a step is a whole function, which has no formula that could be written."""
    for step in task.program.steps:
        if step.row is function_call:
            function = step.options["function"]
            raise TypeError(f"source: {function} has no formula to write; {function.to_be_written}")
