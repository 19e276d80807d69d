"""Reductions of some elements, or with one number more, against NumPy and differences."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import relative_error, slope

X = np.array([[0.7, -0.2, 0.4], [0.8, 0.5, -0.3]])
MASKS = {
    "a table": np.array([[True, False, True], [False, True, False]]),
    "a row": [True, False, True],
    "a column": np.array([[True], [False]]),
    "all": True,
    "none": False,
}
OPTIONS = [{}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": (0, 1)}, {"axis": ()}]
BEGINNINGS = {"sum": 0.25, "prod": -2.0, "max": 0.45, "min": 0.45}
#: NumPy's functions, and formulas of those that it has under no such name.
NUMPYS = {name: getattr(np, name) for name in (*BEGINNINGS, "mean", "var", "std")} | {
    "logsumexp": lambda x, **options: np.log(np.sum(np.exp(x), **options)),
    "norm": lambda x, **options: np.sqrt(np.sum(x * x, **options)),
}
#: How many elements they need, at least; two for a spread, which has a kink where it is 0.
LEAST = {"mean": 1, "logsumexp": 1, "norm": 1, "var": 1, "std": 2}


def calls():
    """Yield functions and what else they are called with."""
    for name in NUMPYS:
        for mask in MASKS.values():
            for options in OPTIONS:
                counts = np.sum(np.broadcast_to(mask, X.shape), **options)
                begin = {"initial": BEGINNINGS[name]} if name in BEGINNINGS else {}
                if np.all(counts >= LEAST.get(name, 0)):
                    yield name, {**begin, "where": mask, **options}
        if name in ("sum", "prod"):
            yield name, {"where": MASKS["a table"]}
        if name in BEGINNINGS:
            yield name, {"initial": BEGINNINGS[name]}


CALLS = list(calls())


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("name", "options"), CALLS)
def test_some_elements_and_one_more_are_reduced_as_by_numpy(name, options, dtype):
    x = X.astype(dtype)
    wanted = NUMPYS[name](x, **options)
    ours = getattr(tg, name)
    theirs = [NUMPYS[name]] if hasattr(np, name) else []
    for function in (ours, *theirs):
        got = function(tg.Value(x), **options)
        assert type(got) is tg.Value
        assert got.dtype == dtype
        assert relative_error(got.data, wanted) < 8 * np.finfo(dtype).eps
    np.testing.assert_array_equal(ours(x, **options), got.data)
    np.testing.assert_array_equal(tg.compile(lambda x: ours(x, **options))(x), got.data)


@pytest.mark.parametrize(("name", "options"), CALLS)
def test_slopes_of_some_elements_agree_with_differences(name, options):
    rng = np.random.default_rng(1)
    way, other = rng.uniform(-1, 1, (2, *X.shape))
    function = getattr(tg, name)
    weights = rng.uniform(-1, 1, np.shape(function(X, **options)))

    def total(x):
        return tg.sum(weights * function(x, **options))

    found = np.sum(tg.grad(total)(X) * way)
    assert relative_error(found, slope(lambda t: total(X + t * way))) < 1e-11
    curvature = np.sum(tg.hvp(total, (X,), (way,))[0] * other)
    wanted = slope(lambda s: slope(lambda t: total(X + t * way + s * other)))
    assert relative_error(curvature, wanted) < 1e-8
    np.testing.assert_allclose(tg.compile(tg.grad(total))(X), tg.grad(total)(X), rtol=1e-14)


def test_a_reduction_of_none_of_the_elements_is_that_of_nothing():
    assert tg.logsumexp(tg.Value(X), where=False).data == -np.inf
    assert tg.sum(tg.Value(X), where=False).data == 0.0
    assert tg.max(tg.Value(X), where=False, initial=-2.0).data == -2.0
    for function in (tg.mean, tg.var, tg.std):
        with np.errstate(invalid="ignore"):
            assert np.isnan(function(tg.Value(X), where=False).data)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("shape", "axis"), [((0,), 0), ((3, 0), -1), ((0, 3), 1), ((2, 0, 3), 1)])
def test_a_sum_of_no_exponentials_has_the_logarithm_that_numpy_says(shape, axis, dtype):
    x = np.zeros(shape, dtype)
    for keepdims in (False, True):

        def total(x, keepdims=keepdims):
            return tg.logsumexp(x, axis=axis, keepdims=keepdims)

        wanted = np.logaddexp.reduce(x, axis=axis, keepdims=keepdims)
        for found in (total(x), total(tg.Value(x)).data, tg.compile(total)(x)):
            np.testing.assert_array_equal(found, wanted)
            assert found.dtype == dtype
        np.testing.assert_array_equal(tg.expand(total(tg.Value(x))).data, wanted)
        slopes = tg.grad(lambda x: tg.sum(tg.exp(total(x))))(x)
        assert (slopes.shape, slopes.dtype) == (shape, dtype)
    assert tg.logsumexp(x).dtype == dtype
    assert tg.logsumexp(x) == -np.inf


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("axis", [0, 1, (0, 1), None])
def test_the_softmax_of_nothing_is_nothing(axis, dtype):
    x = np.zeros((3, 0), dtype)
    for function in (tg.softmax, tg.log_softmax):

        def shares(x, function=function):
            return function(x, axis=axis)

        expanded = tg.expand(shares(tg.Value(x))).data
        for found in (shares(x), tg.compile(shares)(x), expanded, tg.grad(tg.sum)(shares(x))):
            assert found.shape == x.shape
        assert shares(x).dtype == dtype
        assert tg.hvp(lambda x: tg.sum(shares(x)), (x,), (x,))[0].dtype == dtype


def test_elements_that_are_left_out_may_be_anything():
    x = np.array([1.0, np.nan, 2.0, np.inf])
    mask = np.isfinite(x)
    with np.errstate(all="raise"):
        for function, wanted in (
            (lambda x: tg.sum(x * x, where=mask), [2, 0, 4, 0]),
            (lambda x: tg.prod(x, where=mask), [2, 0, 1, 0]),
            (lambda x: tg.max(x, where=mask, initial=0.0), [0, 0, 1, 0]),
            (lambda x: tg.mean(x, where=mask), [0.5, 0, 0.5, 0]),
            (lambda x: tg.var(x, where=mask), [-0.5, 0, 0.5, 0]),
            (lambda x: tg.std(x, where=mask), [-0.5, 0, 0.5, 0]),
        ):
            assert tg.grad(function)(x).tolist() == pytest.approx(wanted, rel=1e-15)


def test_one_more_shares_a_tie_and_may_be_a_value():
    x, start = tg.Value([1.0, 3.0]), tg.Value(3.0)
    for function, wanted, by_start in (
        (tg.max, [0, 0.5], 0.5),
        (tg.sum, [1, 1], 1),
        (tg.prod, [9, 3], 3),
    ):
        found = tg.grad(function(x, initial=start), [x, start])
        assert (found[0].tolist(), float(found[1])) == (wanted, by_start)


@pytest.mark.parametrize("name", BEGINNINGS)
@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0), (1, 0, 3)])
def test_a_reduction_of_nothing_is_what_it_begins_with(name, shape):
    x = np.zeros(shape)
    for options in ({}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": shape.index(0)}):
        wanted = getattr(np, name)(x, initial=1.5, **options)
        for kind in (np.copy, tg.Value):
            got = getattr(tg, name)(kind(x), initial=1.5, **options)
            np.testing.assert_array_equal(getattr(got, "data", got), wanted)
            assert isinstance(got, tg.Value) is (kind is tg.Value)
        value = tg.Value(x)
        found = tg.grad(tg.sum(getattr(tg, name)(value, initial=1.5, **options)), value)
        assert found.shape == shape


def test_a_mask_that_is_computed_is_compiled():
    def f(x):
        chosen = tg.sum(x**3, axis=0, where=x > 0.0) + tg.mean(x * x, axis=0, where=x < 0.75)
        return tg.sum(chosen + tg.max(x, axis=0, where=x < 0.75, initial=-1.0))

    compiled = tg.compile(tg.grad(f))
    for x in (X, -X, X[::-1]):
        np.testing.assert_allclose(compiled(x), tg.grad(f)(x), rtol=1e-15)


def test_half_precision_counts_many_chosen():
    x = np.ones(70_000, np.float16)
    mask = np.arange(70_000) > 0
    for name, wanted in (("mean", 1.0), ("var", 0.0), ("std", 0.0)):
        got = getattr(tg, name)(tg.Value(x), where=mask)
        assert (got.dtype, float(got)) == (np.float16, wanted)


def test_questions_about_some_elements_are_answered():
    for function in (np.any, np.all):
        for options in ({"where": MASKS["a table"]}, {"where": [True, False, False], "axis": 0}):
            np.testing.assert_array_equal(
                function(tg.Value(X) > 0, **options), function(X > 0, **options)
            )
            np.testing.assert_array_equal(function(tg.Value(X), **options), function(X, **options))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda x: tg.max(x, where=[True, False]),
            ValueError,
            "max: where may choose no .* give i",
        ),
        (lambda x: tg.sum(x, initial="a"), TypeError, "sum: initial must be a number, got 'a'"),
        (lambda x: tg.sum(x, initial=[1.0]), TypeError, r"initial must be a number, got \[1.0\]"),
        (lambda x: tg.sum(x, where=[1.0, 0.0]), TypeError, "where must be made of bools"),
        (lambda x: tg.sum(x, where=x), TypeError, "where must be made of bools"),
        (lambda x: tg.sum(x, where=[True] * 3), tg.ShapeError, r"where of shape \(3,\) must fit"),
        (lambda x: tg.sum(x, where=[[True] * 2] * 2), tg.ShapeError, r"of shape \(2, 2\) must"),
        (lambda x: tg.mean(x, initial=1.0), TypeError, "mean: initial is for sums"),
        (lambda x: tg.sum(x, initial=1.0, axes=0), TypeError, r"cannot be called so.*axes"),
        (lambda x: tg.sum(x, initial=1.0, axis=2), tg.ShapeError, "axis 2 does not exist"),
        (lambda x: tg.softmax(x, initial=1.0), TypeError, "cannot be called so"),
    ],
)
def test_what_is_no_part_and_no_number_is_refused(call, error, words):
    for kind in (np.array, tg.Value):
        with pytest.raises(error, match=words):
            call(kind([1.0, 2.0]))
