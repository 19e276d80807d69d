"""Files of weights: written whole or not at all, read without executing or trusting anything."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.files import atomic_file, refuse_newer
from tinygrad_mlp.errors import FileFormatError

if TYPE_CHECKING:
    from pathlib import Path
    from zipfile import ZipFile

    from tinygrad_mlp.core.value import Value


#: What a file of weights says in its comment, where no reader of arrays looks.
FORMAT = "tinygrad_mlp weights 1"


def save_weights(path: str | Path, parameters: Mapping[str, Value]) -> None:
    """Write named parameters as a NumPy ``.npz`` file; the same weights give the same bytes."""
    import zipfile

    content = io.BytesIO()  # not every file can be sought in, as an archive wants
    with zipfile.ZipFile(content, "w") as archive:
        archive.comment = FORMAT.encode()
        for name, parameter in parameters.items():
            # A ZipInfo of its own has a fixed date, unlike writestr with a name.
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as member:
                np.lib.format.write_array(member, parameter.data, allow_pickle=False)
    with atomic_file(path) as file:
        file.write(content.getbuffer())


def load_weights(path: str | Path, parameters: Mapping[str, Value]) -> None:
    """Read named parameters from a file: all of them, or none if anything differs."""
    with weights_file(path) as archive:
        differences = _differences(archive, parameters)
        loaded = [] if differences else [read_array(archive, name) for name in parameters]
    for name, array in zip(parameters, loaded, strict=False):
        if not np.isfinite(array).all():
            differences.append(f"{name} has nan or infinity")
    if differences:
        raise FileFormatError(
            f"{path} does not fit to this network, which stays as it is: {'; '.join(differences)}"
        )
    for parameter, array in zip(parameters.values(), loaded, strict=True):
        parameter.data = array


@contextmanager
def weights_file(path: str | Path) -> Iterator[ZipFile]:
    """Open a file of weights; what is damaged or of a newer version raises FileFormatError."""
    import zipfile
    import zlib

    # RuntimeError is what zipfile calls a password, NotImplementedError an unknown compression.
    # OSError is a seek to where a damaged table points; open has succeeded before.
    python_errors = (EOFError, ValueError, KeyError, RuntimeError, OSError)
    damaged = (zipfile.BadZipFile, zlib.error, *python_errors)
    with open(path, "rb") as file:  # noqa: PTH123  an OSError of open names the path
        try:
            with zipfile.ZipFile(file) as archive:
                # The first files did not say what they are.
                refuse_newer(archive.comment.decode(errors="replace"), FORMAT, str(path))
                yield archive
        except FileFormatError:
            raise
        except damaged as error:
            raise FileFormatError(f"{path} is not a whole file of weights: {error}") from None


def read_array(archive: ZipFile, name: str) -> np.ndarray[Any, Any]:
    """Return the array of a name in an open file of weights."""
    with archive.open(f"{name}.npy") as member:
        array: np.ndarray[Any, Any] = np.lib.format.read_array(member, allow_pickle=False)
        if member.read(1):
            raise ValueError(f"{name} is followed by more bytes than its shape needs")
    return array


def _differences(archive: ZipFile, parameters: Mapping[str, Value]) -> list[str]:
    """Compare what the headers of a file announce with what is wanted, reading no data yet."""
    sizes = {info.filename.removesuffix(".npy"): info.file_size for info in archive.infolist()}
    found = [f"unexpected {name!r:.80}" for name in sizes if name not in parameters]
    for name, parameter in parameters.items():
        if name not in sizes:
            found.append(f"missing {name!r}")
            continue
        with archive.open(f"{name}.npy") as member:
            shape, _, dtype = _header(member)
        if shape != parameter.shape or dtype != parameter.dtype:
            found.append(
                f"{name} is {dtype} of shape {shape}, wanted {parameter.dtype} of shape "
                f"{parameter.shape}"
            )
        elif sizes[name] > parameter.data.nbytes + 4096:  # more than a header and the data
            found.append(f"{name} has {sizes[name]} bytes, wanted {parameter.data.nbytes}")
    return found


def _header(member: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(member)
    read = getattr(np.lib.format, "read_array_header_{}_{}".format(*version), None)
    if read is None:
        raise ValueError(f"unknown version {version} of the npy format")
    header: tuple[tuple[int, ...], bool, np.dtype[Any]] = read(member)
    return header
