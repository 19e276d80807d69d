"""What the picture of a network shows of its layers: columns of neurons, and what is between."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.core.value import Value

Slopes = tuple[Any | None, Any | None]  # of the weights and of the biases


class Columns:
    """The columns of a network, the inputs first, and what leads from each to the next.

    Attributes
    ----------
    sizes : list of int
        Number of neurons of each column.
    names : list of lists of str
        What happens to the inputs, and then to each column.
    values : list of arrays, or None
        What a sample becomes in each column; None for an entry that does not fit its column.
    weights, biases : list of arrays or None
        From each column to the next, where there are any.
    gradients : list of pairs, or None
        Those by weights and biases.
    """

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.names: list[list[str]] = [[]]
        self.values: list[Any] | None = None
        self.weights: list[Any] = []
        self.biases: list[Any] = []
        self.gradients: list[Slopes] | None = None

    def add(self, size: int, matrix: Any, bias: Any) -> None:
        """Add a column, and what leads to it."""
        self.sizes.append(size)
        self.weights.append(matrix)
        self.biases.append(bias)
        self.names.append([])


def columns_of(layers: list[Any], sample: Any, *, gradients: bool) -> Columns:
    """Return the columns of some layers, with what they make of a sample, a row, or None.

    Raises
    ------
    ValueError
        If there shall be gradients, and no layer has one.
    """
    found = Columns()
    values = [sample]
    slopes: list[Slopes] = []
    for layer in _in_a_row(layers):
        matrix = numbers_of(getattr(layer, "weights", None))
        after = None if sample is None else layer(sample)
        is_dense = matrix is not None and matrix.ndim == 2 and matrix.size
        inputs, outputs = matrix.shape if is_dense else _sizes_of_row(layer)
        if outputs is None:
            found.names[-1].append(_name(layer))
            values[-1] = sample = after
            continue
        if not found.sizes:
            found.sizes.append(inputs)
        elif found.sizes[-1] != inputs:  # a layer before it has made other units, unknown how
            found.add(inputs, None, None)
            values.append(sample)
            slopes.append((None, None))
        if not is_dense:  # layers in a row, with a way around them
            found.add(outputs, None, None)
            found.names[-1].append(_name(layer))
            values.append(sample := after)
            slopes.append((None, None))
            continue
        bias = numbers_of(getattr(layer, "bias", None))
        found.add(outputs, matrix, bias if bias is not None and bias.size == outputs else None)
        values.append(sample := after)
        slopes.append(_slopes(layer, matrix, outputs))
    if sample is not None and found.sizes:
        found.values = [
            flat if (flat := np.ravel(numbers)).size == size else None
            for numbers, size in zip(values, found.sizes, strict=True)
        ]
    if gradients:
        if all(by is None for slope in slopes for by in slope):
            raise ValueError(
                "draw_network: gradients=True, but no gradient was computed; call backward() on a "
                "loss of network(tg.Value(x)) first"
            )
        found.gradients = slopes
    return found


def _sizes_of_row(layer: Any) -> tuple[Any, Any]:
    """Return how many numbers a layer that is made of layers takes and gives, where it tells."""
    sizes = getattr(layer, "input_size", None), getattr(layer, "output_size", None)
    return sizes if hasattr(layer, "layers") and None not in sizes else (None, None)


def _in_a_row(layers: list[Any]) -> list[Any]:
    """Return layers with those of networks among them in their places."""
    return [
        part
        for layer in layers
        for part in (layer.in_a_row() if hasattr(layer, "in_a_row") else [layer])
    ]


def numbers_of(found: Any) -> Any:
    """Return the real numbers that a layer of one's own may have somewhere, or None."""
    try:
        array = np.asarray(found.numpy() if isinstance(found, Value) else found)
    except (TypeError, ValueError):
        return None
    return array if array.dtype.kind in "fiub" else None


def _slopes(layer: Any, matrix: Any, outputs: int) -> Slopes:
    """Return the gradients by weights and biases that Values have, or that the layer summed up."""
    known = [
        gradient
        for parameter in layer.parameters()
        if (gradient := numbers_of(parameter.grad)) is not None
    ]
    if not known and layer.passes:
        sums = (numbers_of(getattr(layer, name, None)) for name in ("delta_w", "delta_b"))
        known = [gradient for gradient in sums if gradient is not None]
    by_weights = next((x for x in known if x.shape == matrix.shape), None)
    by_bias = next((x.ravel() for x in known if x is not by_weights and x.size == outputs), None)
    return by_weights, by_bias


def _name(layer: Any) -> str:
    activation = getattr(layer, "activation", None)
    return activation if isinstance(activation, str) else type(layer).__name__
