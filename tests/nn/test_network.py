"""Tests of the network: how it is built, copied and drawn, and what it makes of a Value."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import assert_untouched, sigmoid_network, some_data, weights_of

import tinygrad_mlp as tg
from tinygrad_mlp import reference

# ----- Building -----


class Duck:
    """A layer as the notebook defines it: with a backward of its own, and no base class of ours."""

    def forward(self, input_data):
        return input_data

    def backward(self, output_error):
        return output_error

    def step(self, eta):
        pass


@pytest.mark.parametrize(
    ("thing", "advice"),
    [
        (tg.ActivationLayer, r"write ActivationLayer\(\)$"),
        (5, "got 5$"),
        (None, "got None$"),
        ("sigmoid", r"write tg.ActivationLayer\('sigmoid'\)$"),
        ("step", "got 'step'$"),
        (tg.sigmoid, r"write tg.ActivationLayer\(sigmoid\)$"),
        (Duck(), r"gradients follow from the graph: derive it from tg.Layer and write formula"),
        (Duck(), r"a class of the notebook, leave out the cell that defines it"),
        ([tg.ActivationLayer()], r"write tg.Network\(\[layer, ...\]\)"),
    ],
)
def test_only_layer_objects_can_be_added(thing, advice):
    network = tg.Network()
    with pytest.raises(TypeError, match=f"layer must be a Layer object, .*{advice}"):
        network.add(thing)
    assert [] == network.layers


def test_a_network_may_begin_with_its_layers():
    layers = [tg.FullyConnectedLayer(2, 3, rng=0), tg.ActivationLayer()]
    for network in (
        tg.Network(layers),
        tg.Network(tuple(layers)),
        tg.Network(iter(layers)),
        tg.Network(layers=layers),
    ):
        assert layers == network.layers
        assert network.verbose is True
    assert tg.Network(layers, False).verbose is tg.Network(layers, verbose=False).verbose is False
    network = tg.Network(layers)
    network.add(tg.FullyConnectedLayer(3, 1, rng=0))
    assert 2 == len(layers)  # the caller's list stays the caller's
    assert ["layer1", "layer2", "layer3"] == [layer.name for layer in network.layers]
    assert ["W1", "b1", "W2", "b2"] == [parameter.label for parameter in network.parameters()]


@pytest.mark.parametrize("verbose", [True, False, np.True_, np.False_])
def test_a_bool_in_the_first_place_is_verbose_as_in_the_notebook(verbose, capsys):
    for network in (tg.Network(verbose), tg.Network(verbose=verbose)):
        assert (network.layers, network.verbose) == ([], bool(verbose))
    assert (tg.Network().layers, tg.Network().verbose) == ([], True)


@pytest.mark.parametrize("layers", [5, "sigmoid", tg.ActivationLayer(), tg.ActivationLayer, 1.0])
def test_what_is_no_list_of_layers_is_refused(layers):
    with pytest.raises(TypeError, match=r"layers must be a list of Layer objects.*tg.Network\(\["):
        tg.Network(layers)


@pytest.mark.parametrize("layers", [[5], [tg.ActivationLayer(), "relu"], [None]])
def test_what_is_no_layer_in_a_list_is_refused_as_by_add(layers):
    with pytest.raises(TypeError, match="layer must be a Layer object"):
        tg.Network(layers)


class Forgetful(tg.Layer):
    """A layer that does not tell of what is in it."""

    def __init__(self, **attributes):
        super().__init__()
        vars(self).update(attributes)

    def formula(self, x):
        return x


@pytest.mark.parametrize(
    "thing",
    [
        lambda: tg.Value(3.0),
        lambda: [1.0, tg.Value(3.0)],
        lambda: {"W": (tg.Value(3.0),)},
        lambda: tg.FullyConnectedLayer(2, 2, rng=0),
        lambda: [tg.ActivationLayer(), tg.FullyConnectedLayer(2, 2, rng=0)],
        lambda: tg.Network([tg.FullyConnectedLayer(2, 2, rng=0)]),
        lambda: Forgetful(deep=Forgetful(deeper=tg.Value(3.0))),
    ],
)
def test_a_layer_that_forgets_its_parameters_is_warned_of(thing):
    layer = Forgetful(inside=thing())
    told = r"self.inside of Forgetful will not learn, .*does not define parameters\(self\)"
    network = tg.Network()
    with pytest.warns(UserWarning, match=told):
        network.add(layer)
    assert [layer] == network.layers


def test_a_layer_that_tells_of_its_parameters_or_has_none_is_not_warned_of():
    class Honest(Forgetful):
        def parameters(self):
            return []  # it shall stay as it is

    given = Forgetful(factor=tg.Value(3.0))
    given.parameters = lambda: [given.factor]
    used = Forgetful(table=np.ones(3), inner=tg.ActivationLayer())
    used.forward([[1.0]])  # which remembers Values
    used.neighbour = Forgetful(neighbour=used)
    network = tg.Network([Honest(factor=tg.Value(3.0)), given, used, tg.ActivationLayer()])
    assert 4 == len(network.layers)


def test_layers_of_ones_own_that_are_not_finished_are_told_what_is_missing():
    class Unmade(tg.Layer):
        def __init__(self):
            self.size = 2

    class Arrays(tg.Layer):
        def parameters(self):
            return [np.ones(2)]

    with pytest.raises(TypeError, match=r"Unmade.__init__ must call super\(\).__init__\(\)"):
        tg.Network([Unmade()])
    with pytest.raises(TypeError, match=r"Arrays.parameters must return Values, .* got ndarray"):
        tg.Network([Arrays()])


def test_layers_that_do_not_chain_are_refused_with_both_sizes():
    network = tg.Network()
    network.add(tg.FullyConnectedLayer(2, 3))
    network.add(tg.ActivationLayer())
    with pytest.raises(ValueError, match=r"takes 4 inputs.*gives 3 outputs|3.*4"):
        network.add(tg.FullyConnectedLayer(4, 1))


def test_an_empty_network_says_so():
    with pytest.raises(ValueError, match="layer"):
        tg.Network().predict(np.zeros((1, 1, 2)))
    with pytest.raises(ValueError, match="layer"):
        tg.Network().fit(*some_data(), 1, 0.1)


def test_a_network_without_parameters_cannot_be_fitted():
    network = tg.Network()
    network.add(tg.ActivationLayer())
    with pytest.raises(ValueError, match="parameters"):
        network.fit(np.zeros((2, 1, 1)), np.zeros((2, 1, 1)), 1, 0.1)


def test_layers_and_parameters_are_named_by_their_place():
    network = sigmoid_network(2, 3, 1)
    assert ["layer1", "layer2", "layer3", "layer4"] == [layer.name for layer in network.layers]
    assert ["W1", "b1", "W2", "b2"] == [parameter.label for parameter in network.parameters()]


# ----- Values and copies -----


def test_a_value_goes_through_the_network_as_a_graph():
    network = sigmoid_network(2, 3, 1)
    x = tg.Value([[0.1, 0.2]], label="x")
    loss = tg.half_squared_error([[1.0]], network(x))
    loss.backward()
    first, second = network.layers[0], network.layers[2]
    by_weights, by_biases, by_x = reference.network_backward(
        x.data, np.ones((1, 1)), [first.weights, second.weights], [first.bias, second.bias]
    )
    expected = [by_weights[0], by_biases[0], by_weights[1], by_biases[1]]
    for parameter, gradient in zip(network.parameters(), expected, strict=True):
        np.testing.assert_allclose(parameter.grad, gradient, rtol=1e-12)
    np.testing.assert_allclose(x.grad, by_x, rtol=1e-12)
    scopes = [value.scope for value in tg.history(loss) if value.op]
    assert ["layer1", "layer2", "layer3", "layer4", ""] == scopes


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_a_copied_network_trains_on_identically(duplicate):
    network = sigmoid_network(2, 3, 1)
    network.fit(*some_data(), 3, 0.5, rng=0)
    twin = duplicate(network)
    before = weights_of(twin)
    network.fit(*some_data(), 3, 0.5, rng=1)
    assert_untouched(twin, before)
    twin.fit(*some_data(), 3, 0.5, rng=1)
    assert_untouched(twin, weights_of(network))


@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**16))
def test_training_for_any_shape_equals_the_hand_derived_step(count, inputs, outputs, seed):
    source = np.random.default_rng(seed)
    network = sigmoid_network(inputs, 3, outputs, rng=seed)
    x, y = source.normal(size=(count, inputs)), source.normal(size=(count, outputs))
    weights = [layer.weights.copy() for layer in network.layers[::2]]
    biases = [layer.bias.copy() for layer in network.layers[::2]]
    by_weights, by_biases, _ = reference.network_backward(x, y, weights, biases)
    network.fit(x, y, 1, 0.5, batch_size=count, rng=seed)
    for layer, w, b, dw, db in zip(
        network.layers[::2], weights, biases, by_weights, by_biases, strict=True
    ):
        np.testing.assert_allclose(layer.weights, w - 0.5 * dw / count, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(layer.bias, b - 0.5 * db / count, rtol=1e-12, atol=1e-13)


def test_a_network_draws_itself():
    network = tg.Network(verbose=False)
    network.add(tg.FullyConnectedLayer(2, 1, rng=0))
    assert tg.draw_network(network).svg == network.draw().svg
