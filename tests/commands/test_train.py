"""Tests of the command ``train``: it learns every data set, draws, and says what is wrong."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.commands import main as cli
from tinygrad_mlp.commands import recipes as training
from tinygrad_mlp.commands import train
from tinygrad_mlp.nn import Network


def shares(printed):
    """The accuracies on both sets that a training prints at its end."""
    line = next(line for line in printed.splitlines() if line.startswith("accuracy"))
    return [float(word.rstrip("%")) for word in line.split() if word.endswith("%")]


def help_text(capsys, command):
    capsys.readouterr()
    with pytest.raises(SystemExit):
        cli.main([command, "--help"])
    return capsys.readouterr().out


FILES = [
    "graph.dot",
    "graph.svg",
    "loss.svg",
    "model.json",
    "network.npz",
    "network.svg",
    "weights.npz",
]


def test_training_writes_pictures_and_weights(tmp_path, capsys):
    out = tmp_path / "deep" / "out"
    assert 0 == cli.main(["train", "--data", "xor", "--epochs", "50", "--out", str(out)])
    assert FILES == sorted(path.name for path in out.iterdir())
    for picture in out.glob("*.svg"):
        assert ET.parse(picture).getroot().tag.endswith("svg")
    printed = capsys.readouterr().out
    assert "2-8-1, sigmoid, 33 parameters" in printed
    assert "accuracy" in printed
    for name in FILES:  # each with what it is
        line = next(line for line in printed.splitlines() if line.startswith(f"  {name} "))
        assert len(line.split()) > 3
    assert 10 == printed.count("\nepoch")


def test_the_picture_of_the_network_shows_its_biases_too(tmp_path):
    cli.main(["train", "--data", "xor", "--epochs", "20", "--out", str(tmp_path)])
    svg = (tmp_path / "network.svg").read_text(encoding="utf-8")
    assert "positive bias" in svg
    assert "8 sigmoid" in svg


# ----- The defaults learn -----


#: What both accuracies are above, in percent; a straight line divides only some of the data.
ABOVE = {"digits": 94, "xor": 99, "moons": 94, "circles": 99, "spirals": 88}
ABOVE_BY_A_LINE = {"digits": 90, "moons": 83}


@pytest.mark.parametrize(
    ("activation", "data"),
    [
        *((a, d) for a in ("sigmoid", "tanh", "relu", "softplus") for d in ABOVE),
        *(("softmax", d) for d in ABOVE if d != "xor"),
        *(("identity", d) for d in ABOVE_BY_A_LINE),
    ],
)
def test_every_activation_learns_every_data_set(activation, data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(train, "_write", lambda *_: None)  # the pictures are looked at elsewhere
    arguments = ["--data", data, "--activation", activation, "--out", str(tmp_path)]
    assert 0 == cli.main(["train", *arguments])
    printed = capsys.readouterr()
    above = (ABOVE_BY_A_LINE if activation == "identity" else ABOVE)[data]
    assert min(shares(printed.out)) > above
    assert "" == printed.err


@pytest.mark.parametrize("activation", list(training.MANNERS))
def test_deeper_networks_learn_too(activation, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(train, "_write", lambda *_: None)
    arguments = ["--layers", "64-24-16-10", "--activation", activation, "--epochs", "1500"]
    assert 0 == cli.main(["train", *arguments, "--out", str(tmp_path)])
    assert min(shares(capsys.readouterr().out)) > 80


def test_the_examples_of_the_help_learn(tmp_path, capsys):
    arguments = ["--data", "spirals", "--layers", "2-32-16-3", "--activation", "tanh"]
    assert f"tinygrad-mlp train {' '.join(arguments)}\n" in help_text(capsys, "train")
    assert 0 == cli.main(["train", *arguments, "--out", str(tmp_path)])
    assert min(shares(capsys.readouterr().out)) > 93


def test_the_inputs_may_be_many_and_large():
    x = np.abs(np.random.default_rng(0).normal(size=(200, 300)))
    y = tg.datasets.one_hot((x[:, :150].sum(axis=1) > x[:, 150:].sum(axis=1)).astype(int))
    for activation in training.MANNERS:
        network = training.build((300, 20, 2), activation, rng=0)
        rate = training.learning_rate(activation, network, x)
        network.fit(x, y, epochs=300, learning_rate=rate, rng=0)
        assert training.right(y, network(x)) > 0.8


@pytest.mark.parametrize("activation", list(training.MANNERS))
def test_softmax_stands_only_at_the_end(activation):
    network = training.build((2, 3, 4, 2), activation, rng=0)
    names = [layer.activation for layer in network.layers[1::2]]
    assert "softmax" not in names[:-1]
    assert (names[-1] == "softmax") == (activation == "softmax")


def test_the_layers_themselves_draw_as_before():
    network = training.build((2, 3, 1), "relu", rng=7)
    layer = tg.FullyConnectedLayer(2, 3, rng=7)
    wanted = np.random.default_rng(7).random((2, 3)) - 0.5
    np.testing.assert_array_equal(wanted, layer.weights)
    np.testing.assert_allclose(layer.weights * np.sqrt(2 * 12 / 2), network.layers[0].weights)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--data", "circles", "--activation", "identity"], "--activation"),
        (["--data", "spirals", "--learning-rate", "1e-9"], "--learning-rate"),
        (["--data", "digits", "--epochs", "0"], "--epochs"),
    ],
)
def test_a_network_that_only_guesses_is_told(arguments, word, tmp_path, capsys):
    assert 0 == cli.main(["train", "--epochs", "50", *arguments, "--out", str(tmp_path)])
    warning = capsys.readouterr().err
    assert "learned next to nothing" in warning
    assert word in warning
    assert 1 == warning.count("\n")


def test_chance_is_the_share_of_the_commonest_class():
    assert 0.75 == training.chance(tg.datasets.one_hot([0, 1, 1, 1]))
    assert 0.75 == training.chance(np.array([[0.0], [0.0], [1.0], [0.0]]))


# ----- Losses, optimizers, stopping -----


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam", "adamw", "adagrad"])
def test_every_optimizer_learns_with_a_loss_of_classes(optimizer, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(train, "_write", lambda *_: None)
    arguments = ["--loss", "softmax_cross_entropy", "--optimizer", optimizer, "--full-pass"]
    rate = ["--learning-rate", "0.01"] if optimizer in {"adam", "adamw", "rmsprop"} else []
    arguments += [*rate, "--epochs", "20", "--out", str(tmp_path)]
    assert 0 == cli.main(["train", *arguments])
    printed = capsys.readouterr()
    assert f"softmax_cross_entropy{'' if optimizer == 'sgd' else ', ' + optimizer}\n" in printed.out
    assert min(shares(printed.out)) > 80
    assert "" == printed.err


def test_one_output_is_learned_from_logits(tmp_path, capsys):
    arguments = ["--data", "xor", "--loss", "binary_cross_entropy", "--activation", "tanh"]
    assert 0 == cli.main(["train", *arguments, "--epochs", "2000", "--out", str(tmp_path)])
    assert [100.0, 100.0] == shares(capsys.readouterr().out)
    assert "binary cross entropy" in (tmp_path / "loss.svg").read_text(encoding="utf-8")
    source = (tmp_path / "graph.dot").read_text(encoding="utf-8")
    assert "softplus" in source  # of the loss that was trained


def test_training_stops_when_the_validation_loss_grows(tmp_path, capsys):
    arguments = ["--data", "moons", "--full-pass", "--epochs", "500", "--optimizer", "adam"]
    arguments += ["--learning-rate", "0.1", "--validation", "0.3", "--patience", "3"]
    assert 0 == cli.main(["train", *arguments, "--metrics", "mae", "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "by EarlyStopping" in printed
    assert "mae       0." in printed


def test_what_fit_warns_of_is_told_in_one_line(tmp_path, capsys):
    arguments = ["--loss", "softmax_cross_entropy", "--learning-rate", "1e-12", "--epochs", "150"]
    assert 0 == cli.main(["train", *arguments, "--out", str(tmp_path)])
    warning = capsys.readouterr().err
    assert warning.startswith("tinygrad-mlp: warning: fit: after 150 steps nothing is learned")
    assert 1 == warning.count("\n")


# ----- The files -----


@pytest.mark.parametrize("sizes", ["2-5-4-1", "-".join(["2", *["3"] * 60, "1"])])
def test_the_graph_that_is_drawn_is_that_of_the_trained_network(sizes, tmp_path):
    arguments = ["train", "--data", "xor", "--layers", sizes, "--epochs", "9"]
    assert 0 == cli.main([*arguments, "--out", str(tmp_path)])
    source = (tmp_path / "graph.dot").read_text(encoding="utf-8")
    assert "ŷ" in source
    network = Network(verbose=False)
    widths = [int(size) for size in sizes.split("-")]
    for inputs, outputs in zip(widths, widths[1:], strict=False):
        network.add(tg.FullyConnectedLayer(inputs, outputs, rng=0))
        network.add(tg.ActivationLayer())
    network.load_weights(tmp_path / "weights.npz")
    x, y = tg.datasets.xor()
    loss = training.sample_loss(network, x[-1:], y[-1:])
    assert tg.draw(loss).source.splitlines() == source.splitlines()


def test_the_same_seed_writes_the_same_bytes_in_every_process(tmp_path):
    for hash_seed in ("0", "1"):
        command = [sys.executable, "-m", "tinygrad_mlp", "train", "--data", "moons"]
        command += ["--epochs", "60", "--out", str(tmp_path / hash_seed)]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        subprocess.run(command, env=environment, check=True, capture_output=True)
    for name in FILES:
        assert (tmp_path / "0" / name).read_bytes() == (tmp_path / "1" / name).read_bytes()


def test_the_weights_can_be_loaded_again(tmp_path):
    arguments = ["train", "--data", "xor", "--epochs", "20", "--out", str(tmp_path)]
    assert 0 == cli.main([*arguments, "--activation", "tanh", "--layers", "2-4-1"])
    network = tg.Network()
    network.add(tg.FullyConnectedLayer(2, 4, rng=9))
    network.add(tg.ActivationLayer("tanh"))
    network.add(tg.FullyConnectedLayer(4, 1, rng=9))
    network.load_weights(tmp_path / "weights.npz")


def test_a_folder_of_idx_files_can_be_trained_on(tmp_path):
    def write(name, array):
        header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
        (tmp_path / name).write_bytes(header + array.astype(np.uint8).tobytes())

    source = np.random.default_rng(0)
    for part, count in (("train", 20), ("t10k", 5)):
        write(f"{part}-images-idx3-ubyte", source.integers(0, 256, (count, 4, 4)))
        write(f"{part}-labels-idx1-ubyte", np.arange(count) % 3)
    arguments = ["train", "--data", str(tmp_path), "--epochs", "5", "--layers", "16-4-3"]
    assert 0 == cli.main([*arguments, "--out", str(tmp_path / "out")])


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["--data", "nothing"], 2, "--data must be one of digits"),
        (["--layers", "64-32-9"], 2, "end with 10"),
        (["--data", "xor", "--loss", "softmax_cross_entropy"], 2, "binary_cross_entropy is for"),
        (["--loss", "hinge"], 2, "invalid choice"),
        (["--optimizer", "lbfgs"], 2, "invalid choice"),
        (["--validation", "1.5"], 2, "wanted a share"),
        (["--validation", "x"], 2, "wanted a share"),
        (["--patience", "0"], 2, "whole number"),
        (["--metrics", "f1"], 2, "metrics must be of accuracy"),
        (["--compare", "out=x"], 2, "--out is the same for all settings"),
        (["--compare", "epochs=x"], 2, "whole number"),
        (["--data", "xor", "--activation", "softmax"], 2, "sigmoid is for one output"),
        (["--layers", "64"], 2, "64-32-10"),
        (["--layers", "64-0-10"], 2, "64-32-10"),
        (["--layers", "a-b"], 2, "64-32-10"),
        (["--epochs", "-1"], 2, "whole number"),
        (["--epochs", "1.5"], 2, "whole number"),
        (["--batch-size", "0"], 2, "whole number"),
        (["--learning-rate", "nan"], 2, "positive"),
        (["--learning-rate", "-1"], 2, "positive"),
        (["--learning-rate", "fast"], 2, "positive"),
        (["--seed", "x"], 2, "whole number"),
        (["--activation", "step"], 2, "invalid choice"),
        (["--out", "/dev/null/x"], 1, "/dev/null/x"),
        (["--out", __file__], 2, "--out must be a folder"),
    ],
)
def test_a_bad_argument_is_told_in_one_line(arguments, code, word, tmp_path, capsys):
    try:
        got = cli.main(["train", "--out", str(tmp_path), *arguments])
    except SystemExit as leaving:  # argparse's way
        got = leaving.code
    error = capsys.readouterr().err
    assert code == got
    assert word in error.splitlines()[-1]
    assert "Traceback" not in error


def test_diverging_training_is_told_in_one_line(tmp_path, capsys):
    arguments = ["train", "--activation", "identity", "--learning-rate", "1e9"]
    assert 1 == cli.main([*arguments, "--out", str(tmp_path)])
    assert "diverged" in capsys.readouterr().err
