"""Compiled functions under attack: each test is a way in which one was wrong, or might be."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.compiling.test_compiled import same

# ----- Whose memory -----


def test_a_result_that_is_a_view_lives_until_it_is_returned():
    def f(x):
        turned = tg.transpose(tg.sin(x))
        return turned, tg.exp(tg.cos(x) + 1.0) * tg.tanh(x)

    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert same(tg.compile(f)(x), f(x))


def test_a_result_that_is_copied_at_the_end_lives_until_then():
    def f(x, y):
        first = tg.sin(x)
        return first, tg.exp(tg.cos(first) + y) * tg.tanh(y), tg.sum(y)

    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    wanted = f(x, y)
    assert same(tg.compile(f, donate_argnums=1)(x, y), wanted)


# ----- What a program refers to -----


def test_a_computed_value_from_outside_is_taken_as_it_is():
    w = tg.Value(2.0)
    squared = w * w
    f = tg.compile(lambda x: x * squared)
    assert f(3.0) == 12.0
    w.data = 5.0
    assert f(3.0) == 12.0
