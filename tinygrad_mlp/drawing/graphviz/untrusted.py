"""What another program drew, looked at before it is used: whole, and nothing but a picture."""

from __future__ import annotations

import re
from typing import NoReturn

_ELEMENTS = {
    *("svg", "g", "title", "desc", "defs", "a", "text", "tspan", "image"),
    *("path", "polygon", "polyline", "rect", "circle", "ellipse", "line"),
    *("linearGradient", "radialGradient", "stop", "clipPath"),
}
#: Where a link may lead.
_SCHEMES = ("http", "https", "mailto")
#: How a file of each format begins, and how it ends but for empty lines.
ENDS = {
    "png": (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
    "pdf": (b"%PDF-", b"%%EOF"),
}


def fault_of(content: bytes, kind: str) -> str:
    """Return what is wrong with a picture in one of the formats, and nothing if it is whole.

    Examples
    --------
    >>> fault_of(b"<svg><g/></svg>", "svg")
    ''
    >>> fault_of(b"<svg><script>alert(1)</script></svg>", "svg")
    'wrote an SVG with <script> in it'
    """
    if kind == "svg":
        return _fault_of_svg(content)
    begin, end = ENDS[kind]
    whole = content.startswith(begin) and content.rstrip().endswith(end)
    return "" if whole else f"wrote no whole {kind.upper()}"


class _FoundError(Exception):
    """Something that is no part of a picture."""


def _fault_of_svg(svg: bytes) -> str:
    from xml.parsers import expat  # here: few drawings come from other programs

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = _check_element
    for name in (
        "EntityDeclHandler",
        "ProcessingInstructionHandler",
        "SkippedEntityHandler",
    ):
        setattr(parser, name, _refuse)
    try:
        parser.Parse(svg.decode(), True)
    except (expat.ExpatError, ValueError) as error:
        return f"wrote no whole SVG ({error})"
    except _FoundError as found:
        return f"wrote an SVG with {found} in it"
    return ""


def _check_element(name: str, attributes: dict[str, str]) -> None:
    element = name.rpartition(" ")[2]
    if element not in _ELEMENTS:
        raise _FoundError(f"<{element:.40}>")
    for full, value in attributes.items():
        attribute = full.rpartition(" ")[2]
        if attribute.lower().startswith("on"):
            raise _FoundError(f"{attribute:.40}=")
        if attribute == "href" and element != "image":
            # Browsers read over spaces in it.
            scheme, colon, _ = re.sub(r"[\0-\x20]", "", value).partition(":")
            is_scheme = colon and not set(scheme) & set("/?#")
            if is_scheme and scheme.lower() not in _SCHEMES:
                raise _FoundError(f"a link to {scheme:.40}:")


def _refuse(*_: object) -> NoReturn:
    raise _FoundError("an entity or an instruction")
