"""Tests of operations of one's own: one row, and everything works with it."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.core.op import PROTECTED


def swish_row():
    return tg.Op(
        "swish",
        "x",
        forward="{x} * my_sigmoid({x})",
        functions={"my_sigmoid": lambda x: 1.0 / (1.0 + np.exp(-x))},
        vjps=(lambda g, out, x: g * (tg.sigmoid(x) + x * tg.sigmoid_prime(x)),),
        latex=r"{x} \sigma({x})",
        symbol="swish",
        doc="Self-gated activation.",
    )


def scaled():
    @tg.operation(lambda g, out, x, factor: g * factor, latex="{factor} {x}", symbol="k·x")
    def scale(x, *, factor=2.0):
        """Multiply by a constant."""
        return x * factor

    return scale


def test_a_row_works_forward_backward_and_to_higher_order():
    swish = swish_row()
    x = np.linspace(-2, 2, 5)
    s = 1 / (1 + np.exp(-x))
    np.testing.assert_allclose(swish(x), x * s)
    np.testing.assert_allclose(tg.elementwise_grad(swish)(x), s + x * s * (1 - s))
    second = tg.elementwise_grad(tg.elementwise_grad(swish))(x)
    np.testing.assert_allclose(second, s * (1 - s) * (2 + x * (1 - 2 * s)), rtol=1e-12)


def test_a_row_of_ones_own_is_checked_like_any_other():
    assert tg.gradcheck(swish_row(), [[-2.0, 0.5, 3.0]])
    assert tg.gradcheck(lambda x: scaled()(x, factor=3.0), [1.0, 2.0])

    @tg.operation(lambda g, out, x: g * 2.0 * x)
    def cube(x):
        return x**3

    with pytest.raises(tg.GradientError, match=r"gradcheck of cube, order 1: .* is wrong at index"):
        tg.gradcheck(cube, [1.0, 2.0])


def test_a_row_is_drawn_and_documented():
    y = swish_row()(tg.Value(1.0, label="x"))
    assert "swish" in tg.draw(y).source
    assert "Self-gated activation." in tg.OPS["swish"].__doc__
    assert r"z \sigma(z)" == tg.OPS["swish"].latex.format(x="z")


def test_a_decorated_function_takes_options():
    scale = scaled()
    x = tg.Value([1.0, 2.0])
    np.testing.assert_array_equal([2.0, 4.0], scale(x).data)
    np.testing.assert_array_equal([5.0, 5.0], tg.grad(scale(x, factor=5.0).sum(), x))
    assert "Multiply by a constant." in scale.__doc__
    assert "scale(x, factor=2.0)" == scale.signature


def test_a_second_definition_replaces_the_first_but_not_in_older_graphs():
    old = scaled()(tg.Value(1.0))
    again = scaled()
    assert tg.OPS["scale"] is again
    old.backward()
    assert 2.0 == tg.history(old)[0].grad


def test_the_rows_of_the_package_cannot_be_replaced():
    with pytest.raises(ValueError, match="'exp' is a row of this package"):

        @tg.operation(lambda g, out, x: g)
        def exp(x):
            return x


def test_rules_must_be_as_many_as_parameters():
    with pytest.raises(TypeError, match="f has 2 parameters, x, y, but 1 rules"):

        @tg.operation(lambda g, out, x, y: g)
        def f(x, y):
            return x * y

    with pytest.raises(TypeError, match="must be a function or None, got 3"):

        @tg.operation(3)
        def h(x):
            return x

    with pytest.raises(TypeError, match="must name its parameters"):

        @tg.operation(None)
        def k(*x):
            return x

    assert set(tg.OPS) < PROTECTED
    assert {"question", "erf", "gammaln"} < PROTECTED


def test_an_operation_of_ones_own_takes_no_function_of_the_package_away():
    @tg.operation(lambda g, out, x: 7.0 * g)
    def average(x):
        return 7.0 * x

    x = tg.Value([1.0, 2.0])
    assert average(x).data.tolist() == [7.0, 14.0]
    assert np.average(x).item() == 1.5
    assert tg.OPS["average"] is average
    with pytest.raises(ValueError, match="'erf' is a row of this package"):

        @tg.operation(None)
        def erf(x):
            return x


def test_none_is_a_derivative_of_zero_and_stop_gradient_a_constant():
    @tg.operation(None)
    def step(x):
        return (x > 0) * 1.0

    x = tg.Value(3.0)
    assert 0.0 == tg.grad(step(x), x)
    assert 3.0 == tg.grad(x * tg.stop_gradient(x), x)
    assert 0.0 == tg.grad(tg.grad(lambda x: x * tg.stop_gradient(x)))(3.0)


# ----- What a function and its rules may return -----


def returning(answer, *rules):
    @tg.operation(*(rules or (lambda g, out, x: g,)))
    def odd(x):
        return answer(x)

    return odd


@pytest.mark.parametrize(
    ("answer", "got"),
    [
        (lambda x: 5, "int 5"),
        (lambda x: True, "bool True"),
        (lambda x: 1.5, "float 1.5"),
        (lambda x: None, "NoneType None"),
        (lambda x: "text", "str 'text'"),
        (lambda x: [1.0, 2.0], r"list \[1.0, 2.0\]"),
        (lambda x: (x, x), "tuple"),
        (lambda x: x > 0, "ndarray of bool"),
        (lambda x: x.astype(int), "ndarray of int64"),
        (lambda x: x.astype(object), "ndarray of object"),
        (np.ma.array, "MaskedArray of float64"),
        (tg.Value, "Value"),
    ],
)
@pytest.mark.parametrize("x", [tg.Value([1.0, 2.0]), np.array([1.0, 2.0])], ids=["Value", "array"])
def test_a_function_that_returns_no_floats_is_refused(answer, got, x):
    words = f"^odd: the function must return an array or a NumPy number of floats, got {got}"
    with pytest.raises(tg.errors.DataTypeError, match=words):
        returning(answer)(x)


def test_what_the_refusal_of_a_result_advises_works():
    for answer in (5, True, 1.5, [1.0, 2.0], (1.0, 2.0)):
        op = returning(lambda x, answer=answer: np.asarray(answer, float))
        assert np.array_equal(op(tg.Value([1.0, 2.0])).data, answer)


@pytest.mark.parametrize(
    ("share", "error", "words"),
    [
        (1.0, TypeError, r"floats of shape \(2,\), .* got float 1.0"),
        (None, TypeError, r"got NoneType None; a derivative of zero is 0.0 \* g, or None in place"),
        ([1.0, 2.0], TypeError, "got list"),
        ((1.0, 2.0), TypeError, "got tuple"),
        (np.array([1, 2]), TypeError, "got ndarray of int64"),
        (np.array([True, False]), TypeError, "got ndarray of bool"),
        ("text", TypeError, "got str"),
        (np.ones(3), ValueError, r"shape \(2,\), the gradient by x, got shape \(3,\)"),
        (np.ones((5, 2)), ValueError, r"got shape \(5, 2\)"),
        (np.ones((1, 2)), ValueError, r"got shape \(1, 2\)"),
        (np.ones(1), ValueError, r"got shape \(1,\)"),
        (np.float64(1.0), ValueError, r"got shape \(\)"),
    ],
)
def test_a_rule_that_returns_no_gradient_is_refused(share, error, words):
    x = tg.Value([1.0, 2.0])
    y = returning(lambda x: 2.0 * x, lambda g, out, x: share)(x)
    with pytest.raises(error, match=f"^odd: the rule for x must return .*{words}"):
        tg.grad(y.sum(), x)
    with pytest.raises(error, match=r"^odd: the rule for x must return"):
        y.sum().backward()
    assert x.grad is None


def test_a_rule_that_leaves_the_graph_is_refused_when_it_is_differentiated():
    @tg.operation(
        lambda g, out, x: (g * 3.0 * x**2).data if isinstance(g, tg.Value) else g * 3 * x**2
    )
    def cubed(x):
        return x**3

    assert tg.grad(cubed)(2.0) == 12.0
    with pytest.raises(TypeError, match="the rule for x must return a Value, for it is diff"):
        tg.grad(tg.grad(cubed))(2.0)


def test_broadcasting_need_not_be_undone_by_a_rule():
    @tg.operation(
        lambda g, out, x, w, b: g @ w.T,
        lambda g, out, x, w, b: tg.swapaxes(x, -1, -2) @ g,
        lambda g, out, x, w, b: g,
    )
    def batched(x, w, b):
        return x @ w + b

    rng = np.random.default_rng(0)
    shapes = [(4, 2, 3), (3, 5), (1, 5)]
    assert tg.gradcheck(batched, *(rng.normal(size=shape) for shape in shapes))

    @tg.operation(lambda g, out, x, w: g * w + 0.0 * x, lambda g, out, x, w: g * x)
    def weighted_sum(x, w):
        return np.sum(x * w)

    assert tg.gradcheck(weighted_sum, rng.normal(size=(4, 3)), rng.normal(size=3))


@pytest.mark.parametrize("kind", [tg.Value, np.array])
def test_a_function_that_writes_to_its_argument_is_refused_at_the_first_call(kind):
    @tg.operation(lambda g, out, x, y: g, lambda g, out, x, y: g)
    def greedy(x, y):
        x += y
        return x

    x, y = kind([1.0, 2.0]), np.array([10.0, 20.0])
    for _ in range(2):
        with pytest.raises(tg.errors.GraphError, match=r"^greedy: the function writes to its arg"):
            greedy(x, y)
    assert [1.0, 2.0] == [*np.asarray(getattr(x, "data", x))]
    if kind is np.array:
        x[0] = 5.0  # it is still the caller's

    @tg.operation(lambda g, out, x, y: g, lambda g, out, x, y: g)
    def modest(x, y):
        x = x.copy()
        x += y
        return x

    assert tg.gradcheck(modest, np.ones(2), y)


def test_the_source_and_the_compiled_form_hold_the_function_as_it_was_written():
    f = scaled()
    text = tg.source(lambda x: f(x, factor=3.0), np.ones(2))
    assert "return x * factor" in text
    assert "Checked" not in text
    assert tg.compile(lambda x: f(x) * 2.0)(np.ones(2)).tolist() == [4.0, 4.0]


@pytest.mark.parametrize("place", [0, 1, 2], ids=["the upstream gradient", "the result", "x"])
def test_a_rule_that_writes_to_what_it_gets_is_refused(place):
    def rule(*given):
        given[place][...] = 7.0
        return given[0]

    @tg.operation(rule)
    def twice(x):
        return x * 2.0

    x = tg.Value([1.0, 2.0])
    y = twice(x)
    z = y * 1.0
    with pytest.raises(tg.errors.GraphError, match=r"^twice: the rule writes to its arguments"):
        z.backward([1.0, 10.0])
    assert x.grad is None
    assert [*y.data] == [2.0, 4.0]


def test_a_function_that_makes_complex_numbers_of_floats_is_refused():
    @tg.operation(lambda g, out, x: g)
    def turned(x):
        return 1j * x

    for x in (tg.Value([1.0, 2.0]), np.ones(2), 1.0):
        with pytest.raises(tg.errors.DataTypeError, match=r"^turned: .* of floats, got"):
            turned(x)


def test_a_decorator_without_rules_says_that_they_are_missing():
    def cube(x):
        return x**3

    with pytest.raises(TypeError, match=r"after its rules, one for each parameter.*got 3\.0"):
        tg.operation(cube)(3.0)
