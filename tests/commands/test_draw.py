"""Tests of ``tinygrad-mlp draw``: what it draws, and what it says in one line."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.commands import main as cli
from tinygrad_mlp.commands import small_graph
from tinygrad_mlp.drawing.formats import FORMATS, Format
from tinygrad_mlp.graphs.graph import Graph

GRAPH = "tinygrad_mlp.commands:small_graph"

MODULE = """
import tinygrad_mlp as tg

def loss():
    x = tg.Value(3.0, label="x")
    return [x * x]

def network():
    made = tg.Network(verbose=False)
    made.add(tg.FullyConnectedLayer(2, 3, rng=0))
    return made

def broken():
    return 1 / 0

number = 5
"""


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A folder with a module of the user's own."""
    (tmp_path / "my_model.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.modules.pop("my_model", None)


@pytest.mark.parametrize("suffix", ["svg", "dot", "json", "txt"])
def test_what_a_function_returns_is_drawn(tmp_path, capsys, suffix):
    path = tmp_path / f"loss.{suffix}"
    assert 0 == cli.main(["draw", GRAPH, str(path)])
    assert f"wrote {path}\n" == capsys.readouterr().out
    assert "0.298371" in path.read_text(encoding="utf-8")


def test_the_options_are_those_of_draw(tmp_path):
    path = tmp_path / "loss.dot"
    options = ["--depth", "1", "--expand", "layer1,layer2", "--theme", "dark", "--direction", "TB"]
    options += ["--show", "label,op", "--highlight", "L", "--max-nodes", "50"]
    options += ["--unroll", "--color", "gradient", "--legend", "--page", "a4", "--compact"]
    assert 0 == cli.main(["draw", GRAPH, str(path), *options])
    wanted = tg.draw(
        small_graph(),
        depth=1,
        expand=["layer1", "layer2"],
        theme="dark",
        direction="TB",
        show=["label", "op"],
        highlight="L",
        max_nodes=50,
        unroll=True,
        color="gradient",
        legend=True,
        page="a4",
        compact=True,
    )
    assert wanted.source == path.read_text(encoding="utf-8")


def test_a_format_that_is_added_is_written_and_told_of(monkeypatch, tmp_path, capsys):
    count = Format("with patience", lambda drawn: str(len(drawn.graph)).encode())
    monkeypatch.setitem(FORMATS, ".count", count)
    assert 0 == cli.main(["draw", GRAPH, str(tmp_path / "a.count")])
    assert str(len(Graph.of(small_graph()))) == (tmp_path / "a.count").read_text()
    capsys.readouterr()
    with pytest.raises(SystemExit):
        cli.main(["draw", "--help"])
    assert re.search(r"^  \.count +with patience$", capsys.readouterr().out, re.MULTILINE)


def test_a_module_in_the_current_folder_is_found(model):
    assert 0 == cli.main(["draw", "my_model:loss", "loss.svg"])
    assert ET.parse(model / "loss.svg").getroot().tag.endswith("svg")
    assert "" not in sys.path[:1] or sys.path.count("") <= 1


def test_a_network_is_drawn_as_circles(model):
    assert 0 == cli.main(["draw", "my_model:network", "network.svg"])
    assert "<circle" in (model / "network.svg").read_text(encoding="utf-8")


def test_a_file_of_weights_is_drawn_as_circles(tmp_path):
    network = tg.Network(verbose=False)
    for sizes in ((2, 3), (3, 1)):
        network.add(tg.FullyConnectedLayer(*sizes, rng=0))
    network.save_weights(tmp_path / "weights.npz")
    assert 0 == cli.main(["draw", str(tmp_path / "weights.npz"), str(tmp_path / "network.svg")])
    text = (tmp_path / "network.svg").read_text(encoding="utf-8")
    assert tg.draw_network(network).svg == text


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["my_model", "a.svg"], 2, "SOURCE must be module:function"),
        (["my_model:", "a.svg"], 2, "SOURCE must be module:function"),
        (["my_model:loss()", "a.svg"], 2, "SOURCE must be module:function"),
        (["no_model:loss", "a.svg"], 2, "there is no module no_model"),
        (["my_model:nothing", "a.svg"], 2, "no function nothing; it has loss, network, broken"),
        (["my_model:number", "a.svg"], 2, "no function number; it has loss"),
        (["my_model:broken", "a.svg"], 1, "ZeroDivisionError: division by zero"),
        (["os:getcwd", "a.svg"], 1, "got str"),
        (["my_model:loss", "a.jpg"], 2, "must end with one of"),
        (["my_model:broken", "a.jpg"], 2, "must end with one of"),
        (["my_model:loss", "missing/a.svg"], 1, "missing"),
        (["my_model:network", "a.tex"], 2, "must end with one of .svg, .png, .pdf"),
        (["my_model:loss", "a.svg", "--expand", "layer7"], 2, "no box is called 'layer7'"),
        (["my_model:loss", "a.svg", "--show", "colour"], 2, "wanted any of label"),
        (["my_model:loss", "a.svg", "--depth", "0"], 2, "whole number from 1"),
        (["my_model:loss", "a.svg", "--theme", "pink"], 2, "invalid choice"),
        (["my_model:loss", "a.svg", "--layout", "neato"], 2, "invalid choice"),
        (["my_model:loss", "a.png", "--scale", "0"], 2, "scale must be at least 0.01"),
        (["my_model:loss", "a.png", "--scale", "two"], 2, "invalid float"),
        (["weights.npz", "a.svg", "--layout", "builtin"], 2, "--layout is for graphs"),
        (["my_model:loss"], 2, "FILE"),
        (["missing.npz", "a.svg"], 2, "there is no file missing.npz"),
        (["damaged.npz", "a.svg"], 1, "not a whole file of weights"),
        (["vector.npz", "a.svg"], 1, "no matrices"),
        (["lonely.npz", "a.svg"], 1, "no matrices"),
        (["complex.npz", "a.svg"], 1, "complex128; weights are real numbers"),
        (["dates.npz", "a.svg"], 1, "datetime64[D]; weights are real numbers"),
        (["objects.npz", "a.svg"], 1, "not a whole file of weights"),
        (["needs_more:loss", "a.svg"], 1, "No module named 'not_installed'"),
        (["weights.npz", "a.svg", "--theme", "dark"], 2, "--theme is for graphs"),
        (["weights.npz", "a.svg", "--show", "op"], 2, "--show is for graphs"),
        (["weights.npz", "a.svg", "--highlight", "W1"], 2, "--highlight is for graphs"),
        (["weights.npz", "a.svg", "--max-nodes", "5000"], 2, "--max-nodes is for graphs"),
        (["my_model:network", "a.svg", "--theme", "light"], 2, "--theme is for graphs"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(model, arguments, code, word, capsys):
    (model / "damaged.npz").write_bytes(b"PK\x03\x04 nothing")
    np.savez(model / "vector.npz", a=np.ones(3), b=np.ones(2))
    np.savez(model / "lonely.npz", a=np.ones((3, 2)))
    np.savez(model / "complex.npz", a=np.ones((2, 2), complex), b=np.ones(2))
    np.savez(model / "dates.npz", a=np.zeros((2, 2), "M8[D]"), b=np.ones(2))
    np.savez(model / "objects.npz", a=np.ones((2, 2), object), b=np.ones(2))
    np.savez(model / "weights.npz", a=np.ones((2, 2)), b=np.ones(2))
    (model / "needs_more.py").write_text("import not_installed")
    try:
        got = cli.main(["draw", *arguments])
    except SystemExit as leaving:  # argparse's way
        got = leaving.code
    error = capsys.readouterr().err
    assert code == got
    assert word in error.splitlines()[-1]
    assert "Traceback" not in error
    assert not (model / "a.svg").exists()


def test_the_command_runs_from_a_shell(model):
    command = [sys.executable, "-m", "tinygrad_mlp", "draw", "my_model:loss", "loss.txt"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    assert "v1 = 9 ← ×" in (model / "loss.txt").read_text(encoding="utf-8")


def test_help_teaches(capsys):
    with pytest.raises(SystemExit) as leaving:
        cli.main(["draw", "--help"])
    assert 0 == leaving.value.code
    printed = capsys.readouterr().out
    for word in (
        "how much the output grows",
        "module:function",
        "weights.npz",
        "examples:",
        ".png",
    ):
        assert word in printed
