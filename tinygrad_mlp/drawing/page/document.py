"""The page itself: its parts are put together into one file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.page.contents import FORMAT, contents
from tinygrad_mlp.drawing.theme import THEMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.drawing.theme import Theme
    from tinygrad_mlp.graphs.graph import Graph

#: The scripts of a page, each of which uses those before it.
SCRIPTS = (
    "graph.js",
    "layered.js",
    "places.js",
    "arrange.js",
    "boxes.js",
    "paint.js",
    "camera.js",
    "paths.js",
    "panel.js",
    "search.js",
    "main.js",
)


def page_of(whole: Graph, folded: Graph, choices: Style) -> str:
    """Return the HTML document of a graph; see ``contents`` for the parameters.

    >>> import tinygrad_mlp as tg
    >>> graph = tg.Graph.of(tg.Value(2.0) * 3.0)
    >>> page_of(graph, graph, style.DEFAULT)[:15]
    '<!DOCTYPE html>'
    """
    return document(contents(whole, folded, choices))


def document(data: dict[str, Any], scripts: Sequence[str] = (), sheets: Sequence[str] = ()) -> str:
    """Return an HTML document that shows the data.

    Parameters
    ----------
    data : dict
        What ``contents`` returns.
    scripts : sequence of str
        Texts of scripts that add to the page; they see the functions of all that stand in
        ``SCRIPTS``, and run after them.
    sheets : sequence of str
        Texts of style sheets that add to that of the page.
    """
    texts = "\n".join([*map(_part, SCRIPTS), *scripts])
    sheet = "\n".join([base_sheet(), _part("page.css"), *sheets])
    return put_together(_part("page.html"), data, FORMAT, sheet, texts)


def put_together(
    body: str,
    data: dict[str, Any],
    format_name: str,
    sheet: str,
    script: str,
    *,
    schemes: str = "light dark",
    **more: str,
) -> str:
    """Return one HTML file of its parts, which loads nothing and runs no other script.

    Parameters
    ----------
    body : str
        HTML with names in double braces: ``title``, and those in ``more``.
    data : dict
        What the script reads; its ``title`` is that of the page.
    format_name, sheet, script : str
        What the page says that it is; its style, to which the colours are added; its script.
    schemes : str
        Which settings of the reader the style knows: ``"light dark"``, or only ``"light"``.
    **more : str
        Markup that is finished.
    """
    sheet = _colours() + sheet
    script = f'"use strict";\n(() => {{\n{script}\n}})();\n'  # no name of it is one of the window
    filled = {
        "policy": _policy(script, sheet),
        "format": format_name,
        "schemes": schemes,
        "title": style.escape(data["title"]),
        "style": sheet,
        "data": _json_in_html(data),
        "script": script,
        **more,
    }
    # All at once, so that what was filled in is not looked at again: a label may be {{script}}.
    whole = _part("whole.html").replace("{{body}}", body)
    return re.sub(r"\{\{(\w+)\}\}", lambda hole: filled[hole[1]], whole)


def text_beside(module: str, name: str) -> str:
    """Return the text of a file that lies beside a module, whose ``__file__`` is given."""
    from pathlib import Path  # here, because it is slow to import

    return Path(module).with_name(name).read_text(encoding="utf-8")


def _part(name: str) -> str:
    return text_beside(__file__, name)


def base_sheet() -> str:
    """Return the style that pages share which follow the colours of the reader's system."""
    return _part("base.css")


def _policy(script: str, sheet: str) -> str:
    """Return a policy with which a browser runs this script and this style, and loads nothing."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(sheet)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _json_in_html(data: dict[str, Any]) -> str:
    """Return JSON that stays inside of a script element: in ASCII, and without any markup."""
    text = json.dumps(data, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


# ----- Colours -----


def _colours() -> str:
    """Return the themes as variables: what the reader's system asks for, and on paper that."""
    screens = f"@media (prefers-color-scheme: dark) {{\n{_variables(THEMES['dark'])}}}\n"
    paper = f"@media print {{\n{_variables(THEMES['print'])}}}\n"
    return _variables(THEMES["light"]) + screens + paper


def _variables(theme: Theme) -> str:
    names = {
        "page": theme.page,
        "paper": theme.paper,
        "ink": theme.ink,
        "quiet-ink": theme.quiet_ink,
        "gradient-ink": theme.gradient_ink,
        "edge": theme.edge,
        "highlight": theme.highlight,
        "scope-fill": theme.scope_fill,
        "scope-border": theme.scope_border,
    }
    for role, look in theme.looks.items():
        names |= {f"{role}-fill": look.fill, f"{role}-border": look.border}
    lines = "".join(f"  --{name}: {colour};\n" for name, colour in names.items())
    return f":root {{\n{lines}}}\n"
