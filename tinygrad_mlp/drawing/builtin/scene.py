"""The built-in drawing: boxes and edges of a graph in their places, made in pure Python."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.builtin.boxes import (
    FRAME_TITLE,
    LINE_HEIGHT,
    LONGEST_NAME,
    Box,
    edge_lengths,
    frame_around,
)
from tinygrad_mlp.drawing.builtin.frames import Titles
from tinygrad_mlp.drawing.builtin.layering import Edge
from tinygrad_mlp.drawing.builtin.layout import Sorted
from tinygrad_mlp.drawing.builtin.wires import Wire, route_of
from tinygrad_mlp.drawing.keys import legend_shapes
from tinygrad_mlp.drawing.style import LETTER_WIDTH, TEXT_SIZE, Words, text_width
from tinygrad_mlp.graphs.group import back_of
from tinygrad_mlp.graphs.local import edge_lines
from tinygrad_mlp.graphs.scopes import running_back, scope_name, scope_paths, shared_scope

if TYPE_CHECKING:
    from tinygrad_mlp.drawing.builtin.routes import Layout
    from tinygrad_mlp.drawing.shapes import Frame, Point, Shape
    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node

_MARGIN = 12.0
_NOTE_HEIGHT = 8.0  # and its lines
#: The note and the legend may be as wide, where the page has room.
_BELOW = 420.0


class Scene:
    """The boxes, the edges that the layout knows, and the lines that are drawn.

    Boxes have no places until there is a layout that they ``follow``.  A scene of the same graph
    in another direction has its order from the one that it is ``like``.

    A recorded backward pass runs back, beside the forward pass: to the layout its edges are turned
    around.  A line from the forward pass into it passes the op, and turns around behind it.
    """

    def __init__(self, graph: Graph, choices: Style, like: Scene | None = None) -> None:
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
        self._backward = running_back(graph)
        local = style.LOCAL in choices.show
        forward = [node for node in graph if local and node.id not in self._backward]
        self._lines, self._named = choices.lines or edge_lines(graph, forward, choices.digits)
        self.frames: list[tuple[str, Frame]] = []
        self.body: Frame = (0.0, 0.0, 0.0, 0.0)  # around all boxes, lines and frames
        self._numbers: dict[str, int] = {}  # of scopes
        self._add_boxes()
        self._add_edges()
        self.sorted: Sorted = self._sort(like.sorted.orders if like else None)

    def _add_boxes(self) -> None:
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
        words = self.choices.words(node, named=node.id in self._named)
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

    def _add_edges(self) -> None:
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
                self._connect([Edge(*ends, close=1.0)], Wire(turned=turned, marked=marked))
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
            lane = Edge(start, end, close=math.inf)
            around = [Edge(self._values[source], end), lane, Edge(start, target, port)]
            self._connect(around, Wire(loop=True))
        else:  # it stands before its target
            straight = Edge(self._values[source], target, port, close=math.inf)
            self._connect([straight], Wire(loop=True))

    def _connect(self, edges: list[Edge], wire: Wire) -> None:
        """Add a line that follows one edge of the layout, or two with something between them."""
        wire.edges = range(len(self._edges), len(self._edges) + len(edges))
        self._edges += edges
        self.wires.append(wire)

    def _sort(self, orders: list[list[int]] | None) -> Sorted:
        """Return the boxes and edges in layers and in order."""
        direction, upright = self.choices.direction, self.choices.upright
        sizes = [(b.height, b.width) if upright else (b.width, b.height) for b in self.boxes]
        numbers = self._numbers
        groups = [
            tuple(numbers.setdefault(path, len(numbers)) for path in scope_paths(b.scope))
            for b in self.boxes
        ]
        titles = Titles(
            above=0.0 if upright else FRAME_TITLE,
            before=FRAME_TITLE if direction == "TB" else 0.0,
            behind=FRAME_TITLE if direction == "BT" else 0.0,
            lengths=self._name_lengths() if upright else {},
        )
        return Sorted(sizes, self._edges, groups, titles, orders)

    def _name_lengths(self) -> dict[int, float]:
        """Return how long the names of frames are, with room on both sides."""
        names = {
            number: style.readable(scope_name(path), LONGEST_NAME)
            for path, number in self._numbers.items()
        }
        return {number: text_width(name) + _MARGIN for number, name in names.items()}

    @property
    def runs_back(self) -> bool:
        """Whether a recorded backward pass runs against the direction."""
        return bool(self._backward)

    @property
    def page(self) -> Frame:
        """What is to be seen: the body, and below it the note and the legend."""
        left, top, right, bottom = self.body
        notes = self.notes
        if notes:
            widest = max(map(text_width, notes))
            right, bottom = max(right, left + widest + 2 * _MARGIN), bottom + _note_height(notes)
        if self.choices.keys:
            _, frame = self.legend
            right, bottom = max(right, frame[2] + _MARGIN), frame[3] + _MARGIN / 2
        return left, top, right, bottom

    @property
    def notes(self) -> list[str]:
        """The note of the graph, in lines as long as there is room for."""
        letters = self._room / (LETTER_WIDTH * TEXT_SIZE)
        return textwrap.wrap(self.graph.note, max(1, int(letters)))

    @property
    def legend(self) -> tuple[list[Shape], Frame]:
        """What tells the meaning of colours, and the frame around it."""
        left, _, _, bottom = self.body
        top = bottom + _note_height(self.notes)
        return legend_shapes(self.choices, left + _MARGIN, top, self._room)

    @property
    def _room(self) -> float:
        """How long lines below the body may be."""
        left, _, right, _ = self.body
        least = _BELOW if self.choices.sheet is None else min(_BELOW, self.choices.sheet.width)
        return max(right - left, least) - 2 * _MARGIN

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page."""
        left, top, right, bottom = self.page
        return right - left, bottom - top

    def follow(self, layout: Layout) -> None:
        """Give every box its place, every line its corners, and every scope its frames."""
        direction, upright = self.choices.direction, self.choices.upright
        along = [b.height if upright else b.width for b in self.boxes]
        ends = [x + length / 2 for (x, _), length in zip(layout.places, along, strict=True)]
        length = max(ends, default=0.0)

        def turned(point: Point) -> Point:
            along, across = point
            if direction in {"RL", "BT"}:
                along = length - along
            return (across, along) if upright else (along, across)

        for box, point in zip(self.boxes, layout.places, strict=True):
            box.x, box.y = turned(point)
        for wire in self.wires:
            wire.route = [turned(point) for point in route_of(wire, layout.routes)]
        self.frames = []
        for path, number in self._numbers.items():  # outer frames come first
            for left, top, right, bottom in layout.frames.get(number, ()):
                corners = turned((left, top)), turned((right, bottom))
                self.frames.append((path, frame_around((*corner, *corner) for corner in corners)))
        around = [*(box.frame for box in self.boxes), *(frame for _, frame in self.frames)]
        around += [(x, y, x, y) for wire in self.wires for x, y in wire.route]
        self.body = frame_around(around, _MARGIN)


def _note_height(notes: list[str]) -> float:
    return _NOTE_HEIGHT + LINE_HEIGHT * len(notes) if notes else 0.0
