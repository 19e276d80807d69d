"""What a function did with Values, as a list of calls of rows that can be made again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from tinygrad_mlp.core.backward import history
from tinygrad_mlp.core.op import Row
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.core.value import Value


class Constant(NamedTuple):
    """An argument that is the same in every run."""

    numbers: Any


class Step(NamedTuple):
    """One call: of a row, with what stands at some places, or with constants."""

    row: Row
    arguments: tuple[int | Constant, ...]
    options: Mapping[str, Any]


class Tape:
    """The calls that lead from some Values to others, without the numbers between them.

    Numbers that are no Values, such as those of a random generator, are constants of the tape, and
    so is the way that a branch took.

    Parameters
    ----------
    outputs : sequence of Values
        What is computed.
    start : int
        Values that were born before this number are given, and not looked into.

    Attributes
    ----------
    inputs : list of Values
        Those that are given, from the oldest to the youngest.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> w, x = tg.Value(2.0), tg.Value(3.0)
    >>> tape = Tape([tg.sin(w * x) + 1.0], start=x.number + 1)
    >>> tape.inputs == [w, x], [step.row.name for step in tape.steps]
    (True, ['multiply', 'sin', 'add'])
    >>> tape.run([0.0, 5.0])
    [np.float64(1.0)]
    """

    def __init__(self, outputs: Sequence[Value], start: int) -> None:
        order = history(*outputs, since=start)
        self.inputs = [value for value in order if value.number < start]
        places: dict[Value, int | Constant] = {
            value: place for place, value in enumerate(self.inputs)
        }
        self.steps: list[Step] = []
        for value in order[len(places) :]:
            if value.op is None:  # a leaf that the function made
                places[value] = Constant(value._numbers)
                continue
            arguments = tuple(
                places[argument] if type(argument) is Value else Constant(seen)
                for argument, seen in zip(value.args, value.inputs, strict=True)
            )
            places[value] = len(self.inputs) + len(self.steps)
            self.steps.append(Step(value.op, arguments, value.options))
        self.outputs = [places[value] for value in outputs]
        self._ends = self._last_uses()

    def _last_uses(self) -> list[list[int]]:
        """Return which things no later step needs, for each step."""
        ends: list[list[int]] = [[] for _ in self.steps]
        needed: set[Any] = {place for place in self.outputs if isinstance(place, int)}
        for number in range(len(self.steps) - 1, -1, -1):
            for place in self.steps[number].arguments:
                if isinstance(place, int) and place not in needed:
                    needed.add(place)
                    ends[number].append(place)
        return ends

    def run(self, things: Sequence[Any], call: Callable[..., Any] = Op.__call__) -> list[Any]:
        """Return the outputs for other inputs; ``call(row, *args, **options)`` makes each call."""
        found = list(things)

        def at(place: int | Constant) -> Any:
            return place.numbers if isinstance(place, Constant) else found[place]

        for (row, arguments, options), ends in zip(self.steps, self._ends, strict=True):
            found.append(call(row, *map(at, arguments), **options))
            for place in ends:
                found[place] = None  # as soon as it is used, its memory can be used again
        return [at(place) for place in self.outputs]
