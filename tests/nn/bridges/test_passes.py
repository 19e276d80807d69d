"""Tests of passes over samples: their order, their rate, and their end."""

import pickle
from types import SimpleNamespace

import numpy as np

import tinygrad_mlp as tg
from tinygrad_mlp.nn.bridges.passes import Order, Rate, Watch


def watch(tol=0.1, patience=2, kind="constant", tell=None):
    return Watch(Rate(kind, 1.0, 0.5), tol, patience, tell)


def progress(loss, network=None):
    return SimpleNamespace(loss=loss, network=network)


def test_fit_takes_the_samples_in_the_order_of_the_shuffles():
    source, order = np.random.RandomState(3), Order(np.random.RandomState(3), shuffle=True)
    expected = np.arange(10)
    for _ in range(3):
        places = np.arange(10)
        source.shuffle(places)
        expected = expected[places]
        np.testing.assert_array_equal(expected, order.random(10).argsort())


def test_without_shuffling_every_pass_takes_the_samples_as_they_stand():
    seen = []

    def looking(y, z):
        seen.append(y.copy())
        return tg.sum((y - z) ** 2, axis=1)

    network = tg.Network([tg.FullyConnectedLayer(1, 1, rng=0)], verbose=False)
    x, source = np.arange(5.0)[:, np.newaxis], np.random.RandomState(0)
    network.fit(
        x,
        x,
        epochs=2,
        full_pass=True,
        batch_size=3,
        learning_rate=0.0,
        rng=Order(source, shuffle=False),
        loss=looking,
        compiled=False,
    )
    assert [[0, 1, 2], [3, 4], [0, 1, 2], [3, 4]] == [y.ravel().tolist() for y in seen]
    assert source.random() == np.random.RandomState(0).random()


def test_losses_that_fall_by_less_than_tol_end_it_after_patience():
    looking = watch()
    # 0.95 is not better than 1 by 0.1, nor is 0.9 than 0.95; each counts from the best one.
    assert [False, False, False, True] == [looking(progress(x)) for x in (1.0, 0.95, 0.9, 0.85)]
    assert looking.converged
    assert -0.85 == looking.best
    assert [1.0, 0.95, 0.9, 0.85] == looking.losses


def test_one_better_loss_starts_the_count_anew():
    looking = watch()
    losses = (1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5)
    assert [False] * 6 + [True] == [looking(progress(x)) for x in losses]


def test_an_adaptive_rate_falls_to_a_fifth_before_the_end():
    looking = watch(patience=1, kind="adaptive")
    rates = []
    for _ in range(50):
        if looking(progress(1.0)):
            break
        rates.append(looking.rate(0))
    assert looking.converged
    assert [1.0, 1.0, 0.2, 0.2] == rates[:4]
    assert 1e-6 / 5 < rates[-1] <= 1e-6


def test_the_network_gets_the_weights_of_its_best_score_back():
    network = tg.Network([tg.FullyConnectedLayer(1, 1, rng=0)], verbose=False)
    looking = watch()
    looking.score = lambda network: -abs(network.layers[0].weights.item() - 2.0)
    for weight in (1.0, 2.0, 3.0):
        network.layers[0].weights = [[weight]]
        looking(progress(1.0, network))
    looking.finish(network)
    assert 2.0 == network.layers[0].weights.item()
    assert [-1.0, 0.0, -1.0] == looking.scores


def test_an_inverse_rate_counts_the_samples():
    rate = Rate("invscaling", 2.0, 0.5)
    rate.samples = 8
    assert 2.0 == rate(0)
    rate.end_epoch()
    assert 2.0 / 3.0 == rate(5)
    assert rate(5) == pickle.loads(pickle.dumps(rate))(5)


def test_each_epoch_is_told():
    lines = []
    looking = watch(tell=lines.append)
    looking.score = lambda network: 0.5
    looking(progress(0.25, tg.Network()))
    assert ["Iteration 1, loss = 0.25000000", "Validation score: 0.500000"] == lines
