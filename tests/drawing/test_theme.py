"""Tests of colours: readable on paper and on screens, for every eye and every printer."""

from itertools import combinations, pairwise

import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.graphviz.dot import to_dot
from tinygrad_mlp.drawing.style import checked
from tinygrad_mlp.drawing.theme import THEMES


def linear(colour):
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def contrast(one, other):
    low, high = sorted(
        0.2126 * red + 0.7152 * green + 0.0722 * blue
        for red, green, blue in (linear(one), linear(other))
    )
    return (high + 0.05) / (low + 0.05)


def lightness(colour):
    """L* of CIELAB: what is left of a colour in grey, from 0 to 100."""
    red, green, blue = linear(colour)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116 * luminance ** (1 / 3) - 16 if luminance > 0.008856 else 903.3 * luminance


def colours(theme):
    single = [colour for colour in theme if isinstance(colour, str)]
    return [*single, *theme.heat, *(c for look in theme.looks.values() for c in look[:2])]


themes = pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))


@themes
def test_every_ink_is_readable_on_its_papers(theme):
    fills = [*theme.heat, *(look.fill for look in theme.looks.values())]
    for ink in (theme.ink, theme.quiet_ink):
        for paper in (theme.page, theme.paper, theme.scope_fill, *fills):
            assert contrast(ink, paper) >= 4.5
    for paper in (theme.page, theme.paper, theme.scope_fill):
        assert contrast(theme.gradient_ink, paper) >= 4.5
        assert contrast(theme.edge, paper) >= 3
        assert contrast(theme.highlight, paper) >= 3
        assert contrast(theme.positive, paper) >= 2.5
        assert contrast(theme.negative, paper) >= 2.5


@themes
def test_every_border_stands_out_from_its_page(theme):
    for look in theme.looks.values():
        for paper in (theme.page, theme.scope_fill):
            assert contrast(look.border, paper) >= 3


#: What is left of red, green and blue for eyes without one kind of cone (Machado et al. 2009).
BLINDNESS = {
    "protan": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deutan": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritan": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


@pytest.mark.parametrize("eye", BLINDNESS)
@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_roles_stay_apart_for_colour_blind_readers(name, eye):
    def seen(colour):
        return [
            sum(a * b for a, b in zip(row, linear(colour), strict=True)) for row in BLINDNESS[eye]
        ]

    looks = THEMES[name].looks
    for one, other in combinations(["input", "parameter", "op"], 2):
        fills = zip(seen(looks[one].fill), seen(looks[other].fill), strict=True)
        assert max(abs(a - b) for a, b in fills) > 0.02


def test_a_printer_without_colours_loses_nothing():
    theme = THEMES["print"]
    assert all(len({colour[1:3], colour[3:5], colour[5:7]}) == 1 for colour in colours(theme))
    kinds = [(look.fill, look.dashed) for role, look in theme.looks.items() if role != "op"]
    assert len(set(kinds)) == len(kinds)  # an op is round besides


@pytest.mark.parametrize("name", ["light", "print"])
def test_in_grey_the_roles_are_told_apart_by_their_lightness(name):
    looks = THEMES[name].looks
    assert lightness("#777777") == pytest.approx(50.0, abs=0.1)  # of a published table
    grey = sorted(lightness(looks[r].fill) for r in ("input", "parameter", "operation", "op"))
    assert min(b - a for a, b in pairwise(grey)) >= 6
    assert looks["constant"].dashed
    assert not any(look.dashed for role, look in looks.items() if role != "constant")


@themes
def test_what_stands_out_has_another_frame_than_an_output(theme):
    frame = theme.looks["operation"].border
    hues = zip(linear(theme.highlight), linear(frame), strict=True)
    assert max(abs(a - b) for a, b in hues) > 0.1
    assert style.HIGHLIGHT_WIDTH >= 1.5 * 2.5  # that of the frame of an output


@themes
def test_larger_gradients_are_darker_on_paper_and_lighter_on_a_dark_screen(theme):
    steps = [lightness(colour) for colour in theme.heat]
    if lightness(theme.page) < 50:
        steps = [-step for step in steps]
    assert all(b < a - 2 for a, b in pairwise(steps))


@pytest.mark.parametrize("name", THEMES)
def test_a_drawing_has_no_colours_but_those_of_its_theme(name):
    with tg.scope("layer"):
        y = tg.Value(1.0) * 2.0
    text = to_dot(tg.Graph.of(y), checked(theme=name, highlight=["v0"]))
    theme = THEMES[name]
    known = set(colours(theme))
    used = {part[:7] for part in text.split('"') if part.startswith("#")}
    assert used <= known
    assert {theme.page, theme.ink, theme.highlight} <= used


def test_a_theme_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(ValueError, match="theme must be one of light, dark, print, got 'pink'"):
        tg.draw(tg.Value(1.0), theme="pink")
