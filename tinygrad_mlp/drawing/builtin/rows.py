"""Rows below each other, as lines of a text: where layers are cut, what passes there goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tinygrad_mlp.drawing.builtin.frames import spans_of
from tinygrad_mlp.drawing.builtin.vertex import BOX, Vertex, renumber

if TYPE_CHECKING:
    from tinygrad_mlp.drawing.builtin.frames import Span
    from tinygrad_mlp.drawing.builtin.vertex import Layers


class Rows(NamedTuple):
    """A sorted graph, in one row or in several.

    Attributes
    ----------
    layers : list of Layers
        Of each row.  A row that goes on in the next one ends with a layer of exits, and the next
        begins with one of entries, in the same order.
    boxes : list of Vertex
        In the order of the boxes that were given.
    trunks : list of lists of Vertex
        The bends behind each box, one in each layer that an edge of it passes.
    numbers : list of int
        The layer of each box, counted through all rows.
    """

    layers: list[Layers]
    boxes: list[Vertex]
    trunks: list[list[Vertex]]
    numbers: list[int]


def wrapped(whole: Rows, breaks: list[int]) -> Rows:
    """Return copies of one row, cut before each of the layers whose numbers are in ``breaks``.

    A leaf at the end of a row goes along to its only use.
    """
    (layers,) = whole.layers
    starts, ends = [0, *breaks], [*breaks, len(layers)]
    copies: dict[Vertex, Vertex] = {}
    rows = []
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        rows.append(_copied(layers[start:end], copies, start - (row > 0)))
    gates: dict[Vertex, list[Vertex]] = {}  # exit and entry of what passes the end of a row
    cut = {end - 1 for end in breaks}
    moved = {leaf for number in cut for leaf in _leaves(layers[number])}
    for layer in layers:
        for vertex in layer:
            if vertex.after and vertex.layer in cut and vertex not in moved:
                gates[vertex] = _gate(copies, vertex)
            else:
                for other, port in vertex.after:
                    _link(copies[vertex], copies[other], port)
    for end, left, right in zip(breaks, rows, rows[1:], strict=False):
        last = layers[end - 1]
        stays = [copies[vertex] for vertex in last if vertex not in moved]
        left[-1] = [vertex for vertex in left[-1] if vertex in stays]
        left.append([gates[vertex][0] for vertex in last if vertex in gates])
        entries = [
            gates[v][1] if v in gates else copies[v] for v in last if v in gates or v in moved
        ]
        right.insert(0, entries)
    for row_layers in rows:
        for number, layer in enumerate(row_layers):
            renumber(layer)
            for vertex in layer:
                vertex.layer = number
    return Rows(
        rows,
        [copies[box] for box in whole.boxes],
        [_trunk(box, whole.trunks[n], copies, gates) for n, box in enumerate(whole.boxes)],
        [
            number + 2 * sum(at <= number + (box in moved) for at in breaks)
            for number, box in zip(whole.numbers, whole.boxes, strict=True)
        ],
    )


def _leaves(layer: list[Vertex]) -> list[Vertex]:
    """Return the leaves, in no frame, that can leave a layer for the row of their only use."""
    leaves = [
        v for v in layer if v.kind == BOX and not (v.before or v.groups) and len(v.after) == 1
    ]
    return leaves if len(leaves) < len(layer) else []


def _copied(layers: Layers, copies: dict[Vertex, Vertex], first: int) -> Layers:
    """Return copies of the layers of a row, without what keeps a place for a frame from outside."""
    for layer in layers:
        for vertex in layer:
            copy = Vertex(
                vertex.width, vertex.height, vertex.layer - first, vertex.groups, vertex.kind
            )
            copies[vertex] = copy
    spans = spans_of([copies[v] for layer in layers for v in layer if v.kind == BOX])
    for layer in layers:
        for vertex in layer:
            copies[vertex].groups = _reaching(copies[vertex], spans)
    return [
        [copies[v] for v in layer if v.kind == BOX or v.after or copies[v].groups]
        for layer in layers
    ]


def _reaching(vertex: Vertex, spans: dict[int, Span]) -> tuple[int, ...]:
    """Return the frames around a vertex that have a box on both sides of it in its row."""
    length = 0
    for group in vertex.groups:
        if group not in spans or not spans[group].reaches(vertex.layer):
            break
        length += 1
    return vertex.groups[:length]


def _link(one: Vertex, other: Vertex, port: float) -> None:
    one.after.append((other, port))
    other.before.append((one, port))


def _gate(copies: dict[Vertex, Vertex], vertex: Vertex) -> list[Vertex]:
    """Return the exit and the entry of what follows a vertex in the next row."""
    exit_, entry = Vertex(0.0, 0.0, 0), Vertex(0.0, 0.0, 0)
    _link(copies[vertex], exit_, 0.0)
    for other, port in vertex.after:
        _link(entry, copies[other], port)
    return [exit_, entry]


def _trunk(
    box: Vertex,
    bends: list[Vertex],
    copies: dict[Vertex, Vertex],
    gates: dict[Vertex, list[Vertex]],
) -> list[Vertex]:
    """Return the bends behind a box, and where they leave a row and enter the next."""
    trunk = list(gates.get(box, ()))
    for bend in bends:
        trunk += [copies[bend], *gates.get(bend, ())]
    return trunk
