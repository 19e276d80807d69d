"""A check of gradients against differences, which tells what is wrong and where.

Reverse mode gives the gradient by all numbers at once; differences give the slope along one way.
Both must agree along ways that are drawn at random, so a million numbers are checked by some dozens
of calls of the function.  Only if they disagree are single numbers looked at.

Differences are taken in the widest floating type that the function allows.  There the rules must
agree with them closely; in the types of the arguments the same rules must give the same numbers
but for rounding.  So rounding accuses nobody, and what is wrong cannot hide behind it.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp.arguments import finite_number, random_source, whole_number
from tinygrad_mlp.context import current
from tinygrad_mlp.data import as_numbers
from tinygrad_mlp.engine import Array, Op, Value, grad, history, leaf_of
from tinygrad_mlp.errors import GraphError, TinygradError

Function = Callable[..., Any]

_WIDE_TYPES: tuple[Any, ...] = (np.longdouble, np.float64)
if np.finfo(np.longdouble).eps == np.finfo(np.float64).eps:  # as on Windows
    _WIDE_TYPES = (np.float64,)
_TYPES: list[Any] = [np.longdouble, np.float64, np.float32, np.float16, np.float16]
_NARROWER = dict(zip(_TYPES, _TYPES[1:], strict=False))

# Steps, as fractions of the numbers that move: none crosses 0, where many functions have a kink.
# The first is good for most functions; the search goes to smaller ones where the function bends
# too much, and to larger ones where rounding hides its slope.
_STEPS = [2.0**power for power in (-52, -46, -40, -34, -28, -22, -16, -10, -4, -1)]
_FIRST_STEP = 2.0**-10

_SAMPLES = 4  # of rounding, for by chance a single one may be small
_SAFETY = 10  # uncertainties are estimates, so some of them are no contradiction yet
_FEW = 16  # so many elements are looked at one by one


class GradientError(TinygradError, AssertionError):
    """A gradient that is not what it should be; the message tells where and what.

    Attributes
    ----------
    order : int
        1 for the gradient, 2 for the gradient of the gradient, and so on.
    argument : int or None
        Position of the argument that was differentiated by; from order 2 on, the last one is the
        upstream gradient.
    index : tuple of ints or None
        Position of the element in that argument.
    got, wanted
        What came and what should have come; None if it is not about a number.
    upstream : array or None
        The upstream gradient of the check.
    """

    order: int = 1
    argument: int | None = None
    index: tuple[int, ...] | None = None
    got: Any = None
    wanted: Any = None
    upstream: Any = None


def gradcheck(
    f: Function,
    *args: Any,
    order: int = 2,
    rtol: float | None = None,
    atol: float | None = None,
    rng: Any = 0,
) -> bool:
    """Check the gradient of ``f`` at ``args`` against differences; raise if it is wrong.

    Also checked: a gradient has the shape and type of its argument; it is zero if the upstream
    gradient is; two calls give the same bytes; nothing is written to; gaps in memory and narrow
    types change nothing but rounding; and all this holds for the gradient of the gradient.

    Parameters
    ----------
    f : callable
        Takes Values, returns a Value of any shape; smooth near ``args``.
    *args : Values or array_likes
        Where to check.  Bools are constants, everything else is differentiated by.
    order : int
        How often to differentiate.
    rtol : float, optional
        Allowed relative error; by default half of the digits of the type that is computed in.
    atol : float, optional
        Allowed absolute error of an element, besides rounding; 0 by default.
    rng : None, int, numpy Generator or RandomState
        Source of the random ways and upstream gradients.

    Returns
    -------
    bool
        True.

    Raises
    ------
    GradientError
        If a gradient is wrong.
    TypeError
        If ``f`` does not return a Value.
    ValueError
        If there is nothing to differentiate by, or an argument or the result is not finite.
    GraphError
        Inside ``no_grad``.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> gradcheck(tg.matmul, np.ones((2, 3)), np.ones(3))
    True
    >>> def square(x):
    ...     return x * x.data  # the right numbers, but half of the gradient is lost
    >>> gradcheck(square, 3.0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    tinygrad_mlp.checking.GradientError: gradcheck of square, order 1: the gradient by ...
        got             3
        wanted          6 ± ...
        got / wanted    0.5
        relative error  0.5
        hint: got = wanted / 2
    """
    if not callable(f):
        raise TypeError(f"gradcheck: f must be a function, got {type(f).__name__} {f!r:.80}")
    whole_number("order", order)
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance is not None:
            finite_number(name, tolerance, minimum=0.0)
    settings = _Settings(_name(f), rtol, atol or 0.0, random_source(rng))
    if not current().recording:
        raise GraphError("gradcheck: nothing is recorded inside no_grad; call it outside")
    data = []
    for position, x in enumerate(args):
        x = x.data if isinstance(x, Value) else x
        data.append(as_numbers(x, f"gradcheck: args[{position}]", copy=True, keep_bool=True))
        if not np.isfinite(data[-1]).all():
            raise ValueError(f"gradcheck: args[{position}] must be finite, got {x!r:.80}")
    if all(x.dtype.kind == "b" for x in data):
        raise ValueError("gradcheck: args must hold at least one number to differentiate by")
    with np.errstate(all="ignore"):  # whether a number is right is judged by the number
        _check_to_order(order, _Check(f, data, _arguments(f, args), [], settings))
    return True


def _check_to_order(order: int, check: _Check) -> None:
    check.is_the_same_every_time()
    check.agrees_with_differences()
    check.is_zero_for_zero()
    check.depends_on_numbers_alone()
    if order > 1:
        for place in check.places:
            _check_to_order(order - 1, check.of_gradient(place))


class _Settings(NamedTuple):
    """What all checks of one call share."""

    name: str
    rtol: float | None
    atol: float
    source: Any


class _Recording:
    """One call of a function: its leaves, its output, and the numbers on the way."""

    def __init__(self, f: Function, data: Sequence[Array]) -> None:
        # Each call has arrays of its own, because a graph locks those that it has used.
        owned = [x.copy() if x.flags.writeable else x for x in data]
        arguments = [x if x.dtype.kind == "b" else leaf_of(x) for x in owned]
        self.leaves = [x for x in arguments if isinstance(x, Value)]
        self.output = f(*arguments)
        if not isinstance(self.output, Value):
            raise TypeError(
                f"gradcheck: {_name(f)} must return a Value, got {type(self.output).__name__}; "
                "if it takes .data of its arguments, the graph is lost"
            )

    @cached_property
    def nodes(self) -> list[Value]:
        """All values from the leaves to the output."""
        first = self.leaves[0].number
        return [node for node in history(self.output) if node.number >= first]

    @cached_property
    def precision(self) -> float:
        """The relative precision of the least precise type among them."""
        return max(float(np.finfo(node.dtype).eps) for node in (self.output, *self.nodes))

    def rounding(self, upstream: Array, numbers: Sequence[Array] = ()) -> float:
        """Return how much it may change the weighted outputs that all numbers are rounded.

        With the slopes of all numbers along a way instead, how much it changes the slope of the
        outputs that the gradients are rounded that arrive at the numbers.
        """
        shares = grad(self.output, self.nodes, upstream)
        numbers = numbers or [node.numpy() for node in self.nodes]
        sizes = [np.abs(g * x) for g, x in zip(shares, numbers, strict=True)]
        finite = [float(np.sum(np.where(np.isfinite(size), size, 0.0))) for size in sizes]
        return self.precision * sum(finite)


# ----- Differences -----


class _Slope(NamedTuple):
    """The slope along a way, and by how much it may be wrong."""

    value: float
    uncertainty: float


class _Differences:
    """Slopes of the sum of a function's outputs, each weighted with ``upstream``."""

    def __init__(
        self, f: Function, data: Sequence[Array], upstream: Array, draw: Callable[..., Array]
    ) -> None:
        self.f = f
        self.upstream = upstream
        self.data, self.center = self._widest(data)
        self.output = self.center.output.numpy()
        self.gradients = [grad(self.center.output, x, upstream) for x in self.center.leaves]
        self.rounding = self._measured_rounding(draw)

    def _widest(self, data: Sequence[Array]) -> tuple[list[Array], _Recording]:
        """Return the arguments in the widest type in which ``f`` can be called, and the call."""
        for kind in _WIDE_TYPES:
            wide = [x if x.dtype.kind == "b" else x.astype(np.result_type(x, kind)) for x in data]
            try:
                recording = _Recording(self.f, wide)
                grad(recording.output, recording.leaves, self.upstream)
            except Exception:  # noqa: BLE001, S112  it may insist on the type that it was given
                continue
            return wide, recording
        return list(data), _Recording(self.f, data)

    def _measured_rounding(self, draw: Callable[..., Array]) -> Array:
        """Return how much rounding changes each output, seen by computing in a narrower type."""
        output, precision = self.output, self.center.precision
        rounding = precision * np.abs(output)
        unresolved = np.zeros_like(output, dtype=bool)
        for _ in range(_SAMPLES):
            narrow = [
                x
                if x.dtype.kind == "b"
                else (x + x * draw(x.shape) * 2.0**-12).astype(_NARROWER[x.dtype.type])[()]
                for x in self.data
            ]
            wide = [near.astype(x.dtype) for near, x in zip(narrow, self.data, strict=True)]
            try:
                rough, exact = _Recording(self.f, narrow), _Recording(self.f, wide)
                change = np.abs(rough.output.numpy() - exact.output.numpy())
            except Exception:  # noqa: BLE001, S112  it may insist on the type that it was given
                continue
            change = np.where(np.isfinite(change), change, 0.0)
            unresolved = unresolved | (change > 0.01 * np.abs(output))
            rounding = np.maximum(rounding, change * (precision / rough.precision))
        # What a narrower type cannot resolve may be the rest of a cancellation, as in log(1 + x).
        return np.where(unresolved, np.maximum(rounding, precision), rounding)[()]

    def at(self, place: int, move: Array) -> Array:
        """Return the output with one argument moved; nan where the function cannot be called."""
        try:
            output = self._moved(place, move).output.numpy()
        except Exception:  # noqa: BLE001  outside its domain a function may raise what it likes
            return np.full_like(self.output, np.nan)
        return output if output.shape == self.output.shape else np.full_like(self.output, np.nan)

    def _moved(self, place: int, move: Array) -> _Recording:
        data = [x + move if i == place else x for i, x in enumerate(self.data)]
        return _Recording(self.f, data)

    def rounding_of_rules(self, place: int, way: Array) -> float:
        """Return how much rounding may change the slope along a way that the rules give."""
        step = _FIRST_STEP
        try:
            ahead, behind = (self._moved(place, h * way).nodes for h in (step, -step))
            pairs = zip(ahead, behind, strict=True)
            slopes = [(a.numpy() - b.numpy()) / (2 * step) for a, b in pairs]
            return self.center.rounding(self.upstream, slopes)
        except Exception:  # noqa: BLE001  it took another path there, or none
            return 0.0

    def slope(self, place: int, way: Array, precise: float) -> _Slope:
        """Return the slope along a way, searching for a step until it is ``precise`` enough.

        Where the slopes by two steps contradict each other, the smaller step is right: the larger
        one met a kink, or the end of the domain.
        """
        # Only outputs that depend on the moved elements count; they become nan with them.
        depends = np.isnan(self.at(place, np.where(way == 0, 0.0, np.nan)))
        upstream = np.where(depends, self.upstream, 0.0)[()]
        rounding = float(np.sum(np.abs(upstream) * self.rounding))
        rounding += self.center.rounding(upstream)
        # Smaller steps would be rounded themselves.
        steps = [step for step in _STEPS if step > 1000 * self.center.precision] or _STEPS[-1:]
        found: dict[int, _Slope] = {}
        i = steps.index(max(_FIRST_STEP, steps[0]))
        while 0 <= i < len(steps) and i not in found:
            noise = rounding / (steps[i] / 4)  # as for the smallest of the three differences
            value, bend = self._extrapolated(place, way, steps[i], noise)
            found[i] = _Slope(value, bend + noise)
            if bend + noise <= precise * abs(value):
                break
            i += 1 if bend <= _SAFETY * noise else -1
        best = _Slope(math.nan, math.inf)
        for _, slope in sorted(found.items()):
            room = _SAFETY * (best.uncertainty + slope.uncertainty)
            if math.isfinite(best.value) and not abs(slope.value - best.value) <= room:
                break
            if slope.uncertainty < best.uncertainty:
                best = slope
        if best.value == 0:  # it may be log(1 + 1e-30 * x), which rounding keeps at 0
            smallest = self.center.precision * float(np.sum(np.abs(upstream)))
            return _Slope(0.0, best.uncertainty + smallest)
        exact = self._complex_slope(place, way)
        if abs(exact - best.value) <= _SAFETY * best.uncertainty <= 1e-6 * abs(best.value):
            return _Slope(exact, min(best.uncertainty, rounding))
        return best

    def _extrapolated(
        self, place: int, way: Array, step: float, noise: float
    ) -> tuple[float, float]:
        """Return differences of three steps, extrapolated to no step, and how much they differ."""
        slopes, bends = [], []
        for h in (step, step / 2, step / 4):
            ahead, behind = self.at(place, h * way), self.at(place, -h * way)
            slopes.append(np.sum(self.upstream * (ahead - behind)) / (2 * h))
            bends.append(np.sum(self.upstream * (ahead - self.output + (behind - self.output))))
        first, second = (4 * slopes[1] - slopes[0]) / 3, (4 * slopes[2] - slopes[1]) / 3
        # Both sides may be alike because each is far from here, beyond a narrow hill.
        if abs(bends[0] - 4 * bends[1]) > 1.5 * abs(bends[0]) + _SAFETY * noise * step:
            return float(second), math.inf
        return float((16 * second - first) / 15), float(abs(second - first))

    def _complex_slope(self, place: int, way: Array) -> float:
        """Return the slope by a tiny imaginary step, which no rounding disturbs; nan if impossible.

        It is right for analytic formulas only, so the caller compares it with the differences.
        """
        op, options = (self.f.func, self.f.keywords) if type(self.f) is partial else (self.f, {})
        if type(op) is not Op:
            return math.nan
        step = 2.0**-100
        data = [x + 1j * step * way if i == place else x for i, x in enumerate(self.data)]
        options = {**op.options, **options}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # NumPy warns when it drops the imaginary part
                options = op.prepare(*self.data, **options) if op.prepare else options
                slopes = np.imag(op.compute(*data, **options)) / step
        except Exception:  # noqa: BLE001  not every formula takes complex numbers
            return math.nan
        return float(np.sum(self.upstream * slopes))


# ----- The checks -----


class _Verdict(NamedTuple):
    """What the rules and the differences say of the slope along one way."""

    wrong: bool
    error: float
    got: float
    slope: _Slope


class _Check:
    """The gradient of one function at one point, and all that must hold of it.

    ``told`` is what a message calls the arguments, ``story`` what was differentiated by before.
    """

    def __init__(
        self,
        f: Function,
        data: list[Array],
        told: list[str],
        story: list[str],
        settings: _Settings,
    ) -> None:
        self.f = f
        self.data = data
        self.told = told
        self.story = story
        self.settings = settings
        self.upstream: Array = None
        self.places = [place for place, x in enumerate(data) if x.dtype.kind == "f"]
        self.recording = _Recording(f, data)
        output = self.recording.output
        if not np.isfinite(output.numpy()).all():
            raise self._error("is not finite here, so it cannot be checked", kind=ValueError)
        self.upstream = self._drawn(output.shape).astype(output.dtype)[()]
        if output.size == 1 and not story:  # so that a message shows the gradient as one knows it
            self.upstream = np.ones_like(self.upstream)[()]
        self.gradients: list[Array] = []

    @cached_property
    def differences(self) -> _Differences:
        """The other opinion."""
        return _Differences(self.f, self.data, self.upstream, self._drawn)

    def _drawn(self, shape: tuple[int, ...]) -> Array:
        """Draw numbers of both signs, none near 0, so that no element goes unseen.

        They have few digits, so that moving an argument by them is exact.
        """
        draw = self.settings.source.random
        sizes = np.floor(128 + 129 * np.asarray(draw(shape))) / 256
        return np.where(np.asarray(draw(shape)) < 0.5, -sizes, sizes)

    def of_gradient(self, place: int) -> _Check:
        """Return the check of the gradient by one argument, as a function of all of them."""

        def gradient(*arguments: Any) -> Any:
            *given, upstream = arguments
            return grad(self.f(*given), given[place], upstream, create_graph=True)

        data = [*self.data, self.upstream]
        told = [*self.told, "the upstream gradient"]
        try:
            check = _Check(gradient, data, told, [*self.story, self.told[place]], self.settings)
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
        recording = _Recording(self.f, self.data)
        for place, leaf in zip(self.places, recording.leaves, strict=True):
            subject = self.told[place]
            self._compare(leaf.numpy(), self.data[place], "is written to", place, subject=subject)
        again, wanted = recording.output.numpy(), self.recording.output.numpy()
        self._compare(again, wanted, "is not deterministic: two calls differ")
        gradients = []
        # From here on the graph has locked its arrays, and a rule that writes to them raises.
        for place, leaf in zip(self.places, recording.leaves, strict=True):
            seed = leaf_of(upstream.copy())
            try:
                gradients.append(grad(recording.output, leaf, seed))
            except Exception as error:
                told = f"raises {type(error).__name__}: {error}"
                raise self._error(told, place) from error
            self._compare(seed.numpy(), upstream, "writes to the upstream gradient", place)
        return gradients

    def depends_on_numbers_alone(self) -> None:
        """Check that arrays with gaps in memory, and other types, change nothing but rounding."""
        wide = self.differences.gradients
        for place, narrow, exact in zip(self.places, self.gradients, wide, strict=True):
            told = f"is another in {narrow.dtype} than in {exact.dtype}"
            self._compare(narrow, exact, told, place, self._room(place))
        try:
            strided = _Recording(self.f, [_strided(x) for x in self.data])
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
        """Check the slopes along random ways; where one is wrong, find the worst element."""
        for place in self.places:
            for elements in _groups(self.data[place]):
                if self._verdict(place, elements).wrong:
                    self._raise_for_worst(place, elements)

    def _verdict(self, place: int, elements: Array) -> _Verdict:
        """Compare the rules with differences along a way through some elements."""
        way = self._way(place, elements)
        gradient = self.differences.gradients[self.places.index(place)]
        products = np.ravel(gradient * way)[elements]
        rtol = self._rtol(self.differences.center.precision)
        slope = self.differences.slope(place, way, min(rtol, 1e-8))
        error = abs(float(np.sum(products)) - slope.value)
        size = max(abs(slope.value), float(np.sum(np.abs(products))))
        allowed = rtol * (size if math.isfinite(size) else abs(slope.value))
        allowed += _SAFETY * slope.uncertainty + self.settings.atol * float(np.sum(np.abs(way)))
        error = math.inf if math.isnan(error) else error
        if allowed < error < math.inf:
            allowed += _SAFETY * self.differences.rounding_of_rules(place, way)
        return _Verdict(not error <= allowed < math.inf, error, float(np.sum(products)), slope)

    def _way(self, place: int, elements: Array) -> Array:
        """Return a random way through some elements, each moved by about as much as it is large."""
        x = self.differences.data[place]
        way = np.zeros(x.size, dtype=x.dtype)
        way[elements] = _scale(self.data[place], elements)
        if elements.size > 1:
            way[elements] *= self._drawn(elements.shape)
        return way.reshape(x.shape)[()]

    def _raise_for_worst(self, place: int, elements: Array) -> None:
        """Raise for the worst of some elements: halve them until few are left, then see each."""
        while True:
            count = elements.size if elements.size <= _FEW else 2
            parts = np.array_split(elements, count)
            verdicts = [self._verdict(place, part) for part in parts]
            worst = max(range(count), key=lambda i: verdicts[i][:2])
            elements, verdict = parts[worst], verdicts[worst]
            if not verdict.wrong:
                return  # the long way met a bend of the function that short ones do not meet
            if elements.size == 1:
                break
        scale = _scale(self.data[place], elements)
        got, wanted, about = (x / scale for x in (verdict.got, *verdict.slope))
        index = tuple(int(i) for i in np.unravel_index(elements[0], self.data[place].shape))
        hint = self._hint(place, elements, index, got, wanted)
        raise self._error("is wrong", place, index, got, wanted, about=about, hint=hint)

    # ----- What to say -----

    def _rtol(self, precision: float) -> float:
        return math.sqrt(precision) if self.settings.rtol is None else self.settings.rtol

    def _room(self, place: int | None = None) -> Array:
        """Return how much rounding may change the output, or a gradient, in the given types."""
        sizes = np.abs(self.data[place]) if place is not None else np.ones(())
        sizes = np.clip(np.where(sizes == 0, np.max(sizes, initial=0.0), sizes), 1e-300, 1.0)
        return self.settings.atol + _SAFETY * (self._rounding / sizes + self._smallest)

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
        for _ in range(_SAMPLES):
            near = []
            for x in self.data:
                bits = 0.0 if x.dtype.kind == "b" else 8 * float(np.finfo(x.dtype).eps)
                near.append((x + bits * x * self._drawn(x.shape)).astype(x.dtype)[()])
            recording = _Recording(self.f, near)
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
            allowed = self._rtol(self.recording.precision) * np.abs(wanted) + room
            wrong = ~(np.abs(got - wanted) <= allowed)
            if np.any(wrong):  # it may depend so much on its arguments that no digit is certain
                allowed = allowed + _SAFETY * self._change_nearby(place)
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
        lines += _compared(got, wanted, about) if wanted is not None else []
        lines += [f"    hint: {hint}"] if hint else []
        error = kind("\n".join(lines))
        if isinstance(error, GradientError):
            error.order, error.argument, error.index = order, place, index
            error.got, error.wanted, error.upstream = got, wanted, self.upstream
        return error

    def _hint(
        self, place: int, element: Array, index: tuple[int, ...], got: float, wanted: float
    ) -> str:
        """Guess the mistake."""
        if not math.isfinite(wanted):
            return "differences do not settle: is there a jump, or the end of the domain?"
        differences = self.differences
        way = self._way(place, element) * 2.0**-16
        center = differences.output
        left, right = (
            float(np.sum(self.upstream * side)) / float(np.sum(way))
            for side in (center - differences.at(place, -way), differences.at(place, way) - center)
        )
        if abs(left - right) > 0.01 * max(abs(left), abs(right)):
            return (
                f"the slopes on both sides are {left:.6g} and {right:.6g}: at a kink differences "
                "say nothing; check elsewhere"
            )
        shape = self.data[place].shape
        if len(shape) == 2 and shape[0] == shape[1] and index[0] != index[1]:
            mirrored = np.array([np.ravel_multi_index(index[::-1], shape)])
            other = self._verdict(place, mirrored).slope.value / _scale(self.data[place], mirrored)
            if abs(got - other) <= 1e-6 * abs(other):
                return f"got is what index {index[::-1]} should be: is it transposed?"
        return _ratio_hint(got, wanted)


# ----- Numbers -----


def _groups(x: Array) -> Iterator[Array]:
    """Yield places of elements of similar size: small ones would not show beside large ones."""
    flat = np.ravel(x)
    sizes = np.where(flat == 0, np.iinfo(np.int32).max, np.frexp(flat)[1] // 8)
    for size in np.unique(sizes):
        yield np.flatnonzero(sizes == size)


def _scale(x: Array, elements: Array) -> float:
    """Return the power of two below the smallest of some elements; below 1 or others if it is 0."""
    flat = np.abs(np.ravel(x).astype(float))
    smallest = float(np.min(flat[elements]) or min(np.max(flat), 1.0) or 1.0)
    return 2.0 ** max(math.frexp(smallest)[1] - 1, -960)


def _strided(x: Array) -> Array:
    """Return a read-only array of the same numbers in the order of columns, with gaps between."""
    if x.ndim == 0:
        return x
    strided = np.repeat(x.T, 2, axis=0)[::2].T
    strided.flags.writeable = False
    return strided


# ----- Texts -----


def _compared(got: Any, wanted: Any, about: float) -> list[str]:
    """Return lines with what came, what was wanted, and how they compare."""
    if not isinstance(wanted, float | np.floating):
        return [f"    got             {got}", f"    wanted          {wanted}"]
    got, wanted = float(got), float(wanted)
    plus_minus = f" ± {about:.0e}" if about else ""
    lines = [f"    got             {got:.12g}", f"    wanted          {wanted:.12g}{plus_minus}"]
    if wanted:
        lines.append(f"    got / wanted    {got / wanted + 0.0:.6g}")
        lines.append(f"    relative error  {abs(got - wanted) / abs(wanted):.2g}")
    return lines


def _ratio_hint(got: float, wanted: float) -> str:
    if not math.isfinite(got):
        return "a rule divides by zero, or overflows"
    if got == 0:
        return "got 0: is the rule None, or is the graph cut by .data or no_grad?"
    if wanted == 0:
        return ""
    ratio = got / wanted
    sign = "-" if ratio < 0 else ""
    times, part = round(abs(ratio)), round(1 / abs(ratio))
    if times > 1 and math.isclose(abs(ratio), times, rel_tol=1e-6):
        return f"got = {sign}{times} x wanted"
    if part > 1 and math.isclose(1 / abs(ratio), part, rel_tol=1e-6):
        return f"got = {sign}wanted / {part}"
    return "got = -wanted" if math.isclose(ratio, -1.0, rel_tol=1e-6) else ""


def _name(f: Function) -> str:
    f = f.func if isinstance(f, partial) else f
    return str(getattr(f, "__name__", type(f).__name__))


def _arguments(f: Function, args: Sequence[Any]) -> list[str]:
    """Return what to call each argument: its position, and its name and label if it has them."""
    told = []
    for position, (x, name) in enumerate(zip(args, _parameters(f, len(args)), strict=True)):
        label = f"label {x.label!r:.80}" if isinstance(x, Value) and x.label else ""
        about = ", ".join(part for part in (name, label) if part)
        told.append(f"argument {position} ({about})" if about else f"argument {position}")
    return told


def _parameters(f: Function, count: int) -> Sequence[str]:
    """Return the names of the first parameters of a function, empty where they have none."""
    op = f.func if isinstance(f, partial) else f
    if isinstance(op, Op):
        return op.names(count)
    from inspect import Parameter, signature  # here, because it is slow to import

    names: list[str] = []
    try:
        parameters = list(signature(f).parameters.values())
    except (TypeError, ValueError):  # it is written in C, and does not tell
        parameters = []
    for parameter in parameters:
        if parameter.kind is Parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}[{i}]" for i in range(count - len(names))]
        elif parameter.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
    return (names + [""] * count)[:count]
