"""The programs that may lay out a graph: which are there, and what they make of a text in DOT."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Environment variable that names a ``dot`` program to use before all others.
PROGRAM_VARIABLE = "TINYGRAD_MLP_DOT"
#: How long a program may take before the next is tried.
SECONDS = 10.0
#: With more nodes a program takes longer than that.
MAXIMUM_NODES = 2000


def find_programs() -> list[str]:
    """Return the paths of the layout programs to try, best first.

    These are what ``TINYGRAD_MLP_DOT`` names, ``dot``, and ``graphviz-pure``, which pip puts
    next to Python.
    """
    import shutil
    import sys
    import sysconfig

    folders = [os.path.dirname(sys.executable), sysconfig.get_path("scripts")]  # noqa: PTH120  pathlib is slow
    folders += os.environ.get("PATH", "").split(os.pathsep)
    found = [
        os.environ.get(PROGRAM_VARIABLE),
        shutil.which("dot"),
        # No empty name among them: it would mean the current folder.
        shutil.which("graphviz-pure", path=os.pathsep.join(filter(None, folders))),
    ]
    return [program for program in found if program]


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
        Instead of ``find_programs()``.

    Raises
    ------
    RenderError
        If there is no such program, or none that can do it in time.
    """
    if format not in _SIGNS:
        raise ValueError(f"format must be one of {', '.join(_SIGNS)}, got {format!r}")
    tried = find_programs() if programs is None else programs
    for program in tried:
        content = _run(program, source, format)
        if content is not None:
            return content
    if programs is None:
        content = _by_pygraphviz(source, format)
        if content is not None:
            return content
    missing = f"(tried {', '.join(tried)})" if tried else "(found none)"
    either = " or `pip install graphviz-pure`" if format == "png" else ""
    raise RenderError(
        f"no program at hand could draw {format.upper()} {missing}: install Graphviz from "
        f"https://graphviz.org/download{either}, or save as .svg, which needs nothing"
    )


#: What the beginning of a file of each format holds.
_SIGNS = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}


def _run(program: str, source: str, kind: str) -> bytes | None:
    """Return a program's output, or None if it is not what was asked for."""
    import subprocess

    try:
        finished = subprocess.run(  # noqa: S603  no shell, and what users wrote goes to stdin
            [program, "-Kdot", f"-T{kind}"],
            input=source.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return _checked(finished.stdout, kind)


def _by_pygraphviz(source: str, kind: str) -> bytes | None:
    """Return what the package makes of a text, or None where it is missing or fails."""
    try:
        import pygraphviz

        return _checked(pygraphviz.AGraph(string=source).draw(format=kind, prog="dot"), kind)
    except Exception:  # noqa: BLE001  another package, which need not be here, may fail as it likes
        return None


def _checked(content: bytes, kind: str) -> bytes | None:
    """Return a picture, made better where it can be, or None if it is none of that format."""
    if _SIGNS[kind] not in content[:2000]:
        return None
    return _whole(content) if kind == "svg" else content


def _whole(svg: bytes) -> bytes | None:
    """Return a program's SVG, made better, or None if it ends too early or is no text."""
    try:
        svg.decode()
    except UnicodeDecodeError:
        return None
    return _improved(svg) if svg.rstrip().endswith(b"</svg>") else None


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
