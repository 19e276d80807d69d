"""How a network comes from other libraries, and goes to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path

    from tinygrad_mlp.nn.layer import Array


class Exchanging:
    """Layers in a row whose weights other libraries can read, and give.

    Attributes
    ----------
    layers : list of Layer
        From the inputs to the outputs.
    """

    layers: list[Any]

    def add(self, layer: Any) -> None:
        """Append a layer."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Array]:
        """Return copies of all parameters with the names and in the layout of PyTorch.

        They are those of ``torch.nn.Sequential`` with a ``Linear`` for each
        ``FullyConnectedLayer``, in the same places: ``"0.weight"``, transposed, and ``"0.bias"``;
        ``BatchNorm`` is ``BatchNorm1d``, ``LayerNorm`` is ``LayerNorm``, and a network in the
        network is a ``Sequential`` in the ``Sequential``.

        Returns
        -------
        dict of str to ndarray
            Matrices have shape (outputs, inputs), all else one axis.

        Raises
        ------
        TypeError
            If another kind of layer has parameters.

        Examples
        --------
        >>> import tinygrad_mlp as tg
        >>> network = tg.Network([tg.FullyConnectedLayer(2, 3, rng=0), tg.ActivationLayer()])
        >>> {name: array.shape for name, array in network.state_dict().items()}
        {'0.weight': (3, 2), '0.bias': (3,)}
        """
        from tinygrad_mlp.nn.bridges import pytorch

        return pytorch.state_dict(self.layers)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over all parameters from such a dict, of arrays or of PyTorch's tensors.

        The counter of batches of a ``BatchNorm1d`` is not needed, and is left out.

        Raises
        ------
        TypeError
            If it is no dict, or has something that is not made of real numbers.
        ValueError
            If names or shapes differ, with a list of what does, or a number is nan or infinite;
            the network stays as it is.

        Examples
        --------
        >>> import tinygrad_mlp as tg
        >>> network = tg.Network([tg.FullyConnectedLayer(2, 1)])
        >>> network.load_state_dict({"0.weight": [[3.0, 4.0]], "0.bias": [5.0]})
        >>> network([[1.0, 10.0]])
        array([[48.]])
        """
        from tinygrad_mlp.nn.bridges import pytorch

        pytorch.load_state_dict(self.layers, state)

    def save_safetensors(self, path: str | Path) -> None:
        """Write ``state_dict`` to a file in the format safetensors (extra ``safetensors``).

        Raises
        ------
        ModuleNotFoundError
            If safetensors is not installed.
        OSError
            If it cannot be written; an earlier file stays whole until the new one is.
        """
        from tinygrad_mlp.nn.bridges import safetensors

        safetensors.save(self.layers, path)

    def load_safetensors(self, path: str | Path) -> None:
        """Take over all parameters from a file in the format safetensors.

        Raises
        ------
        ModuleNotFoundError
            If safetensors is not installed.
        FileFormatError
            If the file is damaged or does not fit; the network stays as it is.
        OSError
            If it cannot be read.
        """
        from tinygrad_mlp.nn.bridges import safetensors

        safetensors.load(self.layers, path)

    def to_onnx(self, path: str | Path) -> None:
        """Write the network to a file in the format ONNX, for other programs (extra ``onnx``).

        Its input is called ``"x"``, its output ``"y"``; the batch may be of any size, and the type
        is that of the weights.  It computes what ``predict`` does.  The file passes ONNX's full
        check and has operators of version 20.

        Raises
        ------
        ModuleNotFoundError
            If onnx is not installed.
        TypeError
            If a layer is of one's own, or an activation without a name.
        ValueError
            If there is no layer.
        OSError
            If it cannot be written; an earlier file stays whole until the new one is.
        """
        from tinygrad_mlp.nn.bridges import onnx_writing

        onnx_writing.write(self.layers, path)

    @classmethod
    def from_onnx(cls, path: str | Path) -> Self:
        """Return the network that a file in the format ONNX describes (extra ``onnx``).

        It may consist of what ``to_onnx`` writes, one node after the other, and of ``MatMul`` and
        ``Add`` instead of ``Gemm``.

        Raises
        ------
        ModuleNotFoundError
            If onnx is not installed.
        FileFormatError
            If the file is damaged, has other operators (all are listed), or constants that are not
            in it, or not of the size that it announces.
        OSError
            If it cannot be read.
        """
        from tinygrad_mlp.nn.bridges import onnx_reading

        network = cls()
        for layer in onnx_reading.read(path):
            network.add(layer)
        return network
