"""What holds inside a ``with`` block: whether values are recorded, their scope, what is watched.

The state is that of the thread or asyncio task, and restored when the block is left.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

_Function = TypeVar("_Function", bound=Callable[..., Any])
_PACKAGE = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120  pathlib is slow to import
_IS_GENERATOR = 0x20  # inspect.CO_GENERATOR, without importing inspect


class Context:
    """An immutable state: ``inner`` gives another with some entries changed."""

    __slots__ = (
        "anomaly",
        "differentiated",
        "followed",
        "recorder",
        "recording",
        "scope",
        "tracing",
        "watched",
        "witness",
    )

    def __init__(
        self,
        scope: str = "",
        recording: bool = True,
        tracing: bool = False,
        anomaly: bool = False,
        recorder: Any = None,
        differentiated: frozenset[Any] = frozenset(),
        witness: Any = None,
        followed: bool = False,
    ) -> None:
        self.scope = scope
        self.recording = recording
        self.tracing = tracing
        self.anomaly = anomaly
        self.recorder = recorder
        self.differentiated = differentiated
        self.witness = witness
        self.followed = followed  # whether transforms record what they do, for those around them
        self.watched = tracing or anomaly

    def inner(self, **changes: Any) -> Context:
        """Return this state with changes."""
        entries = {name: getattr(self, name) for name in _ENTRIES}
        return Context(**(entries | changes))


_ENTRIES = tuple(name for name in Context.__slots__ if name != "watched")


_context: ContextVar[Context] = ContextVar("context", default=Context())  # noqa: B039  immutable
current = _context.get


def _enter(inner: Context, outer: Context) -> None:
    """Make ``inner`` the state, but not if Ctrl-C comes, for then no block is entered and left."""
    try:
        _context.set(inner)
    except BaseException:
        _context.set(outer)
        raise


class Setting(threading.local):  # so that threads may share one object
    """Changes the state inside a ``with`` block or a decorated function, generators included."""

    def __init__(self) -> None:
        self._outer: list[Context] = []

    def _changed(self, outer: Context) -> Context:
        raise NotImplementedError

    def __enter__(self) -> None:
        outer = current()
        self._outer.append(outer)
        _enter(self._changed(outer), outer)

    def __exit__(self, *exception: object) -> None:
        _context.set(self._outer[-1])  # first, for Ctrl-C may come between any two calls
        self._outer.pop()

    def __call__(self, function: _Function) -> _Function:
        """Return the function with this setting in every call."""
        code = getattr(function, "__code__", None)  # operations and NumPy's functions have none
        if code is not None and code.co_flags & _IS_GENERATOR:
            # Between two steps of a generator its caller runs, to whom the setting must not leak.
            @wraps(function)
            def stepwise(*args: Any, **options: Any) -> Any:
                generator = function(*args, **options)
                sent = None
                while True:
                    try:
                        with self:
                            item = generator.send(sent)  # None starts it
                    except StopIteration as stop:
                        return stop.value
                    sent = yield item

            return stepwise  # type: ignore[return-value]  # it takes and gives the same

        @wraps(function)
        def whole(*args: Any, **options: Any) -> Any:
            with self:
                return function(*args, **options)

        return whole  # type: ignore[return-value]  # it takes and gives the same


#: What stands for a slash in the name of a scope.
SLASH = "\u2215"


class scope(Setting):  # noqa: N801  used like a function, as contextlib's are
    """Give every value made inside a ``with`` block a place, such as the name of a layer.

    Scopes nest, with a slash between their names; a slash in a name becomes a ``∕`` that only looks
    like one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> with tg.scope("encoder"), tg.scope("layer1"):
    ...     tg.Value(1.0).scope
    'encoder/layer1'
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        if not isinstance(name, str) or not name:
            raise ValueError(f"scope: name must be a text of at least one letter, got {name!r}")
        self._name = name.replace("/", SLASH)

    def _changed(self, outer: Context) -> Context:
        return outer.inner(scope=f"{outer.scope}/{self._name}" if outer.scope else self._name)


class no_grad(Setting):  # noqa: N801  as scope
    """Compute without recording: Values made inside a ``with`` block are leaves.

    Also a decorator; one that is safe for generator functions, unlike a ``with`` block inside
    them, which stays in force for the caller while the generator is suspended.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0)
    >>> with tg.no_grad():
    ...     y = x * x
    >>> y.op is None
    True
    """

    def _changed(self, outer: Context) -> Context:
        return outer.inner(recording=False)


class trace_lines(Setting):  # noqa: N801  as scope
    """Remember for every value in which line of the program it was made; errors tell it.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> with tg.trace_lines():
    ...     w = tg.Value([1.0, 2.0], label="w")
    >>> w.described()  # doctest: +ELLIPSIS
    "Value 'w' of shape (2,) from line 2 of <doctest ...>"
    """

    def _changed(self, outer: Context) -> Context:
        return outer.inner(tracing=True)


class differentiating:  # noqa: N801  as scope
    """Record what is made from the inputs of a transform, which are being differentiated by.

    Inside, ``Value.is_differentiated`` knows what depends on the inputs of this and of every outer
    transform.  It records inside ``no_grad`` too; a ``no_grad`` inside of it cuts as everywhere.
    Unlike the settings above it belongs to one call, so it is light, and not for several threads.
    """

    __slots__ = ("_inputs", "_outer")

    def __init__(self, inputs: Iterable[Any]) -> None:
        self._inputs = frozenset(inputs)

    def __enter__(self) -> None:
        self._outer = current()
        differentiated = self._outer.differentiated | self._inputs
        inner = self._outer.inner(recording=True, followed=True, differentiated=differentiated)
        _enter(inner, self._outer)

    def __exit__(self, *exception: object) -> None:
        _context.set(self._outer)


class unfollowed(Setting):  # noqa: N801  as scope
    """Compute as if nothing around were differentiated or made a program.

    For the inside of what has a derivative of its own: there arrays give arrays.  A number taken of
    a Value that is being differentiated is still an error.
    """

    def _changed(self, outer: Context) -> Context:
        return outer.inner(followed=False, recorder=None)


# ----- Lines -----

_lines: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def remember_line(value: Any) -> None:
    """Note the innermost line outside this package as the birthplace of a value."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    _lines[value] = f"line {frame.f_lineno} of {frame.f_code.co_filename}"


def line_of(value: Any) -> str:
    """Return the birthplace as ``" from line 3 of file.py"``, or nothing if it was not noted."""
    return f" from {_lines[value]}" if value in _lines else ""
