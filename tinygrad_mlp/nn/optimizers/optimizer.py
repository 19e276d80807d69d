"""What an optimizer is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from tinygrad_mlp.ops.shapes import astype

Arrays = Sequence[Any]
State = Mapping[str, Any]


class Optimizer:
    r"""Turns gradients into moves; a subclass says how in ``init`` and ``update``.

    Attributes
    ----------
    learning_rate : float or None
        The published default of the rate; None where there is none.
    elementwise : bool
        Whether several parameters may be handed over as one long array, which is quicker.
    piecewise : bool
        Whether that array may also come in pieces, one after the other, which takes less memory:
        the move of an entry hangs on that entry alone, and in the state everything is a list with
        one array for each parameter, or a scalar.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> class SignDescent(tg.optimizers.Optimizer):
    ...     def update(self, gradients, state, parameters, rate):
    ...         return [rate * np.sign(g) for g in gradients], state
    >>> SignDescent().update([np.array([2.0, -0.5])], {}, [np.zeros(2)], 0.25)
    ([array([ 0.25, -0.25])], {})
    """

    learning_rate: ClassVar[float | None] = None
    elementwise: ClassVar[bool] = False
    piecewise: ClassVar[bool] = False

    def init(self, parameters: Arrays) -> State:
        """Return the state before the first step."""
        return {}

    def update(
        self, gradients: Arrays, state: State, parameters: Arrays, rate: Any
    ) -> tuple[list[Any], State]:
        """Return what to subtract from each parameter, and the next state.

        Parameters
        ----------
        gradients, parameters : sequences of arrays or Values
            Equally many, pairwise of one shape.
        state : dict
            What ``init`` or the last ``update`` gave.
        rate : float, or scalar Value
            The learning rate of this step.
        """
        raise NotImplementedError(f"{type(self).__name__} must define update")


class Rule(Optimizer):
    """An optimizer of this package that applies the rate; it takes its options by name only.

    All of them move each entry by itself.
    """

    elementwise: ClassVar[bool] = True
    piecewise: ClassVar[bool] = True

    def __new__(cls, *rates: Any, **options: Any) -> Self:
        """Refuse a learning rate, which other libraries take here."""
        if rates or not {"lr", "learning_rate"}.isdisjoint(options):
            raise TypeError(
                f"{cls.__name__} takes its options by name, and no learning rate; give that to "
                f"fit(..., optimizer=tg.optimizers.{cls.__name__}(), learning_rate=0.01)"
            )
        return super().__new__(cls)


def checked(optimizer: Any) -> Optimizer:
    """Return an optimizer, or raise TypeError that says how one is written."""
    if not isinstance(optimizer, Optimizer):
        way = f"; write {optimizer.__name__}()" if isinstance(optimizer, type) else ""
        raise TypeError(
            f"optimizer must be one of tg.optimizers, such as tg.optimizers.Adam(), got "
            f"{optimizer!r:.80}{way}"
        )
    return optimizer


# ----- What they share -----


def zeros_like(parameters: Arrays) -> list[Any]:
    """Return an array of zeros for each parameter, of its shape and type."""
    return [np.zeros(p.shape, p.dtype) for p in parameters]


def decayed(gradients: Arrays, parameters: Arrays, weight_decay: float) -> list[Any]:
    """Return the gradients with that of the L2 penalty."""
    if not weight_decay:
        return list(gradients)
    return [g + weight_decay * w for g, w in pairs(gradients, parameters)]


def mixed(old: Arrays, new: Arrays, smoothing: float) -> list[Any]:
    """Return running means: so much of the old ones, the rest of the new ones."""
    return [smoothing * m + (1.0 - smoothing) * x for m, x in pairs(old, new)]


def scaled(rate: Any, moves: Arrays) -> list[Any]:
    """Return moves times the rate, each in its own type."""
    return [astype(rate, move.dtype) * move for move in moves]


def pairs(first: Arrays, second: Arrays) -> Iterator[tuple[Any, Any]]:
    """Yield what stands in the same place of two sequences, which must be equally long."""
    return zip(first, second, strict=True)
