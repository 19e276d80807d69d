"""Tests of backpropagation as steps."""

import json

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import calls

V = tg.Value


def product():
    w, x = V(-3.0, "w"), V(2.0, "x")
    p = w * x
    p.label = "p"
    return p * w, w


def test_the_sentences_are_a_lesson():
    output, _ = product()
    assert [
        "p = w · x = (-3) · 2 = -6",
        "L = p · w = (-6) · (-3) = 18",
        "∂L/∂L = 1: here the backward pass begins",
        "p gets 1 × (-3) = -3 from L (×); it had none",
        "w gets 1 × (-6) = -6 from L (×); it had none",
        "w gets -3 × 2 = -6 from p (×); it had -6 and now has -12",
        "x gets -3 × (-3) = 9 from p (×); it had none",
    ] == [str(step) for step in tg.steps(output)]


def test_a_factor_of_one_is_said():
    x = V(3.0, "x")
    assert "L = x · 1 = 3 · 1 = 3" == str(next(iter(tg.steps(x * 1.0))))


def test_the_numbers_of_a_step_are_data():
    output, w = product()
    walk = tg.steps(output)
    step = list(walk)[5]
    assert (6, "backward", walk.graph.id_of(w)) == step[:3]
    assert "∂L/∂w += ∂L/∂p · x" == step.formula
    assert (-3.0, 2.0, -6.0, -6.0, -12.0) == step[6:11]


@pytest.mark.parametrize("name", tg.OPS)
def test_after_all_steps_the_gradients_are_those_of_backward_to_the_last_bit(name):
    for call in calls(name)[:4]:
        out = call.values()[-1]
        output = tg.sum(out * call.cotangent) + tg.sum(out)
        walk = tg.steps(output)
        assert len(walk) == len(list(walk))
        assert all(value.grad is None for value in tg.history(output))
        output.backward()
        reached = [value for value in tg.history(output) if value.grad is not None]
        assert len(walk.gradients) == len(reached)
        for value in reached:
            assert walk.gradients[value].tobytes() == np.asarray(value.grad).tobytes(), call


def test_the_gradients_grow_with_the_steps_and_begin_again():
    output, w = product()
    walk = tg.steps(output)
    found = [walk.gradients.get(w) for step in walk if step.phase == "backward"]
    assert [None, None, -6.0, -12.0, -12.0] == found
    next(iter(walk))
    assert {} == walk.gradients


def test_tensors_are_told_by_formula_and_shape():
    W, x = V(np.ones((2, 3)), "W"), V(np.ones((4, 2)), "x")
    h = x @ W
    h.label = "h"
    sentences = [str(step) for step in tg.steps(tg.sum(tg.tanh(h) * h))]
    assert "h = x @ W, of shape (4, 3)" == sentences[0]
    assert "W gets xᵀ @ g, of shape (2, 3), from h (@), where g = ∂L/∂h; it had none" in sentences
    assert any("it is added to what it had" in sentence for sentence in sentences)


def test_an_upstream_gradient_can_be_given():
    x = V([1.0, 2.0], "x")
    walk = tg.steps(x * x, gradient=[1.0, 10.0])
    assert "∂L/∂L = g, of shape (2,): here the backward pass begins" == str(list(walk)[1])
    assert [2.0, 40.0] == walk.gradients[x].tolist()
    with pytest.raises(tg.GraphError, match="only a scalar has a gradient"):
        tg.steps(x * x)
    with pytest.raises(TypeError, match="steps: output must be a Value, got int"):
        tg.steps(3)


def test_a_leaf_has_only_the_beginning():
    assert ["∂x/∂x = 1: here the backward pass begins"] == [str(s) for s in tg.steps(V(3.0, "x"))]


def test_json_has_the_graph_and_every_step():
    output, _ = product()
    walk = tg.steps(output)
    data = json.loads(walk.to_json())
    assert "tinygrad_mlp steps 1" == data["format"]
    assert tg.Graph.from_json(json.dumps(data["graph"])).outputs == walk.graph.outputs
    assert [step.sentence for step in walk] == [step["sentence"] for step in data["steps"]]
    assert -12.0 == data["steps"][5]["value"]
    assert walk.to_json() == tg.steps(product()[0]).to_json()
    assert "nan" == json.loads(tg.steps(V(np.nan) * 2.0).to_json())["steps"][0]["value"]


# ----- Layer by layer -----


def network_loss():
    network = tg.Network(verbose=False)
    for inputs, outputs in ((2, 3), (3, 1)):
        network.add(tg.FullyConnectedLayer(inputs, outputs, rng=0))
        network.add(tg.ActivationLayer())
    return tg.mse(V([[1.0]], "y"), network(V([[1.0, 2.0]], "x")))


def test_hidden_results_have_the_names_of_a_drawing():
    sentences = [str(step) for step in tg.steps(network_loss())]
    assert "z₁ = affine(x, W₁, b₁), of shape (1, 3)" == sentences[0]
    assert "a₁ gets g @ W₂ᵀ, of shape (1, 3), from z₂ (affine), where g = ∂L/∂z₂; it had none" in (
        sentences
    )


def test_each_layer_is_a_step_forward_and_a_step_back():
    walk = tg.steps(network_loss(), depth=1)
    boxes = [step.box for step in walk]
    layers = ["layer1", "layer2", "layer3", "layer4"]
    assert [*layers, "", "", "", "", *layers[::-1]] == boxes
    assert len(walk) == len(boxes)
    assert "<Steps: 5 forward, 7 backward>" == repr(walk)
    last = list(walk)[-1]
    assert "∂L/∂x = ∂L/∂z₁ @ W₁ᵀ; ∂L/∂W₁ = xᵀ @ ∂L/∂z₁; ∂L/∂b₁ = ∂L/∂z₁" == last.formula


def test_boxes_hold_all_single_steps_and_the_same_gradients():
    for depth, expand in ((None, ()), (1, ()), (1, "layer3"), (1, ["layer1", "layer2"])):
        output = tg.expand(network_loss())
        single, folded = tg.steps(output), tg.steps(output, depth=depth, expand=expand)
        parts = [part for step in folded for part in step.parts or (step,)]
        assert [str(step) for step in single] == [str(part) for part in parts]
        assert list(range(1, len(folded) + 1)) == [step.number for step in folded]
        assert single.gradients == folded.gradients


def test_an_expanded_layer_is_walked_operation_by_operation():
    steps = list(tg.steps(tg.expand(network_loss()), depth=1, expand="layer3"))
    assert ["layer1", "layer2", "", ""] == [step.box for step in steps[:4]]
    assert 12 == len(steps[0].parts)
    with pytest.raises(ValueError, match="layer9"):
        tg.steps(network_loss(), depth=1, expand="layer9")
    with pytest.raises(TypeError, match="depth"):
        tg.steps(network_loss(), depth="all")


def test_gradients_are_as_far_as_the_steps_of_boxes():
    """The walk hands out a box before it goes into the next one."""
    output = network_loss()
    walk = tg.steps(output, depth=1)
    labels = []
    for step in walk:
        if step.box == "layer3" and step.phase == "backward":
            labels = sorted(value.label for value in walk.gradients if value.label)
    assert [] != labels
    walk = iter_until(output, "layer3")
    assert ["W2", "b2", "y"] == walk


def iter_until(output, box):
    walk = tg.steps(output, depth=1)
    for step in walk:
        if (step.box, step.phase) == (box, "backward"):
            return sorted(value.label for value in walk.gradients if value.label)
    return None


def test_json_tells_the_parts_of_boxes():
    data = json.loads(tg.steps(network_loss(), depth=1).to_json())
    assert ["layer1", ""] == [data["steps"][k]["box"] for k in (0, 4)]
    assert "z₁ = affine(x, W₁, b₁), of shape (1, 3)" == data["steps"][0]["parts"][0]["sentence"]
