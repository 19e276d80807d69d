"""Tests of the commands on tables: trained on, evaluated, answered, compared."""

import csv
import json
import re
import shlex
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.commands import main as cli
from tinygrad_mlp.commands.encoding import Encoding, Model


@pytest.fixture
def flowers(tmp_path, monkeypatch):
    """A table of two kinds of flowers, which their colour and length tell apart."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    with (tmp_path / "flowers.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["length", "colour", "width", "kind"])
        for k in range(120):
            length, width = 100 + 30 * (k % 2) + rng.normal(0, 5), rng.normal()
            table.writerow([length, ["red", "blue"][k % 3 % 2], width, ["rose", "aster"][k % 2]])
    return tmp_path


def run(capsys, *arguments, code=0):
    try:
        got = cli.main([str(argument) for argument in arguments])
    except SystemExit as leaving:
        got = leaving.code
    printed = capsys.readouterr()
    assert code == got, printed.err
    return printed.err if code else printed.out


def test_a_table_with_a_target_of_words_becomes_a_classifier(flowers, capsys):
    printed = run(capsys, "train", "--data", "flowers.csv", "--epochs", "30")
    assert "network   4-16-2, tanh" in printed
    assert "30 passes in batches of 32, rate 0.01, softmax_cross_entropy, adam" in printed
    told = run(capsys, "evaluate", "out", "--metrics", "top_2")
    assert "samples   24\n" in told
    assert "accuracy  100.0%\n" in told
    assert "top_2     1\n" in told


def test_answers_are_in_the_words_of_the_table_and_need_no_target(flowers, capsys):
    run(capsys, "train", "--data", "flowers.csv", "--target", "kind", "--epochs", "30")
    (flowers / "new.csv").write_text("colour,width,length,more\nred,0,100,a\nblue,0,131,b\n")
    assert "rose\naster\n" == run(capsys, "predict", "out", "--data", "new.csv")
    assert 24 == run(capsys, "predict", "out").count("\n")
    error = run(capsys, "evaluate", "out", "--data", "new.csv", code=1)
    assert "new.csv has no column of targets" in error
    (flowers / "odd.csv").write_text("colour,width,length\npink,0,100\n")
    error = run(capsys, "predict", "out", "--data", "odd.csv", code=1)
    assert "line 2, column 'colour': 'pink' is new" in error
    assert "must be a CSV file" in run(capsys, "predict", "out", "--data", "digits", code=1)


def test_a_target_of_numbers_comes_back_in_its_own_size(flowers, capsys):
    arguments = ["--target", "length", "--ignore", "width,colour", "--metrics", "r2"]
    printed = run(capsys, "train", "--data", "flowers.csv", *arguments)
    assert "network   2-16-1" in printed
    (flowers / "new.csv").write_text("kind\nrose\naster\n")
    rose, aster = map(float, run(capsys, "predict", "out", "--data", "new.csv").split())
    assert abs(rose - 100) < 4
    assert abs(aster - 130) < 4
    assert float(run(capsys, "evaluate", "out").split()[-1]) > 0.8
    error = run(
        capsys, "train", "--data", "flowers.csv", "--target", "length",
        "--loss", "softmax_cross_entropy", code=2,
    )  # fmt: skip
    assert "the target is made of numbers; mse is for them" in error


def test_numbers_can_be_classes(flowers, capsys):
    lines = "".join(f"{k % 7};{k % 7 // 4}\n" for k in range(70))
    (flowers / "numbers.csv").write_text(f"x;late\n{lines}")
    arguments = ["--delimiter", ";", "--categorical", "late"]
    assert "1-16-2" in run(capsys, "train", "--data", "numbers.csv", *arguments)
    (flowers / "new.csv").write_text("x\n0\n6\n")
    assert "0\n1\n" == run(capsys, "predict", "out", "--data", "new.csv")


def test_what_is_odd_in_a_table_is_told_in_one_line(flowers, capsys):
    error = run(capsys, "train", "--data", "flowers.csv", "--target", "sort", code=1)
    assert "no column 'sort', which target names" in error
    (flowers / "odd.csv").write_text("a,b\n1,2\n,3\n")
    assert "line 3, column 'a'" in run(capsys, "train", "--data", "odd.csv", code=1)


def test_other_data_are_evaluated_and_answered_too(flowers, capsys):
    run(capsys, "train", "--data", "xor", "--epochs", "2000", "--activation", "tanh")
    assert "accuracy  100.0%" in run(capsys, "evaluate", "out")
    assert "0\n1\n1\n0\n" == run(capsys, "predict", "out")
    printed = run(capsys, "train", "--data", "moons", "--epochs", "300")
    share = printed.split(" of the test set")[0].split()[-1]
    assert f"accuracy  {share}" in run(capsys, "evaluate", "out")
    assert set("01\n") == set(run(capsys, "predict", "out"))
    assert "--data must be one of" in run(capsys, "predict", "out", "--data", "x", code=1)


def test_a_folder_without_a_model_is_told(flowers, capsys):
    assert "model.json" in run(capsys, "evaluate", "nowhere", code=1)
    for text in ("", "[]", "{}", '{"format": "tinygrad_mlp model 9"}'):
        (flowers / "model.json").write_text(text)
        assert "model.json" in run(capsys, "predict", flowers, code=1)


def test_what_is_known_of_a_model_comes_back_from_its_file(flowers):
    table = tg.datasets.load_csv("flowers.csv", "width")
    how = ((3, 1), "tanh", "mse", "adam", 9, 32, True, 7)
    model = Model("a", *how, Encoding.of(table, table.x, table.y, ","))
    model.save(flowers / "model.json")
    back = Model.load(flowers / "model.json")
    assert model[:-1] == back[:-1]
    assert model.encoding[3:] == back.encoding[3:]
    np.testing.assert_array_equal(model.encoding.x_spread, back.encoding.x_spread)
    assert table.columns == back.encoding.table.columns
    assert "tinygrad_mlp model 1" == json.loads((flowers / "model.json").read_text())["format"]


def test_settings_are_compared_in_a_table_and_a_chart(flowers, capsys):
    settings = ["optimizer=sgd", "optimizer=adam epochs=7", "full-pass layers=2-4-2 epochs=5"]
    printed = run(capsys, "train", "--data", "moons", "--epochs", "20", "--compare", *settings)
    lines = printed.splitlines()
    assert lines[0].split()[0] == "setting"
    for k, epochs in enumerate(["20", "7", "5"]):
        assert lines[k + 1].startswith(f"{k + 1} {settings[k]}")
        assert epochs == lines[k + 1].removeprefix(f"{k + 1} {settings[k]}").split()[0]
        assert "%" in lines[k + 1]
    chart = flowers / "out" / "comparison.svg"
    assert f"wrote {chart.relative_to(flowers)}" in lines[-1]
    words = "".join(ET.parse(chart).getroot().itertext())
    assert all(f"{k} {setting[:20]}" in words for k, setting in enumerate(settings, start=1))


# ----- Going on -----


@pytest.mark.parametrize(
    "arguments",
    [
        ["--data", "moons"],
        [
            "--data",
            "flowers.csv",
            "--optimizer",
            "adamw",
            "--validation",
            "0.2",
            "--patience",
            "99",
        ],
        ["--data", "digits", "--loss", "softmax_cross_entropy", "--optimizer", "adam"],
    ],
)
def test_a_training_that_goes_on_is_as_one_that_never_stopped(arguments, flowers, capsys):
    run(capsys, "train", *arguments, "--epochs", "30", "--out", "whole")
    run(capsys, "train", *arguments, "--epochs", "20", "--out", "half")
    printed = run(capsys, "train", "--resume", "half", "--epochs", "10")
    assert "training  10 further" in printed
    assert "epoch     30/30" in printed
    with np.load("whole/weights.npz") as whole, np.load("half/weights.npz") as half:
        for name in whole.files:
            np.testing.assert_array_equal(whole[name], half[name])
    assert run(capsys, "evaluate", "whole") == run(capsys, "evaluate", "half")


def test_a_training_may_go_on_in_another_folder(flowers, capsys):
    run(capsys, "train", "--data", "xor", "--epochs", "20")
    before = (flowers / "out" / "network.npz").read_bytes()
    run(capsys, "train", "--resume", "out", "--epochs", "5", "--out", "more")
    assert before == (flowers / "out" / "network.npz").read_bytes()
    assert 25 == len(tg.Network.load("more/network.npz").fit(*tg.datasets.xor(), epochs=0))
    run(capsys, "train", "--resume", "more", "--epochs", "5")


def test_what_a_training_began_with_is_not_given_again(flowers, capsys):
    run(capsys, "train", "--data", "xor", "--epochs", "5")
    for option in (["--loss", "mse"], ["--seed", "0"], ["--full-pass"], ["--compare", "epochs=1"]):
        error = run(capsys, "train", "--resume", "out", *option, code=2)
        assert f"so {option[0]} cannot be given" in error
    assert "nowhere" in run(capsys, "train", "--resume", "nowhere", code=1)


def test_every_command_of_the_page_runs(flowers, capsys):
    (flowers / "new.csv").write_text("length,colour,width\n100,red,0\n")
    page = Path(__file__).parents[2] / "docs" / "command.md"
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    assert len(commands) > 8
    for command in commands:
        program, *arguments = shlex.split(command, comments=True)
        assert "tinygrad-mlp" == program
        run(capsys, *arguments)
