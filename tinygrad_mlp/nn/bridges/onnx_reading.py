"""Networks from files in the format ONNX, of which nothing is believed (extra onnx)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp._support.extras import needed
from tinygrad_mlp.errors import FileFormatError
from tinygrad_mlp.nn.bridges.onnx_writing import OPERATORS, library
from tinygrad_mlp.nn.dropout import Dropout
from tinygrad_mlp.nn.layers import ActivationLayer, FullyConnectedLayer
from tinygrad_mlp.nn.normalization import BatchNorm, LayerNorm
from tinygrad_mlp.nn.residual import Residual

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from tinygrad_mlp.nn.layer import Layer

Array = Any

#: Activations by their operators.
ACTIVATION_OF = {operator.name: name for name, operator in OPERATORS.items()}
#: What a network can compute, with the options that are understood and what they are where a file
#: does not say.  ``MatMul`` and then ``Add`` are what some programs write for ``Gemm``, and ``Mul``
#: after ``Sigmoid`` is silu.
KNOWN: dict[str, dict[str, Any]] = {
    "Gemm": {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 0},
    "MatMul": {},
    "Add": {},
    "Mul": {},
    "BatchNormalization": {"epsilon": 1e-5, "momentum": 0.9, "training_mode": 0},
    "LayerNormalization": {"axis": -1, "epsilon": 1e-5, "stash_type": 1},
    "Dropout": {"seed": 0},
    **{operator.name: dict(operator.options) for operator in OPERATORS.values()},
    "Gelu": {"approximate": "none"},
    "Constant": {"value": None},
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
    _check_operators(model.graph)
    constants = _constants(onnx, model)
    current = _input(model.graph, constants)
    layers: list[Layer] = []
    places = {current: 0}  # how many layers are before what has a name
    for step in _steps(onnx, model.graph, constants):
        start = _around(step, current, places)
        if start is not None:
            layers[start:] = [Residual(layers[start:])]
            places = {name: place for name, place in places.items() if place <= start}
            current = step.output
            places[current] = len(layers)
            continue
        others = [name for name in step.inputs[1:] if name]  # what is left out has no name
        if step.inputs[0] != current or not {*others} <= constants.keys():
            raise ValueError(
                f"{step.label} takes {', '.join(step.inputs)}, wanted {current!r}, which the node "
                "before gives, and constants: only layers in a row become a network"
            )
        layers.append(_layer(step, [constants[name] for name in others]))
        current = step.output
        places[current] = len(layers)
    outputs = [output.name for output in model.graph.output]
    if outputs != [current]:
        raise ValueError(f"its outputs are {outputs}, wanted what the last node gives, {current!r}")
    _check_numbers(layers)
    return layers


class Step(NamedTuple):
    """A node, or two nodes that are one layer."""

    operator: str
    inputs: list[str]
    output: str
    options: dict[str, Any]
    label: str


def _around(step: Step, current: str, places: dict[str, int]) -> int | None:
    """Return after how many layers a way around began, if a step is the sum at its end."""
    if step.operator != "Add" or current not in step.inputs:
        return None
    others = [name for name in step.inputs if name != current]
    return places.get(others[0]) if len(others) == 1 else None


def _steps(onnx: ModuleType, graph: Any, constants: dict[str, Array]) -> list[Step]:
    """Return what is computed, in order."""
    found: list[Step] = []
    for node in graph.node:
        if node.op_type == "Constant":
            continue
        given = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        given = {
            k: v.decode(errors="replace") if isinstance(v, bytes) else v for k, v in given.items()
        }
        label = f"{node.op_type} {node.name!r:.80}" if node.name else node.op_type
        options = {**KNOWN[node.op_type], **given}
        step = Step(node.op_type, list(node.input), node.output[0], options, label)
        before = found[-1] if found else step
        others = [name for name in node.input if name != before.output]
        is_bias = len(others) == 1 and others[0] in constants
        if (before.operator, node.op_type) == ("MatMul", "Add") and is_bias:
            both = [*before.inputs, *others]
            found[-1] = Step("Gemm", both, step.output, dict(KNOWN["Gemm"]), label)
        elif (before.operator, node.op_type) == ("Sigmoid", "Mul") and others == before.inputs:
            found[-1] = step._replace(operator="Silu", inputs=others)
        else:
            found.append(step)
    return found


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


def _check_numbers(layers: list[Layer]) -> None:
    parameters = [p for layer in layers for p in (*layer.parameters(), *layer.statistics())]
    types = sorted({parameter.dtype.name for parameter in parameters})
    if len(types) > 1:
        raise ValueError(f"its constants are of several types, {', '.join(types)}, wanted one")
    if not all(np.isfinite(parameter.data).all() for parameter in parameters):
        raise ValueError("its constants have nan or infinity")


# ----- Layers -----


def _layer(step: Step, operands: list[Array]) -> Layer:
    """Return the layer that a step is."""
    if step.operator == "Silu":
        return ActivationLayer("silu")
    if step.operator in ACTIVATION_OF:
        return _activation(step)
    if step.operator in ("Gemm", "MatMul"):
        return _full(step, operands)
    if step.operator == "Dropout":
        return Dropout(float(operands[0]) if operands else 0.5)
    if step.operator in ("BatchNormalization", "LayerNormalization"):
        return _normalization(step, operands)
    first = {"Add": "MatMul", "Mul": "Sigmoid"}[step.operator]
    raise ValueError(f"{step.label} does not come after {first}, to which it would belong")


def _activation(step: Step) -> Layer:
    name = ACTIVATION_OF[step.operator]
    for option, wanted in OPERATORS[name].options.items():
        got = step.options[option]
        if option == "axis" and got == 1:  # of two axes that is the last one
            continue
        if got != wanted and not (
            isinstance(got, float) and math.isclose(got, wanted, rel_tol=1e-6)
        ):
            raise ValueError(f"{step.label} has {option} {got!r}, wanted {wanted!r}")
    return ActivationLayer(name)


def _full(step: Step, operands: list[Array]) -> Layer:
    """Return the layer that ``Gemm`` or ``MatMul`` is."""
    options = {**KNOWN["Gemm"], **step.options}
    weights, *bias = operands
    if weights.ndim != 2:
        raise ValueError(f"{step.label} multiplies by shape {weights.shape}, wanted a matrix")
    if options["transA"]:
        raise ValueError(f"{step.label} transposes its input, which no layer does")
    if options["transB"]:
        weights = weights.T
    layer = FullyConnectedLayer(*weights.shape, rng=0, dtype=weights.dtype, use_bias=bool(bias))
    with np.errstate(all="ignore"):  # what is not finite is refused in the end
        layer.weights = (weights * options["alpha"]).astype(weights.dtype, order="C")
        if bias:
            row = (1, layer.output_size)
            if bias[0].shape not in (row, row[1:], (), (1,), (1, 1)):
                raise ValueError(
                    f"{step.label} adds a bias of shape {bias[0].shape}, wanted {row[1:]}"
                )
            layer.bias = np.broadcast_to(bias[0] * options["beta"], row).astype(bias[0].dtype)
    return layer


def _normalization(step: Step, operands: list[Array]) -> Layer:
    """Return the layer that ``BatchNormalization`` or ``LayerNormalization`` is."""
    size, dtype = operands[0].size, operands[0].dtype
    if any(numbers.shape != (size,) for numbers in operands):
        shapes = ", ".join(str(numbers.shape) for numbers in operands)
        raise ValueError(f"{step.label} has constants of shapes {shapes}, wanted ({size},)")
    epsilon = _decimal(step.options["epsilon"])
    if step.operator == "LayerNormalization":
        if step.options["axis"] not in (1, -1):
            raise ValueError(f"{step.label} is along axis {step.options['axis']}, wanted -1")
        layer: Any = LayerNorm(size, epsilon=epsilon, dtype=dtype)
    else:
        if step.options["training_mode"]:
            raise ValueError(f"{step.label} is in training mode, wanted training_mode=0")
        momentum = _decimal(1.0 - step.options["momentum"])
        layer = BatchNorm(size, momentum=momentum, epsilon=epsilon, dtype=dtype)
    values = [*layer.parameters(), *layer.statistics()]
    for value, numbers in zip(values, operands, strict=False):  # there may be no beta
        value.data = numbers[np.newaxis]
    return layer  # type: ignore[no-any-return]


def _decimal(number: float) -> float:
    """Return the number that was meant, where float32 has only one nearby."""
    return float(f"{number:.6g}")
