"""Tests of Jacobians and Hessians: their numbers, their shapes, and that they compose."""

from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.oracles import SLOPED, calls
from tinygrad_mlp.functional import tables


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


# ----- All outputs at once -----


def one_by_one(monkeypatch, f, *args):
    """The table from a backward pass for each output."""
    with monkeypatch.context() as patch:
        patch.setattr(tables, "_FEW", np.inf)
        return f(*args)


@pytest.mark.parametrize("name", SLOPED)
def test_the_jacobian_of_every_row_is_that_of_one_output_after_the_other(name, monkeypatch):
    monkeypatch.setattr(tables, "_FEW", 0)
    for call in calls(name):

        def f(*values, call=call):
            mixed, remaining = list(call.arguments), iter(values)
            for place in call.places:
                mixed[place] = next(remaining)
            return call.op(*mixed, **call.options)

        places = tuple(range(len(call.places)))
        jacobian = tg.jacobian(f, places)
        given = [call.arguments[place] for place in call.places]
        found, wanted = jacobian(*given), one_by_one(monkeypatch, jacobian, *given)
        for a, b in zip(found, wanted, strict=True):
            assert (a.shape, a.dtype) == (b.shape, b.dtype)
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def softly(x):
    return tg.softmax(tg.tanh(x) * 3.0) * tg.relu(x)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_batches_that_do_not_fit_into_memory_are_cut(dtype, monkeypatch):
    x = np.linspace(-1.0, 2.0, 9).astype(dtype)
    wanted = tg.jacobian(softly)(x)
    for largest in (1, 9 * 4, 9 * 9):
        monkeypatch.setattr(tables, "_LARGEST", largest)
        found = tg.jacobian(softly)(x)
        assert dtype == found.dtype
        np.testing.assert_allclose(found, wanted, rtol=1e-5 if dtype is np.float32 else 1e-13)


@pytest.mark.parametrize("transform", [lambda f: f, tg.compile], ids=["eager", "compiled"])
def test_third_derivatives_go_through_the_batch(transform):
    x = np.linspace(0.5, 1.5, 6)
    third = transform(tg.jacobian(tg.hessian(lambda x: tg.sum(tg.sin(x)) * x[0])))(x)
    wanted = np.zeros((6, 6, 6))
    for i in range(6):
        wanted[i, i, i] -= np.cos(x[i]) * x[0]
        for places in ((0, i, i), (i, 0, i), (i, i, 0)):
            wanted[places] -= np.sin(x[i])
    np.testing.assert_allclose(third, wanted, rtol=1e-12, atol=1e-14)


def test_what_where_did_not_choose_has_no_influence_on_a_table():
    def f(x):
        return tg.where(x.data > 0, tg.sqrt(x), x * 2.0)

    x = np.array([1.0, 4.0, -1.0, 0.0, -2.0, 9.0])
    with np.errstate(all="ignore"):
        found = tg.jacobian(f)(x)
    np.testing.assert_array_equal(np.diag([0.5, 0.25, 2.0, 2.0, 2.0, 1 / 6]), found)


def test_a_rule_that_looks_at_its_numbers_is_asked_for_each_output():
    @tg.operation(lambda g, out, x: g * 2.0 if float(tg.sum(g * g)) > 0 else g * 0.0)
    def doubled(x):
        return 2.0 * x

    np.testing.assert_array_equal(2.0 * np.eye(6), tg.jacobian(doubled)(np.ones(6)))


def test_a_jacobian_of_a_hundred_outputs_takes_at_most_three_tenths_of_one_by_one(monkeypatch):
    source = np.random.default_rng(0)
    first, second = source.normal(size=(2, 100, 100)) / 10
    x = source.normal(size=100)
    jacobian = tg.jacobian(lambda x: tg.tanh(tg.tanh(x @ first) @ second))
    times = [], []
    for _ in range(5):
        for each, f in zip(times, (jacobian, lambda x: one_by_one(monkeypatch, jacobian, x))):
            start = perf_counter()
            f(x)
            each.append(perf_counter() - start)
    assert min(times[0]) < 0.3 * min(times[1])
