"""A function of named numbers, recorded with its backward pass, and printed as JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp.core.backward import history
from tinygrad_mlp.core.value import Value, leaf_of, next_number
from tinygrad_mlp.errors import GraphError
from tinygrad_mlp.functional.recorder import recording
from tinygrad_mlp.programs.recording.simplifying import program_of
from tinygrad_mlp.programs.recording.tracing import Output, watching_locals
from tinygrad_mlp.programs.writing.javascript.printing import javascript
from tinygrad_mlp.programs.writing.tasks import Parameter, Task
from tinygrad_mlp.teaching.edges import named_graph, passed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.programs.writing.printing import Source
    from tinygrad_mlp.teaching.edges import Edge

#: What a function refers to can be changed in the page, up to so many numbers.
LARGEST_EDITED = 64


class Recorded(NamedTuple):
    """A function that ran once.

    Attributes
    ----------
    graph : Graph
        Of its result.
    inputs : list of Values
        What can be changed: its arguments, then what it refers to.
    values : list of Values
        All of the graph, in its order.
    edges : list of Edge
        What passed over each edge in the backward pass.
    result : Source
        The JavaScript function of the result.
    everything : Source
        The JavaScript function of all values, all their gradients, the local derivatives and the
        contributions of all edges; None where there is no such number.
    """

    graph: Graph
    inputs: list[Value]
    values: list[Value]
    edges: list[Edge]
    result: Source
    everything: Source


def recorded(f: Callable[..., Any], inputs: Mapping[str, Any]) -> Recorded:
    """Run a function once, forward and backward.

    Parameters
    ----------
    f : callable
        Takes the inputs by name, and returns one number.
    inputs : mapping of str to arrays
        Its arguments, of float64.

    Raises
    ------
    TraceError
        If the function looks at its numbers.
    TypeError, GraphError
        If it does not return a Value with one number.
    ValueError
        If JavaScript has no word for an operation.
    """
    given = {name: leaf_of(np.array(x)[()]) for name, x in inputs.items()}
    for name, leaf in given.items():
        leaf.label = name
    start = next_number()
    names: dict[Value, str] = {}
    with recording(start), watching_locals(names):
        output = f(**given)
    if not isinstance(output, Value):
        raise TypeError(f"save_page: f must return a Value, got {type(output).__name__}")
    if output.size != 1:
        raise GraphError(
            f"save_page: f must return one number, got shape {output.shape}; reduce it with .sum()"
        ).about(output)
    _name(output, names, f)
    graph = named_graph(output, *given.values())
    leaves = [x for x in history(output) if x.op is None and x not in given.values()]
    changed = [x for x in leaves if x.number < start and x.size <= LARGEST_EDITED]
    inputs_ = [*given.values(), *changed]
    values = list(graph.values().values())
    with recording(start):
        totals, edges = passed(graph, output, values)
        locals_ = [_local(edge) for edge in edges]
    gradients = [None if x.dtype.kind == "b" else g for x, g in zip(values, totals, strict=True)]
    parts: dict[str, list[Value | None]] = {
        "values": list(values),
        "gradients": gradients,
        "locals": locals_,
        "shares": [edge.contribution for edge in edges],
    }
    result = _printed("result", output, inputs_)
    everything = _printed("everything", parts, inputs_)
    return Recorded(graph, inputs_, values, edges, result, everything)


def _name(output: Value, names: Mapping[Value, str], f: Callable[..., Any]) -> None:
    """Label what has no label as the variables of the function, and the result as itself."""
    for value, name in names.items():
        if value.label is None:
            value.label = name
    if output.label is None:
        called = getattr(f, "__name__", type(f).__name__.lower())
        output.label = called if called.isidentifier() else "f"


def _local(edge: Edge) -> Value | None:
    """Return the local derivative of an edge between numbers."""
    user = edge.user
    if user.shape or edge.argument.shape or user.op is None:
        return None
    rules = dict(zip(range(edge.place + 1), user.op.vjps, strict=False))
    one = leaf_of(np.float64(1.0))
    slope = rules[edge.place](one, user, *user.args, **user.options)
    return slope if isinstance(slope, Value) else leaf_of(np.float64(slope))


def _printed(name: str, form: Any, inputs: list[Value]) -> Source:
    """Return the JavaScript function that gives Values, in their form, from the inputs."""
    outputs: list[Value] = []

    def placed(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: placed(x) for key, x in part.items()}
        if isinstance(part, list):
            return [placed(x) for x in part]
        if part is None:
            return None
        outputs.append(part)
        return Output(len(outputs) - 1)

    form = placed(form)
    program = program_of(outputs, inputs, start=0)
    parameters = [
        Parameter(value.label or "w", (id_,), ((),), (value.numpy(),))
        for id_, value in zip(program.inputs, inputs, strict=True)
    ]
    return javascript(Task(program, form, parameters, name, name, None), formulas=False)
