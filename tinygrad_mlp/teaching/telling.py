"""One step of a forward and backward pass: its numbers, its formula, and a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.core.ownership import to_read
from tinygrad_mlp.graphs.formula import step_formula
from tinygrad_mlp.teaching.uses import use_of
from tinygrad_mlp.teaching.words import Words, factor, is_number_text, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinygrad_mlp.graphs.group import Group
    from tinygrad_mlp.graphs.node import Node
    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.teaching.edges import Edge

#: A sentence about a box names so many values.
_NAMED = 4


class Step(NamedTuple):
    """One step; ``print`` it for a sentence.

    Attributes
    ----------
    number : int
        Counts from 1.
    phase : str
        ``"forward"`` or ``"backward"``.
    node : str
        Id of what gets a value, or a share of the gradient; of a box, of its last result.
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
    box : str
        Name of the box, such as a layer, whose steps this one stands for; mostly empty.
    parts : tuple of Step
        Those steps.
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
    box: str = ""
    parts: tuple[Step, ...] = ()

    def __str__(self) -> str:
        return self.sentence


def single(step: Step) -> tuple[Step, ...]:
    """Return the steps that one stands for: those of a box, or itself."""
    return step.parts or (step,)


# ----- Single steps -----


def forward_step(number: int, node: Node, words: Words) -> Step:
    """Return the step that computes a node."""
    arguments = [words.graph[x] for x in node.arguments]
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
    return Step(number, "forward", node.id, None, None, formula, *(None,) * 4, node.value, sentence)


def beginning_step(number: int, seed: Array, words: Words) -> Step:
    """Return the step in which the output gets the upstream gradient that was given."""
    output = words.graph.outputs[0]
    sign = words.partial(output, output)
    shape = told(seed)
    formula = f"{sign} = g, of shape {shape}" if np.ndim(seed) else f"{sign} = {shape}"
    seed = to_read(seed)
    sentence = f"{formula}: here the backward pass begins"
    return Step(
        number, "backward", output, None, None, formula, None, None, seed, None, seed, sentence
    )


def backward_step(
    number: int, edge: Edge, before: Array | None, after: Array, words: Words
) -> Step:
    """Return the step in which a share passes over one edge."""
    graph = words.graph
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


# ----- Steps of a box -----


def box_step(number: int, box: Group, parts: Sequence[Step], words: Words) -> Step:
    """Return the step that stands for all steps of a box in one phase."""
    name = box.label or box.id
    forward = parts[0].phase == "forward"
    formula, sentence = (_forward_through if forward else _backward_through)(
        name, box, parts, words
    )
    result = parts[-1].value if forward else parts[0].upstream
    return Step(
        number,
        parts[0].phase,
        parts[-1].node if forward else parts[0].user or parts[0].node,
        None,
        None,
        formula,
        *(None,) * 4,
        parts[-1].value if result is None else result,
        sentence,
        name,
        tuple(parts),
    )


def _forward_through(name: str, box: Group, parts: Sequence[Step], words: Words) -> tuple[str, str]:
    """Return how a box makes its results, in symbols and in words."""
    leaving = _leaving(box, words)
    made = [part for part in parts if part.node in leaving] or [parts[-1]]
    used = [x for part in parts for x in words.graph[part.node].arguments]
    taken = _names([x for x in used if x not in box.members], words)
    formula = f"{_names([part.node for part in made], words)} = {name}({taken})"
    results = _enumerated(_with_value(words.name(part.node), part.value) for part in made)
    source = f"From {taken}, " if taken else ""
    return parts[0].formula if len(parts) == 1 else formula, f"{source}{name} makes {results}"


def _backward_through(
    name: str, box: Group, parts: Sequence[Step], words: Words
) -> tuple[str, str]:
    """Return what a box hands on, in symbols and in words."""
    graph, leaving = words.graph, _leaving(box, words)
    ends = {p.node: p for p in parts if p.node not in box.members or not graph[p.node].arguments}
    got = list(ends.values()) or [parts[-1]]
    source = _names([part.user for part in parts if part.user in leaving], words)
    partials = (words.partial(graph.outputs[0], part.node) for part in got)
    shares = _enumerated(map(_with_value, partials, (part.value for part in got)))
    formula = _enumerated(part.formula for part in got)
    return formula, f"Back through {name}, from {source}: {shares}"


def _leaving(box: Group, words: Words) -> set[str]:
    """Return the ids of what is used outside of a box, and of outputs."""
    inside = set(box.members)
    users = (node for node in words.graph if node.id not in inside)
    return {*words.graph.outputs, *(x for node in users for x in node.arguments)}


def _with_value(name: str, value: Array) -> str:
    if not np.ndim(value):
        return f"{name} = {told(value)}"
    numbers = summarize(value)
    few = value.size <= _NAMED and "\n" not in numbers
    return f"{name} = [{numbers}]" if few else f"{name}, of shape {told(value)}"


def _names(ids: Iterable[str | None], words: Words) -> str:
    return _enumerated((words.name(id_) for id_ in dict.fromkeys(ids) if id_), ", ")


def _enumerated(texts: Iterable[str], sign: str = "; ") -> str:
    """Return the first few texts, and how many more there are."""
    found = list(texts)
    more = [f"{len(found) - _NAMED} more"] if len(found) > _NAMED else []
    return sign.join([*found[:_NAMED], *more])
