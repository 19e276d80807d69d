"""NumPy's functions without their layer of Python: the same bits, shapes and orders in memory."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import SLOPED, calls
from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.core.unwrapped import _NUMPY, OF_ARRAYS

RNG = np.random.default_rng(0)
TABLES = [
    RNG.normal(size=shape).astype(dtype)
    for shape in [(3,), (4, 3), (1, 1, 3), (2, 1, 4)]
    for dtype in (np.float16, np.float32, np.float64)
]
TABLES += [table.T for table in TABLES[3:6]] + [table[::-1] for table in TABLES[:6]]


def same(got, wanted):
    return type(got) is type(wanted) and got.dtype == wanted.dtype and np.array_equal(got, wanted)


@pytest.mark.parametrize("name", ["sum", "prod", "max", "min", "mean"])
@pytest.mark.parametrize("keepdims", [False, True])
def test_reductions_have_numpys_bits(name, keepdims):
    for x in TABLES:
        for axis in (None, 0, -1, tuple(range(x.ndim))):
            options = {"axis": axis, "keepdims": keepdims}
            got, wanted = getattr(_NUMPY, name)(x, **options), getattr(np, name)(x, **options)
            assert same(got, wanted), (name, x.shape, axis)


@pytest.mark.parametrize("scalar", [np.float32(0.1), np.float64(2.0)])
def test_numbers_are_stretched_as_by_numpy(scalar):
    for x in [scalar, *TABLES]:
        for shape in [(), np.shape(x), (5, *np.shape(x)), (0, *np.shape(x)), (2, 4, 3)]:
            try:
                wanted = np.broadcast_to(x, shape)
            except ValueError:
                with pytest.raises(ValueError, match="broadcast"):
                    _NUMPY.broadcast_to(x, shape)
                continue
            got = _NUMPY.broadcast_to(x, shape)
            assert np.array_equal(got, wanted)
            assert np.shape(got) == wanted.shape
            if shape:
                assert (got.strides, got.flags.writeable) == (wanted.strides, False)


def test_shapes_are_those_of_numpy():
    for x in TABLES:
        for axis in (0, -1, x.ndim, (0,), (x.ndim,)):
            assert same(_NUMPY.expand_dims(x, axis), np.expand_dims(x, axis))
        assert same(_NUMPY.reshape(x, (-1,)), np.reshape(x, (-1,)))
        order = tuple(range(x.ndim))[::-1]
        assert same(_NUMPY.transpose(x, order), np.transpose(x, order))
        assert same(_NUMPY.squeeze(x, ()), np.squeeze(x, ()))


RULED = [name for name in SLOPED if isinstance(tg.OPS[name].vjps, tuple)]


@pytest.mark.parametrize("name", RULED)
def test_a_rule_gives_the_same_bits_whether_it_calls_rows_or_formulas(name):
    for call in calls(name):
        output = call.values()[-1]
        known = (call.cotangent, output.numpy(), *output.inputs)
        for rule in filter(None, output.op.vjps):
            by_rows, by_formulas = (f(*known, **output.options) for f in (rule, OF_ARRAYS[rule]))
            assert by_formulas.dtype == by_rows.dtype
            np.testing.assert_array_equal(by_formulas, by_rows)


def test_a_rule_that_was_put_in_the_place_of_another_is_the_one_that_is_called():
    row = tg.OPS["exp"]
    real, row.vjps = row.vjps, (lambda g, out, x: 10.0 * g,)
    try:
        x = tg.Value(0.0)
        assert tg.grad(tg.exp(x), x) == 10.0
    finally:
        row.vjps = real


class Rule:
    """A rule with a state: equal to others of its kind, so it has no hash."""

    __hash__ = None

    def __eq__(self, other):
        return isinstance(other, Rule)

    def __call__(self, g, out, x):
        return 3.0 * g


def test_a_rule_needs_no_hash():
    triple = tg.Op(
        "triple", "x", forward="3.0 * {x}", vjps=(Rule(),), latex="3 {x}", doc="Three times x.",
        listed=False,
    )  # fmt: skip
    del FUNCTIONS["triple"]
    x = tg.Value(2.0)
    assert tg.grad(triple(x), x) == 3.0
