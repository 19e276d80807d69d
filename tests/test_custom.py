"""Tests of operations of one's own: one row, and everything works with it."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.engine import PROTECTED


def swish_row():
    return tg.Op(
        "swish",
        "x",
        forward="{x} * my_sigmoid({x})",
        functions={"my_sigmoid": lambda x: 1.0 / (1.0 + np.exp(-x))},
        vjps=(lambda g, out, x: g * (tg.sigmoid(x) + x * tg.sigmoid_prime(x)),),
        latex=r"{x} \sigma({x})",
        symbol="swish",
        doc="Self-gated activation.",
    )


def scaled():
    @tg.operation(lambda g, out, x, factor: g * factor, latex="{factor} {x}", symbol="k·x")
    def scale(x, *, factor=2.0):
        """Multiply by a constant."""
        return x * factor

    return scale


def test_a_row_works_forward_backward_and_to_higher_order():
    swish = swish_row()
    x = np.linspace(-2, 2, 5)
    s = 1 / (1 + np.exp(-x))
    np.testing.assert_allclose(swish(x), x * s)
    np.testing.assert_allclose(tg.elementwise_grad(swish)(x), s + x * s * (1 - s))
    second = tg.elementwise_grad(tg.elementwise_grad(swish))(x)
    np.testing.assert_allclose(second, s * (1 - s) * (2 + x * (1 - 2 * s)), rtol=1e-12)


def test_a_row_of_ones_own_is_checked_like_any_other():
    assert tg.gradcheck(swish_row(), [[-2.0, 0.5, 3.0]])
    assert tg.gradcheck(lambda x: scaled()(x, factor=3.0), [1.0, 2.0])

    @tg.operation(lambda g, out, x: g * 2.0 * x)
    def cube(x):
        return x**3

    with pytest.raises(tg.GradientError, match=r"gradcheck of cube, order 1: .* is wrong at index"):
        tg.gradcheck(cube, [1.0, 2.0])


def test_a_row_is_drawn_and_documented():
    y = swish_row()(tg.Value(1.0, label="x"))
    assert "swish" in tg.draw(y).source
    assert "Self-gated activation." in tg.OPS["swish"].__doc__
    assert r"z \sigma(z)" == tg.OPS["swish"].latex.format(x="z")


def test_a_decorated_function_takes_options():
    scale = scaled()
    x = tg.Value([1.0, 2.0])
    np.testing.assert_array_equal([2.0, 4.0], scale(x).data)
    np.testing.assert_array_equal([5.0, 5.0], tg.grad(scale(x, factor=5.0).sum(), x))
    assert "Multiply by a constant." in scale.__doc__
    assert "scale(x, factor=2.0)" == scale.signature


def test_a_second_definition_replaces_the_first_but_not_in_older_graphs():
    old = scaled()(tg.Value(1.0))
    again = scaled()
    assert tg.OPS["scale"] is again
    old.backward()
    assert 2.0 == tg.history(old)[0].grad


def test_the_rows_of_the_package_cannot_be_replaced():
    with pytest.raises(ValueError, match="'exp' is a row of this package"):

        @tg.operation(lambda g, out, x: g)
        def exp(x):
            return x


def test_rules_must_be_as_many_as_parameters():
    with pytest.raises(TypeError, match="f has 2 parameters, x, y, but 1 rules"):

        @tg.operation(lambda g, out, x, y: g)
        def f(x, y):
            return x * y

    with pytest.raises(TypeError, match="must be a function or None, got 3"):

        @tg.operation(3)
        def h(x):
            return x

    with pytest.raises(TypeError, match="must name its parameters"):

        @tg.operation(None)
        def k(*x):
            return x

    assert set(tg.OPS) | {"question"} == PROTECTED


def test_none_is_a_derivative_of_zero_and_stop_gradient_a_constant():
    @tg.operation(None)
    def step(x):
        return (x > 0) * 1.0

    x = tg.Value(3.0)
    assert 0.0 == tg.grad(step(x), x)
    assert 3.0 == tg.grad(x * tg.stop_gradient(x), x)
    assert 0.0 == tg.grad(tg.grad(lambda x: x * tg.stop_gradient(x)))(3.0)
