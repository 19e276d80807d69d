"""The diagnosis: the simplest hypothesis that predicts every answer of a backward pass.

A hypothesis is the true gradient, a distortion of it, or the graph's own backward pass with one
rule changed.  What no hypothesis predicts is reported in numbers, without a name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from tinygrad_mlp._support.arguments import random_source
from tinygrad_mlp.checking.doctor.hypotheses import hypotheses
from tinygrad_mlp.checking.doctor.matching import Match, counts_in, matches
from tinygrad_mlp.checking.doctor.probes import REFUSALS, Gradients, Patient, Probe, moved
from tinygrad_mlp.checking.doctor.report import Finding, Report
from tinygrad_mlp.checking.doctor.runs import Run
from tinygrad_mlp.checking.texts import parameter_names
from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.kernels import Array


def diagnose(
    forward: Callable[..., Any], my_backward: Callable[..., Any], *args: Any, rng: Any = 0
) -> Report:
    """Compare a hand-written backward pass with the graph's gradient, and name the mistakes.

    Parameters
    ----------
    forward : callable
        ``forward(*args)`` returns an array of any shape.  It is written in operators and functions
        that take arrays and Values alike.
    my_backward : callable
        ``my_backward(upstream, *args)`` returns the gradient by each argument, given the gradient
        by the output: a tuple or list, with None for what is not computed; for one argument an
        array will do.  If the output is one number, ``my_backward(*args)`` will do too; which of
        both it is must be clear from its signature.
    *args : array_like
        Where to compare, better not at kinks, zeros and ones.  Arguments nearby are tried too:
        each number is shrunk by up to 30 %, but for tables of zeros and ones and rows of
        probabilities.
    rng : None, int, numpy Generator or RandomState
        Where upstream gradients and arguments nearby come from.

    Returns
    -------
    Report
        ``.ok``, a ``Finding`` for each argument, and all of it as text.

    Raises
    ------
    TypeError, ValueError
        If the functions do not fit the arguments or each other.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> def forward(x, W):
    ...     return tg.sigmoid(x @ W)
    >>> def backward(upstream, x, W):
    ...     return upstream @ W.T, x.T @ (upstream * tg.sigmoid_prime(x @ W))
    >>> report = diagnose(forward, backward, [[1.0, 2.0]], [[0.3, 0.1], [-0.2, 0.4]])
    >>> report["x"].name, report["x"].op, report["W"].name
    ('missing derivative', 'sigmoid', 'right')
    """
    if not args:
        raise TypeError("diagnose: give at least one argument of forward to differentiate by")
    told = parameter_names(forward, len(args))
    names = [name if name.isidentifier() else f"args[{i}]" for i, name in enumerate(told)]
    numbers = [as_numbers(x, f"diagnose: {name}") for name, x in zip(names, args, strict=True)]
    diagnosis = _Diagnosis(Patient(forward, my_backward, names, numbers), random_source(rng))
    return Report([diagnosis.finding(place) for place in range(len(names))])


class _Diagnosis:
    """All hypotheses, held against all probes."""

    def __init__(self, patient: Patient, source: Any) -> None:
        self.patient, self.names, self.source = patient, patient.names, source
        self.probes = patient.probes(source)
        self.counts = counts_in(patient.run)
        places = range(len(self.names))
        self.answered = {
            p for p in places if all(probe.got[p] is not None for probe in self.probes)
        }
        self.right = {p for p in self.answered if all(probe.right(p) for probe in self.probes)}
        #: Of each hypothesis that explains something that is wrong: all that it explains.
        self.matches: list[dict[int, Match]] = []
        if self.right != self.answered:
            with np.errstate(all="ignore"):
                self._try_hypotheses()

    def finding(self, place: int) -> Finding:
        """Return the diagnosis of one gradient."""
        if place not in self.answered:
            return Finding(self.names[place], "not computed")
        if place in self.right:
            return Finding(self.names[place], "right")
        finding = (
            self._by_look(place)
            or self._by_sum(place)
            or self._beside_upstream(place)
            or self._by_hypothesis(place)
            or self._by_exclusion(place)
        )
        return self._with_numbers(finding, place)

    def _by_look(self, place: int) -> Finding | None:
        """Recognise an answer that is wrong whatever was meant."""
        name, (here, *_) = self.names[place], self.probes
        got = np.asarray(here.got[place])
        if not np.isfinite(got).all() and np.isfinite(here.wanted[place]).all():
            index = tuple(int(i) for i in np.argwhere(~np.isfinite(got))[0])
            where = f" at {list(index)}" if index else ""
            return Finding(name, "not finite", f"{got[index]}{where}")
        if not any(np.any(probe.got[place]) for probe in self.probes):
            return Finding(name, "all zero", "it was never filled in, or is lost to rounding")
        return None

    def _by_sum(self, place: int) -> Finding | None:
        """Recognise the gradient of what was broadcast, not yet summed."""
        name, (here, *_) = self.names[place], self.probes
        shape, wanted = np.asarray(here.got[place]).shape, here.wanted[place].shape
        if shape == wanted or self._is_given_elsewhere(place):
            return None
        text = f"{shape} instead of {wanted}: sum over what was computed with the same {name}, "
        text += "such as the rows"
        if self._right_as(place, lambda got, like: FUNCTIONS["sum_to"](got, shape=like.shape)):
            return Finding(name, "missing sum", text)
        if self._right_as(place, lambda got, like: FUNCTIONS["sum_to"](-got, shape=like.shape)):
            return Finding(name, "missing sum and wrong sign", f"{text}; and of the wrong sign")
        return None

    def _is_given_elsewhere(self, place: int) -> bool:
        """Tell whether the gradient by an argument was returned as that by another."""
        others = self.answered - self.right - {place}
        return any(
            all(probe.close(place, probe.got[other], probe.wanted[place]) for probe in self.probes)
            for other in others
        )

    def _beside_upstream(self, place: int) -> Finding | None:
        """Recognise what is wrong besides that the gradient from above has no effect."""
        if self.patient.for_ones or not self._ignores_upstream(place):
            return None
        finding = self._for_ones.finding(place)
        if finding.name in ("right", "unknown"):
            return None
        text = f"{finding.explanation}; and it does not change with the gradient from above"
        return finding._replace(name=f"{finding.name} and upstream ignored", explanation=text)

    @cached_property
    def _for_ones(self) -> _Diagnosis:
        """The diagnosis for an upstream gradient of ones alone."""
        mine = self.patient
        args = mine.forward, mine.my_backward, mine.names, mine.args
        return _Diagnosis(Patient(*args, for_ones=True), self.source)

    def _ignores_upstream(self, place: int) -> bool:
        """Tell whether an answer does not change with the gradient from above, but should."""
        here, again, *_ = self.probes
        return self._same(place, here.got, again.got) and not self._same(
            place, here.wanted, again.wanted
        )

    # ----- Hypotheses -----

    def _try_hypotheses(self) -> None:
        for hypothesis in hypotheses(self.patient, self.probes):
            found = matches(hypothesis, self.probes, self.answered, self.counts)
            if found.keys() <= self.right:
                continue
            if hypothesis.local:
                found |= dict.fromkeys(self.right, Match(hypothesis, 1.0))
            self.matches.append(found)

    def _by_hypothesis(self, place: int) -> Finding | None:
        """Return the hypothesis with the fewest mistakes, and of these that which explains most."""

        def cost(found: dict[int, Match]) -> tuple[int, int]:
            return found[place].mistakes, -len(found)

        candidates = sorted((found for found in self.matches if place in found), key=cost)
        if not candidates:
            return None
        best = candidates[0][place]
        name, text = best.told(self.counts)
        others: dict[str, str] = {}
        for found in candidates[1:]:
            other_name, other_text = found[place].told(self.counts)
            if cost(found) == cost(candidates[0]) and other_name != name:
                others.setdefault(other_name, f"{other_name}: {other_text}")
        op, alike = best.hypothesis.op, tuple(others.values())
        return Finding(self.names[place], name, text, op, others=alike)

    # ----- What can be said without a hypothesis -----

    def _by_exclusion(self, place: int) -> Finding:
        """Say what is certain of an answer that no hypothesis predicts."""
        name, (here, *_) = self.names[place], self.probes
        nearby = [probe for probe in self.probes if probe.moved]
        if np.asarray(here.got[place]).shape != here.wanted[place].shape:
            return self._of_wrong_shape(place)
        if all(probe.right(place) for probe in self.probes if not probe.moved):
            return Finding(
                name,
                "right only here",
                "right for these arguments but not for others nearby: by luck, or because the "
                "formula relies on something that is true of these only",
            )
        if nearby and all(probe.right(place) for probe in nearby):
            return Finding(
                name,
                "right nearby",
                "right for arguments nearby but not for exactly these: perhaps they are at a kink "
                "or a tie, where the derivative is a convention",
            )
        if self._ignores_upstream(place):
            text = "it does not change with the gradient from above, but should"
            if not (self.patient.for_ones or self._for_ones.finding(place).ok):
                text += "; and for ones from above it is not right either"
            return Finding(name, "upstream ignored", text)
        for other in range(len(self.names)):
            if self._ignores(place, other):
                text = "it does not change with {0}, but should: it is computed from another {0} "
                text += "than is passed, or the factor with {0} is missing"
                return Finding(name, "ignores an argument", text.format(self.names[other]))
        return Finding(name, "unknown", "no single mistake that is known here leads to this")

    def _of_wrong_shape(self, place: int) -> Finding:
        name, (here, *_) = self.names[place], self.probes
        shape, wanted = np.asarray(here.got[place]).shape, here.wanted[place].shape
        text = f"{shape} instead of {wanted}"
        if self._right_as(place, lambda got, like: np.reshape(got, like.shape)):
            text += ", but the numbers are right"
        elif self._right_as(place, lambda got, like: np.broadcast_to(got, like.shape)):
            text += ", but the numbers are right, if repeated to that shape"
        return Finding(name, "wrong shape", text)

    def _right_as(self, place: int, reading: Callable[[Array, Array], Array]) -> bool:
        """Tell whether the answers are right once they are brought to the wanted shape."""
        try:
            return all(
                probe.close(place, reading(probe.got[place], wanted), wanted)
                for probe in self.probes
                for wanted in [probe.wanted[place]]
            )
        except ValueError:
            return False

    def _ignores(self, place: int, other: int) -> bool:
        """Tell whether an answer does not depend on an argument although the gradient does."""
        here = self.probes[0]
        args = list(here.args)
        args[other] = moved(args[other], random_source(0))
        try:
            with np.errstate(all="ignore"):
                wanted = Run(self.patient.forward, self.names, args).gradients(here.upstream)
                got = self.patient.ask(here.upstream, args)
        except REFUSALS:
            return False
        return self._same(place, got, here.got) and not self._same(place, wanted, here.wanted)

    def _same(self, place: int, one: Gradients, other: Gradients) -> bool:
        return self.probes[0].close(place, one[place], other[place])

    @cached_property
    def _quoted(self) -> list[Probe]:
        """The answers whose numbers are told, first those that the reader can check by hand."""
        if self.patient.for_ones or not self.patient.takes_upstream:
            return self.probes
        return [self.patient.probe_for_ones(), *self.probes]

    def _with_numbers(self, finding: Finding, place: int) -> Finding:
        """Add the worst element, for a gradient of ones from above if it is wrong for that."""
        if finding.got is not None:
            return finding
        for probe in self._quoted:
            got, wanted = probe.got[place], probe.wanted[place]
            if got is None or got.shape != wanted.shape or probe.right(place):
                continue
            error = np.asarray(np.abs(got - wanted))
            index = np.unravel_index(int(np.argmax(error)), error.shape)
            return finding._replace(
                element=tuple(int(i) for i in index),
                got=float(got[index]),
                wanted=float(wanted[index]),
            )
        return finding
