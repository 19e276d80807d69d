"""All mistakes that can be made in one backward pass, each as that pass with one rule changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tinygrad_mlp.checking.doctor.kinds import KINDS, count_of, is_same, scaled
from tinygrad_mlp.checking.doctor.runs import ChangedRule, Changes, Edge, Run, row_of
from tinygrad_mlp.core.value import Value


class Mistake(NamedTuple):
    """What a learner may have done, where in the graph, and which rules that changes."""

    name: str
    explanation: str
    op: str
    changes: Changes


def mistakes_in(run: Run) -> Iterator[Mistake]:
    """Yield every mistake that can be made in the backward pass of a run.

    >>> import numpy as np
    >>> run = Run(np.sin, ["x"], [np.float64(3.0)])
    >>> for mistake in mistakes_in(run):
    ...     print(mistake.name, "-", mistake.explanation)
    missing derivative - the derivative of sin is left out: what comes from above is passed on as is
    derivative at the output - the derivative of sin is taken at its output instead of its input
    stale input - the derivative of sin is taken at the numbers of an earlier call
    """
    yield from _forgotten_paths(run)
    for kind in KINDS:
        alike: dict[tuple[str, int], dict[Edge, ChangedRule]] = {}
        for number, position in run.edges:
            node = run.nodes[number]
            changed = kind.change(node, position)
            if changed is not None:
                op, place = row_of(node).name, _place(run, node)
                text = _filled(kind.text, op, place, _argument(node, position), str(count_of(node)))
                yield Mistake(kind.name, text, op, {(number, position): changed})
                # In d * d both arguments are one, and so is what one thinks of their derivatives.
                is_doubled = sum(is_same(x, node.args[position]) for x in node.args) > 1
                key = op, -1 if is_doubled else position
                alike.setdefault(key, {})[number, position] = changed
        # Who derives a function wrongly does so wherever it is used.
        for (op, _), changes in alike.items():
            if len(changes) > 1:
                text = _filled(kind.text, op, f"every {op}", "its argument", "n")
                yield Mistake(kind.name, text, op, changes)


def _forgotten_paths(run: Run) -> Iterator[Mistake]:
    """Yield, for each value that is used several times, that only one use, or one not, counts."""
    uses: dict[Value, list[Edge]] = {}
    for number, position in run.edges:
        uses.setdefault(run.nodes[number].args[position], []).append((number, position))
    for value, edges in uses.items():
        if len(edges) == 1:
            continue
        what = value.label or f"the result of {_place(run, value)}"
        times = f"{what} is used {len(edges)} times, and the gradients of all uses add up; "
        for edge in edges:
            node, position = run.nodes[edge[0]], edge[1]
            op = row_of(node)
            use = _place(run, node)
            if len(op.parameters) == len(node.args) > 1:
                use += f" (argument {op.parameters[position]})"
            others = {other: scaled(0.0) for other in edges if other != edge}
            text = f"{times}only that in {use} is there, as if = stood for +="
            yield Mistake("overwritten", text, op.name, others)
            if len(edges) > 2:
                text = f"{times}that in {use} is missing"
                yield Mistake("forgotten path", text, op.name, {edge: scaled(0.0)})


# ----- Where it is -----


def _filled(text: str, op: str, place: str, argument: str, count: str) -> str:
    total = "half sum" if op in ("mse", "half_squared_error") else "sum"
    return text.format(place=place, argument=argument, count=count, total=total)


def _place(run: Run, node: Value) -> str:
    """Return the name of a node's op, which of several it is, its label and its scope."""
    row = row_of(node)
    alike = [other for other in run.nodes if other.op is row]
    text = row.name
    if len(alike) > 1:
        text += f" number {alike.index(node) + 1} of {len(alike)}"
    if node.label:
        text += f" ({node.label:.80})"
    return f"{text} in {node.scope}" if node.scope else text


def _argument(node: Value, position: int) -> str:
    """Return the label of an argument, or else the op's name for it."""
    names = row_of(node).parameters
    name = names[position] if position < len(names) else f"argument {position}"
    return str(node.args[position].label or name)
