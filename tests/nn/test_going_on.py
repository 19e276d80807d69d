"""Tests of trainings that stop and go on from a file, bit for bit as if they had never stopped."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from networks import assert_untouched, weights_of

import tinygrad_mlp as tg

X, LABELS = tg.datasets.moons(50, rng=1)[:2]
LABELS = np.asarray(LABELS).reshape(-1).astype(int)
EPOCHS = 20
CLASSES = "softmax_cross_entropy"


def classifier(dtype=np.float64):
    layers = [
        tg.FullyConnectedLayer(2, 5, rng=1, dtype=dtype),
        tg.ActivationLayer("tanh"),
        tg.FullyConnectedLayer(5, 2, rng=2, dtype=dtype),
    ]
    return tg.Network(layers, verbose=False)


def saver(folder):
    """A callback that saves every epoch, under its number from 1 on."""
    return lambda progress: progress.network.save(folder / f"{progress.epoch + 1}.npz")


def assert_goes_on(folder, stops, whole, history, **told):
    """From each stop on, the training ends as the whole one did."""
    for stop in stops:
        network = tg.Network.load(folder / f"{stop}.npz")
        assert network.history == history[:stop]
        again = network.fit(X, LABELS, EPOCHS - stop, **told)
        assert (again, again.stopped) == (history, history.stopped)
        assert again.curves == history.curves
        assert_untouched(network, weights_of(whole))


EVERY = range(1, EPOCHS)
SOME = (1, 7, 19)
TRAININGS = {
    "adam and its schedule": (
        EVERY,
        {
            "optimizer": tg.optimizers.Adam(),
            "learning_rate": tg.schedules.Warmup(5, tg.schedules.CosineDecay(0.1, 40)),
            "batch_size": 16,
            "full_pass": True,
        },
    ),
    "momentum, validation, and who stops": (
        EVERY,
        {
            "optimizer": tg.optimizers.SGD(momentum=0.9, nesterov=True),
            "learning_rate": tg.schedules.StepDecay(0.2, every=5, factor=0.5),
            "batch_size": 8,
            "validation_split": 0.2,
            "metrics": ["accuracy", "top_2"],
            "callbacks": [tg.EarlyStopping(patience=50)],
        },
    ),
    "plain descent": (SOME, {"learning_rate": 0.5, "batch_size": 7}),
    "recorded steps": (SOME, {"optimizer": tg.optimizers.RMSProp(momentum=0.5), "compiled": False}),
    "several rules": (
        SOME,
        {
            "optimizer": tg.optimizers.chain(
                tg.optimizers.ClipByNorm(0.1), tg.optimizers.AdamW(weight_decay=0.1)
            ),
            "class_weight": {0: 2.0, 1: np.float32(0.5)},
        },
    ),
    "the state of another stream": (
        SOME,
        {"optimizer": tg.optimizers.Adagrad(), "rng": np.random.RandomState(3)},
    ),
}


@pytest.mark.parametrize("name", TRAININGS)
def test_a_training_goes_on_from_any_epoch_without_being_told_anything(name, tmp_path):
    stops, told = TRAININGS[name]
    told = {"loss": CLASSES, "rng": np.random.default_rng(5)} | told
    callbacks = [*told.pop("callbacks", ()), saver(tmp_path)]
    whole = classifier()
    history = whole.fit(X, LABELS, EPOCHS, **told, callbacks=callbacks)
    assert len(history) == EPOCHS
    assert_goes_on(tmp_path, stops, whole, history)


def test_float32_goes_on_too(tmp_path):
    whole = classifier(np.float32)
    optimizer = tg.optimizers.Adam()
    history = whole.fit(
        X, LABELS, EPOCHS, loss=CLASSES, optimizer=optimizer, rng=0, callbacks=[saver(tmp_path)]
    )
    assert_goes_on(tmp_path, SOME, whole, history)
    assert {p.dtype for p in whole.parameters()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("compiled", [None, False])
def test_layers_that_draw_and_measure_go_on_too(compiled, tmp_path):
    shared = tg.FullyConnectedLayer(6, 6, rng=2)
    whole = tg.Network(
        [
            tg.FullyConnectedLayer(2, 6, rng=1),
            tg.BatchNorm(6),
            shared,
            tg.Network([tg.ActivationLayer("elu"), tg.Dropout(0.3)]),
            tg.Residual([shared, tg.LayerNorm(6), tg.Dropout(0.2)]),
            tg.FullyConnectedLayer(6, 2, rng=3),
        ],
        verbose=False,
    )
    history = whole.fit(
        X, LABELS, EPOCHS, loss=CLASSES, optimizer=tg.optimizers.Adam(), rng=4, batch_size=10,
        full_pass=True, validation_split=0.2, compiled=compiled,
        callbacks=[tg.EarlyStopping(patience=50), saver(tmp_path)],
    )  # fmt: skip
    assert_goes_on(tmp_path, SOME, whole, history)
    again = tg.Network.load(tmp_path / "20.npz")
    assert repr(again) == repr(whole)
    assert again[4].layers[0] is again[2]
    norms = [network[1] for network in (again, tg.Network.load(tmp_path / "1.npz"))]
    assert not np.array_equal(norms[0].running_mean, norms[1].running_mean)


def test_a_training_that_was_stopped_for_good_stays_stopped(tmp_path):
    whole = classifier()
    told = {"loss": CLASSES, "learning_rate": 3.0, "rng": 2, "validation_split": 0.3}
    stopping = tg.EarlyStopping(patience=3)
    # Whoever saves before it is asked would save what it has not seen.
    history = whole.fit(X, LABELS, EPOCHS, **told, callbacks=[saver(tmp_path), stopping])
    assert history.stopped == "EarlyStopping"
    assert 3 < len(history) < EPOCHS
    assert_goes_on(tmp_path, range(1, len(history) + 1), whole, history)


def test_an_early_stopping_that_is_named_again_goes_on_and_another_begins_anew(tmp_path):
    whole = classifier()
    told = {"loss": CLASSES, "learning_rate": 0.5, "rng": 2}
    first = tg.EarlyStopping(patience=4, monitor="loss")
    history = whole.fit(X, LABELS, EPOCHS, **told, callbacks=[first, saver(tmp_path)])
    same = tg.EarlyStopping(patience=4, monitor="loss")
    network = tg.Network.load(tmp_path / "3.npz")
    assert network.fit(X, LABELS, EPOCHS - 3, callbacks=[same]) == history
    assert (same.best, same.best_epoch) == (first.best, first.best_epoch)
    other = tg.EarlyStopping(patience=1000, monitor="loss")
    network = tg.Network.load(tmp_path / "3.npz")
    assert len(network.fit(X, LABELS, EPOCHS, callbacks=[other])) == EPOCHS + 3
    assert other.best_epoch >= 3


def test_a_whole_training_and_a_further_one_are_one_long_training(tmp_path):
    whole, first = classifier(), classifier()
    told = {"loss": CLASSES, "optimizer": tg.optimizers.Adam(), "rng": 4, "full_pass": True}
    history = whole.fit(X, LABELS, EPOCHS, **told)
    first.fit(X, LABELS, 8, **told)
    first.save(tmp_path / "8.npz")
    assert_goes_on(tmp_path, [8], whole, history)


def test_the_global_stream_is_what_it_was_only_once_fit_begins(tmp_path):
    np.random.seed(11)
    whole = classifier()
    history = whole.fit(X, LABELS, EPOCHS, 0.5, loss=CLASSES, callbacks=[saver(tmp_path)])
    after = np.random.random()
    np.random.seed(12)
    network = tg.Network.load(tmp_path / "6.npz")
    network.save(tmp_path / "again.npz")
    drawn = np.random.random()
    assert drawn == np.random.RandomState(12).random()
    assert (tmp_path / "6.npz").read_bytes() == (tmp_path / "again.npz").read_bytes()
    assert network.fit(X, LABELS, EPOCHS - 6) == history
    assert np.random.random() == after


@pytest.mark.parametrize("compiled", [True, False])
def test_a_state_is_taken_by_compiled_and_by_plain_steps(compiled, tmp_path):
    optimizer, told = tg.optimizers.Adam(), {"loss": CLASSES, "learning_rate": 0.05}
    whole, first = classifier(), classifier()
    whole.fit(X, LABELS, 12, **told, optimizer=optimizer, rng=1, compiled=compiled)
    first.fit(X, LABELS, 6, **told, optimizer=optimizer, rng=1, compiled=compiled)
    first.save(tmp_path / "6.npz")
    other = tg.Network.load(tmp_path / "6.npz")
    other.fit(X, LABELS, 6, compiled=not compiled)
    for one, two in zip(weights_of(whole), weights_of(other)):
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-12)


def test_a_copy_goes_on_with_the_state_of_the_optimizer():
    from copy import deepcopy

    told = {"loss": CLASSES, "optimizer": tg.optimizers.Adam()}
    network = classifier()
    network.fit(X, LABELS, 5, **told, rng=1)
    copy = deepcopy(network)
    network.fit(X, LABELS, 5, rng=2)
    copy.fit(X, LABELS, 5, rng=2)
    assert_untouched(copy, weights_of(network))


def test_pieces_go_on_too(tmp_path):
    whole, first = classifier(), classifier()
    told = {"loss": CLASSES, "optimizer": tg.optimizers.Adam()}
    for network, count in ((whole, 6), (first, 3)):
        for _ in range(count):
            network.partial_fit(X, LABELS, **told)
    first.save(tmp_path / "pieces.npz")
    second = tg.Network.load(tmp_path / "pieces.npz")
    for _ in range(3):
        second.partial_fit(X, LABELS)
    assert_untouched(second, weights_of(whole))


def test_a_callback_of_the_notebook_may_save_as_well(tmp_path):
    whole = classifier()
    told = {"loss": CLASSES, "learning_rate": 3.0, "rng": 2, "validation_split": 0.3}
    history = whole.fit(
        X, LABELS, EPOCHS, **told, callbacks=tg.EarlyStopping(patience=3),
        callback=lambda epoch, error: whole.save(tmp_path / f"{epoch + 1}.npz"),
    )  # fmt: skip
    assert history.stopped
    assert_goes_on(tmp_path, (1, len(history) - 1, len(history)), whole, history)


def test_after_an_interruption_a_file_goes_on_as_the_network_itself(tmp_path):
    def rate(step):
        if step == 10 and not interrupted:
            interrupted.append(step)
            raise KeyboardInterrupt
        return 0.05

    interrupted, rng, network = [], np.random.default_rng(4), classifier()
    told = {"batch_size": 10, "full_pass": True}
    with pytest.raises(KeyboardInterrupt):
        network.fit(
            X, LABELS, 5, rate, loss=CLASSES, optimizer=tg.optimizers.Adam(), rng=rng, **told
        )
    network.save(tmp_path / "n.npz")
    again = tg.Network.load(tmp_path / "n.npz", known={"rate": rate})
    assert len(again.history) == 2
    again.fit(X, LABELS, 3)
    network.fit(X, LABELS, 3, rng=rng, **told)
    assert_untouched(again, weights_of(network))


# ----- What a file does not keep -----


def test_data_that_a_file_does_not_keep_are_asked_for(tmp_path):
    path, weights = tmp_path / "n.npz", np.linspace(0.5, 1.5, len(X))
    validation = X[:9], LABELS[:9]
    stopping = tg.EarlyStopping(patience=30)
    network = classifier()
    network.fit(
        X, LABELS, 3, 0.5, loss=CLASSES, rng=0, sample_weight=weights, validation_data=validation,
        callbacks=[stopping],
    )  # fmt: skip
    network.save(path)
    loaded = tg.Network.load(path)
    before = weights_of(loaded)
    with pytest.raises(ValueError, match="had sample_weight and validation_data, which a file"):
        loaded.fit(X, LABELS, 2)
    with pytest.raises(ValueError, match="had validation_data, which a file"):
        loaded.fit(X, LABELS, 2, sample_weight=weights)
    assert_untouched(loaded, before)
    told = {"sample_weight": weights, "validation_data": validation}
    assert len(loaded.fit(X, LABELS, 2, **told)) == 5


def test_other_samples_than_those_that_were_split_are_refused(tmp_path):
    network = classifier()
    network.fit(X, LABELS, 3, 0.5, loss=CLASSES, rng=0, validation_split=0.2)
    network.save(tmp_path / "n.npz")
    loaded = tg.Network.load(tmp_path / "n.npz")
    with pytest.raises(ValueError, match="some of 50 samples for validation, and x_train has 40"):
        loaded.fit(X[:40], LABELS[:40], 2)
    assert len(loaded.fit(X[:40], LABELS[:40], 2, validation_split=0.5)) == 5


def test_what_is_named_is_as_named(tmp_path):
    network = classifier()
    network.fit(X, LABELS, 4, 0.5, 8, loss=CLASSES, rng=0, metrics=["accuracy"])
    network.save(tmp_path / "n.npz")
    told = {"optimizer": tg.optimizers.RMSProp(), "rng": 7}
    network.fit(X, LABELS, 4, 0.1, 16, **told)
    loaded = tg.Network.load(tmp_path / "n.npz")
    history = loaded.fit(X, LABELS, 4, 0.1, 16, **told, metrics=[])
    assert_untouched(loaded, weights_of(network))
    assert history[4:] == network.history
    # The next training is a new one, as after any other.
    assert len(loaded.fit(X, LABELS, 2, rng=1)) == 2


# ----- Killed -----

PROGRAM = """
import os, signal, sys
from pathlib import Path
import numpy as np
import tinygrad_mlp as tg

path, where, when = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
x, labels = tg.datasets.moons(50, rng=1)[:2]
labels = np.asarray(labels).reshape(-1).astype(int)
network = tg.Network(
    [
        tg.FullyConnectedLayer(2, 5, rng=1),
        tg.ActivationLayer("tanh"),
        tg.FullyConnectedLayer(5, 2, rng=2),
    ],
    verbose=False,
)


def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)


def save(progress):
    if progress.epoch == when:
        if where == "between writes":
            die()
        if where == "half written":
            import tinygrad_mlp._support.files as files
            from contextlib import contextmanager

            whole = files.atomic_file

            @contextmanager
            def half(path):
                with whole(path) as file:
                    class Half:
                        def write(self, content):
                            file.write(content[: len(content) // 2])
                            file.flush()
                            die()
                    yield Half()

            files.atomic_file = half
        elif where == "before it is on the disk":
            os.fsync = die
        else:
            Path.replace = die
    progress.network.save(path)


network.fit(
    x, labels, 20, loss="softmax_cross_entropy", optimizer=tg.optimizers.Adam(), rng=5,
    full_pass=True, batch_size=16, validation_split=0.2,
    callbacks=[tg.EarlyStopping(patience=50), save],
)
"""
MOMENTS = {
    "between writes": 3,
    "half written": 8,
    "before it is on the disk": 13,
    "before it has its name": 18,
}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
@pytest.mark.parametrize("where", MOMENTS)
def test_a_killed_training_goes_on_from_the_last_whole_file(where, tmp_path):
    path, when = tmp_path / "n.npz", MOMENTS[where]
    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), where, str(when)],
        check=False,
        env=os.environ,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    whole = classifier()
    told = {"batch_size": 16, "full_pass": True, "validation_split": 0.2}
    stopping = tg.EarlyStopping(patience=50)
    optimizer = tg.optimizers.Adam()
    history = whole.fit(
        X, LABELS, EPOCHS, loss=CLASSES, optimizer=optimizer, rng=5, callbacks=[stopping], **told
    )
    network = tg.Network.load(path)
    assert len(network.history) == when
    again = network.fit(X, LABELS, EPOCHS - when)
    assert again.curves == history.curves
    assert_untouched(network, weights_of(whole))
