"""Hypotheses against answers: which gradients one predicts, up to a factor that means something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from tinygrad_mlp.checking.doctor.hypotheses import Hypothesis
from tinygrad_mlp.checking.doctor.probes import REFUSALS, Probe
from tinygrad_mlp.checking.doctor.runs import Run
from tinygrad_mlp.kernels import Array


class Match(NamedTuple):
    """A hypothesis that predicts all answers for one argument, up to a constant factor."""

    hypothesis: Hypothesis
    factor: float

    @property
    def mistakes(self) -> int:
        """How many mistakes it takes."""
        return self.hypothesis.mistakes + (self.factor != 1.0)

    def told(self, counts: dict[int, str]) -> tuple[str, str]:
        """Return the name of the mistake, and what it means."""
        hypothesis, factor = self
        if factor == 1.0:
            return hypothesis.name, hypothesis.explanation
        name, text = factor_told(factor, counts)
        if not hypothesis.mistakes:
            return name, text
        return f"{hypothesis.name} and {name}", f"{hypothesis.explanation}; and {text}"


def matches(
    hypothesis: Hypothesis, probes: Sequence[Probe], places: Iterable[int], counts: dict[int, str]
) -> dict[int, Match]:
    """Return, of some arguments, those for which a hypothesis predicts all answers."""
    found: dict[int, Match] = {}
    for probe in probes:
        try:
            predicted = hypothesis.predict(probe)
        except REFUSALS:  # old arguments and new ones may not go together
            return {}
        if probe is probes[0]:
            factors = {p: _factor(hypothesis, probes, counts, p, predicted[p]) for p in places}
            found = {p: Match(hypothesis, c) for p, c in factors.items() if c is not None}
        found = {
            place: match
            for place, match in found.items()
            if probe.close(place, probe.got[place], match.factor * predicted[place])
        }
        if not found:
            break
    return found


def _factor(
    hypothesis: Hypothesis,
    probes: Sequence[Probe],
    counts: dict[int, str],
    place: int,
    predicted: Array,
) -> float | None:
    """Return by what a prediction must be multiplied, if that makes sense."""
    probe = probes[0]
    got = probe.got[place]
    if got is None or got.shape != predicted.shape:
        return None
    if probe.close(place, got, predicted):
        return 1.0
    factor = float(np.vdot(predicted, got) / (np.vdot(predicted, predicted) or 1.0))
    if factor == 0.0 or not np.isfinite(factor):
        return None
    exact = meaningful_factor(factor, counts)
    # Any single number is some multiple of the right one, so that alone means nothing.
    several = got.size > 1 or any(probe.moved for probe in probes)
    return factor if exact is None and hypothesis.mistakes == 0 and several else exact


def counts_in(run: Run) -> dict[int, str]:
    """Return what there are how many of, for numbers from 2.

    >>> counts_in(Run(lambda x: x + 1.0, ["x"], [np.ones((4, 3))]))
    {12: 'elements of the output', 4: 'rows of the output', 3: 'columns of the output'}
    """
    counts: dict[int, str] = {}
    for value, name in [(run.end, "the output"), *((leaf, leaf.label) for leaf in run.leaves)]:
        counts.setdefault(value.size, f"elements of {name}")
        if value.ndim > 1:
            counts.setdefault(value.shape[0], f"rows of {name}")
            counts.setdefault(value.shape[-1], f"columns of {name}")
    return {count: what for count, what in counts.items() if count > 1}


def meaningful_factor(factor: float, counts: dict[int, str]) -> float | None:
    """Return a factor free of rounding, if it means something, inverted and negative ones too.

    It does if it is 1, 2, a count n, or n / (n - 1).

    >>> meaningful_factor(-0.25000000001, {4: "rows of x"})
    -0.25
    >>> meaningful_factor(1.33333333333, {4: "rows of x"})
    1.3333333333333333
    >>> meaningful_factor(0.3, {4: "rows of x"}) is None
    True
    """
    number = max(abs(factor), 1.0 / abs(factor))
    known = (1.0, 2.0, *map(float, counts), *(n / (n - 1) for n in counts))
    exact = next((x for x in known if abs(number - x) <= 1e-6 * x), None)
    if exact is None:
        return None
    return float(np.copysign(exact if abs(factor) > 0.9 else 1.0 / exact, factor))


def factor_told(factor: float, counts: dict[int, str]) -> tuple[str, str]:
    """Return the name of a constant factor, and what it may mean.

    >>> factor_told(0.25, {4: "rows of x"})
    ('constant factor', '4 times too small; 4 is the number of rows of x')
    >>> factor_told(4 / 3, {4: "rows of x"})[1]
    '1.33333 times too large; as if divided by 3 instead of 4, the number of rows of x'
    """
    if factor == -1.0:
        return "wrong sign", "minus what it should be"
    large = abs(factor) > 1.0
    number = abs(factor) if large else 1.0 / abs(factor)
    text = f"{number:.6g} times too {'large' if large else 'small'}"
    text += " and of the wrong sign" if factor < 0 else ""
    if number in counts:
        text += f"; {number:.0f} is the number of {counts[round(number)]}"
    less_one = next((n for n in counts if n > 2 and abs(number - n / (n - 1)) < 1e-12), None)
    if less_one is not None:
        one, other = f"{less_one - 1}", f"{less_one}, the number of {counts[less_one]}"
        one, other = (one, other) if large else (other, one)
        text += f"; as if divided by {one} instead of {other}"
    if number == 2.0:
        text += "; perhaps the exponent of a square, or the 1/2 in front of one"
    return "constant factor", text
