"""From values to a picture: folds what is too large, lays it out, and writes it to a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tinygrad_mlp.arguments import whole_number
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.dot import to_digraph, to_dot
from tinygrad_mlp.drawing.fold import MAXIMUM_NODES, fold
from tinygrad_mlp.drawing.given import graph_of
from tinygrad_mlp.drawing.layered import drawn
from tinygrad_mlp.drawing.places import placed
from tinygrad_mlp.drawing.programs import MAXIMUM_NODES as MAXIMUM_LAID_OUT
from tinygrad_mlp.drawing.programs import laid_out, render_source
from tinygrad_mlp.drawing.style import SHOWN
from tinygrad_mlp.drawing.terminal import tree
from tinygrad_mlp.engine import Value
from tinygrad_mlp.errors import RenderError
from tinygrad_mlp.files import atomic_file
from tinygrad_mlp.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinygrad_mlp.drawing.digraph import Drawing

_TEXT_SUFFIXES = (".dot", ".gv")
_SUFFIXES = (".svg", *_TEXT_SUFFIXES, ".png", ".pdf", ".json", ".txt")


def draw(
    *values: Value | Graph | Sequence[Value],
    direction: str = "LR",
    show: Iterable[str] = SHOWN,
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
        ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``: from where to where the arrows point.
    show : iterable of str
        Any of ``"label"``, ``"op"``, ``"shape"``, ``"value"``, ``"grad"``; and ``"local"``: on
        each edge the local derivative, and upstream × local = contribution, or between tensors
        its formula, in which g is the upstream gradient.
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
    style.checked(direction, show, theme)
    whole = graph_of("draw", given)
    graph, ids = _prepared(whole, depth, expand, highlight, max_nodes)
    return to_digraph(graph, direction=direction, show=show, theme=theme, highlight=ids)


def save_drawing(
    values: Value | Sequence[Value] | Graph,
    path: str | os.PathLike[str],
    *,
    direction: str = "LR",
    show: Iterable[str] = SHOWN,
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
    direction, show, depth, expand, highlight, max_nodes, theme
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
    choices = style.checked(direction, show, theme)
    whole = graph_of("save_drawing", values)
    graph, ids = _prepared(whole, depth, expand, highlight, max_nodes)
    if suffix == ".json":
        content = whole.to_json().encode()
    elif suffix == ".txt":
        content = f"{tree(whole)}\n".encode()
    else:
        look = {"direction": direction, "show": choices.show, "theme": theme, "highlight": ids}
        content = _picture(graph, suffix[1:], look)
    with atomic_file(os.fspath(path)) as file:
        file.write(content)


def suffix_of(path: str | os.PathLike[str]) -> str:
    """Return what the name of a drawing ends with, or raise ``ValueError`` if it is no format.

    >>> suffix_of("loss.SVG")
    '.svg'
    """
    from pathlib import Path  # here, because it is slow to import

    suffix = Path(path).suffix.lower()
    if suffix not in _SUFFIXES:
        raise ValueError(
            f"save_drawing: path {os.fspath(path)!r} must end with one of {', '.join(_SUFFIXES)}"
        )
    return suffix


def _prepared(
    whole: Graph,
    depth: int | None,
    expand: str | Iterable[str],
    highlight: str | Value | Iterable[str | Value],
    max_nodes: int | None,
) -> tuple[Graph, list[str]]:
    """Return the graph that is drawn, and the ids of the nodes that stand out."""
    depth = None if depth is None else whole_number("depth", depth)
    max_nodes = None if max_nodes is None else whole_number("max_nodes", max_nodes)
    opened = style.listed("expand", expand)
    marked = [highlight] if isinstance(highlight, Value) else style.listed("highlight", highlight)
    ids = [node_id for mark in marked for node_id in _ids(whole, mark)]
    return fold(placed(whole), depth=depth, expand=opened, max_nodes=max_nodes), ids


def _ids(graph: Graph, mark: str | Value) -> list[str]:
    if isinstance(mark, Value):
        if mark not in graph:
            raise ValueError(f"highlight: this graph does not hold {mark!r:.80}")
        return [graph.id_of(mark)]
    found = [node.id for node in graph if mark in {node.id, node.label}]
    if not found:
        raise ValueError(f"highlight: no node has the id or the label {mark!r:.80}")
    return found


def _picture(graph: Graph, kind: str, look: dict[str, Any]) -> bytes:
    if kind == "svg":
        return render_svg(graph, **look).encode()
    source = to_dot(graph, **look)
    if kind in {"dot", "gv"}:
        return source.encode()
    if len(graph) > MAXIMUM_LAID_OUT:
        raise RenderError(
            f"this graph has {len(graph):,} nodes, too many to be drawn as {kind.upper()}, which "
            f"holds {MAXIMUM_LAID_OUT:,}; fold it with max_nodes, or save it as .svg or .dot"
        )
    return render_source(source, kind)


def render_svg(
    graph: Graph,
    *,
    direction: str = "LR",
    show: Iterable[str] = SHOWN,
    theme: str = "light",
    highlight: Iterable[str] = (),
    programs: Sequence[str] | None = None,
) -> str:
    """Return an SVG drawing of a graph, laid out by the first program that manages to.

    Parameters
    ----------
    graph : Graph
        Where it has more than ``programs.MAXIMUM_NODES`` nodes, the built-in writer draws it at
        once, and from ``layered.MAXIMUM_NODES`` folded.
    direction, show, theme
        As for ``draw``.
    highlight : iterable of str
        Ids of nodes.
    programs : sequence of str, optional
        Paths of programs that understand ``dot``'s options, instead of ``find_programs()``;
        ``()`` leaves the built-in writer, which is there when all others fail.

    Warns
    -----
    RuntimeWarning
        If a program was given up: it took too long, failed, or wrote what is no picture.

    Raises
    ------
    ValueError
        If a direction, a part or a theme does not exist.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> render_svg(Graph.of(tg.Value(2.0) * 3.0), programs=())[:4]
    '<svg'
    """
    choices = style.checked(direction, show, theme, highlight)
    if len(graph) > MAXIMUM_LAID_OUT:
        return drawn(graph, choices)
    source = to_dot(
        graph, direction=direction, show=choices.show, theme=theme, highlight=choices.highlight
    )
    return laid_out(source, programs) or drawn(graph, choices)
