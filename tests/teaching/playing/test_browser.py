"""Tests of a page of steps in a real Chromium: what it shows when, and that nothing moves."""

import re

import pytest

import tinygrad_mlp as tg
from tests.drawing.page.test_document import EVIL

#: Where every box and every line is.
PLACES = """[...document.querySelectorAll("#picture .box, #picture .frame, #picture .edge")].map(
    (made) => made.getAttribute("transform") ?? made.getAttribute("d")
).sort().join()"""


def texts(page, name):
    """What stands in the box of a name."""
    return [
        t for t in page.locator(f'#picture [aria-label^="{name},"] text').all_text_contents() if t
    ]


def seen_in(page):
    """Whether the middle of a thing is in the part of the drawing that is seen."""
    stage = page.locator("#stage").bounding_box()

    def is_seen(thing):
        place = thing.bounding_box()
        x, y = (
            place["x"] + place["width"] / 2 - stage["x"],
            place["y"] + place["height"] / 2 - stage["y"],
        )
        return 0 <= x <= stage["width"] and 0 <= y <= stage["height"]

    return is_seen


def said(page):
    return page.inner_text(".said")


def press(page, key, times=1):
    for _ in range(times):
        page.keyboard.press(key)


def test_values_appear_and_then_gradients_flow_back(opened, page_of, product):
    page = opened(page_of(product))
    assert "Before the first step only inputs and parameters have their numbers." == said(page)
    assert (["w", "-3"], ["×", "p"]) == (texts(page, "w"), texts(page, "p"))
    press(page, "ArrowRight")
    assert ["×", "p", "-6"] == texts(page, "p")
    assert 2 == page.locator(".edge.current").count()
    press(page, "ArrowRight", 4)
    assert ["w", "-3", "grad -6"] == texts(page, "w")
    press(page, "ArrowRight")
    assert "w gets -3 × 2 = -6 from p (×); it had -6 and now has -12" == said(page)
    assert ["w", "-3", "grad -12"] == texts(page, "w")
    assert 1 == page.locator(".edge.current.back").count()
    assert ["-3", "× 2", "= -6"] == page.locator(".bubble-words").all_text_contents()
    assert ["-3", "2", "-6", "-6", "-6", "-12"] == page.locator(".term b").all_inner_texts()
    assert ["-3", "-6"] == sorted(page.locator("#on-edges .share").all_text_contents())
    assert "∂L/∂w += ∂L/∂p · x" == page.inner_text(".formula")
    assert f"Step 6 of 7 · backward pass: {said(page)}" == page.inner_text("#live")


@pytest.mark.parametrize("width", [400, 690, 1280])
def test_what_passes_over_an_edge_is_written_where_it_covers_no_box(
    opened, page_of, product, width
):
    page = opened(page_of(product), viewport={"width": width, "height": 800})
    press(page, "ArrowRight", 5)
    assert "w gets 1 × (-6) = -6 from L (×); it had none" == said(page)
    frame = page.locator("rect.bubble").bounding_box()
    for box in page.locator("#picture .box").all():
        place = box.bounding_box()
        assert (
            frame["x"] + frame["width"] <= place["x"]
            or place["x"] + place["width"] <= frame["x"]
            or frame["y"] + frame["height"] <= place["y"]
            or place["y"] + place["height"] <= frame["y"]
        )


def test_nothing_moves_between_steps(opened, page_of, loss):
    for output in (loss, tg.expand(loss)):
        page = opened(page_of(output))
        before = page.evaluate(PLACES)
        stage = page.locator("#stage").bounding_box()
        for _ in range(len(tg.steps(output))):
            press(page, "ArrowRight")
            assert before == page.evaluate(PLACES)
        assert stage == page.locator("#stage").bounding_box()


def test_in_the_end_every_box_shows_what_backward_gives(opened, page_of, neuron):
    page = opened(page_of(neuron))
    press(page, "End")
    for value in tg.history(neuron):
        if value.label:
            last = texts(page, value.label)[-1]
            assert float(value.grad) == pytest.approx(float(last.removeprefix("grad ")), abs=1e-5)


def test_keys_buttons_and_the_slider_lead_to_the_same_steps(opened, page_of, product):
    page = opened(page_of(product))
    page.click("text=Next ▶")
    assert page.inner_text(".position").startswith("Step 1 of 7")
    page.evaluate("document.activeElement.blur()")
    for key, number in (("PageDown", 2), ("ArrowLeft", 1), ("End", 7), ("PageUp", 6)):
        press(page, key)
        assert page.inner_text(".position").startswith(f"Step {number} of 7"), key
    press(page, "Home")
    assert "7 steps" == page.inner_text(".position")
    page.focus(".slider")
    press(page, "ArrowRight", 2)
    assert page.inner_text(".position").startswith("Step 2 of 7")
    page.locator('#picture [aria-label^="w,"]').click()
    press(page, "ArrowRight")  # a box that was clicked does not take the keys
    assert page.inner_text(".position").startswith("Step 3 of 7")


def test_arrow_keys_go_from_box_to_box_for_who_came_there_by_keyboard(opened, page_of, product):
    page = opened(page_of(product))
    press(page, "Tab")
    page.locator('#picture [tabindex="0"]').focus()
    press(page, "ArrowRight")
    assert "7 steps" == page.inner_text(".position")


def test_the_panel_and_the_text_know_no_more_than_was_shown(opened, page_of, product):
    page = opened(page_of(product, quiz=True))
    page.click("#words summary")
    page.wait_for_selector("#text table")
    assert "18.0" not in page.inner_text("#text")
    page.locator('#picture [aria-label^="L,"]').click()
    assert "not computed yet" in page.inner_text("#told")
    assert "18" not in page.inner_text("#told")
    for _ in range(2):
        press(page, "PageDown")
        page.click("text=Show me")
    assert "18.0" in page.inner_text("#text")
    assert "18.0" in page.inner_text("#told")
    assert "none yet" in page.inner_text("#told")


def test_a_quiz_says_right_or_wrong_and_by_how_much(opened, page_of, product):
    page = opened(page_of(product, quiz=True))
    press(page, "ArrowRight")
    assert "What is p = w · x?" == page.inner_text(".question")
    assert ["×", "p"] == texts(page, "p")
    for answer, words in (
        ("-7.5", "Not right: it is 1.5 too small."),
        ("6", "Not right: the sign. It is 12 too large."),
        ("three", "Type a number, such as -1.5 or 1/3."),
    ):
        page.fill(".answer", answer)
        press(page, "Enter")
        assert words == page.inner_text(".verdict") == page.inner_text("#live")
    page.fill(".answer", "")
    page.keyboard.type("-12/2")
    press(page, "Enter")
    assert said(page).startswith("Right. p becomes -6")
    assert ["×", "p", "-6"] == texts(page, "p")
    assert "0 of 1 right at once" == page.inner_text(".score")
    press(page, "ArrowRight")
    page.fill(".answer", "17,99")  # a comma, and within one part in a hundred
    press(page, "Enter")
    assert "1 of 2 right at once" == page.inner_text(".score")
    press(page, "ArrowRight")
    press(page, "Enter")
    assert "Type a number, such as -1.5 or 1/3." == page.inner_text(".verdict")


def test_steps_play_by_themselves_until_the_end(opened, page_of, product):
    page = opened(page_of(product))
    press(page, "End")
    press(page, "ArrowLeft", 2)
    press(page, " ")
    assert "❚❚ Pause" == page.inner_text("button[title^=Play]")
    page.locator(".position", has_text="Step 7").wait_for()
    assert "▶ Play" == page.inner_text("button[title^=Play]")


def test_nothing_plays_for_who_asked_for_less_motion(opened, page_of, product):
    page = opened(page_of(product), reduced_motion="reduce")
    assert page.locator("button[title*='less motion']").is_disabled()
    press(page, " ")
    press(page, "ArrowRight")
    assert 0 == page.locator(".dot").count()
    assert page.inner_text(".position").startswith("Step 1 of 7")


def test_a_gradient_runs_along_its_edge(opened, page_of, product):
    page = opened(page_of(product))
    press(page, "ArrowRight", 4)
    assert 1 == page.locator(".dot").count()
    page.locator(".dot").wait_for(state="detached")


def test_what_a_user_wrote_is_played_as_text(opened, page_of):
    value = tg.Value(1.0, EVIL[0])
    for text in EVIL:
        with tg.scope(text):
            value = value * tg.Value(2.0, text)
            value.label = text
    page = opened(page_of(value, quiz=True))
    for _ in range(len(tg.steps(value))):
        press(page, "PageDown")
        if page.locator(".quiz").is_visible():
            page.click("text=Show me")
    assert EVIL[0][:20] in page.inner_text("#player")
    assert (0, 2) == (page.locator("img").count(), page.locator("script").count())


def test_frames_can_be_folded_while_it_plays(opened, page_of, loss):
    page = opened(page_of(loss))
    press(page, "ArrowRight", 9)
    page.click("#fold-all")
    assert 4 == page.locator("#picture .box.group").count()
    assert 2 == page.locator("#picture .box.now").count()
    page.click("#open-all")
    assert ["affine", "z2", "(1, 1)", "-0.396", "grad -0.144"] == texts(page, "z2")
    assert 2 == page.locator("#picture .edge.passed.arrives").count()


def test_layers_are_played_as_boxes_and_one_of_them_inside(opened, page_of, loss):
    page = opened(page_of(tg.expand(loss), depth=1, expand="layer3"))
    press(page, "ArrowRight")
    assert re.match(r"From x\[0,0\], x\[0,1\], layer1 makes total₁ = ", said(page))
    assert 3 == page.locator("#picture .box.group").count()
    assert 1 == page.locator("#picture .box.group.now").count()
    assert 2 == page.locator("#picture .box.group.waiting").count()
    press(page, "End")
    assert said(page).startswith("Back through layer1, from ")


@pytest.mark.parametrize("width", [1280, 760, 680, 400])
def test_the_sentence_has_room_beside_or_above_its_terms(opened, page_of, width):
    w = tg.Value(3.0, label="w")
    page = opened(page_of((w + 2.0) * w), viewport={"width": width, "height": 760})
    press(page, "End")
    assert "it had" in said(page)
    assert 2 <= page.locator(".terms .sign").count()
    assert page.locator(".said").bounding_box()["width"] > 240


@pytest.mark.parametrize("width", [1280, 400])
def test_the_player_fits(opened, page_of, loss, width):
    page = opened(page_of(tg.expand(loss)), viewport={"width": width, "height": 720})
    for _ in range(3):
        press(page, "ArrowRight", 20)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert any(map(seen_in(page), page.locator("#picture .now").all()))
