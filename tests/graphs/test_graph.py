"""Tests of graphs as data, and as JSON."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.graphs.graph import Graph


def square():
    x = tg.Value(3.0, label="x")
    return x, x * x


# ----- Graphs -----


def test_nodes_have_ids_in_the_order_of_birth():
    x, y = square()
    graph = Graph.of(y + x)
    assert ["v0", "v1", "v2"] == [node.id for node in graph]
    assert [None, "multiply", "add"] == [node.op for node in graph]


def test_ids_count_inside_the_graph_and_not_in_the_process():
    square()
    _, y = square()
    assert ["v0", "v1"] == [node.id for node in Graph.of(y)]


def test_x_times_x_has_two_arguments():
    _, y = square()
    node = Graph.of(y)["v1"]
    assert ("v0", "v0") == node.arguments
    assert ("x", "y") == node.argument_names
    assert "×" == node.symbol


def test_arguments_of_which_there_may_be_any_number_are_numbered_even_one_alone():
    x = tg.Value([1.0, 2.0])
    assert ("arrays[0]",) == Graph.of(tg.concatenate([x]))["v1"].argument_names
    with pytest.raises(ValueError, match=r"called with arrays\[0\] of shape \(2,\)"):
        tg.concatenate([x], axis=3)


def test_a_leaf_is_an_input_with_what_the_user_gave():
    with tg.scope("encoder"), tg.scope("layer1"):
        w = tg.Value(np.ones((2, 3), dtype=np.float32), label="W")
    (node,) = Graph.of(w)
    assert ("input", "W", "encoder/layer1") == (node.role, node.label, node.scope)
    assert ((2, 3), np.float32) == (node.shape, node.dtype)
    assert (None, None, ()) == (node.op, node.symbol, node.arguments)


def test_arrays_are_the_same_and_not_copies():
    x = tg.Value([1.0, 2.0])
    y = (x * x).sum()
    y.backward()
    node = Graph.of(y)["v0"]
    assert np.shares_memory(node.value, x.numpy())
    assert node.gradient is x.grad


def test_a_gradient_is_none_before_it_is_computed():
    _, y = square()
    assert [None, None] == [node.gradient for node in Graph.of(y)]


def test_a_recorded_gradient_is_given_as_its_numbers():
    x, y = square()
    y.backward(create_graph=True)
    assert isinstance(x.grad, tg.Value)
    assert 6.0 == Graph.of(y)["v0"].gradient
    assert type(Graph.of(y)["v0"].gradient) is np.float64


def test_constants_are_nodes_just_before_each_use():
    x = tg.Value([1.0, 2.0])
    mask = np.array([True, False])
    with tg.scope("head"):
        y = 2.0 * x + 2.0
    z = y * mask
    roles = [(node.id, node.role) for node in Graph.of(z)]
    assert [
        ("v0", "input"),
        ("v1", "constant"),
        ("v2", "operation"),
        ("v3", "constant"),
        ("v4", "operation"),
        ("v5", "constant"),
        ("v6", "operation"),
    ] == roles
    graph = Graph.of(z)
    assert ("v1", "v0") == graph["v2"].arguments
    assert (2.0, (), np.float64) == (graph["v1"].value, graph["v1"].shape, graph["v1"].dtype)
    assert ("head", "head", "") == (graph["v1"].scope, graph["v3"].scope, graph["v5"].scope)
    assert np.array_equal(mask, graph["v5"].value)


def test_options_and_any_number_of_arguments_are_told():
    x = tg.Value(np.ones((2, 3)))
    total = tg.concatenate([x, x, x], axis=1).sum(axis=0)
    graph = Graph.of(total)
    assert ("v0", "v0", "v0") == graph["v1"].arguments
    assert 3 == len(set(graph["v1"].argument_names))
    assert 0 == dict(graph["v2"].options)["axis"] or (0,) == dict(graph["v2"].options)["axis"]


def test_a_graph_may_have_several_outputs_in_any_order():
    x, y = square()
    assert ("v1", "v0", "v1") == Graph.of(y, x, y).outputs


def test_a_value_finds_its_node():
    x, y = square()
    graph = Graph.of(y)
    assert ("v0", "v1") == (graph.id_of(x), graph.id_of(y))
    with pytest.raises(KeyError, match="does not hold"):
        graph.id_of(tg.Value(3.0))


def test_an_unknown_id_is_refused_by_name():
    graph = Graph.of(square()[1])
    with pytest.raises(KeyError, match=r"v7.*'v0' to 'v1'"):
        graph["v7"]


@pytest.mark.parametrize("values", [(), ([tg.Value(1.0)],), (1.0,), ("x",)])
def test_what_is_no_value_is_refused(values):
    with pytest.raises(TypeError, match="wanted"):
        Graph.of(*values)


def test_two_nodes_are_equal_only_if_they_are_one():
    x = tg.Value([1.0, 2.0])
    first, second = Graph.of(x), Graph.of(x)
    assert first["v0"] == first["v0"]
    assert first["v0"] != second["v0"]


def test_looking_at_a_graph_changes_nothing():
    x, y = square()
    y.backward()
    before = (x.data, x.grad, y.data, y.grad, y.args, y.number)
    Graph.of(y)
    assert before == (x.data, x.grad, y.data, y.grad, y.args, y.number)
    assert tg.Value(0.0).number == y.number + 1


def test_a_chain_of_100000_nodes_takes_neither_recursion_nor_long():
    y = tg.Value(1.0)
    for _ in range(50_000):
        y = y * 1.0001
    start = time.perf_counter()
    graph = Graph.of(y)
    assert 100_001 == len(graph)
    assert time.perf_counter() - start < 10  # 0.5 s, on a machine that is not busy


def test_a_graph_is_the_same_in_every_process():
    program = """
import numpy as np, tinygrad_mlp as tg
from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.graphs.graph import Graph
values = [tg.Value(float(i), label=f"x{i}") for i in range(20)]
total = sum(values[1:], values[0] * 2.0)
other = values[3] * values[5]
print([(n.id, n.role, n.label, n.op, n.arguments) for n in Graph.of(total, other)])
"""
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert 1 == len(texts)


def test_the_nodes_of_a_recorded_backward_pass_tell_whose_gradient_they_are():
    x = tg.Value(3.0, label="x")
    y = x * x
    slope = tg.grad(y, x, create_graph=True)
    graph = tg.Graph.of(y, slope)
    assert graph.id_of(x) == graph[graph.id_of(slope)].primal
    assert [graph.id_of(y)] == [
        node.primal for node in graph if node.role == "input" and node.label is None
    ]
    assert {None} == {node.primal for node in tg.Graph.of(y)}


def test_a_primal_that_is_not_in_the_graph_is_not_named():
    x = tg.Value(3.0, label="x")
    y = tg.sin(x)
    slope = tg.grad(y, x, create_graph=True)
    del y
    assert {None, "v0"} == {node.primal for node in tg.Graph.of(slope)}


# ----- Roles -----


def test_what_a_layer_computes_with_is_a_parameter():
    layer = tg.FullyConnectedLayer(2, 1, rng=0)
    graph = tg.Graph.of(layer(tg.Value([[1.0, 2.0]], label="x")))
    assert ["parameter", "parameter", "input", "operation"] == [node.role for node in graph]


def test_a_parameter_without_a_layer_can_be_told():
    w, x = tg.Value(2.0), tg.Value(3.0)
    y = w * x
    assert ["input", "input", "operation"] == [node.role for node in Graph.of(y)]
    assert "parameter" == Graph.of(y, parameters=[w])["v0"].role


def test_the_weights_of_a_copied_network_are_parameters_too():
    import copy

    network = tg.Network(verbose=False)
    network.add(tg.FullyConnectedLayer(2, 1, rng=0))
    twin = copy.deepcopy(network)
    roles = {node.label: node.role for node in Graph.of(twin(tg.Value([[1.0, 2.0]], label="x")))}
    assert ("parameter", "parameter", "input") == (roles["W1"], roles["b1"], roles["x"])


# ----- JSON -----


def everything():
    """A graph with each kind of node, option and number."""
    x = tg.Value([[1.0, np.nan], [-0.0, 1e-300]], label="x")
    with tg.scope("encoder"), tg.scope("layer1"):
        y = tg.concatenate([x, x], axis=0)[1:, np.array([0, 1])] * np.array([True, False])
    z = tg.Value(np.float32(0.1), label="z") * y.sum()
    z.backward(create_graph=True)
    return Graph.of(z, x.grad)


def fields(graph):
    skipped = {"value", "gradient", "options", "row"}
    return [[getattr(n, name) for name in n.__slots__ if name not in skipped] for n in graph]


def test_json_and_back_is_the_same_graph_without_its_arrays():
    graph = everything()
    again = Graph.from_json(graph.to_json())
    assert fields(graph) == fields(again)
    assert graph.outputs == again.outputs
    assert [(n.shape, n.dtype) for n in graph] == [(n.shape, n.dtype) for n in again]
    for ours, other in zip(graph, again, strict=True):
        assert summarize(ours.value) == summarize(other.value)
        assert (ours.gradient is None) == (other.gradient is None)
    assert graph.to_json() == again.to_json()


def test_json_is_what_any_reader_of_json_reads():
    import json

    def refused(word):
        raise AssertionError(word)

    data = json.loads(everything().to_json(), parse_constant=refused)
    assert ["v%d" % place for place in range(len(data["nodes"]))] == [
        node["id"] for node in data["nodes"]
    ]


@given(st.text(st.characters(codec=None), max_size=50), st.floats(), st.floats(width=32))
def test_any_label_and_any_scalar_survive_json(label, number, single):
    graph = Graph.of(tg.Value(number, label=label), tg.Value(np.float32(single), label=label))
    text = graph.to_json()
    again = Graph.from_json(text.encode())
    assert [label, label] == [node.label for node in again]
    for ours, other in zip(graph, again, strict=True):
        assert ours.value.tobytes() == other.value.tobytes() or np.isnan(ours.value)
        assert type(ours.value) is type(other.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"v0"', '"v1"'),
        ('"arguments": ["v0", "v0"]', '"arguments": ["v0", "v7"]'),
        ('"arguments": ["v0", "v0"]', '"arguments": ["v1", "v0"]'),
        ('"arguments": ["v0", "v0"]', '"arguments": ["v0"]'),
        ('"arguments": ["v0", "v0"]', '"arguments": 5'),
        ('"role": "input"', '"role": "group"'),
        ('"role": "input"', '"role": ["input"]'),
        ('"label": "x"', '"label": 5'),
        ('"scope": ""', '"scope": null'),
        ('"label"', '"name"'),
        ('"float64"', '"object"'),
        ('"float64"', '"nonsense"'),
        ('"shape": []', '"shape": [-1]'),
        ('"shape": []', '"shape": "()"'),
        ('"shape": []', '"shape": [1]'),
        ('"value": 3.0', '"value": "three"'),
        ('"outputs": ["v1"]', '"outputs": ["v2"]'),
        ('"outputs"', '"exits"'),
        ("graph 1", "graph 2"),
        ("}", ""),
    ],
)
def test_damaged_json_is_refused(old, new):
    text = Graph.of(square()[1]).to_json()
    damaged = text.replace(old, new)
    assert damaged != text
    with pytest.raises(tg.FileFormatError, match=r"Graph\.from_json"):
        Graph.from_json(damaged)


@pytest.mark.parametrize(
    ("place", "changed"),
    [
        (0, {"op": "sin"}),
        (0, {"role": "operation"}),
        (0, {"role": "operation", "op": "sin"}),
        (2, {"op": None}),
        (2, {"role": "input"}),
        (2, {"arguments": [], "argument_names": []}),
        (1, {"value": "\ud800"}),
        (1, {"value": "1 2\0"}),
        (1, {"gradient": "\ud800"}),
    ],
)
def test_a_node_that_contradicts_itself_is_refused(place, changed):
    x, w = tg.Value(2.0), tg.Value([1.0, 2.0])
    data = json.loads(Graph.of(x * w).to_json())
    data["nodes"][place] |= changed
    with pytest.raises(tg.FileFormatError, match=r"Graph\.from_json"):
        Graph.from_json(json.dumps(data))


@pytest.mark.parametrize("text", ["", "[]", "1", "{}", '{"format": 3}', "[" * 100_000, "\0"])
def test_what_is_no_graph_at_all_is_refused(text):
    with pytest.raises(tg.FileFormatError, match=r"Graph\.from_json"):
        Graph.from_json(text)
