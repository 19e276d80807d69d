"""Tests of files in the format safetensors."""

import json
import subprocess
import sys

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.errors import FileFormatError


def small_network(rng=0, **options):
    return tg.Network(
        [
            tg.FullyConnectedLayer(2, 3, rng=rng, **options),
            tg.ActivationLayer("tanh"),
            tg.FullyConnectedLayer(3, 1, rng=rng + 1, **options),
        ]
    )


def file_of(tensors, types="F64"):
    """Write a file of safetensors as its specification says, with zeros."""
    header, end = {}, 0
    for name, shape in tensors.items():
        size = 8 * int(np.prod(shape))
        header[name] = {"dtype": types, "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(end)


SHAPES = {"0.bias": [3], "0.weight": [3, 2], "2.bias": [1], "2.weight": [1, 3]}


def test_without_safetensors_the_extra_is_named():
    program = (
        "import sys; sys.modules['safetensors'] = None; import tinygrad_mlp as tg; "
        "tg.Network().save_safetensors('x')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    words = "save_safetensors needs safetensors; pip install 'tinygrad-mlp[safetensors]'"
    assert words in done.stderr


class TestWithSafetensors:
    @pytest.fixture(autouse=True)
    def _library(self):
        self.numpy = pytest.importorskip("safetensors.numpy", reason="needs safetensors")

    @pytest.mark.parametrize("dtype", [np.float64, np.float32])
    def test_there_and_back_again_is_the_same_network(self, dtype, tmp_path):
        one, other = small_network(0, dtype=dtype), small_network(5, dtype=dtype)
        one.save_safetensors(tmp_path / "weights.safetensors")
        other.load_safetensors(tmp_path / "weights.safetensors")
        for expected, got in zip(one.parameters(), other.parameters(), strict=True):
            np.testing.assert_array_equal(expected.data, got.data)
            assert dtype == got.dtype

    def test_the_library_reads_matrices_the_right_way_round(self, tmp_path):
        # Transposed views written as they lie in memory would come back scrambled.
        network = small_network()
        network.save_safetensors(tmp_path / "weights.safetensors")
        read = self.numpy.load_file(tmp_path / "weights.safetensors")
        np.testing.assert_array_equal(network.layers[0].weights.T, read["0.weight"])
        np.testing.assert_array_equal(network.layers[0].bias[0], read["0.bias"])
        assert SHAPES == {name: list(array.shape) for name, array in sorted(read.items())}

    def test_a_file_that_the_library_wrote_is_read(self, tmp_path):
        state = {name: np.full(shape, 0.5, "f") for name, shape in SHAPES.items()}
        self.numpy.save_file(state, tmp_path / "weights.safetensors")
        network = small_network()
        network.load_safetensors(tmp_path / "weights.safetensors")
        assert {0.5} == {x for p in network.parameters() for x in p.data.ravel().tolist()}

    def test_the_counter_of_pytorch_is_left_out(self, tmp_path):
        network = tg.Network([tg.BatchNorm(2)])
        counter = {"0.num_batches_tracked": np.array(7, np.int64)}
        self.numpy.save_file(network.state_dict() | counter, tmp_path / "weights.safetensors")
        network.load_safetensors(tmp_path / "weights.safetensors")

    def test_the_same_network_gives_the_same_bytes(self, tmp_path):
        for name in "ab":
            small_network().save_safetensors(tmp_path / name)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "not a whole file of safetensors"),
            (b"hello " * 20, "not a whole file of safetensors"),
            (file_of(SHAPES)[:-1], "not a whole file of safetensors"),
            ((10**15).to_bytes(8, "little") + b"{}", "not a whole file of safetensors"),
            (file_of({**SHAPES, "0.weight": [2, 3]}), r"0.weight has shape \(2, 3\)"),
            (file_of({**SHAPES, "4.bias": [1]}), "unexpected '4.bias'"),
            (file_of({"0.bias": [3]}), "missing '0.weight'.*missing '2.bias'"),
            (file_of(SHAPES, "I64"), "0.bias is I64"),
        ],
    )
    def test_what_does_not_fit_is_named_and_nothing_is_taken(self, content, words, tmp_path):
        path = tmp_path / "weights.safetensors"
        path.write_bytes(content)
        network = small_network()
        before = [parameter.data.copy() for parameter in network.parameters()]
        with pytest.raises(FileFormatError, match=words) as caught:
            network.load_safetensors(path)
        assert str(caught.value).startswith(str(path))
        for expected, got in zip(before, network.parameters(), strict=True):
            np.testing.assert_array_equal(expected, got.data)

    def test_numbers_that_are_not_finite_are_refused(self, tmp_path):
        state = {name: np.full(shape, np.nan) for name, shape in SHAPES.items()}
        self.numpy.save_file(state, tmp_path / "weights.safetensors")
        with pytest.raises(FileFormatError, match=r"0.weight has nan or infinity"):
            small_network().load_safetensors(tmp_path / "weights.safetensors")

    def test_a_file_that_cannot_be_read_or_written_is_named(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="nowhere"):
            small_network().load_safetensors(tmp_path / "nowhere")
        with pytest.raises(OSError, match="folder"):
            small_network().save_safetensors(tmp_path)
