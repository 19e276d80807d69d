"""Hypotheses about a backward pass: a name, an explanation, and the gradients that it predicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from tinygrad_mlp.checking.doctor.mistakes import mistakes_in
from tinygrad_mlp.checking.doctor.probes import Patient, Probe
from tinygrad_mlp.checking.doctor.recognition import recognise
from tinygrad_mlp.checking.doctor.runs import Changes, Run
from tinygrad_mlp.kernels import Array


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
    text = "its rows are columns"
    yield Hypothesis("transposed", text, lambda probe: [x.T for x in probe.wanted], local=True)
    if patient.takes_upstream:
        text = "this is the gradient for a gradient of ones from above, whatever came from there"
        yield Hypothesis(
            "upstream ignored",
            text,
            lambda probe: probe.run.gradients(np.ones_like(probe.upstream)),
        )
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
    yield Hypothesis("right", "", lambda probe: probe.wanted, mistakes=0, local=True)


def _one_rule_changed(runs: Sequence[Run]) -> Iterator[Hypothesis]:
    """Yield what would be wrong in the backward pass of these runs, one for each probe."""
    for mistake in mistakes_in(runs[0]):
        predict = partial(_changed, mistake.changes, runs)
        yield Hypothesis(mistake.name, mistake.explanation, predict, mistake.op)


def _of(place: int, probe: Probe) -> Sequence[Array]:
    return [probe.wanted[place]] * len(probe.wanted)


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
