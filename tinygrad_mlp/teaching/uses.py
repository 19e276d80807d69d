"""One use of a value in a graph, and its share of the gradient: a row of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tinygrad_mlp.core.context import line_of
from tinygrad_mlp.core.ownership import to_read
from tinygrad_mlp.graphs.local import can_be_told, local_derivative

if TYPE_CHECKING:
    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.teaching.edges import Edge
    from tinygrad_mlp.teaching.words import Words


class Use(NamedTuple):
    """One use of a value: a row of the ledger.

    Attributes
    ----------
    user : str
        What used it, by its label, or else by the id that a drawing has for it.
    step : str
        How the user was made, such as ``"p = w · x"``.
    operation, argument, position
        The name of its op, what that calls the argument, and which argument it is, from 0.
    line : str
        Where the user was made, if ``trace_lines`` noted it.
    upstream : array
        The gradient of the user.
    formula : str
        Between numbers the local derivative; between tensors the contribution, in which g is the
        upstream gradient.  Empty if it is too large to tell.
    local : array or None
        The local derivative: a number, or one at each place of an op that works on each number by
        itself; None for any other op.
    contribution : array
        The share of the gradient, in the shape of the value.
    """

    user: str
    step: str
    operation: str
    argument: str
    position: int
    line: str
    upstream: Array
    formula: str
    local: Array | None
    contribution: Array


def use_of(edge: Edge, words: Words) -> Use:
    """Return what passed over one edge, with the formula and the number of its rule.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.teaching.edges import backward_pass
    >>> from tinygrad_mlp.teaching.words import Words
    >>> x = tg.Value([1.0, 2.0], label="x")
    >>> found = backward_pass(tg.sum(tg.square(x)), x)
    >>> use = use_of(found.edges[-1], Words(found.graph))
    >>> use.step, use.formula, use.local
    ('v₁ = x²', 'g ⊙ (2 ⊙ x)', array([2., 4.]))
    """
    graph = words.graph
    node = graph[graph.id_of(edge.user)]
    arguments = [graph[x] for x in node.arguments]
    is_number = not any(x.shape for x in (node, *arguments))
    upstream = "1" if is_number else words.upstream(node.id)
    can_tell = can_be_told(node, arguments)
    by_itself = is_number or edge.user.op.elementwise
    return Use(
        user=words.name(node.id),
        step=words.step(node.id),
        operation=node.op or "",
        argument=node.argument_names[edge.place],
        position=edge.place,
        line=line_of(edge.user).removeprefix(" from "),
        upstream=to_read(edge.upstream),
        formula=words.share(node.id, edge.place, upstream) if can_tell else "",
        local=local_derivative(node, arguments, edge.place) if by_itself else None,
        contribution=to_read(edge.contribution),
    )
