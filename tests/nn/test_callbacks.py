"""Tests of who looks on: what a callback is told, and how it ends a training."""

import numpy as np
import pytest
from networks import assert_untouched, sigmoid_network, some_data, weights_of

import tinygrad_mlp as tg


def quiet(*sizes):
    network = sigmoid_network(*sizes)
    network.verbose = False
    return network


def test_a_callback_is_told_where_the_training_stands():
    seen = []
    network = quiet(2, 3, 1)
    x, y = some_data(20)
    history = network.fit(
        x, y, 4, tg.schedules.StepDecay(0.5, every=2), 8, full_pass=True, rng=0,
        validation_data=(x[:5], y[:5]), metrics=["mae"], callbacks=[seen.append],
    )  # fmt: skip
    assert [(p.epoch, p.epochs, p.steps) for p in seen] == [(k, 4, 3 * k + 3) for k in range(4)]
    assert [p.loss for p in seen] == history
    assert all(p.network is network for p in seen)
    assert [p.learning_rate for p in seen] == pytest.approx([0.05, 5e-3, 5e-5, 5e-6])
    assert set(seen[0].measures) == {"mae", "validation_loss", "validation_mae"}
    assert seen[-1].measures["validation_mae"] == history.curves["validation_mae"][-1]


@pytest.mark.parametrize("answer", [True, np.True_])
def test_only_true_ends_a_training_and_the_history_says_who(answer):
    def enough(progress):
        return answer if progress.epoch == 2 else "go on"

    history = quiet(2, 3, 1).fit(*some_data(), 10, 0.5, rng=0, callbacks=[enough])
    assert (len(history), history.stopped) == (3, "enough")
    old = quiet(2, 3, 1).fit(*some_data(), 10, 0.5, rng=0, callback=lambda epoch, error: True)
    assert (len(old), old.stopped) == (10, "")


def test_the_best_weights_come_back():
    network, kept = quiet(2, 3, 1), []
    numbers = iter([3.0, 2.0, 1.0, 4.0, 4.0, 1.0])

    def invented(y_true, y_pred):
        return next(numbers)

    stopping = tg.EarlyStopping(patience=3, monitor="invented")
    history = network.fit(
        *some_data(), 50, 0.5, rng=0, metrics=[invented],
        callbacks=[lambda p: kept.append(weights_of(p.network)), stopping],
    )  # fmt: skip
    assert (len(history), history.stopped) == (6, "EarlyStopping")
    assert (stopping.best, stopping.best_epoch) == (1.0, 2)
    assert_untouched(network, kept[2])


def test_an_early_stopping_looks_anew_in_each_training():
    stopping, (x, y) = tg.EarlyStopping(patience=2, min_delta=1.0), some_data()
    for network in (quiet(2, 3, 1), quiet(2, 1), quiet(2, 1)):
        history = network.fit(x, y, 10, 0.5, rng=0, callbacks=[stopping])
        assert (len(history), stopping.best_epoch, stopping.best) == (3, 0, history[0])


def test_without_restoring_the_last_weights_stay():
    network, kept = quiet(2, 3, 1), []
    stopping = tg.EarlyStopping(patience=1, restore_best=False, min_delta=1e9)
    network.fit(
        *some_data(),
        9,
        0.5,
        rng=0,
        callbacks=[lambda p: kept.append(weights_of(network)), stopping],
    )
    assert len(kept) == 2
    assert_untouched(network, kept[-1])


def test_an_accuracy_shall_grow():
    accuracies = iter([0.5, 0.7, 0.6, 0.7])

    def accuracy_of_mine(y_true, y_pred):
        return next(accuracies)

    stopping = tg.EarlyStopping(patience=2, monitor="accuracy_of_mine")
    quiet(2, 3, 1).fit(
        *some_data(), 9, 0.5, rng=0, metrics=[accuracy_of_mine], callbacks=[stopping]
    )
    assert (stopping.best, stopping.best_epoch) == (0.7, 1)


@pytest.mark.parametrize(
    ("mode", "monitor", "best"),
    [("max", "share", 0.7), ("min", "share", 0.2), ("auto", "share", 0.2), ("max", "loss", None)],
)
def test_a_mode_says_whether_a_number_shall_grow(mode, monitor, best):
    shares = iter([0.5, 0.7, 0.2, 0.4, 0.3, 0.5, 0.6])

    def share(y_true, y_pred):
        return next(shares)

    stopping = tg.EarlyStopping(patience=2, monitor=monitor, mode=mode, restore_best=False)
    history = quiet(2, 3, 1).fit(*some_data(), 7, 0.5, rng=0, metrics=[share], callbacks=[stopping])
    assert stopping.best == (max(history) if best is None else best)


def test_a_mode_comes_back_from_a_file(tmp_path):
    network, (x, y) = quiet(2, 1), some_data()
    stopping = tg.EarlyStopping(patience=3, monitor="mse", mode="max")
    network.fit(x, y, 2, 0.5, rng=0, metrics=["mse"], callbacks=[stopping])
    network.save(tmp_path / "network.npz")
    later = tg.Network.load(tmp_path / "network.npz")
    later.fit(x, y, 20)
    assert later.history.stopped == "EarlyStopping"
    mse = later.history.curves["mse"]
    assert mse.index(max(mse)) == len(mse) - 4


@pytest.mark.parametrize("mode", ["maximum", None, 1])
def test_another_mode_is_refused(mode):
    with pytest.raises(ValueError, match="mode must be 'auto', 'min' or 'max', got"):
        tg.EarlyStopping(mode=mode)


@pytest.mark.parametrize(
    ("callbacks", "said"),
    [
        ([tg.EarlyStopping], r"got <class .*; write EarlyStopping\(\)"),
        ([3], "callbacks must be functions of a Progress, got 3"),
        (3, "callbacks must be a list of functions, got 3"),
    ],
)
def test_callbacks_that_cannot_be_called_are_refused_before_anything_moves(callbacks, said):
    network = quiet(2, 3, 1)
    before = weights_of(network)
    with pytest.raises(TypeError, match=said):
        network.fit(*some_data(), 3, 0.5, callbacks=callbacks)
    assert_untouched(network, before)


def test_what_is_not_measured_cannot_be_watched():
    with pytest.raises(ValueError, match="monitor must be one of loss, got 'validation_loss'"):
        quiet(2, 3, 1).fit(
            *some_data(), 3, 0.5, callbacks=[tg.EarlyStopping(monitor="validation_loss")]
        )
