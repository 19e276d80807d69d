"""Tests of where nodes are drawn: parameters with their users, and the backward pass by itself."""

import numpy as np

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.graphviz.dot import to_dot
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.scopes import (
    BACKWARD,
    backward_ids,
    placed,
    running_back,
    scope_name,
    scope_paths,
)


def differentiated():
    x, w = tg.Value(2.0, label="x"), tg.Value(3.0, label="w1")
    y = tg.tanh(x * w)
    y.label = "y"
    return tg.Graph.of(y, *tg.grad(y, [x, w], create_graph=True))


def test_a_graph_without_scopes_and_gradients_stays_as_it_is():
    graph = tg.Graph.of(tg.Value(2.0) * 3.0)
    assert graph is placed(graph)


def test_a_parameter_is_drawn_in_the_scope_of_its_users():
    layer = tg.FullyConnectedLayer(2, 1, rng=0)
    x = tg.Value(np.ones((1, 2)), label="x")
    with tg.scope("net"):
        with tg.scope("left"):
            left = layer(x)
        with tg.scope("right"):
            right = layer(x)
    both = {n.label: n.scope for n in placed(tg.Graph.of(left, right))}
    assert ("net", "net", "") == (both["W"], both["b"], both["x"])
    alone = {n.label: n.scope for n in placed(tg.Graph.of(left))}
    assert ("net/left", "net/left", "") == (alone["W"], alone["b"], alone["x"])


def test_gradients_have_the_names_of_mathematics_and_a_scope_of_their_own():
    graph = placed(differentiated())
    backward = [node for node in graph if node.scope == BACKWARD]
    labels = [node.label for node in backward if node.primal]
    assert ["∂y/∂y", "∂y/∂v₂", "∂y/∂x", "∂y/∂w₁"] == labels
    assert backward_ids(graph) == {node.id for node in backward}
    forward = [(node.id, node.label) for node in graph if node.scope != BACKWARD]
    assert [("v0", "x"), ("v1", "w1"), ("v2", "v2"), ("v3", "y")] == forward


def test_a_label_of_the_user_is_kept():
    x = tg.Value(2.0, label="x")
    y = x * x
    slope = tg.grad(y, x, create_graph=True)
    slope.label = "slope"
    assert "slope" == placed(tg.Graph.of(y, slope)).nodes[-1].label


def test_a_gradient_whose_output_is_not_drawn_does_not_invent_its_name():
    x = tg.Value(2.0, label="x")
    slope = tg.grad(x * x, x, create_graph=True)
    assert "∂/∂x" == placed(tg.Graph.of(slope)).nodes[-1].label


def test_placing_changes_no_node_of_the_graph():
    graph = differentiated()
    before = [(node.label, node.scope) for node in graph]
    placed(graph)
    assert before == [(node.label, node.scope) for node in graph]


def test_the_backward_pass_runs_back_and_is_linked_node_to_node():
    graph = placed(differentiated())
    lines = [line.strip() for line in to_dot(graph).splitlines()]
    links = [line.split(" [")[0] for line in lines if "style=dashed" in line]
    assert [f"{n.primal} -> {n.id}" for n in graph if n.primal] == links
    # In the text an edge of the backward pass is turned, so that Graphviz puts it the other way.
    (seed,) = (node.id for node in graph if node.label == "∂y/∂y")
    assert any(f" -> {seed} [" in line and "dir=back" in line for line in lines)
    assert not any(line.startswith(f"{seed} -> ") for line in lines)
    outside = [line for line in lines if line.startswith("v0 -> ") and "constraint=false" in line]
    assert 1 == len(outside)
    assert 'color="#55555599"' in outside[0]


def test_a_folded_backward_pass_is_linked_to_its_output_and_runs_back():
    folded = fold(placed(differentiated()), depth=1)
    (box,) = (node for node in folded if node.role == "group")
    assert ("backward", "y") == (box.label, folded[box.primal].label)
    assert {box.id} == running_back(folded)
    assert f"{box.primal} -> {box.id} [" in to_dot(folded)


def test_nothing_runs_back_if_something_is_computed_from_gradients():
    x = tg.Value(2.0, label="x")
    slope = tg.grad(tg.tanh(x), x, create_graph=True)
    assert running_back(tg.Graph.of(slope))
    graph = placed(tg.Graph.of(slope * slope))
    assert set() == running_back(graph)
    assert "dir=back" not in to_dot(graph)


def test_scopes_nest_to_any_depth():
    assert [] == scope_paths("")
    names = [f"s{place}" for place in range(100)]
    paths = scope_paths("/".join(names))
    assert names == [scope_name(path) for path in paths]
    assert "/".join(names[:50]) == paths[49]


def test_a_name_with_a_slash_is_one_name():
    with tg.scope("outer"), tg.scope("d/dx"):
        x = tg.Value(1.0)
    assert ["outer", "d/dx"] == [scope_name(path) for path in scope_paths(x.scope)]
