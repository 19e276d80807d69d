"""From a graph to a file: tries the layout programs that are there, then the built-in writer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.dot import to_digraph, to_dot
from tinygrad_mlp.drawing.layered import check_size, layered_svg
from tinygrad_mlp.drawing.style import SHOWN
from tinygrad_mlp.engine import Value
from tinygrad_mlp.errors import RenderError
from tinygrad_mlp.files import atomic_file
from tinygrad_mlp.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinygrad_mlp.drawing.digraph import Drawing

#: Environment variable that names a ``dot`` program to use before all others.
PROGRAM_VARIABLE = "TINYGRAD_MLP_DOT"
#: How long a program may take before the next is tried.
SECONDS = 10.0

_TEXT_SUFFIXES = (".dot", ".gv")
_SUFFIXES = (".svg", *_TEXT_SUFFIXES, ".png", ".pdf")


def draw(*values: Value, direction: str = "LR", show: Iterable[str] = SHOWN) -> Drawing:
    """Return a drawing of everything that the values were made from, for a notebook to show.

    Parameters
    ----------
    *values : Value
        One or more, of any shapes.  Nothing is computed and nothing changes.
    direction : str
        ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``: from where to where the arrows point.
    show : iterable of str
        Any of ``"label"``, ``"op"``, ``"shape"``, ``"value"``, ``"grad"``.

    Returns
    -------
    graphviz.Digraph
        With ``.source`` in the DOT language.

    Raises
    ------
    TypeError
        If there is no value, or one that is not a Value.
    ValueError
        If a direction or a part does not exist.
    RenderError
        If the Python package graphviz is missing.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> draw(x * x).source.splitlines()[0]
    'digraph {'
    """
    return to_digraph(Graph.of(*values), direction=direction, show=show)


def save_drawing(
    values: Value | Iterable[Value] | Graph,
    path: str | os.PathLike[str],
    *,
    direction: str = "LR",
    show: Iterable[str] = SHOWN,
) -> None:
    """Write a drawing of what the values were made from, in the format that the name ends with.

    ``.svg`` can always be written, ``.dot`` and ``.gv`` too.  ``.png`` needs Graphviz or the
    package graphviz-pure, ``.pdf`` needs Graphviz.  A file of that name is replaced, whole or
    not at all.

    Parameters
    ----------
    values : Value, iterable of Values, or Graph
        Nothing is computed and nothing changes.
    path : str or path
        Where to write, in a folder that exists.
    direction, show
        As for ``draw``.

    Raises
    ------
    ValueError
        If the name ends with no known format, or a direction or a part does not exist.
    OSError
        If the file cannot be written; a missing folder is not made.
    RenderError
        If no program at hand can write the format, or the graph is too large.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> path = pathlib.Path(tempfile.mkdtemp(), "square.svg")
    >>> save_drawing(x * x, path)
    >>> path.exists()
    True
    """
    from pathlib import Path  # here, because it is slow to import

    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise ValueError(
            f"save_drawing: path {str(path)!r} must end with one of {', '.join(_SUFFIXES)}"
        )
    graph = _graph(values)
    show = style.check_choices(direction, show)
    if suffix in _TEXT_SUFFIXES:
        content = to_dot(graph, direction=direction, show=show).encode()
    elif suffix == ".svg":
        content = render_svg(graph, direction=direction, show=show).encode()
    else:
        check_size(graph)
        content = render_source(to_dot(graph, direction=direction, show=show), suffix[1:])
    with atomic_file(path) as file:
        file.write(content)


def _graph(values: Value | Iterable[Value] | Graph) -> Graph:
    if isinstance(values, Graph):
        return values
    if not isinstance(values, Value | tuple | list):
        raise TypeError(
            f"save_drawing: values must be a Value, a list of them or a Graph, "
            f"got {type(values).__name__}"
        )
    return Graph.of(values) if isinstance(values, Value) else Graph.of(*values)


def render_svg(
    graph: Graph,
    *,
    direction: str = "LR",
    show: Iterable[str] = SHOWN,
    programs: Sequence[str] | None = None,
) -> str:
    """Return an SVG drawing of a graph, laid out by the first program that manages to.

    Parameters
    ----------
    graph : Graph
        At most ``layered.MAXIMUM_NODES`` nodes.
    direction, show
        As for ``draw``.
    programs : sequence of str, optional
        Paths of programs that understand ``dot``'s options, instead of ``find_programs()``;
        ``()`` leaves the built-in writer, which is there when all others fail.

    Raises
    ------
    RenderError
        If the graph is too large.
    ValueError
        If a direction or a part does not exist.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> render_svg(Graph.of(tg.Value(2.0) * 3.0), programs=())[:4]
    '<svg'
    """
    show = style.check_choices(direction, show)
    check_size(graph)
    source = to_dot(graph, direction=direction, show=show)
    try:
        return render_source(source, "svg", programs).decode()
    except RenderError:
        return layered_svg(graph, direction=direction, show=show)


# ----- Programs -----


def find_programs() -> list[str]:
    """Return the paths of the layout programs to try, best first.

    These are what ``TINYGRAD_MLP_DOT`` names, ``dot``, and ``graphviz-pure``, which pip puts
    next to Python.
    """
    import shutil
    import sys
    import sysconfig

    folders = [os.path.dirname(sys.executable), sysconfig.get_path("scripts")]  # noqa: PTH120
    folders += os.environ.get("PATH", "").split(os.pathsep)
    found = [
        os.environ.get(PROGRAM_VARIABLE),
        shutil.which("dot"),
        # No empty name among them: it would mean the current folder.
        shutil.which("graphviz-pure", path=os.pathsep.join(filter(None, folders))),
    ]
    return [program for program in found if program]


def render_source(source: str, format: str, programs: Sequence[str] | None = None) -> bytes:  # noqa: A002
    """Return what the first willing program makes of a text in the DOT language.

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
    missing = f"(tried {', '.join(tried)})" if tried else "(found none)"
    either = " or `pip install graphviz-pure`" if format == "png" else ""
    raise RenderError(
        f"no program at hand could draw {format.upper()} {missing}: install Graphviz from "
        f"https://graphviz.org/download{either}, or save as .svg, which needs nothing"
    )


#: What the beginning of a file of each format holds.
_SIGNS = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}


def _run(program: str, source: str, format: str) -> bytes | None:  # noqa: A002
    """Return a program's output, or None if it is not what was asked for."""
    import subprocess

    try:
        finished = subprocess.run(  # noqa: S603  no shell, and what users wrote goes to stdin
            [program, "-Kdot", f"-T{format}"],
            input=source.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    content = finished.stdout
    if _SIGNS[format] not in content[:2000]:
        return None
    return _improved(content) if format == "svg" else content


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
