"""The proof: the gradients of the graph are those of the formulas that were derived by hand."""

import ast
import inspect
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import tinygrad_mlp as tg
from tinygrad_mlp import reference

numbers = st.floats(-5, 5, allow_subnormal=False)
shapes = st.lists(st.integers(1, 4), min_size=0, max_size=3).map(tuple)


def assert_close(got, expected):
    """Equal to 1e-12, relative to the scale of what is expected."""
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    assert np.shape(got) == np.shape(expected)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12 * scale)


def test_the_oracle_shares_no_code_with_the_graph():
    tree = ast.parse(inspect.getsource(reference))
    modules = {
        name.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert {"__future__", "collections.abc", "typing", "numpy", "numpy.typing"} == modules


# ----- Each function -----


@given(shapes.flatmap(lambda shape: arrays(float, shape, elements=st.floats(-700, 700))), st.data())
def test_the_gradient_of_sigmoid_is_the_hand_derived_one(z, data):
    upstream = data.draw(arrays(float, z.shape, elements=numbers))
    value = tg.Value(z)
    tg.sigmoid(value).backward(upstream)
    np.testing.assert_allclose(tg.sigmoid(z), reference.sigmoid(z), rtol=1e-14)
    np.testing.assert_allclose(
        value.grad, reference.activation_backward(upstream, z), rtol=1e-12, atol=1e-300
    )


@given(shapes.flatmap(lambda shape: arrays(float, (2, *shape), elements=numbers)))
def test_the_gradients_of_both_losses_are_the_hand_derived_ones(pair):
    y_true, y_pred = pair[0], tg.Value(pair[1])
    count = max(1, y_true.size)
    assert_close(tg.mse(y_true, y_pred).data, reference.mse(y_true, pair[1]))
    by_sum = tg.grad(tg.half_squared_error(y_true, y_pred), y_pred)
    by_mean = tg.grad(tg.mse(y_true, y_pred), y_pred)
    assert_close(by_sum, reference.mse_prime(y_true, pair[1]))
    assert_close(by_mean, reference.mse_prime(y_true, pair[1]) / count)


@pytest.mark.parametrize("n", [1, 2, 10])
def test_n_times_the_gradient_of_mse_is_mse_prime(n):
    source = np.random.default_rng(n)
    y_true, y_pred = source.normal(size=(1, n)), tg.Value(source.normal(size=(1, n)))
    gradient = tg.grad(tg.mse(y_true, y_pred), y_pred)
    np.testing.assert_allclose(n * gradient, tg.mse_prime(y_true, y_pred.data), rtol=1e-14)
    np.testing.assert_allclose(gradient, tg.mse_gradient(y_true, y_pred.data), rtol=1e-14)
    np.testing.assert_allclose(n * gradient, reference.mse_prime(y_true, y_pred.data), rtol=1e-14)


# ----- The whole network -----


@given(st.data())
def test_the_graph_of_a_whole_network_has_the_hand_derived_gradients(data):
    sizes = data.draw(st.lists(st.integers(1, 5), min_size=2, max_size=5), "sizes")
    rows = data.draw(st.integers(1, 6), "rows")

    def draw(*shape):
        return data.draw(arrays(float, shape, elements=st.floats(-3, 3, allow_subnormal=False)))

    weights = [draw(i, o) for i, o in zip(sizes, sizes[1:], strict=False)]
    biases = [draw(1, o) for o in sizes[1:]]
    x, y = draw(rows, sizes[0]), draw(rows, sizes[-1])

    leaf, leaves = tg.Value(x), [[tg.Value(w), tg.Value(b)] for w, b in zip(weights, biases)]
    output = leaf
    for weight, bias in leaves:
        output = tg.sigmoid(tg.affine(output, weight, bias))
    tg.half_squared_error(y, output).backward()

    by_weights, by_biases, by_x = reference.network_backward(x, y, weights, biases)
    for (weight, bias), by_weight, by_bias in zip(leaves, by_weights, by_biases, strict=True):
        assert_close(weight.grad, by_weight)
        assert_close(bias.grad, by_bias)
    assert_close(leaf.grad, by_x)


def test_the_published_numbers_of_mazurs_network_come_out():
    """M. Mazur, A Step by Step Backpropagation Example (2015): 2-2-2, all numbers printed."""
    x = np.array([[0.05, 0.10]])
    w1 = tg.Value([[0.15, 0.25], [0.20, 0.30]])
    w2 = tg.Value([[0.40, 0.50], [0.45, 0.55]])
    hidden = tg.sigmoid(tg.affine(x, w1, [[0.35, 0.35]]))
    output = tg.sigmoid(tg.affine(hidden, w2, [[0.60, 0.60]]))
    loss = tg.half_squared_error([[0.01, 0.99]], output)
    loss.backward()
    np.testing.assert_allclose(hidden.data, [[0.593269992, 0.596884378]], atol=5e-10)
    np.testing.assert_allclose(output.data, [[0.751365070, 0.772928465]], atol=5e-10)
    np.testing.assert_allclose(loss.data, 0.298371109, atol=5e-10)
    np.testing.assert_allclose(w2.grad[0, 0], 0.082167041, atol=5e-10)
    np.testing.assert_allclose(w1.grad[0, 0], 0.000438568, atol=5e-10)
    updated = w2.data - 0.5 * w2.grad
    np.testing.assert_allclose(updated[:, 0], [0.35891648, 0.408666186], atol=5e-9)
    np.testing.assert_allclose(updated[:, 1], [0.511301270, 0.561370121], atol=5e-9)
    np.testing.assert_allclose(
        w1.data - 0.5 * w1.grad, [[0.149780716, 0.24975114], [0.19956143, 0.29950229]], atol=5e-9
    )


def test_the_oracle_agrees_with_differences_of_its_own_loss():
    """The formulas themselves are held against central differences of the loss."""
    source = np.random.default_rng(0)
    weights = [source.normal(size=(2, 3)), source.normal(size=(3, 2))]
    biases = [source.normal(size=(1, 3)), source.normal(size=(1, 2))]
    x, y = source.normal(size=(4, 2)), source.normal(size=(4, 2))

    def loss():
        output = reference.network_forward(x, weights, biases)[1][-1]
        return 0.5 * math.fsum(np.ravel((y - output) ** 2))

    by_weights, by_biases, by_x = reference.network_backward(x, y, weights, biases)
    for array, gradient in zip(
        [*weights, *biases, x], [*by_weights, *by_biases, by_x], strict=True
    ):
        for index in np.ndindex(array.shape):
            old, step = array[index], 1e-5
            array[index] = old + step
            above = loss()
            array[index] = old - step
            below = loss()
            array[index] = old
            assert abs((above - below) / (2 * step) - gradient[index]) < 1e-9
