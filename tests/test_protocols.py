"""NumPy's own functions on Values: what is covered is right, and what is not says so."""

import importlib.util
import operator
import warnings
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import relative_error, slope

ROOT = Path(__file__).parents[1]
_specification = importlib.util.spec_from_file_location(
    "numpy_table", ROOT / "tools" / "numpy_table.py"
)
numpy_table = importlib.util.module_from_spec(_specification)
_specification.loader.exec_module(numpy_table)

COVERED = numpy_table.covered()
X = np.array([[0.7, 0.2, 0.4], [0.8, 0.5, 0.3]])
ROW = np.array([0.3, 0.1, 0.6])
SQUARE = np.array([[0.7, 0.2], [0.8, 0.5]])


def on(name):
    """Return NumPy's function of a name with dots, or None if this NumPy has none."""
    found = np
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


# How each function is called; those not named here are called with X alone.
CALLS = {
    "arccosh": [lambda f, x: f(x + 1.5)],
    "add.accumulate": [lambda f, x: f(x), lambda f, x: f(x, axis=1)],
    "add.reduce": [
        lambda f, x: f(x),
        lambda f, x: f(x, axis=None),
        lambda f, x: f(x, 1, None, None, True),
        lambda f, x: f(x, axis=(0, 1), keepdims=True),
    ],
    "argmax": [lambda f, x: f(x, axis=1), lambda f, x: f(a=x)],
    "array_split": [lambda f, x: f(x, 2, axis=1), lambda f, x: f(x, [1, 1, 5], 1)],
    "astype": [lambda f, x: f(x, np.longdouble)],
    "atleast_1d": [lambda f, x: f(x), lambda f, x: f(x[0, 0], x)],
    "atleast_2d": [lambda f, x: f(x[0]), lambda f, x: f(x, x[0, 0])],
    "broadcast_to": [lambda f, x: f(x, (2, 2, 3)), lambda f, x: f(array=x, shape=(1, 2, 3))],
    "clip": [
        lambda f, x: f(x, 0.25, 0.65),
        lambda f, x: f(x, a_min=0.25, a_max=None),
        lambda f, x: f(x, None, 0.65),
        lambda f, x: f(x, min=0.25, max=0.65) if np.__version__ >= "2.1" else f(x, 0.25, 0.65),
    ],
    "column_stack": [lambda f, x: f([x[0], x[1]]), lambda f, x: f((x, x[:, 0]))],
    "concatenate": [
        lambda f, x: f([x, x], axis=1),
        lambda f, x: f((x, SQUARE), 1),
        lambda f, x: f((x, x), axis=0, out=None, dtype=None),
    ],
    "cumsum": [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(a=x, axis=0, dtype=None)],
    "diag": [lambda f, x: f(x), lambda f, x: f(x[0], k=1), lambda f, x: f(v=x[1], k=-2)],
    "diagonal": [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(x, axis1=1, axis2=0)],
    "diff": [lambda f, x: f(x), lambda f, x: f(x, axis=0), lambda f, x: f(x, n=2)],
    "divide": [lambda f, x: f(x, ROW), lambda f, x: f(2.0, x)],
    "dot": [
        lambda f, x: f(x, ROW),
        lambda f, x: f(ROW, x.T),
        lambda f, x: f(x, np.stack([x.T] * 4)),
        lambda f, x: f(x, 2.0),
    ],
    "einsum": [
        lambda f, x: f("ij,j", x, ROW),
        lambda f, x: f("ij,kj->ik", x, x, optimize=True),
        lambda f, x: f("...i->...", x),
        lambda f, x: f("ij,ij->j", x, x[:1]),
        lambda f, x: f("ii->i", x[:, :2]),
    ],
    "expand_dims": [lambda f, x: f(x, 1), lambda f, x: f(x, axis=(0, -1))],
    "flip": [lambda f, x: f(x), lambda f, x: f(x, 0), lambda f, x: f(m=x, axis=(0, 1))],
    "full_like": [lambda f, x: f(x, 3.0)],
    "hstack": [lambda f, x: f([x, x]), lambda f, x: f((x[0], x[1, :1]))],
    "inner": [lambda f, x: f(x, x), lambda f, x: f(ROW, x), lambda f, x: f(x, 2.0)],
    "linalg.norm": [
        lambda f, x: f(x),
        lambda f, x: f(x, "fro"),
        lambda f, x: f(x, 2, 1),
        lambda f, x: f(x, axis=0, keepdims=True),
        lambda f, x: f(x[0], ord=2),
        lambda f, x: f(x, axis=(0, 1)),
    ],
    "logaddexp.reduce": [lambda f, x: f(x), lambda f, x: f(x, axis=1, keepdims=True)],
    "matmul": [lambda f, x: f(x, x.T), lambda f, x: f(x, ROW)],
    "max": [lambda f, x: f(x, 1), lambda f, x: f(x, axis=(0, 1), keepdims=True)],
    "maximum": [lambda f, x: f(x, ROW)],
    "mean": [lambda f, x: f(x), lambda f, x: f(a=x, axis=0, dtype=None, out=None)],
    "min": [lambda f, x: f(x, 1, None, True)],
    "minimum": [lambda f, x: f(ROW, x)],
    "moveaxis": [lambda f, x: f(x, 0, 1), lambda f, x: f(x[None], (0, 1), (-1, 0))],
    "outer": [lambda f, x: f(x, ROW), lambda f, x: f(a=x, b=x)],
    "pad": [
        lambda f, x: f(x, 1),
        lambda f, x: f(x, ((0, 1), (2, 0)), constant_values=0.5),
        lambda f, x: f(x, (1, 2), "constant"),
    ],
    "power": [lambda f, x: f(x, 2), lambda f, x: f(2.0, x), lambda f, x: f(x, x)],
    "ptp": [lambda f, x: f(x), lambda f, x: f(x, 1)],
    "repeat": [lambda f, x: f(x, 2), lambda f, x: f(x, [1, 0, 2], axis=1)],
    "reshape": [lambda f, x: f(x, (3, 2)), lambda f, x: f(x, -1), lambda f, x: f(x, (3, -1), "C")],
    "rint": [lambda f, x: f(x + 0.01)],
    "roll": [lambda f, x: f(x, 1), lambda f, x: f(x, -1, 1), lambda f, x: f(x, (1, 2), (0, 1))],
    "round": [lambda f, x: f(x + 0.01, 1), lambda f, x: f(x + 0.01, decimals=1)],
    "sort": [lambda f, x: f(x), lambda f, x: f(x, 0, kind="stable"), lambda f, x: f(x, axis=None)],
    "split": [lambda f, x: f(x, 3, 1), lambda f, x: f(x, [1], axis=1)],
    "squeeze": [lambda f, x: f(x[None]), lambda f, x: f(x[None, :1], 1)],
    "stack": [lambda f, x: f([x, X]), lambda f, x: f([x, x], axis=-1)],
    "std": [lambda f, x: f(x), lambda f, x: f(x, 0, None, None, 1), lambda f, x: f(x, ddof=1)],
    "sum": [
        lambda f, x: f(x),
        lambda f, x: f(x, axis=(0, 1)),
        lambda f, x: f(x, 1, None, None, True),
        lambda f, x: f(a=x, keepdims=True),
    ],
    "swapaxes": [lambda f, x: f(x, 0, 1), lambda f, x: f(x, axis1=-1, axis2=0)],
    "take": [
        lambda f, x: f(x, [0, 5, 5]),
        lambda f, x: f(x, -1, axis=1),
        lambda f, x: f(x, [[0, 1], [1, 1]], 0),
    ],
    "tensordot": [
        lambda f, x: f(x, x),
        lambda f, x: f(x, x, axes=([0, 1], [0, 1])),
        lambda f, x: f(x, x.T, 1),
        lambda f, x: f(x, x, (0, 0)),
        lambda f, x: f(x, ROW, 0),
    ],
    "tile": [lambda f, x: f(x, 2), lambda f, x: f(x, (2, 1, 2)), lambda f, x: f(x[0], (2,))],
    "trace": [lambda f, x: f(x), lambda f, x: f(x[:, None], 1, 0, 2)],
    "transpose": [lambda f, x: f(x), lambda f, x: f(x, (1, 0)), lambda f, x: f(x, axes=(0, 1))],
    "tril": [lambda f, x: f(x), lambda f, x: f(np.stack([x, x]), k=-1)],
    "triu": [lambda f, x: f(x), lambda f, x: f(x, 1)],
    "var": [lambda f, x: f(x), lambda f, x: f(x, axis=1, correction=1, keepdims=True)],
    "vdot": [lambda f, x: f(x, X)],
    "vstack": [lambda f, x: f([x, x]), lambda f, x: f((x[0], x[1]))],
    "where": [lambda f, x: f(X > 0.4, x, 0.0), lambda f, x: f(X > 0.4, ROW, x)],
}
SECOND = {"allclose", "array_equal", "array_equiv", "isclose", "searchsorted"}
LIKE_ANOTHER = {
    "amax": "max", "amin": "min", "around": "round", "acosh": "arccosh", "concat": "concatenate",
    "permute_dims": "transpose", "pow": "power", "true_divide": "divide",
}  # fmt: skip


def ways(name):
    """Return the calls of a function that are tried."""
    function = on(name)
    known = CALLS.get(LIKE_ANOTHER.get(name, name))
    if known:
        return known
    if (getattr(function, "nin", 1) == 2 and "." not in name) or name in SECOND:
        return [lambda f, x: f(x, ROW), lambda f, x: f(ROW, x), lambda f, x: f(x, x)]
    return [lambda f, x: f(x)]


def parts(result):
    """Return what a call gave as a list, for some give many."""
    return list(result) if isinstance(result, list | tuple) else [result]


@pytest.mark.parametrize("name", [name for name, kind in COVERED.items() if kind != "plain array"])
def test_a_covered_function_has_the_value_and_the_slope_of_numpys(name):
    function = on(name)
    if function is None:
        pytest.skip(f"this NumPy has no {name}")
    way = np.random.default_rng(1).uniform(-1, 1, X.shape)
    for call in ways(name):
        value = tg.Value(X)
        got, wanted = parts(call(function, value)), parts(call(function, X))
        assert [type(each) for each in got] == [tg.Value] * len(wanted)
        for each, plain in zip(got, wanted, strict=True):
            assert each.dtype == plain.dtype
            assert relative_error(each.data, plain) < 1e-14
        weights = [np.random.default_rng(2).uniform(-1, 1, each.shape) for each in got]
        total = sum(np.sum(w * each) for w, each in zip(weights, got, strict=True))

        def along(t, weights=weights, call=call):
            moved = parts(call(function, X + t * way))
            return sum(np.sum(w * each) for w, each in zip(weights, moved, strict=True))

        found = np.sum(tg.grad(total, value) * way)
        assert relative_error(found, slope(along)) < 1e-10
        if COVERED[name] == "zero derivative":
            assert not np.any(tg.grad(total, value))


@pytest.mark.parametrize("name", [name for name, kind in COVERED.items() if kind == "plain array"])
def test_a_question_is_answered_as_for_an_array(name):
    function = on(name)
    for call in ways(name):
        got, wanted = parts(call(function, tg.Value(X))), parts(call(function, X))
        for each, plain in zip(got, wanted, strict=True):
            assert type(each) is type(plain)
            assert np.shape(each) == np.shape(plain)
            if name != "empty_like":
                assert np.array_equal(each, plain)


def test_a_value_inside_a_list_or_named_is_found_too():
    x = tg.Value([1.0, 2.0])
    assert np.array_equal(np.isclose(a=[1.0, 2.0], b=x), [True, True])
    assert np.logical_and(x, [x > 1.5][0]).tolist() == [False, True]
    assert tg.grad(np.stack([np.ones(2), x]).sum(), x).tolist() == [1, 1]


# ----- What is not covered -----


def dispatched():
    """Yield every public function of NumPy that asks its arguments, by the name to call it."""
    for module in (np, np.linalg, np.fft):
        for name in sorted(dir(module)):
            function = getattr(module, name)
            if numpy_table.is_dispatched(function) and not name.startswith("_"):
                yield f"{module.__name__}.{name}".removeprefix("numpy."), function


OTHERS = {name: function for name, function in dispatched() if name not in COVERED}


@pytest.mark.parametrize("name", OTHERS)
def test_a_function_without_a_rule_says_so_by_name(name):
    function, x = OTHERS[name], tg.Value(SQUARE)
    module = "numpy" if isinstance(function, np.ufunc) else function.__module__
    spelling = f"{module.replace('numpy', 'np', 1)}.{function.__name__}"
    messages = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for count in range(1, 5):  # until the arguments are as many and of the kind it wants
            for arguments in ([x] * count, [[x] * 2, *[x] * (count - 1)]):
                with pytest.raises((TypeError, ValueError, AttributeError)) as error:
                    function(*arguments)
                messages.append(str(error.value))
                if f"{spelling} has no derivative rule" in messages[-1]:
                    return
    pytest.fail(f"{spelling} said only {messages}")


@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.exp, np.maximum, np.hypot])
@pytest.mark.parametrize("method", ["reduce", "accumulate", "outer", "at", "reduceat"])
def test_a_method_of_a_ufunc_has_a_rule_or_says_so(ufunc, method):
    if f"{ufunc.__name__}.{method}" in COVERED:
        return
    x = tg.Value([1.0, 2.0])
    arguments = {"outer": (x, x), "at": (x, [0], 1.0), "reduceat": (x, [0])}.get(method, (x,))
    words = rf"np.{ufunc.__name__}.{method}|only supported for binary functions|ufunc is unary"
    with pytest.raises((TypeError, ValueError), match=words):
        getattr(ufunc, method)(*arguments)


def test_what_numpy_has_under_the_same_name_with_another_meaning_is_not_called():
    with pytest.raises(TypeError, match=r"np.place has no derivative rule.*tg.where\(mask"):
        np.place(tg.Value([1.0, 2.0]), [True, False], 5.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (np.spacing, "np.spacing has no derivative rule"),
        (np.sinc, r"np.sinc has no.*write tg.sin\(np.pi \* x\) /"),
        (np.fix, r"np.fix has no.*write tg.trunc"),
        (lambda x: np.logaddexp2(x, x), r"np.logaddexp2 has no.*did you mean tg.logaddexp\?"),
        (lambda x: np.add.at(x, [0], 1.0), r"np.add.at has no.*write x \+ tg.place"),
        (lambda x: np.add.at(np.ones(2), [0, 1], x), r"np.add.at has no.*write x \+ tg.place"),
        (np.maximum.accumulate, r"np.maximum.accumulate has no.*step by step"),
        (np.median, "np.median has no derivative rule.*write tg.sort and an index, or value.data"),
        (np.cumprod, r"np.cumprod has no.*write tg.exp\(tg.cumsum\(tg.log\(x\)\)\)"),
        (lambda x: np.add.outer(x, x), r"np.add.outer has no.*itself for x\[:, np.newaxis\] and y"),
        (lambda x: np.exp(x, dtype=float), r"np.exp\(..., dtype=\).*tg.astype"),
        (lambda x: np.exp(x, where=[True, False]), r"np.exp\(..., where=\).*tg.where"),
        (lambda x: np.exp(x, out=np.ones(2)), r"np.exp\(..., out=\) would overwrite"),
        (lambda x: np.exp(np.ones(2), out=x), r"np.exp\(..., out=\) would overwrite"),
        (lambda x: np.sum(x, out=np.ones(())), r"np.sum\(..., out=\) would overwrite"),
        (lambda x: np.sum(np.ones(2), out=x), r"np.sum\(..., out=\) would overwrite"),
        (lambda x: np.any(x, out=np.ones((), bool)), r"np.any\(..., out=\) would overwrite"),
        (lambda x: np.add.reduce(x, out=np.ones(())), r"np.add.reduce\(..., out=\) would"),
        (lambda x: np.sum(x, dtype=np.float32), r"np.sum\(..., dtype=\).*tg.astype"),
        (lambda x: np.sum(x, None, float), r"np.sum\(..., dtype=\)"),
        (lambda x: np.add.reduce(x, dtype=np.float32), r"np.add.reduce\(..., dtype=\)"),
        (lambda x: np.sum(x, where=[True, False]), r"np.sum\(..., where=\).*tg.where"),
        (lambda x: np.max(x, initial=3.0), r"np.max\(..., initial=\).*tg.maximum"),
        (lambda x: np.ravel(x, order="F"), r"np.ravel\(..., order=\) is not supported"),
        (lambda x: np.pad(x, 1, mode="edge"), "only a border of one number"),
        (lambda x: np.linalg.norm(x, 1), r"np.linalg.norm\(..., ord=1\).*tg.sum\(tg.abs"),
        (lambda x: np.linalg.norm(np.stack([x, x]), 2), r"np.linalg.norm\(..., ord=2\)"),
        (np.linalg.inv, "np.linalg.inv has no derivative rule"),
        (np.fft.fft, "np.fft.fft has no derivative rule"),
        (np.asarray, r"silently drop its graph; join Values with tg.stack.*value.data"),
        (np.array, r"silently drop its graph; join Values with tg.stack.*value.data"),
        (lambda x: np.array([x, x]), r"silently drop its graph"),
        (lambda x: np.array([x, x], dtype=float), r"silently drop its graph"),
        (lambda x: np.full(2, x), r"silently drop its graph"),
        (lambda x: np.full_like(np.ones(2), x), r"np.copyto has no"),
        (lambda x: np.zeros((1, 2)).__setitem__(0, x), r"silently drop its graph"),
        (lambda x: x.__setitem__(0, 1.0), "in-place assignment.*tg.where"),
        (lambda x: np.copyto(x, 1.0), r"np.copyto has no.*tg.where\(mask, new, x\)"),
        (lambda x: np.einsum(x, [0], x, [0]), "subscripts must be a str"),
        (lambda x: x // 2, "unsupported operand"),
        (lambda x: x % 2, "unsupported operand"),
    ],
)
def test_what_has_no_rule_says_so(call, words):
    with pytest.raises(TypeError, match=words):
        call(tg.Value([1.0, 2.0]))


def test_an_array_on_the_left_of_any_operator_makes_one_value():
    array, x = np.array([1.0, 2.0]), tg.Value([3.0, 5.0])
    for made in (array + x, array - x, array * x, array / x, array**x, array @ x):
        assert type(made) is tg.Value
    for answer in (array < x, array <= x, array > x, array >= x, array == x, array != x):
        assert answer.dtype == bool


# ----- Kinds of arrays whose operators mean something else -----


class Metres(np.ndarray):
    """An array with a unit, as those of astropy are: it has a say in every function of NumPy."""

    def __array_ufunc__(self, *args, **options):
        return NotImplemented


class Named(np.ndarray):
    """An array that is one in all that it computes."""


ODD = {
    "masked": np.ma.array([[1.0, 2.0], [3.0, 4.0]], mask=[[0, 1], [0, 0]]),
    "unmasked": np.ma.array([[1.0, 2.0], [3.0, 4.0]]),
    "matrix": np.array([[1.0, 2.0], [3.0, 4.0]]).view(np.matrix),
    "units": np.ones((2, 2)).view(Metres),
}
BINARY = [
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "lt",
    "le",
    "gt",
    "ge",
    "eq",
    "ne",
    "and_",
    "or_",
    "iadd",
    "imul",
]


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_array_whose_operators_mean_something_else_is_refused_on_both_sides(odd, name):
    v = tg.Value(SQUARE)
    for a, b in ((odd.copy(), v), (v, odd.copy())):
        with pytest.raises(TypeError):
            getattr(operator, name)(a, b)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_the_refusal_names_the_kind_of_array(odd):
    said = "masked array.*filled" if isinstance(odd, np.ma.MaskedArray) else r"np\.asarray\(x\)"
    for call in (
        lambda: tg.Value(SQUARE) * odd,
        lambda: tg.Value(SQUARE) @ odd,
        lambda: tg.Value(SQUARE) < odd,
        lambda: tg.Value(SQUARE) == odd,
        lambda: tg.Value(odd),
        lambda: tg.tanh(odd),
        lambda: tg.grad(tg.sum)(odd),
        lambda: tg.grad(lambda x: (odd * x).sum())(SQUARE),
        lambda: tg.grad(lambda x: np.sum(x * odd))(SQUARE),
        lambda: tg.vjp(tg.sin, SQUARE)[1](odd),
        lambda: tg.compile(lambda x: odd * x)(SQUARE),
        lambda: tg.compile(lambda x: x < odd)(SQUARE),
    ):
        with pytest.raises(tg.DataTypeError, match=said):
            call()


def test_a_subclass_that_computes_as_arrays_do_is_an_array():
    named = SQUARE.view(Named)
    v = tg.Value(SQUARE)
    for got in (v * named, named * v):
        assert type(got) is tg.Value
        np.testing.assert_array_equal(got.data, SQUARE * SQUARE)
    np.testing.assert_array_equal(v == named, np.ones((2, 2), bool))


def test_no_function_for_masked_arrays_takes_the_numbers_of_a_value():
    """None returns numbers that a gradient would have to flow through."""
    v = tg.Value(SQUARE)
    with np.errstate(all="ignore"):
        for name in ("add", "multiply", "sin", "sum", "mean", "dot", "where", "maximum", "stack"):
            function = getattr(np.ma, name)
            for args in ((v,), (v, v), (v, 1.0), ([v, v],), (ODD["masked"], v), (True, v, v)):
                try:
                    got = function(*args)
                except (TypeError, ValueError, AttributeError):
                    continue
                assert type(got) is tg.Value, f"np.ma.{name} took the numbers"
    for name in dir(np.ma.array([1.0])):
        if name.startswith("_") and not name.startswith("__"):
            assert not hasattr(v, name), f"np.ma looks at {name}"


def test_pandas_leaves_its_operators_to_a_value():
    pandas = pytest.importorskip("pandas")
    frame, v = pandas.DataFrame(SQUARE), tg.Value(SQUARE)
    for name in ["add", "sub", "mul", "truediv", "pow"]:
        for x in (frame, frame[0]):
            w = v if x is frame else v[:, 0]
            got = getattr(operator, name)(x, w)
            assert type(got) is tg.Value
            wanted = getattr(operator, name)(tg.Value(x.to_numpy()), w)
            np.testing.assert_array_equal(got.data, wanted.data)
    for name in ["lt", "le", "gt", "ge", "eq", "ne"]:
        got, wanted = (getattr(operator, name)(x, SQUARE) for x in (frame, SQUARE))
        np.testing.assert_array_equal(getattr(operator, name)(frame, v), wanted)
        np.testing.assert_array_equal(got, wanted)


def test_pandas_is_told_to_leave_its_operators_to_a_value():
    assert tg.Value.__pandas_priority__ > 4000  # that of a DataFrame, the highest of pandas's own
