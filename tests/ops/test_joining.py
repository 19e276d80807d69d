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


# ----- Blocks and grids -----

A, B, C = np.arange(6.0).reshape(2, 3), np.full((2, 1), 7.0), np.array([1.0, 2.0, 3.0, 4.0])
BLOCKS = {
    "a matrix": [[A, B], [C], [B[:1], A[:1]]],
    "rows": [C, 5.0, B[0]],
    "numbers": [[1.0, 2.0], [3.0, 4.0]],
    "depth of three": [[[A, B]], [[B, A]]],
    "more axes than lists": [A[None], B[None]],
    "an array": A,
    "a number": 3.0,
    "nothing in it": [[np.zeros((2, 0)), A]],
}


def values_of(nested, kept):
    """Nested lists with Values in the place of arrays, and a list of these."""
    if isinstance(nested, list):
        return [values_of(each, kept) for each in nested]
    kept.append(tg.Value(nested))
    return kept[-1]


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_are_joined_as_by_numpy_and_each_gets_its_part_of_the_gradient(name):
    wanted, kept = np.block(BLOCKS[name]), []
    values = values_of(BLOCKS[name], kept)
    for got in (tg.block(BLOCKS[name]), tg.block(values).data, np.block(values).data):
        assert (got.shape, got.dtype) == (wanted.shape, wanted.dtype)
        np.testing.assert_array_equal(got, wanted)
    numbered, out = np.arange(wanted.size, dtype=float).reshape(wanted.shape), tg.block(values)
    for value, found in zip(kept, tg.grad(out, kept, numbered), strict=True):
        assert found.shape == value.shape
    parts = values_of(BLOCKS[name], again := [])
    for value, found in zip(again, tg.grad(out, kept, numbered), strict=True):
        value.data = found  # put together again, the parts of the gradient are the gradient
    np.testing.assert_array_equal(tg.block(parts).data, numbered)


def test_blocks_take_the_type_of_numpys_and_compile():
    x = tg.Value(A.astype(np.float32))
    assert tg.block([[x, B.astype(np.float32)]]).dtype == np.float32
    assert tg.block([[x, B]]).dtype == np.block([[x.data, B]]).dtype == np.float64
    run = tg.compile(lambda a, b: tg.block([[a * 2.0, b], [b, a]]))
    np.testing.assert_array_equal(run(A, B), np.block([[A * 2.0, B], [B, A]]))


@pytest.mark.parametrize(
    ("blocks", "error", "words"),
    [
        ([], ValueError, "block: a list is empty"),
        ([[A], []], ValueError, "block: a list is empty"),
        ([[A], A], ValueError, "block: all lists must be of one depth, got .* 0 and 1"),
        ((A, A), TypeError, "block: lists say what is joined, got the tuple"),
        ([[A], (A,)], TypeError, "block: lists say what is joined, got the tuple"),
        ([[A, B.T]], tg.ShapeError, "block: concatenate: "),
        ([["a", A]], tg.DataTypeError, "block: arrays must be made of real numbers"),
    ],
)
def test_what_is_no_block_is_named(blocks, error, words):
    with pytest.raises(error, match=f"^{words}"):
        tg.block(blocks)


@pytest.mark.parametrize("options", [{}, {"indexing": "ij"}, {"sparse": True}])
@pytest.mark.parametrize(
    "xi", [[], [C], [C, B], [A, C, 2.0], [C, [], B], [np.float32([1, 2]), C, B, A[0]]], ids=len
)
def test_a_grid_is_that_of_numpy(xi, options):
    wanted = np.meshgrid(*xi, **options)
    got = tg.meshgrid(*xi, **options)
    assert type(got) is type(wanted)
    values = [tg.Value(x) for x in xi]
    for one, value, plain in zip(got, tg.meshgrid(*values, **options), wanted, strict=True):
        assert (one.dtype, one.shape) == (value.dtype, value.shape) == (plain.dtype, plain.shape)
        assert one.flags.writeable
        np.testing.assert_array_equal(one, plain)
        np.testing.assert_array_equal(value.data, plain)
    if xi:
        for one, plain in zip(np.meshgrid(*values, **options), wanted, strict=True):
            np.testing.assert_array_equal(one.data, plain)


def test_a_coordinate_gets_the_gradients_of_all_points_that_have_it():
    x, y = tg.Value(C), tg.Value([1.0, 2.0, 3.0])
    upstream = np.random.default_rng(3).uniform(-1, 1, (3, 4))
    across, up = np.meshgrid(x, y)
    by_x, by_y = tg.grad(tg.sum(upstream * across * up**2), [x, y])
    np.testing.assert_allclose(by_x, y.data**2 @ upstream)
    np.testing.assert_allclose(by_y, 2 * y.data * (upstream @ x.data))
    plain, value = np.meshgrid(C, y, indexing="ij")
    assert type(plain) is np.ndarray
    assert type(value) is tg.Value
    run = tg.compile(lambda x, y: tg.meshgrid(x * 2.0, y))
    for one, wanted in zip(run(C, y.data), np.meshgrid(2.0 * C, y.data), strict=True):
        np.testing.assert_array_equal(one, wanted)
    mapped = tg.vmap(lambda x: tg.meshgrid(x, C)[0])(A)
    np.testing.assert_array_equal(mapped, [np.meshgrid(row, C)[0] for row in A])


def test_a_grid_has_one_of_two_indexings():
    with pytest.raises(ValueError, match=r"^meshgrid: indexing must be 'xy' or 'ij', got 'yx'"):
        np.meshgrid(tg.Value(C), C, indexing="yx")
    with pytest.raises(tg.DataTypeError, match=r"^meshgrid: xi\[1\] must be made of real numbers"):
        tg.meshgrid(C, "a")
