"""Tests of whole pictures of random graphs: what is drawn lies where it should, in any layout."""

import contextlib
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.drawing.graphviz.test_geometry import random_graph as scoped_graph
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.sheet import SHEETS
from tinygrad_mlp.drawing.style import DIRECTIONS, SHOWN, checked, text_width
from tinygrad_mlp.graphs.scopes import placed

SVG = "{http://www.w3.org/2000/svg}"
#: Strokes have a width.
BORDER = 1.5


def random_graph(seed, most=30):
    """Values that are made from others at random: scalars and tensors, in scopes that nest."""
    rng = np.random.default_rng(seed)
    shape = [(), (1, 3), (3, 3), (8, 8)][rng.integers(4)]
    count = rng.integers(1, 5)
    values = [tg.Value(rng.normal(size=shape), label=f"x{place}") for place in range(count)]
    names = ["", "a", "b", "a/b"][: rng.integers(1, 5)]
    for _ in range(rng.integers(1, most)):
        name = names[rng.integers(len(names))]
        with contextlib.ExitStack() as stack:
            for part in filter(None, name.split("/")):
                stack.enter_context(tg.scope(part))
            one, other = (
                values[rng.integers(max(0, len(values) - 8), len(values))] for _ in range(2)
            )
            made = [lambda a, b: a * b, lambda a, b: a + 2.0, lambda a, _: tg.tanh(a)]
            values.append(made[rng.integers(3)](one, other))
            if rng.random() < 0.2:
                values[-1].label = "a longer name"
    values[-1].sum().backward()
    return placed(tg.Graph.of(*values))


def corners(rectangle):
    x, y, width, height = (float(rectangle.get(k)) for k in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


class Drawn:
    """What is found in a picture: boxes, lines, arrow heads and texts, as NumPy arrays."""

    def __init__(self, svg):
        root = ET.fromstring(svg)
        self.view = np.array([float(x) for x in root.get("viewBox").split()])
        self.size = np.array([float(root.get("width")), float(root.get("height"))])
        groups = [
            g
            for g in root.iter(f"{SVG}g")
            if g.find(f"{SVG}title") is not None and g.find(f"{SVG}rect") is not None
        ]
        self.boxes = np.array([corners(g.find(f"{SVG}rect")) for g in groups])
        paths = [e.get("d") for e in root.iter(f"{SVG}path")]
        self.heads = [numbers(d).reshape(-1, 2) for d in paths if d.endswith("Z")]
        lines, _ = root.findall(f"{SVG}g")[:2]
        self.lines = [points(e.get("d")) for e in lines.iter(f"{SVG}path")]
        self.texts = [text_frame(e) for e in root.iter(f"{SVG}text")]
        self.letters = [float(e.get("font-size", 12)) for e in root.iter(f"{SVG}text")]
        self.words = ["".join(e.itertext()) for e in root.iter(f"{SVG}text")]
        corner = [e.get("text-anchor") == "end" for e in root.iter(f"{SVG}text")]
        self.frame_names = [f for f, is_name in zip(self.texts, corner, strict=True) if is_name]


def numbers(path):
    return np.array([float(x) for x in re.findall(r"-?[\d.]+", path)])


def points(path):
    """Points all along a line of straight pieces and curves."""
    found, here = [], None
    steps = np.linspace(0, 1, 13)[:, None]
    for letter, rest in re.findall("([MLCQ])([^MLCQ]*)", path):
        more = numbers(rest).reshape(-1, 2)
        if letter == "M":
            here = more[0]
            continue
        ends = [here, *more]
        while len(ends) > 1:  # de Casteljau
            ends = [one + (other - one) * steps for one, other in pairwise(ends)]
        found.append(ends[0])
        here = more[-1]
    return np.concatenate(found)


def text_frame(text):
    """Left, top, right and bottom of a line of text, about."""
    x, y = float(text.get("x")), float(text.get("y"))
    size = float(text.get("font-size", 12))
    width = text_width("".join(text.itertext()), size)
    left = x - width * {"middle": 0.5, "end": 1.0}.get(text.get("text-anchor"), 0.0)
    return left, y - 0.8 * size, left + width, y + 0.25 * size


def check(drawn):
    """Boxes are apart, lines go around them, and nothing is cut off."""
    left, top, right, bottom = drawn.boxes.T
    for number, box in enumerate(drawn.boxes):
        hit = (left < box[2]) & (box[0] < right) & (top < box[3]) & (box[1] < bottom)
        hit[number] = False
        assert not hit.any(), "two boxes overlap"
    for line in drawn.lines:
        x, y = line[:, :1], line[:, 1:]
        inside = (left + BORDER < x) & (x < right - BORDER)
        inside &= (top + BORDER < y) & (y < bottom - BORDER)
        assert not inside.any(), "a line runs through a box"
    everything = np.concatenate(
        [drawn.boxes, *(np.hstack([line, line]) for line in drawn.lines), drawn.texts]
    )
    x, y, width, height = drawn.view
    assert (everything[:, :2].min(axis=0) >= [x, y]).all(), "something is cut off"
    assert (everything[:, 2:].max(axis=0) <= [x + width, y + height]).all(), "something is cut off"


def check_arrows(drawn, direction):
    """Every arrow points to where time goes, and so does its line: in rows, to one below."""
    for head, line in zip(drawn.heads, drawn.lines, strict=True):
        tip, back = head[0], head[1:].mean(axis=0)
        way = {"LR": (1, 0), "RL": (-1, 0), "TB": (0, 1), "BT": (0, -1)}[direction]
        assert np.allclose(np.sign(np.round(tip - back)), way)
        onward = (line[-1] - line[0]) @ way
        assert onward > 0 or (direction == "LR" and tip[1] - line[0][1] > 40)


@pytest.mark.parametrize("direction", ["auto", *DIRECTIONS])
def test_random_graphs_are_drawn_without_collisions(direction):
    for seed in range(16):
        graph = random_graph(seed)
        show = (*SHOWN, "local") if seed % 4 == 0 else SHOWN
        choices = checked(direction, show, compact=seed % 3 == 0)
        drawn = Drawn(layered_svg(graph, choices))
        check(drawn)
        found = direction
        if direction == "auto":
            head = drawn.heads[0]
            found = "LR" if head[1][0] == head[2][0] else "TB"
            assert (drawn.size == drawn.view[2:]).all()
        check_arrows(drawn, found)


@pytest.mark.parametrize("page", SHEETS)
def test_random_graphs_fit_their_page_and_can_be_read(page):
    sheet = SHEETS[page]
    for seed in range(100, 112):
        graph = random_graph(seed, most=45)
        drawn = Drawn(layered_svg(graph, checked(page=page)))
        check(drawn)
        width, height = drawn.size
        assert width <= sheet.width + 0.1
        assert height <= sheet.height + 0.1
        scale = width / drawn.view[2]
        assert scale <= 1.0
        smallest = min(drawn.letters) * scale
        assert smallest >= sheet.smallest - 0.05 or any("folded" in w for w in drawn.words)


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_no_line_crosses_the_name_of_a_frame(direction, recorded):
    names = 0
    for seed in range(40):
        choices = checked(direction)
        drawn = Drawn(layered_svg(scoped_graph(seed, recorded=recorded), choices))
        for left, top, right, bottom in drawn.frame_names:
            names += 1
            for line in drawn.lines:
                x, y = line.T
                inside = (left < x) & (x < right) & (top < y) & (y < bottom)
                assert not inside.any(), seed
    assert names > 120
