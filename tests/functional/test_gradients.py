"""Tests of functions of functions: they give the derivatives of calculus, and compose."""

import math
from typing import NamedTuple

import numpy as np
import pytest

import tinygrad_mlp as tg


def tanh_derivatives(x, orders):
    """The derivatives of tanh, from the polynomials in t = tanh(x) that they are."""
    polynomial = np.polynomial.Polynomial([0.0, 1.0])
    one_minus_square = np.polynomial.Polynomial([1.0, 0.0, -1.0])
    found = []
    for _ in range(orders):
        polynomial = polynomial.deriv() * one_minus_square
        found.append(polynomial(math.tanh(x)))
    return found


@pytest.mark.parametrize("x", [-1.3, 0.0, 0.4, 2.0])
def test_tanh_to_the_sixth_derivative(x):
    f = tg.tanh
    for expected in tanh_derivatives(x, 6):
        f = tg.grad(f)
        np.testing.assert_allclose(f(x), expected, rtol=0, atol=1e-10)


def test_the_bell_curve_at_zero_to_the_fourth_derivative():
    f, found = lambda x: tg.exp(-(x**2)), []
    for _ in range(4):
        f = tg.grad(f)
        found.append(f(0.0) + 0.0)
    assert [0.0, -2.0, 0.0, 12.0] == found


def test_argnums_chooses_arguments():
    def f(x, y, z=1.0):
        return x * y**2 * z

    assert 9.0 == tg.grad(f)(2.0, 3.0)
    assert 12.0 == tg.grad(f, 1)(2.0, 3.0)
    assert 12.0 == tg.grad(f, -1)(2.0, 3.0)
    assert (12.0, 9.0) == tg.grad(f, (1, 0))(2.0, 3.0)
    assert 90.0 == tg.grad(f)(2.0, 3.0, z=10.0)
    assert (18.0, (9.0, 12.0)) == tg.value_and_grad(f, (0, 1))(2.0, 3.0)


class Pair(NamedTuple):
    first: object
    second: object


def test_structures_come_back_in_their_form():
    def f(p):
        return p["a"] * p["b"][0] + (p["c"].first * p["c"].second).sum()

    p = {"b": (2.0, [5.0]), "a": 3.0, "c": Pair(np.ones(2), np.array([4.0, 6.0]))}
    slope = tg.grad(f)(p)
    assert ["b", "a", "c"] == list(slope)
    assert ((3.0, [0.0]), 2.0) == (slope["b"], slope["a"])
    assert isinstance(slope["c"], Pair)
    np.testing.assert_array_equal([4.0, 6.0], slope["c"].first)


def test_a_function_may_change_the_lists_and_dicts_that_it_gets():
    def f(p):
        p["a"] = p["a"] * p["b"].pop()
        p["c"] = p["a"]
        return p["c"] * p["a"]

    given = {"a": 2.0, "b": [3.0]}
    assert {"a": 36.0, "b": [24.0]} == tg.grad(f)(given)
    assert {"a": 2.0, "b": [3.0]} == given


def test_an_inner_derivative_does_not_confuse_its_variable_with_the_outer_one():
    # d/dx x * (d/dy (x + y)) is 1, and d/dx x * (d/dy x y) is 2 x.
    assert 1.0 == tg.grad(lambda x: x * tg.grad(lambda y: x + y)(1.0))(2.0)
    assert 4.0 == tg.grad(lambda x: x * tg.grad(lambda y: x * y)(1.0))(2.0)
    assert 4.0 == tg.grad(lambda x: x * tg.jvp(lambda y: x * y, (1.0,), (1.0,))[1])(2.0)


def test_one_value_given_for_two_arguments_is_two_variables():
    v = tg.Value(3.0)
    slope = tg.grad(lambda a, b: a * a * b)(v, v)
    assert 18.0 == slope.item()
    assert 12.0 == tg.grad(slope, v)  # the slope is 2 a b, here 2 v v


def test_values_in_values_out_and_arrays_in_arrays_out():
    assert isinstance(tg.grad(tg.sin)(tg.Value(0.0)), tg.Value)
    assert isinstance(tg.grad(tg.sin)(0.0), np.float64)
    assert isinstance(tg.grad(lambda x: x.sum())(np.ones(2)), np.ndarray)
    value, pull = tg.vjp(tg.sin, np.zeros(2))
    value[0], pulled = 7.0, pull(np.ones(2))[0]  # the caller's own arrays
    pulled[0] = 7.0
    assert isinstance(tg.value_and_grad(tg.sin)(tg.Value(0.0))[0], tg.Value)


def test_dtypes_are_kept_and_integers_become_float64():
    x = np.ones(2, dtype=np.float32)
    for found in (
        tg.grad(lambda x: (x * x).sum())(x),
        tg.jacobian(lambda x: x * x)(x),
        tg.hessian(lambda x: (x * x).sum())(x),
        tg.jvp(lambda x: x * x, (x,), (x,))[1],
    ):
        assert np.float32 == found.dtype
    assert np.float64 == tg.grad(lambda x: x * x)(2).dtype
    np.testing.assert_array_equal([0.0, 2, 4, 6], tg.grad(lambda x: (x * x).sum())(np.arange(4)))


def test_a_constant_function_has_derivative_zero():
    assert 0.0 == tg.grad(lambda x: 3.0)(1.0)
    np.testing.assert_array_equal(np.zeros((2, 3)), tg.jacobian(lambda x: np.ones(2))(np.ones(3)))
    assert (5.0, 0.0) == tg.jvp(lambda x: 5.0, (1.0,), (1.0,))
    assert (0.0,) == tg.hvp(lambda x: x * 2.0, (1.0,), (1.0,))


# ----- What a function returns besides -----


@pytest.mark.parametrize("argnums", [0, (0, 1)])
def test_what_comes_besides_is_not_differentiated_and_comes_back(argnums):
    def f(x, y):
        hidden = x * y
        return tg.sum(hidden**2), {"hidden": hidden, "name": "f", "count": 3, "none": None}

    def plain(x, y):
        return f(x, y)[0]

    x, y = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    slope, aux = tg.grad(f, argnums, has_aux=True)(x, y)
    np.testing.assert_array_equal(tg.grad(plain, argnums)(x, y), slope)
    assert np.ndarray is type(aux["hidden"])
    np.testing.assert_array_equal([3.0, 10.0], aux["hidden"])
    assert ("f", 3, None) == (aux["name"], aux["count"], aux["none"])
    (value, again), same = tg.value_and_grad(f, argnums, has_aux=True)(x, y)
    assert 109.0 == value
    np.testing.assert_array_equal(aux["hidden"], again["hidden"])
    np.testing.assert_array_equal(slope, same)


def test_what_comes_besides_is_differentiated_by_an_outer_transform():
    def outer(x):
        slope, double = tg.grad(lambda y: (y**3, 2.0 * y), has_aux=True)(x)
        return slope * double  # 3 x^2 * 2 x

    np.testing.assert_allclose(tg.grad(outer)(3.0), 18.0 * 9.0, rtol=1e-15)
    np.testing.assert_allclose(tg.compile(tg.grad(outer))(3.0), 162.0, rtol=1e-15)


def test_has_aux_goes_through_compile_and_into_registered_classes():
    f = tg.compile(tg.value_and_grad(lambda x: (tg.sum(x * x), [x + 1.0]), has_aux=True))
    (value, (besides,)), slope = f(np.array([1.0, 2.0]))
    assert 5.0 == value
    np.testing.assert_array_equal([2.0, 3.0], besides)
    np.testing.assert_array_equal([2.0, 4.0], slope)


@pytest.mark.parametrize("transform", [tg.grad, tg.value_and_grad])
def test_an_error_names_the_transform_that_was_called(transform):
    name = transform.__name__
    with pytest.raises(TypeError, match=f"^{name}: with has_aux, .* must return a pair"):
        transform(lambda x: x, has_aux=True)(2.0)
    with pytest.raises(tg.ShapeError, match=f"^{name}: .* must return a scalar"):
        transform(lambda x: x)(np.ones(2))
