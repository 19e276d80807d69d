"""A sheet to fill in on screen: one page that needs nothing else, and loads nothing."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from tinygrad_mlp.drawing.page.document import put_together, text_beside
from tinygrad_mlp.drawing.style import escape
from tinygrad_mlp.drawing.svg import svg_of
from tinygrad_mlp.teaching.exercises.content import FORMAT
from tinygrad_mlp.teaching.exercises.numbers import written
from tinygrad_mlp.teaching.exercises.picture import picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.teaching.exercises.blanks import Blank
    from tinygrad_mlp.teaching.exercises.content import Content


def page_of(content: Content) -> str:
    """Return the HTML document of a sheet.

    What anybody may have written, such as a label, is text in it, and never markup or script.

    >>> import tinygrad_mlp as tg
    >>> page_of(tg.exercise(tg.square(tg.Value(3.0)))._content)[:15]
    '<!DOCTYPE html>'
    """
    told = ["Write a number into each numbered field.", *content.instructions[1:]]
    return put_together(
        _part("sheet.html"),
        _data(content),
        FORMAT,
        _part("sheet.css"),
        _part("sheet.js"),
        schemes="light",
        told="".join(f"<p>{escape(line)}</p>" for line in told),
        drawing=_drawn(content, "LR"),
        upright=_drawn(content, "TB"),
        steps=_list([*content.steps, *content.legend]),
        fields="".join(map(_field, content.blanks)),
        footer=escape(content.footer),
    )


def _drawn(content: Content, direction: str) -> str:
    return svg_of(picture(content, "light", sheet=False, direction=direction).canvas)


def _part(name: str) -> str:
    return text_beside(__file__, name)


def _list(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _field(blank: Blank) -> str:
    number = blank.number
    sign = escape(blank.sign).replace(", ", ",&nbsp;").replace("on the ", "on&nbsp;the&nbsp;")
    return (
        f'<div class="field"><span class="number">{number}</span>'
        f'<label for="blank-{number}">{sign}<small>{blank.meaning}</small></label>'
        f'<input id="blank-{number}" spellcheck="false" autocapitalize="off">'
        f'<span class="mark" id="mark-{number}"></span></div>'
    )


def _data(content: Content) -> dict[str, Any]:
    """Return what the script needs."""
    blanks = [
        {"number": blank.number, "code": obscured(written(blank.answer, content.digits), blank)}
        for blank in content.blanks
    ]
    return {"title": content.title, "digits": content.digits, "blanks": blanks}


def obscured(text: str, blank: Blank) -> str:
    """Return a text that nobody reads by accident; whoever wants to can undo it.

    >>> from tinygrad_mlp.teaching.exercises.blanks import Blank
    >>> from tinygrad_mlp.teaching.exercises.problem import Quantity
    >>> obscured("-2.5", Blank(1, Quantity("forward", "v2"), (), "p", -2.5, True))
    'CwVmbA=='
    """
    masked = [
        letter ^ ((blank.number * 31 + place * 17 + 7) % 256)
        for place, letter in enumerate(text.encode("ascii"))
    ]
    return base64.b64encode(bytes(masked)).decode()
