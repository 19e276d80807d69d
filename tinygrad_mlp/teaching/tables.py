"""A small table as text, as Markdown and as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tinygrad_mlp.drawing.style import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GAP = "  "
_RULE = "border-{}: 1px solid currentColor"
_SPECIAL = str.maketrans({letter: f"\\{letter}" for letter in r"\`*_{}[]<>#|$~&"})


class Table(NamedTuple):
    """A title, columns of text, and what is to be said below.

    Attributes
    ----------
    title : str
        Stands above.
    columns : sequence of str
        Their names.
    rows : sequence of sequences of str
        Their cells; the last row may be a sum.
    notes : sequence of str
        Paragraphs below; any lines but the first hold numbers in columns.
    has_sum : bool
        Whether the last row stands below a line.
    right : frozenset of int
        The columns of numbers, which stand on the right.

    Examples
    --------
    >>> table = Table("Two numbers", ["name", "number"], [["a", "1"], ["b", "-2.5"]], right={1})
    >>> print(table.text())
    Two numbers
    <BLANKLINE>
    name  number
    a          1
    b       -2.5
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    has_sum: bool = False
    right: frozenset[int] | set[int] = frozenset()

    def text(self) -> str:
        """Return it for a terminal."""
        lines = [self.title]
        if self.rows:
            widths = [
                max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)
            ]
            written = [self._line(row, widths) for row in (self.columns, *self.rows)]
            if self.has_sum:
                written.insert(-1, "─" * max(map(len, written)))
            lines += ["", *written]
        for note in self.notes:
            lines += ["", note]
        return "\n".join(lines)

    def _line(self, row: Sequence[str], widths: Sequence[int]) -> str:
        cells = [
            cell.rjust(width) if place in self.right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return _GAP.join(cells).rstrip()

    def markdown(self) -> str:
        """Return it as Markdown, whatever letters the cells have."""
        lines = [f"**{in_markdown(self.title)}**"]
        if self.rows:
            marks = ["---:" if place in self.right else "---" for place in range(len(self.columns))]
            lines += ["", _bar(map(in_markdown, self.columns)), _bar(marks)]
            lines += [_bar(map(in_markdown, row)) for row in self.rows]
        for note in self.notes:
            head, _, numbers = note.partition("\n")
            lines += ["", in_markdown(head)]
            if numbers:
                lines += ["", "```text", numbers, "```"]
        return "\n".join(lines) + "\n"

    def html(self) -> str:
        """Return it as a part of a page, whatever letters the cells have."""
        lines = [f"<p><strong>{escape(self.title)}</strong></p>"]
        if self.rows:
            lines.append('<div style="overflow-x: auto">')
            lines.append('<table style="border-collapse: collapse; font-size: inherit">')
            head = "".join(self._cell("th", place, x) for place, x in enumerate(self.columns))
            lines.append(f'<thead><tr style="{_RULE.format("bottom")}">{head}</tr></thead><tbody>')
            for number, row in enumerate(self.rows, 1):
                is_sum = self.has_sum and number == len(self.rows)
                rule = f' style="{_RULE.format("top")}; font-weight: bold"' if is_sum else ""
                cells = "".join(self._cell("td", place, x) for place, x in enumerate(row))
                lines.append(f"<tr{rule}>{cells}</tr>")
            lines.append("</tbody></table></div>")
        for note in self.notes:
            head, _, numbers = note.partition("\n")
            lines.append(f"<p>{escape(head)}</p>")
            if numbers:
                lines.append(f"<pre>{escape(numbers)}</pre>")
        return "\n".join(lines)

    def _cell(self, tag: str, place: int, text: str) -> str:
        side = "right" if place in self.right else "left"
        style = f"text-align: {side}; padding: 0.2em 1em 0.2em 0; white-space: nowrap"
        return f'<{tag} style="{style}">{escape(text)}</{tag}>'


def in_markdown(text: str) -> str:
    r"""Return any text so that Markdown shows it as it is.

    >>> print(in_markdown("a*b | <i>"))
    a\*b \| \<i\>
    """
    return text.translate(_SPECIAL)


def _bar(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
