"""Tests of the command: it trains and draws, and says in one line what is wrong."""

import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp import cli


def accuracy_line(capsys):
    lines = capsys.readouterr().out.splitlines()
    return next(line for line in lines if line.startswith("accuracy"))


FILES = ["graph.dot", "graph.svg", "loss.svg", "network.svg", "weights.npz"]


def test_training_writes_pictures_and_weights(tmp_path, capsys):
    out = tmp_path / "deep" / "out"
    assert 0 == cli.main(["train", "--data", "xor", "--epochs", "50", "--out", str(out)])
    assert FILES == sorted(path.name for path in out.iterdir())
    for picture in out.glob("*.svg"):
        assert ET.parse(picture).getroot().tag.endswith("svg")
    printed = capsys.readouterr().out
    assert "2-3-1, sigmoid, 13 parameters" in printed
    assert "accuracy" in printed
    assert 10 == printed.count("\nepoch")


def test_the_picture_of_the_network_shows_its_biases_too(tmp_path):
    cli.main(["train", "--data", "xor", "--epochs", "20", "--out", str(tmp_path)])
    svg = (tmp_path / "network.svg").read_text(encoding="utf-8")
    assert "positive bias" in svg
    assert "3 sigmoid" in svg


def test_the_digits_are_learned_well(tmp_path, capsys):
    assert 0 == cli.main(["train", "--epochs", "2500", "--out", str(tmp_path)])
    accuracy = accuracy_line(capsys)
    train, test = (float(word.rstrip("%")) for word in accuracy.split() if word.endswith("%"))
    assert train > 97
    assert test > 95.5


@pytest.mark.parametrize("data", ["moons", "circles", "spirals"])
def test_the_points_in_the_plane_are_learned(data, tmp_path, capsys):
    assert 0 == cli.main(["train", "--data", data, "--out", str(tmp_path)])
    accuracy = accuracy_line(capsys)
    assert all(float(word.rstrip("%")) > 90 for word in accuracy.split() if word.endswith("%"))


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
        (["--data", "nothing"], 1, "--data must be one of digits"),
        (["--layers", "64-32-9"], 1, "end with 10"),
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
    with np.errstate(over="ignore", invalid="ignore"):
        assert 1 == cli.main([*arguments, "--out", str(tmp_path)])
    assert "diverged" in capsys.readouterr().err


def test_ctrl_c_saves_the_weights_of_the_last_complete_step(tmp_path):
    command = [sys.executable, "-m", "tinygrad_mlp", "train", "--epochs", "200000"]
    process = subprocess.Popen(
        [*command, "--out", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline().startswith("data")
    assert process.stdout.readline().startswith("network")
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert 130 == process.returncode
    assert "" == error
    assert "interrupted" in out
    with np.load(tmp_path / "weights.npz") as weights:
        assert all(np.isfinite(weights[name]).all() for name in weights.files)


def test_a_reader_that_goes_away_is_no_traceback(tmp_path):
    command = f"{sys.executable} -m tinygrad_mlp train --data xor --out {tmp_path} | head -n 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert 1 == len(done.stdout.splitlines())


def test_help_teaches_and_version_answers(capsys):
    assert 0 == cli.main([])
    for arguments, words in [
        (["train", "--help"], ["weight - learning_rate * gradient", "spirals", "weights.npz"]),
        (["--version"], [tg.__version__]),
    ]:
        with pytest.raises(SystemExit) as leaving:
            cli.main(arguments)
        assert 0 == leaving.value.code
        printed = capsys.readouterr().out
        assert all(word in printed for word in words)
