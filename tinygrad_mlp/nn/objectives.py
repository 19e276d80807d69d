"""Samples, and what ``fit`` minimises: the mean over them of one loss for each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp.core.ownership import handed, to_read
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.ops.elementwise import (
    abs,  # noqa: A004  NumPy's name
    softplus,
    square,
)
from tinygrad_mlp.ops.losses import half_squared_error
from tinygrad_mlp.ops.reductions import (
    log_softmax,
    sum,  # noqa: A004  NumPy's name
)
from tinygrad_mlp.ops.selections import minimum
from tinygrad_mlp.ops.shapes import expand_dims

Array = Any


class Samples(NamedTuple):
    """Rows to learn from: inputs, targets, and how much each row counts, None for all alike."""

    x: Array
    y: Array
    weights: Array | None = None

    def take(self, rows: Array) -> Samples:
        """Return some of the rows, which is several times faster than with ``x[rows]``."""
        weights = None if self.weights is None else self.weights.take(rows)
        return Samples(self.x.take(rows, 0), self.y.take(rows, 0), weights)

    def weight_of(self, rows: Array) -> float:
        """Return what some of the rows count together."""
        return len(rows) if self.weights is None else float(self.weights.take(rows).sum())

    @property
    def weight(self) -> float:
        """What all rows count together."""
        return float(len(self.x) if self.weights is None else self.weights.sum())


# ----- Losses -----


def _half_square(y: Any, output: Any) -> Any:
    return 0.5 * square(y - output)


def _absolute(y: Any, output: Any) -> Any:
    return abs(y - output)


def _huber(y: Any, output: Any) -> Any:
    far = abs(y - output)
    near = minimum(far, 1.0)  # so that there is no second branch: near (far - near / 2)
    return near * (far - 0.5 * near)


def _binary_cross_entropy(y: Any, logits: Any) -> Any:
    return softplus(logits) - y * logits


def _softmax_cross_entropy(y: Any, logits: Any) -> Any:
    return -y * log_softmax(logits, axis=1)  # the targets with their sign serve the slopes too


#: The losses of each output, by name: of targets and outputs of shape (n, outputs).
LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "half_squared_error": _half_square,
    "mse": _half_square,
    "mae": _absolute,
    "huber": _huber,
    "binary_cross_entropy": _binary_cross_entropy,
    "softmax_cross_entropy": _softmax_cross_entropy,
}
#: Those of a sample are their sum, or else their mean.
SUMMED = ("half_squared_error", "softmax_cross_entropy")
#: Those of classes; what they take are logits.
CLASSIFYING = ("binary_cross_entropy", "softmax_cross_entropy")


@dataclass(frozen=True)
class Objective:
    r"""The mean of a loss over the samples, $\sum_i w_i \ell_i / \sum_i w_i$.

    Parameters
    ----------
    loss : str or callable
        A name of ``LOSSES``, or ``loss(y_true, y_pred)`` in functions that take arrays and Values:
        of rows it gives one number for each, or else one for all, which counts as their mean.
    ignore_index : int, optional
        The number of a class that does not count.

    Examples
    --------
    >>> Objective("mae").total(np.array([[1.0], [2.0]]), np.array([[0.0], [4.0]]))
    np.float64(3.0)
    """

    loss: str | Callable[[Any, Any], Any] = "half_squared_error"
    ignore_index: int | None = None

    def __post_init__(self) -> None:
        if isinstance(self.loss, str):
            if self.loss not in LOSSES:
                raise ValueError(
                    f"loss must be one of {', '.join(LOSSES)} or a function of targets and "
                    f"outputs, got {self.loss!r:.80}"
                )
        elif not callable(self.loss):
            raise TypeError(f"loss must be a name or a function, got {self.loss!r:.80}")
        if self.ignore_index is not None:
            whole_number("ignore_index", self.ignore_index, minimum=-math.inf)
            if self.loss != "softmax_cross_entropy":
                raise ValueError("ignore_index is for loss='softmax_cross_entropy'")

    @property
    def classifies(self) -> bool:
        """Whether targets are classes."""
        return self.loss in CLASSIFYING

    @property
    def name(self) -> str:
        """What the loss is called."""
        return self.loss if isinstance(self.loss, str) else getattr(self.loss, "__name__", "loss")

    def total(self, y: Any, output: Any, weights: Any = None) -> Any:
        """Return the sum of the losses of all rows, each times its weight."""
        if self.loss == "half_squared_error" and weights is None:
            return half_squared_error(y, output)  # the notebook's, to the last bit
        if callable(self.loss):
            return self._total_of_function(self.loss, y, output, weights)
        losses = LOSSES[self.loss](y, output)
        total = sum(losses if weights is None else expand_dims(weights, 1) * losses)
        return total if self.loss in SUMMED else total / output.shape[1]

    def _total_of_function(
        self, loss: Callable[[Any, Any], Any], y: Any, output: Any, weights: Any
    ) -> Any:
        given = to_read(y), to_read(output)
        losses = handed(f"loss {self.name}", "function", loss, given, {})
        if isinstance(output, Value) and not isinstance(losses, Value):
            raise TypeError(
                f"loss {self.name} turned a Value into {type(losses).__name__} and lost the "
                "graph; write it in functions of tinygrad_mlp"
            )
        count = len(output)
        shape = np.shape(losses)
        if shape == () and weights is None:
            return count * losses
        if shape != (count,):
            fix = "give one number for each row" if shape == () else "sum over the other axes"
            raise ShapeError(
                f"loss {self.name} gave shape {shape} for {count} rows, wanted ({count},)"
                f"{' to weigh them' if weights is not None else ' or ()'}; {fix}"
            )
        return sum(losses if weights is None else weights * losses)

    def mean(self, samples: Samples, output: Array) -> float:
        """Return the mean loss of samples, from the outputs for them."""
        total = self.total(samples.y, output, samples.weights)
        return self.told(total, samples.weight, samples.y.shape[1])

    def told(self, total: Any, weight: float, width: int) -> float:
        """Return the mean of the sum of losses of rows that count ``weight`` together.

        Of the default loss it is the mean ``mse``, over all outputs, of which a row has ``width``.
        """
        if self.loss == "half_squared_error":
            weight *= width
        return float(total) / weight if weight else 0.0
