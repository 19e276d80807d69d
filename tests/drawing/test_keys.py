"""Tests of legends, and of boxes tinted by their gradients."""

import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.heat import gradient_size
from tinygrad_mlp.drawing.theme import THEMES
from tinygrad_mlp.graphs.graph import Node

SVG = "{http://www.w3.org/2000/svg}"


def sigmoid_network(layers=10, scale=1.0):
    """The loss of a deep network of sigmoids, in which gradients vanish, or explode."""
    rng = np.random.default_rng(0)
    h = tg.Value(np.ones((1, 4)), "x")
    for number in range(layers):
        with tg.scope(f"layer{number}"):
            W = tg.Value(rng.normal(size=(4, 4)) * scale, f"W{number}")
            h = tg.sigmoid(h @ W) if scale == 1.0 else h @ W
            h.label = f"h{number}"
    loss = tg.mean(h)
    loss.label = "L"
    loss.backward()
    return loss


def drawn(values, **options):
    drawing = tg.draw(values, **options)
    return drawing, layered_svg(drawing.graph, drawing.choices)


def texts(svg):
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text")]


def step():
    x, w = tg.Value(2.0, "x"), tg.Value(3.0, "w")
    y = tg.tanh(x * w + 1.0)
    y.label = "y"
    return tg.Graph.of(y, parameters=[w])


@pytest.mark.parametrize("theme", THEMES)
def test_a_legend_tells_the_kinds_that_there_are_and_no_others(theme):
    drawing, svg = drawn(step(), legend=True, theme=theme)
    wanted = ["input", "learned", "computed", "constant", "operation", "output"]
    assert wanted == texts(svg)[-6:]
    for word in wanted:
        assert f">{word}" in drawing.source
    _, svg = drawn(tg.Value(1.0, "x"), legend=True)
    assert ["input", "output"] == texts(svg)[-2:]


def test_a_legend_speaks_of_what_stands_out_and_of_edges_back():
    _, svg = drawn(step(), legend=True, highlight="x")
    assert "highlighted" == texts(svg)[-1]
    h = tg.Value(0.5)
    for number in range(5):
        with tg.scope(f"step{number}"):
            h = tg.tanh(h)
    drawing, svg = drawn(h, legend=True)
    assert "from the turn before" == texts(svg)[-1]
    assert ">from the turn before" in drawing.source


def test_the_colour_of_an_operation_is_told_where_it_stands_in_the_head_of_its_result():
    drawing, svg = drawn(step(), legend=True, compact=True)
    assert "operation" in texts(svg)
    head = THEMES["light"].looks["op"].fill
    assert head == drawing.choices.look(drawing.graph[drawing.graph.outputs[0]]).fill


def test_a_compact_box_keeps_the_tint_of_its_gradient():
    loss = sigmoid_network(2)
    drawing, _ = drawn(loss, color="gradient", compact=True)
    node = drawing.graph[drawing.graph.outputs[0]]
    assert drawing.choices.look(node).fill in THEMES["light"].heat


def test_without_being_asked_there_is_no_legend():
    drawing, svg = drawn(step())
    assert "learned" not in texts(svg)
    assert "learned" not in drawing.source


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_legend_is_on_the_page_and_below_everything(direction):
    _, svg = drawn(step(), legend=True, direction=direction, show=["label"])
    root = ET.fromstring(svg)
    left, top, width, height = map(float, root.get("viewBox").split())
    words = {"input", "learned", "computed", "constant", "operation", "output"}
    for element in root.iter(f"{SVG}text"):
        if "".join(element.itertext()) in words:
            assert left < float(element.get("x")) < left + width - 40
            assert float(element.get("y")) < top + height
    for box in root.iter(f"{SVG}rect"):
        assert float(box.get("y")) + float(box.get("height")) <= top + height


def fills(svg, name):
    """The fill of the title of the box that is called so."""
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        title = group.find(f"{SVG}title")
        if title is not None and title.text.startswith(f"{name}:"):
            return group.findall(f"{SVG}rect")[1].get("fill")
    raise AssertionError(name)


@pytest.mark.parametrize("theme", THEMES)
def test_vanishing_gradients_fade_from_the_output_to_the_first_layer(theme):
    drawing, svg = drawn(sigmoid_network(), color="gradient", theme=theme)
    heat = THEMES[theme].heat
    places = [heat.index(fills(svg, f"W{number}")) for number in range(10)]
    assert places == sorted(places)
    assert places[0] == 0
    assert places[-1] >= len(heat) - 2
    assert len(heat) - 1 == heat.index(fills(svg, "L"))
    assert texts(svg)[-6].startswith("|grad| < ")
    assert all(colour in drawing.source for colour in heat)


def test_exploding_gradients_grow_to_the_first_layer():
    _, svg = drawn(sigmoid_network(scale=30.0), color="gradient")
    heat = THEMES["light"].heat
    places = [heat.index(fills(svg, f"h{number}")) for number in range(10)]
    assert places == sorted(places, reverse=True)
    assert places[0] == len(heat) - 1
    assert places[-1] <= 1


def test_gradients_of_one_size_look_alike():
    x = tg.Value(1.0, "x")
    y = x + 0.5
    y.label = "y"
    y.backward()
    _, svg = drawn(y, color="gradient")
    assert fills(svg, "x") == fills(svg, "y") == THEMES["light"].heat[-1]


def test_zero_is_the_palest_and_what_is_no_number_the_strongest():
    zero, y = tg.Value(0.0, "zero"), tg.Value(1.0, "endless")
    out = zero * 0.0 + y * np.inf
    out.backward()
    _, svg = drawn(out, color="gradient")
    heat = THEMES["light"].heat
    assert (heat[0], heat[-1]) == (fills(svg, "zero"), fills(svg, "endless"))


def test_every_turn_of_a_loop_has_its_tint():
    h = tg.Value(0.5, "h0")
    for number in range(5):
        with tg.scope(f"step{number}"):
            h = tg.tanh(h)
    h.backward()
    drawing, _ = drawn(h, color="gradient")
    assert 6 == len(drawing.graph)


def test_what_is_folded_has_the_tint_of_its_last_value():
    _, svg = drawn(sigmoid_network(), color="gradient", depth=1)
    whole = drawn(sigmoid_network(), color="gradient")[1]
    heat = THEMES["light"].heat
    for number in (0, 5, 9):
        assert heat.index(fills(svg, f"layer{number}")) == heat.index(fills(whole, f"h{number}"))


def test_without_any_gradient_there_is_nothing_to_tint():
    with pytest.raises(ValueError, match=r"no gradient was computed; call backward\(\)"):
        tg.draw(step(), color="gradient")


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"color": "rainbow"}, ValueError, "color must be one of role, gradient, got 'rainbow'"),
        ({"compact": "yes"}, TypeError, "compact must be True or False, got 'yes'"),
        ({"legend": "yes"}, TypeError, "legend must be True or False, got 'yes'"),
        ({"unroll": 3}, TypeError, "unroll must be a text or a list of them"),
    ],
)
def test_choices_that_do_not_exist_are_refused(options, error, words):
    with pytest.raises(error, match=words):
        tg.draw(step(), **options)


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1.0, 1e200, 1e300])
def test_the_size_of_a_gradient_is_exact_however_small_or_large_it_is(scale):
    gradient = np.array([3.0, 4.0, 0.0, 0.0]) * scale
    size = gradient_size(Node("v0", "input", gradient, gradient=gradient))
    assert math.isclose(2.5 * scale, size, rel_tol=1e-12)


def test_a_graph_from_a_file_is_tinted_by_its_scalars():
    x = tg.Value(2.0, "x")
    y = x * x
    y.backward()
    graph = tg.Graph.from_json(tg.Graph.of(y).to_json())
    assert tg.draw(y, color="gradient").source == tg.draw(graph, color="gradient").source
