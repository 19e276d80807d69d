"""The network: layers in a row, trained by gradient descent on half the squared error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, Self, overload

import numpy as np

from tinygrad_mlp._support.display import mimebundle
from tinygrad_mlp.nn import checkpoint, saving
from tinygrad_mlp.nn.data import samples_of
from tinygrad_mlp.nn.encoding import KINDS
from tinygrad_mlp.nn.exchanging import Exchanging
from tinygrad_mlp.nn.layer import Array, Layer
from tinygrad_mlp.nn.layers import ActivationLayer
from tinygrad_mlp.nn.other_names import NamedElsewhere
from tinygrad_mlp.nn.stack import named_values, parts_of
from tinygrad_mlp.nn.summary import summary
from tinygrad_mlp.nn.trainable import Trainable

if TYPE_CHECKING:
    from pathlib import Path

    from tinygrad_mlp.drawing.picture import Picture


class Network(Trainable, Exchanging, NamedElsewhere):
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
        In the order of ``add``.  ``network[0]``, ``network[1:3]``, ``len(network)`` and loops
        work as for a list.

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

    A network is a layer too, so it may be one of another network.
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

    # ----- Its layers -----

    def __len__(self) -> int:
        """Return the number of layers."""
        return len(self.layers)

    def __bool__(self) -> bool:
        """Return True: a network without layers is one nevertheless."""
        return True

    def __iter__(self) -> Iterator[Any]:
        """Return an iterator over the layers."""
        return iter(self.layers)

    def __getitem__(self, place: Any) -> Any:
        """Return a layer for a number, and for a slice a network of the same layers.

        Such a network shares the layers and all that they learn; they keep their names.
        """
        if not isinstance(place, slice):
            return self.layers[place]
        part = Network(verbose=self.verbose)
        part.layers = self.layers[place]
        return part

    def is_pure(self) -> bool:
        """Return whether all layers are, unless a subclass changes what is computed."""
        return type(self) is Network and all(layer.is_pure() for layer in self.layers)

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

    def save(self, path: str | Path) -> None:
        """Write the whole network to a file, with all that its training needs to go on.

        That is: the layers, the weights, the loss, the optimizer and its state, the learning rate
        or schedule, the count of steps, what draws the batches, the split for validation, each
        ``EarlyStopping``, and the history.  An earlier file stays whole until the new one is, so a
        callback may save after every epoch.  The same network gives the same bytes.

        Raises
        ------
        TypeError
            If something has no name to be kept by, such as a lambda.
        ValueError
            If a weight is not finite, or two things of your own have one name.
        OSError
            If it cannot be written.

        Examples
        --------
        >>> import numpy as np
        >>> import tinygrad_mlp as tg
        >>> network = tg.Network([tg.FullyConnectedLayer(1, 1, rng=0)], verbose=False)
        >>> x = np.array([[0.0], [1.0]])
        >>> history = network.fit(x, x, 5, optimizer=tg.optimizers.Adam(), rng=1)
        >>> network.save("network.npz")
        >>> again = tg.Network.load("network.npz")
        >>> again.history == history, len(again.fit(x, x, 3))
        (True, 8)
        """
        checkpoint.save(path, self)

    @classmethod
    def load(cls, path: str | Path, known: Mapping[str, Any] | None = None) -> Self:
        """Return the network of a file that ``save`` wrote; its next ``fit`` goes on.

        What that ``fit`` is not told is as it was: it gives the weights and the history of a
        training that was never stopped, to the last bit on the same machine.  ``epochs`` are
        further ones.

        Parameters
        ----------
        path : str or Path
            The file.  Reading it executes nothing and imports nothing.
        known : dict of str to class or function, optional
            Those of your own that the network was made of, by their names.

        Raises
        ------
        FileFormatError
            If it is damaged, of a newer version, or names what is not known.
        OSError
            If it cannot be read.

        Examples
        --------
        >>> import tinygrad_mlp as tg
        >>> def cube(x):
        ...     return x**3
        >>> tg.Network([tg.ActivationLayer(cube)]).save("cube.npz")
        >>> tg.Network.load("cube.npz", known={"cube": cube})
        Network(ActivationLayer('cube'))
        """
        reader = checkpoint.Reader(path, {} if known is None else known)
        network = cls.__new__(cls)  # a subclass may take other arguments
        with reader.guarded("layers"):
            Network.__init__(network, reader.layers, reader.verbose)
        reader.fill(network)
        return network

    def save_weights(self, path: str | Path) -> None:
        """Write all parameters to a file; an earlier file stays whole until the new one is.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        saving.save_weights(path, named_values(self.layers), self._activations())

    def load_weights(self, path: str | Path) -> None:
        """Read all parameters from a file that ``save_weights`` wrote.

        Raises
        ------
        FileFormatError
            If the file is damaged or of another architecture; the network stays as it is.
        OSError
            If it cannot be read.
        """
        saving.load_weights(path, named_values(self.layers), self._activations())

    def _activations(self) -> dict[str, str]:
        parts = parts_of(self.layers)
        return {path: x.activation for path, x in parts if isinstance(x, ActivationLayer)}

    _repr_mimebundle_ = mimebundle

    def __repr__(self) -> str:
        return f"Network({' → '.join(map(repr, self.layers))})"


KINDS[Network.__name__] = Network  # files may name it, and those who read them stand below
