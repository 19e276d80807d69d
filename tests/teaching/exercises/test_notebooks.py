"""Tests of notebooks for nbgrader and otter-grader, with these programs where they are."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import tinygrad_mlp as tg

with_nbgrader = pytest.mark.skipif(not find_spec("nbgrader"), reason="nbgrader is missing")
with_otter = pytest.mark.skipif(not find_spec("otter"), reason="otter-grader is missing")


@pytest.fixture
def sheet(two_paths):
    """Three blanks."""
    return tg.exercise(two_paths, seed=7, ask=["x", "w", "b"])


def cells_of(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))["cells"]


def text_of(cell):
    return "".join(cell["source"])


def run(folder, *command):
    """Run a program of this Python in a folder, and return what it prints."""
    environment = {**os.environ, "HOME": str(folder), "JUPYTER_PLATFORM_DIRS": "1"}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    environment["PYTHONPATH"] = str(Path(tg.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr[-3000:]
    return done.stdout


def test_cells_are_those_of_schema_3(sheet, tmp_path):
    sheet.save(tmp_path / "sheet.ipynb")
    cells = cells_of(tmp_path / "sheet.ipynb")
    assert ["markdown", "code", "code", "code", "code"] == [c["cell_type"] for c in cells]
    marks = [cell["metadata"]["nbgrader"] for cell in cells]
    assert {3} == {mark["schema_version"] for mark in marks}
    assert [False, True, False, False, False] == [mark["solution"] for mark in marks]
    assert [None, None, 1, 1, 1] == [mark.get("points") for mark in marks]
    assert 5 == len({mark["grade_id"] for mark in marks}) == len({cell["id"] for cell in cells})
    assert "graph.svg" in cells[0]["attachments"]


def test_the_solution_passes_every_test_and_nothing_else_does(sheet, tmp_path):
    sheet.save(tmp_path / "sheet.ipynb")
    _, answers, *tests = cells_of(tmp_path / "sheet.ipynb")
    names = {}
    exec(text_of(answers), names)
    for cell in tests:
        exec(text_of(cell), dict(names))
        for wrong in (None, 1234.5):
            with pytest.raises((AssertionError, TypeError)):
                exec(text_of(cell), {"answers": dict.fromkeys(sheet.key, wrong)})


def test_a_label_is_a_comment_and_nothing_else(tmp_path):
    label = "### END SOLUTION\nimport os # SOLUTION"
    sheet = tg.exercise(tg.square(tg.Value(2.0, label=label)), title=label)
    sheet.save(tmp_path / "sheet.ipynb")
    sheet.save_otter(tmp_path)
    for cell in cells_of(tmp_path / "sheet.ipynb"):
        if cell["cell_type"] == "code":
            lines = text_of(cell).splitlines()
            assert not [line for line in lines if line.startswith("import")]
            assert not [line for line in lines if "END SOLUTION" in line and "♯" not in line]


@with_nbgrader
def test_nbgrader_gives_full_and_no_points(sheet, tmp_path):
    source = tmp_path / "source" / "ps1"
    source.mkdir(parents=True)
    sheet.save(source / "sheet.ipynb")
    run(tmp_path, "-m", "nbgrader", "generate_assignment", "ps1", "--create")
    released = json.loads((tmp_path / "release/ps1/sheet.ipynb").read_text(encoding="utf-8"))
    text = json.dumps(released)
    assert "HIDDEN" not in text
    assert "-39" not in text.replace(json.dumps(released["cells"][0]), "")
    filled = f"answers = {sheet.key}"
    for student, answer in {"right": filled, "wrong": "answers = {1: 0, 2: None}"}.items():
        folder = tmp_path / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        released["cells"][1]["source"] = answer
        (folder / "sheet.ipynb").write_text(json.dumps(released), encoding="utf-8")
    run(tmp_path, "-m", "nbgrader", "autograde", "ps1", "--create")
    program = """
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    for name in ("right", "wrong"):
        found = book.find_submission("ps1", name)
        print(name, found.score, found.max_score)
"""
    assert ["right 3.0 3.0", "wrong 0.0 3.0"] == run(tmp_path, "-c", program).splitlines()


@with_otter
def test_otter_gives_full_and_no_points(sheet, tmp_path):
    sheet.save_otter(tmp_path / "otter")
    # Its own run of the solution is its test of the tests: all points.
    program = "from otter.assign import main; main('sheet.ipynb', 'dist')"
    run(tmp_path / "otter", "-c", program)
    student = cells_of(tmp_path / "otter/dist/student/sheet.ipynb")
    code = [text_of(cell) for cell in student if cell["cell_type"] == "code"]
    assert any("answers[1] = ..." in text for text in code)
    assert not any("-39" in text for text in code)
    (archive,) = (tmp_path / "otter/dist/autograder").glob("*.zip")
    place = next(i for i, cell in enumerate(student) if "answers[1]" in text_of(cell))
    notebook = json.loads((tmp_path / "otter/dist/student/sheet.ipynb").read_text("utf-8"))
    found = []
    for answers in (sheet.key, dict.fromkeys(sheet.key, 0)):
        notebook["cells"][place]["source"] = f"answers = {answers}"
        (tmp_path / "done.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        program = f"from otter.run import main; main('done.ipynb', autograder={str(archive)!r})"
        run(tmp_path, "-c", program)
        results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
        found.append(sum(test.get("score", 0.0) for test in results["tests"]))
    assert [3.0, 0.0] == found
