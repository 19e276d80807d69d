"""Until when each result of a program is needed, and which may be written to its place at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tinygrad_mlp.compiling.lowering import Lowered
from tinygrad_mlp.compiling.symbols import Call, Symbol


class Lives:
    """When the results of a program are read for the last time.

    Parameters
    ----------
    lowered : Lowered
        The calls, by whose places in the list time is counted.
    donated : mapping of int to int
        Positions of outputs that are written into the memory of inputs, by position.

    Attributes
    ----------
    given : list of int
        Numbers of the symbols that come from outside.
    last_use : dict of int to int
        When the memory of a symbol is read for the last time, through views of it too.
    dying : dict of int to list of int
        The symbols that are not needed after a call.
    destinations : dict of int to int
        For symbols that are outputs, the position of the array that they are written to.  One that
        something else shares memory with, or whose donated memory is still read later, is copied
        at the end instead.
    """

    def __init__(self, lowered: Lowered, donated: Mapping[int, int]) -> None:
        self.given = [s.number for s in (*lowered.inputs.values(), *lowered.captured.values())]
        self._roots = memory_roots(lowered.calls)
        self.last_use: dict[int, int] = {}
        for place, call in enumerate(lowered.calls):
            for symbol in call.symbols():
                self.last_use[self.root(symbol)] = place
        self.destinations = self._destinations(lowered, donated)
        for position, output in enumerate(lowered.outputs):
            if isinstance(output, Symbol) and self.destinations.get(output.number) != position:
                self.last_use[self.root(output)] = len(lowered.calls)  # copied at the end
        self.dying: dict[int, list[int]] = {}
        for root, place in self.last_use.items():
            self.dying.setdefault(place, []).append(root)

    def root(self, symbol: Symbol) -> int:
        """Return the number of the symbol whose memory this one shares, or its own."""
        return self._roots.get(symbol.number, symbol.number)

    def _destinations(self, lowered: Lowered, donated: Mapping[int, int]) -> dict[int, int]:
        calls = lowered.calls
        writers = {
            call.result.number: place
            for place, call in enumerate(calls)
            if call.result is not None and call.kind in ("ufunc", "reduce")
        }
        returned = {self.root(x) for x in lowered.outputs if isinstance(x, Symbol)}
        found: dict[int, int] = {}
        for position, output in enumerate(lowered.outputs):
            if not isinstance(output, Symbol) or output.number in found:
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
        whole = all(x.number == memory or self.root(x) != memory for x in call.symbols())
        return last < place or (last == place and exact and whole)


def memory_roots(calls: Sequence[Call]) -> dict[int, int]:
    """Return for every view, by number, the symbol whose memory it shares."""
    roots: dict[int, int] = {}
    for call in calls:
        if call.source is not None and call.result is not None:
            source = call.source.number
            roots[call.result.number] = roots.get(source, source)
    return roots


def is_elementwise(call: Call) -> bool:
    """Return whether a call of a ufunc goes number by number."""
    return call.function.signature is None  # type: ignore[attr-defined]  # a ufunc has one
