"""Passes as scikit-learn makes them: in which order, at which rate, and when they end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tinygrad_mlp.nn.callbacks import Progress
    from tinygrad_mlp.nn.network import Network

Array = Any


class Order(np.random.RandomState):
    """Numbers whose order is a shuffle as scikit-learn makes it, or none at all.

    ``fit`` takes the samples in the order of the random numbers that it draws.

    Parameters
    ----------
    source : RandomState
        What shuffles.
    shuffle : bool
        If not, samples are taken as they stand.

    Examples
    --------
    >>> Order(np.random.RandomState(0), shuffle=False).random(3)
    array([0., 1., 2.])
    """

    def __init__(self, source: np.random.RandomState, shuffle: bool) -> None:
        super().__init__(0)
        self._source, self._shuffles = source, shuffle
        self._order: Array = None

    def random(self, size: Any = None) -> Any:
        """Return numbers to sort; every pass shuffles the order of the one before."""
        if self._order is None:
            self._order = np.arange(size)
        if self._shuffles:
            places = np.arange(size)
            self._source.shuffle(places)
            self._order = self._order[places]
        keys = np.empty(size)
        keys[self._order] = np.arange(size)
        return keys


class Rate:
    r"""A learning rate $\eta$ that an epoch may change: ``fit`` asks for it before each step.

    Parameters
    ----------
    kind : str
        ``"constant"``; ``"invscaling"``: $\eta_0 / (t + 1)^p$ after $t$ samples; ``"adaptive"``: a
        fifth when nothing gets better, down to $10^{-6}$.
    start : float
        $\eta_0$.
    power : float
        $p$.

    Attributes
    ----------
    samples : int
        How many an epoch has.
    seen : int
        How many there were in all epochs, $t$.

    Examples
    --------
    >>> rate = Rate("invscaling", 1.0, 0.5)
    >>> rate.samples = 3
    >>> rate.end_epoch()
    >>> rate(0)
    0.5
    """

    def __init__(self, kind: str, start: float, power: float) -> None:
        self.kind, self.start, self.power = kind, start, power
        self.now = start
        self.samples = 0
        self.seen = 0

    def __call__(self, step: int) -> float:
        """Return the rate of a step."""
        return self.now

    def for_fit(self) -> float | Rate:
        """Return what ``fit`` takes as rate: a number where it never changes."""
        return self.start if self.kind == "constant" else self

    def end_epoch(self) -> None:
        """Count the samples of one more epoch."""
        self.seen += self.samples
        if self.kind == "invscaling":
            self.now = self.start / (self.seen + 1) ** self.power

    def falls(self) -> bool:
        """Return whether the rate became smaller, as it may instead of ending the training."""
        if self.kind != "adaptive" or self.now <= 1e-6:
            return False
        self.now /= 5.0
        return True


class Watch:
    """Stops a training that has not got better for some epochs, as scikit-learn does.

    Parameters
    ----------
    rate : Rate
        What is the learning rate; it may fall instead.
    tol : float
        What is better by less than this is no better.
    patience : float
        How many epochs in a row may be no better; from the next one on it stops.
    tell : callable or None
        Called with lines of text about each epoch.

    Attributes
    ----------
    score : callable or None
        What gives the score of validation data for a network, whose best weights it gets back in
        the end; None looks at the loss.
    best : float
        The best score so far, or the smallest loss times -1.
    losses, scores : list of float
        Of all epochs.
    epochs : int
        How many there were since this was set to 0.
    converged : bool
        Whether it stopped the training.
    """

    def __init__(
        self, rate: Rate, tol: float, patience: float, tell: Callable[[str], object] | None
    ) -> None:
        self.rate, self.tol, self.patience, self.tell = rate, tol, patience, tell
        self.best, self.waited, self.epochs = -np.inf, 0, 0
        self.losses: list[float] = []
        self.scores: list[float] = []
        self.score: Callable[[Any], float] | None = None
        self.converged = False
        self._weights: list[Array] = []

    def __call__(self, progress: Progress) -> bool:
        """Look at one epoch, and return whether it was the last."""
        self.epochs += 1
        self.losses.append(progress.loss)
        number = -progress.loss
        self._say(f"Iteration {self.epochs}, loss = {progress.loss:.8f}")
        if self.score is not None:
            number = self.score(progress.network)
            self.scores.append(number)
            self._say(f"Validation score: {number:f}")
        self.waited = self.waited + 1 if number < self.best + self.tol else 0
        if number > self.best:
            self.best = number
            if self.score is not None:
                self._weights = [p.data.copy() for p in progress.network.parameters()]
        self.rate.end_epoch()
        if self.waited <= self.patience:
            return False
        if self.rate.falls():
            self.waited = 0
            return False
        self.converged = True
        return True

    def finish(self, network: Network) -> None:
        """Give the network the weights with the best score; ``fit`` calls this in the end."""
        if self.score is not None:
            for parameter, numbers in zip(network.parameters(), self._weights, strict=False):
                parameter.data = numbers

    def _say(self, line: str) -> None:
        if self.tell is not None:
            self.tell(line)
