"""Tests of the DOT text: its structure, its ports and clusters, and labels that cannot escape."""

import contextlib
import re
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import graphviz
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.graphviz.dot import to_digraph, to_dot
from tinygrad_mlp.drawing.graphviz.programs import render_source
from tinygrad_mlp.drawing.style import checked
from tinygrad_mlp.errors import RenderError
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.scopes import placed

GOLDEN = """digraph "Computation graph of 4 nodes" {
	graph [rankdir=LR newrank=true ranksep=0.4 nodesep=0.2 pad=0.15 bgcolor="#ffffff" fontname="Courier" tooltip="Computation graph of 4 nodes"]
	node [shape=plain id="\\N" fontname="Courier" fontsize=12 fontcolor="#222222"]
	edge [color="#555555" fontname="Courier" arrowsize=0.7 tailport=e headport=w weight=3]
	v0 [label=<...> tooltip="x: v0, input, shape (), float64"]
	v1_op [label=<...> tooltip="multiply"]
	v1 [label=<...> tooltip="v1, operation, shape (), float64"]
	subgraph cluster_0 {
		graph [label="" tooltip="half" ...]
		title_0 [label=<half> tooltip="half" fontcolor="#404040"]
		v2 [label=<...> tooltip="v2, constant, shape (), float64"]
		v3_op [label=<...> tooltip="multiply"]
		v3 [label=<...> tooltip="v3, operation, shape (), float64"]
	}
	v0 -> v1_op:a0:w [tooltip="x → ×"]
	v0 -> v1_op:a1:w [tooltip="x → ×"]
	v1_op -> v1 [tooltip="× → v1" weight=12]
	v2 -> v3_op:a0:w [tooltip="v2 → ×"]
	v1 -> v3_op:a1:w [tooltip="v1 → ×" weight=6]
	v3_op -> v3 [tooltip="× → v3" weight=12]
	{rank=same title_0 v2}
}
"""  # noqa: E501  the text of a program


def labels(source):
    """The HTML-like label of every statement, parsed."""
    return {
        name: ET.fromstring(f"<label>{label}</label>".replace("&#160;", " "))
        for name, label in re.findall(
            r"^\t*(?!graph)(\w+) \[label=<(.*)> tooltip=.*\]$", source, re.MULTILINE
        )
    }


def test_the_structure_is_the_golden_one():
    x = tg.Value(3.0, "x")
    y = x * x
    with tg.scope("half"):
        z = 0.5 * y
    source = to_dot(Graph.of(z))
    shortened = re.sub(r"label=<<TABLE.*</TABLE>>", "label=<...>", source)
    assert GOLDEN == re.sub(r" style=.rounded.*\]", " ...]", shortened)


def test_the_text_is_that_of_the_digraph(two_layers):
    graph = Graph.of(two_layers)
    digraph = to_digraph(graph, checked(direction="TB"))
    assert isinstance(digraph, graphviz.Digraph)
    assert to_dot(graph, checked(direction="TB")) == digraph.source


def test_every_value_has_a_box_with_its_words(two_layers):
    graph = Graph.of(two_layers)
    boxes = labels(to_dot(graph))
    error = ["".join(cell.itertext()) for cell in boxes[graph.outputs[0]].iter("TD")]
    assert ["error", "0.298371", "grad 1"] == error
    (weights,) = (node for node in graph if node.label == "W1")
    assert "W1 (2, 2)" == "".join(next(boxes[weights.id].iter("TD")).itertext())


def test_a_matrix_keeps_its_rows_and_columns():
    (cell,) = labels(to_dot(Graph.of(tg.Value(np.eye(2) / 8)), checked(show="value")))["v0"].iter(
        "TD"
    )
    (font,) = cell
    assert ["0.125 0    ", "0     0.125"] == [font.text, font.find("BR").tail]


def test_clusters_nest_like_scopes_and_every_brace_is_closed():
    with tg.scope("a"):
        x = tg.Value(1.0)
        with tg.scope("b"):
            y = x * 2.0
        z = y + 1.0
    with tg.scope("c"), tg.scope("b"):
        w = z * 3.0
    lines = [line.strip() for line in to_dot(Graph.of(w)).splitlines()]
    kept = [re.sub(r" \[.*", "", line) for line in lines if "->" not in line]
    kept[0] = "digraph {"
    assert (
        "digraph { graph node edge subgraph cluster_0 { graph title_0 v0 v3 v4_op v4 "
        "subgraph cluster_1 { graph title_1 v1 v2_op v2 } } subgraph cluster_2 { graph title_2 "
        "subgraph cluster_3 { graph title_3 v5 v6_op v6 } } {rank=same title_0 v0} "
        "{rank=same title_1 v1} {rank=same title_2 v5} {rank=same title_3 v5} }"
    ) == " ".join(kept)


@pytest.mark.parametrize(
    ("direction", "sides"), [("LR", "ew"), ("RL", "we"), ("TB", "sn"), ("BT", "ns")]
)
def test_edges_leave_and_arrive_on_the_sides_of_the_direction(square, direction, sides):
    source = to_dot(square, checked(direction=direction))
    assert f"rankdir={direction}" in source
    assert f"tailport={sides[0]} headport={sides[1]}" in source
    assert f"v0 -> v1_op:a1:{sides[1]}" in source


def test_without_ops_edges_lead_from_value_to_value(square):
    source = to_dot(square, checked(show=["value"]))
    assert 2 == source.count("\tv0 -> v1 [")
    assert "_op" not in source


def test_user_text_is_never_a_name_a_port_or_a_statement():
    x = tg.Value(1.0, 'w:0"; evil [shape=box]; //')
    with tg.scope("node } digraph"):
        y = x * 2.0
    text = re.sub(r'tooltip="[^"]*"', "", to_dot(Graph.of(y)))
    outside = re.sub(r"label=<.*>", "", text)
    for word in ("evil", "digraph }", "w:0"):
        assert word not in outside
    assert outside.count("{") == outside.count("}")


odd_labels = pytest.mark.parametrize(
    "label",
    [
        *('say "hi"', "<b>x</b>", "<lambda> <map>", "{a|b}", "C:\\new", "end\\", "a\nb\tc\0d"),
        *("😀 👩\u200d💻", "\ud800", "w:0", "node", "&amp;", "&lt", "-->", " ", "y" * 20_000),
        *("\\N", "\\G", "\\\\N", "\\\\\\", "<", ">", "]", "]]>", "\x0b\x1f\x7f", "\uffff"),
    ],
)


@odd_labels
def test_an_odd_label_is_inside_its_box(label):
    box = labels(to_dot(Graph.of(tg.Value(1.0, label))))["v0"]
    shown = "".join(next(box.iter("TD")).itertext())
    assert style.readable(label) == shown.replace("\\\\", "\\")


def drawn_texts(svg):
    root = ET.fromstring(svg)
    found = ["".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")]
    return [text.replace("\u00a0", " ") for text in found]


@odd_labels
def test_a_renderer_shows_an_odd_label_literally(program, label):
    svg = render_source(to_dot(Graph.of(tg.Value(1.0, label))), "svg", program=program)
    assert style.readable(label).replace("\u00a0", " ") in drawn_texts(svg)


def test_names_may_be_missing_or_occur_twice():
    w, same, empty, none = (tg.Value(1.0, label) for label in ("w", "w", "", None))
    source = to_dot(Graph.of(w * same + empty * none))
    wanted = {"v0", "v1", "v2", "v3", "v4_op", "v4", "v5_op", "v5", "v6_op", "v6"}
    assert wanted == labels(source).keys()
    assert 2 == source.count("<B>w</B>")


@given(
    st.text(st.characters(codec=None), max_size=50),
    st.text(st.characters(codec=None), min_size=1, max_size=50),
)
def test_any_label_and_any_scope_keep_the_structure(label, name):
    with tg.scope(name):
        x = tg.Value(1.0, label)
        y = x * x
    source = to_dot(Graph.of(y))
    source.encode()
    assert {"title_0", "v0", "v1_op", "v1"} == labels(source).keys()


def test_a_renderer_reads_whatever_labels_hypothesis_thinks_of(program):
    @given(st.lists(st.text(st.characters(codec=None), max_size=30), min_size=20, max_size=20))
    def every(names):
        total = tg.Value(0.0)
        for name in names:
            with tg.scope(name or "x"):
                total = total + tg.Value(1.0, name)
        svg = render_source(to_dot(Graph.of(total)), "svg", program=program)
        assert {style.readable(name).replace("\u00a0", " ") for name in names} - {""} <= set(
            drawn_texts(svg)
        )

    every()


def test_a_hundred_thousand_nodes_become_text_in_seconds():
    y = tg.Value(1.0)
    for _ in range(100_000):
        y = tg.tanh(y)
    start = time.perf_counter()
    source = to_dot(Graph.of(y))
    assert 200_000 == source.count(" -> ")
    assert time.perf_counter() - start < 60  # 3 s, on a machine that is not busy


def test_a_digraph_without_the_graphviz_package_is_refused_with_the_remedy(monkeypatch, square):
    monkeypatch.setitem(sys.modules, "graphviz", None)
    monkeypatch.delitem(sys.modules, "tinygrad_mlp.drawing.graphviz.digraph", raising=False)
    with pytest.raises(RenderError, match="pip install graphviz"):
        to_digraph(square)
    assert to_dot(square).startswith("digraph ")


def hovers(svg):
    """What is said when one points at something, by the id of its group."""
    root = ET.fromstring(svg)
    name, title = "{http://www.w3.org/2000/svg}a", "{http://www.w3.org/1999/xlink}title"
    return [e.get(title) for e in root.iter(name)]


def test_a_hover_shows_what_the_built_in_writer_shows(program, two_layers):
    graph = Graph.of(two_layers)
    svg = render_source(to_dot(graph), "svg", program=program)
    root = ET.fromstring(layered_svg(graph))
    titles = [e.text for e in root.iter("{http://www.w3.org/2000/svg}title")]
    assert set(titles) <= set(hovers(svg))
    others = {"layer1", "layer2", "loss", "x → affine", "affine → v4"}
    assert others <= set(hovers(svg))
    ids = {e.get("id") for e in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}g")}
    assert {node.id for node in graph} <= ids


@odd_labels
def test_a_renderer_tells_an_odd_label_literally(program, label):
    svg = render_source(to_dot(Graph.of(tg.Value(1.0, label))), "svg", program=program)
    (told,) = (text for text in hovers(svg) if "input" in text)
    name = style.readable(label).replace("\\", "∖").replace("\u00a0", " ")
    wanted = f"{name}: " if label else ""
    assert f"{wanted}v0, input, shape (), float64" == told.replace("\u00a0", " ")


def test_three_arguments_are_told_by_their_names():
    x, W, b = tg.Value(np.ones((1, 2))), tg.Value(np.ones((2, 2))), tg.Value(np.ones((1, 2)))
    source = to_dot(Graph.of(tg.affine(x, W, b)))
    assert ["x", "W", "b"] == re.findall(r'PORT="a\d"[^>]*><FONT[^>]*>(\w)<', source)
    many = to_dot(Graph.of(tg.concatenate([x] * 7)))
    assert 7 == len(re.findall(r'PORT="a\d"[^>]*></TD>', many))


def test_the_same_graph_gives_the_same_text(two_layers):
    assert to_dot(Graph.of(two_layers)) == to_dot(Graph.of(two_layers))


def everything():
    """A graph with every kind of node, drawn with every part there is."""
    x, w = tg.Value(2.0, "x"), tg.Value([[1.0, -0.5]], "w1")
    with tg.scope("layer"):
        y = tg.tanh(w * x + 0.25)
    loss = y.sum()
    loss.label = "L"
    slopes = tg.grad(loss, [x, w], create_graph=True)
    loss.backward()
    return placed(Graph.of(loss, *slopes, parameters=[w]))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("everything.dot", {"show": [*style.SHOWN, "local"], "highlight": ["v0", "v2"]}),
        ("top_to_bottom.dot", {"direction": "TB", "theme": "print", "show": ["label", "op"]}),
    ],
)
def test_the_whole_text_is_the_golden_one(name, options):
    golden = (Path(__file__).parent / "golden" / name).read_text(encoding="utf-8")
    assert golden == to_dot(everything(), checked(**options))


def test_a_renderer_draws_the_golden_text(program):
    svg = render_source(
        to_dot(everything(), checked(show=[*style.SHOWN, "local"])), "svg", program=program
    )
    assert {"∂L/∂w₁", "backward", "g ⊙ tanh'(v₄)"} <= {t.strip() for t in drawn_texts(svg)}


def test_folded_boxes_and_the_note_are_drawn(program):
    y = tg.Value(1.0)
    for _ in range(500):
        y = tg.tanh(y)
    source = to_dot(fold(Graph.of(y)))
    svg = render_source(source, "svg", program=program)
    assert {"499 times tanh", "499 of 501 nodes folded into 1 box"} <= set(drawn_texts(svg))


def scoped(names):
    with contextlib.ExitStack() as stack:
        for name in names:
            stack.enter_context(tg.scope(name))
        return tg.tanh(tg.Value(1.0))


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_every_scope_has_a_frame_with_its_name(direction):
    names = [*(f"level{place}" for place in range(30)), "d/dx"]
    graph = Graph.of(scoped(names))
    source = to_dot(graph, checked(direction=direction))
    assert names == re.findall(r"title_\d+ \[label=<([^>]*)> tooltip", source)
    assert len(names) == source.count("subgraph cluster_")
    svg = layered_svg(graph, checked(direction=direction))
    assert names == [name for name in names if f">{name}</text>" in svg]


def test_a_graph_of_a_thousand_scopes_becomes_text_in_seconds():
    graph = Graph.of(scoped([f"level{place}" for place in range(1000)]))
    start = time.perf_counter()
    assert 1000 == to_dot(graph, checked(direction="TB")).count("subgraph")
    assert time.perf_counter() - start < 20  # 0.1 s, on a machine that is not busy


def test_the_loss_that_is_half_the_mean_square_says_so():
    loss = tg.mse(tg.Value([1.0]), tg.Value([3.0]))
    assert 2.0 == loss.item()
    assert ">½ mse</TD>" in to_dot(Graph.of(loss))
