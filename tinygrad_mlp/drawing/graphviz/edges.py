"""The edges of a graph in DOT: from arguments to ops and results, and what stands on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.graphviz.labels import edge_label, tooltip
from tinygrad_mlp.graphs.group import back_of
from tinygrad_mlp.graphs.local import edge_lines
from tinygrad_mlp.graphs.scopes import running_back, shared_scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node

#: The sides where edges leave and arrive, as Graphviz names sides.
SIDES = {"LR": ("e", "w"), "RL": ("w", "e"), "TB": ("s", "n"), "BT": ("n", "s")}
#: The direction of a backward pass beside a forward pass.
OPPOSITE = {"LR": "RL", "RL": "LR", "TB": "BT", "BT": "TB"}
#: After a colour: so much of it is seen.
_PALE = "99"


class Edges:
    """The edges of a graph.

    What stands on an edge is a node, with a piece of the edge as a line in it: so Graphviz keeps
    everything else off the text.

    Attributes
    ----------
    backward : set of str
        The ids of the nodes that run back.
    named : set of str
        The ids of the nodes that texts on edges speak of.
    """

    def __init__(self, graph: Graph, choices: Style) -> None:
        self.backward = running_back(graph)
        local = style.LOCAL in choices.show
        forward = [node for node in graph if local and node.id not in self.backward]
        self._lines, self.named = edge_lines(graph, forward, choices.digits)
        self._graph = graph
        self._choices = choices

    def labels(self, node: Node) -> Iterator[tuple[str, str, str, str]]:
        """Yield the boxes of what stands on the edges to a node: scope, name, label, tooltip."""
        for place, argument in enumerate(node.arguments):
            if self._has_label(node, place):
                source = self._graph[argument]
                lines, marked = self._lines[node.id][place], self._marked(source, node)
                label = edge_label(lines, self._choices, marked=marked)
                scope = shared_scope(source.scope, node.scope)
                yield scope, _label_id(node, place), label, _between(source, node)

    def _has_label(self, node: Node, place: int) -> bool:
        return bool(self._lines.get(node.id)) and bool(self._lines[node.id][place])

    def ends(self, node: Node) -> Iterator[tuple[str, str]]:
        """Yield from which box to which the edges of a node lead, in the direction of the drawing.

        What runs back is drawn from its result to its arguments; those of the forward pass do not
        count.
        """
        if node.id in self.backward:
            if self._choices.has_op(node):
                yield node.id, f"{node.id}_op"
            for argument in self.backward.intersection(node.arguments):
                yield f"{node.id}_op" if self._choices.has_op(node) else node.id, argument
            return
        target = node.id
        if self._choices.has_op(node):
            target = f"{node.id}_op"
            yield target, node.id
        for place, argument in enumerate(node.arguments):
            if self._has_label(node, place):
                label = _label_id(node, place)
                yield argument, label
                yield label, target
            else:
                yield argument, target

    def of(self, node: Node) -> Iterator[str]:
        """Yield the edges that arrive at a node: at its op, from its op, and from its primal."""
        for place, argument in enumerate(node.arguments):
            source = self._graph[argument]
            if node.id not in self.backward:
                yield from self._forward(source, node, place)
            elif argument in self.backward:
                yield _edge(
                    self._port(node, place), argument, [*self._look(source, node), "dir=back"]
                )
            else:
                yield self._pale(source, node)
        if self._choices.has_op(node):
            ends, back = (f"{node.id}_op", node.id), list[str]()
            if node.id in self.backward:
                ends, back = (node.id, f"{node.id}_op"), ["dir=back"]
            hover = tooltip(f"{style.symbol(node)} → {node.label or node.id}")
            yield _edge(*ends, [hover, *self._stressed(node, node), "weight=12", *back])
        if node.primal and node.id in self.backward:
            yield self._link(self._graph[node.primal], node)

    def loops(self) -> Iterator[str]:
        """Yield the edges back of loops, around the boxes between their ends.

        To Graphviz each runs forward, from where it arrives, so that no box changes its place.
        """
        places = {node.id: place for place, node in enumerate(self._graph)}
        leaves, arrives = SIDES[self._choices.direction]
        for node in self._graph:
            for place, source in enumerate(back_of(node)):
                if source is None:
                    continue
                port = self._port(node, place)
                ends = f"{source}:{leaves}", port if port.count(":") else f"{port}:{arrives}"
                hover = tooltip(f"{_between(self._graph[source], node)}, from the turn before")
                look = [hover, 'class="loop"', "style=dashed", "penwidth=1.6", "weight=0"]
                if places[node.id] <= places[source]:
                    ends, look = (ends[1], ends[0]), [*look, "dir=back"]
                yield _edge(*ends, look)

    def _forward(self, source: Node, node: Node, place: int) -> Iterator[str]:
        """Yield the edge from an argument, or the one to what stands on it and the one behind."""
        target, look = self._port(node, place), self._look(source, node)
        if not self._has_label(node, place):
            yield _edge(source.id, target, look)
            return
        label = f"{_label_id(node, place)}:line"
        leaving, arriving = SIDES[self._choices.direction]
        yield _edge(source.id, f"{label}:{arriving}", [*look, "arrowhead=none"])
        yield _edge(f"{label}:{leaving}", target, look)

    def _port(self, node: Node, place: int) -> str:
        """Return where an argument arrives at a node."""
        if not self._choices.has_op(node):
            return node.id
        if len(node.arguments) == 1:
            return f"{node.id}_op"
        direction = self._choices.direction
        turned = OPPOSITE[direction] if node.id in self.backward else direction
        return f"{node.id}_op:a{place}:{SIDES[turned][1]}"

    def _look(self, source: Node, node: Node) -> list[str]:
        """Return the attributes of an edge from an argument."""
        # What was computed is nearer than what was given, and a line to it is straighter.
        weight = ["weight=6"] if source.arguments or len(node.arguments) == 1 else []
        return [tooltip(_between(source, node)), *self._stressed(source, node), *weight]

    def _pale(self, source: Node, node: Node) -> str:
        """Return what brings a value to the backward pass, from whichever side is the nearest."""
        look = self._stressed(source, node) or [f'color="{self._choices.theme.edge}{_PALE}"']
        sides = "constraint=false tailport=_ headport=_"
        target = f"{node.id}_op" if self._choices.has_op(node) else node.id
        return _edge(source.id, target, [tooltip(_between(source, node)), *look, sides])

    def _link(self, value: Node, gradient: Node) -> str:
        """Return the line between a value and its recorded gradient, which stand face to face."""
        ink = self._choices.theme.gradient_ink
        attributes = (
            f'style=dashed arrowhead=none minlen=0 weight=60 tailport=_ headport=_ color="{ink}"'
        )
        hover = tooltip(f"{value.label or value.id}, {gradient.label or gradient.id}")
        return _edge(value.id, gradient.id, [hover, attributes])

    def _marked(self, source: Node, node: Node) -> bool:
        return self._choices.highlights(source) and self._choices.highlights(node)

    def _stressed(self, source: Node, node: Node) -> list[str]:
        marked = self._marked(source, node)
        return [f'color="{self._choices.theme.highlight}"', "penwidth=2.5"] if marked else []


def _between(source: Node, node: Node) -> str:
    """Return what an edge says of itself when one points at it."""
    return f"{source.label or source.id} → {style.symbol(node) or node.label or node.id}"


def _label_id(node: Node, place: int) -> str:
    return f"{node.id}_d{place}"


def _edge(source: str, target: str, attributes: list[str]) -> str:
    return f"\t{source} -> {target} [{' '.join(attributes)}]\n"
