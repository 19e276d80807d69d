"""What a compiled function reads around it is read anew when it has changed."""

import functools
import gc
import sys
import types
import warnings
import weakref

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.programs.recording.outside import Outside

RATE = 2.0


def helper(x):
    return x * RATE


class Part:
    __slots__ = ("__weakref__", "gain")

    def __init__(self):
        self.gain = np.array([1.0, 2.0])


class Model:
    shared = 3.0

    def __init__(self):
        self.W = np.array([[1.0, 2.0], [3.0, 4.0]])
        self.rate = 0.5
        self.layers = [np.ones(2), 7.0]
        self.table = {"b": np.ones(2)}
        self.value = tg.Value([1.0, 1.0])
        self.activation = tg.tanh
        self.part = Part()
        self.unread = 0

    def plainly(self, x):
        z = self.activation(x @ self.W) * self.rate + self.layers[0] * self.layers[1]
        return helper(z) + self.table["b"] * self.twice + self.value * self.part.gain

    step = tg.compile(plainly)

    @property
    def twice(self):
        return 2.0 * self.shared


def rebind(model):
    model.W = model.W * 5


def write(model):
    model.W[0, 1] += 1.0


CHANGES = {
    "an array is another": rebind,
    "an array is written into": write,
    "a number": lambda m: setattr(m, "rate", 0.25),
    "a type": lambda m: setattr(m, "rate", np.float32(0.5)),
    "a number of the class": lambda m: setattr(m, "shared", 1.0),
    "a number in a list": lambda m: m.layers.__setitem__(1, 9.0),
    "an array in a list": lambda m: m.layers[0].__setitem__(0, 5.0),
    "an array in a dict": lambda m: m.table.update(b=np.zeros(2)),
    "an array of a part": lambda m: m.part.gain.__setitem__(0, 4.0),
    "a part": lambda m: setattr(m, "part", type("Other", (), {"gain": np.array([3.0, 3.0])})()),
    "a value": lambda m: setattr(m, "value", tg.Value([2.0, 1.0])),
    "the data of a value": lambda m: m.value.data.__setitem__(0, 6.0),
    "an operation": lambda m: setattr(m, "activation", tg.sigmoid),
    "a function of NumPy": lambda m: setattr(m, "activation", np.sin),
    "a function": lambda m: setattr(m, "activation", lambda z: z * 3.0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_read_from_self_and_has_changed_is_read_anew(change):
    model, other, x = Model(), Model(), np.array([0.5, -1.0])

    def agrees(m):
        return np.array_equal(m.step(x), np.asarray(tg.Value(m.plainly(tg.Value(x)).data).data))

    assert agrees(model), agrees(other)
    before = model.step(x)
    CHANGES[change](model)
    assert agrees(model), agrees(other)
    assert change == "a type" or not np.array_equal(before, model.step(x))


def test_a_global_number_behind_a_helper_is_read_anew(monkeypatch):
    f = tg.compile(lambda x: tg.sum(helper(x)))
    assert f(np.ones(2)) == 4.0
    monkeypatch.setattr(sys.modules[__name__], "RATE", 5.0)
    assert f(np.ones(2)) == 10.0
    monkeypatch.setattr(sys.modules[__name__], "helper", lambda x: x)
    assert f(np.ones(2)) == 2.0


def wrapped(f):
    @functools.wraps(f)
    def inner(*args):
        return f(*args)

    return inner


WRAPPERS = {
    "grad": lambda f: tg.grad(lambda x: tg.sum(f(x))),
    "value_and_grad": lambda f: lambda x: tg.value_and_grad(lambda x: tg.sum(f(x)))(x)[1],
    "compiled": lambda f: tg.compile(tg.grad(lambda x: tg.sum(f(x)))),
    "a decorator": lambda f: tg.grad(wrapped(lambda x: tg.sum(f(x)))),
    "partial": lambda f: tg.grad(functools.partial(lambda g, x: tg.sum(g(x)), f)),
    "a default": lambda f: tg.grad(lambda x, g=f: tg.sum(g(x))),
}


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("size", [2, 2**14])  # bytes are compared at once, or number by number
def test_an_array_of_a_closure_is_read_anew_through_anything_around_it(wrapper, size):
    factor = np.full(size, 2.0)
    f = tg.compile(WRAPPERS[wrapper](lambda x: x * np.exp(factor)))
    x = np.ones(size)
    np.testing.assert_array_equal(np.exp(factor), f(x))
    factor[-1] = 3.0  # by NumPy it goes into another array, which nobody refers to
    np.testing.assert_array_equal(np.exp(factor), f(x))
    factor = np.zeros(size)
    np.testing.assert_array_equal(np.ones(size), f(x))
    factor = np.negative(factor)
    g = tg.compile(lambda x: x * np.copysign(1.0, factor))
    assert g(x)[0] == -1.0
    factor = np.zeros(size)
    assert g(x)[0] == 1.0  # equal is not enough


def test_a_rule_of_ones_own_reads_anew():
    factor = 2.0

    @tg.operation(lambda g, out, x: g * factor)
    def scaled_here(x):
        return x * 1.0

    f = tg.compile(tg.grad(scaled_here))
    assert f(1.0) == 2.0
    factor = 3.0
    assert f(1.0) == 3.0


def test_a_layer_that_is_added_to_a_network_is_computed():
    network = tg.Network(verbose=False)
    network.add(tg.FullyConnectedLayer(2, 2, rng=0))
    f = tg.compile(network)
    f(np.ones((1, 2)))
    network.add(tg.ActivationLayer("tanh"))
    np.testing.assert_array_equal(network(np.ones((1, 2))), f(np.ones((1, 2))))


def test_what_nothing_reads_and_what_is_equal_changes_no_program():
    model, x = Model(), np.array([0.5, -1.0])
    model.step(x)
    program = model.step.fast_source
    newest = model.step._programs.newest
    model.unread = 5
    model.rate = float("0.5")
    model.W = model.W.copy()
    model.step(x)
    assert (model.step._programs.newest, model.step.fast_source) == (newest, program)


def test_a_counter_of_the_function_itself_counts():
    count = 0

    def f(x):
        nonlocal count
        count += 1
        return x * count

    compiled = tg.compile(f)
    assert [compiled(1.0) for _ in range(3)] == [1.0, 2.0, 3.0]


def test_what_the_function_appends_does_not_ask_for_a_new_program():
    seen = [1.0]

    def f(x):
        seen.append(0)
        return x * seen[0]

    compiled = tg.compile(f)
    assert [compiled(2.0) for _ in range(3)] == [2.0] * 3
    assert len(seen) == 2
    seen[0] = 4.0
    assert compiled(2.0) == 8.0


def test_a_habit_of_changing_is_told_once_by_name():
    scale = 0.0
    f = tg.compile(lambda x: x * scale)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for step in range(20):
            scale = float(step)
            assert f(1.0) == scale
    (warning,) = caught
    assert "as scale has changed each time; make it an argument" in str(warning.message)
    assert warning.filename == __file__


def test_arrays_that_cannot_change_are_not_compared():
    fixed, open_ = np.ones(3), np.ones(3)
    fixed.flags.writeable = False
    conditions = list(Outside(lambda x: x * fixed * open_).conditions)
    assert [" is " in condition for condition in conditions] == [True, False]


def test_objects_that_lead_back_to_themselves_are_no_trap():
    class Node:
        def __init__(self):
            self.me, self.both, self.gain = self, [self, self], 2.0

        @tg.compile
        def scaled(self, x):
            return x * self.me.both[1].gain

    node = Node()
    assert node.scaled(1.0) == 2.0
    node.me.gain = 3.0
    assert node.scaled(1.0) == 3.0
    dead = weakref.ref(node)
    del node
    gc.collect()
    assert dead() is None


def test_modules_of_ones_own_are_looked_into():
    settings = types.ModuleType("settings_of_mine")
    settings.gain, settings.settings = 2.0, settings
    f = tg.compile(lambda x: x * settings.settings.gain)
    assert f(1.0) == 2.0
    settings.gain = 3.0
    assert f(1.0) == 3.0


def test_a_long_chain_of_objects_is_no_trap():
    class Link:
        def __init__(self, following):
            self.following, self.gain = following, 2.0

    chain = first = Link(None)
    for _ in range(500):
        chain = Link(chain)
    f = tg.compile(lambda x: x * (chain.following and first.gain))
    assert f(1.0) == 2.0
    first.gain = 3.0
    assert f(1.0) == 3.0


def test_a_prepared_program_checks_nothing():
    scale = 2.0
    run = tg.compile(lambda x: x * scale).prepared(1.0)
    scale = 3.0
    assert run(np.float64(1.0)) == 2.0
