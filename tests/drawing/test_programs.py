"""Tests of layout programs: one budget for all, and none from the current folder."""

import os
import sys
import time
import warnings

import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing import programs
from tinygrad_mlp.drawing.dot import to_dot
from tinygrad_mlp.drawing.layered import layered_svg
from tinygrad_mlp.drawing.programs import find_programs, laid_out, render_source
from tinygrad_mlp.drawing.render import render_svg, save_drawing
from tinygrad_mlp.errors import RenderError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="programs here are shell scripts")

DRAW = "/bin/cat >/dev/null; echo '<svg/>'"


def told(*words):
    return pytest.warns(RuntimeWarning, match="(?s)" + ".*".join(words))


# ----- One budget -----


def test_all_programs_together_have_one_budget(square, written_program, monkeypatch):
    monkeypatch.setattr(programs, "SECONDS", 0.5)
    slow = [written_program(f"slow{number}", "exec sleep 60") for number in range(3)]
    start = time.monotonic()
    with told("slow0 was stopped after 0.5 s: the built-in layout") as warned:
        assert layered_svg(square) == render_svg(square, programs=slow)
    assert time.monotonic() - start < 3  # three budgets would be 1.5 s, and a machine may be busy
    assert 1 == len(warned)


def test_the_budget_holds_for_files_and_notebooks(
    square, no_programs, written_program, monkeypatch, tmp_path
):
    monkeypatch.setattr(programs, "SECONDS", 0.2)
    monkeypatch.setenv("PATH", str(tmp_path))
    written_program("dot", "exec /bin/sleep 60")
    with told("dot was stopped after 0.2 s"):
        save_drawing(square, tmp_path / "a.svg")
    assert layered_svg(square) == (tmp_path / "a.svg").read_text(encoding="utf-8")
    with told("dot was stopped after 0.2 s"):
        assert layered_svg(square) == tg.draw(square)._repr_image_svg_xml()
    with pytest.raises(RenderError, match=r"stopped after 0\.2 s\): fold .*render.*as \.svg"):
        save_drawing(square, tmp_path / "a.png")


def test_what_a_program_has_started_is_stopped_with_it(square, written_program, monkeypatch):
    monkeypatch.setattr(programs, "SECONDS", 0.3)
    slow = written_program("slow", "sleep 60; echo '<svg/>'")  # a process of its own, same output
    start = time.monotonic()
    with told("stopped"):
        assert laid_out(to_dot(square), [slow]) is None
    assert time.monotonic() - start < 5


def test_a_program_that_closes_its_output_and_goes_on_is_stopped(
    square, written_program, monkeypatch
):
    monkeypatch.setattr(programs, "SECONDS", 0.3)
    slow = written_program("slow", "echo '<svg/>'; exec 1>&-; exec sleep 60")
    with told("stopped"):
        assert laid_out(to_dot(square), [slow]) is None


def test_a_program_that_reads_nothing_is_no_obstacle(written_program):
    deaf = written_program("deaf", "echo '<svg/>'")
    assert "<svg/>\n" == laid_out("graph {" + " " * 1_000_000 + "}", [deaf])


def test_output_is_bounded(written_program, monkeypatch):
    monkeypatch.setattr(programs, "MAXIMUM_BYTES", 100_000)
    endless = written_program("endless", "while :; do echo '<svg>...................'; done")
    with told("wrote more than 100,000 bytes"):
        assert laid_out("graph {}", [endless]) is None


def test_a_drawing_without_any_trouble_warns_of_nothing(square, written_program):
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        assert "<svg/>\n" == laid_out(to_dot(square), [written_program("good", DRAW)])
        assert laid_out(to_dot(square), []) is None
    assert [] == warned


# ----- What is used of it -----


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("echo '<svg><g></svg>'", "no whole SVG"),
        ("echo '<svg><script>alert(1)</script></svg>'", "<script>"),
        ("echo '<svg onload=\"alert(1)\"/>'", "onload="),
        ("exit 3", "failed with code 3"),
    ],
)
def test_what_is_no_mere_picture_is_given_up(square, written_program, body, word):
    with told(f"bad .*{word}", "built-in layout") as warned:
        assert layered_svg(square) == render_svg(square, programs=[written_program("bad", body)])
    assert 1 == len(warned)


@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_a_truncated_picture_is_given_up_and_the_error_says_why(written_program, kind):
    begin = {"png": r"\211PNG\r\n\032\n", "pdf": "%%PDF-1.5"}[kind]
    half = written_program("half", f"printf '{begin}'")
    with pytest.raises(RenderError, match=f"half wrote no whole {kind.upper()}.*install Graphviz"):
        render_source("graph {}", kind, [half])


def test_where_no_process_can_be_started_the_built_in_layout_draws(
    square, written_program, monkeypatch
):
    def refuse(*_, **__):
        raise OSError(138, "this system does not support processes")

    good = written_program("good", DRAW)
    monkeypatch.setattr("subprocess.Popen", refuse)
    with told("could not be started .*does not support processes"):
        assert layered_svg(square) == render_svg(square, programs=[good])


# ----- Which programs -----


@pytest.mark.parametrize("path", ["", ":", ":/nowhere", "/nowhere:", ".", "bin:."])
def test_nothing_is_run_because_of_the_current_folder(
    no_programs, written_program, monkeypatch, tmp_path, path
):
    (tmp_path / "here" / "bin").mkdir(parents=True)
    for name in ("dot", "graphviz-pure"):
        written_program(f"here/{name}", DRAW)
        written_program(f"here/bin/{name}", DRAW)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("PATH", path)
    assert [] == find_programs()


def test_a_folder_and_a_file_without_rights_are_no_programs(
    no_programs, written_program, monkeypatch, tmp_path
):
    for folder in ("first", "second", "third"):
        (tmp_path / folder).mkdir()
    (tmp_path / "first" / "dot").mkdir()
    (tmp_path / "second" / "dot").write_text("no rights to run it")
    wanted = written_program("third/dot", DRAW)
    path = os.pathsep.join(str(tmp_path / folder) for folder in ("first", "second", "third"))
    monkeypatch.setenv("PATH", path)
    assert [wanted] == find_programs()


def test_the_variable_may_name_a_program_of_the_path(
    no_programs, written_program, monkeypatch, tmp_path
):
    mine = written_program("mine", DRAW)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(programs.PROGRAM_VARIABLE, "mine")
    assert [mine] == find_programs()


@pytest.mark.parametrize("name", ["/nowhere/dot", "no-such-program", "./dot-that-is-not-there"])
def test_a_variable_that_names_no_program_is_told(no_programs, square, monkeypatch, name):
    monkeypatch.setenv(programs.PROGRAM_VARIABLE, name)
    with told(f"{name}, which TINYGRAD_MLP_DOT names, is no program: the built-in") as warned:
        assert layered_svg(square) == render_svg(square)
    assert 1 == len(warned)


def test_graphviz_pure_is_not_asked_for_pdf(no_programs, written_program, tmp_path, monkeypatch):
    written_program("graphviz-pure", "exit 1")
    with pytest.raises(RenderError, match=r"\(found none\)"):
        render_source("graph {}", "pdf")


@pytest.fixture
def pygraphviz(no_programs, monkeypatch, tmp_path, request):
    """A package of that name, with its drawing in the lines of a function ``draw``."""

    def write(*lines):
        folder = tmp_path / "packages"
        folder.mkdir(exist_ok=True)
        body = "\n".join(f"        {line}" for line in lines)
        text = f"""import time
class AGraph:
    def __init__(self, string):
        self.string = string
    def draw(self, format, prog):
{body}
"""
        (folder / "pygraphviz.py").write_text(text)
        monkeypatch.delitem(sys.modules, "pygraphviz", raising=False)
        monkeypatch.setattr(sys, "executable", PYTHON)
        monkeypatch.syspath_prepend(folder)
        # Not the programs that may stand next to this Python.
        monkeypatch.setattr(programs, "find_programs", list)

    return write


PYTHON = sys.executable


def test_after_all_programs_comes_pygraphviz(pygraphviz, square):
    pygraphviz("return f'<svg>{prog} {format} of {len(self.string)} letters</svg>'.encode()")
    assert f"<svg>dot svg of {len(to_dot(square))} letters</svg>" == render_svg(square)
    assert layered_svg(square) == render_svg(square, programs=())


def test_a_pygraphviz_that_fails_or_hangs_is_given_up_like_a_program(
    pygraphviz, square, monkeypatch
):
    pygraphviz("raise RuntimeError('no layout')")
    with told("pygraphviz failed with code 1: the built-in"):
        assert layered_svg(square) == render_svg(square)
    pygraphviz("time.sleep(60)")
    monkeypatch.setattr(programs, "SECONDS", 0.5)
    with told("pygraphviz was stopped after 0.5 s: the built-in"):
        assert layered_svg(square) == render_svg(square)


def test_pygraphviz_of_the_current_folder_is_not_imported(
    pygraphviz, square, monkeypatch, tmp_path
):
    (tmp_path / "pygraphviz.py").write_text("open('imported', 'w')")
    monkeypatch.chdir(tmp_path)
    pygraphviz("return b'<svg/>'")
    assert "<svg/>" == render_svg(square)
    assert not (tmp_path / "imported").exists()
