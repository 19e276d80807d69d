"""Tests of the penalty that spares biases."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.nn.optimizers.penalty import WeightPenalty


def test_the_penalty_is_the_gradient_of_half_the_squared_weights():
    w, b = np.array([[1.0, -2.0]]), np.array([[5.0, 5.0]])
    slopes, penalty = [np.full((1, 2), 0.5)] * 4, WeightPenalty(0.1, (2, 2, 2, 2))
    moves, _ = penalty.update(slopes, {}, [w, b, w, b], 1.0)
    expected = 0.5 + tg.grad(lambda w: 0.05 * tg.sum(w * w))(w)
    for place in (0, 2):
        np.testing.assert_allclose(expected, moves[place], rtol=1e-15)
        np.testing.assert_array_equal(slopes[0], moves[place + 1])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_steps_with_all_numbers_side_by_side_are_the_same(dtype):
    source = np.random.default_rng(0)
    x, y = source.normal(size=(8, 3)), source.normal(size=(8, 2))
    found = []
    for compiled in (True, False):
        layers = [tg.FullyConnectedLayer(3, 2, rng=0, dtype=dtype)]
        network = tg.Network(layers, verbose=False)
        penalty = WeightPenalty(0.5, (6, 2))
        optimizer = tg.optimizers.chain(penalty, tg.optimizers.SGD(momentum=0.5))
        network.fit(x, y, 10, 0.1, rng=0, optimizer=optimizer, compiled=compiled)
        found.append([parameter.data for parameter in network.parameters()])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12 if dtype == np.float64 else 1e-5)
        assert dtype == one.dtype
