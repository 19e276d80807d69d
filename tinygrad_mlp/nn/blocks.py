"""Numbers of many parameters side by side in memory, so that one operation reaches all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinygrad_mlp.core.value import Value
from tinygrad_mlp.programs.compiling.memory import Memory

Array = Any


class Block:
    """Room for the numbers of some parameters, filled with zeros.

    Parameters
    ----------
    parameters : sequence of Values
        Whose numbers it is for; only their shapes and types are looked at.

    Attributes
    ----------
    wholes : list of arrays of one axis
        The whole room, as one array for each dtype.
    parts : list of arrays
        Views of that, one for each parameter and of its shape; of shape (1,) for a scalar, which
        could not be written to otherwise.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> block = Block([tg.Value([[1.0, 2.0]]), tg.Value(3.0)])
    >>> block.parts[0][...] = 5.0
    >>> [whole.sum() for whole in block.wholes], block.parts
    ([np.float64(10.0)], [array([[5., 5.]]), array([0.])])
    """

    def __init__(self, parameters: Sequence[Value]) -> None:
        self.wholes: list[Array] = []
        parts: dict[int, Array] = {}
        for dtype in dict.fromkeys(parameter.dtype for parameter in parameters):
            alike = {place: p for place, p in enumerate(parameters) if p.dtype == dtype}
            sizes = [p.size * dtype.itemsize for p in alike.values()]
            memory = Memory()
            starts = [memory.take(place, size) for place, size in zip(alike, sizes, strict=True)]
            room = Memory.allocate(memory.size)
            room[...] = 0  # between the parts too, where nothing may overflow
            self.wholes.append(room.view(dtype))
            for (place, p), start, size in zip(alike.items(), starts, sizes, strict=True):
                part = room[start : start + size].view(dtype)
                parts[place] = part.reshape(p.shape or (1,))
        self.parts = [parts[place] for place in range(len(parameters))]
