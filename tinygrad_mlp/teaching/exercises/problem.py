"""A recorded graph with other numbers in its leaves: every value, derivative and gradient of it."""

from __future__ import annotations

from contextvars import Context
from itertools import count, islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp.core.backward import share_of
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.local import local_derivative
from tinygrad_mlp.teaching.edges import passed
from tinygrad_mlp.teaching.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tinygrad_mlp.graphs.node import Node
    from tinygrad_mlp.kernels import Array


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Quantity(NamedTuple):
    """What can be asked: a value, a local derivative, or a gradient.

    Attributes
    ----------
    kind : str
        ``"forward"``, ``"local"`` or ``"gradient"``.
    node : str
        Id of the node: for a local derivative of the result that is differentiated.
    place : int
        By which argument it is differentiated; else 0.
    """

    kind: str
    node: str
    place: int = 0


class Problem:
    """A graph whose results all have names, and its quantities.

    Attributes
    ----------
    output : Value
        What is differentiated.
    graph : Graph
        Of the output; its nodes have labels, all different, but for constants that are one number.
    numbers : dict of Quantity to array
        All values; the local derivatives between scalars; the gradients of all that a backward
        pass reaches.
    uses : dict of str to list of pairs
        For each node that gets a gradient the users that give it a share, and the places where
        these use it, in the order of the loop.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> problem = Problem(tg.square(x) * x)
    >>> problem.numbers[Quantity("gradient", "v0")], problem.uses["v0"]
    (np.float64(27.0), [('v2', 1), ('v1', 0)])
    """

    def __init__(self, output: Value) -> None:
        self.output = output
        self.graph = graph = with_named_constants(Graph.of(output))
        self.words = Words(graph)
        self._values = values = graph.values()
        gradients, edges = passed(graph, output, list(values.values()))
        self.uses: dict[str, list[tuple[str, int]]] = {}
        for edge in edges:
            use = graph.id_of(edge.user), edge.place
            self.uses.setdefault(graph.id_of(edge.argument), []).append(use)
        self.numbers: dict[Quantity, Array] = {
            Quantity("forward", node.id): node.value for node in graph
        }
        for id_, uses in self.uses.items():
            for user, place in uses:
                node, arguments = graph[user], self._arguments(user)
                if not any(x.shape for x in (node, *arguments)):
                    local = local_derivative(node, arguments, place)
                    self.numbers[Quantity("local", user, place)] = local
            gradient = dict(zip(values, gradients, strict=True))[id_]
            self.numbers[Quantity("gradient", id_)] = gradient
        seed = np.ones_like(output.numpy())[()]
        self.numbers[Quantity("gradient", graph.outputs[0])] = seed

    def _arguments(self, id: str) -> list[Node]:  # noqa: A002  the name of Node's field
        return [self.graph[x] for x in self.graph[id].arguments]

    def sign(self, quantity: Quantity) -> str:
        """Return the sign of a quantity in letters, such as ``∂L/∂w``."""
        which = self._which(quantity)
        raised = f"⁽{str(which).translate(_RAISED)}⁾" if which else ""
        sign = self._said(quantity, self.words.name, self.words.partial) + raised
        return f"{sign} (on the arrow)" if self._looks_like_gradient(quantity) else sign

    def sign_latex(self, quantity: Quantity) -> str:
        """Return the sign of a quantity in LaTeX, for which it needs the package amsmath."""
        words, which = self.words, self._which(quantity)
        sign = self._said(quantity, lambda id_: words.latex(id_).text, words.partial_latex)
        sign += f"^{{({which})}}" if which else ""
        return rf"{sign}\text{{ (on the arrow)}}" if self._looks_like_gradient(quantity) else sign

    def _looks_like_gradient(self, quantity: Quantity) -> bool:
        """Return whether it is a local derivative of the output itself."""
        return quantity.kind == "local" and quantity.node == self.graph.outputs[0]

    def _which(self, quantity: Quantity) -> int | None:
        """Return by which argument it is differentiated, if one value is several of them."""
        arguments = self.graph[quantity.node].arguments
        is_local = quantity.kind == "local"
        several = is_local and arguments.count(arguments[quantity.place]) > 1
        return quantity.place + 1 if several else None

    def _said(self, quantity: Quantity, name: Any, partial: Any) -> str:
        kind, id_, place = quantity
        if kind == "forward":
            return str(name(id_))
        if kind == "gradient":
            return str(partial(self.graph.outputs[0], id_))
        return str(partial(id_, self.graph[id_].arguments[place]))

    # ----- One step from what is known -----

    def step(self, quantity: Quantity, known: Mapping[Quantity, Array]) -> Array:
        """Return a quantity, computed by one step from other numbers.

        Parameters
        ----------
        quantity : Quantity
            A result, a local derivative, or a gradient; not a leaf.
        known : mapping of Quantity to array
            What it is computed from, right or wrong.

        Examples
        --------
        >>> import tinygrad_mlp as tg
        >>> x = tg.Value(3.0, label="x")
        >>> problem = Problem(tg.square(x))
        >>> wrong = {**problem.numbers, Quantity("local", "v1"): 5.0}
        >>> problem.step(Quantity("gradient", "v0"), wrong)
        np.float64(5.0)
        """
        kind, id_, place = quantity
        with np.errstate(all="ignore"):
            if kind == "gradient":
                shares = [self.share(use, known) for use in self.uses.get(id_, [])]
                return sum(shares[1:], start=shares[0])
            node, arguments = self.graph[id_], self._arguments(id_)
            inputs = [known[Quantity("forward", x.id)] for x in arguments]
            if kind == "forward":
                return Context().run(node.row, *inputs, **node.options)
            replaced = [x.replaced(value=value) for x, value in zip(arguments, inputs, strict=True)]
            value = known[Quantity("forward", id_)]
            return local_derivative(node.replaced(value=value), replaced, place)

    def share(self, use: tuple[str, int], known: Mapping[Quantity, Array]) -> Array:
        """Return what one user gives to the gradient of an argument."""
        id_, place = use
        upstream = known[Quantity("gradient", id_)]
        local = known.get(Quantity("local", id_, place))
        if local is not None:
            return np.multiply(upstream, local)
        user = self._values[id_]
        rule = next(islice(user.op.vjps, place, None))
        inputs = [known[Quantity("forward", x)] for x in self.graph[id_].arguments]
        told = (upstream, known[Quantity("forward", id_)], *inputs)
        seen = user.inputs[place]
        return share_of(user, user.args[place], seen, rule, told, user.op.selects)

    def before(self, quantity: Quantity) -> list[Quantity]:
        """Return what a quantity is computed from, by one step.

        >>> import tinygrad_mlp as tg
        >>> problem = Problem(tg.square(tg.Value(3.0)))
        >>> [found.kind for found in problem.before(Quantity("gradient", "v0"))]
        ['gradient', 'local']
        """
        kind, id_, _ = quantity
        if kind != "gradient":
            found = [Quantity("forward", x) for x in self.graph[id_].arguments]
            return found if kind == "forward" else [*found, Quantity("forward", id_)]
        found = []
        for user, place in self.uses.get(id_, []):
            found.append(Quantity("gradient", user))
            local = Quantity("local", user, place)
            if local in self.numbers:
                found.append(local)
            else:
                found += self.before(Quantity("local", user, place))
        return found


# ----- Other numbers in the leaves -----


def with_numbers(graph: Graph, numbers: Mapping[str, Array]) -> Value:
    """Return the output of a graph, computed anew from other numbers of some leaves.

    Everything but constants gets a label: its own, or a new one; no two are the same.

    >>> import tinygrad_mlp as tg
    >>> graph = Graph.of(tg.Value(3.0, label="x") * 2.0 + 1.0)
    >>> output = with_numbers(graph, {"v0": np.float64(5.0)})
    >>> output, output.args[0]
    (Value(11.0, label='L', op='add'), Value(10.0, label='a', op='multiply'))
    """
    return Context().run(_computed, graph, numbers)


def _computed(graph: Graph, numbers: Mapping[str, Array]) -> Value:
    made: dict[str, Any] = {}
    names = names_of(graph)
    for node in graph:
        if node.role == "constant":
            made[node.id] = float(node.value) if node.weak else node.value
        elif node.row is None:
            made[node.id] = Value(numbers.get(node.id, node.value))
        else:
            with np.errstate(all="ignore"):
                arguments = [made[x] for x in node.arguments]
                made[node.id] = node.row(*arguments, **node.options)
        if node.id in names:
            made[node.id].label = names[node.id]
    output: Value = made[graph.outputs[0]]
    return output


def with_named_constants(graph: Graph) -> Graph:
    """Return the graph with labels for its constant arrays: a text refers to them.

    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value([1.0, 2.0], label="a")
    >>> [node.label for node in with_named_constants(Graph.of(x * np.ones(2)))]
    ['a', 'b', None]
    """
    taken = {_label(node) for node in graph} | {"g"}
    free = _free(taken)
    nodes = (
        node.replaced(label=next(free)) if node.role == "constant" and node.shape else node
        for node in graph
    )
    return graph.with_nodes(nodes)


def names_of(graph: Graph) -> dict[str, str]:
    """Return a name for each node but constants: its label, or the next letter that is free.

    A letter that labels begin with is not, for beside b1 a result called b looks like its kin.

    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> names_of(Graph.of(tg.exp(x) * tg.Value(2.0)))
    {'v0': 'x', 'v1': 'a', 'v2': 'b', 'v3': 'L'}
    >>> names_of(Graph.of(tg.exp(tg.Value(3.0, label="a1")) * x))
    {'v0': 'x', 'v1': 'a1', 'v2': 'b', 'v3': 'L'}
    >>> names_of(Graph.of(tg.exp(tg.Value(3.0, label="a[0,1]")) * x))
    {'v0': 'x', 'v1': 'a[0,1]', 'v2': 'b', 'v3': 'L'}
    """
    nodes = [node for node in graph if node.role != "constant"]
    labels = [_label(node) for node in nodes]
    taken = {*labels, "g"}
    free = _free(taken)
    names: dict[str, str] = {}
    for node, label in zip(nodes, labels, strict=True):
        is_output = node.id == graph.outputs[0]
        if not label:
            label = "L" if is_output and "L" not in taken else next(free)
        number = 2
        while label in names.values():
            name = f"{label.rstrip('0123456789')}{number}"
            label, number = (label if name in taken else name), number + 1
        names[node.id] = label
    return names


def _label(node: Node) -> str:
    # What stands for a blank in a drawing stands in no label.
    return (node.label or "").replace("▢", "□").strip()


def _free(taken: set[str]) -> Iterator[str]:
    """Yield short names without end: none that is taken, and no b beside b1 or b[0,1].

    e, l, o and L are left out, which are read as something else.
    """
    near = taken | {label.rstrip("0123456789_[], ").lower() for label in taken}
    for number in count():
        names = (f"{letter}{number or ''}" for letter in "abcdfhkmnpqrstuvwyz")
        yield from (name for name in names if name not in near)
