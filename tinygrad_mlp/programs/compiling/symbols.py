"""Arrays that compute as usual, and take notes of every call that NumPy gets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from tinygrad_mlp._support.structures import mapped
from tinygrad_mlp.ops.shapes import reduced_axes
from tinygrad_mlp.programs.compiling.calls import Call, Variable
from tinygrad_mlp.programs.recording.program import frozen

Array = Any

#: Functions that ask for shapes and types only.
_STATIC = frozenset(("ndim", "result_type", "shape", "size", "zeros_like", "ones_like"))
#: Reductions, and the binary function that each repeats.
_REDUCTIONS = {
    "sum": np.add,
    "prod": np.multiply,
    "max": np.maximum,
    "amax": np.maximum,
    "min": np.minimum,
    "amin": np.minimum,
    "any": np.logical_or,
    "all": np.logical_and,
}
#: Done about floating-point warnings while notes are taken; what a formula sets is another thing.
USUAL: Any = "call"


class UntraceableError(Exception):
    """A formula did what cannot be written as calls in a fixed order."""


class Symbol(Variable, NDArrayOperatorsMixin):
    """A variable that computes as usual, and records what is computed from it."""

    __slots__ = ("notes",)

    def __init__(self, data: Array, notes: Notes) -> None:
        super().__init__(data, notes.next_number())
        self.notes = notes

    def __hash__(self) -> int:  # == is NumPy's, and makes arrays
        return self.number

    # ----- What NumPy asks -----

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any
    ) -> Any:
        """Record a call of a ufunc; an ``out`` among the symbols means its next version."""
        if method not in ("__call__", "reduce"):
            raise UntraceableError(f"{ufunc.__name__}.{method}")
        if out is not None and not isinstance(out[0], Symbol):
            raise UntraceableError("out=")
        if method == "reduce":
            return self.notes.reduction(ufunc, *inputs, **options)
        if not options:
            return self.notes.call("ufunc", ufunc, inputs, options)
        raise UntraceableError(f"{ufunc.__name__} with {sorted(options)}")

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        """Record a call of any other function of NumPy."""
        name = function.__name__
        if "out" in options:
            raise UntraceableError("out=")
        if name in _STATIC:
            return function(*_numbers(args), **_numbers(options))
        if name in _REDUCTIONS:
            return self.notes.reduction(_REDUCTIONS[name], *args, **options)
        if name == "mean" and self.notes.can_divide(*args):
            return self.notes.mean(*args, **options)
        return self.notes.call("view", function, args, options)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise UntraceableError("an array of the numbers")

    def __bool__(self) -> bool:
        return self.notes.guard(self)

    def __float__(self) -> float:
        raise UntraceableError("a number")

    __int__ = __index__ = __iter__ = __float__

    def __len__(self) -> int:
        return len(self.data)

    def __pow__(self, exponent: Any) -> Any:
        if isinstance(self.data, np.ndarray) and type(exponent) in (int, float) and exponent == 2:
            return self.notes.call("ufunc", np.square, (self,), {})  # as NumPy does
        return self.notes.call("plain", _power, (self, exponent), {})

    def __rpow__(self, base: Any) -> Any:
        return self.notes.call("plain", _power, (base, self), {})

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, tuple) and not index and not isinstance(self.data, np.ndarray):
            return self
        return self.notes.call("view", _item, (self, index), {})

    # ----- The attributes and methods that formulas use -----

    @property
    def T(self) -> Any:  # noqa: N802  NumPy's name
        """The transpose."""
        return self.notes.call("view", np.transpose, (self,), {})

    def reshape(self, *shape: Any) -> Any:
        """Record another shape of the same numbers."""
        whole = shape[0] if len(shape) == 1 else shape
        return self.notes.call("view", np.reshape, (self, whole), {})

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Record a sum."""
        return self.notes.reduction(np.add, self, axis=axis, keepdims=keepdims)

    def astype(self, dtype: Any) -> Any:
        """Record a conversion."""
        return self.notes.call("plain", _astype, (self, dtype), {})


def _item(x: Array, index: Any) -> Array:
    return x[index]


def _power(x: Array, y: Array) -> Array:
    return x**y


def _astype(x: Array, dtype: Any) -> Array:
    return x.astype(dtype)


class Notes:
    """The calls that NumPy got, in order, each different one once."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.next_number = count().__next__
        self._made: dict[Any, Variable] = {}
        self._keys: list[Any] = []  # of what was made, one for each call
        self._behind: dict[Any, dict[Any, Variable]] = {}  # what was made behind each guard
        self._guard: Any = None  # the one whose block is open
        self._answers: list[bool] = []  # to the next guards, whatever the samples say

    def forget(self) -> None:
        """Let go of everything: symbols know their notes, and the other way round."""
        self.calls, self._keys, self._made, self._behind = [], [], {}, {}

    def take_back(self, first: int) -> None:
        """Forget the calls from the ``first`` on."""
        for key in self._keys[first:]:
            self._made.pop(key, None)
        del self.calls[first:], self._keys[first:]
        self._guard = None

    def close_block(self, first: int) -> None:
        """End the block of the guard at ``first``; what it made is there for blocks like it."""
        behind = self._behind.setdefault(self._guard, {})
        for key in self._keys[first:]:
            if key in self._made:
                behind[key] = self._made.pop(key)
        self._guard = None

    def along(self, answer: bool, whole: Call) -> tuple[list[Call], Any]:
        """Return the calls of a formula whose guard is answered so, and its result."""
        kept = self.calls, self._keys, self._made
        self.calls, self._keys, self._made, self._answers = [], [], {}, [answer]
        try:
            with np.errstate(all="ignore"):  # the samples are not meant for this branch
                result = whole.function(*whole.arguments, **whole.options)
            return self.calls, result
        finally:
            self.calls, self._keys, self._made = kept
            self._answers = []

    def reduction(
        self,
        ufunc: np.ufunc,
        x: Any,
        axis: Any = None,
        dtype: Any = None,
        keepdims: Any = False,
        **options: Any,
    ) -> Any:
        """Record a reduction."""
        options = {k: v for k, v in options.items() if v is not np._NoValue and v is not None}
        if dtype is not None or not isinstance(x, Symbol):
            raise UntraceableError("a reduction in another type")
        # One spelling, so that a formula that says -1 shares with one that says (1,).
        named = {"axis": reduced_axes(x, axis), "keepdims": keepdims not in (False, np._NoValue)}
        return self.call("reduce", ufunc, (x,), {**named, **options})

    def can_divide(self, x: Any, *_: Any) -> bool:
        """Return whether a mean is a sum divided by a number, to the last bit."""
        return isinstance(x, Symbol) and x.dtype.itemsize >= 4 and 0 < x.size <= 2**24

    def mean(self, x: Symbol, axis: Any = None, dtype: Any = None, **options: Any) -> Any:
        """Record a mean as what it is."""
        total = self.reduction(np.add, x, axis, dtype, **options)
        return total / total.dtype.type(x.size // max(total.size, 1))

    def guard(self, symbol: Symbol) -> bool:
        """Record that what follows is right only if a symbol is as true as it is now."""
        if self._answers:
            return self._answers.pop()
        truth = bool(symbol.data)
        if self._guard is not None:
            raise UntraceableError("a branch inside a branch")
        self._guard = (symbol.number, truth)
        call = Call("guard", bool, [symbol], {}, None)
        call.truth = truth
        self.add(call)
        return truth

    def add(self, call: Call, key: Any = ()) -> None:
        """Append a call, which can be found again by its key if it has one."""
        self.calls.append(call)
        self._keys.append(key)
        if key and call.result is not None:
            self._made[key] = call.result

    def call(self, kind: str, function: Any, args: Sequence[Any], options: Any) -> Any:
        """Compute, and record how, unless the same was computed before.

        Of a function that may give a view, memory tells whether it does.
        """
        quiet = {k: v for k, v in np.geterr().items() if v != USUAL}
        given = mapped(
            lambda x: ("symbol", x.number) if isinstance(x, Symbol) else x, (args, options)
        )
        key: Any = (kind, function, frozen(given), frozen(quiet))
        try:
            for made in (self._made, self._behind.get(self._guard, {})):
                if key in made:
                    return made[key]
        except TypeError:  # something in it cannot be compared
            key = ()
        compute = function.reduce if kind == "reduce" else function
        data = compute(*_numbers(args), **_numbers(options))
        if not isinstance(data, np.ndarray | np.generic):
            raise UntraceableError("no result, so it changes an argument, or several")
        if not isinstance(data, np.ndarray):
            kind = {"ufunc": "plain", "reduce": "total"}.get(kind, kind)
        result = Symbol(data, self)
        call = Call(kind, function, args, options, result)
        call.quiet = quiet
        if kind == "view":
            shared = [x for x in call.variables() if np.may_share_memory(data, x.data)]
            call.source = next(iter(shared), None)
            call.kind = "view" if shared else "plain"
        self.add(call, key)
        return result


def _numbers(structure: Any) -> Any:
    """Return what came with the numbers of symbols in their place."""
    return mapped(lambda x: x.data if isinstance(x, Symbol) else x, structure)
