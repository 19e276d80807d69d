"""Tests of a sheet in a real Chromium: what is written appears in the drawing, and is compared."""

import re

import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.teaching.exercises.page import page_of


@pytest.fixture
def opened(opened):
    """A function that opens a sheet in a window of some width."""

    def open_sheet(sheet, width=1280):
        return opened(page_of(sheet._content), viewport={"width": width, "height": 900})

    return open_sheet


def test_answers_are_compared(opened, two_paths):
    sheet = tg.exercise(two_paths, seed=7, difficulty=3)
    page = opened(sheet)
    for number, answer in sheet.key.items():
        page.fill(f"#blank-{number}", str(answer))
    page.click("text=Check")
    assert "17 of 17 right" == page.inner_text("#result")
    page.fill("#blank-17", "80")
    page.fill("#blank-1", "")
    page.fill("#blank-2", "ten")
    page.click("text=Check")
    assert "14 of 17 right, 1 empty" == page.inner_text("#result")
    assert "✗ wrong" == page.inner_text("#mark-17")
    assert "no number" == page.inner_text("#mark-2")
    page.click("text=Clear")
    assert "" == page.inner_text("#mark-17")


def test_an_answer_is_read_as_grade_reads_it(opened):
    sheet = tg.exercise(tg.tanh(tg.Value(0.7, label="x")), numbers="given", ask="forward")
    page = opened(sheet)
    right = ["0.6044", "0,604", " 0.604 ", "302/500", "6.04e-1", ".604", "+0.604"]
    wrong = ["0.605", "−0.604", "604"]
    no_number = ["1/0", "0.6.04", "0x1", "1e999", "Infinity", "1/2/3"]
    marks = {"✓ right": right, "✗ wrong": wrong, "no number": no_number}
    for mark, texts in marks.items():
        for text in texts:
            page.fill("#blank-1", text)
            page.click("text=Check")
            assert (text, mark) == (text, page.inner_text("#mark-1"))
            assert (mark == "✓ right") == (1 == sheet.grade([text]).score)


def test_an_answer_appears_in_the_drawing_and_its_box_leads_to_the_field(opened, two_paths):
    page = opened(tg.exercise(two_paths, seed=7))
    page.fill("#blank-3", "-12.5")
    assert "-12.5" in page.locator("#drawing svg").text_content()
    page.locator('rect[data-blank="4"]').click()
    assert "blank-4" == page.evaluate("document.activeElement.id")


def test_where_it_is_too_wide_the_drawing_goes_from_top_to_bottom(opened, two_paths):
    sheet = tg.exercise(two_paths, seed=7)
    shapes = {}
    for width in (1280, 600):
        page = opened(sheet, width)
        assert 1 == page.locator("svg").count()
        assert len(sheet.key) == page.locator("rect[data-blank]").count()
        page.fill("#blank-3", "-12.5")
        assert "-12.5" in page.locator("#drawing svg").text_content()
        frame = page.get_attribute("#drawing svg", "viewBox").split()
        shapes[width] = float(frame[2]) / float(frame[3])
    assert shapes[1280] > 1 > shapes[600]


@pytest.mark.parametrize("share", [0.6, 0.74, 0.78, 0.82, 1.0])
def test_a_drawing_that_has_room_in_one_direction_does_not_scroll(opened, share):
    x, w, b = (tg.Value(1.0, label=name) for name in "xwb")
    sheet = tg.exercise(tg.square(x * w + b) + w, ask=["x", "w"], seed=7)
    drawing = opened(sheet).locator("#drawing svg")
    wide = drawing.evaluate("(it) => it.viewBox.baseVal.width")
    page = opened(sheet, int(share * wide) + 42)  # with what is beside the drawing
    assert page.locator("#drawing").evaluate("(it) => it.scrollWidth <= it.clientWidth")


@pytest.mark.parametrize("width", [753, 369])
def test_what_is_asked_and_a_verdict_break_nowhere_within_a_word(opened, width):
    row, table = tg.Value([[1.0, 1.0]], "x"), tg.Value([[1.0, 1.0], [1.0, 1.0]], "W")
    page = opened(tg.exercise(tg.sum(row @ table), ask="gradient", seed=3), width)
    page.fill("#blank-1", "1234")
    page.click("text=Check")
    for place in (".field label", ".field small", '.mark[data-mark="wrong"]'):
        lines = page.locator(place).first.evaluate(
            "(it) => { const range = new Range(); range.selectNodeContents(it.firstChild); "
            "return new Set([...range.getClientRects()].map((line) => line.top)).size }"
        )
        assert 1 == lines


@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_but_the_drawing_scrolls_sideways(opened, two_paths, width):
    page = opened(tg.exercise(two_paths, seed=7, difficulty=3), width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_answer_can_be_read_in_the_file():
    sheet = tg.exercise(tg.tanh(tg.Value(0.7, label="x")), numbers="given", ask="forward")
    html = page_of(sheet._content)
    assert "0.604" not in html
    assert "obscured, not secret" in html
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy


def test_a_label_is_text_on_the_page(opened):
    label = "<img src=x onerror=alert(1)> {{script}}"
    page = opened(tg.exercise(tg.square(tg.Value(3.0, label=label)), title=label))
    assert label == page.inner_text("h1")
    assert 0 == page.locator("img").count()
