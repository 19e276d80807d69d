"""One training run from the data to the trained network, as the command line offers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp import datasets
from tinygrad_mlp.arguments import random_source
from tinygrad_mlp.nn import ActivationLayer, FullyConnectedLayer, Network

Array = Any


class Recipe(NamedTuple):
    """How a data set is loaded, and what trains well on it.

    ``load`` takes a random generator and gives x_train, y_train, x_test, y_test with targets
    that a network can be trained on.
    """

    load: Callable[[np.random.Generator], tuple[Array, Array, Array, Array]]
    about: str
    hidden: tuple[int, ...]
    epochs: int
    learning_rate: float
    batch_size: int = 64


def _digits(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    return _with_targets(datasets.train_test_split(*datasets.load_digits(), rng=rng))


def _xor(_: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    x, y = datasets.xor()
    return x, y, x, y  # four points are all there are


def _points(make: Callable[..., tuple[Array, Array]], **options: Any) -> Callable[..., Any]:
    def load(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
        return _with_targets(datasets.train_test_split(*make(600, rng=rng, **options), rng=rng))

    return load


def folder(path: str) -> Recipe:
    """Return the recipe for a folder of files in MNIST's format."""
    return Recipe(
        lambda rng: _with_targets(datasets.load_idx(path)),
        "files in MNIST's format",
        (30,),
        4000,
        3.0,
    )


def _with_targets(split: datasets.Split) -> tuple[Array, Array, Array, Array]:
    classes = int(max(split.y_train.max(initial=0), split.y_test.max(initial=0))) + 1
    y_train, y_test = (datasets.one_hot(y, classes) for y in (split.y_train, split.y_test))
    return split.x_train, y_train, split.x_test, y_test


RECIPES = {
    "digits": Recipe(_digits, "1,797 handwritten digits of 8 x 8 pixels", (32,), 4000, 3.0),
    "xor": Recipe(_xor, "the four points of exclusive or", (3,), 4000, 4.0),
    "moons": Recipe(_points(datasets.moons), "two crescents in the plane", (16,), 4000, 2.0),
    "circles": Recipe(_points(datasets.circles), "two rings in the plane", (16,), 4000, 3.0),
    "spirals": Recipe(_points(datasets.spirals), "three arms of a spiral", (32,), 12000, 4.0),
}


class Curve(NamedTuple):
    """The mean squared error in the course of a training."""

    epochs: list[int]
    train: list[float]
    test: list[float]


def build(sizes: tuple[int, ...], activation: str, rng: Any) -> Network:
    """Return an untrained network with ``activation`` after each fully connected layer.

    Examples
    --------
    >>> build((2, 1), "sigmoid", rng=0)
    Network(FullyConnectedLayer(2, 1) → ActivationLayer('sigmoid'))
    """
    source = random_source(rng)
    network = Network(verbose=False)
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        network.add(FullyConnectedLayer(inputs, outputs, rng=source))
        network.add(ActivationLayer(activation))
    return network


def accuracy(network: Network, x: Array, y: Array) -> float:
    """Return the share of samples whose class the network names.

    The class is the largest output; for a single output, whether it is above 1/2.

    Examples
    --------
    >>> accuracy(lambda x: x, np.array([[0.9, 0.1]]), np.array([[1.0, 0.0]]))
    1.0
    """
    output = network(x)
    if y.shape[1] == 1:
        return float(np.mean((output > 0.5) == (y > 0.5)))
    return float(np.mean(output.argmax(axis=1) == y.argmax(axis=1)))
