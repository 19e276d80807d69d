"""Tests of the built-in drawing's looks: themes, highlights, folded boxes, the backward pass."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.style import checked
from tinygrad_mlp.drawing.theme import THEMES
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.scopes import placed

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg):
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text")]


def boxes(svg):
    """Left and right borders of the box of each value and op, by the beginning of its title."""
    found = {}
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        title = group.findtext(f"{SVG}title")
        if title is not None:
            rectangle = group.find(f"{SVG}rect")
            left, width = float(rectangle.get("x")), float(rectangle.get("width"))
            found[re.split("[:,]", title)[0]] = (left, left + width)
    return found


@pytest.fixture
def differentiated():
    x, w = tg.Value(2.0, label="x"), tg.Value(3.0, label="w")
    y = tg.tanh(x * w)
    y.label = "y"
    return placed(tg.Graph.of(y, *tg.grad(y, [x, w], create_graph=True)))


def test_the_backward_pass_runs_back(differentiated):
    svg = layered_svg(differentiated)
    place = boxes(svg)
    assert place["x"][1] < place["v2"][0] < place["y"][0]
    assert place["∂y/∂x"][1] < place["∂y/∂v₂"][0] < place["∂y/∂y"][0]
    assert "backward" in texts(svg)


def drawn_points(path):
    """Points all along a line of straight and curved pieces."""
    numbers = [tuple(map(float, pair.split(","))) for pair in re.findall(r"[-\d.]+,[-\d.]+", path)]
    found, here = [], numbers.pop(0)
    for letter in re.findall("[LC]", path):
        one = two = here
        if letter == "C":
            two, three, here = numbers.pop(0), numbers.pop(0), numbers.pop(0)
        else:
            three = here = numbers.pop(0)
        for t in (step / 40 for step in range(41)):
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            corners = (one, two, three, here)
            found.append(
                tuple(sum(w * c[i] for w, c in zip(weights, corners, strict=True)) for i in (0, 1))
            )
    return found


@pytest.mark.parametrize("direction", style.DIRECTIONS)
def test_lines_into_the_backward_pass_are_seen_whole(differentiated, direction):
    root = ET.fromstring(layered_svg(differentiated, checked(direction=direction)))
    sizes = {
        tuple(float(rect.get(name)) for name in ("x", "y", "width", "height")): rect.get("rx")
        for group in root.iter()
        for rect in group.findall(f"{SVG}rect")
        if group.tag == f"{SVG}g" or rect.get("rx") == "6"
    }
    (frame,) = [size for size, rounded in sizes.items() if rounded == "6"]
    lines = [e.get("d") for e in root.iter(f"{SVG}path") if e.get("stroke-opacity") == "0.6"]
    assert 3 == len(lines)
    right, bottom = (frame[i] + frame[i + 2] for i in (0, 1))
    for line in lines:
        for x, y in drawn_points(line)[1:-1]:
            for left, top, width, height in sizes.keys() - {frame}:
                behind = left + 1 < x < left + width - 1 and top + 1 < y < top + height - 1
                assert not behind
            if direction in {"LR", "TB"}:
                assert x < right
                assert y < bottom


def test_each_value_is_joined_with_its_gradient(differentiated):
    svg = layered_svg(differentiated)
    links = [e for e in ET.fromstring(svg).iter(f"{SVG}path") if e.get("stroke-dasharray") == "5 4"]
    assert sum(node.primal is not None for node in differentiated) == len(links)


def test_every_edge_has_an_arrow_and_no_link_has_one(differentiated):
    svg = layered_svg(differentiated)
    heads = re.findall(r'd="M[^"]*Z"', svg)
    ops = sum(bool(node.op) for node in differentiated)
    assert ops + sum(len(node.arguments) for node in differentiated) == len(heads)


@pytest.mark.parametrize("direction", style.DIRECTIONS)
def test_gradients_that_are_computed_with_again_are_drawn_forward(direction):
    x = tg.Value(2.0, label="x")
    y = x**3
    slope = tg.grad(y, x, create_graph=True)
    penalty = slope * slope + y
    bend = tg.grad(penalty, x, create_graph=True)
    svg = layered_svg(placed(tg.Graph.of(penalty, bend)), checked(direction=direction))
    ET.fromstring(svg)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from("ab")), min_size=1),
    st.integers(0, 2),
    st.sampled_from(style.DIRECTIONS),
    st.integers(1, 80),
)
def test_any_graph_with_gradients_of_any_order_is_drawn(steps, order, direction, max_nodes):
    x = tg.Value(1.0, label="x")
    values = [x, tg.Value(0.5)]
    for left, right, name in steps[:8]:
        with tg.scope(name):
            one, other = (values[-1 - place % len(values)] for place in (left, right))
            values.append(tg.sin(one * other))
    y = values[-1]
    drawn = [y]
    for _ in range(order):
        y = tg.grad(y, x, create_graph=True)
        drawn.append(y)
    whole = placed(tg.Graph.of(*drawn))
    for graph in (whole, fold(whole, max_nodes=max_nodes)):
        if len(graph) <= 150:
            svg = layered_svg(graph, checked(direction=direction, show=(*style.SHOWN, "local")))
            assert "nan" not in re.sub(r"<text[^>]*>[^<]*</text>", "", svg)
            ET.fromstring(svg)


@pytest.mark.parametrize("name", THEMES)
def test_a_drawing_has_no_colours_but_those_of_its_theme(name, two_layers):
    graph = placed(tg.Graph.of(two_layers))
    svg = layered_svg(graph, checked(theme=name, highlight=["v0"], show=(*style.SHOWN, "local")))
    theme = THEMES[name]
    known = {*theme[:-1], *(c for look in theme.looks.values() for c in look[:2])}
    assert set(re.findall(r'"(#[0-9a-f]{6})"', svg)) <= known
    assert theme.page in svg
    assert theme.highlight in svg


def test_what_is_highlighted_stands_out_with_the_edges_between():
    x = tg.Value(3.0, label="x")
    y = x * x
    graph = tg.Graph.of(y)
    marked = layered_svg(graph, checked(highlight=["v0", "v1"]))
    colour = THEMES["light"].highlight
    assert 0 == layered_svg(graph).count(colour)
    # Two boxes, an op, three lines and their heads.
    assert 9 == marked.count(colour)


def test_a_folded_graph_has_its_boxes_and_its_note():
    y = tg.Value(1.0, label="start")
    for _ in range(500):
        y = tg.tanh(y)
    svg = layered_svg(fold(tg.Graph.of(y)))
    assert {"499 times tanh", "499 values", "499 of 501 nodes folded into 1 box"} <= set(texts(svg))
    assert "tanh" in texts(svg)  # the op of the first one, which stays outside


def test_the_note_is_on_the_page():
    graph = fold(tg.Graph.of(tg.Value(1.0)))
    graph.note = "a note that is longer than the drawing is wide"
    root = ET.fromstring(layered_svg(graph))
    assert float(root.get("width")) > style.text_width(graph.note)


def test_title_and_shape_stand_beside_each_other_in_every_viewer():
    svg = layered_svg(tg.Graph.of(tg.Value([1.0, 2.0], label="x")))
    found = ET.fromstring(svg).iter(f"{SVG}text")
    (title,) = (element for element in found if len(element))
    assert "x (2,)" == "".join(title.itertext())
    assert title.get("text-anchor") is None


def test_a_box_of_many_nodes_is_as_high_as_its_words_however_many_arguments_it_has():
    with tg.scope("layer"):
        y = tg.stack([tg.Value(1.0, label=f"x{place}") for place in range(2)]).sum()
    xs = [tg.Value(float(place)) for place in range(30)]
    with tg.scope("layer"):
        z = tg.stack(xs).sum()

    def height(value):
        svg = layered_svg(fold(tg.Graph.of(value), depth=1))
        (group,) = (
            group
            for group in ET.fromstring(svg).iter(f"{SVG}g")
            if (group.findtext(f"{SVG}title") or "").startswith("layer")
        )
        return group.find(f"{SVG}rect").get("height")

    assert height(y) == height(z)


@pytest.mark.parametrize("direction", ["LR", "TB", "RL", "BT"])
def test_a_long_title_is_cut_visibly_inside_its_frame_and_told_whole_when_pointed_at(direction):
    long = "a title that is longer than its frame"
    with tg.scope("short"):
        x = tg.exp(tg.Value(1.0))
    with tg.scope(long):
        x = tg.exp(x)
    svg = layered_svg(placed(tg.Graph.of(x)), checked(direction, compact=True))
    assert "short" in texts(svg)
    root = ET.fromstring(svg)
    (group,) = (g for g in root.iter(f"{SVG}g") if g.findtext(f"{SVG}title") == long)
    (title,) = group.iter(f"{SVG}text")
    assert title.text.endswith("…")
    right = float(title.get("x"))
    frames = [
        {k: float(f.get(k)) for k in ("x", "width")}
        for f in root.iter(f"{SVG}rect")
        if f.get("rx") == "6"
    ]
    (left,) = {f["x"] for f in frames if 0 < f["x"] + f["width"] - right < 9}
    assert left < right - style.text_width(title.text)


@pytest.mark.parametrize("direction", ["TB", "BT"])
@pytest.mark.parametrize("name", ["layer2", "a title that is longer than its frame"])
def test_upright_lines_into_a_narrow_frame_pass_beside_its_title(direction, name):
    x = tg.exp(tg.Value(1.0, "x"))
    with tg.scope(name):
        x = tg.exp(x)
    graph = placed(tg.Graph.of(tg.exp(x)))
    root = ET.fromstring(layered_svg(graph, checked(direction, show="label", compact=True)))
    begin = name[:6]
    (title,) = (t for t in root.iter(f"{SVG}text") if (t.text or "").startswith(begin))
    left = float(title.get("x")) - style.text_width(title.text)
    lines = next(g for g in root.iter(f"{SVG}g") if g.get("fill") == "none")
    for line in lines:
        assert max(float(x) for x in re.findall(r"(-?[\d.]+),", line.get("d"))) < left
