"""How far a training got, and all that it needs to go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp._support.arguments import fraction, positive, random_source, whole_number
from tinygrad_mlp.nn.callbacks import Callback, EarlyStopping, going_on
from tinygrad_mlp.nn.history import History
from tinygrad_mlp.nn.metrics import listed, metrics_of
from tinygrad_mlp.nn.objectives import Samples
from tinygrad_mlp.nn.randomness import started

Array = Any


class _Default(int):
    """A number that can be told from the same number given by a user."""


#: The batch size of a training that is not told one.
BATCH_SIZE = _Default(64)


def size_told(batch_size: Any) -> int | None:
    """Return the batch size that ``fit`` was told, None if it was not.

    >>> size_told(32), size_told(BATCH_SIZE)
    (32, None)
    """
    return None if batch_size is BATCH_SIZE else whole_number("batch_size", batch_size)


class Split(NamedTuple):
    """Which of the samples are kept for validation: their numbers, of so many."""

    total: int
    rows: Array

    def of(self, samples: Samples) -> tuple[Samples, Samples]:
        """Return the samples to learn from, and those that are kept.

        Raises
        ------
        ValueError
            If they are not as many as there were, or in one part nothing counts.
        """
        if len(samples.x) != self.total:
            raise ValueError(
                f"fit: this training has kept some of {self.total} samples for validation, and "
                f"x_train has {len(samples.x)}; give the same samples, or another validation_split"
            )
        rest = np.delete(np.arange(self.total), self.rows)
        parts = samples.take(rest), samples.take(self.rows)
        if not all(part.weight for part in parts):
            raise ValueError(
                "validation_split drew a part in which all samples have weight 0; give another "
                "share or rng, or validation_data"
            )
        return parts


def split_of(count: int, share: Any, source: Any) -> Split:
    """Return a split that keeps a share of the samples, drawn at random."""
    share = positive("validation_split", fraction("validation_split", share))
    kept = round(share * count)
    if kept in {0, count}:
        raise ValueError(
            f"validation_split={share:g} of {count} samples leaves {count - kept} to learn from "
            f"and {kept} to validate; give another share"
        )
    return Split(count, np.sort(random_source(source).random(count).argsort()[:kept]))


@dataclass
class Course:
    """How a training draws its batches and is looked at, and what was seen so far.

    Parameters
    ----------
    batch_size, full_pass, compiled, class_weight, metrics
        As ``fit`` was told.
    source : None, numpy Generator, RandomState or GlobalStream
        What draws the batches; None is NumPy's global stream.
    given : tuple of str
        The data that it was given besides the samples: ``"sample_weight"``,
        ``"validation_data"``.
    split : Split, optional
        What is kept for validation.
    stoppings : list of EarlyStopping
        Those that may end it.
    history : History
        All epochs so far.
    """

    batch_size: int = BATCH_SIZE
    full_pass: bool = False
    compiled: bool | None = None
    class_weight: Any = None
    metrics: Any = ()
    source: Any = None
    given: tuple[str, ...] = ()
    split: Split | None = None
    stoppings: list[EarlyStopping] = field(default_factory=list)
    history: History = field(default_factory=History)

    @property
    def random(self) -> Any:
        """What draws: the source, or the module ``numpy.random`` for the global stream."""
        return random_source(self.source)

    def batches(self, count: int) -> Iterator[Array]:
        """Yield the sample numbers of one batch, or of all batches of a pass."""
        size = self.batch_size
        # Sorting random numbers, instead of shuffling, draws from the stream as the notebook does.
        keys = self.random.random(count)
        if self.full_pass or size >= count:
            order = keys.argsort()
        else:  # the same numbers, without sorting those that are not in the batch
            order = keys.argpartition(size)[:size]
            order = order[keys[order].argsort()]
        for start in range(0, count if self.full_pass else 1, size):
            yield order[start : start + size]

    def divided(
        self, samples: Samples, validation: Samples | None, share: float | None
    ) -> tuple[Samples, Samples | None]:
        """Return the samples to learn from, and those that are kept or were given to validate."""
        split = self.split
        if share is not None:
            if validation is not None:
                raise TypeError("fit: give validation_data or validation_split, not both")
            self.source = started(self.source)
            split = split_of(len(samples.x), share, self.source)
        self.split = split
        return (samples, validation) if split is None else split.of(samples)

    def begin(self, callbacks: Sequence[Callback]) -> list[Callback]:
        """Return all callbacks, those that go on too; from now on numbers are drawn."""
        self.source = started(self.source)
        found = going_on(callbacks, self.stoppings)
        self.stoppings = [c for c in found if type(c) is EarlyStopping]
        return found


def course_of(before: Course | None, told: Mapping[str, Any]) -> Course:
    """Return the course of a training that goes on from an earlier one, or begins.

    Parameters
    ----------
    before : Course or None
        That of the earlier training.
    told : dict of str to object
        What ``fit`` was told, by the names of its arguments; what is None is as before.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit, or data that the earlier training had are missing.
    """
    given = tuple(name for name in ("sample_weight", "validation_data") if told[name] is not None)
    judged_anew = told["validation_data"] is not None or told["validation_split"] is not None
    course = Course() if before is None else replace(before, history=before.history.copy())
    course.given, course.history.stopped = given, ""
    names = ("batch_size", "full_pass", "compiled", "class_weight", "metrics")
    course = replace(course, **{name: told[name] for name in names if told[name] is not None})
    course.batch_size = int(course.batch_size)  # files keep plain numbers
    course.metrics = listed(course.metrics)
    metrics_of(course.metrics)
    if told["rng"] is not None:
        course.source = random_source(told["rng"])
    if judged_anew:
        course.split = None
    if before is not None:
        _check_data(before, course, judged_anew)
    return course


def _check_data(before: Course, course: Course, judged_anew: bool) -> None:
    """Refuse to go on without the data that an earlier training had, and files do not keep."""
    missing = [name for name in before.given if name not in course.given]
    if judged_anew or not before.stoppings:  # nothing but a curve hangs on it
        missing = [name for name in missing if name != "validation_data"]
    if missing:
        raise ValueError(
            f"fit: the training that goes on had {' and '.join(missing)}, which a file does not "
            "keep; give the same again"
        )
