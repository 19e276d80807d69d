"""One run of a function on Values: what every transform begins with, and the checks around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_mlp._support.structures import leaves, rebuild
from tinygrad_mlp.core import backward
from tinygrad_mlp.core.context import current, differentiating
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.ops.shapes import copy, stop_gradient

Function = Callable[..., Any]


class Run:
    """The values that are differentiated by, the outputs, and the graph between them.

    With ``has_aux`` the function returns a pair, of which only the first is differentiated.
    """

    def __init__(
        self,
        transform: str,
        f: Function,
        args: Sequence[Any],
        options: Mapping[str, Any],
        argnums: Any,
        has_aux: bool = False,
    ) -> None:
        self.transform = transform
        self.f = f
        self.single = not isinstance(argnums, tuple | list)
        self.recorded = _is_followed() or any_value(args)
        places = [_place(n, len(args)) for n in ((argnums,) if self.single else argnums)]
        if len(set(places)) < len(places):
            raise ValueError(f"argnums must name each argument once, got {tuple(argnums)}")
        self.chosen = tuple([args[place] for place in places])
        # A list of its own, because f may change the lists and dicts that it gets.
        self.values = [_input(x) for x in leaves(self.chosen)]
        given = list(args)
        remaining = iter(self.values)
        for place in places:
            given[place] = rebuild(args[place], remaining)
        self.recording = differentiating(self.values)
        with self.recording:
            self.output = f(*given, **options)
        self.has_aux = has_aux
        self._aux = None
        if has_aux:
            if not isinstance(self.output, tuple | list) or len(self.output) != 2:
                raise TypeError(
                    f"{transform}: with has_aux, {name_of(f)} must return a pair, the output and "
                    f"anything else, got {type(self.output).__name__} {self.output!r:.80}"
                )
            self.output, self._aux = self.output

    def single_output(self) -> Value:
        """Return the output as one Value."""
        return self._as_value(self.output)

    def outputs(self) -> list[Value]:
        """Return what is in the output, a structure, as Values."""
        if self.output is None:
            return [self._as_value(None)]  # which raises: nothing was returned
        return [self._as_value(x) for x in leaves(self.output)]

    def _as_value(self, output: Any) -> Value:
        if isinstance(output, Value):
            return output
        try:
            return Value(output)  # it does not depend on anything: the derivatives are zero
        except TypeError as error:
            pair = not self.has_aux and isinstance(output, tuple) and len(output) == 2
            raise TypeError(
                f"{self.transform}: {name_of(self.f)} must return an array or a Value, "
                f"got {type(output).__name__} {output!r:.80}"
                + ("; has_aux=True is for an output and something besides" if pair else "")
            ) from error

    def formed_as_output(self, flat: Iterable[Any]) -> Any:
        """Return one thing for each output in the form of what the function returned."""
        return rebuild(self.output, iter(flat))

    def finished(self, output: Value) -> Any:
        """Return an output as the caller wants it: a Value only if derivatives may follow."""
        if not self.recorded:
            return np.array(output.data)[()]
        return output if current().recording else stop_gradient(output)

    def with_aux(self, *results: Any) -> Any:
        """Return the results of the transform, and after them what came besides, if asked for."""
        if self.has_aux:
            done = (self.finished(x) if isinstance(x, Value) else x for x in leaves(self._aux))
            results = (*results, rebuild(self._aux, done))
        return results if len(results) > 1 else results[0]

    def gradients(self, outputs: Value | Sequence[Value], cotangents: Any) -> Any:
        """Return the gradients in the form of the inputs."""
        recorded = self.recorded or _is_followed() or any_value(cotangents)
        return self.formed(backward.grad(outputs, self.values, cotangents, create_graph=recorded))

    def formed(self, flat: Iterable[Any]) -> Any:
        """Return one thing for each input in the form of the arguments that were chosen."""
        structures = rebuild(self.chosen, iter(flat))
        return structures[0] if self.single else structures


def _input(x: Any) -> Value:
    """Return what is differentiated by: a leaf, or a twin of the caller's Value.

    A twin, because one Value may be given for two arguments of which only one is meant.
    """
    return copy(x) if isinstance(x, Value) else Value(x)


def _place(number: Any, count: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int | np.integer):
        raise TypeError(f"argnums must be an int or a tuple of ints, got {number!r}")
    if not -count <= number < count:
        raise ValueError(f"argnums is {number}, but the number of positional arguments is {count}")
    return int(number) % count


def _is_followed() -> bool:
    """Return whether what is computed now may be differentiated, or is made a program."""
    context = current()
    return context.followed or context.recorder is not None


def any_value(arguments: Any) -> bool:
    """Return whether a Value stands somewhere in the arguments."""
    return Value in map(type, leaves(arguments))


def check_function(transform: str, f: Any) -> None:
    """Raise if what is to be differentiated is no function."""
    if not callable(f):
        raise TypeError(f"{transform}: f must be a function, got {type(f).__name__} {f!r:.80}")


def name_of(f: Function) -> str:
    """Return what a message calls a function."""
    return getattr(f, "__name__", type(f).__name__)


def named(function: Function, transform: str, f: Function) -> Function:
    """Return what a transform made of ``f`` under a name that tells it."""
    function.__name__ = f"{transform}({name_of(f)})"
    function.__doc__ = f"{transform} of {name_of(f)}; takes the same arguments."
    function.__wrapped__ = f  # type: ignore[attr-defined]  # for inspect.signature
    return function
