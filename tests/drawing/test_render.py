"""Tests of how pictures come about: which layout, what happens where it is missing, files."""

import os
import re
import stat
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.formats import FORMATS
from tinygrad_mlp.drawing.graphviz.dot import to_dot
from tinygrad_mlp.drawing.graphviz.programs import MAXIMUM_NODES
from tinygrad_mlp.drawing.render import draw, save_drawing
from tinygrad_mlp.drawing.style import checked
from tinygrad_mlp.drawing.svg import shown_in_cell
from tinygrad_mlp.errors import RenderError
from tinygrad_mlp.graphs.graph import Graph

needs_shell = pytest.mark.skipif(os.name != "posix", reason="programs here are shell scripts")
ECHO = "/bin/cat >/dev/null; echo '<svg>from {0}</svg>'"


@pytest.fixture
def value():
    x = tg.Value(3.0, label="x")
    return x * x


def names(folder):
    return [path.name for path in folder.iterdir()]


def too_large():
    y = tg.Value(1.0)
    for _ in range(MAXIMUM_NODES):
        y = tg.tanh(y)
    return y


# ----- Which layout -----


@needs_shell
def test_the_built_in_layout_draws_whatever_programs_there_are(
    no_programs, monkeypatch, value, written_program, tmp_path
):
    written_program("dot", "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    for options in ({}, {"layout": "builtin"}):
        save_drawing(value, tmp_path / "a.svg", direction="TB", **options)
        wanted = layered_svg(Graph.of(value), checked(direction="TB"))
        assert wanted == (tmp_path / "a.svg").read_text(encoding="utf-8")


@needs_shell
def test_graphviz_draws_if_asked_by_an_argument_or_by_the_variable(
    no_programs, monkeypatch, value, written_program, tmp_path
):
    chosen = written_program("mine", ECHO.format("mine"))
    monkeypatch.setenv("TINYGRAD_MLP_DOT", chosen)
    save_drawing(value, tmp_path / "a.svg")
    assert "<svg>from mine</svg>\n" == (tmp_path / "a.svg").read_text(encoding="utf-8")
    monkeypatch.delenv("TINYGRAD_MLP_DOT")
    written_program("dot", ECHO.format("dot"))
    monkeypatch.setenv("PATH", str(tmp_path))
    save_drawing(value, tmp_path / "a.svg", layout="graphviz")
    assert "<svg>from dot</svg>\n" == (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_graphviz_that_is_not_there_is_told_with_the_ways_out(no_programs, value, tmp_path):
    with pytest.raises(
        RenderError, match=r"https://graphviz.org.*graphviz-pure.*\.svg without any program"
    ):
        save_drawing(value, tmp_path / "a.svg", layout="graphviz")
    assert [] == names(tmp_path)


def test_a_real_program_draws_the_worked_example(program, two_layers, tmp_path):
    save_drawing(two_layers, tmp_path / "a.svg", layout="graphviz")
    root = ET.parse(tmp_path / "a.svg").getroot()
    shown = {"".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"W1", "(2, 2)", "affine", "σ", "layer1", "0.298371", "grad 1"} <= {
        text.strip() for text in shown
    }


@needs_shell
def test_a_graph_that_is_too_large_for_graphviz_is_not_given_to_it(
    no_programs, monkeypatch, written_program, tmp_path
):
    written_program("dot", ECHO.format("dot"))
    monkeypatch.setenv("PATH", str(tmp_path))
    y = too_large()
    options = {"layout": "graphviz", "max_nodes": None}
    with pytest.raises(RenderError, match=r"2,001 nodes, too many for Graphviz.*built-in"):
        save_drawing(y, tmp_path / "a.svg", **options)
    save_drawing(y.args[0], tmp_path / "a.svg", **options)
    assert "<svg>from dot</svg>\n" == (tmp_path / "a.svg").read_text(encoding="utf-8")


# ----- Files -----


@pytest.mark.parametrize("name", ["a.svg", "a.SVG", "-o.svg", "a b;$(x).svg"])
def test_a_picture_is_written_exactly_there(no_programs, value, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    save_drawing(value, name)
    assert [name] == names(tmp_path)
    assert layered_svg(Graph.of(value)) == (tmp_path / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["a.dot", "a.gv"])
def test_dot_text_needs_no_program(no_programs, value, tmp_path, name):
    save_drawing(value, tmp_path / name, direction="TB", show=["value"])
    wanted = to_dot(Graph.of(value), checked(direction="TB", show=["value"]))
    assert wanted == (tmp_path / name).read_text(encoding="utf-8")


def test_values_may_be_one_or_several_or_a_graph(no_programs, value, tmp_path):
    vector = tg.Value([1.0, 2.0])  # itself iterable
    for values in (value, [value, vector], vector, Graph.of(value)):
        save_drawing(values, tmp_path / "a.svg")
    with pytest.raises(TypeError, match=r"save_drawing: values must be .*got none"):
        save_drawing([], tmp_path / "b.svg")
    assert ["a.svg"] == names(tmp_path)


def test_a_value_that_changed_places_with_the_name_is_told(value):
    with pytest.raises(TypeError, match="save_drawing: path must be the name of a file, got Value"):
        tg.save_drawing("loss.svg", value)


@pytest.mark.parametrize("name", ["a", "a.jpg", "svg", ".svg", "a.svg.gz"])
def test_an_unknown_suffix_is_refused_with_the_known_ones(value, tmp_path, name):
    with pytest.raises(
        ValueError, match=r"\.svg, \.dot, \.gv, \.tex, \.png, \.pdf, \.html, \.json"
    ):
        save_drawing(value, tmp_path / name)
    assert [] == names(tmp_path)


@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_a_format_that_needs_more_names_both_roads(no_programs, no_typst, value, tmp_path, suffix):
    with pytest.raises(
        RenderError, match=r"tinygrad-mlp\[pictures\].*https://graphviz.org.*\.svg without"
    ):
        save_drawing(value, tmp_path / f"a.{suffix}")
    assert [] == names(tmp_path)


@pytest.mark.parametrize("options", [{}, {"layout": "graphviz"}])
def test_a_real_program_writes_png_of_the_wanted_size(program, no_typst, value, tmp_path, options):
    sizes = []
    for scale in (1, 2):
        save_drawing(value, tmp_path / "a.png", scale=scale, **options)
        content = (tmp_path / "a.png").read_bytes()
        assert content.startswith(b"\x89PNG\r\n")
        sizes.append(int.from_bytes(content[16:20]))
    assert 2 * sizes[0] == pytest.approx(sizes[1], abs=2)


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_page_on_drawing_says_what_each_format_needs(
    no_programs, no_typst, value, tmp_path, suffix
):
    page = (Path(__file__).parents[2] / "docs" / "drawing.md").read_text(encoding="utf-8")
    (row,) = (line for line in page.splitlines() if re.match(rf"\|[^|]*`\{suffix}`", line))
    needs = row.strip("| ").split(" | ")[-1]
    path = tmp_path / f"a{suffix}"
    if needs.startswith("nothing"):
        save_drawing(value, path)
        assert path.stat().st_size
    else:
        assert "the package typst, or else Graphviz" == needs
        with pytest.raises(RenderError):
            save_drawing(value, path)


def test_a_path_may_lead_up_and_back(no_programs, value, tmp_path, monkeypatch):
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    save_drawing(value, "../a.svg")
    save_drawing(value, tmp_path / "b.svg")
    assert [] == names(tmp_path / "inside")
    assert ["a.svg", "b.svg", "inside"] == sorted(names(tmp_path))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_told(no_programs, value, tmp_path):
    (tmp_path / "full.svg").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        save_drawing(value, tmp_path / "full.svg")
    assert ["full.svg"] == names(tmp_path)


def test_a_missing_folder_is_not_made(value, tmp_path):
    with pytest.raises(FileNotFoundError, match="missing"):
        save_drawing(value, tmp_path / "missing" / "a.svg")
    assert [] == names(tmp_path)


def test_a_folder_is_not_replaced(value, tmp_path):
    (tmp_path / "a.svg").mkdir()
    with pytest.raises(OSError, match=r"a\.svg"):
        save_drawing(value, tmp_path / "a.svg")
    assert ["a.svg"] == names(tmp_path)


def test_a_write_that_fails_leaves_the_old_file_and_no_other(value, tmp_path, monkeypatch):
    (tmp_path / "a.svg").write_text("old")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        save_drawing(value, tmp_path / "a.svg")
    assert ["a.svg"] == names(tmp_path)
    assert "old" == (tmp_path / "a.svg").read_text()


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX's")
def test_a_picture_has_the_rights_that_files_get(value, tmp_path):
    old = os.umask(0o027)
    try:
        save_drawing(value, tmp_path / "a.dot")
    finally:
        os.umask(old)
    assert 0o640 == stat.S_IMODE((tmp_path / "a.dot").stat().st_mode)


def test_a_graph_that_is_too_large_is_folded_or_written_as_text(no_programs, tmp_path):
    y = too_large()
    save_drawing(y, tmp_path / "a.svg")
    assert "nodes folded into 1 box" in to_dot(draw(y).graph)
    save_drawing(y, tmp_path / "a.dot", max_nodes=None)
    assert 2 * MAXIMUM_NODES == (tmp_path / "a.dot").read_text(encoding="utf-8").count(" -> ")
    save_drawing(y, tmp_path / "b.svg", max_nodes=None)
    assert MAXIMUM_NODES == (tmp_path / "b.svg").read_text(encoding="utf-8").count(">tanh</text>")
    assert ["a.dot", "a.svg", "b.svg"] == sorted(names(tmp_path))


def test_svg_succeeds_whatever_the_size(no_programs, tmp_path):
    y = tg.Value(1.0, label="x")
    with tg.scope("half"):
        for _ in range(4_000):
            y = tg.tanh(y)
    for _ in range(3_000):
        y = tg.sin(y)
    save_drawing(y, tmp_path / "a.svg", max_nodes=None)
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "4,000 of 7,001 nodes folded into 1 box" in svg
    assert svg.encode() == draw(y, max_nodes=None)._repr_image_svg_xml().encode()
    # What was folded before is counted by its members.
    save_drawing(y, tmp_path / "b.svg", depth=1, max_nodes=None, expand=["half"])
    assert "7,001 nodes folded" in (tmp_path / "b.svg").read_text(encoding="utf-8")


def test_json_and_text_are_of_the_whole_graph(no_programs, tmp_path):
    y = too_large()
    for name in ("a.json", "a.txt"):
        save_drawing(y, tmp_path / name, depth=1)
    assert Graph.of(y).to_json() == (tmp_path / "a.json").read_text(encoding="utf-8")
    assert f"{tg.tree(y)}\n" == (tmp_path / "a.txt").read_text(encoding="utf-8")


# ----- Notebooks -----


def test_a_drawing_shows_itself_without_any_program(no_programs, value):
    drawing = draw(value, direction="TB", show=["label"])
    wanted = layered_svg(Graph.of(value), checked(direction="TB", show=["label"]))
    assert {"image/svg+xml": shown_in_cell(wanted)} == drawing._repr_mimebundle_()
    assert wanted == drawing._repr_image_svg_xml()


@needs_shell
def test_a_drawing_that_was_added_to_is_drawn_by_a_program(
    no_programs, monkeypatch, value, written_program
):
    monkeypatch.setenv(
        "TINYGRAD_MLP_DOT",
        written_program("dot", "echo '<svg><![CDATA['; /bin/cat; echo ']]></svg>'"),
    )
    drawing = draw(value)
    drawing.node("extra")
    assert "\textra\n" in drawing._repr_mimebundle_()["image/svg+xml"]


def test_what_cannot_be_drawn_tells_so_and_never_raises(no_programs, value):
    assert ["image/svg+xml"] == list(draw(too_large(), max_nodes=None)._repr_mimebundle_())
    assert "graphviz.org" in draw(value).copy()._repr_mimebundle_()["text/plain"]
    assert ["text/plain"] == list(draw(value)._repr_mimebundle_(include=["image/png"]))


def test_a_notebook_may_leave_kinds_out(value):
    assert {} == draw(value)._repr_mimebundle_(exclude=["image/svg+xml"])
    assert {} == draw(value)._repr_mimebundle_(include=["text/html"])


def test_drawing_refuses_what_is_no_value():
    for wrong in ((), (1.0,), ([],), ([1.0],), (tg.Value(1.0), 1.0), (None,)):
        with pytest.raises(TypeError, match=r"wanted|must be Values"):
            draw(*wrong)
    with pytest.raises(ValueError, match="direction"):
        draw(tg.Value(1.0), direction="up")
    with pytest.raises(ValueError, match="show"):
        draw(tg.Value(1.0), show=["colour"])


def test_importing_the_pictures_loads_nothing_slow():
    program = """
import sys, tinygrad_mlp
before = set(sys.modules)
import tinygrad_mlp.drawing
slow = {"graphviz", "subprocess", "tempfile", "dataclasses", "inspect", "xml", "html", "shutil"}
print(sorted(slow & (set(sys.modules) - before)))
"""
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert "[]\n" == done.stdout


# ----- Choices -----


@pytest.fixture
def output():
    network = tg.Network(verbose=False)
    for sizes in ((3, 2), (2, 1)):
        network.add(tg.FullyConnectedLayer(*sizes, rng=0))
        network.add(tg.ActivationLayer())
    return network(tg.Value([[1.0, 2.0, 3.0]], label="x"))


def test_drawing_takes_values_a_list_of_them_or_a_graph(value):
    wanted = draw(value).source
    assert wanted == draw([value]).source
    assert wanted == draw(Graph.of(value)).source
    assert wanted == draw(Graph.from_json(Graph.of(value).to_json())).source
    assert draw(value, tg.Value(1.0)).source.count("<TABLE") == 4


def test_depth_and_expand_make_boxes_of_layers(output):
    source = draw(output, depth=1).source
    assert ["layer1", "layer2", "layer3", "layer4"] == re.findall(r"<B>(layer\d)</B>", source)
    assert "8 parameters" in source
    opened = draw(output, depth=1, expand="layer1").source
    assert "<B>W1</B>" in opened
    assert "<B>W2</B>" not in opened


@pytest.mark.parametrize("mark", ["x", "v4", ["x"]])
def test_what_is_highlighted_stands_out(output, mark):
    marked = [
        line for line in draw(output, highlight=mark).source.splitlines() if "#c2185b" in line
    ]
    assert ["v4"] == [line.split()[0] for line in marked]


def test_edges_between_highlighted_nodes_stand_out_too(value):
    source = draw(value, highlight=[value, "x"]).source
    assert 3 == source.count("penwidth=2.5")  # twice to the op, once from it


def test_a_box_with_a_highlighted_node_in_it_stands_out(output):
    lines = draw(output, depth=1, highlight="W1").source.splitlines()
    (marked,) = (line for line in lines if "#c2185b" in line)
    assert "<B>layer1</B>" in marked


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"depth": 0}, "depth must be at least 1"),
        ({"max_nodes": 0}, "max_nodes must be at least 1"),
        ({"highlight": "nothing"}, "no node has the id or the label 'nothing'"),
        ({"highlight": tg.Value(7.0)}, r"does not hold Value\(7.0\)"),
        ({"expand": "nothing"}, "no box is called 'nothing'; there are none in this graph"),
        ({"theme": "pink"}, "theme must be one of"),
        ({"theme": ["light"]}, "theme must be one of"),
        ({"direction": "up"}, "direction must be one of"),
        ({"show": "all"}, "show must be made of"),
    ],
)
def test_a_choice_that_does_not_exist_is_refused(value, tmp_path, options, word):
    with pytest.raises(ValueError, match=word):
        draw(value, **options)
    with pytest.raises(ValueError, match=word):
        save_drawing(value, tmp_path / "a.svg", **options)
    assert [] == names(tmp_path)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"depth": 1.0}, "depth must be an int, got float"),
        ({"max_nodes": True}, "max_nodes must be an int, got bool"),
        ({"show": None}, "show must be a text or a list of them, got NoneType"),
        ({"expand": 3}, "expand must be a text or a list of them, got int"),
        ({"highlight": 3}, "highlight must be a text or a list of them, got int"),
    ],
)
def test_a_choice_of_the_wrong_type_is_refused_by_its_name(value, tmp_path, options, word):
    with pytest.raises(TypeError, match=word):
        draw(value, **options)
    with pytest.raises(TypeError, match=word):
        save_drawing(value, tmp_path / "a.svg", **options)
    assert [] == names(tmp_path)


def test_numbers_of_numpy_are_whole_numbers_too(value):
    wanted = draw(value, depth=1, max_nodes=1).source
    assert wanted == draw(value, depth=np.int64(1), max_nodes=np.int64(1)).source


def test_drawing_twice_or_in_another_process_gives_the_same_bytes(tmp_path):
    program = """
import sys, tinygrad_mlp as tg
from tinygrad_mlp.drawing.builtin.plan import layered, layered_svg
from tinygrad_mlp.drawing.tikz import tikz_of
w = [tg.Value(float(i), label=f"w{i}") for i in range(5)]
with tg.scope("a"):
    y = w[0] * w[1] + w[2]
with tg.scope("b"):
    y = tg.tanh(y * w[3]) + w[4]
slopes = tg.grad(y, w, create_graph=True)
graph = tg.Graph.of(y, *slopes)
show = ["label", "op", "value", "grad", "local"]
print(tg.draw(graph, show=show).source, graph.to_json(), tg.tree(graph))
print(tg.draw(graph, depth=1, max_nodes=5).source, layered_svg(graph))
print(tikz_of(layered(graph)))
"""
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert 1 == len(texts)


def test_drawing_changes_nothing(value):
    before = value.number, value.grad, value.args[0].grad
    assert draw(value).source == draw(value).source
    assert before == (value.number, value.grad, value.args[0].grad)
    assert "not computed" in draw(value).source
    value.backward()
    assert "not computed" not in draw(value).source
