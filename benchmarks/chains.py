"""Long chains of small operations, where the time is the bookkeeping of the library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

LENGTH = 2000


def _chain(x: Any, tanh: Callable[[Any], Any], length: int) -> Any:
    """Return x after ``length`` operations: multiplied, added to, and bent by tanh, in turns."""
    y = x
    for step in range(length):
        if step % 3 == 0:
            y = y * x
        elif step % 3 == 1:
            y = y + x
        else:
            y = tanh(y)
    return y


def _start_value(size: int) -> Any:
    """Return a NumPy scalar for size 0, else an array."""
    import numpy as np

    return np.linspace(0.4, 0.6, size) if size else np.float64(0.5)


def start_ours(size: int) -> Callable[[], Any]:
    """Return the chain and its gradient with this package."""
    import tinygrad_mlp as tg

    data = _start_value(size)

    def run() -> Any:
        x = tg.Value(data)
        y = _chain(x, tg.tanh, LENGTH)
        return tg.grad(y.sum() if size else y, x)

    return run


def start_autograd(size: int) -> Callable[[], Any]:
    """Return the same with autograd."""
    import autograd
    import autograd.numpy as anp

    data = _start_value(size)

    def end(x: Any) -> Any:
        y = _chain(x, anp.tanh, LENGTH)
        return anp.sum(y) if size else y

    gradient = autograd.grad(end)
    return lambda: gradient(data)


def start_mygrad(size: int) -> Callable[[], Any]:
    """Return the same with mygrad."""
    import mygrad

    data = _start_value(size)

    def run() -> Any:
        x = mygrad.tensor(data)
        y = _chain(x, mygrad.tanh, LENGTH)
        (y.sum() if size else y).backward()
        return x.grad

    return run


def start_memory(nodes: int) -> Callable[[], float]:
    """Return a function that gives the bytes of each node of a chain of scalars."""
    import tracemalloc

    import tinygrad_mlp as tg

    def run() -> float:
        x = tg.Value(0.5)
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        y = _chain(x, tg.tanh, nodes)
        used = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        del y
        return used / nodes

    return run


def start_long(nodes: int) -> Callable[[], Any]:
    """Return a chain of scalars of any length, and its gradient, with this package."""
    import tinygrad_mlp as tg

    def run() -> Any:
        x = tg.Value(0.5)
        return tg.grad(_chain(x, tg.tanh, nodes), x)

    return run
