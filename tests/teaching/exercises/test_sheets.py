"""Tests of sheets for a class: a list with keys, and a folder of files."""

import json

import pytest

import tinygrad_mlp as tg


@pytest.fixture
def sheets():
    w, x, b = (tg.Value(1.0, name) for name in "wxb")
    return tg.exercise(tg.square(w * x + b), variants=12, seed=3)


def test_a_folder_has_every_sheet_the_keys_and_the_solutions(sheets, tmp_path):
    sheets.save(tmp_path / "week", formats=["md", ".html"])
    names = sorted(path.name for path in (tmp_path / "week").iterdir())
    numbers = [f"{number:02}" for number in range(1, 13)]
    assert names == [
        "keys.json",
        *(f"sheet{number}.{end}" for number in numbers for end in ("html", "md")),
        "solutions.txt",
    ]
    keys = json.loads((tmp_path / "week" / "keys.json").read_text(encoding="utf-8"))
    for sheet in sheets:
        found = {int(number): answer for number, answer in keys[str(sheet.number)].items()}
        assert found == sheet.key == sheets.keys[sheet.number]
        text = (tmp_path / "week" / f"sheet{sheet.number:02}.md").read_text(encoding="utf-8")
        assert text == str(sheet)
    solutions = (tmp_path / "week" / "solutions.txt").read_text(encoding="utf-8")
    assert all(sheet.solution in solutions for sheet in sheets)


def test_a_folder_may_have_solved_sheets_too(sheets, tmp_path):
    sheets.save(tmp_path / "week", formats=["svg", "html"], solved=True)
    names = {path.name for path in (tmp_path / "week").iterdir()}
    solved = {name for name in names if name.startswith("solved")}
    assert {f"solved{name.removeprefix('sheet')}" for name in names if ".svg" in name} >= solved
    assert len(sheets) == len(solved)


def test_sheets_are_a_list(sheets):
    assert isinstance(sheets, list)
    assert [sheet.number for sheet in sheets] == list(range(1, 13))


def test_a_folder_that_is_there_keeps_what_else_is_in_it(sheets, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    sheets.save(tmp_path, formats="md")
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_format_that_does_not_exist_is_refused_before_anything_is_written(sheets, tmp_path):
    with pytest.raises(ValueError, match=r"formats must be of svg, pdf, .*, got 'docx'"):
        sheets.save(tmp_path / "week", formats=["svg", "docx"])
    assert [] == list(tmp_path.iterdir())
    with pytest.raises(FileNotFoundError):
        sheets.save(tmp_path / "missing" / "week")
