"""What is left of a recorded graph: the steps that compute something new."""

import numpy as np

import tinygrad_mlp as tg
from tinygrad_mlp.programs.recording.program import frozen
from tinygrad_mlp.programs.recording.tracing import trace


def steps(f, *args):
    """Names of the operations that a function becomes."""
    return [step.row.name for step in trace(f, args, {}).program.steps]


def test_a_gradient_has_no_factor_of_one_and_no_copy():
    x = np.ones((2, 3))
    assert ["cos"] == steps(tg.grad(lambda x: tg.sum(tg.sin(x))), x)
    assert ["subtract"] == steps(tg.grad(lambda x: tg.half_squared_error(np.ones((2, 3)), x)), x)


def test_what_nothing_needs_is_left_out():
    assert ["exp"] == steps(lambda x: (tg.log(x), tg.exp(x))[1], 2.0)
    assert ["exp"] == steps(tg.grad(tg.exp), 2.0)


def test_the_same_is_computed_once():
    assert ["sin", "add"] == steps(lambda x: tg.sin(x) + tg.sin(x), 2.0)
    assert ["sum", "sum", "add"] == steps(lambda x: x.sum(axis=0) + x.sum(axis=1), np.ones((2, 2)))


def test_what_undoes_the_step_before_is_left_out():
    x = np.ones((2, 3, 4))
    forth, back = (1, 2, 0), (2, 0, 1)
    assert ["exp"] == steps(lambda x: tg.exp(tg.negative(-x)), x)
    assert ["exp"] == steps(lambda x: tg.exp(x.transpose(forth).transpose(back)), x)
    assert ["transpose"] * 2 + ["exp"] == steps(
        lambda x: tg.exp(x.transpose(forth).transpose(forth)), x
    )


def test_zeros_of_other_signs_are_not_the_same():
    assert ["add", "add"] == steps(lambda x: (x + 0.0, x + -0.0), 2.0)


def test_constants_are_computed_when_recorded():
    def f(x):
        return x * tg.exp(tg.Value(2.0)) * 3.0

    program = trace(f, [1.5], {}).program
    assert ["multiply", "multiply"] == [step.row.name for step in program.steps]
    assert np.exp(2.0) in program.constants.values()


def test_a_sum_to_a_shape_is_a_plain_sum():
    program = trace(
        tg.grad(lambda b: tg.sum(tg.sin(np.ones((4, 3)) + b))), [np.ones(3)], {}
    ).program
    last = program.steps[-1]
    assert ("sum", (0,), False) == (last.row.name, last.options["axis"], last.options["keepdims"])


def test_leaves_from_outside_are_captured_and_those_from_inside_are_constants():
    w = tg.Value(2.0, label="w")
    program = trace(lambda x: x * w + tg.Value(3.0), [1.0], {}).program
    assert [w] == list(program.captured.values())
    assert [3.0] == list(program.constants.values())


def test_arguments_that_nothing_depends_on_are_inputs_too():
    program = trace(lambda x, y: 2.0 * y, [1.0, np.ones(2)], {}).program
    assert [(), (2,)] == [np.shape(x) for x in program.inputs.values()]


def test_steps_tell_whose_gradient_they_are():
    def loss(x, W):
        z = x @ W
        return tg.sum(tg.tanh(z))

    program = trace(tg.grad(loss, 1), [np.ones((2, 3)), np.ones((3, 1))], {}).program
    labels = program.labels
    names = [(step.label, labels.get(step.primal)) for step in program.steps]
    assert ("z", None) in names
    assert (None, "z") in names
    assert (None, "W") == names[-1]


def test_wide_numbers_are_the_same_whatever_stands_in_their_padding():
    x = np.array([1.0, -0.0], np.longdouble)
    other = x.copy()
    if np.finfo(x.dtype).machep == -63:  # 10 bytes of each mean something
        other.view(np.uint8).reshape(2, -1)[:, 10:] = 7
    assert frozen(x) == frozen(other)
    assert frozen(x) != frozen(np.abs(x))
