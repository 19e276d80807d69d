"""Room for the numbers of all parameters, side by side, so that one operation reaches them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = Any


class Form:
    """Where the numbers of some parameters are, side by side in one array for each dtype.

    Parameters
    ----------
    parameters : sequence of arrays and scalars
        Only their shapes and types are looked at.

    Attributes
    ----------
    ends : dict of dtype to int
        How long the array of each dtype is.
    shapes : list of tuple
        Of the parameters.
    """

    def __init__(self, parameters: Sequence[Array]) -> None:
        self.ends: dict[Any, int] = {}
        self.shapes = [p.shape for p in parameters]
        self._places: list[tuple[Any, slice]] = []  # dtype, where
        for p in parameters:
            start = self.ends.get(p.dtype, 0)
            self.ends[p.dtype] = start + p.size
            self._places.append((p.dtype, slice(start, self.ends[p.dtype])))

    def views(self, wholes: Sequence[Array]) -> list[Array]:
        """Return views into such arrays, one for each parameter and of its shape.

        For a scalar it is of shape (1,), because what has no axes could not be written to.

        >>> Form([np.ones((1, 2)), np.float64(3.0)]).views([np.array([1.0, 2.0, 3.0])])
        [array([[1., 2.]]), array([3.])]
        """
        by_type = dict(zip(self.ends, wholes, strict=True))
        pairs = zip(self._places, self.shapes, strict=True)
        return [by_type[dtype][place].reshape(shape or 1) for (dtype, place), shape in pairs]

    def split(self, wholes: Sequence[Array]) -> list[Array]:
        """Return what lies in such arrays, as one array for each parameter.

        >>> Form([np.ones((1, 2)), np.float64(3.0)]).split([np.array([1.0, 2.0, 3.0])])
        [array([[1., 2.]]), array(3.)]
        """
        views = self.views(wholes)
        return [x.reshape(shape).copy() for x, shape in zip(views, self.shapes, strict=True)]

    def joined(self, parts: Sequence[Array]) -> list[Array]:
        """Return such arrays, made of one array for each parameter.

        >>> Form([np.ones((1, 2)), np.float64(3.0)]).joined([np.array([[1.0, 2.0]]), np.array(3)])
        [array([1., 2., 3.])]
        """
        pairs = list(zip(self._places, parts, strict=True))
        return [
            np.concatenate([np.ravel(part) for place, part in pairs if place[0] == dtype])
            for dtype in self.ends
        ]


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
    form : Form
        Where they are.
    wholes : list of arrays of one axis
        The whole room, as one array for each dtype, without the spare numbers.
    rooms : list of arrays of one axis
        The same, with the spare numbers of each.
    parts : list of arrays
        Views of that, one for each parameter.

    Examples
    --------
    >>> block = Block([np.ones((1, 2)), np.float64(3.0)])
    >>> block.parts[0][...] = 5.0
    >>> [whole.sum() for whole in block.wholes], block.parts
    ([np.float64(10.0)], [array([[5., 5.]]), array([0.])])
    """

    def __init__(self, parameters: Sequence[Array], spare: int = 0) -> None:
        self.form = Form(parameters)
        ends = self.form.ends
        self.rooms = [np.zeros(end + spare, dtype) for dtype, end in ends.items()]
        self.wholes = [room[:end] for room, end in zip(self.rooms, ends.values(), strict=True)]
        self.parts = self.form.views(self.wholes)

    @property
    def spare(self) -> Array:
        """The spare numbers of the widest type."""
        widest = max(range(len(self.rooms)), key=lambda place: self.rooms[place].itemsize)
        return self.rooms[widest][len(self.wholes[widest]) :]

    def clear(self) -> None:
        """Set all numbers to 0."""
        for room in self.rooms:
            room[...] = 0.0
