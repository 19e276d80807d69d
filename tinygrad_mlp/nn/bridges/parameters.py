"""The parameters of estimators for scikit-learn, checked when ``fit`` needs them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_mlp._support.arguments import finite_number, fraction, positive, whole_number
from tinygrad_mlp.nn.optimizers import SGD, Adam, Optimizer, chain
from tinygrad_mlp.nn.optimizers.penalty import WeightPenalty

Array = Any


def checked_sizes(estimator: Any) -> list[int]:
    """Return the sizes of the hidden layers, or say which parameter does not fit."""
    given = estimator.hidden_layer_sizes
    sizes = list(given) if np.ndim(given) == 1 else [given]
    for name in ("max_iter", "max_fun"):
        whole_number(name, getattr(estimator, name))
    for name in ("alpha", "tol", "power_t"):
        finite_number(name, getattr(estimator, name), minimum=0.0)
    positive("learning_rate_init", estimator.learning_rate_init)
    fraction("validation_fraction", estimator.validation_fraction)
    if estimator.batch_size != "auto":
        whole_number("batch_size", estimator.batch_size)
    if estimator.n_iter_no_change != math.inf:
        whole_number("n_iter_no_change", estimator.n_iter_no_change)
    kinds = ("constant", "invscaling", "adaptive")
    if estimator.learning_rate not in kinds:
        raise ValueError(
            f"learning_rate must be one of {', '.join(kinds)}, got "
            f"{estimator.learning_rate!r:.80}; the number is learning_rate_init"
        )
    if estimator.solver != "lbfgs":
        optimizer_of(estimator)
    return [whole_number("hidden_layer_sizes", size) for size in sizes]


def optimizer_of(estimator: Any, penalty: float = 0.0, sizes: tuple[int, ...] = ()) -> Optimizer:
    """Return the optimizer that ``solver`` means, with a penalty for parameters of such sizes."""
    if isinstance(estimator.solver, Optimizer):
        found = estimator.solver
    elif estimator.solver == "adam":
        betas = estimator.beta_1, estimator.beta_2
        found = Adam(betas=betas, epsilon=float(estimator.epsilon))
    elif estimator.solver == "sgd":
        nesterov = estimator.nesterovs_momentum and estimator.momentum > 0
        found = SGD(momentum=estimator.momentum, nesterov=nesterov)
    else:
        raise ValueError(
            "solver must be 'adam', 'sgd', 'lbfgs' or one of tg.optimizers, such as "
            f"tg.optimizers.RMSProp(), got {estimator.solver!r:.80}"
        )
    return chain(WeightPenalty(penalty, sizes), found) if penalty else found


def weights_of(sample_weight: Any, X: Array) -> Array:
    """Return the weights of samples, checked."""
    from sklearn.utils import check_array

    weights = check_array(sample_weight, ensure_2d=False, dtype=X.dtype, input_name="sample_weight")
    if weights.shape != (len(X),):
        raise ValueError(
            f"sample_weight.shape == {weights.shape}, expected ({len(X)},), one for each sample"
        )
    if (weights < 0).any():
        raise ValueError("sample_weight must be at least 0 everywhere")
    if not weights.any():
        raise ValueError("sample_weight is zero for all samples: nothing can be learned")
    return weights
