"""Tests of graphs as text in a terminal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.terminal import MAXIMUM_DEPTH, MAXIMUM_LINES


def test_arguments_stand_below_their_result_in_order():
    x, w = tg.Value(2.0, "x"), tg.Value(0.25, "w")
    with tg.scope("head"):
        y = tg.sqrt(x * w * 2.0)
    y.label = "y"
    y.backward()
    wanted = """\
y = 1 ← √  grad 1  in head
└─ v4 = 1 ← ×  grad 0.5  in head
   ├─ v2 = 0.5 ← ×  grad 1  in head
   │  ├─ x = 2  grad 0.25
   │  └─ w = 0.25  grad 2
   └─ 2"""
    assert wanted == tg.tree(y)


def test_what_is_shared_is_written_once_and_marked_at_the_other_places():
    x = tg.Value(2.0, "x")
    y = x + x
    z = y * y
    wanted = """\
v2 = 16 ← ×
├─ total = 4 ← +
│  ├─ x = 2
│  └─ x ↑
└─ total ↑"""
    assert wanted == tg.tree(z)


def test_a_constant_is_its_number_and_no_gradient_is_no_zero():
    assert "v2 = 6 ← ×\n├─ 3\n└─ v0 = 2".replace("v0", "x") == tg.tree(3.0 * tg.Value(2.0, "x"))


def test_tensors_tell_their_shape_and_what_is_short_of_them():
    assert "v0 = (2, 2) [1 2; 3 4]" == tg.tree(tg.Value([[1.0, 2.0], [3.0, 4.0]]))
    assert "v0 = (28, 28) [mean 1; min 1, max 1]" == tg.tree(tg.Value(np.ones((28, 28))))


def test_what_is_long_tells_its_mean_and_its_ends_and_so_does_its_gradient():
    x = tg.Value(np.linspace(0.123456, 4.98765, 9).reshape(3, 3), "x")
    tg.sum(x * x).backward()
    told = "(3, 3) mean {}, {} to {}"
    value, gradient = told.format(2.56, 0.123, 4.99), told.format(5.11, 0.247, 9.98)
    assert f"x = {value}  grad {gradient}" == tg.tree(x)
    assert "x = (3, 3)  grad (3, 3)" == tg.tree(tg.Graph.from_json(tg.Graph.of(x).to_json()))


def test_a_graph_with_several_outputs_has_them_below_each_other():
    x = tg.Value(2.0, "x")
    assert "v1 = 4 ← ×\n├─ x = 2\n└─ x ↑\nx ↑" == tg.tree(tg.Graph.of(x * x, x))


def test_a_deep_graph_takes_no_recursion_and_a_bounded_text():
    y = tg.Value(1.0)
    for _ in range(100_000):
        y = tg.tanh(y)
    text = tg.tree(y)
    lines = text.splitlines()
    assert MAXIMUM_DEPTH + 3 == len(lines)
    assert f"… and {100_001 - MAXIMUM_DEPTH - 1:,} more of 100,001 nodes" == lines[-1]
    assert max(map(len, lines)) < 300


def test_a_wide_graph_is_cut_and_says_so():
    y = tg.stack([tg.Value(float(place)) for place in range(1000)])
    lines = tg.tree(y).splitlines()
    assert MAXIMUM_LINES + 1 == len(lines)
    assert 6 == len(tg.tree(y, max_lines=5).splitlines())


def test_a_stack_is_one_box():
    graph = tg.Graph.of(tg.stack([tg.Value(float(place)) for place in range(60)]))
    assert 61 == len(graph)
    assert ["stack"] == [node.op for node in graph if node.op]


@given(st.text(st.characters(codec=None), max_size=50))
def test_any_label_stays_on_its_line(label):
    assert 3 == len(tg.tree(tg.Value(1.0, label) * tg.Value(2.0, label)).split("\n"))
    tg.tree(tg.Value(1.0, label)).encode()


@pytest.mark.parametrize("wrong", [None, 1.0, [], [tg.Value(1.0), 1.0]])
def test_what_is_no_value_is_refused(wrong):
    with pytest.raises(TypeError, match="tree: values must be Values"):
        tg.tree(wrong)


def test_several_values_are_below_each_other():
    x = tg.Value(2.0, label="x")
    assert tg.tree(tg.Graph.of(x * x, x)) == tg.tree([x * x, x])


@pytest.mark.parametrize("wrong", [0, -1, 1.5, None, True])
def test_a_number_of_lines_that_is_none_is_refused(wrong):
    with pytest.raises((ValueError, TypeError), match=r"max_lines must be an int|at least 1"):
        tg.tree(tg.Value(1.0), max_lines=wrong)


def test_nothing_changes():
    x = tg.Value(2.0)
    y = tg.square(x + x)
    y.backward()

    def state():
        values = tg.history(y)
        return tg.Graph.of(y).to_json(), [(v.label, v.number, v.data, v.grad) for v in values]

    before = state()
    assert tg.tree(y) == tg.tree(y)
    assert before == state()
