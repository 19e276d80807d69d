"""Tests that TeX and KaTeX take the equations, where they are installed."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import calls, pulled_back

ROOT = Path(__file__).parents[4]
NOTATIONS = [
    {},
    {"indices": True},
    {"numbers": True, "spelled_out": True},
    {"indices": True, "numbers": True},
]
KATEX = """
const katex = require("katex");
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
for (const text of texts)
    katex.renderToString(text, {displayMode: true, throwOnError: true, strict: "error"});
console.log(texts.length);
"""


def network(x, W1, b1, W2, b2, y_true):
    hidden = tg.sigmoid(tg.affine(x, W1, b1))
    return tg.half_squared_error(y_true, tg.tanh(tg.affine(hidden, W2, b2)))


def in_german():
    size, delta, weight = tg.Value(2.0, "größe"), tg.Value(0.5, "Δ"), tg.Value(-1.0, "Maß_σ")
    return tg.tanh(size * weight + delta) * size * delta


@pytest.fixture(scope="module")
def equations():
    """Those of a network, and of every row and its gradient, in all notations."""
    shapes = [(4, 2), (2, 3), (1, 3), (3, 1), (1, 1), (4, 1)]
    args = [np.random.default_rng(0).normal(size=shape) for shape in shapes]
    found = [
        tg.source(network, *args, wrt=("W1", "b1", "W2", "b2"), target="latex", **notation)
        for notation in NOTATIONS
    ]
    found += [tg.source(in_german(), target="latex", **notation) for notation in NOTATIONS]
    for name in tg.OPS:
        f, args = pulled_back(calls(name)[0], np.float64)
        found += [tg.source(f, *args, target="latex", **notation) for notation in NOTATIONS]
    return [str(x) for x in found]


def test_katex_takes_every_equation(equations):
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node.js")
    command = [node, "-e", "require('katex')"]
    known = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if known.returncode:
        pytest.skip("needs the npm package katex, found by NODE_PATH or in node_modules")
    done = subprocess.run(
        [node, "-e", KATEX],
        cwd=ROOT,
        input=json.dumps(equations),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (f"{len(equations)}\n", "") == (done.stdout, done.stderr)


def test_latex_takes_every_equation(equations, tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("needs pdflatex")
    head = "\\documentclass{article}\\usepackage{amsmath}\\begin{document}\n"
    body = "\n".join(f"\\[{equation}\\]" for equation in equations)
    (tmp_path / "equations.tex").write_text(f"{head}{body}\n\\end{{document}}\n", encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "equations.tex"],
        cwd=tmp_path,
        env={**os.environ, "TEXMFVAR": str(tmp_path)},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "equations.pdf").stat().st_size > 0
