"""A drawing in TikZ, for a text in LaTeX: the same shapes as in SVG, in the fonts of the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.shapes import Group, Path, Rectangle, Text

if TYPE_CHECKING:
    from tinygrad_mlp.drawing.shapes import Canvas, Look, Point, Shape

# 96 units of the drawing are an inch, and 72 big points too.
_UNIT = 0.75
# TeX knows no length above 16,383 pt.
_LONGEST = 14_000.0
# How wide a letter of TeX's typewriter font is, for its size; boxes are made for wider ones.
_LETTER_WIDTH = 0.525

# A sign, and how TeX writes it.
_SIGNS = r"""
₀ _0 ₁ _1 ₂ _2 ₃ _3 ₄ _4 ₅ _5 ₆ _6 ₇ _7 ₈ _8 ₉ _9
⁰ ^0 ¹ ^1 ² ^2 ³ ^3 ⁴ ^4 ⁵ ^5 ⁶ ^6 ⁷ ^7 ⁸ ^8 ⁹ ^9 ⁻ ^- ᵀ ^T ʸ ^y ° ^\circ ′ ' ″ ''
− - × \times ∗ \ast ÷ \div · \cdot ⊙ \odot ± \pm ½ \frac12 ∞ \infty ∂ \partial ∇ \nabla
√ \surd ∛ \sqrt[3]{} ∑ \Sigma ∏ \Pi ∫ \smallint ∈ \in ¬ \neg ∧ \wedge ∨ \vee … {.}{.}
≤ \leq ≥ \geq ≠ \neq ≈ \approx → \to ← \gets ↑ \uparrow ↓ \downarrow
⌊ \lfloor ⌋ \rfloor ⌈ \lceil ⌉ \rceil ‖ \|
α \alpha β \beta γ \gamma δ \delta ε \varepsilon ζ \zeta η \eta θ \theta κ \kappa λ \lambda
μ \mu µ \mu ν \nu ξ \xi π \pi ρ \rho σ \sigma τ \tau φ \varphi χ \chi ψ \psi ω \omega
Γ \Gamma Δ \Delta Θ \Theta Λ \Lambda Ξ \Xi Π \Pi Σ \Sigma Φ \Phi Ψ \Psi Ω \Omega
"""
_WORDS = _SIGNS.split()
_MATHEMATICS = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
# Marks above and below letters, by themselves in Unicode, and for TeX.
_MARKS = "\u0300\u0301\u0302\u0303\u0304\u0307\u0308\u030c\u0327"
_ACCENTS = dict(zip(_MARKS, "`'^~=.\"vc", strict=True))
_HEAD = r"""% Needs standalone and tikz; with \usepackage{standalone}, another text can \input it.
\documentclass[tikz]{standalone}
\IfFileExists{lmodern.sty}{\usepackage[T1]{fontenc}\usepackage{lmodern}}{}
\begin{document}%
% A sign of mathematics as wide as a letter; a letter that this TeX may not have.
\providecommand\drawnsign[1]{\makebox[.525em]{$#1$}}%
\providecommand\drawnletter[1]{\ifdefined\directlua #1\else\ifdefined\XeTeXversion #1\else
  \makebox[.525em]{\rule{.4em}{.6em}}\fi\fi}%
"""


def tikz_of(canvas: Canvas) -> str:
    r"""Return a drawing as a document in LaTeX of the class ``standalone``.

    Examples
    --------
    >>> from tinygrad_mlp.drawing.shapes import Canvas, line
    >>> frame = (0.0, 0.0, 8.0, 4.0)
    >>> print(tikz_of(Canvas(frame, "a line", "", "#ffffff", [line((0.0, 0.0), (8.0, 4.0))])))
    ... # doctest: +ELLIPSIS
    % Needs ...
    \begin{tikzpicture}[x=0.75bp, y=-0.75bp, line width=0.75bp]
    \path[fill={rgb,255:red,255;green,255;blue,255}] (0,0) rectangle (8,4);
    \path (0,0) -- (8,4);
    \end{tikzpicture}
    \end{document}
    <BLANKLINE>
    """
    left, top, right, bottom = canvas.frame
    unit = min(_UNIT * canvas.scale, _LONGEST / max(right - left, bottom - top))
    printer = _Printer(unit)
    page = Rectangle(canvas.frame, {"fill": canvas.page})
    body = [line for shape in (page, *canvas.shapes) for line in printer.lines(shape, {})]
    lengths = f"x={unit:.4g}bp, y=-{unit:.4g}bp, line width={unit:.4g}bp"
    begin, end = f"\\begin{{tikzpicture}}[{lengths}]\n", "\n\\end{tikzpicture}\n\\end{document}\n"
    return "".join([_HEAD, begin, "\n".join(body), end])


class _Printer:
    """The lines of shapes; ``unit`` is the length of a unit of the drawing in big points."""

    def __init__(self, unit: float) -> None:
        self.unit = unit

    def lines(self, shape: Shape, inherited: Look) -> Iterator[str]:
        """Yield the lines of a shape, which has the look of its group where it has none itself."""
        look = {**inherited, **shape.look}
        if isinstance(shape, Group):
            for member in shape.shapes:
                yield from self.lines(member, look)
        elif isinstance(shape, Text):
            yield self._text(shape, look)
        elif isinstance(shape, Rectangle):
            left, top, right, bottom = shape.frame
            corners = f"{_at((left, top))} rectangle {_at((right, bottom))}"
            yield rf"\path{self._options(look)} {corners};"
        else:
            yield rf"\path{self._options(look)} {_steps(shape)};"

    def _options(self, look: Look) -> str:
        """Return how a line or an area looks."""
        found = []
        for name, key in (("fill", "fill"), ("stroke", "draw")):
            if look.get(name, "none") != "none":
                found.append(f"{key}={_colour(look[name])}")
        if "stroke_width" in look:
            found.append(f"line width={self._length(look['stroke_width'])}")
        if "stroke_dasharray" in look:
            on, off = map(self._length, str(look["stroke_dasharray"]).split())
            found.append(f"dash pattern=on {on} off {off}")
        if "stroke_opacity" in look:
            found.append(f"draw opacity={look['stroke_opacity']}")
        if "rx" in look:
            found.append(f"rounded corners={self._length(look['rx'])}")
        return f"[{', '.join(found)}]" if found else ""

    def _length(self, length: object) -> str:
        return f"{float(str(length)) * self.unit:.3g}bp"

    def _text(self, text: Text, look: Look) -> str:
        anchors = {"start": "base west", "middle": "base", "end": "base east"}
        anchor = anchors[str(look.get("text_anchor", "start"))]
        # Of a font of 10 pt, so that no TeX has to look for one of another size.
        size = float(str(look.get("font_size", style.TEXT_SIZE)))
        scale = size * self.unit * style.LETTER_WIDTH / _LETTER_WIDTH / (10 * 72 / 72.27)
        options = f"anchor={anchor}, inner sep=0pt, scale={scale:.4g}, text={_colour(look['fill'])}"
        content = r"{\ }".join(_part(part, own) for part, own in text.parts)
        font = r"\fontsize{10}{10}\ttfamily\selectfont "
        return rf"\node[{options}] at {_at((text.x, text.y))} {{{font}{content}}};"


def _steps(shape: Path) -> str:
    """Return the steps of a path."""
    written = []
    for letter, points in shape.steps:
        at = [_at(point) for point in points]
        if letter == "C":
            written.append(f".. controls {at[0]} and {at[1]} .. {at[2]}")
        else:
            written.append({"M": "", "L": "-- ", "Z": "-- cycle"}[letter] + "".join(at))
    return " ".join(written)


def _at(point: Point) -> str:
    x, y = point
    return f"({x:.6g},{y:.6g})"


def _colour(name: object) -> str:
    """Return a colour such as ``#00ff00`` in the words of xcolor."""
    red, green, blue = bytes.fromhex(str(name).removeprefix("#"))
    return f"{{rgb,255:red,{red};green,{green};blue,{blue}}}"


def _part(content: str, look: Mapping[str, object]) -> str:
    """Return a part of a text with the look that it adds."""
    written = escape(content)
    if "fill" in look:
        written = rf"\textcolor[RGB]{{{_numbers(look['fill'])}}}{{{written}}}"
    return rf"\textbf{{{written}}}" if look.get("font_weight") == "bold" else written


def _numbers(name: object) -> str:
    return ",".join(map(str, bytes.fromhex(str(name).removeprefix("#"))))


def escape(text: str) -> str:
    r"""Return a text that anybody may have written, so that TeX shows it as it is.

    >>> escape("50 % of σ_1")
    '50{\\ }{\\char37\\kern0pt}{\\ }of{\\ }\\drawnsign{\\sigma}{\\char95\\kern0pt}1'
    """
    return re.sub("[^A-Za-z0-9]", lambda match: _sign(match[0]), text)


def _sign(character: str) -> str:
    if character == " ":
        return r"{\ }"
    if character in _MATHEMATICS:
        return rf"\drawnsign{{{_MATHEMATICS[character]}}}"
    if character.isascii():  # a kern, so that no two of them become another
        return rf"{{\char{ord(character)}\kern0pt}}" if character.isprintable() else ""
    parts = unicodedata.normalize("NFD", character)
    if len(parts) == 2 and parts[0].isascii() and parts[1] in _ACCENTS:
        return rf"\{_ACCENTS[parts[1]]}{{{parts[0]}}}"
    return rf"\drawnletter{{{character}}}"
