"""Tests of functions with a rule of one's own: solvers, structures, and what is refused."""

import copy

import numpy as np
import pytest

import tinygrad_mlp as tg

RNG = np.random.default_rng(1)
A, B = RNG.normal(size=(3, 3)) + 4 * np.eye(3), RNG.normal(size=3)


def solved_rule(g, x, system):
    """The adjoint of A x = b: solve the transposed system."""
    w = tg.linalg.solve(system["A"].T, g)
    return ({"A": -tg.outer(w, x), "b": w},)


@tg.custom_vjp(solved_rule)
def solved(system):
    """Gauss's elimination, by SciPy or whoever is good at it."""
    return np.linalg.solve(system["A"], system["b"])


def by_rows(system):
    return tg.linalg.solve(system["A"], system["b"])


def losses(solve):
    def loss(system):
        x = solve(system)
        return tg.sum(x**3) + x[0] * x[1]

    return loss


SYSTEM = {"A": A, "b": B}


def test_a_solver_has_the_derivatives_of_the_implicit_function_theorem():
    for transform in (tg.grad, lambda f: tg.grad(lambda s: tg.sum(tg.grad(f)(s)["A"] ** 2))):
        found, wanted = (transform(losses(f))(SYSTEM) for f in (solved, by_rows))
        for name in SYSTEM:
            np.testing.assert_allclose(found[name], wanted[name], rtol=1e-9, atol=1e-12)
    direction = {"A": RNG.normal(size=(3, 3)), "b": RNG.normal(size=3)}
    found, wanted = (tg.hvp(losses(f), SYSTEM, direction) for f in (solved, by_rows))
    np.testing.assert_allclose(found["A"], wanted["A"], rtol=1e-9, atol=1e-12)


def test_it_compiles():
    found, wanted = tg.compile(tg.grad(losses(solved)))(SYSTEM), tg.grad(losses(solved))(SYSTEM)
    np.testing.assert_allclose(found["A"], wanted["A"], rtol=1e-12)


def test_arrays_in_arrays_out_and_no_graph_without_values():
    assert np.ndarray is type(solved(SYSTEM))
    with tg.no_grad():
        assert solved({"A": tg.Value(A), "b": B}).op is None


def test_an_array_that_changes_later_is_what_it_was():
    system = {"A": A.copy(), "b": tg.Value(B)}
    x = solved(system)
    system["A"][:] = 0.0
    np.testing.assert_allclose(
        tg.grad(x, system["b"], np.ones(3)), np.linalg.solve(A.T, np.ones(3)), rtol=1e-14
    )


@tg.custom_vjp(lambda g, out, pair, n, *, scale: ((g[0] * scale, None), None))
def several(pair, n, *, scale):
    return pair[0] * scale, [np.full(n, 2.0)], "no" and 3


def test_several_outputs_options_and_none_for_zero():
    x, y = tg.Value([1.0, 2.0]), tg.Value(7.0)
    first, (second,), third = several((x, y), 3, scale=5.0)
    assert ((2,), (3,), 3.0) == (first.shape, second.shape, third.item())
    by_x, by_y = tg.grad(tg.sum(first * [1.0, 10.0]) + tg.sum(second) + third, [x, y])
    np.testing.assert_array_equal([5.0, 50.0], by_x)
    assert 0.0 == by_y


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0,), (1, 0, 3), (2, 3)])
def test_shapes_and_types_are_those_of_the_arguments(dtype, shape):
    cube = tg.custom_vjp(lambda g, out, x: (3.0 * g * x * x,))(lambda x: x**3)
    x = RNG.normal(size=shape).astype(dtype)[()]
    u = RNG.normal(size=shape).astype(dtype)[()]
    value, pull_back = tg.vjp(cube, x)
    assert (shape, dtype) == (value.shape, value.dtype)
    (found,) = pull_back(u)
    assert (shape, dtype) == (found.shape, found.dtype)
    np.testing.assert_allclose(found, 3 * x * x * u, rtol=1e-6)


def test_a_graph_with_it_is_copied():
    y = solved({"A": A, "b": tg.Value(B)})
    twin = copy.deepcopy(y)
    leaf = next(v for v in tg.history(twin) if v.op is None)
    np.testing.assert_array_equal(
        tg.grad(twin, leaf, np.ones(3)), tg.grad(y, y.args[0], np.ones(3))
    )


W = tg.Value(2.0, label="W")


@pytest.mark.parametrize(
    ("f", "rule", "error", "message"),
    [
        (lambda x: x * W, lambda g, out, x: (g,), TypeError, "make every Value that it refers to"),
        (lambda x: "no", lambda g, out, x: (g,), TypeError, "what .* returns must be made of real"),
        (lambda x: x, lambda g, out, x: g, TypeError, "a tuple with 1 entries"),
        (lambda x: x, lambda g, out, x: (g, g), TypeError, "got tuple"),
        (lambda x: x, lambda g, out, x: ("g",), TypeError, "returns must be made of real"),
        (lambda x: x, lambda g, out, x: (np.ones(3),), ValueError, r"shape \(3,\) for .* \(\)"),
        (lambda x: x, lambda g, out, x: (g * W,), TypeError, "must return arrays here, got Value"),
        (lambda x: x, lambda g, out, x: (None, None), TypeError, "1 entries"),
    ],
)
def test_misuse_is_told(f, rule, error, message):
    function = tg.custom_vjp(rule)(f)
    with pytest.raises(error, match=message):
        tg.grad(function)(1.5)


def test_a_rule_that_leaves_the_graph_is_refused_when_it_is_differentiated():
    function = tg.custom_vjp(lambda g, out, x: (np.ones(()),))(lambda x: x)
    assert 1.0 == tg.grad(function)(1.5)
    with pytest.raises(TypeError, match="a Value, for it is differentiated itself, got"):
        tg.grad(tg.grad(function))(1.5)


@pytest.mark.parametrize("nothing", [None, [], {}])
def test_a_function_that_returns_nothing_is_named(nothing):
    function = tg.custom_vjp(lambda g, out, x: (g,))(lambda x: nothing)
    for x in (1.0, tg.Value(1.0)):
        with pytest.raises(TypeError, match="<lambda> must return an array, or several"):
            function(x)


def test_a_gradient_of_another_form_is_refused():
    function = tg.custom_vjp(lambda g, out, p: ({"b": g},))(lambda p: p["a"])
    with pytest.raises(ValueError, match=r"entry 0 .* must have the form of its argument: dict"):
        tg.grad(function)({"a": 1.0})


def test_inside_of_it_transforms_of_arrays_give_arrays():
    seen = []

    def slope(x):
        seen.append(tg.grad(tg.sin)(1.0))
        return seen[-1] * 2.0 * x

    f = tg.custom_vjp(lambda g, out, x: (g * slope(x),))(lambda x: x * slope(x) / 2.0)
    wanted = 2.0 * 3.0 * np.cos(1.0)
    for transform in (tg.grad, lambda f: tg.grad(lambda x: tg.grad(lambda y: f(x) * y)(1.0))):
        np.testing.assert_allclose(transform(f)(3.0), wanted, rtol=1e-15)
    assert {np.float64} == set(map(type, seen))
    np.testing.assert_allclose(tg.compile(tg.grad(f))(3.0), wanted, rtol=1e-15)
    np.testing.assert_allclose(tg.vmap(tg.grad(f))(np.array([3.0, 0.0])), [wanted, 0.0])


def test_a_number_of_a_differentiated_value_inside_of_it_is_an_error_and_no_zero():
    def loss(w):
        return tg.custom_vjp(lambda g, out, x: (g,))(lambda x: x * float(w))(w)

    with pytest.raises(tg.TraceError, match="derivative of Value"):
        tg.grad(loss)(2.0)


@pytest.mark.parametrize("place", [0, 1, 2, 3], ids=["gradient", "result", "x", "constant"])
def test_a_rule_that_writes_to_what_it_gets_is_refused(place):
    def rule(*given):
        given[place][...] = 7.0
        return given[0], None

    twice = tg.custom_vjp(rule)(lambda x, c: x * c)
    wanted = "^custom_vjp: the rule of <lambda> writes to its arguments, .*compute into new arrays"
    constant = np.full(2, 2.0)
    with pytest.raises(tg.errors.GraphError, match=wanted):
        tg.grad(lambda x: tg.sum(twice(x * 1.0, constant) * 3.0))(np.ones(2))
    assert [2.0, 2.0] == [*constant]


def test_a_rule_cannot_change_the_result_that_others_read():
    def rule(g, out, x):
        out *= 100.0
        return (g,)

    y = tg.custom_vjp(rule)(lambda x: 2.0 * x)(tg.Value([1.0, 2.0]))
    with pytest.raises(tg.errors.GraphError, match="the rule of <lambda> writes to its arguments"):
        tg.sum(y).backward()
    assert [2.0, 4.0] == [*y.data]


@pytest.mark.parametrize("outside", [lambda f: f, tg.compile, tg.vmap, tg.jacobian])
def test_a_function_that_writes_to_its_arguments_is_told_what_to_do(outside):
    def halved(x):
        x /= 2.0
        return x

    x, wanted = np.ones((2, 2)), "^custom_vjp: the function halved writes to its arguments"
    function = outside(tg.custom_vjp(lambda g, out, x: (g / 2.0,))(halved))
    with pytest.raises(tg.errors.GraphError, match=wanted):
        function(x)
    assert np.array_equal(x, np.ones((2, 2)))
