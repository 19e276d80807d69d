"""What stands in the layers of the built-in layout: boxes, bends of edges, borders of frames."""

from __future__ import annotations

#: The kinds of vertices.
BOX, BEND, TOP, BOTTOM = "box", "bend", "top", "bottom"

BOX_GAP = 18.0
BEND_GAP = 9.0
#: From the border of a frame to what is in it.
FRAME_PADDING = 8.0


class Vertex:
    """One thing in one layer; ``groups`` are the numbers of the frames around it, outermost first.

    A bend is where edges from one box pass a layer, or keeps a place for a frame that has no box
    there.  How much it ``follows``, it should stand in one row with what is before it.  The bottom
    of a frame keeps ``room`` between itself and the middle of what is before it in its layer.
    """

    __slots__ = (
        "after",
        "before",
        "follows",
        "groups",
        "height",
        "kind",
        "layer",
        "rank",
        "room",
        "track",
        "width",
    )

    def __init__(
        self,
        width: float,
        height: float,
        layer: int,
        groups: tuple[int, ...] = (),
        kind: str = BEND,
    ) -> None:
        self.width = width
        self.height = height
        self.layer = layer
        self.groups = groups
        self.kind = kind
        self.follows = 0.0
        self.room = 0.0
        self.rank = 0  # its place in the order of its layer
        self.track = -1  # what moves with it when places are sought
        self.before: list[tuple[Vertex, float]] = []  # neighbours, and the port on the right one
        self.after: list[tuple[Vertex, float]] = []


Layers = list[list[Vertex]]


def distance(one: Vertex, other: Vertex, title: float) -> float:
    """Return how far apart the middles of two neighbours in a layer must be."""
    apart = (one.height + other.height) / 2
    kinds = (one.kind, other.kind)
    if one.kind == TOP or other.kind == BOTTOM:
        apart += FRAME_PADDING + (title if one.kind == TOP else 0.0)
    elif kinds == (BEND, BEND):
        apart += BEND_GAP
    elif BOX in kinds:
        apart += BOX_GAP if BEND not in kinds else BEND_GAP + 3.0
    else:
        apart += BEND_GAP
    return max(apart, other.room) if one.kind in (BOX, BEND) else apart


def renumber(layer: list[Vertex]) -> None:
    """Give every vertex of a layer its place in it."""
    for rank, vertex in enumerate(layer):
        vertex.rank = rank
