"""From values to a picture: folds what is too large, lays it out, and writes it to a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp._support.files import atomic_file
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.graphviz.dot import to_digraph, to_dot
from tinygrad_mlp.drawing.graphviz.programs import MAXIMUM_NODES as MAXIMUM_LAID_OUT
from tinygrad_mlp.drawing.graphviz.programs import laid_out, render_source
from tinygrad_mlp.drawing.picture import checked_suffix
from tinygrad_mlp.drawing.style import DEFAULT, SHOWN, Style
from tinygrad_mlp.drawing.terminal import tree
from tinygrad_mlp.errors import RenderError
from tinygrad_mlp.graphs.fold import MAXIMUM_NODES, fold
from tinygrad_mlp.graphs.graph import Graph, graph_of
from tinygrad_mlp.graphs.scopes import placed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinygrad_mlp.drawing.graphviz.digraph import Drawing


def draw(
    *values: Value | Graph | Sequence[Value],
    direction: str = "auto",
    page: str | None = None,
    width: float | None = None,
    height: float | None = None,
    show: Iterable[str] = SHOWN,
    digits: int | None = None,
    compact: bool = False,
    depth: int | None = None,
    expand: str | Iterable[str] = (),
    highlight: str | Value | Iterable[str | Value] = (),
    max_nodes: int | None = MAXIMUM_NODES,
    theme: str = "light",
) -> Drawing:
    """Return a drawing of everything that the values were made from, for a notebook to show.

    Parameters
    ----------
    *values : Value, list of Values, or Graph
        One or more Values of any shapes, or one Graph.  Nothing is computed and nothing changes.
    direction : str
        ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``: where arrows point; or ``"auto"``: one of the
        first two, or rows from left to right, whichever gives the largest letters on the page.
    page : str, optional
        ``"slide"`` (1280 × 720 pixels), ``"a4"``, ``"column"`` (of a paper) or ``"cell"`` (of a
        notebook): an SVG fits there and can be read, if need be with parts folded.  None gives
        the shape of a slide, in whatever size it takes.
    width, height : float, optional
        The page in pixels, instead of ``page``.
    show : iterable of str
        Any of ``"label"``, ``"op"``, ``"shape"``, ``"value"``, ``"grad"``; and ``"local"``: on
        each edge the local derivative, and upstream × local = contribution, or between tensors
        its formula, in which g is the upstream gradient.
    digits : int, optional
        Significant digits of each number; None for six of a scalar and three in a tensor.
    compact : bool
        Whether an operation stands in the head of its result's box instead of in its own.
    depth : int, optional
        1 draws each outermost scope, such as a layer, as one box with its sizes and its number
        of parameters, 2 each scope inside those; None opens all.
    expand : str or iterable of str
        Names of boxes that are drawn open all the same, and with them those around them.
    highlight : Value, str or iterable of these
        Values, or labels or ids of nodes, that stand out, with the edges between them.
    max_nodes : int, optional
        A graph of more nodes is drawn with layers and repeats folded, and says so.  None keeps
        every node; in SVG, more than 6,000 are folded all the same.
    theme : str
        ``"light"``, ``"dark"`` or ``"print"``, which needs no colours.

    Returns
    -------
    graphviz.Digraph
        With ``.source`` in the DOT language, ``.render`` and ``.pipe``.

    Raises
    ------
    TypeError
        If there is no value, or one that is not a Value.
    ValueError
        If a choice, a box or a node does not exist.
    RenderError
        If the Python package graphviz is missing.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> draw(x * x).source.splitlines()[0]
    'digraph {'
    """
    given = values[0] if len(values) == 1 and not isinstance(values[0], Value) else values
    choices = style.checked(direction, show, theme, (), page, width, height, digits, compact)
    drawn = _drawn(graph_of("draw", given), choices, depth, expand, highlight, max_nodes)
    return to_digraph(drawn.graph, drawn.choices)


def save_drawing(
    values: Value | Sequence[Value] | Graph,
    path: str | os.PathLike[str],
    *,
    direction: str = "auto",
    page: str | None = None,
    width: float | None = None,
    height: float | None = None,
    show: Iterable[str] = SHOWN,
    digits: int | None = None,
    compact: bool = False,
    depth: int | None = None,
    expand: str | Iterable[str] = (),
    highlight: str | Value | Iterable[str | Value] = (),
    max_nodes: int | None = MAXIMUM_NODES,
    theme: str = "light",
) -> None:
    """Write a drawing of what the values were made from, in the format that the name ends with.

    ``.svg``, ``.dot`` and ``.gv`` can always be written, and so can ``.txt``, the graph as
    ``tree`` prints it, and ``.json``, as ``Graph.from_json`` reads it; both of the whole graph.
    ``.png`` needs Graphviz or the package graphviz-pure, ``.pdf`` needs Graphviz.  A file of that
    name is replaced, whole or not at all.

    Parameters
    ----------
    values : Value, list of Values, or Graph
        Nothing is computed and nothing changes.
    path : str or path
        Where to write, in a folder that exists.
    direction, ..., theme
        As for ``draw``.

    Raises
    ------
    ValueError
        If the name ends with no known format, or a choice, a box or a node does not exist.
    OSError
        If the file cannot be written; a missing folder is not made.
    RenderError
        If no program at hand can write the format, all together in 5 seconds.

    Warns
    -----
    RuntimeWarning
        If a program was given up: it took too long, failed, or wrote what is no picture.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> path = pathlib.Path(tempfile.mkdtemp(), "square.svg")
    >>> save_drawing(x * x, path)
    >>> path.exists()
    True
    """
    suffix = suffix_of(path)
    choices = style.checked(direction, show, theme, (), page, width, height, digits, compact)
    whole = graph_of("save_drawing", values)
    content = FORMATS[suffix].write(_drawn(whole, choices, depth, expand, highlight, max_nodes))
    with atomic_file(os.fspath(path)) as file:
        file.write(content)


def suffix_of(path: str | os.PathLike[str]) -> str:
    """Return what the name of a drawing ends with, or raise ``ValueError`` if it is no format.

    >>> suffix_of("loss.SVG")
    '.svg'
    """
    return checked_suffix("save_drawing", path, FORMATS, f"one of {', '.join(FORMATS)}")


def render_svg(
    graph: Graph, choices: Style = DEFAULT, *, programs: Sequence[str] | None = None
) -> str:
    """Return an SVG drawing of a graph, laid out by the first program that manages to.

    Parameters
    ----------
    graph : Graph
        Where it has more than ``programs.MAXIMUM_NODES`` nodes, the built-in writer draws it at
        once, and from ``plan.MAXIMUM_NODES`` folded.
    choices : Style
        Direction, parts, colours and what stands out.
    programs : sequence of str, optional
        Paths of programs that understand ``dot``'s options, instead of ``find_programs()``;
        ``()`` leaves the built-in writer, which is there when all others fail.

    Warns
    -----
    RuntimeWarning
        If a program was given up: it took too long, failed, or wrote what is no picture.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> render_svg(Graph.of(tg.Value(2.0) * 3.0), programs=())[:4]
    '<svg'
    """
    if len(graph) > MAXIMUM_LAID_OUT:
        return layered_svg(graph, choices)
    return laid_out(to_dot(graph, choices), programs) or layered_svg(graph, choices)


# ----- What is drawn -----


class _Drawn(NamedTuple):
    """The graph that was given, what of it is drawn, and how."""

    whole: Graph
    graph: Graph
    choices: Style


def _drawn(
    whole: Graph,
    choices: Style,
    depth: int | None,
    expand: str | Iterable[str],
    highlight: str | Value | Iterable[str | Value],
    max_nodes: int | None,
) -> _Drawn:
    """Return what is drawn of a graph, or raise an error for a choice that does not exist."""
    depth = None if depth is None else whole_number("depth", depth)
    max_nodes = None if max_nodes is None else whole_number("max_nodes", max_nodes)
    opened = style.listed("expand", expand)
    marked = [highlight] if isinstance(highlight, Value) else style.listed("highlight", highlight)
    ids = frozenset(node_id for mark in marked for node_id in _ids(whole, mark))
    graph = fold(placed(whole), depth=depth, expand=opened, max_nodes=max_nodes)
    foldable = None if max_nodes is None else tuple(opened)
    return _Drawn(whole, graph, choices._replace(highlight=ids, expand=foldable))


def _ids(graph: Graph, mark: str | Value) -> list[str]:
    if isinstance(mark, Value):
        if mark not in graph:
            raise ValueError(f"highlight: this graph does not hold {mark!r:.80}")
        return [graph.id_of(mark)]
    found = [node.id for node in graph if mark in {node.id, node.label}]
    if not found:
        raise ValueError(f"highlight: no node has the id or the label {mark!r:.80}")
    return found


# ----- Formats -----


class Format(NamedTuple):
    """What a kind of file needs, in the words of the program's help, and how it is written."""

    needs: str
    write: Callable[[_Drawn], bytes]


def _dot(drawn: _Drawn) -> bytes:
    return to_dot(drawn.graph, drawn.choices).encode()


def _program(kind: str) -> Callable[[_Drawn], bytes]:
    """Return the writer of a format that only programs write."""

    def write(drawn: _Drawn) -> bytes:
        if len(drawn.graph) > MAXIMUM_LAID_OUT:
            raise RenderError(
                f"this graph has {len(drawn.graph):,} nodes, too many to be drawn as "
                f"{kind.upper()}, which holds {MAXIMUM_LAID_OUT:,}; fold it with max_nodes, or "
                "save it as .svg or .dot"
            )
        return render_source(to_dot(drawn.graph, drawn.choices), kind)

    return write


_ALWAYS = "always; networks are drawn as .svg"
#: The formats of drawings, by the end of a file's name.
FORMATS = {
    ".svg": Format(_ALWAYS, lambda drawn: render_svg(drawn.graph, drawn.choices).encode()),
    ".dot": Format(_ALWAYS, _dot),
    ".gv": Format(_ALWAYS, _dot),
    ".png": Format("with Graphviz or the package graphviz-pure", _program("png")),
    ".pdf": Format("with Graphviz", _program("pdf")),
    ".json": Format(_ALWAYS, lambda drawn: drawn.whole.to_json().encode()),
    ".txt": Format(_ALWAYS, lambda drawn: f"{tree(drawn.whole)}\n".encode()),
}
