"""Live pages, in Chromium and in Node."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.drawing.page.test_document import EVIL


@pytest.fixture
def saved(tmp_path):
    """A function that returns the text of a page."""

    def save(f, **options):
        path = tmp_path / "live.html"
        tg.save_page(f, path, **options)
        return path.read_text(encoding="utf-8")

    return save


def network(x, W1, b1, W2, b2):
    """The network 2-3-1."""
    hidden = tg.sigmoid(tg.affine(x, W1, b1))
    return tg.sigmoid(tg.affine(hidden, W2, b2))


SHAPES = {"x": (1, 2), "W1": (2, 3), "b1": (1, 3), "W2": (3, 1), "b2": (1, 1)}


def settings_of(shapes, count=1, seed=0):
    """Random numbers for the inputs of a function."""
    rng = np.random.default_rng(seed)
    return [{n: rng.uniform(-3, 3, shape)[()] for n, shape in shapes.items()} for _ in range(count)]


def evil_function():
    """A function whose labels and scopes try to be markup and scripts."""
    leaves = [tg.Value(2.0, text) for text in EVIL]

    def f(x):
        for leaf in leaves:
            with tg.scope(leaf.label):
                x = tg.tanh(x * leaf)
                x.label = leaf.label
        return x

    return f
