"""The programs that may lay out a graph: which are there, and what they make of a text in DOT."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.graphviz.untrusted import ENDS, fault_of
from tinygrad_mlp.errors import RenderError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Iterator, Mapping, Sequence

#: Environment variable that names a ``dot`` program to use before all others.
PROGRAM_VARIABLE = "TINYGRAD_MLP_DOT"
#: How long all programs together may take for one drawing.
SECONDS = 5.0
#: Of a longer output nothing is used.
MAXIMUM_BYTES = 100_000_000
#: With more nodes a program takes longer than that.
MAXIMUM_NODES = 2000
#: Formats that a program may be asked for.
FORMATS = ("svg", *ENDS)

# The package lays out in its own process, which nobody could stop: it gets another one.
_PYGRAPHVIZ = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=sys.argv[-1].removeprefix("-T"), prog="dot"))
"""


def find_programs() -> list[str]:
    """Return the paths of the layout programs to try, best first.

    These are what ``TINYGRAD_MLP_DOT`` names, ``dot``, and ``graphviz-pure``, which pip puts
    next to Python.  A folder of the ``PATH`` without a full path is left out, so nothing is run
    because of the folder that one happens to be in.
    """
    import sys
    import sysconfig

    path = os.environ.get("PATH", "").split(os.pathsep)
    chosen = os.environ.get(PROGRAM_VARIABLE, "")
    if chosen and not os.path.dirname(chosen):  # noqa: PTH120  pathlib is slow
        chosen = _found(chosen, path) or chosen
    beside = [os.path.dirname(sys.executable), sysconfig.get_path("scripts")]  # noqa: PTH120
    found = [chosen, _found("dot", path), _found("graphviz-pure", beside + path)]
    return [program for program in found if program]


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
    programs: Sequence[str] | None = None,
) -> bytes:
    """Return what the first willing program makes of a text in the DOT language.

    After the programs comes the package pygraphviz, where it is installed.

    Parameters
    ----------
    source : str
        A graph in the DOT language.
    format : str
        ``"svg"``, ``"png"`` or ``"pdf"``.
    programs : sequence of str, optional
        Instead of ``find_programs()`` and pygraphviz.

    Raises
    ------
    RenderError
        If there is no such program, or none that can do it in ``SECONDS``.

    Warns
    -----
    RuntimeWarning
        If another program had to be given up before.
    """
    if format not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {format!r}")
    content, reasons = _tried(source, format, programs)
    if content is None:
        wanted = f"no program at hand could draw {format.upper()} "
        wanted += f"({'; '.join(map(str, reasons)) or 'found none'})"
        if any(isinstance(reason, _TooLateError) for reason in reasons):
            advice = (
                "fold the graph with max_nodes, call tg.draw(...).render(...), which waits for "
                "Graphviz as long as it takes"
            )
        else:
            either = " or `pip install graphviz-pure`" if format == "png" else ""
            advice = f"install Graphviz from https://graphviz.org/download{either}"
        raise RenderError(f"{wanted}: {advice}, or save as .svg, which needs nothing")
    _warn(reasons, "another program")
    return content


def laid_out(source: str, programs: Sequence[str] | None = None) -> str | None:
    """Return the SVG of the first willing program; None leaves it to the built-in writer.

    Warns
    -----
    RuntimeWarning
        If a program had to be given up.
    """
    content, reasons = _tried(source, "svg", programs)
    _warn(reasons, "the built-in layout" if content is None else "another program")
    return None if content is None else content.decode()


def _warn(reasons: list[_GivenUpError], instead: str) -> None:
    if reasons:
        import warnings

        told = f"{'; '.join(map(str, reasons))}: {instead} made the drawing"
        warnings.warn(told, RuntimeWarning, stacklevel=4)


def _tried(
    source: str, kind: str, programs: Sequence[str] | None
) -> tuple[bytes | None, list[_GivenUpError]]:
    """Return the first picture, and why each program before it was given up."""
    import time

    end = time.monotonic() + SECONDS
    reasons: list[_GivenUpError] = []
    for name, command, environment in _commands(programs, kind):
        try:
            left = end - time.monotonic()
            content = _output([*command, "-Kdot", f"-T{kind}"], source, left, environment)
            _check(content, kind)
        except _TooLateError:
            reasons.append(_TooLateError(f"{name} was stopped after {SECONDS:g} s"))
            break
        except _GivenUpError as error:
            reasons.append(_GivenUpError(f"{name} {error}"))
        else:
            return (_improved(content) if kind == "svg" else content), reasons
    return None, reasons


class _GivenUpError(Exception):
    """Why a program was given up."""


class _TooLateError(_GivenUpError):
    """There is no time left, for this program and for all others."""


def _commands(
    programs: Sequence[str] | None, kind: str
) -> Iterator[tuple[str, list[str], Mapping[str, str] | None]]:
    """Yield what to call a program, how to start it, and in which environment."""
    chosen = os.environ.get(PROGRAM_VARIABLE)
    for program in find_programs() if programs is None else programs:
        # graphviz-pure knows no PDF.
        if kind != "pdf" or "graphviz-pure" not in os.path.basename(program):  # noqa: PTH119
            name = f"{program}, which {PROGRAM_VARIABLE} names," if program == chosen else program
            yield name, [program], None
    if programs is None:
        import sys
        from importlib.util import find_spec

        if _is_program(sys.executable or "") and find_spec("pygraphviz"):
            path = os.pathsep.join(filter(os.path.isabs, sys.path))
            # -P: nothing is imported from the folder that one happens to be in.
            command = [sys.executable, "-P", "-c", _PYGRAPHVIZ]
            yield "pygraphviz", command, {**os.environ, "PYTHONPATH": path}


def _check(content: bytes, kind: str) -> None:
    fault = fault_of(content, kind)
    if fault:
        raise _GivenUpError(fault)


def _output(
    command: list[str], text: str, seconds: float, environment: Mapping[str, str] | None
) -> bytes:
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
            env=environment,
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
        collector.join(max(seconds, 0.0))
        if collector.is_alive():
            raise _TooLateError
        if len(content) > MAXIMUM_BYTES:
            raise _GivenUpError(f"wrote more than {MAXIMUM_BYTES:,} bytes")
        if process.wait(max(seconds, 0.0)):
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
