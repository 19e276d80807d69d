"""Layers in a row, which compute."""

from __future__ import annotations

from typing import Any, Literal, overload

import numpy as np

from tinygrad_mlp.core.value import Value
from tinygrad_mlp.nn.data import samples_of
from tinygrad_mlp.nn.layer import Array, through


class Stack:
    """Layers in a row: the output of each is the input of the next.

    Parameters
    ----------
    verbose : bool
        ``fit`` prints the error of every tenth epoch.
    """

    def __init__(self, verbose: bool) -> None:
        self.verbose = verbose
        self.layers: list[Any] = []  # Layers; each kind has attributes of its own

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
