"""Tests of expand: the same numbers and the same gradients at every level of zoom."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.matrices import SLOWLY
from tests.oracles import calls, relative_error
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.zoom.formulas import FORMULAS, MOVES, formula_of

#: Rows that stay as they are: some are found in second derivatives only, some are LAPACK's.
WHOLE = {"max_share", "product_of_others", "sum_of_others"}
WHOLE |= SLOWLY.keys() - {"cholesky", "det", "inv", "logabsdet", "sign_of_det", "solve"}
EXPANDED = [name for name in tg.OPS if name not in WHOLE]


def leaves(value):
    return [v for v in tg.history(value) if v.op is None]


def names(value):
    return [v.label or v.op.name for v in tg.history(value)]


def gradients(value, shapes):
    """The gradients of leaves, whole or in elements, by the names of the tensors."""
    found = {}
    for leaf in leaves(value):
        name, _, place = (leaf.label or "").partition("[")
        if not place:
            found[name] = leaf.grad
        else:
            index = tuple(int(i) for i in place[:-1].split(","))
            found.setdefault(name, np.zeros(shapes[name]))[index] = leaf.grad or 0.0
    return found


# ----- Every row -----


def test_an_impossible_class_that_is_not_true_costs_nothing_number_by_number():
    z = tg.Value([[-np.inf, 0.0]])
    cost = tg.expand(tg.softmax_cross_entropy([[0.0, 1.0]], z))
    assert cost.item() == 0
    assert tg.softmax_cross_entropy([[0.0, 1.0]], z).item() == 0
    assert np.isinf(tg.softmax_cross_entropy([[0.5, 0.5]], z).item())


def test_all_rows_but_few_have_a_scalar_formula():
    assert {name for name, op in tg.OPS.items() if formula_of(op) is None} == WHOLE
    assert tg.OPS.keys() >= {*FORMULAS, *MOVES}


@pytest.mark.parametrize("name", EXPANDED)
def test_every_row_has_the_same_value_and_gradient_number_by_number(name):
    for call in calls(name):
        labelled = [
            tg.Value(x, f"a{i}") if i in call.places else x for i, x in enumerate(call.arguments)
        ]
        shapes = {f"a{i}": np.shape(call.arguments[i]) for i in call.places}
        expanded = tg.expand(call.op(*labelled, **call.options), limit=100_000)
        assert expanded.dtype == call.out.dtype
        assert relative_error(expanded.data, call.out) < 1e-13, call
        expanded.backward(call.cotangent)
        found = gradients(expanded, shapes)
        for i, wanted in zip(call.places, call.gradients()):
            # What the result does not depend on is not in its graph.
            got = found.get(f"a{i}")
            assert relative_error(np.zeros_like(wanted) if got is None else got, wanted) < 1e-12
        inner = tg.history(expanded)[: -1 if expanded.ndim else None]
        assert all(v.shape == () for v in inner)
        assert expanded.ndim == 0 or expanded.op is None or expanded.op.name == "assemble"


@pytest.mark.parametrize("name", EXPANDED)
def test_every_row_keeps_single_precision(name):
    for call in calls(name):
        _, _, out = call.values(np.float32)
        expanded = tg.expand(out, limit=100_000)
        assert expanded.dtype == out.dtype
        assert relative_error(expanded.data, out.data) < 1e-5, call


def test_a_matrix_is_eliminated_from_the_row_with_the_largest_number():
    a = tg.Value([[0.0, 2.0], [3.0, 4.0]], "a")
    out = tg.expand(tg.linalg.det(a))
    assert out.item() == -6
    assert names(out)[-2:] == ["multiply", "negative"]
    assert tg.expand(tg.linalg.det(tg.Value(np.ones((3, 3))))).item() == 0


def test_rows_without_a_scalar_formula_stay_or_are_refused_by_name():
    x = tg.Value([1.0, 3.0, 3.0], "x")
    y = tg.OPS["max_share"](tg.exp(x), axis=0).sum()
    assert names(tg.expand(y))[6:] == ["assemble", "max_share", *["getitem"] * 3, "add", "add"]
    with pytest.raises(tg.GraphError, match="max_share has no formula of scalars"):
        tg.expand(y, "max_share")


# ----- How many nodes -----

n, k, m = 2, 3, 4
X, W, B = np.ones((n, k)), np.ones((k, m)), np.ones((1, m))
COUNTS = {
    "elementwise": (tg.tanh, [X], n * k),
    "broadcast": (lambda x, b: x + b, [W, B], k * m),
    "moved": (lambda x: x.T.reshape(-1)[::2], [X], 0),
    "matmul": (lambda x, w: x @ w, [X, W], n * m * (2 * k - 1)),
    "solve": (tg.linalg.solve, [np.eye(3), np.ones(3)], (3 + 2 * 8) + (3 + 2 * 3)),
    "cholesky": (tg.linalg.cholesky, [np.eye(3)], 2 * 6 + 2 * 2 + (2 + 1 + 1) + 3 + 3),
    "det": (tg.linalg.det, [np.eye(3)], (3 + 2 * 5) + 2),
    "affine": (tg.affine, [X, W, B], n * m * 2 * k),
    "einsum": (lambda x, w: tg.einsum("ij,jk->ik", x, w), [X, W], n * m * (2 * k - 1)),
    "sum": (lambda x: x.sum(axis=0), [X], k * (n - 1)),
    "mean": (lambda x: x.mean(axis=0), [X], k * n),
    "prod": (tg.prod, [X], n * k - 1),
    "max": (tg.max, [X], n * k - 1),
    "norm": (tg.norm, [X], 2 * n * k - 1),
    "cumprod": (lambda x: x.cumprod(), [X], n * k - 1),
    "cumsum": (lambda x: x.cumsum(), [X], n * k - 1),
    "sort": (tg.sort, [X], 0),
    "softmax": (tg.softmax, [X], n * (4 * k - 1)),
    "log_softmax": (tg.log_softmax, [X], n * (4 * k)),
    "logsumexp": (lambda x: tg.logsumexp(x, axis=-1), [X], n * (3 * k + 1)),
    "half_squared_error": (tg.half_squared_error, [X, X], 3 * n * k),
    "mse": (tg.mse, [X, X], 3 * n * k + 1),
    "softmax_cross_entropy": (tg.softmax_cross_entropy, [X, X], 6 * n * k + 1),
    "binary_cross_entropy": (tg.binary_cross_entropy, [X / 2, X / 3], 8 * n * k + 1),
}


@pytest.mark.parametrize("name", COUNTS)
def test_an_operation_makes_as_many_values_as_its_formula_says(name):
    function, arrays, count = COUNTS[name]
    out = function(*map(tg.Value, arrays))
    everything = tg.expand(out)
    operations = [v for v in tg.history(everything) if v.op and v.op.name != "assemble"]
    assert count == len(operations)
    total = count + sum(a.size for a in arrays) + (out.ndim > 0)
    tg.expand(out, limit=total)
    with pytest.raises(tg.GraphError, match=f"up to {total:,} values, and limit is {total - 1:,}"):
        tg.expand(out, limit=total - 1)


def test_what_is_too_large_is_refused_at_once_with_its_size_and_the_way_out():
    out = tg.Value(np.ones((1000, 1000))) @ tg.Value(np.ones((1000, 1000)))
    count = 1000**2 * 1999 + 2 * 1000**2 + 1
    with pytest.raises(tg.GraphError, match=f"{count:,} values.*which=.*limit={count}"):
        tg.expand(out)


# ----- Networks -----


@st.composite
def networks(draw):
    """A loss of a small network, and the shapes of its leaves."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    rows = draw(st.integers(1, 2))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    tensors = {"x": rng.uniform(-1, 1, (rows, sizes[0]))}
    h = tg.Value(tensors["x"], "x")
    activations = [tg.sigmoid, tg.tanh, tg.softplus, tg.softmax, lambda z: z * z]
    for layer, (a, b) in enumerate(zip(sizes, sizes[1:])):
        with tg.scope(f"layer{layer}"):
            tensors[f"W{layer}"], tensors[f"b{layer}"] = rng.uniform(-1, 1, (a, b)), rng.random(b)
            weights, bias = (tg.Value(tensors[f"{name}{layer}"], f"{name}{layer}") for name in "Wb")
            z = tg.affine(h, weights, bias) if draw(st.booleans()) else h @ weights + bias
            h = draw(st.sampled_from(activations))(z)
    target = rng.random(h.shape)
    losses = [tg.mse, tg.half_squared_error, tg.softmax_cross_entropy]
    with tg.scope("loss"):
        loss = draw(st.sampled_from(losses))(target, h)
    return loss, {name: x.shape for name, x in tensors.items()}


@given(networks(), st.data())
def test_gradients_of_the_leaves_agree_at_every_level(network, data):
    loss, shapes = network
    loss.backward()
    wanted = {v.label: v.grad for v in leaves(loss)}
    known = sorted({*shapes, *(v.op.name for v in tg.history(loss) if v.op), "layer0", "loss"})
    some = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=4))
    for which in (None, some, list(shapes)):
        closer = tg.expand(loss, which)
        assert relative_error(closer.data, loss.data) < 1e-12
        closer.backward()
        got = gradients(closer, shapes)
        assert got.keys() == shapes.keys()
        for name, gradient in got.items():
            assert relative_error(gradient, wanted[name]) < 1e-12


def two_layers():
    x = tg.Value([[0.05, 0.10]], "x")
    with tg.scope("layer1"):
        h = tg.sigmoid(
            tg.affine(x, tg.Value([[0.15, 0.25], [0.2, 0.3]], "W1"), tg.Value([[0.35, 0.35]], "b1"))
        )
    with tg.scope("layer2"):
        y = tg.sigmoid(tg.affine(h, tg.Value([[0.4], [0.45]], "W2"), tg.Value([[0.6]], "b2")))
    return tg.half_squared_error([[0.01]], y)


def test_an_expanded_network_tells_its_leaves_its_scopes_and_its_steps():
    closer = tg.expand(two_layers())
    labels = [leaf.label for leaf in leaves(closer)]
    assert labels[:4] == ["x[0,0]", "x[0,1]", "W1[0,0]", "W1[0,1]"]
    assert {v.scope for v in tg.history(closer)} == {"", "layer1", "layer2"}
    # 11 leaves; 2 * 2 * 2 + 2 and 2 * 2 + 1 for the layers; 3 for the loss
    assert 11 + 10 + 5 + 3 == len(tg.history(closer))


def test_one_layer_is_expanded_by_its_scope_and_the_rest_stays():
    closer = tg.expand(two_layers(), "layer2")
    assert ["x", "W1", "b1", "affine", "sigmoid"] == names(closer)[:5]
    assert "half_squared_error" == closer.op.name
    assert "W2[0,0]" in names(closer)
    assert "W1[0,0]" not in names(closer)


def test_an_operation_alone_is_taken_out_of_tensors_and_put_back():
    h = tg.tanh(tg.Value([1.0, 2.0], "x"))
    y = tg.expand(tg.exp(h).sum(), "exp")
    assert ["x", "tanh", "getitem", "getitem", "exp", "exp", "assemble", "sum"] == names(y)


def test_elements_of_a_labelled_result_are_named():
    h = tg.Value([[1.0, 2.0]], "x") * 2.0
    h.label = "h"
    assert ["x[0,0]", "x[0,1]", "h[0,0]", "h[0,1]", "h"] == names(tg.expand(h))


def test_a_value_may_be_chosen_itself_and_a_list_chooses_several():
    w = tg.Value([1.0, 2.0])
    y = tg.exp(w)
    z = (y * y).sum()
    assert ["exp", "exp"] == [v.op.name for v in tg.history(tg.expand(z, [w, y])) if v.op][:2]


def test_several_values_share_one_graph_and_a_graph_gives_a_graph():
    x = tg.Value([1.0, 2.0], "x")
    first, second = tg.expand([x.sum(), tg.prod(x)])
    assert leaves(first) == leaves(second)
    graph = tg.expand(Graph.of(x.sum()))
    assert [node.label or node.op for node in graph] == ["x[0]", "x[1]", "add"]


def test_expanding_what_is_expanded_changes_nothing_more():
    closer = tg.expand(two_layers())
    assert names(closer) == names(tg.expand(closer))


def test_nothing_of_the_old_graph_is_touched():
    loss = two_layers()
    loss.backward()
    before = [(v.label, v.number, v.grad) for v in tg.history(loss)]
    tg.expand(loss).backward()
    after = [(v.label, v.number, v.grad) for v in tg.history(loss)]
    for old, new in zip(before, after):
        assert all(one is other for one, other in zip(old, new))
    assert all(leaf.grad is None for leaf in leaves(tg.expand(loss)))


def test_derivatives_of_derivatives_can_be_expanded():
    x = tg.Value([1.0, 2.0], "x")
    slope = tg.grad(tg.prod(x) * tg.exp(x).sum(), x, create_graph=True)
    closer = tg.expand(slope)
    assert relative_error(closer.data, slope.data) < 1e-14


# ----- Edges -----


def test_constants_stay_numbers_and_steps_between_them_vanish():
    y = tg.expand(tg.concatenate([tg.Value([2.0], "x"), [3.0, 4.0]]).sum())
    assert ["x[0]", "add", "add"] == names(y)
    nothing_but_constants = tg.expand(tg.Value([1.0, 2.0])[:0].sum())
    assert 0.0 == nothing_but_constants.item()


def test_a_target_of_zeros_and_ones_leaves_one_logarithm_each():
    p = tg.Value([1.0, 0.0, 0.5], "p")
    loss = tg.binary_cross_entropy([1.0, 0.0, 1.0], p)
    closer = tg.expand(loss)
    assert 2 == names(closer).count("log")
    assert closer.item() == pytest.approx(loss.item(), rel=1e-15)


def test_large_logits_do_not_overflow():
    x = tg.Value([1000.0, 0.0, -1000.0], "x")
    for function in (tg.softmax, tg.log_softmax, tg.logsumexp):
        out = function(x)
        assert np.array_equal(tg.expand(out).data, out.data)


def test_a_tie_of_two_shares_the_gradient_and_the_norm_of_zeros_has_none():
    assert [0.5, 0.5] == [
        leaf.grad for leaf in _differentiated(tg.expand(tg.max(tg.Value([3.0, 3.0]))))
    ]
    assert [0.0, 0.0] == [
        leaf.grad for leaf in _differentiated(tg.expand(tg.norm(tg.Value([0.0, 0.0]))))
    ]


def _differentiated(value):
    value.backward()
    return leaves(value)


def test_an_operation_of_ones_own_is_expanded_by_its_shapes():
    @tg.operation(lambda g, out, x, *, slope: g * tg.where(x > 0, 1.0, slope))
    def leaky(x, *, slope=0.1):
        return np.where(x > 0, x, slope * x)

    @tg.operation(lambda g, out, x: g - g.mean(), shapes="(n)->(n)")
    def centred(x):
        return x - x.mean()

    @tg.operation(lambda g, out, x: g - g.mean())
    def liar(x):
        return x - x.mean()

    x = tg.Value([1.0, -2.0], "x")
    assert ["x[0]", "x[1]", "leaky", "leaky", "assemble"] == names(tg.expand(leaky(x, slope=0.2)))
    assert ["x[0]", "x[1]", "x", "centred"] == names(tg.expand(centred(x)))
    with pytest.raises(tg.GraphError, match=r"liar says that it works on each number"):
        tg.expand(liar(x))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda y: tg.expand(3.0), TypeError, "values must be Values, .* got float"),
        (lambda y: tg.expand([3.0]), TypeError, "got a list with float in it"),
        (lambda y: tg.expand(y, "afine"), ValueError, "'afine'; there are W1, W2, affine, b1"),
        (lambda y: tg.expand(y, [1]), TypeError, "which must be names .* got 1 of type int"),
        (lambda y: tg.expand(y, 1), TypeError, "which must be names .* got 1 of type int"),
        (lambda y: tg.expand(y, tg.Value(1.0)), KeyError, "does not hold"),
        (lambda y: tg.expand(y, limit=0), ValueError, "limit must be at least 1"),
        (lambda y: tg.expand(y, limit=1.5), TypeError, "limit must be an int"),
    ],
)
def test_what_cannot_be_is_refused_in_plain_words(call, error, words):
    with pytest.raises(error, match=words):
        call(two_layers())


def test_every_number_of_a_drawing_is_there_at_every_level():
    loss = two_layers()
    sizes = [len(Graph.of(tg.expand(loss, which))) for which in ("layer2", "layer1", None)]
    assert len(Graph.of(loss)) < sizes[0] < sizes[1] < sizes[2]
    assert math.isclose(loss.item(), tg.expand(loss).item(), rel_tol=1e-15)


@pytest.mark.parametrize("which", [None, "sigmoid"])
def test_what_a_layer_learns_stays_a_parameter(which):
    network = tg.Network(verbose=False)
    network.add(tg.FullyConnectedLayer(2, 2, rng=0))
    network.add(tg.ActivationLayer())
    output = network(tg.Value([[1.0, 2.0]], label="x"))
    leaves = [node for node in tg.Graph.of(tg.expand(output, which)) if node.role != "operation"]
    assert {"x": "input", "W": "parameter", "b": "parameter"} == {
        node.label[0]: node.role for node in leaves
    }
    assert (8 if which is None else 3) == len(leaves)


def test_a_scope_with_a_slash_in_its_name_stays_one_and_can_be_named():
    with tg.scope("outer"), tg.scope("d/dx"):
        y = tg.sum(tg.Value([1.0, 2.0], label="x"))
    closer = tg.expand(y, "outer/d/dx")
    assert "add" == closer.op.name
    assert y.scope == closer.scope
    assert 2 == len(closer.scope.split("/"))
