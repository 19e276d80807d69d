"""Whether a sheet can be solved from what it shows: it is solved, with the numbers as printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.teaching.exercises.problem import Quantity

if TYPE_CHECKING:
    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.teaching.exercises.content import Content


def check_solvable(content: Content) -> None:
    """Raise ``ValueError`` if an answer does not follow, to its digits, from what a sheet shows.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.exercise(tg.square(tg.Value(1234.567)), numbers="given")
    ... # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: exercise: blank 1, ∂L/∂a (on the arrow), is 2469.134 on ...
    """
    problem, blanks = content.problem, content.blanks
    output = problem.graph.outputs[0]
    known: dict[Quantity, Array] = {}
    for node in problem.graph:
        forward = Quantity("forward", node.id)
        # Not what is printed of a result, but what follows from the leaves: it is more precise.
        known[forward] = _printed(node.value) if node.row is None else problem.step(forward, known)
    known[Quantity("gradient", output)] = problem.numbers[Quantity("gradient", output)]
    for node in reversed(problem.graph.nodes):
        gradient = Quantity("gradient", node.id)
        if node.id in problem.uses:
            known[gradient] = problem.step(gradient, known)
        for place in range(len(node.arguments)):
            local = Quantity("local", node.id, place)
            if local in problem.numbers:
                known[local] = problem.step(local, known)
    for blank in blanks:
        found = float(np.asarray(known[blank.quantity])[blank.at])
        if not abs(found - blank.answer) <= 1.01 * 10.0**-content.digits:
            raise ValueError(
                f"exercise: blank {blank.number}, {blank.sign}, is {blank.answer:.12g} on the key, "
                f"but from the numbers that the sheet shows it is {found:.12g}; take rounder "
                "numbers, or fewer digits"
            )


def _printed(value: Array) -> Array:
    """Return numbers as a sheet prints them: with six digits, or exactly if they are no floats."""
    if value.dtype.kind != "f":
        return value
    flat = [float(summarize(x)) for x in np.ravel(value)]
    return np.array(flat).reshape(np.shape(value))[()]
