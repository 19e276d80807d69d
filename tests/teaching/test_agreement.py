"""Tests of the five ways to one derivative."""

import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import EXACT, ulps
from tinygrad_mlp.teaching.slopes import differences

WAYS = ["reverse mode", "forward mode", "central difference", "complex step", "symbolic"]


def wave(x):
    return tg.sin(x**2) * tg.exp(-x)


def loss(W):
    rng = np.random.default_rng(1)
    x, y, V = rng.normal(size=(4, 2)), rng.normal(size=(4, 1)), rng.normal(size=(3, 1))
    return tg.mse(y, tg.tanh(x @ W) @ V)


def test_five_ways_give_one_number():
    pytest.importorskip("sympy")
    found = tg.agreement(wave, 1.5)
    assert WAYS == [way.name for way in found.ways]
    wanted = 2 * 1.5 * np.exp(-1.5) * np.cos(2.25) - np.exp(-1.5) * np.sin(2.25)
    assert abs(found.reference - wanted) < 1e-15
    assert all(way.ulps <= 2 for way in found.ways if way.name != "central difference")
    assert 0 == found["symbolic"].ulps
    assert 1e3 < found["central difference"].ulps < 1e7
    assert "2*x*exp(-x)*cos(x**2) - exp(-x)*sin(x**2)" == found.formula
    assert "wave'(x) = 2*x*exp(-x)*cos(x**2)" in str(found)


def test_all_numbers_of_a_tensor_move_together():
    pytest.importorskip("sympy")
    found = tg.agreement(loss, np.random.default_rng(0).normal(size=(2, 3)))
    assert all(way.ulps <= 16 for way in found.ways if way.name != "central difference")
    assert "for all 6 numbers at once" in str(found)


def test_the_argument_is_chosen_and_the_others_stay():
    found = tg.agreement(lambda x, y: x * y * y, 3.0, tg.Value(2.0), argnums=1)
    assert 12.0 == found["reverse mode"].value == found["complex step"].value


ROWS = """
abs arccos arcsin arcsinh arctan arctanh cbrt cos exp exp2 expm1 log log10 log1p log2 log_sigmoid
negative reciprocal relu sigmoid sigmoid_prime sin sinh softplus sqrt square tan tanh tanh_prime
"""


@pytest.mark.parametrize("name", ROWS.split())
def test_the_rule_of_a_row_agrees_with_sympy(name):
    pytest.importorskip("sympy")
    found = tg.agreement(tg.OPS[name], 0.6)
    assert 0 == found["symbolic"].ulps  # it is the reference
    assert found["reverse mode"].ulps <= 4


@pytest.mark.parametrize("name", ["leaky_relu", "elu", "selu", "silu", "gelu"])
@pytest.mark.parametrize("x", [0.6, -0.6])
def test_activations_made_of_rows_agree_with_sympy(name, x):
    pytest.importorskip("sympy")
    found = tg.agreement(getattr(tg, name), x)
    assert found["symbolic"].value is not None
    assert found["reverse mode"].ulps <= 8


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus", "log_sigmoid"])
def test_sympy_agrees_with_four_hundred_digits(name):
    pytest.importorskip("sympy")
    for x in (-3.0, 0.25, 30.0):
        slope = tg.agreement(tg.OPS[name], x)["symbolic"].value
        assert ulps(np.float64(slope), EXACT[name][1], np.float64(x)) <= 0.5


@pytest.mark.parametrize("name", ["maximum", "hypot", "arctan2", "logaddexp", "divide", "power"])
def test_rows_of_two_arguments_have_sympy_forms_too(name):
    pytest.importorskip("sympy")
    for place in (0, 1):
        found = tg.agreement(tg.OPS[name], 0.6, 1.7, argnums=place)
        assert found["symbolic"].value is not None
        assert found["reverse mode"].ulps <= 4


@pytest.mark.parametrize(
    ("name", "at"),
    [("abs", 0.5), ("softplus", 0.5), ("cbrt", 0.5), ("relu", 0.0), ("floor", 0.5)],
)
def test_the_complex_step_names_the_row_that_is_not_analytic(name, at):
    found = tg.agreement(lambda x: tg.exp(getattr(tg, name)(tg.sin(x))), at)["complex step"]
    assert found.value is None
    assert f"{name} is not analytic here, as it is computed" == found.remark


def test_a_branch_has_no_program_and_the_other_ways_remain():
    found = tg.agreement(lambda x: x * x if x > 1.0 else x, 2.0)
    assert "no program: a branch" in found["complex step"].remark
    assert found["complex step"].remark == found["symbolic"].remark
    assert 4.0 == found["forward mode"].value == found.reference


def test_a_row_without_sympy_form_is_named():
    pytest.importorskip("sympy")
    found = tg.agreement(lambda x: tg.softmax(x)[0], np.array([1.0, 2.0]))
    assert "softmax has no SymPy form" == found["symbolic"].remark
    assert found.reference == found["reverse mode"].value


def test_what_would_be_long_when_written_out_is_not_given_to_sympy():
    pytest.importorskip("sympy")

    def diamonds(x):
        for _ in range(60):
            x = tg.sin(x) + tg.cos(x)
        return x

    assert "more than 5,000 terms" in tg.agreement(diamonds, 1.0)["symbolic"].remark


def test_without_sympy_four_ways_remain(monkeypatch):
    monkeypatch.setitem(sys.modules, "sympy", None)
    found = tg.agreement(wave, 1.5)
    assert "pip install 'tinygrad-mlp[symbolic]'" in found["symbolic"].remark
    assert found.reference == found["reverse mode"].value


def test_a_wrong_rule_stands_alone():
    wrong = tg.Op(
        "cube",
        "x",
        forward="{x} ** 3",
        vjps=[lambda g, out, x: g * 2.0 * x],
        latex="",
        doc="A test.",
    )
    found = tg.agreement(wrong, 2.0)
    assert (4.0, 12.0) == (found["reverse mode"].value, found["complex step"].value)
    assert abs(found["central difference"].value - 12) < 1e-6


# ----- Kinks -----


@pytest.mark.parametrize(
    ("f", "at", "sides"),
    [
        (tg.abs, 0.0, (-1.0, 1.0)),
        (tg.relu, 0.0, (0.0, 1.0)),
        (lambda x: tg.maximum(x, 2.0 * x - 1.0), 1.0, (1.0, 2.0)),
        (lambda x: tg.clip(x, 0.0, 1.0), 1.0, (1.0, 0.0)),
        (tg.sqrt, 0.0, (np.nan, np.inf)),
    ],
)
def test_a_kink_is_told_as_one_sided_derivatives(f, at, sides):
    found = tg.agreement(f, at)
    assert np.array_equal(sides, found.sides, equal_nan=True)
    assert "has a kink or an end here" in str(found)
    assert [None] * 5 == [way.ulps for way in found.ways]
    assert found["complex step"].value is None
    assert "<svg" not in found._repr_html_()


@pytest.mark.parametrize(
    "f",
    [wave, tg.square, lambda x: x * tg.abs(x), lambda x: tg.exp(10.0 * x), lambda x: x * 0.0 + 3.0],
)
@pytest.mark.parametrize("at", [0.0, 1e-3, -2.0])
def test_smooth_functions_have_no_kink(f, at):
    assert tg.agreement(f, at).sides is None


# ----- The V -----


def test_the_error_of_differences_is_a_v():
    found = tg.agreement(wave, 1.5)
    central, one_sided = found.errors
    steps = found.differences.steps
    best = int(np.argmin(central))
    assert 10 < best < len(steps) - 5
    assert central[0] > 1e4 * central[best]
    # To the right the errors grow with the square of the step, and with the step.
    for errors, order in ((central, 2), (one_sided, 1)):
        far, near = (errors[len(steps) - 1 - n] for n in (8, 12))
        assert abs(np.log2(far / near) / 4 - order) < 0.1


def test_the_chart_is_a_picture(tmp_path):
    found = tg.agreement(wave, 1.5)
    found.chart.save(tmp_path / "v.svg")
    root = ET.parse(tmp_path / "v.svg").getroot()
    assert 2 == len(list(root.iter("{http://www.w3.org/2000/svg}polyline")))
    assert found.chart.svg in found._repr_html_()
    assert "| reverse mode |" in found._repr_markdown_()


def test_the_textbook_step_has_nine_digits():
    found = differences(lambda t: np.exp(1.0 + t), 2.0**-52)
    assert abs(np.e - found.slope) < 1e-9


def test_single_precision_is_measured_in_its_own_units():
    found = tg.agreement(tg.sin, np.float32(1.3))
    assert found["reverse mode"].ulps <= 1
    assert found.differences.step > 1e-3


# ----- Refusals -----


def test_what_cannot_be_differentiated_is_refused():
    with pytest.raises(TypeError, match="agreement: f must be a function"):
        tg.agreement(3.0, 1.0)
    with pytest.raises(ValueError, match="argnums is 1, but there are 1 arguments"):
        tg.agreement(wave, 1.5, argnums=1)
    with pytest.raises(ValueError, match=r"args\[0\] has no numbers that can move"):
        tg.agreement(tg.sum, np.array([True]))
    with pytest.raises(TypeError, match=r"agreement: args\[0\]"):
        tg.agreement(wave, "1.5")
    with pytest.raises(tg.ShapeError, match="must return a scalar"):
        tg.agreement(wave, np.ones(2))
