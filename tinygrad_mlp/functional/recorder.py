"""What a Value cannot do while a function is recorded, because its numbers come only later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Never

import numpy as np

from tinygrad_mlp.core.context import Context, Setting
from tinygrad_mlp.core.functions import FUNCTIONS, OF_ANY_LENGTH
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import TraceError

_UNKNOWN = "which the compiled function has only when it runs"
_INSTEAD = (
    "make what is always the same an argument that is an int, a bool, a str or a list of these"
)


class recording(Setting):  # noqa: N801  as scope
    """Record everything inside a ``with`` block for a program that will run on other numbers.

    Values made before number ``start`` are what the program is a function of.  Messages say which
    ``task`` this is for, what is ``unknown`` in it, and what else is to be done.
    """

    def __init__(
        self, start: int, task: str = "compile", unknown: str = _UNKNOWN, instead: str = _INSTEAD
    ) -> None:
        super().__init__()
        self._recorder = Recorder(start, task, unknown, instead)

    def _changed(self, outer: Context) -> Context:
        return outer.inner(recorder=outer.recorder or self._recorder)


class Recorder:
    """Answers for Values that have no numbers yet; what depends on these cannot be looked at."""

    def __init__(self, start: int, task: str, unknown: str, instead: str) -> None:
        self.start = start
        self.task = task
        self.unknown = unknown
        self.instead = instead

    def numbers(self, value: Value, use: str) -> Any:
        """Return the numbers of a leaf that the function made itself, for a ``use``."""
        if value.op is None and value.number >= self.start:
            return value._numbers
        raise TraceError(
            f"{self.task}: {use} needs the numbers of {value.described()}, {self.unknown}; choose "
            f"with tg.where(condition, x, y), or {self.instead}"
        )

    def answer(self, function: Any, args: Any, options: Mapping[str, Any]) -> Value:
        """Record a question about numbers as a step of the program."""
        name = function.__name__
        if name in OF_ANY_LENGTH:
            raise TraceError(
                f"{self.task}: the length of np.{name}(...) depends on numbers, {self.unknown}; "
                "use tg.where(condition, x, y), which keeps the shape"
            )
        # The others say how to ask, such as the axis of argmax.
        count = len(args)
        if not isinstance(function, np.ufunc):
            count = sum(isinstance(x, Value | np.ndarray) for x in args)
        others, named = tuple(args[count:]), tuple(options.items())
        asked: Value = FUNCTIONS["question"](
            *args[:count], function=name, others=others, named=named
        )
        return asked

    def refuse(self, act: str) -> Never:
        """Refuse to write to a Value."""
        instead = (
            "let the function return tg.grad(output, inputs), or compile tg.value_and_grad(f)"
            if act == "backward()"
            else "return the new numbers, and assign them outside"
        )
        raise TraceError(
            f"{self.task}: {act} would write to a Value when the function is recorded, not when it "
            f"runs; {instead}"
        )

    def refuse_grad(self, value: Value) -> Never:
        """Refuse to read a gradient, which is that of an earlier backward pass."""
        raise TraceError(
            f"{self.task}: .grad of {value.described()} is that of the last backward() when the "
            "function is recorded; let the function take it as an argument, or compute it with "
            "tg.grad(output, inputs)"
        )

    def cut(self, value: Value) -> Value:
        """Return what stands for a value made inside ``no_grad``: the program computes it anew."""
        stop_gradient: Any = FUNCTIONS["stop_gradient"]
        return value if value.op is stop_gradient else stop_gradient(value)
