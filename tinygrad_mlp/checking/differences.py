"""Slopes of a function by differences, each with an estimate of how wrong it may be."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp.checking import floats
from tinygrad_mlp.checking.texts import Function, name_of
from tinygrad_mlp.core.backward import grad, history
from tinygrad_mlp.core.context import differentiating
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.core.value import Value, leaf_of
from tinygrad_mlp.kernels import Array

_TYPES: list[Any] = [np.longdouble, np.float64, np.float32, np.float16, np.float16]
_NARROWER = dict(zip(_TYPES, _TYPES[1:], strict=False))

# Steps, as fractions of the numbers that move: none crosses 0, where many functions have a kink.
# The first is good for most functions; the search goes to smaller ones where the function bends
# too much, and to larger ones where rounding hides its slope.
_STEPS = [2.0**power for power in (-52, -46, -40, -34, -28, -22, -16, -10, -4, -1)]
_FIRST_STEP = 7

SAMPLES = 4  # of rounding, for by chance a single one may be small
SAFETY = 10  # uncertainties are estimates, so some of them are no contradiction yet


class Recording:
    """One call of a function: its leaves, its output, and the numbers on the way."""

    def __init__(self, f: Function, data: Sequence[Array]) -> None:
        # Each call has arrays of its own, because a graph locks those that it has used.
        arguments = [
            x if x.dtype.kind == "b" else leaf_of(x.copy() if x.flags.writeable else x)
            for x in data
        ]
        self.leaves = [x for x in arguments if isinstance(x, Value)]
        with differentiating(self.leaves):
            self.output = f(*arguments)
        if not isinstance(self.output, Value):
            raise TypeError(
                f"gradcheck: {name_of(f)} must return a Value, got {type(self.output).__name__}; "
                "if it takes .data of its arguments, the graph is lost"
            )

    @cached_property
    def nodes(self) -> list[Value]:
        """All values from the leaves to the output."""
        first = self.leaves[0].number
        return [node for node in history(self.output) if node.number >= first]

    @cached_property
    def precision(self) -> float:
        """The relative precision of the least precise type among them."""
        return max(floats.precision_of(node.dtype) for node in (self.output, *self.nodes))

    def rounding(self, upstream: Array) -> float:
        """Return how much the rounding of all these values may change the weighted outputs."""
        shares = grad(self.output, self.nodes, upstream)
        sizes = [np.abs(g * x.numpy()) for g, x in zip(shares, self.nodes, strict=True)]
        finite = [float(np.sum(np.where(np.isfinite(size), size, 0.0))) for size in sizes]
        return self.precision * sum(finite)


class Slope(NamedTuple):
    """The slope along a way, and by how much it may be wrong."""

    value: float
    uncertainty: float


class Differences:
    """Slopes of the sum of a function's outputs, each weighted with ``upstream``."""

    def __init__(
        self, f: Function, data: Sequence[Array], upstream: Array, draw: Callable[..., Array]
    ) -> None:
        self.f = f
        self.upstream = upstream
        self.data, self.center = self._widest(data)
        self.output = self.center.output.numpy()
        self.gradients = [grad(self.center.output, x, upstream) for x in self.center.leaves]
        self.rounding = self._measured_rounding(draw)

    def _widest(self, data: Sequence[Array]) -> tuple[list[Array], Recording]:
        """Return the arguments in the widest type in which ``f`` can be called, and the call."""
        for kind in floats.WIDE_TYPES:
            wide = [x if x.dtype.kind == "b" else x.astype(np.result_type(x, kind)) for x in data]
            try:
                recording = Recording(self.f, wide)
                grad(recording.output, recording.leaves, self.upstream)
            except Exception:  # noqa: BLE001, S112  it may insist on the type that it was given
                continue
            return wide, recording
        return list(data), Recording(self.f, data)

    def _measured_rounding(self, draw: Callable[..., Array]) -> Array:
        """Return how much rounding changes each output, seen by computing in a narrower type."""
        output, precision = self.output, self.center.precision
        rounding = precision * np.abs(output)
        unresolved = np.zeros_like(output, dtype=bool)
        for _ in range(SAMPLES):
            narrow = [
                x
                if x.dtype.kind == "b"
                else (x + x * draw(x.shape) * 2.0**-12).astype(_NARROWER[x.dtype.type])[()]
                for x in self.data
            ]
            wide = [near.astype(x.dtype) for near, x in zip(narrow, self.data, strict=True)]
            try:
                rough, exact = Recording(self.f, narrow), Recording(self.f, wide)
                change = np.abs(rough.output.numpy() - exact.output.numpy())
            except Exception:  # noqa: BLE001, S112  it may insist on the type that it was given
                continue
            change = np.where(np.isfinite(change), change, 0.0)
            unresolved = unresolved | (change > 0.01 * np.abs(output))
            rounding = np.maximum(rounding, change * (precision / rough.precision))
        # What a narrower type cannot resolve may be the rest of a cancellation, as in log(1 + x).
        return np.where(unresolved, np.maximum(rounding, precision), rounding)[()]

    def at(self, place: int, move: Array) -> Array:
        """Return the output with one argument moved; nan where the function cannot be called."""
        data = [x + move if i == place else x for i, x in enumerate(self.data)]
        try:
            output = Recording(self.f, data).output.numpy()
        except Exception:  # noqa: BLE001  outside its domain a function may raise what it likes
            return np.full_like(self.output, np.nan)
        return output if output.shape == self.output.shape else np.full_like(self.output, np.nan)

    def slope(self, place: int, way: Array, precise: float) -> Slope:
        """Return the slope along a way, searching for a step until it is ``precise`` enough.

        Where the slopes by two steps contradict each other, the smaller step is right: the larger
        one met a kink, or the end of the domain.
        """
        # Only outputs that depend on the moved elements count; they become nan with them.
        depends = np.isnan(self.at(place, np.where(way == 0, 0.0, np.nan)))
        upstream = np.where(depends, self.upstream, 0.0)[()]
        rounding = float(np.sum(np.abs(upstream) * self.rounding))
        rounding += self.center.rounding(upstream)
        best = Slope(math.nan, math.inf)
        was_rounded = False
        for _, (slope, rounded) in sorted(self._searched(place, way, rounding, precise).items()):
            room = SAFETY * (best.uncertainty + slope.uncertainty)
            if math.isfinite(best.value) and not abs(slope.value - best.value) <= room:
                break
            if slope.uncertainty < best.uncertainty:
                best = slope
            if was_rounded and not rounded:
                break  # from here on the function bends, and larger steps agree by chance only
            was_rounded = rounded
        if best.value == 0:  # it may be log(1 + 1e-30 * x), which rounding keeps at 0
            smallest = self.center.precision * float(np.sum(np.abs(upstream)))
            return Slope(0.0, best.uncertainty + smallest)
        exact = self._complex_slope(place, way)
        if abs(exact - best.value) <= SAFETY * best.uncertainty <= 1e-6 * abs(best.value):
            return Slope(exact, min(best.uncertainty, rounding))
        return best

    def _searched(
        self, place: int, way: Array, rounding: float, precise: float
    ) -> dict[int, tuple[Slope, bool]]:
        """Return the slopes by the steps that were tried, and whether rounding disturbs them."""
        found: dict[int, tuple[Slope, bool]] = {}
        found[_FIRST_STEP] = self._extrapolated(place, way, _STEPS[_FIRST_STEP], rounding)
        last, was_rounded = found[_FIRST_STEP]
        larger = was_rounded
        for i in range(_FIRST_STEP + 1, len(_STEPS)) if larger else reversed(range(_FIRST_STEP)):
            if last.uncertainty <= precise * abs(last.value):
                break
            found[i] = last, rounded = self._extrapolated(place, way, _STEPS[i], rounding)
            # Steps across many waves may agree by chance, but not also the next smaller ones.
            if (larger and not rounded) or (not larger and rounded and was_rounded):
                break
            was_rounded = rounded
        return found

    def _extrapolated(
        self, place: int, way: Array, step: float, rounding: float
    ) -> tuple[Slope, bool]:
        """Return the slope by differences of three steps, extrapolated to no step.

        Also whether it is uncertain by rounding more than by the bends of the function.
        """
        slopes, bends = [], []
        for h in (step, step / 2, step / 4):
            ahead, behind = self.at(place, h * way), self.at(place, -h * way)
            slopes.append(np.sum(self.upstream * (ahead - behind)) / (2 * h))
            bends.append(np.sum(self.upstream * (ahead - self.output + (behind - self.output))))
        first, second = (4 * slopes[1] - slopes[0]) / 3, (4 * slopes[2] - slopes[1]) / 3
        noise = rounding / (step / 4)  # as for the smallest of the three
        # Both sides may be alike because each is far from here, beyond a narrow hill.
        if abs(bends[0] - 4 * bends[1]) > 1.5 * abs(bends[0]) + SAFETY * noise * step:
            return Slope(float(second), math.inf), False
        bend = float(abs(second - first))
        return Slope(float((16 * second - first) / 15), bend + noise), bend <= SAFETY * noise

    def _complex_slope(self, place: int, way: Array) -> float:
        """Return the slope by a tiny imaginary step, which no rounding disturbs; nan if impossible.

        It is right for analytic formulas only, so the caller compares it with the differences.
        """
        op, options = (self.f.func, self.f.keywords) if type(self.f) is partial else (self.f, {})
        if type(op) is not Op:
            return math.nan
        step = 2.0**-100
        data = [x + 1j * step * way if i == place else x for i, x in enumerate(self.data)]
        options = {**op.options, **options}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # NumPy warns when it drops the imaginary part
                options = op.prepare(*self.data, **options) if op.prepare else options
                slopes = np.imag(op.compute(*data, **options)) / step
        except Exception:  # noqa: BLE001  not every formula takes complex numbers
            return math.nan
        return float(np.sum(self.upstream * slopes))
