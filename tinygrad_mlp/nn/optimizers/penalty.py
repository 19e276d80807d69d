"""A penalty on weights that spares biases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tinygrad_mlp.nn.optimizers.optimizer import Arrays, Optimizer, State, pairs


@dataclass(frozen=True)
class WeightPenalty(Optimizer):
    r"""Adds $\lambda W$ to the gradient of each matrix of weights, and nothing to biases.

    It is for fully connected layers with biases, whose parameters take turns.

    Parameters
    ----------
    strength : float
        $\lambda$, of the penalty $\frac{\lambda}{2} \sum W^2$.
    sizes : tuple of int
        How many numbers each parameter has, so that all may come as one long array.

    Examples
    --------
    >>> import numpy as np
    >>> penalty = WeightPenalty(0.5, sizes=(2, 1))
    >>> w, b = np.array([[2.0], [4.0]]), np.array([[3.0]])
    >>> penalty.update([np.zeros((2, 1)), np.zeros((1, 1))], {}, [w, b], 0.1)[0]
    [array([[1.],
           [2.]]), array([[0.]])]
    >>> penalty.update([np.zeros(3)], {}, [np.array([2.0, 4.0, 3.0])], 0.1)[0]
    [array([1., 2., 0.])]
    """

    elementwise: ClassVar[bool] = True
    strength: float
    sizes: tuple[int, ...]

    def update(
        self, gradients: Arrays, state: State, parameters: Arrays, rate: Any
    ) -> tuple[list[Any], State]:
        """Return the gradients with those of the penalty."""
        factors: list[Any] = [
            0.0 if place % 2 else self.strength for place in range(len(self.sizes))
        ]
        if len(parameters) != len(factors):  # side by side
            factors = [np.repeat(factors, self.sizes).astype(parameters[0].dtype)]
        together = zip(pairs(gradients, parameters), factors, strict=True)
        return [g + factor * w for (g, w), factor in together], {}
