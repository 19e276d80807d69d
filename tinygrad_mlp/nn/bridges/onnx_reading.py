"""Networks from files in the format ONNX, of which nothing is believed (extra onnx)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.extras import needed
from tinygrad_mlp.errors import FileFormatError
from tinygrad_mlp.nn.bridges.onnx_writing import OPERATORS, library
from tinygrad_mlp.nn.layers import ActivationLayer, FullyConnectedLayer

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from tinygrad_mlp.nn.layer import Layer

Array = Any

#: Activations by their operators.
ACTIVATION_OF = {operator: name for name, operator in OPERATORS.items()}
#: What a network can compute, with the options that are understood.  ``MatMul`` and then ``Add``
#: are what some programs write for ``Gemm``.
KNOWN: dict[str, set[str]] = {
    "Gemm": {"alpha", "beta", "transA", "transB"},
    "MatMul": set(),
    "Add": set(),
    **{operator: set() for operator in ACTIVATION_OF},
    "Softmax": {"axis"},
    "Constant": {"value"},
}


def read(path: str | Path) -> list[Layer]:
    """Return the layers that a file describes, or raise FileFormatError."""
    onnx = library("from_onnx")
    protobuf = needed("google.protobuf.message", "protobuf", "onnx", "from_onnx")
    with open(path, "rb") as file:  # noqa: PTH123  an OSError of open names the path
        content = file.read()
    try:
        model = onnx.load_model_from_string(content)  # unlike onnx.load, it opens no other file
        return layers_of(onnx, model)
    except (protobuf.DecodeError, UnicodeDecodeError) as error:
        raise FileFormatError(f"{path} is not a whole file of ONNX: {error}") from None
    except (onnx.checker.ValidationError, ValueError) as error:
        raise FileFormatError(f"{path} cannot become a network: {error}") from None


def layers_of(onnx: ModuleType, model: Any) -> list[Layer]:
    """Return the layers that a model consists of, one after the other, or raise ValueError."""
    graph = model.graph
    _check_operators(graph)
    constants = _constants(onnx, model)
    current = _input(graph, constants)
    layers: list[Layer] = []
    before = ""
    for node in graph.node:
        if node.op_type == "Constant":
            continue
        operands, options = _operands(node, current, constants), _options(onnx, node)
        if node.op_type in ACTIVATION_OF:
            layers.append(_activation(node, options))
        elif node.op_type == "Add":
            if before != "MatMul":
                raise ValueError(f"{_named(node)} does not come after MatMul, to add a bias")
            _set_bias(layers[-1], operands[0], node)
        else:
            layers.append(_affine(node, operands, options))
        current, before = node.output[0], node.op_type
    outputs = [output.name for output in graph.output]
    if outputs != [current]:
        raise ValueError(f"its outputs are {outputs}, wanted what the last node gives, {current!r}")
    _check_numbers(layers)
    return layers


# ----- Checks -----


def _check_operators(graph: Any) -> None:
    """Raise ValueError that lists all operators and options that are not known."""
    unknown = []
    for node in graph.node:
        prefix = "" if node.domain in ("", "ai.onnx") else f"{node.domain}."
        name = f"{prefix}{node.op_type}"
        if name not in KNOWN:
            unknown.append(name)
        else:
            options = [a.name for a in node.attribute if a.name not in KNOWN[name]]
            unknown += [f"{name} with {option}" for option in options]
    if unknown:
        raise ValueError(
            f"no layer is known for its operators {', '.join(dict.fromkeys(unknown))}; there are "
            f"such for {', '.join(name for name in KNOWN if name != 'Constant')}"
        )


def _constants(onnx: ModuleType, model: Any) -> dict[str, Array]:
    """Return all constants by name, those of nodes too."""
    graph = model.graph
    tensors = [*graph.initializer, *(a.t for node in graph.node for a in node.attribute)]
    for tensor in tensors:
        if tensor.data_location == tensor.EXTERNAL or tensor.external_data:
            raise ValueError(
                f"the numbers of {tensor.name!r:.80} are in another file, which is not read"
            )
    onnx.checker.check_model(model)  # only now: it would look for other files
    found = {tensor.name: tensor for tensor in graph.initializer}
    held = [node for node in graph.node if node.op_type == "Constant"]
    found |= {node.output[0]: node.attribute[0].t for node in held}
    return {name: _numbers(onnx, name, tensor) for name, tensor in found.items()}


def _numbers(onnx: ModuleType, name: str, tensor: Any) -> Array:
    """Return the array of a tensor whose size is what it announces."""
    types = onnx.TensorProto
    kinds = {types.FLOAT: "float_data", types.DOUBLE: "double_data", types.FLOAT16: "int32_data"}
    if tensor.data_type not in kinds:
        raise ValueError(
            f"the constant {name!r:.80} is of type {tensor.data_type}, wanted {types.FLOAT}, "
            f"{types.DOUBLE} or {types.FLOAT16}"
        )
    size = math.prod(tensor.dims) if min(tensor.dims, default=1) >= 0 else -1
    raw = tensor.HasField("raw_data")
    given = len(tensor.raw_data) if raw else len(getattr(tensor, kinds[tensor.data_type]))
    each = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize if raw else 1
    if size * each != given:
        raise ValueError(
            f"the constant {name!r:.80} announces the shape {tuple(tensor.dims)}, and holds "
            f"{given // each} numbers"
        )
    return onnx.numpy_helper.to_array(tensor)


def _input(graph: Any, constants: dict[str, Array]) -> str:
    """Return the name of the only input."""
    inputs = [x for x in graph.input if x.name not in constants]
    if len(inputs) != 1:
        raise ValueError(f"it has the inputs {[x.name for x in inputs]}, wanted one")
    shape = inputs[0].type.tensor_type
    if shape.HasField("shape") and len(shape.shape.dim) != 2:
        raise ValueError(f"its input has {len(shape.shape.dim)} axes, wanted 2, (batch, features)")
    name: str = inputs[0].name
    return name


def _operands(node: Any, current: str, constants: dict[str, Array]) -> list[Array]:
    """Return the constants that a node takes besides what the node before gave."""
    rest = [name for name in node.input if name != current]
    in_place = node.op_type == "Add" or node.input[0] == current
    if len(rest) != len(node.input) - 1 or not in_place or not {*rest} <= {*constants, ""}:
        raise ValueError(
            f"{_named(node)} takes {list(node.input)}, wanted {current!r}, which the node before "
            "gives, and constants: only layers in a row become a network"
        )
    return [constants[name] for name in rest if name]


def _check_numbers(layers: list[Layer]) -> None:
    parameters = [parameter for layer in layers for parameter in layer.parameters()]
    types = sorted({parameter.dtype.name for parameter in parameters})
    if len(types) > 1:
        raise ValueError(f"its constants are of several types, {', '.join(types)}, wanted one")
    if not all(np.isfinite(parameter.data).all() for parameter in parameters):
        raise ValueError("its constants have nan or infinity")


def _named(node: Any) -> str:
    return f"{node.op_type} {node.name!r:.80}" if node.name else node.op_type


def _options(onnx: ModuleType, node: Any) -> dict[str, Any]:
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


# ----- Layers -----


def _activation(node: Any, options: dict[str, Any]) -> Layer:
    if options.get("axis", 1) not in (1, -1):
        raise ValueError(f"{_named(node)} is along axis {options['axis']}, wanted 1")
    return ActivationLayer(ACTIVATION_OF[node.op_type])


def _affine(node: Any, operands: list[Array], options: dict[str, Any]) -> Layer:
    """Return the layer that ``Gemm`` or ``MatMul`` is."""
    weights = operands[0]
    if weights.ndim != 2:
        raise ValueError(f"{_named(node)} multiplies by shape {weights.shape}, wanted a matrix")
    if options.get("transA", 0):
        raise ValueError(f"{_named(node)} transposes its input, which no layer does")
    if options.get("transB", 0):
        weights = weights.T
    layer = FullyConnectedLayer(*weights.shape, rng=0, dtype=weights.dtype)
    bias = operands[1] if len(operands) > 1 else np.zeros(())
    with np.errstate(all="ignore"):  # what is not finite is refused in the end
        layer.weights = (weights * options.get("alpha", 1.0)).astype(weights.dtype, order="C")
        _set_bias(layer, bias * options.get("beta", 1.0), node)
    return layer


def _set_bias(layer: Layer, bias: Array, node: Any) -> None:
    weights, parameter = layer.parameters()
    row = parameter.shape
    if bias.ndim > 2 or bias.shape not in (row, row[1:], (), (1,), (1, 1)):
        raise ValueError(f"{_named(node)} adds a bias of shape {bias.shape}, wanted {row[1:]}")
    parameter.data = np.broadcast_to(bias, row).astype(weights.dtype)
