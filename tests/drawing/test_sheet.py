"""Tests of pages: which there are, and how much smaller a drawing becomes on them."""

import math

import pytest

from tinygrad_mlp.drawing.sheet import SHEETS, Sheet, sheet_of


def test_pages_have_the_sizes_that_they_are_known_for():
    assert (1280.0, 720.0) == SHEETS["slide"][:2]
    assert (487 * 4 / 3, 734 * 4 / 3) == pytest.approx(SHEETS["a4"][:2])  # points, in pixels
    assert (336.0, math.inf) == SHEETS["column"][:2]
    assert (900.0, math.inf) == SHEETS["cell"][:2]


def test_a_drawing_is_made_smaller_and_never_larger():
    slide = SHEETS["slide"]
    assert 1.0 == slide.scale(100.0, 100.0)
    assert 0.5 == slide.scale(2560.0, 100.0)
    assert 0.25 == slide.scale(2560.0, 2880.0)
    assert 1.0 == Sheet().scale(1e9, 1e9)


def test_a_page_has_a_name_or_a_width_and_a_height():
    assert sheet_of() is None
    assert sheet_of("slide") is SHEETS["slide"]
    assert Sheet(300.0, 200.0) == sheet_of(width=300, height=200)
    assert Sheet(math.inf, 200.0) == sheet_of(height=200.0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"page": "poster"}, "page must be one of slide, a4, column, cell, got 'poster'"),
        ({"page": ["slide"]}, "page must be one of"),
        ({"page": "slide", "width": 3.0}, "page='slide' has a size already"),
        ({"width": 0}, "width must be at least 1, got 0"),
        ({"height": math.nan}, "height must be finite"),
    ],
)
def test_a_page_that_does_not_exist_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        sheet_of(**given)


def test_a_width_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match="width must be a real number, got str"):
        sheet_of(width="100")
