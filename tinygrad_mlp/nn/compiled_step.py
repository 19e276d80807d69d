"""The step of training as a program that is compiled once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, starmap
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp.core.backward import grad
from tinygrad_mlp.nn.blocks import Block
from tinygrad_mlp.nn.descent import assign, cannot_overflow, check_finite
from tinygrad_mlp.nn.layer import Layer
from tinygrad_mlp.nn.mover import ChainMover, Mover, mover_of
from tinygrad_mlp.nn.objectives import Objective, Samples
from tinygrad_mlp.nn.ranks import ALONE, Alone
from tinygrad_mlp.nn.stack import applied, has_modes
from tinygrad_mlp.nn.training_pass import Draws, Handed, TrainingPass, check_measured
from tinygrad_mlp.nn.training_step import TrainingStep
from tinygrad_mlp.ops.shapes import astype, reshape

if TYPE_CHECKING:
    from tinygrad_mlp.nn.optimizers.optimizer import Optimizer, State

Array = Any


class _Program(NamedTuple):
    """A compiled step for one size of batches: what runs, room for a batch, what is told."""

    run: Callable[..., Any]
    batch: Samples
    training: TrainingPass
    room: list[Array]  # for those of the told that are no scalars


class CompiledTrainingStep(TrainingStep):
    """The same step as a program that is compiled once for each size of a batch.

    The numbers of all parameters lie side by side in one block of memory, and their gradients in
    another, so that it takes one operation each to see that they will stay finite and to move
    them.  The parameters themselves get their numbers in ``publish``.
    """

    def __init__(
        self, layers: Sequence[Layer], objective: Objective, optimizer: Optimizer | None = None
    ) -> None:
        self._mover: Mover | ChainMover | None = None  # has the state, once it is there
        super().__init__(layers, objective, optimizer)
        self._programs: dict[tuple[int, bool], _Program] = {}
        self._draws: dict[int, Draws] = {}  # how layers draw, for each size of a batch
        self._numbers: Block | None = None  # of the parameters
        self._gradients: Block | None = None  # or else what to subtract
        self._is_ahead = False  # of the parameters themselves
        #: That of the program, which takes a float in the widest type of all.
        self._start_type = np.result_type(*(p.dtype for p in self.parameters)).type

    @property
    def state(self) -> State | None:
        """That of the optimizer, with one array for each parameter."""
        return self._given_state if self._mover is None else self._mover.state

    @state.setter
    def state(self, state: State | None) -> None:
        self._given_state, self._mover = state, None

    def __call__(
        self,
        samples: Samples,
        rows: Array,
        rate: float,
        source: Any = np.random,
        ranks: Alone = ALONE,
    ) -> float:
        """Make one step on some rows, and return their mean loss before it."""
        numbers, gradients = self._loaded()
        weight, own = samples.weight_of(rows), ranks.share(rows)
        start = self._start_type(self._start(weight, rate))
        drawn = self._drawing(samples, len(rows), source).again(source)
        loss, measured, training = 0.0, [], None
        if len(own):
            program = self._program(samples, len(own), source)
            training = ranks.checked(program.training)
            drawn = ranks.share_of_drawn(drawn, len(rows), self._draws[len(own)].first)
            whole = samples if samples.weights is not None else samples[:2]
            for array, rows_of in zip(program.batch, whole, strict=False):
                rows_of.take(own, 0, array, "clip")  # rows exist, and this mode makes no copy
            given = *program.batch[: len(whole)], start, *numbers.parts, *drawn
            loss, *results = program.run(*given, *gradients.parts, *program.room)
            measured = results[len(gradients.parts) :]
            if measured:
                check_measured(measured)
        else:  # there are more processes than rows
            gradients.clear()
        loss = ranks.total(gradients, loss)
        self._move(numbers, gradients, rate)
        if training is not None and training.told:
            training.tell(measured)
        return self.objective.told(loss, weight, samples.y.shape[1])

    def prepare(self, samples: Samples, rows: Array, source: Any, ranks: Alone = ALONE) -> None:
        """Compile what steps on so many rows need, while there is nothing else in memory."""
        if len(own := ranks.share(rows)):
            self._program(samples, len(own), source)

    def _move(self, numbers: Block, gradients: Block, rate: float) -> None:
        """Move the numbers, or raise FloatingPointError and leave them."""
        after: list[tuple[Any, str, Any]] = [(self, "steps", self.steps + 1)]
        if self.optimizer is not None:
            self._mover = self._mover or mover_of(self.optimizer, numbers, self._given_state)
            after += self._mover.keeping(self._mover(numbers, gradients, rate))
        if not all(map(cannot_overflow, gradients.wholes)):
            pairs = zip(numbers.parts, gradients.parts, strict=True)
            check_finite(self.parameters, [part - move for part, move in pairs])
        self._is_ahead = True
        # Maps run in C: no Ctrl-C can come between one block and the next, or before the state.
        moving = map(np.subtract, numbers.wholes, gradients.wholes, numbers.wholes)
        list(chain(moving, starmap(setattr, after)))

    def reset(self) -> None:
        """Forget the numbers of an earlier training, even one that was stopped at a bad moment."""
        self._numbers, self._gradients, self._is_ahead = None, None, False

    def publish(self) -> None:
        """Give the parameters their numbers, before anybody looks at them."""
        if self._numbers is not None and self._is_ahead:
            pairs = zip(self.parameters, self._numbers.parts, strict=True)
            assign(self.parameters, [part.copy() if p.shape else part[0] for p, part in pairs])
        self._is_ahead = False  # from now on somebody may change them

    def finish(self) -> None:
        """Publish, and let go of the numbers that only steps need."""
        self._gradients = None  # their memory is enough for what is published
        try:
            self.publish()
        except BaseException:  # Ctrl-C in the middle, or a second one: still all of them
            self.publish()
            raise
        finally:
            self.reset()

    def _loaded(self) -> tuple[Block, Block]:
        """Return the numbers of the parameters, and room for their gradients."""
        numbers, gradients = self._numbers, self._gradients
        if numbers is None or gradients is None or not self._is_ahead:
            given = [parameter.numpy() for parameter in self.parameters]
            check_finite(self.parameters, given)
            numbers = self._numbers = numbers or Block(given)
            gradients = self._gradients = gradients or Block(given, spare=1)
            for part, own in zip(numbers.parts, given, strict=True):
                part[...] = own
        return numbers, gradients

    def _program(self, samples: Samples, count: int, source: Any) -> _Program:
        """Return the program for a size of batches."""
        key = count, samples.weights is not None
        if key not in self._programs:
            batch = samples.take(np.zeros(count, np.intp))  # of the right form
            self._programs[key] = self._recorded(batch, source)
        return self._programs[key]

    def _recorded(self, batch: Samples, source: Any) -> _Program:
        from tinygrad_mlp.programs.compiling.compiled import compile  # noqa: A004

        training, drawn = TrainingPass(), self._drawing(batch, len(batch.x), source).first
        is_weighted = batch.weights is not None

        def loss_and_gradients(*given: Any) -> list[Any]:
            return self._loss_and_gradients(is_weighted, training, *given)

        step = compile(loss_and_gradients)
        flat = batch if is_weighted else batch[:2]
        # As they lie in a block: a scalar has an axis there.
        parts = [np.ascontiguousarray(p.numpy()) for p in self.parameters]
        run = step.prepared(*flat, 0.0, *parts, *drawn)
        for parameter in step.captured:
            if parameter in self.parameters:
                raise TypeError(
                    f"fit: a formula reads {parameter.described()} of its layer; to be "
                    "compiled it must take its parameters as arguments, formula(self, x, ...), "
                    "or say compiled=False"
                )
        room = [np.empty(x.shape, x.dtype) for x in training.values() if x.shape]
        return _Program(run, batch, training, room)

    def _drawing(self, samples: Samples, count: int, source: Any) -> Draws:
        """Return what layers draw for so many rows."""
        if count not in self._draws:
            draws = self._draws[count] = Draws(source)
            if any(map(has_modes, self._parts)):
                numbers = {parameter: parameter.numpy() for parameter in self.parameters}
                rows = samples.x.take(np.zeros(count, np.intp), 0)  # of the right form
                training = TrainingPass()
                training.rng = draws
                applied(self.layers, rows, numbers, training)
        return self._draws[count]

    def _loss_and_gradients(
        self, is_weighted: bool, training: TrainingPass, x: Any, y: Any, *others: Any
    ) -> list[Any]:
        """Return the loss, its gradients times what the backward pass begins with, and the told."""
        weights, others = (others[0], others[1:]) if is_weighted else (None, others)
        start, parts = others[0], others[1 : 1 + len(self.parameters)]
        pairs = zip(self.parameters, parts, strict=True)
        parameters = [part if p.shape else reshape(part, ()) for p, part in pairs]
        training.rng, training.told = Handed(others[1 + len(parts) :]), []
        loss = self.loss(x, y, weights, parameters, training)
        gradients = grad(loss, parts, astype(start, loss.dtype))
        # A program writes no constants: what has no part in the loss moves by a computed zero.
        pairs = zip(parts, gradients, strict=True)
        moves = [0.0 * part if g.op is None else g for part, g in pairs]
        return [loss, *moves, *training.values()]
