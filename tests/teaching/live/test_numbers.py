"""Tests of the numbers that a page tells: those of Python, and they fit where they stand."""

from pathlib import Path

import numpy as np
import pytest

from tests.node import differ
from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.programs.writing.printing import Source
from tinygrad_mlp.teaching import live
from tinygrad_mlp.teaching.live.picture import width_of

TEXT = (Path(live.__file__).parent / "numbers.js").read_text(encoding="utf-8")
SPECIAL = [0.0, -0.0, 1.0, -2.0, 1e9, -123456789.0, 0.1 + 0.2, 1 / 3, 1e-5, 1.5e-4, 123456.7, 1e22]


def numbers():
    rng = np.random.default_rng(0)
    return [
        *SPECIAL,
        *rng.normal(size=50),
        *(rng.normal(size=50) * 10.0 ** rng.integers(-12, 12, 50)),
    ]


def test_a_number_is_told_as_in_every_drawing(node):
    told = Source(TEXT, "told", {})
    for x in numbers():
        assert node(told, x) == summarize(np.float64(x))


@pytest.mark.parametrize("shape", [(), (1,), (3,), (9,), (1, 3), (2, 3), (4, 4), (3, 5), (2, 2, 1)])
def test_the_lines_of_a_value_fit_its_box_whatever_its_numbers(shape, node):
    lines_of = Source(TEXT, "linesOf", {})
    rows, width = width_of(shape)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=shape) * 10.0 ** rng.integers(-20, 20, shape)
        lines = node(lines_of, x, width)
        assert len(lines) == rows
        assert max(map(len, lines)) <= width


def test_nested_numbers_come_back_in_their_shape(node):
    table = np.arange(12.0).reshape(2, 3, 2)
    assert differ(node(Source(TEXT, "nested", {}), list(table.flat), table.shape), table) == 0
