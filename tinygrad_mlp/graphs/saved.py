"""Nodes as JSON and back: everything that a drawing needs, and summaries for the arrays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.display import SUMMARY_LIMIT, Summary, summarize
from tinygrad_mlp._support.files import refuse_newer
from tinygrad_mlp.errors import FileFormatError
from tinygrad_mlp.graphs.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = "tinygrad_mlp graph 1"

_ROLES = ("parameter", "input", "constant", "operation")
_FIELDS = (
    *("id", "role", "label", "scope", "op", "symbol", "arguments", "argument_names", "options"),
    *("shape", "dtype", "value", "gradient", "primal", "weak"),
)


def dump(nodes: Iterable[Node], outputs: tuple[str, ...]) -> str:
    """Return the text of a graph, with one line for each node."""
    lines = ",\n".join(json.dumps(_plain_node(node)) for node in nodes)
    head = f'"format": {json.dumps(FORMAT)}, "outputs": {json.dumps(outputs)}'
    return f'{{{head}, "nodes": [\n{lines}\n]}}\n'


def load(text: str | bytes) -> tuple[tuple[Node, ...], tuple[str, ...]]:
    """Return the nodes and the outputs that ``dump`` wrote, or raise ``FileFormatError``."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"Graph.from_json: this is not JSON: {error}") from None
    found = data.get("format") if isinstance(data, dict) else None
    if isinstance(found, str):
        refuse_newer(found, FORMAT, "Graph.from_json: this")
    if found != FORMAT:
        raise FileFormatError(
            f'Graph.from_json: wanted an object with "format": "{FORMAT}", as to_json writes it'
        )
    nodes: dict[str, Node] = {}
    try:
        for fields in data["nodes"]:
            node = _node(fields, nodes)
            nodes[node.id] = node
        outputs = _known(data["outputs"], nodes)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise FileFormatError(
            f"Graph.from_json: node {len(nodes)} is damaged, or the outputs: {error!s:.200}"
        ) from None
    return tuple(nodes.values()), outputs


# ----- Writing -----


def _plain_node(node: Node) -> dict[str, Any]:
    fields = {name: getattr(node, name) for name in _FIELDS}
    fields["options"] = {name: _plain_option(option) for name, option in node.options.items()}
    fields["dtype"] = node.dtype.name
    fields["value"] = plain_numbers(node.value)
    fields["gradient"] = None if node.gradient is None else plain_numbers(node.gradient)
    return fields


def plain_numbers(numbers: Any) -> Any:
    """Return a scalar exactly, and the summary of anything larger."""
    if numbers.shape or isinstance(numbers, Summary):
        return summarize(numbers)
    if numbers.dtype.kind == "b":
        return bool(numbers)
    number = float(numbers)
    return number if np.isfinite(number) else str(number)  # JSON has no nan


def _plain_option(option: Any) -> Any:
    """Return an option as JSON has it; what JSON has not is a short text."""
    if option is None or isinstance(option, bool | int | str):
        return option
    if isinstance(option, float):
        return option if np.isfinite(option) else str(option)
    if isinstance(option, tuple | list):
        return [_plain_option(part) for part in option]
    if isinstance(option, np.ndarray):
        return f"array of shape {option.shape}: {summarize(option)}"
    return f"{option!s:.200}"


# ----- Reading: a file may hold anything -----


def _node(fields: Any, earlier: dict[str, Node]) -> Node:
    """Return the node with these fields, or raise what Python raises for the damaged one."""
    if strange := fields.keys() ^ set(_FIELDS):
        raise ValueError(f"fields {sorted(strange)} are missing or unknown")
    texts = {name: fields[name] for name in ("id", "scope", "label", "op", "symbol")}
    for name, text in texts.items():
        if not (isinstance(text, str) or (text is None and name not in {"id", "scope"})):
            raise TypeError(f"{name} {text!r:.80} is no text")
    if texts["id"] != f"v{len(earlier)}":
        raise ValueError(f"id {texts['id']!r:.80} should be 'v{len(earlier)}'")
    if fields["role"] not in _ROLES:
        raise ValueError(f"role {fields['role']!r:.80} is none of {', '.join(_ROLES)}")
    names = tuple(str(name) for name in fields["argument_names"])
    arguments = _known(fields["arguments"], earlier)
    if len(names) != len(arguments):
        raise ValueError(f"{len(arguments)} arguments have {len(names)} names")
    if len({fields["role"] == "operation", texts["op"] is not None, bool(arguments)}) > 1:
        raise ValueError("an operation has an op and arguments, and nothing else has any")
    shape = tuple(int(length) for length in fields["shape"])
    dtype = np.dtype(fields["dtype"])
    if dtype.kind not in "fb" or min(shape, default=0) < 0:
        raise ValueError(f"shape {shape} of {dtype} is not that of numbers")
    primal = fields["primal"]
    return Node(
        role=fields["role"],
        value=_numbers(fields["value"], shape, dtype),
        gradient=None if fields["gradient"] is None else _numbers(fields["gradient"], shape, dtype),
        arguments=arguments,
        argument_names=names,
        options=dict(fields["options"]),
        primal=None if primal is None else _known([primal], earlier)[0],
        weak=bool(fields["weak"]),
        **texts,
    )


def _known(ids: Any, nodes: dict[str, Node]) -> tuple[str, ...]:
    return tuple(nodes[id].id for id in ids)  # noqa: A001  the name of Node's field


def _numbers(found: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    if not shape:
        return dtype.type(found)
    if not isinstance(found, str) or len(found) > SUMMARY_LIMIT:
        raise ValueError(f"{found!r:.80} is no summary of at most {SUMMARY_LIMIT} letters")
    if not found.replace("\n", "").isprintable():
        raise ValueError(f"summary {found!r:.80} has letters that cannot be shown")
    return Summary(shape, dtype, found)
