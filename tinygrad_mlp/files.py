"""Writing a file so that it is there whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path


@contextmanager
def atomic_file(path: str | Path) -> Iterator[BinaryIO]:
    """Open a new file that replaces ``path`` only when it is complete and on the disk.

    Parameters
    ----------
    path : str or Path
        Written exactly there; its folder must exist.

    Yields
    ------
    binary file
        To be written to.

    Raises
    ------
    OSError
        With the path: if it is a folder, its folder is missing, the disk is full ...  An earlier
        file at ``path`` is untouched then.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> target = Path(tempfile.mkdtemp()) / "greeting.txt"
    >>> with atomic_file(target) as file:
    ...     _ = file.write(b"hello")
    >>> target.read_bytes()
    b'hello'
    """
    from pathlib import Path  # here, because it is slow to import

    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(f"{target} is a folder; give the name of a file in it")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"the folder {target.parent} does not exist; make it first")
    # A device such as /dev/full cannot be replaced, only written to.
    device = target.exists() and not target.is_file()
    temporary = target if device else target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with open(temporary, "wb") as file:  # noqa: PTH123  unbuffered errors surface on close
            yield file
            file.flush()
            if not device:
                os.fsync(file.fileno())
        if not device:
            os.replace(temporary, target)  # noqa: PTH105
    except BaseException:
        if not device:
            with suppress(OSError):
                temporary.unlink()
        raise
