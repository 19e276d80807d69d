"""What a lowered program consists of: calls of NumPy, and the variables that they compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from tinygrad_mlp._support.structures import leaves

Array = Any


class Variable:
    """An array or scalar of a program: its number, and a sample, whose shape and type it has."""

    __slots__ = ("data", "number")

    def __init__(self, data: Array, number: int) -> None:
        self.data = data
        self.number = number

    shape: Any = property(attrgetter("data.shape"))
    ndim: Any = property(attrgetter("data.ndim"))
    size: Any = property(attrgetter("data.size"))
    dtype: Any = property(attrgetter("data.dtype"))
    itemsize: Any = property(attrgetter("data.itemsize"))


@dataclass(eq=False, slots=True)
class Call:
    """One call of NumPy in a lowered program.

    Attributes
    ----------
    kind : str
        ``"ufunc"`` and ``"reduce"`` can write into a given array; ``"view"`` gives an array that
        shares memory; ``"plain"`` and ``"total"`` give a new array or scalar.  ``"guard"`` begins
        a block of calls that is left out if its argument is not as ``truth`` says, and ``"end"``
        ends it; then ``alternative`` gives the block's result.
    function : callable
        What is called; for a reduction its binary function.
    arguments : sequence
        Variables and constants.
    options : mapping
        Named arguments.
    result : Variable or None
    source : Variable or None
        Of a view, the argument whose memory it shares.
    quiet : mapping
        The floating-point warnings that are off around this call.
    comment : str
        The step that it belongs to.
    row : Row or None
        The row of that step.
    """

    kind: str
    function: Callable[..., Any]
    arguments: Sequence[Any]
    options: Mapping[str, Any]
    result: Variable | None
    source: Variable | None = None
    quiet: Mapping[str, Any] = field(default_factory=dict)
    comment: str = ""
    row: Any = None
    truth: bool = True
    alternative: Call | None = None

    def variables(self) -> list[Variable]:
        """Return the variables among the arguments, those in lists and options too."""
        given = leaves([*self.arguments, *self.options.values()])
        found = [x for x in given if isinstance(x, Variable)]
        if self.kind == "guard" and self.alternative is not None:
            found += self.alternative.variables()
        return found


def is_elementwise(call: Call) -> bool:
    """Return whether a call of a ufunc goes number by number."""
    return call.function.signature is None  # type: ignore[attr-defined]  # a ufunc has one
