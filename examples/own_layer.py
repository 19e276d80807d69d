"""A layer of your own needs only its formula; its backward pass follows from the graph."""

import numpy as np

import tinygrad_mlp as tg

# %% The layer


class Bell(tg.Layer):
    """A bell curve around a learned centre for each input: exp(-(x - c)^2)."""

    def __init__(self, size):
        super().__init__()
        self.centre = tg.Value(np.linspace(-2.0, 2.0, size).reshape(1, size), label="c")

    def formula(self, x, centre):
        return tg.exp(-tg.square(x - centre))

    def parameters(self):
        return [self.centre]


# %% A network with it learns the sine

x = np.linspace(-3, 3, 60).reshape(60, 1)
network = tg.Network(verbose=False)
network.add(tg.FullyConnectedLayer(1, 8, rng=0))
network.add(Bell(8))
network.add(tg.FullyConnectedLayer(8, 1, rng=0))
network.fit(x, np.sin(x), epochs=3000, learning_rate=0.2, rng=0)
print(f"largest error of sin(x) on [-3, 3]: {np.abs(network(x) - np.sin(x)).max():.3f}")
