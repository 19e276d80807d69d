"""Tests of the names of hidden results: in a picture as in the source and the equations."""

import re
import warnings

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.naming import named
from tinygrad_mlp.programs.writing.result_names import result_names
from tinygrad_mlp.teaching.live.recording import recorded


def network_loss(*, backward=True):
    network = tg.Network(verbose=False)
    for sizes in ((2, 3), (3, 1)):
        network.add(tg.FullyConnectedLayer(*sizes, rng=0))
        network.add(tg.ActivationLayer("sigmoid"))
    loss = tg.half_squared_error(tg.Value([[1.0]], "y"), network(tg.Value([[0.5, 0.1]], "x")))
    loss.label = "L"
    if backward:
        loss.backward()
    return loss


def attention():
    x = tg.Value(np.random.default_rng(0).normal(size=(4, 8)), "x")
    q, k, v = (x @ tg.Value(np.eye(8) * n, f"W{n}") for n in (1, 2, 3))
    y = tg.sum(tg.softmax(q @ k.T) @ v)
    y.label = "y"
    y.backward()
    return y


def labels(graph):
    return [node.label for node in graph if node.arguments]


@pytest.mark.parametrize("backward", [True, False])
def test_a_layer_has_its_z_and_its_a(backward):
    graph = named(tg.Graph.of(network_loss(backward=backward)))
    assert ["z1", "a1", "z2", "a2", "L"] == labels(graph)


@pytest.mark.parametrize("make", [network_loss, attention])
def test_the_source_gives_each_name_to_the_same_numbers(make):
    output = make()
    source = tg.source(output)
    graph = named(tg.Graph.of(output))
    # Run the printed forward pass, and look at its variables.
    start = source.index(f"def {source.name}")
    body = source[start:].splitlines()
    stop = next(place for place, line in enumerate(body) if "# Backward" in line)
    space = {}
    exec(source[:start], space)
    inputs = {node.label: node.value for node in graph if not node.arguments and node.label}
    exec("\n".join(line.strip() for line in body[1:stop]), space, inputs)
    hidden = [
        node for node in graph if node.arguments and node.label and node.label != output.label
    ]
    assert len(hidden) >= 4
    for node in hidden:
        np.testing.assert_allclose(inputs[node.label], node.value)


def test_the_equations_have_the_same_names():
    latex = tg.source(network_loss(), target="latex")
    for name in labels(named(tg.Graph.of(network_loss()))):
        letter, number = name[0], name[1:]
        assert (f"{letter}_{{{number}}}" in latex or f"{letter}_{number}" in latex) or name == "L"


def test_a_picture_shows_the_names_and_finds_what_is_called_so():
    loss = network_loss()
    dot = tg.draw(loss, highlight="a1").source
    assert re.search(r"<B>z1</B>", dot)
    assert dot == tg.draw(loss, highlight="v7").source
    with pytest.raises(ValueError, match="no node has the id or the label 'a9'"):
        tg.draw(loss, highlight="a9")


def test_labels_that_were_given_stay_and_an_output_gets_none():
    x = tg.Value(2.0, "x")
    z = tg.tanh(x)
    z.label = "hidden"
    y = tg.sigmoid(tg.sigmoid(z))
    assert ["hidden", "a", None] == labels(named(tg.Graph.of(y)))


def test_naming_changes_nothing():
    loss = network_loss()
    values = tg.Graph.of(loss).values().values()
    before = [
        (value.label, value.grad is None or np.array(value.grad).tolist()) for value in values
    ]
    text = tg.Graph.of(loss).to_json()
    named(tg.Graph.of(loss))
    after = [(value.label, value.grad is None or np.array(value.grad).tolist()) for value in values]
    assert before == after
    assert text == tg.Graph.of(loss).to_json()


def test_a_graph_from_a_file_and_a_large_one_keep_their_ids():
    graph = tg.Graph.from_json(tg.Graph.of(network_loss()).to_json())
    assert graph is named(graph)
    y = tg.Value(1.0)
    for _ in range(1000):
        y = tg.tanh(y)
    graph = tg.Graph.of(y)
    assert graph is named(graph)


def test_what_has_no_derivative_or_was_changed_still_has_names():
    x = tg.Value(np.array([0.5, 1.0]), "x")
    y = tg.sum(tg.sigmoid(tg.sigmoid(x)))
    y.backward()
    x.data = np.array([5.0, 6.0])
    assert ["a1", "a2", None] == labels(named(tg.Graph.of(y)))
    with warnings.catch_warnings(), tg.no_grad():
        warnings.simplefilter("error")
        assert ["a1", "a2", None] == labels(named(tg.Graph.of(y)))


def test_a_recorded_backward_pass_has_its_own_names():
    x = tg.Value(0.5, "x")
    y = tg.tanh(tg.tanh(x))
    y.label = "y"
    graph = named(tg.Graph.of(y, tg.grad(y, x, create_graph=True)))
    assert "a" == graph["v1"].label
    assert "∂y/∂a" in tg.draw(graph).source


def hidden_sum():
    w, x = tg.Value([1.0, 2.0], "w"), tg.Value([3.0, 4.0], "x")
    weighted = tg.sum(w * x)
    return weighted, tg.square(weighted)


def test_a_backward_pass_changes_no_name():
    _, loss = hidden_sum()
    before = labels(named(tg.Graph.of(loss)))
    loss.backward()
    assert before == labels(named(tg.Graph.of(loss)))


def test_a_picture_the_steps_and_the_ledger_call_a_result_alike():
    weighted, loss = hidden_sum()
    for _ in range(2):
        names = [node.label for node in named(tg.Graph.of(loss)) if node.op == "sum"]
        assert names == ["total"]
        assert "<B>total</B>" in tg.draw(loss).source
        assert "total = Σ(" in "\n".join(map(str, tg.steps(loss)))
        assert "∂L/∂total" in str(tg.why(loss, weighted))
        assert "∂L/∂total" in str(tg.why(loss, weighted).chain())
        assert "total" in tg.why(loss, weighted).latex()
        assert "∂L/∂total" in str(tg.why(loss, weighted, ()))
        loss.backward()


def test_a_page_to_play_with_has_the_names_of_a_drawing():
    def f(w, x, unused):
        return tg.square(tg.sum(w * x))

    numbers = {"w": [1.0, 2.0], "x": [3.0, 4.0]}
    page = recorded(f, numbers | {"unused": 1.0})
    assert [node.label for node in page.graph if node.op == "square"] == ["f"]
    page = recorded(lambda w, x: f(w, x, 0.0), numbers)
    assert [node.label for node in page.graph if node.op == "sum"] == ["total"]


def test_a_named_graph_still_knows_its_values():
    weighted, loss = hidden_sum()
    graph = named(tg.Graph.of(loss))
    assert graph[graph.id_of(weighted)].label == "total"


def test_names_belong_to_ids():
    x = tg.Value([[1.0, 2.0]], "x")
    a = tg.sigmoid(x * 2.0)
    b = tg.sum(a)
    assert {"v3": "a", "v4": "total"} == result_names([b])
    assert ["a1", "a2", "a3"] == list(result_names([tg.sigmoid(a), tg.tanh(a)]).values())
