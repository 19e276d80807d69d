"""What must hold of a gradient: each claim is a method that raises if it does not."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from tinygrad_mlp.checking.comparison import Comparison, Settings
from tinygrad_mlp.checking.differences import SAFETY, SAMPLES, Differences, Recording
from tinygrad_mlp.checking.floats import precision_of
from tinygrad_mlp.checking.texts import Function, compared
from tinygrad_mlp.core.backward import grad
from tinygrad_mlp.errors import GradientError
from tinygrad_mlp.kernels import Array


class Check:
    """The gradient of one function at one point, and all that must hold of it.

    ``told`` is what a message calls the arguments, ``story`` what was differentiated by before.
    """

    def __init__(
        self, f: Function, data: list[Array], told: list[str], story: list[str], settings: Settings
    ) -> None:
        self.f = f
        self.data = data
        self.told = told
        self.story = story
        self.settings = settings
        self.upstream: Array = None
        self.places = [place for place, x in enumerate(data) if x.dtype.kind == "f"]
        self.recording = Recording(f, data)
        output = self.recording.output
        if not np.isfinite(output.numpy()).all():
            raise self._error("is not finite here, so it cannot be checked", kind=ValueError)
        self.upstream = self.settings.drawn(output.shape).astype(output.dtype)[()]
        if output.size == 1 and not story:  # so that a message shows the gradient as one knows it
            self.upstream = np.ones_like(self.upstream)[()]
        self.gradients: list[Array] = []

    @cached_property
    def differences(self) -> Differences:
        """The other opinion."""
        return Differences(self.f, self.data, self.upstream, self.settings.drawn)

    def of_gradient(self, place: int) -> Check:
        """Return the check of the gradient by one argument, as a function of all of them."""

        def gradient(*arguments: Any) -> Any:
            *given, upstream = arguments
            return grad(self.f(*given), given[place], upstream, create_graph=True)

        data = [*self.data, self.upstream]
        told = [*self.told, "the upstream gradient"]
        try:
            check = Check(gradient, data, told, [*self.story, self.told[place]], self.settings)
        except Exception as error:
            what = f"raises {type(error).__name__} when it is recorded: {error}"
            raise self._error(what, place) from error
        recorded, plain = check.recording.output.numpy(), self.gradients[self.places.index(place)]
        self._compare(recorded, plain, "changes when it is recorded", place, self._room(place))
        return check

    def is_the_same_every_time(self) -> None:
        """Check shape, type and determinism, and that nothing is written to."""
        self.gradients = self._attempt(self.upstream)
        repeated = self._attempt(self.upstream)
        for place, gradient, other in zip(self.places, self.gradients, repeated, strict=True):
            for what in ("shape", "dtype"):
                got, wanted = getattr(gradient, what), getattr(self.data[place], what)
                if got != wanted:
                    told = f"has another {what} than the argument"
                    raise self._error(told, place, None, got, wanted)
            self._compare(other, gradient, "is not deterministic: two calls differ", place)

    def is_zero_for_zero(self) -> None:
        """Check that nothing comes out where nothing comes in."""
        zeros = np.zeros_like(self.upstream)[()]
        for place, gradient in zip(self.places, self._attempt(zeros), strict=True):
            told = "is not zero for an upstream gradient of zeros"
            self._compare(gradient, np.zeros_like(gradient)[()], told, place)

    def _attempt(self, upstream: Array) -> list[Array]:
        """Return the gradients, computed afresh."""
        recording = Recording(self.f, self.data)
        for place, leaf in zip(self.places, recording.leaves, strict=True):
            subject = self.told[place]
            self._compare(leaf.numpy(), self.data[place], "is written to", place, subject=subject)
        again, wanted = recording.output.numpy(), self.recording.output.numpy()
        self._compare(again, wanted, "is not deterministic: two calls differ")
        gradients = []
        # From here on the graph has locked its arrays, and a rule that writes to them raises.
        for place, leaf in zip(self.places, recording.leaves, strict=True):
            try:
                found = grad(recording.output, [leaf, recording.output], upstream)
            except Exception as error:
                told = f"raises {type(error).__name__}: {error}"
                raise self._error(told, place) from error
            gradient, seed = found
            self._compare(seed, upstream, "writes to the upstream gradient", place)
            gradients.append(gradient)
        return gradients

    def depends_on_numbers_alone(self) -> None:
        """Check that arrays with gaps in memory, and other types, change nothing but rounding."""
        wide = self.differences.gradients
        for place, narrow, exact in zip(self.places, self.gradients, wide, strict=True):
            told = f"is another in {narrow.dtype} than in {exact.dtype}"
            self._compare(narrow, exact, told, place, self._room(place))
        try:
            strided = Recording(self.f, [_strided(x) for x in self.data])
            others = grad(strided.output, strided.leaves, self.upstream)
        except Exception as error:
            told = f"cannot take arrays with gaps in memory: {type(error).__name__}: {error}"
            raise self._error(told) from error
        told = "changes with the layout of arguments in memory"
        self._compare(
            strided.output.numpy(), self.recording.output.numpy(), told, room=self._room()
        )
        for place, other, gradient in zip(self.places, others, self.gradients, strict=True):
            self._compare(other, gradient, told, place, self._room(place))

    def agrees_with_differences(self) -> None:
        """Check the slopes along random ways; where one is wrong, tell the worst element."""
        for place, gradient in zip(self.places, self.differences.gradients, strict=True):
            wrong = Comparison(self.differences, place, gradient, self.settings).worst()
            if wrong is not None:
                index, got, wanted, about, hint = wrong
                raise self._error("is wrong", place, index, got, wanted, about=about, hint=hint)

    # ----- What to say -----

    def _room(self, place: int | None = None) -> Array:
        """Return how much rounding may change the output, or a gradient, in the given types."""
        sizes = np.abs(self.data[place]) if place is not None else np.ones(())
        sizes = np.clip(np.where(sizes == 0, np.max(sizes, initial=0.0), sizes), 1e-300, 1.0)
        return self.settings.atol + SAFETY * (self._rounding / sizes + self._smallest)

    @cached_property
    def _rounding(self) -> float:
        measured = float(np.sum(np.abs(self.upstream) * self.differences.rounding))
        measured *= self.recording.precision / self.differences.center.precision
        return measured + self.recording.rounding(self.upstream)

    @cached_property
    def _smallest(self) -> float:
        return max(float(np.finfo(node.dtype).tiny) for node in self.recording.nodes)

    def _change_nearby(self, place: int | None) -> Array:
        """Return by how much the output, or a gradient, differs for numbers next to these."""
        changes = []
        for _ in range(SAMPLES):
            near = []
            for x in self.data:
                bits = 0.0 if x.dtype.kind == "b" else 8 * precision_of(x.dtype)
                near.append((x + bits * x * self.settings.drawn(x.shape)).astype(x.dtype)[()])
            recording = Recording(self.f, near)
            if place is None:
                changes.append(np.abs(recording.output.numpy() - self.recording.output.numpy()))
            else:
                i = self.places.index(place)
                gradient = grad(recording.output, recording.leaves[i], self.upstream)
                changes.append(np.abs(gradient - self.gradients[i]))
        return np.max(changes, axis=0)

    def _compare(
        self,
        got: Array,
        wanted: Array,
        told: str,
        place: int | None = None,
        room: Array | None = None,
        subject: str | None = None,
    ) -> None:
        """Raise at the first element that differs, or that differs by more than ``room``."""
        if got.shape != wanted.shape:
            raise self._error(told, place, None, got.shape, wanted.shape)
        if room is None:
            wrong = (got != wanted) & ~(np.isnan(got) & np.isnan(wanted))
        else:
            allowed = self.settings.tolerance(self.recording.precision) * np.abs(wanted) + room
            wrong = ~(np.abs(got - wanted) <= allowed)
            if np.any(wrong):  # it may depend so much on its arguments that no digit is certain
                allowed = allowed + SAFETY * self._change_nearby(place)
                wrong = ~(np.abs(got - wanted) <= allowed)
        if np.any(wrong):
            index = tuple(int(i) for i in np.argwhere(wrong)[0])
            raise self._error(told, place, index, got[index], wanted[index], subject=subject)

    def _error(
        self,
        told: str,
        place: int | None = None,
        index: tuple[int, ...] | None = None,
        got: Any = None,
        wanted: Any = None,
        *,
        about: float = 0.0,
        hint: str = "",
        subject: str | None = None,
        kind: type[Exception] = GradientError,
    ) -> Exception:
        """Return the error that names function, order, argument, index, got and wanted."""
        if subject is None:
            by = [*self.story] if place is None else [*self.story, self.told[place]]
            subject = f"the gradient by {', differentiated by '.join(by)}" if by else "the output"
        order = len(self.story) + 1
        at = "" if index is None else f" at index {index}"
        lines = [f"gradcheck of {self.settings.name}, order {order}: {subject} {told}{at}"]
        lines += compared(got, wanted, about) if wanted is not None else []
        lines += [f"    hint: {hint}"] if hint else []
        error = kind("\n".join(lines))
        if isinstance(error, GradientError):
            error.order, error.argument, error.index = order, place, index
            error.got, error.wanted, error.upstream = got, wanted, self.upstream
        return error


def _strided(x: Array) -> Array:
    """Return a read-only array of the same numbers in the order of columns, with gaps between."""
    if x.ndim == 0:
        return x
    strided = np.repeat(x.T, 2, axis=0)[::2].T
    strided.flags.writeable = False
    return strided
