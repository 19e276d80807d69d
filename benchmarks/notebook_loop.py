"""A multilayer perceptron trained one sample at a time, as a notebook for beginners writes it.

A sample is a row of shape (1, inputs).  Layers add up their gradients over the samples of a batch,
and then take one step against the mean.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

SIZES = (64, 32, 10)
BATCH = 64
RATE = 0.5


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z: Any) -> Any:
    return sigmoid(z) * (1 - sigmoid(z))


class Dense:
    """Every input connected to every output: z = x W + b."""

    def __init__(self, inputs: int, outputs: int) -> None:
        self.weights = np.random.rand(inputs, outputs) - 0.5
        self.bias = np.random.rand(1, outputs) - 0.5
        self.clear()

    def clear(self) -> None:
        """Forget the collected gradients."""
        self.delta_w = np.zeros(self.weights.shape)
        self.delta_b = np.zeros(self.bias.shape)
        self.passes = 0

    def forward(self, x: Any) -> Any:
        """Return z for one sample."""
        self.input = x
        return np.dot(x, self.weights) + self.bias

    def backward(self, error: Any) -> Any:
        """Return the gradient by the input for that by the output."""
        self.delta_w += np.dot(self.input.T, error)
        self.delta_b += error
        self.passes += 1
        return np.dot(error, self.weights.T)

    def step(self, rate: float) -> None:
        """Move against the mean of the collected gradients."""
        self.weights -= rate * self.delta_w / self.passes
        self.bias -= rate * self.delta_b / self.passes
        self.clear()


class Sigmoid:
    """The logistic function after a layer."""

    def forward(self, z: Any) -> Any:
        """Return the function of z."""
        self.input = z
        return sigmoid(z)

    def backward(self, error: Any) -> Any:
        """Return the gradient by the input for that by the output."""
        return error * sigmoid_prime(self.input)

    def step(self, rate: float) -> None:
        """Do nothing: there is nothing to learn here."""


def fit(layers: list[Any], x: Any, y: Any, epochs: int) -> None:
    """Train on one random batch in each epoch."""
    for _ in range(epochs):
        error = 0.0
        for i in np.argsort(np.random.random(len(x)))[:BATCH]:
            output = x[i]
            for layer in layers:
                output = layer.forward(output)
            error += np.mean(0.5 * (y[i] - output) ** 2)
            gradient = output - y[i]
            for layer in reversed(layers):
                gradient = layer.backward(gradient)
        for layer in layers:
            layer.step(RATE)


def _digits() -> tuple[Any, Any]:
    """Return samples of shape (N, 1, 64) and targets of shape (N, 1, 10)."""
    from tinygrad_mlp import datasets

    pixels, labels = datasets.load_digits()
    return pixels[:, np.newaxis, :], np.eye(10)[labels][:, np.newaxis, :]


def start_loop(epochs: int) -> Callable[[], list[Any]]:
    """Return training with the loop: a new network each time."""
    x, y = _digits()

    def run() -> list[Any]:
        np.random.seed(1)
        layers: list[Any] = []
        for inputs, outputs in zip(SIZES, SIZES[1:], strict=False):
            layers += [Dense(inputs, outputs), Sigmoid()]
        fit(layers, x, y, epochs)
        return [array for dense in layers[::2] for array in (dense.weights, dense.bias)]

    return run


def start_ours(epochs: int) -> Callable[[], list[Any]]:
    """Return the same training with ``Network.fit``."""
    import tinygrad_mlp as tg

    x, y = _digits()

    def run() -> list[Any]:
        np.random.seed(1)
        network = tg.Network(verbose=False)
        for inputs, outputs in zip(SIZES, SIZES[1:], strict=False):
            network.add(tg.FullyConnectedLayer(inputs, outputs))
            network.add(tg.ActivationLayer())
        network.fit(x, y, epoches=epochs, learning_rate=RATE, batch_size=BATCH)
        return [p.data for p in network.parameters()]

    return run
