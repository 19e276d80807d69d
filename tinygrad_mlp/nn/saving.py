"""Files of arrays: written whole or not at all, read without executing or trusting anything."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.files import refuse_newer, write_whole
from tinygrad_mlp.errors import FileFormatError

if TYPE_CHECKING:
    from pathlib import Path
    from zipfile import ZipFile

    from tinygrad_mlp.core.value import Value


#: What a file of weights says in its comment, where no reader of arrays looks; in the next line
#: stand the activations.
FORMAT = "tinygrad_mlp weights 1"
#: What the comment of a file of a whole network says.
NETWORK_FORMAT = "tinygrad_mlp network 1"
_LONGEST_COMMENT = 65535
_HELD = {FORMAT: "weights", NETWORK_FORMAT: "a network"}
_ADVICE = {
    FORMAT: "it holds weights alone: make the network, and read them with load_weights",
    NETWORK_FORMAT: "it holds a whole network: read it with Network.load",
}


# ----- Archives -----


def write_archive(
    path: str | Path,
    comment: str,
    arrays: Mapping[str, Any],
    texts: Mapping[str, str] | None = None,
) -> None:
    """Write arrays as a NumPy ``.npz`` file, texts before them; the same gives the same bytes."""
    import zipfile

    content = io.BytesIO()  # not every file can be sought in, as an archive wants
    with zipfile.ZipFile(content, "w") as archive:
        archive.comment = comment.encode()
        # A ZipInfo of its own has a fixed date, unlike writestr with a name.
        for name, text in (texts or {}).items():
            archive.writestr(zipfile.ZipInfo(name), text)
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    with content.getbuffer() as whole:  # else an error that keeps frames alive keeps it locked
        write_whole(path, whole)


@contextmanager
def archive_file(path: str | Path, known: str) -> Iterator[ZipFile]:
    """Open a file of a format; what is damaged or of a newer version raises FileFormatError."""
    import zipfile
    import zlib

    # RuntimeError is what zipfile calls a password, NotImplementedError an unknown compression.
    # OSError is a seek to where a damaged table points; open has succeeded before.
    damaged = (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        ValueError,
        TypeError,
        KeyError,
        RuntimeError,
        OSError,
    )
    with open(path, "rb") as file:  # noqa: PTH123  an OSError of open names the path
        try:
            with zipfile.ZipFile(file) as archive:
                found = _comment(archive)[0]
                refuse_newer(found, known, str(path))
                _refuse_other(found, known, f"{path} is no file of {_HELD[known]}")
                yield archive
        except FileFormatError:
            raise
        except damaged as error:
            told = f"{path} is not a whole file of {_HELD[known]}: {error}"
            raise FileFormatError(told) from None


def _refuse_other(found: str, known: str, name: str) -> None:
    if found != known and found in _ADVICE:
        raise FileFormatError(f"{name}: {_ADVICE[found]}")


def _comment(archive: ZipFile) -> tuple[str, str, str]:
    """Return the format that a file says it has, and behind a new line what it says besides."""
    return archive.comment.decode(errors="replace").partition("\n")


def read_archive(path: str | Path, known: str, text: str) -> tuple[str, dict[str, Any]]:
    """Return a text and all arrays of a file, whose sizes are compared before there is room.

    Raises
    ------
    FileFormatError
        If it is damaged, of another format, or announces more than it holds.
    OSError
        If it cannot be read.
    """
    import zipfile

    with archive_file(path, known) as archive:
        members = archive.infolist()
        # Nothing is compressed, so what is announced cannot be more than the file.
        stored = all(m.compress_type == zipfile.ZIP_STORED for m in members)
        announced = sum(member.file_size for member in members)
        if not stored or announced > archive.start_dir:
            raise ValueError(f"its parts announce {announced} bytes, more than the file holds")
        names = [member.filename for member in members]
        if len(set(names)) < len(names):
            raise ValueError("two of its parts have one name")
        if text not in names or _comment(archive) != (known, "", ""):
            raise ValueError(f"it does not say that it is {known!r}")
        found = archive.read(text).decode()
        arrays = {}
        for member in members:
            if member.filename != text:
                name = member.filename.removesuffix(".npy")
                _check_size(archive, name, member.file_size)
                arrays[name] = read_array(archive, name)
    return found, arrays


def read_array(archive: ZipFile, name: str) -> np.ndarray[Any, Any]:
    """Return the array of a name in an open file of arrays."""
    with archive.open(f"{name}.npy") as member:
        array: np.ndarray[Any, Any] = np.lib.format.read_array(member, allow_pickle=False)
        if member.read(1):
            raise ValueError(f"{name} is followed by more bytes than its shape needs")
    return array


def _check_size(archive: ZipFile, name: str, size: int) -> None:
    """Raise ValueError unless the header of an array announces the numbers that are there."""
    with archive.open(f"{name}.npy") as member:
        shape, _, dtype = _header(member)
        if dtype.kind not in "biuf" or math.prod(shape) * dtype.itemsize != size - member.tell():
            raise ValueError(f"{name} is {dtype} of shape {shape} in {size} bytes")


# ----- Weights -----


def save_weights(
    path: str | Path, parameters: Mapping[str, Value], activations: Mapping[str, str]
) -> None:
    """Write named parameters as a NumPy ``.npz`` file, and the activations of layers beside."""
    comment = f"{FORMAT}\n{json.dumps(activations)}"
    if not activations or len(comment) > _LONGEST_COMMENT:
        comment = FORMAT
    write_archive(path, comment, {name: p.data for name, p in parameters.items()})


def load_weights(
    path: str | Path, parameters: Mapping[str, Value], activations: Mapping[str, str]
) -> None:
    """Read named parameters from a file: all of them, or none if anything differs."""
    with weights_file(path) as archive:
        differences = _differences(archive, parameters)
        differences += _other_activations(archive, activations)
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


def weights_file(path: str | Path) -> AbstractContextManager[ZipFile]:
    """Open a file of weights; what is damaged or of a newer version raises FileFormatError."""
    return archive_file(path, FORMAT)


def _other_activations(archive: ZipFile, wanted: Mapping[str, str]) -> list[str]:
    """Return which activations are others than a file tells; the first files told none."""
    told = _comment(archive)[2]
    found = dict(json.loads(told)) if told else wanted
    return [
        f"{name} has the activation {found[name]!r:.80}, wanted {wanted[name]!r}"
        for name in wanted
        if name in found and found[name] != wanted[name]
    ]


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
