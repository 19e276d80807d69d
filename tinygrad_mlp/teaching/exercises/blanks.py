"""Which numbers of a graph a sheet leaves blank."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tinygrad_mlp.drawing.style import listed
from tinygrad_mlp.teaching.exercises.numbers import is_short, written
from tinygrad_mlp.teaching.exercises.problem import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.teaching.exercises.problem import Problem

KINDS = ("forward", "local", "gradient")
#: What is blank by difficulty; the first shows the local derivatives.
LEVELS = {1: ("gradient",), 2: ("local", "gradient"), 3: KINDS}
#: More blanks than that nobody fills in.
MOST = 200
#: The longest axis of a tensor that a sheet shows whole.
LONGEST = 4

_MEANINGS = {"forward": "value", "local": "local derivative", "gradient": "gradient"}


class Blank(NamedTuple):
    """One number that is asked.

    Attributes
    ----------
    number : int
        Counts from 1, and stands beside the box.
    quantity : Quantity
        What it is a number of.
    at : tuple of int
        Which one; ``()`` for a scalar.
    sign : str
        What it is, in letters: ``"p"``, ``"∂p/∂w"``, ``"∂L/∂W[0, 1]"``.
    answer : float
        Rounded to the digits of the sheet.
    is_exact : bool
        Whether nothing was rounded.
    """

    number: int
    quantity: Quantity
    at: tuple[int, ...]
    sign: str
    answer: float
    is_exact: bool

    @property
    def meaning(self) -> str:
        """What kind of number it is, in words.

        >>> Blank(1, Quantity("local", "v2"), (), "∂p/∂w", 2.0, True).meaning
        'local derivative'
        """
        return _MEANINGS[self.quantity.kind]


class Asked(NamedTuple):
    """What is asked: kinds of numbers, and ids of nodes of which everything is asked."""

    kinds: tuple[str, ...]
    nodes: frozenset[str]
    shows_local: bool

    def has(self, problem: Problem, quantity: Quantity) -> bool:
        """Return whether a quantity is blank."""
        kind, id_, place = quantity
        if kind == "local":
            id_ = problem.graph[id_].arguments[place]
        return kind in self.kinds or (kind != "local" and id_ in self.nodes)


def asked(graph: Graph, ask: str | Iterable[str] | None, difficulty: int) -> Asked:
    """Return what is to be asked of a graph, or raise ``ValueError`` for what it does not have.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> graph = tg.Graph.of(tg.Value(3.0, label="x") * 2.0)
    >>> asked(graph, None, 2).kinds, sorted(asked(graph, "x", 2).nodes)
    (('local', 'gradient'), ['v0'])
    """
    if ask is None:
        return Asked(LEVELS[difficulty], frozenset(), shows_local=difficulty == 1)
    kinds, nodes = [], set()
    for part in listed("exercise: ask", ask):
        found = [node.id for node in graph if part in (node.label, node.id)]
        if part in KINDS and not found:
            kinds.append(part)
        elif found:
            nodes.update(found)
        else:
            raise ValueError(
                f"exercise: ask must be made of {', '.join(map(repr, KINDS))} and labels of the "
                f"graph; no node has the label or the id {part!r:.80}"
            )
    return Asked(tuple(kinds), frozenset(nodes), shows_local=False)


def blanks(problem: Problem, choice: Asked, digits: int) -> list[Blank]:
    """Return every blank: values first, then backwards from the output, as one fills them in.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.teaching.exercises.problem import Problem
    >>> problem = Problem(tg.square(tg.Value(3.0, label="x")))
    >>> found = blanks(problem, asked(problem.graph, None, 3), 3)
    >>> [(blank.number, blank.sign, blank.answer) for blank in found]
    [(1, 'L', 9.0), (2, '∂L/∂x (on the arrow)', 6.0), (3, '∂L/∂x', 6.0)]
    """
    found: list[Blank] = []
    for quantity in _in_order(problem):
        if not choice.has(problem, quantity):
            continue
        numbers = np.asarray(problem.numbers[quantity], dtype=float)
        for index in np.ndindex(numbers.shape):
            exact = float(numbers[index])
            sign = problem.sign(quantity) + (f"{list(index)}" if index else "")
            answer = float(written(exact, digits))
            short = is_short(exact, digits)
            found.append(Blank(len(found) + 1, quantity, index, sign, answer, short))
    return found


def _in_order(problem: Problem) -> Iterator[Quantity]:
    """Yield what could be asked; the gradient of the output, which is 1, could not."""
    graph, output = problem.graph, problem.graph.outputs[0]
    for node in graph:
        if node.row is not None and node.dtype.kind == "f":  # an answer is no truth value
            yield Quantity("forward", node.id)
    for node in reversed(graph.nodes):
        if node.id != output and node.id in problem.uses:
            yield Quantity("gradient", node.id)
        for place in range(len(node.arguments)):
            local = Quantity("local", node.id, place)
            if local in problem.numbers:
                yield local
