"""An SVG of this package as PNG or PDF, by the Python package typst, which brings its fonts."""

from __future__ import annotations

import re
import struct
import zlib

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
_POINTS_PER_INCH = 72
_METRES_PER_INCH = 0.0254
#: Bytes of a PNG before its second chunk.
_HEAD_OF_PNG = 33

# typst brings DejaVu Sans Mono: with it first, a picture is the same on every machine.  What it
# has no letters for comes from the fonts of the machine.
_FONT = "DejaVu Sans Mono"
_PAGE = b"""
#set document(title: sys.inputs.title, date: none)
#set page(width: auto, height: auto, margin: 0pt, fill: none)
#let width = float(sys.inputs.width) * 1pt
#image(bytes(sys.inputs.svg), format: "svg", alt: sys.inputs.title, width: width)
"""
# Readers of PDF need not know a longer page, in points.
_LONGEST_PAGE = 14_400.0


def can_print() -> bool:
    """Return whether the package is installed."""
    from importlib.util import find_spec

    return find_spec("typst") is not None


def resolution(scale: float | None = None, dpi: float | None = None) -> float:
    """Return how many pixels a PNG has for each unit of the SVG, by either way to say so.

    >>> resolution(), resolution(scale=3), resolution(dpi=300)
    (2.0, 3.0, 3.125)

    Raises
    ------
    ValueError
        If both are given, or one is too small.
    TypeError
        If it is no number.
    """
    if dpi is None:
        return SCALE if scale is None else finite_number("scale", scale, minimum=0.01)
    dpi = finite_number("dpi", dpi, minimum=1)
    if scale is not None:
        raise ValueError(
            f"dpi={dpi:g} is a scale of {dpi / UNITS_PER_INCH:g} already: give either scale or dpi"
        )
    return dpi / UNITS_PER_INCH


def with_density(png: bytes, scale: float) -> bytes:
    """Return a PNG that says how large it is on paper: as large as the SVG."""
    density = round(UNITS_PER_INCH * scale / _METRES_PER_INCH)
    chunk = b"pHYs" + struct.pack(">IIB", density, density, 1)
    framed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return png[:_HEAD_OF_PNG] + framed + png[_HEAD_OF_PNG:]


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
    width = _width(svg, kind, finite_number("scale", scale, minimum=0.01))
    try:
        import typst
    except ImportError:
        raise RenderError(f"{kind.upper()} needs the Python package typst: {INSTALL}") from None
    from html import unescape

    title = re.search("<title>(.*?)</title>", svg)
    svg = svg.replace(style.SVG_FONTS, f"{_FONT}, {style.SVG_FONTS}", 1)
    svg = svg.replace(SANS_FONTS, f"{SANS_FONTS}, {_FONT}", 1)
    inputs = {"svg": svg, "title": unescape(title[1]) if title else "", "width": f"{width:.3f}"}
    try:
        content = typst.compile(_PAGE, format=kind, ppi=UNITS_PER_INCH * scale, sys_inputs=inputs)
    except RuntimeError as error:
        raise RenderError(f"typst could not write this {kind.upper()}: {error}") from None
    return with_density(bytes(content), scale) if kind == "png" else bytes(content)


def _width(svg: str, kind: str, scale: float) -> float:
    """Return how wide the picture is in points; of a PDF, so that it fits on a page."""
    found = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    width, height = map(float, found.groups()) if found else (1.0, 1.0)
    if kind == "png" and width * height * scale * scale > MAXIMUM_PIXELS:
        raise RenderError(
            f"this PNG would have {width * scale:,.0f} × {height * scale:,.0f} pixels; fold the "
            "graph with max_nodes, take a smaller scale, or save it as .svg or .pdf"
        )
    points = width * _POINTS_PER_INCH / UNITS_PER_INCH
    longest = max(width, height) * _POINTS_PER_INCH / UNITS_PER_INCH
    return points * min(1.0, _LONGEST_PAGE / longest) if kind == "pdf" else points
