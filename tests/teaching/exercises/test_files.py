"""Tests of the files of a sheet: what stands on them, and that no text breaks them."""

import importlib.util
import shutil
import subprocess
import xml.etree.ElementTree as ET
from itertools import combinations

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.shapes import Group
from tinygrad_mlp.drawing.style import NUMBER_SIZE, text_width
from tinygrad_mlp.teaching.exercises.formats import FORMATS
from tinygrad_mlp.teaching.exercises.picture import picture

NASTY = "</script><b>&$%#_{}\\^~ ▢3▢ {{data}} {1:NUMERICAL:=5} | ` --> ]]>"


@pytest.fixture
def nasty():
    """A sheet whose every text is hostile."""
    x = tg.Value(2.0, label=NASTY)
    y = tg.tanh(x) * x
    y.label = NASTY
    return tg.exercise(y, difficulty=3, title=NASTY)


def shapes_in(shapes):
    for shape in shapes:
        if isinstance(shape, Group):
            yield from shapes_in(shape.shapes)
        else:
            yield shape


@pytest.mark.parametrize("difficulty", [1, 2, 3])
@pytest.mark.parametrize("name", ["two_paths", "layer"])
def test_every_blank_has_one_box_and_none_lies_on_another(request, name, difficulty):
    sheet = tg.exercise(request.getfixturevalue(name), difficulty=difficulty)
    drawn = picture(sheet._content)
    assert [blank.number for blank in sheet.blanks] == [box.number for box in drawn.boxes]
    for one, other in combinations([box.frame for box in drawn.boxes], 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart
    left, top, right, bottom = drawn.canvas.frame
    assert all(
        left < b[0] and top < b[1] and b[2] < right and b[3] < bottom for _, b in drawn.boxes
    )


def test_a_box_is_high_enough_for_a_hand_and_holds_no_text_but_its_number(two_paths):
    drawn = picture(tg.exercise(two_paths, difficulty=3)._content)
    texts = [s for s in shapes_in(drawn.canvas.shapes) if hasattr(s, "parts")]
    for number, (left, top, right, bottom) in drawn.boxes:
        assert bottom - top > 24
        assert right - left > 60
        inside = [
            "".join(part for part, _ in text.parts)
            for text in texts
            if left - text_width(text.parts[0][0], NUMBER_SIZE) < text.x < right
            and top < text.y < bottom
        ]
        assert inside in ([str(number)], ["grad ", str(number)], ["∂ ", str(number)])


@pytest.mark.parametrize("ask", ["forward", "local", "gradient"])
def test_what_is_asked_is_explained_before_it_is_used(two_paths, ask):
    text = FORMATS[".svg"](tg.exercise(two_paths, ask=ask)._content).decode()
    explained = {"forward": "Forward, along", "local": "On an arrow", "gradient": "Backward,"}
    for kind, words in explained.items():
        assert (kind == ask) == (words in text)
    assert "On an arrow" in FORMATS[".svg"](tg.exercise(two_paths, difficulty=1)._content).decode()


def test_no_answer_stands_on_a_sheet():
    x, w = tg.Value(1.0, label="x"), tg.Value(1.0, label="w")
    sheet = tg.exercise(tg.tanh(x * w) + x, seed=2, difficulty=3, numbers="tenths")
    for end in (".svg", ".md", ".tex", ".html"):
        text = FORMATS[end](sheet._content).decode()
        rounded = [blank.answer for blank in sheet.blanks if not blank.is_exact]
        assert len(rounded) > 3
        assert not [answer for answer in rounded if str(abs(answer)) in text]


@pytest.mark.parametrize("name", ["two_paths", "layer"])
def test_a_solved_sheet_has_each_answer_in_its_box(request, name):
    sheet = tg.exercise(request.getfixturevalue(name), difficulty=3)
    drawn = picture(sheet._content._replace(solved=True))
    assert [box.frame for box in drawn.boxes] == [b.frame for b in picture(sheet._content).boxes]
    texts = [s for s in shapes_in(drawn.canvas.shapes) if hasattr(s, "parts")]
    for number, (left, top, right, bottom) in drawn.boxes:
        inside = [
            "".join(part for part, _ in text.parts)
            for text in texts
            if left <= text.x <= right and top <= text.y <= bottom
        ]
        assert sorted([str(number), f"{sheet.key[number]:g}"]) == sorted(inside)


def test_solved_papers_tell_the_answers(two_paths, tmp_path):
    sheet = tg.exercise(two_paths, difficulty=3)
    for end in (".md", ".tex"):
        sheet.save(tmp_path / f"asked{end}")
        sheet.save(tmp_path / f"solved{end}", solved=True)
        asked, solved = (
            (tmp_path / f"{name}{end}").read_text(encoding="utf-8") for name in ("asked", "solved")
        )
        assert "Solved: " in solved
        assert "Solved: " not in asked
        assert "Name: " not in solved
    table = [line.split("|") for line in solved_table(tmp_path / "solved.md")]
    answers = {int(row[1]): float(row[4]) for row in table}
    assert sheet.key == answers
    with pytest.raises(ValueError, match=r"must end with one of \.svg, \.pdf, \.tex, \.md"):
        sheet.save(tmp_path / "solved.html", solved=True)


def solved_table(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("| ") and line[2].isdigit()]


def test_sheets_carry_seed_and_version(two_paths, tmp_path):
    sheet = tg.exercise(two_paths, seed=9, variants=3)[2]
    for end in (".svg", ".md", ".html"):
        path = tmp_path / f"sheet{end}"
        sheet.save(path)
        text = path.read_text(encoding="utf-8").replace("\\_", "_")
        assert "tinygrad_mlp exercise 1 · seed 9 · sheet 3" in text
    assert "seed 9" in FORMATS[".tex"](sheet._content).decode()
    alone = str(tg.exercise(two_paths, seed=9, title="Sheet 2"))
    assert "exercise 1 · seed 9\n" in alone  # a number beside that of the title would confuse


def test_texts_of_a_sheet_are_data_in_every_format(nasty):
    svg = ET.fromstring(FORMATS[".svg"](nasty._content))
    assert not [e for e in svg.iter() if e.tag.endswith(("script", "}b"))]
    page = FORMATS[".html"](nasty._content).decode()
    assert 2 == page.count("<script") == page.count("</script>")
    assert "<b>" not in page
    assert "{{data}}" in page
    assert "`" not in FORMATS[".md"](nasty._content).decode().replace("\\`", "")
    assert [b.number for b in nasty.blanks] == [b.number for b in picture(nasty._content).boxes]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="the program pdflatex is missing")
def test_a_paper_compiles(nasty, layer, tmp_path):
    for number, sheet in enumerate([nasty, tg.exercise(layer, difficulty=3)]):
        path = tmp_path / f"paper{number}.tex"
        sheet.save(path)
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", path.name]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert 0 == done.returncode, done.stdout[-2000:]
        assert sheet is nasty or "Overfull" not in done.stdout


def test_markdown_says_what_is_given_and_what_is_asked(two_paths):
    lines = str(tg.exercise(two_paths, seed=7, ask=["x", "p"])).splitlines()
    for line in ("- w = -4", "- p = x · w", "| 1 | value | p |  |", "| 3 | gradient | ∂L/∂x |  |"):
        assert line in lines


def test_pdf_is_written_or_says_what_it_needs(two_paths, tmp_path):
    sheet, path = tg.exercise(two_paths), tmp_path / "sheet.pdf"
    if importlib.util.find_spec("typst"):
        sheet.save(path)
        assert path.read_bytes().startswith(b"%PDF")
    else:
        with pytest.raises(tg.RenderError, match="PDF needs the Python package typst"):
            sheet.save(path)
        assert not path.exists()


def test_another_format_and_a_missing_folder_are_refused(two_paths, tmp_path):
    sheet = tg.exercise(two_paths)
    with pytest.raises(ValueError, match=r"must end with one of \.svg, \.pdf, \.tex"):
        sheet.save(tmp_path / "sheet.docx")
    with pytest.raises(FileNotFoundError, match="make it first"):
        sheet.save(tmp_path / "missing" / "sheet.svg")


def test_a_tensor_that_is_partly_asked_is_shown_whole():
    x = tg.Value(np.array([[0.5, 1.0]]), label="x")
    text = FORMATS[".svg"](tg.exercise(tg.sum(x * x), numbers="given", ask="x")._content).decode()
    assert 2 == text.count("data-blank")
    assert "0.5 1" in text


def test_a_paper_in_latex_says_no_command_and_indexes_the_derivative(tmp_path):
    z = tg.Value([[1.0, 2.0]], label="z")
    tg.exercise(tg.sum(tg.exp(z)), numbers="given", ask="z").save(tmp_path / "sheet.tex")
    paper = (tmp_path / "sheet.tex").read_text(encoding="utf-8")
    assert r"\\par" not in paper
    assert r"\left(\frac{\partial L}{\partial z}\right)_{0,1}" in paper
