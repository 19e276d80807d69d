"""A program as a reader sees it: which steps have a line and a name, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from heapq import heappop, heappush
from typing import NamedTuple

from tinygrad_mlp.programs.recording.program import Program, Step
from tinygrad_mlp.programs.writing.naming import Names, word_for

#: Up to here a line may grow when what it uses once is written into it.
LONGEST = 76

#: What is no work, and is written wherever it is used.
_FREE = ("transpose",)
#: What has a line of its own, because people think of it as one thing.
_OWN_LINE = ("affine", "sigmoid", "tanh", "relu", "softplus", "softmax", "log_softmax", "logsumexp")


class Line(NamedTuple):
    """One statement: a step, its name, and where it belongs."""

    step: Step
    name: str
    backward: bool
    scope: str


class Derivation:
    """The lines of a program.

    Parameters
    ----------
    program : Program
        What is told.
    given : dict of str to str
        Names that are decided already: those of the inputs.
    wishes : dict of str to str
        What some outputs should be called.
    names : Names
        Gives out names.
    length : callable
        Length of the text of a step, where what a dict holds is written in already.
    deltas : dict of str to str, optional
        Gradients that those which only lead to them are written into, with what they are
        gradients by, which has a line.

    Attributes
    ----------
    lines : list of Line
        In the order of reading.
    names : dict of str to str
        What each line and each input is called, by id.
    inlined : dict of str to Step
        Steps without a line of their own; they are written into their users.
    """

    def __init__(
        self,
        program: Program,
        given: Mapping[str, str],
        wishes: Mapping[str, str],
        names: Names,
        length: Callable[[Step, Mapping[str, Step], Mapping[str, str]], int],
        deltas: Mapping[str, str] | None = None,
    ) -> None:
        self._program = program
        self._steps = {step.id: step for step in program.steps}
        self._uses = Counter(x for step in program.steps for x in step.arguments)
        self._uses.update(program.outputs)
        self._outputs = set(program.outputs)
        self._wishes = wishes
        self._length = length
        self._deltas = deltas or {}
        self._layers = set(self._deltas.values())
        self.names: dict[str, str] = dict(given)
        self.inlined: dict[str, Step] = {}
        self._choose()
        self._call(names)
        order = self._ordered()
        scopes = self._scopes()
        self.lines = [
            Line(step, self.names[step.id], step.id not in program.forward, scopes[step.id])
            for step in order
        ]

    # ----- Which steps have a line -----

    def _choose(self) -> None:
        """Write steps that have no name, and are used once, into their users."""
        provisional = dict(self.names)
        for step in self._program.steps:
            wish, primal = self._wish(step)
            if primal is not None:
                wish = f"d{provisional.get(primal) or self._program.labels.get(primal)}"
            provisional[step.id] = wish or f"{self._word(step)}1"
            candidates = [x for x in dict.fromkeys(step.arguments) if self._may_vanish(x, step)]
            for id_ in candidates:
                self.inlined[id_] = self._steps[id_]
            while candidates and self._length(step, self.inlined, provisional) > LONGEST:
                longest = max(
                    candidates,
                    key=lambda x: self._length(self._steps[x], self.inlined, provisional),
                )
                candidates.remove(longest)
                del self.inlined[longest]

    def _may_vanish(self, id_: str, user: Step) -> bool:
        """Return whether a step can do without a line, written into the one that uses it."""
        step = self._steps.get(id_)
        if step is None or (step.scope and step.scope != user.scope) or id_ in self._layers:
            return False
        named, primal = self._wish(step)
        leads_to_delta = user.id in self._deltas and id_ not in self._deltas
        if named or (primal and not leads_to_delta) or id_ in self._outputs:
            return False
        if step.row.name in _FREE:
            return True
        return self._uses[id_] == 1 and step.row.name not in _OWN_LINE

    def _wish(self, step: Step) -> tuple[str | None, str | None]:
        """Return what a step should be called; or of what it is the gradient, to be called so."""
        wish = self._wishes.get(step.id) or step.label
        is_gradient = wish is None and step.primal is not None and self._is_known(step.primal)
        return wish, step.primal if is_gradient else None

    # ----- What they are called -----

    def _word(self, step: Step) -> str:
        """Return what the result of a step is usually called; x @ W + b is a z."""
        if step.row.name == "add":
            for id_ in step.arguments:
                if id_ in self.inlined and self.inlined[id_].row.name == "matmul":
                    return word_for(self.inlined[id_].row)
        return word_for(step.row)

    def _call(self, names: Names) -> None:
        """Give every line a name; numbers tell apart those that are called alike."""
        lines = [step for step in self._program.steps if step.id not in self.inlined]
        own, gradients = {}, {}
        for step in lines:
            wish, primal = self._wish(step)
            if primal is not None:
                gradients[step.id] = primal
            else:
                own[step.id] = wish or self._word(step)
        self.names.update(names.take_all(own))
        for id_, primal in gradients.items():
            of = self.names.get(primal) or self._program.labels[primal]
            self.names[id_] = names.take(f"d{of}")

    def _is_known(self, id_: str) -> bool:
        """Return whether something has a name, or will have one."""
        if id_ in self.names or id_ in self._program.labels:
            return True
        return id_ in self._steps and id_ not in self.inlined

    # ----- In which order they stand -----

    def sources(self, step: Step) -> list[str]:
        """Return the ids of the lines and inputs that the line of a step refers to."""
        found: dict[str, None] = {}
        waiting = [step]
        while waiting:
            for id_ in waiting.pop().arguments:
                if id_ in self.inlined:
                    waiting.append(self.inlined[id_])
                else:
                    found[id_] = None
        return list(found)

    def _ordered(self) -> list[Step]:
        """Return the forward lines, then the backward lines, layer by layer.

        What nothing else is made of, such as the gradient by the weights, comes as soon as it can
        be computed: so the layer is finished before the next one begins.
        """
        lines = [step for step in self._program.steps if step.id not in self.inlined]
        forward = [step for step in lines if step.id in self._program.forward]
        rest = {
            step.id: (place, step)
            for place, step in enumerate(lines)
            if step.id not in self._program.forward
        }
        missing = {}
        users: dict[str, list[str]] = {}
        for id_, (_, step) in rest.items():
            sources = [x for x in self.sources(step) if x in rest]
            missing[id_] = len(sources)
            for source in sources:
                users.setdefault(source, []).append(id_)
        outputs = {id_: place for place, id_ in enumerate(self._program.outputs)}
        ready: list[tuple[bool, int, int, str]] = []

        def push(id_: str) -> None:
            used = id_ in users
            heappush(ready, (used, 0 if used else outputs.get(id_, 0), rest[id_][0], id_))

        for id_ in rest:
            if missing[id_] == 0:
                push(id_)
        ordered = forward
        while ready:
            *_, id_ = heappop(ready)
            ordered.append(rest[id_][1])
            for user in users.get(id_, ()):
                missing[user] -= 1
                if missing[user] == 0:
                    push(user)
        return ordered

    # ----- To which layer they belong -----

    def _scopes(self) -> dict[str, str]:
        """Return the layer of each step; that of a gradient is where the rule comes from."""
        forward = [s for s in self._program.steps if s.id in self._program.forward]
        used_in = {x: step.scope for step in forward for x in step.arguments}
        return {
            step.id: step.scope or used_in.get(step.primal or "", "")
            for step in self._program.steps
        }


def grouped(lines: Iterable[Line]) -> list[tuple[bool, str, list[Line]]]:
    """Return runs of lines that belong together: backward or not, the layer, and the lines."""
    groups: list[tuple[bool, str, list[Line]]] = []
    for line in lines:
        if not groups or groups[-1][:2] != (line.backward, line.scope):
            groups.append((line.backward, line.scope, []))
        groups[-1][2].append(line)
    return groups
