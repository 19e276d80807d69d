"""A drawing that folds and tells, in a cell of a notebook."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp._support.files import write_whole
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.page.contents import title_of
from tinygrad_mlp.drawing.page.document import page_of
from tinygrad_mlp.drawing.picture import checked_suffix
from tinygrad_mlp.drawing.render import drawn_of
from tinygrad_mlp.drawing.style import SHOWN
from tinygrad_mlp.errors import TinygradError
from tinygrad_mlp.graphs.fold import MAXIMUM_NODES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinygrad_mlp.core.value import Value
    from tinygrad_mlp.graphs.graph import Graph

#: Pixels that a page is high in a notebook.
HEIGHT = 480


def view(
    values: Value | Sequence[Value] | Graph | TinygradError,
    *,
    show: Iterable[str] = SHOWN,
    depth: int | None = None,
    expand: str | Iterable[str] = (),
    unroll: bool | str | Iterable[str] = False,
    max_nodes: int | None = MAXIMUM_NODES,
    height: int = HEIGHT,
) -> Page:
    """Return a drawing that you can open, search and ask, for a notebook to show.

    Parameters
    ----------
    values : Value, list of Values, Graph, or error
        Nothing is computed and nothing changes.  Of an error, such as a ShapeError, the graph up
        to what failed.
    show : iterable of str
        What a box shows: any of ``"label"``, ``"op"``, ``"shape"``, ``"value"``, ``"grad"``.
    depth, expand, unroll, max_nodes
        What is folded at first, as for ``draw``; a click opens it.
    height : int
        Pixels that it is high in a notebook.

    Returns
    -------
    Page
        With ``.html``, the whole page, and ``.save(path)``.

    Raises
    ------
    TypeError
        If there is no value, or one that is not a Value; if a number is not an int.
    ValueError
        If a choice or a box does not exist, or a number is too small.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> y = x * x
    >>> y.label = "y"
    >>> view(y).title
    'Computation graph of y'
    """
    height = whole_number("height", height)
    choices = style.checked(show=show)
    drawn = drawn_of("view", values, choices, depth, expand, unroll, (), max_nodes)
    return Page(page_of(*drawn[:3]), title_of(drawn.whole), height)


class Page:
    """An HTML document of one file, for a notebook and to be saved.

    Attributes
    ----------
    html : str
        The whole document.
    title : str
        What it is about.
    height : int
        Pixels that it is high in a notebook.

    Examples
    --------
    >>> Page("<!DOCTYPE html>", "nothing")
    <Page, 15 characters of HTML; .save('name.html') writes it>
    """

    __slots__ = ("height", "html", "title")

    def __init__(self, html: str, title: str, height: int = HEIGHT) -> None:
        self.html = html
        self.title = title
        self.height = height

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file, whole or not at all; one of that name is replaced.

        Parameters
        ----------
        path : str or path
            Where to write, in a folder that exists; the name ends with ``.html``.

        Raises
        ------
        ValueError
            If the name ends with something else.
        OSError
            If the file cannot be written.
        """
        checked_suffix("save", path, [".html"], ".html")
        write_whole(path, self.html.encode())

    def _repr_html_(self) -> str:
        """Return a frame that runs scripts and may do nothing else: not even read this page."""
        look = (
            f"width: 100%; height: {self.height}px; border: 1px solid #b0b0b0; border-radius: 6px"
        )
        return (
            f'<iframe title="{style.escape(self.title)}" sandbox="allow-scripts" '
            f'style="{look}" srcdoc="{style.escape(self.html)}"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<Page, {len(self.html):,} characters of HTML; .save('name.html') writes it>"
