"""The look that every drawing of a graph shares: its words, its colours, its sizes of letters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.drawing.heat import class_of, gradient_size
from tinygrad_mlp.drawing.sheet import Sheet, sheet_of
from tinygrad_mlp.drawing.theme import THEMES, Key, Look, Theme
from tinygrad_mlp.graphs.group import Group, members_of

if TYPE_CHECKING:
    from tinygrad_mlp.graphs.local import EdgeLines
    from tinygrad_mlp.graphs.node import Node

#: Where the inputs may stand, and where they point: left to right, top to bottom, and back.
DIRECTIONS = ("LR", "TB", "RL", "BT")
#: What chooses the direction by the shape of the page, and may set rows below each other.
AUTO = "auto"
#: What a drawing may show.
SHOWN = ("label", "op", "shape", "value", "grad")
#: What a drawing may show besides: what happens on each edge of the backward pass.
LOCAL = "local"
#: What the fill of a box may tell: what kind of value it is, or the size of its gradient.
COLORS = ("role", "gradient")
#: Longest label that is shown whole.
LABEL_LIMIT = 40

# Every letter of these fonts is about as wide as every other, so that a box fits its text wherever
# it is looked at.  Graphviz knows the widths of Courier by heart; who looks at an SVG may have a
# better font of the same widths.
FONT = "Courier"
SVG_FONTS = "Menlo, Consolas, DejaVu Sans Mono, Liberation Mono, Courier New, monospace"
LETTER_WIDTH = 0.602
WIDE_LETTER_WIDTH = 1.25
TEXT_SIZE = 12
NUMBER_SIZE = 11

# The colours of pictures that know no themes.
_LIGHT = THEMES["light"]
INK, QUIET_INK = _LIGHT.ink, _LIGHT.quiet_ink


class Style(NamedTuple):
    """The choices of whoever wants a drawing, checked.

    ``bounds`` part the sizes of gradients that boxes are filled by; ``keys`` are a legend.
    """

    direction: str = AUTO
    show: tuple[str, ...] = SHOWN
    theme: Theme = _LIGHT
    highlight: frozenset[str] = frozenset()
    sheet: Sheet | None = None
    digits: int | None = None
    compact: bool = False
    #: What stays open where a drawing is folded so that it fits; None where nothing may be.
    expand: tuple[str, ...] | None = ()
    color: str = COLORS[0]
    legend: bool = False
    bounds: tuple[float, ...] = ()
    keys: tuple[Key, ...] = ()
    #: What stands on the edges, in place of what ``show`` says.
    lines: EdgeLines | None = None

    def look(self, node: Node) -> Look:
        """Return the colours of the box of a node."""
        look, fill = self.theme.looks[node.role], self.theme.paper
        if self.color != "gradient":
            in_head = self.compact and self.shows_op(node)
            fill = self.theme.looks["op"].fill if in_head else look.fill
        elif (size := gradient_size(node)) is not None:
            fill = self.theme.heat[class_of(size, self.bounds)]
        return look._replace(fill=fill)

    def highlights(self, node: Node) -> bool:
        """Return whether a node, or any that it stands for, was to be highlighted."""
        return not self.highlight.isdisjoint(members_of(node))

    def shows_op(self, node: Node) -> bool:
        """Return whether the op of a node is shown."""
        return node.op is not None and "op" in self.show

    def has_op(self, node: Node) -> bool:
        """Return whether the op of a node gets a box of its own."""
        return self.shows_op(node) and not self.compact

    def words(self, node: Node, *, named: bool = False) -> Words:
        """Return what the box of a node says; ``named`` as for ``words``."""
        said = words(node, self.show, named=named, digits=self.digits)
        if self.compact and self.shows_op(node):
            said = said._replace(op=symbol(node))
        return said

    def settled(self, direction: str) -> Style:
        """Return the same with this direction where none was asked for."""
        return self._replace(direction=direction) if self.direction == AUTO else self

    @property
    def upright(self) -> bool:
        """Whether arrows point up or down."""
        return self.direction in {"TB", "BT"}


#: The look of a drawing of which nobody has chosen anything.
DEFAULT = Style()


#: How broad the frame of what stands out is: broader than that of an output.
HIGHLIGHT_WIDTH = 4.5


class Row(NamedTuple):
    """Lines that stand below each other in a box, and their ink: the name of one of a theme."""

    lines: Sequence[str]
    ink: str


class Words(NamedTuple):
    """What the box of one value says, from top to bottom; a part that is not shown is empty."""

    label: str = ""
    shape: str = ""
    value: Sequence[str] = ()
    gradient: Sequence[str] = ()
    op: str = ""

    @property
    def title(self) -> list[tuple[str, bool]]:
        """The parts of the title row that are shown, and whether each is the name of the box."""
        op = f"{self.op} →" if self.op and (self.label or self.shape) else self.op
        parts = (op, False), (self.label, True), (self.shape, False)
        return [part for part in parts if part[0]]

    @property
    def rows(self) -> list[Row]:
        """The rows below the title that are shown: every printer draws these and no others."""
        rows = Row(self.value, "ink"), Row(self.gradient, "gradient_ink")
        return [row for row in rows if row.lines]

    @property
    def title_text(self) -> str:
        """The title row on one line."""
        return " ".join(part for part, _ in self.title)


def words(
    node: Node, show: Iterable[str], *, named: bool = False, digits: int | None = None
) -> Words:
    """Return what the box of a node says.

    Parameters
    ----------
    node : Node
        A value of a graph.
    show : iterable of str
        Of ``SHOWN``; the shape of a scalar goes without saying.
    named : bool
        Something else in the drawing speaks of this node: it has a name, if only its id.
    digits : int, optional
        Of each number; as ``summarize`` chooses.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_mlp.graphs.node import Node
    >>> words(Node("v0", "input", np.array([1.0, 2.0]), label="x"), SHOWN)
    Words(label='x', shape='(2,)', value=['1 2'], gradient=['grad not computed'], op='')
    """
    if isinstance(node, Group):
        return Words(readable(node.label or node.id), "", list(node.lines), [])
    called = node.label if "label" in show or named else None
    label = readable(called or (node.id if named else ""))
    shape = str(node.shape) if "shape" in show and node.shape else ""
    # What a constant is called is its number.
    nameless = node.role == "constant" and not (label or shape)
    value = summarize(node.value, digits).split("\n") if "value" in show or nameless else []
    gradient: list[str] = []
    if "grad" in show and node.role != "constant":
        text = "not computed" if node.gradient is None else summarize(node.gradient, digits)
        gradient = ("grad " + text.replace("\n", "\n     ")).split("\n")
    if not (label or shape or value or gradient):
        label = node.id
    return Words(label, shape, value, gradient)


def symbol(node: Node) -> str:
    """Return what the box of an op says."""
    return readable(node.symbol or node.op or "")


def about(node: Node) -> str:
    """Return what a box says of itself when one points at it.

    >>> import numpy as np
    >>> from tinygrad_mlp.graphs.node import Node
    >>> about(Node("v0", "input", np.array([1.0, 2.0]), label="x"))
    'x: v0, input, shape (2,), float64'
    """
    name = f"{readable(node.label)}: " if node.label else ""
    return f"{name}{node.id}, {node.role}, shape {node.shape}, {node.dtype}"


def checked(
    direction: str = AUTO,
    show: Iterable[str] = SHOWN,
    theme: str = "light",
    highlight: Iterable[str] = (),
    page: str | None = None,
    width: float | None = None,
    height: float | None = None,
    digits: int | None = None,
    compact: bool = False,
    color: str = COLORS[0],
    legend: bool = False,
) -> Style:
    """Return the choices for a drawing, or raise ``ValueError`` for one that does not exist."""
    directions = (AUTO, *DIRECTIONS)
    if direction not in directions:
        raise ValueError(f"direction must be one of {', '.join(directions)}, got {direction!r}")
    show = tuple(listed("show", show))
    for part in show:
        if part not in (*SHOWN, LOCAL):
            raise ValueError(f"show must be made of {', '.join((*SHOWN, LOCAL))}; got {part!r}")
    if theme not in list(THEMES):  # a dict would want it hashable
        raise ValueError(f"theme must be one of {', '.join(THEMES)}, got {theme!r}")
    if color not in COLORS:
        raise ValueError(f"color must be one of {', '.join(COLORS)}, got {color!r:.80}")
    for name, choice in (("compact", compact), ("legend", legend)):
        if not isinstance(choice, bool):
            raise TypeError(f"{name} must be True or False, got {choice!r:.80}")
    digits = None if digits is None else whole_number("digits", digits)
    sheet = sheet_of(page, width, height)
    chosen = Style(direction, show, THEMES[theme], frozenset(highlight), sheet, digits)
    return chosen._replace(compact=compact, color=color, legend=legend)


def listed(name: str, given: Any) -> list[Any]:
    """Return one text, or several things, as a list.

    >>> listed("show", "label"), listed("show", ("label", "op"))
    (['label'], ['label', 'op'])
    """
    if isinstance(given, str):
        return [given]
    if not isinstance(given, Iterable):
        raise TypeError(
            f"{name} must be a text or a list of them, got {type(given).__name__} {given!r:.80}"
        )
    return list(given)


# ----- Text that anybody may have written -----

_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
# Not printable by Python's rules, and yet harmless: what joins emoji and parts Persian letters, and
# the spaces of typographers.
_KEPT = "\u200c\u200d\u00a0\u2009\u202f\u3000"
# Rightly invisible: a place for a hyphen, and marks for the direction of what is beside them.
_HIDDEN = str.maketrans("", "", "\u00ad\u061c\u200e\u200f")


def readable(text: str, limit: int = LABEL_LIMIT) -> str:
    """Return the text on one line, of bounded length; what should not be invisible is not.

    >>> readable("two" + chr(10) + "lines" + chr(0))
    'two␊lines␀'
    """
    text = text.translate(_HIDDEN)
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character < " ":
        return chr(0x2400 + ord(character))
    if character == "\x7f":
        return "␡"
    # Half of a surrogate pair, what turns the writing direction of all that follows, ...
    return character if character.isprintable() or character in _KEPT else "\ufffd"


def escape(text: str) -> str:
    """Return the text as SVG and HTML-like labels need it, in an attribute or between tags."""
    return text.translate(_MARKUP)


def text_width(text: str, size: float = TEXT_SIZE) -> float:
    """Return about how wide a line of text is; emoji and East Asian letters are wider."""
    wide = sum("\u1100" <= character < "\u2000" or character >= "\u2e80" for character in text)
    return size * (LETTER_WIDTH * (len(text) - wide) + WIDE_LETTER_WIDTH * wide)
