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
