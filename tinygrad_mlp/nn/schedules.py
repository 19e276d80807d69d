"""Schedules: the learning rate of each step, for ``fit(..., learning_rate=schedule)``.

A schedule is called with the number of steps that were made before, and returns the rate of the
next; so any function from an int to a float is one too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tinygrad_mlp._support.arguments import finite_number, fraction, positive, whole_number


class Schedule:
    """A function from the number of a step, from 0 on, to its learning rate."""

    def __call__(self, step: int) -> float:
        """Return the rate of a step."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(self, step)")


@dataclass(frozen=True)
class Constant(Schedule):
    """The same rate for ever.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.schedules.Constant(0.1)(7)
    0.1
    """

    rate: float

    def __post_init__(self) -> None:
        finite_number("rate", self.rate, minimum=0.0)

    def __call__(self, step: int) -> float:
        """Return the rate."""
        return float(self.rate)


@dataclass(frozen=True)
class StepDecay(Schedule):
    r"""Multiply the rate by a factor every so many steps: $\eta \gamma^{\lfloor t / n \rfloor}$.

    Parameters
    ----------
    rate : float
        $\eta$, that of the first step.
    every : int
        $n$, in steps.
    factor : float
        $\gamma$.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> schedule = tg.schedules.StepDecay(1.0, every=10, factor=0.5)
    >>> [schedule(step) for step in (0, 9, 10, 25)]
    [1.0, 1.0, 0.5, 0.25]
    """

    rate: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        finite_number("rate", self.rate, minimum=0.0)
        whole_number("every", self.every)
        positive("factor", self.factor)

    def __call__(self, step: int) -> float:
        """Return the decayed rate."""
        return float(self.rate * self.factor ** (step // self.every))


@dataclass(frozen=True)
class CosineDecay(Schedule):
    r"""Half a wave down: $\eta_1 + \frac{1}{2}(\eta_0 - \eta_1)(1 + \cos(\pi t / T))$.

    Parameters
    ----------
    rate, final : float
        $\eta_0$ of the first step and $\eta_1$ of the last.
    steps : int
        $T$, how many steps the way down takes; then $\eta_1$ stays.

    References
    ----------
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, equation 5.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> schedule = tg.schedules.CosineDecay(1.0, steps=100)
    >>> [round(schedule(step), 6) for step in (0, 50, 100, 200)]
    [1.0, 0.5, 0.0, 0.0]
    """

    rate: float
    steps: int
    final: float = 0.0

    def __post_init__(self) -> None:
        finite_number("rate", self.rate, minimum=0.0)
        whole_number("steps", self.steps)
        finite_number("final", self.final, minimum=0.0)

    def __call__(self, step: int) -> float:
        """Return the rate on the way down."""
        return _along_a_cosine(self.rate, self.final, min(step / self.steps, 1.0))


@dataclass(frozen=True)
class Warmup(Schedule):
    """Grow evenly up to the first rate of another schedule, and go on with that.

    Parameters
    ----------
    steps : int
        The first of them has a share of 1 / steps of the rate, the last all of it.
    then : float, or function of a step
        What follows; its steps begin at 0 after the warm-up.

    References
    ----------
    Goyal et al., "Accurate, large minibatch SGD", 2017, section 2.2.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> schedule = tg.schedules.Warmup(4, then=tg.schedules.StepDecay(1.0, every=2, factor=0.5))
    >>> [schedule(step) for step in range(8)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 0.5, 0.5]
    """

    steps: int
    then: float | Callable[[int], float]

    def __post_init__(self) -> None:
        whole_number("steps", self.steps)
        schedule_of("then", self.then)

    def __call__(self, step: int) -> float:
        """Return the share of the rate, or what follows."""
        then = schedule_of("then", self.then)
        if step >= self.steps:
            return then(step - self.steps)
        return then(0) * ((step + 1) / self.steps)


@dataclass(frozen=True)
class OneCycle(Schedule):
    r"""Up to a peak along half a cosine, and down to almost nothing along another.

    Parameters
    ----------
    peak : float
        The highest rate.
    steps : int
        All of them, at least 2; the last rate stays.
    rising : float
        The share of the steps on the way up, above 0 and below 1.
    start, end : float
        The first rate is the peak divided by ``start``, the last the first divided by ``end``.

    References
    ----------
    Smith and Topin, "Super-convergence: very fast training of neural networks using large learning
    rates", 2018; in two phases, as PyTorch has it.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> schedule = tg.schedules.OneCycle(1.0, steps=11, rising=0.5, start=4.0, end=100.0)
    >>> [round(schedule(step), 4) for step in (0, 10)], max(map(schedule, range(11))) < 1.0
    ([0.25, 0.0025], True)
    """

    peak: float
    steps: int
    rising: float = 0.3
    start: float = 25.0
    end: float = 1e4

    def __post_init__(self) -> None:
        finite_number("peak", self.peak, minimum=0.0)
        whole_number("steps", self.steps, minimum=2)
        positive("rising", fraction("rising", self.rising))
        positive("start", self.start)
        positive("end", self.end)

    def __call__(self, step: int) -> float:
        """Return the rate on the way up or down."""
        first = self.peak / self.start
        summit, last = self.rising * self.steps - 1, self.steps - 1
        if step <= summit:
            return _along_a_cosine(first, self.peak, step / summit if summit else 1.0)
        way = min((step - summit) / (last - summit), 1.0)
        return _along_a_cosine(self.peak, first / self.end, way)


def schedule_of(name: str, rate: Any) -> Callable[[int], float]:
    """Return a rate as a schedule: a number is one that stays.

    Raises
    ------
    TypeError, ValueError
        If it is neither a number, at least 0, nor a function.

    Examples
    --------
    >>> schedule_of("learning_rate", 0.5)
    Constant(rate=0.5)
    """
    if isinstance(rate, type):
        raise TypeError(f"{name} must be a number or a schedule, got the class {rate.__name__}")
    return rate if callable(rate) else Constant(finite_number(name, rate, minimum=0.0))


def _along_a_cosine(start: float, end: float, way: float) -> float:
    return end + 0.5 * (start - end) * (1.0 + math.cos(math.pi * way))
