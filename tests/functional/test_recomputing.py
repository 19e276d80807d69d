"""Tests of checkpoint: the same derivatives, to the bit, with less memory."""

import copy
import pickle
import tracemalloc

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import SLOPED, calls


@pytest.mark.parametrize("name", SLOPED)
def test_every_row_has_the_same_gradients_of_first_and_second_order(name):
    for call in calls(name):

        def f(*values, call=call):
            mixed, remaining = list(call.arguments), iter(values)
            for place in call.places:
                mixed[place] = next(remaining)
            return call.op(*mixed, **call.options)

        found = []
        for g in (f, tg.checkpoint(f)):
            values = [tg.Value(call.arguments[place]) for place in call.places]
            upstream = tg.Value(call.cotangent)
            out = g(*values)
            first = tg.grad(out, values, upstream, create_graph=True)
            along = sum(
                (tg.sum(s * call.directions[i]) for i, s in zip(call.places, first, strict=True)),
                start=tg.Value(0.0),
            )
            second = tg.grad(along, [*values, upstream])
            plain = tg.grad(out, values, call.cotangent)
            found.append([*plain, *(s.data for s in first), *second])
        for a, b in zip(*found, strict=True):
            assert (a.shape, a.dtype) == (b.shape, b.dtype)
            np.testing.assert_array_equal(a, b)


def test_derivatives_of_any_order_are_the_same():
    f, g = (lambda x: tg.sin(tg.exp(x) * x)), tg.checkpoint(lambda x: tg.sin(tg.exp(x) * x))
    for _ in range(4):
        f, g = tg.grad(f), tg.grad(g)
        np.testing.assert_allclose(g(0.3), f(0.3), rtol=1e-13)


def chain(wrap, layers):
    """The peak of memory of a gradient through a chain, and the gradients."""
    weight = tg.Value(np.linspace(0.5, 1.5, 64))

    def layer(x):
        for _ in range(10):
            x = tg.sin(x * weight)
        return x

    layer = wrap(layer)
    x = tg.Value(np.ones((4, 64)))
    tracemalloc.start()
    y = x
    for _ in range(layers):
        y = layer(y)
    found = tg.grad(y.sum(), [x, weight])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, found


def test_a_chain_of_a_thousand_layers_takes_at_most_a_fifth_of_the_memory():
    kept, wanted = chain(lambda f: f, 1000)
    recomputed, found = chain(tg.checkpoint, 1000)
    assert recomputed < kept / 5
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_values_around_the_function_get_their_gradients():
    w = tg.Value(2.0)
    scaled = w * 3.0

    @tg.checkpoint
    def f(x, *, power):
        return tg.sin(x * scaled + w) ** power

    x = tg.Value(0.4)
    y, wanted = f(x, power=2), tg.sin(x * scaled + w) ** 2
    assert tg.grad(wanted, [w, x, scaled]) == tg.grad(y, [w, x, scaled])
    assert tg.grad(tg.grad(wanted, w, create_graph=True), x) == pytest.approx(
        tg.grad(tg.grad(y, w, create_graph=True), x), rel=1e-14
    )


def test_an_argument_that_was_made_from_another_is_another():
    x = tg.Value(3.0)
    y = tg.checkpoint(lambda a, b: a * b)(x, x * x)
    assert 27.0 == tg.grad(y, x)
    assert 18.0 == tg.grad(tg.grad(y, x, create_graph=True), x)
    assert 6.0 == tg.grad(tg.checkpoint(lambda a, b: a * b)(x, x), x)


def test_structures_come_and_go_and_what_is_no_new_value_stays_itself():
    def f(p, x, name):
        h = tg.tanh(x * p["w"])
        return {"h": h, "half": tg.astype(tg.sum(h), np.float32), "name": name, "same": x, "n": 3}

    p, x = {"w": tg.Value([1.0, 2.0])}, tg.Value([[0.5], [0.25]])
    found, wanted = tg.checkpoint(f)(p, x, "layer"), f(p, x, "layer")
    assert ("layer", 3, True) == (found["name"], found["n"], found["same"] is x)
    assert (np.float32, (2, 2)) == (found["half"].dtype, found["h"].shape)
    inputs, u = [p["w"], x], np.arange(4.0).reshape(2, 2)
    for each in (found, wanted):
        each["loss"] = tg.sum(each["h"] * u) + each["half"] ** 2 + tg.sum(x)
    for a, b in zip(*(tg.grad(each["loss"], inputs) for each in (found, wanted)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)


def test_random_numbers_and_branches_are_those_of_the_first_run():
    source, runs = np.random.default_rng(0), []

    def f(x):
        runs.append(1)
        kept = source.random(x.shape) < 0.5
        return x * kept * (2.0 if x.sum() > 0 else 3.0)

    x = tg.Value(np.ones(20))
    y = tg.checkpoint(f)(x)
    np.testing.assert_array_equal(y.data, tg.grad(y, x, np.ones(20)))
    assert {0.0, 2.0} == set(y.data)
    assert 1 == len(runs)


def test_what_is_cut_off_inside_stays_cut_off():
    assert 2.0 == tg.grad(tg.checkpoint(lambda x: x * tg.stop_gradient(x)))(2.0)
    with pytest.raises(tg.TraceError, match="derivative of Value"):
        tg.grad(tg.checkpoint(lambda x: x * float(x)))(2.0)
    with tg.no_grad():
        y = tg.checkpoint(tg.sin)(tg.Value(1.0))
    with pytest.raises(RuntimeError, match="inside no_grad"):
        tg.grad(y, tg.Value(1.0))


def test_arrays_in_arrays_out():
    assert np.float64 is type(tg.checkpoint(tg.sin)(0.5))
    assert isinstance(tg.checkpoint(lambda x: tg.Value(2.0))(0.5), tg.Value)


def test_a_change_of_data_between_forward_and_backward_is_told():
    x = tg.Value([1.0, 2.0])
    y = tg.checkpoint(lambda x: tg.sin(x) * x)(x)
    x.data = [3.0, 4.0]
    with pytest.raises(tg.GraphError, match="was modified"):
        tg.grad(y, x, np.ones(2))


def test_a_program_has_the_operations_once():
    f = tg.compile(tg.grad(lambda x: tg.sum(tg.checkpoint(lambda x: tg.sin(tg.exp(x)))(x))))
    x = np.array([0.1, 0.2])
    np.testing.assert_allclose(f(x), np.cos(np.exp(x)) * np.exp(x), rtol=1e-15)
    assert 1 == f.source.count("np.exp(")


def test_below_where_what_was_not_chosen_does_not_matter():
    def f(x):
        return tg.where(x.data > 0, tg.checkpoint(lambda x: tg.sqrt(tg.log(x)))(x), 0.0)

    with np.errstate(all="ignore"):
        found = tg.grad(lambda x: tg.sum(f(x)))(np.array([np.e, -1.0]))
    np.testing.assert_allclose(found[0], 0.5 / np.e, rtol=1e-15)


def test_a_graph_with_it_is_copied_pickled_and_drawn():
    y = tg.checkpoint(lambda x: (tg.sin(x), x * 2.0))(tg.Value(0.5))[0]
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        leaf = next(v for v in tg.history(twin) if v.op is None)
        assert np.cos(0.5) == tg.grad(twin, leaf)
    assert "function_call" in tg.draw(y).source
    assert "function_call" in {v.op.name for v in tg.history(tg.expand(y)) if v.op}
    assert "function_call" in str(tg.why(y, tg.history(y)[0]))
    with pytest.raises(TypeError, match="checkpoint: f must be a function"):
        tg.checkpoint(3)
