"""Tests of the Digraph that draw returns: it pipes, renders and shows itself without dot too."""

import errno
import os
import subprocess
import xml.etree.ElementTree as ET

import graphviz
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.graphviz import digraph
from tinygrad_mlp.drawing.style import checked
from tinygrad_mlp.drawing.svg import shown_in_cell
from tinygrad_mlp.errors import RenderError


@pytest.fixture
def value():
    x = tg.Value(3.0, label="x")
    return x * x


@pytest.fixture
def no_dot(no_programs, monkeypatch):
    """No program, and none whose path the package graphviz has remembered."""
    monkeypatch.setattr(graphviz.backend.dot_command, "DOT_BINARY", "no-such-program")


def test_without_dot_svg_is_piped_all_the_same(no_dot, value):
    drawing = tg.draw(value, direction="TB")
    svg = layered_svg(tg.Graph.of(value), checked(direction="TB"))
    assert svg.encode() == drawing.pipe("svg")
    assert svg == drawing.pipe(format="svg", encoding="utf-8")
    drawing.format = "svg"
    assert svg.encode() == drawing.pipe()


def test_without_dot_the_text_is_piped_as_it_is(no_dot, value):
    drawing = tg.draw(value)
    assert drawing.source == drawing.pipe("gv", encoding="utf-8")


@pytest.mark.parametrize("kind", ["png", "pdf", "jpg", "json"])
def test_without_dot_other_formats_are_refused_with_the_ways_out(no_dot, value, kind):
    with pytest.raises(RenderError, match=r"https://graphviz\.org.* \.?svg"):
        tg.draw(value).pipe(kind)


def test_a_format_that_does_not_exist_is_refused_as_by_graphviz(value):
    with pytest.raises(ValueError, match="format"):
        tg.draw(value).pipe("exe")
    with pytest.raises(ValueError, match="engine"):
        tg.draw(value).pipe("svg", engine="; rm")


def test_without_dot_render_writes_the_source_and_the_picture(no_dot, value, tmp_path):
    path = tg.draw(value).render("square", directory=tmp_path, format="svg")
    assert str(tmp_path / "square.svg") == path
    assert ["square", "square.svg"] == sorted(p.name for p in tmp_path.iterdir())
    assert tg.draw(value).source == (tmp_path / "square").read_text(encoding="utf-8")
    assert layered_svg(tg.Graph.of(value)) == (tmp_path / "square.svg").read_text(encoding="utf-8")


def test_without_dot_render_knows_outfile_and_cleanup(no_dot, value, tmp_path):
    wanted = tmp_path / "picture.svg"
    assert str(wanted) == tg.draw(value).render(outfile=wanted, cleanup=True)
    assert ["picture.svg"] == [p.name for p in tmp_path.iterdir()]


def test_without_dot_render_opens_a_viewer_if_asked(no_dot, value, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(digraph.graphviz, "view", opened.append)
    tg.draw(value).render(tmp_path / "a", format="svg", view=True)
    assert [tmp_path / "a.svg"] == opened


def test_a_program_pipes_and_renders_as_graphviz_does(value, tmp_path):
    drawing = tg.draw(value)
    try:
        wanted = graphviz.Source(drawing.source).pipe("png")
    except graphviz.ExecutableNotFound:
        pytest.skip("dot is not here")
    assert wanted == drawing.pipe("png")
    assert str(tmp_path / "a.png") == drawing.render(tmp_path / "a", format="png")


def test_a_cell_shows_what_pipe_gives(value):
    drawing = tg.draw(value, direction="TB")
    for engine in ("dot", "neato"):
        drawing.engine = engine
        try:
            piped = graphviz.Source(drawing.source, engine=engine).pipe("svg", encoding="utf-8")
        except graphviz.ExecutableNotFound:
            pytest.skip("dot is not here")
        assert piped == drawing.pipe("svg", encoding="utf-8")
        shown = drawing._repr_mimebundle_()["image/svg+xml"]
        for element in ("path", "polygon", "text", "svg"):
            assert places(element, piped) == places(element, shown)


def places(element, svg):
    """Where all elements of one kind are."""
    names = ("d", "points", "x", "y", "viewBox")
    found = ET.fromstring(svg).iter(f"{{http://www.w3.org/2000/svg}}{element}")
    return [[one.get(name) for name in names] + [one.text] for one in found]


@pytest.fixture
def broken_dot(no_programs, written_program, monkeypatch):
    """A dot that is found and does nothing but fail."""
    path = written_program("dot", "echo broken >&2; exit 1")
    monkeypatch.setattr(graphviz.backend.dot_command, "DOT_BINARY", path)


@pytest.mark.skipif(os.name != "posix", reason="programs here are shell scripts")
def test_a_dot_that_fails_leaves_svg_to_the_built_in_writer(broken_dot, value, tmp_path):
    svg = layered_svg(tg.Graph.of(value))
    assert svg.encode() == tg.draw(value).pipe("svg")
    path = tg.draw(value).render(tmp_path / "a", format="svg", cleanup=True)
    assert svg == (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert str(tmp_path / "a.svg") == path
    assert not (tmp_path / "a").exists()


@pytest.mark.skipif(os.name != "posix", reason="programs here are shell scripts")
def test_a_dot_that_fails_is_told_where_the_built_in_writer_does_not_know_all(
    broken_dot, value, tmp_path
):
    drawing = tg.draw(value)
    with pytest.raises(subprocess.CalledProcessError):
        drawing.pipe("png")
    drawing.node("extra")
    with pytest.raises(subprocess.CalledProcessError):
        drawing.pipe("svg")
    with pytest.raises(subprocess.CalledProcessError):
        drawing.render(tmp_path / "a", format="svg")


def test_a_copy_has_no_graph_to_fall_back_to(no_dot, value):
    with pytest.raises(RenderError, match="no program at hand"):
        tg.draw(value).copy().pipe("svg")


def test_a_notebook_gets_a_text_whatever_goes_wrong(no_dot, value, monkeypatch):
    def fail(*_):
        raise MemoryError("too large")

    monkeypatch.setattr(digraph, "layered_svg", fail)
    assert {"text/plain": "no drawing: too large"} == tg.draw(value)._repr_mimebundle_()


# ----- Where no process can be started -----


@pytest.fixture
def no_processes(no_programs, written_program, monkeypatch, tmp_path):
    """A dot that is there, in a system that starts nothing."""
    written_program("dot", "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))

    def refuse(*_, **__):
        raise OSError(errno.ENOTSUP, "this system does not support processes")

    monkeypatch.setattr(subprocess, "Popen", refuse)


@pytest.mark.parametrize("kind", ["png", "pdf", "jpg"])
def test_without_processes_a_picture_that_needs_one_is_a_render_error(
    no_processes, value, tmp_path, kind
):
    drawing = tg.draw(value)
    with pytest.raises(RenderError, match=r"svg"):
        drawing.pipe(kind)
    with pytest.raises(RenderError, match=r"svg"):
        drawing.render(tmp_path / "a", format=kind)
    assert not (tmp_path / f"a.{kind}").exists()


@pytest.mark.filterwarnings("ignore:.*could not be started:RuntimeWarning")
def test_without_processes_svg_and_text_are_there_all_the_same(no_processes, value, tmp_path):
    drawing = tg.draw(value)
    svg = layered_svg(tg.Graph.of(value))
    assert svg.encode() == drawing.pipe("svg")
    assert drawing.source.encode() == drawing.pipe("gv")
    assert str(tmp_path / "a.svg") == drawing.render(tmp_path / "a", format="svg")
    assert svg == (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert shown_in_cell(svg) == drawing._repr_mimebundle_()["image/svg+xml"]


def test_an_error_of_the_disk_stays_what_it_is(no_processes, value, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file") as caught:
        tg.draw(value).render("a", directory=tmp_path / "file", format="png")
    assert not isinstance(caught.value, RenderError)
