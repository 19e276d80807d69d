"""Values as numbers, as arrays, and as text."""

import copy
import dataclasses
import decimal
import fractions
import math
import operator
import pickle
from typing import NamedTuple

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.core.operators import Operators

ARITHMETIC = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "power": operator.pow,
    "matmul": operator.matmul,
}
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge]
PARTNERS = [2, 2.5, True, np.float64(2), np.float32(2), np.int64(2), np.array([1.0, 3.0])]
PARTNERS += [np.array([1, 3]), np.array([True, True]), [1.0, 3.0], (1, 3), np.array(2.0)]


# ----- Arithmetic -----


@pytest.mark.parametrize("partner", PARTNERS, ids=lambda x: f"{type(x).__name__} {x}")
@pytest.mark.parametrize("name", ARITHMETIC)
def test_an_operator_takes_numbers_and_arrays_on_either_side(name, partner):
    compute = ARITHMETIC[name]
    constant = np.array(partner, float)
    for x in (np.array([2.0, 0.5]), np.array(2.0)):
        if name == "matmul" and not (x.ndim and constant.ndim):
            continue  # a matrix product has no scalars
        value = tg.Value(x)
        pairs = (
            (compute(value, partner), compute(x, constant)),
            (
                compute(partner, value),
                compute(constant, x),
            ),
        )
        for got, wanted in pairs:
            assert type(got) is tg.Value
            assert got.op is tg.OPS[name]
            assert got.shape == wanted.shape
            assert np.array_equal(got.data, wanted)
            assert tg.grad(got, value, np.ones(got.shape)).shape == x.shape


def test_two_values_on_either_side():
    x, y = tg.Value([4.0, 9.0]), tg.Value([2.0, 0.5])
    for name, compute in ARITHMETIC.items():
        assert np.array_equal(compute(x, y).data, compute(x.data, y.data)), name
    assert np.array_equal((-x).data, -x.data)
    assert np.array_equal(abs(-x).data, x.data)
    assert +x is x


def test_an_array_on_the_left_makes_one_value_not_an_array_of_them():  # micrograd
    x = tg.Value(3.0)
    y = np.ones(2) * x
    assert (type(y), y.shape) == (tg.Value, (2,))
    assert tg.grad(y, x, [1.0, 1.0]) == 2
    assert type(np.float64(2.0) - x) is tg.Value


def test_a_sum_of_numbers_starts_from_pythons_zero():  # micrograd: endless recursion
    values = [tg.Value(x) for x in (1.0, 2.0)]
    total = sum(values)
    assert (total.data, tg.grad(total, values)) == (3, [1, 1])


def test_changing_in_place_makes_a_new_value():
    x = y = tg.Value(3.0)
    y += 1
    y *= 2
    y -= x
    y /= 2
    y **= 2
    assert x.data == 3
    assert y.data == 6.25
    assert tg.grad(y, x) == 2.5
    array = np.ones(2)
    with pytest.raises(TypeError, match=r"np.add\(..., out=\) would overwrite a graph"):
        array += x
    assert array.tolist() == [1, 1]


def test_assigning_to_an_index_is_refused_with_the_functional_spelling():  # autograd, PyTorch
    x = tg.Value([1.0, 2.0])
    with pytest.raises(TypeError, match=r"in-place.*tg.where"):
        x[0] = 5.0
    array = np.zeros(2)
    with pytest.raises(TypeError):
        array[:1] = x[:1]
    assert x.data.tolist() == [1, 2]


@pytest.mark.parametrize("partner", ["a", None, object(), 1j, {}, [[1.0], [1.0, 2.0]]])
@pytest.mark.parametrize("name", [name for name in ARITHMETIC if name != "matmul"])
def test_what_is_no_number_is_refused_on_either_side(name, partner):
    x = tg.Value(1.0)
    with pytest.raises(TypeError, match=f"{name}: argument y must be"):
        ARITHMETIC[name](x, partner)
    with pytest.raises(TypeError, match=f"{name}: argument x must be"):
        ARITHMETIC[name](partner, x)


# ----- Comparisons -----


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize(
    "partner", [2, 2.0, np.float64(2), np.array([1.0, 3.0]), tg.Value([2.0, 2.0])]
)
def test_order_is_that_of_the_numbers(compare, partner):
    numbers = getattr(partner, "data", partner)
    for value in (tg.Value(2.0), tg.Value([1.0, 4.0])):
        for got, wanted in (
            (compare(value, partner), compare(value.data, numbers)),
            (compare(partner, value), compare(numbers, value.data)),
        ):
            assert type(got) is not tg.Value
            assert np.asarray(got).dtype == bool
            assert np.array_equal(got, wanted)


def test_numpys_questions_are_answered_without_a_graph():
    x = tg.Value([1.0, np.inf, np.nan, -0.0])
    for question in (np.isfinite, np.isinf, np.isnan, np.signbit):
        assert np.array_equal(question(x), question(x.data))
    assert np.equal(x, x.data).tolist() == [True, True, False, True]
    assert np.shape(x) == (4,)
    assert np.ndim(x) == 1
    assert np.size(x) == 4
    assert np.zeros_like(x).tolist() == [0, 0, 0, 0]
    assert np.ones_like(x).tolist() == [1, 1, 1, 1]


# ----- One number -----


def test_a_value_of_one_element_is_a_number():
    for data in (2.5, [2.5], [[2.5]], np.float32(2.5)):
        value = tg.Value(data)
        assert (float(value), int(value), value.item(), bool(value)) == (2.5, 2, 2.5, True)
        assert type(value.item()) is float
        assert f"{value:.2f}" == "2.50"
    assert not tg.Value(0.0)
    assert math.exp(tg.Value(1.0)) == math.e  # asks for a float, and gets one


@pytest.mark.parametrize("data", [[1.0, 2.0], [], [[1.0], [2.0]]])
def test_a_table_is_not_a_number(data):
    value = tg.Value(data)
    with pytest.raises(TypeError, match="one element is a number, this has shape"):
        float(value)
    with pytest.raises(TypeError, match="one element is a number"):
        int(value)
    with pytest.raises(ValueError, match="one element is a number"):
        value.item()
    with pytest.raises(ValueError, match=r"ambiguous.*any\(\) or .all\(\)"):
        bool(value)
    with pytest.raises(TypeError, match="one element"):
        f"{value:.2f}"


def test_a_scalar_is_not_a_table():
    value = tg.Value(1.0, label="loss")
    for function in (len, iter, list):
        with pytest.raises(TypeError, match=r"0-d Value .*loss"):
            function(value)
    with pytest.raises(IndexError, match=r"getitem: .*of shape"):
        value[0]
    assert value[()].data == value[...].data == 1
    assert value[None].shape == (1,)


def test_a_table_has_length_rows_and_attributes():
    x = tg.Value(np.arange(6.0).reshape(2, 3))
    assert (len(x), x.shape, x.ndim, x.size, x.dtype) == (2, (2, 3), 2, 6, np.float64)
    assert [row.data.tolist() for row in x] == [[0, 1, 2], [3, 4, 5]]
    assert x.T.data.tolist() == x.data.T.tolist()
    assert len(tg.Value([])) == 0
    assert list(tg.Value([])) == []


# ----- Methods -----

METHODS = {
    "sum": [(), (0,), {"axis": -1, "keepdims": True}, {"axis": 0, "dtype": None, "out": None}],
    "conj": [()],
    "conjugate": [()],
    "copy": [(), ("F",)],
    "mean": [(), (0,), {"axis": -1, "keepdims": True}],
    "max": [(), (0,), {"axis": -1, "keepdims": True}],
    "min": [(), (0,), {"axis": -1, "keepdims": True}],
    "prod": [(), (0,), {"axis": -1, "keepdims": True}],
    "var": [(), (0,), {"axis": -1, "keepdims": True, "ddof": 1}],
    "std": [(), (0,), {"axis": -1, "keepdims": True, "ddof": 1}],
    "reshape": [(3, 2), ((3, -1),), (-1,), (6,)],
    "transpose": [(), (1, 0), ((0, 1),), (-1, 0), (None,), ([1, 0],)],
    "squeeze": [()],
    "astype": [(np.float32,), ("float16",), (float,)],
    "clip": [(2.0, 3.0), (None, 3.0), {"min": 2.0}, {"max": [1.0, 2.0, 3.0]}],
    "cumprod": [(), (0,), {"axis": -1}],
    "cumsum": [(), (0,), {"axis": -1}],
    "diagonal": [(), (1,), {"axis1": 1, "axis2": 0}],
    "dot": [([1.0, 2.0, 3.0],), (2.0,)],
    "flatten": [()],
    "ravel": [()],
    "repeat": [(2,), (2, 1)],
    "round": [(), (1,)],
    "swapaxes": [(0, -1)],
    "take": [([0, 2, 2],), ([1], 0), {"indices": 1, "axis": -1}],
    "trace": [(), (1,)],
}


@pytest.mark.parametrize(
    ("name", "arguments"), [(name, each) for name, many in METHODS.items() for each in many]
)
def test_a_method_is_that_of_an_array(name, arguments):
    array = np.array([[1.0, 2.0, 4.0], [8.0, 0.5, 0.25]])
    value = tg.Value(array)
    if isinstance(arguments, dict):
        got, wanted = (getattr(x, name)(**arguments) for x in (value, array))
    else:
        got, wanted = (getattr(x, name)(*arguments) for x in (value, array))
    assert type(got) is tg.Value
    assert got.dtype == wanted.dtype
    assert got.shape == wanted.shape
    np.testing.assert_allclose(got.data, wanted, rtol=1e-15)


ANSWERS = {
    "argmax": [(), (0,), (-1, None), {"axis": 1, "keepdims": True}, {"keepdims": True}],
    "argmin": [(), (0,), (-1, None), {"axis": 1, "keepdims": True}, {"out": None}],
    "any": [
        (),
        (0,),
        ((0, 1),),
        {"axis": 1, "keepdims": True},
        {"keepdims": True},
    ],
    "all": [(), (0,), ((0, 1),), {"axis": 1, "keepdims": True}, {"where": [True, False, True]}],
    "argsort": [(), (0,), (None,), {"axis": 0, "kind": "stable"}],
    "nonzero": [()],
    "tolist": [()],
    "item": [(0,), (-1,), (1, 2), ((0, 1),)],
    "astype": [(int,), ("int8",), (bool,), {"dtype": np.uint16, "copy": False}],
}


@pytest.mark.parametrize(
    ("name", "arguments"), [(name, each) for name, many in ANSWERS.items() for each in many]
)
def test_a_method_that_answers_a_question_gives_plain_numbers(name, arguments):
    array = np.array([[1.0, 0.0, 4.0], [8.0, 0.5, 0.25]])
    by_name = arguments if isinstance(arguments, dict) else {}
    by_place = () if by_name else arguments
    got, wanted = (getattr(x, name)(*by_place, **by_name) for x in (tg.Value(array), array))
    assert type(got) is type(wanted)
    for one, other in zip(np.atleast_1d(got), np.atleast_1d(wanted), strict=True):
        assert np.asarray(one).dtype == np.asarray(other).dtype
        assert np.array_equal(one, other)


def test_keywords_that_only_numpy_has_are_asked_of_numpys_function():
    x = tg.Value([[1.0, 2.0], [4.0, 8.0]])
    assert x.var(axis=0, correction=1).data.tolist() == [4.5, 18.0]
    assert x.std(correction=0).data == np.std(x.data)
    assert x.mean(axis=0, dtype=None, out=None).data.tolist() == [2.5, 5.0]
    assert x.astype(np.float32, copy=False).dtype == np.float32
    for name, arguments in (
        ("cumsum", (0,)),
        ("round", (1,)),
        ("trace", (1, 1, 0)),
        ("dot", ([1.0, 2.0],)),
    ):
        got, wanted = (getattr(y, name)(*arguments, out=None) for y in (x, x.data))
        assert got.data.tolist() == wanted.tolist()
        with pytest.raises(TypeError, match=rf"^np.{name}\(..., out=\) would overwrite"):
            getattr(x, name)(*arguments, out=np.empty(wanted.shape))
    for call, words in (
        (lambda: x.sum(dtype=np.float32), r"^np.sum\(..., dtype=\) is not.*convert with tg.astype"),
        (lambda: x.mean(out=np.ones(())), r"^np.mean\(..., out=\) would overwrite"),
        (lambda: x.max(axes=0), r"^max\(\) got an unexpected keyword argument 'axes'"),
        (lambda: x.any(out=np.ones((), bool)), r"^np.any\(..., out=\) would overwrite"),
    ):
        with pytest.raises(TypeError, match=words):
            call()


@pytest.mark.parametrize("axes", [(0,), (-1,), (np.int64(0),), ((0,),), ([0],)])
def test_a_vector_is_transposed_by_its_only_axis(axes):
    x = tg.Value([1.0, 2.0])
    for got in (x.transpose(*axes), np.transpose(x, *axes), tg.transpose(x, *axes)):
        assert type(got) is tg.Value
        assert got.data.tolist() == np.transpose(x.data, *axes).tolist() == [1.0, 2.0]


def test_the_attributes_of_an_array_are_there():
    for array in (np.ones((2, 3, 4)), np.ones((2, 0), "float32"), np.ones((3, 2)), np.float64(2)):
        x = tg.Value(array)
        for name in ("nbytes", "itemsize"):
            assert getattr(x, name) == getattr(array, name)
        assert x.real is x
        assert type(x.imag.data) is type(array.imag)
        assert (x.imag.dtype, x.imag.tolist()) == (array.dtype, array.imag.tolist())
        if array.ndim > 1:
            assert np.array_equal(x.mT.data, np.swapaxes(array, -1, -2))
    y = tg.Value([[1.0, 2.0]])
    assert tg.grad(y.mT, y, [[3.0], [4.0]]).tolist() == [[3.0, 4.0]]
    assert tg.grad(y.copy(), y, [[3.0, 4.0]]).tolist() == [[3.0, 4.0]]
    with pytest.raises(tg.ShapeError, match="axis -2 does not exist"):
        tg.Value([1.0]).mT  # noqa: B018


def test_a_list_of_plain_numbers_would_lose_a_derivative():
    for read in (lambda x: x.tolist()[0], lambda x: x.item(0)):
        with pytest.raises(tg.TraceError, match=r"derivative of .* would be lost"):
            tg.grad(read)(np.ones(2))
    assert tg.Value(2.0).tolist() == 2.0


@pytest.mark.parametrize(
    "name",
    ["exp", "log", "sqrt", "square", "sin", "cos", "tanh", "sigmoid", "relu", "softmax", "norm"],
)
def test_a_method_is_the_function_of_its_name(name):
    value = tg.Value([[1.0, 2.0], [0.5, 3.0]])
    got = getattr(value, name)()
    assert got.op is tg.OPS[name]
    assert np.array_equal(got.data, getattr(tg, name)(value.data))


def test_every_method_that_is_named_as_a_function_calls_it():
    methods = {name for name in dir(Operators) if name in FUNCTIONS}
    assert methods >= {*METHODS} - {"conj", "conjugate", "flatten"} | {
        "exp",
        "log",
        "norm",
        "softmax",
    }


# ----- Text -----


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (tg.Value(3), "Value(3.0)"),
        (tg.Value(-0.0, label="w"), "Value(-0.0, label='w')"),
        (tg.Value(np.nan), "Value(nan)"),
        (tg.Value(2.0) * 3, "Value(6.0, op='multiply')"),
        (tg.Value([1.0, 2.5]), "Value([1. , 2.5], shape=(2,))"),
        (tg.Value([]), "Value([], shape=(0,))"),
        (tg.exp(tg.Value([0.0])), "Value([1.], shape=(1,), op='exp')"),
        (tg.Value(1.0, label="it's"), 'Value(1.0, label="it\'s")'),
    ],
)
def test_a_value_prints_its_numbers_label_and_op(value, text):
    assert repr(value) == str(value) == f"{value}" == text


def test_a_huge_table_prints_few_numbers():
    text = repr(tg.Value(np.zeros((1000, 1000))))
    assert len(text) < 300
    assert "shape=(1000, 1000)" in text


# ----- Copies -----


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_a_leaf_can_be_copied_and_is_another_then(duplicate):
    x = tg.Value(np.array([1.0, 2.0], np.float32), label="w")
    tg.sum(x).backward()
    twin = duplicate(x)
    assert twin is not x
    assert (twin.label, twin.data.dtype, twin.op) == ("w", np.float32, None)
    assert twin.number > x.number
    twin.data -= np.float32(1)
    assert x.data.tolist() == [1, 2]
    assert twin.grad.tolist() == [1, 1]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_a_computed_value_is_copied_with_its_graph(duplicate):
    x = tg.Value([1.0, 2.0, 3.0], label="x")
    with tg.scope("inside"):
        y = tg.concatenate([x[1:] * 2.0, tg.exp(x)]).mean(axis=0) ** np.array([2.0, 3.0])
    y.label = "y"
    twin_x, twin = duplicate((x, y))
    assert repr(y) == repr(twin)
    assert twin_x is tg.history(twin)[0]
    assert [v.scope for v in tg.history(y)] == [v.scope for v in tg.history(twin)]
    y.backward([1.0, 2.0])
    assert twin_x.grad is None
    twin.backward([1.0, 2.0])
    np.testing.assert_array_equal(x.grad, twin_x.grad)
    new = twin * 1.0  # younger than all of the copy
    assert tg.history(new)[-1] is new


def test_a_long_chain_is_copied_and_pickled_without_recursion():
    x = tg.Value(1.0)
    y = x
    for _ in range(100_000):
        y = y * 1.0
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        twin.backward()
        assert tg.history(twin)[0].grad == 1.0


def test_in_looks_for_a_number_as_numpy_does():
    v = tg.Value([1.0, 3.0])
    assert 3.0 in v
    assert 2.0 not in v


# ----- Equality -----


NUMBERS = [2, 2.0, True, 1 + 0j, np.float32(2), np.int64(3)]
NUMBERS += [fractions.Fraction(2), decimal.Decimal(2)]
TABLES = [[1.0, 2.0], (1, 2), [[1.0], [2.0]], [None, 2], np.array([2.0, 1.0]), np.array(["a", "b"])]


@pytest.mark.parametrize("other", NUMBERS + TABLES, ids=repr)
@pytest.mark.filterwarnings("ignore:invalid value encountered in (not_)?equal:RuntimeWarning")
def test_equality_with_numbers_is_that_of_the_numbers(other):
    for value in (tg.Value(2.0), tg.Value([1.0, 2.0]), tg.Value([[np.nan]])):
        for got, wanted in (
            (value == other, value.data == other),
            (value != other, value.data != other),
        ):
            assert type(got) is not tg.Value
            assert np.shape(got) == np.shape(wanted)
            assert np.array_equal(got, wanted)
        if not (isinstance(other, np.ndarray) and other.dtype.kind == "U"):
            assert np.array_equal(other == value, value.data == other)
            assert np.array_equal(other != value, value.data != other)


@pytest.mark.parametrize("other", [None, "2.0", b"2", {}, {2.0}, object(), float, np.ndarray, len])
def test_nothing_but_numbers_equals_a_value(other):
    for value in (tg.Value(2.0), tg.Value([1.0, 2.0])):
        assert (value == other) is False
        assert (value != other) is True
        assert (other == value) is False


def test_shapes_that_do_not_fit_are_not_compared():
    with pytest.raises(ValueError, match="broadcast"):
        tg.Value([1.0, 2.0]) == [1.0, 2.0, 3.0]  # noqa: B015


class Pair(NamedTuple):
    first: object
    second: object


@dataclasses.dataclass
class Holder:
    weights: object


def test_two_values_are_equal_if_they_are_one():
    a, b = tg.Value([1.0, 2.0]), tg.Value([1.0, 2.0])
    for equal in (a == a, a != b, not a == b, not a != a):  # noqa: PLR0124, SIM201, SIM202
        assert equal is True
    assert hash(a) != hash(b)
    assert {a: "a", b: "b"}[a] == "a"
    assert len({a, b, a}) == 2
    assert a in [b, a]
    assert [b, a].index(a) == 1
    assert [b, a] == [b, a] != [a, b]
    assert (Pair(a, b), Holder(a)) == (Pair(a, b), Holder(a))
    assert (Pair(a, b), Holder(a)) != (Pair(b, a), Holder(b))
    assert {"w": a} == {"w": a} != {"w": b}


def test_a_number_in_a_list_is_found_and_in_a_set_is_not():
    v = tg.Value(0.5)
    assert v == 0.5
    assert v in [0.25, 0.5]
    assert v not in {0.25, 0.5}  # a set asks for the hash first, which is that of the object
    assert v not in [None, "0.5"]
    assert Holder(v) == Holder(0.5)
    with pytest.raises(ValueError, match="ambiguous"):
        assert Holder(tg.Value([1.0, 2.0])) == Holder([1.0, 2.0])
