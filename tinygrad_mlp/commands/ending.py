"""Signals that ask the command to end: they raise at once, or in training after a whole step."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

#: What asks a program to end, where the system has it: Ctrl-C, kill, a terminal that is closed.
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class Ending:
    """A block in which the first signal raises KeyboardInterrupt, and later ones do nothing.

    Where the interrupt would be lost, or come between two halves of a step, it waits: an exception
    that a signal raises may fall into a callback of the interpreter, which drops it.
    """

    def __init__(self) -> None:
        self.is_final = False  # whether the process ends now, so that nothing is put back
        self._number: int | None = None
        self._waits = False
        self._earlier: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # no other may handle signals
            for number in (getattr(signal, name) for name in _ENDING if hasattr(signal, name)):
                # What is ignored, as nohup does it, stays ignored.
                if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                    self._earlier[number] = signal.signal(number, self._end)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in {} if self.is_final else self._earlier.items():
            signal.signal(number, handler)

    def _end(self, number: int, _: Any) -> None:
        if self._number is None:
            self._number = number
            if not self._waits:
                raise KeyboardInterrupt(number)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let a signal wait for the end of this block, or for ``check``."""
        self._waits = True
        try:
            yield
        except OSError:
            self.check()  # what cannot be printed, since the terminal was closed, is no news
            raise
        finally:
            self._waits = False
        self.check()

    def check(self) -> None:
        """Raise if a signal has come."""
        if self._number is not None:
            raise KeyboardInterrupt(self._number)
