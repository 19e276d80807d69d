"""All samples at once, by the quasi-Newton method of SciPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp.functional.gradients import value_and_grad
from tinygrad_mlp.nn.blocks import Form
from tinygrad_mlp.nn.stack import applied
from tinygrad_mlp.ops.elementwise import square
from tinygrad_mlp.ops.reductions import (
    sum,  # noqa: A004  NumPy's name
)

if TYPE_CHECKING:
    from tinygrad_mlp.nn.network import Network
    from tinygrad_mlp.nn.objectives import Objective, Samples


def minimize(
    network: Network,
    objective: Objective,
    samples: Samples,
    penalty: float,
    options: dict[str, Any],
) -> Any:
    r"""Bring a network to a minimum of the mean loss, and return what SciPy tells of it.

    Parameters
    ----------
    network : Network
        Fully connected layers and activations; it gets the weights that are found.
    objective : Objective
        The loss.
    samples : Samples
        All of them are looked at in every step.
    penalty : float
        $\lambda$ of the penalty $\frac{\lambda}{2} \sum W^2$, over matrices of weights.
    options : dict
        Those of ``scipy.optimize.minimize`` for ``"L-BFGS-B"``.

    Raises
    ------
    FloatingPointError
        If the loss does not stay finite; the network is as it was.

    References
    ----------
    Liu and Nocedal, "On the limited memory BFGS method for large scale optimization", 1989.
    """
    from scipy.optimize import minimize as scipy_minimize

    from tinygrad_mlp.programs.compiling.compiled import compile  # noqa: A004

    parameters = network.parameters()
    form = Form(parameters)  # all are of one type, so they lie in one array

    def loss(flat: Any) -> Any:
        parts = form.views([flat])
        output = applied(network.layers, samples.x, dict(zip(parameters, parts, strict=True)))
        squares: Any = 0.0
        for weights in parts[::2]:
            squares = squares + sum(square(weights))
        mean = objective.total(samples.y, output, samples.weights) / samples.weight
        return mean + 0.5 * penalty * squares

    both = compile(value_and_grad(loss))
    dtype = parameters[0].dtype

    def flat_loss(flat: Any) -> tuple[float, Any]:
        value, slope = both(flat.astype(dtype))
        return float(value), slope.astype(np.float64)

    (begin,) = form.joined([parameter.data for parameter in parameters])
    found = scipy_minimize(flat_loss, begin, jac=True, method="L-BFGS-B", options=options)
    if not (np.isfinite(found.fun) and np.isfinite(found.x).all()):
        raise FloatingPointError(
            "the loss is nan or infinite; scale the data, or give another solver"
        )
    for parameter, numbers in zip(parameters, form.views([found.x]), strict=True):
        parameter.data = numbers.astype(dtype)
    return found
