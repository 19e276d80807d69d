"""A layer that leaves out some of what passes through it, while a network learns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinygrad_mlp._support.arguments import fraction
from tinygrad_mlp.nn.layer import Layer
from tinygrad_mlp.ops.shapes import astype

if TYPE_CHECKING:
    from tinygrad_mlp.nn.training_pass import TrainingPass


class Dropout(Layer):
    r"""In training each number is set to 0 with probability p, else divided by $1 - p$.

    So the mean stays what it is, and elsewhere the layer changes nothing ("inverted" dropout).

    Parameters
    ----------
    rate : float
        The p, from 0 to below 1.

    References
    ----------
    N. Srivastava and others, "Dropout: a simple way to prevent neural networks from overfitting",
    JMLR 15, 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> layer = tg.Dropout(0.5)
    >>> layer(np.ones((1, 4)), tg.TrainingPass(rng=0)), layer(np.ones((1, 4)))
    (array([[2., 0., 0., 0.]]), array([[1., 1., 1., 1.]]))
    """

    def __init__(self, rate: float = 0.5) -> None:
        super().__init__()
        self._rate = fraction("rate", rate)

    @property
    def rate(self) -> float:
        """The probability with which a number is left out."""
        return self._rate

    def formula(self, x: Any, *parameters: Any) -> Any:
        """Return ``x``."""
        return x

    def training_formula(self, x: Any, *parameters: Any, training: TrainingPass) -> Any:
        """Return ``x`` with some numbers left out, anew in each call."""
        if not self._rate:
            return x
        is_kept = training.rng.random(x.shape) >= self._rate
        return x * (astype(is_kept, x.dtype) * (1.0 / (1.0 - self._rate)))

    def is_pure(self) -> bool:
        """Return True, unless a subclass changes what is computed."""
        return type(self) is Dropout

    def __repr__(self) -> str:
        return f"Dropout({self._rate:g})"
