"""A program that several processes run together: each trains, and tells what it found.

    mpiexec -n 2 python trained_by_ranks.py SCENARIO,SCENARIO FOLDER

``found(SCENARIO)`` is what one process finds alone.
"""

import sys
from pathlib import Path

import numpy as np

import tinygrad_mlp as tg

CLASSES = {"loss": "softmax_cross_entropy"}


def dense(inputs, outputs, rng, dtype=np.float64):
    return tg.FullyConnectedLayer(inputs, outputs, rng=rng, dtype=dtype)


def layers(*middle, dtype=np.float64):
    return [
        dense(5, 8, 0, dtype),
        tg.ActivationLayer("tanh"),
        *middle,
        dense(8, 3, 1, dtype),
    ]


class Scale(tg.Layer):
    """A layer of one's own, which is not compiled."""

    def __init__(self):
        super().__init__()
        self.factors = tg.Value(np.linspace(0.5, 1.5, 8).reshape(1, 8), label="s")

    def parameters(self):
        return [self.factors]

    def formula(self, x, factors):
        return x * factors


def data(count=50):
    source = np.random.default_rng(2)
    return source.normal(size=(count, 5)), source.integers(0, 3, count)


def weighted():
    return {"sample_weight": np.random.default_rng(3).random(50)}


#: Layers, and what ``fit`` is told; batches of 16, so the last has 2 rows, fewer than four ranks.
SCENARIOS = {
    "descent": (layers, CLASSES),
    "default loss": (layers, {}),
    "function": (layers, {"loss": lambda y, z: tg.mean(tg.square(y - z))}),
    "momentum": (layers, CLASSES | {"optimizer": tg.optimizers.SGD(momentum=0.9)}),
    "adam": (layers, CLASSES | {"optimizer": tg.optimizers.Adam(), "learning_rate": 0.01}),
    "clipped": (
        layers,
        CLASSES
        | {"optimizer": tg.optimizers.chain(tg.optimizers.ClipByNorm(0.1), tg.optimizers.SGD())},
    ),
    "dropout": (lambda: layers(tg.Dropout(0.5)), CLASSES),
    "layer norm": (lambda: layers(tg.LayerNorm(8)), CLASSES),
    "residual": (lambda: layers(tg.Residual([dense(8, 8, 4)])), CLASSES),
    "weights": (layers, CLASSES | weighted()),
    "float32": (lambda: layers(dtype=np.float32), CLASSES),
    "one's own": (lambda: layers(Scale()), CLASSES),
    "one batch": (layers, CLASSES | {"full_pass": False}),
    "batch of 1": (layers, CLASSES | {"batch_size": 1, "full_pass": False}),
    "validation": (
        layers,
        CLASSES
        | {
            "validation_split": 0.2,
            "metrics": ["accuracy"],
            "callbacks": [tg.EarlyStopping(patience=1, min_delta=0.05)],
        },
    ),
}


def trained(scenario, comm=None):
    """Return the network and its history after a training."""
    make, told = SCENARIOS[scenario]
    network = tg.Network(make(), verbose=False)
    x, labels = data()
    y = labels if "softmax_cross_entropy" in told.values() else np.eye(3)[labels]
    told = {"epochs": 4, "learning_rate": 0.1, "batch_size": 16, "full_pass": True, "rng": 7} | told
    return network, network.fit(x, y, **told, comm=comm)


def found(scenario, comm=None):
    """Return all numbers of a training, by name."""
    network, history = trained(scenario, comm)
    weights = {f"p{place}": p.data for place, p in enumerate(network.parameters())}
    return weights | {name: np.array(curve) for name, curve in history.curves.items()}


def main():
    from mpi4py import MPI

    scenarios, folder = sys.argv[1].split(","), Path(sys.argv[2])
    for scenario in scenarios:
        numbers = found(scenario, MPI.COMM_WORLD)
        np.savez(folder / f"{scenario} {MPI.COMM_WORLD.rank}.npz", **numbers)


if __name__ == "__main__":
    main()
