"""The files of a sheet, by the end of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing.printing import printed
from tinygrad_mlp.drawing.svg import svg_of
from tinygrad_mlp.teaching.exercises.moodle import moodle_quiz
from tinygrad_mlp.teaching.exercises.notebooks import nbgrader_notebook
from tinygrad_mlp.teaching.exercises.page import page_of
from tinygrad_mlp.teaching.exercises.papers import latex_paper, markdown_paper
from tinygrad_mlp.teaching.exercises.picture import picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinygrad_mlp.teaching.exercises.content import Content


def _svg(content: Content) -> str:
    return svg_of(picture(content).canvas)


#: Those that can have the answers in the blanks; the others hold them anyway.
SOLVED = (".svg", ".pdf", ".tex", ".md")
FORMATS: dict[str, Callable[[Content], bytes]] = {
    ".svg": lambda content: _svg(content).encode(),
    ".pdf": lambda content: printed(_svg(content), "pdf"),
    ".tex": lambda content: latex_paper(content).encode(),
    ".md": lambda content: markdown_paper(content).encode(),
    ".html": lambda content: page_of(content).encode(),
    ".xml": lambda content: moodle_quiz([content]).encode(),
    ".ipynb": nbgrader_notebook,
}
