"""A perceptron that begins as scikit-learn's does, and its loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.nn.layers import ActivationLayer, FullyConnectedLayer
from tinygrad_mlp.nn.network import Network
from tinygrad_mlp.ops.elementwise import softplus
from tinygrad_mlp.ops.reductions import (
    sum,  # noqa: A004  NumPy's name
)


def perceptron(
    sizes: Sequence[int], activation: str, source: np.random.RandomState, dtype: Any
) -> Network:
    r"""Return a network whose last outputs go through no activation.

    Weights and biases are drawn evenly from $-b$ to $b$ with $b = \sqrt{6 / (m + n)}$ for $m$
    inputs and $n$ outputs, and 2 instead of 6 before a logistic function.

    Parameters
    ----------
    sizes : sequence of int
        The numbers of inputs, of hidden units in each layer, and of outputs.
    activation : str
        ``"logistic"``, or a name that ``ActivationLayer`` knows.
    source : RandomState
        What draws.
    dtype : floating type
        Of weights and biases.

    References
    ----------
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    2010, equation 16; the biases and the 2 are scikit-learn's.

    Examples
    --------
    >>> perceptron([2, 3, 1], "logistic", np.random.RandomState(0), np.float64)
    Network(FullyConnectedLayer(2, 3) → ActivationLayer('sigmoid') → FullyConnectedLayer(3, 1))
    """
    known = "sigmoid" if activation == "logistic" else activation
    network = Network(verbose=False)
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        if network.layers:
            network.add(ActivationLayer(known))
        bound = np.sqrt((2.0 if known == "sigmoid" else 6.0) / (inputs + outputs))
        layer = FullyConnectedLayer(inputs, outputs, rng=0, dtype=dtype)
        layer.weights = source.uniform(-bound, bound, (inputs, outputs)).astype(dtype)
        layer.bias = source.uniform(-bound, bound, (1, outputs)).astype(dtype)
        network.add(layer)
    return network


def log_loss(y: Any, logits: Any) -> Any:
    r"""Return $\sum_k \log(1 + e^{z_k}) - y_k z_k$ for each row: every output is a yes or a no.

    >>> log_loss(np.array([[1.0], [0.0]]), np.zeros((2, 1))).round(6)
    array([0.693147, 0.693147])
    """
    return sum(softplus(logits) - y * logits, axis=1)
