"""Tests of the printed source: it runs alone, gives the same bits, and reads as it should."""

import math
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.oracles import calls, pulled_back
from tests.work import calls_of
from tinygrad_mlp._support.structures import leaves
from tinygrad_mlp.programs.writing.naming import Names

every_row = pytest.mark.parametrize("name", tg.OPS)


def numbers(*shapes, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.normal(size=shape)).astype(dtype)[()] for shape in shapes]


def function_of(source):
    """The function that a source defines, in a namespace of its own."""
    namespace = {}
    exec(compile(str(source), "<source>", "exec"), namespace)
    return namespace[source.name]


def same(got, wanted):
    """Whether two structures hold the same bits in the same types."""
    got, wanted = leaves(got), leaves(wanted)
    return len(got) == len(wanted) and all(
        np.shape(a) == np.shape(b)
        and np.asarray(a).dtype == np.asarray(b).dtype
        and np.array_equal(a, b, equal_nan=True)
        and np.array_equal(np.signbit(a), np.signbit(b))
        for a, b in zip(got, wanted)
    )


def body_of(source):
    """The text of the main function, without what stands before it."""
    return str(source)[str(source).index(f"def {source.name}(") :]


def check(f, *args, **options):
    source = tg.source(f, *args)
    with np.errstate(all="ignore"):
        got = function_of(source)(*args, **source.constants)
        wanted = f(*args)
    assert same(got, wanted), (str(source), got, wanted)
    return source


# ----- The same numbers -----


@every_row
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_row_is_printed_with_its_gradient_to_the_last_bit(name, dtype):
    for call in calls(name):
        f, args = pulled_back(call, dtype)
        check(f, *args)


@every_row
def test_second_derivatives_are_printed_to_the_last_bit(name):
    for call in calls(name):
        f, args = pulled_back(call, np.float64)

        def slope(*args, f=f):
            value, slopes = f(*args)
            return tg.sum(value) + sum(tg.sum(slope * slope) for slope in slopes)

        check(tg.grad(slope, tuple(range(len(args)))), *args)


UNARY = [tg.exp, tg.sin, tg.tanh, tg.sigmoid, tg.square, tg.negative, tg.softplus, tg.abs, tg.relu]
BINARY = [tg.add, tg.subtract, tg.multiply, tg.maximum, tg.divide, tg.hypot, tg.OPS["larger_share"]]
SHAPES = [(), (3,), (1,), (3, 3), (3, 1), (1, 3), (1, 1)]


@st.composite
def programs(draw):
    """A random function, of several arrays, with shared parts; and its arguments."""
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    shapes = draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=3))
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from(range(7)), st.integers(0, 99), st.integers(0, 99), st.integers(0, 9)
            ),
            min_size=1,
            max_size=9,
        )
    )

    def f(*args):
        values = [*args]
        for kind, first, second, choice in steps:
            x, y = values[first % len(values)], values[second % len(values)]
            if kind <= 1:
                values.append(UNARY[choice % len(UNARY)](x))
            elif kind == 2:
                values.append(BINARY[choice % len(BINARY)](x, y))
            elif kind == 3:
                values.append(BINARY[choice % 5](x, 0.1 + choice))
            elif kind == 4 and np.ndim(x):
                values.append(tg.sum(x, axis=0, keepdims=bool(choice % 2)))
            elif kind == 5 and np.ndim(x) == 2:
                values.append(x.T if choice % 2 else x[:, ::-1])
            elif kind == 6 and np.ndim(x) == 2:
                values.append(x @ tg.transpose(x))
        return sum(tg.sum(x) for x in values[len(args) :]) + tg.sum(args[0])

    return f, numbers(*shapes, seed=draw(st.integers(0, 9)), dtype=dtype)


@given(programs())
def test_random_functions_are_printed_to_the_last_bit(program):
    f, args = program
    with np.errstate(all="ignore"):
        check(f, *args)
        check(tg.value_and_grad(f, tuple(range(len(args)))), *args)


# ----- Alone -----

ALONE = """
import pickle, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "tinygrad_mlp":
            raise ImportError(name)

sys.meta_path.insert(0, Blocker())
results = []
for text, name, args, constants in pickle.load(open(sys.argv[1], "rb")):
    namespace = {}
    exec(text, namespace)
    results.append(namespace[name](*args, **constants))
assert "tinygrad_mlp" not in sys.modules
pickle.dump(results, open(sys.argv[2], "wb"))
"""


def test_the_source_runs_where_the_package_cannot_be_imported(tmp_path):
    programs, wanted = [], []
    for name in tg.OPS:
        for call in calls(name):
            f, args = pulled_back(call, np.float64)
            source = tg.source(f, *args)
            programs.append((str(source), source.name, args, source.constants))
            wanted.append(f(*args))
    programs.append((str(tg.source(network(), X)), "network", [X, *arrays_of(network())], {}))
    wanted.append(network()(X))
    (tmp_path / "programs").write_bytes(pickle.dumps(programs))
    command = [sys.executable, "-I", "-W", "error", "-c", ALONE]
    command += [str(tmp_path / "programs"), str(tmp_path / "results")]
    subprocess.run(command, check=True, cwd=tmp_path)
    got = pickle.loads((tmp_path / "results").read_bytes())
    assert len(got) == len(wanted) > 300
    assert [] == [p[0] for p, a, b in zip(programs, got, wanted) if not same(a, b)]


def test_the_source_is_the_same_in_every_process():
    program = """
import numpy as np
import tinygrad_mlp as tg
def f(x, p):
    return tg.mse(tg.sigmoid(x @ p["W"] + p["b"]), tg.sort(x)[:, ::-1]) + tg.norm(p["W"])
x = np.ones((2, 2))
p = {"W": np.eye(2), "b": np.zeros(2)}
print(tg.source(tg.hessian(f, 1), x, p, formulas=True))
print(tg.source(f, x, p, wrt="p", target="latex"))
"""
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(texts) == 1


# ----- As a person would have written it -----


def network():
    result = tg.Network(verbose=False)
    result.add(tg.FullyConnectedLayer(2, 3, rng=1))
    result.add(tg.ActivationLayer())
    result.add(tg.FullyConnectedLayer(3, 1, rng=2))
    result.add(tg.ActivationLayer())
    return result


def arrays_of(network):
    return [parameter.data for parameter in network.parameters()]


X, W1, B1, W2, B2, Y = numbers((4, 2), (2, 3), (1, 3), (3, 1), (1, 1), (4, 1))

NAMES = ["x", "W1", "b1", "W2", "b2", "y"]


def loss(x, W1, b1, W2, b2, y):
    z1 = tg.affine(x, W1, b1)
    a1 = tg.sigmoid(z1)
    z2 = tg.affine(a1, W2, b2)
    a2 = tg.sigmoid(z2)
    return tg.half_squared_error(y, a2)


LOSS_AND_GRADIENTS = """\
def loss_and_gradients(x, W1, b1, W2, b2, y):
    # Forward
    z1 = x @ W1 + b1  # (4, 3)
    a1 = sigmoid(z1)  # (4, 3)
    z2 = a1 @ W2 + b2  # (4, 1)
    a2 = sigmoid(z2)  # (4, 1)
    loss = 0.5 * np.square(y - a2).sum()
    # Backward
    da2 = a2 - y  # (4, 1)
    dz2 = da2 * sigmoid_prime(z2)  # (4, 1)
    dW2 = a1.T @ dz2  # (3, 1)
    db2 = dz2.sum(axis=0, keepdims=True)  # (1, 1)
    da1 = dz2 @ W2.T  # (4, 3)
    dz1 = da1 * sigmoid_prime(z1)  # (4, 3)
    dW1 = x.T @ dz1  # (2, 3)
    db1 = dz1.sum(axis=0, keepdims=True)  # (1, 3)
    return loss, (dW1, db1, dW2, db2)
"""


def test_the_two_layer_network_reads_as_its_backpropagation_does_in_books():
    f = tg.value_and_grad(loss, argnums=(1, 2, 3, 4))
    source = check(f, X, W1, B1, W2, B2, Y)
    assert body_of(source) == LOSS_AND_GRADIENTS
    assert source.startswith('"""Written by tinygrad_mlp: value_and_grad(loss)."""\n\nimport')
    assert ">>>" not in source


@pytest.mark.parametrize("wrt", [(1, 2, 3, 4), ("W1", "b1", "W2", "b2"), ["W1", -4, 3, "b2"]])
def test_wrt_adds_value_and_gradients_by_position_or_name(wrt):
    assert body_of(tg.source(loss, X, W1, B1, W2, B2, Y, wrt=wrt)) == LOSS_AND_GRADIENTS


def test_a_value_is_written_from_its_leaves():
    leaves = [tg.Value(x, label=n) for n, x in zip(NAMES, (X, W1, B1, W2, B2, Y))]
    output = loss(*leaves)
    source = tg.source(output, wrt=leaves[1:5])
    got = function_of(source)(X, W1, B1, W2, B2, Y)
    assert same(got, (output.data, tuple(tg.grad(output, leaves[1:5]))))
    assert "dW1 = x.T @ dz1" in source
    everything = tg.source(output)
    got = function_of(everything)(X, W1, B1, W2, B2, Y)
    assert same(got, (output.data, tuple(tg.grad(output, leaves))))
    assert "Backward" not in tg.source(output, wrt=())
    assert same(function_of(tg.source([output, leaves[0] * 2.0]))(X, W1, B1, W2, B2, Y)[1], X * 2)


def test_the_parameters_of_a_network_are_parameters_of_its_source():
    source = tg.source(network(), X)
    assert same(function_of(source)(X, *arrays_of(network())), network()(X))
    assert "def network(x, W1, b1, W2, b2):" in source
    assert "# layer3\n    z2 = a1 @ W2 + b2" in source


def test_gradients_by_values_that_a_function_refers_to():
    mlp = network()
    source = tg.source(lambda x, y: tg.half_squared_error(y, mlp(x)), X, Y, wrt=mlp.parameters())
    x = tg.Value(X)
    wanted = tg.grad(tg.half_squared_error(Y, mlp(x)), mlp.parameters())
    assert same(function_of(source)(X, Y, *arrays_of(mlp))[1], tuple(wanted))
    assert [
        line.strip() for line in body_of(source).splitlines() if "# " in line and "=" not in line
    ] == [
        "# Forward: layer1",
        "# layer2",
        "# layer3",
        "# layer4",
        "# Loss",
        "# Backward",
        "# layer4",
        "# layer3",
        "# layer2",
        "# layer1",
    ]


def test_nested_arguments_are_taken_apart_at_the_top():
    def mlp(x, layers, y):
        a = x
        for layer in layers:
            a = tg.tanh(a @ layer["W"] + layer["b"])
        return tg.mse(y, a)

    layers = [{"W": W1, "b": B1}, {"W": W2, "b": B2, "unused": X}]
    source = check(tg.value_and_grad(mlp, 1), X, layers, Y)
    assert 'W1 = layers[0]["W"]\n    b1 = layers[0]["b"]\n    W2 = layers[1]["W"]' in source
    assert "unused = " not in source
    assert '[{"W": dW1, "b": db1}, {"W": dW2, "b": db2, "unused": np.zeros((4, 2))}]' in source


def test_what_decides_the_program_is_told_and_is_no_parameter():
    source = tg.source(lambda x, n, way: tg.sum(x, axis=n) if way == "down" else x, X, 0, "down")
    assert same(function_of(source)(X), X.sum(axis=0))
    assert source.startswith('"""Written by tinygrad_mlp: <lambda>, for n=0, way=\'down\'."""')
    assert "def f(x):" in source


def test_python_floats_and_whole_numbers_become_what_the_program_needs():
    source = check(lambda x, rate: tg.sigmoid(rate) * x, X, 0.3)
    assert "rate = np.float64(rate)" in source
    assert "np.float64" not in check(lambda x, rate: rate * x, X, 0.3)
    source = tg.source(lambda x: 200.0 * x - x, np.array([200], dtype=np.uint8))
    assert "x = x.astype(np.float64)" in source


def test_a_symmetric_constant_and_its_transpose_are_two():  # BLAS multiplies them differently
    (x, y) = numbers((5, 17), (17, 17))
    table = y @ y.T
    source = check(tg.value_and_grad(lambda x: tg.sum(tg.tanh((x @ table)[:1]))), x)
    orders = [array.flags.c_contiguous for array in source.constants.values()]
    assert [True, False] == orders


@pytest.mark.parametrize("number", [1.0, 0.3])
def test_a_table_of_one_number_stays_where_it_decides_about_the_order_of_a_sum(number):
    table = np.full((3, 2), number)
    for seed in range(40):
        x = np.asfortranarray(*numbers((3, 2), seed=seed))
        check(lambda x: tg.sum(tg.tanh(x) * table), x)
        check(tg.grad(lambda x: tg.sum(table * x) ** 2), x)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_constants_keep_their_type_and_every_bit(dtype):
    rng = np.random.default_rng(0)
    small, large = rng.normal(size=3).astype(dtype), rng.normal(size=(30, 3)).astype(dtype)
    number = dtype(1) / dtype(3)
    (x,) = numbers(3, dtype=np.float16)
    source = check(lambda x: (small * x + number) @ (large * number).T, x)
    assert all(x.dtype == dtype for x in source.constants.values())
    assert str(large[0, 0]) not in source


def test_special_numbers_are_written_exactly():
    numbers_ = [np.nan, np.inf, -np.inf, -0.0, 5e-324, 1e300, 1 / 3, 0.1 + 0.2]
    x = np.ones(len(numbers_))
    check(lambda x: x * np.array(numbers_), x)
    for number in numbers_:
        check(lambda x, number=number: x * number, x)


def test_names_shadow_nothing_and_are_unique():
    def f(np, sum, sigmoid, f):  # noqa: A002  that is the point
        def named(x, label):
            if isinstance(x, tg.Value):
                x.label = label
            return x

        lambda_ = named(np * sigmoid, "lambda")
        other = named(lambda_ + sum, "np")
        twice = named(other * lambda_ * f, "x y")
        again = named(twice + lambda_, "x y")
        return tg.sigmoid(again) * twice

    source = check(f, *numbers(3, 3, 3, 3))
    assert "def f(np_, sum_, sigmoid_, f2):" in source
    assert "lambda_ = np_ * sigmoid_" in source
    assert "x_y1 = " in source
    assert "x_y2 = " in source


def test_an_operation_of_ones_own_is_copied():
    cube = tg.operation(lambda g, out, x: g * slope_of_cube(x))(cube_of)
    slope_of_cube = tg.operation(lambda g, out, x: g * 6.0 * x)(slope)
    source = check(tg.value_and_grad(lambda x: tg.sum(cube(x))), X)
    assert "def cube_of(x):\n" in source
    assert "import math" in source
    assert "FACTOR = 3.0" in source


FACTOR = 3.0


def cube_of(x: np.ndarray) -> np.ndarray:
    """Third power.

    >>> cube_of(2.0)
    8.0
    """
    return x**3


def slope(x):
    # a comment
    return helper(x) * math.sqrt(1.0)


def helper(x):
    return FACTOR * x**2


def test_an_operation_that_cannot_be_copied_is_refused():
    factor = 2.0

    def scaled(x):
        return factor * x

    op = tg.operation(lambda g, out, x: g * 2.0)(scaled)
    with pytest.raises(ValueError, match="scaled cannot be copied, because it is a lambda or uses"):
        tg.source(op, X)


def test_what_is_not_needed_is_not_there():
    def f(x, y):
        unused = tg.exp(y)
        return tg.sum(x * 1.0 + (unused * 0.0).shape[0] - 4.0)

    source = tg.source(tg.grad(f), X, X)
    assert "exp" not in source
    assert body_of(source) == "def f_gradient(x, y):\n    return np.ones((4, 2))\n"


# ----- Layout -----


def test_the_source_is_formatted(tmp_path):
    ruff = shutil.which("ruff", path=Path(sys.executable).parent)
    if ruff is None:
        pytest.skip("ruff is not installed")
    for name in tg.OPS:
        for number, call in enumerate(calls(name)):
            f, args = pulled_back(call, np.float32)
            (tmp_path / f"{name}{number}.py").write_text(tg.source(f, *args, formulas=True))
    long = {f"a_very_long_name_of_an_argument_{n}": X for n in range(4)}

    def f(**options):
        some = [*options.values()]
        return tg.concatenate([x * some[0] + some[1] for x in some * 3]), {"a": some[0], **options}

    (tmp_path / "long.py").write_text(tg.source(f, **long))
    command = [ruff, "format", "--isolated", "--diff", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


# ----- Equations -----


def test_the_comments_give_the_formulas():
    source = tg.source(loss, X, W1, B1, W2, B2, Y, wrt=(1, 2), formulas=True)
    for formula in (
        "# z1 = x W1 + b1",
        "# L = ½ Σ (y - a2)²",
        "# dL/dz2 = da2 ⊙ σ′(z2)",
        "# dL/dW1 = xᵀ dz1",
        "# dL/db1 = Σ_n dz1",
    ):
        assert f"    {formula}\n" in source


def test_the_latex_target_gives_the_same_derivation():
    latex = tg.source(loss, X, W1, B1, W2, B2, Y, wrt=(1, 2), target="latex")
    lines = latex.splitlines()
    assert (lines[0], lines[-1]) == (r"\begin{aligned}", r"\end{aligned}")
    dL = r"\frac{\partial L}{\partial %s}"
    assert lines[1] == r"z_1 &= x W_1 + b_1 \\"
    assert lines[5] == r"L &= \tfrac{1}{2} \sum (y - a_2)^2 \\"
    delta = rf"\delta^{{(1)}} = {dL % 'z_1'} &= "
    assert rf"{delta}\delta^{{(2)}} W_2^\mathsf{{T}} \odot \sigma'(z_1) \\" in lines
    assert lines[-3:-1] == [
        rf"{dL % 'b_1'} &= \sum_{{n}} \delta^{{(1)}} \\",
        rf"{dL % 'W_1'} &= x^\mathsf{{T}} \delta^{{(1)}}",
    ]


@every_row
@pytest.mark.parametrize("indices", [False, True])
def test_the_equations_of_every_row_are_balanced(name, indices):
    for call in calls(name)[: 3 if indices else None]:
        f, args = pulled_back(call, np.float64)
        latex = tg.source(f, *args, target="latex", indices=indices)
        depth = 0
        for letter in latex:
            depth += (letter == "{") - (letter == "}")
            assert depth >= 0
        assert depth == 0
        assert latex.count(r"\left") == latex.count(r"\right")
        assert latex.count(r"\begin") == latex.count(r"\end")
        assert all(line.count("&= ") == 1 for line in latex.splitlines()[1:-1])
        assert "\x00" not in latex


def test_two_signs_in_a_row_are_none():
    source = tg.source(lambda z: tg.log_sigmoid(-z), X)
    assert "return -softplus(z)" in source
    np.testing.assert_array_equal(function_of(source)(X), tg.log_sigmoid(-X))


# ----- Refusals -----


@pytest.mark.parametrize(
    ("error", "message", "args", "options"),
    [
        (TypeError, "f must be a function, a Value or Values, got int 3", (3,), {}),
        (TypeError, r"f\[1\] must be a Value, got float", ([tg.Value(1.0), 2.0],), {}),
        (TypeError, "Values have their numbers", (tg.Value(1.0), X), {}),
        (
            ValueError,
            "target must be one of numpy, latex, javascript, got 'c'",
            (loss,),
            {"target": "c"},
        ),
        (ValueError, "name must be the name of a function, got '1'", (loss,), {"name": "1"}),
        (ValueError, "name must be the name of a function, got 'if'", (loss,), {"name": "if"}),
        (TypeError, "formulas must be True or False, got 1", (loss,), {"formulas": 1}),
        (ValueError, r"arguments \(x\), or Values", (lambda x: x, X), {"wrt": 1}),
        (ValueError, r"arguments \(x\), or Values", (lambda x: x, X), {"wrt": "y"}),
        (TypeError, "f must return a scalar", (lambda x: x, X), {"wrt": 0}),
        (TypeError, "gradient by x, but 3 is no array", (lambda x: x * x, 3), {"wrt": "x"}),
        (TypeError, "by p, but 3 is no array", (lambda p: p[0] * p[1], [2.0, 3]), {"wrt": "p"}),
        (TypeError, "wrt must be Values", (tg.Value(1.0),), {"wrt": 0}),
        (
            ValueError,
            "gradients are those of one Value",
            ([tg.Value(1.0)] * 2,),
            {"wrt": tg.Value(1.0)},
        ),
        (tg.TraceError, "if", (lambda x: x if x.sum() > 0 else -x, X), {}),
    ],
)
def test_bad_arguments_are_refused_by_name(error, message, args, options):
    with pytest.raises(error, match=message):
        tg.source(*args, **options)


def test_a_source_is_a_str_that_can_be_pickled_and_shown():
    source = tg.source(loss, X, W1, B1, W2, B2, Y, name="mine")
    again = pickle.loads(pickle.dumps(source))
    assert (again, again.name, again.constants) == (source, "mine", {})
    assert source._repr_markdown_().startswith("```python\n")
    assert "def mine(" in source


def test_a_gradient_alone_keeps_its_forward_part_apart():
    def f(x, W):
        z = x @ W
        return tg.sum(tg.tanh(z))

    source = check(tg.grad(f, 1), X, W1)
    assert body_of(source).splitlines()[1:-1] == [
        "    # Forward",
        "    z = x @ W  # (4, 3)",
        "    # Backward",
        "    dz = tanh_prime(z)  # (4, 3)",
    ]


def test_what_has_no_name_is_called_as_usual():
    assert "def sigmoid_(z):" in check(tg.sigmoid, X)
    a, b = tg.Value(2.0), tg.Value(3.0)
    assert "def loss_and_gradients(x1, x2):" in tg.source(a * b)
    assert "def loss_and_gradients(x):" in tg.source(a * 3.0)


@pytest.mark.parametrize("text", ["a\nraise SystemExit", "b\r  c", "d\0e", '"""\nf\\', "\\d"])
def test_texts_of_others_stay_in_comments(text):
    def f(x, mode):
        with tg.scope(text):
            y = tg.exp(x)
            y.label = text
        return tg.sum(y * tg.tanh(y))

    f.__name__ = text
    x = np.array([1.0, 2.0])
    source = tg.source(f, x, text, wrt=0, formulas=True)
    wanted = tg.value_and_grad(f)(x, text)
    assert same(function_of(source)(x), wanted)


def test_the_time_for_names_grows_with_their_number():
    tried = []

    class Taken(set):
        def __contains__(self, name):
            tried.append(name)
            return super().__contains__(name)

    names = Names()
    names._taken = Taken()
    given_out = [names.take_numbered("z") for _ in range(100)]
    assert given_out == [f"z{number}" for number in range(1, 101)]
    assert len(tried) < 400


@every_row
@pytest.mark.parametrize("shape", [(0,), (1,), (0, 3)])
@pytest.mark.filterwarnings("ignore:Mean of empty slice:RuntimeWarning")
def test_derivatives_of_few_or_no_numbers_are_written(name, shape):
    (call, *_) = calls(name)
    places = tuple(range(len(call.places)))

    def f(*given):
        rest = iter(given)
        arguments = [next(rest) if i in call.places else x for i, x in enumerate(call.arguments)]
        return tg.sum(call.op(*arguments, **call.options))

    def differentiated(f):
        return lambda *x: tg.sum(tg.grad(f, places)(*x)[0])

    given = [np.zeros(shape) for _ in places]
    try:
        with np.errstate(all="ignore"):
            differentiated(differentiated(f))(*given)
    except (TypeError, ValueError, IndexError):
        return  # arguments of other shapes are wanted
    with np.errstate(all="ignore"):
        check(differentiated(f), *given)
        check(tg.grad(differentiated(f), places), *given)


TYPED = {
    "inner": lambda x: tg.inner(x, x),
    "vdot": lambda x: tg.vdot(x, x),
    "einsum": lambda x: tg.einsum("i,i", x, x),
    "einsum of one": lambda x: tg.einsum("i->", x),
    "tensordot": lambda x: tg.tensordot(x, x, 1),
    "concatenate": lambda x: tg.sum(tg.concatenate([x, x]) ** 2),
    "stack": lambda x: tg.sum(tg.stack([x[0], x[1]]) * x[0]),
    "trace": lambda x: tg.trace(tg.outer(x, x)),
    "clip": lambda x: tg.sum(tg.clip(x * x, x.dtype.type(0.5), x.dtype.type(2.0))),
    "where": lambda x: tg.sum(tg.where(x > 0, x * x, x.dtype.type(1))),
}


@pytest.mark.parametrize("name", TYPED)
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_a_number_has_its_type_where_one_of_pythons_would_widen(name, dtype):
    (x,) = numbers((3,), dtype=dtype)
    f = TYPED[name]
    check(f, x)
    check(tg.grad(f), x)
    check(tg.grad(lambda x: tg.sum(tg.grad(f)(x) * x)), x)


def test_a_number_that_a_function_computes_with_alone_keeps_its_type():
    y, p = np.float32(0.9), np.float32(0.7876)

    def loss(p):
        return tg.binary_cross_entropy(y, p)

    source = tg.source(loss, p)
    assert "np.float32(0.9)" in source
    namespace = {}
    exec(source, namespace)
    got = namespace["loss"](p)
    assert (loss(p), np.float32) == (got, got.dtype)


def test_zeros_of_both_signs_are_no_single_number():
    signs = np.array([0.0, -0.0, 0.0])

    def f(x):
        return x * signs, x + np.array([-0.0, -0.0, -0.0])

    source = tg.source(f, np.ones(3))
    namespace = {}
    exec(str(source), namespace)
    for got, wanted in zip(namespace["f"](-np.zeros(3)), f(-np.zeros(3))):
        np.testing.assert_array_equal(np.signbit(got), np.signbit(wanted))


@pytest.mark.parametrize("axes", [(0, 2, 1), (1, 0, 2), (2, 0, 1), (2, 1, 0)])
def test_a_written_constant_lies_in_memory_as_it_did(axes):
    table = np.arange(12.0).reshape(2, 3, 2).transpose(axes) * 1.5
    source = tg.source(lambda x: x * table, np.ones(table.shape))
    namespace = {}
    exec(str(source), namespace)
    (written,) = [x for x in namespace.values() if isinstance(x, np.ndarray)]
    np.testing.assert_array_equal(written, table)
    assert written.strides == table.strides


def test_the_work_grows_with_the_number_of_gradients_that_are_one():
    def work(count):
        values = [tg.Value([float(i)]) for i in range(count)]
        total = tg.sum(sum(values[1:], start=values[0]))  # hands its own gradient to each
        return calls_of(lambda: tg.source(total))

    work(2)  # what is only done once
    assert work(200) < 2.2 * work(100)


@pytest.mark.parametrize("options", [{}, {"target": "latex"}, {"target": "javascript"}])
@pytest.mark.parametrize("transform", [lambda f: f, tg.value_and_grad])
def test_a_function_without_a_formula_is_told_what_to_write_instead(transform, options):
    @tg.custom_vjp(lambda g, out, x: (2.0 * g * x,))
    def solver(x):
        return x * x

    wanted = "^source: solver has no formula to write; make it a tg.operation"
    with pytest.raises(TypeError, match=wanted):
        tg.source(transform(lambda x: tg.sum(solver(x))), np.ones(2), **options)
    block = tg.checkpoint(lambda x: tg.sum(tg.sin(x)))
    with pytest.raises(TypeError, match=r"give tg\.source the function that makes"):
        tg.source(block(tg.Value([1.0, 2.0])), **options)
    assert "sin" in tg.source(transform(block), np.ones(2), **options)
