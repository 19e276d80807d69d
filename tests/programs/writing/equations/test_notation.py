"""Tests of how equations can be written: with deltas, indices and numbers, derivatives spelled."""

import re

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.equation_reader import ArrayReader, elements
from tinygrad_mlp.programs.writing.equations import substitution

NAMES = ("W1", "b1", "W2", "b2")


def d(by):
    return rf"\frac{{\partial L}}{{\partial {by}}}"


def arguments(samples, outputs=1):
    rng = np.random.default_rng(0)
    shapes = [(samples, 2), (2, 3), (1, 3), (3, outputs), (1, outputs), (samples, outputs)]
    return [rng.normal(size=shape) for shape in shapes]


def notebook(x, W1, b1, W2, b2, y):
    """The two-layer network of the notebook."""
    z1 = tg.affine(x, W1, b1)
    a1 = tg.sigmoid(z1)
    z2 = tg.affine(a1, W2, b2)
    a2 = tg.sigmoid(z2)
    return tg.half_squared_error(y, a2)


def mean_error(x, W1, b1, W2, b2, y):
    hidden = tg.tanh(x @ W1 + b1)
    return tg.mse(y, hidden @ W2 + b2)


def classify(x, W1, b1, W2, b2, y):
    hidden = tg.relu(x @ W1 + b1)
    logits = hidden @ W2 + b2
    return tg.softmax_cross_entropy(tg.softmax(y), logits)


def entropy(x, W1, b1, W2, b2, y):
    p = tg.sigmoid(tg.sigmoid(x @ W1 + b1) @ W2 + b2)
    return tg.binary_cross_entropy(tg.sigmoid(y), p)


def lines_of(f, args, **options):
    latex = tg.source(f, *args, wrt=NAMES, target="latex", **options)
    return str(latex).replace(" \\\\\n", "\n").splitlines()[1:-1]


# ----- The four equations -----


def test_the_two_layer_network_gives_the_four_equations_in_the_order_in_which_they_are_taught():
    # Nielsen, Neural Networks and Deep Learning, chapter 2, BP1 to BP4, for rows instead of columns
    delta = r"\delta^{(%d)} = \frac{\partial L}{\partial z_%d} &= "
    bp1 = [delta % (2, 2) + r"(a_2 - y) \odot \sigma'(z_2)"]
    bp2 = [delta % (1, 1) + r"\delta^{(2)} W_2^\mathsf{T} \odot \sigma'(z_1)"]
    bp3 = [d(f"b_{n}") + rf" &= \delta^{{({n})}}" for n in (2, 1)]
    bp4 = [
        d("W_2") + r" &= a_1^\mathsf{T} \delta^{(2)}",
        d("W_1") + r" &= x^\mathsf{T} \delta^{(1)}",
    ]
    assert [*bp1, *bp2, *bp3, *bp4] == lines_of(notebook, arguments(1))[5:]


def test_a_batch_is_summed_over_in_the_gradient_of_the_bias_alone():
    one, many = lines_of(notebook, arguments(1)), lines_of(notebook, arguments(4))
    differ = [(a, b) for a, b in zip(one, many, strict=True) if a != b]
    assert [
        (rf"{d(f'b_{n}')} &= \delta^{{({n})}}", rf"{d(f'b_{n}')} &= \sum_{{n}} \delta^{{({n})}}")
        for n in (2, 1)
    ] == differ


def test_deltas_have_the_number_of_their_z_or_else_of_their_layer():
    lefts = [line.split(" = ")[0] for line in lines_of(classify, arguments(4, 3))]
    assert [r"\delta^{(2)}", r"\delta^{(1)}"] == [x for x in lefts if x.startswith(r"\delta")]

    def single(x, w, y):
        return tg.half_squared_error(y, tg.sigmoid(x @ w))

    x, w, y = np.ones((4, 2)), np.ones(2), np.ones(4)
    assert r"\delta = \frac{\partial L}{\partial z} &= " in tg.source(
        single, x, w, y, wrt="w", target="latex"
    )


def test_who_calls_something_delta_gets_no_other_deltas():
    def f(x, delta, y):
        return tg.half_squared_error(y, tg.sigmoid(x @ delta))

    latex = tg.source(f, np.ones((4, 2)), np.ones(2), np.ones(4), wrt="delta", target="latex")
    by_delta = d(r"\delta")
    assert f"{d('z')} &= " in latex
    assert rf"{by_delta} &= x^\mathsf{{T}} {d('z')}" in latex


# ----- Whoever reads it -----

ARRAY_CASES = [
    (notebook, arguments(4)),
    (notebook, arguments(1, 2)),
    (mean_error, arguments(4, 2)),
    (entropy, arguments(3, 2)),
]
CASES = [*ARRAY_CASES, (classify, arguments(4, 3))]


def wanted_of(f, args):
    return dict(zip(NAMES, tg.grad(f, argnums=(1, 2, 3, 4))(*args), strict=True))


@pytest.mark.parametrize("spelled_out", [False, True])
@pytest.mark.parametrize("greedy", [True, False])
@pytest.mark.parametrize(("f", "args"), CASES, ids=lambda x: getattr(x, "__name__", ""))
def test_whoever_reads_the_equations_of_elements_gets_the_gradients(f, args, greedy, spelled_out):
    lines = lines_of(f, args, indices=True, spelled_out=spelled_out)
    symbols = {"x": "x", "y": "y", **{n: f"{n[0]}^{{({n[1]})}}" for n in NAMES}}
    given = dict(zip(("x", *NAMES, "y"), args, strict=True))
    arrays, partials = elements(lines, {symbols[n]: x for n, x in given.items()}, greedy)
    np.testing.assert_allclose(arrays["L"], f(*args))
    for name, wanted in wanted_of(f, args).items():
        np.testing.assert_allclose(partials[symbols[name]], np.squeeze(wanted), 1e-12)
    assert not (spelled_out and "'" in re.sub(r"\w'", "", "".join(lines)))


def test_the_reader_of_elements_notices_what_is_wrong():
    lines = lines_of(notebook, arguments(4), indices=True)
    given = dict(zip(("x", *NAMES, "y"), arguments(4), strict=True))
    given = {(n if n in "xy" else f"{n[0]}^{{({n[1]})}}"): x for n, x in given.items()}
    wanted = elements(lines, given, True)[1]["W^{(1)}"]
    for wrong, right in (
        (r"\sum_{n} x", "x"),
        ("x_{ni}", "x_{in}"),
        (r"(a^{(2)}_{n} - y_{n})", "1"),
    ):
        assert any(wrong in line for line in lines)
        try:
            got = elements([line.replace(wrong, right) for line in lines], given, True)[1][
                "W^{(1)}"
            ]
        except (AssertionError, ValueError, IndexError):
            continue
        assert not np.allclose(got, wanted)


def names_and_arrays(args):
    return dict(zip(("x", "W_1", "b_1", "W_2", "b_2", "y"), args, strict=True))


@pytest.mark.parametrize("spelled_out", [False, True])
@pytest.mark.parametrize(("f", "args"), ARRAY_CASES, ids=lambda x: getattr(x, "__name__", ""))
def test_whoever_reads_the_equations_of_arrays_gets_the_gradients(f, args, spelled_out):
    arrays = names_and_arrays(args)
    for line in lines_of(f, args, spelled_out=spelled_out):
        left, right = line.split(" &= ")
        reader = ArrayReader(partials_named(right), arrays, False)
        value = reader.value()
        for name in left.split(" = "):
            arrays[partials_named(name)] = value
    for name, wanted in wanted_of(f, args).items():
        np.testing.assert_allclose(arrays[partials_named(d(f"{name[0]}_{name[1]}"))], wanted, 1e-12)


def partials_named(text):
    """Gradients and deltas by names that are one token."""
    text = re.sub(r"\\frac\{\\partial (\w+)\}\{\\partial (\w+)\}", r"d\2", text)
    return re.sub(r"\\delta\^\{\((\w)\)\}", r"delta\1", text)


# ----- Numbers -----


def chains_of(source):
    """The equations with all that is said to be equal, and the signs between."""
    rows = str(source).replace(" \\\\\n", "\n").splitlines()[1:-1]
    joined = "\n".join(rows).replace("\n&", " &").splitlines()
    for line in joined:
        left, *parts = re.split(r" &?(=|\\approx) ", line)
        yield left, parts[::2], parts[1::2]


@pytest.mark.parametrize(("f", "args"), ARRAY_CASES, ids=lambda x: getattr(x, "__name__", ""))
def test_whoever_computes_with_the_numbers_gets_the_result_beside_them(f, args, monkeypatch):
    monkeypatch.setattr(substitution, "DIGITS", 17)
    arrays = names_and_arrays(args)
    source = tg.source(f, *args, wrt=NAMES, target="latex", numbers=True)
    told = {}
    for left, signs, parts in chains_of(source):
        left, _, of_delta = left.partition(" = ")
        assert {"="} == set(signs[-2:])  # so many digits are exact
        values = [ArrayReader(x, arrays, False).value() for x in parts[-2:] if "begin" in x]
        for value in values[:-1]:
            np.testing.assert_allclose(value, values[-1], 1e-9)
        told[partials_named(of_delta or left)] = ArrayReader(parts[-1], {}, False).value()
    for name, wanted in wanted_of(f, args).items():
        np.testing.assert_allclose(told[partials_named(d(f"{name[0]}_{name[1]}"))], wanted, 1e-12)


def neuron():
    x, w, b = (tg.Value(n, label=label) for n, label in zip((2.0, -3.0, 6.881373), "xwb"))
    n = x * w + b
    n.label = "n"
    output = tg.tanh(n)
    output.label = "o"
    return output


def test_what_is_rounded_is_about_equal_and_what_is_not_is_equal():
    rows = str(tg.source(neuron(), target="latex", numbers=True, spelled_out=True)).splitlines()
    assert [
        r"x &= 2 \\",
        r"w &= -3 \\",
        r"b &\approx 6.881 \\",
        r"n &= x w + b \approx 2 \cdot (-3) + 6.881 \approx 0.8814 \\",
        r"o &= \tanh(n) \approx \tanh(0.8814) \approx 0.7071 \\",
        r"\frac{\partial o}{\partial n} &= 1 - {o}^2 \approx 1 - {0.7071}^2 \approx 0.5 \\",
        r"\frac{\partial o}{\partial b} &= \frac{\partial o}{\partial n} \approx 0.5 \\",
    ] == rows[1:8]
    half = tg.Value(0.5, label="a")
    assert r"L &= a \cdot a = 0.5 \cdot 0.5 = 0.25" in tg.source(
        half * half, target="latex", numbers=True
    )


def test_arrays_that_are_too_large_have_no_numbers():
    def f(x, w):
        return tg.sum(x * w)

    latex = tg.source(f, np.ones((5, 5)), np.float64(2.0), target="latex", numbers=True)
    assert latex.splitlines()[1:-1] == [r"w &= 2 \\", r"y &= \sum (x w)"]


def test_a_vector_stands_upright_behind_a_matrix():
    latex = tg.source(lambda a, b: a @ b, np.eye(2), np.ones(2), target="latex", numbers=True)
    assert r"\begin{bmatrix}1 \\ 1\end{bmatrix} = \begin{bmatrix}1 & 1\end{bmatrix}" in latex


# ----- Derivatives spelled out -----


def test_derivatives_are_made_of_the_activations_that_have_a_name():
    lines = lines_of(notebook, arguments(4), spelled_out=True)
    assert lines[5].endswith(r"&= (a_2 - y) \odot a_2 \odot (1 - a_2)")
    assert lines[6].endswith(r"&= \delta^{(2)} W_2^\mathsf{T} \odot a_1 \odot (1 - a_1)")
    slope = tg.source(lambda x: tg.grad(tg.tanh(x), x), 0.5, target="latex", spelled_out=True)
    assert "a &= \\tanh(x) \\\\\n" in slope  # which nobody else needed
    assert r"{\partial x} &= 1 - {a}^2" in slope


# ----- Refusals -----


@pytest.mark.parametrize(
    ("error", "message", "options"),
    [
        (ValueError, "indices=True is for equations; add target='latex'", {"indices": True}),
        (
            ValueError,
            "numbers=True and spelled_out=True is for equations",
            {"numbers": True, "spelled_out": True},
        ),
        (TypeError, "indices must be True or False, got 1", {"indices": 1, "target": "latex"}),
    ],
)
def test_what_cannot_be_written_is_refused_by_name(error, message, options):
    with pytest.raises(error, match=message):
        tg.source(notebook, *arguments(4), **options)


# ----- Elements and numbers together -----


def array_of(text):
    """The numbers of the last array in a formula."""
    rows = text.rpartition(r"\begin{bmatrix}")[2].partition(r"\end{bmatrix}")[0].split(r"\\")
    plain = [[x.replace(r" \cdot 10^{", "e").replace("}", "") for x in r.split("&")] for r in rows]
    return np.array(plain, dtype=float)


def test_elements_have_their_numbers_behind_them():
    x, W, b = np.array([[1.0, 2.0]]), np.array([[0.5, -1.0], [2.0, 1.0]]), np.array([[0.0, 1.0]])

    def loss(x, W, b):
        z = x @ W + b
        return tg.sum(z * z)

    text = tg.source(loss, x, W, b, wrt="W", target="latex", indices=True, numbers=True)
    z, dz = x @ W + b, 2 * (x @ W + b)
    lines = str(text).replace(" \\\\\n&", " ").splitlines()
    found = {line.partition(" &")[0]: line.removesuffix(r" \\") for line in lines[1:-1]}
    assert r"\sum_{i} x_{i} W_{ij} + b_{j}" in found["z_{j}"]
    for left, index, wanted in (
        ("x_{i}", "i", x),
        ("W_{ij}", "ij", W),
        ("z_{j}", "j", z),
        (r"\frac{\partial L}{\partial W_{ij}}", "ij", x.T @ dz),
    ):
        assert found[left].endswith(rf"\end{{bmatrix}}_{{{index}}}"), left
        np.testing.assert_allclose(array_of(found[left]), wanted, rtol=1e-3)


def test_a_number_alone_has_no_index():
    text = tg.source(lambda a, b: a * b, 2.0, 3.0, target="latex", indices=True, numbers=True)
    plain = tg.source(lambda a, b: a * b, 2.0, 3.0, target="latex", numbers=True)
    assert str(text) == str(plain)


# ----- Random formulas of elements -----

STEPS = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / (2.0 + y * y),
    tg.maximum,
    lambda x, y: x @ y,
    lambda x, y: x @ y.T,
    lambda x, y: tg.einsum("ij,kj->ik", x, y),
    lambda x, y: x.T,
    lambda x, y: tg.sum(x),
    lambda x, y: tg.sum(x, axis=0),
    lambda x, y: tg.mean(x, axis=-1, keepdims=True),
    lambda x, y: tg.prod(x, axis=0),
    lambda x, y: tg.max(x, axis=-1),
    lambda x, y: tg.logsumexp(x, axis=-1),
    lambda x, y: tg.softmax(x),
    lambda x, y: tg.log_softmax(x),
    lambda x, y: tg.sigmoid(x),
    lambda x, y: tg.sin(x),
    lambda x, y: tg.square(x),
    lambda x, y: 3.0 * x,
    lambda x, y: 1.0 - x,
    lambda x, y: tg.expand_dims(x, 0),
    lambda x, y: tg.where(x > y, x, 0.5),
]
element_steps = st.lists(
    st.tuples(st.integers(0, len(STEPS) - 1), st.integers(0, 9), st.integers(0, 9)), max_size=6
)


def made_of(steps):
    """A function of two arrays; steps that do not fit their shapes are left out."""

    def f(a, b):
        known = [a, b]
        for kind, first, second in steps:
            x, y = known[-1 - first % len(known)], known[second % len(known)]
            try:
                known.append(STEPS[kind](x, y))
            except (ValueError, IndexError):
                continue
        return known[-1]

    return f


@given(element_steps)
@example([(6, 0, 1), (6, 0, 2), (9, 0, 0)])  # an axis that meets itself
@example([(5, 1, 1), (0, 0, 0)])
@example([(9, 0, 0), (2, 0, 0), (0, 0, 2), (18, 0, 0)])  # the square of a sum
@example([(11, 0, 0), (1, 0, 0), (2, 0, 2)])
@pytest.mark.parametrize("greedy", [True, False])
def test_whoever_reads_equations_of_elements_gets_the_numbers_of_the_function(greedy, steps):
    f = made_of(steps)
    a, b = np.array([[0.5, -0.25, 1.0], [0.75, 0.125, -0.5]]), np.array([1.5, 0.5, -1.0])
    with np.errstate(all="ignore"):
        wanted = f(tg.Value(a), tg.Value(b)).data
        assume(np.isfinite(wanted).all() and (np.abs(wanted) < 1e6).all())
        lines = str(tg.source(f, a, b, target="latex", indices=True))
        lines = lines.replace(" \\\\\n", "\n").splitlines()[1:-1]
        arrays, _ = elements(lines, {"a": a, "b": b}, greedy)
    last = re.sub(r"(?<=[a-z}])_(\{[^\d{}]*\}|[a-z])$", "", lines[-1].split(" &= ")[0])
    np.testing.assert_allclose(arrays[last], np.squeeze(wanted), 1e-7, 1e-9)
