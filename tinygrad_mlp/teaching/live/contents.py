"""What a live page knows, as plain data for JSON: inputs, places in the drawing, steps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp.drawing.style import readable
from tinygrad_mlp.graphs.formula import step_formula
from tinygrad_mlp.graphs.node import is_parameter
from tinygrad_mlp.teaching.live.picture import sign_of, width_of
from tinygrad_mlp.teaching.words import Words, factor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tinygrad_mlp.core.value import Value
    from tinygrad_mlp.graphs.node import Node
    from tinygrad_mlp.teaching.live.recording import Recorded

Range = tuple[float, float]

#: A range goes so far at least, and so much further than the number that is in it.
_REACH, _FURTHER = 3, 1.5
#: The last operation of what is a probability, whose two sides meet at one half.
_PROBABILITIES = ("sigmoid", "softmax")


def contents(page: Recorded, ranges: Mapping[str, Range]) -> dict[str, Any]:
    """Return all that a page knows, of texts, numbers and lists.

    Values are told by their places in ``page.values``, and nodes by the numbers of their ids.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_mlp.teaching.live.recording import recorded
    >>> data = contents(recorded(lambda x: x * x, {"x": np.float64(2.0)}), {})
    >>> data["title"], [step["formula"] for step in data["steps"]]
    ('f of x', ['f = x · x', '∂f/∂f', '∂f/∂x = ∂f/∂f · x', '∂f/∂x += ∂f/∂f · x'])
    """
    graph = page.graph
    words = Words(graph)
    places = {graph.id_of(value): place for place, value in enumerate(page.values)}
    output = graph[graph.outputs[0]]
    name = words.name(output.id)
    arguments = [_title(x) for x in page.inputs if not is_parameter(x)]
    return {
        "title": f"{name} of {', '.join(arguments)}",
        "resultName": name,
        "result": places[output.id],
        "level": 0.5 if output.op in _PROBABILITIES else 0.0,
        "inputs": [_input(x, places[graph.id_of(x)], ranges) for x in page.inputs],
        "nodes": {
            str(_number(id_)): {"value": place, "width": width_of(graph[id_].shape)[1]}
            for id_, place in places.items()
        },
        "steps": [*_forward(page, words, places), *_backward(page, words, places)],
        "program": str(page.everything),
    }


def _number(id_: str) -> int:
    return int(id_[1:])


def _title(value: Value) -> str:
    return readable(value.label or "w")


def _input(value: Value, place: int, ranges: Mapping[str, Range]) -> dict[str, Any]:
    """Return what is known of something that can be changed."""
    numbers, name = value.numpy(), _title(value)
    learned = is_parameter(value)
    shape = f" {value.shape}" if value.shape else ""
    indices = (",".join(map(str, index)) for index in np.ndindex(value.shape))
    return {
        "title": f"{name}{shape}{', learned' if learned else ''}",
        "names": [f"{name}[{index}]" if index else name for index in indices],
        "shape": list(value.shape),
        "numbers": numbers.tolist(),
        "range": list(ranges.get(value.label or "", _range_of(numbers))),
        "learned": learned,
        "value": place,
    }


def _range_of(numbers: Any) -> Range:
    """Return a range around numbers, with 0 in the middle.

    >>> _range_of(np.array([1.0, -4.0])), _range_of(np.array(0.5))
    ((-6.0, 6.0), (-3.0, 3.0))
    """
    largest = float(np.max(np.abs(numbers)))
    reach = float(max(_REACH, math.ceil(_FURTHER * largest)))
    return -reach, reach


# ----- Steps -----


def _forward(page: Recorded, words: Words, places: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Yield what is computed, in its order; ``numbers`` has holes for the arguments."""
    graph = page.graph
    for node in graph:
        if node.row is None:
            continue
        arguments = [graph[x] for x in node.arguments]
        names = [words.name(x.id) for x in arguments]
        holes = [_hole(x, place) for place, x in enumerate(arguments)]
        scalars = not any(x.shape for x in (node, *arguments))
        yield {
            "phase": "forward",
            "formula": f"{words.name(node.id)} = {_formula(node, names)}",
            "numbers": _formula(node, holes) if scalars else None,
            "arguments": [places.get(x.id) for x in arguments],
            "value": places[node.id],
            "nodes": [_number(x.id) for x in (node, *arguments)],
        }


def _formula(node: Node, names: list[str]) -> str:
    """Return how a node was made, over names or numbers; a comparison with its sign."""
    sign = sign_of(node)
    return f" {sign} ".join(names) if sign and len(names) == 2 else step_formula(node, names)


def _hole(argument: Node, place: int) -> str:
    """Return what stands for the number of an argument: a constant itself, else a hole."""
    return factor(argument.value) if argument.role == "constant" else f"{{{place}}}"


def _backward(page: Recorded, words: Words, places: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Yield what passes over each edge, in the order of the backward pass."""
    graph = page.graph
    output = graph.outputs[0]
    yield {
        "phase": "backward",
        "formula": words.partial(output, output),
        "edge": None,
        "value": places[output],
        "to": places[output],
        "nodes": [_number(output)],
    }
    reached = set()
    for number, edge in enumerate(page.edges):
        user, node = graph.id_of(edge.user), graph.id_of(edge.argument)
        share = words.share(user, edge.place, words.partial(output, user))
        sign = "+=" if node in reached else "="
        reached.add(node)
        yield {
            "phase": "backward",
            "formula": f"{words.partial(output, node)} {sign} {share or 'by its rule'}",
            "edge": number,
            "value": places[user],
            "to": places[node],
            "nodes": [_number(user), _number(node)],
        }
