"""Room for the numbers of all parameters, side by side, so that one operation reaches them all."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.structures import leaves, rebuild

if TYPE_CHECKING:
    from tinygrad_mlp.nn.optimizers.optimizer import Optimizer, State

Array = Any


class Block:
    """Room for the numbers of some parameters, side by side so that one operation reaches all.

    Parameters
    ----------
    parameters : sequence of arrays and scalars
        The numbers that it is for; only their shapes and types are looked at.

    Attributes
    ----------
    wholes : list of arrays of one axis
        The whole room, as one array for each dtype.
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

    def __init__(self, parameters: Sequence[Array]) -> None:
        starts: list[int] = []
        ends: dict[Any, int] = {}
        for p in parameters:
            starts.append(ends.get(p.dtype, 0))
            ends[p.dtype] = starts[-1] + p.size
        rooms = {dtype: np.zeros(end, dtype) for dtype, end in ends.items()}
        self.wholes = list(rooms.values())
        self.parts = [
            rooms[p.dtype][start : start + p.size].reshape(p.shape or 1)
            for start, p in zip(starts, parameters, strict=True)
        ]


class Mover:
    """Runs the update of an optimizer as a compiled program, over whole blocks where it may.

    Two sets of arrays for the state take turns, so that the old state is whole until the new one
    is; what fails on the way loses nothing.

    Parameters
    ----------
    optimizer : Optimizer
        Whose ``update`` is run.
    numbers : Block
        The parameters; only its form is looked at.
    """

    def __init__(self, optimizer: Optimizer, numbers: Block) -> None:
        from tinygrad_mlp.programs.compiling.compiled import compile  # noqa: A004

        self._optimizer = optimizer
        self._moves, gradients = Block(numbers.parts), Block(numbers.parts)
        self._start = optimizer.init(self._arrays(numbers))
        self._spare = [leaves(deepcopy(self._start)), leaves(deepcopy(self._start))]
        given = *self._arrays(gradients), *self._arrays(numbers), *leaves(self._start)
        with np.errstate(all="ignore"):  # what is recorded are zeros, and 0 / 0 means nothing
            self._run = compile(self._flat_update).prepared(np.float64(0.0), *given)

    def __call__(
        self, numbers: Block, gradients: Block, state: State | None, rate: float
    ) -> tuple[Block, State]:
        """Return what to subtract from the numbers, and the next state."""
        before = leaves(self._start if state is None else state)
        self._spare.reverse()
        moves, room = self._arrays(self._moves), [x for x in self._spare[0] if np.ndim(x)]
        given = *self._arrays(gradients), *self._arrays(numbers), *before
        results = self._run(np.float64(rate), *given, *moves, *room)
        return self._moves, rebuild(self._start, iter(results[len(moves) :]))

    def _flat_update(self, rate: Any, *given: Any) -> list[Any]:
        """Return the moves and the entries of the next state, one after the other."""
        count = len(self._arrays(self._moves))
        gradients, numbers, state = given[:count], given[count : 2 * count], given[2 * count :]
        before = rebuild(self._start, iter(state))
        moves, after = self._optimizer.update(gradients, before, numbers, rate)
        return [*moves, *leaves({name: after[name] for name in self._start})]

    def _arrays(self, block: Block) -> list[Array]:
        return block.wholes if self._optimizer.elementwise else block.parts
