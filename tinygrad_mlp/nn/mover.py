"""The update of an optimizer as a compiled program, over blocks of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.structures import leaves, rebuild
from tinygrad_mlp.nn.blocks import Block
from tinygrad_mlp.nn.updates import begun, rehearse

if TYPE_CHECKING:
    from tinygrad_mlp.nn.optimizers.combining import Chain
    from tinygrad_mlp.nn.optimizers.optimizer import Optimizer, State

Array = Any

#: How many numbers are moved at once where pieces may be; what is computed on the way is as long.
PIECE = 2**17

_Run = tuple[Callable[..., Any], list[Array]]  # a program, and room for the moves that it gives


class _Piece:
    """What is moved at once: everything, or a slice of one of the arrays.

    Parameters
    ----------
    place : int or None
        Which array; None is all of all.
    part : slice
        Of that array, and of those of the state that belong to it.
    entries : list of pairs of int and bool
        Its entries of the state, by number, and whether they are sliced.
    rooms : pair of lists
        Two sets of arrays for all entries, which take turns; None for a scalar.
    """

    def __init__(
        self,
        place: int | None,
        part: slice,
        entries: list[tuple[int, bool]],
        rooms: Sequence[list[Any]],
    ) -> None:
        self.place, self.part = place, part
        self.states = [
            [room[i][part] if is_cut else room[i] for i, is_cut in entries] for room in rooms
        ]
        self.arrays = [[x for x in state if x is not None] for state in self.states]
        self.scalars = [slot for slot, x in enumerate(self.states[0]) if x is None]
        self.run: _Run | None = None  # as soon as it is compiled

    def of(self, arrays: Sequence[Array]) -> Sequence[Array]:
        """Return of arrays for all numbers what belongs to this piece."""
        return arrays if self.place is None else [arrays[self.place][self.part]]

    def state(self, side: int, scalars: Sequence[Any]) -> list[Any]:
        """Return its entries of the state, whose arrays are in one of the rooms."""
        state = list(self.states[side])
        for slot, x in zip(self.scalars, scalars, strict=True):
            state[slot] = x
        return state


class Mover:
    """Runs the update of an optimizer as a compiled program, over whole blocks where it may.

    Two sets of arrays for the state take turns, so that the old state is whole until the new one
    is kept; what fails on the way loses nothing.

    Parameters
    ----------
    optimizer : Optimizer
        Whose ``update`` is run.
    numbers : Block
        The parameters; only its form is looked at.
    state : dict, optional
        To go on with, with one array for each parameter; by default that of a new training.
    """

    def __init__(self, optimizer: Optimizer, numbers: Block, state: State | None = None) -> None:
        self._optimizer, self._layout = optimizer, numbers.form
        given = begun(optimizer, self._arrays(numbers)) if state is None else self._in_blocks(state)
        entries = leaves(given)
        #: The form of the state: its entries are their numbers.
        self._form = rebuild(given, iter(range(len(entries))))
        now = [np.copy(x) if np.ndim(x) else None for x in entries]
        scalars = [x for x in entries if not np.ndim(x)]
        del given, entries  # they may be large
        self._rooms = now, [None if x is None else np.empty_like(x) for x in now]
        #: Which of the rooms has the state, and its scalars.
        self._kept: tuple[int, list[Any]] = 0, scalars
        self._runs: dict[str, _Run] = {}
        self._pieces = list(self._cut())

    def __call__(self, numbers: Block, gradients: Block, rate: float) -> list[Any]:
        """Turn gradients into what to subtract, and return the next scalars for ``keeping``."""
        size, (side, scalars) = np.float64(rate), self._kept
        every, parameters = self._arrays(gradients), self._arrays(numbers)
        new: list[Any] = []
        for piece in self._pieces:
            slopes, mine = piece.of(every), piece.of(parameters)
            before = piece.state(side, scalars)
            run, moves = piece.run = piece.run or self._program(piece, slopes, mine, before)
            results = run(size, *slopes, *mine, *before, *moves, *piece.arrays[1 - side])
            for slope, move in zip(slopes, moves, strict=True):
                slope[...] = move
            new = [results[len(moves) + slot] for slot in piece.scalars]
        return new

    def keeping(self, scalars: list[Any]) -> list[tuple[Any, str, Any]]:
        """Return what ``setattr`` takes to go on with the next state, when its step is made."""
        return [(self, "_kept", (1 - self._kept[0], scalars))]  # at once: the old or the new

    @property
    def state(self) -> State:
        """A copy of the state, with one array for each parameter."""
        side, scalars = self._kept
        others = iter(scalars)
        entries = (next(others) if x is None else x for x in self._rooms[side])
        state = rebuild(self._form, entries)
        if self._optimizer.elementwise:
            return _listwise(self._layout.split, state)
        return _listwise(lambda arrays: _shaped(arrays, self._layout.shapes), state)

    def _in_blocks(self, state: State) -> State:
        """Return a state with one array for each parameter as the program takes it."""
        if self._optimizer.elementwise:
            return _listwise(self._layout.joined, state)
        shapes = [shape or (1,) for shape in self._layout.shapes]
        return _listwise(lambda arrays: _shaped(arrays, shapes), state)

    def _cut(self) -> Iterator[_Piece]:
        """Yield the pieces that are moved one after the other."""
        entries = [
            (number, place if isinstance(entry, list | tuple) else None)
            for entry in self._form.values()
            for place, number in enumerate(leaves([entry]))
        ]
        if not self._optimizer.piecewise:
            every = [(number, False) for number, _ in entries]
            yield _Piece(None, slice(None), every, self._rooms)
            return
        for here, size in enumerate(self._layout.ends.values()):
            own = [(n, place is not None) for n, place in entries if place in (None, here)]
            for start in range(0, size, PIECE):
                yield _Piece(here, slice(start, start + PIECE), own, self._rooms)

    def _program(
        self, piece: _Piece, slopes: Sequence[Array], mine: Sequence[Array], before: list[Any]
    ) -> _Run:
        """Return the program for a piece, which is that of all of its form, and room for moves."""
        key = str([(x.dtype, x.shape) for x in slopes])
        if key not in self._runs:
            from tinygrad_mlp.programs.compiling.compiled import compile  # noqa: A004

            # Of their own: what a program was made with stays.  Zeros would not show much.
            ones, mine = [np.ones_like(x) for x in slopes], [np.copy(x) for x in mine]
            before = [np.copy(x) if np.ndim(x) else x for x in before]
            form, count = self._form, len(ones)
            if piece.place is not None:  # of each list the one array
                form = {k: [0] if isinstance(x, list | tuple) else x for k, x in form.items()}

            def flat_update(rate: Any, *given: Any) -> list[Any]:
                state = rebuild(form, iter(given[2 * count :]))
                moves, after = self._optimizer.update(
                    given[:count], state, given[count : 2 * count], rate
                )
                return [*moves, *leaves({name: after[name] for name in form})]

            with np.errstate(all="ignore"):  # no numbers of a training: 0 / 0 means nothing
                rehearse(self._optimizer, ones, rebuild(form, iter(before)), mine)
                run = compile(flat_update).prepared(np.float64(0.0), *ones, *mine, *before)
            self._runs[key] = run, [np.empty_like(x) for x in slopes]
        return self._runs[key]

    def _arrays(self, block: Block) -> list[Array]:
        return block.wholes if self._optimizer.elementwise else block.parts


class ChainMover:
    """Moves by one part of a chain after the other, each with a mover of its own.

    So a part that has to see all gradients at once keeps no other from being cut into pieces.

    Parameters
    ----------
    chain : Chain
        Whose parts are run.
    numbers, state
        As for ``Mover``.
    """

    def __init__(self, chain: Chain, numbers: Block, state: State | None = None) -> None:
        self._chain = chain
        states = [None] * len(chain.parts) if state is None else chain.split(state)
        pairs = zip(chain.parts, states, strict=True)
        self._movers = [mover_of(part, numbers, own) for part, own in pairs]

    def __call__(self, numbers: Block, gradients: Block, rate: float) -> list[Any]:
        """Turn gradients into what to subtract, and return the next scalars of each part."""
        return [mover(numbers, gradients, rate) for mover in self._movers]

    def keeping(self, scalars: list[Any]) -> list[tuple[Any, str, Any]]:
        """Return what ``setattr`` takes to go on with the next states."""
        pairs = zip(self._movers, scalars, strict=True)
        return [each for mover, own in pairs for each in mover.keeping(own)]

    @property
    def state(self) -> State:
        """A copy of the state of the chain, with one array for each parameter."""
        return self._chain.joined([mover.state for mover in self._movers])


def mover_of(
    optimizer: Optimizer, numbers: Block, state: State | None = None
) -> Mover | ChainMover:
    """Return what moves by an optimizer: a chain that may not come in pieces, part by part."""
    from tinygrad_mlp.nn.optimizers.combining import Chain  # here, as optimizers are

    if isinstance(optimizer, Chain) and not optimizer.piecewise:
        return ChainMover(optimizer, numbers, state)
    return Mover(optimizer, numbers, state)


def _listwise(change: Callable[[Sequence[Array]], list[Array]], state: State) -> State:
    """Return a copy of a state, with its lists of arrays changed."""
    return {
        name: change(entry) if isinstance(entry, list | tuple) else deepcopy(entry)
        for name, entry in state.items()
    }


def _shaped(arrays: Sequence[Array], shapes: Sequence[tuple[int, ...]]) -> list[Array]:
    """Return copies of arrays: a scalar parameter has one of shape (1,) in a block."""
    return [
        np.reshape(x, shape).copy() if {np.shape(x), shape} == {(), (1,)} else np.copy(x)
        for x, shape in zip(arrays, shapes, strict=True)
    ]
