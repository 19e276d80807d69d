"""Tests of what a page of steps holds: every number, at the step that it belongs to."""

import json
import re
from pathlib import Path

import pytest

import tinygrad_mlp as tg
from tests.drawing.page.test_document import EVIL
from tinygrad_mlp.teaching.playing import page as page_room
from tinygrad_mlp.teaching.playing.page import SCRIPTS


def data_of(html):
    return json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', html)[1]
    )


def test_a_page_tells_each_step_with_its_terms(page_of, product):
    data = data_of(page_of(product))
    assert [step.phase for step in tg.steps(product)] == [step["phase"] for step in data["steps"]]
    assert "p becomes -6, computed from w and x by ×" == data["steps"][0]["sentence"]
    assert "p = w · x = (-3) · 2 = -6" == data["steps"][0]["formula"]
    last_of_w = data["steps"][5]
    assert "w gets -3 × 2 = -6 from p (×); it had -6 and now has -12" == last_of_w["sentence"]
    assert "∂L/∂w += ∂L/∂p · x" == last_of_w["formula"]
    (part,) = last_of_w["parts"]
    assert (["grad -12"], [2, 2], "-3 × 2 = -6") == (part["gradient"], part["share"], part["words"])
    assert {
        "upstream": ["-3", "∂L/∂p"],
        "local": ["2", "∂p/∂w"],
        "contribution": ["-6", "for ∂L/∂w"],
        "before": ["-6", "∂L/∂w"],
        "added": ["-6", "share"],
        "after": ["-12", "∂L/∂w"],
    } == part["terms"]


def test_boxes_have_room_for_the_widest_gradient_that_they_ever_hold(page_of):
    x = tg.Value(1.0, "x")
    data = data_of(page_of(x * (1.0 / 3.0) + x * (2.0 / 3.0)))
    assert ["grad 0.666667"] == data["nodes"][0]["gradient"]
    ends = [
        p["gradient"] for s in data["steps"] for p in s["parts"] if p.get("user") and not p["node"]
    ]
    assert [["grad 0.666667"], ["grad 1"]] == ends


def test_answers_are_the_exact_numbers(page_of, product):
    steps = data_of(page_of(product, quiz=True))["steps"]
    assert [-6.0, 18.0, 1.0, -3.0, -6.0, -6.0, 9.0] == [step["answer"] for step in steps]
    assert "What is p = w · x?" == steps[0]["question"]
    assert "What does w get from p? ∂L/∂p · ∂p/∂w =" == steps[5]["question"]


def test_a_page_may_have_a_heading_of_ones_own(tmp_path, product):
    tg.steps(product).save(tmp_path / "steps.html", title="Rückwärts & weiter")
    html = (tmp_path / "steps.html").read_text(encoding="utf-8")
    assert "<title>Rückwärts &amp; weiter</title>" in html
    assert "Rückwärts & weiter" == data_of(html)["title"]


def test_tensors_and_what_is_not_finite_are_not_asked(page_of):
    x = tg.Value([1.0, 2.0], "x")
    steps = data_of(page_of(tg.sum(x * x)))["steps"]
    assert [False, True, True, False, False, False] == ["answer" in step for step in steps]
    broken = data_of(page_of(tg.Value(float("inf"), "x") * 2.0))["steps"]
    assert "answer" not in broken[0]


def test_the_same_steps_give_the_same_bytes_and_change_no_gradient(page_of, product):
    assert page_of(product) == page_of(product)
    assert all(value.grad is None for value in tg.history(product))


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_says_what_it_is_and_can_be_read_in_one_sitting(name):
    text = (Path(page_room.__file__).parent / name).read_text(encoding="utf-8")
    lines = text.splitlines()
    assert lines[0].startswith("// ")
    assert len(lines) <= 300
    assert max(map(len, lines)) <= 100


def test_what_a_user_wrote_is_data(page_of):
    value = tg.Value(1.0, EVIL[0])
    for text in EVIL:
        with tg.scope(text):
            value = tg.tanh(value * tg.Value(2.0, text))
            value.label = text
    html = page_of(value, quiz=True)
    assert 2 == html.count("<script")
    assert 2 == html.count("</script")
    assert "<img" not in html


@pytest.mark.parametrize(
    ("path", "options", "error", "message"),
    [
        ("steps.gif", {}, ValueError, "save: path '.*steps.gif' must end with .html, or name a"),
        ("frames/", {"quiz": True}, ValueError, "a quiz needs a page; let path end with .html"),
        ("frames/", {"title": "L"}, ValueError, "a title needs a page; let path end with .html"),
        ("s.html", {"title": 3}, TypeError, "save: title must be a text, got int"),
        ("s.html", {"quiz": 1}, TypeError, "save: quiz must be True or False, got 1"),
        ("s.html", {"theme": "pink"}, ValueError, "theme must be one of light, dark, print"),
        (
            "frames",
            {"kind": "gif"},
            ValueError,
            "save: kind must be one of svg, png, pdf, got 'gif'",
        ),
        ("no/s.html", {}, FileNotFoundError, "the folder .* does not exist"),
        ("no/frames/", {}, FileNotFoundError, "frames"),
    ],
)
def test_bad_choices_are_named_and_nothing_is_written(
    tmp_path, product, path, options, error, message
):
    with pytest.raises(error, match=message):
        tg.steps(product).save(f"{tmp_path}/{path}", **options)
    assert [] == list(tmp_path.iterdir())


def test_too_many_nodes_are_refused(tmp_path):
    value = tg.Value(1.0)
    for _ in range(3000):
        value = tg.sin(value)
    with pytest.raises(ValueError, match="steps of 3,001 nodes are more than anybody follows"):
        tg.steps(value).save(tmp_path / "steps.html")
