"""Tests of Jacobians and Hessians: their numbers, their shapes, and that they compose."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg


def rosenbrock(x):
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def test_the_hessian_of_rosenbrock_at_its_minimum():
    np.testing.assert_array_equal(
        [[802.0, -400.0], [-400.0, 200.0]], tg.hessian(rosenbrock)(np.ones(2))
    )


@given(st.integers(0, 2**16))
def test_products_with_the_hessian_and_the_jacobian_are_those_of_the_tables(seed):
    source = np.random.default_rng(seed)
    x, v, u = source.normal(size=4), source.normal(size=4), source.normal(size=3)
    a = source.normal(size=(4, 3))

    def f(x):
        return tg.tanh(x @ a) * x[0]

    j = tg.jacobian(f)(x)
    assert (3, 4) == j.shape
    np.testing.assert_allclose(tg.jvp(f, (x,), (v,))[1], j @ v, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(tg.vjp(f, x)[1](u)[0], u @ j, rtol=1e-10, atol=1e-12)
    h = tg.hessian(rosenbrock)(x)
    np.testing.assert_allclose(h, h.T, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(tg.hvp(rosenbrock, (x,), (v,))[0], h @ v, rtol=1e-9, atol=1e-8)


def test_shapes_of_jacobians_are_those_of_output_and_input():
    f = tg.jacobian(lambda x: tg.stack([x, 2.0 * x]))
    assert (2, 3, 4, 3, 4) == f(np.ones((3, 4))).shape
    assert (2, 0, 0) == f(np.ones(0)).shape
    assert (2,) == f(1.0).shape
    assert () == tg.jacobian(tg.sin)(1.0).shape


def test_a_jacobian_of_structures_has_one_table_for_each_pair():
    found = tg.jacobian(lambda p, q: {"s": p[0] + q, "t": p[1] * q}, (0, 1))([np.ones(2), 3.0], 5.0)
    np.testing.assert_array_equal(np.eye(2), found["s"][0][0])
    np.testing.assert_array_equal(np.ones(2), found["s"][1])
    assert (5.0, 3.0) == (found["t"][0][1], found["t"][1])


def test_the_hessian_of_a_whole_network_agrees_with_differences_of_its_gradient():
    source = np.random.default_rng(0)
    x, y = source.normal(size=(4, 2)), source.random((4, 1))
    parameters = [source.normal(size=s) for s in ((2, 3), (1, 3), (3, 1), (1, 1))]

    def loss(p):
        hidden = tg.sigmoid(tg.affine(x, p[0], p[1]))
        return tg.mse(y, tg.sigmoid(tg.affine(hidden, p[2], p[3])))

    blocks = tg.hessian(loss)(parameters)
    for i, parameter in enumerate(parameters):
        for index in np.ndindex(parameter.shape):
            moved = []
            for step in (1e-5, -1e-5):
                there = [p.copy() for p in parameters]
                there[i][index] += step
                moved.append(tg.grad(loss)(there))
            for j in range(4):
                difference = (moved[0][j] - moved[1][j]) / 2e-5
                np.testing.assert_allclose(blocks[i][j][index], difference, rtol=0, atol=1e-9)


def test_a_jacobian_can_be_differentiated_again():
    third = tg.jacobian(tg.hessian(lambda x: (x**4).sum()))(np.array([1.0, 2.0]))
    expected = np.zeros((2, 2, 2))
    expected[0, 0, 0], expected[1, 1, 1] = 24.0, 48.0
    np.testing.assert_allclose(third, expected, rtol=1e-14)
