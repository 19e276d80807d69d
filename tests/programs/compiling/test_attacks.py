"""Compiled functions under attack: each test is a way in which one was wrong, or might be."""

import copy
import functools
import gc
import linecache
import os
import pickle
import sys
import threading
import tracemalloc
import weakref
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.programs.compiling.test_compiled import follow, recipes, same
from tinygrad_mlp._support.structures import leaves

# ----- Whose memory -----


def test_a_result_that_is_a_view_lives_until_it_is_returned():
    def f(x):
        turned = tg.transpose(tg.sin(x))
        return turned, tg.exp(tg.cos(x) + 1.0) * tg.tanh(x)

    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert same(tg.compile(f)(x), f(x))


def own(name, x):
    """What an operation of one's own gives: its argument, or a view of it."""

    @tg.operation(lambda g, out, x: g)
    def itself_here(x):
        return x

    @tg.operation(lambda g, out, x: g[::-1])
    def turned_here(x):
        return x[::-1]

    @tg.operation(lambda g, out, x: g)
    def itself_if_positive_here(x):
        return x if x.min() > 0 else x * 1.0

    operations = itself_here, turned_here, itself_if_positive_here
    return {op.name: op for op in operations}[name](x)


VIEWS = {
    "einsum": lambda x: tg.einsum("ij->ij", x),
    "einsum turned": lambda x: tg.einsum("ij->ji", x).T,
    "einsum of a diagonal": lambda x: tg.einsum("ii->i", x),
    "einsum, dots": lambda x: tg.einsum("...->...", x),
    "diagonal": tg.diagonal,
    "flip": lambda x: tg.flip(x, 0),
    "an index": lambda x: x[::-1, :1],
    "split": lambda x: tg.split(x, 2)[1],
    "squeeze": lambda x: tg.squeeze(tg.expand_dims(x, 0), 0),
    "swapaxes": lambda x: tg.swapaxes(x, 0, 1),
    "one array stretched": lambda x: tg.broadcast_to(x, (2, 4, 4)),
    "itself": lambda x: own("itself_here", x),
    "turned": lambda x: own("turned_here", x),
    "itself at times": lambda x: own("itself_if_positive_here", x),
    "a layer": tg.ActivationLayer(lambda x: own("itself_here", x)),
}


@pytest.mark.parametrize("name", VIEWS)
def test_whatever_shares_memory_with_what_it_was_made_of_lives_as_long(name):
    def f(x):
        made = x * 2.0
        seen = VIEWS[name](made)
        rest = tg.exp(x) * x  # would take the place of what was made
        return seen, tg.sum(seen) + rest, seen * 3.0

    def step(x):  # seen is a view of what is overwritten
        return x * 3.0, VIEWS[name](x)

    for x in (np.arange(16.0).reshape(4, 4) + 1.0, np.arange(-8.0, 8.0).reshape(4, 4)):
        compiled = tg.compile(f)
        for sign in (1.0, -1.0, 1.0):  # a formula may give its argument in some runs only
            got, wanted = compiled(sign * x), f(sign * x)
            for one, other in zip(got, wanted):
                np.testing.assert_allclose(one, other, rtol=1e-14)
            slope = tg.grad(lambda x: tg.sum(f(x)[0] * f(x)[2]))
            np.testing.assert_allclose(tg.compile(slope)(x), slope(x), rtol=1e-13)
            given = sign * x
            wanted = [np.array(y) for y in step(given)]
            for one, other in zip(tg.compile(step, donate_argnums=0)(given), wanted):
                np.testing.assert_array_equal(one, other)


def test_a_result_that_is_copied_at_the_end_lives_until_then():
    def f(x, y):
        first = tg.sin(x)
        return first, tg.exp(tg.cos(first) + y) * tg.tanh(y), tg.sum(y)

    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    wanted = f(x, y)
    assert same(tg.compile(f, donate_argnums=1)(x, y), wanted)


# ----- What a program refers to -----


def test_a_computed_value_from_outside_is_taken_as_it_is():
    w = tg.Value(2.0)
    squared = w * w
    f = tg.compile(lambda x: x * squared)
    assert f(3.0) == 12.0
    w.data = 5.0
    assert f(3.0) == 12.0


def test_a_reused_output_may_be_the_next_argument():
    def f(x):
        return x + 1.0, x * 2.0

    step = tg.compile(f, reuse_outputs=True)
    first, _ = step(np.array([1.0, 2.0]))
    assert same(step(first), f(np.array([2.0, 3.0])))
    assert same(step(first[::-1]), f(np.array([4.0, 3.0])))


def test_arrays_to_write_into_have_memory_of_their_own():
    f = tg.compile(lambda x: (x + 1.0, x * 2.0))
    table = np.empty((2, 2))
    f.into([table[:, 0], table[:, 1]], np.array([1.0, 2.0]))
    assert table.tolist() == [[2.0, 2.0], [3.0, 4.0]]
    for arrays in ([table[0], table[0]], [table.ravel()[:2], table.ravel()[1:3]]):
        with pytest.raises(ValueError, match="shares memory with another one"):
            f.into(arrays, np.array([1.0, 2.0]))


def test_an_array_to_write_into_may_be_an_argument_but_not_that_of_a_value():
    w = tg.Value([1.0, 2.0])
    f = tg.compile(lambda x: (x + w, x * w))
    x = np.array([3.0, 4.0])
    assert same(f.into([x, np.empty(2)], x), (np.array([4.0, 6.0]), np.array([3.0, 8.0])))
    with pytest.raises(ValueError, match="or with a Value that is read"):
        f.into([w.data, np.empty(2)], np.array([3.0, 4.0]))


def test_the_array_of_a_value_that_is_read_cannot_be_donated():
    w = tg.Value([1.0, 2.0])
    f = tg.compile(lambda x, y: (x * y, x * w), donate_argnums=0)
    y = np.array([3.0, 3.0])
    f(np.array([1.0, 2.0]), y)
    with pytest.raises(ValueError, match="or with a Value that is read"):
        f(w.data, y)


@pytest.mark.parametrize("wrong", [None, [0.0, 0.0], np.broadcast_to(0.0, (2,)), np.float64(0)])
def test_what_cannot_be_written_into_is_refused(wrong):
    with pytest.raises(TypeError, match="arrays that can be written"):
        tg.compile(lambda x: x + 1.0).into([wrong], np.zeros(2))


def test_arrays_of_any_order_in_memory_are_written_into():
    def f(x, y):
        return x + 1.0, {"product": x @ y}, x.T @ x, tg.sum(x)

    compiled = tg.compile(f)
    x, y = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    wanted = leaves(f(x, y))[:3]
    orders = {
        "C": np.zeros,
        "Fortran": lambda shape: np.zeros(shape, order="F"),
        "with gaps": lambda shape: np.zeros((2 * shape[0], shape[1]))[::2],
        "reversed": lambda shape: np.zeros(shape)[::-1],
    }
    for make in orders.values():
        targets = [np.zeros((2, 3)), make((2, 4)), make((3, 3))]
        result = leaves(compiled.into(targets, x, y))
        assert all(a is b for a, b in zip(result, targets))
        for target, right in zip(targets, wanted):
            np.testing.assert_array_equal(right, target)


@pytest.mark.parametrize("power", [False, True])
def test_ones_in_another_order_in_memory_decide_about_the_order_of_a_sum(power):
    ones = np.ones((3, 2))

    def f(x):
        return tg.sum(x**ones) if power else tg.sum(ones * x), tg.average(x, (0, 1), ones)

    compiled = tg.compile(f)
    rng = np.random.default_rng(0)
    for _ in range(40):
        x = np.asfortranarray(rng.normal(size=(3, 2)))
        assert f(x) == compiled(x)


def test_nothing_is_written_if_one_array_does_not_fit():
    compiled = tg.compile(lambda x: (x + 1.0, x @ x))
    first = np.zeros((2, 2))
    read_only = np.zeros((2, 2))
    read_only.flags.writeable = False
    for wrong in (np.zeros((2, 3)), np.zeros((2, 2), np.float32), read_only, first, None):
        with pytest.raises((ValueError, TypeError)):
            compiled.into([first, wrong], np.ones((2, 2)))
        np.testing.assert_array_equal(np.zeros((2, 2)), first)


def test_into_takes_no_values():
    with pytest.raises(TypeError, match=r"pass their \.data"):
        tg.compile(lambda x: x + 1.0).into([np.empty(2)], tg.Value([1.0, 2.0]))


def test_a_compiled_function_inside_another_is_recorded_with_it():
    w = tg.Value(2.0)
    inner = tg.compile(lambda x: x * w)
    inner(np.ones(2))
    outer = tg.compile(lambda y: y + inner(np.ones(2)))
    outer(np.ones(2))
    w.data = 10.0
    assert outer(np.ones(2)).tolist() == [11.0, 11.0]


# ----- Arguments -----


def test_a_float_of_ones_own_class_is_a_float():
    class Rate(float):
        pass

    f = tg.compile(lambda x, rate: x * rate)
    for rate in (Rate(0.5), 0.25, Rate(2.0)):
        assert f(np.ones(2), rate).tolist() == [float(rate)] * 2
    assert "1 programs" in repr(f)


@pytest.mark.parametrize("wrong", [1.5, None, "0", -1, True, [0, "1"]])
def test_wrong_positions_to_donate_are_refused(wrong):
    with pytest.raises(TypeError, match="donate_argnums must be ints from 0 on"):
        tg.compile(lambda x: x, donate_argnums=wrong)


NAMES = ["type", "len", "id", "float", "IndexError", "add_reduce", "maximum_reduce", "dtype"]


@pytest.mark.parametrize(
    "name", [*NAMES, "float64", "__debug__", "None", "c0", "t1", "o0", "s1", "np", "run"]
)
@pytest.mark.parametrize("options", [{}, {"donate_argnums": 0}, {"reuse_outputs": True}])
def test_names_of_arguments_hide_nothing(name, options):
    def f(x, y, rate):
        x.label = name
        return tg.sum(x) + tg.max(y) + y * rate

    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    compiled = tg.compile(f, **options)
    wanted = f(tg.Value(x), tg.Value(y), 2.0).data
    for _ in range(3):
        assert same(compiled(x.copy(), y, 2.0), wanted)


@pytest.mark.parametrize("label", ["a\nraise SystemExit", "b\r  c", "d\0e", "\x0c\u2028f("])
def test_a_label_stays_in_its_comment(label):
    def f(x):
        y = tg.exp(x)
        y.label = label
        return y * 2.0

    assert same(tg.compile(f)(np.ones(2)), f(tg.Value(np.ones(2))).data)


def test_a_copy_of_a_compiled_function_compiles_anew():
    f = tg.compile(np.exp)
    f(np.ones(2))
    for twin in (copy.copy(f), copy.deepcopy(f), pickle.loads(pickle.dumps(f))):
        assert repr(twin) == "<compiled exp, 0 programs>"
        assert same(twin(np.ones(2)), np.exp(np.ones(2)))


class Callable:
    """Has attributes that are called as those of a compiled function are."""

    def __init__(self):
        self.f, self.source, self.report, self._entry, self._programs = [lambda x: 100 * x] * 5
        self.into = self._options = self._methods = self._printer = self.__wrapped__ = 100
        self.note = "mine"

    def __call__(self, x):
        return x * 2.0


def test_attributes_of_the_function_take_the_place_of_nothing():
    def f(x):
        return x * 2.0

    f.__dict__.update(vars(Callable()))
    for function in (f, Callable()):
        compiled = tg.compile(function)
        np.testing.assert_array_equal([2.0, 2.0], compiled(np.ones(2)))
        np.testing.assert_array_equal([2.0, 2.0], compiled.into([np.empty(2)], np.ones(2)))
        assert "program of" in compiled.report()
        assert compiled.note == "mine"
        with pytest.raises(AttributeError, match="none_such"):
            compiled.none_such  # noqa: B018  asking is the test


def test_a_function_that_is_compiled_twice_has_the_settings_of_both():
    def f(x):
        return x * 2.0

    x = np.ones(2)
    plain = tg.compile(tg.compile(f, donate_argnums=0))
    assert plain(x) is not x
    np.testing.assert_array_equal([1.0, 1.0], x)
    plain = tg.compile(tg.compile(f, reuse_outputs=True))
    assert plain(x) is not plain(x)
    donating = tg.compile(tg.compile(f), donate_argnums=0)
    assert donating(x) is x


def double(x):
    return x * 2.0


compiled_double = tg.compile(double)


@tg.compile
def triple(x):
    return x * 3.0


class Scaled:
    def __init__(self, gain):
        self.gain = gain

    @tg.compile
    def by_gain(self, x):
        return x * self.gain

    def __eq__(self, other):
        return True

    __hash__ = None


def test_what_can_be_imported_can_be_pickled():
    for f, factor in [
        (compiled_double, 2.0),
        (triple, 3.0),
        (tg.compile(triple), 3.0),
        (tg.compile(double, reuse_outputs=True), 2.0),
        (tg.compile(tg.sin), None),
        (Scaled(5.0).by_gain, 5.0),
        (tg.compile(Scaled(5.0).by_gain), 5.0),
    ]:
        for _ in range(2):
            twin = pickle.loads(pickle.dumps(f))
            wanted = np.sin(1.5) if factor is None else 1.5 * factor
            assert (twin(1.5), f(1.5)) == (wanted, wanted)
    assert pickle.loads(pickle.dumps(triple)) is triple
    twin = pickle.loads(pickle.dumps(tg.compile(double, reuse_outputs=True)))
    assert twin(np.ones(2)) is twin(np.ones(2))
    with pytest.raises((pickle.PicklingError, AttributeError), match="Can't"):
        pickle.dumps(tg.compile(lambda x: x))


# ----- Methods -----


def test_a_compiled_method_is_that_of_its_instance():
    one, two = Scaled(2.0), Scaled(3.0)  # which are equal
    for _ in range(2):
        assert (one.by_gain(1.0), two.by_gain(1.0), Scaled(4.0).by_gain(1.0)) == (2.0, 3.0, 4.0)
    assert "operations" in one.by_gain.report()
    assert one.by_gain.prepared(1.0)(np.float64(2.0)) == 4.0
    assert tg.grad(one.by_gain)(1.0) == 2.0
    assert repr(one.by_gain) == "<compiled by_gain, 1 programs>"
    assert Scaled.by_gain is Scaled.__dict__["by_gain"]


def test_an_object_among_the_arguments_is_looked_into_too():
    class Part:
        gain = 2.0

    part = Part()
    f = tg.compile(lambda p, x: x * p.gain)
    assert (f(part, 1.0), f(p=part, x=1.0)) == (2.0, 2.0)
    part.gain = 3.0
    assert (f(part, 1.0), f(p=part, x=1.0)) == (3.0, 3.0)


def test_programs_of_an_instance_go_with_it():
    instance = Scaled(2.0)
    instance.by_gain(np.ones(2))
    before, dead = len(Scaled.by_gain._methods), weakref.ref(instance)
    del instance
    assert dead() is None
    assert len(Scaled.by_gain._methods) == before - 1


def test_a_copy_of_an_instance_has_a_method_of_its_own():
    instance = Scaled(2.0)
    assert instance.by_gain(1.0) == 2.0
    twin = copy.deepcopy(instance)
    twin.gain = 5.0
    assert (twin.by_gain(1.0), instance.by_gain(1.0)) == (5.0, 2.0)


class Point(NamedTuple):
    x: Any
    y: Any

    @tg.compile
    def product(self, scale):
        return tg.sum(self.x * self.y) * scale


def test_self_may_be_a_tuple_of_arrays():  # no weak reference can be made of it
    assert Point(np.array([1.0, 2.0]), 3.0).product(2.0) == 18.0
    assert Point(np.array([1.0, 2.0]), 4.0).product(2.0) == 24.0


def test_donated_arguments_of_a_method_are_counted_with_self():
    class Model:
        @functools.partial(tg.compile, donate_argnums=1)
        def moved(self, W):
            return W + 1.0

        @functools.partial(tg.compile, donate_argnums=0)
        def wrong(self, W):
            return W

    W = np.zeros(2)
    assert Model().moved(W) is W
    with pytest.raises(ValueError, match="donate_argnums has 0, which is self"):
        Model().wrong(W)


def test_what_is_no_function_is_no_method_either():  # as in Python
    class Model:
        network = tg.compile(Callable())
        static = staticmethod(tg.compile(double))

        @classmethod
        @tg.compile
        def of_class(cls, x):
            return x * cls.gain

        gain = 7.0

    assert (Model().network(1.0), Model().static(1.0), Model().of_class(1.0)) == (2.0, 2.0, 7.0)


# ----- Results -----


@pytest.mark.parametrize(
    "f",
    [
        lambda x: (y for y in (x, x)),
        lambda x: {x * 2.0},
        lambda x: tg.vjp(tg.sin, x),
        lambda x: iter([x]),
        lambda x: object(),
    ],
)
def test_results_that_a_program_cannot_make_are_refused(f):
    with pytest.raises(TypeError, match="which cannot be made by a program; return"):
        tg.compile(f)(np.ones(2))


def test_threads_with_first_calls_of_different_kinds():
    f = tg.compile(lambda *x: sum(x[1:], x[0]))
    failed = []

    def work(count):
        results = [f(*[np.ones(2)] * count).tolist() for _ in range(300)]
        failed.extend(result for result in results if result != [count, count])

    threads = [threading.Thread(target=work, args=(1 + i % 3,)) for i in range(6)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not failed


# ----- Memory -----


def test_a_program_keeps_its_buffers_and_nothing_else_of_their_size():
    def f(x):
        for _ in range(20):
            x = tg.tanh(x) + x
        return tg.sum(x)

    slope = tg.compile(tg.grad(f))
    x = np.ones(100_000)
    tracemalloc.start()
    try:
        slope(x)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    buffers = int(slope.report().split("bytes of the buffers")[1].split()[0].replace(",", ""))
    assert held < 1.5 * buffers


def test_a_function_that_is_gone_leaves_no_text_behind():
    before = set(linecache.cache)
    f = tg.compile(lambda x: x * 2.0)
    f(np.ones(2))
    assert set(linecache.cache) - before
    del f
    gc.collect()
    assert not any(linecache.getlines(name) for name in set(linecache.cache) - before)
    linecache.checkcache()
    assert not set(linecache.cache) - before


def test_a_function_may_go_while_linecache_looks_for_changes(monkeypatch):
    linecache.cache["first"] = (0, 0.0, [], "first")  # so a file is looked for before the text
    held = [tg.compile(lambda x: x * 2.0)]
    held[0](np.ones(2))

    def let_go(path):
        if held:  # at the first of what may be thousands
            held.clear()
            gc.collect()
        raise FileNotFoundError(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", let_go)
        linecache.checkcache()
    assert not held
    assert "first" not in linecache.cache


# ----- Everything at once -----


@given(
    recipe=recipes(),
    seed=st.integers(0, 2**32 - 1),
    wanted=st.lists(st.integers(0, 99), min_size=1, max_size=4),
    donated=st.sets(st.integers(0, 2)),
    reuse=st.booleans(),
)
def test_any_results_in_the_middle_of_a_random_graph_with_any_donation(
    recipe, seed, wanted, donated, reuse
):
    def f(*tables):
        done = follow(recipe, *tables)
        results = [done[i % len(done)] for i in wanted]
        results = [x.T if i % 2 else x for i, x in zip(wanted, results)]  # views too
        later = [tg.exp(tg.cos(x) + 1.0) * tg.tanh(x) for x in done[-3:]]
        return [*results, *later]

    rng = np.random.default_rng(seed)
    compiled = tg.compile(f, donate_argnums=donated, reuse_outputs=reuse)
    for _ in range(3):
        tables = [rng.normal(size=(3, 3)) for _ in range(3)]
        expected = [x.numpy().copy() for x in f(*map(tg.Value, tables))]
        kept = [x.copy() for x in tables]
        assert same(compiled(*tables), expected)
        for i in {0, 1, 2} - donated:
            assert same(tables[i], kept[i])


# ----- Looking at numbers -----


@pytest.mark.parametrize(
    "twin", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_a_copy_of_a_value_would_be_the_same_in_every_run_and_is_refused(twin):
    with pytest.raises(tg.TraceError, match="copying or pickling needs the numbers"):
        tg.compile(lambda x: twin(x) * 2.0)(np.ones(2))


@pytest.mark.parametrize("question", [np.allclose, np.array_equal])
def test_a_question_with_one_answer_may_decide_in_where_but_not_in_if(question):
    f = tg.compile(lambda x, y: tg.where(question(x, y), x, 2.0 * y))
    for x, y in ([1.0, 1.0], [2.0, 3.0]):
        x, y = np.full(2, x), np.full(2, y)
        assert same(f(x, y), np.where(question(x, y), x, 2.0 * y))
    with pytest.raises(tg.TraceError, match="a branch"):
        tg.compile(lambda x: x if question(x, x) else 2.0 * x)(np.ones(2))
