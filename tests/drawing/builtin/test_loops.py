"""Tests of edges back: around the boxes, from their source to their target, and marked."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.builtin.scene import Scene
from tinygrad_mlp.drawing.graphviz.dot import to_dot
from tinygrad_mlp.drawing.graphviz.programs import render_source
from tinygrad_mlp.drawing.style import checked
from tinygrad_mlp.graphs.rolling import rolled
from tinygrad_mlp.graphs.scopes import placed

SVG = "{http://www.w3.org/2000/svg}"


def gated(states):
    """A rolled loop with as many states, and scopes inside of its turns."""
    W, x = tg.Value(np.ones((2, 2)), "W"), tg.Value(np.ones((6, 1, 2)), "x")
    held = [tg.Value(np.zeros((1, 2)), f"h{number}") for number in range(states)]
    for step in range(6):
        with tg.scope(f"step{step}"):
            z = x[step] @ W
            for state in held:
                z = z + state @ W
            with tg.scope("gate"):
                gate = tg.sigmoid(z)
            held = [tg.tanh(state * gate + z) for state in held]
    return rolled(placed(tg.Graph.of(tg.sum(tg.stack(held)))))


def residual():
    h = tg.Value(np.ones((1, 2)), "x")
    for block in range(12):
        with tg.scope(f"block{block}"):
            h = h + tg.relu(h @ tg.Value(np.ones((2, 2)), f"W{block}"))
    return rolled(placed(tg.Graph.of(h)))


def itself():
    h = tg.Value(0.5, "h0")
    for step in range(5):
        with tg.scope(f"step{step}"):
            h = tg.tanh(h)
    return rolled(placed(tg.Graph.of(h)))


GRAPHS = {"one": gated(1), "three": gated(3), "residual": residual(), "itself": itself()}
everywhere = pytest.mark.parametrize("direction", ["LR", "TB", "RL", "BT"])
every_graph = pytest.mark.parametrize("graph", GRAPHS.values(), ids=list(GRAPHS))


def numbers(path):
    return [float(number) for number in re.findall(r"-?[\d.]+", path)]


def points_on(path):
    """Points along a path of straight lines and cubic curves."""
    found, here = [], None
    for letter, rest in re.findall(r"([MLC])([^MLC]*)", path):
        flat = numbers(rest)
        corners = [complex(*pair) for pair in zip(flat[::2], flat[1::2], strict=True)]
        if letter == "C":
            a, (b, c, d) = here, corners
            found += [
                a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t**2 * (1 - t) + d * t**3
                for t in np.linspace(0, 1, 40)
            ]
        elif letter == "L":
            found += [here + (corners[0] - here) * t for t in np.linspace(0, 1, 200)]
        here = corners[-1]
    return found


def boxes_of(root):
    frames = []
    for group in root.iter(f"{SVG}g"):
        if group.find(f"{SVG}title") is not None:
            box = group.find(f"{SVG}rect")
            frames.append([float(box.get(key)) for key in ("x", "y", "width", "height")])
    return frames


@every_graph
@everywhere
def test_an_edge_back_passes_no_box_and_stays_on_the_page(graph, direction):
    root = ET.fromstring(layered_svg(graph, checked(direction, ("label", "op", "shape"))))
    loops = [path for path in root.iter(f"{SVG}path") if path.get("class") == "loop"]
    assert len(loops) == sum(source is not None for n in graph for source in backs(n))
    left, top, width, height = numbers(root.get("viewBox"))
    boxes = boxes_of(root)
    for loop in loops:
        assert loop.get("stroke-dasharray")
        for point in points_on(loop.get("d")):
            assert left < point.real < left + width
            assert top < point.imag < top + height
            for x, y, w, h in boxes:
                inside = x + 1 < point.real < x + w - 1 and y + 1 < point.imag < y + h - 1
                assert not inside


def backs(node):
    return getattr(node, "back", ())


@everywhere
def test_an_edge_back_runs_against_the_direction_and_arrives_along_it(direction):
    root = ET.fromstring(layered_svg(GRAPHS["one"], checked(direction)))
    loops = [path for path in root.iter(f"{SVG}path") if path.get("class") == "loop"]
    assert 2 == len(loops)
    for loop in loops:
        points = points_on(loop.get("d"))
        along = [point.real if direction in {"LR", "RL"} else point.imag for point in points]
        along = [-a for a in along] if direction in {"RL", "BT"} else along
        assert along[-1] < along[0]
        assert along[-40] < along[-1] + 0.01


@every_graph
def test_the_text_for_graphviz_has_each_edge_back_dashed_and_turned_around(graph):
    lines = [line for line in to_dot(graph).splitlines() if 'class="loop"' in line]
    assert len(lines) == sum(source is not None for node in graph for source in backs(node))
    assert all("style=dashed" in line and "dir=back" in line for line in lines)


def test_what_stands_before_its_user_in_a_turn_has_an_edge_along_the_others():
    state, results = tg.Value(0.5, "s0"), []
    for step in range(5):
        with tg.scope(f"step{step}"):
            new = tg.sin(tg.Value(0.1, f"x{step}"))
            results.append(tg.tanh(new * state))  # of this turn, and of the one before
            state = new
    graph = rolled(placed(tg.Graph.of(tg.stack(results))))
    (line,) = (line for line in to_dot(graph).splitlines() if 'class="loop"' in line)
    assert "dir=back" not in line
    assert 1 == layered_svg(graph).count('class="loop"')


@every_graph
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_edges_back_in_a_drawing_of_graphviz_are_as_many(graph, direction, program):
    source = to_dot(graph, checked(direction, ("label", "op")))
    svg = render_source(source, "svg", program=program)
    root = ET.fromstring(svg[svg.index(b"<svg") :])
    dashed = [p for p in root.iter(f"{SVG}path") if p.get("stroke-dasharray")]
    assert len(dashed) == sum(source is not None for node in graph for source in backs(node))


@pytest.mark.parametrize("hide", [("label",), ("label", "value")])
def test_a_loop_without_boxes_for_its_operations(hide):
    svg = layered_svg(GRAPHS["itself"], checked("LR", hide))
    assert 1 == svg.count('class="loop"')


def test_what_all_turns_share_stands_beside_the_cell_and_has_no_column_or_row_of_its_own():
    W, U, h = (tg.Value(np.ones((2, 2)), name) for name in ("W", "U", "h0"))
    for step in range(6):
        with tg.scope(f"step{step}"):
            h = tg.tanh(h @ W + tg.Value(np.ones((1, 2)), f"x{step}") @ U)
    graph = rolled(placed(tg.Graph.of(h)))
    scene = Scene(graph, checked("LR"))
    columns = dict(zip((b.node.label for b in scene.boxes), scene.sorted.rows.numbers, strict=True))
    assert columns["W"] == columns["U"] == columns["h0"] == columns["x0 … x5"] == 0
