"""Linear systems, Cholesky's factor and convolutions, alone and with their gradients.

Each is written as the library has it; the matrices are small, middle and large.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: What to compute, and of which sizes: the side of a matrix, or the lengths of two vectors.
CASES: dict[str, tuple[Any, ...]] = {
    "solve": (3, 30, 200),
    "cholesky": (3, 30, 200),
    "convolve": ((100, 5), (10_000, 50)),
}


def problem(name: str, size: Any) -> tuple[list[Any], Any]:
    """Return the arguments, and the gradient that arrives at the result."""
    import numpy as np

    source = np.random.default_rng(1)
    if name == "convolve":
        arrays = [source.normal(size=n) for n in size]
        return arrays, source.normal(size=sum(size) - 1)
    matrix = source.normal(size=(size, size))
    if name == "cholesky":
        g = np.tril(source.normal(size=(size, size)))
        return [matrix @ matrix.T + size * np.eye(size)], g
    arrays = [matrix + size * np.eye(size), source.normal(size=size)]
    return arrays, source.normal(size=size)


def start_numpy(name: str, size: Any) -> Callable[[], Any]:
    """Return the function alone: nobody remembers it."""
    import numpy as np

    arrays, _ = problem(name, size)
    function = {**vars(np.linalg), "convolve": np.convolve}[name]
    return lambda: function(*arrays)


def start_ours(name: str, size: Any, with_gradient: bool = False) -> Callable[[], Any]:
    """Return the function, recorded; or with the gradients by all of its arguments."""
    import tinygrad_mlp as tg

    arrays, g = problem(name, size)
    function = tg.convolve if name == "convolve" else getattr(tg.linalg, name)
    values = [tg.Value(x) for x in arrays]
    if with_gradient:
        return lambda: tg.grad(function(*values), values, g)
    return lambda: function(*values)


def start_autograd(name: str, size: Any, with_gradient: bool = False) -> Callable[[], Any]:
    """Return the same with HIPS autograd."""
    import autograd.numpy as np
    from autograd import make_vjp
    from autograd.scipy.signal import convolve

    arrays, g = problem(name, size)
    function = convolve if name == "convolve" else getattr(np.linalg, name)
    recorded = make_vjp(lambda arguments: function(*arguments))
    arguments = tuple(arrays)
    if with_gradient:
        return lambda: list(recorded(arguments)[0](g))
    return lambda: recorded(arguments)[1]


def start_torch(name: str, size: Any, with_gradient: bool = False) -> Callable[[], Any]:
    """Return the same with PyTorch, in one thread."""
    import torch

    torch.set_num_threads(1)

    def convolve(a: Any, v: Any) -> Any:
        turned = v.flip(0)[None, None]
        return torch.nn.functional.conv1d(a[None, None], turned, padding=len(v) - 1)[0, 0]

    arrays, given = problem(name, size)
    function = convolve if name == "convolve" else getattr(torch.linalg, name)
    tensors = [torch.from_numpy(x).requires_grad_() for x in arrays]
    g = torch.from_numpy(given)
    if with_gradient:
        return lambda: list(torch.autograd.grad(function(*tensors), tensors, g))
    return lambda: function(*tensors)
