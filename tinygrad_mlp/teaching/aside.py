"""What may have been meant by a value that an output was not made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinygrad_mlp.errors import GraphError
from tinygrad_mlp.graphs.graph import Graph

if TYPE_CHECKING:
    from tinygrad_mlp.core.value import Value
    from tinygrad_mlp.teaching.edges import Pass
    from tinygrad_mlp.teaching.words import Words


def check_order(output: Value, value: Value, gradient: Any) -> None:
    """Raise ``GraphError`` if a table was made into a value, and not the other way round.

    Of a number the ledger itself can say so.
    """
    if gradient is None and output.shape and output is not value and output in Graph.of(value):
        made, of = value.described(), output.described()
        raise GraphError(f"why: the output comes first; here {made} was made from {of}")


def aside(found: Pass, words: Words) -> str:
    """Return how a value and an output belong together, though it was not made from the value."""
    output, value = found.output, found.value
    name, result = (words.name(found.graph.id_of(x)) for x in (value, output))
    if output in Graph.of(value):
        return f", but {name} from {result}: the output comes first"
    below = Graph.of(output)
    for argument in value.args:
        if argument not in below:
            continue
        whole = words.name(found.graph.id_of(argument))
        index = value.options.get("index")
        places = index if isinstance(index, tuple) else (index,)
        if not value.shape and all(isinstance(place, int) for place in places):
            return f", but from {whole}; ask why(..., index={index!r}) about a number of it"
        return f", but from {whole}, as {name} was"
    return ""
