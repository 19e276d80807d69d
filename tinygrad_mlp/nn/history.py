"""The course of a training."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tinygrad_mlp.nn.other_names import NamedElsewhere

if TYPE_CHECKING:
    from tinygrad_mlp.drawing.picture import Picture


class History(list[float], NamedElsewhere):
    """The mean loss of every epoch, in order: a list, with a short text, and all other curves.

    Of the default loss, half the squared error, this is the mean ``mse``.

    Parameters
    ----------
    losses : iterable of float
        To begin with.

    Attributes
    ----------
    curves : dict of str to list of float
        ``"loss"``, the list itself; ``"validation_loss"`` and the metrics, where they were asked
        for, by name, those of the validation data with ``validation_`` before it.
    stopped : str
        What ended the training before its last epoch, empty if nothing did.

    Examples
    --------
    >>> history = History([0.25, 0.125])
    >>> history
    <History of 2 epochs, error 0.25 to 0.125>
    >>> history[-1], len(history)
    (0.125, 2)
    """

    def __init__(self, losses: Iterable[float] = ()) -> None:
        super().__init__(losses)
        self.curves: dict[str, list[float]] = {"loss": self}
        self.stopped = ""

    def add(self, loss: float, measures: dict[str, float]) -> None:
        """Append what one epoch gave."""
        self.append(loss)
        for name, number in measures.items():
            self.curves.setdefault(name, []).append(number)

    def copy(self) -> History:
        """Return a history of its own that is the same so far."""
        same = History(self)
        same.curves |= {n: list(curve) for n, curve in self.curves.items() if curve is not self}
        same.stopped = self.stopped
        return same

    def plot(self) -> Picture:
        """Return a chart of the losses, which notebooks show and ``.save("loss.svg")`` writes.

        Raises
        ------
        ValueError
            If there was no epoch.

        Examples
        --------
        >>> History([0.25, 0.125]).plot().svg[:4]
        '<svg'
        """
        from tinygrad_mlp.drawing.charts.curves import draw_curves  # here: few look at it

        if not self:
            raise ValueError("this history has no epoch yet, so there is nothing to draw")
        losses = {name: curve for name, curve in self.curves.items() if name.endswith("loss")}
        return draw_curves(losses, x_label="epoch", y_label="loss", title="Training")

    def __repr__(self) -> str:
        if not self:
            return "<History of 0 epochs>"
        epochs = "1 epoch" if len(self) == 1 else f"{len(self):,} epochs"
        return f"<History of {epochs}, error {self[0]:.6g} to {self[-1]:.6g}>"
