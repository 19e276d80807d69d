"""The few pieces of SVG that every picture here is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.shapes import Path, Rectangle, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tinygrad_mlp.drawing.shapes import Canvas, Frame, Shape

#: For words around a picture, where no box has to fit them.
SANS_FONTS = "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"


def coordinate(number: float) -> str:
    """Return a length with at most one digit after the point.

    >>> coordinate(2.0), coordinate(-0.04), coordinate(1.25001)
    ('2', '0', '1.3')
    """
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def document(
    frame: Frame,
    title: str,
    lines: Iterable[str],
    *,
    description: str = "",
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
    description : str
        What it shows, for who cannot see it.
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
    told = [_told("title", title, 200), *([_told("desc", description)] if description else [])]
    return "\n".join([head, *told, background, *lines, "</svg>", ""])


def _told(element: str, content: str, limit: int = 1000) -> str:
    return f"<{element}>{style.escape(style.readable(content, limit))}</{element}>"


def shown_in_cell(svg: str) -> str:
    """Return an SVG that shrinks to the width of what it is shown in, such as a notebook's cell.

    >>> shown_in_cell('<svg width="9" viewBox="0 0 9 1"/>')
    '<svg style="max-width:100%;height:auto" width="9" viewBox="0 0 9 1"/>'
    """
    return svg.replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)


# ----- Shapes -----


def svg_of(canvas: Canvas) -> str:
    """Return a drawing as an SVG document."""
    lines = [element for shape in canvas.shapes for element in _elements(shape)]
    return document(
        canvas.frame,
        canvas.title,
        lines,
        description=canvas.description,
        page=canvas.page,
        scale=canvas.scale,
    )


def _elements(shape: Shape) -> list[str]:
    """Return the elements of a shape."""
    if isinstance(shape, Rectangle):
        return [rectangle(shape.frame, **shape.look)]
    if isinstance(shape, Text):
        if len(shape.parts) == 1 and not shape.parts[0][1]:
            return [text(shape.x, shape.y, shape.parts[0][0], **shape.look)]
        parts = (f"<tspan{_written(k)}>{style.escape(part)}</tspan>" for part, k in shape.parts)
        return [marked_text(shape.x, shape.y, " ".join(parts), **shape.look)]
    if isinstance(shape, Path):
        steps = (
            letter + " ".join(f"{coordinate(x)},{coordinate(y)}" for x, y in points)
            for letter, points in shape.steps
        )
        return [f'<path d="{"".join(steps)}"{_written(shape.look)}/>']
    titled = [f"<title>{style.escape(shape.title)}</title>"] if shape.title else []
    inside = [element for member in shape.shapes for element in _elements(member)]
    return [f"<g{_written(shape.look)}>{''.join(titled)}", *inside, "</g>"]


# ----- Elements -----


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


def _written(attributes: Mapping[str, object]) -> str:
    """Return attributes as XML; their values are written in this package, never by users."""
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
