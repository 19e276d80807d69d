"""The few pieces of SVG that every picture here is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style

if TYPE_CHECKING:
    from collections.abc import Iterable

#: For words around a picture, where no box has to fit them.
SANS_FONTS = "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"

Frame = tuple[float, float, float, float]


def coordinate(number: float) -> str:
    """Return a length with at most one digit after the point.

    >>> coordinate(2.0), coordinate(-0.04), coordinate(1.25001)
    ('2', '0', '1.3')
    """
    return f"{round(number, 1) + 0.0:.1f}".removesuffix(".0")


def document(
    frame: Frame,
    title: str,
    lines: Iterable[str],
    *,
    fonts: str = style.SVG_FONTS,
    page: str = "#ffffff",
    scale: float = 1.0,
) -> str:
    """Return a complete SVG document.

    Parameters
    ----------
    frame : (left, top, right, bottom)
        The part of the plane that it shows.
    title : str
        What a screen reader says, or a browser where the mouse rests.
    lines : iterable of str
        Elements, from the back to the front.
    fonts : str
        Names of fonts, best first.
    page : str
        The colour of the page.
    scale : float
        How much smaller or larger it is shown.
    """
    left, top, right, bottom = frame
    width, height = (right - left) * scale, (bottom - top) * scale
    place = f'width="{coordinate(width)}" height="{coordinate(height)}"'
    view = " ".join(map(coordinate, (left, top, right - left, bottom - top)))
    # A page of its own colour, because most of the ink is dark, and what is around it may be too.
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {place} viewBox="{view}" font-family="{fonts}" '
        f'font-size="{style.TEXT_SIZE}" role="img">'
    )
    background = rectangle(frame, fill=page)
    named = f"<title>{style.escape(style.readable(title, limit=200))}</title>"
    return "\n".join([head, named, background, *lines, "</svg>", ""])


def rectangle(frame: Frame, **attributes: object) -> str:
    """Return a rectangle from left, top, right and bottom.

    >>> rectangle((0.0, 0.0, 4.0, 3.0), fill="#ffffff")
    '<rect x="0" y="0" width="4" height="3" fill="#ffffff"/>'
    """
    left, top, right, bottom = frame
    return (
        f'<rect x="{coordinate(left)}" y="{coordinate(top)}" width="{coordinate(right - left)}" '
        f'height="{coordinate(bottom - top)}"{_written(attributes)}/>'
    )


def text(x: float, y: float, content: str, **attributes: object) -> str:
    """Return a line of text that anybody may have written, shown as it is.

    >>> text(1.0, 2.0, "a < b", text_anchor="middle")
    '<text x="1" y="2" xml:space="preserve" text-anchor="middle">a &lt; b</text>'
    """
    return marked_text(x, y, style.escape(content), **attributes)


def marked_text(x: float, y: float, markup: str, **attributes: object) -> str:
    """Return a line of text that is SVG markup already."""
    return (
        f'<text x="{coordinate(x)}" y="{coordinate(y)}" xml:space="preserve"'
        f"{_written(attributes)}>{markup}</text>"
    )


def _written(attributes: dict[str, object]) -> str:
    """Return attributes as XML; their values are written in this package, never by users."""
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
