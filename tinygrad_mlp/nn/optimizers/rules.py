"""SGD, and the rules that divide by the size of past gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

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


@dataclass(frozen=True, kw_only=True)
class SGD(Rule):
    r"""Stochastic gradient descent: $w \leftarrow w - \eta v$ with $v \leftarrow \mu v + g$.

    Parameters
    ----------
    momentum : float
        $\mu$, at least 0 and below 1; 0 is plain descent, $v = g$.
    nesterov : bool
        Move by $g + \mu v$ instead of $v$.
    weight_decay : float
        $\lambda$ of the L2 penalty $\frac{\lambda}{2} \lVert w \rVert^2$, which adds $\lambda w$ to
        the gradient.

    References
    ----------
    Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep
    learning", 2013; with the rate outside of $v$, as PyTorch has it.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> heavy = tg.optimizers.SGD(momentum=0.5)
    >>> heavy.update([np.array([1.0])], {"velocity": [np.array([2.0])]}, [np.array([3.0])], 0.1)
    ([array([0.2])], {'velocity': [array([2.])]})
    """

    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        fraction("momentum", self.momentum)
        finite_number("weight_decay", self.weight_decay, minimum=0.0)
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov needs a momentum; give one, such as momentum=0.9")

    def init(self, parameters: Arrays) -> State:
        """Return a velocity of 0 for each parameter, if there is a momentum."""
        return {"velocity": zeros_like(parameters)} if self.momentum else {}

    def update(
        self, gradients: Arrays, state: State, parameters: Arrays, rate: Any
    ) -> tuple[list[Any], State]:
        r"""Return $\eta v$, and the state with $v$."""
        slopes = decayed(gradients, parameters, self.weight_decay)
        if not self.momentum:
            return scaled(rate, slopes), {}
        velocity = [self.momentum * v + g for v, g in pairs(state["velocity"], slopes)]
        ahead = velocity
        if self.nesterov:
            ahead = [g + self.momentum * v for g, v in pairs(slopes, velocity)]
        return scaled(rate, ahead), {"velocity": velocity}


@dataclass(frozen=True, kw_only=True)
class RMSProp(Rule):
    r"""Descent by $\eta g / (\sqrt{s} + \epsilon)$ with $s \leftarrow \alpha s + (1 - \alpha) g^2$.

    Parameters
    ----------
    smoothing : float
        $\alpha$, at least 0 and below 1: how much of the mean square stays.
    epsilon : float
        Added to the root, as in PyTorch (TensorFlow adds it below the root).
    momentum : float
        Of the scaled gradients; 0 is none.
    centered : bool
        Divide by the standard deviation of the gradient: $\sqrt{s - m^2}$ with its mean $m$.
    weight_decay : float
        As for ``SGD``.

    References
    ----------
    Hinton, "Neural Networks for Machine Learning", lecture 6e, 2012; centered: Graves, "Generating
    sequences with recurrent neural networks", 2013.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> rule = tg.optimizers.RMSProp(epsilon=0.0)
    >>> rule.update([np.array([2.0])], rule.init([np.zeros(1)]), [np.zeros(1)], 0.01)[0]
    [array([0.1])]
    """

    learning_rate: ClassVar[float | None] = 0.01
    smoothing: float = 0.99
    epsilon: float = 1e-8
    momentum: float = 0.0
    centered: bool = False
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        fraction("smoothing", self.smoothing)
        fraction("momentum", self.momentum)
        finite_number("epsilon", self.epsilon, minimum=0.0)
        finite_number("weight_decay", self.weight_decay, minimum=0.0)

    def init(self, parameters: Arrays) -> State:
        """Return means of 0, as many as are kept."""
        kept = {"square": True, "mean": self.centered, "velocity": self.momentum > 0}
        return {name: zeros_like(parameters) for name, wanted in kept.items() if wanted}

    def update(
        self, gradients: Arrays, state: State, parameters: Arrays, rate: Any
    ) -> tuple[list[Any], State]:
        """Return the scaled gradients times the rate, and the state with the new means."""
        slopes = decayed(gradients, parameters, self.weight_decay)
        squares = [g * g for g in slopes]
        after = {"square": mixed(state["square"], squares, self.smoothing)}
        spread = after["square"]
        if self.centered:
            after["mean"] = mixed(state["mean"], slopes, self.smoothing)
            spread = [s - m * m for s, m in pairs(spread, after["mean"])]
        moves = [g / (sqrt(s) + self.epsilon) for g, s in pairs(slopes, spread)]
        if self.momentum:
            moves = [self.momentum * v + g for v, g in pairs(state["velocity"], moves)]
            after["velocity"] = moves
        return scaled(rate, moves), after


@dataclass(frozen=True, kw_only=True)
class Adagrad(Rule):
    r"""Descent by $\eta g / (\sqrt{s} + \epsilon)$ with the sum $s$ of all $g^2$ so far.

    Parameters
    ----------
    initial : float
        What $s$ begins with.
    epsilon : float
        Keeps the quotient bounded where gradients are tiny.
    weight_decay : float
        As for ``SGD``.

    References
    ----------
    Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic
    optimization", 2011.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> rule = tg.optimizers.Adagrad(epsilon=0.0)
    >>> rule.update([np.array([2.0])], rule.init([np.zeros(1)]), [np.zeros(1)], 0.01)[0]
    [array([0.01])]
    """

    learning_rate: ClassVar[float | None] = 0.01
    initial: float = 0.0
    epsilon: float = 1e-10
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        for name in ("initial", "epsilon", "weight_decay"):
            finite_number(name, getattr(self, name), minimum=0.0)

    def init(self, parameters: Arrays) -> State:
        """Return sums that begin with ``initial``."""
        return {"square": [zero + self.initial for zero in zeros_like(parameters)]}

    def update(
        self, gradients: Arrays, state: State, parameters: Arrays, rate: Any
    ) -> tuple[list[Any], State]:
        """Return the scaled gradients times the rate, and the state with the new sums."""
        slopes = decayed(gradients, parameters, self.weight_decay)
        sums = [s + g * g for s, g in pairs(state["square"], slopes)]
        moves = [g / (sqrt(s) + self.epsilon) for g, s in pairs(slopes, sums)]
        return scaled(rate, moves), {"square": sums}
