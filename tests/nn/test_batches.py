"""Tests of training on batches that somebody gives, of which only one is held at a time."""

import itertools
import tracemalloc

import numpy as np
import pytest
from networks import assert_untouched, sigmoid_network, some_data, weights_of

import tinygrad_mlp as tg


def batches_of(x, y, size):
    return [(x[start : start + size], y[start : start + size]) for start in range(0, len(x), size)]


def classifier(*middle, rng=0):
    source = np.random.default_rng(rng)
    return tg.Network(
        [
            tg.FullyConnectedLayer(2, 4, rng=source),
            *middle,
            tg.FullyConnectedLayer(4, 3, rng=source),
        ],
        verbose=False,
    )


def class_data(count=20, seed=1):
    source = np.random.default_rng(seed)
    return source.normal(size=(count, 2)), source.integers(0, 3, count)


# ----- What is learned -----


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("optimizer", [None, tg.optimizers.SGD(momentum=0.9), tg.optimizers.Adam()])
def test_batches_are_learned_in_their_order_as_by_partial_fit(optimizer, compiled):
    x, y = class_data()
    fitted, stepwise = classifier(), classifier()
    told = {"loss": "softmax_cross_entropy", "optimizer": optimizer}
    batches = batches_of(x, y, 6)  # the last has 2
    history = fitted.fit(batches, epochs=3, learning_rate=0.1, compiled=compiled, **told)
    losses = []
    for _ in range(3):
        steps = [stepwise.partial_fit(*batch, learning_rate=0.1, **told) for batch in batches]
        losses.append(np.average(steps, weights=[6, 6, 6, 2]))
    np.testing.assert_allclose(history, losses, rtol=1e-12)
    for mine, theirs in zip(fitted.parameters(), stepwise.parameters()):
        np.testing.assert_allclose(mine.data, theirs.data, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_kind_of_source_gives_the_same(dtype):
    x, y = some_data(8)
    batches = batches_of(x.astype(dtype), y, 3)

    class Loader:
        def __iter__(self):
            return iter(batches)

    stream = itertools.cycle(batches)
    sources = [
        batches,
        tuple(batches),
        Loader(),
        lambda: iter(batches),
        lambda: (batch for batch in batches),
        lambda: itertools.islice(stream, 3),  # an endless one, in pieces
        lambda: batches,
    ]
    found = []
    for source in sources:
        network = sigmoid_network(2, 3, 1, dtype=dtype)
        history = network.fit(source, epochs=2, learning_rate=0.5)
        found.append((history, weights_of(network)))
    for history, weights in found[1:]:
        assert history == found[0][0]
        assert all(map(np.array_equal, weights, found[0][1]))


def test_a_generator_serves_for_one_epoch():
    x, y = some_data(8)
    network, other = sigmoid_network(2, 1), sigmoid_network(2, 1)
    network.fit((batch for batch in batches_of(x, y, 3)), epochs=1, learning_rate=0.5)
    other.fit(batches_of(x, y, 3), epochs=1, learning_rate=0.5)
    assert_untouched(network, weights_of(other))


def test_weights_of_samples_come_with_their_batch():
    x, y = class_data()
    weights = np.random.default_rng(2).random(20)
    with_weights, by_hand = classifier(), classifier()
    batches = [(x[:9], y[:9], weights[:9]), (x[9:], y[9:], weights[9:])]
    told = {"learning_rate": 0.1, "loss": "softmax_cross_entropy"}
    (loss,) = with_weights.fit(batches, epochs=1, **told)
    losses = [by_hand.partial_fit(*batch[:2], sample_weight=batch[2], **told) for batch in batches]
    assert_untouched(with_weights, weights_of(by_hand))
    sums = [weights[:9].sum(), weights[9:].sum()]
    assert loss == pytest.approx(np.average(losses, weights=sums), rel=1e-12)


def test_a_batch_in_which_nothing_counts_moves_nothing():
    x, y = class_data(6)
    network, other = classifier(), classifier()
    told = {"learning_rate": 0.1, "loss": "softmax_cross_entropy", "ignore_index": -1}
    ignored = x[3:], np.full(3, -1)
    assert network.fit([(x[:3], y[:3]), ignored], epochs=1, **told) == other.fit(
        [(x[:3], y[:3])], epochs=1, **told
    )
    assert_untouched(network, weights_of(other))


def test_classes_may_weigh_differently():
    x, y = class_data()
    network, other = classifier(), classifier()
    by_class = {0: 2.0, 1: 0.5, 2: 0.0}
    weights = np.array([by_class[label] for label in y])
    told = {"epochs": 1, "learning_rate": 0.1, "loss": "softmax_cross_entropy"}
    network.fit(batches_of(x, y, 5), class_weight=by_class, **told)
    batches = [(x[k : k + 5], y[k : k + 5], weights[k : k + 5]) for k in range(0, 20, 5)]
    other.fit(batches, **told)
    assert_untouched(network, weights_of(other))


# ----- Who looks on -----


def test_history_metrics_callbacks_schedules_and_early_stopping_work():
    x, y = class_data()
    asked, seen = [], []

    def rate(step):
        asked.append(step)
        return 0.1 / (step + 1)

    network = classifier()
    history = network.fit(
        batches_of(x, y, 5),
        epochs=50,
        learning_rate=rate,
        loss="softmax_cross_entropy",
        validation_data=(x[:7], y[:7]),
        metrics=["accuracy"],
        callbacks=[seen.append, tg.EarlyStopping(patience=1, min_delta=1e9)],
    )
    assert list(history.curves) == ["loss", "validation_loss", "validation_accuracy"]
    assert (history.stopped, len(history)) == ("EarlyStopping", 2)
    assert asked == list(range(8))
    assert [progress.steps for progress in seen] == [4, 8]
    told = network.evaluate(x[:7], y[:7], metrics=["accuracy"])
    first = {"loss": history.curves["validation_loss"][0]}
    assert told == first | {"accuracy": history.curves["validation_accuracy"][0]}  # of the best


@pytest.mark.parametrize("middle", [(), (tg.Dropout(0.5),), (tg.BatchNorm(4),)])
def test_a_training_goes_on_from_its_file_to_the_last_bit(middle, tmp_path):
    x, y = class_data()
    batches = batches_of(x, y, 5)

    def save(progress):
        progress.network.save(tmp_path / "network.npz")

    told = {
        "loss": "softmax_cross_entropy",
        "optimizer": tg.optimizers.Adam(),
        "learning_rate": tg.schedules.CosineDecay(0.1, steps=24),
        "rng": 3,
    }
    fresh = [type(layer)(**layer.settings()) for layer in middle]
    whole, first = classifier(*middle), classifier(*fresh)
    history = whole.fit(batches, epochs=6, **told)
    first.fit(batches, epochs=4, callbacks=[save], **told)
    later = tg.Network.load(tmp_path / "network.npz")
    assert later.fit(batches, epochs=2) == history
    assert_untouched(later, weights_of(whole))


def test_only_one_batch_is_held_at_a_time():
    size = 2000
    source = np.random.default_rng(0)

    def pieces():
        for _ in range(30):
            yield source.random((size, 50)), source.random((size, 1))

    network = sigmoid_network(50, 1)
    network.fit(pieces(), epochs=1, learning_rate=0.1)  # compiled now
    tracemalloc.start()
    network.fit(pieces(), epochs=1, learning_rate=0.1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    batch = size * 51 * 8
    assert peak < 4 * batch  # the last, the next, and the finite ones of it


# ----- What is refused -----


def assert_refused(error, told, source, *, moved=False, **others):
    network = classifier()
    before = weights_of(network)
    options = {"epochs": 2, "learning_rate": 0.1, "loss": "softmax_cross_entropy"} | others
    with pytest.raises(error, match=told):
        network.fit(source, **options)
    if not moved:
        assert_untouched(network, before)


X, Y = class_data(6)


@pytest.mark.parametrize(
    ("source", "error", "told"),
    [
        (X, TypeError, "y_train is missing: x_train is ndarray"),
        (5, TypeError, "y_train is missing: x_train is int"),
        (X.tolist(), TypeError, "batch 1 of x_train is list of numbers"),
        ([X, X], TypeError, "batch 1 of x_train is ndarray, wanted .*y_train is missing"),
        ([(X, Y), X], TypeError, "batch 2 of x_train is ndarray"),
        ([(X, Y, Y, Y)], TypeError, "batch 1 of x_train is tuple of 4"),
        ("text", TypeError, "batch 1 of x_train is str"),
        ([], ValueError, "x_train is empty"),
        (iter([(X, Y)]), ValueError, r"list_iterator, .* only once, but epochs=2; give a function"),
        (lambda: 5, TypeError, r"x_train\(\) gave 5, wanted an iterable of batches"),
        (list, ValueError, "x_train gave no batch in epoch 1"),
        ([(X[:, :1], Y)], ValueError, "x of batch 1 has 1 features"),
        ([(X, Y[:5])], ValueError, "x of batch 1 has 6 samples, but y of batch 1 has 5"),
        ([(X[:0], Y[:0])], ValueError, "x of batch 1 is empty"),
        ([(X, Y + 3)], ValueError, r"y of batch 1\[0\] is class"),
        ([(X * np.nan, Y)], ValueError, "x of batch 1 has nan"),
        ([("text", Y)], TypeError, "x of batch 1"),
        ([(X, Y, -np.ones(6))], ValueError, "sample_weight must be"),
    ],
)
def test_what_gives_no_batches_is_refused(source, error, told):
    assert_refused(error, told, source)


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ({"batch_size": 3}, "batch_size is for samples in memory"),
        ({"sample_weight": np.ones(6)}, "sample_weight is for samples in memory"),
        ({"validation_split": 0.5}, "validation_split is for samples .* give validation_data"),
        ({"full_pass": False}, "full_pass=False"),
        ({"class_weight": "balanced"}, "class_weight as a dict"),
        ({"metrics": ["accuracy"]}, "validation_data; give it, or no metrics"),
    ],
)
def test_what_needs_all_samples_is_refused(argument, told):
    assert_refused(TypeError, told, [(X, Y)], **argument)


def test_a_source_that_is_used_up_in_the_second_epoch_is_told():
    batches = iter([(X, Y)])
    assert_refused(
        ValueError, "no batch in epoch 2; it must begin anew", lambda: batches, moved=True
    )


def test_a_bad_batch_leaves_the_weights_of_the_step_before():
    network, shorter = classifier(), classifier()
    told = {"epochs": 1, "learning_rate": 0.1, "loss": "softmax_cross_entropy"}
    with pytest.raises(ValueError, match="x of batch 3 has nan"):
        network.fit([(X, Y), (X, Y), (X * np.nan, Y)], **told)
    shorter.fit([(X, Y), (X, Y)], **told)
    assert_untouched(network, weights_of(shorter))
    assert len(network.history) == 0


def test_a_batch_that_is_too_small_for_a_layer_is_told():
    network = classifier(tg.BatchNorm(4))
    told = r"layer2, BatchNorm\(4\), needs batches of at least 2 samples, but batch 2 .* has 1"
    with pytest.raises(ValueError, match=told):
        network.fit(
            [(X, Y), (X[:1], Y[:1])], epochs=1, learning_rate=0.1, loss="softmax_cross_entropy"
        )


def test_a_training_that_had_kept_samples_wants_to_know_what_to_validate_on(tmp_path):
    x, y = class_data()
    network = classifier()
    told = {"learning_rate": 0.1, "loss": "softmax_cross_entropy", "rng": 0}
    network.fit(x, y, epochs=2, validation_split=0.5, **told)
    network.save(tmp_path / "network.npz")
    with pytest.raises(TypeError, match="kept samples for validation; give validation_data"):
        tg.Network.load(tmp_path / "network.npz").fit([(x, y)], epochs=1)
    later = tg.Network.load(tmp_path / "network.npz")
    assert len(later.fit([(x, y)], epochs=1, validation_data=(x, y))) == 3


def test_a_step_that_diverges_has_its_place():
    network = tg.Network([tg.FullyConnectedLayer(1, 1, rng=0)], verbose=False)
    x = np.full((2, 1), 1e150)
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="In step 2, the"):
        network.fit([(x * 0.0, x * 0.0), (x, x)], epochs=1, learning_rate=1e20)
