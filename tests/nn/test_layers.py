"""Tests of the layers: the formulas are the hand-derived ones, the protocol refuses misuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import tinygrad_mlp as tg
from tinygrad_mlp import reference

numbers = st.floats(-10, 10, allow_subnormal=False)


@given(st.data(), st.integers(1, 4), st.integers(1, 5), st.integers(1, 5))
def test_a_fully_connected_layer_has_the_hand_derived_gradients(data, rows, inputs, outputs):
    def draw(shape):
        return data.draw(arrays(float, shape, elements=numbers))

    layer = tg.FullyConnectedLayer(inputs, outputs, rng=0)
    layer.weights, layer.bias = draw((inputs, outputs)), draw((1, outputs))
    x, error = draw((rows, inputs)), draw((rows, outputs))
    np.testing.assert_allclose(
        layer.forward(x), reference.affine(x, layer.weights, layer.bias), rtol=1e-12, atol=1e-11
    )
    by_input = layer.backward(error)
    expected = {
        "input": (by_input, reference.affine_backward_input(error, layer.weights)),
        "weights": (layer.delta_w, reference.affine_backward_weights(error, x)),
        "bias": (layer.delta_b, reference.affine_backward_bias(error)),
    }
    for got, wanted in expected.values():
        assert got.shape == wanted.shape
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-11)
    assert rows == layer.passes


@given(
    arrays(float, (3, 4), elements=st.floats(-800, 800)), arrays(float, (3, 4), elements=numbers)
)
def test_a_sigmoid_layer_has_the_hand_derived_gradient(z, error):
    layer = tg.ActivationLayer()
    np.testing.assert_allclose(layer.forward(z), reference.sigmoid(z), rtol=1e-14)
    wanted = reference.activation_backward(error, z)
    np.testing.assert_allclose(layer.backward(error), wanted, rtol=1e-12)


@pytest.mark.parametrize(
    ("activation", "derivative"),
    [
        ("sigmoid", reference.sigmoid_prime),
        ("tanh", lambda z: 1 / np.cosh(z) ** 2),
        ("relu", lambda z: (z > 0) * 1.0),
        ("softplus", reference.sigmoid),
        ("identity", np.ones_like),
        (tg.sin, np.cos),
        (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
        (lambda z: z * z, lambda z: 2 * z),
    ],
)
def test_every_activation_has_its_derivative(activation, derivative):
    source = np.random.default_rng(0)
    z, error = source.normal(size=(3, 4)), source.normal(size=(3, 4))
    layer = tg.ActivationLayer(activation)
    layer.forward(z)
    np.testing.assert_allclose(layer.backward(error), error * derivative(z), rtol=1e-13)


def test_the_softmax_layer_works_on_each_row():
    z = np.array([[0.0, np.log(3.0)], [5.0, 5.0]])
    layer = tg.ActivationLayer("softmax")
    np.testing.assert_allclose(layer.forward(z), [[0.25, 0.75], [0.5, 0.5]], rtol=1e-15)
    gradient = layer.backward([[1.0, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(gradient, [[0.1875, -0.1875], [0.0, 0.0]], rtol=1e-14)


def test_arrays_give_arrays_and_values_give_values():
    layer = tg.FullyConnectedLayer(2, 1, rng=0)
    assert isinstance(layer.forward([[1.0, 2.0]]), np.ndarray)
    assert isinstance(layer([[1.0, 2.0]]), np.ndarray)
    output = layer.forward(tg.Value([[1.0, 2.0]]))
    assert isinstance(output, tg.Value)
    output.backward()
    np.testing.assert_array_equal([[1.0], [2.0]], layer.parameters()[0].grad)
    assert layer.passes == 0  # a graph collects in .grad, not in the deltas


def test_a_single_sample_may_be_flat():
    layer = tg.FullyConnectedLayer(2, 3, rng=0)
    np.testing.assert_array_equal(layer.forward([1.0, 2.0]), layer.forward([[1.0, 2.0]]))
    assert layer.backward([1.0, 1.0, 1.0]).shape == (1, 2)


def test_the_initial_weights_are_those_of_the_global_stream():
    np.random.seed(3)
    layer = tg.FullyConnectedLayer(2, 3)
    np.random.seed(3)
    np.testing.assert_array_equal(layer.weights, np.random.rand(2, 3) - 0.5)
    np.testing.assert_array_equal(layer.bias, np.random.rand(1, 3) - 0.5)


def test_step_averages_over_the_passes_and_clears():
    layer = tg.FullyConnectedLayer(1, 1, rng=0)
    layer.weights, layer.bias = [[1.0]], [[0.0]]
    for x in (1.0, 3.0):
        layer.forward([[x]])
        layer.backward([[1.0]])
    assert (2, 4.0, 2.0) == (layer.passes, layer.delta_w.item(), layer.delta_b.item())
    layer.step(0.5)
    assert (0.0, -0.5) == (layer.weights.item(), layer.bias.item())
    assert (0, 0.0, 0.0) == (layer.passes, layer.delta_w.item(), layer.delta_b.item())


def test_parameters_changed_between_forward_and_backward_are_named():
    layer = tg.FullyConnectedLayer(1, 1, rng=0)
    layer.forward([[1.0]])
    layer.weights -= 0.5
    with pytest.raises(RuntimeError, match=r"'W'.*modified"):
        layer.backward([[1.0]])
    assert 0 == layer.passes


def test_step_without_a_backward_is_refused_and_changes_nothing():
    layer = tg.FullyConnectedLayer(2, 1, rng=0)
    before = layer.weights.copy()
    with pytest.raises(RuntimeError, match="backward"):
        layer.step(0.1)
    layer.forward([[1.0, 2.0]])
    layer.backward([[1.0]])
    layer.step(0.0)
    with pytest.raises(RuntimeError, match="backward"):
        layer.step(0.1)
    np.testing.assert_array_equal(before, layer.weights)
    tg.ActivationLayer().step(0.1)  # nothing to learn, so nothing to refuse


def test_backward_before_forward_is_refused():
    for layer in (tg.FullyConnectedLayer(2, 1), tg.ActivationLayer()):
        with pytest.raises(RuntimeError, match="forward"):
            layer.backward([[1.0]])


def test_an_error_of_another_shape_is_refused_before_anything_is_collected():
    layer = tg.FullyConnectedLayer(2, 3, rng=0)
    layer.forward([[1.0, 2.0]])
    with pytest.raises(ValueError, match=r"\(1, 2\).*\(1, 3\)"):
        layer.backward([[1.0, 2.0]])
    with pytest.raises(TypeError, match="output_error"):
        layer.backward("error")
    assert (0, 0.0) == (layer.passes, np.abs(layer.delta_w).sum())


def test_predict_does_not_disturb_a_pending_backward():
    network = tg.Network(verbose=False)
    network.add(tg.FullyConnectedLayer(2, 1, rng=0))
    layer = network.layers[0]
    layer.forward([[1.0, 2.0]])
    network.predict([[5.0, 6.0]])
    layer.backward([[1.0]])
    np.testing.assert_array_equal([[1.0], [2.0]], layer.delta_w)


def test_an_array_that_the_caller_reuses_does_not_change_the_gradient():
    layer = tg.FullyConnectedLayer(2, 1, rng=0)
    x = np.array([[1.0, 2.0]])
    output = layer.forward(x)
    x[...] = output[...] = 99.0
    layer.backward([[1.0]])
    np.testing.assert_array_equal([[1.0], [2.0]], layer.delta_w)


@pytest.mark.parametrize(
    ("sizes", "error", "name"),
    [
        ((0, 3), ValueError, "input_size"),
        ((-1, 3), ValueError, "input_size"),
        ((2.0, 3), TypeError, "input_size"),
        (("2", 3), TypeError, "input_size"),
        ((2, 0), ValueError, "output_size"),
        ((2, True), TypeError, "output_size"),
    ],
)
def test_sizes_must_be_whole_and_positive(sizes, error, name):
    with pytest.raises(error, match=name):
        tg.FullyConnectedLayer(*sizes)


def test_sizes_may_be_integers_of_numpy():
    assert (2, 3) == tg.FullyConnectedLayer(np.int64(2), np.int8(3)).weights.shape


def test_weights_keep_their_shape_and_dtype():
    layer = tg.FullyConnectedLayer(2, 3, dtype="float32")
    layer.weights = np.ones((2, 3))
    assert np.float32 == layer.weights.dtype
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(3, 2\)"):
        layer.weights = np.ones((3, 2))
    with pytest.raises(TypeError, match="floating"):
        tg.FullyConnectedLayer(2, 3, dtype=int)


def test_a_wrong_width_names_the_layer_and_both_numbers():
    with pytest.raises(ValueError, match=r"FullyConnectedLayer.*2 inputs.*3"):
        tg.FullyConnectedLayer(2, 1).forward(np.ones((1, 3)))


@pytest.mark.parametrize(
    ("activation", "error"), [("sigmod", ValueError), (None, TypeError), (3, TypeError)]
)
def test_an_unknown_activation_is_refused(activation, error):
    with pytest.raises(error, match="activation"):
        tg.ActivationLayer(activation)


def test_an_activation_that_loses_the_graph_is_named():
    layer = tg.ActivationLayer(lambda x: x.data)
    with pytest.raises(TypeError, match="lost the graph"):
        layer.forward([[1.0]])


def test_a_layer_of_ones_own_needs_only_its_formula():
    class Scale(tg.Layer):
        def __init__(self):
            super().__init__()
            self.factor = tg.Value(3.0, label="s")

        def formula(self, x, factor):
            return factor * x

        def parameters(self):
            return [self.factor]

    network = tg.Network(verbose=False)
    network.add(tg.FullyConnectedLayer(1, 1, rng=0))
    network.add(Scale())
    before = network.layers[1].factor.data
    network.fit([[1.0]], [[5.0]], 200, 0.05, rng=0)
    assert before != network.layers[1].factor.data
    np.testing.assert_allclose(network.predict([[1.0]]), [[[5.0]]], rtol=1e-3)
    with pytest.raises(NotImplementedError, match="formula"):
        tg.Layer().forward([[1.0]])
