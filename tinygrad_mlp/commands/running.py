"""One training as the options of the command describe it."""

from __future__ import annotations

import argparse
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_mlp.commands import recipes
from tinygrad_mlp.commands.encoding import Model
from tinygrad_mlp.commands.ending import Ending
from tinygrad_mlp.nn import Network, optimizers
from tinygrad_mlp.nn.callbacks import EarlyStopping
from tinygrad_mlp.nn.metrics import r2
from tinygrad_mlp.nn.objectives import CLASSIFYING

#: By the name on the command line; all but plain descent have a learning rate of their own.
OPTIMIZERS = {
    "sgd": None,
    "rmsprop": optimizers.RMSProp(),
    "adam": optimizers.Adam(),
    "adamw": optimizers.AdamW(),
    "adagrad": optimizers.Adagrad(),
}
#: Without a sigmoid at the end, whose slope is at most 1/4, gradients are that much larger.
_OF_LOGITS = 0.25


@dataclass
class Run:
    """A network, its data, and how it is to be trained; then also the course of the training.

    Parameters
    ----------
    model : Model
        What is to be known of the network besides its weights.
    recipe : Recipe
        That of the data.
    data : Data
        To train on, and to test on.
    network : Network
        Not trained yet.
    rng : Generator
        Draws the batches, after data and weights.
    epochs, batch_size, learning_rate, optimizer, full_pass, validation, patience
        As the options say, or else the recipe.

    Attributes
    ----------
    marks, train, test, scores : list
        Epochs, and at each the mean loss since the one before, and loss and score of the test set.
    warnings : list of str
        What ``fit`` warned of.
    made, stopped, seconds
        The number of epochs, what ended them early, and how long they took.
    """

    model: Model
    recipe: recipes.Recipe
    data: recipes.Data
    network: Network
    rng: np.random.Generator
    epochs: int
    batch_size: int
    learning_rate: float | None
    optimizer: str
    full_pass: bool
    validation: float | None
    patience: int | None
    marks: list[int] = field(default_factory=list)
    train: list[float] = field(default_factory=list)
    test: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    made: int = 0
    stopped: str = ""
    seconds: float = 0.0

    @property
    def score_name(self) -> str:
        """What tells how good answers are."""
        return "r2" if self.recipe.is_numbers else "accuracy"

    def score(self, y: Any, output: Any) -> float:
        """Return the accuracy, or r2 for numbers."""
        if self.recipe.is_numbers:
            return r2(y, output)
        return recipes.right(y, output, 0.0 if self.model.loss in CLASSIFYING else 0.5)

    def fit(self, ending: Ending, *, is_told: bool) -> None:
        """Train; ten lines tell the progress, if they shall."""
        started = time.perf_counter()
        patience = [] if self.patience is None else [EarlyStopping(self.patience)]
        # fit stops at what is not finite
        with (
            np.errstate(over="ignore", invalid="ignore"),
            warnings.catch_warnings(record=True) as caught,
        ):
            warnings.simplefilter("always")
            history = self.network.fit(
                self.data.x_train,
                self.data.y_train,
                epochs=self.epochs,
                learning_rate=self.learning_rate,
                batch_size=self.batch_size,
                full_pass=self.full_pass,
                rng=self.rng,
                loss=self.model.loss,
                optimizer=OPTIMIZERS[self.optimizer],
                validation_split=self.validation,
                callbacks=patience,
                callback=_Progress(self, ending, is_told=is_told),
            )
        self.warnings = [str(warning.message) for warning in caught]
        self.made, self.stopped = len(history), history.stopped
        self.seconds = time.perf_counter() - started


class _Progress:
    """A callback that fills the curves, prints ten lines, and ends where a signal asks."""

    def __init__(self, run: Run, ending: Ending, *, is_told: bool) -> None:
        self.run, self.ending = run, ending
        tenths = range(1, 11) if is_told else ()
        self.lines = {round(run.epochs * tenth / 10) for tenth in tenths}
        self.every = max(1, run.epochs // 200)
        self.errors: list[float] = []  # since the last point of the curve
        self.printed: list[float] = []  # since the last line

    def __call__(self, epoch: int, error: float) -> None:
        self.ending.check()
        run, done = self.run, epoch + 1
        self.errors.append(error)
        self.printed.append(error)
        is_mark = done % self.every == 0 or done == run.epochs
        if not is_mark and done not in self.lines:
            return
        told = run.network.evaluate(run.data.x_test, run.data.y_test, metrics=[run.score])
        if is_mark:
            run.marks.append(done)
            run.train.append(float(np.mean(self.errors)))
            run.test.append(told["loss"])
            run.scores.append(told["score"])
            self.errors.clear()
        if done in self.lines:
            mean, score = float(np.mean(self.printed)), told["score"]
            self.printed.clear()
            shown = f"{score:6.3f}" if run.recipe.is_numbers else f"{score:6.1%}"
            print(
                f"epoch {done:>6}/{run.epochs}   error {mean:.6f}   test {run.score_name} {shown}"
            )


def prepared(options: argparse.Namespace) -> Run:
    """Return the training that the options describe, or say which of them does not fit."""
    recipe = _recipe(options)
    rng = np.random.default_rng(options.seed)
    data = recipe.load(rng)
    inputs, outputs = data.x_train.shape[1], data.y_train.shape[1]
    sizes = _fitting_sizes(options.layers, inputs, recipe.hidden, outputs)
    activation = options.activation or recipe.activation
    loss = options.loss or recipe.loss
    _check(options, recipe, activation, loss, outputs)
    is_linear = loss in CLASSIFYING or recipe.is_numbers
    network = recipes.build(sizes, activation, rng, is_linear=is_linear)
    optimizer = options.optimizer or recipe.optimizer
    rate = options.learning_rate
    if rate is None and optimizer == recipe.optimizer:
        rate = recipe.learning_rate
    if rate is None and optimizer == "sgd":
        rate = recipes.learning_rate(activation, network, data.x_train)
        rate *= _OF_LOGITS if is_linear and activation != "identity" else 1.0
    full_pass = options.full_pass or recipe.full_pass
    epochs = recipe.epochs if full_pass == recipe.full_pass else _PASSES
    return Run(
        Model(options.data, sizes, activation, loss, options.seed, data.encoding),
        recipe,
        data,
        network,
        rng,
        epochs if options.epochs is None else options.epochs,
        min(options.batch_size or recipe.batch_size, len(data.x_train)),
        rate,
        optimizer,
        full_pass,
        options.validation,
        options.patience,
    )


_PASSES = 50


def _recipe(options: argparse.Namespace) -> recipes.Recipe:
    """Return the recipe for the data."""
    if options.data in recipes.RECIPES:
        return recipes.RECIPES[options.data]
    path = Path(options.data)
    if path.is_dir():
        return recipes.folder(options.data)
    if path.is_file():
        return recipes.table(
            options.data, options.target, options.categorical, options.ignore, options.delimiter
        )
    known = ", ".join(recipes.RECIPES)
    raise argparse.ArgumentError(
        None, f"--data must be one of {known}, a folder or a CSV file, got {options.data!r:.80}"
    )


def _check(
    options: argparse.Namespace, recipe: recipes.Recipe, activation: str, loss: str, outputs: int
) -> None:
    """Raise for what would not train, or not what is meant."""
    told = ""
    if loss in CLASSIFYING and recipe.is_numbers:
        told = f"--loss {loss} is for classes, and the target is made of numbers; mse is for them"
    elif loss == "softmax_cross_entropy" and outputs == 1:
        told = (
            f"--loss {loss} needs two outputs or more, and {options.data} has one; "
            "binary_cross_entropy is for one output"
        )
    elif activation == "softmax" and outputs == 1 and loss not in CLASSIFYING:
        told = (
            f"--activation softmax needs two outputs or more, and {options.data} has one, of "
            "which softmax would make 1 whatever comes in; sigmoid is for one output"
        )
    if told:
        raise argparse.ArgumentError(None, told)


def _fitting_sizes(
    given: tuple[int, ...] | None, inputs: int, hidden: tuple[int, ...], outputs: int
) -> tuple[int, ...]:
    if given is None:
        return (inputs, *hidden, outputs)
    if (given[0], given[-1]) != (inputs, outputs):
        raise argparse.ArgumentError(
            None,
            f"--layers must begin with {inputs} and end with {outputs} for this data, "
            f"such as {inputs}-{'-'.join(map(str, hidden))}-{outputs}, "
            f"got {'-'.join(map(str, given))}",
        )
    return given


def make_folder(out: Path) -> None:
    """Make the folder for what is written, unless it is there."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise argparse.ArgumentError(None, f"--out must be a folder, and {out} is a file") from None
