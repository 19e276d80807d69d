"""What the steps of an epoch are made on: batches drawn from samples, or those somebody gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from numbers import Number
from typing import Any

import numpy as np

from tinygrad_mlp.nn.course import Course
from tinygrad_mlp.nn.data import as_samples, prepared, validation_of
from tinygrad_mlp.nn.layer import Array, Layer
from tinygrad_mlp.nn.objectives import Objective, Samples
from tinygrad_mlp.nn.stack import parts_of

Batch = tuple[Samples, Array]  # samples, and which of them
#: What a batch may be.
_FORMS = "(x, y) or (x, y, sample_weight)"


class Drawn:
    """Batches that a course draws from samples in memory.

    Attributes
    ----------
    samples : Samples
        All of them.
    steps : int
        How many batches an epoch has.
    """

    def __init__(self, layers: Sequence[Layer], samples: Samples, course: Course) -> None:
        self.samples, self._course = samples, course
        count, size = len(samples.x), course.batch_size
        self.steps = -(-count // size) if course.full_pass else 1
        smallest = min(size, count)
        if course.full_pass:
            smallest = count % size or smallest
        self._count, self._smallest = count, smallest
        way = f"of {count} samples one batch has {smallest}; choose another batch_size than {size}"
        _check_rows(layers, smallest, way)

    def examples(self) -> Iterator[Batch]:
        """Yield a batch of each size that there will be."""
        for size in dict.fromkeys((min(self._course.batch_size, self._count), self._smallest)):
            yield self.samples, np.arange(size)

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield the batches of an epoch."""
        for rows in self._course.batches(len(self.samples.x)):
            yield self.samples, rows


class Given:
    """Batches that come from outside, of which only one is held at a time.

    Parameters
    ----------
    source : iterable of batches, or function that returns one
        Gone through once in each epoch; a batch is (x, y) or (x, y, sample_weight).
    as_batch : callable
        What makes Samples of a batch and its number.

    Attributes
    ----------
    samples : None
        They are never all there.
    steps : int or None
        How many batches an epoch has, as far as is known.
    """

    samples = None

    def __init__(self, source: Any, as_batch: Callable[[Any, int], Samples]) -> None:
        self._source, self._as_batch = source, as_batch
        self.steps = len(source) if isinstance(source, Sized) else None

    def examples(self) -> Iterator[Batch]:
        """Yield nothing: only time will tell."""
        yield from ()

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield the batches of an epoch, or raise for what is none."""
        given = self._source if isinstance(self._source, Iterable) else self._source()
        if not isinstance(given, Iterable):
            raise TypeError(
                f"x_train() gave {given!r:.80}, wanted an iterable of batches, {_FORMS}"
            )
        place = 0
        for place, batch in enumerate(given, 1):
            samples = self._as_batch(batch, place)
            yield samples, np.arange(len(samples.x))
        if not place:
            raise ValueError(
                f"x_train gave no batch in epoch {number}; it must begin anew in each, as a list "
                "does, or a function that returns a new generator"
            )
        self.steps = place


def supply_of(
    layers: Sequence[Layer],
    objective: Objective,
    course: Course,
    x_train: Any,
    y_train: Any,
    epochs: int,
    told: Mapping[str, Any],
    check_finite: bool,
) -> tuple[Drawn | Given, Samples | None]:
    """Return what batches come from, and what is kept to validate, as ``fit`` was told."""
    weight, by_class = told["sample_weight"], course.class_weight
    samples = validation = None
    if y_train is None:
        _check_source(x_train, epochs)
    else:
        samples = prepared(
            layers, objective, x_train, y_train, weight, by_class, check_finite=check_finite
        )
    if told["validation_data"] is not None:
        validation = validation_of(layers, objective, told["validation_data"], check_finite)
    if samples is not None:
        samples, validation = course.divided(samples, validation, told["validation_split"])
        return Drawn(layers, samples, course), validation
    _check_told(course, told)

    def as_batch(batch: Any, place: int) -> Samples:
        names = f"x of batch {place}", f"y of batch {place}"
        x, y, *own = _parts(batch, place)
        found = as_samples(
            layers,
            objective,
            x,
            y,
            own[0] if own else None,
            by_class,
            check_finite=check_finite,
            names=names,
        )
        _check_rows(layers, len(found.x), f"batch {place} of x_train has {len(found.x)}")
        return found

    return Given(x_train, as_batch), validation


# ----- Checks -----


def _check_rows(layers: Sequence[Layer], smallest: int, way: str) -> None:
    """Raise ValueError if a batch of so many samples is too small for a layer."""
    for path, layer in parts_of(layers):
        if smallest < layer.fewest_rows:
            raise ValueError(
                f"fit: {path}, {layer!r}, needs batches of at least {layer.fewest_rows} "
                f"samples, but {way}"
            )


def _check_source(x_train: Any, epochs: int) -> None:
    """Raise TypeError or ValueError for what cannot give the batches of so many epochs."""
    if hasattr(x_train, "shape") or not (isinstance(x_train, Iterable) or callable(x_train)):
        raise TypeError(
            f"y_train is missing: x_train is {type(x_train).__name__}; give the targets too, or "
            f"batches alone, an iterable of {_FORMS}"
        )
    if isinstance(x_train, list | tuple):
        for place, batch in enumerate(x_train, 1):
            _parts(batch, place)
        if not x_train:
            raise ValueError("x_train is empty: there is nothing to learn from")
    if isinstance(x_train, Iterator) and epochs > 1:
        raise ValueError(
            f"x_train is a {type(x_train).__name__}, which can be gone through only once, but "
            f"epochs={epochs}; give a function that returns a new one for each epoch, or a list"
        )


def _parts(batch: Any, place: int) -> Sequence[Any]:
    """Return inputs, targets and perhaps weights, or raise TypeError for what is no batch."""
    told = type(batch).__name__
    if isinstance(batch, tuple | list):
        if len(batch) in (2, 3) and not isinstance(batch[0], Number):
            return batch
        told += f" of {len(batch)}" if len(batch) not in (2, 3) else " of numbers"
    raise TypeError(
        f"batch {place} of x_train is {told}, wanted {_FORMS}; if x_train are the samples "
        "themselves, y_train is missing"
    )


def _check_told(course: Course, told: Mapping[str, Any]) -> None:
    """Raise TypeError for what cannot be done with batches as they come."""
    ways = {
        "batch_size": "which have a size already; leave it out",
        "sample_weight": "each of which may be (x, y, sample_weight)",
        "validation_split": "of which none is kept; give validation_data",
    }
    for name, way in ways.items():
        if told[name] is not None:
            raise TypeError(f"fit: {name} is for samples in memory; x_train gives batches, {way}")
    begin = "fit: x_train gives batches, "
    if told["full_pass"] is False:
        raise TypeError(f"{begin}and an epoch goes through all of them; leave out full_pass=False")
    if isinstance(course.class_weight, str):
        raise TypeError(f"{begin}which are not counted before; give class_weight as a dict")
    if course.split is not None:
        raise TypeError(
            f"{begin}and this training has kept samples for validation; give validation_data"
        )
    if course.metrics and told["validation_data"] is None:
        raise TypeError(
            f"{begin}which are gone at the end of an epoch, so metrics are those of "
            "validation_data; give it, or no metrics"
        )
