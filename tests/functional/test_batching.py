"""Tests of rows for a batch: every row gives what it gives for each example by itself."""

from itertools import product

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import calls
from tinygrad_mlp.functional.batching import RULES, Batch, Batched


def examples(call, size, chosen):
    """Arguments like those of a call; ``size`` different ones where they are chosen."""
    rng = np.random.default_rng(size)
    result = []
    for place, x in enumerate(call.arguments):
        if place not in chosen:
            result.append(x)
        elif x.dtype == bool:
            result.append(Batched(rng.random((size, *x.shape)) < 0.5))
        else:
            result.append(Batched(np.stack([x * (1 + 0.1 * k) for k in range(size)])))
    return result


@pytest.mark.parametrize("as_value", [False, True], ids=["arrays", "Values"])
@pytest.mark.parametrize("name", tg.OPS)
def test_every_row_gives_for_a_batch_what_it_gives_one_by_one(name, as_value):
    batch = Batch(3)
    for call in calls(name):
        values = [tg.Value(x) if i in call.places else x for i, x in enumerate(call.arguments)]
        options = dict(call.op(*values, **call.options).options)  # as a tape has them
        places = range(len(call.arguments))
        for some in list(product([True, False], repeat=len(places)))[:-1]:
            args = examples(call, 3, {place for place in places if some[place]})
            wanted = np.stack(
                [
                    call.op(*(x.whole[k] if isinstance(x, Batched) else x for x in args), **options)
                    for k in range(3)
                ]
            )
            if as_value:
                args = [
                    Batched(tg.Value(x.whole))
                    if isinstance(x, Batched) and x.whole.dtype != bool
                    else x
                    for x in args
                ]
            found = batch.call(call.op, *args, **options).whole
            found = found.data if isinstance(found, tg.Value) else found
            assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype), (call, some)
            np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12)


def test_every_rule_is_for_a_row_that_is_not_elementwise():
    assert RULES.keys() <= {name for name, row in tg.OPS.items() if not row.elementwise}


def test_a_row_of_ones_own_is_called_one_by_one():
    @tg.operation(lambda g, out, x: g * 0.0)
    def last(x):
        return x - x.ravel()[-1]  # not elementwise, as its author did not say

    found = Batch(2).call(last, Batched(np.array([[1.0, 2.0], [3.0, 5.0]]))).whole
    np.testing.assert_array_equal([[-1.0, 0.0], [-2.0, 0.0]], found)


@pytest.mark.parametrize(
    "index",
    [
        ([-4, 2], None, np.array(0)),
        ([1, 0], slice(None), np.array(1)),
        (np.array(1), slice(None), [1, 0]),
        (np.array(1), [1, 0]),
        (np.array(0), slice(None), np.array(1)),
        (np.array(True), [1, 0]),
        (np.array(True), slice(None), [1, 0]),
        (None, np.array(True), np.array(0)),
    ],
    ids=str,
)
def test_an_array_without_axes_is_an_index_as_an_int_is(index):
    xs = np.random.default_rng(0).normal(size=(3, 4, 2, 2))
    for f in (lambda x: x[index], tg.grad(lambda x: tg.sum(x[index] ** 2))):
        np.testing.assert_array_equal(tg.vmap(f)(xs), np.stack([f(x) for x in xs]))
