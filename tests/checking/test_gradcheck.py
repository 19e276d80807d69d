"""The gradient check: it accuses nobody wrongly, finds planted errors, and says where they are."""

import copy
import pickle
import re
import subprocess
import sys
from functools import partial
from itertools import count

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.oracles import calls
from tests.searching import one_in
from tinygrad_mlp import errors
from tinygrad_mlp.checking import check, floats, gradcheck
from tinygrad_mlp.checking.texts import name_of
from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.errors import GradientError

A = np.random.default_rng(1).normal(size=(3, 3))
B = np.random.default_rng(2).normal(size=(3, 3))
EIGHTHS = np.round(8 * A) / 8  # the same in every type
MIXED = np.array([1e-8, -3e-5, 1.0, -40.0, 1e8])
SCALES = 10.0 ** np.arange(-8, 9, 4)


@pytest.fixture
def narrow(monkeypatch):
    """A machine on which no floating type is wider than float64."""
    monkeypatch.setattr(floats, "WIDE_TYPES", (np.float64,))


@pytest.fixture
def musl(monkeypatch):
    """A machine whose long doubles are wide, but not its functions of them."""

    def rounded(function):
        def call(*args, **options):
            result = function(*args, **options)
            if result.dtype != np.longdouble:
                return result
            if result.ndim:
                result[...] = result.astype(np.float64)
                return result
            return np.longdouble(np.float64(result))

        call.nin = function.nin
        return call

    for name in floats._AT_THREE_QUARTERS:
        monkeypatch.setattr(np, name, rounded(getattr(np, name)))
    monkeypatch.setattr(floats, "WIDE_TYPES", floats.wide_types())


@pytest.fixture
def plant():
    """A maker of rows named ``planted``, which leave the table after the test."""

    def made(forward, *vjps, parameters="x"):
        return tg.Op("planted", parameters, forward=forward, vjps=vjps, latex="", doc="Planted.")

    yield made
    for table in (tg.OPS, FUNCTIONS):
        table.pop("planted", None)


def refusal(f, *args, **options):
    """The error of a check that must fail, which is told in the way of all of them."""
    with pytest.raises(GradientError) as caught:
        gradcheck(f, *args, **options)
    error = caught.value
    first, *details = str(error).splitlines()
    assert first.startswith(f"gradcheck of {name_of(f)}, order {error.order}: ")
    if error.argument is not None and error.argument < len(args):
        assert f"argument {error.argument} (" in first
    if error.index is not None:
        assert first.endswith(f" at index {error.index}")
    if error.wanted is not None:
        assert re.fullmatch("    got             .+", details[0])
        assert re.fullmatch("    wanted          .+", details[1])
    return error


def numbers_of(error):
    """What the text of an error says that came and should have come."""
    return [float(re.search(rf"{word} +(\S+)", str(error))[1]) for word in ("got", "wanted")]


# ----- No false alarm -----


@pytest.mark.parametrize(
    "name", [name for name in tg.OPS if name != "stop_gradient"]
)  # whose slope is no derivative
def test_every_row_of_the_table_passes_over_all_its_shapes(name):
    checked = 0
    for call in calls(name):
        if call.places and call.out.size:
            assert gradcheck(partial(call.op, **call.options), *call.arguments)
            checked += 1
    assert checked


COMPOSITES = {
    "var": tg.var,
    "std": tg.std,
    "std of columns": lambda x: tg.std(x, axis=0, ddof=1),
    "stack": lambda x: tg.stack([x, x * x], axis=1),
    "concatenate": lambda x: tg.concatenate([tg.sin(x), x], axis=-1),
    "mse_prime": lambda x: tg.mse_prime(x, x * x),
    "mse_gradient": lambda x: tg.mse_gradient(x, x * x),
    "a network": lambda x: tg.softmax_cross_entropy(np.eye(3), tg.affine(tg.tanh(x), A, B[:1])),
    "its gradient": tg.grad(lambda x: tg.sum(tg.sin(x) * x)),
    "itself": lambda x: x,
    "a constant": lambda x: tg.Value(1.0),
    "no influence": lambda x: tg.sum(0.0 * x),
    "a sum that is always 1": lambda x: tg.sum(tg.softmax(x)),
    "a sum that is always 0": lambda x: tg.sum(x - tg.mean(x)),
    "a fifth power at 0": lambda x: tg.sum((x - EIGHTHS) ** 5),
    "an extremum": lambda x: tg.cos(x - EIGHTHS),
}


@pytest.mark.parametrize("name", COMPOSITES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_functions_made_of_rows_pass(name, dtype):
    assert gradcheck(COMPOSITES[name], EIGHTHS.astype(dtype))


SMOOTH = {
    "exp": lambda x: tg.exp(-tg.abs(x)),
    "sin": tg.sin,
    "tanh": tg.tanh,
    "sigmoid": tg.sigmoid,
    "softplus": tg.softplus,
    "square": tg.square,
    "power": lambda x: tg.abs(x) ** 1.5,
    "reciprocal": lambda x: 1.0 / x,
    "log": lambda x: tg.log(tg.abs(x)),
    "norm": tg.norm,
    "softmax": tg.softmax,
    "logsumexp": tg.logsumexp,
    "prod": tg.prod,
    "kinks at 0": tg.relu,
    "beside a large constant": lambda x: 1e8 + x,
    "a hill": lambda x: tg.exp(-tg.square(x)),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", SMOOTH)
def test_no_scale_of_arguments_raises_a_false_alarm(name, dtype):
    for scale in SCALES:
        assert gradcheck(SMOOTH[name], (scale * A[0]).astype(dtype))
    assert gradcheck(SMOOTH[name], MIXED.astype(dtype))


@pytest.mark.parametrize("name", SMOOTH)
def test_nor_does_a_machine_without_wide_numbers(name, narrow):
    for scale in SCALES:
        assert gradcheck(SMOOTH[name], scale * A[0])


UNARY = [
    tg.tanh,
    tg.sigmoid,
    tg.sin,
    tg.square,
    tg.softplus,
    lambda x: tg.exp(tg.sin(x)),
    lambda x: tg.log(1.0 + x * x),
    lambda x: tg.sqrt(x * x + 1.0),
    lambda x: x - tg.mean(x),
    tg.logsumexp,
    lambda x: 1e3 + x,
    lambda x: 1e3 * x,
]
BINARY = [tg.add, tg.subtract, tg.multiply, lambda x, y: x / (1.0 + y * y)]
steps = st.tuples(st.integers(0, len(UNARY + BINARY) - 1), st.integers(0, 99), st.integers(0, 99))


@one_in(2)
@given(
    program=st.lists(steps, min_size=1, max_size=8),
    power=st.integers(-8, 4),
    dtype=st.sampled_from([np.float64, np.float32]),
)
def test_no_random_program_raises_a_false_alarm(program, power, dtype):
    def f(*inputs):
        values = list(inputs)
        for function, first, second in program:
            x, y = values[first % len(values)], values[second % len(values)]
            single = function < len(UNARY)
            values.append(UNARY[function](x) if single else BINARY[function - len(UNARY)](x, y))
        return values[-1]

    args = [dtype(10.0**power) * x.astype(dtype) for x in (A[0], A[1, 1], A[:2, :1])]
    with np.errstate(all="ignore"):
        values = [tg.Value(x) for x in args]
        out = f(*values)
        slopes = tg.grad(out, values, np.ones(out.shape))
        curvature = tg.grad(
            tg.grad(out, values, np.ones(out.shape), create_graph=True)[0], values, A[0]
        )
    # What has no number in the type of the arguments is no false alarm.
    assume(all(np.abs(x).max() < 1e6 for x in (out.data, *slopes, *curvature)))
    assert gradcheck(f, *args)


@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-9, 1e-12])
def test_a_kink_or_the_end_of_the_domain_may_be_near(distance):
    assert gradcheck(lambda x: tg.abs(x - 1.0), [1.0 + distance, 2.0])
    assert gradcheck(tg.log1p, -1.0 + distance)
    assert gradcheck(tg.maximum, [1.0, 2.0], [1.0 + distance, 0.0])


def test_a_function_may_refuse_what_is_outside_its_domain():
    def logarithm(x):
        if (x.data <= 0).any():
            raise ValueError("not positive")
        return tg.log(x)

    assert gradcheck(logarithm, [1e-6, 1.0])


def test_thousands_of_kinks_in_one_sum_are_no_alarm():
    x = np.random.default_rng(0).normal(size=10_000)
    for dtype in (np.float64, np.float32):
        assert gradcheck(lambda x: tg.sum(tg.relu(x)), x.astype(dtype))


def test_a_slope_below_all_rounding_is_no_alarm():
    for z in (20.0, *np.arange(30.0, 50.0), 60.0, 700.0):
        assert gradcheck(tg.softmax_cross_entropy, [[1.0, 0.0, 0.0]], [[z, 0.0, 1.0]])
    for z in (20.0, 37.0, 43.0, 60.0, 700.0):
        assert gradcheck(lambda z: tg.binary_cross_entropy([1.0, 0.0], tg.sigmoid(z)), [z, -z])
    assert gradcheck(tg.exp, [-750.0, 0.0])  # 0 in float64, but not in every wider type


def pass_all_waves():
    for frequency in (1e2, 1e6, 1e10):
        for x in np.linspace(0.3, 1.9, 20):
            gradcheck(lambda x, f=frequency: tg.sin(f * x * x), x, order=1)


def test_waves_much_shorter_than_a_step_are_no_alarm():
    pass_all_waves()


def test_nor_are_they_on_a_machine_without_wide_numbers(narrow):
    pass_all_waves()


def test_a_narrow_hill_far_from_zero_is_seen():
    assert gradcheck(lambda x: tg.exp(-tg.square(x - 1e6)), 1e6 + 0.5)
    assert gradcheck(tg.sigmoid_prime, [1e6, 0.0, 1.0])


def test_a_function_may_insist_on_the_type_of_its_argument():
    def f(x):
        if x.dtype != np.float32:
            raise TypeError("float32, please")
        return tg.sin(x) * x

    assert gradcheck(f, A.astype(np.float32))


# ----- What it looks at -----


def test_the_number_of_calls_does_not_depend_on_the_size():
    def calls_for(size):
        calls = count()

        def f(x):
            next(calls)
            return tg.sin(x)

        gradcheck(f, 1.0 + np.random.default_rng(0).random(size))
        return next(calls)

    assert 10 < calls_for(10) < 100
    assert 10 < calls_for(10_000) < 100


def test_bools_are_constants_and_values_are_used_by_their_numbers():
    x = tg.Value([1.0, 2.0], label="x")
    before = x.data.copy()
    assert gradcheck(tg.where, [True, False], x, 3)
    assert x.grad is None
    assert np.array_equal(before, x.data)


def test_every_check_of_the_same_is_the_same():
    texts = {str(refusal(lambda x: tg.sin(x) * x.data, A)) for _ in range(2)}
    assert len(texts) == 1
    other = refusal(lambda x: tg.sin(x) * x.data, A, rng=5)
    assert str(other) not in texts


def test_the_text_is_the_same_in_every_process_and_without_assertions():
    program = """
import numpy as np, tinygrad_mlp as tg
def wrong(x):
    return tg.sin(x) * x.data
try:
    tg.gradcheck(wrong, np.linspace(0.5, 1.5, 6))
except tg.GradientError as error:
    print(error)
x, W = np.linspace(0.1, 0.6, 6).reshape(2, 3), np.ones((3, 3))
print(tg.diagnose(tg.matmul, lambda g, x, W: (g @ W.T, 2 * x.T @ g), x, W))
"""
    texts = {
        subprocess.run(
            [sys.executable, *options, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed, options in (("0", ()), ("1", ()), ("2", ("-O",)))
    }
    (text,) = texts
    assert "gradcheck of wrong, order 1: the gradient by argument 0 (x) is wrong at" in text
    assert "by y: constant factor: 2 times too large" in text


def test_an_analytic_row_can_be_checked_to_its_last_digits(plant):
    assert gradcheck(tg.exp, A, rtol=1e-15, order=1)
    wrong = plant("np.exp({x})", lambda g, out, x: g * out * (1 + 1e-13))
    assert refusal(wrong, A, rtol=1e-15).index is not None
    assert gradcheck(wrong, A)


def test_what_a_complex_step_says_of_a_formula_that_is_not_analytic_does_not_count():
    assert gradcheck(tg.abs, A, rtol=1e-12)
    assert gradcheck(tg.sigmoid, A, rtol=1e-12)
    assert gradcheck(partial(tg.astype, dtype=np.float32), A)


def test_tolerances_are_what_is_forgiven(plant):
    wrong = plant("np.sin({x})", lambda g, out, x: g * tg.cos(x) * 1.001)
    refusal(wrong, 1.0)
    assert gradcheck(wrong, 1.0, rtol=0.01)
    assert gradcheck(wrong, 1.0, atol=0.01)
    refusal(wrong, 1.0, atol=1e-4, order=1)


# ----- Planted errors -----

WRONG = {
    "a factor": ("np.sin({x})", lambda g, out, x: 2.0 * g * tg.cos(x), "hint: got = 2 x wanted"),
    "a part": ("np.sin({x})", lambda g, out, x: g * tg.cos(x) / 3.0, "hint: got = wanted / 3"),
    "the sign": ("np.sin({x})", lambda g, out, x: -g * tg.cos(x), "hint: got = -wanted"),
    "a missing term": ("{x} * np.sin({x})", lambda g, out, x: g * tg.sin(x), "got / wanted"),
    "no rule": ("np.sin({x})", None, "hint: got 0: is the rule None"),
    "a little": ("np.sin({x})", lambda g, out, x: g * tg.cos(x) * (1 + 1e-6), "relative error"),
    "infinity": ("np.sin({x})", lambda g, out, x: g / tg.abs(0.0 * x), "hint: a rule divides by"),
    "undefined": ("np.sin({x})", lambda g, out, x: g * (0.0 * x) / (0.0 * x), "hint: a rule divid"),
    "transposed": ("np.sin({x})", lambda g, out, x: (g * tg.cos(x)).T, "relative error"),
    "a shifted argument": ("np.sin({x})", lambda g, out, x: g * tg.cos(x + 1e-3), "relative error"),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_is_found(name, dtype, plant):
    forward, rule, words = WRONG[name]
    x = A.astype(dtype)
    error = refusal(plant(forward, rule), x)
    assert (error.order, error.argument) == (1, 0)
    assert "the gradient by argument 0 (x) is wrong" in str(error)
    assert words in str(error)
    got, wanted = numbers_of(error)
    slope = np.cos(x) if "{x} *" not in forward else np.sin(x) + x * np.cos(x)
    assert wanted == pytest.approx((error.upstream * slope)[error.index], rel=1e-5)
    value = tg.Value(x)
    with np.errstate(all="ignore"):
        found = tg.grad(FUNCTIONS["planted"](value), value, error.upstream)[error.index]
    assert got == pytest.approx(found, rel=1e-5, nan_ok=True)


@pytest.mark.parametrize("scale", SCALES)
def test_a_wrong_rule_is_found_at_every_scale(scale, plant, narrow):
    for forward, rule in [
        ("np.square({x})", lambda g, out, x: 2.001 * g * x),
        ("1 / {x}", lambda g, out, x: -1.001 * g / x**2),
        ("np.log(np.abs({x}))", lambda g, out, x: 1.001 * g / x),
        ("np.sqrt(np.abs({x}))", lambda g, out, x: g * 0.501 * tg.sign(x) / out),
        ("np.exp({x} * (np.abs({x}) < 100))", lambda g, out, x: 1.001 * g * out * (abs(x) < 100)),
    ]:
        if "exp" not in forward or scale < 1e4:
            refusal(plant(forward, rule), scale * A[0])


def test_the_worst_element_is_told(plant):
    factors = np.array([[1.0, 1.1], [3.0, 1.2]])
    wrong = plant("np.sin({x})", lambda g, out, x: g * tg.cos(x) * factors)
    error = refusal(wrong, np.full((2, 2), 0.5))
    assert error.index == (1, 0)


@pytest.mark.parametrize("index", range(5))
def test_a_wrong_element_is_found_among_others_of_any_size(index, plant, narrow):
    factor = np.ones(5)
    factor[index] = 1.001
    for forward, rule in [
        ("{x} * 3.0", lambda g, out, x: 3.0 * g * factor),
        ("1 / {x}", lambda g, out, x: -g / x**2 * factor),
        ("np.abs({x}) ** -1.5", lambda g, out, x: -1.5 * g * out / x * factor),
        ("np.log(np.abs({x}))", lambda g, out, x: g / x * factor),
    ]:
        assert refusal(plant(forward, rule), MIXED).index == (index,)


def test_one_wrong_element_of_ten_thousand_is_found(plant):
    x = np.random.default_rng(3).normal(size=(100, 100))
    factor = np.ones(x.shape)
    factor[43, 21] = 1.01
    wrong = plant("np.sin({x})", lambda g, out, x: g * tg.cos(x) * factor)
    calls = count()

    def f(x):
        next(calls)
        return wrong(x)

    error = refusal(f, x)
    assert error.index == (43, 21)
    assert next(calls) < 1000
    got, wanted = numbers_of(error)
    assert got == pytest.approx(1.01 * wanted)


def test_the_numbers_told_of_a_scalar_are_those_of_its_plain_gradient():
    error = refusal(lambda x: tg.sum(x * x.data), [3.0])
    assert numbers_of(error) == [3.0, 6.0]
    assert error.upstream == 1


def test_the_wrong_argument_is_told_with_its_name_and_label(plant):
    wrong = plant(
        "{x} @ {y}", lambda g, out, x, y: g @ y.T, lambda g, out, x, y: x @ g, parameters="x y"
    )
    error = refusal(wrong, A, tg.Value(B, label="weights"))
    assert error.argument == 1
    assert "the gradient by argument 1 (y, label 'weights') is wrong" in str(error)

    def f(first, *others):
        return first * others[0] * others[1].data

    assert "argument 2 (others[1]) is wrong" in str(refusal(f, 1.0, 2.0, 3.0))
    join = plant("np.concatenate({arrays})", *[lambda g, out, *a: g[:2]] * 2, parameters="*arrays")
    assert "argument 1 (arrays[1]) is wrong" in str(refusal(join, [1.0, 2.0], [3.0, 4.0]))
    assert "gradcheck of planted" in str(refusal(partial(join), [1.0, 2.0], [3.0, 4.0]))


def test_a_transposed_gradient_is_called_so(plant):
    wrong = plant(
        "{x} @ {y}",
        lambda g, out, x, y: (g @ y.T).T,
        lambda g, out, x, y: x.T @ g,
        parameters="x y",
    )
    error = refusal(wrong, A, B)
    assert f"got is what index {error.index[::-1]} should be: is it transposed?" in str(error)


def test_an_error_of_second_order_only_is_found(plant):
    def rule(g, out, x):
        return g * np.cos(x.data if isinstance(x, tg.Value) else x)

    wrong = plant("np.sin({x})", rule)
    assert gradcheck(wrong, A, order=1)
    error = refusal(wrong, A)
    assert (error.order, error.argument, error.got) == (2, 0, 0)
    words = "the gradient by argument 0 (x), differentiated by argument 0 (x) is wrong at index"
    assert words in str(error)
    _, wanted = numbers_of(error)
    assert wanted != 0


def test_a_gradient_that_forgets_its_upstream_is_found_in_second_order(plant):
    wrong = plant("np.sin({x})", lambda g, out, x: tg.stop_gradient(g) * tg.cos(x))
    error = refusal(wrong, A)
    assert (error.order, error.argument) == (2, 1)
    assert "differentiated by the upstream gradient is wrong" in str(error)


def test_an_error_of_third_order_only_is_found(plant):
    def cosine(x):
        data = x.data if isinstance(x, tg.Value) else x
        return np.cos(data) - np.sin(data) * (x - data)

    wrong = plant("np.sin({x})", lambda g, out, x: g * cosine(x))
    assert gradcheck(wrong, 0.5)
    assert refusal(wrong, 0.5, order=3).order == 3


# ----- Planted errors that no difference shows -----


def distorted(monkeypatch, change):
    """Let the check see gradients that went through ``change``."""
    plain = check.grad

    def changed(output, inputs, gradient=None, *, create_graph=False):
        found = plain(output, inputs, gradient, create_graph=create_graph)
        if create_graph or inputs[-1] is not output:
            return found
        return [change(found[0]), found[1]]  # of a leaf, and of the output itself

    monkeypatch.setattr(check, "grad", changed)


def test_a_gradient_of_another_type_is_refused(monkeypatch):
    distorted(monkeypatch, lambda g: g.astype(np.float64))
    assert gradcheck(tg.sin, A)
    error = refusal(tg.sin, A.astype(np.float32))
    assert (error.argument, error.got, error.wanted) == (0, np.float64, np.float32)
    assert "argument 0 (x) has another dtype than the argument" in str(error)


def test_a_gradient_of_another_shape_is_refused(monkeypatch):
    distorted(monkeypatch, lambda g: g.reshape(1, *g.shape))
    error = refusal(tg.sin, A)
    assert (error.argument, error.got, error.wanted) == (0, (1, 3, 3), (3, 3))
    assert "argument 0 (x) has another shape than the argument" in str(error)


def test_a_rule_that_raises_is_told_with_its_argument(plant):
    wrong = plant(
        "{x} @ {y}", lambda g, out, x, y: g @ y.T, lambda g, out, x, y: y @ g, parameters="x y"
    )
    error = refusal(wrong, np.ones((2, 3)), np.ones((3, 4)))
    assert error.argument == 1
    assert "argument 1 (y) raises ValueError: matmul" in str(error)
    assert isinstance(error.__cause__, ValueError)


def test_a_rule_that_raises_when_recorded_is_told(plant):
    error = refusal(plant("np.sin({x})", lambda g, out, x: g * np.asarray(np.cos(x))), A)
    assert "argument 0 (x) raises DataTypeError when it is recorded" in str(error)


def test_a_rule_that_gives_something_else_when_recorded_is_found(plant):
    def rule(g, out, x):
        return g * tg.cos(x) * (2.0 if isinstance(x, tg.Value) else 1.0)

    wrong = plant("np.sin({x})", rule)
    assert gradcheck(wrong, A, order=1)
    error = refusal(wrong, A)
    assert "argument 0 (x) changes when it is recorded" in str(error)
    got, wanted = numbers_of(error)
    assert got == pytest.approx(2 * wanted)


def test_a_function_that_is_not_deterministic_is_refused():
    calls = count()
    error = refusal(lambda x: x * (1.0 + next(calls)), A)
    assert "the output is not deterministic: two calls differ" in str(error)
    assert error.index == (0, 0)
    shapes = count(1)
    error = refusal(lambda x: tg.stack([x] * next(shapes)), A)
    assert (error.got, error.wanted) == ((2, 3, 3), (1, 3, 3))


def test_a_gradient_that_is_not_deterministic_is_refused(plant):
    calls = count()
    wrong = plant("np.sin({x})", lambda g, out, x: g * tg.cos(x) * (1 + 1e-15 * (next(calls) % 2)))
    error = refusal(wrong, A)
    assert "argument 0 (x) is not deterministic: two calls differ" in str(error)
    assert error.index is not None


def test_a_function_that_writes_to_its_argument_is_refused(plant):
    wrong = plant("np.multiply({x}, 2.0, out={x})", lambda g, out, x: 2.0 * g)
    error = refusal(wrong, [0.0, 3.0, 4.0])
    assert str(error).startswith("gradcheck of planted, order 1: argument 0 (x) is written to at")
    assert (error.argument, error.index, error.got, error.wanted) == (0, (1,), 6, 3)


def test_a_rule_that_writes_to_its_argument_is_refused(plant):
    wrong = plant("{x} * 2.0", lambda g, out, x: np.multiply(g, 2.0, out=x))
    assert "raises ValueError: output array is read-only" in str(refusal(wrong, A))


def test_a_rule_that_writes_to_the_upstream_gradient_is_refused(plant):
    def rule(g, out, x):
        return np.multiply(g, 2.0, out=g) if isinstance(g, np.ndarray) else 2.0 * g

    error = refusal(plant("{x} * 2.0", rule), A)
    assert "argument 0 (x) writes to the upstream gradient at index (0, 0)" in str(error)
    got, wanted = numbers_of(error)
    assert got == pytest.approx(2 * wanted)


def test_something_out_of_nothing_is_refused(plant):
    wrong = plant(
        "np.sin({x})",
        lambda g, out, x: g * tg.cos(x) + (0.0 if isinstance(g, tg.Value) or g.any() else 0.5),
    )
    error = refusal(wrong, A)
    assert "argument 0 (x) is not zero for an upstream gradient of zeros" in str(error)
    assert (error.index, error.got, error.wanted) == ((0, 0), 0.5, 0)


def test_a_function_that_reads_memory_in_its_own_order_is_refused(plant):
    wrong = plant(
        "np.sin({x}).ravel(order='K').reshape({x}.shape)", lambda g, out, x: g * tg.cos(x)
    )
    assert "changes with the layout of arguments in memory" in str(refusal(wrong, A))


def test_a_gradient_that_reads_memory_in_its_own_order_is_refused(plant):
    def rule(g, out, x):
        if isinstance(x, np.ndarray):
            return g * np.cos(x).ravel(order="K").reshape(x.shape)
        return g * tg.cos(x)

    error = refusal(plant("np.sin({x})", rule), A)
    assert "argument 0 (x) changes with the layout of arguments in memory" in str(error)


def test_a_function_that_cannot_take_gaps_in_memory_is_refused():
    def f(x):
        x.numpy().view(np.uint8)  # only possible where the last axis has no gaps
        return tg.sin(x)

    words = "the output cannot take arrays with gaps in memory: ValueError"
    assert words in str(refusal(f, A))


def test_a_rule_that_is_wrong_in_one_type_only_is_found(plant):
    def rule(g, out, x):
        return g * tg.cos(x) * (1.01 if x.dtype == np.float32 else 1.0)

    wrong = plant("np.sin({x})", rule)
    assert gradcheck(wrong, A)
    error = refusal(wrong, A.astype(np.float32))
    assert "argument 0 (x) is another in float32 than in" in str(error)
    got, wanted = numbers_of(error)
    assert got == pytest.approx(1.01 * wanted, rel=1e-5)
    assert gradcheck(wrong, A.astype(np.float32), atol=0.05)


# ----- Where differences say nothing -----


def test_a_kink_is_called_a_kink():
    error = refusal(tg.relu, [1.0, 0.0])
    assert error.index == (1,)
    assert re.search(r"hint: the slopes on both sides are \S+ and \S+: at a kink", str(error))


def test_the_end_of_a_domain_is_called_so():
    error = refusal(tg.sqrt, [1.0, 0.0])
    assert error.index == (1,)
    assert "hint: differences do not settle: is there a jump, or the end of the domain?" in str(
        error
    )


# ----- Bad arguments -----


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: gradcheck(A), TypeError, "f must be a function, got ndarray"),
        (lambda: gradcheck(tg.sin, "a"), TypeError, r"args\[0\] must be made of real numbers"),
        (lambda: gradcheck(tg.sin, 1j), errors.DataTypeError, r"args\[0\].* complex"),
        (lambda: gradcheck(tg.sin, [1.0, np.nan]), ValueError, r"args\[0\] must be finite"),
        (lambda: gradcheck(tg.sin), ValueError, "at least one number to differentiate by"),
        (lambda: gradcheck(tg.sin, [True]), ValueError, "at least one number"),
        (lambda: gradcheck(tg.log, 0.0), ValueError, "the output is not finite here"),
        (lambda: gradcheck(tg.sin, A, order=0), ValueError, "order must be at least 1"),
        (lambda: gradcheck(tg.sin, A, order=1.5), TypeError, "order must be an int"),
        (lambda: gradcheck(tg.sin, A, rtol=-1), ValueError, "rtol must be at least 0"),
        (lambda: gradcheck(tg.sin, A, atol="a"), TypeError, "atol must be a real number"),
        (lambda: gradcheck(tg.sin, A, rng="a"), TypeError, "rng must be"),
        (lambda: gradcheck(lambda x: x.data, A), TypeError, "must return a Value, got ndarray"),
        (lambda: gradcheck(lambda x: (x, x), A), TypeError, "must return a Value, got tuple"),
        (lambda: gradcheck(tg.matmul, A, A[:2]), ValueError, "do not fit together"),
    ],
)
def test_bad_arguments_are_refused(call, kind, words):
    with pytest.raises(kind, match=words) as caught:
        call()
    assert not isinstance(caught.value, GradientError)


def test_a_gradient_error_is_an_assertion_and_survives_pickling(plant):
    error = refusal(plant("np.sin({x})", None), A)
    assert isinstance(error, AssertionError)
    assert isinstance(error, errors.TinygradError)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert str(twin) == str(error)
        assert (twin.order, twin.argument, twin.index) == (1, 0, error.index)
        assert (twin.got, twin.wanted) == (error.got, error.wanted)


def test_a_gradient_is_checked_inside_no_grad_too(plant):
    with tg.no_grad():
        assert gradcheck(tg.sin, A)
        with pytest.raises(GradientError):
            gradcheck(plant("np.sin({x})", lambda g, out, x: g * 2.0), A)


def test_a_number_that_is_taken_of_an_argument_is_told_as_such():
    with pytest.raises(tg.TraceError, match="derivative of Value"):
        gradcheck(lambda x: x * float(tg.sum(x)), A)


# ----- Machines whose long doubles are no better than doubles -----

ROUNDED = [tg.exp, tg.sin, tg.tanh, tg.sigmoid, tg.softplus, tg.log1p, tg.sqrt, tg.softmax, tg.norm]


@pytest.mark.parametrize("f", ROUNDED, ids=lambda f: f.name)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.longdouble])
@pytest.mark.usefixtures("musl")
def test_functions_that_round_long_doubles_accuse_nobody(f, dtype):
    assert floats.WIDE_TYPES == (np.float64,)
    for x in (np.array([0.3, 0.7, 2.0]), np.array([1e-3, 40.0]), np.array([0.11] * 5)):
        assert gradcheck(f, x.astype(dtype))
        assert gradcheck(lambda x: tg.sum(f(x) * f(0.5 * x)), x.astype(dtype))


@pytest.mark.usefixtures("musl")
def test_functions_that_round_long_doubles_hide_no_mistake():
    with pytest.raises(GradientError, match="is wrong"):
        gradcheck(lambda x: tg.exp(x) + 1e-4 * tg.stop_gradient(tg.sin(x)), [0.3, 0.7])


def test_the_stored_digits_of_functions_are_those_of_the_formulas():
    exact = {name: np.longdouble(digits) for name, digits in floats._AT_THREE_QUARTERS.items()}
    for name, wanted in exact.items():
        function = getattr(np, name)
        got = function(0.75, 0.25) if function.nin == 2 else function(0.75)
        assert abs(got - float(wanted)) <= 2 * np.spacing(abs(got))
    assert abs(exact["sin"] ** 2 + exact["cos"] ** 2 - 1) < 4 * np.finfo(np.longdouble).eps
    assert abs(exact["exp"] - exact["expm1"] - 1) < 4 * np.finfo(np.longdouble).eps
