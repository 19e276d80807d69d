"""The paths from an output down to a value: their number, and the derivative along each."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tinygrad_mlp.core.backward import share_of
from tinygrad_mlp.graphs.local import local_derivative

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinygrad_mlp.core.value import Value
    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.teaching.edges import Edge, Pass

# Beyond this many paths nobody wants their number.
_COUNTLESS = 10**300


class Link(NamedTuple):
    """One step of a path.

    Attributes
    ----------
    user, argument : str
        Ids of the nodes between which it leads.
    place : int
        Which argument of the user's op it is, from 0.
    local : number or None
        The local derivative; None between tensors, where it is no number.
    gradient : array
        The derivative along the path so far: what arrives at the argument.
    """

    user: str
    argument: str
    place: int
    local: Array | None
    gradient: Array


class Path(NamedTuple):
    """A way from the output down to the value, and the product of its local derivatives."""

    links: tuple[Link, ...]
    product: Array


def paths(found: Pass, limit: int) -> tuple[int, tuple[Path, ...]]:
    """Return how many paths there are, and all of them if they are not more than a limit.

    Counting takes time in proportion to the graph, however many there are.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.teaching.edges import backward_pass
    >>> x = tg.Value(3.0)
    >>> count, (first, second) = paths(backward_pass(x * x, x), 2)
    >>> count, first.product, second.product
    (2, np.float64(3.0), np.float64(3.0))
    """
    counts = {found.value: 1}
    for edge in reversed(found.edges):  # from below: arguments are complete before their users
        if edge.argument in counts:
            counts[edge.user] = min(counts.get(edge.user, 0) + counts[edge.argument], _COUNTLESS)
    count = 0 if found.output is found.value else counts.get(found.output, 0)
    if not 0 < count <= limit:
        return count, ()
    with np.errstate(all="ignore"):
        return count, tuple([_path(found, way) for way in _ways(found, counts)])


def _ways(found: Pass, counts: dict[Value, int]) -> Iterator[list[Edge]]:
    """Yield every way down, without recursion."""
    below: dict[Value, list[Edge]] = {}
    for each in found.edges:
        if each.argument in counts:  # others lead nowhere
            below.setdefault(each.user, []).append(each)
    way: list[Edge] = []
    waiting = [iter(below[found.output])]
    while waiting:
        edge = next(waiting[-1], None)
        if edge is None:
            waiting.pop()
            del way[-1:]
        elif edge.argument is found.value:
            yield [*way, edge]
        else:
            way.append(edge)
            waiting.append(iter(below[edge.argument]))


def _path(found: Pass, way: list[Edge]) -> Path:
    """Return the derivative along one way, by the function that the engine has for one edge."""
    links = []
    graph, gradient, guard = found.graph, found.seed, None
    for user, place, argument, _, _ in way:
        guard = user.op.selects or guard
        rule = next(islice(user.op.vjps, place, None))
        known = (gradient, user.numpy(), *user.inputs)
        gradient = share_of(user, argument, user.inputs[place], rule, known, guard)
        node = graph[graph.id_of(user)]
        arguments = [graph[x] for x in node.arguments]
        is_number = not any(x.shape for x in (node, *arguments))
        local = local_derivative(node, arguments, place) if is_number else None
        links.append(Link(node.id, graph.id_of(argument), place, local, gradient))
    return Path(tuple(links), gradient)


def told_count(count: int) -> str:
    """Return a number of paths, with its power of two if it is one.

    >>> told_count(1), told_count(2**60)
    ('1 path', '2^60 = 1,152,921,504,606,846,976 paths')
    """
    if count >= _COUNTLESS:
        return "more than 10^300 paths"
    text = f"{count:,}" if count < 10**30 else f"about 10^{math.log10(count):.0f}"
    power = count.bit_length() - 1
    if power > 10 and count == 1 << power:
        text = f"2^{power} = {text}"
    return f"{text} path" + "s" * (count != 1)
