"""What weights begin with: published variances, orthogonality, functions of one's own."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.nn.initialization import INITIALIZATIONS

INPUTS, OUTPUTS = 300, 200
#: Published variances, and the share of the fourth moment that tells a form: 9/5 even, 3 normal.
PUBLISHED = {
    "notebook": (1 / 12, 9 / 5),
    "glorot_uniform": (2 / (INPUTS + OUTPUTS), 9 / 5),
    "glorot_normal": (2 / (INPUTS + OUTPUTS), 3),
    "he_uniform": (2 / INPUTS, 9 / 5),
    "he_normal": (2 / INPUTS, 3),
    "lecun_uniform": (1 / INPUTS, 9 / 5),
    "lecun_normal": (1 / INPUTS, 3),
}


def test_every_name_is_looked_at_here():
    assert PUBLISHED.keys() | {"zeros", "orthogonal"} == INITIALIZATIONS.keys()


@pytest.mark.parametrize("source", [np.random.default_rng, np.random.RandomState])
@pytest.mark.parametrize("init", PUBLISHED)
def test_weights_have_the_published_mean_variance_and_form(init, source):
    variance, form = PUBLISHED[init]
    layer = tg.FullyConnectedLayer(INPUTS, OUTPUTS, init=init, rng=source(5))
    w = layer.weights
    count = w.size
    # Each within five of its own standard errors.
    assert abs(w.mean()) < 5 * np.sqrt(variance / count)
    assert abs(w.var() / variance - 1) < 5 * np.sqrt((form - 1) / count)
    assert abs(np.mean(w**4) / variance**2 / form - 1) < 0.07
    assert (w**2).max() <= 3 * variance * (1 + 1e-12) or form == 3
    assert layer.bias.any() == (init == "notebook")


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_orthogonal_rows_or_columns_are_orthonormal(shape):
    w = tg.FullyConnectedLayer(*shape, init="orthogonal", rng=3).weights
    short = w.T @ w if shape[0] >= shape[1] else w @ w.T
    np.testing.assert_allclose(short, np.eye(min(shape)), rtol=0, atol=1e-14)


def test_all_orthogonal_matrices_are_equally_likely():
    """Of two dimensions: as many turns as reflections, and every angle."""
    rng = np.random.default_rng(0)
    drawn = [tg.FullyConnectedLayer(2, 2, init="orthogonal", rng=rng).weights for _ in range(1000)]
    assert abs(sum(np.linalg.det(w) > 0 for w in drawn) - 500) < 80
    quadrants = [2 * (w[0, 0] > 0) + (w[0, 1] > 0) for w in drawn]
    assert abs(np.bincount(quadrants) - 250).max() < 70


def test_a_function_gives_the_weights_and_is_asked_with_shape_and_rng():
    layer = tg.FullyConnectedLayer(
        2, 3, init=lambda shape, rng: rng.normal(size=shape), rng=7, dtype=np.float32
    )
    wanted = np.random.default_rng(7).normal(size=(2, 3)).astype(np.float32)
    np.testing.assert_array_equal(layer.weights, wanted)
    assert layer.weights.dtype == layer.bias.dtype == np.float32
    assert not layer.bias.any()


@pytest.mark.parametrize(
    ("init", "kind", "told"),
    [
        ("xavier", ValueError, "init must be one of notebook, glorot_uniform, .*got 'xavier'"),
        (3, TypeError, "init must be a name or a function of shape and rng, got int 3"),
        (lambda shape, rng: np.ones(2), tg.ShapeError, r"init gave shape \(2,\), wanted \(2, 3\)"),
        (lambda shape, rng: np.full(shape, np.nan), ValueError, "nan or infinity"),
    ],
)
def test_what_gives_no_weights_is_refused(init, kind, told):
    with pytest.raises(kind, match=told):
        tg.FullyConnectedLayer(2, 3, init=init)


# ----- Without a bias -----


def test_without_a_bias_there_is_none():
    layer = tg.FullyConnectedLayer(2, 3, use_bias=False, rng=0)
    assert [layer.weights.shape] == [p.shape for p in layer.parameters()]
    x, error = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0, -1.0]])
    np.testing.assert_allclose(layer.forward(x), x @ layer.weights, rtol=1e-15)
    np.testing.assert_allclose(layer.backward(error), error @ layer.weights.T, rtol=1e-15)
    before = layer.weights.copy()
    layer.step(0.5)
    np.testing.assert_allclose(layer.weights, before - 0.5 * x.T @ error, rtol=1e-15)
    for ask in (lambda: layer.bias, lambda: setattr(layer, "bias", 0.0)):
        with pytest.raises(AttributeError, match="no bias; it was made with use_bias=False"):
            ask()
    assert "use_bias=False" in repr(layer)


def test_without_a_bias_a_network_learns_and_is_drawn():
    network = tg.Network([tg.FullyConnectedLayer(2, 1, use_bias=False, rng=0)], verbose=False)
    x = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    network.fit(x, x @ [[2.0], [-3.0]], 500, 0.5, rng=0)
    np.testing.assert_allclose(network.layers[0].weights, [[2.0], [-3.0]], atol=1e-6)
    assert "<svg" in network.draw().svg
    assert "W1 (2, 1)  " in network.summary()
