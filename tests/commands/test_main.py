"""Tests of the command: signals, consoles, help, and what other systems lack."""

import io
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.commands import main as cli
from tinygrad_mlp.commands import train
from tinygrad_mlp.nn import Network


def as_in_a_terminal():
    """Let signals end the process, also where the tests run in the background, without Ctrl-C."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)


BEFORE = {"preexec_fn": as_in_a_terminal} if os.name == "posix" else {}


def started(*arguments, **options):
    """The command as a process of its own, in the environment of a new machine."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.Popen(
        [sys.executable, "-m", "tinygrad_mlp", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        **BEFORE | options,
    )


@pytest.mark.parametrize("option", ["data", "layers", "activation", "epochs", "seed", "out"])
@pytest.mark.parametrize("command", ["train", "draw"])
def test_two_dashes_are_no_value_of_an_option(command, option, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = ["--data", "xor", "--epochs", "0"]
    if command == "draw":
        option = {"layers": "depth", "data": "show", "out": "theme"}.get(option, "direction")
        arguments = ["tinygrad_mlp.commands:small_graph", "a.svg"]
    try:
        got = cli.main([command, *arguments, f"--{option}=--"])
    except SystemExit as leaving:
        got = leaving.code
    assert got == 2 or (option, got) == ("out", 0)  # from Python 3.13 on, a folder of that name
    assert "Traceback" not in capsys.readouterr().err


# ----- Ending and watching a training -----


def assert_whole(path):
    with np.load(path) as weights:
        assert weights.files
        assert all(np.isfinite(weights[name]).all() for name in weights.files)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_saves_the_weights_of_the_last_complete_step(name, tmp_path):
    if not hasattr(signal, name) or os.name == "nt":
        pytest.skip("no such signal can be sent here")
    process = started("train", "--epochs", "200000", "--out", str(tmp_path))
    for word in ("data", "network", "training"):
        assert process.stdout.readline().startswith(word)
    for _ in range(3):  # the impatient send it again
        process.send_signal(getattr(signal, name))
    out, error = process.communicate(timeout=60)
    assert 128 + getattr(signal, name) == process.returncode
    assert "" == error
    assert f"interrupted; {tmp_path / 'weights.npz'} has the last complete step" in out
    assert_whole(tmp_path / "weights.npz")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no such terminals here")
def test_a_terminal_that_is_closed_does_not_lose_the_weights(tmp_path):
    terminal, other_end = os.openpty()
    command = [sys.executable, "-m", "tinygrad_mlp", "train", "--epochs", "200000"]
    ends = {"stdout": other_end, "stderr": other_end}
    process = subprocess.Popen([*command, "--out", str(tmp_path)], **ends, **BEFORE)
    os.close(other_end)
    seen = b""
    while b"training" not in seen:
        seen += os.read(terminal, 1000)
    os.close(terminal)  # from now on nothing can be printed
    process.send_signal(signal.SIGHUP)
    assert 128 + signal.SIGHUP == process.wait(timeout=60)
    assert_whole(tmp_path / "weights.npz")


def test_a_signal_while_the_weights_are_saved_does_not_lose_them(tmp_path, monkeypatch):
    save, calls = Network.save_weights, []

    def interrupted(self, path):
        calls.append(path)
        if len(calls) == 1:
            signal.raise_signal(signal.SIGTERM)
        save(self, path)

    monkeypatch.setattr(Network, "save_weights", interrupted)
    before = signal.getsignal(signal.SIGTERM)
    arguments = ["train", "--data", "xor", "--epochs", "5", "--out", str(tmp_path)]
    assert 128 + signal.SIGTERM == cli.main(arguments)
    assert 1 == len(calls)  # undisturbed
    assert_whole(tmp_path / "weights.npz")
    assert before == signal.getsignal(signal.SIGTERM)


def test_every_line_is_there_as_soon_as_it_is_printed(tmp_path):
    # This would train for minutes, and is killed long before: what it kept back is lost.
    process = started("train", "--epochs", "1000000", "--out", str(tmp_path))
    killing = threading.Timer(30, process.kill)
    killing.start()
    try:
        for word in ("data", "network", "training"):
            assert process.stdout.readline().startswith(word)
    finally:
        killing.cancel()
        process.kill()
        process.communicate()


# ----- Systems that lack something -----


def test_a_system_without_some_signals_trains(tmp_path, monkeypatch):  # Windows
    for name in ("SIGHUP", "SIGTERM"):
        monkeypatch.delattr(signal, name, raising=False)
    arguments = ["train", "--data", "xor", "--epochs", "5", "--out", str(tmp_path)]
    assert 0 == cli.main(arguments)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP here")
def test_a_signal_that_is_ignored_stays_ignored(tmp_path, monkeypatch):  # as under nohup
    def probe(*_):
        assert signal.SIG_IGN == signal.getsignal(signal.SIGHUP)
        assert signal.SIG_DFL != signal.getsignal(signal.SIGTERM)

    monkeypatch.setattr(train, "_write", probe)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        arguments = ["train", "--data", "xor", "--epochs", "5", "--out", str(tmp_path)]
        assert 0 == cli.main(arguments)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_thread_that_may_not_handle_signals_trains(tmp_path):
    codes = []
    arguments = ["train", "--data", "xor", "--epochs", "5", "--out", str(tmp_path)]
    thread = threading.Thread(target=lambda: codes.append(cli.main(arguments)))
    thread.start()
    thread.join()
    assert [0] == codes


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_console_without_some_letters_shows_their_numbers(encoding, tmp_path, monkeypatch):
    console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", console)
    out = tmp_path / "∂←×"
    assert 0 == cli.main(["train", "--data", "xor", "--epochs", "5", "--out", str(out)])
    assert 0 == cli.main(["draw", "tinygrad_mlp.commands:small_graph", str(out / "∂.txt")])
    assert rb"\u2202\u2190" in console.buffer.getvalue()
    assert "←" in (out / "∂.txt").read_text(encoding="utf-8")  # files are UTF-8 everywhere


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["draw", "--help"]])
def test_help_can_be_printed_on_every_console(arguments, monkeypatch):
    console = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", console)
    with pytest.raises(SystemExit):
        cli.main(arguments)
    assert console.buffer.getvalue().isascii()


def test_a_file_that_another_program_holds_open_stays(tmp_path, monkeypatch, capsys):  # Windows
    (tmp_path / "weights.npz").write_bytes(b"earlier")

    def refuse(*_, **__):
        raise PermissionError(13, "The file is used by another process", "weights.npz")

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(os, "rename", refuse)
    monkeypatch.setattr("pathlib.Path.replace", refuse)
    arguments = ["train", "--data", "xor", "--epochs", "5", "--out", str(tmp_path)]
    assert 1 == cli.main(arguments)
    assert "used by another process" in capsys.readouterr().err
    assert b"earlier" == (tmp_path / "weights.npz").read_bytes()
    assert ["weights.npz"] == [path.name for path in tmp_path.iterdir()]


def test_a_reader_that_goes_away_is_no_traceback(tmp_path):
    with started("train", "--data", "xor", "--epochs", "20000", "--out", str(tmp_path)) as process:
        assert process.stdout.readline().startswith("data")
        process.stdout.close()
        assert "" == process.stderr.read()
    assert 1 == process.returncode
    assert_whole(tmp_path / "weights.npz")


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
