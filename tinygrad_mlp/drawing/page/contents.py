"""What a page knows of a graph, as plain data for JSON: nodes, frames, numbers, contributions."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.display import Summary, summarize
from tinygrad_mlp.core.context import SLASH, line_of
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.naming import named
from tinygrad_mlp.drawing.page.frames import framed
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.group import Group, contents_told, members_of, parameters_of, symbols_of
from tinygrad_mlp.graphs.local import edge_lines
from tinygrad_mlp.graphs.parts import parted
from tinygrad_mlp.graphs.scopes import placed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinygrad_mlp.core.value import Value
    from tinygrad_mlp.drawing.page.frames import Frame
    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node

FORMAT = "tinygrad_mlp page 1"
#: A page of more nodes has the rest in boxes, which open to parts that cannot be opened.
MAXIMUM_NODES = 3000
#: Arrays of at most so many numbers are told in full.
NUMBERS_TOLD = 100
#: Longest text of a user that is told; a box shows the beginning.
TEXT_LIMIT = 2000


def contents(whole: Graph, folded: Graph, choices: Style) -> dict[str, Any]:
    """Return all that a page knows of a graph.

    Parameters
    ----------
    whole : Graph
        As it was recorded.
    folded : Graph
        As a drawing would show it: its boxes are folded in the page at first.
    choices : Style
        The direction, what a box shows, and what stands out.

    Returns
    -------
    dict
        Of texts, numbers and lists; the same in every process.  Nodes and frames refer to each
        other by their places.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> graph = tg.Graph.of(x * x)
    >>> page = contents(graph, graph, style.DEFAULT)
    >>> page["nodes"][1]["arguments"], page["nodes"][1]["edges"]
    ([0, 0], [['∂ = 3'], ['∂ = 3']])
    """
    graph = _shown(placed(named(whole)), folded)
    frames, around = framed(graph, folded)
    places = {node.id: place for place, node in enumerate(graph)}
    frame_places = {frame: place for place, frame in enumerate(frames)}
    values = whole.values()
    lines = edge_lines(graph, [node for node in graph if node.arguments]).lines
    nodes = []
    for node in graph:
        told = _told(node, choices, values.get(node.id))
        told["arguments"] = [places[argument] for argument in node.arguments]
        told["edges"] = lines.get(node.id, [])
        told["frame"] = frame_places[around[node.id]] if node.id in around else None
        nodes.append({name: fact for name, fact in told.items() if fact not in (None, [], "")})
    inside = _members(graph, frames, around)
    return {
        "format": FORMAT,
        "title": title_of(whole),
        "note": graph.note,
        "direction": choices.direction,
        "nodes": nodes,
        "frames": [_frame(graph, frame, inside[frame], frame_places) for frame in frames],
        "outputs": [places[output] for output in graph.outputs],
        "steps": None,  # of a lesson, one after the other
    }


def _shown(whole: Graph, folded: Graph) -> Graph:
    """Return the graph with as much in it as a page can show: every box opens once at least."""
    if len(whole) <= MAXIMUM_NODES:
        return whole
    graph = fold(whole, max_nodes=MAXIMUM_NODES)
    owners = {member: node.id for node in folded for member in members_of(node)}
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for node in graph:
        if node.arguments or isinstance(node, Group):
            inside[owners[members_of(node)[-1]]].append(node.id)
    alone = {ids[0] for ids in inside.values() if len(ids) == 1}
    shut = [node.id for node in graph if isinstance(node, Group) and node.id in alone]
    return parted(whole, graph, shut, MAXIMUM_NODES)


def title_of(graph: Graph) -> str:
    """Return what a page is called.

    >>> import tinygrad_mlp as tg
    >>> title_of(tg.Graph.of(tg.Value(1.0, label="x"), tg.Value(2.0)))
    'Computation graph of x, v1'
    """
    names = [graph[output].label or output for output in graph.outputs[:3]]
    more = ", …" if len(graph.outputs) > len(names) else ""
    return f"Computation graph of {style.readable(', '.join(names))}{more}"


# ----- Nodes -----


def _told(node: Node, choices: Style, value: Value | None) -> dict[str, Any]:
    """Return what is shown in the box of a node and what is told of it besides."""
    words = style.words(node, choices.show, digits=choices.digits)
    called = style.readable(node.label or node.id, TEXT_LIMIT)
    facts: dict[str, Any] = {
        "id": node.id,
        "name": called,
        "role": node.role,
        "label": words.label,
        "value": list(words.value),
        "highlighted": choices.highlights(node) or None,
        "scope": style.readable(node.scope.replace(SLASH, "/"), TEXT_LIMIT),
    }
    if isinstance(node, Group):
        return facts
    shown_op = node.op is not None and "op" in choices.show
    return facts | {
        "shape": words.shape,
        # "not computed" is told beside the drawing: here it would only take room.
        "gradient": [] if node.gradient is None else list(words.gradient),
        "symbol": style.symbol(node) if shown_op else None,
        "op": None if node.op is None else style.readable(node.op, TEXT_LIMIT),
        "names": list(node.argument_names),
        "options": [_option(name, option) for name, option in node.options.items()],
        "facts": f"shape {node.shape}, {node.dtype}" if node.shape else f"scalar, {node.dtype}",
        "whole_value": numbers_told(node.value),
        "whole_gradient": None if node.gradient is None else numbers_told(node.gradient),
        "line": None if value is None else _line(value),
    }


def _option(name: str, option: Any) -> str:
    return style.readable(f"{name} = {_printed(option)}", TEXT_LIMIT)


def numbers_told(numbers: Any) -> str:
    """Return numbers in full, or what they are on the whole where there are too many."""
    if isinstance(numbers, Summary):
        return numbers.text
    if not numbers.shape:
        return str(bool(numbers)) if numbers.dtype.kind == "b" else repr(float(numbers))
    if 0 < numbers.size <= NUMBERS_TOLD:
        return _printed(np.asarray(numbers))
    return summarize(numbers, digits=6)


def _printed(thing: object) -> str:
    """Return a text of anything, the same under any print options of NumPy."""
    with np.printoptions(
        precision=6,
        threshold=NUMBERS_TOLD,
        edgeitems=3,
        linewidth=1000,  # a row of a matrix is a line
        suppress=False,
        floatmode="maxprec",
        sign="-",
        nanstr="nan",
        infstr="inf",
        formatter=None,
        legacy=False,
    ):
        return str(thing)


def _line(value: Value) -> str:
    """Return the file and the line that made a value, if it was traced; never the folder.

    >>> import tinygrad_mlp as tg
    >>> _line(tg.Value(1.0))
    ''
    """
    line, _, path = line_of(value).removeprefix(" from ").partition(" of ")
    name = re.split(r"[\\/]", path)[-1]
    return f"{line} of {style.readable(name, TEXT_LIMIT)}" if name else ""


# ----- Frames -----


def _members(
    graph: Graph, frames: list[Frame], around: dict[str, Frame]
) -> dict[Frame, list[Node]]:
    """Return all nodes in each frame, those of inner frames too."""
    inside: dict[Frame, list[Node]] = {frame: [] for frame in frames}
    for node in graph:
        if node.id in around:
            for frame in around[node.id].chain():
                inside[frame].append(node)
    return inside


def _frame(
    graph: Graph, frame: Frame, members: list[Node], places: dict[Frame, int]
) -> dict[str, Any]:
    """Return what is shown of a frame."""
    return {
        "name": style.readable(frame.name),
        "whole_name": style.readable(frame.name, TEXT_LIMIT),
        "parent": None if frame.parent is None else places[frame.parent],
        "closed": frame.closed,
        "lines": list(_frame_lines(members, [n for n in members if n.id in graph.outputs])),
    }


def _frame_lines(members: list[Node], outputs: list[Node]) -> Iterator[str]:
    """Yield what a folded frame says below its name: operations, parameters, values, outputs."""
    symbols = dict.fromkeys(style.readable(s) for node in members for s in symbols_of(node))
    count = sum(len(members_of(node)) for node in members)
    yield from contents_told(list(symbols), sum(map(parameters_of, members)), count)
    for output in outputs[:3]:
        number = "" if output.shape else f" = {summarize(output.value)}"
        yield style.readable(output.label or output.id) + number
