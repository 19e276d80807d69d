"""Compiled functions against the eager ones: the same numbers, to the last bit."""

import gc
import subprocess
import sys
import threading
import traceback
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.matrices import SLOWLY
from tests.oracles import calls
from tinygrad_mlp._support.structures import leaves

every_row = pytest.mark.parametrize("name", tg.OPS)


def same(got, wanted):
    """Whether two structures hold the same numbers, in the same types, to the last bit."""
    got, wanted = leaves(got), leaves(wanted)
    return len(got) == len(wanted) and all(
        type(a) is type(b)
        and np.shape(a) == np.shape(b)
        and np.asarray(a).dtype == np.asarray(b).dtype
        and np.array_equal(a, b, equal_nan=True)
        for a, b in zip(got, wanted)
    )


def agrees(f, *args, others=()):
    """Whether a function compiled for some arguments does for these and others what it does."""
    compiled = tg.compile(f)
    return all(same(compiled(*each), f(*each)) for each in (args, *others, args))


# ----- Every row -----


def differentiated(call, dtype=np.float64):
    """Value and gradient of a row, as a function of its arguments, along the cotangent."""
    places = call.places
    masks = [x for i, x in enumerate(call.arguments) if i not in places]

    def along(*given):
        rest, fixed = iter(given), iter(masks)
        arguments = [next(rest if i in places else fixed) for i in range(len(call.arguments))]
        out = call.op(*arguments, **call.options)
        return tg.sum(out * call.cotangent.astype(dtype)), out

    def first(*given):
        return tg.grad(lambda *x: along(*x)[0], tuple(range(len(places))))(*given)

    def second(*given):
        return tg.grad(
            lambda *x: sum((tg.sum(g * g) for g in leaves(first(*x))), 0.0 * tg.sum(x[0])),
            tuple(range(len(places))),
        )(*given)

    return along, first, second


def kindred(call, dtype):
    """Arguments of a call, and others of the same shapes in its domain, in another order."""
    given = [np.asarray(call.arguments[i]).astype(dtype)[()] for i in call.places]
    # Copies: NumPy's loops for strided arrays may differ in the last bit from those for others.
    turned = [np.flip(x).copy() if np.ndim(x) else x for x in given]
    moved = [np.roll(x, 1)[()] if np.ndim(x) else x for x in given]
    if call.op.name in SLOWLY:
        moved = turned  # a matrix that is moved may be singular
    return given, [turned, moved]


@every_row
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_row_gives_what_it_gives_eagerly_to_order_two(name, dtype):
    for call in calls(name)[::2]:
        if not call.places:
            continue
        given, others = kindred(call, dtype)
        with np.errstate(all="ignore"):
            for f in differentiated(call, dtype):
                assert agrees(f, *given, others=others), (call, f.__name__)


# ----- Random graphs -----

UNARY = [tg.sigmoid, tg.tanh, tg.relu, tg.sin, tg.square, tg.softplus, tg.abs, lambda x: -x]
UNARY += [
    lambda x: x.sum(axis=0, keepdims=True),
    lambda x: x[::-1],
    lambda x: tg.exp(-tg.square(x)),
]
UNARY += [tg.softmax, lambda x: x.T.T * 2.0, lambda x: tg.where(x > 0.1, x, 0.5 * x)]
UNARY += [lambda x: tg.maximum(x, 0.25), lambda x: tg.logsumexp(x, axis=-1, keepdims=True)]
UNARY += [lambda x: x.mean(axis=1, keepdims=True), lambda x: tg.cumsum(x, axis=1), lambda x: x**3]
BINARY = [tg.add, tg.subtract, tg.multiply, tg.maximum, tg.hypot, tg.logaddexp]
BINARY += [
    lambda x, y: x / (1.5 + tg.square(y)),
    lambda x, y: tg.concatenate([x + y, x * y])[: len(x)],
]


@st.composite
def recipes(draw):
    """What to do with three tables, as numbers of functions and of earlier results."""
    length = draw(st.integers(1, 12))
    step = st.tuples(st.booleans(), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
    return draw(st.lists(step, min_size=length, max_size=length))


def follow(recipe, *tables):
    """Compute what a recipe says; every result may be used again."""
    done = list(tables)
    for alone, which, i, j in recipe:
        x, y = done[i % len(done)], done[j % len(done)]
        done.append(UNARY[which % len(UNARY)](x) if alone else BINARY[which % len(BINARY)](x, y))
    return done


@given(
    recipe=recipes(),
    seed=st.integers(0, 2**32 - 1),
    shape=st.sampled_from([(2, 3), (1, 1), (3, 2), (0, 3), (4, 4)]),
    dtype=st.sampled_from([np.float64, np.float32]),
)
def test_random_graphs_and_their_first_and_second_derivatives(recipe, seed, shape, dtype):
    rng = np.random.default_rng(seed)
    shapes = [shape, (1, shape[1]), (shape[0], 1) if shape[0] else shape]
    first, second = ([rng.normal(size=s).astype(dtype) for s in shapes] for _ in range(2))

    def total(*tables):
        return sum(tg.sum(tg.tanh(x)) for x in follow(recipe, *tables))

    def slopes(*tables):
        return tg.grad(total, (0, 1, 2))(*tables)

    def bends(*tables):
        return tg.grad(lambda *x: sum(tg.sum(g * g) for g in slopes(*x)), (0, 1, 2))(*tables)

    with np.errstate(all="ignore"):
        for f in (lambda *x: follow(recipe, *x), tg.value_and_grad(total), slopes, bends):
            assert agrees(f, *first, others=[second])


LAYOUTS = {
    "in order": tg.exp,
    "transposed": lambda x: tg.exp(x.T).T,
    "every second": lambda x: tg.concatenate([x, x], axis=1)[:, ::2],
    "reversed": lambda x: tg.sin(x)[::-1],
    "reversed columns, transposed": lambda x: tg.sin(x).T[::-1].T,
    "a part": lambda x: tg.concatenate([x, x], axis=1)[:, : x.shape[1]],
    "one row, repeated": lambda x: tg.broadcast_to(x[:1], x.shape),
    "one column, repeated": lambda x: tg.broadcast_to(x[:, :1], x.shape),
}


@pytest.mark.parametrize("right", LAYOUTS)
@pytest.mark.parametrize("left", LAYOUTS)
def test_products_of_matrices_in_every_layout(left, right):
    rng = np.random.default_rng(0)
    for n, k, m in [(2, 2, 2), (2, 10, 5), (3, 33, 16), (1, 10, 3), (3, 10, 1), (33, 1, 2)]:
        x, y = rng.normal(size=(n, k)), rng.normal(size=(k, m))
        assert agrees(lambda x, y: LAYOUTS[left](x) @ LAYOUTS[right](y), x, y)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_products_of_a_matrix_with_its_own_transpose_in_every_layout(layout):
    def f(x):
        y = LAYOUTS[layout](x)
        return y @ y.T, y.T @ y

    assert agrees(f, np.random.default_rng(0).normal(size=(33, 16)))


# ----- What is passed, and in what form -----


def test_arguments_and_results_may_be_nested():
    def f(parameters, x, *, scale):
        h = tg.tanh(x @ parameters["W"] + parameters["b"][0])
        return {"h": h, "parts": [h.sum(), (scale * h, 3.0, "name")], "x": x}

    parameters = {"W": np.ones((2, 3)), "b": [np.zeros(3)]}
    compiled = tg.compile(f)
    for x in (np.ones((4, 2)), np.zeros((4, 2)), np.ones((1, 2))):
        got, wanted = (g(parameters, x, scale=0.5) for g in (compiled, f))
        assert same([got["h"], got["parts"][0]], [wanted["h"], wanted["parts"][0]])
        assert got["parts"][1][1:] == (3.0, "name")
        assert got["x"] is not x
        assert same(got["x"], x)


def test_ints_and_texts_belong_to_the_program_and_floats_do_not():
    runs = []

    def f(x, power, rate, name):
        runs.append(name)
        return rate * x**power

    compiled = tg.compile(f)
    x = np.array([1.0, 2.0])
    for rate in (0.1, 0.2, 0.3):
        assert same(compiled(x, 2, rate, "a"), rate * x**2)
    assert runs == ["a"]
    assert same(compiled(x, 3, 0.1, "a"), 0.1 * x**3)
    assert same(compiled(x, 3, 0.1, "b"), 0.1 * x**3)
    assert runs == ["a", "a", "b"]


def test_a_python_float_does_not_widen():
    compiled = tg.compile(lambda x, rate: rate * x)
    assert compiled(np.ones(2, np.float32), 0.1).dtype == np.float32
    assert compiled(np.ones(2, np.float32), 0.1) is not compiled(np.ones(2, np.float32), 0.1)


def test_another_shape_or_type_is_another_program():
    compiled = tg.compile(lambda x: tg.sum(x * x))
    for x in (np.ones(3), np.ones((2, 2)), np.ones(3, np.float32), np.ones(3), 2.0, np.ones(())):
        assert same(compiled(x), tg.sum(x * x))
    assert "5 programs" in repr(compiled)


def test_integers_and_bools_become_floats():
    compiled = tg.compile(lambda x: x / 2.0)
    assert same(compiled(np.array([1, 2])), np.array([0.5, 1.0]))
    assert same(compiled(np.array([True, False])), np.array([0.5, 0.0]))


def test_values_go_through_the_function_itself():
    compiled = tg.compile(lambda x: x**3)
    assert tg.grad(compiled)(2.0) == 12.0
    assert tg.grad(tg.grad(compiled))(2.0) == 12.0
    assert tg.compile(tg.grad(compiled))(2.0) == 12.0


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError, match="f must be a function, got int 3"):
        tg.compile(3)
    with pytest.raises(TypeError, match="donate_argnums must be ints from 0 on, got -1"):
        tg.compile(tg.exp, donate_argnums=-1)


def test_arguments_that_cannot_be_compared_are_refused_by_name():
    with pytest.raises(TypeError, match=r"got set .*; arguments must be arrays or floats"):
        tg.compile(lambda x, y: x)(np.ones(2), {1})
    with pytest.raises(tg.DataTypeError, match="complex"):
        tg.compile(lambda x: x)(np.ones(2, complex))


def test_strided_and_read_only_arrays_are_arguments_like_others():
    x = np.arange(24.0).reshape(4, 6)
    compiled = tg.compile(lambda x: tg.sigmoid(x) @ x.T)
    for view in (x[::2, ::-1], np.broadcast_to(np.arange(3.0), (2, 3)), x[:2, 3:]):
        assert np.allclose(compiled(view), tg.sigmoid(view) @ view.T, rtol=1e-15, atol=0)
    frozen = x[:2].copy()
    frozen.flags.writeable = False
    assert same(compiled(frozen), tg.sigmoid(frozen) @ frozen.T)


def test_parameters_of_layers_are_read_at_every_call():
    network = tg.Network(verbose=False)
    for layer in (tg.FullyConnectedLayer(2, 3, rng=1), tg.ActivationLayer("tanh")):
        network.add(layer)
    compiled, x = tg.compile(network), np.ones((4, 2))
    assert same(compiled(x), network(x))
    network.layers[0].weights *= 2.0
    assert same(compiled(x), network(x))


def test_nothing_of_an_argument_is_needed():
    assert same(tg.compile(lambda x: np.ones(2))(3.0), np.ones(2))
    assert same(tg.compile(lambda x, y: 2.0 * y)(np.ones(3), np.ones(2)), np.full(2, 2.0))
    assert tg.compile(lambda x: None)(1.0) is None


# ----- Memory -----


def test_results_are_the_callers_own():
    compiled = tg.compile(lambda x: (x + 1.0, tg.exp(x), x.T, x))
    x = np.arange(6.0).reshape(2, 3)
    before = compiled(x)
    copies = [part.copy() for part in before]
    after = compiled(x + 10.0)
    assert same(list(before), copies)
    parts = [*before, *after, x]
    assert not any(np.shares_memory(a, b) for i, a in enumerate(parts) for b in parts[:i])
    assert all(part.flags.writeable for part in parts)


def test_reused_outputs_are_the_same_arrays_with_new_numbers():
    compiled = tg.compile(lambda x: x + 1.0, reuse_outputs=True)
    first = compiled(np.zeros(3))
    second = compiled(np.ones(3))
    assert first is second
    assert same(second, np.full(3, 2.0))


def test_the_same_array_may_be_passed_twice():
    def f(x, y):
        return x @ y.T + tg.sum(x * y)

    x = np.arange(4.0).reshape(2, 2)
    assert agrees(f, x, x)
    assert agrees(f, x, x.T)
    assert agrees(tg.grad(lambda x, y: tg.sum(f(x, y)), (0, 1)), x, x)


def test_one_result_may_be_returned_twice():
    def f(x):
        y = tg.exp(x)
        return y, y, y[0]

    assert agrees(f, np.ones((2, 2)))


def test_donated_arrays_hold_the_results():
    def step(W, b, x, rate):
        by_W, by_b = tg.grad(lambda W, b: tg.sum(tg.square(x @ W + b)), (0, 1))(W, b)
        return W - rate * by_W, b - rate * by_b, tg.sum(W)

    rng = np.random.default_rng(0)
    W, b, x = rng.normal(size=(2, 3)), rng.normal(size=(1, 3)), rng.normal(size=(4, 2))
    compiled = tg.compile(step, donate_argnums=(0, 1))
    for _ in range(3):
        wanted = step(W.copy(), b.copy(), x, 0.1)
        new_W, new_b, total = compiled(W, b, x, 0.1)
        assert new_W is W
        assert new_b is b
        assert same((new_W, new_b, total), wanted)


def test_a_donated_array_that_is_read_later_is_overwritten_last():
    def f(x, y):
        moved = x + 1.0
        return moved, moved @ x, y, x * 2.0

    rng = np.random.default_rng(1)
    for _ in range(2):
        x, y = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
        wanted = f(x.copy(), y.copy())
        compiled = tg.compile(f, donate_argnums=(0, 1))
        assert same(compiled(x.copy(), y.copy()), wanted)
        assert same(compiled(x, y), wanted)


def test_arguments_that_trade_places_are_not_lost():
    swap = tg.compile(lambda x, y: (y, x), donate_argnums=(0, 1))
    x, y = np.zeros(3), np.ones(3)
    assert same(swap(x, y), (np.ones(3), np.zeros(3)))


def test_a_donated_array_that_is_also_another_argument_is_read_before_it_is_written():
    def f(x, y):
        return x + 1.0, y * 2.0 + x

    compiled = tg.compile(f, donate_argnums=0)
    compiled(np.zeros(3), np.ones(3))
    for part in (slice(None), slice(None, None, -1)):
        x = np.arange(3.0)
        wanted = f(x.copy(), x[part].copy())
        moved, other = compiled(x, x[part])
        assert moved is x
        assert same((moved, other), wanted)


def test_two_donated_arrays_may_not_share_memory():
    compiled = tg.compile(lambda x, y: (x + 1.0, y + 1.0), donate_argnums=(0, 1))
    compiled(np.zeros(3), np.zeros(3))
    x = np.zeros(4)
    for y in (x[:3], x[1:]):
        with pytest.raises(ValueError, match=r"argument y .* shares memory .* pass a copy"):
            compiled(x[:3], y)
    assert same(x, np.zeros(4))


def test_a_donated_array_must_be_one_that_can_be_written():
    compiled = tg.compile(lambda x: x + 1.0, donate_argnums=0)
    frozen = np.zeros(3)
    frozen.flags.writeable = False
    for x in (frozen, np.zeros(3, int)):
        with pytest.raises(ValueError, match=r"writes into argument x .* got"):
            compiled(x)


def test_a_donated_argument_has_to_be_there():
    compiled = tg.compile(lambda x, y=1.0: x + y, donate_argnums=(0, 1))
    with pytest.raises(ValueError, match=r"donate_argnums has 1, .* arguments is 1"):
        compiled(np.ones(2))


def test_results_can_be_written_into_given_arrays():
    compiled = tg.compile(lambda x: (x + 1.0, tg.sum(x), x * 2.0))
    first, second = np.empty(3), np.empty(3)
    result = compiled.into([first, second], np.arange(3.0))
    assert result[0] is first
    assert result[2] is second
    assert same(result, (np.arange(3.0) + 1.0, np.float64(3.0), 2.0 * np.arange(3.0)))
    with pytest.raises(ValueError, match=r"takes a list of 2, .* got 1"):
        compiled.into([first], np.arange(3.0))
    with pytest.raises(tg.ShapeError, match=r"shape \(3,\) .* got one of shape \(4,\)"):
        compiled.into([first, np.empty(4)], np.arange(3.0))


def test_no_stale_number_leaks_into_a_later_call():
    compiled = tg.compile(lambda x: tg.sum(tg.where(x > 0, tg.log(tg.abs(x)), 0.0)) + tg.max(x))
    good, bad = np.array([1.0, 2.0, -3.0]), np.array([np.nan, np.inf, -1.0])
    wanted = compiled(good)
    with np.errstate(invalid="ignore"):
        compiled(bad)
    assert same(compiled(good), wanted)


# ----- Threads -----


def test_threads_do_not_disturb_each_other():
    def f(x):
        for _ in range(5):
            x = tg.sigmoid(x @ x.T) @ x
        return x

    compiled = tg.compile(f)
    rng = np.random.default_rng(2)
    tables = [rng.normal(size=(30, 20)) for _ in range(8)]
    wanted = [f(x) for x in tables]
    wrong = []

    def work(place):
        results = (compiled(tables[place]) for _ in range(50))
        wrong.extend(place for result in results if not same(result, wanted[place]))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# ----- Branches -----


@pytest.mark.parametrize(
    "look",
    [
        lambda x: x if x.sum() > 0 else -x,
        lambda x: x * float(x.sum()),
        lambda x: x * x.sum().item(),
        lambda x: tg.Value(x.data) * x,
        lambda x: x * x.numpy(),
        lambda x: x[np.argmax(x)],
        lambda x: x[x > 0],
        lambda x: x * len(np.nonzero(x)[0]),
        lambda x: x if 1.0 in x else -x,
        lambda x: f"{x.sum():.3f}",
        lambda x: x if (x == 2.0).any() else -x,
        lambda x: tg.where(x != x[::-1], x, 0.0),
        lambda x: tg.where(x != x, 0.0, x),  # noqa: PLR0124  which asks for nan
    ],
)
def test_looking_at_numbers_is_refused_with_the_way_out(look):
    with pytest.raises(tg.TraceError, match=r"compile: .*; .*(tg\.where|np\.equal)"):
        tg.compile(look)(np.array([1.0, 2.0, 3.0]))


def test_an_argument_that_is_an_index_has_to_belong_to_the_kind():
    pick = tg.compile(lambda table, places: table[places])
    table = np.arange(6.0).reshape(3, 2)
    with pytest.raises(tg.TraceError, match=r"an index needs the numbers of .* or a list of"):
        pick(table, np.array([2, 0]))
    assert same(pick(table, [2, 0]), table[[2, 0]])


def test_writing_grad_is_refused():
    def f(x):
        tg.sum(x * x).backward()
        return x.grad

    with pytest.raises(tg.TraceError, match=r"compile tg\.value_and_grad"):
        tg.compile(f)(np.ones(3))


def test_conditions_are_part_of_the_program():
    def f(x):
        positive = (x > 0) & ~(x > 2.0) | np.isnan(x)
        return tg.where(positive, x * x, 1.0), tg.sum(x * (x <= 1.0)), np.any(x > 2.0) * x

    assert agrees(f, np.array([1.0, -1.0, 3.0]), others=[[np.array([-1.0, np.nan, 0.5])]])


def test_answers_may_come_out():
    compiled = tg.compile(lambda x: (np.argmax(x, axis=1), x > 0, np.isfinite(x).all()))
    x = np.array([[1.0, -2.0], [3.0, 4.0]])
    for each in (x, -x):
        indices, positive, finite = compiled(each)
        assert indices.tolist() == np.argmax(each, axis=1).tolist()
        assert same(positive, each > 0)
        assert finite


def test_answers_are_compared_as_arrays_are():
    def accuracy(scores, targets, labels):
        found = np.argmax(scores, axis=1)
        right = found == np.argmax(targets, axis=1)
        return np.mean(right), np.mean(found != labels), np.mean(labels == found), found == 1

    scores, targets = np.eye(3)[[0, 1, 2]], np.eye(3)[[0, 1, 1]]
    assert agrees(accuracy, scores, targets, np.array([2, 1, 2]))


def test_equality_with_numbers_is_recorded_as_other_questions_are():
    x = np.array([1.0, 2.0, np.nan])
    for f in (
        lambda x: tg.where(x == 2.0, x, 0.0),
        lambda x: tg.where(x != 2.0, x, 0.0),
        lambda x: tg.where(tg.exp(x) == [1.0, np.e, 3.0], x, 0.0),
        lambda x: tg.where(np.array([1.0, 3.0, 2.0]) == x, x, 0.0),
        lambda x: (x == 1) * x,
        tg.grad(lambda x: tg.sum(tg.where(x == 2.0, x * x, x))),
    ):
        assert agrees(f, x, others=[[x[::-1].copy()], [2.0 * x]])


W = tg.Value([1.0, 2.0])


def _assign(x):
    W.data = np.array([7.0, 7.0])


def _assign_a_part(x):
    W.data[0] = 7.0


def _step(x):
    W.data -= 0.5


def _assign_grad(x):
    W.grad = 0


def _change_grad(x):
    W.grad[0] = 7.0


def _scale_grad(x):
    W.grad *= 2.0


def _write_to_what_is_made_inside(x):
    own = tg.Value([1.0, 2.0])
    x = x * own
    own.data = [3.0, 4.0]


@pytest.mark.parametrize(
    "write",
    [
        _assign,
        _assign_a_part,
        _step,
        _assign_grad,
        _change_grad,
        _scale_grad,
        _write_to_what_is_made_inside,
        lambda x: tg.zero_grad(W),
        lambda x: tg.zero_grad([W]),
        lambda x: W.adopt(np.array([7.0, 7.0])),
    ],
)
def test_a_write_to_a_value_would_be_done_once_and_is_refused(write):
    def f(x):
        write(x)
        return x * W

    def inside(x):
        return tg.grad(lambda x: tg.sum(f(x)))(x)

    W.grad = [5.0, 6.0]
    for call in (tg.compile(f), tg.compile(inside), lambda x: tg.source(f, x)):
        with pytest.raises(tg.TraceError, match="compile: "):
            call(np.ones(2))
        assert (W.data.tolist(), W.grad.tolist()) == ([1.0, 2.0], [5.0, 6.0])


def test_numbers_of_what_is_made_inside_can_be_read_and_not_written():
    def f(x):
        own = tg.Value([1.0, 2.0])
        y = x * own
        own.data[...] = 7.0
        return y + x * own

    with pytest.raises(ValueError, match="read-only"):
        tg.compile(f)(np.ones(2))
    assert agrees(lambda x: x * tg.Value([1.0, 2.0]).data, np.ones(2))


def test_a_label_may_be_given_while_compiling():
    def f(x):
        W.label = "W"
        return x * 2.0

    assert agrees(f, np.ones(2))


def test_values_are_still_found_in_sets_and_lists_and_told_from_other_things():
    def f(x, y, mode):
        assert x in {x, y}
        assert x in [x, y]
        assert x != "relu"
        assert x != None  # noqa: E711  what a careless person writes
        return x * y if mode == "product" else x + y

    assert agrees(f, np.float64(2.0), np.float64(3.0), "product")


def test_a_gradient_by_ints_is_compiled_too():
    def f(x, w):
        return w * x * x

    assert agrees(tg.grad(f), 3, 2.0)
    assert agrees(tg.value_and_grad(lambda pair: pair[0] * pair[1]), [2, 3])
    assert tg.compile(tg.grad(tg.grad(f)))(3, 2.0) == 4.0


def test_no_grad_is_kept_and_computed_anew():
    def f(x):
        with tg.no_grad():
            scale = tg.max(x)
        return tg.sum(x / scale)

    gradient = tg.grad(f)
    assert agrees(gradient, np.array([1.0, 2.0]), others=[[np.array([5.0, 3.0])]])


def test_a_formula_that_branches_takes_the_right_way_in_every_run():
    f = tg.grad(lambda z: tg.sum(tg.sigmoid(z)))
    small, large = np.array([1.0, -2.0]), np.array([-800.0, 710.0])
    assert agrees(f, small, others=[[large]])
    assert agrees(f, large, others=[[small]])
    compiled = tg.compile(f)
    compiled(small)
    assert "else:" in compiled.fast_source


def test_warnings_are_those_of_the_eager_function():
    compiled = tg.compile(lambda x: tg.logsumexp(x, axis=0) + tg.softplus(x[0]))
    minus_infinity = np.full(2, -np.inf)
    with np.errstate(all="ignore"):
        compiled(minus_infinity)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compiled(minus_infinity)
    logarithm = tg.compile(tg.log)
    logarithm(np.ones(2))
    with np.errstate(all="warn"), pytest.warns(RuntimeWarning, match="divide by zero"):
        logarithm(np.zeros(2))


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize(
    ("f", "good", "bad", "said"),
    [
        (tg.linalg.inv, np.eye(2), np.ones((2, 2)), "inv: Singular matrix; got a of shape (2, 2)"),
        (
            lambda x: tg.linalg.solve(x, np.ones((2, 3))) + tg.linalg.inv(x)[0, 0],
            np.eye(2),
            np.ones((2, 2)),
            "solve: Singular matrix; got a of shape (2, 2), b of shape (2, 3)",
        ),
        (
            tg.grad(lambda x: tg.sum(tg.linalg.cholesky(x))),
            np.eye(2),
            -np.eye(2),
            "cholesky: Matrix is not positive definite; got a of shape (2, 2)",
        ),
        (
            lambda x: tg.where(x > 0, tg.linalg.pinv(x), 0.0),
            np.eye(2),
            np.full((2, 2), np.nan),
            "pinv: SVD did not converge; got a of shape (2, 2)",
        ),
    ],
)
def test_numbers_without_a_result_are_refused_as_by_the_function_itself(
    f, good, bad, said, backend
):
    compiled = tg.compile(f, backend=backend)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "compile: everything runs with NumPy")
        warnings.filterwarnings("ignore", "compile: .* runs with NumPy")
        wanted = compiled(good)
    for call in (
        lambda: f(bad),
        lambda: compiled(bad),
        lambda: compiled.into([np.empty_like(wanted)], bad),
        lambda: compiled.prepared(bad)(bad, np.empty_like(wanted)),
    ):
        with pytest.raises(np.linalg.LinAlgError) as caught:
            call()
        assert said == str(caught.value)
    assert same(compiled(good), wanted)


# ----- Text -----


def test_tracebacks_show_the_line_of_the_program():
    compiled = tg.compile(lambda x: tg.log(tg.exp(x)))
    compiled(np.zeros(2))
    with np.errstate(all="raise"):
        try:
            compiled(np.full(2, 1e4))
        except FloatingPointError:
            text = traceback.format_exc()
    assert "exp(x, t1)" in text


def test_a_program_can_be_read_as_one_would_have_written_it():
    def f(x, n, *, rate):
        z = x @ x.T
        return rate * tg.exp(z) ** n

    compiled = tg.compile(f)
    compiled(np.ones((2, 2)), 3, rate=0.5)
    assert tg.source(f, np.ones((2, 2)), 3, rate=0.5) == compiled.source
    assert "z = x @ x.T" in compiled.source


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: tg.sum(tg.linalg.inv(x)), np.eye(2)),
        (lambda x: tg.linalg.solve(x.T @ x, np.ones(2)), np.arange(6.0).reshape(3, 2)),
        (tg.grad(lambda x: tg.sum(tg.linalg.cholesky(x))), np.eye(2)),
        (lambda x: tg.log(1 - x), np.zeros(2)),
        (lambda x: tg.exp(1000 * x) / (1 - x), np.zeros(2)),
    ],
)
def test_what_is_read_is_what_was_recorded_and_needs_no_other_numbers(f, x):
    compiled = tg.compile(f)
    compiled(x)
    assert tg.source(f, x) == compiled.source == compiled.source


def test_a_program_that_is_read_is_not_recorded_again():
    calls = []

    def f(x):
        calls.append(1)
        return tg.exp(x)

    compiled = tg.compile(f)
    compiled(np.ones(2))
    assert "np.exp(x)" in compiled.source
    assert [1] == calls


def test_what_was_recorded_keeps_no_numbers_of_the_arguments_and_of_the_steps():
    compiled = tg.compile(lambda x: tg.sum(tg.exp(x) * tg.sin(x)))
    x = np.ones(100_000)
    tracemalloc.start()
    try:
        compiled(x)
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    buffers = 2 * x.nbytes  # in which the program computes
    assert buffers <= kept < buffers + x.nbytes / 2


def test_the_text_is_the_same_in_every_process():
    program = """
import numpy as np, tinygrad_mlp as tg
f = tg.compile(tg.value_and_grad(lambda W, x: tg.mse(x, tg.sigmoid(x @ W)), (0, 1)))
f(np.eye(3), np.ones((2, 3)))
print(f.fast_source, f.report())
"""
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert 1 == len(texts)


def test_the_report_tells_what_reuse_saves():
    compiled = tg.compile(lambda x: tg.sum(tg.sigmoid(tg.sigmoid(tg.sigmoid(x)))))
    with pytest.raises(ValueError, match="has no program yet; call it once"):
        compiled.report()
    compiled(np.ones((100, 100)))
    lines = [line.rsplit(maxsplit=1) for line in compiled.report().splitlines()[1:]]
    numbers = {title: int(text.replace(",", "")) for title, text in lines}
    assert 4 == numbers["operations"]
    assert numbers["bytes of the buffers"] < numbers["bytes of these results"] / 3


@pytest.mark.parametrize("label", ["exp", "t1", "class", "1x", "λ", "", "o0", "np", "run"])
def test_any_label_makes_a_program(label):
    w = tg.Value(np.ones(3), label=label)
    compiled = tg.compile(lambda x: tg.exp(x * w) + tg.log(x))
    assert same(compiled(np.ones(3)), tg.exp(np.ones(3)) + tg.log(np.ones(3)))


# ----- Orders in memory -----


@pytest.mark.parametrize(
    "given",
    [
        np.ones((3, 2)),
        np.asfortranarray(np.ones((3, 2))),
        np.ones((3, 4))[:, ::2],
        np.ones((3, 2))[::-1],
    ],
    ids=["in rows", "in columns", "with gaps", "reversed"],
)
def test_a_donated_array_may_lie_in_memory_in_any_order(given):
    f = tg.compile(lambda x, W: x.T @ np.full((2, 2), 0.5), donate_argnums=1)
    for _ in range(3):
        np.testing.assert_array_equal(np.ones((3, 2)), f(np.ones((2, 3)), given.copy("K")))
        np.testing.assert_array_equal(np.ones((3, 2)), f(np.ones((2, 3)), given))


def test_what_was_recorded_with_a_stretched_array_is_right_for_others():
    def f(x):
        return tg.sum(x * x * 0.1, axis=(1, 0))

    rng = np.random.default_rng(0)
    compiled = tg.compile(f)
    compiled(np.broadcast_to(rng.random(7), (5, 7)))
    for y in rng.random((50, 5, 7)):
        assert f(y) == compiled(y)


def test_second_derivatives_above_a_selection_are_summed_in_the_order_of_the_function():
    def total(a, b):
        cosines, step = tg.cos(b + b * a), tg.ceil(a)
        chosen = tg.where(step > 0.5, 1.36, step)
        return tg.sum(np.array([-0.78, 0.22]) * cosines) + tg.sum(chosen)

    def everything(a, b):
        ways = np.array([0.49]), np.array([-0.24, -0.3])
        return tg.grad(total, (0, 1))(a, b), tg.hvp(total, (a, b), ways)

    rng = np.random.default_rng(0)
    compiled = tg.compile(everything)
    for a, b in zip(rng.normal(size=(60, 1)), rng.normal(size=(60, 2))):
        for wanted, got in zip(everything(a, b), compiled(a, b)):
            for one, other in zip(wanted, got):
                np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("shape", [(3, 1, 1), (20, 3, 1), (20, 1, 4), (7, 5, 4)])
def test_what_is_computed_of_constants_alone_lies_in_memory_as_it_did(shape):
    n, k, m = shape
    rng = np.random.default_rng(1)
    c, x, w = rng.normal(size=(n, m)), rng.normal(size=(n, k)), rng.normal(size=(k, m))

    def f(x, w):  # whose rule turns the cotangent c round
        return tg.sum(c * tg.cumsum(x @ w, axis=0))

    slopes = tg.grad(f, (0, 1))
    assert agrees(slopes, x, w)
    source = tg.source(slopes, x, w)
    namespace = {}
    exec(str(source), namespace)
    assert same(namespace[source.name](x, w, **source.constants), slopes(x, w))
