"""Whether a drawing should run to the right or down, guessed without laying anything out."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing.sheet import USUAL

if TYPE_CHECKING:
    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.graphs.graph import Graph

#: About the size of a box and its operation, with the room around them: from left to right, and
#: from top to bottom.
_WIDE, _TALL = (270.0, 85.0), (170.0, 150.0)
#: How much larger it must become from top to bottom.
_WORTH = 1.1


def direction_for(graph: Graph, choices: Style) -> str:
    """Return ``"LR"``, or ``"TB"`` where so the graph would be larger on its page.

    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.drawing.style import checked
    >>> y = tg.Value(1.0)
    >>> for _ in range(9):
    ...     y = tg.tanh(y)
    >>> direction_for(tg.Graph.of(y), checked(page="column"))
    'TB'
    """
    sheet = choices.sheet or USUAL
    depths: dict[str, int] = {}
    for node in graph:
        depths[node.id] = max((depths[argument] + 1 for argument in node.arguments), default=0)
    length = len(set(depths.values()))
    breadth = max(Counter(depths.values()).values(), default=0)
    wide = sheet.scale(_WIDE[0] * length, _WIDE[1] * breadth)
    tall = sheet.scale(_TALL[0] * breadth, _TALL[1] * length)
    return "TB" if tall > wide * _WORTH else "LR"


def size_of(choices: Style) -> str:
    """Return the attribute of Graphviz that makes a drawing fit the page that was asked for.

    >>> from tinygrad_mlp.drawing.style import checked
    >>> size_of(checked(page="slide")), size_of(checked())
    (' size="13.33,7.5"', '')
    """
    if choices.sheet is None:
        return ""
    inches = (side / 96 if side < math.inf else 1000.0 for side in choices.sheet[:2])
    return f' size="{",".join(f"{side:.4g}" for side in inches)}"'
