"""Tests of frames: a picture of each step, of one size and one layout."""

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import tinygrad_mlp as tg

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def frames_of(tmp_path):
    """A function that returns the pictures of all steps as trees of elements."""

    def save(output, *, theme="light", direction="auto", **options):
        folder = tmp_path / f"frames of {output.label}"
        tg.steps(output, **options).save(folder, theme=theme, direction=direction)
        files = sorted(folder.iterdir())
        return [ET.fromstring(file.read_text(encoding="utf-8")) for file in files]

    return save


def box(frame, name):
    """The group of the box of a value."""
    groups = (group for group in frame.iter(f"{SVG}g") if group.find(f"{SVG}title") is not None)
    return next(g for g in groups if g.find(f"{SVG}title").text.startswith(f"{name}: "))


def numbers(frame, name):
    return ["".join(text.itertext()) for text in box(frame, name).iter(f"{SVG}text")][1:]


def places(frame):
    """Size and place of every box."""
    rectangles = frame.iter(f"{SVG}rect")
    return sorted(tuple(r.get(k) for k in ("x", "y", "width", "height")) for r in rectangles)


@pytest.mark.parametrize("direction", ["auto", "LR", "TB", "RL", "BT"])
@pytest.mark.parametrize("theme", ["light", "print"])
def test_numbers_appear_step_by_step(frames_of, product, theme, direction):
    frames = frames_of(product, theme=theme, direction=direction)
    assert 7 == len(frames)
    assert [["-3"]] * 4 + [["-3", "grad -6"]] + [["-3", "grad -12"]] * 2 == [
        numbers(frame, "w") for frame in frames
    ]
    assert [[], ["18"], ["18", "grad 1"]] == [numbers(frame, "L") for frame in frames[:3]]
    assert "0.4" == box(frames[0], "L").get("opacity")
    assert box(frames[1], "L").get("opacity") is None


def test_all_pictures_have_one_size_and_the_same_places(frames_of, product, loss):
    for output in (product, loss):
        frames = frames_of(output)
        assert 1 == len({(frame.get("viewBox"), tuple(places(frame))) for frame in frames})


def test_what_passes_over_an_edge_stands_on_it_with_the_gradient_of_that_moment(frames_of):
    """The gradient of h is complete only when both of its uses have been visited."""
    x = tg.Value(2.0, "x")
    h = x * 3.0
    h.label = "h"
    frames = frames_of(h * h)
    words = [{"".join(t.itertext()) for t in frame.iter(f"{SVG}text")} for frame in frames]
    assert ["1 × 6 = 6" in w for w in words] == [False, False, False, True, True, True]
    assert "12 × 3 = 36" in words[-1]
    assert "12 × 3 = 36" not in words[-2]


def test_the_step_and_its_sentence_stand_below(frames_of, product):
    frames = frames_of(product)
    for step, frame in zip(tg.steps(product), frames, strict=True):
        lines = ["".join(text.itertext()) for text in frame.iter(f"{SVG}text")]
        assert f"{step.number} of 7, {step.phase} pass" in lines
        assert step.sentence in " ".join(lines)
        assert step.sentence == frame.find(f"{SVG}title").text


def test_lines_that_gradients_passed_are_turned_around(frames_of, product):
    first, last = (frame for k, frame in enumerate(frames_of(product)) if k in (0, 6))
    strokes = [
        [
            path.get("stroke")
            for path in frame.iter(f"{SVG}path")
            if path.get("stroke-width") == "3.5"
        ]
        for frame in (first, last)
    ]
    assert [3, 2] == list(map(len, strokes))  # to p: both arguments, and from × to it; back to x
    tips = [
        {path.get("d").split("L")[0] for path in frame.iter(f"{SVG}path") if "Z" in path.get("d")}
        for frame in (first, last)
    ]
    assert not tips[0] & tips[1]


def test_layers_are_boxes(frames_of, loss):
    frames = frames_of(loss, depth=1)
    assert 12 == len(frames)
    assert "layer1" in "".join(frames[0].itertext())
    assert "Back through layer1" in "".join(frames[-1].itertext())


def test_pictures_are_pngs_too(tmp_path, product):
    pytest.importorskip("typst", reason="the package typst is missing")
    tg.steps(product).save(tmp_path / "frames/", kind="png")
    names = [file.name for file in sorted((tmp_path / "frames").iterdir())]
    assert [f"step_0{number}.png" for number in range(1, 8)] == names


def test_an_existing_folder_keeps_its_other_files(tmp_path, product):
    (tmp_path / "notes.txt").write_text("mine")
    tg.steps(product).save(tmp_path)
    assert "mine" == (tmp_path / "notes.txt").read_text()
    assert 8 == len(list(tmp_path.iterdir()))


def test_labels_are_only_text(frames_of):
    x = tg.Value(np.ones(2), "<script>alert(1)</script>")
    for frame in frames_of(tg.sum(x * x)):
        assert [] == list(frame.iter(f"{SVG}script"))
        assert re.search("<script>", "".join(frame.itertext()))
