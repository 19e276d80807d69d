"""Tests of the files of weights: whole or not at all, and never trusted."""

import contextlib
import errno
import gc
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tinygrad_mlp.errors import FileFormatError


def small_network(rng=0, **options):
    network = tg.Network(verbose=False)
    network.add(tg.FullyConnectedLayer(2, 3, rng=rng, **options))
    network.add(tg.ActivationLayer())
    network.add(tg.FullyConnectedLayer(3, 1, rng=rng, **options))
    return network


def weights_of(network):
    return [parameter.data.copy() for parameter in network.parameters()]


def assert_refused(network, path, *words):
    """Loading names the path, says why, and leaves the network as it was."""
    before = weights_of(network)
    with pytest.raises(ValueError, match="(?s)" + ".*".join(words)) as caught:
        network.load_weights(path)
    assert str(path) in str(caught.value)
    assert "pickle" not in str(caught.value) or "pickle" in words
    for parameter, old in zip(network.parameters(), before, strict=True):
        np.testing.assert_array_equal(parameter.data, old)


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "weights.npz"
    small_network(rng=1).save_weights(path)
    return path


def test_loaded_weights_are_the_saved_ones_to_the_last_bit(saved):
    network = small_network(rng=2)
    network.load_weights(saved)
    for got, expected in zip(weights_of(network), weights_of(small_network(rng=1)), strict=True):
        np.testing.assert_array_equal(expected, got)


def test_numpy_can_read_the_file(saved):
    with np.load(saved, allow_pickle=False) as archive:
        assert ["layer1.W1", "layer1.b1", "layer3.W2", "layer3.b2"] == archive.files


def test_training_goes_on_from_a_file_as_if_uninterrupted(tmp_path):
    x, y = tg.datasets.xor()
    whole, first, second = small_network(), small_network(), small_network(rng=5)
    stream, same_stream = np.random.default_rng(0), np.random.default_rng(0)
    whole.fit(x, y, 10, 0.5, batch_size=2, rng=stream)
    first.fit(x, y, 5, 0.5, batch_size=2, rng=same_stream)
    first.save_weights(tmp_path / "w.npz")
    second.load_weights(tmp_path / "w.npz")
    second.fit(x, y, 5, 0.5, batch_size=2, rng=same_stream)
    for expected, got in zip(weights_of(whole), weights_of(second), strict=True):
        np.testing.assert_array_equal(expected, got)


def test_the_same_weights_give_the_same_bytes(saved, tmp_path):
    again = tmp_path / "again.npz"
    small_network(rng=1).save_weights(again)
    assert saved.read_bytes() == again.read_bytes()


def test_the_name_of_the_file_is_used_exactly(tmp_path):
    small_network().save_weights(tmp_path / "weights")
    assert ["weights"] == [path.name for path in tmp_path.iterdir()]


@given(data=st.data())
def test_a_damaged_file_is_refused_whatever_the_damage(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("damage")
    network, path = small_network(rng=1), folder / "weights.npz"
    network.save_weights(path)
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans(), "truncate"):
        content = content[: data.draw(st.integers(0, len(content) - 1), "length")]
    else:
        position = data.draw(st.integers(0, len(content) - 1), "position")
        content[position] ^= 1 << data.draw(st.integers(0, 7), "bit")
    path.write_bytes(content)
    other = small_network(rng=2)
    before = weights_of(other)
    expected = before
    with contextlib.suppress(FileFormatError):
        other.load_weights(path)
        # Damage in a byte that no reader looks at, such as a date, may go unnoticed.
        expected = weights_of(network)
    for parameter, numbers in zip(other.parameters(), expected, strict=True):
        np.testing.assert_array_equal(parameter.data, numbers)


def test_a_flipped_bit_that_asks_for_a_password_is_damage_too(saved):
    content = bytearray(saved.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1  # the flag "is encrypted"
    saved.write_bytes(content)
    assert_refused(small_network(), saved, "not a whole file")


def test_a_table_of_contents_that_points_before_the_file_is_damage_too(saved):
    content = bytearray(saved.read_bytes())
    end = content.rindex(b"PK\x05\x06")
    content[end + 16 : end + 20] = b"\xff\xff\xff\x7f"  # where the table begins
    saved.write_bytes(content)
    assert_refused(small_network(), saved, "not a whole file")


@pytest.mark.parametrize("content", [b"", b"weights", b"\x80\x04N.", b"PK\x03\x04" + bytes(100)])
def test_a_file_of_something_else_is_refused(content, tmp_path):
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    assert_refused(small_network(), path, "not a whole file")


def test_objects_are_refused_without_being_unpickled(tmp_path):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "boom"),)

    path = tmp_path / "bomb.npz"
    np.savez(path, **{"layer1.W1": np.array([Bomb()], dtype=object)})
    assert_refused(small_network(), path, "layer1.W1 is object")
    assert not (tmp_path / "boom").exists()


def arrays_like(network):
    names = ["layer1.W1", "layer1.b1", "layer3.W2", "layer3.b2"]
    return dict(zip(names, weights_of(network), strict=True))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a: a.pop("layer3.W2"), ["missing 'layer3.W2'"]),
        (lambda a: a.update({"../../x": np.ones(1)}), ["unexpected '../../x'"]),
        (lambda a: a.update({"layer1.W1": np.ones((3, 2))}), [r"\(3, 2\)", r"\(2, 3\)"]),
        (lambda a: a.update({"layer1.b1": np.ones((1, 3), "f4")}), ["float32", "float64"]),
        (lambda a: a.update({"layer1.b1": np.ones((1, 3)) * 1j}), ["complex128"]),
        (lambda a: a.update({"layer1.b1": np.full((1, 3), np.nan)}), ["layer1.b1 has nan"]),
    ],
)
def test_weights_of_another_network_are_refused_with_the_differences(change, words, tmp_path):
    contents = arrays_like(small_network())
    change(contents)
    path = tmp_path / "other.npz"
    np.savez(path, **contents)
    assert_refused(small_network(rng=3), path, *words)


def test_a_header_that_announces_a_terabyte_is_refused_before_allocating(tmp_path):
    path = tmp_path / "huge.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays_like(small_network()).items():
            with archive.open(f"{name}.npy", "w") as member:
                header = {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)}
                np.lib.format.write_array_header_1_0(member, header)
                member.write(array.tobytes())
    assert_refused(small_network(), path, "1000000")


def test_a_compressed_bomb_is_refused_by_its_size(tmp_path):
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays_like(small_network()).items():
            with archive.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, array)
                member.write(bytes(10**7))
    assert_refused(small_network(), path, "bytes")


def test_fortran_order_is_read_as_numpy_means_it(tmp_path):
    contents = {name: np.asfortranarray(a) for name, a in arrays_like(small_network(1)).items()}
    np.savez(tmp_path / "f.npz", **contents)
    network = small_network(2)
    network.load_weights(tmp_path / "f.npz")
    for expected, got in zip(weights_of(small_network(1)), weights_of(network), strict=True):
        np.testing.assert_array_equal(expected, got)


def test_an_error_that_is_kept_keeps_no_buffer_locked(tmp_path, monkeypatch):
    network, told = small_network(), []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    with pytest.raises(FileNotFoundError) as caught:
        network.save_weights(tmp_path / "none" / "weights.npz")
    caught.value.itself = caught.value  # so that only the collector frees what its frames hold
    del caught
    gc.collect()
    assert not told


def test_a_folder_or_a_missing_folder_is_named(tmp_path):
    with pytest.raises(OSError, match="folder") as caught:
        small_network().save_weights(tmp_path)
    assert str(tmp_path) in str(caught.value)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        small_network().save_weights(tmp_path / "nowhere" / "w.npz")
    with pytest.raises(FileNotFoundError, match="nothing"):
        small_network().load_weights(tmp_path / "nothing.npz")
    assert [] == list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told():
    with pytest.raises(OSError, match="space") as caught:
        small_network().save_weights("/dev/full")
    assert errno.ENOSPC == caught.value.errno


def test_a_failed_save_leaves_the_old_file_and_nothing_else(saved, monkeypatch):
    old = saved.read_bytes()

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        small_network(rng=9).save_weights(saved)
    assert old == saved.read_bytes()
    assert [saved.name] == [path.name for path in saved.parent.iterdir()]


def test_a_killed_save_leaves_the_old_file_whole(saved):
    program = """
import os, signal, sys
import tinygrad_mlp as tg
from tinygrad_mlp.errors import FileFormatError
network = tg.Network(verbose=False)
network.add(tg.FullyConnectedLayer(2, 3, rng=8))
network.add(tg.ActivationLayer())
network.add(tg.FullyConnectedLayer(3, 1, rng=8))
os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
network.save_weights(sys.argv[1])
"""
    killed = subprocess.run([sys.executable, "-c", program, str(saved)], check=False)
    assert killed.returncode != 0
    network = small_network(rng=2)
    network.load_weights(saved)
    for expected, got in zip(weights_of(small_network(rng=1)), weights_of(network), strict=True):
        np.testing.assert_array_equal(expected, got)


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="no such device here")
def test_weights_can_be_written_where_nothing_can_be_sought():
    network = tg.Network([tg.FullyConnectedLayer(2, 1, rng=0)], verbose=False)
    network.save_weights("/dev/null")
    assert not Path("/dev/null").is_file()


# ----- Activations -----


def with_activation(activation, rng):
    layers = [tg.FullyConnectedLayer(2, 1, rng=rng), tg.ActivationLayer(activation)]
    return tg.Network(layers, verbose=False)


def test_weights_of_a_tanh_network_never_come_into_a_relu_network_without_a_word(tmp_path):
    path = tmp_path / "tanh.npz"
    with_activation("tanh", 1).save_weights(path)
    assert_refused(with_activation("relu", 2), path, "layer2 has the activation 'tanh'", "'relu'")
    network = with_activation("tanh", 3)
    network.load_weights(path)
    for got, expected in zip(weights_of(network), weights_of(with_activation("tanh", 1))):
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("comment", [b"", b"tinygrad_mlp weights 1"])
def test_files_that_tell_no_activations_are_read_as_before(saved, comment):
    with zipfile.ZipFile(saved, "a") as archive:
        archive.comment = comment
    network = small_network(rng=2)
    network.load_weights(saved)
    for expected, got in zip(weights_of(small_network(rng=1)), weights_of(network), strict=True):
        np.testing.assert_array_equal(expected, got)


@pytest.mark.parametrize("told", [b"{", b"3", b'[["layer2"]]', b'{"layer2": 3}'])
def test_damaged_activations_are_told(saved, told):
    with zipfile.ZipFile(saved, "a") as archive:
        archive.comment = b"tinygrad_mlp weights 1\n" + told
    assert_refused(small_network(), saved, "not a whole file of weights|the activation 3")


def test_two_parameters_without_a_label_are_both_kept(tmp_path):
    class Scaled(tg.Layer):
        def __init__(self, rng):
            super().__init__()
            self.factor, self.shift = (tg.Value(x) for x in rng.random((2, 3)))

        def parameters(self):
            return [self.factor, self.shift]

        def formula(self, x, factor, shift):
            return x * factor + shift

    networks = [tg.Network([Scaled(np.random.default_rng(seed))]) for seed in (0, 1)]
    networks[0].save_weights(tmp_path / "w.npz")
    networks[1].load_weights(tmp_path / "w.npz")
    for one, other in zip(*map(weights_of, networks)):
        np.testing.assert_array_equal(one, other)
