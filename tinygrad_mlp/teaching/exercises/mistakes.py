"""The mistakes that one makes in backpropagation by hand, and how to recognise them."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp.teaching.exercises.problem import Quantity
from tinygrad_mlp.teaching.words import ordinal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.teaching.exercises.blanks import Blank
    from tinygrad_mlp.teaching.exercises.problem import Problem

    Known = Mapping[Quantity, Array]

#: Sums over some of the uses are tried if there are not more.
MOST_USES = 6


def mistake(
    problem: Problem,
    blank: Blank,
    answer: float,
    known: Known,
    is_close: Callable[[float, float], bool],
) -> str:
    """Return the mistake that leads to an answer, in words; empty if none is known.

    Parameters
    ----------
    problem, blank
        What was asked.
    answer : float
        Wrong.
    known : mapping of Quantity to array
        From which numbers it may have been computed.
    is_close : callable
        Whether an answer is a number, to the digits that were asked for.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> sheet = tg.exercise(tg.Value(3.0, label="x") * -2.0, ask="gradient", numbers="given")
    >>> sheet.grade([2]).verdicts
    {1: 'the sign'}
    """
    for wrong, text in _wrongs(problem, blank, known):
        if math.isfinite(wrong) and is_close(answer, wrong):
            return text
    return ""


def _wrongs(problem: Problem, blank: Blank, known: Known) -> Iterator[tuple[float, str]]:
    """Yield numbers that come out by a mistake, the likeliest first."""

    def at(numbers: Array) -> float:
        array = np.asarray(numbers, dtype=float)
        fits = array.ndim == len(blank.at) and all(
            place < length for place, length in zip(blank.at, array.shape, strict=True)
        )
        return float(array[blank.at]) if fits else math.nan

    with np.errstate(all="ignore"):
        numbers = problem.step(blank.quantity, known)
        right = at(numbers)
        yield -right, "the sign"
        if np.ndim(numbers) == 2:
            yield at(np.transpose(numbers)), "that is the number of the transposed matrix"
        kind = blank.quantity.kind
        found = {"forward": _of_value, "local": _of_local, "gradient": _of_gradient}[kind]
        for wrong, text in found(problem, blank.quantity, known):
            yield at(wrong), text
        yield 2 * right, "twice too large: a factor of 2"
        yield right / 2, "half of it: a factor of 2 is missing"
        if right:
            yield 1 / right, "upside down: it is 1 divided by the right one"


def _of_value(problem: Problem, quantity: Quantity, known: Known) -> Iterator[tuple[Array, str]]:
    node = problem.graph[quantity.node]
    inputs = [known[Quantity("forward", x)] for x in node.arguments]
    if len(inputs) == 2 and not any(np.ndim(x) for x in inputs):
        first, second = map(float, inputs)
        sums = {"multiplied": first * second, "added": first + second}
        sums["subtracted"] = first - second
        sums |= {"subtracted the other way round": second - first}
        for done, number in sums.items():
            yield np.float64(number), f"you {done}; the operation is {node.symbol}"


def _of_local(problem: Problem, quantity: Quantity, known: Known) -> Iterator[tuple[Array, str]]:
    _, id_, place = quantity
    arguments = problem.graph[id_].arguments
    for other in range(len(arguments)):
        local = Quantity("local", id_, other)
        if other != place and local in known:
            name = problem.words.name(arguments[other])
            yield known[local], f"that is the derivative by the other argument, {name}"
    upstream = known[Quantity("gradient", id_)]
    share = problem.share((id_, place), known)
    yield share, "that is upstream × local; the local derivative is without the upstream gradient"
    yield upstream, "that is the upstream gradient"
    result = problem.words.name(id_)
    yield known[Quantity("forward", id_)], f"that is the value of {result}, not its derivative"
    argument = Quantity("forward", arguments[place])
    yield known[argument], f"that is the value of {problem.words.name(arguments[place])}"


def _of_gradient(problem: Problem, quantity: Quantity, known: Known) -> Iterator[tuple[Array, str]]:
    uses = problem.uses[quantity.node]
    shares = [problem.share(use, known) for use in uses]
    if 1 < len(uses) <= MOST_USES:
        yield from _of_paths(problem, uses, shares)
    for use in uses:
        upstream, local = known[Quantity("gradient", use[0])], known.get(Quantity("local", *use))
        only = len(uses) == 1
        name = problem.words.name(use[0])
        yield upstream, f"that is the gradient that arrives at {name}; multiply it by the local one"
        if local is None:
            continue
        text = "that is the local derivative" + (f" of {name}" if not only else "")
        yield local, f"{text}; multiply it by the upstream gradient"
        if only:
            yield upstream + local, "upstream and local are multiplied, not added"
            yield np.divide(upstream, local), "upstream and local are multiplied, not divided"
    value = Quantity("forward", quantity.node)
    yield known[value], "that is the value, not the gradient"


def _of_paths(
    problem: Problem, uses: list[tuple[str, int]], shares: list[Array]
) -> Iterator[tuple[Array, str]]:
    """Yield sums in which paths are missing, in the order of the graph."""
    places = sorted(range(len(uses)), key=lambda place: (_number(uses[place][0]), uses[place][1]))
    for count in range(len(uses) - 1, 0, -1):
        for kept in combinations(places, count):
            missing = [place for place in places if place not in kept]
            names = " and ".join(_way(problem, uses[place][0]) for place in missing)
            which = ordinal(places.index(missing[0])).replace("2nd", "second")
            which = which.replace("1st", "first").replace("3rd", "third")
            path = f"the {which} path" if len(missing) == 1 else f"{len(missing)} of the paths"
            yield sum(shares[place] for place in kept), f"you forgot {path}, {names}"
    yield np.prod(np.array(shares), axis=0), "the paths are added, not multiplied"


def _way(problem: Problem, user: str) -> str:
    name = problem.words.name(user)
    return f"straight into {name}" if user == problem.graph.outputs[0] else f"through {name}"


def _number(id: str) -> int:  # noqa: A002  the name of Node's field
    return int(id[1:])
