"""The programs that a function has become: one for each kind of arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from warnings import warn

import numpy as np

from tinygrad_mlp._support.structures import is_container, leaves, mapped, taken_apart
from tinygrad_mlp.core.numbers import AS_TUPLE, is_dataclass
from tinygrad_mlp.programs.compiling.loops import LoopPrinter
from tinygrad_mlp.programs.compiling.machine_code import UnsupportedError
from tinygrad_mlp.programs.compiling.memory import Layout
from tinygrad_mlp.programs.compiling.numpy_calls import NumpyPrinter
from tinygrad_mlp.programs.compiling.printer import Printer
from tinygrad_mlp.programs.compiling.specialization import Specialization
from tinygrad_mlp.programs.recording.outside import Outside
from tinygrad_mlp.programs.recording.program import sample_like
from tinygrad_mlp.programs.recording.tracing import is_dynamic, trace

PRINTERS: dict[str, type[Printer]] = {"numpy": NumpyPrinter, "numba": LoopPrinter}
#: How often something may have changed outside of a function before it is told to be slow.
_HABIT = 8


class Programs:
    """The programs of a function, each made when it is wanted."""

    def __init__(
        self, f: Callable[..., Any], donated: tuple[int, ...], reuse: bool, backend: str
    ) -> None:
        self._f = f
        self._donated = donated
        self._reuse = reuse
        self._printer = PRINTERS[backend]
        self._kinds: dict[Any, Specialization] = {}
        self._again = 0  # how often something was recorded anew
        self.newest: Specialization | None = None
        self.example: Any = None  # arguments like those of the newest
        #: How many arguments the quick way in takes, and the way; one thing, because of threads.
        self.entry: tuple[int, Callable[..., Any] | None] = (-1, None)

    def __len__(self) -> int:
        return len(self._kinds)

    def of(self, args: Any, options: Any, flat: list[Any]) -> Specialization:
        """Return the program for some arguments, of which ``flat`` are the leaves."""
        key = (_kind_of(args), _kind_of(options))
        try:
            found = self._kinds.get(key)
        except TypeError:
            raise self._unhashable(flat) from None
        if found is not None and not found.outside.unchanged():
            self._count(found.outside.changed())
            found = None
        if found is None:
            found = self._kinds[key] = self._made(args, options, flat)
        if self.newest is not found:
            self.newest = found
            self.example = mapped(sample_like, (args, options))
            # Other arguments need a look at what is in them.
            plain = not options and len(args) == len(flat) and all(map(is_dynamic, args))
            self.entry = (len(args), found.entry if plain else None)
        return found

    def _unhashable(self, flat: list[Any]) -> TypeError:
        """Return the error for arguments that cannot tell one program from another."""
        for x in flat:
            if not is_dynamic(x) and not _is_hashable(x):
                return TypeError(
                    f"compile: {name_of(self._f)} got {type(x).__name__} {x!r:.80}; arguments must "
                    "be arrays or floats, or fixed things such as ints, strings and functions"
                    + (AS_TUPLE if is_dataclass(x) else "")
                )
        return TypeError(
            f"compile: {name_of(self._f)} got an object of a registered class with something "
            "static that has no hash; let it be an int, a str or a tuple of such"
        )

    def _made(self, args: Any, options: Any, flat: list[Any]) -> Specialization:
        """Record the function, and return its program."""
        for number in self._donated:
            if number >= len(args):
                raise ValueError(
                    f"compile: donate_argnums has {number}, but the number of positional "
                    f"arguments is {len(args)}"
                )
        owners = [position for position, x in enumerate(args) for _ in leaves(x)]
        donated = [place for place, owner in enumerate(owners) if owner in self._donated]
        # Before the function itself changes anything.
        outside = Outside(self._f, [x for x in flat if not is_dynamic(x)])
        recorded = trace(self._f, args, options)
        outside.settle()
        arguments = name_of(self._f), outside, recorded, flat, donated, self._reuse
        try:
            return Specialization(*arguments, self._printer)
        except UnsupportedError as error:
            warn(f"compile: {name_of(self._f)} runs with NumPy: {error}", stacklevel=4)
            self._printer = NumpyPrinter
            return Specialization(*arguments, self._printer)

    def _count(self, changed: str) -> None:
        """Note that something is recorded anew, and say so if that has become a habit."""
        self._again += 1
        if self._again == _HABIT:
            warn(
                f"compile: {name_of(self._f)} was recorded anew {_HABIT} times, as {changed} has "
                "changed each time; make it an argument, or a tg.Value, which every call reads",
                stacklevel=4,
            )


def _kind_of(structure: Any) -> Any:
    """Return what tells arguments of different kinds apart."""
    if is_container(structure):
        items, rest = taken_apart(structure)
        return (type(structure), rest, *map(_kind_of, items))
    if isinstance(structure, float) and not isinstance(structure, np.floating):
        return float
    if is_dynamic(structure):
        return (structure.shape, structure.dtype, Layout.of(structure).order)
    return ("fixed", type(structure), structure)


def _is_hashable(x: Any) -> bool:
    try:
        hash(x)
    except TypeError:
        return False
    return True


def name_of(f: Callable[..., Any]) -> str:
    """Return what a function is called, in a message."""
    return getattr(f, "__name__", type(f).__name__)
