"""The course of a training: its error, epoch by epoch."""


class History(list[float]):
    """The mean ``mse`` of every epoch, in order: a list, with a short text.

    Examples
    --------
    >>> history = History([0.25, 0.125])
    >>> history
    <History of 2 epochs, error 0.25 to 0.125>
    >>> history[-1], len(history)
    (0.125, 2)
    """

    def __repr__(self) -> str:
        if not self:
            return "<History of 0 epochs>"
        epochs = "1 epoch" if len(self) == 1 else f"{len(self):,} epochs"
        return f"<History of {epochs}, error {self[0]:.6g} to {self[-1]:.6g}>"
