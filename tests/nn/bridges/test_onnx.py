"""Tests of files in the format ONNX, against its reference evaluator."""

import subprocess
import sys

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.errors import FileFormatError
from tinygrad_mlp.nn.bridges.onnx_writing import OPERATORS
from tinygrad_mlp.nn.layers import ACTIVATIONS


def small_network(activation="sigmoid", **options):
    return tg.Network(
        [
            tg.FullyConnectedLayer(3, 4, rng=0, **options),
            tg.ActivationLayer(activation),
            tg.FullyConnectedLayer(4, 2, rng=1, **options),
        ]
    )


def test_without_onnx_the_extra_is_named():
    program = (
        "import sys; sys.modules['onnx'] = None; import tinygrad_mlp as tg; "
        "tg.Network.from_onnx('x')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert "from_onnx needs onnx; pip install 'tinygrad-mlp[onnx]'" in done.stderr


def test_operators_are_of_activations_that_exist():
    assert {*OPERATORS, "silu"} == ACTIVATIONS.keys()


# ----- What needs the library -----


@pytest.fixture
def onnx():
    pytest.importorskip("onnx.reference", reason="needs onnx")
    import onnx

    return onnx


def evaluated(onnx, path, x):
    """Return what ONNX's own evaluator computes."""
    return onnx.reference.ReferenceEvaluator(str(path)).run(None, {"x": x})[0]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("activation", [*OPERATORS, "silu"])
def test_the_reference_evaluator_gives_the_same_for_any_batch(onnx, activation, dtype, tmp_path):
    network = small_network(activation, dtype=dtype)
    network.add(tg.ActivationLayer("softmax"))
    network.to_onnx(tmp_path / "network.onnx")
    for count in (1, 7):
        x = np.random.default_rng(count).normal(size=(count, 3)).astype(dtype)
        got = evaluated(onnx, tmp_path / "network.onnx", x)
        assert dtype == got.dtype
        np.testing.assert_allclose(network(x), got, rtol=1e-6, atol=1e-9)


def test_there_and_back_again_is_the_same_network(onnx, tmp_path):
    for activation in [*OPERATORS, "silu"]:
        network = small_network(activation, dtype=np.float32)
        network.to_onnx(tmp_path / "network.onnx")
        again = tg.Network.from_onnx(tmp_path / "network.onnx")
        assert repr(network) == repr(again)
        for expected, got in zip(network.parameters(), again.parameters(), strict=True):
            np.testing.assert_array_equal(expected.data, got.data)
            assert (expected.dtype, expected.label) == (got.dtype, got.label)


def layered(dtype=np.float64):
    """A network of every kind of layer, with running statistics that say something."""
    inner = tg.Network(
        [tg.FullyConnectedLayer(4, 4, rng=2, dtype=dtype, use_bias=False), tg.ActivationLayer()]
    )
    layers = [
        tg.FullyConnectedLayer(3, 4, rng=0, dtype=dtype),
        tg.BatchNorm(4, dtype=dtype, momentum=0.3),
        tg.ActivationLayer("silu"),
        tg.Dropout(0.25),
        inner,
        tg.LayerNorm(4, epsilon=1e-3, dtype=dtype),
        tg.FullyConnectedLayer(4, 2, rng=1, dtype=dtype),
    ]
    network = tg.Network(layers, verbose=False)
    source = np.random.default_rng(0)
    network.fit(source.normal(size=(20, 3)), source.normal(size=(20, 2)), 20, 0.1, rng=0)
    return network


def test_every_kind_of_layer_goes_there_and_comes_back(onnx, tmp_path):
    network = layered()
    network.to_onnx(tmp_path / "network.onnx")
    x = np.random.default_rng(1).normal(size=(5, 3))
    got = evaluated(onnx, tmp_path / "network.onnx", x)  # with epsilon in float32
    np.testing.assert_allclose(network(x), got, rtol=1e-6, atol=1e-7)
    again = tg.Network.from_onnx(tmp_path / "network.onnx")
    np.testing.assert_array_equal(network(x), again(x))
    settings = [layer.settings() for layer in network.in_a_row() if not layer.parameters()]
    assert settings == [layer.settings() for layer in again.layers if not layer.parameters()]
    assert (0.3, 1e-5, 1e-3) == (again[1].momentum, again[1].epsilon, again[6].epsilon)
    assert not again[4].use_bias


def test_ways_around_layers_go_there_and_come_back(onnx, tmp_path):
    def full(rng):
        return tg.FullyConnectedLayer(4, 4, rng=rng)

    inner = tg.Residual([tg.LayerNorm(4), full(1)])
    outer = tg.Residual([full(2), tg.ActivationLayer("silu"), inner, tg.Network([full(3)])])
    last = tg.Residual([tg.ActivationLayer("tanh"), full(4)])
    network = tg.Network([tg.FullyConnectedLayer(3, 4, rng=0), outer, tg.Dropout(0.5), last])
    network.to_onnx(tmp_path / "network.onnx")
    x = np.random.default_rng(1).normal(size=(5, 3))
    got = evaluated(onnx, tmp_path / "network.onnx", x)
    np.testing.assert_allclose(network(x), got, rtol=1e-6, atol=1e-7)
    again = tg.Network.from_onnx(tmp_path / "network.onnx")
    np.testing.assert_array_equal(network(x), again(x))
    kinds = [type(layer).__name__ for layer in again]
    assert kinds == ["FullyConnectedLayer", "Residual", "Dropout", "Residual"]
    assert [type(layer).__name__ for layer in again[1].layers][2] == "Residual"


def test_a_layer_without_an_operator_is_found_inside_of_a_residual(onnx, tmp_path):
    network = tg.Network([tg.Residual([tg.ActivationLayer(tg.sin)])])
    with pytest.raises(TypeError, match=r"known for layer1, ActivationLayer\('sin'\); there"):
        network.to_onnx(tmp_path / "network.onnx")


def test_what_was_read_can_learn(onnx, tmp_path):
    network = small_network()
    network.to_onnx(tmp_path / "network.onnx")
    again = tg.Network.from_onnx(tmp_path / "network.onnx")
    network.verbose = again.verbose = False
    x, y = np.eye(3), np.ones((3, 2))
    np.testing.assert_array_equal(network.fit(x, y, 5, 0.1, rng=0), again.fit(x, y, 5, 0.1, rng=0))


def test_the_file_passes_the_full_check_and_is_the_same_each_time(onnx, tmp_path):
    for name in ("a.onnx", "b.onnx"):
        small_network().to_onnx(tmp_path / name)
        onnx.checker.check_model(str(tmp_path / name), full_check=True)
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()
    (x,) = onnx.load(tmp_path / "a.onnx").graph.input
    assert ["batch", 3] == [d.dim_param or d.dim_value for d in x.type.tensor_type.shape.dim]


def test_layers_without_an_operator_are_all_named_and_nothing_is_written(onnx, tmp_path):
    class Own(tg.FullyConnectedLayer):
        def formula(self, x, *parameters):
            return 2.0 * super().formula(x, *parameters)

    network = tg.Network([Own(2, 2), tg.ActivationLayer(tg.sin), tg.ActivationLayer()])
    with pytest.raises(TypeError, match=r"layer1, .*; layer2, ActivationLayer\('sin'\); there"):
        network.to_onnx(tmp_path / "network.onnx")
    with pytest.raises(ValueError, match="no layer yet"):
        tg.Network().to_onnx(tmp_path / "network.onnx")
    assert [] == list(tmp_path.iterdir())


# ----- Files of others -----


HEAD = '<ir_version: 9, opset_import: ["" : 20]> agraph (float[N, 2] x) => (float[N, 2] y)'
W, B = "float[2, 2] w = {1, 2, 3, 4}", "float[2] b = {5, 6}"


def file_of(onnx, path, constants, nodes, head=HEAD):
    model = onnx.parser.parse_model(f"{head} <{constants}> {{ {nodes} }}")
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize(
    ("constants", "nodes"),
    [
        (f"{W}, {B}", "y = Gemm(x, w, b)"),
        (
            f"{W}, {B}",
            "y = Gemm <transB: int = 1, alpha: float = 0.5, beta: float = 2.0> (x, w, b)",
        ),
        (W, "y = Gemm(x, w)"),
        (f"{W}, float[1] b = {{5}}", "y = Gemm(x, w, b)"),
        (f"{W}, {B}", "z = MatMul(x, w) y = Add(z, b)"),
        (f"{W}, {B}", "z = MatMul(x, w) y = Add(b, z)"),
        (W, "y = MatMul(x, w)"),
        (W, "z = MatMul(x, w) s = Sigmoid(z) y = Mul(s, z)"),
        (W, "z = MatMul(x, w) y = LeakyRelu(z)"),
        (W, "z = MatMul(x, w) y = Selu(z)"),
        (f"{W}, {B}", "y = LayerNormalization(x, b)"),
        (f"{W}, {B}", "y = BatchNormalization(x, b, b, b, b)"),
        (W, "z = MatMul(x, w) y = Dropout(z)"),
        (W, "b = Constant <value = float[2] {5, 6}> () z = MatMul(x, w) y = Add(z, b)"),
        (f"{W}, {B}", "z = Gemm(x, w, b) u = Relu(z) v = MatMul(u, w) y = Softmax <axis = -1> (v)"),
        (W, "z = Gemm(x, w) y = Add(z, x)"),
        (W, "z = MatMul(x, w) y = Add(x, z)"),
        (f"{W}, {B}", "z = MatMul(x, w) u = Add(b, z) y = Add(x, u)"),
        (W, "z = Tanh(x) u = Gemm(z, w) v = Add(z, u) y = Add(v, x)"),
    ],
)
def test_networks_that_others_write_in_other_ways_are_read(onnx, constants, nodes, tmp_path):
    path = file_of(onnx, tmp_path / "network.onnx", constants, nodes)
    x = np.array([[1.0, -2.0], [0.5, 3.0], [0.0, 0.0]], "f")
    np.testing.assert_allclose(evaluated(onnx, path, x), tg.Network.from_onnx(path)(x), rtol=1e-6)


@pytest.mark.parametrize(
    ("constants", "nodes", "words"),
    [
        (
            W,
            "z = Erf(x) u = Conv(z, w) v = Erf(u) y = Gemm(v, w)",
            "its operators Erf, Conv; there",
        ),
        (W, "y = Gemm <transA = 1> (x, w)", "Gemm transposes its input"),
        (W, "z = Gemm(x, w) y = Gemm(x, w)", "wanted 'z', which the node before gives"),
        (W, "z = Sigmoid(x) u = Gemm(z, w) y = Tanh(x)", "only layers in a row"),
        (W, "z = Gemm(x, w) y = Add(z, z)", "only layers in a row"),
        (W, "z = Tanh(x) u = Gemm(z, w) v = Add(u, x) y = Add(v, z)", "only layers in a row"),
        (W, "y = MatMul(w, x)", "only layers in a row"),
        (f"{W}, {B}", "y = Add(x, b)", "Add does not come after MatMul"),
        (W, "y = Gemm(x, w) z = Relu(y)", "outputs are .'y'., wanted .* 'z'"),
        (
            "float[2, 1, 2] w = {1, 2, 3, 4}",
            "y = MatMul(x, w)",
            r"shape \(2, 1, 2\), wanted a matrix",
        ),
        (
            f"{W}, float[3, 2] b = {{1, 2, 3, 4, 5, 6}}",
            "y = Gemm(x, w, b)",
            r"bias of shape \(3, 2\)",
        ),
        (
            f"{W}, double[2, 2] v = {{1, 2, 3, 4}}",
            "z = Gemm(x, w) y = Gemm(z, v)",
            "of several types, float32, float64",
        ),
        ("int64[2, 2] w = {1, 2, 3, 4}", "y = Gemm(x, w)", "is of type 7, wanted 1, 11 or 10"),
        (W, "y = Softmax <axis = 0> (x)", "axis 0, wanted -1"),
        (W, "y = LeakyRelu <alpha = 0.5> (x)", "alpha 0.5, wanted 0.01"),
        (W, "y = Gelu (x)", "approximate 'none', wanted 'tanh'"),
        (W, "s = Sigmoid(x) z = Relu(s) y = Mul(s, z)", "Mul takes s, z, wanted 'z'"),
        (W, "s = Sigmoid(x) y = Mul(s, w)", "Mul does not come after Sigmoid"),
        (
            f"{W}, {B}",
            "y = BatchNormalization <training_mode = 1> (x, b, b, b, b)",
            "is in training mode",
        ),
        (f"{W}, {B}", "y = LayerNormalization <axis = 0> (x, b)", "along axis 0"),
        (f"{W}, {B}", "y = LayerNormalization (x, w)", r"of shapes \(2, 2\), wanted \(4,\)"),
        ("float[2, 2] w = {1, 2, 3, 1e30}", "y = Gemm <alpha = 1e30> (x, w)", "nan or infinity"),
        (W, "w = Constant <value_float = 1.0> () y = Gemm(x, w)", "Constant with value_float"),
    ],
)
def test_what_cannot_become_a_network_is_told(onnx, constants, nodes, words, tmp_path):
    path = file_of(onnx, tmp_path / "network.onnx", constants, nodes)
    with pytest.raises(FileFormatError, match=words) as caught:
        tg.Network.from_onnx(path)
    assert str(caught.value).startswith(str(path))


def changed(onnx, path, change):
    """Write a good file with a change in its first constant."""
    small_network().to_onnx(path)
    model = onnx.load(path)
    change(model.graph.initializer[0])
    path.write_bytes(model.SerializeToString())
    return path


def test_numbers_in_other_files_are_not_looked_for(onnx, tmp_path):
    def change(tensor):
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="../secret")

    path = changed(onnx, tmp_path / "network.onnx", change)
    with pytest.raises(FileFormatError, match=r"'layer1.weights' are in another file"):
        tg.Network.from_onnx(path)


@pytest.mark.parametrize("dims", [(10**6, 10**6), (3, 5), (-3, -4), (3, 4, 1, 0), (2**62, 4)])
def test_sizes_are_checked_before_room_is_made(onnx, dims, tmp_path):
    def change(tensor):
        tensor.dims[:] = dims

    path = changed(onnx, tmp_path / "network.onnx", change)
    with pytest.raises(FileFormatError, match="cannot become a network"):
        tg.Network.from_onnx(path)


@pytest.mark.parametrize("content", [b"", b"hello", bytes(1000), b"\x08" * 50])
def test_what_is_no_such_file_is_refused(onnx, content, tmp_path):
    (tmp_path / "network.onnx").write_bytes(content)
    with pytest.raises(FileFormatError, match=r"network\.onnx"):
        tg.Network.from_onnx(tmp_path / "network.onnx")


def test_a_damaged_file_gives_a_network_or_a_clear_error(onnx, tmp_path):
    path = tmp_path / "network.onnx"
    small_network("softmax").to_onnx(path)
    whole, random = path.read_bytes(), np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[random.integers(len(whole))] = random.integers(256)
        path.write_bytes(damaged[: random.integers(len(whole)) if random.random() < 0.2 else None])
        try:
            tg.Network.from_onnx(path)
        except FileFormatError:
            refused += 1
    assert 150 < refused < 290


def test_a_file_that_cannot_be_read_or_written_is_named(onnx, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        tg.Network.from_onnx(tmp_path / "nowhere")
    with pytest.raises(OSError, match="folder"):
        small_network().to_onnx(tmp_path)
