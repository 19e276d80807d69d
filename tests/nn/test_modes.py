"""Layers that compute something else in training: random numbers, statistics of the batch."""

import json
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import relative_error, slope

PUBLISHED = json.loads(Path(__file__).with_name("published.json").read_text("utf-8"))
either = pytest.mark.parametrize("compiled", [False, True])


def dense(*sizes, **options):
    return tg.FullyConnectedLayer(*sizes, rng=sizes[0], **options)


def some_data(count=12, inputs=3, outputs=2):
    rng = np.random.default_rng(4)
    return rng.normal(size=(count, inputs)), rng.normal(size=(count, outputs))


def numbers_of(network):
    return [v.data.copy() for v in (*network.parameters(), *network.statistics())]


# ----- Dropout -----


def test_dropout_leaves_out_the_share_and_keeps_the_mean():
    ones, layer = np.ones((400, 250)), tg.Dropout(0.3)
    out = layer(ones, tg.TrainingPass(rng=0))
    kept = out != 0
    assert abs(kept.mean() - 0.7) < 5 * np.sqrt(0.3 * 0.7 / ones.size)
    np.testing.assert_allclose(out[kept], 1 / 0.7, rtol=1e-15)
    np.testing.assert_array_equal(kept, np.random.default_rng(0).random(ones.shape) >= 0.3)


def test_dropout_is_out_of_the_way_everywhere_but_in_training():
    x, layer = np.array([[1.0, 2.0, 3.0]]), tg.Dropout(0.9)
    network = tg.Network([layer])
    for out in (layer(x), layer.forward(x), network(x), network.predict(x, as_array=True)):
        np.testing.assert_array_equal(out, x)
    np.testing.assert_array_equal(layer.backward(x), x)
    assert tg.Dropout(0.0)(x, tg.TrainingPass(rng=0)) is x


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_dropout_keeps_the_type(dtype):
    x = np.ones((2, 3), dtype)
    assert tg.Dropout(0.5)(x, tg.TrainingPass(rng=0)).dtype == dtype
    value = tg.Dropout(0.5)(tg.Value(x), tg.TrainingPass(rng=0))
    assert value.dtype == tg.grad(tg.sum(value), value).dtype == dtype


def test_the_gradient_passes_where_a_number_was_kept():
    x = tg.Value(np.ones((4, 5)))
    out = tg.Dropout(0.5)(x, tg.TrainingPass(rng=0))
    np.testing.assert_array_equal(tg.grad(tg.sum(out), x), out.data)


@pytest.mark.parametrize(
    ("rate", "kind"), [(1.0, ValueError), (-0.1, ValueError), ("x", TypeError)]
)
def test_a_rate_that_is_no_probability_below_1_is_refused(rate, kind):
    with pytest.raises(kind, match="rate must be"):
        tg.Dropout(rate)


@pytest.mark.parametrize("source", [np.random.default_rng, np.random.RandomState])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_step_draws_anew_and_a_compiled_one_draws_the_same(source, dtype):
    """Against steps by hand, with masks from a generator that begins alike."""
    x, y = (data.astype(dtype) for data in some_data())
    found = []
    for compiled in (False, True):
        layers = [dense(3, 8, dtype=dtype), tg.Dropout(0.4), dense(8, 2, dtype=dtype)]
        network = tg.Network(layers, verbose=False)
        network.fit(x, y, 4, 0.1, 5, full_pass=True, rng=source(9), compiled=compiled)
        found.append(numbers_of(network))
    layers = [dense(3, 8, dtype=dtype), dense(8, 2, dtype=dtype)]
    values = [p for layer in layers for p in layer.parameters()]
    rng = source(9)
    for _ in range(4):
        order = rng.random(len(x)).argsort()
        for start in range(0, len(x), 5):
            rows = order[start : start + 5]
            mask = ((rng.random((len(rows), 8)) >= 0.4) / 0.6).astype(dtype)
            w, b, v, c = values
            out = ((x[rows] @ w + b) * mask) @ v + c
            slopes = tg.grad(tg.half_squared_error(y[rows], out), values)
            for value, by in zip(values, slopes):
                value.data = value.data - dtype(0.1) * by / len(rows)
    eps = np.finfo(dtype).eps
    for by_hand, plain, compiled in zip(values, *found):
        assert plain.dtype == compiled.dtype == dtype
        np.testing.assert_allclose(plain, by_hand.data, 100 * eps, 100 * eps)
        np.testing.assert_allclose(compiled, plain, 100 * eps, 100 * eps)


def test_without_rng_masks_come_from_the_global_stream():
    x, y = some_data()
    found = []
    for rng in (None, np.random.RandomState(3)):
        network = tg.Network([dense(3, 4), tg.Dropout(0.5), dense(4, 2)], verbose=False)
        np.random.seed(3)
        network.fit(x, y, 5, 0.1, rng=rng)
        found.append(numbers_of(network))
    for one, other in zip(*found):
        np.testing.assert_array_equal(one, other)


def test_making_a_program_draws_nothing_from_the_source_of_the_steps():
    network = tg.Network([dense(3, 4), tg.Dropout(0.5), dense(4, 2)], verbose=False)
    rng, same = np.random.default_rng(1), np.random.default_rng(1)
    network.partial_fit(*some_data(), 0.1, rng=rng)
    same.random((12, 4))
    assert rng.random() == same.random()


# ----- Normalization -----


def layer_for(name):
    made = {
        "BatchNorm": lambda: tg.BatchNorm(3),
        "BatchNorm(momentum=0.3, epsilon=0.01)": lambda: tg.BatchNorm(
            3, momentum=0.3, epsilon=0.01
        ),
        "LayerNorm": lambda: tg.LayerNorm(3),
    }[name]()
    sines = np.sin(np.arange(1.0, 4.0) ** 2)
    made.gamma, made.beta = [1.0 + 0.5 * sines], [sines[::-1]]
    return made


@pytest.mark.parametrize("name", [n for n in PUBLISHED if "Norm" in n])
def test_outputs_gradients_and_running_statistics_are_those_of_pytorch(name):
    layer = layer_for(name)
    for batch in PUBLISHED[name]:
        wanted = {key: np.array(numbers) for key, numbers in batch.items()}
        x, training = tg.Value(wanted["x"], label="x"), tg.TrainingPass()
        out = layer(x, training)
        gradients = tg.grad(out, [x, *layer.parameters()], wanted["upstream"])
        training.finish()
        found = dict(zip(("y", "by_x", "by_gain", "by_shift"), (out.data, *gradients)))
        found["predicted"] = layer(wanted["x"])
        if isinstance(layer, tg.BatchNorm):
            found |= {"running_mean": layer.running_mean, "running_var": layer.running_variance}
        assert found.keys() | {"x", "upstream"} == wanted.keys()
        for key, got in found.items():
            got = got.reshape(wanted[key].shape)
            np.testing.assert_allclose(got, wanted[key], rtol=1e-12, atol=1e-14, err_msg=key)


def test_batch_norm_follows_its_formulas_by_hand():
    rng = np.random.default_rng(0)
    layer = tg.BatchNorm(2, momentum=0.25, epsilon=1e-3)
    layer.gamma, layer.beta = [[2.0, -1.0]], [[0.5, 3.0]]
    mean, variance = np.zeros(2), np.ones(2)
    for _ in range(3):
        x, training = rng.normal(size=(6, 2)), tg.TrainingPass()
        normal = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-3)
        np.testing.assert_allclose(
            layer(x, training), normal * [2.0, -1.0] + [0.5, 3.0], rtol=1e-13
        )
        training.finish()
        mean, variance = (0.75 * mean + 0.25 * x.mean(0), 0.75 * variance + 0.25 * x.var(0, ddof=1))
        np.testing.assert_allclose(layer.running_mean[0], mean, rtol=1e-14)
        np.testing.assert_allclose(layer.running_variance[0], variance, rtol=1e-14)
    x = rng.normal(size=(1, 2))
    wanted = (x - mean) / np.sqrt(variance + 1e-3) * [2.0, -1.0] + [0.5, 3.0]
    for out in (layer(x), layer(tg.Value(x)).data, layer.forward(x)):
        np.testing.assert_allclose(out, wanted, rtol=1e-13)
    np.testing.assert_allclose(
        layer.backward(np.ones((1, 2))), [2.0, -1.0] / np.sqrt(variance + 1e-3)[None]
    )


@pytest.mark.parametrize(
    "layer", [tg.BatchNorm(3), tg.LayerNorm(3)], ids=lambda x: type(x).__name__
)
def test_gradients_in_training_agree_with_differences(layer):
    rng = np.random.default_rng(2)
    x, way, upstream = (rng.normal(size=(4, 3)) for _ in range(3))

    def along(step):
        return np.sum(upstream * layer(x + step * way, tg.TrainingPass()))

    value = tg.Value(x)
    by_x = tg.grad(layer(value, tg.TrainingPass()), value, upstream)
    assert relative_error(np.sum(by_x * way), slope(along)) < 1e-11


def test_a_training_with_batch_norm_is_that_of_pytorch():
    wanted = PUBLISHED["trained"]
    x, y = np.array(wanted["x"]), np.array(wanted["y"])
    for compiled in (False, True):
        first, norm, last = dense(5, 3), tg.BatchNorm(3), dense(3, 2)
        for layer, place in ((first, "0"), (last, "3")):
            layer.weights = np.transpose(wanted["starts"][f"{place}.weight"])
            layer.bias = [wanted["starts"][f"{place}.bias"]]
        layers = [first, norm, tg.ActivationLayer("tanh"), last]
        network = tg.Network(layers, verbose=False)
        network.fit(x, y, 20, 0.1, rng=0, compiled=compiled)
        state = {
            "0.weight": first.weights.T, "0.bias": first.bias, "3.weight": last.weights.T,
            "3.bias": last.bias, "1.weight": norm.gamma, "1.bias": norm.beta,
            "1.running_mean": norm.running_mean, "1.running_var": norm.running_variance,
        }  # fmt: skip
        for name, got in state.items():
            numbers = np.array(wanted["state"][name])
            np.testing.assert_allclose(
                got.reshape(numbers.shape), numbers, rtol=1e-10, atol=1e-12, err_msg=name
            )
        np.testing.assert_allclose(network(x), wanted["predicted"], rtol=1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [tg.BatchNorm, tg.LayerNorm])
def test_normalization_keeps_its_type_and_learns(kind, dtype):
    x, y = (data.astype(dtype) for data in some_data())
    network = tg.Network(
        [dense(3, 6, dtype=dtype), kind(6, dtype=dtype), tg.ActivationLayer("relu"),
         dense(6, 2, dtype=dtype)], verbose=False,
    )  # fmt: skip
    history = network.fit(x, y, 200, 0.1, rng=0)
    assert history[-1] < 0.5 * history[0]
    assert {numbers.dtype for numbers in numbers_of(network)} == {np.dtype(dtype)}
    assert network(x).dtype == dtype


def test_a_batch_of_one_row_has_no_variance_and_fit_says_so_before_the_first_step():
    inner = tg.Network([tg.BatchNorm(2)])
    network = tg.Network([dense(3, 2), inner], verbose=False)
    before = numbers_of(network)
    for size, full_pass in ((1, False), (11, True)):
        with pytest.raises(ValueError, match=r"layer2/layer1, BatchNorm\(2\), needs batches of at "
                           "least 2 samples, but of 12 samples one batch has 1"):  # fmt: skip
            network.fit(*some_data(), 1, 0.1, size, full_pass=full_pass, rng=0)
    with pytest.raises(ValueError, match="BatchNorm needs at least 2 rows in a batch of training"):
        network.partial_fit(*some_data(1), 0.1)
    for one, other in zip(before, numbers_of(network)):
        np.testing.assert_array_equal(one, other)
    assert network(np.ones((1, 3))).shape == (1, 2)


def test_a_compiled_network_predicts_with_the_newest_statistics():
    x, y = some_data()
    network = tg.Network([dense(3, 4), tg.BatchNorm(4), dense(4, 2)], verbose=False)
    predict = tg.compile(network)
    for _ in range(2):
        np.testing.assert_allclose(predict(x), network(x), rtol=1e-13)
        network.fit(x, y, 5, 0.1, rng=0)


def test_no_gradient_reaches_running_statistics():
    network = tg.Network([tg.BatchNorm(3)])
    tg.sum(network(tg.Value(some_data()[0]))).backward()
    assert all(v.grad is None for v in network.statistics())
    assert all(p.grad is not None for p in network.parameters())


@either
def test_a_step_that_fails_leaves_the_running_statistics(compiled):
    network = tg.Network([dense(3, 2), tg.BatchNorm(2), dense(2, 2)], verbose=False)
    x, y = some_data()
    network.fit(x, y, 3, 0.1, rng=0, compiled=compiled)
    before = numbers_of(network)
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError):
        network.fit(x, 1e9 * y, 1, 1e308, rng=0, compiled=compiled)
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="layer measured"):
        network.fit(1e200 * x, y, 1, 0.1, rng=0, compiled=compiled)  # whose variance is infinite
    for one, other in zip(before, numbers_of(network)):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("make", "kind", "told"),
    [
        (lambda: tg.BatchNorm(0), ValueError, "size must be at least 1, got 0"),
        (lambda: tg.BatchNorm(2, momentum=1.5), ValueError, "momentum must be at most 1, got 1.5"),
        (lambda: tg.BatchNorm(2, epsilon=0.0), ValueError, "epsilon must be above 0"),
        (lambda: tg.LayerNorm(2, dtype=int), TypeError, "dtype must be a floating type"),
        (lambda: tg.LayerNorm(2)(np.ones((1, 3))), tg.ShapeError, "expects rows of 2 inputs"),
    ],
)
def test_what_does_not_fit_a_normalization_is_refused(make, kind, told):
    with pytest.raises(kind, match=told):
        make()


def test_the_best_weights_come_with_their_running_statistics():
    x, y = some_data()
    network = tg.Network([dense(3, 4), tg.BatchNorm(4), dense(4, 2)], verbose=False)
    stopping, kept = tg.EarlyStopping(patience=3, monitor="loss"), []

    def note(progress):
        kept.append(numbers_of(progress.network))

    network.fit(x, y, 60, 3.0, 4, rng=0, callbacks=[note, stopping])
    assert stopping.best_epoch < len(kept) - 1
    for one, best in zip(numbers_of(network), kept[stopping.best_epoch]):
        np.testing.assert_array_equal(one, best)


def test_running_statistics_are_saved_with_the_weights(tmp_path):
    def network():
        return tg.Network([dense(3, 4), tg.BatchNorm(4), dense(4, 2)], verbose=False)

    trained, loaded = network(), network()
    trained.fit(*some_data(), 5, 0.1, rng=0)
    trained.save_weights(tmp_path / "weights.npz")
    loaded.load_weights(tmp_path / "weights.npz")
    for one, other in zip(numbers_of(trained), numbers_of(loaded)):
        np.testing.assert_array_equal(one, other)


# ----- Layers of one's own -----


class Noise(tg.Layer):
    """Adds noise in training, and keeps its mean square and how often it was called."""

    def __init__(self, scale):
        super().__init__()
        self.scale = scale
        self.seen = []

    def formula(self, x):
        return x

    def training_formula(self, x, *, training):
        noise = self.scale * training.rng.standard_normal(x.shape)
        shift = training.rng.uniform(-1.0, 1.0)
        training.after_step(self.note, tg.mean(tg.square(noise)), len(x), shift)
        return x + noise + shift

    def note(self, size, count, shift):
        self.seen.append((float(size), count, float(shift)))


def test_a_layer_of_ones_own_draws_and_remembers_in_compiled_steps_as_in_plain_ones():
    x, y = some_data()
    found = []
    for compiled in (False, True):
        noise = Noise(0.5)
        network = tg.Network([dense(3, 4), noise, dense(4, 2)], verbose=False)
        network.fit(x, y, 3, 0.1, 5, full_pass=True, rng=0, compiled=compiled)
        found.append((numbers_of(network), noise.seen))
    (plain, seen), (compiled, told) = found
    for one, other in zip(plain, compiled):
        np.testing.assert_allclose(one, other, rtol=1e-13)
    np.testing.assert_allclose(seen, told, rtol=1e-13)
    assert [count for _, count, _ in seen] == [5, 5, 2] * 3
    assert len({size for size, _, _ in seen}) == 9


def test_what_a_program_cannot_be_handed_is_told():
    class Choosing(tg.Layer):
        def formula(self, x):
            return x

        def training_formula(self, x, *, training):
            return x * float(training.rng.integers(1, 3))

    network = tg.Network([dense(3, 2), Choosing()], verbose=False)
    with pytest.raises(TypeError, match=r"training.rng.integers gave .*say compiled=False"):
        network.fit(*some_data(), 1, 0.1, rng=np.random.default_rng(0), compiled=True)
    network.fit(*some_data(), 1, 0.1, rng=np.random.default_rng(0))


def test_a_layer_that_draws_more_when_it_is_compiled_is_told():
    class Fickle(tg.Layer):
        count = 0

        def formula(self, x):
            return x

        def training_formula(self, x, *, training):
            self.count += 1
            return x + sum(training.rng.random() for _ in range(self.count))

    network = tg.Network([dense(3, 2), Fickle()], verbose=False)
    with pytest.raises(TypeError, match=r"training.rng.random: a layer drew more"):
        network.fit(*some_data(), 1, 0.1, rng=0, compiled=True)


def test_training_can_be_drawn_and_written_too():
    network = tg.Network([dense(2, 3), tg.BatchNorm(3), tg.LayerNorm(3), tg.Dropout(0.5)])
    x = np.array([[1.0, 2.0], [0.0, 1.0], [2.0, 5.0]])
    for training in (None, tg.TrainingPass(rng=0)):
        loss = tg.sum(network(tg.Value(x, label="x"), training))
        assert "layer2" in tg.draw(loss).source
        assert "gamma2" in tg.tree(loss)
        assert [*tg.steps(loss)][-1].phase == "backward"
        assert "γ" in tg.source(loss) or "gamma2" in tg.source(loss)
