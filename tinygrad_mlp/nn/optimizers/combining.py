"""Optimizers made of several: what is done to the gradients before the last one moves by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from tinygrad_mlp._support.arguments import positive
from tinygrad_mlp.nn.optimizers.optimizer import Arrays, Optimizer, State, checked
from tinygrad_mlp.ops.elementwise import sqrt
from tinygrad_mlp.ops.reductions import sum  # noqa: A004  NumPy's name
from tinygrad_mlp.ops.selections import clip, minimum
from tinygrad_mlp.ops.shapes import astype


@dataclass(frozen=True)
class ClipByValue(Optimizer):
    r"""Limit every entry of the gradients to the interval from $-c$ to $c$, for ``chain``.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> tg.optimizers.ClipByValue(1.0).update([np.array([-3.0, 0.5])], {}, [np.zeros(2)], 0.1)[0]
    [array([-1. ,  0.5])]
    """

    elementwise: ClassVar[bool] = True
    piecewise: ClassVar[bool] = True
    limit: float

    def __post_init__(self) -> None:
        positive("limit", self.limit)

    def update(
        self, gradients: Arrays, state: State, parameters: Arrays, rate: Any
    ) -> tuple[list[Any], State]:
        """Return the clipped gradients."""
        return [clip(g, -self.limit, self.limit) for g in gradients], {}


@dataclass(frozen=True)
class ClipByNorm(Optimizer):
    r"""Shorten the gradients, all together, where their norm is above $c$, for ``chain``.

    They are multiplied by $\min(1, c / (\lVert g \rVert + 10^{-6}))$, as PyTorch does.

    References
    ----------
    Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> tg.optimizers.ClipByNorm(1.0).update([np.array([3.0]), np.array([4.0])], {}, [], 0.1)[0]
    [array([0.59999988]), array([0.79999984])]
    """

    elementwise: ClassVar[bool] = True
    limit: float

    def __post_init__(self) -> None:
        positive("limit", self.limit)

    def update(
        self, gradients: Arrays, state: State, parameters: Arrays, rate: Any
    ) -> tuple[list[Any], State]:
        """Return the shortened gradients."""
        total: Any = 0.0
        for g in gradients:
            total = total + sum(g * g)
        factor = minimum(1.0, self.limit / (sqrt(total) + 1e-6))
        return [g * astype(factor, g.dtype) for g in gradients], {}


@dataclass(frozen=True)
class Chain(Optimizer):
    """One after the other: the moves of each are the gradients of the next.

    Parameters
    ----------
    *parts : Optimizer
        The last one applies the learning rate, such as ``Adam``.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> tg.optimizers.chain(tg.optimizers.ClipByNorm(1.0), tg.optimizers.Adam())
    Chain(parts=(ClipByNorm(limit=1.0), Adam(betas=(0.9, 0.999), epsilon=1e-08, weight_decay=0.0)))
    """

    parts: tuple[Optimizer, ...]

    @property
    def learning_rate(self) -> float | None:  # type: ignore[override]  # that of an instance here
        """The published default of the last part."""
        return self.parts[-1].learning_rate

    @property
    def elementwise(self) -> bool:  # type: ignore[override]  # the same
        """Whether all parts are."""
        return all(part.elementwise for part in self.parts)

    @property
    def piecewise(self) -> bool:  # type: ignore[override]  # the same
        """Whether all parts are."""
        return all(part.piecewise for part in self.parts)

    def init(self, parameters: Arrays) -> State:
        """Return the states of all parts, numbered."""
        return self.joined([part.init(parameters) for part in self.parts])

    def update(
        self, gradients: Arrays, state: State, parameters: Arrays, rate: Any
    ) -> tuple[list[Any], State]:
        """Return the moves of the last part, and the states of all."""
        moves, after = list(gradients), []
        for part, own in zip(self.parts, self.split(state), strict=True):
            moves, own_after = part.update(moves, own, parameters, rate)
            after.append(own_after)
        return moves, self.joined(after)

    def split(self, state: State) -> list[State]:
        """Return the states of the parts, of which one for all was made."""
        starts = [f"{place}." for place in range(len(self.parts))]
        return [
            {name.removeprefix(start): x for name, x in state.items() if name.startswith(start)}
            for start in starts
        ]

    def joined(self, states: Sequence[State]) -> State:
        """Return one state for all parts, with names that are numbered by them."""
        return {
            f"{place}.{name}": entry
            for place, own in enumerate(states)
            for name, entry in own.items()
        }


def chain(*parts: Optimizer) -> Chain:
    """Return the optimizer that lets each part change what the one before gave.

    Raises
    ------
    TypeError
        If there is no part, or one that is no Optimizer.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> clipped = tg.optimizers.chain(tg.optimizers.ClipByValue(1.0), tg.optimizers.SGD())
    >>> clipped.update([np.array([5.0])], clipped.init([np.zeros(1)]), [np.zeros(1)], 0.5)
    ([array([0.5])], {})
    """
    if not parts:
        raise TypeError("chain: give optimizers, such as chain(ClipByNorm(1.0), Adam())")
    for part in parts:
        checked(part)
    return Chain(parts)
