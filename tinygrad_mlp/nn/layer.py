"""One step of a network: a formula, and all that follows from it."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from tinygrad_mlp.core.backward import grad
from tinygrad_mlp.core.context import scope
from tinygrad_mlp.core.explaining import about_call
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.core.ownership import handed, to_read
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import GraphError, ShapeError
from tinygrad_mlp.graphs.node import mark_parameters

if TYPE_CHECKING:
    from tinygrad_mlp.nn.training_pass import TrainingPass

Array = np.ndarray[Any, np.dtype[Any]]
#: The kinds of arguments that have one name each.
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


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
    is_shared : bool
        Whether it has several places in a network.
    fewest_rows : int
        How many samples a batch must have in training.

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
    is_shared = False
    fewest_rows = 1

    def __init__(self) -> None:
        self.name = type(self).__name__
        self.input: Array | None = None
        self.passes = 0
        self._pending: tuple[Value, Value] | None = None  # input and output of ``forward``

    # The options are there for type checkers: an override may name its parameters as it likes.
    def formula(self, x: Any, /, *parameters: Any, **options: Any) -> Any:
        """Return the output for ``x``, in functions that take arrays and Values alike.

        It cannot write to what it gets: ``x = 2.0 * x`` and not ``x *= 2.0``.
        """
        raise NotImplementedError(f"{type(self).__name__} must define formula(self, x, ...)")

    def training_formula(self, x: Any, /, *parameters: Any, training: TrainingPass) -> Any:
        """Return the output for ``x`` in training, where that is another than ``formula`` gives.

        Parameters
        ----------
        x, *parameters
            As for ``formula``.
        training : TrainingPass
            Its ``rng`` gives random numbers; its ``after_step`` takes what shall be remembered.
        """
        return self.formula(x, *parameters)

    def parameters(self) -> list[Value]:
        """Return what is learned, in the order in which ``formula`` takes it."""
        return []

    def statistics(self) -> list[Value]:
        """Return what is measured in training and needed later, such as running means."""
        return []

    def settings(self) -> dict[str, Any]:
        """Return what a layer like this one is made with: the arguments of its class, by name.

        They are numbers, texts, functions, layers, and lists of these.  Here they are read from
        the attributes of the same names; what is random (``rng``) is left out.

        Returns
        -------
        dict of str to object

        Raises
        ------
        TypeError
            If there is no attribute for an argument; the class must then define ``settings``.

        Examples
        --------
        >>> import tinygrad_mlp as tg
        >>> tg.ActivationLayer("tanh").settings()
        {'activation': 'tanh'}
        """
        found = {}
        for name, parameter in inspect.signature(type(self)).parameters.items():
            if name == "rng":
                continue
            if parameter.kind not in _NAMED or not hasattr(self, name):
                raise TypeError(
                    f"{type(self).__name__} has no attribute {name!r} that tells the argument of "
                    f"that name; set self.{name} in __init__, or define settings(self)"
                )
            setting = getattr(self, name)
            found[name] = setting.name if isinstance(setting, np.dtype) else setting
        return found

    def is_pure(self) -> bool:
        """Return whether ``formula`` is known to compute the same from the same, always."""
        return False

    @overload
    def __call__(self, x: Value, training: TrainingPass | None = None) -> Value: ...
    @overload
    def __call__(self, x: Any, training: TrainingPass | None = None) -> Array: ...
    def __call__(self, x: Any, training: TrainingPass | None = None) -> Any:
        """Return the output for ``x``, remembering nothing: a Value for a Value, else an array.

        With a ``TrainingPass`` it is what ``fit`` computes, by ``training_formula``.
        """
        parameters: list[Any] = self.parameters()
        formula, options = (
            (self.formula, {})
            if training is None
            else (self.training_formula, {"training": training})
        )
        if isinstance(x, Value):
            mark_parameters(parameters)
            return formula(x, *parameters, **options)
        # ``x *= 2.0`` makes a new Value, but of an array it would change that of the caller.
        x = as_numbers(x, f"{self.name}: input")
        arrays = [to_read(x), *(parameter.numpy() for parameter in parameters)]
        output = handed(self.name, "formula", formula, arrays, options)
        return x if output is arrays[0] else output

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
            If ``forward`` was not called before, or the layer has several places in a network,
            for it remembers only one pass.
        ShapeError
            If ``output_error`` has another shape than the output had.
        """
        if self._pending is None:
            raise GraphError(f"{self.name}: call forward with an array before backward")
        if self.is_shared:
            raise GraphError(
                f"{self.name} has several places in its network and remembers only the last pass; "
                "call forward and backward of the network"
            )
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

    def in_a_row(self) -> list[Layer]:
        """Return the layers that do the same one after the other: this one."""
        return [self]

    def step(self, eta: float) -> None:
        """Move the parameters against the collected gradient; without parameters do nothing."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def _rows(self, x: Any, names: Sequence[str], parameters: Sequence[Any]) -> Any:
        """Return ``x`` as rows of ``input_size`` numbers, or raise ShapeError."""
        if x.ndim == 1:
            x = x.reshape(1, -1)
        if x.ndim != 2 or x.shape[1] != self.input_size:
            wrong = ShapeError(
                f"{self.name}: expects rows of {self.input_size} inputs, shape "
                f"(n, {self.input_size}), got shape {x.shape}"
            )
            raise about_call(wrong, self.name, ("x", *names), (x, *parameters))
        return x

    def _as_rows(self, input_data: Any) -> Array:
        rows: Array = as_numbers(input_data, f"{self.name}: input")
        return rows

    def _collect(self, by_parameters: list[Array], rows: int) -> None:
        self.passes += rows


def through(layers: Sequence[Layer], x: Any, training: TrainingPass | None = None) -> Any:
    """Return the outputs of layers in a row for rows ``x``, recorded in their scopes."""
    if not layers:
        raise ValueError("the network has no layer yet; add one with network.add(layer)")
    for layer in layers:
        with scope(layer.name):
            x = layer(x) if training is None else layer(x, training)
    return x
