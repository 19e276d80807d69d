"""Tests of JavaScript: the same numbers as Python's in Node, and what cannot be said is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.node import differ
from tests.oracles import calls
from tests.searching import one_in
from tinygrad_mlp.programs.writing.javascript.rows import ROWS

ROWS_SAID = sorted(ROWS.keys() - {"copy", "stop_gradient"})  # which no program contains
every_row = pytest.mark.parametrize("name", ROWS_SAID)


def numbers(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.normal(size=shape))[()] for shape in shapes]


def pulled_back(call):
    """The value and the gradients of a call, as a function of its arguments and a cotangent."""

    def f(u, *args):
        def of(*some):
            every = list(call.arguments)
            for place, x in zip(call.places, some):
                every[place] = x
            return call.op(*every, **call.options)

        value, pull_back = tg.vjp(of, *args)
        return value, pull_back(u)

    return f, [call.cotangent, *(call.arguments[i] for i in call.places)]


def with_numbers(name):
    """The calls of a row in which every array has a number."""
    return [c for c in calls(name) if np.size(c.out) and all(np.size(x) for x in c.arguments)]


def check(node, f, *args):
    source = tg.source(f, *args, target="javascript")
    with np.errstate(all="ignore"):
        wanted = f(*args)
    assert differ(node(source, *args), wanted) <= 1, source
    return source


def body_of(source):
    return str(source)[str(source).index(f"function {source.name}(") :]


# ----- The same numbers -----


@every_row
def test_every_row_gives_the_value_and_the_gradients_of_python(name, node):
    assert with_numbers(name)
    for call in with_numbers(name):
        f, args = pulled_back(call)
        check(node, f, *args)


@every_row
def test_second_derivatives_are_those_of_python(name, node):
    call = with_numbers(name)[0]
    f, args = pulled_back(call)

    def slope(*args):
        value, slopes = f(*args)
        return tg.sum(value) + sum(tg.sum(slope * slope) for slope in slopes)

    check(node, tg.grad(slope, tuple(range(len(args)))), *args)


def network(x, W1, b1, W2, b2, y):
    z1 = tg.affine(x, W1, b1)
    a1 = tg.sigmoid(z1)
    z2 = a1 @ W2 + b2
    a2 = tg.tanh(z2)
    return tg.half_squared_error(y, a2)


NETWORK = numbers((4, 2), (2, 3), (1, 3), (3, 1), (1, 1), (4, 1))
SCALARS = st.floats(-3, 3)


def test_a_network_at_random_settings(node):
    source = tg.source(network, *NETWORK, wrt=tuple(range(6)), target="javascript")
    f = tg.value_and_grad(network, argnums=tuple(range(6)))
    for seed in range(20):
        args = numbers(*(x.shape for x in NETWORK), seed=seed)
        assert differ(node(source, *args), f(*args)) <= 1


@one_in(4)
@given(x=SCALARS, y=SCALARS)
def test_scalars_at_random_settings(node, x, y):
    def f(x, y):
        return tg.where(x > y, tg.sin(x) * y, tg.exp(-x) / (1.0 + y**2.0)) - tg.maximum(x, 0.5)

    source = tg.source(f, 1.0, 2.0, wrt=(0, 1), target="javascript")
    wanted = tg.value_and_grad(f, argnums=(0, 1))(x, y)
    assert differ(node(source, x, y), wanted) <= 1


def test_attention_with_masks_and_indices(node):
    tokens = np.array([2, 0, 2, 1])
    hidden = np.triu(np.full((4, 4), -1e9), 1)

    def attention(E, Q, K, V):
        x = E[tokens]
        scores = (x @ Q) @ (x @ K).T / np.sqrt(2.0) + hidden
        mixed = tg.softmax(scores) @ (x @ V)
        return tg.sum(tg.concatenate([mixed, x], axis=1)[:, ::2] ** 2.0)

    args = numbers((3, 2), (2, 2), (2, 2), (2, 2))
    check(node, tg.value_and_grad(attention, argnums=(0, 1, 2, 3)), *args)


def test_a_broadcast_is_that_of_numpy(node):
    args = numbers((3, 1), (4,), (2, 1, 1), ())
    check(node, tg.value_and_grad(lambda a, b, c, d: tg.sum(a * b - c / d), (0, 1, 2, 3)), *args)


def test_what_is_summed_inside_of_a_product_is_summed_before(node):
    check(node, lambda x: x / tg.sum(x) * 2.0, np.array([1.0, 2.0, 5.0]))


def test_minus_signs_and_powers_bind_as_in_python(node):
    for f in (
        lambda x: -(x**2.0),
        lambda x: (-x) ** 2.0,
        lambda x: 2.0 ** (-x),
        lambda x: -(-x - -1.5),
        lambda x: (x**2.0) ** 3.0,
        lambda x: x ** (x**2.0),
        lambda x: 1.0 - (x - (2.0 - x)),
        lambda x: x / (3.0 / x) / 7.0,
    ):
        check(node, f, 1.25)


def test_structures_come_in_and_go_out(node):
    def f(x, layers):
        return {"sum": x + layers[0]["W"], "pair": (x, [1.5, None, "text"]), "a b": x * 2.0}

    check(node, f, 2.0, [{"W": 3.0}])


def test_words_of_javascript_are_no_names(node):
    def new(var, u, each):
        let = var * u
        return let + each

    source = check(node, new, np.ones(2), np.ones(2), np.ones(2))
    assert source.name == "new2"


def test_the_weights_of_a_network_are_parameters(node):
    net = tg.Network(verbose=False)
    net.add(tg.FullyConnectedLayer(2, 3, rng=1))
    net.add(tg.ActivationLayer("sigmoid"))
    source = tg.source(net, np.ones((1, 2)), target="javascript")
    got = node(source, np.ones((1, 2)), *(p.numpy() for p in net.parameters()))
    assert differ(got, net(np.ones((1, 2)))) <= 1


def test_a_large_constant_is_handed_over(node):
    table = np.arange(30.0).reshape(5, 6)
    source = tg.source(lambda x: x @ table, np.ones(5), target="javascript")
    assert list(source.constants) == ["constant1"]
    assert differ(node(source, np.ones(5)), np.ones(5) @ table) <= 1


def test_it_can_be_read():
    source = tg.source(network, *NETWORK, wrt=("W1", "b1"), target="javascript", formulas=True)
    assert (
        body_of(source)
        == """\
function network_and_gradients(x, W1, b1, W2, b2, y) {
  // Forward
  // z1 = x W1 + b1
  const z1 = affine(x, W1, b1);  // [4, 3]
  // a1 = σ(z1)
  const a1 = each(sigmoid, z1);  // [4, 3]
  // z2 = a1 W2 + b2
  const z2 = each((u1, b2) => u1 + b2, matmul(a1, W2), b2);  // [4, 1]
  // a2 = tanh(z2)
  const a2 = each((z2) => Math.tanh(z2), z2);  // [4, 1]
  // L = ½ Σ (y - a2)²
  const loss = half_squared_error(y, a2);
  // Backward
  // dL/da2 = a2 - y
  const da2 = each((a2, y) => a2 - y, a2, y);  // [4, 1]
  // dL/dz2 = da2 ⊙ tanh′(z2)
  const dz2 = each((da2, z2) => da2 * tanh_prime(z2), da2, z2);  // [4, 1]
  // dL/da1 = dz2 W2ᵀ
  const da1 = matmul(dz2, transpose(W2));  // [4, 3]
  // dL/dz1 = da1 ⊙ σ′(z1)
  const dz1 = each((da1, z1) => da1 * sigmoid_prime(z1), da1, z1);  // [4, 3]
  // dL/dW1 = xᵀ dz1
  const dW1 = matmul(transpose(x), dz1);  // [2, 3]
  // dL/db1 = Σ_n dz1
  const db1 = sum(dz1, [0], true);  // [1, 3]
  return [loss, [dW1, db1]];
}
"""
    )


def test_scalars_are_plain_arithmetic():
    source = tg.source(lambda x: tg.sin(x) * x, 2.0, wrt=0, target="javascript")
    assert (
        str(source)
        == """\
// Written by tinygrad_mlp: value_and_grad(f).

function f_and_gradients(x) {
  // Forward
  const t = Math.sin(x);
  const loss = t * x;
  // Backward
  const dx = t + x * Math.cos(x);
  return [loss, dx];
}
"""
    )


# ----- What is refused -----


@pytest.mark.parametrize("name", sorted(tg.OPS.keys() - ROWS.keys()))
def test_a_row_that_is_not_in_the_table_is_named(name):
    call = with_numbers(name)[-1]
    with pytest.raises(ValueError, match=rf"javascript.* {name} "):
        tg.source(lambda *x: call.op(*x, **call.options), *call.arguments, target="javascript")


def test_an_operation_of_ones_own_is_named():
    @tg.operation(lambda g, out, x: g * 2.0)
    def twice(x):
        return x * 2.0

    with pytest.raises(ValueError, match=r"javascript.* twice "):
        tg.source(twice, 1.0, target="javascript")


def test_a_branch_on_numbers_is_refused_and_where_is_named():
    with pytest.raises(tg.TraceError, match=r"tg\.where"):
        tg.source(lambda x: x if x > 0 else -x, 1.0, target="javascript")


def test_numbers_of_other_types_are_refused():
    with pytest.raises(ValueError, match="float64, but x is float32"):
        tg.source(tg.sin, np.ones(2, np.float32), target="javascript")


def test_what_javascript_cannot_return_is_refused():
    with pytest.raises(ValueError, match="no way to return dict"):
        tg.source(lambda x: {(0, 1): x * 2.0}, 1.0, target="javascript")


def test_arrays_without_numbers_are_refused():
    with pytest.raises(ValueError, match=r"shape \(0, 3\)"):
        tg.source(tg.sin, np.ones((0, 3)), target="javascript")
