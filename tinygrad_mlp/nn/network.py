"""The network: layers in a row, trained by gradient descent on half the squared error."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from tinygrad_mlp._support.display import mimebundle
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.nn import saving
from tinygrad_mlp.nn.fitting import History, fit, planned, samples_of, step_for, targets_of
from tinygrad_mlp.nn.layer import Array, Layer, forgotten, through
from tinygrad_mlp.nn.layers import way_in
from tinygrad_mlp.nn.summary import summary
from tinygrad_mlp.nn.training_step import TrainingStep

if TYPE_CHECKING:
    from pathlib import Path

    from tinygrad_mlp.drawing.picture import Picture


class Network:
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
        self.verbose = verbose
        self.layers: list[Any] = []  # Layers; each kind has attributes of its own
        self._step: TrainingStep | None = None  # of the last training, for the next one
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

    def parameters(self) -> list[Value]:
        """Return everything that is learned, layer by layer."""
        return [parameter for layer in self.layers for parameter in layer.parameters()]

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: Any) -> Array: ...
    def __call__(self, x: Any) -> Any:
        """Return the outputs for rows ``x``: a Value, with its graph, for a Value.

        Parameters
        ----------
        x : array_like or Value, shape (n, inputs)
            One sample in each row.

        Returns
        -------
        ndarray or Value, shape (n, outputs)
        """
        return through(self.layers, x)

    @overload
    def predict(self, input_data: Any, *, as_array: Literal[False] = False) -> list[Array]: ...
    @overload
    def predict(self, input_data: Any, *, as_array: Literal[True]) -> Array: ...
    def predict(self, input_data: Any, *, as_array: bool = False) -> Any:
        """Return the output for each sample.

        Parameters
        ----------
        input_data : array_like, shape (N, 1, inputs) or (N, inputs)
            The samples.
        as_array : bool
            Return one array instead of a list.

        Returns
        -------
        list of ndarray, each of shape (1, outputs); or ndarray, shape (N, outputs)
            Empty for no samples.
        """
        outputs = self(samples_of(self.layers, input_data, "input_data"))
        return outputs if as_array else list(outputs[:, np.newaxis, :])

    def fit(
        self,
        x_train: Any,
        y_train: Any,
        epoches: int | None = None,
        learning_rate: float | None = None,
        batch_size: int = 64,
        *,
        epochs: int | None = None,
        full_pass: bool = False,
        rng: Any = None,
        check_finite: bool = True,
        callback: Callable[[int, float], object] | None = None,
        compiled: bool | None = None,
    ) -> History:
        r"""Train by gradient descent on $\frac{1}{2}\sum(y - \hat y)^2$, averaged over a batch.

        Parameters
        ----------
        x_train : array_like, shape (N, 1, inputs) or (N, inputs)
            The samples.
        y_train : array_like, shape (N, 1, outputs) or (N, outputs)
            The targets.
        epoches : int
            How many epochs; one epoch is *one random batch*, as in the notebook.
        learning_rate : float
            The step is this times the mean gradient of the batch.
        batch_size : int
            Samples in a batch; all of them if there are fewer.
        epochs : int
            The same as ``epoches``, in the usual spelling.
        full_pass : bool
            One epoch is a pass over all samples, shuffled, in batches.
        rng : None, int, numpy Generator or RandomState
            What draws the batches; None is NumPy's global stream.
        check_finite : bool
            Refuse nan and infinity in the data, and what is too large for the type of the weights.
        callback : callable, optional
            Called as ``callback(epoch, error)`` after each epoch, with its mean ``mse``.
        compiled : bool, optional
            Run the step as a compiled program; by default if all layers are of this package.  What
            a layer of your own does besides computing, such as drawing random numbers, a program
            would do only once.

        Returns
        -------
        History
            The mean ``mse`` of each epoch, before its steps.

        Raises
        ------
        TypeError, ValueError
            If an argument does not fit; no weight has changed then.
        FloatingPointError
            If a weight is nan or infinite, or a step would make it so; the weights stay as before
            that step.

        Notes
        -----
        Interrupted by Ctrl-C, the weights are those after the last complete step.
        """
        plan = planned(epoches, epochs, learning_rate, batch_size, full_pass, rng)
        x = samples_of(self.layers, x_train, "x_train", check_finite)
        y = targets_of(self.layers, y_train, x, check_finite)
        self._step = step_for(self.layers, compiled, self._step)
        return fit(self._step, x, y, plan, verbose=self.verbose, callback=callback)

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

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_step": None}  # a copy compiles its own

    def _named_parameters(self) -> dict[str, Value]:
        return {
            f"{layer.name}.{parameter.label}": parameter
            for layer in self.layers
            for parameter in layer.parameters()
        }

    _repr_mimebundle_ = mimebundle

    def __repr__(self) -> str:
        return f"Network({' → '.join(map(repr, self.layers))})"
