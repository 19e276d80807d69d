"""Tests of what all transforms share: what they refuse, and what holds while a function runs."""

import copy
import math
import pickle
from array import array

import numpy as np
import pytest

import tinygrad_mlp as tg

# ----- What is refused -----


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tg.grad(3), TypeError, "function or a Value, got int"),
        (lambda: tg.jacobian(None), TypeError, "jacobian: f must be a function"),
        (lambda: tg.grad(lambda x: x)(np.ones(2)), ValueError, r"scalar, got shape \(2,\)"),
        (lambda: tg.grad(lambda x: None)(1.0), TypeError, "must return an array"),
        (
            lambda: tg.grad(tg.sin, 2)(1.0),
            ValueError,
            "argnums is 2, but the number of positional arguments is 1",
        ),
        (lambda: tg.grad(tg.sin, "x")(1.0), TypeError, "argnums"),
        (lambda: tg.grad(tg.sin)("x"), TypeError, "real numbers"),
        (lambda: tg.grad(tg.sin, gradient=1.0), TypeError, "go with a Value"),
        (lambda: tg.jvp(tg.sin, (1.0,), (np.ones(2),)), ValueError, r"tangent has shape \(2,\)"),
        (lambda: tg.jvp(tg.sin, (1.0,), 1.0), TypeError, "primals is a tuple with one entry for"),
        (lambda: tg.hvp(tg.sin, [1.0], np.ones(1)), TypeError, "hvp: primals is a list with one"),
        (
            lambda: tg.hvp(tg.sin, (1.0,), (1.0, 2.0)),
            ValueError,
            "tuple with 1 things is wanted where tuple",
        ),
        (lambda: tg.jvp(tg.sin, {"a": 1.0}, {"b": 1.0}), ValueError, "must have the form of prim"),
        (
            lambda: tg.jvp(tg.sin, {"a": 1.0}, 1.0),
            ValueError,
            "dict with 1 things is wanted where f",
        ),
        (
            lambda: tg.jvp(tg.sin, 1.0, "x"),
            TypeError,
            "jvp: a tangent must be made of real numbers",
        ),
        (lambda: tg.jvp(tg.sin, 1.0, None), TypeError, "jvp: a tangent must be made of .* None"),
        (lambda: tg.vjp(tg.sin, 1.0)[1](np.ones(3)), ValueError, r"shape \(3,\)"),
        (
            lambda: tg.vjp(lambda x: (x, {"a": x}), 1.0)[1]((1.0, {"b": 1.0})),
            ValueError,
            "vjp: the cotangent must have the output's form: dict with 1 things is wanted where",
        ),
        (
            lambda: tg.vjp(lambda x: (x, x), 1.0)[1](1.0),
            ValueError,
            r"tuple with 2 things is wanted where float 1\.0 stands",
        ),
        (lambda: tg.vjp(lambda x: {"a": "no"}, 1.0), TypeError, "vjp: .* must return an array"),
        (lambda: tg.jvp(lambda x: None, 1.0, 1.0), TypeError, "jvp: .* must return an array"),
        (lambda: tg.grad(lambda x: x, has_aux=True)(1.0), TypeError, "with has_aux, .* a pair"),
        (lambda: tg.vjp(lambda x: (x, 1, 2), 1.0, has_aux=True), TypeError, "got tuple"),
        (lambda: tg.grad(lambda x: (x, "log"))(1.0), TypeError, "has_aux=True is for an output"),
        (lambda: tg.grad(tg.Value(1.0), has_aux=True), TypeError, "has_aux goes with a function"),
    ],
)
def test_misuse_is_told(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_an_exception_inside_leaves_no_trace():
    with pytest.raises(ZeroDivisionError):
        tg.grad(lambda x: 1 / 0)(1.0)
    assert isinstance(tg.grad(tg.sin)(0.0), np.float64)  # not taken for an inner derivative


# ----- While it runs: what is recorded, and what would cut a derivative off -----


def no_grad(call):
    with tg.no_grad():
        return call()


ONE, TWO = np.array([1.0, 4.0]), np.array([3.0, -2.0])


def cubes(x):
    return tg.sum(x**3) * 0.5


#: Every transform, at ONE and in the direction TWO; all that it gives.
TRANSFORMS = {
    "grad": lambda f, x: tg.grad(f)(x),
    "value_and_grad": lambda f, x: tg.value_and_grad(f)(x),
    "elementwise_grad": lambda f, x: tg.elementwise_grad(lambda x: f(x) * x)(x),
    "vjp": lambda f, x: tg.vjp(f, x)[1](2.0),
    "jvp": lambda f, x: tg.jvp(f, (x,), (TWO,)),
    "hvp": lambda f, x: tg.hvp(f, (x,), (TWO,)),
    "jacobian": lambda f, x: tg.jacobian(lambda x: f(x) * x)(x),
    "hessian": lambda f, x: tg.hessian(f)(x),
}


def flat(found):
    parts = found if isinstance(found, tuple) else (found,)
    parts = [p for part in parts for p in (part if isinstance(part, tuple) else (part,))]
    return [p.data if isinstance(p, tg.Value) else p for p in parts]


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
def test_no_grad_outside_of_a_transform_changes_no_number(transform):
    for x in (ONE, tg.Value(ONE)):
        wanted, found = transform(cubes, x), no_grad(lambda x=x: transform(cubes, x))
        assert type(found) is type(wanted)
        for a, b in zip(flat(found), flat(wanted), strict=True):
            np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(no_grad(lambda: tg.grad(cubes)(ONE)), 1.5 * ONE**2)
    np.testing.assert_array_equal(no_grad(lambda: tg.hessian(cubes)(ONE)), np.diag(3.0 * ONE))


def test_what_a_transform_gives_inside_no_grad_is_not_recorded():
    x = tg.Value(ONE)
    for found in no_grad(lambda: tg.value_and_grad(cubes)(x)):
        assert found.op is None
    outer = tg.grad(lambda x: tg.sum(x * no_grad(lambda: tg.grad(cubes)(x))))(ONE)
    np.testing.assert_array_equal(1.5 * ONE**2, outer)


def test_no_grad_inside_of_a_transform_cuts():
    assert 16.0 == tg.grad(lambda x: x**2 * no_grad(lambda: x * x))(2.0)
    assert 16.0 == no_grad(lambda: tg.grad(lambda x: x**2 * no_grad(lambda: x * x))(2.0))
    with pytest.raises(RuntimeError, match="computed by multiply inside no_grad"):
        tg.grad(lambda x: no_grad(lambda: x * x))(2.0)
    assert 0.0 == tg.grad(lambda x: tg.stop_gradient(x * x))(2.0)  # the way out that it names


@pytest.mark.parametrize("argnums", [(0, 0), (0, -2), [1, 1]])
def test_an_argument_is_named_once(argnums):
    for transform in (tg.grad, tg.value_and_grad, tg.elementwise_grad, tg.jacobian, tg.hessian):
        with pytest.raises(ValueError, match="argnums must name each argument once, got"):
            transform(lambda a, b: a * b, argnums)(2.0, 3.0)


def put(v):
    zeros = np.zeros(3)
    zeros[1] = v
    return tg.sum(zeros)


def filled(v):
    zeros = np.zeros(3)
    zeros.fill(v)
    return zeros


NUMBER = {
    "float": float,
    "int": int,
    "item": lambda v: v.item(),
    "math.sin": math.sin,
    "math.floor": math.floor,
    "complex": complex,
    "an element": put,
    "percent": lambda v: float("%f" % v),
    "array.array": lambda v: array("d", [v])[0],
    "fill": lambda v: filled(v)[0],
}


@pytest.mark.parametrize("take", NUMBER.values(), ids=NUMBER)
def test_a_number_taken_of_a_differentiated_value_is_an_error_and_no_zero(take):
    for f in (take, lambda x: take(x * 2.0), lambda x: take(tg.sum(tg.stack([x, x])))):
        with pytest.raises((TypeError, ValueError)) as caught:
            tg.grad(f)(0.5)
        told = caught.value if isinstance(caught.value, tg.TraceError) else caught.value.__cause__
        assert isinstance(told, tg.TraceError)
        assert "derivative of Value" in str(told)
        # Through an inner transform of something else, and of an argument that is a Value.
        with pytest.raises((TypeError, ValueError)):
            tg.grad(lambda x, f=f: tg.grad(lambda y: f(x) * y)(1.0))(0.5)
        with pytest.raises((TypeError, ValueError)):
            tg.grad(f)(tg.Value(0.5))
    assert np.isfinite(complex(take(tg.Value(0.5))))  # outside it is a number


@pytest.mark.parametrize("take", NUMBER.values(), ids=NUMBER)
def test_a_number_may_be_taken_where_no_derivative_is_lost(take):
    older = tg.Value(2.5) * 1.0
    for number in (
        lambda x: older,
        lambda x: tg.Value(2.5) * 2.0,
        tg.stop_gradient,
        tg.floor,
        lambda x: x.data,
        lambda x: no_grad(lambda: x * 3.0),
    ):
        wanted = complex(take(tg.Value(number(tg.Value(1.5)).item()))).real
        assert wanted == tg.grad(lambda x, number=number: complex(take(number(x))).real * x)(1.5)


@pytest.mark.parametrize(
    "transform", [t for name, t in TRANSFORMS.items() if name != "grad"], ids=[*TRANSFORMS][1:]
)
def test_every_transform_says_that_a_number_was_taken(transform):
    with pytest.raises(tg.TraceError, match="derivative of Value"):
        transform(lambda x: tg.sum(x) * float(tg.sum(x)), ONE)


def test_the_ways_out_of_taking_numbers_have_the_derivative():
    np.testing.assert_allclose(tg.grad(tg.sin)(0.5), math.cos(0.5), rtol=1e-15)
    assert 4.0 == tg.grad(lambda x: np.sum(np.stack([x * x, x * 0.0])))(2.0)
    assert 4.0 == tg.grad(lambda x: np.sum(tg.place(x * x, 1, (3,))))(2.0)


def test_text_and_branches_of_a_differentiated_value_are_free():
    seen = []

    def f(x):
        seen.append((f"{x:.3f}", str(x), repr(x * 2.0), f"{x}"))
        return 3.0 * x if x > 0 and x else -x

    assert (3.0, -1.0) == (tg.grad(f)(2.0), tg.grad(f)(-2.0))
    assert ("2.000", "Value(2.0)", "Value(4.0, op='multiply')", "Value(2.0)") == seen[0]


def test_what_a_transform_has_given_is_a_number_again():
    kept = []
    tg.grad(lambda x: kept.append(x * 2.0) or x)(1.5)
    assert 3.0 == float(kept[0])
    value, pull_back = tg.vjp(lambda x: kept.append(x) or x * x, 3.0)
    assert (9.0, 3.0, (6.0,)) == (float(value), kept[-1].item(), pull_back(1.0))


@pytest.mark.parametrize(
    ("f", "x", "derivative"),
    [
        (lambda x: 3 * x if x == 0.5 else x, 0.5, 3.0),
        (lambda x: 3 * x if x != 0.5 else x, 0.5, 1.0),
        (lambda x: 3 * x if 0.5 == x else x, 0.5, 3.0),
        (lambda x: 3 * x if x == np.float32(0.5) else x, 0.5, 3.0),
        (lambda x: 3 * x if x in (0.25, 0.5) else x, 0.5, 3.0),
        (lambda x: x if x == None or x == {} else 3 * x, 0.5, 3.0),  # noqa: E711, PLR1714
        (lambda x: tg.sum(x * (x == [1.0, 4.0])), ONE, [1.0, 1.0]),
        (lambda x: tg.sum(x * (np.array([1.0, 9.0]) == x)), ONE, [1.0, 0.0]),
        (lambda x: tg.sum(tg.where(x != 4.0, x * x, 0.0)), ONE, [2.0, 0.0]),
    ],
)
def test_a_derivative_takes_the_branch_that_the_function_takes(f, x, derivative):
    value, slope = tg.value_and_grad(f)(x)
    assert value == f(x)
    np.testing.assert_array_equal(derivative, slope)


@pytest.mark.parametrize(
    "f",
    [
        lambda a, b: a * b if a == b else a,
        lambda a, b: a if a != b else a * b,
        lambda a, b: a * b if a * 1.0 == b else a,
        lambda a, b: a * b if a in [b, 1.0] else a,
        lambda a, b: a * b if (a, 1) == (b, 1) else a,
        lambda a, b: a * b if a == OLD else a,
        lambda a, b: a * b if OLD == b else a,
    ],
)
def test_whether_two_differentiated_values_are_equal_has_to_be_asked_in_other_words(f):
    with pytest.raises(tg.TraceError, match=r"np\.equal\(x, y\).*`is`"):
        tg.grad(f, (0, 1))(2.0, 2.0)


OLD = tg.Value(2.0)


def test_the_other_words_for_equal_and_the_same_object():
    def f(a, b):
        assert a is not b
        assert a == a  # noqa: PLR0124
        assert a in {a: 1}
        assert (a, b) == (a, b)
        assert OLD != tg.Value(2.0)
        return a * b if np.equal(a, b) else a

    assert (2.0, 2.0) == tg.grad(f, (0, 1))(2.0, 2.0)


TWINS = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "tree": lambda v: copy.deepcopy({"layers": [(v, 1)]})["layers"][0][0],
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_copy_of_a_differentiated_value_is_the_value_itself(twin):
    def f(x):
        return tg.sum(twin(x) ** 2) + tg.sum(twin(x * 1.0))

    for x in (ONE, tg.Value(ONE)):
        for transform in TRANSFORMS.values():
            wanted = transform(lambda x: tg.sum(x**2) + tg.sum(x), x)
            for a, b in zip(flat(transform(f, x)), flat(wanted), strict=True):
                np.testing.assert_array_equal(a, b)


def test_a_copy_of_an_older_value_is_another_one_in_a_transform_too():
    older = tg.Value(3.0)

    def f(x):
        twin = copy.deepcopy(older)
        assert twin is not older
        return x * twin

    assert 3.0 == tg.grad(f)(1.0)


def test_a_pickle_of_a_differentiated_value_would_lose_its_derivative():
    for f in (lambda x: x, lambda x: x * 2.0, lambda x: [x]):
        with pytest.raises(tg.TraceError, match=r"copying or pickling.*derivative"):
            tg.grad(lambda x, f=f: pickle.dumps(f(x)))(1.0)
        pickle.dumps(f(tg.Value(1.0)))


def test_a_compiled_function_that_reads_a_differentiated_value_has_its_derivative():
    def f(w):
        scaled = tg.compile(lambda x: x * w)
        return tg.sum(scaled(ONE)) + tg.sum(scaled(TWO))

    assert 6.0 == tg.grad(f)(2.0)
    double = tg.compile(lambda x: x * 2.0)
    assert 10.0 == tg.grad(lambda w: w * tg.sum(double(ONE)))(3.0)


def test_the_gradient_of_a_value_is_differentiated_by_the_transform_around_it():
    def f(x):
        return x * tg.grad(x * x, x)

    assert tg.grad(f)(3.0) == 12.0
    assert tg.grad(tg.grad(f))(3.0) == 4.0
    assert tg.jvp(f, (3.0,), (1.0,)) == (18.0, 12.0)
    assert tg.compile(tg.grad(f))(3.0) == 12.0


def test_a_differentiated_upstream_gradient_is_part_of_the_function():
    w = tg.Value(2.0)
    assert tg.grad(lambda x: x * tg.grad(w * w, w, x))(3.0) == 24.0
    assert isinstance(tg.grad(w * w, w), np.float64)
    older = []
    tg.grad(lambda x: (older.append(tg.grad(w * w, w)), x)[1])(3.0)
    assert type(older[0]) is np.float64
