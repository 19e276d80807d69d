"""From any expression to a sheet with blanks, for one student or for a class."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.core.watching import check_recorded
from tinygrad_mlp.drawing.picture import checked_title
from tinygrad_mlp.drawing.style import listed
from tinygrad_mlp.errors import GraphError
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.teaching.exercises.blanks import LEVELS, LONGEST, MOST, asked
from tinygrad_mlp.teaching.exercises.content import Content
from tinygrad_mlp.teaching.exercises.numbers import GIVEN, KINDS
from tinygrad_mlp.teaching.exercises.sheet import Exercise
from tinygrad_mlp.teaching.exercises.sheets import Sheets
from tinygrad_mlp.teaching.exercises.solving import check_solvable
from tinygrad_mlp.teaching.exercises.variants import variants as drawn_variants

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinygrad_mlp.graphs.node import Node

#: More nodes than that stand on no sheet.
MOST_NODES = 200


@overload
def exercise(
    output: Value,
    *,
    ask: str | Iterable[str] | None = ...,
    difficulty: int = ...,
    numbers: str = ...,
    keep: str | Iterable[str] = ...,
    digits: int = ...,
    seed: int = ...,
    variants: None = ...,
    title: str = ...,
) -> Exercise: ...


@overload
def exercise(
    output: Value,
    *,
    ask: str | Iterable[str] | None = ...,
    difficulty: int = ...,
    numbers: str = ...,
    keep: str | Iterable[str] = ...,
    digits: int = ...,
    seed: int = ...,
    variants: int,
    title: str = ...,
) -> Sheets: ...


def exercise(
    output: Value,
    *,
    ask: str | Iterable[str] | None = None,
    difficulty: int = 2,
    numbers: str = "integers",
    keep: str | Iterable[str] = (),
    digits: int = 3,
    seed: int = 0,
    variants: int | None = None,
    title: str = "Backpropagation by hand",
) -> Exercise | Sheets:
    r"""Make a sheet of an expression: its graph, in which some $\partial L/\partial v$ are blank.

    The numbers of the leaves are drawn anew, so that the answers are short where the operations
    allow it.  Every sheet is solved from what it shows before it is returned.

    Parameters
    ----------
    output : Value
        A scalar, such as a loss; all tensors before it of at most 4 × 4 numbers.
    ask : str or iterable of str, optional
        ``"forward"``, ``"local"`` and ``"gradient"`` ask for all values, local derivatives or
        gradients; a label, or an id, for the value and the gradient of one node.
    difficulty : int
        Without ``ask``: 1 asks for gradients and shows the local derivatives, 2 asks for both, 3
        for the values too.  Between tensors local derivatives are neither shown nor asked.
    numbers : str
        ``"integers"`` from -5 to 5, ``"positive"`` ones to 9, ``"halves"`` up to 4, ``"tenths"``
        up to 2, none of them 0; or ``"given"``: those that the leaves have.
    keep : str or iterable of str
        Labels of leaves that keep their numbers.
    digits : int
        How many digits behind the point an answer needs that is not short.
    seed : int
        The same seed gives the same sheets with every Python and NumPy.
    variants : int, optional
        How many sheets, with different numbers as far as 24 draws for each find any.
    title : str
        Stands above.

    Returns
    -------
    Exercise, or Sheets, a list of them, if ``variants`` is given
        With ``key``, ``solution``, ``grade`` and ``save``; the list with ``keys`` and ``save`` for
        a folder.

    Raises
    ------
    TypeError
        If ``output`` is no Value.
    GraphError
        If it is no scalar.
    ValueError
        If a choice does not exist, the graph is too large for a sheet, nothing is left to ask, or
        the sheet could not be solved from what it shows.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x, w, b = tg.Value(1.0, label="x"), tg.Value(1.0, label="w"), tg.Value(1.0, label="b")
    >>> sheet = tg.exercise(tg.square(x * w + b), seed=7)
    >>> sheet.key == tg.exercise(tg.square(x * w + b), seed=7).key
    True
    >>> len(tg.exercise(tg.square(x * w + b), seed=7, variants=30))
    30
    """
    graph = _checked_graph(output)
    title = checked_title("exercise", title)
    whole_number("exercise: difficulty", difficulty)
    if difficulty not in LEVELS:
        raise ValueError(f"exercise: difficulty must be 1, 2 or 3, got {difficulty}")
    if numbers not in [*KINDS, GIVEN]:
        known = ", ".join([*KINDS, GIVEN])
        raise ValueError(f"exercise: numbers must be one of {known}, got {numbers!r:.80}")
    digits = whole_number("exercise: digits", digits)
    if digits > 9:
        raise ValueError(f"exercise: digits must be at most 9, got {digits}")
    seed = whole_number("exercise: seed", seed, minimum=0)
    count = 1 if variants is None else whole_number("exercise: variants", variants)
    choice = asked(graph, ask, difficulty)
    leaves = _leaves(graph, listed("exercise: keep", keep))
    found = drawn_variants(graph, leaves, choice, numbers=numbers, digits=digits, seed=seed)
    sheets = Sheets()
    for number, (problem, blanks) in enumerate(islice(found, count), 1):
        if not blanks:
            raise ValueError(
                "exercise: nothing is left to ask; between tensors there are no local derivatives, "
                "and what no gradient reaches has none: ask for something else"
            )
        if len(blanks) > MOST:
            raise ValueError(
                f"exercise: {len(blanks)} blanks are too many for a sheet, which has at most "
                f"{MOST}; ask for less, with ask="
            )
        content = Content(
            title,
            problem,
            blanks,
            choice.shows_local,
            digits,
            seed,
            number,
            of_several=variants is not None,
        )
        check_solvable(content)
        sheets.append(Exercise(content))
    return sheets[0] if variants is None else sheets


def _checked_graph(output: Any) -> Graph:
    """Return the graph of an output that fits on a sheet."""
    if not isinstance(output, Value):
        raise TypeError(f"exercise: output must be a Value, got {type(output).__name__}")
    if output.ndim:
        raise GraphError(
            f"exercise: output must be a scalar, got {output.described()}; reduce it with .sum() "
            "first"
        ).about(output)
    check_recorded(output)
    if output.op is None:
        raise ValueError("exercise: output was computed from nothing, so there is nothing to ask")
    graph = Graph.of(output)
    if len(graph) > MOST_NODES:
        raise ValueError(
            f"exercise: this graph has {len(graph):,} nodes, and a sheet at most {MOST_NODES}; "
            "take a smaller expression, or one sample"
        )
    for node in graph:
        if not _is_shown_whole(node):
            raise ValueError(
                f"exercise: {node.label or node.id} has the shape {node.shape}, and a sheet shows "
                f"at most {LONGEST} × {LONGEST} numbers of a tensor; make it smaller"
            )
    return graph


def _is_shown_whole(node: Node) -> bool:
    return len(node.shape) <= 2 and max(node.shape, default=1) <= LONGEST and node.value.size > 0


def _leaves(graph: Graph, keep: list[Any]) -> list[str]:
    """Return the ids of the leaves whose numbers are drawn anew."""
    leaves = [node for node in graph if node.row is None and node.role != "constant"]
    for name in keep:
        if not any(name in (node.label, node.id) for node in leaves):
            raise ValueError(f"exercise: keep: no leaf has the label or the id {name!r:.80}")
    return [
        node.id
        for node in leaves
        if node.label not in keep and node.id not in keep and np.issubdtype(node.dtype, np.floating)
    ]
