"""Training: what the data must look like, the loop over batches, and the course of the error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp._support.arguments import finite_number, random_source, whole_number
from tinygrad_mlp._support.structures import leaves
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.errors import DataTypeError, ShapeError
from tinygrad_mlp.nn.descent import moves_of
from tinygrad_mlp.nn.layer import Array, Layer, through
from tinygrad_mlp.nn.training_step import CompiledTrainingStep, TrainingStep


class History(list[float]):
    """The mean ``mse`` of every epoch, in order: a list, with a short text.

    Examples
    --------
    >>> history = History([0.25, 0.125])
    >>> history
    <History of 2 epochs, error 0.25 to 0.125>
    >>> history[-1], len(history)
    (0.125, 2)
    """

    def __repr__(self) -> str:
        if not self:
            return "<History of 0 epochs>"
        epochs = "1 epoch" if len(self) == 1 else f"{len(self):,} epochs"
        return f"<History of {epochs}, error {self[0]:.6g} to {self[-1]:.6g}>"


class Plan(NamedTuple):
    """How long and how far a training goes, and what draws its batches."""

    epochs: int
    rate: float
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


def planned(
    epoches: Any, epochs: Any, learning_rate: Any, batch_size: Any, full_pass: bool, rng: Any
) -> Plan:
    """Return what the arguments of ``Network.fit`` mean, or say which one does not fit."""
    if (epoches is None) == (epochs is None):
        what = "is missing" if epochs is None else "was given twice"
        raise TypeError(f"fit: the number of epochs {what}; give it once, as epoches= or epochs=")
    spelling, number = ("epochs", epochs) if epoches is None else ("epoches", epoches)
    count = whole_number(spelling, number, minimum=0)
    if learning_rate is None:
        raise TypeError("fit: learning_rate is missing; give it, such as learning_rate=0.1")
    rate = finite_number("learning_rate", learning_rate, minimum=0.0)
    return Plan(count, rate, whole_number("batch_size", batch_size), full_pass, random_source(rng))


def fit(
    step: TrainingStep,
    x: Array,
    y: Array,
    plan: Plan,
    *,
    verbose: bool,
    callback: Callable[[int, float], object] | None,
) -> History:
    """Make the steps of a training, and return its course."""
    history = History()
    step.reset()
    try:
        for epoch in range(plan.epochs):
            error, count = 0.0, 0
            for rows in plan.batches(len(x)):
                error += step(x, y, rows, plan.rate) * len(rows)
                count += len(rows)
            error /= count
            history.append(error)
            if verbose and epoch % 10 == 0:
                told = (epoch, plan.epochs, error)
                print("epoch: %5d/%d   error=%0.9f" % told)  # noqa: T201, UP031
            if callback is not None:
                step.publish()
                callback(epoch, error)
    finally:  # Ctrl-C too leaves the weights of the last complete step
        step.finish()
    return history


def step_for(
    layers: Sequence[Layer], compiled: bool | None, kept: TrainingStep | None
) -> TrainingStep:
    """Return what makes a step: the one of an earlier training, if it would be the same program."""
    if not any(layer.parameters() for layer in layers):
        raise ValueError("fit: the network has no parameters to learn; add a layer that has")
    if compiled is None:
        compiled = all(layer.is_pure() for layer in layers)
    kind = CompiledTrainingStep if compiled else TrainingStep
    if kept is not None and type(kept) is kind and kept.serves(layers, moves_of):
        return kept
    return kind(layers, moves_of)


# ----- The data -----


def samples_of(layers: Sequence[Layer], data: Any, name: str, check_finite: bool = False) -> Array:
    """Return the samples as rows, shape (N, inputs)."""
    samples = as_numbers(data, name)
    width = next((layer.input_size for layer in layers if layer.input_size is not None), None)
    wanted = f"(N, 1, {width or 'inputs'}) or (N, {width or 'inputs'})"
    if samples.ndim == 3 and samples.shape[1] == 1:
        samples = samples[:, 0, :]
    if samples.ndim != 2:
        raise ShapeError(f"{name} has shape {samples.shape}, wanted {wanted}")
    if width is not None and samples.shape[1] != width:
        raise ShapeError(
            f"{name} has {samples.shape[1]} features in each sample, but the first layer, "
            f"{layers[0]!r}, expects {width}; wanted shape {wanted}"
        )
    return _in_own_dtype(layers, samples, name, check_finite)


def targets_of(layers: Sequence[Layer], data: Any, samples: Array, check_finite: bool) -> Array:
    """Return the targets as rows, shape (N, outputs), one for each sample."""
    try:
        targets = as_numbers(data, "y_train")
    except DataTypeError as error:
        raise DataTypeError(f"{error}{_way_from_names(data)}") from None
    count = len(targets) if targets.ndim else 0
    if len(samples) == 0:
        raise ValueError("x_train is empty: there is nothing to learn from")
    if count != len(samples):
        raise ShapeError(
            f"x_train has {len(samples)} samples, but y_train has {count}; "
            "they must be equally many"
        )
    width = _width(layers, samples)
    shapes = [(1, width), (width,)] + ([()] if width == 1 else [])
    if targets.shape[1:] not in shapes:
        raise ShapeError(
            f"each target in y_train has shape {targets.shape[1:]}, but each output of the "
            f"network has shape {(1, width)}{_way_from_labels(targets, width)}"
        )
    return _in_own_dtype(layers, targets.reshape(count, width), "y_train", check_finite)


def _width(layers: Sequence[Layer], samples: Array) -> int:
    """Return the number of outputs; what a layer of one's own gives, only a sample can tell."""
    told = [layer.output_size for layer in layers if layer.output_size is not None]
    if told and all(layer.is_pure() for layer in layers):
        return told[-1]
    return int(through(layers, samples[:1]).shape[1])


def _in_own_dtype(layers: Sequence[Layer], numbers: Array, name: str, check_finite: bool) -> Array:
    """Return the data in the dtype of the parameters, in which everything is computed."""
    kinds = [parameter.dtype for layer in layers for parameter in layer.parameters()]
    dtype = kinds[0] if kinds else numbers.dtype
    if not check_finite:
        return numbers.astype(dtype, copy=False)
    with np.errstate(over="ignore"):  # told below, with the place
        own = numbers.astype(dtype, copy=False)
    is_finite = np.isfinite(own)
    if not is_finite.all():
        sample, position = np.argwhere(~is_finite)[0].tolist()
        number = numbers[sample, position]
        way = "remove nan and infinity, or say check_finite=False"
        if np.isfinite(number):
            way = f"that is too large for {dtype}, the type of the weights; scale the data"
        raise ValueError(f"{name} has {number} in sample {sample}, position {position}; {way}")
    return own


def _way_from_names(data: Any) -> str:
    """Return how names of classes become targets."""
    inside = leaves(data.tolist() if hasattr(data, "tolist") else data)
    if isinstance(data, str) or not (inside and isinstance(inside[0], str)):
        return ""
    return "; for names of classes, tg.datasets.one_hot(np.unique(names, return_inverse=True)[1])"


def _way_from_labels(targets: Array, width: int) -> str:
    """Return how numbers of classes become targets, where they look like such."""
    if targets.size != len(targets) or not np.isin(targets, np.arange(width)).all():
        return ""
    return f"; for labels, tg.datasets.one_hot(np.ravel(y_train).astype(int), {width})"
