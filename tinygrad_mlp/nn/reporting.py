"""Who tells how far a training is while it runs: nobody, lines of text, or a bar."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any


class Reporter:
    """Tells nothing; the others say when they tell what."""

    def begin(self, first: int, last: int) -> None:
        """Begin with the epoch ``first``, of ``last``."""

    def step(self, steps: int | None) -> None:
        """Know that a step was made, one of so many in each epoch, if that is known."""

    def epoch(self, epoch: int, loss: float, measures: Mapping[str, float]) -> None:
        """Know that an epoch is over, with what it gave."""

    def close(self) -> None:
        """Know that nothing comes any more."""


class Lines(Reporter):
    """Prints a line for every tenth epoch, as the notebook does.

    >>> lines = Lines()
    >>> lines.begin(0, 20)
    >>> lines.epoch(10, 0.25, {})
    epoch:    10/20   error=0.250000000
    """

    def begin(self, first: int, last: int) -> None:
        """Remember how many epochs there will be."""
        self._last = last

    def epoch(self, epoch: int, loss: float, measures: Mapping[str, float]) -> None:
        """Print the line, if it is time."""
        if epoch % 10 == 0:
            print("epoch: %5d/%d   error=%0.9f" % (epoch, self._last, loss))  # noqa: T201, UP031


class Bar(Reporter):
    """Draws a bar that grows with every step, by tqdm.

    Parameters
    ----------
    kind : class
        ``tqdm.tqdm``, or one like it.
    """

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    def begin(self, first: int, last: int) -> None:
        """Draw an empty bar."""
        self._first, self._last = first, last
        self._bar = self._kind(desc=self._title(first), unit=" steps", file=sys.stderr)

    def step(self, steps: int | None) -> None:
        """Let it grow; how long it will be is known from the first epoch on."""
        if steps is not None:
            self._bar.total = steps * (self._last - self._first)
        self._bar.update()

    def epoch(self, epoch: int, loss: float, measures: Mapping[str, float]) -> None:
        """Write beside it what the epoch gave."""
        told = {"loss": loss, **measures}
        numbers = ", ".join(f"{name}={number:.4g}" for name, number in told.items())
        self._bar.set_postfix_str(numbers, refresh=False)
        self._bar.set_description(self._title(min(epoch + 1, self._last - 1)))

    def close(self) -> None:
        """Leave it as it is, and go to the next line."""
        self._bar.close()

    def _title(self, epoch: int) -> str:
        return f"epoch {epoch + 1}/{self._last}"


def reporter_of(verbose: Any, progress: Any, rank: int = 0) -> Reporter:
    """Return who tells: for ``progress`` a bar where one can be drawn, and lines elsewhere.

    Of several processes only the first one tells something.

    Raises
    ------
    TypeError
        If ``progress`` is no bool.
    """
    if not isinstance(progress, bool):
        raise TypeError(f"progress must be True or False, got {progress!r:.80}")
    if rank:
        return Reporter()
    if progress and sys.stderr is not None and sys.stderr.isatty():
        try:
            return Bar(import_module("tqdm").tqdm)
        except ModuleNotFoundError:
            pass  # a bar is no reason not to train
    return Lines() if progress or verbose else Reporter()
