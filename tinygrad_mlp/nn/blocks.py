"""Room for the numbers of all parameters, side by side, so that one operation reaches them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.structures import leaves, rebuild
from tinygrad_mlp.nn.updates import begun, rehearse

if TYPE_CHECKING:
    from tinygrad_mlp.nn.optimizers.optimizer import Optimizer, State

Array = Any


class Block:
    """Room for the numbers of some parameters, side by side so that one operation reaches all.

    Parameters
    ----------
    parameters : sequence of arrays and scalars
        The numbers that it is for; only their shapes and types are looked at.
    spare : int
        So many numbers more, behind the others, which are in no part.

    Attributes
    ----------
    wholes : list of arrays of one axis
        The whole room, as one array for each dtype, without the spare numbers.
    rooms : list of arrays of one axis
        The same, with the spare numbers of each.
    parts : list of arrays
        Views of that, one for each parameter and of its shape; of shape (1,) for a scalar, which
        could not be written to otherwise.

    Examples
    --------
    >>> block = Block([np.ones((1, 2)), np.float64(3.0)])
    >>> block.parts[0][...] = 5.0
    >>> [whole.sum() for whole in block.wholes], block.parts
    ([np.float64(10.0)], [array([[5., 5.]]), array([0.])])
    """

    def __init__(self, parameters: Sequence[Array], spare: int = 0) -> None:
        ends: dict[Any, int] = {}
        self._places: list[tuple[Any, slice, tuple[int, ...]]] = []  # dtype, where, shape
        for p in parameters:
            start = ends.get(p.dtype, 0)
            ends[p.dtype] = start + p.size
            self._places.append((p.dtype, slice(start, ends[p.dtype]), p.shape))
        self.rooms = [np.zeros(end + spare, dtype) for dtype, end in ends.items()]
        self.wholes = [room[:end] for room, end in zip(self.rooms, ends.values(), strict=True)]
        self._types = list(ends)
        by_type = dict(zip(ends, self.wholes, strict=True))
        self.parts = [
            by_type[dtype][place].reshape(shape or 1) for dtype, place, shape in self._places
        ]

    @property
    def spare(self) -> Array:
        """The spare numbers of the widest type."""
        widest = max(range(len(self.rooms)), key=lambda place: self.rooms[place].itemsize)
        return self.rooms[widest][len(self.wholes[widest]) :]

    def clear(self) -> None:
        """Set all numbers to 0."""
        for room in self.rooms:
            room[...] = 0.0

    def split(self, wholes: Sequence[Array]) -> list[Array]:
        """Return what lies in arrays like ``wholes``, as one array for each parameter.

        >>> block = Block([np.ones((1, 2)), np.float64(3.0)])
        >>> block.split([np.array([1.0, 2.0, 3.0])])
        [array([[1., 2.]]), array(3.)]
        """
        by_type = dict(zip(self._types, wholes, strict=True))
        return [by_type[dtype][place].reshape(shape).copy() for dtype, place, shape in self._places]

    def joined(self, parts: Sequence[Array]) -> list[Array]:
        """Return arrays like ``wholes``, made of one array for each parameter.

        >>> Block([np.ones((1, 2)), np.float64(3.0)]).joined([np.array([[1.0, 2.0]]), np.array(3)])
        [array([1., 2., 3.])]
        """
        pairs = list(zip(self._places, parts, strict=True))
        return [
            np.concatenate([np.ravel(part) for place, part in pairs if place[0] == dtype])
            for dtype in self._types
        ]


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
        from tinygrad_mlp.programs.compiling.compiled import compile  # noqa: A004

        self._optimizer, self._numbers = optimizer, numbers
        self._moves, gradients = Block(numbers.parts), Block(numbers.parts)
        for whole in gradients.wholes:
            whole[...] = 1.0  # for the rehearsal: zeros would not show much
        self._start = begun(optimizer, self._arrays(numbers))
        now = self._start if state is None else self._in_blocks(state)
        rooms = [[np.copy(x) for x in leaves(self._start) if np.ndim(x)] for _ in range(2)]
        #: The state, and the arrays of the next one, then those of the one after it.
        self._kept: tuple[State, list[list[Array]]] = now, rooms
        given = *self._arrays(gradients), *self._arrays(numbers), *leaves(self._start)
        with np.errstate(all="ignore"):  # no numbers of a training: 0 / 0 means nothing
            rehearse(optimizer, self._arrays(gradients), self._start, self._arrays(numbers))
            self._run = compile(self._flat_update).prepared(np.float64(0.0), *given)

    def __call__(self, numbers: Block, gradients: Block, rate: float) -> tuple[Block, State]:
        """Return what to subtract from the numbers, and the next state, for ``keeping``."""
        state, (room, _) = self._kept
        moves = self._arrays(self._moves)
        given = *self._arrays(gradients), *self._arrays(numbers), *leaves(state)
        results = self._run(np.float64(rate), *given, *moves, *room)
        return self._moves, rebuild(self._start, iter(results[len(moves) :]))

    def keeping(self, state: State) -> tuple[Mover, str, Any]:
        """Return what ``setattr`` takes to go on with the next state, when its step is made."""
        return self, "_kept", (state, self._kept[1][::-1])  # at once: the old or the new

    @property
    def state(self) -> State:
        """A copy of the state, with one array for each parameter."""
        if self._optimizer.elementwise:
            return _listwise(self._numbers.split, self._kept[0])
        shapes = [part.shape for part in self._numbers.split(self._numbers.wholes)]
        return _listwise(lambda arrays: _shaped(arrays, shapes), self._kept[0])

    def _in_blocks(self, state: State) -> State:
        """Return a state with one array for each parameter as the program takes it."""
        if self._optimizer.elementwise:
            return _listwise(self._numbers.joined, state)
        shapes = [part.shape for part in self._numbers.parts]
        return _listwise(lambda arrays: _shaped(arrays, shapes), state)

    def _flat_update(self, rate: Any, *given: Any) -> list[Any]:
        """Return the moves and the entries of the next state, one after the other."""
        count = len(self._arrays(self._moves))
        gradients, numbers, state = given[:count], given[count : 2 * count], given[2 * count :]
        before = rebuild(self._start, iter(state))
        moves, after = self._optimizer.update(gradients, before, numbers, rate)
        return [*moves, *leaves({name: after[name] for name in self._start})]

    def _arrays(self, block: Block) -> list[Array]:
        return block.wholes if self._optimizer.elementwise else block.parts


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
