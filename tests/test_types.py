"""Tests of what type checkers say of programs that use the package; they run where they are.

The programs are those of the first page and of ``examples/``, which carry no annotations, and one
that tells the type of everything that a program is made of.
"""

import doctest
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# The same program runs, and is read by the checkers.
TYPED = """
from typing import Any, assert_type

import numpy as np

import tinygrad_mlp as tg

Array = np.ndarray[Any, np.dtype[Any]]


class Scaling(tg.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.gain = tg.Value(2.0, label="gain")

    def formula(self, x: Any, gain: Any) -> Any:
        return x * gain

    def parameters(self) -> list[tg.Value]:
        return [self.gain]


@tg.operation(lambda g, out, z: 2.0 * g * z)
def squared(z: Any) -> Any:
    return z**2


array = np.array([[1.0, 2.0]])
v = tg.Value(array, label="v")
w = tg.Value(3.0)

# A Value in, a Value out, whichever argument it is.
assert_type(tg.sigmoid(v), tg.Value)
assert_type(tg.sum(v, axis=0), tg.Value)
assert_type(tg.maximum(0.0, v), tg.Value)
assert_type(tg.where(array > 1.0, 0.0, v), tg.Value)
assert_type(tg.affine(array, np.ones((2, 1)), tg.Value([[1.0]])), tg.Value)
assert_type(squared(v), tg.Value)
assert_type(-v + 2.0 * v / 3.0 - v**2, tg.Value)
assert_type(+v, tg.Value)
assert_type(v @ v.T, tg.Value)
assert_type(v[0], tg.Value)
assert_type(v.mean(axis=0), tg.Value)
assert_type(tg.gelu(v), tg.Value)
assert_type(tg.reshape(v, (2, 1)), tg.Value)
assert_type(tg.std(v, axis=0, keepdims=True), tg.Value)
assert_type(tg.dot(array, v.T), tg.Value)
assert_type(tg.einsum("ij->i", v), tg.Value)
assert_type(tg.stack([v, v], axis=1), tg.Value)
assert_type(tg.concatenate((v, v)), tg.Value)
assert_type(tg.array([w, w]), tg.Value)
assert_type(tg.sum([w, w]), tg.Value)
assert_type(list(map(tg.silu, [v, v])), list[tg.Value])

# Of arrays NumPy's own functions say no more.
assert_type(tg.sigmoid(array), Any)
assert_type(tg.sigmoid(0.5), Any)
assert_type(tg.maximum(array, 0.0), Any)
assert_type(tg.gelu(array), Any)
assert_type(tg.std(x=array), Any)
assert_type(tg.stack([array, array]), Any)
assert_type(tg.split(array, 2, axis=1), list[Any])
assert_type((array * v).sum(), Any)

network = tg.Network(verbose=False)
network.add(tg.FullyConnectedLayer(2, 2, rng=0))
network.add(Scaling())
layer: tg.Layer = network.layers[1]
assert_type(network(v), tg.Value)
assert_type(network(array), Array)
assert_type(layer(v), tg.Value)
assert_type(layer(array), Array)
assert_type(layer.forward(v), tg.Value)
assert_type(layer.forward(array), Array)
assert_type(layer.backward(array), Array)
assert_type(network.predict(array), list[Array])
print(network.layers[0].weights.shape, v.op is None, network(v).op.name)

# The step that everybody writes, and the question whether there is a gradient.
(w * w).backward()
if w.grad is None:
    raise ValueError("w takes no part in the loss")
w.data -= 0.3 * w.grad
print(round(float(w.grad), 2), f"{w.grad:.2f}", w.grad.shape, w.item())

# Gradients of Values, of functions, and of recorded gradients.
loss = tg.sum(v * w)
assert_type(tg.grad(loss, v), Any)
assert_type(tg.grad(loss, [v, w]), list[Any])
slope = tg.grad(loss, w, create_graph=True)
assert_type(slope, tg.Value)
assert_type(tg.grad(loss, [v, w], create_graph=True), list[tg.Value])
slope.backward()
both = tg.value_and_grad(tg.mean)(array)
assert_type(both, tuple[Any, Any])
print(tg.grad(tg.grad(lambda x: x**3))(2.0), tg.jacobian(tg.exp)(array).shape)
"""

# What must not pass, so that the types say something: the line, and what the checkers name.
WRONG = """
import tinygrad_mlp as tg

tg.sigmoid(tg.Value(1.0)).backwards()
tg.Value(1.0).op.nam
tg.Network()(tg.Value(1.0)).weigths
tg.value_and_grad(tg.mean)([1.0]).gradient
tg.FullyConnectedLayer(2, 1).weigths
tg.std(tg.Value(1.0), axs=0)
"""

#: What examples import besides this package: it may be missing, or promise no types.
OTHERS = ("mpi4py", "scipy", "sklearn")


def code_of(page):
    examples = doctest.DocTestParser().get_examples(page.read_text(encoding="utf-8"))
    return "".join(example.source for example in examples)


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """Return everything that is checked, each a program of its own."""
    folder = tmp_path_factory.mktemp("programs")
    texts = {"typed": TYPED, "wrong": WRONG, "readme": code_of(ROOT / "README.md")}
    for example in (ROOT / "examples").glob("*.py"):
        texts[f"example_{example.stem}"] = example.read_text(encoding="utf-8")
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return sorted(folder.glob("*.py"))


def mypy(folder):
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed")
    # Students annotate nothing, and give one name to a Value first and to an array later.
    options = ["--strict", "--allow-untyped-defs", "--allow-untyped-calls", "--allow-redefinition"]
    config = folder / "mypy.ini"
    sections = [f"[mypy-{name}.*]\nignore_missing_imports = true\n" for name in OTHERS]
    config.write_text("".join(["[mypy]\n", *sections]), encoding="utf-8")
    return ["mypy", *options, "--config-file", config, "--cache-dir", folder / "cache"]


def pyright(folder):
    if importlib.util.find_spec("pyright") is None or shutil.which("node") is None:
        pytest.skip("pyright is not installed")
    # Lines that only show a value, as in a notebook, are below the level.
    return ["pyright", "--level", "error", "--pythonpath", sys.executable]


@pytest.fixture(scope="module", params=[mypy, pyright], ids=["mypy", "pyright"])
def errors(request, programs):
    """Return the name of the program, the line and the text of every error of a checker."""
    command = [sys.executable, "-m", *request.param(programs[0].parent), *programs]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )
    found = re.findall(r"(\w+)\.py:(\d+):(.*error: .*)", done.stdout)
    assert done.returncode == 1, done.stdout + done.stderr  # of the mistakes that are made here
    return [(name, int(line), text) for name, line, text in found]


def test_the_program_that_tells_its_types_runs(programs):
    (typed,) = (program for program in programs if program.name == "typed.py")
    subprocess.run([sys.executable, "-W", "error", typed], check=True)


def test_what_the_first_page_and_the_examples_show_passes_the_checker(errors):
    # The engine on one page uses nothing of the package, and mypy cannot infer the types of rows
    # that name rows further down, and calls ``np.add.at(...) or x`` a mistake.
    beyond = ("[has-type]", "[func-returns-value]")
    # mypy is told this in its configuration; pyright cannot be told it of single libraries.
    missing = re.compile(rf'Import "({"|".join(OTHERS)})[."].* \(reportMissingImports\)$')
    assert [] == [
        (name, line, text)
        for name, line, text in errors
        if name != "wrong"
        and not (name == "example_engine_in_one_page" and text.endswith(beyond))
        and not missing.search(text)
    ]


def test_misspelt_names_are_found_by_the_checker(errors):
    lines = [number for number, line in enumerate(WRONG.splitlines(), 1) if line.startswith("tg.")]
    assert lines == [line for name, line, _ in errors if name == "wrong"]
