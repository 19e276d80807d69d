"""Where steps are saved: as a page, or as a folder with a picture of each."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tinygrad_mlp._support.files import write_whole
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.picture import checked_suffix, checked_title
from tinygrad_mlp.drawing.printing import printed
from tinygrad_mlp.drawing.svg import svg_of
from tinygrad_mlp.teaching.playing.frames import frames
from tinygrad_mlp.teaching.playing.page import page_of_steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinygrad_mlp.teaching.playing.scene import Scene

#: Formats of pictures.
KINDS = ("svg", "png", "pdf")


def save_steps(
    scene: Callable[[], Scene],
    path: str | os.PathLike[str],
    *,
    quiz: bool,
    direction: str,
    theme: str,
    kind: str,
    title: str | None,
) -> None:
    """Write a page, or a picture of each step; see ``Steps.save``."""
    choices = style.checked(direction, theme=theme)
    if kind not in KINDS:
        raise ValueError(f"save: kind must be one of {', '.join(KINDS)}, got {kind!r:.80}")
    if not isinstance(quiz, bool):
        raise TypeError(f"save: quiz must be True or False, got {quiz!r:.80}")
    heading = None if title is None else checked_title("save", title)
    if _is_folder(path):
        if quiz or heading is not None:
            what = "a quiz" if quiz else "a title"
            raise ValueError(f"save: {what} needs a page; let path end with .html")
        drawings = [svg_of(canvas) for canvas in frames(scene(), choices)]
        _save_all([_written(svg, kind) for svg in drawings], path, kind)
        return
    wanted = ".html, or name a folder for one picture a step, such as 'frames/'"
    checked_suffix("save", path, [".html"], wanted)
    html = page_of_steps(scene(), choices, quiz=quiz, title=heading)
    write_whole(path, html.encode())


def _is_folder(path: str | os.PathLike[str]) -> bool:
    """Return whether a name is that of a folder: one that is there, or that could be none else.

    >>> _is_folder("frames/"), _is_folder("frames"), _is_folder("steps.html")
    (True, True, False)
    """
    from pathlib import Path  # here, because it is slow to import

    given = os.fspath(path)
    return given.endswith(("/", os.sep)) or Path(given).is_dir() or not Path(given).suffix


def _written(svg: str, kind: str) -> bytes:
    return svg.encode() if kind == "svg" else printed(svg, kind)


def _save_all(pictures: list[bytes], path: str | os.PathLike[str], kind: str) -> None:
    """Write all pictures into a folder, which is made if only it is missing."""
    from pathlib import Path  # as above

    folder = Path(os.fspath(path))
    folder.mkdir(exist_ok=True)
    digits = max(2, len(str(len(pictures))))
    for number, content in enumerate(pictures, start=1):
        write_whole(folder / f"step_{number:0{digits}}.{kind}", content)
