"""Expressions that sheets are made of."""

import pytest

import tinygrad_mlp as tg


@pytest.fixture
def two_paths():
    """L = (x w + b)² + w: the value w is used twice."""
    x, w, b = (tg.Value(1.0, label=name) for name in "xwb")
    p = x * w
    p.label = "p"
    q = p + b
    q.label = "q"
    L = tg.square(q) + w
    L.label = "L"
    return L


@pytest.fixture
def layer():
    """The sum of a layer of two units."""
    x, W = tg.Value([[1.0, 2.0]], label="x"), tg.Value([[1.0, 2.0], [3.0, 4.0]], label="W")
    return tg.sum(tg.square(x @ W))
