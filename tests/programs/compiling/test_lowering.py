"""Formulas taken apart into calls of NumPy."""

import numpy as np

import tinygrad_mlp as tg
from tinygrad_mlp.programs.compiling.lowering import lowered
from tinygrad_mlp.programs.recording.tracing import trace


def calls(f, *args):
    """Names of the functions that a compiled function calls."""
    found = lowered(trace(f, args, {}).program).calls
    return [
        call.function.__name__ if call.kind not in ("guard", "end") else call.kind for call in found
    ]


def test_a_kernel_is_followed_into_its_lines():
    wanted = ["abs", "negative", "exp", "log1p", "maximum", "add"]
    assert sorted(wanted) == sorted(
        name.replace("absolute", "abs") for name in calls(tg.softplus, np.ones(3))
    )


def test_the_logistic_function_and_its_slope_share_one_exponential():
    found = calls(tg.value_and_grad(lambda z: tg.sum(tg.sigmoid(z))), np.ones(3))
    assert 1 == found.count("exp")
    assert found.index("guard") < found.index("end")


def test_a_cross_entropy_and_its_slope_share_maximum_and_exponentials():
    for shape in ((4, 3), (2, 4, 3)):
        y = np.full(shape, 1 / 3)
        loss_and_slope = tg.value_and_grad(lambda z, y=y: tg.softmax_cross_entropy(y, z))
        found = calls(loss_and_slope, np.ones(shape))
        assert (1, 1) == (found.count("exp"), found.count("maximum")), shape


def test_a_mean_is_a_sum_and_a_quotient():
    assert ["add", "divide"] == calls(lambda x: x.mean(axis=0), np.ones((2, 3)))
    assert ["mean"] == calls(lambda x: x.mean(axis=0), np.ones((2, 3), np.float16))


def test_a_square_is_no_power():
    assert ["square"] == calls(lambda x: x**2, np.ones(3))


def test_what_cannot_be_followed_stays_one_call():
    assert ["<lambda>"] == calls(lambda x: tg.place(x, [0, 0], (3,)), np.ones(2))


def test_a_formula_of_ones_own_is_not_looked_into():
    @tg.operation(lambda g, out, x: g)
    def shifted(x):
        "Shifted by one."
        return x + 1.0

    assert ["<lambda>"] == calls(shifted, np.ones(2))


def test_only_warnings_that_a_formula_switches_off_are_off():
    found = lowered(trace(lambda x: tg.logsumexp(x) + tg.log(x[0]), [np.ones(2)], {}).program).calls
    quiet = [(call.function.__name__, call.quiet) for call in found if call.function is np.log]
    assert [("log", {"divide": "ignore"}), ("log", {})] == quiet
