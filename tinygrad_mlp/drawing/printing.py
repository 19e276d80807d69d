"""An SVG of this package as PNG or PDF, by the Python package typst, which brings its fonts."""

from __future__ import annotations

import re

from tinygrad_mlp._support.arguments import finite_number
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.svg import SANS_FONTS
from tinygrad_mlp.errors import RenderError

#: What the error of a missing package says.
INSTALL = "pip install 'tinygrad-mlp[pictures]'"
#: The formats that are printed.
FORMATS = ("png", "pdf")
#: Larger pictures do not fit into the memory of an ordinary machine.
MAXIMUM_PIXELS = 150_000_000
#: Pixels of a PNG for each unit of the SVG, which is one pixel of an old screen.
SCALE = 2.0
UNITS_PER_INCH = 96

# typst brings DejaVu Sans Mono: with it first, a picture is the same on every machine.  What it
# has no letters for comes from the fonts of the machine.
_FONT = "DejaVu Sans Mono"
_PAGE = b"""
#set document(title: sys.inputs.title, date: none)
#set page(width: auto, height: auto, margin: 0pt, fill: none)
#image(bytes(sys.inputs.svg), format: "svg", alt: sys.inputs.title)
"""


def can_print() -> bool:
    """Return whether the package is installed."""
    from importlib.util import find_spec

    return find_spec("typst") is not None


def printed(svg: str, kind: str, scale: float = SCALE) -> bytes:
    """Return an SVG of this package as a PNG, or as a PDF with its fonts and text in it.

    Parameters
    ----------
    svg : str
        As ``svg.document`` writes it.
    kind : str
        ``"png"`` or ``"pdf"``.
    scale : float
        Pixels of the PNG for each unit of the SVG.

    Raises
    ------
    RenderError
        If the package typst is missing, or the picture would be too large.
    """
    _check_size(svg, kind, finite_number("scale", scale, minimum=0.01))
    try:
        import typst
    except ImportError:
        raise RenderError(f"{kind.upper()} needs the Python package typst: {INSTALL}") from None
    from html import unescape

    title = re.search("<title>(.*?)</title>", svg)
    svg = svg.replace(style.SVG_FONTS, f"{_FONT}, {style.SVG_FONTS}", 1)
    svg = svg.replace(SANS_FONTS, f"{SANS_FONTS}, {_FONT}", 1)
    inputs = {"svg": svg, "title": unescape(title[1]) if title else ""}
    try:
        content = typst.compile(_PAGE, format=kind, ppi=UNITS_PER_INCH * scale, sys_inputs=inputs)
    except RuntimeError as error:
        raise RenderError(f"typst could not write this {kind.upper()}: {error}") from None
    return bytes(content)


def _check_size(svg: str, kind: str, scale: float) -> None:
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    if kind == "png" and size:
        width, height = (float(length) * scale for length in size.groups())
        if width * height > MAXIMUM_PIXELS:
            raise RenderError(
                f"this PNG would have {width:,.0f} × {height:,.0f} pixels; fold the graph with "
                "max_nodes, take a smaller scale, or save it as .svg or .pdf"
            )
