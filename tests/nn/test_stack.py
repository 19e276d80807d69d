"""Networks of networks: as lists, one inside the other, with ways around, with shared layers."""

import copy
import pickle

import numpy as np
import pytest

import tinygrad_mlp as tg

either = pytest.mark.parametrize("compiled", [False, True])


def dense(inputs, outputs, rng=0, **options):
    return tg.FullyConnectedLayer(inputs, outputs, rng=rng, **options)


def numbers_of(network):
    return [v.data.copy() for v in (*network.parameters(), *network.statistics())]


def some_data(count=12, inputs=3, outputs=2):
    rng = np.random.default_rng(4)
    return rng.normal(size=(count, inputs)), rng.normal(size=(count, outputs))


def descended(loss, values, rate, count):
    """The numbers after one step of plain descent on the mean, by the graph that is given."""
    return [v.data - rate * by / count for v, by in zip(values, tg.grad(loss, values))]


def assert_equal(network, wanted, rtol=1e-12):
    for one, other in zip(network.parameters(), wanted, strict=True):
        np.testing.assert_allclose(one.data, other, rtol=rtol, atol=1e-14)


# ----- As a list -----


def test_a_network_is_a_list_of_its_layers():
    layers = [dense(2, 3), tg.ActivationLayer(), dense(3, 1)]
    network = tg.Network(layers)
    assert len(network) == 3
    assert [*network] == layers
    assert network[0] is layers[0] and network[-1] is layers[2]  # noqa: PT018
    assert tg.Network() and len(tg.Network()) == 0  # noqa: PT018
    with pytest.raises(IndexError):
        network[3]


def test_a_slice_is_a_network_that_shares_the_layers():
    network = tg.Network([dense(2, 3), tg.ActivationLayer("tanh"), dense(3, 1)], verbose=False)
    part = network[:2]
    assert isinstance(part, tg.Network)
    assert part.layers == network.layers[:2]
    assert part.verbose is False
    assert [layer.name for layer in network[1:]] == ["layer2", "layer3"]
    x = np.array([[0.5, -1.0]])
    np.testing.assert_array_equal(network[2:](part(x)), network(x))
    before = network(x)
    part.fit(x, np.ones((1, 3)), 5, 0.5, rng=0)
    assert (before != network(x)).all()


# ----- One inside the other -----


@either
def test_a_network_in_a_network_learns_as_its_layers_in_a_row(compiled):
    x, y = some_data()

    def layers():
        return [dense(3, 4, 1), tg.BatchNorm(4), tg.ActivationLayer("tanh"), dense(4, 2, 2)]

    flat, (first, *inner, last) = tg.Network(layers(), verbose=False), layers()
    nested = tg.Network([first, tg.Network([inner[0], tg.Network(inner[1:])]), last], False)
    for network in (flat, nested):
        network.fit(x, y, 10, 0.1, 5, rng=3, compiled=compiled, optimizer=tg.optimizers.Adam())
    for one, other in zip(numbers_of(flat), numbers_of(nested), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(flat(x), nested(x))
    assert ["W1", "b1", "gamma2", "beta2", "W3", "b3"] == [p.label for p in nested.parameters()]
    assert (nested.input_size, nested.output_size) == (3, 2)


def test_a_network_takes_part_in_forward_backward_and_step():
    x, y = some_data()
    network = tg.Network([dense(3, 4, 1), tg.ActivationLayer("tanh"), dense(4, 2, 2)], False)
    same = copy.deepcopy(network)
    outer = tg.Network([network])
    value = tg.Value(x)
    out = outer.forward(x)
    wanted = tg.grad(network(value), value, out - y)
    np.testing.assert_allclose(outer.backward(out - y), wanted, rtol=1e-14)
    outer.step(0.1)
    same.fit(x, y, 1, 0.1, len(x), rng=0)
    assert_equal(network, numbers_of(same))
    with pytest.raises(tg.GraphError, match="call backward before step"):
        outer.step(0.1)


def test_sizes_are_looked_at_through_networks():
    inner = tg.Network([tg.ActivationLayer(), dense(3, 2)])
    with pytest.raises(tg.ShapeError, match=r"takes 3 inputs, but .* gives 4 outputs"):
        tg.Network([dense(2, 4), inner])
    with pytest.raises(tg.ShapeError, match="expects 3"):
        tg.Network([inner]).predict(np.ones((1, 4)))
    network = tg.Network([dense(2, 3)])
    with pytest.raises(ValueError, match="Network cannot be a layer of itself"):
        network.add(tg.Network([tg.Network([network])]))


def test_nested_networks_are_saved_copied_summed_up_and_drawn(tmp_path):
    def made(seed):
        inner = tg.Network([dense(3, 3, seed), tg.ActivationLayer("relu")])
        around = tg.Residual([dense(3, 3, seed + 1), tg.BatchNorm(3)])
        return tg.Network([inner, around, dense(3, 1, seed + 2)], verbose=False)

    network, other = made(0), made(5)
    x = some_data()[0]
    network.save_weights(tmp_path / "weights.npz")
    other.load_weights(tmp_path / "weights.npz")
    for twin in (other, copy.deepcopy(network), pickle.loads(pickle.dumps(network))):
        np.testing.assert_array_equal(network(x), twin(x))
    lines = network.summary().splitlines()
    assert [line.split()[0] for line in lines[2:-2]] == [
        "layer1", "layer1/layer1", "layer1/layer2", "layer2", "layer2/layer1", "layer2/layer2",
        "layer3",
    ]  # fmt: skip
    assert "Residual, of 2 layers" in lines[5]
    assert lines[-1].split() == ["3", "layers", "34"]
    assert "Residual" in network.draw().svg
    graph = tg.draw(network(tg.Value(x))).source
    assert "layer2" in graph


def test_numbers_that_are_called_alike_are_all_saved(tmp_path):
    class Own(tg.Layer):
        def __init__(self):
            super().__init__()
            self.learned = [tg.Value(1.0), tg.Value(2.0), tg.Value(3.0)]

        def parameters(self):
            return self.learned

        def formula(self, x, a, b, c):
            return a + b * x + c * x * x

    def made(seed):
        part = tg.Network([tg.ActivationLayer(), tg.FullyConnectedLayer(1, 1), Own()])[1:]
        part.add(dense(1, 1, seed))  # whose place in the slice was that of another layer
        return part

    network, other = made(0), made(1)
    assert [layer.name for layer in network] == ["layer2", "layer3", "layer4"]
    network.layers[0].weights, network[1].learned[1].data = [[5.0]], 7.0
    network.save_weights(tmp_path / "weights.npz")
    other.load_weights(tmp_path / "weights.npz")
    for one, twin in zip(numbers_of(network), numbers_of(other), strict=True):
        np.testing.assert_array_equal(one, twin)


# ----- A way around -----


@either
def test_a_residual_adds_its_input_and_learns(compiled):
    x, y = some_data()
    block = tg.Residual([dense(3, 3, 1), tg.ActivationLayer("tanh"), dense(3, 3, 2)])
    network = tg.Network([block, dense(3, 2, 3)], verbose=False)
    w, b, v, c, u, d = values = [tg.Value(n) for n in numbers_of(network)]
    inner = tg.tanh(x @ w + b) @ v + c
    out = (x + inner) @ u + d
    np.testing.assert_allclose(network(x), out.data, rtol=1e-13)
    np.testing.assert_allclose(block(x[0]), x[:1] + inner.data[:1], rtol=1e-13)
    assert block(tg.Value(x[0])).shape == (1, 3)
    np.testing.assert_allclose(block.forward(x[0]), x[:1] + inner.data[:1], rtol=1e-13)
    wanted = descended(tg.half_squared_error(y, out), values, 0.1, len(x))
    network.fit(x, y, 1, 0.1, rng=0, compiled=compiled)
    assert_equal(network, wanted)


def test_a_residual_whose_layers_give_other_rows_is_refused():
    with pytest.raises(tg.ShapeError, match="they take 3 and give 2 numbers"):
        tg.Residual([dense(3, 2)])

    class Wider(tg.Layer):
        def formula(self, x):
            return tg.concatenate([x, x], axis=1)

    with pytest.raises(tg.ShapeError, match=r"gave shape \(1, 4\) for shape \(1, 2\)"):
        tg.Residual([Wider()])(np.ones((1, 2)))
    with pytest.raises(TypeError, match=r"write tg.Residual\(\[layer, ...\]\)"):
        tg.Residual(dense(3, 3))


def test_dropout_inside_a_residual_draws_in_every_step():
    x, y = some_data()
    found = []
    for compiled in (False, True):
        block = tg.Residual([dense(3, 3, 1), tg.Dropout(0.5)])
        network = tg.Network([block, tg.Dropout(0.2), dense(3, 2, 3)], verbose=False)
        network.fit(x, y, 6, 0.1, 5, rng=7, compiled=compiled)
        found.append(numbers_of(network))
    for one, other in zip(*found):
        np.testing.assert_allclose(one, other, rtol=1e-12)


# ----- Shared layers -----


@either
def test_a_layer_in_two_places_learns_from_both(compiled):
    x, y = some_data()
    shared = dense(3, 3, 1)
    network = tg.Network(
        [shared, tg.ActivationLayer("tanh"), shared, tg.ActivationLayer("tanh"), dense(3, 2, 2)],
        verbose=False,
    )
    w, b, v, c = values = [tg.Value(n) for n in numbers_of(network)]
    out = tg.tanh(tg.tanh(x @ w + b) @ w + b) @ v + c
    np.testing.assert_allclose(network(x), out.data, rtol=1e-13)
    wanted = descended(tg.half_squared_error(y, out), values, 0.1, len(x))
    network.fit(x, y, 1, 0.1, rng=0, compiled=compiled)
    assert_equal(network, wanted)


def test_the_backward_pass_of_a_network_reaches_shared_layers_in_all_places():
    x, y = some_data(outputs=3)
    shared = dense(3, 3, 1)
    network = tg.Network([shared, tg.Network([tg.ActivationLayer("tanh"), shared])])
    w, b = values = [tg.Value(n) for n in numbers_of(network)]
    out = tg.tanh(x @ w + b) @ w + b
    wanted = descended(tg.half_squared_error(y, out), values, 0.1, len(x))
    network.backward(network.forward(x) - y)
    network.step(0.1)
    assert_equal(network, wanted)


def test_a_shared_layer_has_one_name_and_counts_once():
    shared = dense(2, 2, 1)
    network = tg.Network([shared, tg.ActivationLayer(), shared, dense(2, 1, 2)])
    assert [layer.name for layer in network] == ["layer1", "layer2", "layer1", "layer4"]
    assert [p.label for p in network.parameters()] == ["W1", "b1", "W2", "b2"]
    assert network.summary().splitlines()[-1].split()[-1] == "9"
    assert "<svg" in network.draw().svg
    assert "layer1" in tg.draw(network(tg.Value([[1.0, 2.0]]))).source
    shared.forward([[1.0, 2.0]])
    with pytest.raises(tg.GraphError, match="several places in its network and remembers only"):
        shared.backward([[1.0, 1.0]])


def test_a_layer_in_two_networks_is_not_shared_in_either():
    layer = dense(2, 2)
    for _ in range(2):  # a cell of a notebook that is run again
        tg.Network([layer])
    layer.forward([[1.0, 2.0]])
    assert layer.backward([[1.0, 1.0]]).shape == (1, 2)


def test_a_network_that_grew_inside_another_is_learned_anew():
    x, y = some_data(outputs=3)
    inner = tg.Network([dense(3, 3)])
    network = tg.Network([inner], verbose=False)
    network.fit(x, y, 2, 0.1, rng=0)
    inner.add(tg.ActivationLayer("tanh"))
    twin = tg.Network([copy.deepcopy(inner)], verbose=False)
    for one in (network, twin):
        one.fit(x, y, 2, 0.1, rng=0)
    assert_equal(network, numbers_of(twin))


# ----- Settings -----


@pytest.mark.parametrize(
    ("layer", "settings"),
    [
        (
            dense(2, 3, dtype=np.float32, init="he_normal", use_bias=False),
            {"input_size": 2, "output_size": 3, "dtype": "float32", "init": "he_normal",
             "use_bias": False},
        ),
        (tg.ActivationLayer("elu"), {"activation": "elu"}),
        (tg.ActivationLayer(tg.sin), {"activation": tg.sin}),
        (tg.Dropout(0.25), {"rate": 0.25}),
        (tg.BatchNorm(3), {"size": 3, "momentum": 0.1, "epsilon": 1e-5, "dtype": "float64"}),
        (tg.LayerNorm(3), {"size": 3, "epsilon": 1e-5, "dtype": "float64"}),
    ],
    ids=lambda x: type(x).__name__,
)  # fmt: skip
def test_settings_are_what_a_layer_is_made_with(layer, settings):
    assert layer.settings() == settings
    assert repr(type(layer)(**settings)) == repr(layer)


def test_settings_of_rows_are_their_layers():
    layers = [dense(2, 2), tg.Dropout(0.5)]
    assert tg.Network(layers, verbose=False).settings() == {"layers": layers, "verbose": False}
    assert tg.Residual(layers).settings() == {"layers": layers}


def test_settings_that_cannot_be_found_are_asked_for():
    class Own(tg.Layer):
        def __init__(self, factor):
            super().__init__()
            self.by = factor

    with pytest.raises(TypeError, match=r"set self\.factor in __init__, or define settings"):
        Own(2.0).settings()
