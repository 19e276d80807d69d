"""One step of training on a batch, recorded anew every time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from tinygrad_mlp.core.backward import grad
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.nn.descent import assign, check_finite
from tinygrad_mlp.nn.layer import Layer
from tinygrad_mlp.nn.objectives import Objective, Samples
from tinygrad_mlp.nn.ranks import ALONE, Alone
from tinygrad_mlp.nn.stack import applied, parts_of
from tinygrad_mlp.nn.training_pass import TrainingPass, check_measured
from tinygrad_mlp.nn.updates import begun, updated
from tinygrad_mlp.ops.shapes import astype

if TYPE_CHECKING:
    from tinygrad_mlp.nn.optimizers.optimizer import Optimizer, State

Array = Any


class TrainingStep:
    r"""Descends on the mean loss of a batch, recording the graph of every batch.

    A backward pass that begins with a number instead of 1 gives gradients times that number:
    $1/n$ for those of the mean, and $\eta/n$ for the moves of plain descent at once.

    Parameters
    ----------
    layers : sequence of Layer
        The network, from the inputs to the outputs.
    objective : Objective
        What is minimised.
    optimizer : Optimizer, optional
        How gradients become moves; None is plain descent.

    Attributes
    ----------
    state : dict or None
        That of the optimizer, with one array for each parameter; None before its first step.
    steps : int
        How many were made.
    """

    state: State | None

    def __init__(
        self, layers: Sequence[Layer], objective: Objective, optimizer: Optimizer | None = None
    ) -> None:
        self.layers, self.objective, self.optimizer = list(layers), objective, optimizer
        self.state, self.steps = None, 0
        self.parameters = [*dict.fromkeys(p for layer in layers for p in layer.parameters())]
        self._parts = [part for _, part in parts_of(layers)]

    def serves(
        self, layers: Sequence[Layer], objective: Objective, optimizer: Optimizer | None
    ) -> bool:
        """Return whether a step for these would be the same program."""
        parts = [part for _, part in parts_of(layers)]
        parameters = dict.fromkeys(p for layer in layers for p in layer.parameters())
        own = self._parts, self.parameters, self.objective, self.optimizer
        return own == (parts, list(parameters), objective, optimizer)

    def going_on(self, before: TrainingStep) -> Self:
        """Return this step, with state and count of one that moves the same parameters alike."""
        if (self.parameters, self.optimizer) == (before.parameters, before.optimizer):
            self.state, self.steps = before.state, before.steps
        return self

    def __call__(
        self,
        samples: Samples,
        rows: Array,
        rate: float,
        source: Any = np.random,
        ranks: Alone = ALONE,
    ) -> float:
        """Make one step on some rows, and return their mean loss before it.

        What layers draw they draw from a ``source``; several processes have each a share of the
        rows, and give the sum of all.
        """
        weight, own = samples.weight_of(rows), ranks.share(rows)
        numbers = [parameter.numpy() for parameter in self.parameters]
        training = TrainingPass(source)
        training.rng = ranks.eager_source(training.rng)
        loss: Any = 0.0
        moves = list(map(np.zeros_like, numbers))
        if len(own):  # else there are more processes than rows
            total = self.loss(*samples.take(own), self.parameters, training)
            start = astype(self._start(weight, rate), total.dtype)
            loss, moves = total.item(), grad(total, self.parameters, start)
        loss, moves = ranks.summed(loss, moves)
        ranks.checked(training)
        state = self.state
        if self.optimizer is not None:
            state = begun(self.optimizer, numbers) if state is None else state
            moves, state = updated(self.optimizer, moves, state, numbers, rate)
        moved = [p.numpy() - move for p, move in zip(self.parameters, moves, strict=True)]
        check_finite(self.parameters, moved)
        if training.told:
            check_measured(training.arrays())
        assign(self.parameters, moved, [(self, "state", state), (self, "steps", self.steps + 1)])
        training.finish()
        return self.objective.told(loss, weight, samples.y.shape[1])

    def loss(
        self,
        x: Any,
        y: Any,
        weights: Any,
        parameters: Sequence[Value],
        training: TrainingPass,
    ) -> Value:
        """Return the sum of the losses of the outputs for ``x``."""
        numbers = dict(zip(self.parameters, parameters, strict=True))
        output = applied(self.layers, x, numbers, training)
        loss: Value = self.objective.total(y, output, weights)
        return loss

    def _start(self, weight: float, rate: float) -> float:
        """Return what the backward pass of a batch begins with."""
        share = rate if self.optimizer is None else 1.0
        return share / weight if weight else 0.0  # where no sample counts, nothing moves

    def prepare(self, samples: Samples, rows: Array, source: Any, ranks: Alone = ALONE) -> None:
        """Get ready for steps on so many rows."""

    def reset(self) -> None:
        """Forget the numbers of an earlier training, even one that was stopped at a bad moment."""

    def publish(self) -> None:
        """Give the parameters their numbers, before anybody looks at them."""

    def finish(self) -> None:
        """Publish, and let go of the numbers that only steps need."""
