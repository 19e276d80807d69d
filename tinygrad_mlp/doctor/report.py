"""What the doctor says: one finding for each gradient, as data and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Finding(NamedTuple):
    """What is known of the gradient by one argument.

    Attributes
    ----------
    argument : str
        By what the gradient is.
    name : str
        The name of the mistake; ``"right"``, ``"not computed"`` or ``"unknown"`` if there is none.
    explanation : str
        What that means, and where in the graph it happened.
    op : str or None
        The op whose rule is wrong, if the mistake is in one.
    element, got, wanted
        The element that is wrong by most, at the arguments given and for ones from above; for a
        random upstream gradient if it is right for ones.  None if there is none.
    others : tuple of str
        Other mistakes that would give the same answers.

    Examples
    --------
    >>> Finding("x", "wrong sign", "minus what it should be", element=(0,), got=-2.0, wanted=2.0).ok
    False
    """

    argument: str
    name: str
    explanation: str = ""
    op: str | None = None
    element: tuple[int, ...] | None = None
    got: float | None = None
    wanted: float | None = None
    others: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is nothing to repair."""
        return self.name in ("right", "not computed")

    @property
    def ratio(self) -> float | None:
        """How many times too large the worst element is."""
        return self.got / self.wanted if self.got is not None and self.wanted else None

    def told(self, *, numbers: bool = True) -> str:
        """Return all of it but the name, in words."""
        text = f": {self.explanation}" if self.explanation else ""
        text += "".join(f"; or {other}" for other in self.others)
        if numbers and self.element is not None:
            where = f"{self.argument}{list(self.element) or ''}"
            text += f" (at {where} got {self.got:.6g}, wanted {self.wanted:.6g}"
            text += f", ratio {self.ratio:.6g})" if self.ratio is not None else ")"
        return text

    def __str__(self) -> str:
        return f"{self.argument}: {self.name}{self.told()}"


class Report:
    """What ``diagnose`` found: a ``Finding`` for each argument, readable as text.

    Attributes
    ----------
    findings : dict of str to Finding
        By the names of the arguments; ``report["W"]`` is one of them.
    ok : bool
        Whether every gradient that was computed is right.

    Examples
    --------
    >>> print(Report([Finding("x", "right"), Finding("W", "all zero")]))
    1 of 2 gradients is wrong.
    - by x: right
    - by W: all zero
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = {finding.argument: finding for finding in findings}
        self.ok = all(finding.ok for finding in findings)

    def __getitem__(self, argument: str) -> Finding:
        return self.findings[argument]

    def __str__(self) -> str:
        return "\n".join([self._title(), *self._lines("{}", "{}")])

    def __repr__(self) -> str:
        return f"<Report: {self._title()}>"

    def _repr_markdown_(self) -> str:
        return "\n".join([f"**{self._title()}**", "", *self._lines("`{}`", "**{}**")])

    def _title(self) -> str:
        wrong = sum(not finding.ok for finding in self.findings.values())
        if not wrong:
            return "No mistake was found."
        return f"{wrong} of {len(self.findings)} gradients {'is' if wrong == 1 else 'are'} wrong."

    def _lines(self, argument_form: str, name_form: str) -> list[str]:
        """Return a line for each mistake, with all the arguments that it spoils."""
        alike: dict[tuple[str, str], list[Finding]] = {}
        for finding in self.findings.values():
            key = (finding.name, finding.told(numbers=finding.name == "unknown"))
            alike.setdefault(key, []).append(finding)
        return [
            f"- by {', '.join(argument_form.format(f.argument) for f in findings)}: "
            f"{name_form.format(findings[0].name)}{findings[0].told()}"
            for findings in alike.values()
        ]
