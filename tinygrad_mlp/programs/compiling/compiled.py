"""Functions that run as straight-line NumPy: recorded once for each kind of arguments."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from operator import attrgetter
from types import MethodType
from typing import Any

from tinygrad_mlp._support.structures import leaves
from tinygrad_mlp.core.context import current
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.programs.compiling.entry import MISS
from tinygrad_mlp.programs.compiling.programs import PRINTERS, Programs, name_of
from tinygrad_mlp.programs.compiling.specialization import Specialization
from tinygrad_mlp.programs.recording.outside import Method

Array = Any


def compile(  # noqa: A001  it is tg.compile
    f: Callable[..., Any],
    *,
    donate_argnums: int | Iterable[int] = (),
    reuse_outputs: bool = False,
    backend: str = "numpy",
) -> Compiled:
    """Return a function with the results of ``f`` that runs as straight-line NumPy.

    At the first call for each kind of arguments (shapes, types, structure) ``f`` is recorded; what
    it did becomes a program that writes into buffers prepared once.  Later calls run the program.
    Arrays and floats may be others in every call; everything else (ints, strings, None) is part of
    the kind.  When a number, array or function that ``f`` reads from ``self`` or from around it
    has changed, ``f`` is recorded anew.

    Parameters
    ----------
    f : callable
        Takes and returns arrays, or nested lists, tuples and dicts of them; written in functions
        that take Values.  ``tg.grad(f)``, ``tg.value_and_grad(f)`` and the like are such.  In a
        class it is a method: each instance has programs of its own, and ``self`` is argument 0.
    donate_argnums : int or sequence of ints
        Positional arguments whose memory the results may be written into: the caller does not need
        their numbers any more.  For updating parameters in place.
    reuse_outputs : bool
        Every call returns the same arrays with new numbers in them, instead of new arrays.
    backend : {"numpy", "numba"}
        With ``"numba"`` (extra ``jit``) the program becomes machine code, which pays for small
        arrays; the first call takes seconds.  Each number is within about 1 ulp per operation of
        NumPy's, sums of n numbers within n ulp of their largest part, and no floating-point
        warnings are given.  A program that cannot be so compiled runs with NumPy, after one
        UserWarning that says why.

    Returns
    -------
    Compiled
        Called with Values it is ``f`` itself, so that derivatives of it can be recorded.

    Raises
    ------
    TraceError
        At the first call, if what ``f`` does depends on numbers: a branch, a shape.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> slope = tg.compile(tg.grad(lambda x: tg.sum(tg.tanh(x) ** 2)))
    >>> slope(np.array([0.0, 1.0]))
    array([0.        , 0.63970001])
    """
    if not callable(f):
        raise TypeError(f"compile: f must be a function, got {type(f).__name__} {f!r:.80}")
    given: Any = donate_argnums
    several = isinstance(given, Iterable) and not isinstance(given, str)
    numbers = tuple(given) if several else (given,)
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise TypeError(f"compile: donate_argnums must be ints from 0 on, got {number!r:.80}")
    if backend not in PRINTERS:
        raise ValueError(f"compile: backend must be 'numpy' or 'numba', got {backend!r:.80}")
    return Compiled(f, numbers, reuse_outputs, backend)


class Compiled:
    """What ``compile`` returns: a function, and the programs that it has become so far.

    Attributes
    ----------
    source, fast_source : str
        The newest program, to read and as it runs.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        donate_argnums: tuple[int, ...],
        reuse_outputs: bool,
        backend: str,
    ) -> None:
        self.f = f
        self._options = donate_argnums, reuse_outputs, backend
        self._forget()
        update_wrapper(self, f, updated=())  # its attributes might take the place of these

    def _forget(self) -> None:
        """Have no program."""
        self._programs = Programs(self.f, *self._options)
        self._methods: dict[int, Compiled] = {}  # of instances that are alive, by id

    def __repr__(self) -> str:
        return f"<compiled {name_of(self.f)}, {len(self._programs)} programs>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "f":
            raise AttributeError(f"a compiled function has no attribute {name!r}")
        return getattr(self.f, name)  # what the function has besides

    def __reduce_ex__(self, protocol: Any) -> Any:
        # One that stands in a module under the name of its function is found there.
        try:
            home = sys.modules[self.__module__]
            found = attrgetter(self.__dict__["__qualname__"])(home)
        except (KeyError, AttributeError):
            found = None
        return self.__qualname__ if found is self else super().__reduce_ex__(protocol)

    def __getstate__(self) -> dict[str, Any]:
        own = ("_programs", "_methods")
        return {name: x for name, x in self.__dict__.items() if name not in own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()  # a copy compiles its own programs

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Return the method of an instance, as a function in a class does."""
        if instance is None or not hasattr(self.f, "__get__"):
            return self
        key = id(instance)
        if key not in self._methods:
            donated, reuse, backend = self._options
            if 0 in donated:
                raise ValueError(
                    "compile: donate_argnums has 0, which is self in the method "
                    f"{name_of(self.f)}; count the arguments from 1 on"
                )
            try:
                method = Method(self.f, instance, lambda _: self._methods.pop(key, None))
            except TypeError:  # of which no weak reference can be made, such as a tuple
                return MethodType(self, instance)
            donated = tuple(number - 1 for number in donated)
            self._methods[key] = Compiled(method, donated, reuse, backend)
        return BoundMethod(self._methods[key], instance)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return what ``f`` returns."""
        arity, entry = self._programs.entry
        context = current()
        recording, differentiated = context.recorder is not None, context.differentiated
        is_plain = not (options or recording or differentiated)
        if entry is not None and len(args) == arity and is_plain:
            result = entry(*args)
            if result is not MISS:
                return result
        flat = leaves((args, options))
        if recording or any(type(x) is Value for x in flat):
            return self.f(*args, **options)
        program = self._programs.of(args, options, flat)
        if differentiated and any(value.is_differentiated() for value in program.captured):
            return self.f(*args, **options)
        return program.call(flat)

    def into(self, arrays: Sequence[Array | None], *args: Any, **options: Any) -> Any:
        """Call, and write the arrays of the result into given ones, in their order.

        Parameters
        ----------
        arrays : sequence of arrays
            One for every array that the function returns, of its shape and type.
        *args, **options
            As for a call.
        """
        flat = leaves((args, options))
        if any(type(x) is Value for x in flat):
            raise TypeError("compile: into writes arrays, so it takes no Values; pass their .data")
        return self._programs.of(args, options, flat).call(flat, arrays)

    def prepared(self, *args: Any) -> Callable[..., Any]:
        """Return the bare program for arguments like these, which checks nothing.

        For loops that run it very often.

        Parameters
        ----------
        *args : arrays and floats
            Of the kind of every later call; they are not used otherwise.

        Returns
        -------
        callable
            Takes the arguments, floats as NumPy scalars, and then an array for every array of the
            result, to write it into; not from two threads at once.

        Examples
        --------
        >>> import numpy as np
        >>> import tinygrad_mlp as tg
        >>> run = tg.compile(lambda x: x + 1.0).prepared(np.zeros(2))
        >>> run(np.array([1.0, 2.0]), np.empty(2))
        array([2., 3.])
        """
        return self._programs.of(args, {}, list(args)).prepared()

    @property
    def source(self) -> str:
        """The newest program as one would have written it, as ``tg.source`` prints it."""
        # Here, because it is slow to import.
        from tinygrad_mlp.programs.writing.source import written

        return written(self.f, self._program().recorded, *self._programs.example)

    @property
    def fast_source(self) -> str:
        """The Python text of the newest program."""
        return self._program().text

    @property
    def captured(self) -> list[Value]:
        """The Values that the newest program reads at every call besides its arguments."""
        return list(self._program().captured)

    def report(self) -> str:
        """Return a table of what the newest program does: calls, buffers, bytes, operations."""
        return self._program().report()

    def _program(self) -> Specialization:
        if self._programs.newest is None:
            raise ValueError(
                f"compile: {name_of(self.f)} has no program yet; call it once with the arguments "
                "that the program shall be for"
            )
        return self._programs.newest


class BoundMethod:
    """A compiled method of an instance; it has all that the compiled function has."""

    def __init__(self, compiled: Compiled, instance: Any) -> None:
        self.__wrapped__ = compiled
        self.__self__ = instance

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return what the method returns."""
        return self.__wrapped__(*args, **options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.__wrapped__, name)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)

    def __reduce__(self) -> Any:
        return getattr, (self.__self__, self.__wrapped__.__name__)
