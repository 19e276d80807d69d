"""Graphs that pages are made of."""

import pytest

import tinygrad_mlp as tg


@pytest.fixture
def neuron():
    """Karpathy's neuron after its backward pass."""
    x1, x2 = tg.Value(2.0, "x1"), tg.Value(0.0, "x2")
    w1, w2 = tg.Value(-3.0, "w1"), tg.Value(1.0, "w2")
    n = x1 * w1 + x2 * w2 + tg.Value(6.8813735870195432, "b")
    n.label = "n"
    out = tg.tanh(n)
    out.label = "o"
    out.backward()
    return out


@pytest.fixture
def steps():
    """A recurrent network: five scopes, and weights that all of them use."""
    W, U, h = tg.Value(0.5, "W"), tg.Value(0.3, "U"), tg.Value(0.1, "h0")
    for step in range(1, 6):
        with tg.scope(f"step{step}"):
            h = tg.tanh(W * h + U * tg.Value(0.1 * step, f"x{step}"))
    loss = h * h
    loss.label = "loss"
    loss.backward()
    return loss
