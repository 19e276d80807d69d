"""The formats of drawings: what each needs, and how it is written in either layout."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

from tinygrad_mlp.drawing.builtin.plan import layered, layered_svg
from tinygrad_mlp.drawing.graphviz.dot import to_dot
from tinygrad_mlp.drawing.graphviz.programs import MAXIMUM_NODES as MAXIMUM_LAID_OUT
from tinygrad_mlp.drawing.graphviz.programs import PROGRAM_VARIABLE, render_source
from tinygrad_mlp.drawing.page.document import page_of
from tinygrad_mlp.drawing.picture import checked_suffix
from tinygrad_mlp.drawing.printing import (
    INSTALL,
    SCALE,
    UNITS_PER_INCH,
    can_print,
    printed,
    with_density,
)
from tinygrad_mlp.drawing.style import Style
from tinygrad_mlp.drawing.terminal import tree
from tinygrad_mlp.drawing.tikz import tikz_of
from tinygrad_mlp.errors import RenderError
from tinygrad_mlp.graphs.failure import ERROR
from tinygrad_mlp.graphs.graph import Graph

#: Who says where the boxes are.
BUILTIN, GRAPHVIZ = LAYOUTS = ("builtin", "graphviz")


class Drawn(NamedTuple):
    """The graph that was given, what of it is drawn, how, by whom, and how large a PNG."""

    whole: Graph
    graph: Graph
    choices: Style
    layout: str = BUILTIN
    scale: float = SCALE


class Format(NamedTuple):
    """What a kind of file needs, in the words of the program's help, and how it is written."""

    needs: str
    write: Callable[[Drawn], bytes]


def suffix_of(path: str | os.PathLike[str]) -> str:
    """Return what the name of a drawing ends with, or raise ``ValueError`` if it is no format.

    >>> suffix_of("loss.SVG")
    '.svg'
    """
    return checked_suffix("save_drawing", path, FORMATS, f"one of {', '.join(FORMATS)}")


def checked_layout(layout: str) -> str:
    """Return who lays out, or raise ``ValueError``; the environment variable asks for Graphviz."""
    if layout not in LAYOUTS:
        raise ValueError(f"layout must be one of {', '.join(LAYOUTS)}, got {layout!r:.80}")
    return GRAPHVIZ if os.environ.get(PROGRAM_VARIABLE) else layout


def _svg(drawn: Drawn) -> bytes:
    if drawn.layout == GRAPHVIZ:
        return _by_graphviz(drawn, "svg")
    return layered_svg(drawn.graph, drawn.choices).encode()


def _page(kind: str) -> Callable[[Drawn], bytes]:
    """Return the writer of PNG or PDF."""

    def write(drawn: Drawn) -> bytes:
        if drawn.layout == GRAPHVIZ:
            return _by_graphviz(drawn, kind)
        if can_print():
            return printed(layered_svg(drawn.graph, drawn.choices), kind, drawn.scale)
        try:
            return _by_graphviz(drawn, kind)
        except RenderError as error:
            needs = f"{kind.upper()} needs the package typst, {INSTALL}, or Graphviz, but"
            raise RenderError(f"{needs} {error}") from None

    return write


def _by_graphviz(drawn: Drawn, kind: str) -> bytes:
    if len(drawn.graph) > MAXIMUM_LAID_OUT:
        raise RenderError(
            f"this graph has {len(drawn.graph):,} nodes, too many for Graphviz, which lays out "
            f"{MAXIMUM_LAID_OUT:,} in time; fold it with max_nodes, or save it as .svg with the "
            "built-in layout"
        )
    source = to_dot(drawn.graph, drawn.choices)
    if kind == "png":
        source = source.replace("{", f"{{ dpi={UNITS_PER_INCH * drawn.scale:g};", 1)
        return with_density(render_source(source, kind), drawn.scale)
    return render_source(source, kind)


def _dot(drawn: Drawn) -> bytes:
    return to_dot(drawn.graph, drawn.choices).encode()


def _tex(drawn: Drawn) -> bytes:
    return tikz_of(layered(drawn.graph, drawn.choices)).encode()


def _html(drawn: Drawn) -> bytes:
    return page_of(drawn.whole, drawn.graph, drawn.choices).encode()


def _json(drawn: Drawn) -> bytes:
    if any(node.role == ERROR for node in drawn.whole):
        raise ValueError(
            "save_drawing: an error is drawn, and not written as .json; its graph is "
            "tg.Graph.of(*error.values), without what failed"
        )
    return drawn.whole.to_json().encode()


_ALWAYS = "always"
_WITH = f"with the package typst ({INSTALL}), or else Graphviz"
#: The formats of drawings, by the end of a file's name.
FORMATS = {
    ".svg": Format(_ALWAYS, _svg),
    ".dot": Format(_ALWAYS, _dot),
    ".gv": Format(_ALWAYS, _dot),
    ".tex": Format(_ALWAYS, _tex),
    ".png": Format(_WITH, _page("png")),
    ".pdf": Format(_WITH, _page("pdf")),
    ".html": Format(_ALWAYS, _html),
    ".json": Format(_ALWAYS, _json),
    ".txt": Format(_ALWAYS, lambda drawn: f"{tree(drawn.whole)}\n".encode()),
}
