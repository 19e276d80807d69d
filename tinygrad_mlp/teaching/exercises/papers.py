r"""A sheet as text to go on with: Markdown and LaTeX."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing.tikz import escape, tikz_of
from tinygrad_mlp.teaching.exercises.picture import picture
from tinygrad_mlp.teaching.tables import Table, in_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.teaching.exercises.blanks import Blank
    from tinygrad_mlp.teaching.exercises.content import Content

_HEAD = r"""% Needs amsmath, tikz and graphicx, which every TeX brings.
\documentclass[a4paper]{article}
\IfFileExists{lmodern.sty}{\usepackage[T1]{fontenc}\usepackage{lmodern}}{}
\usepackage[landscape, margin=15mm]{geometry}
\usepackage{amsmath, tikz, graphicx}
\setlength{\parindent}{0pt}
\setlength{\parskip}{1ex}
\pagestyle{empty}
\begin{document}
"""
_SEMICOLON = r" ;\quad "
#: Rows of blanks beside each other.
_COLUMNS = 3


def markdown_paper(content: Content) -> str:
    r"""Return a sheet as Markdown: what is given, what is computed, and a table to fill in.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> sheet = tg.exercise(tg.square(tg.Value(3.0, label="x")), numbers="given", difficulty=1)
    >>> print(sheet)
    # Backpropagation by hand
    <BLANKLINE>
    Write a number into each empty cell of the last column.
    <BLANKLINE>
    Given:
    <BLANKLINE>
    - x = 3
    <BLANKLINE>
    Computed:
    <BLANKLINE>
    - L = x²
    <BLANKLINE>
    **What is asked**
    <BLANKLINE>
    | number | what | sign | answer |
    | ---: | --- | --- | --- |
    | 1 | gradient | ∂L/∂x |  |
    <BLANKLINE>
    tinygrad\_mlp exercise 1 · seed 0
    <BLANKLINE>
    """
    rows = [
        [str(blank.number), blank.meaning, blank.sign, content.answer(blank)]
        for blank in content.blanks
    ]
    columns = ["number", "what", "sign", "answer"]
    table = Table("What is asked", columns, rows, right={0}).markdown()
    todo = ["Write a number into each empty cell of the last column."]
    if content.solved:
        todo = ["Solved: the answers stand in the last column."]
    todo += [line for line in content.instructions if line.startswith("Round")]
    head = [f"# {in_markdown(content.title)}", " ".join(todo)]
    parts = [*head, *facts(content), table.rstrip(), in_markdown(content.footer)]
    return "\n\n".join(parts) + "\n"


def facts(content: Content) -> list[str]:
    """Return what is given and how it is computed, as parts of a text in Markdown."""
    parts = ["Given:", _listed(content.given), "Computed:", _listed(content.steps)]
    if content.legend:
        parts += ["Operations:", _listed(content.legend)]
    return parts


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"- {in_markdown(line)}" for line in lines)


def latex_paper(content: Content) -> str:
    """Return a sheet as a document in LaTeX: the drawing with boxes, and a table of the answers."""
    tikz = tikz_of(picture(content, sheet=False).canvas)
    _, _, drawing = tikz.partition("\\begin{document}%\n")
    drawing = drawing.replace("\\end{document}\n", "")
    macros, begin, drawing = drawing.partition("\\begin{tikzpicture}")
    name = "" if content.solved else r"Name: \rule{6cm}{.4pt}"
    fitted = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
    return "\n".join(
        [
            f"{_HEAD}{macros}{name}\\hfill",
            rf"{{\small {_prose(content.footer)}}}",
            "",
            rf"\section*{{{_prose(content.title)}}}",
            "\n\n".join(map(_prose, content.instructions)),
            "",
            rf"\bigskip {fitted}",
            f"{begin}{drawing.rstrip()}}}",
            "",
            rf"\bigskip Computed as\quad {_SEMICOLON.join(map(_prose, content.steps))}",
            "",
            *(rf"{{\small {_prose(line)}}}\par" for line in content.legend),
            _answer_table(content),
            r"\end{document}",
            "",
        ]
    )


def _prose(text: str) -> str:
    r"""Return a text that anybody may have written for a paragraph.

    >>> print(_prose("50 % of w: done."))
    50 {\char37\kern0pt} of w: done.
    """
    return re.sub(r"[^A-Za-z0-9 .,:;()=+*/]", lambda found: escape(found[0]), text)


def _answer_table(content: Content) -> str:
    """Return a table with a line for each blank."""
    cells = [
        rf"{blank.number} & {_sign(content, blank)} & "
        + (content.answer(blank) or r"\rule{2.5cm}{.4pt}")
        for blank in content.blanks
    ]
    height = -(-len(cells) // _COLUMNS)
    rows = [r" & \qquad ".join(cells[place::height]) + r" \\[2.2ex]" for place in range(height)]
    columns = "@{}" + "rlc" * _COLUMNS + "@{}"
    split = [rows[at : at + 14] for at in range(0, len(rows), 14)]
    tables = [
        "\n".join([rf"\begin{{tabular}}{{{columns}}}", *part, r"\end{tabular}"]) for part in split
    ]
    return "\n\n".join([r"\bigskip", *tables])


def _sign(content: Content, blank: Blank) -> str:
    """Return what is asked as a formula; as text, if it has letters that TeX may not know."""
    sign = content.problem.sign_latex(blank.quantity)
    if not sign.isascii():
        return _prose(blank.sign)
    if blank.at:
        sign = rf"\left({sign}\right)_{{{','.join(map(str, blank.at))}}}"
    return rf"$\displaystyle {sign}$"
