"""Tests of a page in a real Chromium: it folds, searches, lights and tells what it should."""

import contextlib
import re

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.page.contents import contents
from tinygrad_mlp.drawing.page.document import document


def box(page, name):
    """The box or the frame of a name, by what a screen reader says."""
    return page.locator(f'#picture [aria-label^="{name},"]')


def told(page):
    return page.locator("#told").inner_text()


def scale_of(page):
    return float(re.search(r"scale\((.*)\)", page.get_attribute("#camera", "transform"))[1])


def test_a_page_opens_from_a_file_and_shows_every_box(opened, neuron):
    page = opened(tg.view(neuron).html)
    assert 10 == page.locator("#picture .box").count()
    assert "Computation graph of o" == page.title() == page.inner_text("h1")
    assert ["tanh", "o", "0.707107", "grad 1"] == box(page, "o").locator("text").all_text_contents()


def test_pointing_at_a_box_tells_of_it(opened):
    with tg.trace_lines():
        x = tg.Value([[0.1, 0.2], [0.3, 0.4]], "x")
        y = tg.sum(x * x, axis=0)
    y.backward([1.0, 1.0])
    page = opened(tg.view(y).html)
    assert "Point at a box" in told(page)
    box(page, "x").hover()
    for words in ("x v0", "shape (2, 2), float64", "[[0.1 0.2]\n [0.3 0.4]]", "[[0.2 0.4]\n"):
        assert words in told(page)
    assert re.search(r"line \d+ of test_browser\.py", told(page))
    box(page, "v2").hover()
    assert "sum(x = v1, axis = (0,), keepdims = False)" in told(page)


def test_choosing_a_value_lights_its_paths_and_says_each_contribution(opened, neuron):
    page = opened(tg.view(neuron).html)
    box(page, "x1").click()
    assert 4 == page.locator(".edge.arrives.lit").count()
    assert {"-1.5", "0.5"} == set(page.locator(".contribution").all_text_contents())
    assert "0.5 × (-3) = -1.5" in told(page)
    assert "1 path to o." in told(page)
    assert "x1 chosen, gradient -1.4999999999999996. 1 path to o." == page.inner_text("#live")
    page.keyboard.press("Escape")
    assert 0 == page.locator(".lit").count()


def test_both_contributions_of_a_square_can_be_read_where_lines_are_upright(opened):
    x = tg.tanh(tg.Value(1.5, label="x"))
    y = x * x
    y.backward()
    page = opened(tg.view(y).html, viewport={"width": 400, "height": 760})
    box(page, "a").click()
    page.locator(".contribution").first.wait_for()
    left, right = sorted(
        (number.bounding_box() for number in page.locator(".contribution").all()),
        key=lambda place: place["x"],
    )
    assert left["x"] + left["width"] < right["x"]


def test_two_edges_of_a_square_are_two_paths(opened, square):
    page = opened(tg.view(square).html)
    box(page, "x").click()
    assert 2 == page.locator(".edge.arrives.lit").count()
    assert "2 uses" in told(page)
    assert "2 paths to v1." in told(page)


def test_paths_are_counted_and_not_walked(opened):
    h = tg.Value(1.0, "x")
    for _ in range(60):
        h = h + h
    page = opened(tg.view(h, max_nodes=None).html)
    box(page, "x").click()
    assert "about 1.15e18 paths to v60." in told(page)


def test_a_click_opens_a_frame_and_another_folds_it(opened, steps):
    page = opened(tg.view(steps, unroll=True, depth=1).html)
    frame = box(page, "step2")
    assert "false" == frame.get_attribute("aria-expanded")
    before = page.locator("#picture .box").count()
    frame.click()
    assert "true" == frame.get_attribute("aria-expanded")
    assert before + 4 == page.locator("#picture .box").count()  # five results and inputs for a box
    assert "step2 is open" == page.inner_text("#live")
    frame.locator(".title").dispatch_event("click")
    assert before == page.locator("#picture .box").count()
    page.click("#open-all")
    assert 0 == page.locator("#picture .box.group").count()
    page.click("#fold-all")
    assert 5 == page.locator("#picture .box.group").count()


def test_the_uses_of_a_shared_weight_lead_into_folded_frames(opened, steps):
    page = opened(tg.view(steps, unroll=True, depth=1).html)
    box(page, "W").click()
    assert "5 uses" in told(page)
    assert "5 paths to loss" not in told(page)  # each use has two at least: loss is h * h
    page.locator("#told .lead").first.click()
    assert "true" == box(page, "step1").get_attribute("aria-expanded")


def test_searching_opens_what_hides_the_finding(opened, steps):
    page = opened(tg.view(steps, unroll=True, depth=1).html)
    page.keyboard.press("/")
    page.keyboard.type("x3")
    assert "1 found" == page.inner_text("#found")
    assert 1 == page.locator(".box.found").count()  # the folded frame that it is in
    page.keyboard.press("Enter")
    assert "1 of 1" == page.inner_text("#found")
    assert "true" == box(page, "step3").get_attribute("aria-expanded")
    assert told(page).startswith("x3")
    page.keyboard.press("Escape")
    page.keyboard.type("nothing like it")
    assert 0 == page.locator(".found").count()


def test_everything_can_be_done_by_keyboard(opened, neuron):
    page = opened(tg.view(neuron).html)
    page.locator('#picture [tabindex="0"]').focus()
    visited = []
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
        visited.append(page.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert 1 == page.locator('#picture [tabindex="0"]').count()
    assert visited[-1].startswith("o, output, tanh of n, 0.707107, grad 1")
    page.keyboard.press("Enter")
    assert "This is an output." in told(page)
    before = scale_of(page)
    page.keyboard.press("+")
    assert before * 1.25 == pytest.approx(scale_of(page))
    page.keyboard.press("f")
    assert before == pytest.approx(scale_of(page))
    upright = page.locator("#picture .box").first.bounding_box()
    page.keyboard.press("t")
    assert upright != page.locator("#picture .box").first.bounding_box()


def test_names_beside_the_drawing_can_be_reached_by_mouse(opened, steps):
    page = opened(tg.view(steps, unroll=True, depth=1).html)
    box(page, "W").hover()
    page.locator("#told .lead").first.hover()
    assert told(page).startswith("W")
    page.mouse.move(5, 5)
    assert "Point at a box" in told(page)


def test_arrow_keys_move_the_drawing_while_nothing_has_the_focus(opened, neuron):
    page = opened(tg.view(neuron).html)
    before = box(page, "n").bounding_box()
    page.keyboard.press("ArrowRight")
    assert before["x"] - 80 == pytest.approx(box(page, "n").bounding_box()["x"])


def test_the_mouse_moves_and_enlarges(opened, neuron):
    page = opened(tg.view(neuron).html)
    before, scale = box(page, "n").bounding_box(), scale_of(page)
    page.mouse.move(30, 700)
    page.mouse.down()
    page.mouse.move(80, 680, steps=2)
    page.mouse.up()
    after = box(page, "n").bounding_box()
    assert (50, -20) == pytest.approx((after["x"] - before["x"], after["y"] - before["y"]))
    page.mouse.wheel(0, -200)
    page.wait_for_function("s => !camera.getAttribute('transform').endsWith(s)", arg=f"({scale})")
    assert scale_of(page) > scale


def test_what_a_user_wrote_appears_and_does_nothing(opened):
    evil = [
        "</script><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a\u2028b",
        "\ud800",
    ]
    value = tg.Value(1.0)
    for text in evil:
        with tg.scope(text):
            value = tg.tanh(value * tg.Value(2.0, text))

    @tg.operation(lambda g, out, x: g * 2.0, symbol=evil[0])  # its name must be an identifier
    def strange(x):
        return x * 2.0

    value = strange(value)
    value.label = evil[1]
    page = opened(tg.view(value).html)
    page.click("#open-all")
    page.click("#fit")
    texts = page.locator("#picture text").all_text_contents()
    assert {style.readable(text) for text in evil} <= set(texts)
    box(page, "<img src=x onerror=alert(1)>").last.click()
    assert told(page).startswith(evil[1])
    page.click("#words summary")
    page.wait_for_selector("#text table")
    assert evil[0] in page.inner_text("#text")
    assert 0 == page.locator("img").count()
    assert 2 == page.locator("script").count()


def test_a_page_can_load_nothing_and_runs_no_script_but_its_own(chromium, neuron, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(tg.view(neuron).html, encoding="utf-8")
    page = chromium.new_page()
    page.goto(path.as_uri())
    refused, title = page.evaluate("""async () => {
        const refused = [];
        document.addEventListener("securitypolicyviolation", (event) => {
            refused.push(event.effectiveDirective);
        });
        new Image().src = "https://example.org/a.png";
        document.body.setAttribute("onclick", "document.title = 'run'");
        document.body.click();
        document.body.append(document.createElement("iframe"));
        document.querySelector("iframe").src = "https://example.org/";
        await fetch("https://example.org/").catch(() => null);
        await new Promise((done) => setTimeout(done, 100));
        return [refused, document.title];
    }""")
    page.close()
    assert {"img-src", "script-src-attr", "frame-src", "connect-src"} == set(refused)
    assert "Computation graph of o" == title


def test_what_failed_is_told_with_its_shapes(opened):
    with pytest.raises(tg.ShapeError) as caught:
        tg.exp(tg.Value([[1.0, 2.0]], "x")) @ tg.Value([[3.0, 4.0]], "W")
    page = opened(tg.view(caught.value).html)
    box(page, "matmul").hover()
    assert "what failed" in told(page)
    assert "x (1, 2), y (1, 2), do not fit together" in told(page)
    assert "do not fit together" in page.inner_text("#note")


def test_the_graph_is_there_as_text(opened, neuron):
    page = opened(tg.view(neuron).html)
    page.click("#words summary")
    page.wait_for_selector("#text table")
    assert 11 == page.locator("#text tr").count()
    assert "tanh(n)" in page.inner_text("#text")


def test_a_page_follows_the_setting_of_the_reader(opened, neuron):
    colours = {
        opened(tg.view(neuron).html, color_scheme=scheme).evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for scheme in ("light", "dark")
    }
    assert {"rgb(255, 255, 255)", "rgb(21, 24, 28)"} == colours


def test_on_a_telephone_everything_fits_beside_each_other(opened, steps):
    page = opened(tg.view(steps, unroll=True).html, viewport={"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert page.locator("#stage").bounding_box()["height"] > 300


def test_on_paper_the_whole_drawing_is_seen(opened, steps):
    page = opened(tg.view(steps, unroll=True).html)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    frame = page.locator("#drawing").bounding_box()
    for shape in page.locator("#picture .box").all():
        place = shape.bounding_box()
        assert place["x"] >= frame["x"] - 1
        assert place["x"] + place["width"] <= frame["x"] + frame["width"] + 1
    assert not page.locator(".tools").is_visible()


def test_a_script_can_play_on_the_page(opened, neuron):
    graph = tg.Graph.of(neuron)
    html = document(
        contents(graph, graph, style.DEFAULT),
        scripts=["announce(`${nodes.length} nodes, steps ${page.steps}`);"],
    )
    assert "10 nodes, steps null" == opened(html).inner_text("#live")


def test_the_frame_of_a_notebook_shows_the_page(opened, neuron):
    outer = opened(f"<!DOCTYPE html><title>notebook</title>{tg.view(neuron)._repr_html_()}")
    inner = outer.frame_locator("iframe")
    inner.locator('[aria-label^="x1,"]').click()
    assert "1 path to o." in inner.locator("#told").inner_text()
    # Of another origin: it cannot read the notebook, and not its cookies.
    assert "null" == outer.frames[1].evaluate("window.origin")


@pytest.mark.parametrize("scopes", [False, True])
def test_every_box_of_a_large_graph_opens_once(opened, scopes):
    y = tg.Value(0.5, "x")
    for number in range(4000):
        with tg.scope(f"block{number // 400}") if scopes else contextlib.nullcontext():
            y = tg.tanh(y)
    page = opened(tg.view(y, unroll=True).html)

    frames = page.locator('#picture .box.group[aria-expanded="false"]')
    assert frames.count() == (10 if scopes else 1)
    before = page.locator("#picture .box").count()
    frames.first.click()
    assert page.locator("#picture .box").count() >= before + 5


# ----- Times -----


@pytest.fixture(scope="module")
def two_thousand():
    """About 2,000 nodes in 13 blocks of eight parts each."""
    rng = np.random.default_rng(0)
    values = [tg.Value(0.5, f"x{k}") for k in range(5)]
    for block in range(13):
        for part in range(8):
            with tg.scope(f"block{block}"), tg.scope(f"part{part}"):
                for _ in range(9):
                    one, other = (
                        values[-1 - int(k)] for k in rng.integers(min(5, len(values)), size=2)
                    )
                    values.append(tg.tanh(one * 0.9) * other if block % 2 else one + other * 0.5)
    out = values[-1]
    out.backward()
    return out


OPEN_ALL = "document.querySelector('#open-all').click()"
ACTIONS = {
    "hover": """{
        const boxes = [...document.querySelectorAll("#picture .box")];
        boxes.at(-1).dispatchEvent(at("pointerover", 9));
    }""",
    "pan": """{
        document.querySelector("#stage").dispatchEvent(at("pointerdown", 100));
        window.dispatchEvent(at("pointermove", 140));
        window.dispatchEvent(at("pointerup", 140));
    }""",
    "light": """{
        const [first] = document.querySelectorAll('#picture [aria-label^="x0,"]');
        document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
        first.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    }""",
    "fold": """{
        const frames = [...document.querySelectorAll("#picture .frame")];
        frames[frames.length >> 1].dispatchEvent(new MouseEvent("click", { bubbles: true }));
    }""",
}
#: Does something, and waits until it is painted.
ACT = """async (action) => {
    const at = (kind, clientX) =>
        new PointerEvent(kind, { bubbles: true, pointerId: 1, clientX, clientY: 99 });
    eval(action);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}"""


def test_two_thousand_nodes_are_quick(opened, two_thousand):
    page = opened(tg.view(two_thousand).html)
    session = page.context.new_cdp_session(page)
    # The time that the thread works, because other programs may be busy.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked():
        metrics = session.send("Performance.getMetrics")["metrics"]
        return 1000 * next(m["value"] for m in metrics if m["name"] == "TaskDuration")

    opening = "performance.getEntriesByType('navigation')[0].domComplete"
    assert page.evaluate(opening) < 2000
    page.evaluate(ACT, OPEN_ALL)
    assert page.locator("#picture .box").count() > 1800
    for name, action in ACTIONS.items():
        times = []
        for _ in range(10):  # at first the scripts are not compiled, and others are busy
            start = worked()
            page.evaluate(ACT, action)
            times.append(worked() - start)
        assert min(times) < 100, name
