"""Files of weights in the format safetensors, with PyTorch's names (extra safetensors)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tinygrad_mlp._support.extras import needed
from tinygrad_mlp._support.files import write_whole
from tinygrad_mlp.errors import FileFormatError
from tinygrad_mlp.nn.bridges.pytorch import (
    differences,
    entries,
    is_counter,
    load_state_dict,
    state_dict,
)

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from tinygrad_mlp.nn.layer import Layer

#: The types of numbers that NumPy has too.
TYPES = ("F64", "F32", "F16")


def save(layers: Sequence[Layer], path: str | Path) -> None:
    """Write all parameters to a file; an earlier file stays whole until the new one is."""
    library = _library("safetensors.numpy", "save_safetensors")
    content = library.save(state_dict(layers), {"format": "pt"})  # what readers look for
    write_whole(path, content)


def load(layers: Sequence[Layer], path: str | Path) -> None:
    """Take over all parameters from a file, or raise FileFormatError and take none."""
    library = _library("safetensors", "load_safetensors")
    with open(path, "rb"):  # noqa: PTH123  an OSError of open names the path
        pass
    try:
        with library.safe_open(path, "np") as file:
            # The header tells types and shapes; nothing is read that would not fit.
            wanted = entries(layers)
            names = [name for name in file.keys() if not is_counter(name, wanted)]  # noqa: SIM118
            parts = {name: file.get_slice(name) for name in names}
            shapes = {name: tuple(part.get_shape()) for name, part in parts.items()}
            found = differences(wanted, shapes)
            types = {name: part.get_dtype() for name, part in parts.items()}
            found += [f"{name} is {kind}" for name, kind in types.items() if kind not in TYPES]
            state = {} if found else {name: file.get_tensor(name) for name in parts}
    except library.SafetensorError as error:
        raise FileFormatError(f"{path} is not a whole file of safetensors: {error}") from None
    if found:
        raise FileFormatError(
            f"{path} does not fit to this network, which stays as it is: {'; '.join(found)}"
        )
    try:
        load_state_dict(layers, state)
    except ValueError as error:
        raise FileFormatError(f"{path}: {error}") from None


def _library(module: str, method: str) -> ModuleType:
    return needed(module, "safetensors", "safetensors", method)
