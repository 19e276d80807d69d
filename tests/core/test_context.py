"""Tests of what holds inside a block: recording, scopes, lines and anomalies."""

import asyncio
import gc
import re
import threading
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.core import context
from tinygrad_mlp.core.context import differentiating
from tinygrad_mlp.core.watching import witnessed

# ----- Recording -----


def is_recording():
    return (tg.Value(1.0) * 2.0).op is not None


def test_no_grad_is_restored_after_nesting_and_exceptions():
    with tg.no_grad():
        with tg.no_grad():
            assert not is_recording()
        assert not is_recording()
        with pytest.raises(ZeroDivisionError), tg.no_grad():
            raise ZeroDivisionError
        assert not is_recording()
    assert is_recording()


def test_what_no_grad_makes_shares_no_memory():
    x = tg.Value([1.0, 2.0])
    with tg.no_grad():
        y = x.reshape(2, 1)
    y.data[...] = 9.0
    np.testing.assert_array_equal([1.0, 2.0], x.data)


def test_no_grad_decorates_functions():
    @tg.no_grad()
    def square(x):
        """Square it."""
        return x * x

    assert square(tg.Value(3.0)).op is None
    assert ("square", "Square it.") == (square.__name__, square.__doc__)
    assert is_recording()


def test_a_decorated_generator_does_not_leak_while_it_is_suspended():
    @tg.no_grad()
    def steps():
        received = yield is_recording()
        yield (received, is_recording())
        return "end"

    generator = steps()
    assert next(generator) is False
    assert is_recording()
    assert ("sent", False) == generator.send("sent")
    assert is_recording()
    with pytest.raises(StopIteration, match="end"):
        next(generator)
    assert is_recording()


def test_a_block_in_a_generator_is_left_when_the_generator_ends():
    def steps():
        with tg.no_grad():
            yield is_recording()

    assert [False] == list(steps())
    assert is_recording()


def test_threads_do_not_share_the_state():
    seen, entered, leave = [], threading.Event(), threading.Event()
    shared = tg.no_grad()

    def inside():
        with shared:
            entered.set()
            leave.wait(10)
            seen.append(is_recording())
        seen.append(is_recording())

    thread = threading.Thread(target=inside)
    thread.start()
    assert entered.wait(10)
    with shared:
        assert not is_recording()
    assert is_recording()
    leave.set()
    thread.join()
    assert [False, True] == seen


def test_threads_differentiate_separate_graphs_as_one_does():
    def train(seed):
        source = np.random.default_rng(seed)
        w = tg.Value(source.normal(size=(3, 3)))
        for _ in range(50):
            loss = tg.sum(tg.tanh(w @ w))
            tg.zero_grad(w)
            loss.backward()
            w.data -= 0.01 * w.grad
        return w.data

    together = {}
    threads = [
        threading.Thread(target=lambda seed=seed: together.update({seed: train(seed)}))
        for seed in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed in range(4):
        np.testing.assert_array_equal(train(seed), together[seed])


def test_asyncio_tasks_do_not_share_the_state():
    async def inside(event):
        with tg.no_grad():
            await event.wait()
            return is_recording()

    async def main():
        event = asyncio.Event()
        task = asyncio.create_task(inside(event))
        await asyncio.sleep(0)
        outside = is_recording()
        event.set()
        return outside, await task

    assert (True, False) == asyncio.run(main())


# ----- Scopes -----


def test_scopes_nest_and_are_restored():
    def fail():
        with tg.scope("b"):
            found.append(tg.Value(1.0) * 2.0)
            raise ZeroDivisionError

    found = []
    with tg.scope("a"):
        with pytest.raises(ZeroDivisionError):
            fail()
        outer = tg.Value(1.0)
    (inner,) = found
    assert ("a/b", "a", "") == (inner.scope, outer.scope, tg.Value(1.0).scope)
    with tg.no_grad(), tg.scope("c"):
        assert "c" == (tg.Value(1.0) * 2.0).scope


@pytest.mark.parametrize("name", ["", None, 3])
def test_a_scope_needs_a_name(name):
    with pytest.raises(ValueError, match="name"):
        tg.scope(name)


# ----- Lines -----


def test_errors_tell_where_a_value_was_made():
    with tg.trace_lines():
        w = tg.Value(np.ones((2, 3)), label="w")
        y = tg.sum(tg.exp(w), axis=0)
    with pytest.raises(ValueError, match=rf"label 'w'\) from line \d+ of {__file__}"):
        w @ np.ones(2)
    with pytest.raises(
        RuntimeError, match=rf"made by sum of shape \(3,\) from line \d+ of {__file__}"
    ):
        y.backward()
    assert " from line" not in tg.Value(1.0).described()


def test_the_line_is_the_users_even_inside_a_layer():
    network = tg.Network()
    network.add(tg.FullyConnectedLayer(2, 1, rng=0))
    with tg.trace_lines():
        y = network(tg.Value([[1.0, 2.0]]))
    assert __file__ in y.described()


def test_a_wrong_shape_in_a_long_program_is_found_by_its_lines():
    def program():
        rng = np.random.default_rng(0)
        x = tg.Value(rng.normal(size=(5, 4)), label="x")
        weights = [
            tg.Value(rng.normal(size=shape), label=f"W{layer}")
            for layer, shape in enumerate([(4, 8), (8, 8), (8, 8), (6, 3)])
        ]
        h = x
        for W in weights[:3]:
            h = h @ W
            h = h - tg.mean(h, axis=1, keepdims=True)
            h = h / tg.std(h, axis=1, keepdims=True)
            h = tg.tanh(h)  # the line of the one
        return h @ weights[3]  # the line of the other

    with tg.trace_lines(), pytest.raises(ValueError, match="matmul") as caught:
        program()
    source = Path(__file__).read_text(encoding="utf-8").splitlines()
    lines = [source[int(n) - 1] for n in re.findall(r"from line (\d+) of", str(caught.value))]
    assert "the line of the one" in lines[0]
    assert "tg.Value" in lines[1]
    assert "(5, 8) made by tanh" in str(caught.value)
    assert "(6, 3) (label 'W3')" in str(caught.value)
    assert "the line of the other" in source[caught.traceback[1].lineno]


def test_noted_lines_go_with_their_values():
    from tinygrad_mlp.core import context

    gc.collect()  # what the errors of other tests hold goes now, and not in between
    before = len(context._lines)
    with tg.trace_lines():
        y = tg.Value(1.0) * 2.0
    assert before + 2 == len(context._lines)
    del y
    assert before == len(context._lines)


# ----- Anomalies -----


def test_the_first_operation_that_makes_nan_is_named():
    x = tg.Value([1.0, -1.0], label="x")
    message = r"log gave nan for x of shape \(2,\) \(label 'x'"
    with (
        np.errstate(invalid="ignore"),
        tg.detect_anomaly(),
        pytest.raises(ArithmeticError, match=message),
    ):
        tg.exp(tg.log(x))
    tg.Value(np.nan) * 2.0  # outside, and not first: nothing is said


def test_in_a_network_the_first_operation_and_its_line_are_named():
    x = tg.Value([[1.0, 2.0]], label="x")
    W, V = tg.Value(np.full((2, 3), 400.0), label="W"), tg.Value(np.ones((3, 1)), label="V")

    def loss(W):
        hidden = tg.exp(x @ W)  # overflows
        scaled = hidden / tg.sum(hidden)  # inf / inf
        return tg.mse([[1.0]], tg.sigmoid(scaled @ V))

    with np.errstate(all="ignore"):
        assert np.isnan(loss(W).data)
        with tg.detect_anomaly(), tg.trace_lines(), pytest.raises(ArithmeticError) as caught:
            loss(W)
    message = str(caught.value)
    assert message.startswith("exp gave inf for x of shape (1, 3) made by matmul from line ")
    source = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert "# overflows" in source[int(re.search(r"line (\d+) of", message)[1]) - 1]


def test_in_a_network_the_first_rule_of_the_backward_pass_is_named():
    W = tg.Value([[1.0], [-1.0]], label="W")
    distance = tg.sqrt(tg.sum((tg.Value([[1.0, 1.0]]) @ W) ** 2))  # the slope of sqrt at 0
    loss = tg.tanh(distance) * 3.0
    with (
        np.errstate(all="ignore"),
        tg.detect_anomaly(),
        pytest.raises(ArithmeticError, match=r"made by sqrt of shape \(\) gave inf for Value made"),
    ):
        loss.backward()
    assert W.grad is None


def test_nan_that_came_in_is_not_blamed_on_an_operation():
    with tg.detect_anomaly():
        assert np.isnan((tg.Value(np.nan) * 2.0).data)


@pytest.mark.parametrize(
    ("create_graph", "message"),
    [
        (False, "made by sqrt.* gave inf for Value 'x'"),
        (True, "divide gave inf for .*made by sqrt"),  # the rule's own operation
    ],
)
def test_the_rule_that_makes_infinity_is_named(create_graph, message):
    x = tg.Value(0.0, label="x")
    y = tg.sqrt(x)
    with (
        np.errstate(divide="ignore"),
        tg.detect_anomaly(),
        pytest.raises(ArithmeticError, match=message),
    ):
        y.backward(create_graph=create_graph)
    assert x.grad is None


def test_what_is_differentiated_is_known_in_its_own_thread_only_and_until_the_end():
    x, other = tg.Value(2.0), tg.Value(3.0)
    seen = []
    with differentiating([x]):
        y = x * other
        with differentiating([other]), tg.scope("inner"):
            seen += [y.is_differentiated(), other.is_differentiated(), (other * 1.0).scope]
        thread = threading.Thread(target=lambda: seen.append(y.is_differentiated()))
        thread.start()
        thread.join()
        seen += [y.is_differentiated(), other.is_differentiated()]
    assert seen == [True, True, "inner", False, True, False]
    assert not y.is_differentiated()


def test_a_long_history_of_what_is_differentiated_is_walked_without_recursion():
    x = tg.Value(1.0)
    with differentiating([x]):
        y = x
        for _ in range(100_000):
            y = y * 1.0
        assert y.is_differentiated()


def test_a_slash_in_the_name_of_a_scope_does_not_make_two_of_it():
    with tg.scope("outer"), tg.scope("d/dx"):
        assert ["outer", "d∕dx"] == tg.Value(1.0).scope.split("/")
    network = tg.Network(verbose=False)
    network.add(tg.ActivationLayer())
    network.layers[0].name = "a/b"
    assert "a∕b" == network(tg.Value([[1.0]])).scope


@pytest.mark.parametrize("function", [tg.square, np.square, lambda x: x * x])
def test_any_function_can_be_computed_without_a_gradient(function):
    y = tg.no_grad()(function)(tg.Value(3.0))
    assert (9.0, None) == (y.data, y.op)


@pytest.mark.parametrize("setting", [tg.no_grad(), tg.scope("a"), differentiating([tg.Value(1.0)])])
def test_an_interrupt_while_a_block_is_entered_leaves_the_state_as_it_was(setting, monkeypatch):
    outer, state = context.current(), context._context

    class Interrupting:
        def set(self, new):
            state.set(new)
            if new is not outer:
                raise KeyboardInterrupt

    monkeypatch.setattr(context, "_context", Interrupting())
    with pytest.raises(KeyboardInterrupt), setting:
        pass
    assert context.current() is outer


def test_a_witness_sees_every_share_and_only_inside_its_block():
    x = tg.Value(3.0, label="x")
    y = x * x
    seen, inner = [], []
    with witnessed(lambda *edge: seen.append(edge)):
        y.backward()
        with witnessed(lambda *edge: inner.append(edge)):  # the innermost alone is asked
            y.backward()
        with tg.detect_anomaly():
            y.backward()
    y.backward()
    assert [(y, x, 1.0, 3.0)] * 2 == seen == inner
    assert 24.0 == x.grad
