"""Tests of learning curves: every finite value has its place, and the axes are round."""

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.charts.curves import MAXIMUM_POINTS
from tinygrad_mlp.drawing.svg import shown_in_cell

SVG = "{http://www.w3.org/2000/svg}"
LEFT, TOP, RIGHT, BOTTOM = 76.0, 44.0, 616.0, 344.0


def chart(series, **options):
    """The text of a chart."""
    return tg.draw_curves(series, **options).svg


def texts(svg):
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text")]


def curves(svg):
    """Corners of every line of data."""
    found = []
    for line in ET.fromstring(svg).iter(f"{SVG}polyline"):
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", line.get("points"))]
        found.append(list(zip(numbers[::2], numbers[1::2], strict=True)))
    return found


def test_a_line_goes_through_its_values():
    (curve,) = curves(chart({"error": [0.0, 1.0, 0.5]}))
    middle = (LEFT + RIGHT) / 2
    assert [(LEFT, BOTTOM), (middle, TOP), (RIGHT, (TOP + BOTTOM) / 2)] == curve


def test_titles_labels_and_names_are_shown():
    shown = texts(
        chart(
            {"training": [1.0, 0.5], "test": [1.0, 0.7]},
            title="Learning",
            x_label="epoch",
            y_label="error",
        )
    )
    assert {"training", "test", "Learning", "epoch", "error"} <= set(shown)


def test_ticks_are_round_and_reach_around_the_values():
    shown = texts(chart({"e": [0.03, 0.47]}))
    assert ["0", "0.1", "0.2", "0.3", "0.4", "0.5"] == shown[1:7]


def test_whole_positions_have_whole_ticks():
    shown = texts(chart({"e": [3.0, 2.0, 1.0]}))
    assert ["1", "2", "3"] == [shown[place] for place in range(-6, -3)]
    assert "1.5" not in shown[shown.index("3") + 1 :]


def test_a_logarithmic_scale_gives_equal_steps_to_equal_factors():
    (curve,) = curves(chart({"e": [1.0, 0.1, 0.01]}, logarithmic=True))
    assert [TOP, (TOP + BOTTOM) / 2, BOTTOM] == [y for _, y in curve]
    assert {"1", "0.1", "0.01"} <= set(texts(chart({"e": [1.0, 0.01]}, logarithmic=True)))


def test_values_stand_where_x_says():
    (curve,) = curves(chart({"e": [1.0, 2.0, 3.0]}, x=[0, 10, 40]))
    assert [LEFT, LEFT + (RIGHT - LEFT) / 4, RIGHT] == [x for x, _ in curve]


def test_what_is_not_finite_is_left_out_and_its_place_stays():
    (curve,) = curves(chart({"e": [0.0, math.nan, math.inf, -math.inf, 1e305, 1.0]}))
    assert [(LEFT, BOTTOM), (RIGHT, TOP)] == curve


def test_what_has_no_logarithm_is_left_out():
    (curve,) = curves(chart({"e": [10.0, 0.0, -1.0, 1.0]}, logarithmic=True))
    assert [(LEFT, TOP), (RIGHT, BOTTOM)] == curve


def test_a_long_series_keeps_its_ends_and_its_peaks():
    values = np.zeros(100_000)
    values[12_345] = 1.0
    values[54_321] = -1.0
    (curve,) = curves(chart({"e": values}))
    assert len(curve) <= MAXIMUM_POINTS
    assert {TOP, BOTTOM} <= {y for _, y in curve}
    assert (LEFT, RIGHT) == (curve[0][0], curve[-1][0])


def test_a_single_value_is_a_dot():
    svg = chart({"e": [3.0]})
    assert [] == curves(svg)
    assert 1 == len(list(ET.fromstring(svg).iter(f"{SVG}circle")))


@pytest.mark.parametrize("values", [[], [math.nan], [0.0, 0.0], [1e-320, 1e-320], [-5.0, -5.0]])
@pytest.mark.parametrize("logarithmic", [False, True])
def test_nothing_and_sameness_still_give_a_picture(values, logarithmic):
    assert "legend" in texts(chart({"legend": values}, logarithmic=logarithmic))


def test_lines_are_told_apart_without_colours():
    svg = chart({str(place): [0.0, float(place)] for place in range(5)})
    dashes = [e.get("stroke-dasharray") for e in ET.fromstring(svg).iter(f"{SVG}polyline")]
    assert 5 == len(set(dashes))


TITLE = "The training and the validation error of a network for handwritten digits"


def test_a_long_title_has_up_to_three_lines_above_the_chart():
    svg = chart({"e": [1.0, 0.5]}, title=TITLE)
    shown = [text for text in texts(svg) if text in TITLE and len(text) > 5]
    assert TITLE == " ".join(shown)
    assert 2 == len(shown)
    top = float(ET.fromstring(svg).get("viewBox").split()[1])
    heights = [float(e.get("y")) for e in ET.fromstring(svg).iter(f"{SVG}text")][:2]
    assert top < heights[0] - 10 < heights[1] - 10 < TOP
    endless = texts(chart({"e": [1.0]}, title="many words " * 100))
    assert endless[2].endswith("…")
    assert 3 == len([text for text in endless if "words" in text])


def legend(svg):
    """Left, top, right and bottom of the frame of the legend."""
    *_, frame = ET.fromstring(svg).iter(f"{SVG}rect")
    left, top, width, height = (float(frame.get(key)) for key in ("x", "y", "width", "height"))
    return left, top, left + width, top + height


falling, rising = np.exp(-np.arange(100) / 20), 1 - np.exp(-np.arange(100) / 20)


@pytest.mark.parametrize(
    "series",
    [
        {"error": falling},
        {"accuracy": rising},
        {"error": falling, "accuracy": rising},
        {"wave": np.sin(np.arange(100)), "other wave": np.cos(np.arange(100))},
        {"one": [1.0]},
        {"jump": [0.0, 0.0, 1.0, 1.0]},
        {f"series {n}": falling * n for n in range(20)},
    ],
)
def test_the_legend_covers_no_curve_and_is_on_the_page(series):
    svg = chart(series)
    left, top, right, bottom = legend(svg)
    for curve in curves(svg):
        ends = zip(curve, curve[1:], strict=False)
        points = [(a + (c - a) * t, b + (d - b) * t) for (a, b), (c, d) in ends for t in STEPS]
        assert not any(left < x < right and top < y < bottom for x, y in points)
    page = [float(number) for number in ET.fromstring(svg).get("viewBox").split()]
    assert page[0] < left < right < page[0] + page[2]
    assert page[1] < top < bottom < page[1] + page[3]


STEPS = np.linspace(0, 1, 20).tolist()


def ticks(svg):
    """The numbers at the axis on the left."""
    found = ET.fromstring(svg).iter(f"{SVG}text")
    return [float(element.text) for element in found if element.get("text-anchor") == "end"]


@pytest.mark.parametrize("logarithmic", [False, True])
@given(low=st.floats(1e-6, 1e6), share=st.floats(0.02, 10.0))
def test_the_axis_is_not_much_longer_than_the_curve(logarithmic, low, share):
    high = low * (1 + share)
    numbers = ticks(chart({"e": [low, high]}, logarithmic=logarithmic))
    assert numbers[0] <= low * 1.0001
    assert high * 0.9999 <= numbers[-1]
    if not logarithmic:
        assert numbers[-1] - numbers[0] <= 2.0 * (high - low)
    elif share < 3.9:
        assert numbers[-1] / numbers[0] <= (high / low) ** 2.2
    assert 3 <= len(numbers) <= 12


def test_each_series_may_have_its_own_positions():
    x = {"training": [1, 2, 3, 4], "validation": [2, 4]}
    training, validation = curves(
        chart({"training": [4.0, 3.0, 2.0, 1.0], "validation": [3.0, 2.0]}, x=x)
    )
    third = (RIGHT - LEFT) / 3
    assert [LEFT + third, RIGHT] == [x for x, _ in validation]
    assert [LEFT, LEFT + third, LEFT + 2 * third, RIGHT] == [x for x, _ in training]


def test_curves_are_a_picture_that_notebooks_show():
    picture = tg.draw_curves({"e": [1.0, 0.5]}, title="Learning", x_label="epoch")
    assert picture.svg == chart({"e": [1.0, 0.5]}, title="Learning", x_label="epoch")
    assert shown_in_cell(picture.svg) == picture._repr_svg_()


finite = st.floats(-1e299, 1e299) | st.floats()


@given(st.dictionaries(st.text(st.characters(codec=None)), st.lists(finite), min_size=1))
def test_any_numbers_under_any_names_give_well_formed_xml_inside_the_axes(series):
    for logarithmic in (False, True):
        svg = chart(series, title=next(iter(series)), logarithmic=logarithmic)
        svg.encode()
        for curve in curves(svg):
            for x, y in curve:
                assert LEFT <= x <= RIGHT
                assert TOP <= y <= BOTTOM


@pytest.mark.parametrize(
    ("series", "x", "message"),
    [
        ({}, None, "series is empty"),
        ({"e": [1.0, "two"]}, None, r"series 'e' must be a sequence of numbers"),
        ({"e": 5}, None, r"series 'e' must be a sequence of numbers, got 5"),
        ({"e": [10**400]}, None, "must be a sequence of numbers"),
        ({"e": [1.0, 2.0]}, [1.0], "series 'e' has 2 values, but x has 1"),
        ({"e": [1.0]}, {"f": [1.0]}, "x has nothing for the series 'e'"),
        ({"e": [1.0]}, {"e": [1.0, 2.0]}, "series 'e' has 1 values, but x has 2"),
        ({"e": [1.0]}, ["a"], "x must be a sequence of numbers"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(series, x, message):
    with pytest.raises(ValueError, match=message):
        chart(series, x=x)


@pytest.mark.parametrize("series", [[2.0, 1.0], np.ones(3), 1.0, None])
def test_a_series_without_a_name_is_told_how_to_get_one(series):
    with pytest.raises(TypeError, match=r"a dict of names and numbers, such as \{'loss': "):
        chart(series)


def test_the_same_numbers_give_the_same_bytes():
    series = {"a": np.linspace(1.0, 0.1, 5000), "b": [0.5, 0.25]}
    assert chart(series) == chart(series)


def test_an_error_names_the_function_that_was_called():
    for series, x in (({}, None), ({"a": [1.0]}, [1.0, 2.0]), ({"a": "text"}, None)):
        with pytest.raises(ValueError, match=r"^draw_curves: "):
            tg.draw_curves(series, x=x)
