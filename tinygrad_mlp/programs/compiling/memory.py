"""Where the results of a program lie in memory, until when, and what may take their place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from tinygrad_mlp.programs.compiling.calls import Call, Variable, is_elementwise
from tinygrad_mlp.programs.compiling.lowering import Lowered
from tinygrad_mlp.programs.recording.program import axes_in_memory

#: Arrays begin at multiples of this many bytes, as vector instructions like it.
_ALIGNMENT = 64


class Layout(NamedTuple):
    """Shape, type and order in memory of an array.

    ``stored_shape`` is that of its memory; ``order`` are the axes of the array in that memory,
    None for the usual order.  NumPy keeps the order of arguments in results, and sums in the
    order of memory, so buffers have to keep it too.
    """

    stored_shape: tuple[int, ...]
    order: tuple[int, ...] | None
    dtype: np.dtype[Any]

    @classmethod
    def of(cls, array: Any) -> Self:
        """Return the layout of a contiguous array like this one.

        >>> Layout.of(np.ones((2, 3)).T)
        Layout(stored_shape=(2, 3), order=(1, 0), dtype=dtype('float64'))
        """
        axes = axes_in_memory(array)
        if axes is None:
            return cls(array.shape, None, array.dtype)
        stored = tuple(array.shape[axis] for axis in axes)
        return cls(stored, tuple(axes.index(axis) for axis in range(array.ndim)), array.dtype)

    @property
    def nbytes(self) -> int:
        """Bytes of such an array."""
        return math.prod(self.stored_shape) * self.dtype.itemsize

    def empty(self) -> np.ndarray[Any, Any]:
        """Return a new array of this layout, not initialized."""
        array: np.ndarray[Any, Any] = np.empty(self.stored_shape, self.dtype)
        return array if self.order is None else array.transpose(self.order)


class Memory:
    """Places in one block of memory, for arrays that live for a while.

    Examples
    --------
    >>> memory = Memory()
    >>> memory.take(1, 800), memory.take(2, 8)
    (0, 832)
    >>> memory.release(1)
    >>> memory.take(3, 100), memory.size
    (0, 896)
    """

    def __init__(self) -> None:
        self.size = 0
        self.wanted = 0  # bytes, if every array had a place of its own
        self.arrays = 0
        self._free: list[tuple[int, int]] = []  # (length, offset)
        self._taken: dict[int, tuple[int, int]] = {}

    def take(self, owner: int, nbytes: int) -> int:
        """Return the offset of a place, the smallest that fits, for an array."""
        self._count(nbytes)
        fitting = [place for place in self._free if place[0] >= nbytes]
        if fitting:
            place = min(fitting)
            self._free.remove(place)
        else:
            place = (-(-nbytes // _ALIGNMENT) * _ALIGNMENT, self.size)
            self.size += place[0]
        self._taken[owner] = place
        return place[1]

    def hand_over(self, owner: int, heir: int) -> int:
        """Give the place of one array to another, which is written over it."""
        place = self._taken[heir] = self._taken.pop(owner)
        self._count(place[0])
        return place[1]

    def release(self, owner: int) -> None:
        """Free the place of an array, if it has one."""
        place = self._taken.pop(owner, None)
        if place is not None:
            self._free.append(place)

    def _count(self, nbytes: int) -> None:
        self.wanted += nbytes
        self.arrays += 1

    @staticmethod
    def allocate(size: int) -> np.ndarray[Any, Any]:
        """Return a block of bytes that begins at a multiple of the alignment."""
        block: np.ndarray[Any, Any] = np.empty(size + _ALIGNMENT, np.uint8)
        start = -block.ctypes.data % _ALIGNMENT
        return block[start : start + size]


class Lives:
    """When the results of a program are read for the last time.

    Parameters
    ----------
    lowered : Lowered
        The calls, by whose places in the list time is counted.
    donated : mapping of int to int
        Positions of outputs that are written into the memory of inputs, by position.
    """

    def __init__(self, lowered: Lowered, donated: Mapping[int, int]) -> None:
        #: Numbers of the variables that come from outside.
        self.given = [s.number for s in (*lowered.inputs.values(), *lowered.captured.values())]
        self._roots = memory_roots(lowered.calls)
        #: When the memory of a variable is read for the last time, through views of it too.
        self.last_use: dict[int, int] = {}
        for place, call in enumerate(lowered.calls):
            for variable in call.variables():
                self.last_use[self.root(variable)] = place
        #: For variables that are outputs, the position of the array that they are written to.
        self.destinations = self._destinations(lowered, donated)
        for position, output in enumerate(lowered.outputs):
            if isinstance(output, Variable) and self.destinations.get(output.number) != position:
                self.last_use[self.root(output)] = len(lowered.calls)  # copied at the end
        #: The variables that are not needed after a call.
        self.dying: dict[int, list[int]] = {}
        for root, place in self.last_use.items():
            self.dying.setdefault(place, []).append(root)

    def root(self, variable: Variable) -> int:
        """Return the number of the variable whose memory this one shares, or its own."""
        return self._roots.get(variable.number, variable.number)

    def _destinations(self, lowered: Lowered, donated: Mapping[int, int]) -> dict[int, int]:
        """Return where outputs are written at once; others are copied at the end.

        Such are those that something else shares memory with, or whose donated memory is still
        read later.
        """
        calls = lowered.calls
        writers = {
            call.result.number: place
            for place, call in enumerate(calls)
            if call.result is not None and call.kind in ("ufunc", "reduce")
        }
        returned = {self.root(x) for x in lowered.outputs if isinstance(x, Variable)}
        found: dict[int, int] = {}
        for position, output in enumerate(lowered.outputs):
            if not isinstance(output, Variable) or output.number in found:
                continue
            place = writers.get(output.number)
            if place is None:
                continue
            if position in donated:
                memory = self.given[donated[position]]
                if memory in returned or not self._may_overwrite(calls[place], place, memory):
                    continue
            found[output.number] = position
        return found

    def _may_overwrite(self, call: Call, place: int, memory: int) -> bool:
        """Return whether a call may write into some memory: nothing reads it later."""
        last = self.last_use.get(memory, -1)
        exact = call.kind == "ufunc" and is_elementwise(call)
        whole = all(x.number == memory or self.root(x) != memory for x in call.variables())
        return last < place or (last == place and exact and whole)


def memory_roots(calls: Sequence[Call]) -> dict[int, int]:
    """Return for every view, by number, the variable whose memory it shares."""
    roots: dict[int, int] = {}
    for call in calls:
        if call.source is not None and call.result is not None:
            source = call.source.number
            roots[call.result.number] = roots.get(source, source)
    return roots
