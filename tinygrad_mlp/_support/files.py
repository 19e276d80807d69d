"""Writing a file so that it is there whole, or not at all, and telling formats apart."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from tinygrad_mlp.errors import FileFormatError

if TYPE_CHECKING:
    from pathlib import Path

#: How the name of a file begins and ends that is not complete.
UNFINISHED = (".tinygrad_mlp-", ".part")


@contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a new file that replaces ``path`` only when it is complete and on the disk.

    Until then it is called ``.tinygrad_mlp-0123456789abcdef.part``, with other digits each time,
    and stands in the same folder.  A process that is killed leaves it there, and nothing ever
    removes it: delete it by hand, if no process is writing.

    Parameters
    ----------
    path : str or Path
        Written exactly there; its folder must exist.  A symbolic link stays one, and what it
        points to is written.  A new file gets the rights that ``open`` gives, and an existing one
        keeps its own.

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
    if target.exists() and not target.is_file():
        # A device such as /dev/full cannot be replaced, only written to.
        with target.open("wb") as file:
            yield file
        return
    target = Path(os.path.realpath(target))  # Path.resolve raises RuntimeError in a circle of links
    if not target.parent.is_dir():
        raise FileNotFoundError(f"the folder {target.parent} does not exist; make it first")
    if target.is_symlink():
        target.stat()  # a circle of links: this raises what open would
    begin, end = UNFINISHED
    temporary = target.with_name(f"{begin}{os.urandom(8).hex()}{end}")
    try:
        file = temporary.open("xb")
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(target)) from None
    try:
        with file:
            with suppress(FileNotFoundError, PermissionError):  # some disks know no rights
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _write_through(target.parent)


def write_whole(path: str | os.PathLike[str], content: bytes | memoryview) -> None:
    """Write a file that replaces ``path`` only when it is complete, as ``atomic_file`` does."""
    with atomic_file(path) as file:
        file.write(content)


def _write_through(folder: Path) -> None:
    """Put the new name of a file on the disk too, where a system can."""
    with suppress(OSError):  # Windows opens no folder
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def refuse_newer(found: str, known: str, name: str) -> None:
    """Raise ``FileFormatError`` for a newer version of a format that this package knows.

    Parameters
    ----------
    found : str
        What a file says that it is; anything.
    known : str
        The format and the version that are written here.
    name : str
        What the error begins with.

    Examples
    --------
    >>> refuse_newer("tinygrad_mlp graph 1", "tinygrad_mlp graph 1", "graph.json")
    >>> refuse_newer("tinygrad_mlp graph 2", "tinygrad_mlp graph 1", "graph.json")
    ... # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    tinygrad_mlp.errors.FileFormatError: graph.json has the format 'tinygrad_mlp graph 2', and ...
    """
    kind, _, version = known.rpartition(" ")
    found_kind, _, found_version = found.rpartition(" ")
    is_number = found_version.isascii() and found_version.isdigit() and len(found_version) < 10
    if found_kind == kind and is_number and int(found_version) > int(version):
        raise FileFormatError(
            f"{name} has the format {found!r}, and this tinygrad_mlp knows {known!r}; read it "
            "with a newer tinygrad_mlp"
        )
