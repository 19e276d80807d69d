"""Hypotheses about a backward pass: a name, an explanation, and the gradients that it predicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from tinygrad_mlp.doctor.mistakes import mistakes_in
from tinygrad_mlp.doctor.probes import Patient, Probe
from tinygrad_mlp.doctor.recognition import recognise
from tinygrad_mlp.doctor.runs import Changes, Run
from tinygrad_mlp.engine import Array


class Hypothesis(NamedTuple):
    """What may be wrong, and which gradients by all arguments that would give for a probe."""

    name: str
    explanation: str
    predict: Callable[[Probe], Sequence[Array]]
    op: str | None = None
    mistakes: int = 1  # 0: this is the true gradient
    local: bool = False  # what is wrong with one gradient leaves the others right


def hypotheses(patient: Patient, probes: Sequence[Probe]) -> Iterator[Hypothesis]:
    """Yield all hypotheses; of two that predict the same, the one that says more comes first."""
    yield Hypothesis("transposed", "its rows are columns", _transposed, local=True)
    if patient.takes_upstream:
        text = "this is the gradient for a gradient of ones from above, whatever came from there"
        yield Hypothesis("upstream ignored", text, _for_ones)
    text = "this is the gradient at the {} of an earlier call, not at what was passed"
    first = [patient.args] * len(probes)
    previous = [patient.args, *(probe.args for probe in probes[:-1])]
    for earlier in (first, previous):
        for place, name in enumerate(patient.names):
            predict = partial(_at_earlier, patient, earlier, {place})
            yield Hypothesis("stale input", text.format(name), predict)
        predict = partial(_at_earlier, patient, earlier, set(range(len(patient.names))))
        yield Hypothesis("stale input", text.format("arguments"), predict)
    text = "the gradients of earlier calls are still in it"
    yield Hypothesis("not cleared", text, partial(_summed_up, probes))
    yield from _one_rule_changed([probe.run for probe in probes])
    again = [Run(patient.forward, patient.names, probe.args) for probe in probes]
    found = [recognise(run) for run in again]
    if any(found) and all(run.same_steps_as(again[0]) for run in again):
        yield from _one_rule_changed(again)
    if len(patient.names) > 1:
        for place, name in enumerate(patient.names):
            text = f"this is the gradient by {name}"
            yield Hypothesis("another argument's", text, partial(_of, place), local=True)
    yield Hypothesis("right", "", _true, mistakes=0, local=True)


def _one_rule_changed(runs: Sequence[Run]) -> Iterator[Hypothesis]:
    """Yield what would be wrong in the backward pass of these runs, one for each probe."""
    for mistake in mistakes_in(runs[0]):
        predict = partial(_changed, mistake.changes, runs)
        yield Hypothesis(mistake.name, mistake.explanation, predict, mistake.op)


def _true(probe: Probe) -> Sequence[Array]:
    return probe.wanted


def _transposed(probe: Probe) -> Sequence[Array]:
    return [gradient.T for gradient in probe.wanted]


def _of(place: int, probe: Probe) -> Sequence[Array]:
    return [probe.wanted[place]] * len(probe.wanted)


def _for_ones(probe: Probe) -> Sequence[Array]:
    return probe.run.gradients(np.ones_like(probe.upstream))


def _at_earlier(
    patient: Patient, earlier: Sequence[Sequence[Array]], stale: set[int], probe: Probe
) -> Sequence[Array]:
    """Take some arguments from an earlier call, which is given for each probe."""
    before = earlier[probe.number]
    if before is probe.args:
        return probe.wanted
    args = [before[i] if i in stale else x for i, x in enumerate(probe.args)]
    return Run(patient.forward, patient.names, args).gradients(probe.upstream)


def _summed_up(probes: Sequence[Probe], probe: Probe) -> Sequence[Array]:
    """Add up the gradients of all probes to this one."""
    columns = zip(*(earlier.wanted for earlier in probes[: probe.number + 1]), strict=True)
    return [np.sum(column, axis=0) for column in columns]


def _changed(changes: Changes, runs: Sequence[Run], probe: Probe) -> Sequence[Array]:
    return runs[probe.number].gradients(probe.upstream, changes)


# ----- Constant factors -----


def counts_in(run: Run) -> dict[int, str]:
    """Return what there are how many of, for numbers from 2.

    Examples
    --------
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

    Examples
    --------
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

    Examples
    --------
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
