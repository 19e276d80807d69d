"""Tests of the layout program: its time is bounded, and none comes from the current folder."""

import os
import sys
import time

import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.graphviz import programs
from tinygrad_mlp.drawing.graphviz.dot import to_dot
from tinygrad_mlp.drawing.graphviz.programs import find_program, render_source
from tinygrad_mlp.drawing.render import save_drawing
from tinygrad_mlp.errors import RenderError
from tinygrad_mlp.graphs.graph import Graph

pytestmark = pytest.mark.skipif(os.name != "posix", reason="programs here are shell scripts")

DRAW = "/bin/cat >/dev/null; echo '<svg/>'"


def refused(*words):
    return pytest.raises(RenderError, match="(?s)" + ".*".join(words))


# ----- One budget -----


def test_the_budget_holds_for_files_and_notebooks(
    square, no_programs, written_program, monkeypatch, tmp_path
):
    monkeypatch.setattr(programs, "SECONDS", 0.2)
    monkeypatch.setenv("PATH", str(tmp_path))
    written_program("dot", "exec /bin/sleep 60")
    for name in ("a.svg", "a.png", "a.pdf"):
        with refused("dot was stopped after 0.2 s", "max_nodes", r"render\(", r"\.svg without"):
            save_drawing(square, tmp_path / name, layout="graphviz")
    assert ["dot"] == [path.name for path in tmp_path.iterdir()]
    with pytest.warns(RuntimeWarning, match=r"stopped after 0\.2 s.* built-in layout made") as told:
        assert layered_svg(square) == tg.draw(square)._repr_image_svg_xml()
    assert 1 == len(told)


def test_what_a_program_has_started_is_stopped_with_it(square, written_program, monkeypatch):
    monkeypatch.setattr(programs, "SECONDS", 0.3)
    slow = written_program("slow", "sleep 60; echo '<svg/>'")  # a process of its own, same output
    start = time.monotonic()
    with refused("stopped"):
        render_source(to_dot(square), "svg", program=slow)
    assert time.monotonic() - start < 5


def test_a_program_that_closes_its_output_and_goes_on_is_stopped(
    square, written_program, monkeypatch
):
    monkeypatch.setattr(programs, "SECONDS", 0.3)
    slow = written_program("slow", "echo '<svg/>'; exec 1>&-; exec sleep 60")
    with refused("stopped"):
        render_source(to_dot(square), "svg", program=slow)


def test_a_program_that_reads_nothing_is_no_obstacle(written_program):
    deaf = written_program("deaf", "echo '<svg/>'")
    text = "graph {" + " " * 1_000_000 + "}"
    assert b"<svg/>\n" == render_source(text, "svg", program=deaf)


def test_output_is_bounded(written_program, monkeypatch):
    monkeypatch.setattr(programs, "MAXIMUM_BYTES", 100_000)
    endless = written_program("endless", "while :; do echo '<svg>...................'; done")
    with refused("wrote more than 100,000 bytes"):
        render_source("graph {}", "svg", program=endless)


# ----- What is used of it -----


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("echo '<svg><g></svg>'", "no whole SVG"),
        ("echo nonsense", "no whole SVG"),
        (":", "no whole SVG"),
        (r"printf '<svg>\377</svg>'", "no whole SVG"),
        ("echo '<svg><script>alert(1)</script></svg>'", "<script>"),
        ("echo '<svg onload=\"alert(1)\"/>'", "onload="),
        ("exit 3", "failed with code 3"),
        ("echo '<svg/>'; exit 1", "failed with code 1"),
        ("kill -9 $$", "failed with code -9"),
    ],
)
def test_what_is_no_mere_picture_is_given_up(square, written_program, body, word):
    bad = written_program("bad", f"/bin/cat >/dev/null; {body}")
    with refused(
        f"bad .*{word}",
        "install Graphviz",
        r"writes \.svg without any program where neither layout nor TINYGRAD_MLP_DOT asks",
    ):
        render_source(to_dot(square), "svg", program=bad)


@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_a_truncated_picture_is_given_up_and_the_error_says_why(written_program, kind):
    begin = {"png": r"\211PNG\r\n\032\n", "pdf": "%%PDF-1.5"}[kind]
    half = written_program("half", f"printf '{begin}'")
    with refused(f"half wrote no whole {kind.upper()}", "install Graphviz"):
        render_source("graph {}", kind, program=half)


def test_where_no_process_can_be_started_that_is_told(square, written_program, monkeypatch):
    def refuse(*_, **__):
        raise OSError(138, "this system does not support processes")

    good = written_program("good", DRAW)
    monkeypatch.setattr("subprocess.Popen", refuse)
    with refused("could not be started", "does not support processes"):
        render_source(to_dot(square), "svg", program=good)


def test_a_program_that_is_no_program_is_told(square, tmp_path):
    text = tmp_path / "dot"
    text.write_text("not a program")
    text.chmod(0o755)
    with refused("could not be started"):
        render_source(to_dot(square), "svg", program=str(text))
    with refused("is no program"):
        render_source(to_dot(square), "svg", program=str(tmp_path))


def test_a_program_gets_no_user_text_but_on_its_input(written_program, tmp_path):
    spy = written_program(
        "spy", f'echo "$@" >{tmp_path}/arguments; /bin/cat >{tmp_path}/input; exit 1'
    )
    source = to_dot(Graph.of(tg.Value(1.0, "$(touch gotcha); -ogotcha")))
    with refused("spy failed with code 1"):
        render_source(source, "svg", program=spy)
    assert "-Kdot -Tsvg\n" == (tmp_path / "arguments").read_text()
    assert source == (tmp_path / "input").read_text(encoding="utf-8")


def test_a_format_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="svg, png, pdf, got 'exe'"):
        render_source("digraph {}", "exe")


def test_fonts_and_places_are_improved_and_labels_are_not_touched():
    svg = (
        b"<svg><!-- (graphviz-pure) -->"
        b'<text x="10" y="5" font-family="Courier,monospace" font-size="10.00">\xcf\x83</text>'
        b'<text x="10" y="5" font-size="10.00" fill="red">'
        b"font-family=&quot;Courier,monospace</text>"
    )
    better = programs._improved(svg).decode()
    assert 'x="13.01" y="5" font-family="Menlo' in better
    assert 'x="10.00" y="5" font-size="10.00" fill="red">font-family=&quot;Courier,' in better
    assert b'x="10"' in programs._improved(svg.replace(b"pure", b""))


def test_spaces_are_kept_once_and_only_once():
    kept = b'<svg><text xml:space="preserve" x="1">  a</text></svg>'
    assert kept == programs._improved(b'<svg><text x="1">  a</text></svg>')
    assert kept == programs._improved(kept)


# ----- Which program -----


def test_the_variable_comes_before_dot_and_dot_before_graphviz_pure(
    no_programs, monkeypatch, written_program, tmp_path
):
    # no_programs looks for what pip installs in tmp_path
    pure = written_program("graphviz-pure", DRAW)
    assert pure == find_program()
    (tmp_path / "bin").mkdir()
    dot = written_program("bin/dot", DRAW)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert dot == find_program()
    chosen = written_program("my own dot", DRAW)
    monkeypatch.setenv("TINYGRAD_MLP_DOT", chosen)
    assert chosen == find_program()


def test_an_empty_variable_and_an_empty_path_name_nothing(
    no_programs, monkeypatch, written_program, tmp_path
):
    written_program("graphviz-pure", DRAW)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.setattr("sysconfig.get_path", lambda name: "/nowhere")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TINYGRAD_MLP_DOT", "")
    monkeypatch.setenv("PATH", f"{os.pathsep}/nowhere")
    assert find_program() is None


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
    assert find_program() is None


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
    assert wanted == find_program()


def test_the_variable_may_name_a_program_of_the_path(
    no_programs, written_program, monkeypatch, tmp_path
):
    mine = written_program("mine", DRAW)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(programs.PROGRAM_VARIABLE, "mine")
    assert mine == find_program()


@pytest.mark.parametrize("name", ["/nowhere/dot", "no-such-program", "./dot-that-is-not-there"])
def test_a_variable_that_names_no_program_is_told(no_programs, square, monkeypatch, name):
    monkeypatch.setenv(programs.PROGRAM_VARIABLE, name)
    with refused(f"{name}, which TINYGRAD_MLP_DOT names, is no program"):
        render_source(to_dot(square), "svg")


def test_graphviz_pure_is_not_asked_for_pdf_nor_named_for_it(no_programs, written_program):
    written_program("graphviz-pure", "exit 1")
    with refused(r"\(found none\)") as caught:
        render_source("graph {}", "pdf")
    assert "pip install" not in str(caught.value)
