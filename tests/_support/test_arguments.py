"""What counts as a source of random numbers."""

import inspect

import numpy as np
import pytest

from tinygrad_mlp._support.arguments import generator_from
from tinygrad_mlp.datasets import circles, moons, spirals, train_test_split


def calls_with(rng):
    return [
        lambda: generator_from(rng),
        lambda: moons(6, rng=rng),
        lambda: circles(6, rng=rng),
        lambda: spirals(6, rng=rng),
        lambda: train_test_split(np.arange(6), np.arange(6), rng=rng),
    ]


@pytest.mark.parametrize(
    "rng",
    [None, True, np.bool_(1), 1.0, "7", [7], np.random, np.random.RandomState(0)],
    ids=lambda rng: type(rng).__name__,
)
def test_what_is_neither_seed_nor_generator_is_refused_by_name(rng):
    for call in calls_with(rng):
        with pytest.raises(TypeError, match=r"rng must be an int seed or a numpy Generator"):
            call()


def test_a_negative_seed_is_refused_by_name():
    for call in calls_with(-1):
        with pytest.raises(ValueError, match=r"rng must be at least 0, got -1"):
            call()


@pytest.mark.parametrize("function", [moons, circles, spirals, train_test_split])
def test_the_source_must_be_named_and_has_no_default(function):
    parameter = inspect.signature(function).parameters["rng"]
    assert (parameter.KEYWORD_ONLY, parameter.empty) == (parameter.kind, parameter.default)


@pytest.mark.parametrize("seed", [0, 7, 2**32, 2**100, np.int64(3), np.uint8(3)])
def test_a_seed_and_a_generator_of_that_seed_draw_the_same(seed):
    assert generator_from(seed).random() == np.random.default_rng(int(seed)).random()


def test_a_generator_goes_on_from_where_it_is():
    generator = np.random.default_rng(0)
    assert generator_from(generator) is generator
    first, second = moons(4, rng=generator)[0], moons(4, rng=generator)[0]
    assert not np.array_equal(first, second)


def test_a_refused_call_draws_nothing_from_the_generator():
    generator = np.random.default_rng(0)
    for refused in (
        lambda: moons(6, noise=-1.0, rng=generator),
        lambda: circles(6, factor=2.0, rng=generator),
        lambda: spirals(1, rng=generator),
        lambda: train_test_split([1, 2], [1], rng=generator),
    ):
        with pytest.raises(ValueError, match=r"noise|factor|n must|rows"):
            refused()
    assert generator.random() == np.random.default_rng(0).random()


def test_the_global_stream_of_numpy_is_left_alone():
    before = np.random.get_state()[1].tolist()
    for call in calls_with(0):
        call()
    assert before == np.random.get_state()[1].tolist()
