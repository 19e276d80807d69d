"""Tests of what notebooks show: pictures and texts, and never a traceback."""

import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp._support import display
from tinygrad_mlp.drawing import notebook

KINDS = ("title", "desc")


@pytest.fixture
def network():
    made = tg.Network(verbose=False)
    made.add(tg.FullyConnectedLayer(3, 2, rng=0))
    made.add(tg.ActivationLayer())
    return made


def shown(svg):
    root = ET.fromstring(svg)
    return ["".join(e.itertext()).strip() for e in root.iter("{http://www.w3.org/2000/svg}text")]


def test_a_small_scalar_graph_is_shown_with_every_number(no_programs):
    x = tg.Value(3.0, label="x")
    y = x * x
    bundle = y._repr_mimebundle_()
    assert {"image/svg+xml", "text/plain"} == bundle.keys()
    assert repr(y) == bundle["text/plain"]
    assert {"x", "3", "9", "×", "grad not computed"} <= set(shown(bundle["image/svg+xml"]))


def test_tensors_are_shown_compactly(no_programs, network):
    y = network(tg.Value(np.ones((1, 3)), label="x"))
    texts = " ".join(shown(y._repr_mimebundle_()["image/svg+xml"]))
    assert "layer1" in texts
    assert "grad" not in texts
    assert "W1" not in texts


def test_a_tensor_shows_its_numbers():
    w = tg.Value([[1.0, 2.0], [3.0, 4.0]], label="w")
    texts = shown(tg.exp(w)._repr_mimebundle_()["image/svg+xml"])
    assert {"w (2, 2)", "1 2", "3 4", "exp"} <= set(texts)


def test_a_picture_shrinks_to_the_cell_and_speaks_to_who_cannot_see_it(network):
    y = tg.Value(3.0, label="x") * tg.Value(2.0, label="w")
    y.label = "y"
    for thing in (y, tg.Graph.of(y), network, tg.draw(y)):
        root = ET.fromstring(thing._repr_mimebundle_()["image/svg+xml"])
        assert "max-width:100%;height:auto" == root.get("style")
        assert root.get("viewBox")
    svg = y._repr_mimebundle_()["image/svg+xml"]
    root = ET.fromstring(svg)
    assert "img" == root.get("role")
    title, description = (root.findtext(f"{{http://www.w3.org/2000/svg}}{n}") for n in KINDS)
    assert "Computation graph of 3 nodes" == title
    assert "Inputs: x, w. Operations: ×. Outputs: y." == description


def test_a_file_does_not_shrink(tmp_path):
    tg.save_drawing(tg.Value(1.0), tmp_path / "a.svg")
    assert "max-width" not in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_a_large_graph_has_a_short_text():
    y = tg.Value(1.0)
    for _ in range(3000):
        y = tg.tanh(y)
    lines = tg.Graph.of(y)._repr_mimebundle_()["text/plain"].splitlines()
    assert notebook.LINES + 1 == len(lines)
    assert "2,981 more of 3,001 nodes" in lines[-1]


def test_what_is_shown_does_not_depend_on_the_programs_at_hand(monkeypatch):
    y = tg.Value(2.0) * 3.0
    here = y._repr_mimebundle_()
    monkeypatch.setenv("TINYGRAD_MLP_DOT", "/nowhere/dot")
    assert here == y._repr_mimebundle_()


def test_a_large_graph_is_shown_folded(no_programs):
    y = tg.Value(1.0)
    for _ in range(3000):
        y = tg.tanh(y)
    assert len(y._repr_mimebundle_()["image/svg+xml"]) < 20_000


def test_a_graph_is_shown_as_its_output_is(no_programs):
    y = tg.Value(2.0) * 3.0
    graph = tg.Graph.of(y)
    mine, other = graph._repr_mimebundle_(), y._repr_mimebundle_()
    assert mine["image/svg+xml"] == other["image/svg+xml"]
    assert tg.tree(graph) == mine["text/plain"]


def test_a_network_is_shown_as_circles_and_as_a_table(network):
    bundle = network._repr_mimebundle_()
    assert network.summary() == bundle["text/plain"]
    assert tg.draw_network(network)._repr_svg_() == bundle["image/svg+xml"]


def test_a_network_without_neurons_is_a_table():
    assert ["text/plain"] == list(tg.Network()._repr_mimebundle_())


def test_a_notebook_may_choose_the_kinds():
    x = tg.Value(1.0)
    assert ["text/plain"] == list(x._repr_mimebundle_(include=["text/plain"]))
    assert ["image/svg+xml"] == list(x._repr_mimebundle_(exclude=["text/plain"]))
    assert {} == x._repr_mimebundle_(include=["text/html"])


@pytest.mark.parametrize("error", [RuntimeError, ImportError, MemoryError, KeyError])
def test_what_cannot_be_drawn_is_shown_as_text(monkeypatch, network, error):
    def fail(*_, **__):
        raise error("broken")

    for name in ("layered_svg", "draw_network"):
        monkeypatch.setattr(notebook, name, fail)
    for thing in (tg.Value(1.0), tg.Graph.of(tg.Value(1.0)), network):
        assert {"text/plain": repr(thing)} == thing._repr_mimebundle_()


def test_without_anybody_who_draws_there_is_the_text(monkeypatch):
    monkeypatch.setattr(display, "_makers", {})
    x = tg.Value(1.0)
    assert {"text/plain": repr(x)} == x._repr_mimebundle_()


def test_showing_changes_nothing(no_programs):
    x = tg.Value(3.0)
    y = x * x
    first = y._repr_mimebundle_()
    assert first == y._repr_mimebundle_()
    assert (None, None) == (x.grad, y.grad)


def test_without_the_package_graphviz_there_is_a_picture_all_the_same(monkeypatch, no_programs):
    monkeypatch.setitem(sys.modules, "graphviz", None)
    assert "<svg" in (tg.Value(2.0) * 3.0)._repr_mimebundle_()["image/svg+xml"]
