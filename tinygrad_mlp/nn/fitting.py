"""Training: how long and how far, the loop over batches, and who looks on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp._support.arguments import (
    finite_number,
    fraction,
    positive,
    random_source,
    whole_number,
)
from tinygrad_mlp.nn.callbacks import Callback, Progress, stops
from tinygrad_mlp.nn.diagnosis import first_not_finite, warn_if_nothing_learned
from tinygrad_mlp.nn.history import History
from tinygrad_mlp.nn.layer import Array, Layer, through
from tinygrad_mlp.nn.metrics import Metric
from tinygrad_mlp.nn.objectives import Objective, Samples
from tinygrad_mlp.nn.training_step import CompiledTrainingStep, TrainingStep

if TYPE_CHECKING:
    from tinygrad_mlp.nn.optimizers.optimizer import Optimizer
    from tinygrad_mlp.nn.stack import Stack

Rate = float | Callable[[int], float]


class Recipe(NamedTuple):
    """What a training minimises, and how; a later training goes on with it where it says nothing.

    Parameters
    ----------
    objective : Objective
        What is minimised.
    optimizer : Optimizer or None
        How gradients become moves; None is plain descent.
    rate : float or function of the number of a step
        The learning rate.
    """

    objective: Objective
    optimizer: Optimizer | None
    rate: Rate

    def rate_of(self, step: int) -> float:
        """Return the learning rate of a step."""
        return float(self.rate(step)) if callable(self.rate) else self.rate


def recipe_of(
    before: Recipe | None, loss: Any, ignore_index: int | None, optimizer: Any, learning_rate: Any
) -> Recipe:
    """Return the recipe that the arguments of ``fit`` mean, what is None as before."""
    objective = Objective() if before is None else before.objective
    if loss is not None or ignore_index is not None:
        objective = Objective(objective.loss if loss is None else loss, ignore_index)
    kept = None if before is None else before.optimizer
    chosen = kept if optimizer is None else _own(optimizer)
    rate: Any = learning_rate
    if rate is None and before is not None and chosen == kept:
        rate = before.rate
    if rate is None and chosen is not None:
        rate = chosen.learning_rate
    if rate is None:
        raise TypeError("fit: learning_rate is missing; give it, such as learning_rate=0.1")
    if isinstance(rate, type):
        raise TypeError(
            f"learning_rate must be a number or a schedule, got the class {rate.__name__}"
        )
    if not callable(rate):
        rate = finite_number("learning_rate", rate, minimum=0.0)
    return Recipe(objective, chosen, rate)


def _own(optimizer: Any) -> Optimizer | None:
    """Return an optimizer; None for plain descent, which needs none."""
    from tinygrad_mlp.nn.optimizers import SGD
    from tinygrad_mlp.nn.optimizers.optimizer import checked

    return None if checked(optimizer) == SGD() else optimizer


class Plan(NamedTuple):
    """How long a training goes on, and what draws its batches."""

    epochs: int
    batch_size: int
    full_pass: bool
    source: Any

    def batches(self, count: int) -> Iterator[Array]:
        """Yield the sample numbers of one batch, or of all batches of a pass."""
        size = self.batch_size
        # Sorting random numbers, instead of shuffling, draws from the stream as the notebook does.
        keys = self.source.random(count)
        if self.full_pass or size >= count:
            order = keys.argsort()
        else:  # the same numbers, without sorting those that are not in the batch
            order = keys.argpartition(size)[:size]
            order = order[keys[order].argsort()]
        for start in range(0, count if self.full_pass else 1, size):
            yield order[start : start + size]


def planned(epoches: Any, epochs: Any, batch_size: Any, full_pass: bool, rng: Any) -> Plan:
    """Return what the arguments of ``Network.fit`` mean, or say which one does not fit."""
    if (epoches is None) == (epochs is None):
        what = "is missing" if epochs is None else "was given twice"
        raise TypeError(f"fit: the number of epochs {what}; give it once, as epoches= or epochs=")
    spelling, number = ("epochs", epochs) if epoches is None else ("epoches", epoches)
    count = whole_number(spelling, number, minimum=0)
    return Plan(count, whole_number("batch_size", batch_size), full_pass, random_source(rng))


def split(samples: Samples, share: Any, source: Any) -> tuple[Samples, Samples]:
    """Return the samples to learn from, and those that are kept for validation, drawn at random."""
    share = positive("validation_split", fraction("validation_split", share))
    count = len(samples.x)
    kept = round(share * count)
    if kept in {0, count}:
        raise ValueError(
            f"validation_split={share:g} of {count} samples leaves {count - kept} to learn from "
            f"and {kept} to validate; give another share"
        )
    order = source.random(count).argsort()
    return samples.take(np.sort(order[kept:])), samples.take(np.sort(order[:kept]))


@dataclass
class Training:
    """One call of ``fit``, checked and ready to run."""

    network: Stack
    step: TrainingStep
    recipe: Recipe
    plan: Plan
    samples: Samples
    validation: Samples | None
    metrics: dict[str, Metric]
    callbacks: Sequence[Callback]
    callback: Callable[[int, float], object] | None
    steps: int
    rate: float = 0.0  # of the last step

    def run(self) -> History:
        """Make the steps, and return the course of the loss."""
        history, before = History(), self.steps
        self.step.reset()
        try:
            for epoch in range(self.plan.epochs):
                loss = self._epoch()
                measures = self._measures()
                history.add(loss, measures)
                if self.network.verbose and epoch % 10 == 0:
                    told = (epoch, self.plan.epochs, loss)
                    print("epoch: %5d/%d   error=%0.9f" % told)  # noqa: T201, UP031
                if self.callback is not None or self.callbacks:
                    self.step.publish()
                if self.callback is not None:
                    self.callback(epoch, loss)
                if stopped := self._stopped(epoch, loss, measures):
                    history.stopped = stopped
                    break
        finally:  # Ctrl-C too leaves the weights of the last complete step
            self.step.finish()
        for callback in self.callbacks:
            if hasattr(callback, "finish"):
                callback.finish(self.network)
        if history:
            self._judge(history, self.steps - before)
        return history

    def _judge(self, history: History, steps: int) -> None:
        """Warn if nothing was learned."""
        objective, optimizer, _ = self.recipe
        warn_if_nothing_learned(
            self.network.layers,
            self.samples,
            objective,
            history,
            steps,
            self.rate,
            is_default=optimizer is None and objective.loss == "half_squared_error",
        )

    def _epoch(self) -> float:
        """Make the steps of one epoch, and return their mean loss."""
        total, weight = 0.0, 0.0
        weights = self.samples.weights
        for rows in self.plan.batches(len(self.samples.x)):
            share = len(rows) if weights is None else float(weights.take(rows).sum())
            self.rate = self.recipe.rate_of(self.steps)
            try:
                total += self.step(self.samples, rows, self.rate) * share
            except FloatingPointError as error:
                raise FloatingPointError(f"{error}. {self._place(rows)}") from None
            weight += share
            self.steps += 1
        return total / weight if weight else 0.0

    def _place(self, rows: Array) -> str:
        """Return the step that failed, and the layer."""
        self.step.publish()  # the numbers before this step
        layers, objective = self.network.layers, self.recipe.objective
        found = first_not_finite(layers, objective, self.samples.take(rows))
        return f"In step {self.steps + 1}, {found}"

    def _measures(self) -> dict[str, float]:
        """Return the other numbers that were asked for."""
        if self.validation is None and not self.metrics:
            return {}
        self.step.publish()
        found: dict[str, float] = {}
        if self.metrics:
            found |= measured(self.network.layers, self.samples, self.metrics)
        if self.validation is not None:
            output = through(self.network.layers, self.validation.x)
            found["validation_loss"] = self.recipe.objective.mean(self.validation, output)
            told = measured(self.network.layers, self.validation, self.metrics, output)
            found |= {f"validation_{name}": number for name, number in told.items()}
        return found

    def _stopped(self, epoch: int, loss: float, measures: dict[str, float]) -> str:
        """Return who stops the training, empty if nobody does; all callbacks are asked."""
        if not self.callbacks:
            return ""
        progress = Progress(
            epoch=epoch,
            epochs=self.plan.epochs,
            steps=self.steps,
            loss=loss,
            measures=measures,
            learning_rate=self.rate,
            network=self.network,
        )
        answers = [(callback, callback(progress)) for callback in self.callbacks]
        named = (getattr(c, "__name__", type(c).__name__) for c, answer in answers if stops(answer))
        return ", ".join(named)


def measured(
    layers: Sequence[Layer], samples: Samples, metrics: dict[str, Metric], output: Any = None
) -> dict[str, float]:
    """Return the metrics of samples."""
    output = through(layers, samples.x) if output is None else output
    return {name: float(metric(samples.y, output)) for name, metric in metrics.items()}


def step_for(
    layers: Sequence[Layer], compiled: bool | None, recipe: Recipe, kept: TrainingStep | None
) -> TrainingStep:
    """Return what makes a step: the one of an earlier training, if it would be the same program."""
    if not any(layer.parameters() for layer in layers):
        raise ValueError("fit: the network has no parameters to learn; add a layer that has")
    if compiled is None:
        compiled = all(layer.is_pure() for layer in layers)
    kind = CompiledTrainingStep if compiled else TrainingStep
    if kept is not None and type(kept) is kind and kept.serves(layers, *recipe[:2]):
        return kept
    return kind(layers, *recipe[:2])
