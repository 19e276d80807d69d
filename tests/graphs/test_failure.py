"""Tests of errors that keep their Values: what they keep, and what is drawn of it."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.theme import THEMES
from tinygrad_mlp.graphs.failure import graph_of_error

RED = THEMES["light"].looks["error"].border


@pytest.fixture
def h():
    x = tg.Value(np.ones((4, 3)), label="x")
    return tg.tanh(x @ tg.Value(np.ones((3, 5)), label="W1"))


def caught(function, *args, **options):
    with pytest.raises(tg.TinygradError) as error:
        function(*args, **options)
    return error.value


def test_a_shape_error_keeps_the_arguments_of_the_operation(h):
    w = tg.Value(np.ones((4, 2)), label="W2")
    error = caught(lambda: h @ w)
    assert (h, w) == error.values
    assert "matmul" == error.operation
    assert [(4, 5), (4, 2)] == [shape for _, shape in error.operands]


def test_a_layer_that_does_not_fit_is_drawn_with_what_it_was_given():
    network = tg.Network(verbose=False)
    network.add(tg.FullyConnectedLayer(3, 2, rng=0))
    network.add(tg.FullyConnectedLayer(2, 2, rng=0))
    x = tg.Value(np.ones((1, 4)), label="x")
    error = caught(network, x)
    assert x is error.values[0]
    failed = graph_of_error(error).nodes[-1]
    assert "layer1" == failed.label
    assert ("x (1, 4)", "W (3, 2)", "b (1, 2)", "do not fit together") == failed.lines


def test_of_arrays_it_keeps_the_shapes_alone(h):
    error = caught(tg.affine, h, np.ones((4, 2)), np.ones((1, 2)))
    assert (h,) == error.values
    assert (("x", (4, 5)), ("W", (4, 2)), ("b", (1, 2))) == error.operands
    assert "W (4, 2)" in graph_of_error(error).nodes[-1].lines


def test_other_errors_keep_what_they_speak_of_with_what_is_wrong_first(h):
    x = tg.Value(-1.0, label="x")
    with np.errstate(invalid="ignore"), tg.detect_anomaly():
        (value,) = caught(lambda: tg.log(2.0 * x)).values
    assert ("log", "multiply") == (value.op.name, value.args[0].op.name)
    assert (h,) == caught(h.backward).values
    assert (h,) == caught(h.backward, np.ones(3)).values
    with tg.no_grad():
        unrecorded = tg.exp(x)
    assert (unrecorded,) == caught(unrecorded.backward).values
    y = tg.Value([1.0, 2.0], label="y")
    assert (y,) == caught(setattr, y, "data", [1.0]).values


def test_the_graph_ends_with_the_operation_that_failed(h):
    w = tg.Value(np.ones((4, 2)), label="W2")
    graph = graph_of_error(caught(lambda: h @ w))
    failed = graph.nodes[-1]
    assert (failed.id,) == graph.outputs
    assert (graph.id_of(h), graph.id_of(w)) == failed.arguments
    assert ("x (4, 5)", "y (4, 2)", "do not fit together") == failed.lines
    assert "matmul" in graph.note


def test_what_failed_is_red_with_its_shapes_and_nothing_else_is(h, tmp_path):
    error = caught(lambda: h @ tg.Value(np.ones((4, 2))))
    svg = layered_svg(graph_of_error(error))
    assert RED in svg
    assert RED not in layered_svg(tg.Graph.of(h))
    for text in (">matmul<", "x (4, 5)<", "y (4, 2)<", "do not fit together"):
        assert text in svg
    assert RED in tg.draw(error).source
    for name in ("a.svg", "a.dot", "a.tex", "a.txt"):
        tg.save_drawing(error, tmp_path / name)
        assert "do not fit together" in (tmp_path / name).read_text("utf-8").replace(r"{\ }", " ")
    with pytest.raises(ValueError, match=r"tg.Graph.of\(\*error.values\)"):
        tg.save_drawing(error, tmp_path / "a.json")


def test_what_failed_before_any_gradient_does_not_say_that_there_is_none(h):
    assert "grad" not in tg.draw(caught(lambda: h @ tg.Value(np.ones((4, 2))))).source
    y = tg.Value([1.0, 2.0])
    y.backward(np.ones(2))
    assert "grad" in tg.draw(caught(lambda: y * np.ones(3))).source


def test_a_value_that_is_wrong_is_red_where_it_stands(h):
    graph = graph_of_error(caught(h.backward))
    assert [graph.id_of(h)] == [node.id for node in graph if node.role == "error"]
    assert layered_svg(graph).count(RED) >= 2


def test_a_large_graph_of_an_error_is_folded_and_keeps_what_failed():
    y = tg.Value(np.ones(3))
    for _ in range(1000):
        y = tg.tanh(y)
    source = tg.draw(caught(lambda: y * np.ones(4))).source
    assert "<B>multiply</B>" in source
    assert "folded" in source


def test_the_same_value_twice_gives_two_edges():
    x = tg.Value(np.ones((2, 3)), label="x")
    graph = graph_of_error(caught(lambda: x @ x))
    assert ("v0", "v0") == graph.nodes[-1].arguments


def test_copies_and_pickles_keep_it_all(h):
    error = caught(lambda: h @ tg.Value(np.ones((4, 2)), label="W2"))
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(error) is type(other)
        assert str(error) == str(other)
        assert error.operands == other.operands
        assert "W2" == other.values[1].label
        assert tg.draw(error).source == tg.draw(other).source


def test_an_error_makes_no_cycle():
    def fail():
        x = tg.Value(np.ones(3))
        try:
            x * tg.Value(np.ones(4))
        except tg.ShapeError as error:
            return weakref.ref(error.values[0]), weakref.ref(error)

    gc.disable()
    try:
        value, error = fail()
        assert value() is None
        assert error() is None
    finally:
        gc.enable()


def test_an_error_that_is_about_no_values_is_told(tmp_path):
    error = caught(tg.Value, "text")
    assert () == error.values
    with pytest.raises(ValueError, match="DataTypeError speaks of no Values"):
        tg.draw(error)
