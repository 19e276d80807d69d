"""A recorded graph as a program: everything once, and without what gives nothing new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.core.record import OPS, Op
from tinygrad_mlp.core.relatives import is_cotangent, primals_of
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.graphs.graph import Graph, Node
from tinygrad_mlp.programs.recording.program import Program, Step, axes_in_memory, frozen

_NO_NAMES: Mapping[Value, str] = {}

#: Operations that give their argument itself, as far as numbers are concerned.
_TRANSPARENT = ("copy", "stop_gradient")
#: Operations that give their argument itself where it has the shape and type of the result.
_CONVERSIONS = ("astype", "broadcast_to", "reshape", "sum_to")
#: Operations that stretch their arguments to one shape, with the same bits.
_STRETCHING = ("add", "subtract", "multiply", "divide")


def program_of(
    outputs: Sequence[Value],
    inputs: Sequence[Value],
    start: int,
    names: Mapping[Value, str] = _NO_NAMES,
) -> Program:
    """Return the program that computes some Values from others.

    Parameters
    ----------
    outputs : sequence of Values
        What is wanted.
    inputs : sequence of Values
        What will be given, leaves.
    start : int
        Values born before this number, and not among the inputs, are captured, however they came
        about; later leaves were made by the function itself, and are constants.
    names : mapping of Values to str
        What to call those that have no label.

    Returns
    -------
    Program
        Without steps that give their argument, that give a constant, that were made before, or
        that nothing needs.
    """
    if not outputs:
        result = Program()
        result.inputs = {f"unused{place}": value._numbers for place, value in enumerate(inputs)}
        return result
    return _Builder(Graph.of(*outputs), inputs, start, names).program()


class _Builder:
    """Goes through a graph once, forward, and keeps what is needed."""

    def __init__(
        self, graph: Graph, inputs: Sequence[Value], start: int, names: Mapping[Value, str]
    ) -> None:
        self.graph = graph
        self.start = start
        self.result = Program()
        self.same: dict[str, str] = {}  # ids that turned out to be others
        self.made: dict[Any, str] = {}  # what was computed already, by what it is
        self.steps: dict[str, Step] = {}
        self.wanted = inputs
        self.values = graph.values()
        self.places = {node.id: place for place, node in enumerate(graph)}
        self.names = names
        self.backward = False  # whether a gradient was met

    def program(self) -> Program:
        result = self.result
        found = {value: id_ for id_, value in self.values.items()}
        for id_, value in self.values.items():
            label = value.label or self.names.get(value)
            if label is not None:
                result.labels[id_] = label
        ids = [found.get(value) for value in self.wanted]
        inputs = set(ids)
        for node in self.graph:
            recorded = self.values.get(node.id)  # None for a constant
            self.backward = self.backward or (recorded is not None and is_cotangent(recorded))
            if node.id in inputs:
                pass
            elif node.role == "constant":
                self._constant(node.id, float(node.value) if node.weak else node.value)
            elif recorded is not None and recorded.number < self.start:
                result.captured[node.id] = recorded
            elif node.row is None:  # a leaf that the function made
                self._constant(node.id, np.array(node.value)[()])
            else:
                self._step(node, node.row)
        result.inputs = {  # in the order of the arguments; nothing depends on some of them
            id_ or f"unused{place}": value._numbers
            for place, (id_, value) in enumerate(zip(ids, self.wanted, strict=True))
        }
        result.outputs = [self._known(id_) for id_ in self.graph.outputs]
        self._keep_what_is_needed()
        given = {**result.inputs, **result.captured}
        # One cotangent may be the gradient of many: each is looked at once.
        for id_, output in dict(zip(self.graph.outputs, result.outputs, strict=True)).items():
            primals = (self._known(found.get(x, "")) for x in primals_of(self.values[id_]))
            result.gradients.update(dict.fromkeys((x for x in primals if x in given), output))
        return result

    def _known(self, id_: str) -> str:
        return self.same.get(id_, id_)

    def _constant(self, id_: str, number: Any) -> None:
        self._once(id_, frozen(number))
        if id_ not in self.same:
            self.result.constants[id_] = number

    def _once(self, id_: str, description: Any) -> None:
        """Note that an id is the same as an earlier one, if what it is was described before."""
        try:
            earlier = self.made.setdefault(description, id_)
        except TypeError:  # there is something in it that cannot be compared
            return
        if earlier != id_:
            self.same[id_] = earlier

    def _step(self, node: Node, row: Op) -> None:
        constants = self.result.constants
        arguments = tuple(map(self._known, node.arguments))
        if all(argument in constants for argument in arguments):
            # No copy: the strides decide how others are laid out, and how BLAS multiplies it.
            self._constant(node.id, node.value)
            return
        row, options = self._plainer(node, row)
        replacement = self._replacement(node, arguments)
        if replacement is not None:
            self._take_over(node, replacement)
            return
        if row.name in _STRETCHING:
            arguments = self._without_stretching(node, arguments)
        self._once(node.id, (row.name, arguments, frozen(options)))
        if node.id in self.same:
            self._take_over(node, self.same[node.id])
            return
        primal = None if node.primal is None else self._known(node.primal)
        label = self.result.labels.get(node.id)
        self.steps[node.id] = Step(
            node.id, row, arguments, options, node.value, label, node.scope, primal
        )
        if not self.backward:
            self.result.forward.add(node.id)

    def _without_stretching(self, node: Node, arguments: tuple[str, ...]) -> tuple[str, ...]:
        """Return the arguments of an operation without ``broadcast_to``, which it does itself."""
        result = list(arguments)
        for place, id_ in enumerate(arguments):
            others = result[:place] + result[place + 1 :]
            stretched = id_ in self.steps and self.steps[id_].row.name == "broadcast_to"
            if stretched and any(self.graph[x].shape == node.shape for x in others):
                result[place] = self.steps[id_].arguments[0]
        return tuple(result)

    def _plainer(self, node: Node, row: Op) -> tuple[Op, Mapping[str, Any]]:
        """Return the row of a node and its options; a sum to a shape as the sum that it is."""
        if node.op == "sum_to":
            before = self.graph[node.arguments[0]].shape
            added = len(before) - len(node.shape)
            stretched = [
                added + axis
                for axis, length in enumerate(node.shape)
                if length == 1 and before[added + axis] != 1
            ]
            if not (added and stretched):
                return OPS["sum"], {"axis": (*range(added), *stretched), "keepdims": not added}
        return row, node.options

    def _replacement(self, node: Node, arguments: tuple[str, ...]) -> str | None:
        """Return the id of what the step gives without computing anything, if there is one."""
        if node.op in _TRANSPARENT or (node.op in _CONVERSIONS and self._is_like(node, 0)):
            return arguments[0]
        if node.op == "multiply":
            for one, other in ((0, 1), (1, 0)):
                if self._is_one(arguments[one]) and self._is_like(node, other):
                    return arguments[other]
        if node.op == "power" and self._is_one(arguments[1]) and self._is_like(node, 0):
            return arguments[0]
        inner = self.steps.get(arguments[0]) if arguments else None
        if inner is not None and inner.row.name == node.op and _undoes(node.options, inner):
            return inner.arguments[0]
        return None

    def _is_like(self, node: Node, place: int) -> bool:
        """Return whether an argument has shape, type and order in memory of the result.

        The order decides in which order a sum is taken: of ``x.T * ones`` it may be another.
        """
        argument = self.graph[node.arguments[place]]
        return (
            not argument.weak
            and (argument.shape, argument.dtype) == (node.shape, node.dtype)
            and axes_in_memory(argument.value) == axes_in_memory(node.value)
        )

    def _is_one(self, id_: str) -> bool:
        constant = self.result.constants.get(id_)
        return constant is not None and bool(np.all(constant == 1))

    def _take_over(self, node: Node, earlier: str) -> None:
        """Let an earlier step stand for a node, with its name if it has none of its own."""
        self.same[node.id] = earlier
        if node.id in self.result.labels:
            self.result.labels.setdefault(earlier, self.result.labels[node.id])
        if earlier in self.steps:
            step = self.steps[earlier]
            primal = step.primal
            forward = earlier in self.result.forward  # and so no gradient of anything
            if primal is None and node.primal is not None and not forward:
                known = self._known(node.primal)
                # A gradient comes after what it is the gradient of.
                if self.places[known] < self.places[earlier]:
                    primal = known
            label = step.label or self.result.labels.get(node.id)
            self.steps[earlier] = step._replace(label=label, primal=primal)

    def _keep_what_is_needed(self) -> None:
        result = self.result
        needed = set(result.outputs)
        kept = []
        for step in reversed(self.steps.values()):
            if step.id in needed:
                kept.append(step)
                needed.update(step.arguments)
        result.steps = kept[::-1]
        result.forward &= {step.id for step in kept}
        result.captured = {i: v for i, v in result.captured.items() if i in needed}
        result.constants = {i: c for i, c in result.constants.items() if i in needed}


def _undoes(options: Mapping[str, Any], step: Step) -> bool:
    """Return whether a step's operation, with these options now, leads back to its argument."""
    if step.row.name == "transpose":
        order = [step.options["axes"][axis] for axis in options["axes"]]
        return order == sorted(order)
    return step.row.name == "negative"
