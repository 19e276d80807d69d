"""Questions to a hand-written backward pass: random upstream gradients and nearby arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp.checking.doctor.runs import Run
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.kernels import Array

if TYPE_CHECKING:
    from inspect import Signature

#: How a function says that it is not defined for some arguments.
REFUSALS = (ValueError, ArithmeticError, IndexError, AssertionError)

#: One for each argument; None is not computed.
Gradients = Sequence[Array | None]


class Probe(NamedTuple):
    """One question, the answer that came, and the answer that is right."""

    number: int
    args: Sequence[Array]
    run: Run
    upstream: Array
    got: Gradients
    wanted: Sequence[Array]
    rounding: Sequence[float]  # below this a gradient by an argument is nothing but rounding
    moved: bool  # the arguments are not those that were given

    def close(self, place: int, one: Array | None, other: Array | None) -> bool:
        """Tell whether two gradients by an argument agree to half of their digits."""
        if one is None or other is None or one.shape != other.shape:
            return False
        half = np.sqrt(max(np.finfo(one.dtype).eps, np.finfo(other.dtype).eps))
        tolerance = half * largest(other) + self.rounding[place]
        error = np.max(np.abs(one - other), initial=0.0)
        if np.isfinite(error):
            return bool(error <= tolerance)
        return np.allclose(one, other, half, tolerance, equal_nan=True)

    def right(self, place: int) -> bool:
        """Tell whether the answer for an argument is right."""
        return self.close(place, self.got[place], self.wanted[place])


class Patient:
    """A function and its hand-written backward pass."""

    def __init__(
        self,
        forward: Callable[..., Any],
        my_backward: Callable[..., Any],
        names: Sequence[str],
        args: Sequence[Array],
        *,
        for_ones: bool = False,
    ) -> None:
        self.forward, self.my_backward, self.names = forward, my_backward, names
        self.args = args
        self.for_ones = for_ones  # ask for nothing but the gradient of the sum of the output
        self.run = Run(forward, names, args)
        self.takes_upstream = _takes_upstream(my_backward, self.run)

    def probes(self, source: Any) -> list[Probe]:
        """Ask twice at the arguments given, and twice at arguments near them."""
        here = [self._probe(number, self.run, self.args, source) for number in (0, 1)]
        return [*here, *(self._nearby(number, source) for number in (2, 3))]

    def probe_for_ones(self) -> Probe:
        """Ask once more at the arguments given, for an upstream gradient of ones."""
        upstream = np.ones_like(self.run.end.numpy())[()]
        return self._asked(0, self.run, self.args, upstream)

    def ask(self, upstream: Array, args: Sequence[Array]) -> Gradients:
        """Return copies of the answers, as arrays."""
        given = [upstream, *args] if self.takes_upstream else args
        answer = self.my_backward(*(np.array(x)[()] for x in given))
        count = len(self.names)
        several = isinstance(answer, tuple | list)
        if count == 1 and not (several and len(answer) == 1 and _is_packed(answer, args[0])):
            answer = [answer]
        elif not several or len(answer) != count:
            what = f"{len(answer)} gradients" if several else f"one {type(answer).__name__}"
            raise ValueError(
                f"my_backward returned {what}, wanted a tuple of {count}, one for each of "
                f"{', '.join(self.names)} (None for one that is not computed)"
            )
        return [_as_array(x, name) for x, name in zip(answer, self.names, strict=True)]

    def _probe(self, number: int, run: Run, args: Sequence[Array], source: Any) -> Probe:
        like = run.end.numpy()
        upstream = np.ones_like(like)[()]
        if (
            self.takes_upstream and not self.for_ones
        ):  # from -1.5 to -1 and from 0.5 to 1: neither 0 nor all of one sign
            drawn = source.random(like.shape)
            upstream = np.where(drawn < 0.5, drawn - 1.5, drawn).astype(like.dtype)[()]
        return self._asked(number, run, args, upstream)

    def _asked(self, number: int, run: Run, args: Sequence[Array], upstream: Array) -> Probe:
        like = run.end.numpy()
        got, wanted = self.ask(upstream, args), run.gradients(upstream)
        # Where a gradient cancels to nothing, only the rounding of what cancelled is left.
        size = 32.0 * np.finfo(like.dtype).eps * largest(upstream) * max(1.0, largest(like))
        rounding = [size / max(1.0, largest(x)) for x in args]
        return Probe(number, args, run, upstream, got, wanted, rounding, run is not self.run)

    def _nearby(self, number: int, source: Any) -> Probe:
        """Ask at other arguments; or at the same again, where others are impossible."""
        args = [moved(x, source) for x in self.args]
        try:
            with np.errstate(all="ignore"):
                run = Run(self.forward, self.names, args)
                probe = self._probe(number, run, args, source)
        except REFUSALS:
            return self._probe(number, self.run, self.args, source)
        if run.same_steps_as(self.run) and all(np.isfinite(x).all() for x in probe.wanted):
            return probe
        return self._probe(number, self.run, self.args, source)


def moved(x: Array, source: Any) -> Array:
    """Return numbers near ``x`` for which a function of it can be expected to be defined too.

    Each number shrinks by up to 30 %, and zeros grow: this stays inside of intervals around 0 or
    from 0.  Tables of zeros and ones, and rows of probabilities, stay as they are.

    >>> moved(np.array([[0.0, 1.0], [1.0, 0.0]]), np.random.default_rng(0))
    array([[0., 1.],
           [1., 0.]])
    >>> moved(np.array([1.0, -10.0]), np.random.default_rng(0)).round(2)
    array([ 0.81, -9.19])
    """
    if x.size > 1 and np.isin(x, (0.0, 1.0)).all() and np.ptp(x) > 0:
        return x
    if x.ndim and x.shape[-1] > 1 and (x >= 0).all() and np.allclose(np.sum(x, axis=-1), 1.0):
        return x
    step = 0.3 * source.random(x.shape)
    return np.where(x == 0, step, x * (1.0 - step)).astype(x.dtype)[()]


def largest(x: Any) -> float:
    """Return the largest absolute value of the finite elements; 0 if there are none.

    >>> largest(np.array([1.0, -3.0, np.inf]))
    3.0
    """
    return float(np.max(np.abs(x), initial=0.0, where=np.isfinite(x)))


def _takes_upstream(my_backward: Callable[..., Any], run: Run) -> bool:
    """Tell whether a backward pass wants the upstream gradient, from its signature."""
    from inspect import signature

    try:
        parameters = signature(my_backward)
    except ValueError:
        return True
    count = len(run.leaves)
    endless = any(p.kind is p.VAR_POSITIONAL for p in parameters.parameters.values())
    without = not endless and run.end.size == 1 and _binds(parameters, count)
    with_upstream = _binds(parameters, count + 1)
    if without == with_upstream:
        raise TypeError(
            f"my_backward{parameters} must take the gradient by the output, of shape "
            f"{run.end.shape}, and then the {count} argument{'s' * (count > 1)} of forward"
            + ("; or the latter only, but not either way" if run.end.size == 1 else "")
        )
    return with_upstream


def _binds(parameters: Signature, count: int) -> bool:
    """Tell whether a function can be called with so many positional arguments."""
    try:
        parameters.bind(*range(count))
    except TypeError:
        return False
    return True


def _is_packed(answer: Sequence[Any], argument: Array) -> bool:
    """Tell whether a list of one thing is a list of gradients, not itself a gradient."""
    return answer[0] is None or np.shape(answer) != argument.shape


def _as_array(answer: Any, name: str) -> Array | None:
    if answer is None:
        return None
    numbers = answer.data if isinstance(answer, Value) else answer
    return as_numbers(numbers, f"my_backward: the gradient by {name}", copy=True)
