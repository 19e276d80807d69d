"""Variants of an exercise: numbers for the leaves with which the answers are short."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp.errors import TinygradError
from tinygrad_mlp.teaching.exercises.blanks import blanks
from tinygrad_mlp.teaching.exercises.numbers import GIVEN, drawn
from tinygrad_mlp.teaching.exercises.problem import Problem, with_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.teaching.exercises.blanks import Asked, Blank

#: How many draws the best is taken of, if none is without fault.
TRIES = 24

Variant = tuple[Problem, list["Blank"]]


def variants(
    graph: Graph, leaves: list[str], choice: Asked, *, numbers: str, digits: int, seed: int
) -> Iterator[Variant]:
    """Yield variants without end, always the same for the same seed.

    Parameters
    ----------
    graph : Graph
        What is computed.
    leaves : list of str
        Ids of the leaves that get other numbers.
    choice : Asked
        What is blank.
    numbers, digits, seed
        As for ``exercise``.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.teaching.exercises.blanks import asked
    >>> graph = tg.Graph.of(tg.Value(3.0, label="x") * tg.Value(2.0, label="w"))
    >>> found = variants(
    ...     graph, ["v0", "v1"], asked(graph, "forward", 2), numbers="integers", digits=3, seed=7
    ... )
    >>> [blank.answer for blank in next(found)[1]], [blank.answer for blank in next(found)[1]]
    ([8.0], [-10.0])
    """
    random = Random(seed)  # noqa: S311  nothing is kept secret by it
    shapes = {id_: graph[id_].shape for id_ in leaves}
    used: set[bytes] = set()
    while True:
        best, cost = None, np.inf
        for _ in range(1 if numbers == GIVEN else TRIES):
            given: dict[str, Array] = {}
            if numbers != GIVEN:
                given = {id_: drawn(random, numbers, shape) for id_, shape in shapes.items()}
            found, found_cost = _tried(graph, given, choice, digits)
            # A variant of its own for everybody, as long as there are any.
            found_cost += 1000.0 * (_bytes(given) in used)
            if found_cost < cost and found is not None:
                found_cost += 100.0 * _is_at_kink(graph, given, found[0])
            if found_cost < cost:
                best, cost, taken = found, found_cost, _bytes(given)
            if cost == 0.0:
                break
        if best is None:
            draws = "with" if numbers == GIVEN else f"in {TRIES} draws of"
            raise ValueError(
                f"exercise: {draws} {numbers!r} numbers not all of the sheet could be computed and "
                "were finite; try other numbers, or keep those of some leaves, with keep="
            )
        used.add(taken)
        yield best


def _bytes(given: Mapping[str, Array]) -> bytes:
    return b"".join(np.asarray(numbers).tobytes() for numbers in given.values())


def _tried(
    graph: Graph, given: Mapping[str, Array], choice: Asked, digits: int
) -> tuple[Variant | None, float]:
    """Return a variant, and how far it is from a nice one: 0 is the best."""
    try:
        with np.errstate(all="ignore"):
            problem = Problem(with_numbers(graph, given))
    except (ArithmeticError, TypeError, ValueError, TinygradError):
        if not given:
            raise
        return None, np.inf
    if not all(np.isfinite(numbers).all() for numbers in problem.numbers.values()):
        return None, np.inf
    found = blanks(problem, choice, digits)
    leaves = [float(x) for numbers in given.values() for x in np.ravel(numbers)]
    twice = (len(leaves) - len(set(leaves))) * (len(leaves) < 6)
    ones = sum(abs(x) == 1.0 for x in leaves)  # with them a product looks like a quotient
    return (problem, found), sum(map(_cost, found)) + 0.1 * (twice + ones)


def _is_at_kink(graph: Graph, given: Mapping[str, Array], problem: Problem) -> bool:
    """Return whether a derivative jumps very near: then it is a convention, and no exercise."""
    for step in (1e-7, -1e-7):
        moved = {}
        for place, (id_, numbers) in enumerate(given.items(), 1):
            steps = step * (place + np.arange(np.size(numbers)) / 7.0)
            moved[id_] = numbers + steps.reshape(np.shape(numbers))[()]
        try:
            with np.errstate(all="ignore"):
                near = Problem(with_numbers(graph, moved)).numbers
        except (ArithmeticError, TypeError, ValueError, TinygradError):
            return True  # at the end of where it can be computed
        for quantity, here in problem.numbers.items():
            there = near.get(quantity, np.nan)
            if quantity.kind != "forward" and not np.allclose(there, here, 1e-3, 1e-3):
                return True
    return False


def _cost(blank: Blank) -> float:
    """Return what speaks against an answer: that it is long, large or 0, which hides mistakes."""
    size = abs(blank.answer)
    cost = 0.0 if blank.is_exact else 2.0
    cost += 3.0 * (size > 100) + 3.0 * (size > 1000)
    if not blank.is_exact and size < 0.05:
        cost += 5.0
    return cost + 12.0 * (size == 0.0)
