"""The rules of a function against differences, along ways that are drawn at random."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp.checking.differences import SAFETY, Differences, Slope
from tinygrad_mlp.checking.texts import ratio_hint
from tinygrad_mlp.kernels import Array

_FEW = 16  # so many elements are looked at one by one


class Settings(NamedTuple):
    """What all checks of one call share."""

    name: str
    rtol: float | None
    atol: float
    source: Any

    def tolerance(self, precision: float) -> float:
        """Return the allowed relative error of what is computed with some precision."""
        return math.sqrt(precision) if self.rtol is None else self.rtol

    def drawn(self, shape: tuple[int, ...]) -> Array:
        """Draw numbers of both signs, none near 0, so that no element goes unseen.

        They have few digits, so that moving an argument by them is exact.
        """
        draw = self.source.random
        sizes = np.floor(128 + 129 * np.asarray(draw(shape))) / 256
        return np.where(np.asarray(draw(shape)) < 0.5, -sizes, sizes)


#: An element that contradicts the differences: index, got, wanted, how uncertain that is, a hint.
Wrong = tuple[tuple[int, ...], float, float, float, str]


class _Verdict(NamedTuple):
    """What the rules and the differences say of the slope along one way."""

    wrong: bool
    error: float
    got: float
    slope: Slope


class Comparison:
    """The gradient by one argument, as the rules give it, against differences."""

    def __init__(
        self, differences: Differences, place: int, gradient: Array, settings: Settings
    ) -> None:
        self.differences = differences
        self.place = place
        self.gradient = gradient
        self.settings = settings
        self.x = differences.data[place]

    def worst(self) -> Wrong | None:
        """Return the worst element, or None if the slopes along some random ways agree."""
        for elements in _groups(self.x):
            if self._verdict(elements).wrong:
                wrong = self._worst_of(elements)
                if wrong is not None:
                    return wrong
        return None

    def _verdict(self, elements: Array) -> _Verdict:
        """Compare the rules with differences along a way through some elements."""
        way = self._way(elements)
        products = np.ravel(self.gradient * way)[elements]
        rtol = self.settings.tolerance(self.differences.center.precision)
        slope = self.differences.slope(self.place, way, min(rtol, 1e-8))
        error = abs(float(np.sum(products)) - slope.value)
        size = max(abs(slope.value), float(np.sum(np.abs(products))))
        allowed = rtol * (size if math.isfinite(size) else abs(slope.value))
        allowed += SAFETY * slope.uncertainty + self.settings.atol * float(np.sum(np.abs(way)))
        error = math.inf if math.isnan(error) else error
        return _Verdict(not error <= allowed < math.inf, error, float(np.sum(products)), slope)

    def _way(self, elements: Array) -> Array:
        """Return a random way through some elements, each moved by about as much as it is large."""
        way = np.zeros(self.x.size, dtype=self.x.dtype)
        way[elements] = _scale(self.x, elements)
        if elements.size > 1:
            way[elements] *= self.settings.drawn(elements.shape)
        return way.reshape(self.x.shape)[()]

    def _worst_of(self, elements: Array) -> Wrong | None:
        """Halve the elements, keeping the worse half, until few are left; then see each."""
        while True:
            count = elements.size if elements.size <= _FEW else 2
            parts = np.array_split(elements, count)
            verdicts = [self._verdict(part) for part in parts]
            worst = max(range(count), key=lambda i: verdicts[i][:2])
            elements, verdict = parts[worst], verdicts[worst]
            if not verdict.wrong:
                return None  # the long way met a bend of the function that short ones do not meet
            if elements.size == 1:
                break
        scale = _scale(self.x, elements)
        got, wanted, about = (x / scale for x in (verdict.got, *verdict.slope))
        index = tuple(int(i) for i in np.unravel_index(elements[0], self.x.shape))
        return index, got, wanted, about, self._hint(elements, index, got, wanted)

    def _hint(self, element: Array, index: tuple[int, ...], got: float, wanted: float) -> str:
        """Guess the mistake."""
        if not math.isfinite(wanted):
            return "differences do not settle: is there a jump, or the end of the domain?"
        differences = self.differences
        way = self._way(element) * 2.0**-16
        center = differences.output
        left, right = (
            float(np.sum(differences.upstream * side)) / float(np.sum(way))
            for side in (
                center - differences.at(self.place, -way),
                differences.at(self.place, way) - center,
            )
        )
        if abs(left - right) > 0.01 * max(abs(left), abs(right)):
            return (
                f"the slopes on both sides are {left:.6g} and {right:.6g}: at a kink differences "
                "say nothing; check elsewhere"
            )
        shape = self.x.shape
        if len(shape) == 2 and shape[0] == shape[1] and index[0] != index[1]:
            mirrored = np.array([np.ravel_multi_index(index[::-1], shape)])
            other = self._verdict(mirrored).slope.value / _scale(self.x, mirrored)
            if abs(got - other) <= 1e-6 * abs(other):
                return f"got is what index {index[::-1]} should be: is it transposed?"
        return ratio_hint(got, wanted)


# ----- Numbers -----


def _groups(x: Array) -> Iterator[Array]:
    """Yield places of elements of similar size: small ones would not show beside large ones."""
    flat = np.ravel(x)
    sizes = np.where(flat == 0, np.iinfo(np.int32).max, np.frexp(flat)[1] // 8)
    for size in np.unique(sizes):
        yield np.flatnonzero(sizes == size)


def _scale(x: Array, elements: Array) -> float:
    """Return the power of two below the smallest of some elements; 1/2 if that is 0."""
    flat = np.abs(np.ravel(x).astype(float))
    smallest = float(np.min(flat[elements])) or 1.0
    return 2.0 ** max(math.frexp(smallest)[1] - 1, -960)
