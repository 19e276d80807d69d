"""The network: layers in a row, trained by gradient descent on half the squared error."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp._support.display import mimebundle
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.nn import saving
from tinygrad_mlp.nn.layer import Layer, forgotten
from tinygrad_mlp.nn.layers import way_in
from tinygrad_mlp.nn.summary import summary
from tinygrad_mlp.nn.trainable import Trainable

if TYPE_CHECKING:
    from pathlib import Path

    from tinygrad_mlp.drawing.picture import Picture


class Network(Trainable):
    """Layers in a row: the output of each is the input of the next.

    Parameters
    ----------
    layers : iterable of Layer, optional
        To begin with; ``add`` appends more.  A bool here is ``verbose``, as in the notebook.
    verbose : bool
        ``fit`` prints the error of every tenth epoch.

    Attributes
    ----------
    layers : list of Layer
        In the order of ``add``.

    Raises
    ------
    TypeError, ValueError
        As ``add`` does.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> network = tg.Network(verbose=False)
    >>> network.add(tg.FullyConnectedLayer(2, 3, rng=1))
    >>> network.add(tg.ActivationLayer())
    >>> network.add(tg.FullyConnectedLayer(3, 1, rng=2))
    >>> network.add(tg.ActivationLayer())
    >>> x = np.array([[[0, 0]], [[0, 1]], [[1, 0]], [[1, 1]]])
    >>> y = np.array([[[0]], [[1]], [[1]], [[0]]])
    >>> history = network.fit(x, y, epoches=4000, learning_rate=4.0, batch_size=4, rng=3)
    >>> [round(float(output[0, 0])) for output in network.predict(x)]
    [0, 1, 1, 0]

    The same layers in one go:

    >>> tg.Network([tg.FullyConnectedLayer(2, 3, rng=1), tg.ActivationLayer("tanh")])
    Network(FullyConnectedLayer(2, 3) → ActivationLayer('tanh'))
    """

    def __init__(self, layers: Iterable[Layer] | bool | None = None, verbose: bool = True) -> None:
        if isinstance(layers, bool | np.bool_):
            layers, verbose = None, bool(layers)
        if isinstance(layers, Layer | str) or not isinstance(layers, Iterable | None):
            raise TypeError(
                f"layers must be a list of Layer objects, got {layers!r:.80}; write "
                "tg.Network([layer, ...])"
            )
        super().__init__(verbose)
        for layer in layers or ():
            self.add(layer)

    def add(self, layer: Layer) -> None:
        """Append a layer, and name it and its parameters by their place.

        Warns
        -----
        UserWarning
            If it holds Values, or layers with parameters, and does not define ``parameters``:
            ``fit`` would leave them as they are.

        Raises
        ------
        TypeError
            If it is not a Layer object.
        ValueError
            If it is in the network already, or does not fit to the layer before.
        """
        if not isinstance(layer, Layer):
            raise TypeError(f"layer must be a Layer object, got {layer!r:.80}{way_in(layer)}")
        if any(layer is other for other in self.layers):
            raise ValueError(f"layer {layer!r} was added twice; make a second layer")
        known = [earlier.output_size for earlier in self.layers if earlier.output_size is not None]
        before = known[-1] if known else None
        if None not in (before, layer.input_size) and before != layer.input_size:
            raise ShapeError(
                f"layer {layer!r} takes {layer.input_size} inputs, "
                f"but {self.layers[-1]!r} gives {before} outputs"
            )
        if frozen := forgotten(layer):
            kind, names = type(layer).__name__, ", ".join(f"self.{name}" for name in frozen)
            warnings.warn(
                f"{names} of {kind} will not learn, because {kind} does not define "
                "parameters(self); let it return the list of the Values that learn, or [] for none",
                stacklevel=2,
            )
        layer.name = f"layer{len(self.layers) + 1}"
        learning = sum(bool(other.parameters()) for other in self.layers) + 1
        for parameter in layer.parameters():
            parameter.label = f"{(parameter.label or 'p').rstrip('0123456789')}{learning}"
        self.layers.append(layer)

    def summary(self) -> str:
        """Return a table of the layers, with shapes and numbers of parameters, to print."""
        return summary(self.layers)

    def draw(self) -> Picture:
        """Return the picture of this network: neurons as circles, weights as lines.

        Notebooks show it, and ``.save("network.svg")`` writes it.

        Raises
        ------
        ValueError
            If there is no layer with weights.

        Examples
        --------
        >>> import tinygrad_mlp as tg
        >>> network = tg.Network()
        >>> network.add(tg.FullyConnectedLayer(2, 1, rng=0))
        >>> network.draw().svg[:4]
        '<svg'
        """
        from tinygrad_mlp.drawing import draw_network  # here, because few networks are drawn

        return draw_network(self)

    def save_weights(self, path: str | Path) -> None:
        """Write all parameters to a file; an earlier file stays whole until the new one is.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        saving.save_weights(path, self._named_parameters())

    def load_weights(self, path: str | Path) -> None:
        """Read all parameters from a file that ``save_weights`` wrote.

        Raises
        ------
        FileFormatError
            If the file is damaged or of another architecture; the network stays as it is.
        OSError
            If it cannot be read.
        """
        saving.load_weights(path, self._named_parameters())

    def _named_parameters(self) -> dict[str, Value]:
        return {
            f"{layer.name}.{parameter.label}": parameter
            for layer in self.layers
            for parameter in layer.parameters()
        }

    _repr_mimebundle_ = mimebundle

    def __repr__(self) -> str:
        return f"Network({' → '.join(map(repr, self.layers))})"
