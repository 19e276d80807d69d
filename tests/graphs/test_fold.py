"""Tests of folding: what becomes one box, that no cycle arises, and that it says what it did."""

import contextlib
import random
import time

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.graphviz.dot import to_dot
from tinygrad_mlp.graphs.fold import PARTS, fold
from tinygrad_mlp.graphs.group import Box, Group, contract, members_of
from tinygrad_mlp.graphs.scopes import placed, scope_paths


def network(*sizes):
    made = tg.Network(verbose=False)
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        made.add(tg.FullyConnectedLayer(inputs, outputs, rng=0))
        made.add(tg.ActivationLayer())
    return made


def output_of(*sizes):
    return network(*sizes)(tg.Value(np.ones((5, sizes[0])), label="x"))


def told(graph):
    return [(node.label or node.id, node.arguments) for node in graph]


def check(whole, folded):
    """What must hold of every folded graph."""
    seen = set()
    for node in folded:
        assert set(node.arguments) <= seen, "an argument stands behind its user"
        assert len(node.argument_names) == len(node.arguments) or isinstance(node, Group)
        seen.add(node.id)
    assert len(seen) == len(folded)
    assert set(folded.outputs) <= seen
    members = [member for node in folded for member in members_of(node)]
    assert sorted(members) == sorted(node.id for node in whole)
    owner = {member: node.id for node in folded for member in members_of(node)}
    edges = {(owner[a], owner[node.id]) for node in whole for a in node.arguments}
    assert {(a, node.id) for node in folded for a in node.arguments} == {
        (a, b) for a, b in edges if a != b
    }


# ----- Scopes -----


def test_a_depth_of_one_makes_a_box_of_each_layer():
    graph = tg.Graph.of(output_of(64, 32, 10))
    folded = fold(graph, depth=1)
    assert [
        ("x", ()),
        ("layer1", ("v4",)),
        ("layer2", ("g5",)),
        ("layer3", ("g6",)),
        ("layer4", ("g7",)),
    ] == told(folded)
    assert ("(5, 64) → (5, 32)", "affine", "2,080 parameters", "3 values") == folded["g5"].lines
    assert ("(5, 32) → (5, 32)", "σ", "1 value") == folded["g6"].lines
    assert "" == folded.note
    check(graph, folded)


def test_a_box_can_be_opened_by_its_name_or_its_path():
    x = tg.Value(np.ones((5, 3)), label="x")
    with tg.scope("encoder"):
        graph = placed(tg.Graph.of(network(3, 2)(x)))
    assert ["x", "encoder"] == [label for label, _ in told(fold(graph, depth=1))]
    inner = fold(graph, depth=1, expand=["encoder"])
    assert ["x", "layer1", "layer2"] == [label for label, _ in told(inner)]
    assert ["encoder", "encoder"] == [node.scope for node in inner if node.role == "group"]
    assert told(inner) == told(fold(graph, depth=2))
    for name in ("layer1", "encoder/layer1"):
        opened = fold(graph, depth=2, expand=[name])
        assert ["x", "W1", "b1", "v3", "layer2"] == [label for label, _ in told(opened)]


def test_a_name_that_no_box_has_is_refused_with_those_that_exist():
    graph = tg.Graph.of(output_of(3, 2))
    with pytest.raises(ValueError, match="no box is called 'layer7'; there are layer1, layer2"):
        fold(graph, depth=1, expand=["layer7"])


def test_a_scope_that_is_left_and_entered_again_is_two_boxes_and_no_cycle():
    x = tg.Value(1.0, label="x")
    with tg.scope("a"):
        y = x * 2.0
    z = tg.tanh(y)
    with tg.scope("a"):
        w = z * y
    graph = tg.Graph.of(w)
    folded = fold(graph, depth=1)
    assert ["x", "a", "v3", "a (2)"] == [label for label, _ in told(folded)]
    check(graph, folded)


def test_a_parameter_that_two_layers_share_stays_outside():
    layer = tg.FullyConnectedLayer(2, 2, rng=0)
    x = tg.Value(np.ones((1, 2)), label="x")
    with tg.scope("first"):
        y = layer(x)
    with tg.scope("second"):
        y = layer(y)
    graph = tg.Graph.of(y)
    folded = fold(graph, depth=1)
    assert ["W", "b", "x", "first", "second"] == [label for label, _ in told(folded)]
    check(graph, folded)


def test_an_op_of_x_times_x_keeps_both_edges_from_a_box():
    with tg.scope("a"):
        y = tg.Value(1.0) * 2.0
    folded = fold(tg.Graph.of(y * y), depth=1)
    assert ("g2", "g2") == folded["v3"].arguments


def test_a_box_that_is_moved_stays_what_it_is_and_points_to_the_new_boxes():
    values = [tg.Value(1.0, label="x"), tg.Value(2.0, label="y")]
    for place in range(4):
        with tg.scope(f"layer{place}"):
            values.append(tg.tanh(values[-1]) * values[-2])
    folded = fold(tg.Graph.of(values[-1]), depth=1)
    boxes = [node.id for node in folded if node.role == "group"]
    owners = [0 if node.id in boxes[:2] else -1 for node in folded]
    again = contract(folded, owners, [Box("both")])
    (both,) = (node.id for node in again if node.label == "both")
    assert (both,) == again[boxes[2]].arguments
    assert {both, boxes[2]} == set(again[boxes[3]].arguments)
    for id_ in boxes[2:]:
        assert again[id_].lines == folded[id_].lines
        assert again[id_].members == folded[id_].members


def nested(*paths):
    """A chain in which each path of scopes makes one value."""
    y = tg.Value(1.0, label="x")
    for path in paths:
        with contextlib.ExitStack() as stack:
            for name in path:
                stack.enter_context(tg.scope(name))
            y = tg.tanh(y)
    return tg.Graph.of(y)


@pytest.mark.parametrize("name", ["inner", "outer/inner"])
def test_a_box_that_is_opened_opens_those_around_it(name):
    graph = nested(["outer", "other"], ["outer", "inner"], ["far", "inner2"])
    folded = fold(graph, depth=1, expand=[name])
    assert ["x", "other", "v2", "far"] == [label for label, _ in told(folded)]
    check(graph, folded)


def test_what_is_opened_is_in_no_other_box_however_large_the_graph_is():
    paths = [["outer", f"layer{place}"] for place in range(1000)]
    graph = nested(*paths, ["last"])
    for max_nodes in (300, 5, 1):
        folded = fold(graph, expand=["layer500"], max_nodes=max_nodes)
        assert "outer/layer500" in [node.scope for node in folded if node.role == "operation"]
        check(graph, folded)
    graph = nested(*[["a"]] * 500, ["b"], *[["a"]] * 500)
    folded = fold(graph, expand=["b"])
    assert ["b"] == [node.scope for node in folded if node.role == "operation"]
    check(graph, folded)
    tangle = tangled(2000)
    with tg.scope("b"):
        y = tg.tanh(tg.Value(1.0))
    values = [tg.sin(y), *(tg.exp(y) * float(place) for place in range(400))]
    graph = tg.Graph.of(*values)
    folded = fold(graph, expand=["b"])
    assert ["b"] == [node.scope for node in folded if node.scope and node.role == "operation"]
    check(graph, folded)
    assert len(tangle) > len(fold(tangle))


def test_a_layer_keeps_its_parameters_beside_a_recorded_backward_pass():
    layer = tg.FullyConnectedLayer(1, 1, rng=0)
    other = tg.FullyConnectedLayer(1, 2, rng=0)
    x = tg.Value([[2.0]], label="x")
    with tg.scope("first"):
        h = layer(x)
    with tg.scope("second"):
        y = tg.sum(other(h))
    alone = fold(placed(tg.Graph.of(y)), depth=1)
    parameters = [*layer.parameters(), *other.parameters()]
    graph = placed(tg.Graph.of(y, *tg.grad(y, parameters, create_graph=True)))
    beside = fold(graph, depth=1)
    check(graph, beside)
    for folded in (alone, beside):
        boxes = {node.label: node for node in folded if isinstance(node, Group)}
        assert [2, 4] == [boxes[name].parameters for name in ("first", "second")]
        assert "4 parameters" in boxes["second"].lines
    assert {"x", "first", "second", "backward"} == {node.label for node in beside}


def test_a_scope_of_any_depth_is_a_box():
    names = [f"s{place}" for place in range(20)]
    graph = nested(names, [*names[:-1], "twin"])
    deep = [scope_paths(node.scope)[-1] for node in graph if node.scope]
    assert ["/".join(names), "/".join([*names[:-1], "twin"])] == deep
    folded = fold(graph, depth=20)
    assert ["x", "s19", "twin"] == [label for label, _ in told(folded)]
    assert {"/".join(names[:19])} == {node.scope for node in folded if node.scope}
    (opened,) = (n for n in fold(graph, depth=1, expand=["/".join(names)]) if n.role == "operation")
    assert "/".join(names) == opened.scope


def test_a_scope_with_a_slash_in_its_name_is_one_box():
    graph = nested(["d/dx"], ["outer", "a/b/c"])
    assert ["x", "d/dx", "outer"] == [label for label, _ in told(fold(graph, depth=1))]
    for name in ("d/dx", "d∕dx"):
        folded = fold(graph, depth=1, expand=[name])
        assert ["x", "v1", "outer"] == [label for label, _ in told(folded)]
    folded = fold(graph, depth=2, expand=["outer/a/b/c"])
    assert ["x", "v1", "v2"] == [label for label, _ in told(folded)]


# ----- Large graphs -----


def test_a_graph_that_is_small_enough_stays_as_it_is():
    graph = tg.Graph.of(output_of(3, 2))
    assert graph is fold(graph)
    assert graph is fold(graph, max_nodes=None)
    assert "" == graph.note


def test_layers_fold_from_the_inside_until_it_fits():
    x = tg.Value(1.0, label="x")
    y = x
    for outer in "ab":
        with tg.scope(outer):
            for inner in "cd":
                with tg.scope(inner):
                    y = tg.tanh(tg.tanh(y))
    graph = tg.Graph.of(y)
    assert ["x", "c", "d", "c", "d"] == [n.label for n in fold(graph, max_nodes=5)]
    assert ["x", "a", "b"] == [n.label for n in fold(graph, max_nodes=4)]
    assert "8 of 9 nodes folded into 2 boxes" == fold(graph, max_nodes=4).note


def test_the_note_of_what_is_folded_twice_speaks_of_all_that_is_folded_once():
    graph = tg.Graph.of(output_of(3, 2))
    graph.note = "a note; of 3 nodes"
    folded = fold(fold(graph, max_nodes=len(graph) - 1), max_nodes=2)
    assert folded.note.startswith("a note; of 3 nodes; ")
    assert 1 == folded.note.count("folded into")


def test_what_repeats_becomes_one_box():
    y = tg.Value(1.0, label="start")
    weights = [tg.Value(2.0, label=f"w{place}") for place in range(1000)]
    for w in weights:
        y = tg.tanh(y * w + 1.0)
    graph = tg.Graph.of(y)
    folded = fold(graph)
    (group,) = (node for node in folded if node.role == "group")
    assert "999 times + tanh ×" == group.label
    assert "4,995 of 5,001 nodes folded into 1 box" == folded.note
    check(graph, folded)


def test_what_repeats_can_be_opened_by_its_name():
    y = tg.Value(1.0)
    for _ in range(500):
        y = tg.tanh(y)
    graph = tg.Graph.of(y)
    names = [node.label for node in fold(graph) if node.role == "group"]
    assert ["499 times tanh"] == names
    assert PARTS == len(fold(graph, expand=names))


def test_a_long_period_wins_over_the_short_repeats_inside_of_it():
    y = tg.Value(1.0)
    for _ in range(200):
        y = tg.exp(tg.tanh(tg.tanh(tg.tanh(y))))
    folded = fold(tg.Graph.of(y))
    (name,) = (node.label for node in folded if node.role == "group")
    assert name.startswith("199 times ")


def tangled(count):
    source = random.Random(0)
    values = [tg.Value(float(place)) for place in range(10)]
    for _ in range(count):
        op = source.choice([tg.maximum, tg.minimum, tg.arctan2])
        values.append(op(source.choice(values), source.choice(values[-50:])))
    return tg.Graph.of(values[-1], *values[::7])


def test_a_graph_without_any_structure_is_cut_into_parts():
    graph = tangled(5000)
    folded = fold(graph)
    assert PARTS == len(folded)
    assert [f"part {place + 1}" for place in range(PARTS)] == [n.label for n in folded]
    assert f"{len(graph):,} of {len(graph):,} nodes folded into {PARTS} boxes" == folded.note
    check(graph, folded)
    opened = fold(graph, expand=["part 3"])
    assert len(opened) > 300
    check(graph, opened)


def test_a_star_of_thousands_of_leaves_is_folded_too():
    graph = tg.Graph.of(tg.stack([tg.Value(1.0) for _ in range(2000)]))
    assert len(fold(graph)) < 10


def test_thousands_of_leaves_without_any_result_are_one_box():
    graph = tg.Graph.of(*(tg.Value(1.0) for _ in range(400)))
    (box,) = fold(graph)
    assert ("unused leaves", ("400 values",)) == (box.label, box.lines)
    assert graph.nodes == fold(graph, expand=["unused leaves"]).nodes


def test_a_hundred_thousand_nodes_fold_in_seconds():
    y = tg.Value(1.0)
    for _ in range(50_000):
        y = y * 1.0001
    source = tangled(100_000)
    for graph in (tg.Graph.of(y), source):
        start = time.process_time()
        text = to_dot(fold(graph))
        assert time.process_time() - start < 10  # less than 1 s, on a machine that is not busy
        assert len(text) < 50_000


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from("ab ")), max_size=40),
    st.sampled_from([None, 1, 2]),
    st.integers(1, 60),
)
@example([(0, back, name) for back, name in zip([*[0] * 7, 2], "abbaabba", strict=True)], None, 5)
def test_folding_keeps_every_node_every_edge_and_the_order(steps, depth, max_nodes):
    values = [tg.Value(1.0), tg.Value(2.0)]
    for left, right, name in steps:
        pair = values[-1 - left % len(values)], values[-1 - right % len(values)]
        with tg.scope(name), tg.scope("inner"):
            values.append(pair[0] * pair[1])
    whole = tg.Graph.of(*values[-2:])
    folded = fold(whole, depth=depth, max_nodes=max_nodes)
    check(whole, folded)
    assert told(folded) == told(fold(whole, depth=depth, max_nodes=max_nodes))
