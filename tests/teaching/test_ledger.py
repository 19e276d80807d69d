"""Tests of the ledger: every number of a gradient, and where it came from."""

import shutil
import subprocess
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.oracles import calls, relative_error, slope
from tests.searching import one_in

V = tg.Value


def added_up(ledger):
    return sum((row.contribution for row in ledger.rows), np.zeros(np.shape(ledger.total)))


def neuron():
    """The neuron that lectures draw: o = tanh(x1 w1 + x2 w2 + b)."""
    x1, x2, w1, w2 = V(2.0, "x1"), V(0.0, "x2"), V(-3.0, "w1"), V(1.0, "w2")
    p = x1 * w1
    n = p + x2 * w2 + V(6.8813735870195432, "b")
    o = tg.tanh(n)
    p.label, n.label, o.label = "p", "n", "o"
    return o, w1


def network():
    rng = np.random.default_rng(0)
    x, W1, W2 = (
        V(rng.normal(size=s), n) for s, n in (((4, 2), "x"), ((2, 3), "W1"), ((3, 1), "W2"))
    )
    b1, b2 = V(np.zeros((1, 3)), "b1"), V(np.zeros((1, 1)), "b2")
    y = V(rng.normal(size=(4, 1)), "y")
    z1 = tg.affine(x, W1, b1)
    a1 = tg.sigmoid(z1)
    z2 = tg.affine(a1, W2, b2)
    loss = tg.mse(y, z2)
    z1.label, a1.label, z2.label, loss.label = "z1", "a1", "z2", "L"
    return loss, {"x": x, "W1": W1, "W2": W2, "b1": b1, "z1": z1, "a1": a1}


# ----- The sum -----


@pytest.mark.parametrize("name", tg.OPS)
def test_the_contributions_of_every_operation_sum_to_the_gradient(name):
    for call in calls(name):
        _, values, out = call.values()
        twice = tg.sum(out * call.cotangent) + tg.sum(out)
        for value in values:
            ledger = tg.why(twice, value)
            assert relative_error(added_up(ledger), tg.grad(twice, value)) < 1e-12, call
            assert np.array_equal(ledger.total, tg.grad(twice, value), equal_nan=True)
            chain = ledger.chain()
            products = sum(path.product for path in chain.paths)
            assert relative_error(np.asarray(products + 0 * ledger.total), ledger.total) < 1e-12


ELEMENTWISE = [name for name, op in tg.OPS.items() if op.elementwise and name != "stop_gradient"]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_local_number_of_every_elementwise_row_is_the_slope(name):
    for call in calls(name):
        _, values, out = call.values()
        for value, place in zip(values, call.places, strict=True):
            stretched = [np.broadcast_to(x, out.shape) for x in call.arguments]
            wanted = slope(lambda step, call=call, at=stretched, i=place: moved(call, at, i, step))
            rows = tg.why(out, value, gradient=call.cotangent).rows
            assert [place] * len(rows) == [row.position for row in rows]
            local = rows[0].local if rows else np.zeros(out.shape)  # its derivative is taken as 0
            assert relative_error(local, np.asarray(wanted)) < 1e-10, call


def moved(call, arguments, place, step):
    """The row with one of its arguments moved, at each place by itself."""
    near = arguments[place] + np.longdouble(step)
    return call.op(*arguments[:place], near, *arguments[place + 1 :], **call.options)


SHAPES = st.sampled_from([(), (3,), (2, 1), (2, 3)])
UNARY = [tg.tanh, tg.sigmoid, tg.sin, tg.square, lambda x: x.sum(), lambda x: x]
BINARY = [tg.add, tg.multiply, tg.subtract, tg.maximum, lambda x, y: x / (1.0 + y * y)]


@one_in(2)
@given(st.data())
def test_contributions_and_paths_sum_to_the_gradient_of_random_graphs(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    values = [V(rng.normal(size=data.draw(SHAPES))) for _ in range(2)]
    leaves = list(values)
    for _ in range(data.draw(st.integers(1, 6))):
        one, other = (data.draw(st.sampled_from(values)) for _ in range(2))
        unary, binary = data.draw(st.sampled_from(UNARY)), data.draw(st.sampled_from(BINARY))
        values.append(unary(binary(one, other)))
    loss = tg.sum(values[-1]) + tg.sum(values[-2] * values[0])
    for value in [*leaves, *values[2:4]]:
        ledger = tg.why(loss, value)
        wanted = tg.grad(loss, value)
        assert relative_error(added_up(ledger), wanted) < 1e-12
        chain = ledger.chain(limit=200)
        if chain.paths:
            assert chain.count == len(chain.paths)
            products = np.asarray(sum(path.product for path in chain.paths))
            assert relative_error(products, wanted) < 1e-12
        str(ledger), ledger.latex(), str(chain), chain.latex()


def test_bounds_and_ties_are_told_in_signs():
    x, y = tg.Value(-0.5, label="x"), tg.Value(2.0, label="y")
    for output, told in [
        (tg.clip(x, None, 0.0), "[x ≤ 0]"),
        (tg.clip(x, -1.0, None), "[x ≥ -1]"),
        (tg.clip(x, -1.0, 0.25), "[-1 ≤ x ≤ 0.25]"),
        (tg.maximum(x, y), "[x > y] + ½ [x = y]"),
        (tg.max(tg.stack([x, y])), "[joined = max(joined)] / Σ([joined = max(joined)])"),
    ]:
        assert told in "\n".join(step.formula for step in tg.steps(output))
    assert "L = clip(x, -1, 0.25)" == next(iter(tg.steps(tg.clip(x, -1.0, 0.25)))).formula
    assert "L = min(x, 0)" == next(iter(tg.steps(tg.clip(x, None, 0.0)))).formula


def test_x_times_x_has_two_rows():
    x = V(3.0, "x")
    first, second = tg.why(x * x, x).rows
    assert [("x", 0, 3.0), ("y", 1, 3.0)] == [
        (row.argument, row.position, row.contribution) for row in (first, second)
    ]


def test_a_condition_gets_no_row_and_shifts_no_position():
    x = V([1.0, -2.0], "x")
    (row,) = tg.why(tg.sum(tg.where(x > 0.0, x, 0.0)), x).rows
    assert ("where", 1) == (row.operation, row.position)


def test_a_rule_that_differentiates_something_itself_adds_no_rows():
    def rule(g, out, x):
        inner = V(2.0)
        return g * 3.0 * tg.grad(inner * inner, inner) / 4.0

    triple = tg.Op("triple", "x", forward="3.0 * {x}", vjps=[rule], latex="3 {x}", doc="A test.")
    x = V(5.0, "x")
    assert [3.0] == [row.contribution for row in tg.why(triple(x), x).rows]


def test_nothing_is_written():
    loss, values = network()
    tg.why(loss, values["W1"]).chain()
    assert all(value.grad is None for value in tg.history(loss))
    values["W1"].data[0, 0] = 1.0  # it is not locked either


def test_infinite_derivatives_are_told_and_not_raised():
    x = V(0.0, "x")
    y = tg.sqrt(x)
    with np.errstate(divide="ignore"), tg.detect_anomaly():
        assert np.isinf(tg.why(y, x).rows[0].contribution)


# ----- One number of a tensor -----


def test_one_number_has_a_row_for_each_sample():
    loss, values = network()
    ledger = tg.why(loss, values["W1"], index=(1, 0))
    wanted = tg.grad(loss, values["W1"])[1, 0]
    assert 4 == len(ledger.rows)
    assert relative_error(ledger.total, wanted) < 1e-12
    assert relative_error(added_up(ledger), wanted) < 1e-12
    assert {f"x[{n},1]" for n in range(4)} == {row.formula for row in ledger.rows}


def test_one_number_of_a_result_is_not_mixed_up_with_what_it_was_made_of():
    x = V([1.0, 2.0, 3.0, 4.0], "x")
    table = x.reshape(2, 2)
    loss = tg.sum(table * 5.0) + tg.sum(x * x)
    assert 5.0 == tg.why(loss, table, index=(1, 1)).total
    assert 13.0 == tg.why(loss, x, index=-1).total
    assert "v1[1,1]" in str(tg.why(loss, table, index=(-1, 1)))


def test_a_scalar_has_an_index_too():
    x = V(3.0, "x")
    assert 6.0 == tg.why(x * x, x, index=()).total


@pytest.mark.parametrize("index", [2, (0, 0), (-3,), ()])
def test_an_index_that_is_no_place_is_refused(index):
    x = V([1.0, 2.0], "x")
    with pytest.raises(IndexError, match=r"why: index .* is no place in Value 'x' of shape"):
        tg.why(tg.sum(x), x, index=index)


def test_what_is_no_index_and_no_value_is_refused():
    x = V([1.0, 2.0], "x")
    with pytest.raises(TypeError, match="why: index must be ints, one for each axis, got"):
        tg.why(tg.sum(x), x, index=1.5)
    with pytest.raises(TypeError, match="why: output must be a Value, got float64"):
        tg.why(np.float64(1.0), x)
    with pytest.raises(TypeError, match="why: value must be a Value, got str"):
        tg.why(tg.sum(x), "x")
    with pytest.raises(tg.GraphError, match="only a scalar has a gradient"):
        tg.why(x * x, x)
    big = V(np.zeros((200, 200)), "big")
    with pytest.raises(tg.GraphError, match="single numbers, at most 100,000"):
        tg.why(tg.sum(big @ big), big, index=(0, 0))


# ----- What one reads -----


NEURON = """\
∂o/∂w₁ = 1, from the one use of w₁

used by      operation               upstream     local derivative  contribution
p = x₁ · w₁  multiply, 2nd argument  ∂o/∂p = 0.5  ∂p/∂w₁ = x₁ = 2    0.5 × 2 = 1"""

NEURON_CHAIN = """\
∂o/∂w₁ = ∂o/∂n · ∂n/∂v₆ · ∂v₆/∂p · ∂p/∂w₁ = 0.5 · 1 · 1 · 2 = 1

where p = x₁ · w₁
      v₆ = p + v₅
      n = v₆ + b
      o = tanh(n)"""

BACKPROPAGATION = """\
∂L/∂z₂ = 1 / 4 ⊙ (z₂ − y)   (4, 1)
∂L/∂a₁ = ∂L/∂z₂ @ W₂ᵀ       (4, 3)
∂L/∂z₁ = ∂L/∂a₁ ⊙ σ'(z₁)    (4, 3)
∂L/∂W₁ = xᵀ @ ∂L/∂z₁        (2, 3)

where z₁ = affine(x, W₁, b₁)
      a₁ = σ(z₁)
      z₂ = affine(a₁, W₂, b₂)
      L = ½ mse(y, z₂)"""


def test_the_text_is_what_one_would_write_on_a_board():
    o, w1 = neuron()
    assert NEURON == str(tg.why(o, w1))
    assert NEURON_CHAIN == str(tg.why(o, w1).chain())


def test_the_chain_between_tensors_is_the_equations_of_backpropagation():
    loss, values = network()
    assert BACKPROPAGATION == str(tg.why(loss, values["W1"]).chain())
    assert "g @ W₂ᵀ" == tg.why(loss, values["a1"]).rows[0].formula
    assert "sum(g)" == tg.why(loss, values["b1"]).rows[0].formula  # over the samples


def test_a_number_that_tensors_use_too_has_rows_of_both_kinds():
    b, x = V(2.0, "b"), V(np.ones((2, 2)), "X")
    loss = tg.sum(x * b) + b * b
    ledger = tg.why(loss, b)
    text = str(ledger)
    assert "∂v₄/∂b = b = 2                      1 × 2 = 2" in text
    assert "sum(g ⊙ X)                                  4" in text
    assert "local derivative, or share of g" in text
    assert 8.0 == ledger.total
    assert "path 3 of 3" in str(ledger.chain())


def test_powers_are_told_as_one_writes_them():
    x = V(2.0, "x")
    assert ["3 · x²", "2 · x", "0.5 · x^-0.5"] == [
        tg.why(x**power, x).rows[0].formula for power in (3.0, 2.0, 0.5)
    ]


def test_sixty_diamonds_are_counted_and_not_listed_in_a_tenth_of_a_second():
    x = y = V(1.0, "x")
    for _ in range(60):
        y = tg.sin(y) + tg.cos(y)
    seconds = []
    for _ in range(3):  # the least, for Python may clear up at any moment
        start = time.process_time()
        chain = tg.why(y, x).chain()
        text = str(chain)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.1
    assert (2**60, ()) == (chain.count, chain.paths)
    assert "2^60 = 1,152,921,504,606,846,976 paths" in text
    assert "limit=12" in text
    with pytest.raises(ValueError, match="chain: limit"):
        tg.why(y, x).chain(limit=-1)


def test_a_long_graph_needs_no_recursion_and_a_short_text():
    x = y = V(1.0, "x")
    for _ in range(5_000):
        y = y * 1.0
    text = str(tg.why(y, x).chain())
    assert "…" in text
    assert len(text) < 1000
    for _ in range(2000):
        y = y * 0.5 + y * 0.5
    assert "more than 10^300 paths" in str(tg.why(y, x).chain())


def test_a_value_beside_the_way_says_what_may_have_been_meant():
    W, x = V(np.ones((2, 2)), "W"), V(np.ones((1, 2)), "x")
    loss = tg.sum(x @ W)
    number = W[1, 0]
    number.label = "part"
    told = "∂L/∂part = 0: L was not made from part, but from W; "
    assert told + "ask why(..., index=(1, 0)) about a number of it" == str(tg.why(loss, number))
    turned = W.T
    turned.label = "Wt"
    assert str(tg.why(loss, turned)).startswith(
        "∂L/∂Wt has the shape (2, 2): L was not made from Wt, but from W, as Wt was"
    )
    last = W[..., 0, 0]  # an index that why does not take
    assert "but from W, as" in str(tg.why(loss, last))


def test_an_output_and_a_value_the_wrong_way_round_are_told():
    w, W = V(2.0, "w"), V(np.ones((2, 2)), "W")
    loss = tg.square(w)
    loss.label = "loss"
    told = "∂w/∂loss = 0: w was not made from loss, but loss from w: the output comes first"
    assert told == str(tg.why(w, loss))
    with pytest.raises(tg.GraphError, match="the output comes first; here Value made by sum of"):
        tg.why(W, tg.sum(W))
    with pytest.raises(tg.GraphError, match="only a scalar has a gradient of its own"):
        tg.why(W, W)


def test_what_has_no_rows_says_why():
    x, q = V(2.0, "x"), V(1.0, "q")
    y = tg.stop_gradient(x) * 3.0
    assert "∂L/∂q = 0: L was not made from q" == str(tg.why(y, q))
    assert "passes something whose derivative is 0" in str(tg.why(y, x))
    assert "∂L/∂L = 1: it is the output itself" == str(tg.why(y, y))
    assert "no path leads down to it" in str(tg.why(y, q).chain())
    assert tg.why(y, q).latex()
    assert tg.why(y, q).chain().latex()


def test_a_gradient_that_was_added_up_is_told():
    o, w1 = neuron()
    o.backward()
    assert "grad" not in str(tg.why(o, w1))
    o.backward()
    assert "w₁.grad is 2, which is 2 times this" in str(tg.why(o, w1))
    (w1 * 5.5).backward()
    assert "w₁.grad is 7.5, which is not this alone" in str(tg.why(o, w1))
    n = o.args[0]
    (2.0 * n).backward()
    assert "n.grad is 2, which differs: it is of another backward() call" in str(tg.why(o, n))


def test_a_gradient_of_one_number_is_compared_with_its_own():
    w = V([1.0, 2.0], "w")
    loss = tg.sum(w * w)
    for _ in range(3):
        loss.backward()
    assert "w[1].grad is 12, which is 3 times this" in str(tg.why(loss, w, index=1))


def test_lines_are_told_where_they_were_traced():
    x = V(2.0, "x")
    with tg.trace_lines():
        y = x * x
    text = str(tg.why(y + x, x))
    assert "of test_ledger.py" in text
    assert str(tg.why(y + x, x).rows[-1].line).endswith("test_ledger.py")


def test_very_many_uses_are_counted_and_not_all_shown():
    x = V(1.0, "x")
    ledger = tg.why(tg.sum(tg.concatenate([x.reshape(1)] * 3 + [x * 1.0 * np.ones(1)])), x)
    assert relative_error(added_up(ledger), ledger.total) < 1e-12
    y = sum((x * float(n) for n in range(100)), V(0.0))
    assert "… 60 more" in str(tg.why(y, x))
    assert 100 == len(tg.why(y, x).rows)


EVIL = "<b>a|b</b> \\input{x} $y_1$ `*`"


def test_labels_are_shown_literally_in_html_markdown_and_latex():
    x = V(2.0, EVIL)
    y = tg.exp(x) * x
    ledger = tg.why(y, x)
    root = ET.fromstring(f"<div>{ledger._repr_html_()}</div>")
    assert any(EVIL in "".join(cell.itertext()) for cell in root.iter("td"))
    assert not list(root.iter("b"))
    for latex in (ledger.latex(), ledger.chain().latex()):
        assert r"a\textbar{}b\textless{}/b\textgreater{} \textbackslash{}input\{x\} \$y\_1" in latex
        assert latex.count("{") - latex.count(r"\{") == latex.count("}") - latex.count(r"\}")
    rows = [line for line in ledger._repr_markdown_().splitlines() if line.startswith("|")]
    assert {6} == {row.replace(r"\|", "").count("|") for row in rows}
    assert "<b>" not in ledger._repr_markdown_().replace(r"\<", "")


def test_the_latex_of_the_neuron_says_symbols_numbers_and_the_result():
    o, w1 = neuron()
    assert r"""\begin{aligned}
\frac{\partial o}{\partial w_1} &= \frac{\partial o}{\partial p} \cdot x_1 \\
&= 0.5 \cdot 2 \\
&= 1
\end{aligned}
""" == tg.why(o, w1).latex()


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_the_equations_compile(tmp_path):
    loss, values = network()
    x = V(2.0, EVIL)
    o, w1 = neuron()
    ledgers = [tg.why(tg.exp(x) * x, x), tg.why(o, w1), tg.why(loss, values["W1"])]
    ledgers.append(tg.why(loss, values["W1"], index=(1, 0)))
    body = "".join(f"\\[{e}\\]\n" for x in ledgers for e in (x.latex(), x.chain().latex()))
    page = (
        rf"\documentclass{{article}}\usepackage{{amsmath}}\begin{{document}}{body}\end{{document}}"
    )
    (tmp_path / "page.tex").write_text(page, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    if "amsmath.sty' not found" in done.stdout:
        pytest.skip("amsmath is not installed")
    assert 0 == done.returncode, done.stdout[-2000:]


def test_the_same_graph_gives_the_same_text_and_keeps_float32():
    loss, values = network()
    again, others = network()
    assert str(tg.why(loss, values["W1"])) == str(tg.why(again, others["W1"]))
    x = V(np.float32(3.0), "x")
    ledger = tg.why(x * x, x)
    assert (np.float32, np.float32) == (ledger.total.dtype, ledger.rows[0].local.dtype)
