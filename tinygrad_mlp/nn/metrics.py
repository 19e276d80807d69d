"""How good outputs are, in numbers that people look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tinygrad_mlp.nn.data import class_numbers

Array = Any
Metric = Callable[[Array, Array], float]


def accuracy(y_true: Array, y_pred: Array) -> float:
    """Return the share of rows whose class is right: the largest output, or one above 1/2.

    >>> accuracy(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[0.2, 3.0], [0.1, 0.3]]))
    0.5
    """
    return float(np.mean(class_numbers(y_true) == class_numbers(y_pred)))


def accuracy_of_logits(y_true: Array, y_pred: Array) -> float:
    """Return the share of rows with all answers right, where a logit above 0 says yes.

    That is ``"accuracy"`` with the loss ``"binary_cross_entropy"``.

    >>> accuracy_of_logits(np.array([[0.0, 1.0], [1.0, 1.0]]), np.array([[-2.0, 0.2], [0.1, -3.0]]))
    0.5
    """
    return float(np.mean(((y_true > 0.5) == (y_pred > 0)).all(1)))


def mse(y_true: Array, y_pred: Array) -> float:
    """Return the mean squared error, without the factor 1/2 that the loss of that name has."""
    return float(np.mean(np.square(y_true - y_pred)))


def mae(y_true: Array, y_pred: Array) -> float:
    """Return the mean absolute error."""
    return float(np.mean(np.abs(y_true - y_pred)))


def r2(y_true: Array, y_pred: Array) -> float:
    """Return 1 minus the squared error over that of the mean: 1 is perfect, 0 as good as the mean.

    Of several outputs it is the mean.

    >>> r2(np.array([[1.0], [3.0]]), np.array([[1.0], [2.0]]))
    0.5
    """
    residual = np.square(y_true - y_pred).sum(0)
    spread = np.square(y_true - y_true.mean(0)).sum(0)
    perfect = np.where(residual == 0, 1.0, 0.0)  # what never varies is right or not
    return float(
        np.mean(np.where(spread > 0, 1 - residual / np.where(spread > 0, spread, 1), perfect))
    )


def _top(k: int) -> Metric:
    def top_k(y_true: Array, y_pred: Array) -> float:
        right = np.take_along_axis(y_pred, class_numbers(y_true)[:, np.newaxis], 1)
        return float(np.mean((y_pred > right).sum(1) < k))

    return top_k


METRICS: dict[str, Metric] = {"accuracy": accuracy, "mse": mse, "mae": mae, "r2": r2}


def metrics_of(metrics: Any, loss: Any = None) -> dict[str, Metric]:
    """Return metrics by name: of names, ``top_3`` and the like too, and functions.

    Which accuracy is meant depends on the loss.

    >>> list(metrics_of(["accuracy", "top_3"]))
    ['accuracy', 'top_3']
    """
    found: dict[str, Metric] = {}
    for metric in listed(metrics):
        if callable(metric):
            name = getattr(metric, "__name__", type(metric).__name__)
            if name in ("loss", *found) and found.get(name) is not metric:
                raise ValueError(
                    f"metrics: there is another {name}; give the function another name"
                )
            found[name] = metric
        elif metric == "accuracy" and loss == "binary_cross_entropy":
            found[metric] = accuracy_of_logits
        elif metric in METRICS:
            found[metric] = METRICS[metric]
        elif isinstance(metric, str) and (top := re.fullmatch(r"top_([1-9]\d*)", metric)):
            found[metric] = _top(int(top[1]))
        else:
            raise ValueError(
                f"metrics must be of {', '.join(METRICS)}, top_2, top_3, ..., or functions of "
                f"targets and outputs, got {metric!r:.80}"
            )
    return found


def listed(metrics: Any) -> list[Any]:
    """Return metrics as a list, of one too.

    >>> listed("accuracy")
    ['accuracy']
    """
    if isinstance(metrics, str) or callable(metrics):
        return [metrics]
    if not isinstance(metrics, Iterable):
        raise TypeError(f"metrics must be names or functions, got {metrics!r:.80}")
    return list(metrics)
