"""Tests of weights as PyTorch has them; those with PyTorch's own numbers need no PyTorch."""

import numpy as np
import pytest

import tinygrad_mlp as tg


def small_network(rng=0, **options):
    return tg.Network(
        [
            tg.FullyConnectedLayer(2, 3, rng=rng, **options),
            tg.ActivationLayer("sigmoid"),
            tg.FullyConnectedLayer(3, 2, rng=rng + 1, **options),
        ]
    )


def numbers_of(network):
    return [parameter.data.copy() for parameter in network.parameters()]


def assert_refused(network, state, error, words):
    before = numbers_of(network)
    with pytest.raises(error, match=words):
        network.load_state_dict(state)
    for expected, got in zip(before, numbers_of(network), strict=True):
        np.testing.assert_array_equal(expected, got)


#: Of torch.manual_seed(0) and Sequential(Linear(2, 3), Sigmoid(), Linear(3, 2)) in float64, with
#: PyTorch 2.13: model.state_dict(), and model(X).
PYTORCH = {
    "0.weight": [
        [0.6647553301890121, 0.29390167076471757],
        [-0.05744119269283829, 0.595027081222347],
        [0.2050950775488388, 0.41174529777772495],
    ],
    "0.bias": [-0.4545195058940603, -0.2105656169160554, 0.1150334319677742],
    "2.weight": [
        [-0.24452412935978926, -0.05442236557141126, -0.3731997610970005],
        [-0.16712355206697718, 0.14076405628150715, -0.020959661389805546],
    ],
    "2.bias": [-0.06835769562526114, -0.10706201599905593],
}
X = [[1.0, -2.0], [0.5, 0.25]]
OUTPUTS = [
    [-0.31868534325161857, -0.1563588313359596],
    [-0.4298763547717802, -0.13353757002495373],
]


def test_numbers_of_pytorch_give_its_outputs():
    network = small_network()
    network.load_state_dict(PYTORCH)
    np.testing.assert_allclose(OUTPUTS, network(X), rtol=1e-14)


def test_there_and_back_again_is_the_same_network():
    one, other = small_network(0), small_network(5)
    other.load_state_dict(one.state_dict())
    for expected, got in zip(numbers_of(one), numbers_of(other), strict=True):
        np.testing.assert_array_equal(expected, got)


def test_names_and_shapes_are_those_of_a_sequential():
    shapes = {name: array.shape for name, array in small_network().state_dict().items()}
    assert {"0.weight": (3, 2), "0.bias": (3,), "2.weight": (2, 3), "2.bias": (2,)} == shapes


# ----- Every kind of layer -----


def layered():
    inner = [tg.LayerNorm(3), tg.ActivationLayer("silu"), tg.FullyConnectedLayer(3, 1, rng=1)]
    first = [tg.FullyConnectedLayer(2, 3, rng=0, use_bias=False), tg.BatchNorm(3), tg.Dropout(0.5)]
    return tg.Network([*first, tg.Network(inner)])


#: Of Sequential(Linear(2, 3, bias=False), BatchNorm1d(3), Dropout(0.5), Sequential(LayerNorm(3),
#: SiLU(), Linear(3, 1))) in PyTorch 2.13.
SHAPES = {
    "0.weight": (3, 2),
    "1.weight": (3,),
    "1.bias": (3,),
    "1.running_mean": (3,),
    "1.running_var": (3,),
    "1.num_batches_tracked": (),
    "3.0.weight": (3,),
    "3.0.bias": (3,),
    "3.2.weight": (1, 3),
    "3.2.bias": (1,),
}
#: And of that, with 0.1, 0.2, 0.3 ... in every tensor, model.eval()(X).
LAYERED_OUTPUTS = [[0.12503794167786658], [0.2536417743885816]]


def test_every_kind_of_layer_has_the_names_and_the_numbers_of_pytorch():
    state = {}
    for name, shape in SHAPES.items():
        state[name] = 0.1 * np.arange(1, np.prod(shape, dtype=int) + 1.0).reshape(shape)
    network = layered()
    network.load_state_dict(state)
    np.testing.assert_allclose(LAYERED_OUTPUTS, network(X), rtol=1e-13)
    del state["1.num_batches_tracked"]  # PyTorch takes a dict without it
    again = network.state_dict()
    assert {*state} == {*again}
    for name, expected in state.items():
        np.testing.assert_array_equal(expected, again[name])


def test_a_counter_of_no_batchnorm_is_not_expected():
    state = {**PYTORCH, "1.num_batches_tracked": 3}
    assert_refused(small_network(), state, ValueError, "unexpected '1.num_batches_tracked'")


def test_a_residual_has_no_equal_in_pytorch():
    network = tg.Network([tg.Residual([tg.FullyConnectedLayer(2, 2)])])
    with pytest.raises(TypeError, match=r"layer1, Residual.* only those of FullyConnectedLayer"):
        network.state_dict()


def test_arrays_are_copies_without_gaps():
    network = small_network()
    before = numbers_of(network)
    for array in network.state_dict().values():
        assert array.flags.c_contiguous
        array[...] = 7.0
    for expected, got in zip(before, numbers_of(network), strict=True):
        np.testing.assert_array_equal(expected, got)


def test_what_is_loaded_is_a_copy_in_the_type_of_the_network():
    state = {name: np.array(numbers, "f") for name, numbers in PYTORCH.items()}
    network = small_network()
    network.load_state_dict(state)
    state["0.weight"][...] = 0.0
    assert network.layers[0].weights.any()
    assert np.float64 == network.layers[0].weights.dtype
    assert network.layers[0].weights.flags.c_contiguous


def test_a_training_goes_on_from_loaded_weights():
    x, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    one, other = small_network(0), small_network(5)
    for network in (one, other):
        network.verbose = False
    other.fit(x, y, 3, 0.1, rng=0)
    other.load_state_dict(one.state_dict())
    np.testing.assert_array_equal(one.fit(x, y, 3, 0.1, rng=0), other.fit(x, y, 3, 0.1, rng=0))


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (
            {"0.weight": np.ones((2, 3))},
            ValueError,
            r"0.weight has shape \(2, 3\), wanted \(3, 2\)",
        ),
        ({"2.bias": None}, TypeError, "2.bias"),
        ({"2.bias": [1.0, np.nan]}, ValueError, "2.bias has nan or infinity"),
        ({"2.bias": [1j, 1.0]}, TypeError, "2.bias.*complex"),
        ({"4.weight": [[1.0]]}, ValueError, "unexpected '4.weight'"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_taken(change, error, words):
    assert_refused(small_network(), {**PYTORCH, **change}, error, words)


def test_all_differences_are_told_at_once():
    state = {"1.weight": PYTORCH["0.weight"], **PYTORCH, "0.bias": [1.0]}
    del state["0.weight"]
    words = r"unexpected '1.weight'; missing '0.weight'; 0.bias has shape \(1,\), wanted \(3,\)"
    assert_refused(small_network(), state, ValueError, words)


def test_a_number_too_large_for_the_type_of_the_network_is_refused():
    state = {**PYTORCH, "0.bias": [1e300, 0.0, 0.0]}
    assert_refused(small_network(dtype="f"), state, ValueError, "0.bias has nan or infinity")


def test_what_is_no_dict_is_refused():
    assert_refused(small_network(), [1.0], TypeError, "state must be a dict.*got list")


def test_a_layer_that_pytorch_has_no_name_for_is_refused():
    class Scale(tg.Layer):
        def __init__(self):
            super().__init__()
            self.factor = tg.Value(2.0)

        def formula(self, x, factor):
            return factor * x

        def parameters(self):
            return [self.factor]

    network = tg.Network([tg.FullyConnectedLayer(2, 2), Scale()])
    with pytest.raises(TypeError, match=r"layer2.*Scale.*PyTorch has no name"):
        network.state_dict()
