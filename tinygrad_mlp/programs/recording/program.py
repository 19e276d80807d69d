"""A program: the steps of a recorded computation, in order, and what they are applied to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp.core.record import Op
from tinygrad_mlp.core.value import Value

Array = Any


class Step(NamedTuple):
    """One operation of a program.

    ``value`` is what it gave when the program was recorded, a sample that tells shape and type.
    """

    id: str
    row: Op
    arguments: tuple[str, ...]
    options: Mapping[str, Any]
    value: Array
    label: str | None
    scope: str
    primal: str | None


class Program:
    """Steps that turn inputs into outputs.

    Attributes
    ----------
    inputs : dict of str to array
        The arguments by id, with samples.
    captured : dict of str to Value
        Values from outside that the function refers to; their numbers are read at every run.
    constants : dict of str to array or float
        What is the same in every run; a float takes the type of the array that it meets.
    steps : list of Step
        In an order in which they can be computed.
    outputs : list of str
        Ids of what comes out; any of the above.
    forward : set of str
        Ids of the steps that were recorded before any gradient.
    labels : dict of str to str
        Names of values, also of those that were left out, as far as they have any.
    gradients : dict of str to str
        By the ids of inputs and captured values, those of their gradients among the outputs.
    """

    def __init__(self) -> None:
        self.inputs: dict[str, Array] = {}
        self.captured: dict[str, Value] = {}
        self.constants: dict[str, Any] = {}
        self.steps: list[Step] = []
        self.outputs: list[str] = []
        self.forward: set[str] = set()
        self.labels: dict[str, str] = {}
        self.gradients: dict[str, str] = {}

    def samples(self) -> dict[str, Any]:
        """Return what stood for each id when the program was recorded."""
        captured = {id_: value._numbers for id_, value in self.captured.items()}
        steps = {step.id: step.value for step in self.steps}
        return {**self.inputs, **captured, **self.constants, **steps}

    def forget_results(self) -> None:
        """Keep of what the steps gave only shapes and types, which take no memory."""
        self.steps = [step._replace(value=sample_like(step.value)) for step in self.steps]

    def forget_inputs(self) -> None:
        """Keep of the arguments only shapes and types."""
        self.inputs = {id_: sample_like(x) for id_, x in self.inputs.items()}


def sample_like(x: Any) -> Any:
    """Return something of the shape and type of an array that takes no memory; else the same.

    >>> sample_like(np.zeros((2, 3))).sum()
    np.float64(6.0)
    """
    return np.broadcast_to(x.dtype.type(1), x.shape) if isinstance(x, np.ndarray) else x


def frozen(x: Any) -> Any:
    """Return something hashable that is equal for equal things only, types and zeros' signs too."""
    if isinstance(x, np.ndarray | np.generic):
        # The strides decide how BLAS multiplies it; a wide number has bytes that mean nothing.
        numbers = tuple(map(str, x.flat)) if x.itemsize > 8 else x.tobytes()
        return ("array", x.shape, x.strides, x.dtype.str, numbers)
    if isinstance(x, slice):
        return ("slice", x.start, x.stop, x.step)
    if isinstance(x, tuple | list):
        return (type(x).__name__, *map(frozen, x))
    if isinstance(x, Mapping):
        return ("mapping", *((name, frozen(item)) for name, item in x.items()))
    return (type(x).__name__, repr(x) if isinstance(x, float) else x)


def axes_in_memory(array: Any) -> tuple[int, ...] | None:
    """Return the axes of an array from the slowest in memory on, None for the usual order.

    >>> axes_in_memory(np.ones((2, 3)).T)
    (1, 0)
    """
    if array.flags.c_contiguous or 0 in array.strides:
        return None
    strides = [abs(stride) for stride in array.strides]
    return tuple(sorted(range(array.ndim), key=lambda axis: (-strides[axis], axis)))
