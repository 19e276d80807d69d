"""Networks as files in the format ONNX, which other programs run (extra onnx)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.extras import needed
from tinygrad_mlp._support.files import atomic_file
from tinygrad_mlp.nn.layers import ACTIVATIONS, ActivationLayer, FullyConnectedLayer

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from tinygrad_mlp.nn.layer import Layer

#: The operators that activations are, by their names in this package.
OPERATORS = {
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "relu": "Relu",
    "softplus": "Softplus",
    "softmax": "Softmax",
    "identity": "Identity",
}
#: Versions that programs of the last years read: of the operators, and of the file.
OPSET, FORMAT = 17, 8


def write(layers: Sequence[Layer], path: str | Path) -> None:
    """Write a network to a file that passes ONNX's own check; the batch may be of any size."""
    onnx = library("to_onnx")
    model = model_of(onnx, layers)
    onnx.checker.check_model(model, full_check=True)
    with atomic_file(path) as file:
        file.write(model.SerializeToString(deterministic=True))


def model_of(onnx: ModuleType, layers: Sequence[Any]) -> Any:
    """Return a model of ONNX with a node for each layer, from ``"x"`` to ``"y"``."""
    if not layers:
        raise ValueError("to_onnx: the network has no layer yet; add one with network.add(layer)")
    if unknown := [f"{layer.name}, {layer!r}" for layer in layers if not _is_known(layer)]:
        raise TypeError(
            f"to_onnx: no operator is known for {'; '.join(unknown)}; there are such for "
            f"FullyConnectedLayer and the activations {', '.join(OPERATORS)}"
        )
    nodes, initializers, before = [], [], "x"
    for number, layer in enumerate(layers, 1):
        after = "y" if number == len(layers) else layer.name
        inputs, options = [before], {}
        if isinstance(layer, FullyConnectedLayer):
            operator = "Gemm"
            for name, parameter in zip(("weights", "bias"), layer.parameters(), strict=False):
                numbers = parameter.data if name == "weights" else parameter.data[0]
                inputs.append(f"{layer.name}.{name}")
                initializers.append(onnx.numpy_helper.from_array(numbers, inputs[-1]))
        else:
            operator = OPERATORS[layer.activation]
            options = {"axis": 1} if operator == "Softmax" else {}
        nodes.append(onnx.helper.make_node(operator, inputs, [after], layer.name, **options))
        before = after
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


def library(method: str) -> ModuleType:
    """Return the package ``onnx`` with the modules that are used here."""
    for module in ("checker", "helper", "numpy_helper"):
        needed(f"onnx.{module}", "onnx", "onnx", method)
    return needed("onnx", "onnx", "onnx", method)


def _is_known(layer: Layer) -> bool:
    """Return whether a layer, as it is, has an operator."""
    if type(layer) is FullyConnectedLayer:
        return True
    name = layer.activation if type(layer) is ActivationLayer else ""
    return layer.is_pure() and name in OPERATORS and name in ACTIVATIONS


def _dtype(layers: Sequence[Layer]) -> np.dtype[Any]:
    """Return the type in which a network computes."""
    types = [parameter.dtype for layer in layers for parameter in layer.parameters()]
    return types[0] if types else np.dtype(np.float64)
