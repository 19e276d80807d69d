"""The network: layers in a row, trained by gradient descent on half the squared error."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from tinygrad_mlp._support.arguments import finite_number, random_source, whole_number
from tinygrad_mlp._support.display import mimebundle
from tinygrad_mlp._support.structures import leaves
from tinygrad_mlp.core.context import scope
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import DataTypeError, ShapeError
from tinygrad_mlp.nn import saving
from tinygrad_mlp.nn.history import History
from tinygrad_mlp.nn.layers import ACTIVATIONS, Layer
from tinygrad_mlp.nn.summary import summary
from tinygrad_mlp.nn.training_step import CompiledTrainingStep, TrainingStep

if TYPE_CHECKING:
    from pathlib import Path

    from tinygrad_mlp.drawing.picture import Picture

Array = np.ndarray[Any, np.dtype[Any]]


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
        self._compiled_step: CompiledTrainingStep | None = None
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
            raise TypeError(f"layer must be a Layer object, got {layer!r:.80}{_way_in(layer)}")
        if any(layer is other for other in self.layers):
            raise ValueError(f"layer {layer!r} was added twice; make a second layer")
        before = self._widths()[1]
        if None not in (before, layer.input_size) and before != layer.input_size:
            raise ShapeError(
                f"layer {layer!r} takes {layer.input_size} inputs, "
                f"but {self.layers[-1]!r} gives {before} outputs"
            )
        if frozen := _frozen(layer):
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
        self._check_layers()
        for layer in self.layers:
            with scope(layer.name):
                x = layer(x)
        return x

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
        self._check_layers()
        outputs = self(self._samples(input_data, "input_data"))
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
        self._check_layers()
        if (epoches is None) == (epochs is None):
            what = "is missing" if epochs is None else "was given twice"
            raise TypeError(
                f"fit: the number of epochs {what}; give it once, as epoches= or epochs="
            )
        spelling, number = ("epochs", epochs) if epoches is None else ("epoches", epoches)
        count = whole_number(spelling, number, minimum=0)
        if learning_rate is None:
            raise TypeError("fit: learning_rate is missing; give it, such as learning_rate=0.1")
        rate = finite_number("learning_rate", learning_rate, minimum=0.0)
        batch = whole_number("batch_size", batch_size)
        source = random_source(rng)
        x = self._samples(x_train, "x_train", check_finite)
        y = self._targets(y_train, x, check_finite)
        step = self._training_step(compiled)
        history = History()
        step.reset()
        try:
            for epoch in range(count):
                error = 0.0
                for rows in _batches(source, len(x), batch, full_pass):
                    error += step(x, y, rows, rate) * len(rows)
                error /= len(x) if full_pass else min(batch, len(x))
                history.append(error)
                if self.verbose and epoch % 10 == 0:
                    print("epoch: %5d/%d   error=%0.9f" % (epoch, count, error))  # noqa: T201, UP031
                if callback is not None:
                    step.publish()
                    callback(epoch, error)
        finally:  # Ctrl-C too leaves the weights of the last complete step
            step.finish()
        return history

    def summary(self) -> str:
        """Return a table of the layers, with shapes and numbers of parameters, to print.

        >>> import tinygrad_mlp as tg
        >>> network = tg.Network()
        >>> network.add(tg.FullyConnectedLayer(2, 1, rng=0))
        >>> print(network.summary().splitlines()[-1].split())
        ['1', 'layer', '3']
        """
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
        saving.save_weights(path, {**self._named_parameters()})

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

    # ----- Training -----

    def _training_step(self, compiled: bool | None) -> TrainingStep:
        """Return what makes a step; a compiled one is kept, for the next call of ``fit``."""
        if not self.parameters():
            raise ValueError("fit: the network has no parameters to learn; add a layer that has")
        if compiled is None:
            compiled = all(layer.is_pure() for layer in self.layers)
        if not compiled:
            return TrainingStep(self.layers)
        step, kept = CompiledTrainingStep(self.layers), self._compiled_step
        if kept is not None and (kept.layers, kept.parameters) == (step.layers, step.parameters):
            return kept
        self._compiled_step = step
        return step

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_compiled_step": None}  # a copy compiles its own

    # ----- Checks -----

    def _check_layers(self) -> None:
        if not self.layers:
            raise ValueError("the network has no layer yet; add one with network.add(layer)")

    def _widths(self) -> tuple[int | None, int | None]:
        """Return the number of inputs and of outputs, as far as the layers know them."""
        inputs = [layer.input_size for layer in self.layers if layer.input_size is not None]
        outputs = [layer.output_size for layer in self.layers if layer.output_size is not None]
        return (inputs[0] if inputs else None), (outputs[-1] if outputs else None)

    def _samples(self, data: Any, name: str, check_finite: bool = False) -> Array:
        """Return the samples as rows, shape (N, inputs)."""
        samples = as_numbers(data, name)
        width = self._widths()[0]
        wanted = f"(N, 1, {width or 'inputs'}) or (N, {width or 'inputs'})"
        if samples.ndim == 3 and samples.shape[1] == 1:
            samples = samples[:, 0, :]
        if samples.ndim != 2:
            raise ShapeError(f"{name} has shape {samples.shape}, wanted {wanted}")
        if width is not None and samples.shape[1] != width:
            raise ShapeError(
                f"{name} has {samples.shape[1]} features in each sample, but the first layer, "
                f"{self.layers[0]!r}, expects {width}; wanted shape {wanted}"
            )
        return self._in_own_dtype(samples, name, check_finite)

    def _targets(self, data: Any, samples: Array, check_finite: bool) -> Array:
        """Return the targets as rows, shape (N, outputs), one for each sample."""
        try:
            targets = as_numbers(data, "y_train")
        except DataTypeError as error:
            raise DataTypeError(f"{error}{_way_from_names(data)}") from None
        count = len(targets) if targets.ndim else 0
        if len(samples) == 0:
            raise ValueError("x_train is empty: there is nothing to learn from")
        if count != len(samples):
            raise ShapeError(
                f"x_train has {len(samples)} samples, but y_train has {count}; "
                "they must be equally many"
            )
        width = self(samples[:1]).shape[1]
        shapes = [(1, width), (width,)] + ([()] if width == 1 else [])
        if targets.shape[1:] not in shapes:
            raise ShapeError(
                f"each target in y_train has shape {targets.shape[1:]}, but each output of the "
                f"network has shape {(1, width)}{_way_from_labels(targets, width)}"
            )
        return self._in_own_dtype(targets.reshape(count, width), "y_train", check_finite)

    def _in_own_dtype(self, numbers: Array, name: str, check_finite: bool) -> Array:
        """Return the data in the dtype of the parameters, in which everything is computed."""
        parameters = self.parameters()
        dtype = parameters[0].dtype if parameters else numbers.dtype
        if not check_finite:
            return numbers.astype(dtype, copy=False)
        with np.errstate(over="ignore"):  # told below, with the place
            own = numbers.astype(dtype, copy=False)
        bad = np.argwhere(~np.isfinite(own))
        if len(bad):
            sample, position = bad[0].tolist()
            number = numbers[sample, position]
            way = "remove nan and infinity, or say check_finite=False"
            if np.isfinite(number):
                way = f"that is too large for {dtype}, the type of the weights; scale the data"
            raise ValueError(f"{name} has {number} in sample {sample}, position {position}; {way}")
        return own

    def _named_parameters(self) -> dict[str, Value]:
        return {
            f"{layer.name}.{parameter.label}": parameter
            for layer in self.layers
            for parameter in layer.parameters()
        }

    _repr_mimebundle_ = mimebundle

    def __repr__(self) -> str:
        return f"Network({' → '.join(map(repr, self.layers))})"


def _batches(source: Any, count: int, size: int, full_pass: bool) -> Iterator[Array]:
    """Yield the sample numbers of one batch, or of all batches of a pass."""
    # Sorting random numbers, instead of shuffling, draws from the stream as the notebook does.
    keys = source.random(count)
    if full_pass or size >= count:
        order = keys.argsort()
    else:  # the same numbers, without sorting those that are not in the batch
        order = keys.argpartition(size)[:size]
        order = order[keys[order].argsort()]
    for start in range(0, count if full_pass else 1, size):
        yield order[start : start + size]


def _frozen(layer: Layer, outside: tuple[Layer, ...] = ()) -> list[str]:
    """Return the attributes that hold what could learn, of a layer that tells of no parameters."""
    if getattr(layer.parameters, "__func__", None) is not Layer.parameters:
        return []
    inside = (*outside, layer)
    return [
        name
        for name, thing in vars(layer).items()
        if name != "_pending" and any(_could_learn(leaf, inside) for leaf in leaves(thing))
    ]


def _could_learn(thing: Any, inside: tuple[Layer, ...]) -> bool:
    if isinstance(thing, Layer) and not any(thing is layer for layer in inside):
        return bool(thing.parameters() or _frozen(thing, inside))
    return isinstance(thing, Value) or (isinstance(thing, Network) and bool(thing.parameters()))


# ----- What an error advises -----


def _way_in(thing: Any) -> str:
    """Return how something that is no layer can become one."""
    if isinstance(thing, type):
        return f"; write {thing.__name__}()"
    if isinstance(thing, str):
        return f"; write tg.ActivationLayer({thing!r})" if thing in ACTIVATIONS else ""
    if hasattr(thing, "forward") and hasattr(thing, "backward"):
        return (
            "; its backward is not needed here, because gradients follow from the graph: derive "
            "it from tg.Layer and write formula(self, x).  If it is a class of the notebook, leave "
            "out the cell that defines it, for tinygrad_mlp has it"
        )
    if callable(thing):
        return f"; write tg.ActivationLayer({getattr(thing, '__name__', 'function')})"
    if isinstance(thing, list | tuple):
        return "; write tg.Network([layer, ...]), or add them one by one"
    return ""


def _way_from_names(data: Any) -> str:
    """Return how names of classes become targets."""
    inside = leaves(data.tolist() if hasattr(data, "tolist") else data)
    if isinstance(data, str) or not (inside and isinstance(inside[0], str)):
        return ""
    return "; for names of classes, tg.datasets.one_hot(np.unique(names, return_inverse=True)[1])"


def _way_from_labels(targets: Array, width: int) -> str:
    """Return how numbers of classes become targets, where they look like such."""
    if targets.size != len(targets) or not np.isin(targets, np.arange(width)).all():
        return ""
    return f"; for labels, tg.datasets.one_hot(np.ravel(y_train).astype(int), {width})"
