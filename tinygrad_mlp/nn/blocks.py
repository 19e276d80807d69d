"""Numbers of many parameters side by side in memory, so that one operation reaches all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinygrad_mlp.compiling.buffers import Memory
from tinygrad_mlp.engine import Value

Array = Any


class Block:
    """Room for the numbers of some parameters, filled with zeros.

    Parameters
    ----------
    parameters : sequence of Values
        Whose numbers it is for.  It does not read them.

    Attributes
    ----------
    wholes : list of arrays of one axis
        All that there is, in one array for each dtype.
    parts : list of arrays
        Views of that, one for each parameter and of its shape; of shape (1,) for a scalar.

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
            mine = {i: p for i, p in enumerate(parameters) if p.dtype == dtype}
            memory = Memory()
            starts = [memory.take(i, p.size * dtype.itemsize) for i, p in mine.items()]
            room = Memory.allocate(memory.size)
            room[...] = 0  # between the parts too, where nothing may overflow
            self.wholes.append(room.view(dtype))
            for (i, p), start in zip(mine.items(), starts, strict=True):
                part = room[start : start + p.size * dtype.itemsize].view(dtype)
                parts[i] = part.reshape(p.shape or (1,))
        self.parts = [parts[i] for i in range(len(parameters))]
