"""How a function is watched while it runs on Values."""

import sys

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.programs.recording.tracing import Output, trace


def hidden(x, W):
    z = x @ W
    return tg.tanh(z)


def test_values_are_called_what_the_function_calls_them():
    def f(x, W):
        a = hidden(x, W)
        total = tg.sum(a)
        return total * 1.0

    program = trace(f, [np.ones((2, 3)), np.ones((3, 2))], {}).program
    assert ["z", "a", "total"] == [step.label for step in program.steps]
    assert ["x", "W"] == [program.labels[name] for name in program.inputs]


def test_a_label_is_stronger_than_a_variable():
    def f(x):
        y = tg.exp(x)
        y.label = "rise"
        return y + 1.0

    assert "rise" == trace(f, [1.0], {}).program.steps[0].label


def test_the_profiler_of_somebody_else_stays():
    events = []

    def count(*event):
        events.append(event)

    sys.setprofile(count)
    try:
        trace(lambda x: tg.exp(x), [1.0], {})  # noqa: PLW0108  a function of Python's own
        assert sys.getprofile() is count
    finally:
        sys.setprofile(None)
    assert events


def test_an_error_leaves_no_trace():
    with pytest.raises(ZeroDivisionError):
        trace(lambda x: x * (1 // 0), [1.0], {})
    assert sys.getprofile() is None
    assert bool(tg.Value(1.0))


def test_the_form_of_the_result_is_kept():
    result = trace(lambda x: {"y": [x + 1.0, 5], "x": (x,)}, [1.0], {}).result
    assert {"y": [Output(0), 5], "x": (Output(1),)} == result
