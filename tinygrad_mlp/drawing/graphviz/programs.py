"""The program that lays out a graph for Graphviz, and what it makes of a text in DOT."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.graphviz.untrusted import ENDS, fault_of
from tinygrad_mlp.errors import RenderError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable

#: Environment variable that names a ``dot`` program, and asks for its layout.
PROGRAM_VARIABLE = "TINYGRAD_MLP_DOT"
#: How long a program may take for one drawing.
SECONDS = 5.0
#: Of a longer output nothing is used.
MAXIMUM_BYTES = 100_000_000
#: With more nodes a program takes longer than that.
MAXIMUM_NODES = 2000
#: Formats that a program may be asked for.
FORMATS = ("svg", *ENDS)
#: What an error says to those who have no program.
INSTALL = "install Graphviz from https://graphviz.org/download"


def find_program(kind: str = "svg") -> str | None:
    """Return the path of the program that lays out, or None.

    It is what ``TINYGRAD_MLP_DOT`` names, or else ``dot``, or else ``graphviz-pure``, which pip
    puts next to Python, and which knows no PDF.  A folder of the ``PATH`` without a full path is
    left out, so nothing is run because of the folder that one happens to be in.
    """
    import sys
    import sysconfig

    path = os.environ.get("PATH", "").split(os.pathsep)
    chosen = os.environ.get(PROGRAM_VARIABLE, "")
    if chosen:
        named = os.path.dirname(chosen)  # noqa: PTH120  pathlib is slow
        return chosen if named else _found(chosen, path) or chosen
    if dot := _found("dot", path):
        return dot
    beside = [os.path.dirname(sys.executable), sysconfig.get_path("scripts")]  # noqa: PTH120
    return None if kind == "pdf" else _found("graphviz-pure", beside + path)


def _found(name: str, folders: Iterable[str]) -> str | None:
    """Return the path of the first program of that name."""
    ending = ".exe" if os.name == "nt" else ""
    for folder in filter(os.path.isabs, folders):
        path = os.path.join(folder, name + ending)  # noqa: PTH118
        if _is_program(path):
            return path
    return None


def _is_program(path: str) -> bool:
    """Return whether it can be run by this path, without being looked for."""
    return bool(os.path.dirname(path)) and os.path.isfile(path) and os.access(path, os.X_OK)  # noqa: PTH113, PTH120


def render_source(
    source: str,
    format: str,  # noqa: A002  as in graphviz
    *,
    engine: str = "dot",
    program: str | None = None,
) -> bytes:
    """Return what a program makes of a text in the DOT language.

    Parameters
    ----------
    source : str
        A graph in the DOT language.
    format : str
        ``"svg"``, ``"png"`` or ``"pdf"``.
    engine : str
        One of Graphviz's layouts.
    program : str, optional
        The path of a program that understands ``dot``'s options, instead of ``find_program()``.

    Raises
    ------
    RenderError
        If there is no program, or it fails, takes longer than ``SECONDS``, or writes what is no
        whole picture or could run a script.
    """
    if format not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {format!r}")
    program = program or find_program(format)
    wanted = f"no program at hand could draw {format.upper()}"
    if program is None:
        pure = "" if format == "pdf" else " or pip install graphviz-pure"
        raise RenderError(f"{wanted} (found none): {INSTALL}{pure}; {_WITHOUT}")
    chosen = program == os.environ.get(PROGRAM_VARIABLE)
    name = f"{program}, which {PROGRAM_VARIABLE} names," if chosen else program
    try:
        content = _output([program, f"-K{engine}", f"-T{format}"], source)
        _check(content, format)
    except _TooLateError:
        raise RenderError(
            f"{wanted} ({name} was stopped after {SECONDS:g} s): fold the graph with max_nodes, or "
            "call tg.draw(...).render(...), which waits for Graphviz as long as it takes; "
            f"{_WITHOUT}"
        ) from None
    except _GivenUpError as error:
        raise RenderError(f"{wanted} ({name} {error}): {INSTALL}; {_WITHOUT}") from None
    return _improved(content) if format == "svg" else content


# True of every drawing, whichever function it came from.
_WITHOUT = (
    "save_drawing writes .svg without any program where neither layout nor "
    f"{PROGRAM_VARIABLE} asks for one"
)


class _GivenUpError(Exception):
    """Why a program was given up."""


class _TooLateError(_GivenUpError):
    """It took too long."""


def _check(content: bytes, kind: str) -> None:
    fault = fault_of(content, kind)
    if fault:
        raise _GivenUpError(fault)


def _output(command: list[str], text: str) -> bytes:
    """Return what a program writes when it is given a text, or raise ``_GivenUpError``."""
    import subprocess
    import threading

    if not _is_program(command[0]):
        raise _GivenUpError("is no program")
    given, content = text.encode(), bytearray()
    try:
        process = subprocess.Popen(  # noqa: S603  no shell, and what users wrote goes to stdin
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # so that what it starts can be stopped with it
        )
    except (OSError, ValueError) as error:
        raise _GivenUpError(f"could not be started ({error})") from None

    def feed() -> None:
        with suppress(OSError), process.stdin as pipe:  # type: ignore[union-attr]
            pipe.write(given)

    def collect() -> None:
        with process.stdout as pipe:  # type: ignore[union-attr]
            while len(content) <= MAXIMUM_BYTES and (part := pipe.read(1 << 16)):
                content.extend(part)

    collector = threading.Thread(target=collect, daemon=True)
    try:
        threading.Thread(target=feed, daemon=True).start()
        collector.start()
        collector.join(SECONDS)
        if collector.is_alive():
            raise _TooLateError
        if len(content) > MAXIMUM_BYTES:
            raise _GivenUpError(f"wrote more than {MAXIMUM_BYTES:,} bytes")
        if process.wait(SECONDS):
            raise _GivenUpError(f"failed with code {process.returncode}")
    except subprocess.TimeoutExpired:
        raise _TooLateError from None
    except RuntimeError as error:  # no thread can be started
        raise _GivenUpError(f"could not be used ({error})") from None
    finally:
        _stop(process)
    return bytes(content)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a program that has not ended, and whatever it has started."""
    if process.returncode is None:
        with suppress(OSError):
            if hasattr(os, "killpg"):
                import signal

                os.killpg(process.pid, signal.SIGKILL)  # not yet waited for: the number is its own
            else:
                process.kill()
        process.wait()


def _improved(svg: bytes) -> bytes:
    """Return a program's SVG with better fonts, all spaces, and text in the middle of its box."""
    # In text < and " are written &lt; and &quot;: nothing that a user wrote looks like these.
    plain_font = f'font-family="{style.FONT},monospace"'.encode()
    svg = svg.replace(plain_font, f'font-family="{style.SVG_FONTS}"'.encode())
    if b"<text xml:space=" not in svg:  # Graphviz 2
        svg = svg.replace(b"<text ", b'<text xml:space="preserve" ')
    if b"(graphviz-pure)" not in svg[:1000]:
        return svg
    import re

    def moved(match: re.Match[bytes]) -> bytes:
        # It takes a letter of several bytes for as many letters, and starts too far left.
        x, between, size, after, text = match.groups()
        extra = len(text) - len(text.decode())
        right = float(x) + extra * float(size) * style.LETTER_WIDTH / 2
        return b'x="%.2f"%sfont-size="%s"%s>%s</text>' % (right, between, size, after, text)

    text = rb'x="([-0-9.]+)"([^<>]*)font-size="([0-9.]+)"([^<>]*)>([^<>]*)</text>'
    return re.sub(text, moved, svg)
