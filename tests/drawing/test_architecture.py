"""Tests of pictures of networks: circles, lines, captions, and colours for signs."""

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_mlp.drawing.architecture import MAXIMUM_CIRCLES, network_svg

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
    captions = ["64 inputs", "32 sigmoid", "10 softmax", "2,080 parameters", "330 parameters"]
    assert captions == shown
    assert "1 input" in texts(network_svg([1, 1], ["tanh"]))


def test_dots_stand_for_what_is_too_much_to_draw():
    svg = network_svg([MAXIMUM_CIRCLES, MAXIMUM_CIRCLES + 1, 10_000], ["relu", "relu"])
    assert 3 * MAXIMUM_CIRCLES == len(units(svg))
    assert 2 * 3 == len(elements(svg, "circle")) - len(units(svg))
    assert 2 * MAXIMUM_CIRCLES**2 == len(elements(svg, "path"))


def lines_by_strength(svg):
    return [(e.get("stroke"), float(e.get("stroke-width"))) for e in elements(svg, "path")]


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
    *_, strongest = elements(network_svg([20, 1], ["tanh"], [matrix]), "path")
    lowest = max(float(circle.get("cy")) for circle in units(network_svg([20, 1], ["tanh"])))
    assert lowest == float(re.findall(r"[\d.]+", strongest.get("d"))[1])


def test_weights_that_are_all_zero_or_infinite_are_drawn():
    for matrix in (np.zeros((2, 2)), np.full((2, 2), np.inf)):
        assert 4 == len(elements(network_svg([2, 2], ["tanh"], [matrix]), "path"))


def test_everything_is_on_the_page():
    root = ET.fromstring(network_svg([100, 3, 50, 1], ["sigmoid"] * 3))
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
    ],
)
def test_what_does_not_fit_is_refused_by_name(sizes, activations, weights, message):
    with pytest.raises(ValueError, match=message):
        network_svg(sizes, activations, weights)


@given(st.lists(st.integers(1, 30), min_size=2, max_size=4), st.text(st.characters(codec=None)))
def test_any_network_with_any_names_gives_well_formed_xml(sizes, name):
    svg = network_svg(sizes, [name] * (len(sizes) - 1))
    svg.encode()
    assert sum(min(size, MAXIMUM_CIRCLES) for size in sizes) == len(units(svg))


def test_the_same_network_gives_the_same_bytes():
    weights = [np.random.default_rng(0).normal(size=(5, 4))]
    assert network_svg([5, 4], ["relu"], weights) == network_svg([5, 4], ["relu"], weights)
