"""Training: how long and how far, the loop over batches, and who looks on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp._support.arguments import finite_number, whole_number
from tinygrad_mlp.nn.callbacks import Callback, EarlyStopping, Progress, stops
from tinygrad_mlp.nn.course import Course
from tinygrad_mlp.nn.diagnosis import first_not_finite, warn_if_nothing_learned
from tinygrad_mlp.nn.history import History
from tinygrad_mlp.nn.layer import Array, Layer, through
from tinygrad_mlp.nn.metrics import Metric, metrics_of
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
        if not callable(self.rate):
            return self.rate
        return finite_number(f"learning_rate({step})", self.rate(step), minimum=0.0)


def recipe_of(
    before: Recipe | None, loss: Any, ignore_index: int | None, optimizer: Any, learning_rate: Any
) -> Recipe:
    """Return the recipe that the arguments of ``fit`` mean, what is None as before."""
    from tinygrad_mlp.nn.schedules import schedule_of  # here, as optimizers are

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
    schedule_of("learning_rate", rate)
    return Recipe(objective, chosen, rate if callable(rate) else float(rate))


def _own(optimizer: Any) -> Optimizer | None:
    """Return an optimizer; None for plain descent, which needs none."""
    from tinygrad_mlp.nn.optimizers import SGD
    from tinygrad_mlp.nn.optimizers.optimizer import checked

    return None if checked(optimizer) == SGD() else optimizer


def epochs_of(epoches: Any, epochs: Any) -> int:
    """Return how many epochs the arguments of ``Network.fit`` mean."""
    if (epoches is None) == (epochs is None):
        what = "is missing" if epochs is None else "was given twice"
        raise TypeError(f"fit: the number of epochs {what}; give it once, as epoches= or epochs=")
    spelling, number = ("epochs", epochs) if epoches is None else ("epoches", epoches)
    return whole_number(spelling, number, minimum=0)


@dataclass
class Training:
    """One call of ``fit``, checked and ready to run."""

    network: Stack
    is_verbose: bool
    step: TrainingStep
    recipe: Recipe
    course: Course
    epochs: int
    samples: Samples
    validation: Samples | None
    callbacks: Sequence[Callback]
    callback: Callable[[int, float], object] | None
    rate: float = 0.0  # of the last step

    def __post_init__(self) -> None:
        self.metrics = metrics_of(self.course.metrics, self.recipe.objective.loss)

    def run(self) -> History:
        """Make the steps, and return the course of the loss."""
        history, self.callbacks = self.course.history, self.course.begin(self.callbacks)
        first, before = len(history), self.step.steps
        last = first + self.epochs
        if first and any(stopping.is_over for stopping in self.course.stoppings):
            history.stopped, last = EarlyStopping.__name__, first  # it had, when it was saved
        self.step.reset()
        try:
            for epoch in range(first, last):
                loss = self._epoch()
                measures = self._measures()
                history.add(loss, measures)
                if self.is_verbose and epoch % 10 == 0:
                    print("epoch: %5d/%d   error=%0.9f" % (epoch, last, loss))  # noqa: T201, UP031
                if self.callback is not None or self.callbacks:
                    self.step.publish()
                if stopped := self._stopped(epoch, last, measures):
                    history.stopped = stopped
                    break
        finally:  # Ctrl-C too leaves the weights of the last complete step
            self.step.finish()
        for callback in self.callbacks:
            if hasattr(callback, "finish"):
                callback.finish(self.network)
        self.course.stoppings = [s for s in self.course.stoppings if not s.is_over]
        if len(history) > first:
            self._judge(history[first:], self.step.steps - before)
        return history

    def _epoch(self) -> float:
        """Make the steps of one epoch, and return their mean loss."""
        total, weight = 0.0, 0.0
        weights, source = self.samples.weights, self.course.random
        for rows in self.course.batches(len(self.samples.x)):
            share = len(rows) if weights is None else float(weights.take(rows).sum())
            self.rate = self.recipe.rate_of(self.step.steps)
            try:
                total += self.step(self.samples, rows, self.rate, source) * share
            except FloatingPointError as error:
                raise FloatingPointError(f"{error}. {self._place(rows)}") from None
            weight += share
        return total / weight if weight else 0.0

    def _place(self, rows: Array) -> str:
        """Return the step that failed, and the layer."""
        self.step.publish()  # the numbers before this step
        layers, objective = self.network.layers, self.recipe.objective
        found = first_not_finite(layers, objective, self.samples.take(rows))
        return f"In step {self.step.steps + 1}, {found}"

    def _judge(self, losses: Sequence[float], steps: int) -> None:
        """Warn if nothing was learned."""
        objective, optimizer, _ = self.recipe
        warn_if_nothing_learned(
            self.network.layers,
            self.samples,
            objective,
            losses,
            steps,
            self.rate,
            is_default=optimizer is None and objective.loss == "half_squared_error",
        )

    def _measures(self) -> dict[str, float]:
        """Return the other numbers that were asked for."""
        metrics = self.metrics
        if self.validation is None and not metrics:
            return {}
        self.step.publish()
        found: dict[str, float] = {}
        if metrics:
            found |= measured(self.network.layers, self.samples, metrics)
        if self.validation is not None:
            output = through(self.network.layers, self.validation.x)
            found["validation_loss"] = self.recipe.objective.mean(self.validation, output)
            told = measured(self.network.layers, self.validation, metrics, output)
            found |= {f"validation_{name}": number for name, number in told.items()}
        return found

    def _stopped(self, epoch: int, epochs: int, measures: dict[str, float]) -> str:
        """Return who stops the training, empty if nobody does; all callbacks are asked."""
        loss = self.course.history[-1]
        progress = Progress(
            epoch=epoch,
            epochs=epochs,
            steps=self.step.steps,
            loss=loss,
            measures=measures,
            learning_rate=self.rate,
            network=self.network,
        )
        # An EarlyStopping looks first, so that what the others save is what it has seen.
        early = [c for c in self.callbacks if isinstance(c, EarlyStopping)]
        others = [c for c in self.callbacks if not isinstance(c, EarlyStopping)]
        answers: list[tuple[Callback, Any]] = [(c, c(progress)) for c in early]
        if self.callback is not None:
            self.callback(epoch, loss)
        answers += [(c, c(progress)) for c in others]
        named = (getattr(c, "__name__", type(c).__name__) for c, answer in answers if stops(answer))
        return ", ".join(named)


def measured(
    layers: Sequence[Layer], samples: Samples, metrics: dict[str, Metric], output: Any = None
) -> dict[str, float]:
    """Return the metrics of those samples that count at all."""
    output = through(layers, samples.x) if output is None else output
    targets = samples.y
    if samples.weights is not None:
        counted = samples.weights > 0
        targets, output = targets[counted], output[counted]
    found = {}
    for name, metric in metrics.items():
        number = metric(targets, output)
        if number is None or np.ndim(number):
            raise TypeError(f"metric {name} must return one number, got {number!r:.80}")
        found[name] = float(number)
    return found


def step_for(
    layers: Sequence[Layer], compiled: bool | None, recipe: Recipe, kept: TrainingStep | None
) -> TrainingStep:
    """Return what makes a step: the one of an earlier training, if it would be the same program."""
    if not any(layer.parameters() for layer in layers):
        raise ValueError("fit: the network has no parameters to learn; add a layer that has")
    if compiled is None:
        compiled = all(layer.is_pure() for layer in layers)
    kind = CompiledTrainingStep if compiled else TrainingStep
    if type(kept) is kind and kept.serves(layers, *recipe[:2]):
        return kept
    step = kind(layers, *recipe[:2])
    return step if kept is None else step.going_on(kept)
