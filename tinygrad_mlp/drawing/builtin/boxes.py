"""The rectangles of the built-in drawing: how large they are, and the frames around scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.style import text_width
from tinygrad_mlp.graphs.group import Rolled
from tinygrad_mlp.graphs.scopes import scope_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinygrad_mlp.drawing.shapes import Frame
    from tinygrad_mlp.drawing.style import Words
    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node

TITLE_HEIGHT = 21.0
LINE_HEIGHT = 14.0
#: Room above the members of a scope for its name.
FRAME_TITLE = 18.0
#: Letters of it that are shown at most where lines come in from above or below.
LONGEST_NAME = 20

_PADDING = 7.0
_LEAST_WIDTH = 36.0
#: Letters of a scope's name that any frame of it has room for.
_SHORT_NAME = 12
_OP_HEIGHT = 26.0
_PORT_DISTANCE = 10.0
EDGE_DISTANCE = 4.0


class Box:
    """The rectangle of a value; of an op, where ``words`` is None; or of what is ``on_edge``.

    x and y are its middle.
    """

    __slots__ = ("height", "node", "on_edge", "ports", "scope", "width", "words", "x", "y")

    def __init__(
        self,
        node: Node,
        words: Words | None,
        arguments: int,
        *,
        upright: bool,
        on_edge: bool = False,
        scope: str | None = None,
    ) -> None:
        self.node = node
        self.scope = node.scope if scope is None else scope
        self.on_edge = on_edge
        self.words = words
        self.x = self.y = 0.0
        if words is None:
            self.width = max(_OP_HEIGHT, text_width(style.symbol(node)) + 2 * _PADDING)
            self.height = _OP_HEIGHT
        else:
            widths = [text_width(x, style.NUMBER_SIZE) for row in words.rows for x in row.lines]
            widths.append(text_width(words.title_text))
            self.width = max(_LEAST_WIDTH, max(widths) + 2 * _PADDING)
            if not on_edge:  # so that the frame around this alone has room for a name
                name = text_width(style.readable(scope_name(self.scope), _SHORT_NAME))
                self.width = max(self.width, name - _PADDING)
            self.height = TITLE_HEIGHT if words.title else 0.0
            self.height += sum(row_height(row.lines) for row in words.rows)
            if on_edge:  # half of the lines stand above the edge
                pairs = (len(words.gradient) + 1) // 2
                self.height = 2 * (LINE_HEIGHT * pairs + EDGE_DISTANCE)
                if upright:  # all of them stand to the right of it
                    self.width = 2 * (max(widths) + EDGE_DISTANCE)
        if node.role == "group":  # its arguments have no order
            self.ports = [0.0] * arguments
            return
        room = _PORT_DISTANCE * (arguments + 1)
        if upright:
            length = self.width = max(self.width, room)
        else:
            length = self.height = max(self.height, room)
        # Where arguments arrive, in their order, measured from the middle.
        self.ports = [length * ((place + 1) / (arguments + 1) - 0.5) for place in range(arguments)]

    @property
    def frame(self) -> Frame:
        """Left, top, right and bottom."""
        half_width, half_height = self.width / 2, self.height / 2
        return self.x - half_width, self.y - half_height, self.x + half_width, self.y + half_height


def row_height(lines: Sequence[str]) -> float:
    """Return the height of a row of one or more lines."""
    return LINE_HEIGHT * len(lines) + _PADDING


def frame_around(frames: Iterable[Frame], padding: float = 0.0) -> Frame:
    """Return the frame around frames, with room on all sides."""
    left, top, right, bottom = zip(*frames, strict=True)
    return min(left) - padding, min(top) - padding, max(right) + padding, max(bottom) + padding


# ----- Scopes -----


def edge_lengths(graph: Graph, target: Node) -> list[int]:
    """Return for each argument 2 where its edge needs a layer for the borders of scopes, or else 1.

    So what goes into a scope does not stand between its members, and what leaves one does not
    stand between the members of the next.  What all turns of a loop share stands above or below it.
    """
    sources = [graph[argument] for argument in target.arguments]
    within = any(_is_inside(source, target.scope) for source in sources)
    within = within and not isinstance(target, Rolled)
    return [
        2
        if not _is_inside(target, source.scope) or (within and source.scope != target.scope)
        else 1
        for source in sources
    ]


def _is_inside(node: Node, scope: str) -> bool:
    return not scope or f"{node.scope}/".startswith(f"{scope}/")
