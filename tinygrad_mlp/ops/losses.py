"""How far predictions are from targets."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.op import UNIT_INTERVAL
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.arithmetic import divide_or_zero, subtract
from tinygrad_mlp.ops.elementwise import log, log1p
from tinygrad_mlp.ops.reductions import (
    divided_among,
    log_softmax,
    softmax,
    sum,  # noqa: A004  NumPy's name
)


def _check_targets(y_true: Array, y_pred: Array) -> dict[str, Any]:
    """Refuse targets that NumPy would broadcast: the loss of a table that nobody meant."""
    # In every step of a training, so np.shape, which takes its time, is for lists alone.
    shapes = [x.shape if hasattr(x, "shape") else np.shape(x) for x in (y_true, y_pred)]
    if shapes[0] != shapes[1]:
        raise ShapeError(
            f"y_true and y_pred must have one shape, got {shapes[0]} and {shapes[1]}; "
            "reshape one of them"
        )
    return {}


half_squared_error: Op = Op(
    "half_squared_error",
    "y_true y_pred",
    prepare=_check_targets,
    forward="0.5 * np.square({y_true} - {y_pred}).sum()",
    vjps=(
        lambda g, out, y_true, y_pred: g * (y_true - y_pred),
        lambda g, out, y_true, y_pred: g * (y_pred - y_true),
    ),
    latex=r"\tfrac{{1}}{{2}} \sum ({y_true} - {y_pred})^2",
    symbol="½Σ(y−ŷ)²",
    shapes="(...),(...)->()",
    doc="Half the sum of squared errors, the loss that the network is trained on.",
    example=">>> tg.half_squared_error([1.0, 2.0], [0.0, 0.0])\nnp.float64(2.5)",
)
mse: Op = Op(
    "mse",
    "y_true y_pred",
    prepare=_check_targets,
    forward="np.mean(0.5 * np.square({y_true} - {y_pred}))",
    vjps=(
        lambda g, out, y_true, y_pred: divided_among(g, y_true.size) * (y_true - y_pred),
        lambda g, out, y_true, y_pred: divided_among(g, y_pred.size) * (y_pred - y_true),
    ),
    latex=r"\operatorname{{mean}} \tfrac{{1}}{{2}} ({y_true} - {y_pred})^2",
    symbol="½ mse",
    shapes="(...),(...)->()",
    doc="Mean of half the squared errors; its gradient is (y_pred - y_true) / n.",
    example=">>> tg.mse([1.0, 2.0], [0.0, 0.0])\nnp.float64(1.25)",
)
binary_cross_entropy: Op = Op(
    "binary_cross_entropy",
    "y_true y_pred",
    prepare=_check_targets,
    forward="binary_cross_entropy({y_true}, {y_pred})",
    vjps=(
        lambda g, out, y_true, y_pred: (
            divided_among(g, y_true.size) * (log1p(-y_pred) - log(y_pred))
        ),
        lambda g, out, y_true, y_pred: (
            divided_among(g, y_pred.size)
            * (divide_or_zero(1.0 - y_true, 1.0 - y_pred) - divide_or_zero(y_true, y_pred))
        ),
    ),
    latex=(
        r"-\operatorname{{mean}} ({y_true} \odot \log {y_pred} "
        r"+ (1 - {y_true}) \odot \log(1 - {y_pred}))"
    ),
    symbol="BCE",
    shapes="(...),(...)->()",
    domain=UNIT_INTERVAL,
    doc="Mean cross-entropy of probabilities y_pred against targets from 0 to 1.",
    example=">>> tg.binary_cross_entropy([1.0], [0.5])\nnp.float64(0.6931471805599453)",
)


def _check_classes(y_true: Array, logits: Array) -> dict[str, Any]:
    if np.ndim(logits) < 1:
        raise ShapeError("softmax_cross_entropy: logits need an axis of classes, got a scalar")
    if np.ndim(y_true) == np.ndim(logits) - 1:
        raise ShapeError(
            f"softmax_cross_entropy: y_true of shape {np.shape(y_true)} looks like class numbers; "
            f"wanted probabilities of shape {np.shape(logits)}, such as tg.datasets.one_hot(labels)"
        )
    return _check_targets(y_true, logits)


def _rows(x: Any) -> int:
    """Return how many rows a table has."""
    return math.prod(x.shape[:-1])


softmax_cross_entropy: Op = Op(
    "softmax_cross_entropy",
    "y_true logits",
    prepare=_check_classes,
    forward="softmax_cross_entropy({y_true}, {logits})",
    vjps=(
        lambda g, out, y_true, logits: divided_among(-g, _rows(logits)) * log_softmax(logits),
        lambda g, out, y_true, logits: (
            divided_among(g, _rows(logits))
            * (softmax(logits) * sum(y_true, axis=-1, keepdims=True) - y_true)
        ),
    ),
    latex=r"-\operatorname{{mean}} \sum_j {y_true}_j \log \operatorname{{softmax}}({logits})_j",
    symbol="CE",
    shapes="(n,m),(n,m)->()",
    doc="Mean over the rows of the cross-entropy of softmax(logits) against target probabilities.",
    example=(
        ">>> tg.softmax_cross_entropy([[1.0, 0.0]], [[0.0, 0.0]])\nnp.float64(0.6931471805599453)"
    ),
)


@composite
def mse_prime(y_true: Any, y_pred: Any) -> Any:
    r"""Return $\hat y - y$, the gradient of ``half_squared_error``.

    Beware of its name, which is that of the notebook: the gradient of ``mse`` is n times smaller
    for n outputs; see ``mse_gradient``.

    Parameters
    ----------
    y_true, y_pred : Value or array_like, one shape
        Targets and predictions.

    Returns
    -------
    Value or ndarray, the same shape
        A Value if any argument is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.mse_prime([1.0, 2.0], [0.0, 0.0])
    array([-1., -2.])
    """
    _check_targets(y_true, y_pred)
    return subtract(y_pred, y_true)


@composite
def mse_gradient(y_true: Any, y_pred: Any) -> Any:
    r"""Return $(\hat y - y) / n$, the gradient of ``mse`` by ``y_pred``.

    Parameters
    ----------
    y_true, y_pred : Value or array_like, one shape
        Targets and predictions.

    Returns
    -------
    Value or ndarray, the same shape
        A Value if any argument is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.mse_gradient([1.0, 2.0], [0.0, 0.0])
    array([-0.5, -1. ])
    """
    return divided_among(mse_prime(y_true, y_pred), np.size(y_pred))
