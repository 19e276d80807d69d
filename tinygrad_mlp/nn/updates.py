"""Running the update of an optimizer, which may be a user's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tinygrad_mlp._support.structures import leaves, rebuild
from tinygrad_mlp.errors import ShapeError

if TYPE_CHECKING:
    from tinygrad_mlp.nn.optimizers.optimizer import Optimizer, State

Arrays = Sequence[Any]


def begun(optimizer: Optimizer, parameters: Arrays) -> State:
    """Return the state before the first step, with NumPy's numbers for those of Python.

    >>> import tinygrad_mlp as tg
    >>> class Counting(tg.optimizers.Optimizer):
    ...     def init(self, parameters):
    ...         return {"step": 0}
    >>> begun(Counting(), [])
    {'step': np.float64(0.0)}
    """
    state = optimizer.init(parameters)
    if not isinstance(state, Mapping):
        raise TypeError(f"{_kind(optimizer)}.init must return a dict, got {state!r:.80}")
    numbers = (np.float64(x) if isinstance(x, int | float) else x for x in leaves(state))
    return cast("State", rebuild(state, numbers))


def updated(
    optimizer: Optimizer, gradients: Arrays, state: State, parameters: Arrays, rate: Any
) -> tuple[list[Any], State]:
    """Return what ``update`` gives for arrays, or raise TypeError for what is no update.

    It is handed views that cannot be written to: it runs as a program too, where nothing is
    changed in place.
    """
    name = f"{_kind(optimizer)}.update"
    before = rebuild(state, map(_read_only, leaves(state)))
    given = [_read_only(g) for g in gradients], before, [_read_only(p) for p in parameters]
    try:
        answer = optimizer.update(*given, rate)
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise TypeError(
            f"{name} must not change what it is given; make new arrays, v = 0.9 * v + g instead of "
            "v *= 0.9"
        ) from error
    if not (isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], Mapping)):
        raise TypeError(f"{name} must return the list of moves and the next state, a dict")
    moves, after = list(answer[0]), answer[1]
    shapes, wanted = [np.shape(move) for move in moves], [np.shape(p) for p in parameters]
    if shapes != wanted:
        raise ShapeError(f"{name} gave moves of shapes {shapes}, wanted {wanted}")
    if set(after) != set(state):
        raise TypeError(
            f"{name} returned a state with {sorted(after)}, but init one with {sorted(state)}"
        )
    return moves, after


def rehearse(optimizer: Optimizer, gradients: Arrays, state: State, parameters: Arrays) -> None:
    """Raise TypeError if an update is none, or would be wrong as a program, which is made once."""
    given = gradients, state, parameters
    first, again = (leaves([*updated(optimizer, *given, 1.0)]) for _ in range(2))
    if not all(np.array_equal(*pair, equal_nan=True) for pair in zip(first, again, strict=True)):
        raise TypeError(
            f"{_kind(optimizer)}.update gave something else when it was called again with the "
            "same; keep what it remembers in the state, not in self, and draw no random numbers, "
            "or say compiled=False"
        )


def _kind(optimizer: Optimizer) -> str:
    return type(optimizer).__name__


def _read_only(numbers: Any) -> Any:
    if not isinstance(numbers, np.ndarray):
        return numbers
    view = numbers.view()
    view.flags.writeable = False
    return view
