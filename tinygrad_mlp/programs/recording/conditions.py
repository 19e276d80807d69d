"""Questions about what a function has read: whether everything is still what it was."""

from __future__ import annotations

from collections.abc import Callable
from operator import is_
from typing import Any

import numpy as np

from tinygrad_mlp.core.value import Value

#: Up to here the bytes of an array are compared at once, above number by number.
_SMALL = 2**16


class Conditions:
    """Expressions that are true as long as nothing changes, asked all at once by a function.

    Attributes
    ----------
    conditions : dict of str to str
        The expressions, and the name of what each is about.
    unchanged : callable
        Takes nothing; returns whether everything is as it was.
    """

    unchanged: Callable[[], bool]

    def __init__(self) -> None:
        self.conditions: dict[str, str] = {}
        self._bound: dict[str, Any] = {"is_": is_, "is_same": _is_same, "is_array": _is_array}

    def bind(self, x: Any) -> str:
        """Return a name that stands for something in expressions."""
        name = f"x{len(self._bound)}"
        self._bound[name] = x
        return name

    def hold(self, condition: str, name: str) -> None:
        """Ask for something, which tells of what has this name."""
        self.conditions.setdefault(condition, name)

    def of_array(self, x: Any, text: str | None, copies: dict[int, Any]) -> str:
        """Return whether an array has the same numbers, as an expression; copies are made once."""
        now = text or self.bind(x)
        if not x.flags.writeable and x.base is None:  # it cannot change
            then = self.bind(x)
            return f"({now} is {then} or is_array({now}, {then}))"
        small = x.nbytes <= _SMALL and x.dtype.kind != "O"
        if id(x) not in copies:
            copies[id(x)] = x.tobytes() if small else x.copy()
        then = self.bind(copies[id(x)])
        if not small:
            return f"is_array({now}, {then})"
        like = f"{now}.dtype == {self.bind(x.dtype)} and {now}.shape == {x.shape!r}"
        return f"({like} and {now}.tobytes() == {then})"

    def settle(self) -> None:
        """Ask no more for the lengths that the function itself has changed, as by appending."""
        grown = [x for x in self.conditions if x.startswith("len(") and not self._holds(x)]
        if grown:
            for condition in grown:
                del self.conditions[condition]
            self.build()

    def build(self) -> None:
        """Make the function that asks."""
        lines = ["def unchanged():", "    try:", "        return ("]
        lines.append("            " + "\n            and ".join(["True", *self.conditions]))
        lines += ["        )", "    except Exception:", "        return False"]
        namespace = dict(self._bound)
        exec("\n".join(lines), namespace)  # noqa: S102  our own text
        self.unchanged = namespace["unchanged"]

    def _holds(self, condition: str) -> bool:
        try:
            return bool(eval(condition, dict(self._bound)))  # noqa: S307  our own text
        except Exception:  # noqa: BLE001  whatever was there is gone
            return False

    def changed(self) -> str:
        """Return the name of the first thing that has changed."""
        changed = (name for x, name in self.conditions.items() if not self._holds(x))
        return next(changed, "something")


def _is_same(now: Any, then: Any) -> bool:
    """Return whether a number or text is another object with the same bits."""
    if now is then:
        return True
    if type(now) is not type(then) or isinstance(now, Value):
        return False
    return repr(now) == repr(then) if isinstance(now, float) else bool(now == then)


def _is_array(now: Any, then: Any) -> bool:
    """Return whether an array has the bits that it had."""
    if type(now) is not type(then) or (now.shape, now.dtype) != (then.shape, then.dtype):
        return False
    if then.dtype.kind in "fiub" and then.itemsize <= 8:
        bits = np.dtype(f"u{then.itemsize}")
        return bool((now.view(bits) == then.view(bits)).all())
    return now is then or bool(np.array_equal(now, then))
