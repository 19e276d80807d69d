"""Networks and data that several tests of training share."""

import numpy as np

import tinygrad_mlp as tg


def sigmoid_network(*sizes, rng=0, **options):
    """A network of the given sizes with a sigmoid after each layer."""
    network = tg.Network(verbose=False)
    source = np.random.default_rng(rng)
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        network.add(tg.FullyConnectedLayer(inputs, outputs, rng=source, **options))
        network.add(tg.ActivationLayer())
    return network


def weights_of(network):
    """Copies of all parameters."""
    return [parameter.data.copy() for parameter in network.parameters()]


def some_data(count=12, inputs=2, outputs=1, seed=5):
    source = np.random.default_rng(seed)
    return source.normal(size=(count, 1, inputs)), source.random((count, 1, outputs))


def assert_untouched(network, before):
    for parameter, old in zip(network.parameters(), before, strict=True):
        np.testing.assert_array_equal(parameter.data, old)
