"""A finished picture: a notebook shows it, and it writes itself to a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tinygrad_mlp._support.files import write_whole
from tinygrad_mlp.drawing.printing import FORMATS, printed, resolution
from tinygrad_mlp.drawing.style import readable
from tinygrad_mlp.drawing.svg import shown_in_cell

if TYPE_CHECKING:
    from collections.abc import Collection


def checked_suffix(
    function: str, path: str | os.PathLike[str], known: Collection[str], wanted: str
) -> str:
    """Return what a file's name ends with, or raise ``ValueError`` if it is none of those known.

    What is no name raises a ``TypeError``: a value, say, that changed places with the name.

    >>> checked_suffix("save", "loss.SVG", [".svg"], ".svg")
    '.svg'
    """
    from pathlib import Path  # here, because it is slow to import

    if not isinstance(path, str | os.PathLike):
        raise TypeError(
            f"{function}: path must be the name of a file, got {type(path).__name__} {path!r:.80}"
        )
    suffix = Path(path).suffix.lower()
    if suffix not in known:
        raise ValueError(f"{function}: path {os.fspath(path)!r} must end with {wanted}")
    return suffix


def checked_title(function: str, title: Any) -> str:
    """Return a title on one line, or raise ``TypeError`` if it is no text.

    >>> checked_title("exercise", "Week 3")
    'Week 3'
    """
    if not isinstance(title, str):
        raise TypeError(f"{function}: title must be a text, got {type(title).__name__}")
    return readable(title, 100)


class Picture:
    """An SVG document.

    Attributes
    ----------
    svg : str
        The whole document.

    Examples
    --------
    >>> Picture("<svg/>").svg
    '<svg/>'
    """

    __slots__ = ("svg",)

    #: Ends of the names of files that ``save`` writes.
    ENDS = (".svg", *(f".{kind}" for kind in FORMATS))

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def save(
        self, path: str | os.PathLike[str], *, scale: float | None = None, dpi: float | None = None
    ) -> None:
        """Write the picture to a file, whole or not at all; one of that name is replaced.

        Parameters
        ----------
        path : str or path
            Where to write, in a folder that exists; the name ends with ``.svg``, or with ``.png``
            or ``.pdf``, which need the package typst.
        scale : float, optional
            Pixels of a PNG for each pixel of the SVG; None for 2.
        dpi : float, optional
            Instead, pixels of a PNG for each inch of paper, such as 300.

        Raises
        ------
        ValueError
            If the name ends with something else, the resolution is too small, or both are given.
        OSError
            If the file cannot be written.
        RenderError
            If typst is not installed.
        """
        kind = checked_suffix("save", path, self.ENDS, f"one of {', '.join(self.ENDS)}")[1:]
        resolved = resolution(scale, dpi)
        content = self.svg.encode() if kind == "svg" else printed(self.svg, kind, resolved)
        write_whole(path, content)

    def _repr_svg_(self) -> str:
        return shown_in_cell(self.svg)

    def __repr__(self) -> str:
        return f"<Picture, {len(self.svg):,} characters of SVG; .save('name.svg') writes it>"
