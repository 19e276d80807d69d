"""What a network is made of as JSON with arrays beside it, and back, importing nothing."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinygrad_mlp.core.op import PROTECTED, row_named
from tinygrad_mlp.nn import dropout, layers, normalization, optimizers, residual, schedules
from tinygrad_mlp.nn.layer import Layer
from tinygrad_mlp.nn.optimizers import penalty
from tinygrad_mlp.nn.optimizers.optimizer import Optimizer
from tinygrad_mlp.nn.stack import Stack

Array = Any

#: What a file may name of this package: its layers, optimizers and schedules.
KINDS: dict[str, Any] = {
    name: kind
    for module in (layers, dropout, normalization, residual, optimizers, penalty, schedules)
    for name, kind in sorted(vars(module).items())
    if isinstance(kind, type)
    and issubclass(kind, Layer | Optimizer | schedules.Schedule)
    and not name.startswith("_")
    and kind not in (Layer, Stack, Optimizer, schedules.Schedule)
}
_KEPT = (bool, int, str, type(None))


class Encoder:
    """Turns things into JSON, and puts their arrays aside.

    Attributes
    ----------
    arrays : dict of str to array
        Those that the JSON refers to, by name.
    own : dict of str to object
        Classes and functions that are not of this package, by name.

    Examples
    --------
    >>> encoder = Encoder()
    >>> encoder.plain((1, np.ones(2)), "pair"), list(encoder.arrays)
    ({'tuple': [1, {'array': 'pair.1'}]}, ['pair.1'])
    >>> encoder.plain(optimizers.SGD(momentum=0.5), "optimizer")["kind"]
    'SGD'
    """

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}
        self.own: dict[str, Any] = {}
        self._layers: list[Layer] = []

    def plain(self, thing: Any, place: str) -> Any:
        """Return a thing as JSON has it; ``place`` names it in errors, and its arrays."""
        if type(thing) in _KEPT or (type(thing) is float and math.isfinite(thing)):
            return thing
        if type(thing) is float:
            return {"float": str(thing)}
        if isinstance(thing, list):
            return [self.plain(item, f"{place}.{i}") for i, item in enumerate(thing)]
        if isinstance(thing, tuple):
            return {"tuple": self.plain(list(thing), place)}
        if isinstance(thing, Mapping):
            items = {key: self.plain(item, f"{place}.{key}") for key, item in thing.items()}
            if all(type(key) is str for key in items):
                return {"dict": items}
            return {"pairs": [[self.plain(key, place), item] for key, item in items.items()]}
        if isinstance(thing, np.ndarray | np.generic):
            tag = "array" if isinstance(thing, np.ndarray) else "scalar"
            return {tag: self._aside(thing, place)}
        if isinstance(thing, Layer):
            known = [thing is other for other in self._layers]
            if any(known):  # it serves twice
                return {"again": known.index(True)}
            self._layers.append(thing)
        return self._named(thing, place)

    def _aside(self, array: Array, place: str) -> str:
        if np.asarray(array).dtype.kind not in "biuf":
            raise TypeError(f"{place} is of type {array.dtype}, which a file does not keep")
        name = re.sub(r"[^\w.]", "_", place, flags=re.ASCII)
        while name in self.arrays:
            name += "_"
        self.arrays[name] = np.asarray(array)
        return name

    def _named(self, thing: Any, place: str) -> dict[str, Any]:
        """Return a layer, an optimizer, a function ... by name."""
        kind = type(thing)
        if KINDS.get(kind.__name__) is kind:
            return {"kind": kind.__name__, "settings": self._settings(thing, place)}
        name = getattr(thing, "__name__", kind.__name__)
        if name in PROTECTED and row_named(name) is thing:
            return {"operation": name}
        if not (callable(thing) or isinstance(thing, Optimizer)) or not name.isidentifier():
            what = "a lambda" if name == "<lambda>" else f"{thing!r:.80}"
            raise TypeError(
                f"{place} is {what}, which has no name that a file could keep; define a function "
                "or a class"
            )
        is_made = isinstance(thing, Layer) or dataclasses.is_dataclass(thing)
        key = kind if is_made else thing
        if self.own.setdefault(name, key) is not key:
            raise ValueError(f"{place} is one of two things of the name {name!r}; rename one")
        if not is_made:
            return {"own": name}
        return {"own": name, "settings": self._settings(thing, place)}

    def _settings(self, thing: Any, place: str) -> dict[str, Any]:
        """Return what an object is made with."""
        if isinstance(thing, Layer):
            found = thing.settings()
        else:
            fields = [field.name for field in dataclasses.fields(thing) if field.init]
            found = {name: getattr(thing, name) for name in fields}
        return {name: self.plain(item, f"{place}.{name}") for name, item in found.items()}


class Decoder:
    """Makes things of what an ``Encoder`` wrote; anything else raises an error of Python's own.

    Parameters
    ----------
    arrays : dict of str to array
        Those of the file.
    known : dict of str to object
        Classes and functions that are not of this package, by name.
    """

    def __init__(self, arrays: Mapping[str, Array], known: Mapping[str, Any]) -> None:
        self.arrays, self.known = arrays, known
        self.used: set[str] = set()
        self._layers: list[Any] = []

    def thing(self, plain: Any) -> Any:
        """Return what the JSON stands for."""
        if type(plain) in (*_KEPT, float):
            return plain
        if isinstance(plain, list):
            return [self.thing(item) for item in plain]
        tag = next(iter(plain))
        if tag not in _READERS:
            raise ValueError(f"{tag!r:.80} means nothing here")
        return _READERS[tag](self, plain)

    def array(self, plain: Any) -> Array:
        """Return the array that is referred to, or raise for anything else."""
        self.used.add(plain["array"])
        return self.arrays[plain["array"]]

    def _scalar(self, plain: Any) -> Any:
        self.used.add(plain["scalar"])
        found = self.arrays[plain["scalar"]]
        if found.shape:
            raise ValueError(f"{plain['scalar']} is no scalar")
        return found[()]

    def _kind(self, plain: Any) -> Any:
        name = plain["kind"]
        if name not in KINDS:
            raise ValueError(f"this tinygrad_mlp knows no {name!r:.80}")
        return self._made(KINDS[name], plain["settings"])

    def _own(self, plain: Any) -> Any:
        thing = self.known[plain["own"]]
        if isinstance(thing, type):
            return self._made(thing, plain.get("settings", {}))
        if isinstance(thing, Layer):
            self._layers.append(thing)
        return thing

    def _made(self, kind: type, settings: Any) -> Any:
        place = len(self._layers)
        if issubclass(kind, Layer):
            self._layers.append(None)  # before those that it is made of, as they were written
        made = kind(**{name: self.thing(item) for name, item in settings.items()})
        if isinstance(made, Layer):
            self._layers[place] = made
        return made

    def _again(self, plain: Any) -> Any:
        return self._layers[plain["again"]]

    def _operation(self, plain: Any) -> Any:
        if plain["operation"] not in PROTECTED:
            raise ValueError(f"this tinygrad_mlp knows no operation {plain['operation']!r:.80}")
        return row_named(plain["operation"])


#: What a dict of the JSON means, by its first key.
_READERS: dict[str, Callable[[Decoder, Any], Any]] = {
    "float": lambda decoder, plain: float(plain["float"]),
    "tuple": lambda decoder, plain: tuple(decoder.thing(plain["tuple"])),
    "dict": lambda decoder, plain: {k: decoder.thing(x) for k, x in plain["dict"].items()},
    "pairs": lambda decoder, plain: {
        decoder.thing(key): decoder.thing(item) for key, item in plain["pairs"]
    },
    "array": Decoder.array,
    "scalar": Decoder._scalar,
    "kind": Decoder._kind,
    "own": Decoder._own,
    "again": Decoder._again,
    "operation": Decoder._operation,
}


def own_names(plain: Any) -> list[str]:
    """Return the names in JSON that are not of this package."""
    if isinstance(plain, list):
        return [name for item in plain for name in own_names(item)]
    if not isinstance(plain, dict):
        return []
    found = [plain["own"]] if isinstance(plain.get("own"), str) else []
    return found + [name for item in plain.values() for name in own_names(item)]


def sizes(plain: Any) -> int:
    """Return how many numbers layers in JSON claim to have at least: the products of their sizes.

    >>> layer = {"kind": "BatchNorm", "settings": {"size": 7, "momentum": 0.5}}
    >>> sizes([layer, layer])
    14
    """
    if isinstance(plain, list):
        return sum(map(sizes, plain))
    if not isinstance(plain, dict):
        return 0
    claimed = 0
    if "kind" in plain:  # a class of one's own may call anything a size
        settings = plain["settings"].items()
        numbers = [abs(n) for key, n in settings if key.endswith("size") and isinstance(n, int)]
        claimed = math.prod(numbers) if numbers else 0
    return claimed + sum(map(sizes, plain.values()))
