"""One step of training on a batch: recorded anew every time, or as a compiled program."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.core.value import Value
from tinygrad_mlp.nn.descent import assign, cannot_overflow, check_finite, move
from tinygrad_mlp.nn.layer import Layer
from tinygrad_mlp.ops.losses import half_squared_error
from tinygrad_mlp.ops.shapes import reshape

Array = Any
Rule = Callable[[Value, Sequence[Value], Any], list[Any]]


class TrainingStep:
    """Descends on half the squared error of a batch, recording the graph of every batch.

    Parameters
    ----------
    layers : sequence of Layer
        The network, from the inputs to the outputs.
    rule : callable
        ``rule(loss, parameters, rate)`` returns what to subtract from each parameter.
    """

    def __init__(self, layers: Sequence[Layer], rule: Rule) -> None:
        self.layers, self.rule = list(layers), rule
        numbers: dict[Value, int] = {}  # a parameter may serve several layers
        self._places = [
            [numbers.setdefault(p, len(numbers)) for p in layer.parameters()] for layer in layers
        ]
        self.parameters = list(numbers)

    def serves(self, layers: Sequence[Layer], rule: Rule) -> bool:
        """Return whether a step for these layers would be the same program."""
        parameters = dict.fromkeys(p for layer in layers for p in layer.parameters())
        return (self.layers, self.parameters, self.rule) == (list(layers), list(parameters), rule)

    def __call__(self, x: Array, y: Array, rows: Array, rate: float) -> float:
        """Make one step on some rows of the data, and return their mean ``mse`` before it."""
        # take is several times faster than x[rows]
        inputs, targets = x.take(rows, 0), y.take(rows, 0)
        loss = self.loss(inputs, targets, self.parameters)
        move(self.parameters, self.rule(loss, self.parameters, rate / len(rows)))
        return float(loss.item() / targets.size)

    def loss(self, x: Any, y: Any, parameters: Sequence[Value]) -> Value:
        """Return half the squared error of the outputs for ``x``."""
        output = x
        for layer, places in zip(self.layers, self._places, strict=True):
            # In no scope: nobody draws this graph.
            output = layer.formula(output, *[parameters[place] for place in places])
        loss: Value = half_squared_error(y, output)
        return loss

    def reset(self) -> None:
        """Forget the numbers of an earlier training, even one that was stopped at a bad moment."""

    def publish(self) -> None:
        """Give the parameters their numbers, before anybody looks at them."""

    def finish(self) -> None:
        """Publish, and let go of the numbers that only steps need."""


class CompiledTrainingStep(TrainingStep):
    """The same step as a program that is compiled once for each size of a batch.

    The numbers of all parameters lie side by side in one block of memory, and what they move by in
    another, so that it takes one operation each to see that they will stay finite and to move
    them.  The parameters themselves get their numbers in ``publish``.
    """

    def __init__(self, layers: Sequence[Layer], rule: Rule) -> None:
        super().__init__(layers, rule)
        from tinygrad_mlp.programs.compiling import compiled

        self._compiled = compiled.compile(self._loss_and_moves)
        self._programs: dict[int, tuple[Any, Array, Array]] = {}
        #: The numbers of the parameters, and what to subtract from them.
        self._blocks: tuple[Block, Block] | None = None
        self._is_ahead = False  # of the parameters themselves
        #: That of the program, which takes a float in the widest type of all.
        self._rate_type = np.result_type(*(p.dtype for p in self.parameters)).type

    def __call__(self, x: Array, y: Array, rows: Array, rate: float) -> float:
        """Make one step on some rows of the data, and return their mean ``mse`` before it."""
        numbers, moves = self._loaded()
        run, inputs, targets = self._program(x, y, len(rows), numbers)
        x.take(rows, 0, inputs, "clip")  # the rows exist, and clip is the mode without a copy
        y.take(rows, 0, targets, "clip")
        rate = self._rate_type(rate / len(rows))
        loss, *_ = run(inputs, targets, rate, *numbers.parts, *moves.parts)
        if not all(map(cannot_overflow, moves.wholes)):
            pairs = zip(numbers.parts, moves.parts, strict=True)
            check_finite(self.parameters, [part - move for part, move in pairs])
        self._is_ahead = True
        # A map runs in C: no Ctrl-C can come between the block of one type and that of the next.
        deque(map(np.subtract, numbers.wholes, moves.wholes, numbers.wholes), maxlen=0)
        return float(loss / targets.size)

    def reset(self) -> None:
        """Forget the numbers of an earlier training, even one that was stopped at a bad moment."""
        self._blocks, self._is_ahead = None, False

    def publish(self) -> None:
        """Give the parameters their numbers, before anybody looks at them."""
        if self._blocks is not None and self._is_ahead:
            pairs = zip(self.parameters, self._blocks[0].parts, strict=True)
            assign(self.parameters, [part.copy() if p.shape else part[0] for p, part in pairs])
        self._is_ahead = False  # from now on somebody may change them

    def finish(self) -> None:
        """Publish, and let go of the numbers that only steps need."""
        try:
            self.publish()
        except BaseException:  # Ctrl-C in the middle, or a second one: still all of them
            self.publish()
            raise
        finally:
            self.reset()

    def _loaded(self) -> tuple[Block, Block]:
        """Return the blocks, the first with the numbers of the parameters."""
        if self._blocks is None or not self._is_ahead:
            given = [parameter.numpy() for parameter in self.parameters]
            check_finite(self.parameters, given)
            self._blocks = self._blocks or (Block(given), Block(given))
            for part, numbers in zip(self._blocks[0].parts, given, strict=True):
                part[...] = numbers
        return self._blocks

    def _program(self, x: Array, y: Array, count: int, numbers: Block) -> tuple[Any, Array, Array]:
        """Return the program for a size of batches, and arrays for the batch."""
        if count not in self._programs:
            inputs = np.zeros((count, x.shape[1]), x.dtype)
            targets = np.zeros((count, y.shape[1]), y.dtype)
            run = self._compiled.prepared(inputs, targets, 0.0, *numbers.parts)
            for parameter in self._compiled.captured:
                if parameter in self.parameters:
                    raise TypeError(
                        f"fit: a formula reads {parameter.described()} of its layer; to be "
                        "compiled it must take its parameters as arguments, formula(self, x, ...), "
                        "or say compiled=False"
                    )
            self._programs[count] = run, inputs, targets
        return self._programs[count]

    def _loss_and_moves(self, x: Any, y: Any, rate: Any, *parts: Any) -> list[Any]:
        """Return the loss, and what to subtract from each parameter."""
        pairs = zip(self.parameters, parts, strict=True)
        parameters = [part if p.shape else reshape(part, ()) for p, part in pairs]
        loss = self.loss(x, y, parameters)
        moves = self.rule(loss, parts, rate)
        # A program writes no constants: what has no part in the loss moves by a computed zero.
        pairs = zip(parts, moves, strict=True)
        return [loss, *(0.0 * part if move.op is None else move for part, move in pairs)]


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
        rooms = {dtype: np.empty(end, dtype) for dtype, end in ends.items()}
        self.wholes = list(rooms.values())
        self.parts = [
            rooms[p.dtype][start : start + p.size].reshape(p.shape or 1)
            for start, p in zip(starts, parameters, strict=True)
        ]
