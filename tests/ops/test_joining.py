"""Joining many values: what they are, and that the work grows with their number."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.work import calls_of
from tinygrad_mlp.ops.joining import assembled, pieces

JOINS = {
    "stack": tg.stack,
    "concatenate": lambda values: tg.concatenate([v.reshape(1) for v in values]),
    "assembled": lambda values: assembled(values, (-1,)),
}
MANY = 10_000  # more than are joined at once


@pytest.mark.parametrize("join", JOINS.values(), ids=JOINS)
def test_the_work_of_joining_and_of_its_gradient_grows_with_the_number_of_values(join):
    def work(count):
        values = [tg.Value(float(i)) for i in range(count)]
        return calls_of(lambda: join(values).backward(np.ones(count)))

    work(2)  # what is only done once
    assert work(2000) < 2.2 * work(1000)


@pytest.mark.parametrize("join", JOINS.values(), ids=JOINS)
def test_each_of_many_values_gets_its_own_place_of_the_gradient(join):
    values = [tg.Value(float(i)) for i in range(MANY)]
    joined = join(values)
    upstream = np.random.default_rng(0).normal(size=MANY)
    joined.backward(upstream)
    assert list(range(MANY)) == joined.data.tolist()
    assert upstream.tolist() == [v.grad for v in values]


def test_many_values_of_any_shapes_are_assembled_in_order():
    shapes = [(), (2,), (0,), (1, 0, 3), (2, 3)] * 1000
    values = [tg.Value(np.full(shape, float(i))) for i, shape in enumerate(shapes)]
    whole = assembled(values, (3000, 3))
    upstream = np.random.default_rng(1).normal(size=whole.shape)
    whole.backward(upstream)
    assert np.array_equal(whole.data.ravel(), np.concatenate([v.data.ravel() for v in values]))
    assert np.array_equal(upstream.ravel(), np.concatenate([v.grad.ravel() for v in values]))
    assert shapes == [v.grad.shape for v in values]
    assert values == pieces(whole)


def test_a_number_is_assembled_of_what_has_one_element():
    x, nothing = tg.Value([2.0]), tg.Value(np.ones((0, 3)))
    for parts in ([x], [nothing, x], [x, nothing]):
        whole = assembled(parts, ())
        assert [3.0] == tg.grad(whole, x, 3.0).tolist()
        assert (0, 3) == tg.grad(whole, nothing).shape
        assert () == whole.shape


def test_one_of_many_numbers_can_be_asked_for():
    x = tg.Value(np.arange(5000.0), label="x")
    ledger = tg.why(tg.sum(x * x), x, index=4500)
    assert 9000.0 == ledger.total
