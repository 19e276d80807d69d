"""A sheet as a Jupyter notebook: an assignment for nbgrader, or for otter-grader."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from tinygrad_mlp.drawing.svg import svg_of
from tinygrad_mlp.teaching.exercises.papers import facts
from tinygrad_mlp.teaching.exercises.picture import picture
from tinygrad_mlp.teaching.tables import in_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.teaching.exercises.blanks import Blank
    from tinygrad_mlp.teaching.exercises.content import Content

Cell = dict[str, Any]

#: Of the metadata of nbgrader.
SCHEMA = 3


def nbgrader_notebook(content: Content) -> bytes:
    """Return the source of an assignment for nbgrader 0.9: a point for each blank, by hidden tests.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> sheet = tg.exercise(tg.square(tg.Value(3.0, label="x")), numbers="given")
    >>> cells = json.loads(nbgrader_notebook(sheet._content))["cells"]
    >>> [cell["metadata"]["nbgrader"]["points"] for cell in cells[2:]]
    [1, 1]
    """
    told = _sheet(content)
    told["metadata"]["nbgrader"] = _nbgrader("sheet", locked=True)
    solution = f"### BEGIN SOLUTION\n{_answers(content, with_key=True)}\n### END SOLUTION"
    answers = _code("answers", f"{_answers(content)}\n{solution}")
    answers["metadata"]["nbgrader"] = _nbgrader("answers", solution=True)
    cells = [told, answers]
    for blank in content.blanks:
        test = _test(content, blank)
        source = f"# {_name(blank)}\n### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS"
        cell = _code(f"blank-{blank.number}", source)
        marks = _nbgrader(f"blank-{blank.number}", locked=True, grade=True)
        cell["metadata"]["nbgrader"] = {**marks, "points": 1}
        cells.append(cell)
    return _notebook(cells)


def _nbgrader(
    name: str, *, locked: bool = False, grade: bool = False, solution: bool = False
) -> dict[str, Any]:
    return {
        "grade": grade,
        "grade_id": name,
        "locked": locked,
        "schema_version": SCHEMA,
        "solution": solution,
        "task": False,
    }


def otter_notebook(content: Content) -> bytes:
    r"""Return the master notebook of an assignment for otter-grader: one question, hidden tests.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> sheet = tg.exercise(tg.square(tg.Value(3.0, label="x")), numbers="given")
    >>> cells = json.loads(otter_notebook(sheet._content))["cells"]
    >>> [cell["source"][0] for cell in cells if cell["cell_type"] == "raw"][:2]
    ['# ASSIGNMENT CONFIG\n', '# BEGIN QUESTION\n']
    """
    tests = []
    for blank in content.blanks:
        head = '""" # BEGIN TEST CONFIG\npoints: 1\nhidden: true\n""" # END TEST CONFIG'
        tests.append(_code(f"blank-{blank.number}", f"{head}\n{_test(content, blank)}"))
    lines = ["answers = {}"]
    for blank in content.blanks:
        lines += [f"# {_name(blank)}", f"answers[{blank.number}] = {blank.answer} # SOLUTION"]
    return _notebook(
        [
            _raw("config", "# ASSIGNMENT CONFIG\nname: sheet\nexport_cell: false"),
            _raw("begin", "# BEGIN QUESTION\nname: sheet"),
            _sheet(content),
            _raw("begin-solution", "# BEGIN SOLUTION"),
            _code("answers", "\n".join(lines)),
            _raw("end-solution", "# END SOLUTION"),
            _raw("begin-tests", "# BEGIN TESTS"),
            *tests,
            _raw("end-tests", "# END TESTS"),
            _raw("end", "# END QUESTION"),
        ]
    )


# ----- Cells -----


def _sheet(content: Content) -> Cell:
    """Return a cell with the drawing and the text of the sheet."""
    drawing = svg_of(picture(content, "light", sheet=False).canvas)
    told = ["Write the numbers of the boxes into the cell below.", *content.instructions[1:]]
    parts = [
        f"# {in_markdown(content.title)}",
        "![the graph](attachment:graph.svg)",
        *map(in_markdown, told),
        *facts(content),
        in_markdown(content.footer),
    ]
    encoded = base64.b64encode(drawing.encode()).decode()
    attachments = {"graph.svg": {"image/svg+xml": encoded}}
    return {
        "attachments": attachments,
        "cell_type": "markdown",
        "id": "sheet",
        "metadata": {},
        "source": _lines("\n\n".join(parts)),
    }


def _answers(content: Content, *, with_key: bool = False) -> str:
    """Return the statement that a student fills in."""
    rows = [
        f"    {blank.number}: {blank.answer if with_key else None},  # {_name(blank)}"
        for blank in content.blanks
    ]
    return "\n".join(["answers = {", *rows, "}"])


def _test(content: Content, blank: Blank) -> str:
    tolerance = f"{0.51 * 10.0**-content.digits:.{content.digits + 2}f}"
    return f"assert abs(float(answers[{blank.number}]) - ({blank.answer})) <= {tolerance}"


def _name(blank: Blank) -> str:
    # A label may hold what nbgrader and otter look for in a comment.
    sign = blank.sign.replace("#", "♯")
    return f"({blank.number}) {blank.meaning} {sign}"


def _code(name: str, source: str) -> Cell:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {},
        "outputs": [],
        "source": _lines(source),
    }


def _raw(name: str, source: str) -> Cell:
    return {"cell_type": "raw", "id": name, "metadata": {}, "source": _lines(source)}


def _lines(source: str) -> list[str]:
    return source.splitlines(keepends=True)


def _notebook(cells: Sequence[Cell]) -> bytes:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()
