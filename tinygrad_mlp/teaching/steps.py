"""Backpropagation step by step: what is computed, with which numbers, and what each gradient holds.

The backward steps are what the loop of the engine handed over, in its order.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp.core.ownership import to_read
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.graphs.formula import step_formula
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.saved import plain_numbers
from tinygrad_mlp.teaching.edges import passed
from tinygrad_mlp.teaching.uses import use_of
from tinygrad_mlp.teaching.words import Words, factor, is_number_text, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinygrad_mlp.graphs.node import Node
    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.teaching.edges import Edge

FORMAT = "tinygrad_mlp steps 1"


class Step(NamedTuple):
    """One step; ``print`` it for a sentence.

    Attributes
    ----------
    number : int
        Counts from 1.
    phase : str
        ``"forward"`` or ``"backward"``.
    node : str
        Id of what gets a value, or a share of the gradient.
    user : str or None
        Backward, id of the result that the share comes from; None where the pass begins.
    place : int or None
        Which argument of the user the node is, from 0.
    formula : str
        The step in symbols.
    upstream, local, contribution : array or None
        Backward: the gradient of the user; the local derivative, where it is a number at each
        place; the share.
    before : array or None
        What the gradient of the node held before the step; None if there was none.
    value : array
        Forward, the value; backward, what the gradient of the node holds after the step.
    sentence : str
        All this in words.
    """

    number: int
    phase: str
    node: str
    user: str | None
    place: int | None
    formula: str
    upstream: Array | None
    local: Array | None
    contribution: Array | None
    before: Array | None
    value: Array
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def steps(output: Value, *, gradient: Any = None) -> Steps:
    """Return backpropagation as steps: forward from the leaves, then backward from ``output``.

    Parameters
    ----------
    output : Value
        What is computed and differentiated; a scalar unless ``gradient`` is given.
    gradient : array_like, same shape as ``output``, optional
        The upstream gradient; 1 for a scalar.

    Returns
    -------
    Steps
        Can be walked as often as one likes, and never writes to ``.grad``.

    Raises
    ------
    TypeError
        If ``output`` is no Value.
    GraphError
        If ``output`` is no scalar and has no ``gradient``.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> w, x = tg.Value(-3.0, label="w"), tg.Value(2.0, label="x")
    >>> p = w * x
    >>> p.label = "p"
    >>> for step in tg.steps(p * w):
    ...     print(step)
    p = w · x = (-3) · 2 = -6
    L = p · w = (-6) · (-3) = 18
    ∂L/∂L = 1: here the backward pass begins
    p gets 1 × (-3) = -3 from L (×); it had none
    w gets 1 × (-6) = -6 from L (×); it had none
    w gets -3 × 2 = -6 from p (×); it had -6 and now has -12
    x gets -3 × (-3) = 9 from p (×); it had none
    """
    if not isinstance(output, Value):
        raise TypeError(f"steps: output must be a Value, got {type(output).__name__}")
    return Steps(output, gradient)


class Steps:
    """The steps of one forward and backward pass; ``steps`` makes it.

    Attributes
    ----------
    graph : Graph
        Of whose nodes the steps speak.
    gradients : dict of Value to array
        The gradients as far as the latest walk has come; after all steps, those of ``backward()``.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> walk = tg.steps(x * x)
    >>> len(walk), [step.phase for step in walk]
    (4, ['forward', 'backward', 'backward', 'backward'])
    >>> walk.gradients[x], x.grad
    (np.float64(6.0), None)
    """

    def __init__(self, output: Value, gradient: Any = None) -> None:
        self.graph = Graph.of(output)
        self.gradients: dict[Value, Array] = {}
        self._words = Words(self.graph)
        self._output = output
        values = self.graph.values()
        totals, self._edges = passed(self.graph, output, list(values.values()), gradient)
        self._seed = totals[list(values.values()).index(output)]
        self._computed = [node for node in self.graph if node.row is not None]

    def __len__(self) -> int:
        return len(self._computed) + 1 + len(self._edges)

    def __iter__(self) -> Iterator[Step]:
        self.gradients = {}
        return self._walked(self.gradients)

    def _walked(self, gradients: dict[Value, Array]) -> Iterator[Step]:
        """Yield every step, and gather the gradients."""
        for place, node in enumerate(self._computed):
            yield self._forward(place + 1, node)
        begin = len(self._computed) + 1
        gradients[self._output] = to_read(self._seed)
        yield self._beginning(begin)
        for place, edge in enumerate(self._edges):
            before, share = gradients.get(edge.argument), edge.contribution
            gradients[edge.argument] = to_read(share if before is None else before + share)
            yield self._backward(begin + place + 1, edge, before, gradients[edge.argument])

    def __repr__(self) -> str:
        return f"<Steps: {len(self._computed)} forward, {len(self._edges) + 1} backward>"

    def to_json(self) -> str:
        """Return all steps as JSON text, with the graph that they speak of.

        As in ``Graph.to_json`` a scalar is there exactly, of anything larger a summary.

        Examples
        --------
        >>> import json
        >>> import tinygrad_mlp as tg
        >>> data = json.loads(tg.steps(tg.Value(3.0, label="x") * 2.0).to_json())
        >>> data["format"], data["steps"][0]["sentence"]
        ('tinygrad_mlp steps 1', 'L = x · 2 = 3 · 2 = 6')
        """
        numbers = {"upstream", "local", "contribution", "before", "value"}
        lines = [
            json.dumps(
                {
                    name: plain_numbers(part) if name in numbers and part is not None else part
                    for name, part in step._asdict().items()
                }
            )
            for step in self._walked({})
        ]
        head = f'"format": {json.dumps(FORMAT)}, "graph": {self.graph.to_json().rstrip()}'
        body = ",\n".join(lines)
        return f'{{{head}, "steps": [\n{body}\n]}}\n'

    # ----- Single steps -----

    def _forward(self, number: int, node: Node) -> Step:
        words = self._words
        arguments = [self.graph[x] for x in node.arguments]
        formula = words.step(node.id)
        if any(x.shape for x in (node, *arguments)):
            sentence = f"{formula}, of shape {node.shape}" if node.shape else formula
            sentence += "" if node.shape else f" = {told(node.value)}"
        else:
            numbers = step_formula(node, [factor(x.value) for x in arguments])
            value = told(node.value)
            parts = [formula, numbers, value]
            if is_number_text(numbers, value):
                del parts[1]
            sentence = " = ".join(parts)
        return Step(
            number, "forward", node.id, None, None, formula, *(None,) * 4, node.value, sentence
        )

    def _beginning(self, number: int) -> Step:
        id_ = self.graph.outputs[0]
        sign = self._words.partial(id_, id_)
        shape = told(self._seed)
        formula = (
            f"{sign} = {shape}" if not np.ndim(self._seed) else f"{sign} = g, of shape {shape}"
        )
        seed = to_read(self._seed)
        sentence = f"{formula}: here the backward pass begins"
        return Step(
            number, "backward", id_, None, None, formula, None, None, seed, None, seed, sentence
        )

    def _backward(self, number: int, edge: Edge, before: Array | None, after: Array) -> Step:
        words, graph = self._words, self.graph
        with np.errstate(all="ignore"):
            use = use_of(edge, words)
        user, node = graph.id_of(edge.user), graph.id_of(edge.argument)
        output = graph.outputs[0]
        sign = words.partial(output, user)
        share = words.share(user, edge.place, sign) if use.formula else "by its rule"
        formula = f"{words.partial(output, node)} {'=' if before is None else '+='} {share}"
        source = f"from {use.user} ({graph[user].symbol})"
        held = "it had none"
        if np.ndim(edge.contribution) or use.local is None or np.ndim(use.local):
            given = f"{use.formula or 'a share'}, of shape {told(edge.contribution)},"
            source += f", where {words.upstream(user)} = {sign}"
            held = held if before is None else "it is added to what it had"
        else:
            given = f"{told(edge.upstream)} × {factor(use.local)} = {told(edge.contribution)}"
            held = held if before is None else f"it had {told(before)} and now has {told(after)}"
        return Step(
            number,
            "backward",
            node,
            user,
            edge.place,
            formula,
            use.upstream,
            use.local,
            use.contribution,
            before,
            after,
            f"{words.name(node)} gets {given} {source}; {held}",
        )
