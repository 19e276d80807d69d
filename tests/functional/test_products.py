"""Tests of products with Jacobians and Hessians: several outputs, any form of the arguments."""

from typing import NamedTuple

import numpy as np
import pytest

import tinygrad_mlp as tg

SOURCE = np.random.default_rng(0)
X, V = SOURCE.normal(size=(2, 3)), SOURCE.normal(size=(2, 3))
U, W = SOURCE.normal(size=3), SOURCE.normal()


def several(x):
    """An array, a number, and one that is used for both."""
    s = x * x
    return {"rows": s.sum(axis=0), "rest": (tg.sum(s * x), [s])}


def parts(found):
    return found["rows"], found["rest"][0], found["rest"][1][0]


def test_cotangents_of_several_outputs_add_up():
    output, pull_back = tg.vjp(several, X)
    for got, wanted in zip(parts(output), ((X**2).sum(0), (X**3).sum(), X**2), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-14)
    (found,) = pull_back({"rows": U, "rest": (W, [V])})
    np.testing.assert_allclose(found, 2 * X * U + 3 * W * X**2 + 2 * X * V, rtol=1e-13)
    (again,) = pull_back({"rows": 0.0 * U, "rest": (0.0, [V.tolist()])})
    np.testing.assert_allclose(again, 2 * X * V, rtol=1e-13)


def test_tangents_of_several_outputs_have_their_form():
    output, tangent = tg.jvp(several, X, V)
    assert [*output] == [*tangent] == ["rows", "rest"]
    wanted = (2 * X * V).sum(0), (3 * X**2 * V).sum(), 2 * X * V
    for got, expected in zip(parts(tangent), wanted, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-13)


def test_one_value_returned_twice_and_one_that_is_an_argument_get_both_cotangents():
    def f(x):
        y = x * x
        return y, y, x, y * x

    assert (2.0 * 3 * (1 + 10) + 100 + 27 * 1000.0,) == tg.vjp(f, 3.0)[1]((1.0, 10.0, 100.0, 1e3))
    assert (6.0, 6.0, 1.0, 27.0) == tg.jvp(f, 3.0, 1.0)[1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0,), (1, 0, 3), (2, 3)])
def test_several_outputs_keep_shape_and_dtype(dtype, shape):
    x = np.ones(shape, dtype)[()]
    (first, second), pull_back = tg.vjp(lambda x: (tg.sin(x), x * x), x)
    output, tangent = tg.jvp(lambda x: (tg.sin(x), x * x), x, x)
    for each in (first, second, *output, *tangent, *pull_back((first, second))):
        assert (shape, dtype) == (np.shape(each), each.dtype)


def test_products_of_second_order_go_through_several_outputs():
    def g(x):  # the derivative of sum(v * several) in the direction of v
        tangent = tg.jvp(several, x, V)[1]
        return tg.sum(tangent["rest"][1][0]) + tangent["rest"][0]

    np.testing.assert_allclose(tg.grad(g)(X), 2 * V + 6 * X * V, rtol=1e-12)

    def h(x):
        return tg.sum(tg.vjp(several, x)[1]({"rows": U, "rest": (W, [V])})[0])

    np.testing.assert_allclose(tg.grad(h)(X), 2 * U + 6 * W * X + 2 * V, rtol=1e-12)
    compiled = tg.compile(tg.grad(h))(X)
    np.testing.assert_allclose(compiled, tg.grad(h)(X), rtol=1e-14)


class Line(NamedTuple):
    slope: float
    start: float


def test_what_is_no_tuple_or_list_is_one_argument():
    assert (8.0, 12.0) == tg.jvp(lambda x: x**3, 2.0, 1.0)
    assert 12.0 == tg.hvp(lambda x: x**3, 2.0, 1.0)
    found = tg.hvp(lambda d: d["a"] ** 2 * d["b"], {"a": 2.0, "b": 3.0}, {"a": 1.0, "b": 0.0})
    assert {"a": 6.0, "b": 4.0} == found
    found = tg.hvp(lambda line: line.slope**2 * line.start, Line(2.0, 3.0), Line(1.0, 0.0))
    assert Line(6.0, 4.0) == found
    assert (10.0, 7.0) == tg.jvp(lambda line: line.slope * line.start, Line(2.0, 5.0), Line(1.0, 1))
    np.testing.assert_array_equal([6.0, 24.0], tg.hvp(lambda x: tg.sum(x**3), [ONES], [TWOS])[0])


ONES, TWOS = np.array([1.0, 2.0]), np.array([1.0, 2.0])


def test_what_comes_besides_a_product():
    value, pull_back, aux = tg.vjp(lambda x: (x * x, {"half": x / 2.0}), 3.0, has_aux=True)
    assert (9.0, (6.0,), {"half": 1.5}) == (value, pull_back(1.0), aux)
    assert np.float64 is type(aux["half"])
    assert (9.0, 6.0, "word") == tg.jvp(lambda x: (x * x, "word"), 3.0, 1.0, has_aux=True)
    table, aux = tg.jacobian(lambda x: (x * x, x.shape), has_aux=True)(ONES)
    np.testing.assert_array_equal(np.diag([2.0, 4.0]), table)
    assert (2,) == aux
    table, aux = tg.hessian(lambda x: (tg.sum(x**3), x), has_aux=True)(ONES)
    np.testing.assert_array_equal(np.diag([6.0, 12.0]), table)
    np.testing.assert_array_equal(ONES, aux)


def test_a_function_without_arguments_or_outputs_has_no_derivative():
    assert (1.0, ()) == (tg.vjp(lambda: 1.0)[0], tg.vjp(lambda: 1.0)[1](1.0))
    assert (1.0, 0.0) == tg.jvp(lambda: 1.0, (), ())
    assert ({}, {}) == tg.jvp(lambda x: {}, 1.0, 1.0)
    assert (0.0,) == tg.vjp(lambda x: {}, 1.0)[1]({})


def test_a_product_with_the_hessian_needs_no_room_for_the_hessian():
    x, v = np.linspace(0.0, 1.0, 100_000), np.ones(100_000)  # the Hessian would take 80 GB
    found = tg.hvp(lambda x: tg.sum(x**3) + tg.sum(x) ** 2, (x,), (v,))[0]
    np.testing.assert_allclose(found, 6 * x + 2 * len(x), rtol=1e-12)
