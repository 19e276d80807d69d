"""Tests of what stands on edges: upstream times local is the contribution."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.graphviz.dot import to_dot
from tinygrad_mlp.drawing.style import checked
from tinygrad_mlp.graphs.formula import FORMULA_LIMIT, formula, name_in_formula
from tinygrad_mlp.graphs.local import edge_lines


def lines_of(value):
    graph = tg.Graph.of(value)
    return edge_lines(graph, graph).lines[graph.outputs[0]]


def test_between_scalars_there_are_the_derivative_and_the_contribution():
    x, y = tg.Value(3.0, "x"), tg.Value(4.0, "y")
    z = x * y
    assert [["∂ = 4"], ["∂ = 3"]] == lines_of(z)
    (2.0 * z).backward()
    assert [["∂ = 4", "2 × 4 = 8"], ["∂ = 3", "2 × 3 = 6"]] == lines_of(z)


def test_both_edges_of_x_times_x_tell_their_own_share():
    x = tg.Value(3.0)
    y = x * x
    y.backward()
    assert [["∂ = 3", "1 × 3 = 3"], ["∂ = 3", "1 × 3 = 3"]] == lines_of(y)


def test_a_constant_gets_no_contribution():
    assert [[], ["∂ = 2"]] == lines_of(2.0 * tg.Value(5.0))


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_the_contributions_of_all_edges_sum_to_the_gradient(a, b):
    x = tg.Value(a)
    y = tg.sin(x) * x + x * b
    y.backward()
    graph = tg.Graph.of(y)
    total = 0.0
    found = edge_lines(graph, graph).lines
    for node in graph:
        for argument, lines in zip(node.arguments, found[node.id], strict=True):
            if argument == graph.id_of(x):
                total += float(lines[-1].partition(" = ")[2])
    assert total == pytest.approx(float(x.grad), abs=1e-4)


def test_between_tensors_there_is_the_formula_and_its_shape():
    layer = tg.FullyConnectedLayer(3, 2, rng=0)
    layer.parameters()[0].label = "W12"
    x = tg.Value([[1.0, 2.0, 3.0]], label="x")
    z = layer(x)
    assert [["g @ W₁₂ᵀ", "(1, 3)"], ["xᵀ @ g", "(3, 2)"], ["g", "(1, 2)"]] == lines_of(z)
    assert [["g ⊙ σ'(v₃)", "(1, 2)"]] == lines_of(tg.sigmoid(z))


def shown(drawing):
    """Every text of an SVG."""
    root = ET.fromstring(drawing)
    return {"".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")}


@pytest.mark.parametrize("show", [("op", "local"), ("label", "op", "value", "local")])
def test_what_a_formula_names_has_a_box_of_that_name(show):
    y, x = tg.Value([[1.0, 2.0]], label="y"), tg.Value([[3.0], [4.0]], label="x")
    hidden = y + 1.0  # no name of its own, and matmul calls its arguments x and y
    graph = tg.Graph.of(tg.tanh(hidden @ x))
    assert [["g @ xᵀ", "(1, 2)"], ["v₃ᵀ @ g", "(2, 1)"]] == edge_lines(graph, graph).lines["v4"]
    assert ["g ⊙ tanh'(v₄)", "(1, 1)"] in edge_lines(graph, graph).lines["v5"]
    assert {"x", "v3", "v4"} <= shown(layered_svg(graph, checked(show=show)))
    source = to_dot(graph, checked(show=show))
    assert {"x", "v3", "v4"} <= set(re.findall(r"<B>(\w+)</B>", source))
    # No formula speaks of v5, so it has a name only where there is nothing else in its box.
    assert ("value" in show) == ("v5" not in re.findall(r"<B>(\w+)</B>", source))


def test_a_constant_is_called_by_its_number_and_an_array_by_its_id():
    x = tg.Value([1.0, 2.0], label="x")
    assert [["g ⊙ 2.5", "(2,)"], []] == lines_of(x * 2.5)
    graph = tg.Graph.of(x * np.array([3.0, 4.0]))
    assert [["g ⊙ v₁", "(2,)"], []] == edge_lines(graph, graph).lines["v2"]
    assert "v1" in shown(layered_svg(graph, checked(show=("label", "op", "local"))))


def test_the_upstream_gradient_is_never_called_like_an_operand():
    g, x = tg.Value([1.0], label="g"), tg.Value([2.0], label="x")
    assert [["upstream ⊙ x", "(1,)"], ["upstream ⊙ g", "(1,)"]] == lines_of(g * x)


def test_many_arguments_are_drawn_in_time_and_without_words():
    x = tg.Value([1.0, 2.0], label="x")
    assert [[]] * 1000 == lines_of(tg.concatenate([x] * 1000))


@pytest.mark.parametrize("name", ["softmax", "logsumexp", "sum", "max", "prod", "square", "cumsum"])
def test_every_rule_can_be_told(name):
    (lines,) = lines_of(getattr(tg, name)(tg.Value([[1.0, 2.0, 3.0], [3.0, 5.0, 4.0]])))
    assert "g" in lines[0]
    assert len(lines[0]) <= FORMULA_LIMIT
    assert "(2, 3)" == lines[1]


def test_a_rule_that_fails_and_one_that_is_missing_leave_the_edge_empty():
    def fail(g, out, x):
        raise RuntimeError("no rule yet")

    broken = tg.Op("broken", "x", forward="{x} * 1.0", vjps=[fail], latex="", doc="A test.")
    assert [[]] == lines_of(broken(tg.Value(2.0)))
    assert [[]] == lines_of(broken(tg.Value([2.0])))
    assert [[]] == lines_of(tg.stop_gradient(tg.Value(2.0)))


def test_a_graph_from_json_has_no_arrays_to_tell_from():
    z = tg.Value([1.0]) * tg.Value([2.0])
    graph = tg.Graph.from_json(tg.Graph.of(z).to_json())
    assert [[], []] == edge_lines(graph, graph).lines["v2"]


def test_nothing_is_changed_or_computed():
    W = tg.Value(np.ones((2, 2)), label="W")
    x = tg.Value(np.ones((1, 2)))
    y = x @ W
    before = W.data, W.grad, y.grad, y.data
    graph = tg.Graph.of(y)
    flags = [node.value.flags.writeable for node in graph]
    to_dot(graph, checked(show=["label", "op", "local"]))
    assert all(a is b for a, b in zip(before, (W.data, W.grad, y.grad, y.data), strict=True))
    assert flags == [node.value.flags.writeable for node in graph]
    W.data[0, 0] = 5.0


def test_the_lines_stand_on_their_edges():
    x, y = tg.Value(3.0, "x"), tg.Value(4.0, "y")
    z = x * y
    z.backward()
    text = to_dot(tg.Graph.of(z), checked(show=["op", "local"]))
    (first,) = (line for line in text.splitlines() if "\tv2_d0 [" in line)
    assert first.index("∂ = 4") < first.index('PORT="line"') < first.index("1 × 4 = 4")
    ends = [line.split(" [")[0].strip() for line in text.splitlines() if "v2_d0:" in line]
    assert ["v0 -> v2_d0:line:w", "v2_d0:line:e -> v2_op:a0:w"] == ends
    assert "∂" not in to_dot(tg.Graph.of(z))


@pytest.mark.parametrize("direction", ["TB", "BT"])
def test_no_upright_line_passes_through_the_lines_of_text(direction):
    z = tg.Value([[1.0, -2.0]], label="z")
    svg = layered_svg(tg.Graph.of(tg.tanh(z)), checked(show=["op", "local"], direction=direction))
    root = ET.fromstring(svg)
    svg_name = "{http://www.w3.org/2000/svg}"
    edges = [e.get("d") for e in root.iter(f"{svg_name}path") if "Z" not in e.get("d")]
    (x,) = {float(number) for edge in edges for number in re.findall(r"([-\d.]+),", edge)}
    lines = [e for e in root.iter(f"{svg_name}text") if "tanh'" in "".join(e.itertext())]
    assert 1 == len(lines)
    assert x < float(lines[0].get("x"))


def test_a_formula_has_just_the_brackets_that_it_needs():
    a, b, c = (tg.Value([2.0, 1.0]) for _ in range(3))
    names = {a: "a", b: "b", c: "c"}
    for value, text in [
        (a + b + c, "a + b + c"),
        (a + (b + c), "a + (b + c)"),
        (a - (b - c), "a − (b − c)"),
        (a * b + c, "a ⊙ b + c"),
        (a * (b + c), "a ⊙ (b + c)"),
        (a / (b * c), "a / (b ⊙ c)"),
        (-(a + b), "−(a + b)"),
        (a**2.0, "a²"),
        (a**0.5, "a^0.5"),
        (tg.square(a + b), "(a + b)²"),
        (a * 1.0 + b, "a + b"),
        (-1.0 * (a * b), "-1 ⊙ (a ⊙ b)"),
        (tg.exp(a + b), "exp(a + b)"),
    ]:
        assert text == formula(value, names)


def test_a_long_formula_is_cut_where_one_sees_it():
    a = tg.Value([1.0])
    y = a
    for _ in range(200):
        y = y + y
    text = formula(y, {a: "a"})
    assert FORMULA_LIMIT == len(text)
    assert text.endswith("…")


def test_digits_at_the_end_of_a_name_go_below_the_line():
    assert ("W₁", "x", "a1b₂₃", "") == tuple(map(name_in_formula, ("W1", "x", "a1b23", "")))


def test_what_holds_around_the_drawing_does_not_matter():
    z = tg.tanh(tg.Value([1.0], label="z"))
    wanted = lines_of(z)
    with tg.no_grad(), tg.scope("drawing"), tg.detect_anomaly():
        assert wanted == lines_of(z)
    assert [["g ⊙ tanh'(z)", "(1,)"]] == wanted


def test_numbers_on_edges_have_the_digits_that_were_asked_for():
    x = tg.Value(3.14159, label="x")
    y = tg.exp(x)
    y.backward()
    graph = tg.Graph.of(y)
    assert [["∂ = 23.1", "1 × 23.1 = 23.1"]] == edge_lines(graph, graph, 3).lines["v1"]
    assert "∂ = 23.1<" in tg.draw(y, show=("op", "local"), digits=3).source
