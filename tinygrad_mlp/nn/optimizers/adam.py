"""Adam, and what was made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tinygrad_mlp._support.arguments import finite_number, fraction
from tinygrad_mlp.nn.optimizers.optimizer import (
    Arrays,
    Rule,
    State,
    decayed,
    mixed,
    pairs,
    scaled,
    zeros_like,
)
from tinygrad_mlp.ops.elementwise import sqrt
from tinygrad_mlp.ops.shapes import astype


@dataclass(frozen=True, kw_only=True)
class Adam(Rule):
    r"""Descent by $\eta \hat m / (\sqrt{\hat s} + \epsilon)$, with running means of $g$ and $g^2$.

    $m \leftarrow \beta_1 m + (1 - \beta_1) g$ and $s \leftarrow \beta_2 s + (1 - \beta_2) g^2$
    begin at 0; dividing them by $1 - \beta_1^t$ and $1 - \beta_2^t$ in step $t$ makes up for that.

    Parameters
    ----------
    betas : pair of floats
        $\beta_1$ and $\beta_2$, each at least 0 and below 1.
    epsilon : float
        Keeps the quotient bounded where gradients are tiny.
    weight_decay : float
        As for ``SGD``: it adds to the gradient.  ``AdamW`` keeps it apart.

    References
    ----------
    Kingma and Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> adam = tg.optimizers.Adam()
    >>> moves, state = adam.update([np.array([3.0])], adam.init([np.zeros(1)]), [np.zeros(1)], 0.1)
    >>> moves[0].round(6), state["step"]
    (array([0.1]), np.float64(1.0))
    """

    learning_rate: ClassVar[float | None] = 0.001
    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.betas, Sequence) or len(self.betas) != 2:
            raise ValueError(f"betas must be two numbers, got {self.betas!r:.80}")
        betas = tuple(fraction("betas", beta) for beta in self.betas)
        object.__setattr__(self, "betas", betas)  # the way to assign in a frozen dataclass
        finite_number("epsilon", self.epsilon, minimum=0.0)
        finite_number("weight_decay", self.weight_decay, minimum=0.0)

    def init(self, parameters: Arrays) -> State:
        """Return means of 0, and the count of steps."""
        means = {"mean": zeros_like(parameters), "square": zeros_like(parameters)}
        return {"step": np.float64(0.0), **means}

    def update(
        self, gradients: Arrays, state: State, parameters: Arrays, rate: Any
    ) -> tuple[list[Any], State]:
        """Return the mean gradient over its root mean square, times the rate; and the state."""
        return self._update(decayed(gradients, parameters, self.weight_decay), state, rate)

    def _update(self, slopes: Arrays, state: State, rate: Any) -> tuple[list[Any], State]:
        first, second = self.betas
        step = state["step"] + 1.0
        means = mixed(state["mean"], slopes, first)
        squares = mixed(state["square"], [g * g for g in slopes], second)
        # In float64 whatever the type of the parameters: 1 - 0.999**t loses four digits at first.
        size, root = 1.0 / (1.0 - first**step), 1.0 / sqrt(1.0 - second**step)
        moves = [
            astype(rate * size, m.dtype) * m / (sqrt(s) * astype(root, s.dtype) + self.epsilon)
            for m, s in pairs(means, squares)
        ]
        return moves, {"step": step, "mean": means, "square": squares}


@dataclass(frozen=True, kw_only=True)
class AdamW(Adam):
    r"""Adam, and by itself $w \leftarrow w - \eta \lambda w$: weight decay that is not scaled.

    Parameters
    ----------
    betas, epsilon
        As for ``Adam``.
    weight_decay : float
        $\lambda$.

    References
    ----------
    Loshchilov and Hutter, "Decoupled weight decay regularization", 2019, algorithm 2.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> adam = tg.optimizers.AdamW(weight_decay=0.5)
    >>> adam.update([np.zeros(1)], adam.init([np.ones(1)]), [np.ones(1)], 0.1)[0]
    [array([0.05])]
    """

    weight_decay: float = 0.01

    def update(
        self, gradients: Arrays, state: State, parameters: Arrays, rate: Any
    ) -> tuple[list[Any], State]:
        """Return the moves of Adam and those of the decay, and the state of Adam."""
        moves, after = self._update(gradients, state, rate)
        decay = scaled(self.weight_decay * rate, parameters)
        return [move + shrink for move, shrink in pairs(moves, decay)], after
