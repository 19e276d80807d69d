"""The layers of a perceptron: weighted sums, and the functions applied to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_mlp._support.arguments import (
    finite_number,
    floating_type,
    random_source,
    whole_number,
)
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import GraphError
from tinygrad_mlp.nn.initialization import Initialization, initial
from tinygrad_mlp.nn.layer import Array, Layer
from tinygrad_mlp.ops.activations import elu, gelu, leaky_relu, selu, silu
from tinygrad_mlp.ops.elementwise import relu, sigmoid, softplus, tanh
from tinygrad_mlp.ops.linear import affine, matmul
from tinygrad_mlp.ops.reductions import softmax


def identity(x: Any) -> Any:
    """Return what came in: the activation of a layer without one."""
    return x


#: The names that ``ActivationLayer`` knows.
ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "selu": selu,
    "gelu": gelu,
    "silu": silu,
    "softplus": softplus,
    "softmax": softmax,
    "identity": identity,
}


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
    init : str or callable
        What the weights begin with: ``"notebook"`` (evenly from -1/2 to 1/2),
        ``"glorot_uniform"``, ``"glorot_normal"`` (before tanh), ``"he_uniform"``, ``"he_normal"``
        (before relu), ``"lecun_uniform"``, ``"lecun_normal"`` (before selu), ``"orthogonal"``,
        ``"zeros"``, or a function ``init(shape, rng)`` that gives an array.
    use_bias : bool
        Whether there is a b; without it $z = xW$.

    Attributes
    ----------
    weights : ndarray, shape (input_size, output_size)
        As ``init`` says.
    bias : ndarray, shape (1, output_size)
        Zeros at first; with ``init="notebook"`` drawn after the weights, likewise.
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
        self,
        input_size: int,
        output_size: int,
        *,
        rng: Any = None,
        dtype: Any = np.float64,
        init: str | Initialization = "notebook",
        use_bias: bool = True,
    ) -> None:
        super().__init__()
        self.input_size = whole_number("input_size", input_size)
        self.output_size = whole_number("output_size", output_size)
        self.init, self.use_bias = init, bool(use_bias)
        kind = floating_type(dtype)
        source = random_source(rng)
        weights = initial(init, (self.input_size, self.output_size), source)
        self._weights = Value(weights.astype(kind), label="W")
        self._bias = None
        if use_bias:
            begin = init if init == "notebook" else "zeros"
            bias = initial(begin, (1, self.output_size), source)
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
        bias: Array = self._some_bias().data
        return bias

    @bias.setter
    def bias(self, new: Any) -> None:
        self._some_bias().data = new

    def _some_bias(self) -> Value:
        if self._bias is None:
            raise AttributeError(f"{self.name} has no bias; it was made with use_bias=False")
        return self._bias

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the parameters."""
        return self._weights.dtype

    def formula(self, x: Any, *parameters: Any) -> Any:
        """Return $xW + b$."""
        x = self._rows(x, ("W", "b")[: len(parameters)], parameters)
        return affine(x, *parameters) if self.use_bias else matmul(x, *parameters)

    def parameters(self) -> list[Value]:
        """Return W and b, or W alone."""
        return [self._weights] if self._bias is None else [self._weights, self._bias]

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
        if self.use_bias:
            self.bias -= rate * self.delta_b / self.passes
        self._forget()

    def _as_rows(self, input_data: Any) -> Array:
        rows = super()._as_rows(input_data)
        return rows.reshape(1, -1) if rows.ndim == 1 else rows

    def _collect(self, by_parameters: list[Array], rows: int) -> None:
        by_weights, *by_bias = by_parameters
        self.delta_w = self.delta_w + by_weights
        if self.use_bias:
            self.delta_b = self.delta_b + by_bias[0]
        super()._collect(by_parameters, rows)

    def _forget(self) -> None:
        self.delta_w = np.zeros_like(self.weights)
        if self.use_bias:
            self.delta_b = np.zeros_like(self.bias)
        self.passes = 0

    def __repr__(self) -> str:
        told = [str(self.input_size), str(self.output_size)]
        if self.init != "notebook":
            told.append(f"init={getattr(self.init, '__name__', self.init)!r}")
        if not self.use_bias:
            told.append("use_bias=False")
        return f"FullyConnectedLayer({', '.join(told)})"


class ActivationLayer(Layer):
    """A function applied to every output of the layer before: $a = f(z)$.

    Parameters
    ----------
    activation : str or callable
        ``"sigmoid"``, ``"tanh"``, ``"relu"``, ``"leaky_relu"``, ``"elu"``, ``"selu"``, ``"gelu"``,
        ``"silu"``, ``"softplus"``, ``"softmax"`` (over each row) or ``"identity"``; or a function
        that takes an array or a Value and gives the same.

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

    def settings(self) -> dict[str, Any]:
        """Return the activation: its name, or the function where it has none of ours."""
        is_named = ACTIVATIONS.get(self.activation) is self._function
        return {"activation": self.activation if is_named else self._function}

    def __repr__(self) -> str:
        return f"ActivationLayer({self.activation!r})"


def way_in(thing: Any) -> str:
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
