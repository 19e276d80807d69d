"""Tests of the perceptron that scikit-learn would have made."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.nn.bridges.perceptron import WeightPenalty, log_loss, perceptron


@pytest.mark.parametrize(
    ("activation", "factor"), [("relu", 6.0), ("logistic", 2.0), ("sigmoid", 2.0)]
)
def test_weights_and_biases_are_drawn_within_the_bounds_of_glorot(activation, factor):
    sizes = [30, 50, 4]
    network = perceptron(sizes, activation, np.random.RandomState(0), np.float32)
    full = network.layers[::2]
    for layer, total in zip(full, (80, 54), strict=True):
        bound = np.sqrt(factor / total)
        assert np.float32 == layer.weights.dtype == layer.bias.dtype
        assert 0.97 * bound < abs(layer.weights).max() < bound
        assert abs(layer.bias).max() < bound


def test_the_stream_is_drawn_from_once_for_each_number():
    source, expected = np.random.RandomState(7), np.random.RandomState(7)
    perceptron([2, 3, 1], "tanh", source, np.float64)
    expected.random(2 * 3 + 3 + 3 + 1)
    assert expected.random() == source.random()


def test_the_penalty_is_the_gradient_of_half_the_squared_weights():
    w, b = np.array([[1.0, -2.0]]), np.array([[5.0, 5.0]])
    slopes = [np.full((1, 2), 0.5)] * 4
    moves, _ = WeightPenalty(0.1).update(slopes, {}, [w, b, w, b], 1.0)
    expected = 0.5 + tg.grad(lambda w: 0.05 * tg.sum(w * w))(w)
    for place in (0, 2):
        np.testing.assert_allclose(expected, moves[place], rtol=1e-15)
        np.testing.assert_array_equal(slopes[0], moves[place + 1])


def test_the_loss_is_the_negative_log_likelihood():
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(5, 3)), rng.integers(0, 2, (5, 3)).astype(float)
    p = 1 / (1 + np.exp(-z))
    expected = -np.log(np.where(y == 1, p, 1 - p)).sum(1)
    np.testing.assert_allclose(expected, log_loss(y, z), rtol=1e-13)
