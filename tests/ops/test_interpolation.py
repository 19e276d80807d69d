"""Interpolation and polynomials against NumPy, by hand and by complex steps."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import relative_error

XP = np.array([-1.0, 0.0, 0.5, 2.0])
FP = np.array([3.0, -1.0, 4.0, 1.5])
X = np.array([[-0.7, 0.1, 1.3], [0.25, -0.2, 1.9]])
#: Outside, at each knot, at nothing.
EDGES = np.array([-9.0, -1.0, 0.0, 0.5, 2.0, 7.0, np.inf, -np.inf, np.nan])
RNG = np.random.default_rng(6)


# ----- interp -----


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize(
    "options",
    [{}, {"left": -5.0}, {"right": 8}, {"left": 1, "right": 2.0}, {"period": 2.5}, {"period": -4}],
)
@pytest.mark.parametrize("x", [X, EDGES, 0.3, np.zeros((2, 0)), [1, 2]], ids=np.shape)
def test_interpolation_has_the_bits_of_numpys(x, options, dtype):
    x, xp, fp = (np.asarray(each, dtype)[()] for each in (x, XP, FP))
    with np.errstate(invalid="ignore"):  # the rest of infinity
        wanted = np.interp(x, xp, fp, **options)
        got = tg.interp(x, xp, fp, **options)
        assert type(got) is type(wanted)
        assert got.dtype == wanted.dtype == np.float64
        np.testing.assert_array_equal(got, wanted)
        values = [tg.Value(x), tg.Value(xp), tg.Value(fp)]
        for given in ([values[0], xp, fp], [x, values[1], fp], [x, xp, values[2]], values):
            recorded = np.interp(*given, **options)
            assert type(recorded) is tg.Value
            np.testing.assert_array_equal(recorded.data, wanted)
        run = tg.compile(lambda *given: np.interp(*given, **options))(x, xp, fp)
    np.testing.assert_array_equal(run, wanted)


def test_a_step_of_two_equal_knots_and_a_single_knot_are_numpys():
    x = np.array([-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, np.nan])
    for xp in ([0.0, 1.0, 1.0, 2.0], [0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]):
        knots, fp = tg.Value(xp), tg.Value([1.0, 2.0, 5.0, 3.0])
        out = tg.interp(x, knots, fp)
        np.testing.assert_array_equal(out.data, np.interp(x, xp, fp.data))
        slopes = tg.grad(tg.sum(out[:-1]), [knots, fp])
        assert np.all(np.isfinite(slopes))
    np.testing.assert_array_equal(tg.interp(x, [1.0], [7.0]), np.interp(x, [1.0], [7.0]))
    sides = tg.interp(x, [1.0], [7.0], left=0.0, right=9.0)
    np.testing.assert_array_equal(sides, np.interp(x, [1.0], [7.0], 0.0, 9.0))


def _weights(x):
    """By hand: for each x of a vector how much of each height is in it, and which line it is on."""
    hats, lines = np.zeros((len(x), 4)), np.zeros(len(x), int)
    for row, number in enumerate(x):
        line = lines[row] = sum(number >= knot for knot in XP[1:-1])
        share = (number - XP[line]) / (XP[line + 1] - XP[line])
        hats[row, line : line + 2] = 1 - share, share
    return hats, lines


def test_slopes_are_those_by_hand():
    x, upstream = X.ravel(), RNG.uniform(-1, 1, X.size)
    hats, lines = _weights(x)
    slopes = (np.diff(FP) / np.diff(XP))[lines]
    values = [tg.Value(x), tg.Value(XP), tg.Value(FP)]
    by_x, by_xp, by_fp = tg.grad(np.interp(*values), values, upstream)
    np.testing.assert_allclose(by_x, upstream * slopes, rtol=1e-13)
    np.testing.assert_allclose(by_fp, upstream @ hats, rtol=1e-13)
    # A knot that moves to the right takes along its share of the line, which has this slope.
    np.testing.assert_allclose(by_xp, -(upstream * slopes) @ hats, rtol=1e-13)


def test_a_knot_belongs_to_the_line_on_its_right_and_outside_nothing_changes():
    slopes = tg.elementwise_grad(lambda x: tg.interp(x, XP, FP))(EDGES[:-1])
    np.testing.assert_allclose(slopes, [0, -4, 10, -2.5 / 1.5, 0, 0, 0, 0], rtol=1e-15)
    left, right, heights = tg.Value(5.0), tg.Value(6.0), tg.Value(FP)
    out = tg.interp(EDGES[:-1], XP, heights, left, right)
    assert tg.grad(tg.sum(out), [left, right]) == [2.0, 2.0]
    assert tg.grad(tg.sum(out), heights).tolist() == [1, 1, 1, 1]
    assert tg.grad(tg.sum(tg.interp(EDGES[:-1], XP, heights)), heights).tolist() == [3, 1, 1, 3]


@pytest.mark.parametrize("period", [None, 3.5])
def test_second_derivatives_are_slopes_of_the_first(period):
    def f(x, xp, fp):
        return tg.sum(weights * tg.interp(x, xp, fp, period=period) ** 2)

    weights, point = RNG.uniform(-1, 1, X.shape), (X, XP, FP)
    way, other = ([RNG.uniform(-1, 1, np.shape(each)) for each in point] for _ in range(2))
    product = sum(np.sum(a * b) for a, b in zip(tg.hvp(f, point, tuple(way)), other, strict=True))
    step, ends = 1e-5, []
    for t in (step, -step):
        moved = [each + t * by for each, by in zip(point, other, strict=True)]
        slopes = tg.grad(f, (0, 1, 2))(*moved)
        ends.append(sum(np.sum(a * b) for a, b in zip(slopes, way, strict=True)))
    assert relative_error(product, (ends[0] - ends[1]) / (2 * step)) < 1e-7
    assert not tg.hessian(lambda x: tg.sum(tg.interp(x, XP, FP, period=period)))(X).any()


def test_each_run_of_a_compiled_function_finds_the_places_anew():
    slopes = tg.value_and_grad(lambda *a: tg.sum(tg.interp(*a) ** 2), (0, 1, 2))
    run = tg.compile(slopes)
    for shift in (0.0, 0.4, -1.1):
        given = X + shift, XP + shift**2, FP[::-1] * (1 + shift)
        (got, found), (wanted, direct) = run(*given), slopes(*given)
        assert got == wanted
        for a, b in zip(found, direct, strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_printed_function_finds_the_places_anew():
    names = {}
    exec(str(tg.source(np.interp, X, XP, FP, name="f")), names)
    np.testing.assert_array_equal(names["f"](X * 1.4, XP, FP), np.interp(X * 1.4, XP, FP))


def test_interpolation_is_mapped_over_points_knots_and_heights():
    x, xp = X[0], np.stack([XP, XP * 2.0, XP + 0.1])
    fp = RNG.uniform(-1, 1, (3, 4))
    for inside in (tg.interp, tg.grad(lambda *given: tg.sum(tg.interp(*given)), 2)):
        mapped = tg.vmap(inside, in_axes=(None, 0, 0))(x, xp, fp)
        np.testing.assert_allclose(mapped, [inside(x, *each) for each in zip(xp, fp)], rtol=1e-15)


def test_a_drawing_shows_the_places_as_an_argument():
    graph = tg.Graph.of(tg.interp(tg.Value(X), XP, tg.Value(FP)))
    assert "elements_at" in {node.op for node in graph}


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: np.interp(tg.Value(1.0), [1.0, 0.0], [1.0, 2.0]), ValueError, "xp must rise"),
        (lambda: tg.interp(1.0, [], []), tg.ShapeError, r"of 1 or more; got shapes \(0,\)"),
        (lambda: tg.interp(1.0, [1.0, 2.0], [1.0]), tg.ShapeError, r"\(2,\) and \(1,\)"),
        (lambda: tg.interp(1.0, [[1.0]], [[1.0]]), tg.ShapeError, "must be vectors"),
        (lambda: tg.interp(1.0, XP, FP, period=0), ValueError, "period must not be 0"),
        (lambda: tg.interp(1.0, XP, FP, period=np.inf), ValueError, "period must be finite"),
        (lambda: tg.interp(1.0, XP, FP, period=tg.Value(1.0)), TypeError, "period must be a real"),
        (lambda: tg.interp(1.0, XP, FP, left=[1.0, 2.0]), tg.ShapeError, "left must be a number"),
        (lambda: tg.interp("a", XP, FP), tg.DataTypeError, "x must be made of real numbers"),
        (lambda: tg.interp(1.0, XP, FP * 1j), tg.DataTypeError, "fp must be made of real numbers"),
    ],
)
def test_what_cannot_be_interpolated_is_named(call, error, words):
    with pytest.raises(error, match=f"^interp: .*{words}"):
        call()


# ----- polyval -----


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("p", [[2.0, -1.0, 0.5, 3.0], [1.5], [], np.ones((3, 1, 3)), [[1.0] * 3]])
@pytest.mark.parametrize("x", [X, 0.3, np.zeros((0, 3))], ids=np.shape)
def test_a_polynomial_has_the_bits_of_numpys(x, p, dtype):
    p, x = np.asarray(p, dtype), np.asarray(x, dtype)[()]
    wanted = np.polyval(p, x)
    for given in ((p, x), (tg.Value(p), x), (p, tg.Value(x)), (tg.Value(p), tg.Value(x))):
        got = np.asarray(getattr(tg.polyval(*given), "data", tg.polyval(*given)))
        assert got.dtype == wanted.dtype
        np.testing.assert_array_equal(got, wanted)
    run = tg.compile(tg.polyval)(p, x)
    np.testing.assert_array_equal(run, wanted)


def test_slopes_of_a_polynomial_are_those_of_a_complex_step():
    p, step, upstream = RNG.uniform(-1, 1, 5), 1e-30, RNG.uniform(-1, 1, X.shape)
    by_p, by_x = tg.grad(lambda p, x: tg.sum(upstream * tg.polyval(p, x)), (0, 1))(p, X)
    np.testing.assert_allclose(by_x, upstream * np.polyval(p, X + 1j * step).imag / step)
    moved = [np.polyval(p + 1j * step * unit, X).imag / step for unit in np.eye(5)]
    np.testing.assert_allclose(by_p, [np.sum(upstream * each) for each in moved])
    curvature = tg.elementwise_grad(tg.elementwise_grad(lambda x: tg.polyval(p, x)))(X)
    np.testing.assert_allclose(curvature, np.polyval(np.polyder(p, 2), X))


def test_what_is_no_polynomial_is_named():
    with pytest.raises(tg.ShapeError, match=r"^polyval: p must be a list of coefficients"):
        tg.polyval(tg.Value(1.0), X)
    with pytest.raises(TypeError, match=r"^polyval: x must be numbers"):
        np.polyval(tg.Value(FP), np.poly1d([1.0, 2.0]))
