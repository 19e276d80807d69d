"""Training: how long and how far, the loop over batches, and who looks on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp.nn.batches import Drawn, Given
from tinygrad_mlp.nn.callbacks import Callback, EarlyStopping, Progress, stops
from tinygrad_mlp.nn.compiled_step import CompiledTrainingStep
from tinygrad_mlp.nn.course import Course
from tinygrad_mlp.nn.diagnosis import first_not_finite, warn_if_nothing_learned
from tinygrad_mlp.nn.evaluation import measured
from tinygrad_mlp.nn.history import History
from tinygrad_mlp.nn.layer import Layer, through
from tinygrad_mlp.nn.metrics import metrics_of
from tinygrad_mlp.nn.objectives import Samples
from tinygrad_mlp.nn.randomness import state_of
from tinygrad_mlp.nn.ranks import Alone
from tinygrad_mlp.nn.recipe import Recipe
from tinygrad_mlp.nn.reporting import Reporter
from tinygrad_mlp.nn.training_step import TrainingStep

if TYPE_CHECKING:
    from tinygrad_mlp.nn.stack import Stack


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
    recipe: Recipe
    course: Course
    epochs: int
    supply: Drawn | Given
    validation: Samples | None
    step: TrainingStep
    ranks: Alone
    callbacks: Sequence[Callback]
    callback: Callable[[int, float], object] | None
    reporter: Reporter
    rate: float = 0.0  # of the last step

    def __post_init__(self) -> None:
        self.metrics = metrics_of(self.course.metrics, self.recipe.objective.loss)

    def run(self) -> History:
        """Make the steps, and return the course of the loss."""
        history, self.callbacks = self.course.history, self.course.begin(self.callbacks)
        self.ranks.check(self.network.layers, self._begin)
        first, before = len(history), self.step.steps
        last = first + self.epochs
        if first and any(stopping.is_over for stopping in self.course.stoppings):
            history.stopped, last = EarlyStopping.__name__, first  # it had, when it was saved
        self.step.reset()
        self.reporter.begin(first, last)
        try:
            for samples, rows in self.supply.examples() if self.epochs else ():
                self.step.prepare(samples, rows, self.course.random, self.ranks)
            for epoch in range(first, last):
                loss = self._epoch(epoch - first + 1)
                measures = self.ranks.agreed(self._measures())
                history.add(loss, measures)
                self.reporter.epoch(epoch, loss, measures)
                if self.callback is not None or self.callbacks:
                    self.step.publish()
                if stopped := self.ranks.agreed(self._stopped(epoch, last, measures)):
                    history.stopped = stopped
                    break
        finally:  # Ctrl-C too leaves the weights of the last complete step
            self.step.finish()
            self.reporter.close()
        for callback in self._asked():
            if hasattr(callback, "finish"):
                callback.finish(self.network)
        self.course.stoppings = [s for s in self.course.stoppings if not s.is_over]
        if len(history) > first and self.supply.samples is not None and not self.ranks.rank:
            self._judge(self.supply.samples, history[first:], self.step.steps - before)
        return history

    def _epoch(self, number: int) -> float:
        """Make the steps of one epoch, and return their mean loss."""
        total, weight, source = 0.0, 0.0, self.course.random
        for samples, rows in self.supply.epoch(number):
            share = samples.weight_of(rows)
            self.rate = self.recipe.rate_of(self.step.steps)
            try:
                total += self.step(samples, rows, self.rate, source, self.ranks) * share
            except FloatingPointError as error:
                raise FloatingPointError(f"{error}. {self._place(samples.take(rows))}") from None
            weight += share
            self.reporter.step(self.supply.steps)
        return total / weight if weight else 0.0

    def _place(self, batch: Samples) -> str:
        """Return the step that failed, and the layer."""
        self.step.publish()  # the numbers before this step
        layers, objective = self.network.layers, self.recipe.objective
        found = first_not_finite(layers, objective, batch)
        return f"In step {self.step.steps + 1}, {found}"

    def _judge(self, samples: Samples, losses: Sequence[float], steps: int) -> None:
        """Warn if nothing was learned."""
        objective, optimizer, _ = self.recipe
        warn_if_nothing_learned(
            self.network.layers,
            samples,
            objective,
            losses,
            steps,
            self.rate,
            is_default=optimizer is None and objective.loss == "half_squared_error",
        )

    def _measures(self) -> dict[str, float]:
        """Return the other numbers that were asked for."""
        metrics, samples = self.metrics, self.supply.samples
        if self.validation is None and not metrics:
            return {}
        self.step.publish()
        found: dict[str, float] = {}
        if metrics and samples is not None:
            found |= measured(self.network.layers, samples, metrics)
        if self.validation is not None:
            output = through(self.network.layers, self.validation.x)
            found["validation_loss"] = self.recipe.objective.mean(self.validation, output)
            told = measured(self.network.layers, self.validation, metrics, output)
            found |= {f"validation_{name}": number for name, number in told.items()}
        return found

    def _asked(self) -> list[Callback]:
        """Return the callbacks of this process: what prints or saves does so in the first one."""
        return [c for c in self.callbacks if isinstance(c, EarlyStopping) or not self.ranks.rank]

    def _begin(self) -> dict[str, tuple[Any, str]]:
        """Return what several processes must begin with alike, and how they do."""
        step, numbers = self.step, [parameter.numpy() for parameter in self.step.parameters]
        given = "give all of them the same"
        return {
            "the arguments": ([self.epochs, self.course.batch_size, self.course.full_pass], given),
            "the weights": ([numbers, step.steps, step.state], "make layers with the same rng"),
            "the samples": ([self.supply.samples, self.validation], given),
            "the random numbers": (state_of(self.course.source), "give fit an rng, such as rng=0"),
        }

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
        asked = self._asked()
        early = [c for c in asked if isinstance(c, EarlyStopping)]
        others = [c for c in asked if not isinstance(c, EarlyStopping)]
        answers: list[tuple[Callback, Any]] = [(c, c(progress)) for c in early]
        if self.callback is not None and not self.ranks.rank:
            self.callback(epoch, loss)
        answers += [(c, c(progress)) for c in others]
        named = (getattr(c, "__name__", type(c).__name__) for c, answer in answers if stops(answer))
        return ", ".join(named)


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
