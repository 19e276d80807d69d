"""Tests of steps: what is counted is what is made."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import tinygrad_mlp as tg
from tinygrad_mlp.graphs.zoom.steps import Count, Steps, box, nothing, table_of

shapes = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)


def values(shape):
    return table_of((tg.Value(float(i + 1)) for i in range(int(np.prod(shape)))), shape)


def made(tables):
    """The Values that have an op, each once, that tables were made from."""
    outputs = [value for value in tables.flat if type(value) is tg.Value]
    return [v for v in tg.history(*outputs) if v.op] if outputs else []


@given(arrays.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
def test_each_broadcasts_and_is_counted_exactly(found):
    one, other = found.input_shapes
    out = Steps().each(tg.multiply, values(one), values(other))
    count = Count()
    assert count.each(tg.multiply, nothing(one), nothing(other)).shape == out.shape
    assert found.result_shape == out.shape
    assert len(made(out)) == count.total


@given(shapes, st.data())
def test_a_fold_is_numpys_reduction_and_is_counted_exactly(shape, data):
    axes = st.lists(st.integers(0, max(len(shape) - 1, 0)), unique=True)
    axis = data.draw(st.none() | axes.map(tuple)) if shape else None
    keepdims = data.draw(st.booleans())
    table, steps = values(shape), Steps()
    for op, wanted in ((tg.OPS["add"], np.sum), (tg.OPS["multiply"], np.prod)):
        out = steps.fold(op, table, axis, keepdims)
        numbers = steps.numbers(table).astype(float)
        assert np.allclose(
            steps.numbers(out).astype(float), wanted(numbers, axis=axis, keepdims=keepdims)
        )
        count = Count()
        assert count.fold(op, nothing(shape), axis, keepdims).shape == out.shape
        assert len(made(out)) == count.total


def test_counting_takes_no_memory():
    count = Count()
    products = count.each(tg.multiply, nothing((10_000, 1, 10_000)), nothing((1, 10_000, 1)))
    count.fold(tg.add, products, axis=-1)
    assert 10_000**3 + 10_000**2 * 9_999 == count.total


def test_a_step_between_numbers_leaves_a_number():
    out = Steps().each(tg.add, box(np.array([1.0, 2.0])), 1.0)
    assert [2.0, 3.0] == out.tolist()


@pytest.mark.parametrize("thing", [1.0, tg.Value(1.0), np.float32(1.0), np.array([1.0, 2.0])])
def test_a_box_holds_things_as_they_are(thing):
    table = box(thing)
    assert object == table.dtype
    assert np.shape(thing) == table.shape
    first = table.flat[0]
    assert first is thing or type(first) is type(np.ravel(thing)[0])


def test_constant_zeros_are_told_from_values():
    table = table_of([0.0, 1.0, tg.Value(0.0)], (3,))
    assert [True, False, False] == Steps().is_constant_zero(table).tolist()
