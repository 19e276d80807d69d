"""From values to a picture: folds what is too large, lays it out, and writes it to a file."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp._support.files import write_whole
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.formats import BUILTIN, FORMATS, Drawn, checked_layout, suffix_of
from tinygrad_mlp.drawing.graphviz.dot import to_digraph
from tinygrad_mlp.drawing.keys import explained
from tinygrad_mlp.drawing.naming import named
from tinygrad_mlp.drawing.printing import resolution
from tinygrad_mlp.drawing.style import SHOWN, Style
from tinygrad_mlp.errors import TinygradError
from tinygrad_mlp.graphs.failure import ERROR, graph_of_error
from tinygrad_mlp.graphs.fold import MAXIMUM_NODES, fold
from tinygrad_mlp.graphs.graph import Graph, graph_of
from tinygrad_mlp.graphs.rolling import rolled
from tinygrad_mlp.graphs.scopes import placed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinygrad_mlp.drawing.graphviz.digraph import Drawing


def draw(
    *values: Value | Graph | Sequence[Value] | TinygradError,
    direction: str = "auto",
    page: str | None = None,
    width: float | None = None,
    height: float | None = None,
    show: Iterable[str] = SHOWN,
    digits: int | None = None,
    compact: bool = False,
    depth: int | None = None,
    expand: str | Iterable[str] = (),
    unroll: bool | str | Iterable[str] = False,
    highlight: str | Value | Iterable[str | Value] = (),
    color: str = "role",
    legend: bool = False,
    max_nodes: int | None = MAXIMUM_NODES,
    theme: str = "light",
) -> Drawing:
    """Return a drawing of everything that the values were made from, for a notebook to show.

    Parameters
    ----------
    *values : Value, list of Values, Graph, or an error of this package
        One or more Values of any shapes, or one Graph.  Nothing is computed and nothing changes.
        Of an error, such as a ShapeError, the graph up to what failed, which is red.
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
    unroll : bool, str or iterable of str
        Four or more equal scopes in a row, such as step1 to step20, are drawn as one cell
        "step ×20" with an edge back.  True draws every turn, and so does ``"step"`` for that loop.
    highlight : Value, str or iterable of these
        Values, or labels, names or ids of nodes, that stand out, with the edges between them.
    color : {"role", "gradient"}
        What the fill of a box tells: the kind of value; or how large its gradient is, as the root
        of the mean square, with a scale below the drawing and every loop unrolled.
    legend : bool
        Tell below the drawing what its colours mean.
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
    'digraph "Computation graph of 2 nodes" {'
    """
    given = values[0] if len(values) == 1 and not isinstance(values[0], Value) else values
    choices = style.checked(
        direction, show, theme, (), page, width, height, digits, compact, color, legend
    )
    drawn = drawn_of("draw", given, choices, depth, expand, unroll, highlight, max_nodes)
    return to_digraph(drawn.graph, drawn.choices)


def save_drawing(
    values: Value | Sequence[Value] | Graph | TinygradError,
    path: str | os.PathLike[str],
    *,
    direction: str = "auto",
    page: str | None = None,
    width: float | None = None,
    height: float | None = None,
    layout: str = BUILTIN,
    show: Iterable[str] = SHOWN,
    digits: int | None = None,
    compact: bool = False,
    depth: int | None = None,
    expand: str | Iterable[str] = (),
    unroll: bool | str | Iterable[str] = False,
    highlight: str | Value | Iterable[str | Value] = (),
    color: str = "role",
    legend: bool = False,
    max_nodes: int | None = MAXIMUM_NODES,
    theme: str = "light",
    scale: float | None = None,
    dpi: float | None = None,
) -> None:
    """Write a drawing of what the values were made from, in the format that the name ends with.

    ``.svg``, ``.dot``, ``.gv`` and ``.tex`` need nothing, and neither do ``.html``, the page that
    ``view`` shows, ``.txt``, the graph as ``tree`` prints it, and ``.json``, as
    ``Graph.from_json`` reads it; the last two of the whole graph.
    ``.png`` and ``.pdf`` need the package typst, and are drawn by Graphviz where only that is
    there.  A file of that name is replaced, whole or not at all.

    Parameters
    ----------
    values : Value, list of Values, Graph, or an error of this package
        Nothing is computed and nothing changes.
    path : str or path
        Where to write, in a folder that exists.
    layout : str
        ``"builtin"``, or ``"graphviz"`` for the layout of the program ``dot``; the environment
        variable ``TINYGRAD_MLP_DOT``, which names such a program, asks for that too.
    scale : float, optional
        Pixels of a PNG for each pixel of the SVG; None for 2, which is sharp on a slide.
    dpi : float, optional
        Instead, pixels of a PNG for each inch of paper, such as 300 in print.  In any case the PNG
        says that it is as large on paper as the SVG, of 96 pixels an inch.
    direction, ..., theme
        As for ``draw``.

    Raises
    ------
    ValueError
        If the name ends with no known format, or a choice, a box or a node does not exist, or both
        ``scale`` and ``dpi`` are given.
    OSError
        If the file cannot be written; a missing folder is not made.
    RenderError
        If what the format or the layout needs is not installed, fails, or takes more than 5
        seconds; the message says how to get it, and what goes without.

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
    choices = style.checked(
        direction, show, theme, (), page, width, height, digits, compact, color, legend
    )
    layout = checked_layout(layout)
    resolved = resolution(scale, dpi)
    drawn = drawn_of("save_drawing", values, choices, depth, expand, unroll, highlight, max_nodes)
    content = FORMATS[suffix].write(drawn._replace(layout=layout, scale=resolved))
    write_whole(path, content)


# ----- What is drawn -----


def drawn_of(
    function: str,
    given: object,
    choices: Style,
    depth: int | None,
    expand: str | Iterable[str],
    unroll: bool | str | Iterable[str],
    highlight: str | Value | Iterable[str | Value],
    max_nodes: int | None,
) -> Drawn:
    """Return what is drawn of what a function was given, or raise for what does not exist."""
    whole = graph_of_error(given) if isinstance(given, TinygradError) else graph_of(function, given)
    depth = None if depth is None else whole_number("depth", depth)
    max_nodes = None if max_nodes is None else whole_number("max_nodes", max_nodes)
    opened = style.listed("expand", expand)
    marked = [highlight] if isinstance(highlight, Value) else style.listed("highlight", highlight)
    called = named(whole)
    ids = frozenset(node_id for mark in marked for node_id in _ids(whole, called, mark))
    apart = unroll if isinstance(unroll, bool) else style.listed("unroll", unroll)
    graph = placed(called)
    if choices.color != "gradient":  # every turn has its own
        graph = rolled(graph, unroll=apart, expand=opened)
    graph = fold(
        graph,
        depth=depth,
        expand=opened,
        kept=ids,
        max_nodes=max_nodes,
        repeats=choices.color != "gradient",
        fill=choices.sheet is not None and choices.sheet.height < math.inf,
    )
    foldable = None if max_nodes is None else tuple(opened)
    choices = choices._replace(highlight=ids, expand=foldable)
    if any(node.role == ERROR for node in whole) and all(n.gradient is None for n in whole):
        choices = choices._replace(show=tuple(part for part in choices.show if part != "grad"))
    return Drawn(whole, graph, explained(graph, choices))


def _ids(graph: Graph, called: Graph, mark: str | Value) -> list[str]:
    """Return the ids of what is marked: a Value, or an id, a label or a name in the drawing."""
    if isinstance(mark, Value):
        if mark not in graph:
            raise ValueError(f"highlight: this graph does not hold {mark!r:.80}")
        return [graph.id_of(mark)]
    found = [node.id for node in called if mark in {node.id, node.label}]
    if not found:
        raise ValueError(f"highlight: no node has the id or the label {mark!r:.80}")
    return found
