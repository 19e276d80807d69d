"""The network as the notebook trains it: one sample at a time, by hand, without any graph.

Written from its formulas for the tests; shares nothing with the package but ``reference``.
"""

import numpy as np

from tinygrad_mlp import reference


class Dense:
    """A fully connected layer that sums its gradients over the samples of a batch."""

    def __init__(self, inputs, outputs):
        self.weights = np.random.rand(inputs, outputs) - 0.5
        self.bias = np.random.rand(1, outputs) - 0.5
        self.clear()

    def clear(self):
        self.by_weights = np.zeros_like(self.weights)
        self.by_bias = np.zeros_like(self.bias)
        self.count = 0

    def forward(self, x):
        self.x = x
        return reference.affine(x, self.weights, self.bias)

    def backward(self, error):
        self.by_weights += reference.affine_backward_weights(error, self.x)
        self.by_bias += reference.affine_backward_bias(error)
        self.count += 1
        return reference.affine_backward_input(error, self.weights)

    def step(self, rate):
        self.weights -= rate * self.by_weights / self.count
        self.bias -= rate * self.by_bias / self.count
        self.clear()


class Sigmoid:
    """The logistic function after a layer."""

    def forward(self, z):
        self.z = z
        return reference.sigmoid(z)

    def backward(self, error):
        return reference.activation_backward(error, self.z)

    def step(self, rate):
        pass


def train(layers, x, y, epochs, rate, batch_size):
    """Train on one random batch in each epoch; return the printed lines."""
    lines = []
    for epoch in range(epochs):
        chosen = np.argsort(np.random.random(len(x)))[:batch_size]
        error = 0.0
        for i in chosen:
            output = x[i]
            for layer in layers:
                output = layer.forward(output)
            error += reference.mse(y[i], output)
            gradient = reference.mse_prime(y[i], output)
            for layer in reversed(layers):
                gradient = layer.backward(gradient)
        for layer in layers:
            layer.step(rate)
        if epoch % 10 == 0:
            lines.append("epoch: %5d/%d   error=%0.9f" % (epoch, epochs, error / len(chosen)))
    return lines
