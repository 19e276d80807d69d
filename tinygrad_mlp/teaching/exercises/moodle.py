"""A sheet as a question for Moodle: of the type cloze, with a numerical field for each blank."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing.style import escape
from tinygrad_mlp.drawing.svg import svg_of
from tinygrad_mlp.teaching.exercises.numbers import written
from tinygrad_mlp.teaching.exercises.picture import picture
from tinygrad_mlp.teaching.exercises.solution import solution_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinygrad_mlp.teaching.exercises.blanks import Blank
    from tinygrad_mlp.teaching.exercises.content import Content

_PICTURE = "graph.svg"


def moodle_quiz(contents: Iterable[Content]) -> str:
    """Return questions in Moodle's XML format.

    Each has the drawing, a field ``{1:NUMERICAL:=answer:tolerance}`` for each blank, and the
    worked solution as feedback.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> sheet = tg.exercise(tg.square(tg.Value(3.0, label="x")), numbers="given", difficulty=1)
    >>> "{1:NUMERICAL:=6:0.00051}" in moodle_quiz([sheet._content])
    True
    """
    questions = "\n".join(map(_question, contents))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{questions}\n</quiz>\n'


def _question(content: Content) -> str:
    drawing = svg_of(picture(content, "light", sheet=False).canvas)
    file = base64.b64encode(drawing.encode()).decode()
    name = f"{content.title} {content.seed}-{content.number:03}"
    solution = f"<pre>{escape_for_cloze(solution_of(content))}</pre>"
    return f"""<question type="cloze">
<name><text>{escape(name)}</text></name>
<questiontext format="html">
<text>{escape(_body(content))}</text>
<file name="{_PICTURE}" path="/" encoding="base64">{file}</file>
</questiontext>
<generalfeedback format="html"><text>{escape(solution)}</text></generalfeedback>
<penalty>0.3333333</penalty>
<hidden>0</hidden>
</question>"""


def _body(content: Content) -> str:
    """Return the text of a question as HTML, with its fields."""
    told = [escape_for_cloze(line) for line in content.instructions]
    told[0] = "Fill in the numbers of the boxes in the picture."
    about = [escape_for_cloze(line) for line in [*content.steps, *content.legend]]
    rows = "".join(_row(content, blank) for blank in content.blanks)
    alt = escape_for_cloze(f"Graph of {'; '.join([*content.given, *content.steps])}")
    return "\n".join(
        [
            *(f"<p>{line}</p>" for line in told),
            f'<p><img src="@@PLUGINFILE@@/{_PICTURE}" alt="{alt}" style="max-width: 100%"></p>',
            _paragraph(about),
            f"<table>{rows}</table>",
            f"<p><small>{escape_for_cloze(content.footer)}</small></p>",
        ]
    )


def _row(content: Content, blank: Blank) -> str:
    cells = str(blank.number), blank.meaning, escape_for_cloze(blank.sign), field(content, blank)
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def field(content: Content, blank: Blank) -> str:
    """Return a numerical field of one point."""
    tolerance = f"{0.51 * 10.0**-content.digits:.{content.digits + 2}f}"
    return f"{{1:NUMERICAL:={written(blank.answer, content.digits)}:{tolerance}}}"


def _paragraph(lines: Sequence[str]) -> str:
    return f"<p>{'<br>'.join(lines)}</p>"


def escape_for_cloze(text: str) -> str:
    """Return a text that anybody may have written as HTML that begins no field.

    >>> escape_for_cloze("{1:NUMERICAL:=5} <b>")
    '&#123;1:NUMERICAL:=5&#125; &lt;b&gt;'
    """
    text = escape(text).replace("@@", "@&#64;")
    return text.replace("{", "&#123;").replace("}", "&#125;")
