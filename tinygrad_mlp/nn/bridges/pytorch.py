"""Weights as PyTorch names and lays them out, without PyTorch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.nn.layer import Layer
from tinygrad_mlp.nn.layers import FullyConnectedLayer
from tinygrad_mlp.nn.normalization import BatchNorm, LayerNorm
from tinygrad_mlp.nn.residual import Residual
from tinygrad_mlp.nn.stack import Stack

if TYPE_CHECKING:
    from tinygrad_mlp.core.value import Value

Array = Any


class Entry(NamedTuple):
    """A parameter, and how PyTorch lays it out: a matrix transposed, a row as a plain vector."""

    parameter: Value
    is_matrix: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape in PyTorch."""
        shape = self.parameter.shape
        return shape[::-1] if self.is_matrix else shape[1:]

    def exported(self) -> Array:
        """Return a copy of the numbers in PyTorch's layout, without gaps in memory."""
        numbers = self.parameter.data
        return numbers.T.copy() if self.is_matrix else numbers[0].copy()

    def imported(self, numbers: Array) -> Array:
        """Return such numbers in the layout and the type of the parameter."""
        own = numbers.T if self.is_matrix else numbers[np.newaxis]
        with np.errstate(over="ignore"):  # told afterwards
            return own.astype(self.parameter.dtype, order="C")


#: PyTorch's names for what a layer learns and measures, in the order of this package.
NAMES: dict[type[Layer], tuple[str, ...]] = {
    FullyConnectedLayer: ("weight", "bias"),
    BatchNorm: ("weight", "bias", "running_mean", "running_var"),
    LayerNorm: ("weight", "bias"),
}
#: What PyTorch counts besides, and nothing here needs.
COUNTER = "num_batches_tracked"


def entries(layers: Sequence[Layer], path: str = "") -> dict[str, Entry]:
    """Return all that a network learns and measures by PyTorch's names for it.

    Raises
    ------
    TypeError
        For a layer of which PyTorch has no equal.
    """
    found: dict[str, Entry] = {}
    for place, layer in enumerate(layers):
        values = [*layer.parameters(), *layer.statistics()]
        kind = next((kind for kind in NAMES if isinstance(layer, kind)), None)
        if isinstance(layer, Stack) and not isinstance(layer, Residual):
            found |= entries(layer.layers, f"{path}{place}.")
        elif kind is not None:
            named = zip(NAMES[kind], values, strict=False)  # there may be no bias
            is_full = kind is FullyConnectedLayer
            found |= {f"{path}{place}.{n}": Entry(v, is_full and n == "weight") for n, v in named}
        elif values:
            known = ", ".join(kind.__name__ for kind in NAMES)
            raise TypeError(
                f"{layer.name}, {layer!r}, has parameters that PyTorch has no name for; only those "
                f"of {known} have one"
            )
    return found


def state_dict(layers: Sequence[Layer]) -> dict[str, Array]:
    """Return copies of all parameters by PyTorch's names, in its layout."""
    return {name: entry.exported() for name, entry in entries(layers).items()}


def load_state_dict(layers: Sequence[Layer], state: Mapping[str, Any]) -> None:
    """Take over all parameters, or raise ValueError that lists what differs, and take none."""
    if not isinstance(state, Mapping):
        raise TypeError(
            f"state must be a dict of arrays, such as model.state_dict() in PyTorch, got "
            f"{type(state).__name__}"
        )
    wanted = entries(layers)
    kept = {name: numbers for name, numbers in state.items() if not is_counter(name, wanted)}
    given = {name: as_numbers(numbers, f"{name!r:.80}") for name, numbers in kept.items()}
    found = differences(wanted, {name: numbers.shape for name, numbers in given.items()})
    taken = []
    if not found:
        taken = [entry.imported(given[name]) for name, entry in wanted.items()]
        pairs = zip(wanted, taken, strict=True)
        found = [f"{name} has nan or infinity" for name, new in pairs if not np.isfinite(new).all()]
    if found:
        raise ValueError(
            f"state does not fit to this network, which stays as it is: {'; '.join(found)}"
        )
    for entry, new in zip(wanted.values(), taken, strict=True):
        entry.parameter.data = new


def differences(wanted: Mapping[str, Entry], shapes: Mapping[str, tuple[int, ...]]) -> list[str]:
    """Return how names and shapes differ from those that are wanted, each in a few words."""
    found = [f"unexpected {name!r:.80}" for name in shapes if name not in wanted]
    for name, entry in wanted.items():
        if name not in shapes:
            found.append(f"missing {name!r}")
        elif shapes[name] != entry.shape:
            found.append(f"{name} has shape {shapes[name]}, wanted {entry.shape}")
    return found


def is_counter(name: Any, wanted: Mapping[str, Entry]) -> bool:
    """Return whether a name is that of the counter of a BatchNorm."""
    start = str(name).removesuffix(COUNTER)
    return start != name and f"{start}running_mean" in wanted
