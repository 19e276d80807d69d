"""Tests of TikZ: the shapes of the SVG, text as it is, and a document that LaTeX accepts."""

import re
import shutil
import subprocess

import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.builtin.plan import layered, layered_svg
from tinygrad_mlp.drawing.shapes import Canvas, Group, line, path, rectangle, text
from tinygrad_mlp.drawing.style import SHOWN, checked
from tinygrad_mlp.drawing.tikz import escape, tikz_of
from tinygrad_mlp.graphs.scopes import placed


def lines_of(*shapes):
    """The commands of some shapes, after the one that paints the page."""
    written = tikz_of(Canvas((0.0, 0.0, 100.0, 50.0), "", "", "#ffffff", shapes))
    return re.search(r"tikzpicture}\[.*?\]\n(.*)\n\\end{tikz", written, re.DOTALL)[1].split("\n")[
        1:
    ]


def test_each_shape_is_a_command():
    curve = path(("M", [(1.0, 2.0)]), ("C", [(3.0, 2.0), (3.0, 4.0), (5.0, 4.0)]), ("Z", []))
    assert [
        (
            r"\path[fill={rgb,255:red,0;green,128;blue,255}, rounded corners=4.5bp] "
            "(0,0) rectangle (8,4);"
        ),
        r"\path (1,2) .. controls (3,2) and (3,4) .. (5,4) -- cycle;",
        r"\path[line width=1.5bp, dash pattern=on 3bp off 2.25bp] (0,0) -- (8,0);",
    ] == lines_of(
        rectangle((0.0, 0.0, 8.0, 4.0), fill="#0080ff", stroke="none", rx=6),
        curve,
        line((0.0, 0.0), (8.0, 0.0), stroke_width=2, stroke_dasharray="4 3"),
    )


def test_a_group_hands_its_look_down():
    own = line((0.0, 0.0), (1.0, 0.0), stroke="#ff0000")
    other = line((0.0, 0.0), (1.0, 0.0))
    first, second = lines_of(Group([own, other], {"fill": "none", "stroke": "#000000"}))
    assert "draw={rgb,255:red,255;green,0;blue,0}]" in first
    assert "draw={rgb,255:red,0;green,0;blue,0}]" in second


def test_text_stands_where_it_does_in_svg():
    (command,) = lines_of(text(3.0, 4.0, "a b", text_anchor="end", fill="#000000", font_size=12))
    assert r"\node[anchor=base east, inner sep=0pt, scale=1.036" in command
    assert r"at (3,4) {\fontsize{10}{10}\ttfamily\selectfont a{\ }b};" in command


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("a1", "a1"),
        (r"\input{x}", r"{\char92\kern0pt}input{\char123\kern0pt}x{\char125\kern0pt}"),
        ("$&#%_^~", "".join(rf"{{\char{ord(sign)}\kern0pt}}" for sign in "$&#%_^~")),
        ("--", r"{\char45\kern0pt}{\char45\kern0pt}"),  # which would become a dash
        ("σ₁", r"\drawnsign{\sigma}\drawnsign{_1}"),
        ("ŷ é", r"\^{y}{\ }\'{e}"),
        ("日", r"\drawnletter{日}"),
        ("\0\n", ""),
    ],
)
def test_text_is_shown_as_it_is(given, wanted):
    assert wanted == escape(given)


def test_a_drawing_too_large_for_tex_is_made_smaller():
    canvas = Canvas((0.0, 0.0, 40_000.0, 100.0), "", "", "#ffffff", [])
    assert r"\begin{tikzpicture}[x=0.35bp, y=-0.35bp" in tikz_of(canvas)


def test_what_is_shown_smaller_has_smaller_letters_too():
    shapes = [text(10.0, 20.0, "a", fill="#000000")]
    canvas = Canvas((0.0, 0.0, 100.0, 50.0), "", "", "#ffffff", shapes)
    whole, half = tikz_of(canvas), tikz_of(canvas._replace(scale=0.5))
    assert r"[x=0.75bp, y=-0.75bp, line width=0.75bp]" in whole
    assert r"[x=0.375bp, y=-0.375bp, line width=0.375bp]" in half
    before, after = (float(re.search(r"scale=([\d.]+)", x)[1]) for x in (whole, half))
    assert after == pytest.approx(before / 2, rel=1e-3)


def test_both_printers_are_given_the_same_boxes(two_layers):
    graph = placed(tg.Graph.of(two_layers))
    rectangles = tikz_of(layered(graph)).count(" rectangle ")
    assert layered_svg(graph).count("<rect ") == rectangles


def test_every_sign_that_a_rule_or_a_symbol_has_is_known_to_tex(two_layers):
    """No pdfLaTeX shows a letter of a script that it has no font for."""
    symbols = "".join(row.symbol for row in tg.OPS.values())
    assert r"\drawnletter" not in escape(symbols + "∂₀₁₂₃₄₅₆₇₈₉⊙ᵀ′→×−…↑")


MAIN = r"""
\documentclass{article}
\usepackage{standalone}
\usepackage{tikz}
\newcommand\sign{mine}
\begin{document}
\input{0.tex}
\end{document}
"""


def test_pdflatex_accepts_every_drawing_alone_and_inside_of_another_text(tmp_path, two_layers):
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not here")
    x, w = tg.Value(2.0, label="x^2_%$#{}\\ 日本 é ŷ"), tg.Value(3.0, label="``w'' -- << ~ ½")
    y = tg.tanh(x * w)
    slopes = tg.grad(y, [x, w], create_graph=True)
    drawn = [
        ([two_layers], checked(highlight=["v0"])),
        ([y, *slopes], checked("TB", (*SHOWN, "local"), "dark")),
    ]
    for number, (values, choices) in enumerate(drawn):
        canvas = layered(placed(tg.Graph.of(*values)), choices)
        (tmp_path / f"{number}.tex").write_text(tikz_of(canvas), encoding="utf-8")
    (tmp_path / "main.tex").write_text(MAIN, encoding="utf-8")
    for name in ("0", "1", "main"):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        if b"standalone.cls' not found" in done.stdout or b"tikz.sty' not found" in done.stdout:
            pytest.skip("the packages standalone and tikz are not here")
        assert 0 == done.returncode, done.stdout[-2000:].decode(errors="replace")
        assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF-")
