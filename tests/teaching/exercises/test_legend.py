"""Tests of what a sheet says of operations: true for the table, and in plain words."""

import re

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.style import readable
from tinygrad_mlp.teaching.exercises.legend import PLAIN

SENTENCES = {name: text for name, text in PLAIN.items() if text}


def test_every_operation_that_is_told_of_exists():
    assert PLAIN.keys() <= tg.OPS.keys()


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_speaks_to_a_student(name):
    text = SENTENCES[name]
    assert text.endswith(".")
    assert len(text) <= 100
    for word in ("axes", "axis", "element", "np.", "nan", "inf", "overflow", "gradient is", "**"):
        assert word not in text, word


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_begins_with_the_sign_that_stands_in_the_drawing(name):
    other = {"log": "ln"}  # as the steps beside it write it
    sign = other.get(name, readable(tg.OPS[name].symbol or name))
    assert SENTENCES[name].startswith(sign)


@pytest.mark.parametrize(
    ("name", "slope"),
    [
        ("sigmoid", lambda x: 1 / (1 + np.exp(-x)) * (1 - 1 / (1 + np.exp(-x)))),
        ("tanh", lambda x: 1 - np.tanh(x) ** 2),
        ("softplus", lambda x: 1 / (1 + np.exp(-x))),
        ("sqrt", lambda x: 1 / (2 * np.sqrt(x))),
        ("relu", lambda x: 1.0),
        ("clip", lambda x: 1.0),
    ],
)
def test_the_slope_that_a_sentence_tells_is_the_one_of_the_table(name, slope):
    assert "slope is" in SENTENCES[name]
    f = (lambda x: tg.clip(x, 0.0, 9.0)) if name == "clip" else getattr(tg, name)
    assert tg.grad(f)(0.7) == pytest.approx(slope(0.7), rel=1e-14)


def test_a_sheet_tells_each_operation_once_and_none_that_everybody_knows():
    x, w = tg.Value(0.5, "x"), tg.Value(2.0, "w")
    text = str(tg.exercise(tg.tanh(tg.tanh(x * w) + tg.square(x)), numbers="tenths"))
    assert text.count("Its slope is 1 − tanh(x)²") == 1
    assert not re.search(r"quare\.|Sum of two", text)
