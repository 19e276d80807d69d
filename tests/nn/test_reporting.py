"""Tests of what is told while a network learns: a bar in a terminal, lines elsewhere."""

import io
import os
import struct
import subprocess
import sys

import pytest
from networks import sigmoid_network, some_data

import tinygrad_mlp as tg


class Terminal(io.StringIO):
    def isatty(self):
        return True


def terminal_for(monkeypatch):
    """Return what is stderr from now on; for a fixture it is too early, pytest sets its own."""
    pytest.importorskip("tqdm", reason="the package tqdm is missing")
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    return screen


def frames(screen):
    """What stood in the line of the bar, one after the other."""
    return [frame for frame in screen.getvalue().replace("\n", "\r").split("\r") if frame.strip()]


def test_a_bar_counts_all_steps_and_tells_the_epoch_and_its_loss(monkeypatch, capsys):
    terminal = terminal_for(monkeypatch)
    x, y = some_data(12)
    network = sigmoid_network(2, 1)
    history = network.fit(
        x, y, 5, 0.5, batch_size=5, full_pass=True, rng=0, progress=True, validation_data=(x, y)
    )
    last = frames(terminal)[-1]
    assert last.startswith("epoch 5/5: 100%")
    assert "15/15" in last  # three batches in each of five epochs
    told = f"loss={history[-1]:.4g}, validation_loss={history.curves['validation_loss'][-1]:.4g}"
    assert told in last
    assert terminal.getvalue().endswith("\n")
    assert capsys.readouterr().out == ""


def test_a_bar_is_drawn_instead_of_the_lines(monkeypatch, capsys):
    terminal = terminal_for(monkeypatch)
    network = sigmoid_network(2, 1)
    network.verbose = True
    network.fit(*some_data(), 3, 0.5, rng=0, progress=True)
    assert capsys.readouterr().out == ""
    assert "3/3" in terminal.getvalue()


def test_how_many_steps_there_will_be_is_known_from_the_second_epoch_of_batches_on(monkeypatch):
    terminal = terminal_for(monkeypatch)
    x, y = some_data(12)

    def pieces():
        return ((x[start : start + 4], y[start : start + 4]) for start in (0, 4, 8))

    sigmoid_network(2, 1).fit(
        pieces,
        epochs=2,
        learning_rate=0.5,
        progress=True,
    )
    assert "0 steps" in frames(terminal)[0]
    assert "6/6" in frames(terminal)[-1]


def test_a_training_that_goes_on_counts_its_own_steps(monkeypatch, tmp_path):
    terminal = terminal_for(monkeypatch)
    network, data = sigmoid_network(2, 1), some_data()
    network.fit(*data, 3, 0.5, rng=0)
    network.save(tmp_path / "network.npz")
    tg.Network.load(tmp_path / "network.npz").fit(*data, 2, progress=True)
    assert "epoch 4/5" in frames(terminal)[0]
    assert "epoch 5/5: 100%" in frames(terminal)[-1]
    assert "2/2" in frames(terminal)[-1]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ValueError])
def test_an_interrupted_bar_leaves_the_cursor_in_a_line_of_its_own(monkeypatch, interruption):
    terminal = terminal_for(monkeypatch)

    def stop(epoch, error):
        raise interruption

    with pytest.raises(interruption):
        sigmoid_network(2, 1).fit(*some_data(), 3, 0.5, rng=0, progress=True, callback=stop)
    assert terminal.getvalue().endswith("\n")


LINE = "epoch:     0/3   error="


def lines_of(capsys, **told):
    network = sigmoid_network(2, 1)
    network.fit(*some_data(), 3, 0.5, rng=0, **told)
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_without_a_terminal_the_lines_of_the_notebook_are_printed(capsys):
    assert lines_of(capsys, progress=True).startswith(LINE)
    assert lines_of(capsys) == ""


def test_without_tqdm_the_lines_of_the_notebook_are_printed(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setitem(sys.modules, "tqdm", None)  # as if it were not installed
    network = sigmoid_network(2, 1)
    network.fit(*some_data(), 3, 0.5, rng=0, progress=True)
    assert capsys.readouterr().out.startswith(LINE)
    assert sys.stderr.getvalue() == ""


def test_without_any_stderr_the_lines_of_the_notebook_are_printed(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)  # as under pythonw
    sigmoid_network(2, 1).fit(*some_data(), 3, 0.5, rng=0, progress=True)
    assert capsys.readouterr().out.startswith(LINE)


def test_a_bar_changes_nothing_of_what_is_learned(monkeypatch):
    terminal_for(monkeypatch)
    shown, hidden = sigmoid_network(2, 3, 1), sigmoid_network(2, 3, 1)
    data = some_data()
    assert shown.fit(*data, 9, 0.5, rng=0, progress=True) == hidden.fit(*data, 9, 0.5, rng=0)


@pytest.mark.parametrize("progress", [1, None, "yes"])
def test_what_is_neither_true_nor_false_is_refused(progress):
    with pytest.raises(TypeError, match="progress must be True or False, got"):
        sigmoid_network(2, 1).fit(*some_data(), 3, 0.5, progress=progress)


def test_a_real_terminal_shows_the_bar():
    fcntl = pytest.importorskip("fcntl", reason="this system has no terminals to open")
    termios = pytest.importorskip("termios", reason="this system has no terminals to open")
    pytest.importorskip("tqdm", reason="the package tqdm is missing")
    code = (
        "import tinygrad_mlp as tg\n"
        "network = tg.Network([tg.FullyConnectedLayer(1, 1, rng=0)])\n"
        "network.fit([[0.0], [1.0]], [[0.0], [1.0]], 7, 0.5, rng=0, progress=True)\n"
    )
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert (0, b"") == (done.returncode, done.stdout)
    assert "7/7" in shown
