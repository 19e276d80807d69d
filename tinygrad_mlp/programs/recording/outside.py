"""What a function reads besides its arguments, and whether that is still what it was.

A program is made of the numbers that a function found around it when it was recorded.  So what
its code can name is noted before: variables of the functions around it, global ones, attributes of
objects that it reaches through these, and what lists, tuples and dicts there hold.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from functools import partial
from types import CodeType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any, NamedTuple
from weakref import ref

import numpy as np

from tinygrad_mlp.core.record import Op
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.programs.recording.conditions import Conditions

_PACKAGE = __name__.partition(".")[0]
#: What this package itself asks of objects that a reader wrote.
_ASKED = frozenset(("layers", "formula", "training_formula", "_function"))
_NUMBERS = (bool, int, float, complex, str, bytes, np.generic, np.dtype, Enum, type(None), Value)


class Method:
    """A method of an instance that it does not keep alive."""

    def __init__(self, function: Any, instance: Any, forget: Callable[[Any], Any]) -> None:
        self.function = function
        self.instance = ref(instance, forget)
        self.__wrapped__ = function
        self.__name__ = getattr(function, "__name__", type(function).__name__)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Call the method."""
        return self.function.__get__(self.instance())(*args, **options)


class _Place(NamedTuple):
    """Where something is read: for a person, and as an expression; what is certain has none."""

    name: str
    text: str | None = None


class Outside(Conditions):
    """What a function reads besides its arguments.

    Parameters
    ----------
    f : callable
        Looked at, not called.
    fixed : iterable
        Arguments that belong to the program; objects among them have attributes too.

    Examples
    --------
    >>> around = {"rates": [1.0, 2.0]}
    >>> outside = Outside(eval("lambda x: rates[1] * x", around))
    >>> outside.unchanged()
    True
    >>> around["rates"][1] = 3.0
    >>> outside.unchanged(), outside.changed()
    (False, 'rates')
    """

    def __init__(self, f: Callable[..., Any], fixed: Iterable[Any] = ()) -> None:
        inner: Any = f
        while hasattr(inner, "__wrapped__"):
            inner = inner.__wrapped__
        self._own = _top(getattr(inner, "__module__", None))
        self._copies: dict[int, Any] = {}  # of arrays, made once
        self._names = set(_ASKED)
        known = -1
        while len(self._names) > known:  # a name may lead to code with more names
            known = len(self._names)
            super().__init__()
            self._met: dict[int, str] = {}
            self._waiting: list[tuple[Any, _Place]] = []  # all that was met; so no two have one id
            self._read(f, _Place("f"))
            for x in fixed:
                self._read(x, _Place(f"the argument {type(x).__name__}"))
            for x, place in self._waiting:  # it grows while we go
                self._read_parts(x, place)
        self._waiting, self._met, self._copies = [], {}, {}
        self.build()

    def _read(self, x: Any, place: _Place) -> None:
        """Note something that stands at a place."""
        text = place.text
        if isinstance(x, _NUMBERS):
            if text is not None:
                then = self.bind(x)
                self.hold(f"({text} is {then} or is_same({text}, {then}))", place.name)
        elif isinstance(x, np.ndarray):
            self.hold(self.of_array(x, text, self._copies), place.name)
        elif not self._has_parts(x):
            if callable(x) and text is not None:
                self.hold(f"{text} is {self.bind(x)}", place.name)
        elif id(x) not in self._met:
            self._met[id(x)] = text or self.bind(x)
            self._waiting.append((x, place))
        elif text is not None and text != self._met[id(x)]:
            self.hold(f"{text} is {self._met[id(x)]}", place.name)

    def _has_parts(self, x: Any) -> bool:
        """Return whether there may be something to read in a thing."""
        if isinstance(x, ModuleType | type):
            return self._is_readers(x.__name__ if isinstance(x, ModuleType) else x.__module__)
        if isinstance(x, (FunctionType, MethodType, partial, list, tuple, dict)):
            return True
        home = type(x).__module__
        if hasattr(x, "__wrapped__") or (_top(home) == _PACKAGE and hasattr(x, "__dict__")):
            return True  # such as a network or layer of this package
        return self._is_readers(home)

    def _read_parts(self, x: Any, place: _Place) -> None:  # noqa: C901, PLR0912  a case for each kind
        """Note what is in something that stands at a place."""
        text, known = place.text, self._met[id(x)]
        here = _Place(place.name, known)
        if isinstance(x, FunctionType):
            if text is not None:
                self.hold(f"{text}.__code__ is {self.bind(x.__code__)}", place.name)
            self._function(x, place)
        elif isinstance(x, MethodType):
            self._read(x.__func__, _Place(place.name, text and f"{text}.__func__"))
            self._read(x.__self__, _Place("self", f"{known}.__self__"))
        elif isinstance(x, Method):
            self._read(x.function, _Place(place.name))
            self._read(x.instance(), _Place("self", f"{self.bind(x.instance)}()"))
        elif isinstance(x, partial):
            for part in ("func", "args", "keywords"):
                self._read(getattr(x, part), _Place(place.name, f"{known}.{part}"))
        elif isinstance(x, list | tuple | dict):
            self._items(x, here, certain=text is None and isinstance(x, tuple))
        elif isinstance(x, Op):
            if text is not None:
                self.hold(f"{text} is {self.bind(x)}", place.name)
            for rule in x.vjps if isinstance(x.vjps, list | tuple) else ():
                self._read(rule, _Place(f"a rule of {x.name}"))
        elif hasattr(x, "__wrapped__"):
            self._read(x.__wrapped__, _Place(place.name, text and f"{text}.__wrapped__"))
        elif isinstance(x, ModuleType | type):
            self._attributes(x, _Place(place.name, self.bind(x)), ())
        else:
            self.hold(f"{known}.__class__ is {self.bind(type(x))}", place.name)
            self._attributes(x, here, type(x).__mro__)

    def _items(self, x: Any, place: _Place, *, certain: bool) -> None:
        """Note what a list, tuple or dict holds, if that may be something else."""
        if not certain:
            self.hold(f"len({place.text}) == {len(x)}", place.name)
        if isinstance(x, dict):
            for key, item in x.items():
                self._read(item, _inside(place, f"[{key!r:.40}]", f"[{self.bind(key)}]"))
        elif all(isinstance(item, _NUMBERS) for item in x):
            if not certain:
                both = f"{place.text}, {self.bind(tuple(x))}"
                self.hold(f"(all(map(is_, {both})) or all(map(is_same, {both})))", place.name)
        else:
            for number, item in enumerate(x):
                self._read(item, _inside(place, f"[{number}]", f"[{number}]"))

    def _function(self, f: FunctionType, place: _Place) -> None:
        """Note what a function names, and what the functions around it have called so."""
        readers = self._is_readers(f.__module__)
        if not readers and _top(f.__module__) != _PACKAGE:
            return
        for number, cell in enumerate(f.__closure__ or ()):
            try:
                content = cell.cell_contents
            except ValueError:  # it has no content yet
                continue
            if not readers:  # variables of this package do not change
                self._read(content, _Place(place.name))
                continue
            path = f"{place.text}.__closure__[{number}]" if place.text else self.bind(cell)
            name = f.__code__.co_freevars[number]
            self._read(content, _Place(name, f"{path}.cell_contents"))
        if not readers:
            return
        known = place.text or self.bind(f)
        for part in ("__defaults__", "__kwdefaults__"):
            if getattr(f, part):
                self._read(
                    getattr(f, part), _Place(f"a default of {place.name}", f"{known}.{part}")
                )
        names = dict.fromkeys(names_of(f.__code__))
        self._names.update(names)
        around = self.bind(f.__globals__)
        for name in names:
            if name in f.__globals__:
                self._read(f.__globals__[name], _Place(name, f"{around}[{name!r}]"))

    def _attributes(self, x: Any, place: _Place, classes: Any) -> None:
        """Note the attributes that any code names, wherever they are stored."""
        own = getattr(x, "__dict__", {})
        for name in sorted(self._names & own.keys()):
            self._read(own[name], _inside(place, f".{name}", f".__dict__[{name!r}]"))
        for kind in classes:
            if not self._is_readers(kind.__module__):
                continue
            for name, item in vars(kind).items():
                operator = name.startswith("__") and name not in ("__init__", "__repr__")
                if name in own or not (name in self._names or operator):
                    continue
                for function in _functions_in(item):
                    self._read(function, _Place(name))
                is_slot = isinstance(item, MemberDescriptorType) and hasattr(x, name)
                is_plain = isinstance(item, (*_NUMBERS, np.ndarray, list, tuple, dict))
                if (is_slot or is_plain) and not operator:
                    self._read(getattr(x, name), _inside(place, f".{name}", f".{name}"))

    def _is_readers(self, module: Any) -> bool:
        """Return whether a reader wrote a module: it is not installed, or that of the function."""
        top = _top(module)
        if top in sys.stdlib_module_names and top != "__main__":
            return False
        if top == _PACKAGE:
            return False
        path = str(getattr(sys.modules.get(top), "__file__", None))
        return top == self._own or not ("site-packages" in path or "dist-packages" in path)


def _inside(place: _Place, name: str, text: str) -> _Place:
    return _Place(place.name + name, f"{place.text}{text}")


def _top(module: Any) -> str:
    return str(module).partition(".")[0]


def _functions_in(item: Any) -> Iterator[FunctionType]:
    """Return the functions behind a thing that a class has: methods, properties and the like."""
    parts = (item, *(getattr(item, part, None) for part in ("__func__", "fget", "__wrapped__")))
    return (part for part in parts if isinstance(part, FunctionType))


def names_of(code: CodeType) -> Iterator[str]:
    """Yield the names that code may look up outside of it, those of inner functions too."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_of(constant)
