"""Why a training learned nothing, or cannot go on: which layer it is, and what to try."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.core.backward import grad
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.nn.data import class_numbers
from tinygrad_mlp.nn.layer import Array, Layer, through
from tinygrad_mlp.nn.layers import ActivationLayer
from tinygrad_mlp.nn.metrics import r2
from tinygrad_mlp.nn.objectives import Objective, Samples

# What a training is judged by; less is no evidence.
_STEPS, _EPOCHS = 100, 10
_ROWS = 1000  # samples that are looked at
_FLAT = 1e-9  # relative changes of a loss that does not move: roundings
_AS_GOOD = 0.99  # of the loss of a constant answer
_FAR_BETTER = 0.5  # the same, for the last epoch
_SLOPE = 1e-3  # of a unit through which hardly any gradient passes
_LARGE = 10.0  # inputs that are better scaled


def warn_if_nothing_learned(
    layers: Sequence[Layer],
    samples: Samples,
    objective: Objective,
    losses: Sequence[float],
    steps: int,
    rate: float,
    *,
    is_default: bool,
) -> None:
    """Warn at the end of ``fit`` if the network is no better than one that ignores its inputs.

    It is said at the line that called ``fit``, four calls up, and costs one look at a thousand
    samples; for the default loss and descent nothing, unless the loss stood still.

    Parameters
    ----------
    layers, samples, objective
        What was trained, on what, and for what.
    losses : sequence of float
        The mean loss of every epoch.
    steps : int
        How many were made.
    rate : float
        The last learning rate; 0 is meant to teach nothing.
    is_default : bool
        Whether it was plain descent on half the squared error.
    """
    if rate == 0 or not all(layer.is_pure() for layer in layers):
        return  # what another layer does besides computing shall not be done once more
    enough = len(losses) >= _EPOCHS if is_default else steps >= _STEPS
    if not enough or (is_default and not _is_flat(losses)):
        return
    if objective.classifies and losses[-1] < _FAR_BETTER * _constant_answer(objective, samples)[0]:
        return  # which is known without another look
    rows = np.unique(np.linspace(0, len(samples.x) - 1, _ROWS).astype(np.intp))
    seen = samples.take(rows)
    if objective.classifies:
        verdict = _verdict_on_classes(objective, seen, through(layers, seen.x))
    else:
        verdict = _verdict_on_numbers(seen, through(layers, seen.x))
    found = _blocked(layers, seen.x) if verdict else None
    # Noise has no better answer than a constant one: of numbers that alone is no evidence.
    if not verdict or not (objective.classifies or is_default or found):
        return
    where, advice = found or ("", f"another learning_rate than {rate:g}, or more epochs")
    largest = float(np.abs(seen.x).max(initial=0.0))
    if largest > _LARGE:
        advice = (
            f"inputs of mean 0 and standard deviation 1 (they reach {largest:.4g}), then {advice}"
        )
    warnings.warn(
        f"fit: after {steps:,} steps nothing is learned: {verdict}.{where}  Try {advice}.",
        stacklevel=5,
    )


def _is_flat(losses: Sequence[float]) -> bool:
    first = losses[0]
    return first != 0 and all(abs(loss - first) <= _FLAT * abs(first) for loss in losses)


def _verdict_on_classes(objective: Objective, seen: Samples, output: Array) -> str:
    """Say that outputs are no better than one constant answer, empty if they are."""
    weights = np.ones(len(seen.x)) if seen.weights is None else seen.weights.astype(float)
    if not weights.any():
        return ""
    constant, shares = _constant_answer(objective, seen)
    if objective.loss == "binary_cross_entropy":
        right = ((output > 0) == (seen.y > 0.5)).mean(axis=1)
        commonest = float(np.maximum(shares, 1 - shares).mean())
    else:
        right = class_numbers(seen.y) == class_numbers(output)
        commonest = float(shares.max())
    loss, share = objective.mean(seen, output), float(np.average(right, weights=weights))
    if constant == 0 or loss < _AS_GOOD * constant:  # of one class alone there is nothing to learn
        return ""
    if share > commonest + 1 / np.sqrt(len(right)):
        return ""
    return (
        f"the loss of {loss:.4g} is no better than that of one answer for all ({constant:.4g}), "
        f"and {share:.1%} of the training samples are right, where the commonest class makes up "
        f"{commonest:.1%}"
    )


def _constant_answer(objective: Objective, seen: Samples) -> tuple[float, Array]:
    """Return the loss of the best answer that is the same for all samples, and that answer."""
    y = seen.y.astype(float)
    shares = y.mean(axis=0) if seen.weights is None else seen.weights @ y / seen.weights.sum()
    if objective.loss == "binary_cross_entropy":
        return float(np.mean(_entropy(shares) + _entropy(1 - shares))), shares
    return float(_entropy(shares).sum()), shares


def _entropy(shares: Array) -> Array:
    return -shares * np.log(np.where(shares > 0, shares, 1.0))


def _verdict_on_numbers(seen: Samples, output: Array) -> str:
    spread = np.ptp(seen.y, axis=0).max(initial=0.0)
    found = r2(seen.y, output) if spread > 0 else 1.0
    if not found < 1 - _AS_GOOD:
        return ""
    return f"the outputs are no better than the mean of the targets (r2 is {found:.3g})"


def _blocked(layers: Sequence[Layer], x: Any) -> tuple[str, str] | None:
    """Return a sentence on the first layer that lets no gradient pass, and what helps, or None."""
    for layer in (part for row in layers for part in row.in_a_row()):
        start = Value(x)
        end = layer.formula(start, *layer.parameters())
        x = end.numpy()
        if not isinstance(layer, ActivationLayer) or layer.activation == "softmax":
            continue  # only where each output hangs on one input, a sum tells the slopes
        slopes = np.abs(grad(end, [start], np.ones_like(x))[0])
        closed = (slopes < _SLOPE).all(axis=0)
        if 2 * closed.sum() <= closed.size:
            continue
        is_dead = not x[:, closed].any()
        state = "dead (0 for every sample)" if is_dead else "saturated (flat for every sample)"
        where = (
            f"  Of {layer.name}, {layer!r}, {closed.sum()} of {closed.size} units are {state}, "
            "and pass no gradient on."
        )
        way = "a lower learning_rate or tg.ActivationLayer('leaky_relu')"
        if not is_dead:
            way = "smaller ones, such as with init='glorot_uniform', or a lower learning_rate"
        return where, f"new weights, for these stay as they are, and {way}"
    return None


def first_not_finite(layers: Sequence[Layer], objective: Objective, batch: Samples) -> str:
    """Return where nan or infinity first comes up in a batch, or how large its outputs are.

    >>> import tinygrad_mlp as tg
    >>> batch = Samples(np.array([[1e200]]), np.array([[0.0]]))
    >>> first_not_finite([tg.ActivationLayer("identity")], Objective(), batch)
    'the outputs, up to 1e+200, are finite, but their loss is not'
    """
    x = batch.x
    with np.errstate(all="ignore"):
        for layer in layers:
            x = layer(x)
            if not np.isfinite(x).all():
                return f"the output of {layer.name}, {layer!r}, is the first that is not finite"
        told = f"the outputs, up to {np.abs(x).max(initial=0.0):.4g}, are finite"
        if not np.isfinite(objective.mean(batch, x)):
            return f"{told}, but their loss is not"
    return f"{told}, and so is their loss: the move is too large"
