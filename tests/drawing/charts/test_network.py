"""Tests of pictures of networks: circles, lines, captions, and colours for signs."""

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.charts.network import network_svg
from tinygrad_mlp.drawing.charts.neurons import MAXIMUM_CIRCLES
from tinygrad_mlp.drawing.svg import shown_in_cell
from tinygrad_mlp.drawing.theme import THEMES

SVG = "{http://www.w3.org/2000/svg}"


def elements(svg, kind):
    return list(ET.fromstring(svg).iter(f"{SVG}{kind}"))


def texts(svg):
    return ["".join(element.itertext()) for element in elements(svg, "text")]


def units(svg):
    return [circle for circle in elements(svg, "circle") if circle.get("r") == "11"]


def test_every_unit_is_a_circle_and_every_weight_a_line():
    svg = network_svg([2, 3, 1], ["sigmoid", "sigmoid"])
    assert 6 == len(units(svg))
    assert 9 == len(elements(svg, "path"))
    assert 3 == len({circle.get("cx") for circle in units(svg)})


def test_captions_tell_units_activations_and_parameters():
    shown = texts(network_svg([64, 32, 10], ["sigmoid", "softmax"]))
    captions = ["64 inputs", "52 not drawn", "32 sigmoid", "20 not drawn", "10 softmax"]
    captions += ["2,080 parameters", "330 parameters"]
    assert captions == [line for line in shown if " " in line]
    assert "1 input" in texts(network_svg([1, 1], ["tanh"]))
    assert {"2 units", "1 unit"} <= {*texts(network_svg([1, 2, 1], ["", ""]))}


def test_the_units_at_both_ends_have_their_numbers():
    shown = texts(network_svg([784, 32, 2], ["relu", "softmax"]))
    assert ["x₁", "x₂", "x₃", "x₄", "x₅", "x₆", "x₇₇₉", "x₇₈₀"] == shown[:8]
    assert ["ŷ₁", "ŷ₂"] == shown[12:14]


def test_dots_stand_for_what_is_too_much_to_draw():
    svg = network_svg([MAXIMUM_CIRCLES, MAXIMUM_CIRCLES + 1, 10_000], ["relu", "relu"])
    assert 3 * MAXIMUM_CIRCLES == len(units(svg))
    assert 2 * 3 == len(elements(svg, "circle")) - len(units(svg))
    assert 2 * MAXIMUM_CIRCLES**2 == len(elements(svg, "path"))


def weight_lines(svg):
    """The lines between circles, without those of the legend."""
    return [path for path in elements(svg, "path") if "L" in path.get("d")]


def lines_by_strength(svg):
    return [(e.get("stroke"), float(e.get("stroke-width"))) for e in weight_lines(svg)]


def test_weights_colour_and_thicken_their_lines():
    weights = [np.array([[1.0, -0.5], [0.0, math.nan]])]
    grey, other_grey, orange, blue = lines_by_strength(network_svg([2, 2], ["tanh"], weights))
    assert grey == other_grey
    assert 3 == len({grey[0], orange[0], blue[0]})
    assert 0.5 == grey[1] < orange[1] == 1.75 < blue[1] == 3.0
    (colour,) = {c for c, _ in lines_by_strength(network_svg([2, 2], ["tanh"]))}
    assert grey[0] == colour


def test_lines_of_the_right_weights_are_drawn_where_dots_stand():
    matrix = np.zeros((20, 1))
    matrix[19, 0] = -1.0  # the last input, below the dots
    *_, strongest = weight_lines(network_svg([20, 1], ["tanh"], [matrix]))
    lowest = max(float(circle.get("cy")) for circle in units(network_svg([20, 1], ["tanh"])))
    assert lowest == float(re.findall(r"[\d.]+", strongest.get("d"))[1])


def test_weights_that_are_all_zero_or_infinite_are_drawn():
    for matrix in (np.zeros((2, 2)), np.full((2, 2), np.inf)):
        assert 4 == len(weight_lines(network_svg([2, 2], ["tanh"], [matrix])))


def test_signs_are_told_apart_without_colours():
    svg = network_svg([1, 2], ["tanh"], [[[1.0, -1.0]]], [[-2.0, 2.0]])
    assert [False, True] == sorted(e.get("stroke-dasharray") is not None for e in weight_lines(svg))
    first, second = units(svg)[1:]
    assert first.get("stroke-dasharray")
    assert not second.get("stroke-dasharray")


def test_biases_colour_and_thicken_the_rings():
    svg = network_svg([1, 3], ["tanh"], [[[1.0, 1.0, 1.0]]], [[[0.5, -1.0, 0.0]]])
    rings = [(unit.get("stroke"), unit.get("stroke-width")) for unit in units(svg)[1:]]
    assert [("#1f6fb4", "1.75"), ("#d9730d", "3.00"), ("#b5b5b5", "0.50")] == rings


def test_a_legend_tells_what_lines_and_rings_mean_and_how_large_the_largest_is():
    weights = [[[1.25, -2.5]]]
    shown = texts(network_svg([1, 2], ["tanh"], weights))
    assert "|w| ≤ 2.5" in shown
    assert ["positive weight", "negative weight"] == shown[-3:-1]
    assert "positive bias" not in shown
    assert "positive bias" in texts(network_svg([1, 2], ["tanh"], weights, [[1.0, 2.0]]))
    assert not any("weight" in line for line in texts(network_svg([1, 2], ["tanh"])))


def network(*layers):
    made = tg.Network(verbose=False)
    for layer in layers:
        made.add(layer)
    return made


def test_a_network_is_drawn_with_its_sizes_activations_weights_and_biases():
    dense = tg.FullyConnectedLayer(2, 3, rng=0)
    dense.weights = np.array([[0.1, 0.2, -0.3], [0.0, 0.0, 0.0]])
    picture = tg.draw_network(
        network(dense, tg.ActivationLayer("relu"), tg.FullyConnectedLayer(3, 1, rng=1))
    )
    shown = texts(picture.svg)
    for line in ("2 inputs", "3 relu", "1 unit", "9 parameters", "|w| ≤ 0.3", "negative bias"):
        assert line in shown
    assert 9 == len(weight_lines(picture.svg))


def test_layers_of_ones_own_are_named_where_they_stand():
    class Doubling(tg.Layer):
        def formula(self, x):
            return 2.0 * x

    drawn = tg.draw_network(
        network(Doubling(), tg.FullyConnectedLayer(2, 1), tg.ActivationLayer("tanh"), Doubling())
    )
    assert {"2 inputs, Doubling", "1 tanh, Doubling"} <= {*texts(drawn.svg)}


class Own(tg.Layer):
    """A layer of one's own, with whatever weights and bias it is given."""

    def __init__(self, **attributes):
        super().__init__()
        self.__dict__.update(attributes)

    def formula(self, x):
        return x


MATRIX = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, 6.0]])


@pytest.mark.parametrize(
    ("attributes", "parameters"),
    [
        ({"weights": MATRIX}, 6),
        ({"weights": MATRIX.tolist(), "bias": None}, 6),
        ({"weights": tg.Value(MATRIX)}, 6),
        ({"weights": tg.Value(MATRIX), "bias": tg.Value([0.1, 0.2, 0.3])}, 9),
        ({"weights": MATRIX, "bias": 0.5}, 6),  # one bias for all units is no ring of each
        ({"weights": MATRIX, "bias": "none"}, 6),
        ({"weights": MATRIX.astype(np.float32), "bias": np.zeros((1, 3))}, 9),
        ({"weights": MATRIX.astype(int), "bias": [tg.Value(1.0)] * 3}, 6),
    ],
)
def test_a_matrix_of_a_layer_of_ones_own_is_drawn(attributes, parameters):
    network = tg.Network(verbose=False)
    network.layers = [Own(**attributes), tg.ActivationLayer("tanh")]
    svg = network.draw().svg
    told = texts(svg)
    assert {"2 inputs", "3 tanh", "|w| ≤ 6"} <= set(told)
    assert f"{parameters} parameters" in told
    assert 6 == svg.count("stroke-opacity")


@pytest.mark.parametrize(
    "weights",
    [
        *(np.ones(3), np.ones((2, 3, 4)), 2.0, None, "text", [MATRIX, MATRIX], tg.Value([1.0])),
        *(np.ones((0, 3)), np.ones((2, 2)) * 1j, [[1.0], [1.0, 2.0]], {"W": MATRIX}, object()),
        [tg.Value([1.0]), tg.Value([1.0, 2.0])],
    ],
)
def test_of_weights_that_are_no_matrix_there_is_the_name_of_the_layer(weights):
    network = tg.Network(verbose=False)
    network.layers = [Own(weights=weights)]
    assert "Own" in texts(network.draw().svg)
    network.layers = [tg.FullyConnectedLayer(2, 3, rng=0), Own(weights=weights)]
    assert {"2 inputs", "3 Own", "9 parameters"} <= set(texts(network.draw().svg))
    assert network._repr_mimebundle_()["image/svg+xml"] == network.draw()._repr_svg_()


def test_what_lies_between_two_matrices_that_do_not_fit_is_grey():
    network = tg.Network(verbose=False)
    layer = tg.FullyConnectedLayer(2, 3, rng=0), tg.FullyConnectedLayer(4, 1, rng=0)
    network.layers = [layer[0], Own(weights=np.ones(3)), layer[1]]
    svg = network.draw().svg
    captions = [t for t in texts(svg) if t.endswith((" inputs", " Own", " units", " unit"))]
    assert ["2 inputs", "3 Own", "4 units", "1 unit"] == captions
    assert 12 == svg.count('stroke="#b5b5b5" stroke-width="1.00"')
    assert ["9 parameters", "5 parameters"] == [t for t in texts(svg) if "param" in t]


def test_an_activation_that_is_no_text_is_called_by_its_layer():
    network = tg.Network(verbose=False)
    network.layers = [tg.FullyConnectedLayer(2, 3, rng=0), Own(activation=tg.tanh)]
    assert "3 Own" in texts(network.draw().svg)


def trained():
    made = network(
        *(tg.FullyConnectedLayer(2, 3, rng=0), tg.ActivationLayer("sigmoid")),
        *(tg.FullyConnectedLayer(3, 1, rng=1), tg.ActivationLayer("tanh")),
    )
    loss = tg.half_squared_error(tg.Value([[1.0]]), made(tg.Value([[0.5, 1.0]])))
    loss.backward()
    return made


def digits(numbers):
    return [f"{x:.3g}" for x in np.ravel(numbers).tolist()]


def test_activations_stand_in_the_circles():
    made = trained()
    svg = tg.draw_network(made, values=[0.5, 1.0]).svg
    hidden = made.layers[1](made.layers[0](np.array([[0.5, 1.0]])))
    circles = [(c.get("cx"), float(c.get("cy"))) for c in elements(svg, "circle")][:6]
    wanted = digits([0.5, 1.0]) + digits(hidden) + digits(made([[0.5, 1.0]]))
    inside = [
        "".join(e.itertext())
        for x, y in circles
        for e in elements(svg, "text")
        if e.get("x") == x and abs(float(e.get("y")) - y) < 10
    ]
    assert wanted == inside
    assert svg == tg.draw_network(made, values=tg.Value([[0.5, 1.0]])).svg


def test_weights_and_gradients_stand_on_the_lines_where_they_fit():
    made = trained()
    plain = texts(tg.draw_network(made, weights=True).svg)
    both = texts(tg.draw_network(made, gradients=True).svg)
    for layer in made.layers[::2]:
        assert {*digits(layer.weights)} <= {*plain}
        assert {f"b {x}" for x in digits(layer.bias)} <= {*plain}
        by_weights, by_bias = (p.grad for p in layer.parameters())
        assert {f"∂ {x}" for x in [*digits(by_weights), *digits(by_bias)]} <= {*both}
    assert not any(line.startswith("∂") for line in plain)


def test_labels_on_lines_do_not_touch_each_other_or_the_circles():
    svg = tg.draw_network(trained(), values=[0.5, 1.0], gradients=True).svg
    labels = [
        [float(e.get(key)) for key in ("x", "y", "width", "height")]
        for e in elements(svg, "rect")
        if e.get("fill-opacity")
    ]
    assert 9 + 4 == len(labels)
    for place, (x, y, w, h) in enumerate(labels):
        for a, b, c, d in labels[:place]:
            assert x + w <= a or a + c <= x or y + h <= b or b + d <= y
        for circle in elements(svg, "circle")[:6]:
            cx, cy = float(circle.get("cx")), float(circle.get("cy"))
            near = (min(max(cx, x), x + w), min(max(cy, y), y + h))
            assert math.dist(near, (cx, cy)) > 24


def test_the_sums_of_a_layer_are_gradients_too():
    layer = tg.FullyConnectedLayer(2, 1, rng=0)
    layer.forward([[1.0, 2.0]])
    layer.backward([[10.0]])
    assert {"∂ 10", "∂ 20"} <= {*texts(tg.draw_network(network(layer), gradients=True).svg)}


def test_of_a_large_network_the_weights_are_not_written_and_it_says_so():
    layers = tg.FullyConnectedLayer(784, 16, rng=0), tg.FullyConnectedLayer(16, 2, rng=0)
    shown = texts(tg.draw_network(network(*layers), values=np.ones(784), weights=True).svg)
    assert 2 == shown.count("too many to write")
    assert {"772 not drawn", "4 not drawn"} <= set(shown)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_a_network_has_the_colours_of_its_theme(theme):
    svg = tg.draw_network(trained(), values=[0.5, 1.0], gradients=True, theme=theme).svg
    look = THEMES[theme]
    known = {c for c in look if isinstance(c, str)} | {
        c for each in look.looks.values() for c in each[:2]
    }
    assert {*re.findall(r"#[0-9a-f]{6}", svg)} <= known
    assert {look.page, look.positive, look.negative, look.ink, look.gradient_ink} <= {
        *re.findall(r"#[0-9a-f]{6}", svg)
    }


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"values": [[1.0, 2.0], [3.0, 4.0]]}, r"one sample, of shape .* got shape \(2, 2\)"),
        ({"values": 1.0}, r"one sample, of shape .* got shape \(\)"),
        ({"values": [1.0, 2.0, 3.0]}, "layer1"),
        ({"gradients": True}, "no gradient was computed"),
        ({"theme": "pink"}, "theme must be one of light, dark, print"),
    ],
)
def test_what_a_network_cannot_show_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        tg.draw_network(network(tg.FullyConnectedLayer(2, 1, rng=0)), **options)


def test_drawing_a_network_changes_nothing():
    layer = tg.FullyConnectedLayer(2, 2, rng=0)
    before = layer.weights.tobytes(), layer.bias.tobytes()
    first, second = (tg.draw_network(network(layer)).svg for layer in [layer] * 2)
    assert first == second
    assert before == (layer.weights.tobytes(), layer.bias.tobytes())


def test_a_picture_shows_itself_in_a_notebook_and_is_saved(tmp_path):
    picture = tg.draw_network(network(tg.FullyConnectedLayer(2, 1, rng=0)))
    picture.save(tmp_path / "network.svg")
    assert shown_in_cell(picture.svg) == picture._repr_svg_()
    assert picture.svg == (tmp_path / "network.svg").read_text(encoding="utf-8")
    assert "characters of SVG" in repr(picture)
    with pytest.raises(ValueError, match=r"network\.jpg' must end with one of \.svg"):
        picture.save(tmp_path / "network.jpg")
    assert ["network.svg"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("thing", "error", "words"),
    [
        (tg.Value(1.0), TypeError, "must be a tg.Network, got Value"),
        (network(), ValueError, "no layer with weights"),
        (network(tg.ActivationLayer("relu")), ValueError, "no layer with weights"),
    ],
)
def test_what_is_no_network_with_weights_is_refused(thing, error, words):
    with pytest.raises(error, match=words):
        tg.draw_network(thing)


def test_everything_is_on_the_page():
    weights = [np.ones(shape) for shape in ((100, 3), (3, 50), (50, 1))]
    biases = [np.ones(3), np.ones(50), np.ones(1)]
    root = ET.fromstring(network_svg([100, 3, 50, 1], ["sigmoid"] * 3, weights, biases))
    width, height = float(root.get("width")), float(root.get("height"))
    for kind, x, y in (("circle", "cx", "cy"), ("text", "x", "y")):
        for element in root.iter(f"{SVG}{kind}"):
            assert 0 < float(element.get(x)) < width
            assert 0 < float(element.get(y)) < height


@pytest.mark.parametrize(
    ("sizes", "activations", "weights", "message"),
    [
        ([3], [], None, "two layers or more"),
        ([2, 0], ["tanh"], None, "positive whole numbers, got 0"),
        ([2, 1.5], ["tanh"], None, r"positive whole numbers, got 1\.5"),
        ([2, True], ["tanh"], None, "positive whole numbers, got True"),
        ([2, 3], [], None, r"activations must be 1 names"),
        ([2, 3], "t", None, r"activations must be 1 names"),
        ([2, 3], ["tanh"], [np.ones((3, 2))], r"\[\(2, 3\)\], got \[\(3, 2\)\]"),
        ([2, 3], ["tanh"], [], r"weights must have shapes"),
        ([2, 3], ["tanh"], None, r"biases must have shapes \[\(3,\)\], got \[\(2,\)\]"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(sizes, activations, weights, message):
    with pytest.raises(ValueError, match=message):
        network_svg(sizes, activations, weights, [[1.0, 2.0]] if "biases" in message else None)


@given(st.lists(st.integers(1, 30), min_size=2, max_size=4), st.text(st.characters(codec=None)))
def test_any_network_with_any_names_gives_well_formed_xml(sizes, name):
    svg = network_svg(sizes, [name] * (len(sizes) - 1))
    svg.encode()
    assert sum(min(size, MAXIMUM_CIRCLES) for size in sizes) == len(units(svg))


def test_the_same_network_gives_the_same_bytes():
    weights = [np.random.default_rng(0).normal(size=(5, 4))]
    assert network_svg([5, 4], ["relu"], weights) == network_svg([5, 4], ["relu"], weights)


def test_a_residual_has_a_column_of_its_own_and_networks_inside_are_shown_in_a_row():
    around = tg.Residual([tg.FullyConnectedLayer(3, 3, rng=1)])
    inner = tg.Network([tg.FullyConnectedLayer(2, 3, rng=0), tg.ActivationLayer("tanh")])
    network = tg.Network([inner, around, tg.FullyConnectedLayer(3, 1, rng=2)])
    svg = tg.draw_network(network, values=[0.5, 1.0], weights=True).svg
    words = [svg.index(word) for word in ("3 tanh", "3 Residual", "1 unit")]
    assert words == sorted(words)
    assert "9 parameters" in svg  # of the first layer
    only = tg.draw_network(tg.Network([around])).svg
    assert "3 inputs" in only
    assert "3 Residual" in only
