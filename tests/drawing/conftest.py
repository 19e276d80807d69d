"""Graphs that many tests draw, and a machine without any layout program."""

import sys
import sysconfig

import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing import formats
from tinygrad_mlp.drawing.graphviz.programs import PROGRAM_VARIABLE, find_program
from tinygrad_mlp.graphs.graph import Graph

PROGRAM = find_program()


@pytest.fixture
def two_layers():
    """The loss of Matt Mazur's worked example, after its backward pass."""
    x, target = tg.Value([[0.05, 0.10]], "x"), tg.Value([[0.01, 0.99]], "target")
    with tg.scope("layer1"):
        W1, b1 = tg.Value([[0.15, 0.25], [0.20, 0.30]], "W1"), tg.Value([[0.35, 0.35]], "b1")
        h = tg.sigmoid(tg.affine(x, W1, b1))
    with tg.scope("layer2"):
        W2, b2 = tg.Value([[0.40, 0.50], [0.45, 0.55]], "W2"), tg.Value([[0.60, 0.60]], "b2")
        y = tg.sigmoid(tg.affine(h, W2, b2))
    with tg.scope("loss"):
        error = tg.half_squared_error(target, y)
    error.label = "error"
    error.backward()
    return error


@pytest.fixture
def square():
    x = tg.Value(3.0, label="x")
    return Graph.of(x * x)


@pytest.fixture
def no_programs(monkeypatch, tmp_path):
    """No dot and no graphviz-pure, wherever they are looked for."""
    monkeypatch.delenv(PROGRAM_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    assert find_program() is None


@pytest.fixture
def no_typst(monkeypatch):
    """No package that prints an SVG."""
    monkeypatch.setattr(formats, "can_print", lambda: False)
    monkeypatch.setitem(sys.modules, "typst", None)


@pytest.fixture
def program():
    """A layout program of this machine, or a skipped test."""
    if PROGRAM is None:
        pytest.skip("neither dot nor graphviz-pure is here")
    return PROGRAM


@pytest.fixture
def written_program(tmp_path):
    """A function that makes a program from the body of a shell script."""

    def write(name, body):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return str(path)

    return write
