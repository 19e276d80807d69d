"""The way into a program: a function that tells its arguments from others, and runs it."""

from __future__ import annotations

import builtins
import keyword
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

from tinygrad_mlp.programs.compiling.printer import Emitted

Array = Any

#: What ``entry`` returns for arguments that are not of its kind.
MISS = object()
#: Names in the text that are not those of arguments.
_OURS = re.compile(
    r"[ciokrst]\d+|factor|number|kind\d+|loops|machine_code|captured\d+|formula\d+|empty\d+"
    r"|reused\d+|MISS|allocate|copyto|entry|idle|memory|ndarray|new_run|np|result|run"
    r"|unchanged|\w+_reduce|__debug__"
)


class Entry(NamedTuple):
    """What the function checks and passes on."""

    parameters: Sequence[str]  # names of the arguments, then of the captured
    samples: Sequence[Any]  # arguments of the kind
    are_floats: Sequence[bool]  # which arguments are Python's floats, and become scalars
    printed: Emitted
    donated: Mapping[int, int]  # outputs that are written into arguments, both by position
    reused: Mapping[int, Array]  # what other outputs are written into
    asks: bool  # whether there is anything else that ``unchanged`` looks at

    def text(self) -> str:
        """Return the text of the function."""
        names = self.parameters[: len(self.samples)]
        captured = [f"captured{i}._numbers" for i in range(len(self.parameters) - len(names))]
        checks = [check for place, name in enumerate(names) for check in self._checks(place, name)]
        if self.asks:
            checks.append("unchanged()")
        # What is written into must be nothing else: no view, no other argument.
        written = {f"reused{position}": array for position, array in self.reused.items()}
        if self.donated or written:
            arrays = dict(zip(names, self.samples, strict=True)) | written
            kinds = {
                name: (x.shape, x.dtype) for name, x in arrays.items() if isinstance(x, ndarray)
            }
            counts = Counter(kinds.values())
            # An array that is alone of its shape and type can be none of the others.
            twins = [f"id({name})" for name, kind in kinds.items() if counts[kind] > 1]
            if twins:
                checks.append(f"len({{{', '.join(twins)}}}) == {len(twins)}")
        if self.donated and captured:
            ids = ", ".join(f"id({names[place]})" for place in self.donated.values())
            read = ", ".join(f"id({numbers})" for numbers in captured)
            checks.append(f"{{{ids}}}.isdisjoint([{read}])")
        arguments = [
            f"s{place}({name})" if is_float else name
            for place, (name, is_float) in enumerate(zip(names, self.are_floats, strict=True))
        ]
        targets = map(self._target, self.printed.layouts)
        call = f"run({', '.join([*arguments, *captured, *targets])})"
        refusal = [f"    if not ({' and '.join(checks)}):", "        return MISS"]
        borrowing = [
            "    try:",
            "        run = idle.pop()",
            "    except IndexError:",
            "        run = new_run()",
            f"    result = {call}",
            "    idle.append(run)",
            "    return result",
        ]
        lines = [f"\n\ndef entry({', '.join(names)}):", *(refusal if checks else [])]
        lines += borrowing if self.printed.has_buffers else [f"    return {call}"]
        return "\n".join(lines) + "\n"

    def _checks(self, place: int, name: str) -> Iterator[str]:
        sample = self.samples[place]
        if self.are_floats[place]:
            yield f"type({name}) is float"
        elif not isinstance(sample, ndarray):
            yield f"type({name}) is s{place}"
        else:
            yield f"type({name}) is ndarray and {name}.shape == {sample.shape!r}"
            if self.printed.has_buffers:  # views of them were made for such arrays
                yield f"{name}.strides == {sample.strides!r}"
            yield f"{name}.dtype is s{place}"
            if self.donated or self.reused:
                yield f"{name}.base is None"
            if place in self.donated.values():
                yield f"{name}.flags.writeable"

    def _target(self, position: int) -> str:
        """Return what an output is written into."""
        if position in self.reused:
            return f"reused{position}"
        if position in self.donated:
            return self.parameters[self.donated[position]]
        layout = self.printed.layouts[position]
        if layout.order is None and layout.dtype == np.float64:
            return f"np.empty({layout.stored_shape!r})"
        return f"empty{position}()"


def identifiers(labels: Sequence[str]) -> list[str]:
    """Return a name for each label that Python accepts, and nothing else has.

    >>> identifiers(["W", "W", "lambda", "t1", "2nd"])
    ['W', 'W_2', 'lambda_', 't1_', 'x2nd']
    """
    names: list[str] = []
    for label in labels:
        name = re.sub(r"\W", "_", label, flags=re.ASCII) or "x"
        name = f"x{name}" if name[0].isdigit() else name
        taken = keyword.iskeyword(name) or hasattr(np, name) or hasattr(builtins, name)
        if taken or _OURS.fullmatch(name):
            name += "_"
        unique, number = name, 1
        while unique in names:
            number += 1
            unique = f"{name}_{number}"
        names.append(unique)
    return names
