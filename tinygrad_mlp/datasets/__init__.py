"""Data to learn from: handwritten digits, points in the plane, and folders in MNIST's format."""

from tinygrad_mlp.datasets.digits import load_digits
from tinygrad_mlp.datasets.idx import load_idx
from tinygrad_mlp.datasets.preparation import Split, one_hot, train_test_split
from tinygrad_mlp.datasets.synthetic import circles, moons, spirals, xor

__all__ = [
    "Split",
    "circles",
    "load_digits",
    "load_idx",
    "moons",
    "one_hot",
    "spirals",
    "train_test_split",
    "xor",
]
