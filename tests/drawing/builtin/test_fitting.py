"""Tests of what a drawing does to fit its page: rows, directions, and folding at last."""

import runpy
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.commands import small_graph
from tinygrad_mlp.drawing.builtin.fitting import arranged
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.sheet import SHEETS
from tinygrad_mlp.drawing.style import NUMBER_SIZE, checked
from tinygrad_mlp.graphs.rolling import rolled
from tinygrad_mlp.graphs.scopes import placed

ROOT = Path(__file__).parents[3]
SVG = "{http://www.w3.org/2000/svg}"


def loss_of(*sizes):
    """The loss of a network of layers of these sizes, after its backward pass."""
    rng = np.random.default_rng(0)
    value = tg.Value(rng.normal(size=(1, sizes[0])), "x")
    for number, shape in enumerate(zip(sizes, sizes[1:], strict=False)):
        with tg.scope(f"layer{number}"):
            W, b = (tg.Value(rng.normal(size=(n, shape[1]))) for n in (shape[0], 1))
            W.label, b.label = f"W{number}", f"b{number}"
            value = tg.sigmoid(tg.affine(value, W, b))
    loss = tg.mse(tg.Value(np.ones((1, sizes[-1])), "y"), value)
    loss.backward()
    return loss


def digits():
    """The cross-entropy of a network for handwritten digits, after its backward pass."""
    network = tg.Network(verbose=False)
    network.add(tg.FullyConnectedLayer(784, 128, rng=0))
    network.add(tg.ActivationLayer("sigmoid"))
    network.add(tg.FullyConnectedLayer(128, 10, rng=0))
    images = np.random.default_rng(0).normal(size=(32, 784))
    loss = tg.softmax_cross_entropy(np.eye(10)[np.arange(32) % 10], network(tg.Value(images, "x")))
    loss.backward()
    return loss


def attention():
    rng = np.random.default_rng(0)
    x = tg.Value(rng.normal(size=(5, 8)), "x")
    with tg.scope("attention"):
        Q, K, V = (x @ tg.Value(rng.normal(size=(8, 8)), f"W{name}") for name in "qkv")
        return tg.softmax(Q @ K.T / 8.0**0.5) @ V


def graph_of(value):
    return placed(value if isinstance(value, tg.Graph) else tg.Graph.of(value))


def size_of(svg):
    root = ET.fromstring(svg)
    return float(root.get("width")), float(root.get("height"))


def chain(length):
    y = tg.Value(1.0, label="x")
    for _ in range(length):
        y = tg.tanh(y)
    return tg.Graph.of(y)


@pytest.mark.parametrize(
    "value",
    [
        lambda: loss_of(2, 3, 1),
        digits,
        attention,
        small_graph,
    ],
    ids=["2-3-1", "784-128-10", "attention", "readme"],
)
def test_a_small_network_with_all_its_numbers_fits_a_slide_in_its_natural_size(value):
    graph = graph_of(value())
    svg = layered_svg(graph)
    width, height = size_of(svg)
    assert width <= 1280
    assert height <= 720
    assert "folded" not in svg
    assert svg == layered_svg(graph, checked(page="slide"))


def test_what_fits_in_one_row_stays_in_one():
    graph = chain(3)
    assert layered_svg(graph) == layered_svg(graph, checked("LR"))


def test_rows_are_nowhere_near_as_wide_as_one_row_would_be():
    wide, _ = size_of(layered_svg(chain(40), checked("LR")))
    width, height = size_of(layered_svg(chain(40)))
    assert width < wide / 3
    assert 1.2 < width / height < 2.6  # as a slide


def test_a_narrow_page_gets_rows_or_arrows_that_point_down():
    width, height = size_of(layered_svg(chain(12), checked(page="column")))
    assert width <= 336
    assert height > width


def test_an_explicit_direction_has_its_natural_size_unless_there_is_a_page():
    graph = chain(40)
    scene = arranged(graph, checked("LR"))
    assert size_of(layered_svg(graph, checked("LR"))) == pytest.approx(scene.size, abs=0.1)
    kept = checked("LR", page="slide")._replace(expand=None)
    assert size_of(layered_svg(graph, kept))[0] == pytest.approx(1280, abs=0.1)


def test_rows_do_not_part_a_loop():
    h = tg.Value(np.zeros((1, 2)), "h0")
    W = tg.Value(np.ones((2, 2)), "W")
    for _ in range(3):
        h = tg.tanh(h * 2.0)
    for step in range(6):
        with tg.scope(f"step{step}"):
            h = tg.tanh(h @ W + 1.0)
    for _ in range(3):
        h = tg.tanh(h * 2.0)
    svg = layered_svg(rolled(graph_of(h)))
    assert 1 == svg.count(">step ×6<")
    assert 1 == svg.count('class="loop"')
    wide, _ = size_of(layered_svg(rolled(graph_of(h)), checked("LR")))
    assert size_of(svg)[0] < wide / 2


def test_a_legend_tells_of_what_was_folded_to_fit():
    value = tg.Value(1.0, "x")
    for _ in range(200):
        value = tg.tanh(value)
    drawing = tg.draw(value, page="slide", legend=True, show=["label", "op", "value"])
    svg = layered_svg(drawing.graph, drawing.choices)
    assert "folded into" in svg
    assert ">several values<" in svg


def test_a_long_note_has_lines_as_long_as_the_page_has_room():
    graph = chain(3)
    graph.note = "one; " * 60
    width, height = size_of(layered_svg(graph))
    plain = size_of(layered_svg(chain(3)))
    assert width <= max(plain[0], 420)
    assert height > plain[1] + 14
    assert size_of(layered_svg(graph, checked(page="column")))[0] <= 336


def test_what_would_be_too_small_is_folded_and_says_so():
    rng = np.random.default_rng(0)
    values = [tg.Value(float(place), label=f"x{place}") for place in range(8)]
    for _ in range(80):
        one, other = rng.integers(len(values), size=2)
        values.append(values[one] * values[other])
    graph = tg.Graph.of(*values)
    svg = layered_svg(graph, checked(page="slide"))
    assert "nodes folded into" in svg
    root = ET.fromstring(svg)
    scale = float(root.get("width")) / float(root.get("viewBox").split()[2])
    assert scale * 11 >= 11 - 0.05
    whole = layered_svg(graph, checked(page="slide")._replace(expand=None))
    assert "folded" not in whole
    assert size_of(whole)[0] <= 1280


def test_what_was_opened_stays_open_where_the_rest_is_folded():
    y = tg.Value(1.0, label="x")
    for name in "abc":
        with tg.scope(name):
            for _ in range(12):
                y = tg.tanh(y)
    choices = checked(width=700, height=500)._replace(expand=("b",))
    shown = [e.text for e in ET.fromstring(layered_svg(graph_of(y), choices)).iter(f"{SVG}text")]
    assert 12 <= shown.count("tanh") < 24
    assert any("folded" in (line or "") for line in shown)


def test_a_loop_on_a_narrow_page_is_closed_and_still_beside_what_it_shares():
    W, U, h = (tg.Value(np.ones((4, 4)), name) for name in ("W", "U", "h0"))
    for step in range(6):
        with tg.scope(f"step{step}"):
            h = tg.tanh(h @ W + tg.Value(np.ones((1, 4)), f"x{step}") @ U)
    svg = layered_svg(rolled(graph_of(h)), checked(page="column"))
    shown = {"".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text")}
    assert {"step ×6", "W (4, 4)", "U (4, 4)", "h0 (4, 4)"} <= {text.strip() for text in shown}


# ----- Folding as little as it takes -----


def sigmoids(count):
    """The loss of a network of so many layers of sigmoids, after its backward pass."""
    network = tg.Network(verbose=False)
    for layer in range(count):
        network.add(tg.FullyConnectedLayer(4, 4, rng=layer))
        network.add(tg.ActivationLayer("sigmoid"))
    loss = tg.mse(tg.Value(np.zeros((1, 4)), "y"), network(tg.Value(np.ones((1, 4)), "x")))
    loss.backward()
    return loss


def saved(value, path, **choices):
    """The file of a drawing, its shown scale and its texts."""
    tg.save_drawing(value, path, **choices)
    root = ET.fromstring(path.read_text())
    scale = float(root.get("width")) / float(root.get("viewBox").split()[2])
    return root, scale, ["".join(e.itertext()).strip() for e in root.iter(f"{SVG}text")]


SUBJECTS = {
    **runpy.run_path(str(ROOT / "tools" / "eight_subjects.py"))["SUBJECTS"],
    "scalar attention": lambda: tg.expand(attention()),
    "ten sigmoids": lambda: sigmoids(10),
}


@pytest.mark.parametrize("page", SHEETS)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_fits_every_page_with_letters_one_can_read(tmp_path, subject, page):
    root, scale, shown = saved(SUBJECTS[subject](), tmp_path / "it.svg", page=page)
    sheet = SHEETS[page]
    assert float(root.get("width")) <= sheet.width + 0.1
    assert float(root.get("height")) <= sheet.height + 0.1
    assert scale * NUMBER_SIZE >= sheet.smallest - 0.05
    assert not any("too large" in text for text in shown)


def test_gradients_that_are_coloured_stay_apart_layer_by_layer(tmp_path):
    loss = sigmoids(10)
    _, _, shown = saved(loss, tmp_path / "it.svg", page="slide", color="gradient")
    assert [f"layer{n}" for n in range(1, 21)] == [text for text in shown if "layer" in text]
    assert "40 of 43 nodes folded into 20 boxes" in shown
    _, _, shown = saved(sigmoids(60), tmp_path / "it.svg", page="slide", color="gradient")
    assert not any("times" in text for text in shown)
    assert "part 12" in shown


def test_single_numbers_are_folded_into_the_tables_they_are_of(tmp_path):
    out = tg.expand(SUBJECTS["8_attention"]())
    _, _, shown = saved(out, tmp_path / "it.svg", page="slide")
    tables = ["x", "W_q", "W_k", "W_v", "Q", "K", "V", "A", "out"]
    assert set(tables) <= set(shown)
    assert "2,937 of 2,938 nodes folded into 9 boxes" in shown


def test_small_scopes_stay_open_where_the_page_has_room(tmp_path):
    loss = SUBJECTS["2_mlp_2_3_1_scalars"]()
    _, _, shown = saved(loss, tmp_path / "it.svg", page="slide")
    assert {"layer1", "layer2", "loss"} <= set(shown)
    assert {"×", "σ", "÷", "b2[0,0]"} <= set(shown)  # of the second layer and the loss
    assert "W1" not in shown


def test_what_is_highlighted_is_hidden_in_no_box(tmp_path):
    loss = sigmoids(10)
    node = next(n for n in tg.Graph.of(loss) if n.scope == "layer9" and n.op)
    marked = {"page": "slide", "highlight": node.id}
    _, _, shown = saved(loss, tmp_path / "it.svg", show=["label", "op"], **marked)
    assert "layer9" in shown
    assert "affine" in shown
    drawing = tg.draw(loss, max_nodes=8, highlight=node.id)
    assert node.id in [n.id for n in drawing.graph]
    assert len(drawing.graph) < 20


@pytest.mark.parametrize("max_nodes", [300, None])
def test_where_nothing_fits_the_note_says_so(tmp_path, max_nodes):
    choices = {"width": 60, "height": 30, "max_nodes": max_nodes}
    root, scale, shown = saved(sigmoids(3), tmp_path / "it.svg", **choices)
    assert "too large for its page: letters below 11 px" in " ".join(filter(None, shown))
    assert scale * NUMBER_SIZE < 11
    assert float(root.get("width")) <= 60.1
