"""A graph of tensors as the graph of its single numbers, whole or in part."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp.core.context import SLASH, scope
from tinygrad_mlp.core.record import OPS
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import GraphError
from tinygrad_mlp.graphs.graph import Graph, graph_of
from tinygrad_mlp.graphs.zoom.formulas import Formula, formula_of
from tinygrad_mlp.graphs.zoom.steps import Count, Elements, Steps, box, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.graphs.node import Node

#: Values that ``expand`` makes unless it is told otherwise; few drawings of more are looked at.
LIMIT = 10_000


@overload
def expand(values: Value, which: Any = None, *, limit: int = LIMIT) -> Value: ...
@overload
def expand(values: Graph, which: Any = None, *, limit: int = LIMIT) -> Graph: ...
@overload
def expand(values: Sequence[Value], which: Any = None, *, limit: int = LIMIT) -> list[Value]: ...
def expand(values: Any, which: Any = None, *, limit: int = LIMIT) -> Any:
    """Return the same computation with tensors replaced by their single numbers.

    The result is made of new Values, computed anew: it can be drawn, differentiated and expanded
    like any other, and nothing of the old graph is touched, its gradients neither.  A leaf ``W``
    becomes leaves named ``W[0,0]``, ``W[0,1]``, ...; the gradient of each is that element of the
    gradient of ``W``.  What is not chosen stays a tensor; where it meets scalars it is taken
    apart by ``getitem``, or put together by ``assemble``.

    Parameters
    ----------
    values : Value, sequence of Values, or Graph
        What to look at closely.
    which : str, Value, or iterable of them, optional
        What to expand: operations and leaves by the name of the op, by label, by scope (such as
        ``"layer1"``), or by the Value itself.  By default everything that has a scalar formula.
    limit : int
        How many Values the result may have at most.

    Returns
    -------
    Value, list of Values, or Graph
        As what was given, with the same numbers in the same shapes.

    Raises
    ------
    TypeError
        If ``values`` or ``which`` is something else.
    ValueError
        If nothing has such a name.
    GraphError
        If there would be more Values than the limit, or what was chosen has no scalar formula.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x, w = tg.Value([1.0, 2.0], label="x"), tg.Value([3.0, 4.0], label="w")
    >>> y = expand(x @ w)
    >>> [value.label or value.op.name for value in tg.history(y)]
    ['x[0]', 'x[1]', 'w[0]', 'w[1]', 'multiply', 'multiply', 'add']
    """
    graph = graph_of("expand", values)
    limit = whole_number("expand: limit", limit)
    chosen = _chosen(graph, which)
    count = Count()
    _walk(graph, chosen, count)
    if count.total > limit:
        raise GraphError(
            f"expand: this would make up to {count.total:,} values, and limit is {limit:,}; "
            "choose a part with which=..., take fewer rows or a smaller network, or give "
            f"limit={count.total}"
        )
    outputs = _walk(graph, chosen, Steps())
    for place, (out, name) in enumerate(zip(outputs, graph.outputs, strict=True)):
        if type(out) is not Value:  # it came from constants alone
            outputs[place] = Value(np.asarray(out, dtype=graph[name].dtype))
    if isinstance(values, Graph):
        return Graph.of(*outputs)
    return outputs[0] if isinstance(values, Value) else outputs


def _chosen(graph: Graph, which: Any) -> dict[str, Formula]:
    """Return the scalar formulas of the nodes to expand, by their ids."""
    formulas = {node.id: formula for node in graph if (formula := _formula(node)) is not None}
    if which is None:
        return formulas
    chosen: set[str] = set()
    several = isinstance(which, list | tuple | set | frozenset)
    for one in which if several else [which]:
        if isinstance(one, Value):
            found = {graph.id_of(one)}
        elif isinstance(one, str):
            found = {node.id for node in graph if _is_called(node, one)}
        else:
            raise TypeError(
                "expand: which must be names of ops, labels or scopes, or Values, got "
                f"{one!r:.80} of type {type(one).__name__}"
            )
        if not found:
            known = {name for node in graph for name in (node.op, node.label, node.scope) if name}
            raise ValueError(
                f"expand: nothing here has the op, the label or the scope {one!r:.80}; there are "
                f"{', '.join(sorted(known))[:400]}"
            )
        chosen |= found
    for node in graph:
        if node.id in chosen and node.id not in formulas:
            raise GraphError(
                f"expand: {node.op} has no formula of scalars, so it can only stay as it is; "
                "leave it out of which"
            )
    return {node.id: formulas[node.id] for node in graph if node.id in chosen}


def _formula(node: Node) -> Formula | None:
    if node.role in {"input", "parameter"}:
        return lambda steps: steps.leaves(node)
    op = OPS.get(node.op or "")
    return None if op is None else formula_of(op)


def _is_called(node: Node, name: str) -> bool:
    if node.role == "constant":
        return False
    around = f"{node.scope}/".replace(SLASH, "/")
    return name in (node.op, node.label) or around.startswith(f"{name.replace(SLASH, '/')}/")


def _walk(graph: Graph, chosen: dict[str, Formula], steps: Steps) -> list[Any]:
    """Return the outputs, after every node was made or counted anew in its scope.

    A node is a whole tensor or a table of elements, and becomes the other where it is needed.
    """
    wholes: dict[str, Any] = {}
    tables: dict[str, Elements] = {}

    def whole(id: str) -> Any:  # noqa: A002  the name of Node's field
        if id not in wholes:
            table = tables[id]
            wholes[id] = steps.together(graph[id], table) if table.ndim else table.item()
        return wholes[id]

    def table(id: str) -> Elements:  # noqa: A002  as above
        if id not in tables:
            node, tensor = graph[id], wholes[id]
            apart = node.shape and node.role != "constant"
            tables[id] = steps.apart(node, tensor) if apart else box(tensor)
        return tables[id]

    for node in graph:
        with ExitStack() as scopes:
            for name in filter(None, node.scope.split("/")):
                scopes.enter_context(scope(name))
            for argument in node.arguments:
                if graph[argument].role == "constant":
                    wholes[argument] = _constant(graph[argument].value, node.dtype)
            if node.role == "constant":
                pass  # until it is used
            elif node.id not in chosen:
                wholes[node.id] = steps.keep(node, [*map(whole, node.arguments)])
            else:
                arguments = [*map(table, node.arguments)]
                tables[node.id] = _elements(node, chosen[node.id], arguments, steps)
    return [*map(whole, graph.outputs)]


def _constant(value: Any, dtype: np.dtype[Any]) -> Any:
    """Return a constant; a single number takes the precision of what is computed with it."""
    return value.astype(dtype) if value.ndim == 0 and value.dtype.kind == "f" else value


def _elements(node: Node, formula: Formula, arguments: list[Elements], steps: Steps) -> Elements:
    """Return the elements of a node, from those of its arguments."""
    if not node.value.size:
        return table_of((), node.shape)
    made = formula(steps, *arguments, **node.options)
    op = OPS.get(node.op or "")
    if op is not None and op.elementwise and not steps.agree(made, node.value):
        raise GraphError(
            f"expand: {op.name} says that it works on each number by itself (shapes "
            f"{op.shapes!r}), but number by number it gives other numbers; tell its shapes where "
            "it is defined, or leave it out of which"
        )
    return steps.named(node, made)
