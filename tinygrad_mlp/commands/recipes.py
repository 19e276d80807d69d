"""The data sets that the command line offers, what trains well on each, and a graph to draw."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp import datasets
from tinygrad_mlp._support.arguments import random_source
from tinygrad_mlp.commands.encoding import Encoding, Model
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.nn import ActivationLayer, FullyConnectedLayer, Network
from tinygrad_mlp.nn.objectives import Objective

Array = Any


class Data(NamedTuple):
    """What a network is trained and tested on, and how a table became it."""

    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array
    encoding: Encoding | None = None


class Recipe(NamedTuple):
    """How a data set is loaded, and what trains well on it.

    ``load`` takes a random generator and gives data that a network can be trained on.
    """

    load: Callable[[np.random.Generator], Data]
    about: str
    hidden: tuple[int, ...]
    epochs: int
    batch_size: int = 64
    activation: str = "sigmoid"
    loss: str = "half_squared_error"
    optimizer: str = "sgd"
    learning_rate: float | None = None
    full_pass: bool = False
    is_numbers: bool = False  # whether targets are numbers, and not classes


class Manner(NamedTuple):
    """How a network with an activation is built, and how far it may step.

    Weights are drawn evenly, with the standard deviation ``gain / sqrt(inputs)``, which keeps the
    size of the signal from layer to layer; biases begin at 0.
    """

    hidden: str
    last: str
    learning_rate: float
    gain: float = 1.0


def _points(make: Callable[..., tuple[Array, Array]]) -> Callable[..., Any]:
    return lambda rng: _split(make(600, rng=rng), rng)


def _split(data: tuple[Array, Array], rng: np.random.Generator) -> Any:
    return _with_targets(datasets.train_test_split(*data, rng=rng))


def folder(path: str) -> Recipe:
    """Return the recipe for a folder of files in MNIST's format."""
    return Recipe(
        lambda rng: _with_targets(datasets.load_idx(path)), "files in MNIST's format", (30,), 4000
    )


def table(
    path: str,
    target: str | None,
    categorical: tuple[str, ...],
    ignore: tuple[str, ...],
    delimiter: str,
) -> Recipe:
    """Return the recipe for a table in a CSV file, of which a fifth is kept back for the test."""
    found = datasets.load_csv(
        path, target, categorical=categorical, ignore=ignore, delimiter=delimiter
    )

    return Recipe(
        lambda rng: _encoded(found, rng, delimiter),
        "a table",
        hidden=(16,),
        epochs=100,
        batch_size=32,
        activation="tanh",
        loss="softmax_cross_entropy" if found.classes else "mse",
        optimizer="adam",
        learning_rate=0.01,
        full_pass=True,
        is_numbers=not found.classes,
    )


def _encoded(
    found: datasets.Table, rng: Any, delimiter: str, encoding: Encoding | None = None
) -> Data:
    """Return a table in two parts, encoded as another was or as suits its first part."""
    split = datasets.train_test_split(found.x, found.y, rng=rng)
    encoding = encoding or Encoding.of(found, split.x_train, split.y_train, delimiter)
    x_train, x_test = map(encoding.inputs, (split.x_train, split.x_test))
    y_train, y_test = map(encoding.targets, (split.y_train, split.y_test))
    return Data(x_train, y_train, x_test, y_test, encoding)


def data_of(model: Model) -> Data:
    """Return the data that a model was trained and tested on."""
    rng = np.random.default_rng(model.seed)
    if model.encoding is not None:
        table = model.encoding.read(model.data)
        return _encoded(table, rng, model.encoding.delimiter, model.encoding)
    return named(model.data).load(rng)


def named(name: str) -> Recipe:
    """Return the recipe for a data set, or a folder, by its name."""
    return RECIPES[name] if name in RECIPES else folder(name)


def _with_targets(split: datasets.Split) -> Data:
    classes = int(max(split.y_train.max(initial=0), split.y_test.max(initial=0))) + 1
    y_train, y_test = (datasets.one_hot(y, classes) for y in (split.y_train, split.y_test))
    return Data(split.x_train, y_train, split.x_test, y_test)


RECIPES = {
    "digits": Recipe(
        lambda rng: _split(datasets.load_digits(), rng),
        "1,797 handwritten digits of 8 x 8 pixels",
        (32,),
        4000,
    ),
    # Four points are all there are, to learn from and to test.
    "xor": Recipe(
        lambda _: Data(*datasets.xor() * 2), "the four points of exclusive or", (8,), 4000
    ),
    "moons": Recipe(_points(datasets.moons), "two crescents in the plane", (16,), 4000),
    "circles": Recipe(_points(datasets.circles), "two rings in the plane", (16,), 4000),
    "spirals": Recipe(_points(datasets.spirals), "three arms of a spiral", (32,), 12000),
}

#: By the name of the activation.  The targets are from 0 to 1, and so are the outputs, except of
#: the network without an activation.
MANNERS = {
    "sigmoid": Manner("sigmoid", "sigmoid", 3.0),
    "tanh": Manner("tanh", "sigmoid", 1.0),
    "relu": Manner("relu", "sigmoid", 1.0, gain=math.sqrt(2.0)),  # half of the units are off
    "softplus": Manner("softplus", "sigmoid", 1.0),
    "softmax": Manner("tanh", "softmax", 1.0),
    "identity": Manner("identity", "identity", 0.06),
}

#: Up to here the rate is that of the activation: the squares of what comes into all the layers,
#: for the mean sample.
_ORDINARY_SQUARES = 32.0


def build(sizes: tuple[int, ...], activation: str, rng: Any, *, is_linear: bool = False) -> Network:
    """Return an untrained network of the given sizes, in the manner of an activation.

    One that is linear at its end gives logits, or numbers of any size.

    >>> build((2, 1), "sigmoid", rng=0)
    Network(FullyConnectedLayer(2, 1) → ActivationLayer('sigmoid'))
    """
    source = random_source(rng)
    manner = MANNERS[activation]
    network = Network(verbose=False)
    pairs = list(zip(sizes, sizes[1:], strict=False))
    for place, (inputs, outputs) in enumerate(pairs, start=1):
        layer = FullyConnectedLayer(inputs, outputs, rng=source)
        # The layer draws evenly from -1/2 to 1/2, whose standard deviation is 1 / sqrt(12).
        layer.weights *= manner.gain * math.sqrt(12.0 / inputs)
        layer.bias = np.zeros((1, outputs))
        network.add(layer)
        if place < len(pairs):
            network.add(ActivationLayer(manner.hidden))
        elif not is_linear:
            network.add(ActivationLayer(manner.last))
    return network


def learning_rate(activation: str, network: Network, x: Array) -> float:
    """Return how far the steps of an untrained network may go, so that it learns.

    Weights are moved in proportion to what comes into their layer, which they multiply once more:
    the outputs move with the square of it, and the rate falls with that.

    >>> network = build((64, 1), "tanh", rng=0)
    >>> learning_rate("tanh", network, np.ones((3, 64)))
    0.5
    """
    squares = 0.0
    for layer in network.layers:
        squares += float(np.square(x).sum() / len(x)) if layer.parameters() else 0.0
        x = layer(x)
    return MANNERS[activation].learning_rate * min(1.0, _ORDINARY_SQUARES / max(squares, 1.0))


def right(y: Array, output: Array, middle: float = 0.5) -> float:
    """Return the share of rows whose class is right.

    The class is the largest output; for a single output, whether it is above the middle.

    >>> right(np.array([[1.0], [0.0]]), np.array([[0.9], [0.6]]))
    0.5
    """
    if y.shape[1] == 1:
        return float(np.mean((output > middle) == (y > 0.5)))
    return float(np.mean(output.argmax(axis=1) == y.argmax(axis=1)))


def chance(y: Array) -> float:
    """Return the accuracy of one who always names the commonest class.

    >>> chance(np.array([[1.0], [1.0], [0.0], [1.0]]))
    0.75
    """
    if y.shape[1] == 1:
        share = float(np.mean(y > 0.5))
        return max(share, 1.0 - share)
    return float(y.mean(axis=0).max())


def sample_loss(network: Network, x: Any, y: Any, loss_name: str = "half_squared_error") -> Value:
    """Return the differentiated loss of a network for some samples, with names for a drawing.

    >>> network = build((2, 1), "identity", rng=0)
    >>> sample_loss(network, [[0.0, 0.0]], [[2.0]])
    Value(2.0, label='L', op='half_squared_error')
    """
    sample, target = Value(x, label="x"), Value(y, label="y")
    output = network(sample)
    output.label = "ŷ"
    loss: Value = Objective(loss_name).total(target, output)
    loss.label = "L"
    loss.backward()
    return loss


def small_graph() -> Value:
    """Return the differentiated loss of a 2-2-2 network, small enough to check by hand.

    The numbers are those of M. Mazur, *A Step by Step Backpropagation Example* (2015).

    >>> round(small_graph().item(), 9)
    0.298371109
    """
    network = build((2, 2, 2), "sigmoid", rng=0)
    first, second = (layer for layer in network.layers if isinstance(layer, FullyConnectedLayer))
    first.weights, first.bias = [[0.15, 0.25], [0.20, 0.30]], [[0.35, 0.35]]
    second.weights, second.bias = [[0.40, 0.50], [0.45, 0.55]], [[0.60, 0.60]]
    return sample_loss(network, [[0.05, 0.10]], [[0.01, 0.99]])
