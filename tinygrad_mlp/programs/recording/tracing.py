"""Recording a function once, on Values in the place of its arrays."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp._support.structures import leaves, rebuild
from tinygrad_mlp.core.numbers import as_numbers, is_dataclass
from tinygrad_mlp.core.value import Value, leaf_of, next_number
from tinygrad_mlp.functional.recorder import recording
from tinygrad_mlp.programs.recording.program import Program
from tinygrad_mlp.programs.recording.simplifying import program_of

Function = Callable[..., Any]
#: Where functions come from that a reader did not write.
_FOREIGN = frozenset((*sys.stdlib_module_names, "numpy", __name__.partition(".")[0]))
#: What may be returned, besides Values: it is the same in every run.
_FIXED = (np.ndarray, np.generic, np.dtype, int, float, complex, str, bytes, type, Enum)


@dataclass(frozen=True)  # no tuple, which would be taken for a container of what is in it
class Output:
    """Stands, in what a function returned, for one of the outputs of its program."""

    position: int


class Trace(NamedTuple):
    """What was seen when a function ran once.

    ``result`` has the form of what the function returned, with an ``Output`` for every Value.
    """

    program: Program
    result: Any


def is_dynamic(x: Any) -> bool:
    """Return whether an argument may be another in the next run: arrays and floats may.

    Anything else, such as an int or a str, may decide what is computed, and belongs to the
    program.
    """
    return isinstance(x, np.ndarray | np.floating | float)


def trace(f: Function, args: Sequence[Any], options: Mapping[str, Any]) -> Trace:
    """Run a function on Values, and return the program of what it did.

    Raises
    ------
    TraceError
        If the function looks at numbers that it has only when it runs.
    """
    everything = (tuple(args), dict(options))
    flat = leaves(everything)
    kind = widest(flat)
    given = [leaf_of(as_sample(x, kind)) if is_dynamic(x) else x for x in flat]
    given_args, given_options = rebuild(everything, iter(given))
    names: dict[Value, str] = {}
    start = next_number()
    with recording(start), watching_locals(names):
        result = f(*given_args, **given_options)
    outputs: list[Value] = []
    form = [_as_output(x, outputs) for x in leaves(result)]
    inputs = [x for x in given if type(x) is Value]
    program = program_of(outputs, inputs, start, names)
    return Trace(program, rebuild(result, iter(form)))


def widest(numbers: Sequence[Any]) -> np.dtype[Any]:
    """Return the widest type of some arrays, which Python's floats among them take."""
    types = [x.dtype for x in numbers if isinstance(x, np.ndarray | np.floating)]
    kinds = [kind if kind.kind == "f" else np.dtype(float) for kind in types]
    return np.result_type(*kinds) if kinds else np.dtype(float)


def as_sample(x: Any, kind: np.dtype[Any]) -> Any:
    """Return an argument as the array or scalar that a program takes, a copy."""
    if isinstance(x, float) and not isinstance(x, np.floating):
        return kind.type(x)
    sample = as_numbers(x, "argument", copy=True)
    if isinstance(x, np.ndarray) and 0 in x.strides:  # one number stretched has no order of its own
        return np.ascontiguousarray(sample) if sample.ndim else sample
    return sample


def _as_output(x: Any, outputs: list[Value]) -> Any:
    if isinstance(x, _FIXED) or x is None:
        return x
    if type(x) is not Value:
        raise TypeError(
            f"compile: the function returned {type(x).__name__} {x!r:.80}, which cannot be made by "
            "a program; return arrays, numbers and texts, or lists, tuples and dicts of them"
            + ("; a dataclass after tg.register_tree(its class)" if is_dataclass(x) else "")
        )
    outputs.append(x)
    return Output(len(outputs) - 1)


@contextmanager
def watching_locals(names: dict[Value, str]) -> Iterator[None]:
    """Note what the functions that run call their Values, if a reader wrote them.

    A function that returns later is an outer one, whose names are more telling.
    """

    def look(frame: FrameType, event: str, _: Any) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "return" and module.partition(".")[0] not in _FOREIGN:
            names.update({x: name for name, x in frame.f_locals.items() if type(x) is Value})

    if sys.getprofile() is not None:  # somebody measures; names are not worth disturbing that
        yield
        return
    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(None)
