"""Tests of what a page knows of a graph."""

import json
import os
import subprocess
import sys

import numpy as np

import tinygrad_mlp as tg
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.page.contents import MAXIMUM_NODES, contents
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.scopes import placed


def page_data(*values, **choices):
    graph = tg.Graph.of(*values)
    return contents(graph, fold(placed(graph), **choices), style.DEFAULT)


def named(data, name):
    return next(node for node in data["nodes"] if node["name"] == name)


def test_a_node_knows_its_numbers_in_full():
    x = tg.Value(np.arange(12.0).reshape(3, 4) / 7, "x")
    y = tg.sum(x * x)
    y.backward()
    node = named(page_data(y), "x")
    assert 12 == len(node["whole_value"].replace("[", "").replace("]", "").split())
    assert "0.142857" in node["whole_value"]
    assert "0.285714" in node["whole_gradient"]
    assert "shape (3, 4), float64" == node["facts"]


def test_a_scalar_is_told_exactly():
    assert "0.30000000000000004" == named(page_data(tg.Value(0.1 + 0.2, "x")), "x")["whole_value"]


def test_of_a_large_array_the_mean_and_the_limits_are_told():
    node = named(page_data(tg.Value(np.arange(784.0), "x")), "x")
    assert "mean 391.5\nmin 0, max 783" == node["whole_value"]
    assert "empty" == named(page_data(tg.Value(np.ones((0, 3)), "e")), "e")["whole_value"]


def test_boxes_have_as_many_digits_as_asked_for_and_the_panel_has_all():
    graph = tg.Graph.of(tg.Value(1 / 3, "x"))
    node = named(contents(graph, graph, style.checked(digits=2)), "x")
    assert ["0.33"] == node["value"]
    assert "0.3333333333333333" == node["whole_value"]


def test_numbers_are_the_same_under_any_print_options():
    y = tg.Value(np.arange(6.0) / 7, "x")[np.array([0, 1, 2, 5])]
    expected = page_data(y)
    with np.printoptions(precision=1, threshold=2, sign="+", linewidth=10, edgeitems=1):
        assert expected == page_data(y)


def test_every_edge_says_its_contribution(neuron):
    n = named(page_data(neuron), "n")
    assert [["∂ = 1", "0.5 × 1 = 0.5"]] * 2 == n["edges"]


def test_a_line_is_told_without_its_folder():
    with tg.trace_lines():
        x = tg.Value(1.0, "x")
        y = x * 2.0
    lines = [node.get("line", "") for node in page_data(y)["nodes"]]
    assert ["", "test_contents.py"] == sorted({line.rpartition(" of ")[2] for line in lines})
    assert "drawing" not in json.dumps(page_data(y))


def test_a_graph_from_json_is_shown_with_what_it_knows(neuron):
    whole = tg.Graph.from_json(tg.Graph.of(neuron).to_json())
    data = contents(whole, whole, style.DEFAULT)
    assert "2.0" == named(data, "x1")["whole_value"]
    tensor = tg.Graph.from_json(tg.Graph.of(tg.Value(np.arange(9.0), "t")).to_json())
    node = named(contents(tensor, tensor, style.DEFAULT), "t")
    assert "mean 4\nmin 0, max 8" == node["whole_value"]


def test_a_huge_graph_is_folded_to_what_a_page_can_hold():
    h = tg.Value(1.0, "h")
    for _ in range(MAXIMUM_NODES):
        h = tg.tanh(h) * 0.5
    data = page_data(h)
    assert len(data["nodes"]) <= MAXIMUM_NODES
    assert "folded into" in data["note"]
    (frame,) = data["frames"]  # what holds the rest; its parts cannot be opened
    assert frame["closed"]
    assert "part 12 of 12" in [node["name"] for node in data["nodes"]]


def test_nothing_changes_in_the_graph(neuron):
    before = tg.Graph.of(neuron).to_json()
    page_data(neuron)
    assert before == tg.Graph.of(neuron).to_json()


def test_a_page_has_the_same_bytes_in_every_process():
    program = """
import hashlib, tinygrad_mlp as tg
x = tg.Value([1.0, 2.0], label="x")
with tg.scope("a"):
    y = tg.sum(tg.tanh(x) * x)
y.backward()
print(hashlib.sha256(tg.view(y).html.encode()).hexdigest())
"""
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "7")
    }
    assert 1 == len(digests)


def test_more_leaves_than_a_page_holds_are_one_box():
    data = page_data(*(tg.Value(float(k)) for k in range(MAXIMUM_NODES + 1)))
    assert [f"part {n} of 12" for n in range(1, 13)] == [node["name"] for node in data["nodes"]]
    assert [("unused leaves", True)] == [(f["name"], f["closed"]) for f in data["frames"]]
