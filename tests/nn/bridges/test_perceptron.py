"""Tests of the perceptron that scikit-learn would have made."""

import numpy as np
import pytest

from tinygrad_mlp.nn.bridges.perceptron import log_loss, perceptron


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


def test_the_loss_is_the_negative_log_likelihood():
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(5, 3)), rng.integers(0, 2, (5, 3)).astype(float)
    p = 1 / (1 + np.exp(-z))
    expected = -np.log(np.where(y == 1, p, 1 - p)).sum(1)
    np.testing.assert_allclose(expected, log_loss(y, z), rtol=1e-13)
