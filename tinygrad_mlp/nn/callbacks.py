"""What looks on while a network learns, and may stop it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp._support.arguments import finite_number, whole_number

if TYPE_CHECKING:
    from tinygrad_mlp.core.value import Value
    from tinygrad_mlp.nn.stack import Stack


class Progress(NamedTuple):
    """What a callback is told after each epoch.

    Parameters
    ----------
    epoch, epochs : int
        The number of this one, from 0 on, and how many were asked for.
    steps : int
        How many steps were made so far, in earlier calls of ``fit`` too.
    loss : float
        The mean loss of this epoch.
    measures : dict of str to float
        The other numbers of this epoch, such as ``"validation_loss"`` and metrics.
    learning_rate : float
        That of the last step.
    network : Network
        Which has the weights of this moment.
    """

    epoch: int
    epochs: int
    steps: int
    loss: float
    measures: Mapping[str, float]
    learning_rate: float
    network: Any  # a Network, which stands above


Callback = Callable[[Progress], Any]


class EarlyStopping:
    """Stops a training that does not get better; each ``fit`` begins to look anew.

    Parameters
    ----------
    patience : int
        How many epochs in a row may be no better than the best.
    restore_best : bool
        Give the network the weights of its best epoch in the end.
    monitor : str, optional
        What is looked at: ``"loss"`` or a name of ``measures``; by default the loss of the
        validation data if there are such, else that of the training data.
    min_delta : float
        What is better by no more than this is no better.
    mode : str
        Whether it shall grow (``"max"``) or fall (``"min"``); ``"auto"`` knows that an accuracy, a
        ``top_k`` and ``r2`` shall grow, and takes it that all else shall fall.

    Attributes
    ----------
    best : float or None
        The best number so far.
    best_epoch : int or None
        When it was.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> network = tg.Network([tg.FullyConnectedLayer(1, 1, rng=0)], verbose=False)
    >>> x = np.array([[0.0], [1.0]])
    >>> stopping = tg.EarlyStopping(patience=2, min_delta=1e-6)
    >>> history = network.fit(x, x, 1000, 0.5, rng=0, callbacks=[stopping])
    >>> len(history) < 1000, history.stopped
    (True, 'EarlyStopping')
    """

    def __init__(
        self,
        patience: int = 5,
        restore_best: bool = True,
        monitor: str | None = None,
        min_delta: float = 0.0,
        mode: str = "auto",
    ) -> None:
        self.patience = whole_number("patience", patience)
        self.restore_best = restore_best
        self.monitor = monitor
        self.min_delta = finite_number("min_delta", min_delta, minimum=0.0)
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"mode must be 'auto', 'min' or 'max', got {mode!r:.80}")
        self.mode = mode
        self.forget()

    def forget(self) -> None:
        """Begin anew, as one that has seen nothing."""
        self.best: float | None = None
        self.best_epoch: int | None = None
        self._waited = 0
        self._weights: list[Any] = []

    def __call__(self, progress: Progress) -> bool:
        """Look at one epoch, and return whether it was the last."""
        number, grows = self._watched(progress)
        gain = math.inf if self.best is None else (number - self.best) * (1 if grows else -1)
        if gain > self.min_delta:
            self.best, self.best_epoch, self._waited = number, progress.epoch, 0
            if self.restore_best:
                self._weights = [p.data.copy() for p in _kept(progress.network)]
        else:
            self._waited += 1
        return self.is_over

    @property
    def is_over(self) -> bool:
        """Whether it has waited long enough."""
        return self._waited >= self.patience

    def settings(self) -> dict[str, Any]:
        """Return what it was made with."""
        return {
            "patience": self.patience,
            "restore_best": self.restore_best,
            "monitor": self.monitor,
            "min_delta": self.min_delta,
            "mode": self.mode,
        }

    def seen(self) -> dict[str, Any]:
        """Return what it remembers of the epochs so far, for ``remember``."""
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "waited": self._waited,
            "weights": self._weights,
        }

    def remember(
        self, best: float | None, best_epoch: int | None, waited: int, weights: list[Any]
    ) -> None:
        """Go on as one that has seen earlier epochs."""
        self.best, self.best_epoch = best, best_epoch
        self._waited, self._weights = waited, list(weights)

    def finish(self, network: Stack) -> None:
        """Give the network its best weights; ``fit`` calls this in the end."""
        if self.restore_best:
            for parameter, numbers in zip(_kept(network), self._weights, strict=False):
                parameter.data = numbers

    def _watched(self, progress: Progress) -> tuple[float, bool]:
        """Return the number that is watched, and whether it shall grow."""
        known = {"loss": progress.loss, **progress.measures}
        name = self.monitor
        if name is None:
            name = "validation_loss" if "validation_loss" in known else "loss"
        if name not in known:
            raise ValueError(
                f"EarlyStopping: monitor must be one of {', '.join(known)}, got {name!r:.80}"
            )
        grows = name.removeprefix("validation_").startswith(("accuracy", "top_", "r2"))
        return known[name], grows if self.mode == "auto" else self.mode == "max"

    def __repr__(self) -> str:
        return f"EarlyStopping(patience={self.patience}, restore_best={self.restore_best})"


def _kept(network: Stack) -> list[Value]:
    """Return what a network learns and what it measures in training."""
    return [*network.parameters(), *network.statistics()]


def callbacks_of(callbacks: Any) -> list[Callback]:
    """Return callbacks as a list, or raise TypeError for what cannot be called."""
    given = [callbacks] if callable(callbacks) else callbacks
    if not isinstance(given, Iterable):
        raise TypeError(f"callbacks must be a list of functions, got {callbacks!r:.80}")
    found = list(given)
    for callback in found:
        if isinstance(callback, type) or not callable(callback):
            way = f"; write {callback.__name__}()" if isinstance(callback, type) else ""
            raise TypeError(f"callbacks must be functions of a Progress, got {callback!r:.80}{way}")
    return found


def going_on(callbacks: Iterable[Callback], earlier: Iterable[EarlyStopping]) -> list[Callback]:
    """Return the callbacks of a training that goes on with an earlier one.

    An ``EarlyStopping`` goes on as the earlier one with the same settings, and begins anew where
    there was none; if there is none among the callbacks, the earlier ones themselves go on.
    """
    asked, waiting = list(callbacks), list(earlier)
    own = [callback for callback in asked if isinstance(callback, EarlyStopping)]
    if not own:
        return [*waiting, *asked]
    for new in own:
        old = next((old for old in waiting if old.settings() == new.settings()), None)
        if old is None:
            new.forget()
        elif old is not new:
            waiting.remove(old)
            new.remember(**old.seen())
    return asked


def stops(answer: Any) -> bool:
    """Return whether what a callback answered ends the training: only True does.

    >>> stops(True), stops(None), stops(1)
    (True, False, False)
    """
    return isinstance(answer, bool | np.bool_) and bool(answer)
