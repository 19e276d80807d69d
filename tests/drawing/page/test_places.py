"""Tests of the layout in the page, in a real Chromium: geometry that must hold for any graph."""

import json
import re

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.page.contents import contents
from tinygrad_mlp.drawing.page.document import document
from tinygrad_mlp.graphs.scopes import placed

#: Boxes, frames and points of lines in the plane, for a test that computes with them.
PROBE = """
window.shown = () => {
  const picture = drawn.picture;
  const things = [...drawn.things.keys()].map((thing) => ({
    key: thing.key,
    isOpen: picture.levels.has(thing),
    around: framesAround(thing).map((frame) => frame.key),
    ...placeIn(picture, thing),
  }));
  const lines = [...drawn.lines].map(([line, path]) => {
    const [left, top] = originOf(line.level.frame, picture);
    const ends = line.edges.flatMap(({ source, target }) => [source.key, target.key]);
    return { left, top, path: path.getAttribute("d"), ends };
  });
  return JSON.stringify({ things, lines, upright: picture.upright });
};
"""


def random_graph(seed):
    """Sixty results in nested scopes, of leaves and results that were made before."""
    rng = np.random.default_rng(seed)
    values = [tg.Value(0.5, f"x{k}") for k in range(4)]
    for _ in range(12):
        outer, inner = rng.integers(3, size=2)
        with tg.scope(f"outer{outer}"), tg.scope(f"inner{inner}"):
            for _ in range(5):
                one, other = (values[int(k)] for k in rng.integers(len(values), size=2))
                values.append(
                    tg.where(one, one * other, other) if rng.random() < 0.1 else one * other
                )
    ends = values[-1]
    for value in values[-20:-1]:
        ends = ends + value
    return ends


def shown(page):
    return json.loads(page.evaluate("shown()"))


def points_of(line):
    """Points on the path of a line, in the plane."""
    found = []
    for kind, words in re.findall(r"([MLC])([^MLC]+)", line["path"]):
        corners = np.array(re.findall(r"[-\d.e]+", words), dtype=float).reshape(-1, 2)
        if kind == "M":
            found.append(corners)
            continue
        start = found[-1][-1]
        a, b = (corners[0], corners[1]) if kind == "C" else (start, corners[-1])
        t = np.linspace(0.0, 1.0, 12)[1:, None]
        cubic = start * (1 - t) ** 3 + 3 * a * t * (1 - t) ** 2 + 3 * b * t**2 * (1 - t)
        found.append(cubic + corners[-1] * t**3)
    return np.add(np.concatenate(found), [line["left"], line["top"]])


def inside(one, other, margin=0.0):
    return (
        other["x"] - margin <= one["x"]
        and other["y"] - margin <= one["y"]
        and one["x"] + one["width"] <= other["x"] + other["width"] + margin
        and one["y"] + one["height"] <= other["y"] + other["height"] + margin
    )


def apart(one, other):
    return (
        one["x"] + one["width"] <= other["x"]
        or other["x"] + other["width"] <= one["x"]
        or one["y"] + one["height"] <= other["y"]
        or other["y"] + other["height"] <= one["y"]
    )


def check(found):
    """Check a picture: nothing overlaps, frames hold their own and nothing else, lines are free."""
    things = {thing["key"]: thing for thing in found["things"]}
    boxes = [thing for thing in things.values() if not thing["isOpen"]]
    for place, one in enumerate(things.values()):
        for other in list(things.values())[:place]:
            if one["key"] in other["around"]:
                assert inside(other, one)
            elif other["key"] in one["around"]:
                assert inside(one, other)
            else:
                assert apart(one, other), (one, other)
    corners = np.array([[b["x"], b["y"], b["x"] + b["width"], b["y"] + b["height"]] for b in boxes])
    keys = np.array([box["key"] for box in boxes])
    for line in found["lines"]:
        points = points_of(line)
        along = points[:, 1 if found["upright"] else 0]
        assert np.all(np.diff(along) > -0.5)  # no arrow runs back
        x, y = points[:, :1], points[:, 1:]
        left, top, right, bottom = corners.T
        struck = (x > left + 1) & (x < right - 1) & (y > top + 1) & (y < bottom - 1)
        assert set(keys[struck.any(axis=0)]) <= set(line["ends"])


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_nothing_overlaps_whatever_is_folded(opened, direction):
    for seed in range(3):
        graph = tg.Graph.of(random_graph(seed))
        data = contents(graph, placed(graph), style.DEFAULT._replace(direction=direction))
        page = opened(document(data, [PROBE]), viewport={"width": 900, "height": 700})
        page.click("#open-all")
        check(shown(page))
        rng = np.random.default_rng(seed)
        for _ in range(3):
            frames = page.locator("#picture [aria-expanded]")
            frames.nth(int(rng.integers(frames.count()))).dispatch_event("click")
            check(shown(page))
        page.click("#fold-all")
        check(shown(page))


def test_folding_and_opening_again_leads_back_to_the_same_picture(opened):
    graph = tg.Graph.of(random_graph(7))
    page = opened(document(contents(graph, placed(graph), style.DEFAULT), [PROBE]))
    page.click("#open-all")
    before = shown(page)
    page.click("#fold-all")
    page.click("#open-all")
    assert before["lines"] == shown(page)["lines"]
