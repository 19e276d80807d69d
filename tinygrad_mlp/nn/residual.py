"""Layers in a row with a way around them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.nn.layer import Layer
from tinygrad_mlp.nn.stack import Stack

if TYPE_CHECKING:
    from tinygrad_mlp.nn.training_pass import TrainingPass


class Residual(Stack):
    r"""What layers in a row add to their input: $x + f(x)$.

    Parameters
    ----------
    layers : iterable of Layer
        The f, which gives rows as long as those that it takes.

    Raises
    ------
    ShapeError
        If it gives others.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition", CVPR 2016.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> layer = tg.Residual([tg.FullyConnectedLayer(2, 2, rng=0, init="zeros")])
    >>> layer([[1.0, 2.0]])
    array([[1., 2.]])
    """

    def __init__(self, layers: Iterable[Layer]) -> None:
        if isinstance(layers, Layer | str) or not isinstance(layers, Iterable):
            raise TypeError(
                f"layers must be a list of Layer objects, got {layers!r:.80}; write "
                "tg.Residual([layer, ...])"
            )
        super().__init__()
        for layer in layers:
            self.add(layer)
        if None not in (self.input_size, self.output_size) and self.input_size != self.output_size:
            raise ShapeError(
                f"Residual adds what its layers give to what they take, so these must be equally "
                f"long, but they take {self.input_size} and give {self.output_size} numbers"
            )

    def formula(self, x: Any, *parameters: Any) -> Any:
        """Return $x + f(x)$."""
        return self._sum(x, super().formula(x, *parameters))

    def training_formula(self, x: Any, *parameters: Any, training: TrainingPass) -> Any:
        """Return $x + f(x)$ in training."""
        return self._sum(x, super().training_formula(x, *parameters, training=training))

    def __call__(self, x: Any, training: TrainingPass | None = None) -> Any:
        """Return $x + f(x)$: a Value, with its graph, for a Value."""
        if not isinstance(x, Value):
            x = self._as_rows(x)
        elif x.ndim == 1:
            x = x.reshape(1, -1)
        return self._sum(x, super().__call__(x, training))

    def in_a_row(self) -> list[Layer]:
        """Return this layer: the way around its layers belongs to it."""
        return [self]

    def is_pure(self) -> bool:
        """Return whether all layers are, unless a subclass changes what is computed."""
        return type(self) is Residual and all(layer.is_pure() for layer in self.layers)

    def _sum(self, x: Any, change: Any) -> Any:
        if change.shape != x.shape:
            raise ShapeError(
                f"{self.name}: the layers of a Residual gave shape {change.shape} for shape "
                f"{x.shape}; to be added they must be the same"
            )
        return x + change

    def __repr__(self) -> str:
        return f"Residual({' → '.join(map(repr, self.layers))})"
