"""What ``fit`` says when nothing is learned, and where a training broke down."""

import warnings

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.nn import diagnosis

PLANE, MOON = tg.datasets.moons(200, rng=0)


def network_of(*activations, sizes=(2, 8, 2)):
    pairs = zip(sizes, sizes[1:], strict=False)
    layers = [tg.FullyConnectedLayer(*pair, rng=k) for k, pair in enumerate(pairs)]
    between = [tg.ActivationLayer(activation) for activation in activations]
    mixed = [layer for pair in zip(layers, between, strict=False) for layer in pair]
    return tg.Network([*mixed, *layers[len(between) :]], verbose=False)


def classes(network, x=PLANE, y=MOON, **options):
    given = {"epochs": 200, "learning_rate": 0.5, "rng": 0, "loss": "softmax_cross_entropy"}
    return network.fit(x, y, **given | options)


def told(network, *arguments, call=classes, **options):
    with pytest.warns(UserWarning, match="nothing is learned") as caught:
        call(network, *arguments, **options)
    assert [__file__] == [warning.filename for warning in caught]  # the line of the user
    return str(caught[0].message)


# ----- Nothing is learned -----


def test_labels_without_a_reason_are_only_guessed():
    labels = np.random.default_rng(0).integers(0, 2, 200)
    message = told(network_of("tanh"), np.zeros((200, 2)), labels)
    assert "fit: after 200 steps" in message
    assert "no better than that of one answer for all (0.6871)" in message
    share = max(labels.mean(), 1 - labels.mean())
    assert f"the commonest class makes up {share:.1%}" in message
    assert "units" not in message


def test_dead_units_are_told_with_their_layer():
    network = network_of("relu", "tanh", sizes=(2, 8, 4, 2))
    network.layers[0].bias = np.full((1, 8), -50.0)
    message = told(network)
    assert "Of layer2, ActivationLayer('relu'), 8 of 8 units are dead" in message
    assert "Try new weights" in message
    assert "leaky_relu" in message


def test_layers_of_a_network_in_a_network_are_told():
    inner = network_of("relu", sizes=(2, 8, 2))
    inner.layers[0].bias = np.full((1, 8), -50.0)
    message = told(tg.Network([inner, tg.Dropout(0.1)], verbose=False))
    assert "Of layer2, ActivationLayer('relu'), 8 of 8 units are dead" in message


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_saturated_units_are_told_with_their_layer(activation):
    network = network_of(activation)
    network.layers[0].bias = np.full((1, 8), 60.0)
    message = told(network)
    assert f"Of layer2, ActivationLayer({activation!r}), 8 of 8 units are saturated" in message
    assert "init='glorot_uniform'" in message


def test_inputs_that_are_not_scaled_are_told():
    labels = np.random.default_rng(1).integers(0, 2, 200)
    x = np.tile([1000.0, 500.0], (200, 1))
    assert "they reach 1000" in told(network_of("tanh"), x, labels, learning_rate=1e-4)


def test_a_rate_that_is_too_small_is_told():
    pixels, digits = (part[:300] for part in tg.datasets.load_digits())
    message = told(network_of("tanh", sizes=(64, 8, 10)), pixels, digits, learning_rate=1e-9)
    assert "Try another learning_rate than 1e-09, or more epochs." in message


def test_one_output_is_judged_too():
    network = network_of("relu", sizes=(2, 8, 1))
    network.layers[0].bias = np.full((1, 8), -50.0)
    message = told(network, PLANE, MOON[:, None], loss="binary_cross_entropy")
    assert "50.0% of the training samples are right" in message


def test_the_notebooks_own_call_warns_only_if_the_loss_stood_still():
    network = network_of("sigmoid", "sigmoid", sizes=(2, 3, 1))
    network.layers[0].bias = np.full((1, 3), 1e4)
    network.layers[2].bias = np.full((1, 1), 1e4)
    x, y = tg.datasets.xor()
    call = {"call": network_of("tanh").__class__.fit, "epochs": 10, "learning_rate": 1.0}
    message = told(network, x, y, rng=0, **call)
    assert "layer2" in message
    network = network_of("sigmoid", "sigmoid", sizes=(2, 3, 1))
    network.fit(x, y, 300, 1e-3, rng=0)  # hardly anything, and no word


def test_numbers_are_judged_by_layers_that_are_blocked():
    network = network_of("relu", sizes=(2, 8, 1))
    network.layers[0].bias = np.full((1, 8), -50.0)
    fit = {"loss": "mae", "optimizer": tg.optimizers.Adam()}
    assert "no better than the mean" in told(network, PLANE, PLANE[:, :1], **fit)


# ----- No word without evidence -----


@pytest.mark.parametrize(
    ("options", "labels"),
    [
        ({}, MOON),  # it learns
        ({"epochs": 99, "learning_rate": 1e-9}, MOON),  # too early to say
        ({"learning_rate": 0.0}, MOON),  # as it was meant
        ({"class_weight": "balanced"}, MOON),
        ({}, np.zeros(200, int)),  # of one class alone there is nothing to learn
        ({}, (np.arange(200) < 4).astype(int)),  # hardly any of the other class
    ],
)
def test_what_learns_or_cannot_be_judged_is_not_told(options, labels):
    x = PLANE + 3 * labels[:, None] * (labels.mean() < 0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classes(network_of("tanh"), x, labels, **options)


def test_noise_in_numbers_is_no_fault_of_the_network():
    noise = np.random.default_rng(0).normal(size=(200, 1))
    network = network_of("tanh", sizes=(2, 2, 1))
    network.fit(PLANE, noise, 200, 0.01, rng=0, loss="huber")


def test_right_answers_with_flat_outputs_are_right():
    network = network_of("tanh", "sigmoid", sizes=(2, 8, 1))
    network.layers[2].weights = network.layers[2].weights * 100
    x = np.concatenate([PLANE - 5, PLANE + 5])
    network.fit(x, np.repeat([[0.0], [1.0]], 200, 0), 300, 0.5, rng=0, loss="mse")
    assert network.score(x, np.repeat([[0.0], [1.0]], 200, 0)) > 0.99


def test_a_layer_of_ones_own_is_not_run_once_more():
    def calls_of(epochs):
        calls = []

        class Own(tg.Layer):
            def formula(self, x):
                calls.append(1)  # or a random number
                return x

        network = network_of("tanh")
        network.add(Own())
        classes(network, np.zeros((200, 2)), compiled=False, epochs=epochs)
        return len(calls)

    assert 1 == calls_of(100) - calls_of(99)


# ----- Not finite -----


@pytest.mark.parametrize("compiled", [True, False])
def test_a_training_that_diverges_names_step_and_layer(compiled):
    network = network_of("tanh", sizes=(2, 4, 1))
    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"diverged: the next Value 'W1'") as caught,
    ):
        network.fit(PLANE, PLANE[:, :1] * 1e100, 99, 1e120, rng=0, compiled=compiled)
    assert "In step 2, the outputs, up to " in str(caught.value)


@pytest.mark.parametrize("compiled", [True, False])
def test_the_first_layer_with_nan_is_named(compiled):
    network = tg.Network(
        [tg.FullyConnectedLayer(2, 2, rng=0), tg.ActivationLayer(tg.log)], verbose=False
    )
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError) as caught:
        network.fit(PLANE, PLANE, 5, 0.1, rng=0, compiled=compiled)
    assert "In step 1, the output of layer2, ActivationLayer('log'), is the first" in str(
        caught.value
    )


def test_where_the_last_loss_is_far_below_a_constant_answer_nothing_is_looked_at(monkeypatch):
    source = np.random.default_rng(0)
    x = source.normal(size=(200, 4))
    told = {"epochs": 60, "full_pass": True, "rng": 0, "loss": "softmax_cross_entropy"}
    looked = []

    def through(*args):
        looked.append(args)
        return diagnosis_through(*args)

    diagnosis_through = diagnosis.through
    monkeypatch.setattr(diagnosis, "through", through)
    for labels, count in (((x[:, 0] > 0).astype(int), 0), (source.integers(0, 2, 200), 1)):
        looked.clear()
        network = tg.Network([tg.FullyConnectedLayer(4, 2, rng=0)], verbose=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of noise nothing can be learned
            network.fit(x, labels, learning_rate=1.0, **told)
        assert len(looked) == count
