"""Tests of the equations: whoever reads them, in one way or another, gets the right numbers."""

import re

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.equation_reader import READ, Reader
from tinygrad_mlp.programs.writing.equations import substitution
from tinygrad_mlp.programs.writing.equations.formulas import symbol
from tinygrad_mlp.programs.writing.naming import FUNCTIONS


def read(text, names, greedy):
    """The names and numbers that follow from lines of equations."""
    names = dict(names)
    for line in text:
        left, right = re.split(" &= | = ", line, maxsplit=1)
        names[left] = Reader(right, names, greedy).value()
    return names


def latex_lines(source):
    return str(source).replace(" \\\\\n", "\n").splitlines()[1:-1]


def comment_lines(source):
    body = source[source.index(f"def {source.name}(") :]
    return [line.strip("# ") for line in body.splitlines() if line.strip().startswith("#")]


# ----- Random formulas -----

UNARY = [
    tg.log, tg.log2, tg.log10, tg.sin, tg.cos, tg.tanh, tg.sqrt, tg.square, tg.exp, tg.abs,
    tg.negative, tg.sigmoid, tg.reciprocal, tg.relu, tg.arctan, tg.sign, tg.softplus, tg.expm1,
    lambda x: x**3, lambda x: x**0.5, lambda x: 0.25 * x, lambda x: x * 3.0, lambda x: x / 3.0,
    lambda x: -0.5 * x, lambda x: 2.0**x, lambda x: x - 1.0, lambda x: 1.0 - x, tg.copy,
    tg.sum, tg.mean,
]  # fmt: skip
BINARY = [tg.add, tg.subtract, tg.multiply, tg.divide, tg.power, tg.hypot, tg.logaddexp, tg.maximum]
steps = st.lists(st.tuples(st.integers(0, 37), st.integers(0, 9), st.integers(0, 9)), max_size=6)


def written(steps):
    """A function of two arrays, made of some steps."""

    def f(a, b):
        known = [a, b]
        for kind, first, second in steps:
            x, y = known[-1 - first % len(known)], known[second % len(known)]
            known.append(BINARY[kind - 30](x, y) if kind >= 30 else UNARY[kind](x))
        if not isinstance(known[-1], tg.Value):
            f.largest = max(np.max(np.abs(x)) for x in known)
        return known[-1]

    return f


A, B = np.array([0.5, 1.25, 2.0]), np.array([3.0, 0.75, 1.5])


def wanted_of(f):
    """The exact number of a function, if rounding does not decide it, as in cos(e^e^e^3)."""
    exact = f(A.astype(np.longdouble), B.astype(np.longdouble))
    near = f(A * (1 + 1e-13), B * (1 - 1e-13))
    assume(f.largest < 700)  # so that nothing overflows on the way
    assume(np.allclose(near, exact, 1e-10, 0.0, equal_nan=True))
    return exact


def check(lines, names, greedy, wanted):
    """Check that lines of equations end in a number."""
    wide = {name: x.astype(np.longdouble) for name, x in names.items()}
    last = re.split(" &= | = ", lines[-1])[0]
    np.testing.assert_allclose(read(lines, wide, greedy)[last], wanted, 1e-9)


@given(steps)
@example([(32, 0, 1), (1, 0, 0)])  # log2(a * b)
@example([(1, 1, 0), (32, 0, 1)])  # log2(a) * b
@example([(33, 1, 1), (0, 0, 0), (7, 0, 0)])  # log(a / b)²
@example([(33, 1, 1), (7, 0, 0)])  # (a / b)²
@example([(20, 1, 0), (33, 0, 1)])  # 0.25 a / b
@example([(28, 0, 0), (31, 0, 0)])  # sum(b) - a
@example([(17, 0, 2), (17, 0, 0), (7, 0, 0), (4, 0, 0)])  # cos of a huge number
@pytest.mark.parametrize("greedy", [True, False])
def test_whoever_reads_an_equation_gets_the_number_of_the_function(greedy, steps):
    f = written(steps)
    with np.errstate(all="ignore"):
        lines = latex_lines(tg.source(f, A, B, target="latex"))
        check(lines, {"a": A, "b": B}, greedy, wanted_of(f))


@given(steps)
@example([(33, 1, 1), (0, 0, 0), (7, 0, 0)])
@example([(33, 1, 1), (24, 0, 0)])
@example([(22, 0, 0), (32, 0, 0)])
@example([(0, 0, 0), (3, 0, 0), (0, 0, 0), (3, 1, 0), (30, 0, 4)])  # a step that is a sine
@pytest.mark.parametrize("greedy", [True, False])
def test_whoever_reads_a_comment_gets_the_number_of_the_function(greedy, steps):
    f = written(steps)
    with np.errstate(all="ignore"):
        lines = comment_lines(tg.source(f, A, B, formulas=True))
        if lines:
            check(lines, {"a": A, "b": B}, greedy, wanted_of(f))


@given(steps)
@example([(20, 1, 0), (20, 0, 0), (18, 0, 0)])  # numbers side by side
@example([(10, 0, 0), (18, 0, 0), (30, 0, 1)])  # a power of a negative number
@example([(1, 0, 0), (32, 0, 0), (1, 0, 0)])  # log2 of a product of numbers
@example([(9, 0, 0), (20, 0, 0)])  # a number before bars
@pytest.mark.parametrize("greedy", [True, False])
def test_whoever_computes_with_the_numbers_gets_the_result_beside_them(greedy, steps):
    f = written(steps)
    a, b = tg.Value(1.25, label="a"), tg.Value(0.75, label="b")
    with np.errstate(all="ignore"):
        output = f(a, b)
        f(1.25 + np.zeros(1), 0.75 + np.zeros(1))
        assume(output.op and np.isfinite(output.data) and f.largest < 700)
        with pytest.MonkeyPatch.context() as context:
            context.setattr(substitution, "DIGITS", 17)
            text = str(tg.source(output, target="latex", numbers=True, wrt=()))
        names = {"a": np.longdouble(1.25), "b": np.longdouble(0.75)}
        for line in text.replace(" \\\\\n&", " &").replace(" \\\\\n", "\n").splitlines()[1:-1]:
            left, *parts = re.split(r" &?= ", line)
            values = [Reader(part, names, greedy).value() for part in parts]
            np.testing.assert_allclose(values, values[-1], 1e-9, 1e-12)
            names[left] = values[-1]


def test_nothing_is_called_as_a_function_is(monkeypatch):
    @tg.operation(None)
    def mish(x):
        return x * np.tanh(np.log1p(np.exp(x)))

    monkeypatch.setitem(READ, "mish", mish)

    def f(log, sort):
        sine = tg.sin(log)
        same = mish(sort)
        return sine * tg.sin(sine) + tg.log(log) * same * tg.log(same)

    with np.errstate(all="ignore"):
        lines = comment_lines(tg.source(f, A, B, formulas=True))
        latex = latex_lines(tg.source(f, A, B, target="latex"))
    check(lines, {"log_": A, "sort_": B}, True, f(A, B))
    assert not {"mish", *FUNCTIONS}.intersection(line.split(" = ")[0] for line in lines)
    assert r"\mathrm{log}" not in "".join(latex)
    assert r"\mathrm{log\_}" in "".join(latex)


# ----- Products of matrices among products of elements -----

M = np.ones((2, 2))


@pytest.mark.parametrize(
    ("f", "formula"),
    [
        (lambda a, b: (a * b) @ b, r"(a \odot b) b"),
        (lambda a, b: a @ (a * b), r"a (a \odot b)"),
        (lambda a, b: (a @ b) * a, r"a b \odot a"),
        (lambda a, b: a * (a @ b), r"a \odot a b"),
        (lambda a, b: a @ tg.log(b), r"a \log b"),
        (lambda a, b: tg.log(a) @ b, r"(\log a) b"),
        (lambda a, b: (a @ tg.log(b)) @ a, r"(a \log b) a"),
        (lambda a, b: (2.0 * a) @ b, r"2 a b"),
        (lambda a, b: 2.0 * (a * b) @ b, r"2 (a \odot b) b"),
        (lambda a, b: (a - b).T @ b, r"(a - b)^\mathsf{T} b"),
        (lambda a, b: a - (b - a), r"a - (b - a)"),
        (lambda a, b: a * -b, r"a \odot (-b)"),
        (lambda a, b: tg.log(tg.sin(a)), r"\log \sin a"),
        (lambda a, b: tg.log(a / b) ** 2, r"{\left(\log \frac{a}{b}\right)}^{2}"),
    ],
)
def test_a_product_of_matrices_and_one_of_elements_are_not_mixed(f, formula):
    (line,) = latex_lines(tg.source(f, M, M, target="latex"))
    assert line.split(" &= ")[1] == formula


@pytest.mark.parametrize(
    ("f", "wanted"),
    [
        (lambda x, y: x * x, r"x \cdot x"),
        (lambda x, y: x * (x * x) * y, r"x \cdot x \cdot x \cdot y"),
        (lambda x, y: y * (2.0 * x), r"y \cdot 2 x"),
        (lambda x, y: 2.0 * (x * x), r"2 \cdot x \cdot x"),
        (lambda x, y: x * y * x, r"x y x"),
        (lambda x, y: (x + y) * y, r"(x + y) y"),
        (lambda x, y: tg.sin(x) * x, r"(\sin x) x"),
        (lambda x, y: -x * x, r"(-x) x"),
    ],
)
@pytest.mark.parametrize("indices", [False, True])
def test_a_dot_stands_where_factors_side_by_side_would_be_misread(f, wanted, indices):
    written = tg.source(lambda x, y: f(x, y) + y, 3.0, 2.0, target="latex", indices=indices)
    assert [f"v_1 &= {wanted} + y"] == latex_lines(written)


def test_factors_with_an_index_need_no_dot():
    square = tg.source(lambda x: tg.sum(x * x), np.ones(3), target="latex", indices=True)
    assert [r"y &= \sum_{i} x_{i} x_{i}"] == latex_lines(square)


# ----- Symbols -----


@pytest.mark.parametrize(
    ("first", "second"),
    [("x1", "x_1"), ("W2", "W_2"), ("x^1", "x_1"), ("α", "alpha"), ("x12", "x_12"), ("L", "loss")],
)
def test_two_names_are_never_one_symbol(first, second):
    a, b = tg.Value([1.0, 2.0], label=first), tg.Value([3.0, 5.0], label=second)
    c = tg.Value(7.0, label="c")
    lines = latex_lines(tg.source((a * a * b).sum() * c, target="latex", wrt=()))
    (symbols,) = re.findall(r"\\sum \((.*)\)", lines[0])
    one, again, other = symbols.split(r" \odot ")
    assert one == again != other
    lines = latex_lines(tg.source((a * a * b).sum() * c, target="latex"))
    lefts = [line.split(" &= ")[0] for line in lines]
    assert len(set(lefts)) == len(lefts)


def test_greek_letters_are_typeset_as_their_names_are():
    assert [symbol(x) for x in "αλωxβ"] == [r"\alpha", r"\lambda", r"\omega", "x", r"\beta"]


def test_a_result_keeps_its_own_symbol_and_a_word_is_called_l():
    w = tg.Value([1.0, 2.0], label="w")
    for label, wanted in [("o", "o"), ("E", "E"), ("J1", "J_1"), ("loss", "L"), (None, "L")]:
        output = tg.sum(tg.tanh(w * w))
        output.label = label
        lines = latex_lines(tg.source(output, target="latex"))
        assert any(line.startswith(f"{wanted} &= ") for line in lines)
        assert lines[-1].startswith(rf"\frac{{\partial {wanted}}}{{\partial w}} &= ")
        source = tg.source(output, formulas=True)
        assert f"# d{wanted.replace('_', '')}/dw = " in source


def test_a_result_has_the_symbol_of_nothing_else():
    for leaf, label in [("L", "loss"), ("L", None), ("J_1", "J1"), ("alpha", "α")]:
        w = tg.Value([1.0, 2.0], label=leaf)
        output = tg.sum(tg.tanh(w * w))
        output.label = label
        lines = latex_lines(tg.source(output, target="latex"))
        result, by = re.match(r"\\frac\{\\partial (.*)\}\{\\partial (.*)\} &=", lines[-1]).groups()
        assert result != by
        assert any(line.startswith(f"{result} &= ") for line in lines)
        (comment,) = re.findall(
            r"# d(\w+)/d(\w+) = .*\n.*\n    return", tg.source(output, formulas=True)
        )
        assert comment[0] != comment[1]


def test_a_gradient_that_equals_another_is_told_too():
    x, w, b = (tg.Value(n, label=label) for n, label in zip((2.0, 3.0, 5.0), "xwb"))
    z = x * w + b
    z.label = "z"
    output = tg.square(z) + x * 0.5
    output.label = "o"
    lines = latex_lines(tg.source(output, wrt=[x, w, b], target="latex"))
    d = r"\frac{\partial o}{\partial %s}"
    assert f"{d % 'b'} &= {d % 'z'}" in lines
    assert {d % "x", d % "w", d % "b"} <= {line.split(" &= ")[0] for line in lines}


@pytest.mark.parametrize(
    ("f", "wanted"),
    [
        (lambda a, b: tg.sum(a * b), ["b", "a"]),
        (lambda a, b: tg.mean(a - b), [r"\frac{1}{3}", r"-\frac{1}{3}"]),
        (lambda a, b: tg.sum(a + b), ["1", "1"]),
    ],
)
def test_every_gradient_that_was_asked_for_has_an_equation(f, wanted):
    lines = latex_lines(tg.source(f, A, B, wrt=(0, 1), target="latex"))
    for name, formula in zip("ab", wanted):
        assert rf"\frac{{\partial L}}{{\partial {name}}} &= {formula}" in lines


def test_one_over_a_count_is_a_fraction_and_what_somebody_wrote_is_not():
    a = tg.Value([1.0, 2.0, 3.0, 4.0], label="a")
    b = tg.Value([1.0, 2.0, 3.0, 4.0], label="b")
    lines = "\n".join(latex_lines(tg.source(tg.mean(0.25 * a - b / a), target="latex")))
    assert r"\frac{1}{4}" in lines
    assert "0.25 a" in lines
    assert "-0.25" not in lines


def test_a_step_without_a_name_has_a_symbol_and_not_a_word():
    a = tg.Value([1.0, 2.0], label="a")
    for output in (tg.log(a * a) * a / (a + tg.log(a * a)), tg.sum(tg.exp(a * a) - 1.0 / (a * a))):
        latex = tg.source(output, wrt=(), target="latex")
        assert "mathrm" not in latex
        assert "v_1 &= " in latex
        assert latex_lines(latex)[-1].startswith("y &= ")
    v = tg.Value([1.0, 2.0], label="v_1")
    latex = tg.source(tg.log(v * v) * (v * v), wrt=(), target="latex")
    assert "v_2 &= v_1" in latex


def test_wrt_may_name_the_label_of_a_leaf():
    w1, w2 = tg.Value([1.0, 2.0], label="w1"), tg.Value([1.0, 2.0], label="w2")
    output = tg.sum(w1 * w1 * w2)
    assert str(tg.source(output, wrt="w1")) == str(tg.source(output, wrt=w1))
    assert str(tg.source(output, wrt=["w2", w1])) == str(tg.source(output, wrt=[w2, w1]))
    with pytest.raises(ValueError, match=r"no leaves of f have the label 'w3'; got w1, w2"):
        tg.source(output, wrt="w3")
    w2.label = "w1"
    with pytest.raises(ValueError, match=r"2 leaves of f have the label 'w1'"):
        tg.source(tg.sum(w1 * w2), wrt="w1")


def test_what_is_said_of_a_tie_is_true():
    a, b = tg.Value(2.0, label="a"), tg.Value(2.0, label="b")
    text = tg.source(tg.maximum(a, b), target="latex", numbers=True)
    assert r"[2 > 2] + \tfrac{1}{2} [2 = 2]\right) = 0.5" in text
    x = tg.Value([1.0, 1.0, 0.5], label="x")
    assert r"\frac{[x = \max x]}{\sum [x = \max x]}" in tg.source(tg.max(x), target="latex")


def test_a_constant_array_is_written_down():
    z = tg.Value([[1.0, 2.0]], label="z")
    loss = tg.softmax_cross_entropy(np.array([[0.0, 1.0]]), z)
    told = r"&= \begin{bmatrix}0 & 1\end{bmatrix} \\"
    assert f"C_{{1}} {told}" == tg.source(loss, target="latex").splitlines()[1]
    assert f"C^{{(1)}} {told}" == tg.source(loss, target="latex", indices=True).splitlines()[1]
    large = tg.sum(z.T * np.arange(60.0))
    assert r"&= \text{constant of shape (60,)} \\" in tg.source(large, target="latex")


def test_a_choice_is_differentiated_without_talk_of_nan():
    def f(x):
        return tg.where(x > 0, tg.log(x), x * x)

    lines = tg.source(f, 1.0, wrt="x", target="latex").splitlines()
    assert r"L &= \begin{cases}\log x & v_1\\x \cdot x\end{cases} \\" == lines[2]
    assert r"v_2 &= \left(\begin{cases}0 & v_1\\1\end{cases}\right) x \\" == lines[3]
    assert lines[4].endswith(r"&= v_2 + v_2 + \frac{\begin{cases}1 & v_1\\0\end{cases}}{x}")
    assert "isfinite" in tg.source(f, 1.0, wrt="x")  # a program has to look for it


@pytest.mark.parametrize("name", ["sum", "prod", "max", "min", "mean"])
def test_a_reduction_tells_along_which_axis_it_goes(name):
    x = tg.Value([[1.0, 2.0], [3.0, 5.0]], label="x")
    reduced = getattr(tg, name)
    texts = [tg.source(reduced(x, axis=axis), target="latex", wrt=()) for axis in (0, 1, None)]
    word = r"\operatorname{mean}" if name == "mean" else rf"\{name}"
    assert [f"y &= {word}{below} x" for below in ("_{n}", "_{j}", "")] == [
        text.splitlines()[1] for text in texts
    ]


def test_words_side_by_side_are_told_apart():
    def area(width, height, w):
        return width * height * w + w * height

    latex = tg.source(area, 2.0, 3.0, 4.0, target="latex")
    assert r"\mathrm{width} \cdot \mathrm{height} \cdot w + w \cdot \mathrm{height}" in latex

    def scores(data, weights):
        return data @ weights

    latex = tg.source(scores, np.ones((2, 3)), np.ones((3, 2)), target="latex")
    assert r"\mathrm{data} \, \mathrm{weights}" in latex


def test_letters_beyond_ascii_are_those_of_tex():
    size, delta, x = tg.Value(2.0, "größe"), tg.Value(3.0, "Δ"), tg.Value(4.0, "x_σ")
    latex = tg.source(size * delta + x, target="latex")
    assert r"\text{größe} \cdot \Delta + x_\sigma" in latex
    assert r"\partial \text{größe}} &= \Delta" in latex
    measured = tg.Value(3.0, "Maß σ")
    told = tg.why(size * measured, size).latex()
    assert r"\partial \text{größe}" in told
    assert r"\text{Maß $\sigma$}" in told


def test_ones_of_the_backward_pass_are_no_factors():
    def f(x, b):
        return tg.sum(tg.tanh(x) * b)

    x, b = np.ones((2, 3)), np.ones((1, 3))
    latex = tg.source(f, x, b, wrt="x", target="latex")
    assert "\\partial a} &= b \\\\\n" in latex
    latex = tg.source(f, x, b, wrt="x", target="latex", indices=True)
    assert "\\partial a_{ij}} &= b_{j} \\\\\n" in latex
