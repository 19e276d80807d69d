"""In which scope each node is drawn: parameters where they are used, gradients by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.core.context import SLASH
from tinygrad_mlp.graphs.formula import name_in_formula
from tinygrad_mlp.graphs.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinygrad_mlp.graphs.node import Node

#: The scope of everything that a recorded backward pass made.
BACKWARD = "backward"


def scope_paths(scope: str) -> list[str]:
    """Return a scope and the scopes around it, outermost first.

    >>> scope_paths("encoder/layer1")
    ['encoder', 'encoder/layer1']
    """
    return list(paths_inward(scope))


def paths_inward(scope: str, depth: int = 1) -> Iterator[str]:
    """Yield the paths around a scope that are at least so deep, and its own, outermost first."""
    ends = [place for place, letter in enumerate(scope) if letter == "/"]
    if scope:
        yield from (scope[:end] for end in [*ends, len(scope)][depth - 1 :])


def scope_name(path: str) -> str:
    """Return what the frame of a scope is called, as the one who named it wrote it.

    >>> scope_name("encoder/layer1"), scope_name("encoder/d∕dx")
    ('layer1', 'd/dx')
    """
    return path.rpartition("/")[2].replace(SLASH, "/")


def scope_names(path: str) -> set[str]:
    """Return what a scope may be called, as it was written: its own name, or its whole path.

    >>> sorted(scope_names("encoder/layer1"))
    ['encoder/layer1', 'layer1']
    """
    return {scope_name(path), path.replace(SLASH, "/")}


def scope_around(path: str) -> str:
    """Return the scope around a scope; the outermost are in the one without a name.

    >>> scope_around("encoder/layer1"), scope_around("encoder")
    ('encoder', '')
    """
    return path.rpartition("/")[0]


def shared_scope(one: str, other: str) -> str:
    """Return the innermost scope around both.

    >>> shared_scope("encoder/layer1", "encoder/layer2")
    'encoder'
    """
    pairs = zip(scope_paths(one), scope_paths(other), strict=False)
    return next((a for a, b in reversed(list(pairs)) if a == b), "")


def placed(graph: Graph) -> Graph:
    """Return the graph with every node in the scope that it is drawn in.

    A parameter that was made outside of all scopes goes to its users.  What a recorded backward
    pass made goes into a scope of its own; there the gradient of W1 is called ∂L/∂W₁, and of a
    value without a label, by its id.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> y = x * x
    >>> y.label = "y"
    >>> slope = tg.grad(y, x, create_graph=True)
    >>> [(node.scope, node.label) for node in placed(tg.Graph.of(y, slope))][-1]
    ('backward', '∂y/∂x')
    """
    backward = backward_ids(graph)
    scopes = _scopes_of_parameters(graph, backward)
    if not (backward or scopes):
        return graph
    labels = {node.primal: node.primal for node in graph if node.primal}
    labels |= _gradient_labels(graph)
    nodes = []
    for node in graph:
        scope = BACKWARD if node.id in backward else scopes.get(node.id, node.scope)
        label = node.label or labels.get(node.id)
        same = (scope, label) == (node.scope, node.label)
        nodes.append(node if same else node.replaced(scope=scope, label=label))
    return Graph(tuple(nodes), graph.outputs, note=graph.note)


def backward_ids(graph: Graph) -> set[str]:
    """Return the ids of what recorded backward passes made: from the first gradient to the last."""
    places = [place for place, node in enumerate(graph) if node.primal]
    if not places:
        return set()
    return {node.id for node in graph.nodes[places[0] : places[-1] + 1]}


def running_back(graph: Graph) -> set[str]:
    """Return the ids of a backward pass that can be drawn beside the forward pass, running back.

    If anything is computed from its results, it is a part of the forward pass: nothing runs back.
    """
    backward = backward_ids(graph)
    used = any(backward.intersection(n.arguments) for n in graph if n.id not in backward)
    return set() if used else backward


def _scopes_of_parameters(graph: Graph, backward: set[str]) -> dict[str, str]:
    """Return the scope that all users of a parameter share, for those made outside of it."""
    scopes: dict[str, str] = {}
    for node in graph:
        if node.id not in backward:
            for argument in node.arguments:
                leaf = graph[argument]
                if leaf.role == "parameter" and not leaf.scope:
                    scopes[argument] = shared_scope(scopes.get(argument, node.scope), node.scope)
    return {leaf: scope for leaf, scope in scopes.items() if scope}


def _gradient_labels(graph: Graph) -> dict[str, str]:
    """Return names such as ∂L/∂W₁ for the gradients of a recorded backward pass."""
    outputs: dict[str, Node] = {}  # of which output each of them is a gradient
    labels = {}
    for node in graph:
        near = [outputs[argument] for argument in node.arguments if argument in outputs]
        if node.primal:
            of = graph[node.primal]
            if not node.arguments:  # where it starts
                near = [of]
            labels[node.id] = f"∂{_name(near[0]) if near else ''}/∂{_name(of)}"
        if near:
            outputs[node.id] = near[0]
    return labels


def _name(node: Node) -> str:
    return name_in_formula(node.label or node.id)
