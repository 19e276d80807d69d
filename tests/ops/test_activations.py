"""Activations made of rows: PyTorch's numbers, every precision, and all that holds of rows."""

import json
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import relative_error, slope
from tinygrad_mlp.nn.layers import ACTIVATIONS

#: Written by tests/nn/published.py.
PUBLISHED = json.loads((Path(__file__).parents[1] / "nn" / "published.json").read_text("utf-8"))
NAMES = "leaky_relu", "elu", "selu", "silu", "gelu"
FUNCTIONS = {name: getattr(tg, name) for name in NAMES} | {
    "leaky_relu(0.25)": lambda x: tg.leaky_relu(x, 0.25),
    "elu(1.5)": lambda x: tg.elu(x, 1.5),
}
every_name = pytest.mark.parametrize("name", NAMES)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_slopes_and_second_derivatives_are_those_of_pytorch(name):
    x = tg.Value(PUBLISHED["points"])
    y = FUNCTIONS[name](x)
    first = tg.grad(tg.sum(y), x, create_graph=True)
    second = tg.grad(tg.sum(first), x)
    if "elu" in name and name != "gelu":
        second[PUBLISHED["points"].index(0.0)] = 0.0  # a kink: here as from below, there as above
    for got, wanted in zip((y.data, first.data, second), PUBLISHED["activations"][name]):
        # PyTorch's gelu cancels far below 0, where it is wrong by a rounding error of 1.
        np.testing.assert_allclose(got, wanted, rtol=1e-13, atol=4e-15)


@every_name
def test_derivatives_agree_with_differences(name):
    f = getattr(tg, name)
    points = np.array([-7.3, -2.1, -0.6, 0.4, 1.7, 5.2])
    x = tg.Value(points)
    first = tg.grad(tg.sum(f(x)), x, create_graph=True)
    for at, got in zip(points, first.data):
        wanted = slope(lambda step, at=at: np.asarray(f(np.longdouble(at) + step)))
        assert relative_error(got, wanted) < 1e-11
    assert tg.gradcheck(lambda z: tg.sum(f(z)), points)


@every_name
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_the_type_stays_and_nothing_overflows(name, dtype):
    x = tg.Value(np.array([-1000.0, -1.0, 0.0, 1.0, 1000.0], dtype))
    y = getattr(tg, name)(x)
    first = tg.grad(tg.sum(y), x, create_graph=True)
    second = tg.grad(tg.sum(first), x)
    assert y.dtype == first.dtype == second.dtype == dtype
    exact = getattr(tg, name)(x.data.astype(np.float64))
    rounding = 8 * max(np.finfo(dtype).eps, 1e-16)
    np.testing.assert_allclose(y.data, exact, rtol=rounding, atol=1e-300)
    assert np.isfinite(first.data).all()
    assert np.isfinite(second).all()


def test_gelu_far_below_zero_keeps_its_digits():
    # x / (1 + exp(-2u)) by mpmath in 40 digits, where 1 + tanh(u) has one digit.
    np.testing.assert_allclose(tg.gelu(-7.0), -2.315442262072548963e-15, rtol=1e-14)


@every_name
def test_each_is_drawn_written_compiled_explained_and_stepped_through(name):
    f = getattr(tg, name)
    numbers = np.array([[-1.5, 0.5], [2.0, -0.25]])

    def loss(x):
        return tg.sum(f(x) ** 2)

    both = tg.value_and_grad(loss)
    namespace = {}
    exec(tg.source(both, numbers), namespace)
    written = next(reversed(namespace.values()))
    for found in (tg.compile(both)(numbers), written(numbers)):
        for got, wanted in zip(found, both(numbers)):
            np.testing.assert_allclose(got, wanted, rtol=1e-14)
    x = tg.Value(numbers, label="x")
    out = loss(x)
    assert "<svg" in tg.draw(out)._repr_mimebundle_()["image/svg+xml"]
    assert "∂L/∂x[0,0] = " in str(tg.why(out, x, (0, 0)))
    last = [*tg.steps(out)][-1]
    np.testing.assert_allclose(last.value, both(numbers)[1], rtol=1e-15)


@every_name
def test_a_layer_of_each_name_computes_it(name):
    layer = tg.ActivationLayer(name)
    x = np.array([[-1.0, 2.0]])
    np.testing.assert_array_equal(layer.forward(x), getattr(tg, name)(x))
    assert layer.is_pure()
    assert layer.settings() == {"activation": name}
    assert ACTIVATIONS[name] is getattr(tg, name)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: tg.leaky_relu(1.0, "0.1"), "negative_slope must be a real number, got str '0.1'"),
        (lambda: tg.elu(1.0, np.nan), "alpha must be finite, got nan"),
    ],
)
def test_a_slope_that_is_no_number_is_refused(call, told):
    with pytest.raises((TypeError, ValueError), match=told):
        call()
