"""One step of training on a batch: recorded anew every time, or as a compiled program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.engine import Value, grad
from tinygrad_mlp.nn.descent import assign, check_finite, descend
from tinygrad_mlp.nn.layers import Layer
from tinygrad_mlp.ops.losses import half_squared_error

Array = Any


class TrainingStep:
    """Descends on half the squared error of a batch, recording the graph of every batch.

    Parameters
    ----------
    layers : sequence of Layer
        The network, from the inputs to the outputs.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = list(layers)
        self.parameters = [p for layer in layers for p in layer.parameters()]

    def __call__(self, x: Array, y: Array, rows: Array, rate: float) -> float:
        """Make one step on some rows of the data, and return their mean ``mse`` before it."""
        # take is several times faster than x[rows]
        inputs, targets = x.take(rows, 0), y.take(rows, 0)
        loss = self.loss(inputs, targets, self.parameters)
        descend(self.parameters, grad(loss, self.parameters), rate / len(rows))
        return float(loss.item() / targets.size)

    def loss(self, x: Any, y: Any, parameters: Sequence[Value]) -> Value:
        """Return half the squared error of the outputs for ``x``."""
        output, first = x, 0
        for layer in self.layers:  # in no scope: nobody draws this graph
            last = first + len(layer.parameters())
            output = layer.formula(output, *parameters[first:last])
            first = last
        loss: Value = half_squared_error(y, output)
        return loss

    def finish(self) -> None:
        """Give the parameters their numbers, before anybody looks at them."""


class CompiledTrainingStep(TrainingStep):
    """The same step as a program that is compiled once for each size of a batch.

    Two sets of arrays take turns: a step reads one and writes the other.  The parameters themselves
    get the last of them in ``finish``, which is to be called before anybody looks.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        super().__init__(layers)
        from tinygrad_mlp.compiling import compiled  # here, because it is slow to import

        self._compiled = compiled.compile(self._step)
        self._batches: dict[int, tuple[Any, Array, Array]] = {}
        self._now: list[Array] = []
        self._spare: list[Array] = []
        self._ours = False

    def __call__(self, x: Array, y: Array, rows: Array, rate: float) -> float:
        """Make one step on some rows of the data, and return their mean ``mse`` before it."""
        run, inputs, targets = self._batch(x, y, len(rows))
        x.take(rows, 0, inputs, "clip")  # the rows exist, and clip is the mode without a copy
        y.take(rows, 0, targets, "clip")
        if not self._now:
            self._now = [parameter.numpy() for parameter in self.parameters]
        spare = self._spare or [np.empty_like(numbers) for numbers in self._now if numbers.ndim]
        rate = x.dtype.type(rate / len(rows))
        loss, *moved = run(inputs, targets, rate, *self._now, *spare)
        check_finite(self.parameters, moved)
        before = [numbers for numbers in self._now if numbers.ndim] if self._ours else []
        self._now, self._spare, self._ours = moved, before, True
        return float(loss / targets.size)

    def finish(self) -> None:
        """Give the parameters their numbers, before anybody looks at them."""
        try:
            if self._ours:
                assign(self.parameters, self._now)
        finally:  # from now on somebody may keep or change these arrays
            self._now, self._spare, self._ours = [], [], False

    def _batch(self, x: Array, y: Array, count: int) -> tuple[Any, Array, Array]:
        """Return the program for a size of batches, and arrays for the batch."""
        if count not in self._batches:
            inputs = np.zeros((count, x.shape[1]), x.dtype)
            targets = np.zeros((count, y.shape[1]), y.dtype)
            parameters = [parameter.numpy() for parameter in self.parameters]
            run = self._compiled.prepared(inputs, targets, 0.0, *parameters)
            self._batches[count] = run, inputs, targets
        return self._batches[count]

    def _step(self, x: Any, y: Any, rate: Any, *parameters: Any) -> list[Any]:
        loss = self.loss(x, y, parameters)
        gradients = grad(loss, parameters)
        return [loss, *(p - rate * by_p for p, by_p in zip(parameters, gradients, strict=True))]
