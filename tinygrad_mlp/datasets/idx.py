"""Folders in MNIST's format: four files of bytes, each with a header that tells its shape.

A file starts with a magic number, 0x0800 plus the number of axes; then comes the length of each
axis, then one byte per element. Numbers in the header are big-endian and have four bytes.
"""

from __future__ import annotations

import math
import os
from io import BufferedIOBase
from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp.datasets.preparation import Split
from tinygrad_mlp.errors import FileFormatError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
_UNSIGNED_BYTES = 0x0800
_PIECE = 1 << 20  # bytes read at a time


def load_idx(folder: str | os.PathLike[str]) -> Split:
    """Read a folder in MNIST's format, which Fashion-MNIST and others share.

    Parameters
    ----------
    folder : path
        Holds train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
        t10k-labels-idx1-ubyte, each plain or compressed as .gz. A dot before "idx" is fine too.

    Returns
    -------
    Split
        ``x_train`` and ``x_test`` (n, rows * columns) float64 from 0 to 1, ``y_train`` and
        ``y_test`` (n,) int64.

    Raises
    ------
    FileNotFoundError
        If files are missing; the message names them all.
    ValueError
        A `FileFormatError`, if a file is damaged, of another format, or does not fit to the others.

    Examples
    --------
    >>> load_idx("no_such_folder")
    Traceback (most recent call last):
        ...
    FileNotFoundError: no_such_folder lacks train-images-idx3-ubyte, train-labels-idx1-ubyte, \
t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (each plain or with .gz)
    """
    from pathlib import Path  # here, because it is slow to import

    found = {name: _find(Path(folder), name) for name in _FILES}
    paths = [path for path in found.values() if path is not None]
    if len(paths) < len(_FILES):
        missing = ", ".join(name for name, path in found.items() if path is None)
        raise FileNotFoundError(f"{os.fspath(folder)} lacks {missing} (each plain or with .gz)")
    train_images, train_labels, test_images, test_labels = paths
    x_train, y_train = _read_part(train_images, train_labels)
    x_test, y_test = _read_part(test_images, test_labels)
    if x_train.shape[1:] != x_test.shape[1:]:
        raise FileFormatError(
            f"{test_images} holds images of {_times(x_test.shape[1:])} pixels, but those of "
            f"{train_images} have {_times(x_train.shape[1:])}"
        )
    return Split(_flat(x_train), y_train, _flat(x_test), y_test)


def _find(folder: Path, name: str) -> Path | None:
    for spelling in (name, name.replace("-idx", ".idx")):
        for path in (folder / spelling, folder / f"{spelling}.gz"):
            if path.is_file():
                return path
    return None


def _read_part(images: Path, labels: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    x, y = _read_file(images, axes=3), _read_file(labels, axes=1)
    if len(x) != len(y):
        raise FileFormatError(f"{labels} holds {len(y)} labels, but {images} holds {len(x)} images")
    return x, y.astype(np.int64)


def _read_file(path: Path, axes: int) -> NDArray[np.uint8]:
    import gzip
    import zlib

    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        try:
            shape = _read_shape(path, file, axes)
            wanted = math.prod(shape)
            # One byte too many tells a file that is too long, without unpacking the rest of it.
            contents = _read_at_most(file, wanted + 1)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileFormatError(f"{path} is damaged, wanted a gzip file: {error}") from error
    if len(contents) != wanted:
        held = "more" if len(contents) > wanted else f"only {len(contents)}"
        raise FileFormatError(
            f"{path} announces {_times(shape)} = {wanted} bytes after its header, but holds {held}"
        )
    return np.frombuffer(contents, np.uint8).reshape(shape)


def _read_shape(path: Path, file: BufferedIOBase, axes: int) -> tuple[int, ...]:
    header = file.read(4 + 4 * axes)
    magic, wanted = header[:4].hex(), f"{_UNSIGNED_BYTES + axes:08x}"
    if magic != wanted:
        raise FileFormatError(f"{path} starts with the bytes {magic or 'none'}, wanted {wanted}")
    if len(header) < 4 + 4 * axes:
        raise FileFormatError(
            f"{path} ends within its header, after {len(header)} of {4 + 4 * axes} bytes"
        )
    shape = tuple(int(length) for length in np.frombuffer(header, ">u4", offset=4))
    if 0 in shape:
        raise FileFormatError(f"{path} announces {_times(shape)} bytes, wanted at least one")
    return shape


def _read_at_most(file: BufferedIOBase, count: int) -> bytearray:
    """Read piece by piece: memory grows with what is really there, not with what was announced."""
    contents = bytearray()
    while piece := file.read(min(_PIECE, count - len(contents))):
        contents += piece
    return contents


def _flat(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    return images.reshape(len(images), -1) / 255.0


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
