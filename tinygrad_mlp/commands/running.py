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
        What is to be known of the network besides itself.
    data : Data
        To train on, and to test on.
    network : Network
        Not trained yet.
    rng : Generator
        Draws the batches, after data and weights; None goes on with what the network has.
    epochs, learning_rate, validation, patience
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
    data: recipes.Data
    network: Network
    rng: np.random.Generator | None
    epochs: int
    learning_rate: float | None
    validation: float | None = None
    patience: int | None = None
    saved: Path | None = None  # where to save the network ten times
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
        return "r2" if self.model.is_numbers else "accuracy"

    def score(self, y: Any, output: Any) -> float:
        """Return the accuracy, or r2 for numbers."""
        if self.model.is_numbers:
            return r2(y, output)
        return recipes.right(y, output, 0.0 if self.model.loss in CLASSIFYING else 0.5)

    def fit(self, ending: Ending, *, is_told: bool) -> None:
        """Train; ten lines tell the progress, if they shall."""
        started = time.perf_counter()
        how: dict[str, Any] = {}
        if self.rng is not None:
            how = {
                "batch_size": self.model.batch_size,
                "full_pass": self.model.full_pass,
                "rng": self.rng,
                "loss": self.model.loss,
                "optimizer": OPTIMIZERS[self.model.optimizer],
                "validation_split": self.validation,
                "callbacks": [] if self.patience is None else [EarlyStopping(self.patience)],
            }
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
                callback=_Progress(self, ending, is_told=is_told),
                **how,
            )
        self.warnings = [str(warning.message) for warning in caught]
        self.made, self.stopped = len(history), history.stopped
        self.seconds = time.perf_counter() - started


class _Progress:
    """A callback that fills the curves, prints ten lines, and ends where a signal asks."""

    def __init__(self, run: Run, ending: Ending, *, is_told: bool) -> None:
        self.run, self.ending = run, ending
        self.first: int | None = None  # the epoch that a resumed training begins with
        tenths = range(1, 11) if is_told else ()
        self.lines = {round(run.epochs * tenth / 10) for tenth in tenths}
        self.every = max(1, run.epochs // 200)
        self.errors: list[float] = []  # since the last point of the curve
        self.printed: list[float] = []  # since the last line

    def __call__(self, epoch: int, error: float) -> None:
        self.ending.check()
        self.first = epoch if self.first is None else self.first
        run, done = self.run, epoch - self.first + 1
        self.errors.append(error)
        self.printed.append(error)
        is_mark = done % self.every == 0 or done == run.epochs
        if not is_mark and done not in self.lines:
            return
        told = run.network.evaluate(run.data.x_test, run.data.y_test, metrics=[run.score])
        if is_mark:
            run.marks.append(epoch + 1)
            run.train.append(float(np.mean(self.errors)))
            run.test.append(told["loss"])
            run.scores.append(told["score"])
            self.errors.clear()
        if done in self.lines:
            self._tell(epoch + 1, self.first + run.epochs, told["score"])

    def _tell(self, number: int, last: int, score: float) -> None:
        """Print a line, and save the network, should the machine stop."""
        mean = float(np.mean(self.printed))
        self.printed.clear()
        shown = f"{score:6.3f}" if self.run.model.is_numbers else f"{score:6.1%}"
        name = self.run.score_name
        print(f"epoch {number:>6}/{last}   error {mean:.6f}   test {name} {shown}")
        if self.run.saved is not None:
            self.run.network.save(self.run.saved)


def prepared(options: argparse.Namespace) -> Run:
    """Return the training that the options describe, or say which of them does not fit."""
    seed = 1 if options.seed is None else options.seed
    recipe = _recipe(options)
    rng = np.random.default_rng(seed)
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
    epochs = epochs if options.epochs is None else options.epochs
    size = min(options.batch_size or recipe.batch_size, len(data.x_train))
    name = options.data or _DATA
    how = (sizes, activation, loss, optimizer, epochs, size, full_pass, seed)
    model = Model(name, *how, data.encoding)
    return Run(model, data, network, rng, epochs, rate, options.validation, options.patience)


def resumed(options: argparse.Namespace) -> Run:
    """Return a training that goes on where the one in a folder ended."""
    for name, value in vars(options).items():
        if name in _OF_THE_START and not (value is None or value is False or value == ()):
            raise argparse.ArgumentError(
                None,
                f"--resume goes on as the training began, so --{name.replace('_', '-')} cannot be "
                "given; --epochs, how many further ones, and --learning-rate can",
            )
    model = Model.load(options.resume / "model.json")
    network = Network.load(options.resume / "network.npz")
    epochs = model.epochs if options.epochs is None else options.epochs
    return Run(model, recipes.data_of(model), network, None, epochs, options.learning_rate)


_DATA = "digits"
#: Options of which the file of the network has its own.
_OF_THE_START = (
    "data", "layers", "activation", "full_pass", "batch_size", "loss", "optimizer", "validation",
    "patience", "seed", "compare", "target", "categorical", "ignore",
)  # fmt: skip
_PASSES = 50


def _recipe(options: argparse.Namespace) -> recipes.Recipe:
    """Return the recipe for the data."""
    name = options.data or _DATA
    if name in recipes.RECIPES or Path(name).is_dir():
        return recipes.named(name)
    if Path(name).is_file():
        return recipes.table(
            name, options.target, options.categorical, options.ignore, options.delimiter
        )
    known = ", ".join(recipes.RECIPES)
    raise argparse.ArgumentError(
        None, f"--data must be one of {known}, a folder or a CSV file, got {name!r:.80}"
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
