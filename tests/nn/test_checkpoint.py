"""Tests of files of whole networks: all is in them, and nothing in them is trusted."""

import dataclasses
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import assert_untouched, some_data, weights_of

import tinygrad_mlp as tg
from tinygrad_mlp.errors import FileFormatError
from tinygrad_mlp.nn.encoding import KINDS, Decoder, Encoder
from tinygrad_mlp.nn.optimizers.penalty import WeightPenalty

X, Y = (data[:, 0] for data in some_data(12))


def trained(**told):
    network = tg.Network(
        [tg.FullyConnectedLayer(2, 3, rng=1), tg.ActivationLayer("tanh"),
         tg.FullyConnectedLayer(3, 1, rng=2)], verbose=False,
    )  # fmt: skip
    told = {"optimizer": tg.optimizers.Adam(), "rng": 0} | told
    network.fit(X, Y, 3, **told, validation_split=0.25, callbacks=[tg.EarlyStopping(patience=9)])
    return network


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "network.npz"
    trained().save(path)
    return path


def assert_same(one, other):
    assert repr(one) == repr(other)
    assert_untouched(one, weights_of(other))
    assert one.history.curves == other.history.curves


# ----- What comes back -----


def test_a_network_comes_back_with_its_layers_its_weights_and_its_history(tmp_path):
    network = tg.Network(
        [
            tg.FullyConnectedLayer(2, 3, rng=1, dtype=np.float32, init="he_normal"),
            tg.ActivationLayer("leaky_relu"),
            tg.FullyConnectedLayer(3, 1, rng=1, dtype=np.float32, use_bias=False),
            tg.ActivationLayer(tg.sin),
        ],
        verbose=False,
    )
    network.fit(X, Y, 3, 0.1, rng=0)
    network.save(tmp_path / "n.npz")
    again = tg.Network.load(tmp_path / "n.npz")
    assert_same(again, network)
    assert [layer.settings() for layer in again] == [layer.settings() for layer in network]
    assert [p.dtype for p in again.parameters()] == [np.dtype(np.float32)] * 3
    assert again.verbose is False
    np.testing.assert_array_equal(again(X), network(X))


def test_a_network_that_never_learned_comes_back_too(tmp_path):
    network = tg.Network([tg.FullyConnectedLayer(2, 1, rng=0)])
    network.save(tmp_path / "n.npz")
    again = tg.Network.load(tmp_path / "n.npz")
    assert_same(again, network)
    assert (again.verbose, again.history) == (True, [])
    with pytest.raises(TypeError, match="learning_rate is missing"):
        again.fit(X, Y, 3)


def test_the_same_network_gives_the_same_bytes(saved, tmp_path):
    trained().save(tmp_path / "other.npz")
    tg.Network.load(saved).save(tmp_path / "again.npz")
    assert saved.read_bytes() == (tmp_path / "other.npz").read_bytes()
    assert saved.read_bytes() == (tmp_path / "again.npz").read_bytes()


def test_numpy_reads_the_arrays_and_anybody_the_header(saved):
    with np.load(saved, allow_pickle=False) as archive:
        assert archive["layer1.W1"].shape == (2, 3)
        assert archive["history.loss"].shape == (3,)
        header = json.loads(archive["network.json"])
    assert header["format"] == "tinygrad_mlp network 1"
    assert header["training"]["optimizer"]["kind"] == "Adam"


def test_every_layer_optimizer_and_schedule_can_be_named_in_a_file():
    public = [getattr(tg, name) for name in tg.__all__]  # some come when they are asked for
    public += [*vars(tg.optimizers).values(), *vars(tg.schedules).values()]
    bases = tg.Layer, tg.optimizers.Optimizer, tg.schedules.Schedule
    named = {x for x in public if isinstance(x, type) and issubclass(x, bases)} - {*bases}
    assert len(named) >= 20
    assert named | {WeightPenalty} == set(KINDS.values())  # that of the estimators


def test_a_layer_that_serves_twice_is_one_layer_again():
    inner = tg.FullyConnectedLayer(2, 2, rng=0)
    encoder = Encoder()
    plain = encoder.plain([inner, tg.ActivationLayer(), inner], "layers")
    first, other, again = Decoder(encoder.arrays, {}).thing(plain)
    assert first is again
    assert isinstance(other, tg.ActivationLayer)


@pytest.mark.parametrize(
    "thing",
    [
        (1, 2.5, None, "a"),
        {0: 2.0, 1: [True]},
        {"x": float("inf")},
        np.float32(0.1),
        np.arange(3, dtype=np.int8),
    ],
)
def test_plain_things_come_back_as_they_were(thing):
    encoder = Encoder()
    text = json.dumps(encoder.plain(thing, "thing"), allow_nan=False)
    again = Decoder(encoder.arrays, {}).thing(json.loads(text))
    assert type(again) is type(thing)
    np.testing.assert_equal(again, thing)


def test_a_part_of_a_network_can_be_saved_by_itself(tmp_path):
    network = trained()
    network[2:].save(tmp_path / "part.npz")
    again = tg.Network.load(tmp_path / "part.npz")
    assert_untouched(again, weights_of(network)[2:])


def test_labels_of_ones_own_do_not_matter(tmp_path):
    network = trained()
    for parameter in network.parameters():
        parameter.label = "the same"
    network.save(tmp_path / "n.npz")
    assert_same(tg.Network.load(tmp_path / "n.npz"), network)


# ----- What is one's own -----


class Doubling(tg.Layer):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def formula(self, x):
        return self.factor * x


def cube(x):
    return x**3


def own_loss(y_true, y_pred):
    return tg.mean(tg.square(y_true - y_pred))


def own_rate(step):
    return 0.1 / (1 + step)


def own_metric(y_true, y_pred):
    return float(np.max(np.abs(y_true - y_pred)))


def small(shape, rng):
    return 0.01 * rng.standard_normal(shape)


@dataclasses.dataclass(frozen=True)
class SignDescent(tg.optimizers.Optimizer):
    share: float = 1.0

    def update(self, gradients, state, parameters, rate):
        return [rate * self.share * tg.sign(g) for g in gradients], state


KNOWN = {
    thing.__name__: thing
    for thing in (Doubling, SignDescent, cube, own_loss, own_metric, own_rate, small)
}


def own_network():
    layers = [
        tg.FullyConnectedLayer(2, 1, rng=1, init=small),
        Doubling(3.0),
        tg.ActivationLayer(cube),
    ]
    return tg.Network(layers, verbose=False)


OWN = {
    "loss": own_loss,
    "learning_rate": own_rate,
    "optimizer": SignDescent(0.5),
    "metrics": [own_metric],
}


def test_what_is_ones_own_is_kept_by_name_and_given_back(tmp_path):
    whole, first = own_network(), own_network()
    history = whole.fit(X, Y, 9, **OWN, rng=2)
    first.fit(X, Y, 4, **OWN, rng=2)
    first.save(tmp_path / "n.npz")
    again = tg.Network.load(tmp_path / "n.npz", known=KNOWN)
    assert again.fit(X, Y, 5).curves == history.curves
    assert_same(again, whole)
    assert again[1].factor == 3.0


def test_all_that_is_not_known_is_named_at_once(tmp_path):
    network = own_network()
    network.fit(X, Y, 1, **OWN, rng=2)
    network.save(tmp_path / "n.npz")
    wanted = r"known=\{'Doubling': ..., 'SignDescent': ..., 'cube': ..., 'own_loss': ..., "
    with pytest.raises(FileFormatError, match=wanted):
        tg.Network.load(tmp_path / "n.npz")
    some = {name: KNOWN[name] for name in KNOWN if name != "cube"}
    with pytest.raises(FileFormatError, match=r"known=\{'cube': ...\}"):
        tg.Network.load(tmp_path / "n.npz", some)
    with pytest.raises(TypeError, match="known must be a dict"):
        tg.Network.load(tmp_path / "n.npz", [cube])


class Falling:
    """A schedule that is no function, and keeps its own settings."""

    def __init__(self, rate):
        self.rate = rate

    def __call__(self, step):
        return self.rate / (1 + step)


def test_a_thing_of_ones_own_may_be_given_back_ready_made(tmp_path):
    whole, first = trained(), trained()
    for network, epochs in ((whole, 5), (first, 2)):
        network.fit(X, Y, epochs, Falling(0.5), rng=1)
    first.save(tmp_path / "n.npz")
    again = tg.Network.load(tmp_path / "n.npz", known={"Falling": Falling(0.5)})
    again.fit(X, Y, 3)
    assert_same(again, whole)


def test_a_class_of_ones_own_is_none_of_ours_of_the_same_name(tmp_path):
    own = type("ActivationLayer", (tg.ActivationLayer,), {})
    tg.Network([own("tanh")]).save(tmp_path / "n.npz")
    with pytest.raises(FileFormatError, match="ActivationLayer"):
        tg.Network.load(tmp_path / "n.npz")
    again = tg.Network.load(tmp_path / "n.npz", known={"ActivationLayer": own})
    assert type(again[0]) is own


def another(name):
    def function(x):
        return x

    function.__name__ = name
    return function


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ([tg.ActivationLayer(lambda x: x)], "layer1.activation is a lambda, which has no name"),
        ([tg.ActivationLayer(another("f")), tg.ActivationLayer(another("f"))], "of the name 'f'"),
    ],
)
def test_what_has_no_name_of_its_own_is_refused_before_a_file_is_touched(layers, said, saved):
    before = saved.read_bytes()
    with pytest.raises((TypeError, ValueError), match=said):
        tg.Network(layers).save(saved)
    assert saved.read_bytes() == before


def test_weights_that_no_file_would_give_back_are_refused(saved):
    before, network = saved.read_bytes(), trained()
    network.layers[2].bias[0, 0] = np.nan
    with pytest.raises(ValueError, match=r"layer3\.b2 has nan or infinity"):
        network.save(saved)
    assert saved.read_bytes() == before


# ----- Files that are not what they should be -----


def rewritten(path, change):
    """Write a file again, with its header and its arrays changed."""
    with zipfile.ZipFile(path) as archive:
        comment = archive.comment
    with np.load(path) as archive:
        header = json.loads(archive["network.json"])
        arrays = {name: archive[name] for name in archive.files if name != "network.json"}
    changed = change(header, arrays)
    text = changed if isinstance(changed, str) else json.dumps(header)
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = comment
        archive.writestr("network.json", text)
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, array)


def layer(header, number):
    return header["layers"][number]["settings"]


def stream(header):
    return header["course"]["random"]["dict"]["state"]["dict"]


def legacy(header, arrays, place):
    """Let the header tell of another stream, whose buffer is read at a bad place."""
    encoder = Encoder()
    state = np.random.RandomState(0).get_state(legacy=False)
    state["state"]["pos"] = place
    told = {"stream": "RandomState", "state": state}
    header["course"]["random"] = encoder.plain(told, "random")
    arrays.update(encoder.arrays)


DAMAGES = {
    "has 62 numbers, .* claim to have more": lambda h, a: layer(h, 0).update(
        input_size=10**999, output_size=-2
    ),
    "claim to have more": lambda h, a: layer(h, 2).update(input_size=90),
    "contents .layers.: .* takes 7 inputs": lambda h, a: layer(h, 2).update(input_size=7),
    "knows no 'os.system'": lambda h, a: h["layers"][1].update(kind="os.system"),
    "knows no operation 'exec'": lambda h, a: layer(h, 1).update(activation={"operation": "exec"}),
    "'call' means nothing": lambda h, a: layer(h, 1).update(activation={"call": "exec"}),
    "activation must be one of": lambda h, a: layer(h, 1).update(activation="exec"),
    "layers must be a list": lambda h, a: h.update(layers=3),
    r"its weights are layer1.W1, layer1.b1, layer3.W2, and": lambda h, a: h["weights"].pop(),
    "wanted float64 of shape .1, 3.": lambda h, a: h["weights"].reverse(),
    "unexpected 'more'": lambda h, a: a.update(more=np.ones(3)),
    r"shape \(3, 2\), wanted float64 of shape \(2, 3\)": lambda h, a: a.update(
        {"layer1.W1": np.ones((3, 2))}
    ),
    "layer1.b1 is float32": lambda h, a: a.update({"layer1.b1": np.ones((1, 3), np.float32)}),
    "layer3.b2 has nan": lambda h, a: a.update({"layer3.b2": np.full((1, 1), np.nan)}),
    "the state is not that of Adam": lambda h, a: a.update({"state.mean.0": np.ones(7)}),
    "the best weights are not": lambda h, a: a.update({"stopping.0.seen.weights.1": np.ones(2)}),
    "not some of 12 samples": lambda h, a: a.update({"split.1": np.array([3, 12])}),
    "steps must be at least 0": lambda h, a: h["training"].update(steps=-1),
    "loss must be one of": lambda h, a: h["training"].update(loss="nll"),
    "optimizer must be one of": lambda h, a: h["training"].update(optimizer=3),
    "betas must be below 1": lambda h, a: h["training"]["optimizer"]["settings"].update(
        betas={"tuple": [2.0, 0.5]}
    ),
    "learning_rate must be a real number": lambda h, a: h["training"].update(learning_rate="1"),
    "batch_size must be an int": lambda h, a: h["course"]["told"]["dict"].update(batch_size=0.5),
    "metrics must be of": lambda h, a: h["course"]["told"]["dict"].update(metrics=["f1"]),
    "the curve 'loss' is no row": lambda h, a: a.update({"history.loss": np.ones((2, 2))}),
    "random state has other entries": lambda h, a: stream(h).pop("uinteger"),
    "random state has '0'": lambda h, a: stream(h).update(uinteger="0"),
    "random state has has_uint32 7": lambda h, a: stream(h).update(has_uint32=7),
    "random state has pos 625": lambda h, a: legacy(h, a, 625),
    "random state has pos -1": lambda h, a: legacy(h, a, -1),
    "damaged contents .header.": lambda h, a: "[" * 100_000,
    r"damaged contents \(header\)": lambda h, a: "3",
}


@pytest.mark.parametrize("said", DAMAGES)
def test_contents_that_contradict_each_other_are_refused_and_named(said, saved):
    rewritten(saved, DAMAGES[said])
    with pytest.raises(FileFormatError, match=said) as caught:
        tg.Network.load(saved)
    assert str(saved) in str(caught.value)


def test_all_differences_are_told_at_once(saved):
    def change(header, arrays):
        header["weights"][0][1]["array"] = "more"
        arrays["more"] = np.full((2, 3), np.inf)
        arrays["layer3.b2"] = np.ones((1, 2))

    rewritten(saved, change)
    wanted = r"layer1\.W1 has nan or infinity; layer3\.b2 is .*; unexpected 'layer1\.W1'"
    with pytest.raises(FileFormatError, match=wanted):
        tg.Network.load(saved)


def test_a_newer_version_is_refused_by_name(saved):
    content = saved.read_bytes()
    saved.write_bytes(content.replace(b"tinygrad_mlp network 1", b"tinygrad_mlp network 2"))
    with pytest.raises(FileFormatError, match=r"'tinygrad_mlp network 2', and this .* newer"):
        tg.Network.load(saved)


def test_weights_alone_are_no_network_and_a_network_is_not_weights_alone(saved, tmp_path):
    network = trained()
    network.save_weights(tmp_path / "weights.npz")
    with pytest.raises(FileFormatError, match="weights alone: make the network"):
        tg.Network.load(tmp_path / "weights.npz")
    with pytest.raises(FileFormatError, match=r"a whole network: read it with Network\.load"):
        network.load_weights(saved)


def test_a_file_that_names_modules_imports_nothing(saved):
    def change(header, arrays):
        header["layers"][1] = {"own": "antigravity.geohash"}

    rewritten(saved, change)
    with pytest.raises(FileFormatError, match=r"known=\{'antigravity.geohash': ...\}"):
        tg.Network.load(saved)
    assert "antigravity" not in sys.modules


def test_what_is_compressed_is_not_even_read(saved):
    with np.load(saved) as archive:
        arrays = {name: archive[name] for name in archive.files}
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"tinygrad_mlp network 1"
        archive.writestr("network.json", arrays.pop("network.json"))
        archive.writestr("bomb.npy", bytes(10**7))
    with pytest.raises(FileFormatError, match=r"announce .* bytes, more than the file holds"):
        tg.Network.load(saved)


def test_a_header_that_announces_a_terabyte_is_refused_before_there_is_room(saved):
    with zipfile.ZipFile(saved, "a") as archive, archive.open("huge.npy", "w") as member:
        header = {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)}
        np.lib.format.write_array_header_1_0(member, header)
        member.write(bytes(80))
    with pytest.raises(FileFormatError, match=r"huge is float64 of shape \(1000000, 1000000\)"):
        tg.Network.load(saved)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A network, and the file that it was written to."""
    network, path = trained(), tmp_path_factory.mktemp("whole") / "network.npz"
    network.save(path)
    return network, path


@given(data=st.data())
def test_a_damaged_file_is_refused_whatever_the_damage(data, whole):
    network, path = whole
    content = bytearray(path.read_bytes())
    path = path.with_name("damaged.npz")
    if data.draw(st.booleans(), "truncate"):
        content = content[: data.draw(st.integers(0, len(content) - 1), "length")]
    else:
        position = data.draw(st.integers(0, len(content) - 1), "position")
        content[position] ^= 1 << data.draw(st.integers(0, 7), "bit")
    path.write_bytes(content)
    try:
        again = tg.Network.load(path)
    except FileFormatError:
        return
    assert_same(again, network)  # damage in a byte that no reader looks at, such as a date


def test_a_folder_or_a_missing_folder_is_named(tmp_path):
    network = tg.Network([tg.FullyConnectedLayer(2, 1, rng=0)])
    with pytest.raises(OSError, match="folder"):
        network.save(tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        network.save(tmp_path / "nowhere" / "n.npz")
    with pytest.raises(FileNotFoundError, match="nothing"):
        tg.Network.load(tmp_path / "nothing.npz")
    assert [] == list(tmp_path.iterdir())


def test_loading_draws_nothing_from_the_global_stream(saved):
    np.random.seed(3)
    tg.Network.load(saved)
    assert np.random.random() == np.random.RandomState(3).random()


def test_a_subclass_comes_back_as_what_it_was_asked_for(saved):
    class Classifier(tg.Network):
        def __init__(self, inputs, outputs):
            super().__init__([tg.FullyConnectedLayer(inputs, outputs)])

    assert type(Classifier.load(Path(saved))) is Classifier
