"""What a training minimises, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from tinygrad_mlp._support.arguments import finite_number
from tinygrad_mlp.nn.objectives import Objective

if TYPE_CHECKING:
    from tinygrad_mlp.nn.optimizers.optimizer import Optimizer

Rate = float | Callable[[int], float]


class Recipe(NamedTuple):
    """What a training minimises, and how; a later training goes on with it where it says nothing.

    Parameters
    ----------
    objective : Objective
        What is minimised.
    optimizer : Optimizer or None
        How gradients become moves; None is plain descent.
    rate : float or function of the number of a step
        The learning rate.
    """

    objective: Objective
    optimizer: Optimizer | None
    rate: Rate

    def rate_of(self, step: int) -> float:
        """Return the learning rate of a step."""
        if not callable(self.rate):
            return self.rate
        return finite_number(f"learning_rate({step})", self.rate(step), minimum=0.0)


def recipe_of(
    before: Recipe | None, loss: Any, ignore_index: int | None, optimizer: Any, learning_rate: Any
) -> Recipe:
    """Return the recipe that the arguments of ``fit`` mean, what is None as before."""
    from tinygrad_mlp.nn.schedules import schedule_of  # here, as optimizers are

    objective = Objective() if before is None else before.objective
    if loss is not None or ignore_index is not None:
        objective = Objective(objective.loss if loss is None else loss, ignore_index)
    kept = None if before is None else before.optimizer
    chosen = kept if optimizer is None else _own(optimizer)
    rate: Any = learning_rate
    if rate is None and before is not None and chosen == kept:
        rate = before.rate
    if rate is None and chosen is not None:
        rate = chosen.learning_rate
    if rate is None:
        raise TypeError("fit: learning_rate is missing; give it, such as learning_rate=0.1")
    schedule_of("learning_rate", rate)
    return Recipe(objective, chosen, rate if callable(rate) else float(rate))


def _own(optimizer: Any) -> Optimizer | None:
    """Return an optimizer; None for plain descent, which needs none."""
    from tinygrad_mlp.nn.optimizers import SGD
    from tinygrad_mlp.nn.optimizers.optimizer import checked

    return None if checked(optimizer) == SGD() else optimizer
