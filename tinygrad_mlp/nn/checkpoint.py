"""Files of whole networks, from which a training goes on as if it had never stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp._support.structures import form_of, leaves
from tinygrad_mlp.errors import FileFormatError
from tinygrad_mlp.nn.callbacks import EarlyStopping
from tinygrad_mlp.nn.course import Course, Split
from tinygrad_mlp.nn.encoding import Decoder, Encoder, own_names, sizes
from tinygrad_mlp.nn.history import History
from tinygrad_mlp.nn.metrics import metrics_of
from tinygrad_mlp.nn.objectives import Objective
from tinygrad_mlp.nn.optimizers.optimizer import checked
from tinygrad_mlp.nn.randomness import source_of, state_of
from tinygrad_mlp.nn.recipe import Recipe
from tinygrad_mlp.nn.saving import NETWORK_FORMAT, read_archive, write_archive
from tinygrad_mlp.nn.schedules import schedule_of
from tinygrad_mlp.nn.stack import named_values
from tinygrad_mlp.nn.training_step import TrainingStep

if TYPE_CHECKING:
    from pathlib import Path

    from tinygrad_mlp.nn.trainable import Trainable

_HEADER = "network.json"
#: What ``fit`` was told that a later one need not be told again.
_TOLD = ("batch_size", "full_pass", "compiled", "class_weight", "metrics", "given")

# ----- Writing -----


def save(path: str | Path, network: Trainable) -> None:
    """Write a network and its training to a file."""
    encoder = Encoder()
    values = {name: value.data for name, value in named_values(network.layers).items()}
    for name, numbers in values.items():
        if not np.isfinite(numbers).all():
            raise ValueError(f"save: {name} has nan or infinity, and no file keeps such weights")
    header = {
        "format": NETWORK_FORMAT,
        "verbose": bool(network.verbose),
        "layers": [encoder.plain(layer, layer.name) for layer in network.layers],
        "weights": [[name, encoder.plain(numbers, name)] for name, numbers in values.items()],
        "training": _training(network, encoder),
        "course": None if network._course is None else _course(network._course, encoder),
    }
    text = json.dumps(header, indent=1, allow_nan=False)
    write_archive(path, NETWORK_FORMAT, encoder.arrays, {_HEADER: text})


def _training(network: Trainable, encoder: Encoder) -> dict[str, Any] | None:
    """Return how a network learns, and how far its optimizer is."""
    recipe, step = network._recipe, network._step
    if recipe is None or step is None:
        return None
    is_current = step.serves(network.layers, *recipe[:2])  # no layer was added since
    state = step.state if is_current else None
    return {
        "loss": encoder.plain(recipe.objective.loss, "loss"),
        "ignore_index": encoder.plain(recipe.objective.ignore_index, "ignore_index"),
        "optimizer": encoder.plain(recipe.optimizer, "optimizer"),
        "learning_rate": encoder.plain(recipe.rate, "learning_rate"),
        "steps": step.steps if is_current else 0,
        "state": encoder.plain(state, "state"),
    }


def _course(course: Course, encoder: Encoder) -> dict[str, Any]:
    """Return how far a training is, and what it needs to go on."""
    history = course.history
    stoppings = [{"settings": s.settings(), "seen": s.seen()} for s in course.stoppings]
    curves = {name: np.array(curve, np.float64) for name, curve in history.curves.items()}
    split = None if course.split is None else tuple(course.split)
    told = {name: getattr(course, name) for name in _TOLD}
    return {
        "told": encoder.plain(told, "fit"),
        "random": encoder.plain(state_of(course.source), "random"),
        "split": encoder.plain(split, "split"),
        "stoppings": encoder.plain(stoppings, "stopping"),
        "history": encoder.plain(curves, "history"),
        "stopped": history.stopped,
    }


# ----- Reading: a file may hold anything -----


class Reader:
    """A file of a network, whose parts were compared with each other.

    Parameters
    ----------
    path : str or Path
        The file.
    known : dict of str to object
        What it may name that is not of this package.

    Raises
    ------
    FileFormatError
        If it is damaged, of another format, or names what is not known.
    """

    def __init__(self, path: str | Path, known: Mapping[str, Any]) -> None:
        if not isinstance(known, Mapping):
            raise TypeError(f"known must be a dict from names to things, got {known!r:.80}")
        self._path = path
        text, arrays = read_archive(path, NETWORK_FORMAT, _HEADER)
        with self.guarded("header"):
            self._header = json.loads(text)
            self.verbose = bool(self._header["verbose"])
            self._check_names(known)
            claimed, there = sizes(self._header["layers"]), sum(a.size for a in arrays.values())
        if claimed > there:
            raise FileFormatError(f"{path} has {there} numbers, and its layers claim to have more")
        self._decoder = Decoder(arrays, known)
        with self.guarded("layers"), _undrawn():
            self.layers = self._decoder.thing(self._header["layers"])

    def fill(self, network: Trainable) -> None:
        """Give a network of these layers its weights and its training."""
        with self.guarded("weights"):
            differences = self._weights(network)
        with self.guarded("training"):
            recipe, step = self._training(network, differences)
        with self.guarded("course"):
            course = self._course(network, differences)
        differences += sorted(
            f"unexpected {name!r:.80}" for name in self._decoder.arrays.keys() - self._decoder.used
        )
        if differences:
            raise FileFormatError(f"{self._path} contradicts itself: {'; '.join(differences)}")
        network._recipe, network._step, network._course = recipe, step, course
        network._goes_on = course is not None

    def _check_names(self, known: Mapping[str, Any]) -> None:
        missing = sorted({name for name in own_names(self._header) if name not in known})
        if missing:
            wanted = ", ".join(f"{name!r:.80}: ..." for name in missing)
            raise FileFormatError(
                f"{self._path} names what is not of tinygrad_mlp; give it back: "
                f"Network.load(path, known={{{wanted}}})"
            )

    def _weights(self, network: Trainable) -> list[str]:
        """Give the network its numbers, and return what does not fit."""
        found = {name: self._decoder.array(plain) for name, plain in self._header["weights"]}
        values = named_values(network.layers)
        if len(found) != len(values):
            return [f"its weights are {', '.join(found)}, and its layers have {', '.join(values)}"]
        differences = []
        for (name, array), value in zip(found.items(), values.values(), strict=True):
            if _kind(array) != _kind(value):
                told = "{} is {} of shape {}, wanted {} of shape {}"
                differences.append(told.format(name, *_kind(array), *_kind(value)))
            elif not np.isfinite(array).all():
                differences.append(f"{name} has nan or infinity")
            else:
                value.data = array
        return differences

    def _training(
        self, network: Trainable, differences: list[str]
    ) -> tuple[Recipe | None, TrainingStep | None]:
        told = self._header["training"]
        if told is None:
            return None, None
        thing = self._decoder.thing
        objective = Objective(thing(told["loss"]), thing(told["ignore_index"]))
        optimizer, rate = thing(told["optimizer"]), thing(told["learning_rate"])
        schedule_of("learning_rate", rate)
        step = TrainingStep(network.layers, objective, optimizer and checked(optimizer))
        step.steps = whole_number("steps", thing(told["steps"]), minimum=0)
        step.state = thing(told["state"])
        if step.state is not None and not own_names(told["optimizer"]):
            wanted = optimizer.init([parameter.numpy() for parameter in step.parameters])
            if _form(step.state) != _form(wanted):
                differences.append(f"the state is not that of {optimizer!r:.80}")
        return Recipe(objective, optimizer, rate), step

    def _course(self, network: Trainable, differences: list[str]) -> Course | None:
        told = self._header["course"]
        if told is None:
            return None
        thing = self._decoder.thing
        split = told["split"] and _split(*thing(told["split"]))
        stoppings = []
        for entry in thing(told["stoppings"]):
            stopping = EarlyStopping(**entry["settings"])
            stopping.remember(**entry["seen"])
            weights = entry["seen"]["weights"]
            values = [*network.parameters(), *network.statistics()]
            if weights and list(map(_kind, weights)) != list(map(_kind, values)):
                differences.append("the best weights are not those of this network")
            stoppings.append(stopping)
        named = thing(told["told"])
        whole_number("batch_size", named["batch_size"])
        metrics_of(named["metrics"])
        return Course(
            **named,
            source=source_of(thing(told["random"])),
            split=split,
            stoppings=stoppings,
            history=_history(thing(told["history"]), told["stopped"]),
        )

    @contextmanager
    def guarded(self, what: str) -> Iterator[None]:
        """Turn what Python raises for damaged contents into a FileFormatError."""
        try:
            yield
        except FileFormatError:
            raise
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
            raise FileFormatError(
                f"{self._path} has damaged contents ({what}): {error!s:.300}"
            ) from error
        except RecursionError:
            raise FileFormatError(f"{self._path} has damaged contents ({what})") from None


def _kind(numbers: Any) -> tuple[Any, ...]:
    return numbers.dtype, numbers.shape


def _form(state: Any) -> tuple[Any, ...]:
    """Return what a state has in common with that of every other step."""
    entries = leaves(state)
    return (
        form_of(state),
        [np.shape(x) for x in entries],
        [np.asarray(x).dtype.kind for x in entries],
    )


def _split(total: Any, rows: Any) -> Split:
    """Return a split, or raise ValueError if it is none."""
    whole_number("total", total)
    inside = rows.ndim == 1 and rows.dtype.kind == "i" and 0 < len(rows) < total
    if not (inside and rows[0] >= 0 and rows[-1] < total and (np.diff(rows) > 0).all()):
        raise ValueError(f"its rows are not some of {total} samples")
    return Split(total, rows)


def _history(curves: Mapping[str, Any], stopped: Any) -> History:
    """Return a history with these curves, or raise ValueError if one is none."""
    for name, curve in curves.items():
        if curve.ndim != 1 or curve.dtype != np.float64:
            raise ValueError(f"the curve {name!r:.80} is no row of numbers")
    history = History(curves["loss"].tolist())
    history.curves |= {name: x.tolist() for name, x in curves.items() if name != "loss"}
    history.stopped = str(stopped)
    return history


@contextmanager
def _undrawn() -> Iterator[None]:
    """Let NumPy's global stream be as it was: layers draw numbers when they are made."""
    state = np.random.get_state(legacy=False)
    try:
        yield
    finally:
        np.random.set_state(state)
