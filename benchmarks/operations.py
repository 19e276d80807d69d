"""Single operations on small arrays, alone and with their gradients, in one code for all libraries.

The time of such a run is what a library needs around the arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SHAPE = (4, 3)

#: What to compute of x and y, both of this shape, with the functions of a library.
OPERATIONS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "x + y": lambda _, x, y: x + y,
    "x - y": lambda _, x, y: x - y,
    "x * y": lambda _, x, y: x * y,
    "x / y": lambda _, x, y: x / y,
    "x ** 2": lambda _, x, y: x**2,
    "exp(x)": lambda library, x, y: library.exp(x),
    "tanh(x)": lambda library, x, y: library.tanh(x),
    "x.sum()": lambda _, x, y: x.sum(),
    "x.mean(0)": lambda _, x, y: x.mean(0),
    "x.max()": lambda _, x, y: x.max(),
    "x.reshape(3, 4)": lambda _, x, y: x.reshape(3, 4),
    "x[1:]": lambda _, x, y: x[1:],
    "x @ y.T": lambda _, x, y: x @ y.T,
}


def _problem(name: str) -> tuple[Callable[[Any, Any, Any], Any], list[Any], Any]:
    """Return the operation, x and y, and the gradient that arrives at the result."""
    import numpy as np

    source = np.random.default_rng(1)
    operation = OPERATIONS[name]
    arrays = [source.uniform(0.5, 1.5, SHAPE) for _ in range(2)]
    return operation, arrays, source.uniform(0.5, 1.5, operation(np, *arrays).shape)


def start_numpy(name: str) -> Callable[[], Any]:
    """Return the operation alone: nobody remembers it."""
    import numpy as np

    operation, (x, y), _ = _problem(name)
    return lambda: operation(np, x, y)


def start_ours(name: str, with_gradient: bool = False) -> Callable[[], Any]:
    """Return the operation, recorded; or with the gradients by those arguments that it has."""
    import tinygrad_mlp as tg

    operation, arrays, g = _problem(name)
    x, y = map(tg.Value, arrays)
    by = (x, y) if " y" in name else (x,)
    if with_gradient:
        return lambda: tg.grad(operation(tg, x, y), by, g)
    return lambda: operation(tg, x, y)


def start_torch(name: str, with_gradient: bool = False) -> Callable[[], Any]:
    """Return the same with PyTorch, in one thread."""
    import torch

    torch.set_num_threads(1)
    operation, arrays, given = _problem(name)
    x, y = (torch.from_numpy(array).requires_grad_() for array in arrays)
    g = torch.as_tensor(given)
    by = (x, y) if " y" in name else (x,)
    if with_gradient:
        return lambda: torch.autograd.grad(operation(torch, x, y), by, g)
    return lambda: operation(torch, x, y)
