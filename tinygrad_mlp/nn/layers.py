"""Layers: a formula, the parameters in it, and the gradients that a training loop collects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

import numpy as np

from tinygrad_mlp._support.arguments import finite_number, random_source, whole_number
from tinygrad_mlp.core.backward import grad
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import GraphError, ShapeError
from tinygrad_mlp.graphs.node import mark_parameters
from tinygrad_mlp.ops.elementwise import relu, sigmoid, softplus, tanh
from tinygrad_mlp.ops.linear import affine
from tinygrad_mlp.ops.reductions import softmax

Array = np.ndarray[Any, np.dtype[Any]]


def identity(x: Any) -> Any:
    """Return what came in: the activation of a layer without one."""
    return x


#: The names that ``ActivationLayer`` knows.
ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "softplus": softplus,
    "softmax": softmax,
    "identity": identity,
}


class Layer:
    """One step of a network.

    A subclass says what it computes in ``formula`` and with what in ``parameters``; everything
    else, the backward pass included, follows from the graph.

    Attributes
    ----------
    name : str
        Its place in the network, such as ``"layer1"``; shown in drawings and messages.
    input_size, output_size : int or None
        Lengths of the rows that it takes and gives; None where any length will do.
    input : ndarray or None
        What ``forward`` last saw.
    passes : int
        How many rows have been differentiated since the last ``step``.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> class Doubling(tg.Layer):
    ...     def formula(self, x):
    ...         return 2.0 * x
    >>> layer = Doubling()
    >>> layer.forward([[1.0, 2.0]]), layer.backward([[1.0, 10.0]])
    (array([[2., 4.]]), array([[ 2., 20.]]))
    """

    input_size: int | None = None
    output_size: int | None = None

    def __init__(self) -> None:
        self.name = type(self).__name__
        self.input: Array | None = None
        self.passes = 0
        self._pending: tuple[Value, Value] | None = None  # input and output of ``forward``

    # The options are there for type checkers: an override may name its parameters as it likes.
    def formula(self, x: Any, /, *parameters: Any, **options: Any) -> Any:
        """Return the output for ``x``, in functions that take arrays and Values alike."""
        raise NotImplementedError(f"{type(self).__name__} must define formula(self, x, ...)")

    def parameters(self) -> list[Value]:
        """Return what is learned, in the order in which ``formula`` takes it."""
        return []

    def is_pure(self) -> bool:
        """Return whether ``formula`` is known to compute the same from the same, always."""
        return False

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: Any) -> Array: ...
    def __call__(self, x: Any) -> Any:
        """Return the output for ``x``, remembering nothing: a Value for a Value, else an array."""
        if isinstance(x, Value):
            parameters = self.parameters()
            mark_parameters(parameters)
            return self.formula(x, *parameters)
        numbers = as_numbers(x, f"{self.name}: input")
        return self.formula(numbers, *(parameter.numpy() for parameter in self.parameters()))

    @overload
    def forward(self, input_data: Value) -> Value: ...
    @overload
    def forward(self, input_data: Any) -> Array: ...
    def forward(self, input_data: Any) -> Any:
        """Return the output, and remember how it came about for ``backward``.

        Parameters
        ----------
        input_data : array_like or Value, shape (n, input_size)
            One sample in each row; a single sample may have shape (input_size,).

        Returns
        -------
        ndarray or Value, shape (n, output_size)
            For a Value the graph is recorded, and its ``backward`` reaches the parameters.
        """
        if isinstance(input_data, Value):
            return self(input_data)
        # A copy: the caller may reuse the array before the backward pass.
        start = Value(self._as_rows(input_data), label="x")
        end = self.formula(start, *self.parameters())
        self.input, self._pending = start.data, (start, end)
        return end.data.copy()

    def backward(self, output_error: Any) -> Array:
        """Return the gradient by the input, and add those by the parameters to the deltas.

        Parameters
        ----------
        output_error : array_like, shape of the output of ``forward``
            The gradient by the output.

        Returns
        -------
        ndarray, shape of the input

        Raises
        ------
        GraphError
            If ``forward`` was not called before.
        ShapeError
            If ``output_error`` has another shape than the output had.
        """
        if self._pending is None:
            raise GraphError(f"{self.name}: call forward with an array before backward")
        start, end = self._pending
        error = as_numbers(output_error, f"{self.name}: output_error")
        if error.ndim == 1 and end.shape == (1, error.size):
            error = error.reshape(end.shape)
        if error.shape != end.shape:
            raise ShapeError(
                f"{self.name}: output_error has shape {error.shape}, "
                f"but the output had shape {end.shape}"
            )
        by_input: Array
        by_input, *by_parameters = grad(end, [start, *self.parameters()], error)
        self._collect(by_parameters, rows=end.shape[0] if end.ndim > 1 else 1)
        return by_input

    def step(self, eta: float) -> None:
        """Move the parameters against the collected gradient; without parameters do nothing."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def _as_rows(self, input_data: Any) -> Array:
        rows: Array = as_numbers(input_data, f"{self.name}: input")
        return rows

    def _collect(self, by_parameters: list[Array], rows: int) -> None:
        self.passes += rows


class FullyConnectedLayer(Layer):
    r"""Every input connected to every output: $z = xW + b$.

    Parameters
    ----------
    input_size, output_size : int
        Numbers of inputs and outputs, at least 1.
    rng : None, int, numpy Generator or RandomState
        Where the initial weights come from; None is NumPy's global stream.
    dtype : floating type
        Of the parameters and of everything computed from them.

    Attributes
    ----------
    weights : ndarray, shape (input_size, output_size)
        Drawn evenly from -1/2 to 1/2.
    bias : ndarray, shape (1, output_size)
        Drawn after the weights, likewise.
    delta_w, delta_b : ndarray
        Sums of the gradients by them since the last ``step``.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> layer = tg.FullyConnectedLayer(2, 1, rng=0)
    >>> layer.weights, layer.bias = [[1.0], [2.0]], [[3.0]]
    >>> layer.forward([[10.0, 100.0]])
    array([[213.]])
    >>> layer.backward([[1.0]]), layer.delta_w.T
    (array([[1., 2.]]), array([[ 10., 100.]]))
    >>> layer.step(eta=0.1)
    >>> layer.weights.T
    array([[ 0., -8.]])
    """

    input_size: int
    output_size: int
    delta_w: Array
    delta_b: Array

    def __init__(
        self, input_size: int, output_size: int, *, rng: Any = None, dtype: Any = np.float64
    ) -> None:
        super().__init__()
        self.input_size = whole_number("input_size", input_size)
        self.output_size = whole_number("output_size", output_size)
        kind = np.dtype(dtype)
        if kind.kind != "f":
            raise TypeError(f"dtype must be a floating type, got {kind}")
        source = random_source(rng)
        weights = source.random((self.input_size, self.output_size)) - 0.5
        bias = source.random((1, self.output_size)) - 0.5
        self._weights = Value(weights.astype(kind), label="W")
        self._bias = Value(bias.astype(kind), label="b")
        self._forget()

    @property
    def weights(self) -> Array:
        """The matrix W, shape (input_size, output_size)."""
        weights: Array = self._weights.data
        return weights

    @weights.setter
    def weights(self, new: Any) -> None:
        self._weights.data = new

    @property
    def bias(self) -> Array:
        """The row b, shape (1, output_size)."""
        bias: Array = self._bias.data
        return bias

    @bias.setter
    def bias(self, new: Any) -> None:
        self._bias.data = new

    def formula(self, x: Any, *parameters: Any) -> Any:
        """Return $xW + b$."""
        if x.ndim == 1:
            x = x.reshape(1, -1)
        if x.ndim != 2 or x.shape[1] != self.input_size:
            raise ShapeError(
                f"{self.name}: expects rows of {self.input_size} inputs, shape "
                f"(n, {self.input_size}), got shape {x.shape}"
            )
        return affine(x, *parameters)

    def parameters(self) -> list[Value]:
        """Return W and b."""
        return [self._weights, self._bias]

    def is_pure(self) -> bool:
        """Return True, unless a subclass changes what is computed."""
        return type(self) is FullyConnectedLayer

    def step(self, eta: float) -> None:
        """Subtract ``eta`` times the mean of the collected gradients, and forget them.

        Raises
        ------
        GraphError
            If there was no ``backward`` since the last step.
        """
        rate = finite_number("eta", eta)
        if self.passes == 0:
            raise GraphError(f"{self.name}: call backward before step; no gradient was collected")
        self.weights -= rate * self.delta_w / self.passes
        self.bias -= rate * self.delta_b / self.passes
        self._forget()

    def _as_rows(self, input_data: Any) -> Array:
        rows = super()._as_rows(input_data)
        return rows.reshape(1, -1) if rows.ndim == 1 else rows

    def _collect(self, by_parameters: list[Array], rows: int) -> None:
        by_weights, by_bias = by_parameters
        self.delta_w = self.delta_w + by_weights
        self.delta_b = self.delta_b + by_bias
        super()._collect(by_parameters, rows)

    def _forget(self) -> None:
        self.delta_w = np.zeros_like(self.weights)
        self.delta_b = np.zeros_like(self.bias)
        self.passes = 0

    def __repr__(self) -> str:
        return f"FullyConnectedLayer({self.input_size}, {self.output_size})"


class ActivationLayer(Layer):
    """A function applied to every output of the layer before: $a = f(z)$.

    Parameters
    ----------
    activation : str or callable
        ``"sigmoid"``, ``"tanh"``, ``"relu"``, ``"softplus"``, ``"softmax"`` (over each row) or
        ``"identity"``; or a function that takes an array or a Value and gives the same.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.ActivationLayer().forward([[0.0]])
    array([[0.5]])
    >>> tg.ActivationLayer("relu").forward([[-1.0, 2.0]])
    array([[0., 2.]])
    """

    def __init__(self, activation: str | Callable[[Any], Any] = "sigmoid") -> None:
        super().__init__()
        if isinstance(activation, str):
            if activation not in ACTIVATIONS:
                raise ValueError(
                    f"activation must be one of {', '.join(ACTIVATIONS)} or a function, "
                    f"got {activation!r:.80}"
                )
            self.activation = activation
            self._function = ACTIVATIONS[activation]
        elif callable(activation):
            self.activation = getattr(activation, "__name__", type(activation).__name__)
            self._function = activation
        else:
            raise TypeError(
                f"activation must be a name or a function, got {type(activation).__name__} "
                f"{activation!r:.80}"
            )

    def formula(self, x: Any, *parameters: Any) -> Any:
        """Return $f(x)$."""
        y = self._function(x)
        if isinstance(x, Value) and not isinstance(y, Value):
            raise TypeError(
                f"{self.name}: the activation {self.activation} turned a Value into "
                f"{type(y).__name__} and lost the graph; write it in functions of tinygrad_mlp"
            )
        return y

    def is_pure(self) -> bool:
        """Return whether the function is one of the named ones."""
        return type(self) is ActivationLayer and self._function in ACTIVATIONS.values()

    def __repr__(self) -> str:
        return f"ActivationLayer({self.activation!r})"
