"""Tests of the page as a file: one, small, and closed to whatever stands in a label."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing import page as page_room
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.page.contents import FORMAT, contents
from tinygrad_mlp.drawing.page.document import SCRIPTS, document

EVIL = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "two\u2028lines\u2029more",
    "\ud800 alone",
    "{{script}} {{data}}",
    "--><!--",
    "&amp; \"'",
    "</SCRIPT\n>",
]


def evil_graph():
    value = tg.Value(1.0)
    for text in EVIL:
        with tg.scope(text):
            value = tg.tanh(value * tg.Value(2.0, text))
            value.label = text
    return value


def data_in(html):
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    return json.loads(text[1])


def test_a_page_is_one_small_file_that_names_nothing_outside(neuron, tmp_path):
    tg.save_drawing(neuron, tmp_path / "neuron.html")
    page = (tmp_path / "neuron.html").read_bytes()
    assert len(page) < 100_000
    text = page.decode()
    outside = set(re.findall(r"https?://[\w./]+", text))
    assert {"http://www.w3.org/2000/svg"} == outside  # the name of SVG's elements
    assert not re.search(r"<link|<base|@import|url\((?!#)|\ssrc=", text)


def test_a_page_names_its_format_and_its_version(neuron):
    html = tg.view(neuron).html
    assert f'<meta name="generator" content="{FORMAT}">' in html
    assert FORMAT == data_in(html)["format"] == "tinygrad_mlp page 1"


def test_what_a_user_wrote_is_data_and_comes_back_as_it_was():
    html = tg.view(evil_graph()).html
    assert 2 == html.count("<script")
    assert "alert" not in re.sub(r'<script type="application/json".*?</script>', "", html, flags=16)
    names = {node["name"] for node in data_in(html)["nodes"]}
    assert {style.readable(text) for text in EVIL} <= names
    html.encode()  # what cannot be written would raise


def test_a_hole_in_a_label_is_not_filled():
    assert data_in(tg.view(tg.Value(1.0, "{{script}}")).html)["nodes"][0]["name"] == "{{script}}"


@pytest.mark.parametrize(("kind", "element"), [("script", "script"), ("style", "style")])
def test_the_policy_lets_this_script_and_this_style_run_and_nothing_else(neuron, kind, element):
    html = tg.view(neuron).html
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)[1]
    text = re.search(rf"<{element}>(.*?)</{element}>", html, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_says_what_it_is_and_can_be_read_in_one_sitting(name):
    lines = (Path(page_room.__file__).parent / name).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("// ")
    assert len(lines) <= 300
    assert max(map(len, lines)) <= 100


def test_every_file_of_the_folder_is_in_the_page(neuron):
    html = tg.view(neuron).html
    for path in Path(page_room.__file__).parent.glob("*.[jch]*s*"):
        if path.suffix != ".py":
            assert path.read_text(encoding="utf-8").splitlines()[0] in html, path.name


def test_a_script_can_be_added_that_sees_what_the_page_is_made_of(neuron):
    graph = tg.Graph.of(neuron)
    html = document(contents(graph, graph, style.DEFAULT), scripts=["announce(nodes[0].name);"])
    assert "announce(nodes[0].name);\n})();\n</script>" in html
