"""Time and memory grow with the graph, and go with it."""

import gc
import sys
import time
import tracemalloc
import weakref
from itertools import pairwise

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import calls
from tinygrad_mlp.core import record


@pytest.fixture
def no_collector():
    """Switch the garbage collector off: what is freed is freed by its last reference."""
    gc.disable()
    yield
    gc.enable()


def chain(x, length):
    """A graph as deep as it can be, twice as many nodes as ``length``."""
    for _ in range(length // 2):
        x = x * 1.0 + 1.0
    return x


def test_a_million_operations_in_a_row(
    no_collector,
):  # micrograd: RecursionError; PyTorch once: a crash
    x = tg.Value(1.0)
    y = chain(x, 1_000_000)
    assert y.data == 500_001
    assert tg.grad(y, x) == 1
    assert len(tg.history(y)) == 1_000_001
    end = weakref.ref(y)
    del y
    assert end() is None


def test_a_deep_graph_of_gradients_is_freed_too(no_collector):
    x = tg.Value(1.0)
    y = chain(x, 100_000)
    y.backward(create_graph=True)
    assert x.grad.data == 1
    del x, y


def seconds_per_chain(length):
    """Processor time to build, differentiate and free a chain; the best of three."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        x = tg.Value(1.0)
        chain(x, length).backward()
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize("join", [tg.stack, tg.concatenate])
def test_time_is_linear_in_the_number_of_values_that_are_joined(no_collector, join):
    def seconds(count):
        values = [tg.Value([float(i)]) for i in range(count)]
        begin = time.process_time()
        gradients = tg.grad(tg.sum(join(values) * 2.0), values)
        seconds = time.process_time() - begin
        assert {2.0} == {gradient.item() for gradient in gradients}
        return seconds

    ratio = min(seconds(16_000) for _ in range(2)) / min(seconds(1_000) for _ in range(3))
    assert ratio < 64  # linear is 16, quadratic 256


def test_values_that_are_joined_in_groups_keep_their_order():
    values = [tg.Value([float(i), -1.0]) for i in range(5_000)]
    joined = tg.stack(values)
    assert joined.data[:, 0].tolist() == list(range(5_000))
    weights = np.arange(10_000.0).reshape(5_000, 2)
    gradients = tg.grad(joined, values, weights)
    np.testing.assert_array_equal(gradients, weights)


def test_time_is_linear_in_the_number_of_operations(no_collector):
    ratio = seconds_per_chain(160_000) / seconds_per_chain(10_000)
    assert ratio < 64  # linear is 16, quadratic 256


def test_an_operation_takes_at_most_400_bytes():
    x = tg.Value(1.0)
    length = 20_000
    tracemalloc.start()
    try:
        y = chain(x, length)
        graph, _ = tracemalloc.get_traced_memory()
        y.backward(retain_grads=False)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert graph / length <= 400
    assert after - graph < 5_000  # the gradient of x, and what Python keeps for itself
    assert peak / length <= 800


def test_a_value_without_options_keeps_no_dict_of_its_own():
    x = tg.Value(1.0)
    assert (x * 2.0).options is tg.exp(x).options is x.options


def test_stacked_diamonds_are_visited_once_each(monkeypatch):
    x = y = tg.Value(1.0)
    for _ in range(60):
        y = y + y
    visits = []

    def rule(g, *_):
        visits.append(g)
        return g

    monkeypatch.setattr(tg.add, "vjps", (rule, rule))
    assert tg.grad(y, x) == 2.0**60
    assert len(visits) == 120  # both sides of 60 sums, not 2**60 paths
    assert len(tg.history(y)) == 61


def test_many_small_graphs_leave_nothing_behind(no_collector):  # autograd, micrograd: cycles
    x, w, b = tg.Value(0.5), tg.Value(2.0), tg.Value(-1.0)

    def train(times):
        for _ in range(times):
            tg.tanh(x * w + b).backward()
            tg.zero_grad(x, w, b)

    train(100)
    before = sys.getallocatedblocks()
    train(200_000)
    assert sys.getallocatedblocks() - before < 1_000  # one block kept of each would be 200,000


@pytest.mark.parametrize("name", tg.OPS)
def test_a_graph_goes_with_its_last_reference(name, no_collector):
    for call in calls(name)[:3]:
        _, values, out = call.values()
        found = tg.grad(out, values, tg.Value(call.cotangent), create_graph=True)
        out.backward(call.cotangent)
        alive = [weakref.ref(value) for value in (*values, *found, out)]
        del values, found, out, _
        assert [reference() for reference in alive] == [None] * len(alive)


def test_interior_gradients_are_freed_on_the_way():
    x = tg.Value(np.ones(100_000))
    y = x
    for _ in range(20):
        y = tg.tanh(y)
    total = y.sum()
    tracemalloc.start()
    try:
        total.backward(retain_grads=False)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * x.data.nbytes  # not twenty


@pytest.mark.parametrize(("sizes", "count"), [((2, 3, 1), 4), ((64, 32, 10), 64)])
def test_catching_changed_numbers_costs_a_tenth_of_a_small_step(sizes, count, monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(count, sizes[0])), rng.random((count, sizes[-1]))
    layers = [
        (tg.Value(rng.normal(size=shape)), tg.Value(np.zeros((1, shape[1]))))
        for shape in pairwise(sizes)
    ]

    def step():
        h = x
        for W, b in layers:
            h = tg.sigmoid(tg.affine(h, W, b))
        tg.half_squared_error(y, h).backward(retain_grads=False)
        for parameter in (parameter for layer in layers for parameter in layer):
            parameter.data -= 0.01 * parameter.grad
            parameter.grad = None

    def time_of(keep):
        monkeypatch.setattr(record, "keep", keep)
        start = time.process_time()
        for _ in range(10):  # so short that some turns are left alone on a busy machine
            step()
        return time.process_time() - start

    keep = record.keep
    times = [(time_of(keep), time_of(lambda args, *_: args)) for _ in range(150)]
    with_it, without = (min(column) for column in zip(*times, strict=True))
    assert with_it < 1.25 * without  # 1.09 on a machine that is not busy
