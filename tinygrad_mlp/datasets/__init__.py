"""Data to learn from: digits, points in the plane, folders in MNIST's format, and tables."""

from tinygrad_mlp.datasets.digits import load_digits
from tinygrad_mlp.datasets.idx import load_idx
from tinygrad_mlp.datasets.preparation import Split, one_hot, train_test_split
from tinygrad_mlp.datasets.synthetic import circles, moons, spirals, xor
from tinygrad_mlp.datasets.tables import Table, load_csv

__all__ = [
    "Split",
    "Table",
    "circles",
    "load_csv",
    "load_digits",
    "load_idx",
    "moons",
    "one_hot",
    "spirals",
    "train_test_split",
    "xor",
]
