"""The cells of the teaching notebook, unchanged but for the import: XOR, by its own classes."""

import numpy as np

from tinygrad_mlp import *  # noqa: F403  as the notebook's readers write it
from tinygrad_mlp import (
    ActivationLayer,
    FullyConnectedLayer,
    Network,
    mse,
    mse_prime,
    sigmoid_prime,
)

# %% The data

x_train = np.array([[[0, 0]], [[0, 1]], [[1, 0]], [[1, 1]]])
y_train = np.array([[[0]], [[1]], [[1]], [[0]]])

# %% The network

np.random.seed(1)
network = Network(verbose=True)
network.add(FullyConnectedLayer(2, 3))
network.add(ActivationLayer())
network.add(FullyConnectedLayer(3, 1))
network.add(ActivationLayer())

# %% Training

network.fit(x_train, y_train, epoches=3000, learning_rate=5, batch_size=4)

# %% What it learned

for x, output in zip(x_train, network.predict(x_train), strict=True):
    print(x, "->", np.round(output, 2))

# %% One step by hand

layer, activation = FullyConnectedLayer(2, 1), ActivationLayer()
z = layer.forward(x_train[1])
output = activation.forward(z)
print("error before", mse(y_train[1], output))
error = mse_prime(y_train[1], output)
error = activation.backward(error)
assert np.allclose(error, (output - y_train[1]) * sigmoid_prime(z))
layer.backward(error)
print("collected", layer.passes, layer.delta_w.shape, layer.delta_b.shape)
layer.step(eta=0.5)
print("error after ", mse(y_train[1], activation.forward(layer.forward(x_train[1]))))
