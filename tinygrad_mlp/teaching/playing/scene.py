"""What a drawing of steps shows: one graph for all of them, and what each adds to it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.scopes import placed
from tinygrad_mlp.teaching.telling import Step, single
from tinygrad_mlp.teaching.words import factor, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tinygrad_mlp.graphs.node import Node
    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.teaching.words import Words

#: Of more nodes nobody follows the steps.
MAXIMUM_NODES = 3000


class Scene(NamedTuple):
    """One graph for the drawings of all steps, with room in its boxes for what each will say.

    Attributes
    ----------
    graph : Graph
        Every result has a name, and every value the gradient that takes the most room.
    folded : Graph
        The same, with boxes for what is taken as one step.
    steps : list of Step
        All of them.
    words : Words
        How they speak of nodes.
    """

    graph: Graph
    folded: Graph
    steps: list[Step]
    words: Words

    def shares(self) -> Counter[str]:
        """Return how many shares the gradient of each node is the sum of."""
        return Counter(p.node for step in self.steps for p in single(step) if p.user is not None)


def scene_of(
    words: Words, steps: Sequence[Step], depth: int | None, expand: Sequence[str]
) -> Scene:
    """Return what drawings of some steps show.

    Raises
    ------
    ValueError
        If the graph is too large for anybody to follow.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.teaching.words import Words
    >>> x = tg.Value(0.5, label="x")
    >>> walk = tg.steps(x * x * x)
    >>> scene = scene_of(Words(walk.graph), list(walk), None, [])
    >>> [(node.label, node.gradient) for node in scene.graph]
    [('x', np.float64(0.75)), ('product', np.float64(0.5)), ('L', np.float64(1.0))]
    """
    whole = words.graph
    if len(whole) > MAXIMUM_NODES:
        raise ValueError(
            f"save: steps of {len(whole):,} nodes are more than anybody follows, and "
            f"{MAXIMUM_NODES:,} the most that is drawn; take those of a smaller graph"
        )
    widest: dict[str, Array] = {}
    for step in steps:
        for part in single(step):
            if part.phase == "backward":
                known = widest.get(part.node, part.value)
                widest[part.node] = max(part.value, known, key=_room)
    graph = whole.with_nodes(_drawn(node, words, widest.get(node.id)) for node in whole)
    folded = fold(placed(graph), depth=depth, expand=expand, max_nodes=None)
    return Scene(graph, folded, list(steps), words)


def _room(numbers: Array) -> int:
    """Return how many letters the widest line of some numbers has."""
    return max(map(len, summarize(np.asarray(numbers)[()]).split("\n")))


def _drawn(node: Node, words: Words, gradient: Array | None) -> Node:
    """Return a node with the name that sentences have for it."""
    if not node.arguments and node.label is None:
        return node.replaced(gradient=gradient)
    called = words.name(node.id)
    label = node.label or (called if called == "L" else node.id)
    return node.replaced(gradient=gradient, label=label)


# ----- What a step adds -----


def product(part: Step) -> str:
    """Return upstream × local = contribution, as it stands on an edge; empty between tensors.

    >>> import tinygrad_mlp as tg
    >>> product(list(tg.steps(tg.Value(3.0) * -2.0))[-1])
    '1 × (-2) = -2'
    """
    terms = part.upstream, part.local, part.contribution
    if any(term is None or np.ndim(term) for term in terms):
        return ""
    upstream, local, contribution = terms
    return f"{told(upstream)} × {factor(local)} = {told(contribution)}"


def sources(step: Step, graph: Graph) -> Iterator[tuple[str, int]]:
    """Yield the edges that a step uses: the id of a result, and which of its arguments."""
    for part in single(step):
        if part.phase == "forward":
            yield from ((part.node, place) for place in range(len(graph[part.node].arguments)))
        elif part.user is not None and part.place is not None:
            yield part.user, part.place
