"""The built-in drawing: boxes and edges of a graph in their places, made in pure Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.builtin.boxes import FRAME_TITLE, Box, edge_lengths, frame_around
from tinygrad_mlp.drawing.builtin.frames import Titles
from tinygrad_mlp.drawing.builtin.layout import Edge, layout
from tinygrad_mlp.drawing.builtin.loops import loop_route
from tinygrad_mlp.drawing.builtin.painting import Wire, painted
from tinygrad_mlp.drawing.style import DEFAULT, Words
from tinygrad_mlp.drawing.svg import svg_of
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.group import back_of
from tinygrad_mlp.graphs.local import edge_lines
from tinygrad_mlp.graphs.scopes import backward_ids, scope_paths, shared_scope

if TYPE_CHECKING:
    from tinygrad_mlp.drawing.shapes import Canvas, Frame, Point
    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.local import EdgeLines
    from tinygrad_mlp.graphs.node import Node

#: The layout of more nodes takes longer than a few seconds; they are folded.
MAXIMUM_NODES = 6000
#: How far before the next boxes a line turns around.
_TURN = 8.0


def layered_svg(graph: Graph, choices: Style = DEFAULT) -> str:
    """Return an SVG drawing of a graph, made without any other program.

    More than ``MAXIMUM_NODES`` nodes are folded, and the drawing says so.

    >>> import tinygrad_mlp as tg
    >>> layered_svg(tg.Graph.of(tg.Value(2.0) * 3.0))[:4]
    '<svg'
    """
    return svg_of(layered(graph, choices))


def layered(graph: Graph, choices: Style = DEFAULT, lines: EdgeLines | None = None) -> Canvas:
    """Return a drawing of a graph as shapes, which SVG and TikZ are printed from.

    On its edges stand the ``lines``, or else what the choices say.

    >>> import tinygrad_mlp as tg
    >>> layered(tg.Graph.of(tg.Value(2.0) * 3.0)).title
    'Computation graph of 3 nodes'
    """
    graph = fold(graph, max_nodes=MAXIMUM_NODES)
    plan = _Plan(graph, choices, lines)
    plan.add_boxes()
    plan.add_edges()
    frames = plan.arrange()
    return painted(graph, choices, plan.boxes, plan.wires, frames)


class _Plan:
    """The boxes, the edges that the layout knows, and the lines that are drawn.

    A recorded backward pass runs back, beside the forward pass: to the layout its edges are turned
    around.  A line from the forward pass into it passes the op, and turns around behind it.
    """

    def __init__(self, graph: Graph, choices: Style, lines: EdgeLines | None) -> None:
        self.graph = graph
        self.choices = choices
        self.boxes: list[Box] = []
        self.wires: list[Wire] = []
        self._edges: list[Edge] = []
        self._values: dict[str, int] = {}  # places of boxes, by the ids of their nodes
        self._targets: dict[str, int] = {}  # where arguments arrive: the op's, if it has one
        self._labels: dict[tuple[str, int], int] = {}
        self._turns: dict[tuple[str, int], int] = {}  # where lines turn around
        self._ends: dict[str, int] = {}  # and edges back, behind their sources
        self._sources = {source for node in graph for source in back_of(node) if source}
        backward = backward_ids(graph)
        used = any(backward.intersection(n.arguments) for n in graph if n.id not in backward)
        self._backward = set() if used else backward
        local = style.LOCAL in choices.show
        forward = [node for node in graph if local and node.id not in self._backward]
        self._lines, self._named = lines or edge_lines(graph, forward)

    def add_boxes(self) -> None:
        """Add the boxes of all nodes so that every edge leads from an earlier to a later one."""
        nodes = self.graph.nodes
        for node in [n for n in nodes if n.id not in self._backward]:
            self._add_labels(node)
            for place, source in enumerate(back_of(node)):
                if source:
                    self._turns[node.id, place] = self._add_turn(node)
            self._add_box(node)
            if node.id in self._sources:
                self._ends[node.id] = self._add_turn(node)
        for node in [n for n in reversed(nodes) if n.id in self._backward]:
            self._add_box(node)
            self._add_turns(node)

    def _add_labels(self, node: Node) -> None:
        """Add what stands on the edges of a node: in the layout it has places of its own."""
        for place, lines in enumerate(self._lines.get(node.id, ())):
            if lines:
                self._labels[node.id, place] = len(self.boxes)
                words = Words(gradient=lines)
                source = self.graph[node.arguments[place]]
                scope = shared_scope(source.scope, node.scope)
                box = Box(node, words, 0, upright=self.choices.upright, on_edge=True, scope=scope)
                self.boxes.append(box)

    def _add_turns(self, node: Node) -> None:
        """Add places where lines from the forward pass turn around to a node."""
        for place, argument in enumerate(node.arguments):
            if argument not in self._backward:
                self._turns[node.id, place] = self._add_turn(node)

    def _add_turn(self, node: Node) -> int:
        """Add a place where a line turns around, and return its number."""
        self.boxes.append(Box(node, Words(), 0, upright=self.choices.upright, on_edge=True))
        return len(self.boxes) - 1

    def _add_box(self, node: Node) -> None:
        """Add the box of a value and the one of its op."""
        words = style.words(node, self.choices.show, named=node.id in self._named)
        count, first = len(node.arguments), len(self.boxes)
        if self.choices.has_op(node):
            op = Box(node, None, count, upright=self.choices.upright)
            value = Box(node, words, 0, upright=self.choices.upright)
            turned = node.id in self._backward
            self.boxes += [value, op] if turned else [op, value]
            self._values[node.id] = first + (not turned)
            self._targets[node.id] = first + turned
        else:
            self.boxes.append(Box(node, words, count, upright=self.choices.upright))
            self._values[node.id] = self._targets[node.id] = first

    def add_edges(self) -> None:
        """Add the edges of all nodes: from arguments, from the op to its value, to gradients."""
        for node in self.graph:
            value, target = self._values[node.id], self._targets[node.id]
            turned = node.id in self._backward
            marked = self.choices.highlights(node)
            lengths = edge_lengths(self.graph, node)
            for place, argument in enumerate(node.arguments):
                both = marked and self.choices.highlights(self.graph[argument])
                self._add_edge(node, place, lengths[place], marked=both)
            for place, source in enumerate(back_of(node)):
                if source:
                    self._add_loop(node, place, source)
            if value != target:
                ends = (value, target) if turned else (target, value)
                self._connect([Edge(*ends)], Wire(turned=turned, marked=marked))
            if node.primal and turned and node.primal not in self._backward:
                link = Edge(self._values[node.primal], value)
                self._connect([link], Wire(link=True))

    def _add_edge(self, node: Node, place: int, length: int, *, marked: bool) -> None:
        """Add the edge from one argument of a node."""
        argument = self.graph[node.arguments[place]]
        source, target = self._values[argument.id], self._targets[node.id]
        port = self.boxes[target].ports[place]
        if node.id not in self._backward:
            label = self._labels.get((node.id, place))
            edges = [Edge(source, target, port, length)]
            if label is not None:
                edges = [Edge(source, label, 0.0, length), Edge(label, target, port)]
            self._connect(edges, Wire(marked=marked))
        elif argument.id in self._backward:
            self._connect([Edge(target, source)], Wire(turned=True, port=port, marked=marked))
        else:
            turn = self._turns[node.id, place]
            edges = [Edge(source, turn), Edge(target, turn)]
            self._connect(edges, Wire(turned=True, port=port, marked=marked))

    def _add_loop(self, node: Node, place: int, source: str) -> None:
        """Add the edge back from a source that the turn before has made."""
        target, start, end = self._targets[node.id], self._turns[node.id, place], self._ends[source]
        port = self.boxes[target].ports[place]
        if start < end:
            around = [Edge(self._values[source], end), Edge(start, end), Edge(start, target, port)]
            self._connect(around, Wire(loop=True))
        else:  # it stands before its target
            self._connect([Edge(self._values[source], target, port)], Wire(loop=True))

    def _connect(self, edges: list[Edge], wire: Wire) -> None:
        """Add a line that follows one edge of the layout, or two with something between them."""
        wire.edges = range(len(self._edges), len(self._edges) + len(edges))
        self._edges += edges
        self.wires.append(wire)

    def arrange(self) -> list[tuple[str, Frame]]:
        """Give every box its place and every line its corners, and return the frames of scopes."""
        direction, upright = self.choices.direction, self.choices.upright
        sizes = [(b.height, b.width) if upright else (b.width, b.height) for b in self.boxes]
        numbers: dict[str, int] = {}  # of scopes
        groups = [
            tuple(numbers.setdefault(path, len(numbers)) for path in scope_paths(b.scope))
            for b in self.boxes
        ]
        titles = Titles(
            above=0.0 if upright else FRAME_TITLE,
            before=FRAME_TITLE if direction == "TB" else 0.0,
            behind=FRAME_TITLE if direction == "BT" else 0.0,
        )
        places, routes, found = layout(sizes, self._edges, groups, titles)
        length = max(along + size[0] / 2 for (along, _), size in zip(places, sizes, strict=True))

        def turned(point: Point) -> Point:
            along, across = point
            if direction in {"RL", "BT"}:
                along = length - along
            return (across, along) if upright else (along, across)

        for box, point in zip(self.boxes, places, strict=True):
            box.x, box.y = turned(point)
        for wire in self.wires:
            found_routes = [routes[edge] for edge in wire.edges]
            if wire.loop and len(found_routes) > 1:
                route = loop_route(*found_routes)
                wire.turn = len(route) - 1
            elif not wire.turned:
                route = _joined(found_routes)
            else:
                route = _turned_back(found_routes[-1], wire.port)
                if len(found_routes) > 1:
                    *there, (x, _), _ = found_routes[0]
                    corner = x - _TURN, there[-1][1]
                    wire.turn = len(there) + 2
                    route = [*there, corner, corner, *route[2:]]
            wire.route = [turned(point) for point in route]
        frames = []
        for path, number in numbers.items():  # outer frames come first
            left, top, right, bottom = found[number]
            corners = turned((left, top)), turned((right, bottom))
            frames.append((path, frame_around((*corner, *corner) for corner in corners)))
        return frames


def _joined(routes: list[list[Point]]) -> list[Point]:
    """Return the corners of a line that goes straight through the labels on its way."""
    joined = routes[0]
    for route in routes[1:]:
        joined = joined[:-1] + route[1:]
    return joined


def _turned_back(route: list[Point], port: float) -> list[Point]:
    """Return the route from its end to its start, where it arrives at a port."""
    (x, y), (x_after, _), *others = route
    return [*reversed(others), (x_after, y + port), (x, y + port)]
