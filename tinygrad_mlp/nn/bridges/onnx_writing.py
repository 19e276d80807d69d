"""Networks as files in the format ONNX, which other programs run (extra onnx)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp._support.extras import needed
from tinygrad_mlp._support.files import write_whole
from tinygrad_mlp.nn.dropout import Dropout
from tinygrad_mlp.nn.layers import ActivationLayer, FullyConnectedLayer
from tinygrad_mlp.nn.normalization import BatchNorm, LayerNorm
from tinygrad_mlp.nn.residual import Residual

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from tinygrad_mlp.nn.layer import Layer

Array = Any


class Operator(NamedTuple):
    """What ONNX calls a layer: an operator, its options, and its constants by name."""

    name: str
    options: dict[str, Any] = {}  # noqa: RUF012  never changed
    constants: dict[str, Array] = {}  # noqa: RUF012  the same


#: The operators that activations are, by their names in this package.
OPERATORS = {
    "sigmoid": Operator("Sigmoid"),
    "tanh": Operator("Tanh"),
    "relu": Operator("Relu"),
    "leaky_relu": Operator("LeakyRelu", {"alpha": 0.01}),
    "elu": Operator("Elu", {"alpha": 1.0}),
    "selu": Operator("Selu", {"alpha": 1.6732632423543772, "gamma": 1.0507009873554805}),
    "gelu": Operator("Gelu", {"approximate": "tanh"}),
    "softplus": Operator("Softplus"),
    "softmax": Operator("Softmax", {"axis": -1}),
    "identity": Operator("Identity"),
}
#: Versions that programs of the last years read: of the operators, and of the file.
OPSET, FORMAT = 20, 9


def write(layers: Sequence[Layer], path: str | Path) -> None:
    """Write a network to a file that passes ONNX's own check; the batch may be of any size."""
    onnx = library("to_onnx")
    model = model_of(onnx, [part for layer in layers for part in layer.in_a_row()])
    onnx.checker.check_model(model, full_check=True)
    write_whole(path, model.SerializeToString(deterministic=True))


def model_of(onnx: ModuleType, layers: Sequence[Layer]) -> Any:
    """Return a model of ONNX with a node for each layer, from ``"x"`` to ``"y"``."""
    _check(layers)
    nodes: list[Any] = []
    initializers: list[Any] = []
    _write_row(onnx, layers, "", "x", "y", nodes, initializers)
    first = [layer.input_size for layer in layers if layer.input_size is not None]
    last = [layer.output_size for layer in layers if layer.output_size is not None]
    kind = onnx.helper.np_dtype_to_tensor_dtype(_dtype(layers))
    described = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes,
        "network",
        [described("x", kind, ["batch", first[0] if first else "width"])],
        [described("y", kind, ["batch", last[-1] if last else "width"])],
        initializers,
    )
    return onnx.helper.make_model(
        graph,
        producer_name="tinygrad_mlp",
        ir_version=FORMAT,
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
    )


def _write_row(
    onnx: ModuleType,
    layers: Sequence[Any],
    path: str,
    before: str,
    end: str,
    nodes: list[Any],
    initializers: list[Any],
) -> None:
    """Append the nodes of layers in a row, which turn ``before`` into ``end``, and constants."""
    node = onnx.helper.make_node
    for number, layer in enumerate(layers, 1):
        name = f"{path}layer{number}"
        after = end if number == len(layers) else name
        if type(layer) is Residual:
            inner, change = _inner(layer), f"{name}.change"
            _write_row(onnx, inner, f"{name}/", before, change, nodes, initializers)
            nodes.append(node("Add", [before, change], [after], name))
        elif _is_silu(layer):  # a younger version has an operator for it
            nodes.append(node("Sigmoid", [before], [f"{name}.sigmoid"]))
            nodes.append(node("Mul", [before, f"{name}.sigmoid"], [after], name))
        else:
            operator = _operator(layer)
            tensors = {f"{name}.{key}": array for key, array in operator.constants.items()}
            initializers += [onnx.numpy_helper.from_array(a, key) for key, a in tensors.items()]
            inputs = [before, *tensors]
            nodes.append(node(operator.name, inputs, [after], name, **operator.options))
        before = after


def _inner(layer: Residual) -> list[Layer]:
    """Return the layers that have a way around them, without rows inside of rows."""
    return [part for inner in layer.layers for part in inner.in_a_row()]


def library(method: str) -> ModuleType:
    """Return the package ``onnx`` with the modules that are used here."""
    for module in ("checker", "helper", "numpy_helper"):
        needed(f"onnx.{module}", "onnx", "onnx", method)
    return needed("onnx", "onnx", "onnx", method)


def _check(layers: Sequence[Layer]) -> None:
    """Raise TypeError that lists all layers without an operator."""
    if not layers:
        raise ValueError("to_onnx: the network has no layer yet; add one with network.add(layer)")
    if unknown := _unknown(layers):
        told = "; ".join(f"{layer.name}, {layer!r}" for layer in unknown)
        raise TypeError(
            f"to_onnx: no operator is known for {told}; there are such for FullyConnectedLayer, "
            "BatchNorm, LayerNorm, Dropout, Residual and the activations "
            f"{', '.join(OPERATORS)}, silu"
        )


def _unknown(layers: Sequence[Layer]) -> list[Layer]:
    """Return the layers without an operator, and those inside of others."""
    found: list[Layer] = []
    for layer in layers:
        if type(layer) is Residual and layer.layers:
            found += _unknown(_inner(layer))
        elif not _is_silu(layer) and not _operator(layer).name:
            found.append(layer)
    return found


def _operator(layer: Any) -> Operator:
    """Return the operator of a layer, one without a name if there is none."""
    kind = type(layer)
    if kind is FullyConnectedLayer:
        bias = {"bias": layer.bias[0]} if layer.use_bias else {}
        return Operator("Gemm", {}, {"weights": layer.weights, **bias})
    if kind in (BatchNorm, LayerNorm):
        names = ("gamma", "beta", "running_mean", "running_variance")
        held = {name: getattr(layer, name)[0] for name in names if hasattr(layer, name)}
        if kind is BatchNorm:
            options = {"epsilon": layer.epsilon, "momentum": 1.0 - layer.momentum}
            return Operator("BatchNormalization", options, held)
        return Operator("LayerNormalization", {"axis": -1, "epsilon": layer.epsilon}, held)
    if kind is Dropout:  # without its third input it passes all on
        return Operator("Dropout", {}, {"rate": np.array(layer.rate, np.float32)})
    if kind is ActivationLayer and layer.is_pure():
        return OPERATORS.get(layer.activation, Operator(""))
    return Operator("")


def _is_silu(layer: Any) -> bool:
    return type(layer) is ActivationLayer and layer.is_pure() and layer.activation == "silu"


def _dtype(layers: Sequence[Layer]) -> np.dtype[Any]:
    """Return the type in which a network computes."""
    types = [parameter.dtype for layer in layers for parameter in layer.parameters()]
    return types[0] if types else np.dtype(np.float64)
