"""One node of a graph for a whole function, with a rule that gives all its gradients at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.core.record import Op, remember, take
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.kernels import Array


class Function:
    """What a node computes, and how its gradients are made.

    Parameters
    ----------
    name : str
        What a drawing says.
    outputs : sequence of Values or arrays
        The outputs of the first call, for their shapes and types.

    Attributes
    ----------
    to_be_written : str
        What to do instead, for one who wants to read the whole as a text.
    """

    to_be_written = ""

    def __init__(self, name: str, outputs: Sequence[Any]) -> None:
        self.name = name
        self.shapes = [x.shape for x in outputs]
        self.dtypes = [x.dtype for x in outputs]

    def __repr__(self) -> str:
        return self.name

    def compute(self, *arrays: Array) -> Sequence[Array]:
        """Return the outputs for other arguments."""
        raise NotImplementedError

    def rule(self, cotangents: list[Any], outputs: list[Any], args: list[Any]) -> Sequence[Any]:
        """Return one gradient for each argument, None for zero.

        As the rules of rows it sees arrays, or Values if the backward pass is recorded.
        """
        raise NotImplementedError

    def joined(self, arrays: Sequence[Array]) -> Array:
        """Return the outputs as one array: itself, or several behind each other."""
        if len(arrays) == 1:
            return np.asarray(arrays[0])[()]
        return np.concatenate([np.ravel(x) for x in arrays])

    def parted(self, joined: Any) -> list[Any]:
        """Return the outputs, or what belongs to each, from one array or Value."""
        if len(self.shapes) == 1:
            return [joined]
        parts, start = [], 0
        for shape, dtype in zip(self.shapes, self.dtypes, strict=True):
            stop = start + int(np.prod(shape, dtype=int))
            parts.append(joined[start:stop].reshape(shape).astype(dtype))
            start = stop
        return parts


def _compute(arrays: Sequence[Array], function: Function) -> Array:
    return function.joined(function.compute(*arrays))


def _zeros(x: Any) -> Any:
    zeros = np.zeros(x.shape, x.dtype)
    return Value(zeros) if isinstance(x, Value) else zeros


class _Rules:
    """The rules for the arguments of a node, of which the first to be asked answers for all."""

    def __iter__(self) -> Iterator[Callable[..., Any]]:
        shares: list[Any] = []  # of one node in one backward pass
        place = 0
        while True:
            yield self._rule(place, shares)
            place += 1

    @staticmethod
    def _rule(place: int, shares: list[Any]) -> Callable[..., Any]:
        def rule(g: Any, out: Any, *arguments: Any, function: Function) -> Any:
            if not shares:
                gradients, outputs = function.parted(g), function.parted(out)
                shares.extend(function.rule(gradients, outputs, list(arguments)))
            share = shares[place]
            shares[place] = None  # it is asked for once, and may be large
            return _zeros(arguments[place]) if share is None else share

        return rule


function_call: Op = Op(
    "function_call",
    "*arrays",
    options={"function": None},
    forward="call_function({arrays}, function={function})",
    functions={"call_function": _compute},
    vjps=_Rules(),
    listed=False,
    public=False,
    latex=r"f({arrays})",
    shapes="(n),(m)->(k)",
    doc="A whole function as one node, whose rule gives all gradients at once.",
)


def called(function: Function, args: Sequence[Any], outputs: Sequence[Array]) -> list[Value]:
    """Return the outputs of a function as Values that one node was made for.

    Parameters
    ----------
    function : Function
    args : sequence of Values and arrays
        What it was called with.
    outputs : sequence of arrays
        What it gave, in arrays that nobody else writes to.
    """
    taken, inputs, _, exposed = take(function_call, tuple(args))
    data = function.joined(outputs)
    options = {"function": function}
    node = remember(function_call, taken, inputs, options, data, None, exposed)
    return function.parted(node)
