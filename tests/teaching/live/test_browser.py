"""Tests of a live page in Chromium: the numbers are Python's, and what moves is what should."""

import numpy as np

import tinygrad_mlp as tg
from tests.drawing.page.test_document import EVIL
from tests.teaching.live.conftest import SHAPES, evil_function, network, settings_of
from tinygrad_mlp.drawing.style import readable

#: Sets all numbers, again and again, and reads the gradients with all digits.
PLAY = """
(settings) => {
  const fields = [...document.querySelectorAll("#controls input[type=number]")];
  return settings.map((numbers) => {
    numbers.forEach((x, place) => {
      fields[place].value = String(x);
      fields[place].dispatchEvent(new Event("input"));
    });
    return [...document.querySelectorAll("#numbers tbody tr")].map((row) =>
      Number(row.children[2].textContent),
    );
  });
}
"""


def largest_error(page, f, shapes, count):
    settings = settings_of(shapes, count)
    flat = [np.concatenate([np.ravel(x) for x in one.values()]).tolist() for one in settings]
    got = page.evaluate(PLAY, flat)
    worst = 0.0
    for one, gradients in zip(settings, got, strict=True):
        by_python = tg.grad(f, argnums=tuple(range(len(shapes))))(*one.values())
        wanted = np.concatenate([np.ravel(x) for x in by_python])
        worst = max(worst, np.max(np.abs(gradients - wanted) / np.maximum(np.abs(wanted), 1.0)))
    return worst


def test_gradients_of_a_network_are_those_of_python_at_100_settings(opened, saved):
    def error(x, W1, b1, W2, b2):
        return tg.half_squared_error(np.ones((1, 1)), network(x, W1, b1, W2, b2))

    page = opened(saved(error, inputs=settings_of(SHAPES)[0]))
    assert largest_error(page, error, SHAPES, 100) < 1e-12


def test_gradients_of_scalars_are_those_of_python_at_100_settings(opened, saved):
    def f(x, y):
        return tg.where(x > y, tg.sin(x) * x, tg.exp(-y) / (1.0 + x * x)) + tg.tanh(x * y)

    page = opened(saved(f, inputs={"x": 1.0, "y": 2.0}))
    assert largest_error(page, f, {"x": (), "y": ()}, 100) < 1e-12


def boxes(page):
    return page.eval_on_selector_all(
        "#drawing rect, #drawing path",
        "all => all.map((x) => x.getAttribute('d') ?? x.getAttribute('width'))",
    )


def test_a_slider_moves_the_numbers_and_not_the_boxes(opened, saved):
    page = opened(saved(lambda x: tg.sin(x) * x, inputs={"x": 2.0}, ranges={"x": (-9, 9)}))
    before = boxes(page)
    assert "f = 1.81859" == page.inner_text("#result")
    page.fill("input[type=range]", "-1.5")
    assert "f = 1.49624" == page.inner_text("#result")
    texts = page.eval_on_selector_all("#drawing [data-node]", "all => all.map(x => x.textContent)")
    assert ["-1.5", "grad -1.1036", "-0.997495"] == [" ".join(t.split()) for t in texts[:3]]
    assert before == boxes(page)
    assert "1 × (-1.5) = -1.5" == page.inner_text("#backward li:nth-child(2) code.gradient")
    held = page.inner_text("#backward li:nth-child(4)")
    assert held.endswith("it had -0.997495 and now has -1.1036")
    page.click("#reset")
    assert "f = 1.81859" == page.inner_text("#result")


def test_no_number_leaves_its_box(opened, saved):
    page = opened(saved(network, inputs=settings_of(SHAPES)[0]))
    page.evaluate(PLAY, [[-1.23456789e-7] * 15])
    outside = page.evaluate("""() => {
      const outside = (text) => {
        const [own, box] = [text, text.closest("g").querySelector("rect:last-child")].map((x) =>
          x.getBoundingClientRect(),
        );
        return own.left < box.left - 1 || own.right > box.right + 1;
      };
      return [...document.querySelectorAll("#drawing [data-node]")].filter(outside).length;
    }""")
    assert outside == 0


def test_a_click_on_the_plane_moves_two_numbers(opened, saved):
    page = opened(saved(network, inputs=settings_of(SHAPES)[0], ranges={"x": (-3, 3)}))
    assert page.is_visible("#plane")
    page.locator("#map").scroll_into_view_if_needed()
    size = page.locator("#map").bounding_box()
    page.mouse.click(size["x"] + size["width"] / 2, size["y"] + size["height"] / 6)
    fields = page.locator("#controls input[type=number]")
    assert abs(float(fields.nth(0).input_value())) < 0.05
    assert abs(float(fields.nth(1).input_value()) - 2.0) < 0.05


def test_the_map_is_the_function(opened, saved):
    page = opened(saved(lambda x, y: x - y, inputs={"x": 1.0, "y": -1.0}))
    page.wait_for_function("document.getElementById('plane-words').textContent !== ''")
    more, less = page.evaluate("""() => {
      const map = document.getElementById("map");
      const all = map.getContext("2d").getImageData(0, 0, map.width, map.height).data;
      const at = (x, y) => [...all.slice(4 * (y * map.width + x), 4 * (y * map.width + x) + 3)];
      return [at(300, 300), at(60, 60)];
    }""")  # x > y is below
    assert more[0] > more[2]
    assert less[2] > less[0]
    assert "in blue less" in page.inner_text("#plane-words")


def test_words_name_no_colour_that_is_not_there(opened, saved):
    page = opened(saved(lambda x, y: tg.square(x - y), inputs={"x": 1.0, "y": -1.0}))
    page.wait_for_function("document.getElementById('plane-words').textContent !== ''")
    words = page.inner_text("#plane-words")
    assert "nowhere less than 0" in words
    assert "blue" not in words


def test_a_curve_says_how_far_it_goes_and_not_how_much_room_it_has(opened, saved):
    page = opened(saved(lambda x: x**2, inputs={"x": 3.0}, ranges={"x": (-5, 5)}))
    ends = page.locator("#charts svg text:nth-of-type(2)")
    assert ["0 … 25", "-10 … 10"] == ends.all_text_contents()


def test_steps_tell_numbers_as_they_do_everywhere(opened, saved):
    def f(x, y):
        return tg.maximum(tg.sigmoid(x), -2.0) * y + tg.maximum(x, y) - tg.abs(-x)

    start = {"x": -1.0, "y": -3.0}
    page = opened(saved(f, inputs=start))
    lines = page.locator("#forward li code:nth-child(2)").all_text_contents()
    leaves = (tg.Value(x, label=name) for name, x in start.items())
    steps = [str(step) for step in tg.steps(f(*leaves)) if step.phase == "forward"]
    assert any("σ(-1)" in line for line in lines)
    assert len(steps) == len(lines)
    assert all(step.endswith(line) for step, line in zip(steps, lines, strict=True))


def test_what_is_no_number_changes_nothing(opened, saved):
    page = opened(saved(lambda x: x * x, inputs={"x": 3.0}))
    field = page.locator("input[type=number]")
    field.fill("")
    assert "f = 9" == page.inner_text("#result")
    field.blur()
    assert "3" == field.input_value()


def test_a_step_lights_its_boxes(opened, saved):
    page = opened(saved(lambda x, y: x * y, inputs={"x": 3.0, "y": 2.0}))
    page.focus("#forward li")
    assert 3 == page.locator("#drawing g.lit").count()
    page.focus("#backward li:nth-child(2)")
    assert 2 == page.locator("#drawing g.lit").count()


def test_labels_are_shown_as_they_are_and_run_nothing(opened, saved):
    page = opened(saved(evil_function(), inputs={"x": 1.0}))
    legends = page.locator("#controls legend").all_text_contents()
    assert ["x", *map(readable, EVIL)] == legends
    assert page.locator("#drawing svg img, #steps img").count() == 0


def test_a_narrow_page_is_not_wider_than_the_screen(opened, saved):
    html = saved(network, inputs=settings_of(SHAPES)[0])
    page = opened(html, viewport={"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 400


def test_a_drawing_shrinks_a_little_before_it_scrolls(opened, saved):
    html = saved(lambda w, b: tg.square(w * 3.0 + b), inputs={"w": 2.0, "b": -4.0})
    wide = opened(html).locator("#drawing svg").evaluate("(it) => it.viewBox.baseVal.width")
    for share, scrolls in ((0.95, False), (0.85, False), (0.7, True)):
        page = opened(html, viewport={"width": int(share * wide) + 26, "height": 800})
        place = page.locator("#drawing")
        assert scrolls == place.evaluate("(it) => it.scrollWidth > it.clientWidth")


def test_colours_follow_the_system(opened, saved):
    html = saved(network, inputs=settings_of(SHAPES)[0])
    colours = {
        scheme: opened(html, color_scheme=scheme).evaluate(
            """() => ["body", "#drawing rect", "#drawing text"].map((name) => {
              const look = getComputedStyle(document.querySelector(name));
              return name === "body" ? look.backgroundColor : look.fill;
            })"""
        )
        for scheme in ("light", "dark")
    }
    assert all(a != b for a, b in zip(colours["light"], colours["dark"]))
