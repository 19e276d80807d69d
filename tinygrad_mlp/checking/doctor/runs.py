"""A recorded graph whose backward pass can be walked with some of its rules changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from tinygrad_mlp.core.backward import grad, history
from tinygrad_mlp.core.context import differentiating
from tinygrad_mlp.core.op import Row
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import GraphError
from tinygrad_mlp.kernels import Array


class AtNode(NamedTuple):
    """A changed rule that looks at its node too: ``change(node, rule, g, out, *arguments)``."""

    change: Callable[..., Any]


#: What stands in for a rule: ``changed(rule, g, out, *arguments, **options)``.
ChangedRule = Callable[..., Any] | AtNode
#: An argument of a node: the number of the node in ``Run.nodes``, and the argument's position.
Edge = tuple[int, int]
Changes = Mapping[Edge, ChangedRule]


class Run:
    """One recording of a function.

    Parameters
    ----------
    forward : callable
        Takes Values, returns one.
    names : sequence of str
        Labels of the arguments.
    args : sequence of ndarray
        Their numbers.

    Attributes
    ----------
    leaves : list of Values
        The arguments.
    end : Value
        The output.
    nodes : list of Values
        What was computed from the arguments, in the order of computation.
    edges : list of (int, int)
        Where gradients flow: the number of a node and the position of an argument.

    Raises
    ------
    TypeError
        If ``forward`` does not return a Value.
    GraphError
        If the output was not made from the arguments.

    Examples
    --------
    >>> import numpy as np
    >>> run = Run(lambda x: x * x, ["x"], [np.float64(3.0)])
    >>> run.gradients(np.float64(1.0))
    [np.float64(6.0)]
    >>> run.gradients(np.float64(1.0), {(0, 0): lambda rule, g, *known: 0.5 * rule(g, *known)})
    [np.float64(4.5)]
    """

    def __init__(
        self, forward: Callable[..., Any], names: Sequence[str], args: Sequence[Array]
    ) -> None:
        self.leaves = [Value(x, label=name) for name, x in zip(names, args, strict=True)]
        with differentiating(self.leaves):
            end = forward(*self.leaves)
        if not isinstance(end, Value):
            raise TypeError(
                "forward must return one Value for Values, so it must be written in operators and "
                f"functions of tinygrad_mlp; got {type(end).__name__} {end!r:.80}"
            )
        self.end = end
        self.nodes: list[Value] = []
        self.edges: list[Edge] = []
        self.find_nodes()

    def find_nodes(self) -> None:
        """List the nodes and edges between the arguments and the output."""
        self.nodes = []
        reached = set(self.leaves)
        for value in history(self.end):
            if any(type(argument) is Value and argument in reached for argument in value.args):
                reached.add(value)
                self.nodes.append(value)
        if self.end not in reached:
            raise GraphError(
                "forward: the output was not made from the arguments; compute it from them, in "
                "operators and functions of tinygrad_mlp, without no_grad inside of it"
            )
        self.edges = [
            (number, position)
            for number, node in enumerate(self.nodes)
            for position, argument in enumerate(node.args)
            if type(argument) is Value and argument in reached
        ]

    def same_steps_as(self, other: Run) -> bool:
        """Tell whether both runs did the same operations on the same shapes."""
        steps, others = ([(v.op, v.shape) for v in run.nodes] for run in (self, other))
        return steps == others and self.edges == other.edges

    def gradients(self, upstream: Array, changes: Changes | None = None) -> list[Array]:
        """Return the gradient by each argument, with some rules changed."""
        rows = [(node, node.op) for node in self.nodes]
        try:
            for (number, position), changed in (changes or {}).items():
                node = self.nodes[number]
                if isinstance(changed, AtNode):
                    changed = partial(changed.change, node)
                node.op = _with_rule(row_of(node), len(node.args), position, changed)
            gradients: list[Array] = grad(self.end, self.leaves, upstream)
            return gradients
        finally:
            for node, row in rows:
                node.op = row


def row_of(node: Value) -> Row:
    """Return the row of the table that a value was computed by.

    >>> row_of(Value(2.0) * 3.0)
    <op multiply(x, y)>
    """
    if node.op is None:
        raise GraphError(f"{node.described()} was not computed")
    return node.op


def _with_rule(row: Row, count: int, position: int, changed: Callable[..., Any]) -> Row:
    """Return a copy of a row, outside the table, with one rule changed."""
    rules = list(islice(row.vjps, count))  # those of concatenate have no end
    # That of an op whose derivative is zero is None.
    rules[position] = partial(changed, rules[position] or (lambda g, *_known, **_options: 0.0 * g))
    copy = Op.__new__(Op)
    vars(copy).update(vars(row), vjps=tuple(rules))
    return copy
