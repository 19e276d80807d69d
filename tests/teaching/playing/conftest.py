"""Expressions whose steps are played, and Chromium to play them."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.drawing.page.conftest import chromium, neuron, opened  # noqa: F401  fixtures


@pytest.fixture
def product():
    """L = p w with p = w x: the value w is used twice."""
    w, x = tg.Value(-3.0, label="w"), tg.Value(2.0, label="x")
    p = w * x
    p.label = "p"
    L = p * w
    L.label = "L"
    return L


@pytest.fixture
def loss():
    """The loss of a network 2-3-1 with sigmoids on one sample."""
    network, source = tg.Network(verbose=False), np.random.default_rng(1)
    for inputs, outputs in ((2, 3), (3, 1)):
        network.add(tg.FullyConnectedLayer(inputs, outputs, rng=source))
        network.add(tg.ActivationLayer())
    loss = tg.mse(tg.Value([[1.0]], "y"), network(tg.Value([[1.0, 2.0]], "x")))
    loss.label = "loss"
    return loss


@pytest.fixture
def page_of(tmp_path):
    """A function that returns the text of a page of steps."""

    def save(output, *, quiz=False, **options):
        path = tmp_path / "steps.html"
        tg.steps(output, **options).save(path, quiz=quiz)
        return path.read_text(encoding="utf-8")

    return save
