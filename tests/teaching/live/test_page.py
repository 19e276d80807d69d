"""Tests of a live page as a file: small, closed to what stands in it, and what is refused."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.teaching.live.conftest import SHAPES, evil_function, network, settings_of
from tinygrad_mlp.teaching.live.page import FORMAT


def data_in(html):
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    return json.loads(text[1])


def xor_network():
    net = tg.Network(verbose=False)
    net.add(tg.FullyConnectedLayer(2, 3, rng=1))
    net.add(tg.ActivationLayer("sigmoid"))
    net.add(tg.FullyConnectedLayer(3, 1, rng=2))
    net.add(tg.ActivationLayer("sigmoid"))
    return net


def test_a_page_is_one_small_file_that_loads_nothing(saved):
    html = saved(xor_network(), inputs={"x": [[0.0, 1.0]]})
    assert len(html.encode()) < 300_000
    assert {"http://www.w3.org/2000/svg"} == set(re.findall(r"https?://[\w./]+", html))
    assert not re.search(r"<link|<base|@import|url\((?!#)|\ssrc=|\sstyle=", html)
    assert f'content="{FORMAT}"' in html
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy


def test_what_a_function_refers_to_can_be_changed(saved):
    html = saved(xor_network(), inputs={"x": [[0.0, 1.0]]}, ranges={"x": (-1, 2)})
    inputs = data_in(html)["inputs"]
    assert ["x (1, 2)", "W1 (2, 3), learned", "b1 (1, 3), learned"] == [
        x["title"] for x in inputs[:3]
    ]
    assert [-1, 2] == inputs[0]["range"]
    assert ["x[0,0]", "x[0,1]"] == inputs[0]["names"]


def test_a_comparison_is_told_with_its_sign(saved):
    html = saved(lambda x, y: tg.where(x > y, x, y), inputs={"x": 1.0, "y": 2.0})
    first = data_in(html)["steps"][0]
    assert ("mask₁ = x > y", "{0} > {1}") == (first["formula"], first["numbers"])
    assert ">&gt;</text>" in html
    assert ">grad none</text>" in html


def test_a_table_that_the_steps_name_has_its_name_in_the_drawing(saved):
    html = saved(lambda x: tg.mse(np.array([1.0, 2.0]), x), inputs={"x": [0.0, 3.0]})
    assert "½ mse(v₁, x)" in data_in(html)["steps"][0]["formula"]
    assert re.search(r">v1</(text|tspan)>", html)


def test_a_page_is_the_same_in_every_run(saved):
    pages = {saved(network, inputs=settings_of(SHAPES)[0]) for _ in range(2)}
    assert len(pages) == 1


class Elements(HTMLParser):
    """The names of all elements of a page, and their attributes."""

    def __init__(self):
        super().__init__()
        self.names, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_what_a_user_wrote_is_data(saved):
    html = saved(evil_function(), inputs={"x": 1.0})
    plain = saved(tg.sin, inputs={"x": 1.0})
    assert 2 == html.count("<script")
    assert 2 == html.count("</script")
    elements, ordinary = Elements(), Elements()
    elements.feed(html)
    ordinary.feed(plain)
    assert elements.names <= ordinary.names | {"tspan"}
    assert not [name for name in elements.attributes if name.startswith("on")]


def test_a_page_may_have_a_heading_of_ones_own(saved):
    html = saved(tg.sin, inputs={"x": 1.0}, title="Übung <b>1</b>")
    assert "<title>Übung &lt;b&gt;1&lt;/b&gt;</title>" in html
    assert "<b>1" not in html
    with pytest.raises(TypeError, match="save_page: title must be a text, got int"):
        saved(tg.sin, inputs={"x": 1.0}, title=3)


def test_python_is_left_as_it_was(saved):
    net = xor_network()
    before = [p.numpy().copy() for p in net.parameters()]
    saved(net, inputs={"x": [[0.0, 1.0]]})
    assert all((a == p.numpy()).all() for a, p in zip(before, net.parameters()))
    assert all(p.grad is None for p in net.parameters())


@pytest.mark.parametrize(
    ("error", "message", "f", "options"),
    [
        (tg.TraceError, r"tg\.where", lambda x: x if x > 0 else -x, {"inputs": {"x": 1.0}}),
        (
            ValueError,
            "javascript.* det ",
            tg.linalg.det,
            {"inputs": {"a": [[1.0]]}},
        ),
        (TypeError, "must return a Value", lambda x: 1.0, {"inputs": {"x": 1.0}}),
        (tg.GraphError, r"one number, got shape \(2,\)", tg.sin, {"inputs": {"x": [1.0, 2.0]}}),
        (TypeError, "inputs must be a dict", tg.sin, {"inputs": 2.0}),
        (TypeError, "inputs must be a dict", tg.sin, {"inputs": {}}),
        (ValueError, "names of arguments", tg.sin, {"inputs": {"a b": 2.0}}),
        (TypeError, "a number or an array", tg.sin, {"inputs": {"x": "two"}}),
        (ValueError, "must be finite", tg.sin, {"inputs": {"x": np.inf}}),
        (ValueError, "1 to 64 numbers", tg.sin, {"inputs": {"x": np.ones(65)}}),
        (ValueError, "none of the inputs", tg.sin, {"inputs": {"x": 1.0}, "ranges": {"y": (0, 1)}}),
        (ValueError, "low < high", tg.sin, {"inputs": {"x": 1.0}, "ranges": {"x": (1, 0)}}),
        (ValueError, "low < high", tg.sin, {"inputs": {"x": 1.0}, "ranges": {"x": 3}}),
        (ValueError, "in its range", tg.sin, {"inputs": {"x": 1.0}, "ranges": {"x": (2, 3)}}),
        (TypeError, "ranges must be a dict", tg.sin, {"inputs": {"x": 1.0}, "ranges": [(2, 3)]}),
        (ValueError, "further", tg.sin, {"inputs": {"x": 1.0}, "ranges": {"x": (-1e308, 1e308)}}),
        (TypeError, "which takes .x., got y", lambda x: x, {"inputs": {"y": 1.0}}),
        (TypeError, "f must be a function", 3.0, {"inputs": {"x": 1.0}}),
    ],
)
def test_what_cannot_be_is_refused_by_name(error, message, f, options, tmp_path):
    with pytest.raises(error, match=message):
        tg.save_page(f, tmp_path / "live.html", **options)
    assert not (tmp_path / "live.html").exists()


def test_a_graph_that_nobody_could_read_is_refused(tmp_path):
    def f(x):
        for _ in range(400):
            x = tg.sin(x)
        return x

    with pytest.raises(ValueError, match="401 nodes"):
        tg.save_page(f, tmp_path / "live.html", inputs={"x": 1.0})


def test_a_name_that_is_no_page_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"must end with \.html"):
        tg.save_page(tg.sin, tmp_path / "live.svg", inputs={"x": 1.0})
