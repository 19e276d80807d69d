"""Programs as loops of numba: the numbers of NumPy, or NumPy itself and a word about it."""

import subprocess
import sys
import threading
from time import process_time
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.oracles import calls
from tests.programs.compiling.test_compiled import follow, recipes
from tinygrad_mlp._support.structures import leaves
from tinygrad_mlp.programs.compiling import loop_numbers, loops, lowering


@pytest.fixture
def numba():
    return pytest.importorskip("numba")


def plain_python(samples):
    """Stand in for numba: the loops are Python, and do the same, slowly."""

    def decorate(function):
        function.__globals__["exp"] = np.exp
        return function

    return decorate


def parameters(dtype, sizes=(3, 5, 2)):
    source = np.random.default_rng(1)
    shapes = [s for i, o in zip(sizes, sizes[1:]) for s in ((i, o), (1, o))]
    return [source.uniform(-1, 1, shape).astype(dtype) for shape in shapes]


def cross_entropy(x, y, *parameters):
    for W, b in zip(parameters[0::2], parameters[1::2]):
        x = tg.tanh(tg.affine(x, W, b))
    return -tg.mean(tg.sum(y * tg.log_softmax(x), axis=1))


def half_squared_error(x, y, *parameters):
    for W, b in zip(parameters[0::2], parameters[1::2]):
        x = tg.sigmoid(tg.affine(x, W, b))
    return tg.half_squared_error(y, x)


def close(got, wanted, ulps=4.0):
    """Whether numbers are within some ulp of the largest in their array, in the same types."""
    got, wanted = leaves(got), leaves(wanted)
    assert len(got) == len(wanted)
    for a, b in zip(got, wanted):
        assert type(a) is type(b)
        assert (np.shape(a), a.dtype) == (np.shape(b), b.dtype)
        bound = ulps * np.finfo(b.dtype).eps * np.max(np.abs(b), initial=0)
        np.testing.assert_allclose(a, b, rtol=0, atol=bound)
    return True


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("loss", [cross_entropy, half_squared_error])
def test_losses_and_their_gradients_are_those_of_numpy(numba, loss, dtype):
    source = np.random.default_rng(2)
    f = tg.value_and_grad(loss, argnums=(2, 3, 4, 5))
    compiled = tg.compile(f, backend="numba")
    for _ in range(3):
        x, y = (source.uniform(0, 1, (4, n)).astype(dtype) for n in (3, 2))
        everything = (x, y, *parameters(dtype))
        assert close(compiled(*everything), f(*everything))
        assert "for i0 in range" in compiled.fast_source


@pytest.mark.parametrize(
    "name", ["where", "minimum", "broadcast_to", "transpose", "power", "max", "mean", "clip"]
)
def test_rows_of_many_kinds_and_their_gradients_are_those_of_numpy(numba, name):
    call = max(calls(name), key=lambda call: max(np.size(x) for x in call.arguments))
    places = call.places

    def along(*given):
        rest = iter(given)
        arguments = [next(rest) if i in places else x for i, x in enumerate(call.arguments)]
        return tg.sum(call.op(*arguments, **call.options) * call.cotangent)

    f = tg.value_and_grad(along, argnums=tuple(range(len(places))))
    given = [np.asarray(call.arguments[i])[()] for i in places]
    compiled = tg.compile(f, backend="numba")
    assert close(compiled(*given), f(*given))
    assert "for i0 in range" in compiled.fast_source


def test_large_products_are_left_to_blas(numba):
    pytest.importorskip("scipy")  # numba calls its BLAS
    source = np.random.default_rng(2)
    x, W = source.random((32, 20)), source.random((20, 24))
    f = tg.grad(lambda x, W: tg.sum(tg.tanh(x[::2] @ W)), argnums=1)
    compiled = tg.compile(f, backend="numba")
    for each in (x, np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2]):
        assert close(compiled(each, W), f(each, W), ulps=20.0)
    assert "np.dot" in compiled.fast_source


@pytest.mark.parametrize("z", [[0.5, 1.0], [0.5, 500.0], [-800.0, 2.0]])
def test_both_ways_of_a_formula_that_branches_are_taken(numba, z):
    f = tg.grad(lambda z: tg.sum(tg.sigmoid(z)))
    compiled = tg.compile(f, backend="numba")
    compiled(np.zeros(2))  # recorded along one of them
    np.testing.assert_allclose(compiled(np.array(z)), f(np.array(z)), rtol=1e-15)


def test_the_largest_and_the_smallest_are_found_and_nan_wins(numba):
    compiled = tg.compile(lambda x: (tg.max(x), tg.min(x, axis=0)), backend="numba")
    for x in ([[1.0, 5.0], [3.0, -2.0]], [[np.nan, 5.0], [3.0, 7.0]], [[1.0, 2.0], [np.nan, 3.0]]):
        x = np.array(x)
        largest, least = compiled(x)
        np.testing.assert_array_equal(largest, np.max(x))
        np.testing.assert_array_equal(least, np.min(x, axis=0))


def test_a_step_of_middling_size_compiles_in_seconds(numba):
    given = np.ones((64, 64)), np.ones((64, 10)), *parameters(np.float64, (64, 32, 10))
    f = tg.compile(tg.grad(half_squared_error, argnums=(2, 3, 4, 5)), backend="numba")
    begin = process_time()
    f(*given)
    assert process_time() - begin < 60  # 3 here; with np.maximum in a loop it took minutes


@given(
    recipe=recipes(),
    seed=st.integers(0, 2**32 - 1),
    dtype=st.sampled_from([np.float64, np.float32]),
    donated=st.sets(st.integers(0, 2)),
)
def test_the_loops_of_random_graphs_compute_their_values_and_gradients(
    recipe, seed, dtype, donated
):
    def total(*tables):
        return tg.sum(tg.tanh(follow(recipe, *tables)[-1]))

    def f(*tables):
        return [*follow(recipe, *tables), *tg.grad(total, (0, 1, 2))(*tables)]

    rng = np.random.default_rng(seed)
    compiled = tg.compile(f, backend="numba", donate_argnums=donated)
    with patch.object(loops, "machine_code", plain_python), np.errstate(all="ignore"):
        for _ in range(2):
            tables = [rng.normal(size=shape).astype(dtype) for shape in ((2, 3), (1, 3), (2, 1))]
            wanted = f(*tables)
            try:
                results = compiled(*tables)
            except UserWarning:  # there is no loop for something
                return
            for got, expected in zip(results, wanted, strict=True):
                size = np.max(np.abs(expected[np.isfinite(expected)]), initial=1.0)
                bound = 1e-3 if dtype == np.float32 else 1e-9
                np.testing.assert_allclose(got, expected, rtol=bound, atol=bound * size)


def test_a_view_of_what_the_other_way_of_a_block_makes_is_read_after_it_is_made(monkeypatch):
    def turned(x):
        if np.maximum.reduce(x, axis=None, initial=0.0) < 1.0:
            return x + 1.0
        rise = np.exp(x)
        return rise.T + rise

    monkeypatch.setattr(lowering, "PROTECTED", {*lowering.PROTECTED, "turned"})  # follow it
    row = tg.Op(
        "turned", "x", forward="turned({x})", vjps=(None,), latex="t", doc="A branch.",
        functions={"turned": turned},
    )  # fmt: skip
    compiled = tg.compile(lambda x: 2.0 * row(x), backend="numba")
    with patch.object(loops, "machine_code", plain_python):
        for x in (np.full((2, 2), 0.5), np.arange(1.0, 5.0).reshape(2, 2)):
            np.testing.assert_allclose(compiled(x), 2.0 * turned(x), rtol=1e-14)


def test_loops_write_where_nothing_is_read_any_more():
    def f(x):
        for _ in range(20):
            x = tg.tanh(x) @ x
        return x

    compiled = tg.compile(f, backend="numba")
    with patch.object(loops, "machine_code", plain_python):
        x = np.random.default_rng(1).normal(size=(3, 3))
        np.testing.assert_allclose(compiled(x), f(x), rtol=1e-12)
    assert compiled.fast_source.count("np.empty") <= 5  # one for the result


def test_the_other_way_of_a_block_does_not_overwrite_what_it_reads():
    def f(x):
        z = x @ x
        return tg.sigmoid(z.T)

    compiled = tg.compile(f, backend="numba")
    with patch.object(loops, "machine_code", plain_python):
        for x in (np.eye(2), np.array([[1.0, 2.0], [3.0, 40.0]])):
            np.testing.assert_allclose(compiled(x), f(x), rtol=1e-12)


def test_a_view_of_a_donated_array_is_read_before_it_is_overwritten(numba):
    def f(W):
        return W.T + 0.5 * W

    W = np.arange(9.0).reshape(3, 3)
    wanted = W.T + 0.5 * W
    result = tg.compile(f, donate_argnums=0, backend="numba")(W)
    np.testing.assert_array_equal(result, wanted)


def test_an_argument_given_twice_or_given_back_is_no_trap(numba):
    compiled = tg.compile(lambda x, y: [x, x.T, 2.0 * y + x], backend="numba")
    x = np.arange(4.0).reshape(2, 2)
    same, turned, sum_ = compiled(x, x)
    assert same is not x
    np.testing.assert_array_equal(turned, x.T)
    np.testing.assert_array_equal(sum_, 3 * x)


@pytest.mark.parametrize("shape", [(0,), (2, 0)])
def test_arrays_without_numbers_are_no_trap(numba, shape):
    f = tg.value_and_grad(lambda x: tg.sum(tg.exp(x) * x))
    assert close(tg.compile(f, backend="numba")(np.zeros(shape)), f(np.zeros(shape)))


@pytest.mark.parametrize(
    "index",
    [
        [2, 0, 2],
        [],
        [-1, -3],
        np.array([[0, 1], [2, 2]]),
        np.array([True, False, True]),
        np.eye(3, 4) > 0,
        ([0, 2], [1, 3]),
        (slice(None), [3, 0]),
        (None, [1, 0]),
        (..., np.array([True, False, False, True])),
        1,
        (0, -1),
    ],
    ids=repr,
)
def test_numbers_are_picked_by_lists_arrays_and_masks(monkeypatch, index):
    monkeypatch.setattr(loops, "machine_code", plain_python)
    x = np.arange(12.0).reshape(3, 4) + 1.0

    def f(x):
        return x[index], tg.exp(x * 0.1)[index] * 2.0, x.T.T[index] + x[index]

    compiled = tg.compile(f, backend="numba")
    for argument in (x, -x, np.asfortranarray(x)):
        for one, other in zip(compiled(argument), f(argument)):
            assert np.shape(one) == np.shape(other)
            np.testing.assert_allclose(one, other, rtol=1e-14)
    assert "@machine_code" in compiled.fast_source


def test_numba_takes_the_tables_of_what_is_picked(numba):
    def f(x):
        return x[[2, 0, 2]] * 2.0, x[np.array([True, False, True])], x[1]

    compiled = tg.compile(f, backend="numba")
    for one, other in zip(compiled(np.arange(3.0)), f(np.arange(3.0))):
        np.testing.assert_array_equal(one, other)
    assert "@machine_code" in compiled.fast_source


def test_a_view_that_einsum_gives_is_read_in_its_array(monkeypatch):
    monkeypatch.setattr(loops, "machine_code", plain_python)

    def f(x):
        turned = tg.einsum("ij->ji", x * 2.0)
        return turned, tg.exp(turned) * turned

    x = np.arange(6.0).reshape(2, 3)
    for one, other in zip(tg.compile(f, backend="numba")(x), f(x)):
        np.testing.assert_allclose(one, other, rtol=1e-14)


def test_division_by_zero_gives_what_it_gives_in_numpy(numba):
    compiled = tg.compile(lambda x, y: x / y, backend="numba")
    assert compiled(np.ones(3), np.ones(3)).sum() + compiled(1.0, 1.0) == 4  # to record it
    got = compiled(np.array([1.0, -1.0, 0.0]), np.zeros(3))
    np.testing.assert_array_equal(got, [np.inf, -np.inf, np.nan])
    assert compiled(1.0, 0.0) == np.inf


def test_the_exponential_function_is_right_to_one_ulp_everywhere(numba):
    edges = [0.0, -0.0, 709.78, 709.79, -708.5, -745.1, -745.2, np.inf, -np.inf, np.nan, 1e-300]
    x = np.concatenate([edges, np.random.default_rng(1).uniform(-708, 709, 20_000)])
    with np.errstate(all="ignore"):
        wanted = np.exp(x)
    compiled = tg.compile(tg.exp, backend="numba")
    compiled(np.zeros_like(x))  # to record it
    got = compiled(x)
    finite = np.isfinite(wanted)
    np.testing.assert_array_equal(got[~finite], wanted[~finite])
    distance = np.abs(got[finite] - wanted[finite]) / np.spacing(wanted[finite])
    assert distance[wanted[finite] > 1e-307].max() <= 2  # NumPy's is not exact either
    assert distance.max() <= 4  # near the smallest numbers of all


def test_threads_may_share_a_program(numba):
    compiled = tg.compile(lambda x: tg.sum(tg.square(x) * 2.0), backend="numba")
    compiled(np.ones(50))
    results = {}

    def work(number):
        results[number] = {float(compiled(np.full(50, float(number)))) for _ in range(200)}

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {n: {100.0 * n * n} for n in range(4)} == results


def test_what_has_no_loop_runs_with_numpy_after_one_warning(numba):
    f = tg.compile(lambda x: tg.sort(x) * 2.0, backend="numba")
    with pytest.warns(UserWarning, match="runs with NumPy: there is no loop for sort"):
        np.testing.assert_array_equal(f(np.array([2.0, 1.0])), [2.0, 4.0])
    np.testing.assert_array_equal(f(np.array([3.0, 2.0, 1.0])), [2.0, 4.0, 6.0])  # no second one


def test_without_numba_it_runs_with_numpy_after_one_warning(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    f = tg.compile(tg.square, backend="numba")
    with pytest.warns(UserWarning, match=r"square runs with NumPy: numba is not installed \(pip"):
        assert f(3.0) == 9.0
    assert f(np.array([3.0])) == [9.0]


def test_a_refusal_of_numba_is_told(numba, monkeypatch):
    monkeypatch.setattr(loops, "_TYPES", ("float64", "float16"))
    f = tg.compile(lambda x: x * x, backend="numba")
    with pytest.warns(UserWarning, match="runs with NumPy: numba"):
        assert f(np.array([3.0], np.float16)) == [9.0]


def test_a_backend_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="backend must be 'numpy' or 'numba', got 'numbers'"):
        tg.compile(tg.square, backend="numbers")


def test_numba_is_not_imported_before_it_is_needed():
    code = (
        "import sys, tinygrad_mlp as tg; tg.compile(tg.exp)(1.0); assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_text_is_the_same_in_every_process(numba):
    code = (
        "import numpy as np, tinygrad_mlp as tg\n"
        "f = tg.compile(tg.grad(lambda x: tg.sum(tg.sigmoid(x) @ x)), backend='numba')\n"
        "f(np.ones((2, 2))); print(f.fast_source)"
    )
    texts = {
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout
        for _ in range(2)
    }
    assert 1 == len(texts)


def test_a_place_in_a_view_is_found_in_its_array():
    whole = np.arange(24).reshape(2, 3, 4)
    views = [
        (whole, whole),
        (whole, whole.T),
        (whole, whole[1, ::-1, 1:4:2]),
        (whole, whole.reshape(6, 4)),
        (whole, whole.reshape(3, 2, 4)),
        (whole, whole.ravel()),
        (whole, np.broadcast_to(whole[:, :1], (5, 2, 3, 4))),
        (whole, whole[:, np.newaxis]),
    ]
    for array, view in views:
        for index in np.ndindex(view.shape):
            names = [f"i{axis}" for axis in range(view.ndim)]
            place = loop_numbers._place(array.shape, view, names)
            values = dict(zip(names, index))
            found = tuple(eval(text, values) for text in place)
            assert array[found] == view[index]
