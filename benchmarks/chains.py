"""Many small operations one after another, where the time is the bookkeeping of the library."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from time import process_time
from typing import Any

LENGTH = 2000
#: Of the network of many layers.
LAYERS, WIDTH, BATCH = 1000, 16, 8


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


def start_compiling(length: int) -> Callable[[], list[float]]:
    """Return a function that compiles the gradient of a chain afresh.

    It gives the number of operations, and the seconds until the first result.
    """
    import numpy as np

    import tinygrad_mlp as tg

    data = np.linspace(0.4, 0.6, 10)
    slope = tg.grad(lambda x: tg.sum(_chain(x, tg.tanh, length)))

    def run() -> list[float]:
        begin = process_time()
        compiled = tg.compile(slope)
        compiled(data)
        seconds = process_time() - begin
        return [float(compiled.report().splitlines()[1].split()[-1].replace(",", "")), seconds]

    run()  # what is imported and prepared once
    return run


def start_layers(compiled: bool) -> Callable[[], Any]:
    """Return the gradients of a network of 1,000 layers with the same weights."""
    import numpy as np

    import tinygrad_mlp as tg

    source = np.random.default_rng(1)
    x, W = source.random((BATCH, WIDTH)), source.uniform(-1, 1, (WIDTH, WIDTH)) / WIDTH**0.5
    b = np.zeros((1, WIDTH))

    def loss(x: Any, W: Any, b: Any) -> Any:
        for _ in range(LAYERS):
            x = tg.tanh(tg.affine(x, W, b))
        return tg.sum(x)

    gradient = tg.grad(loss, argnums=(1, 2))
    gradient = tg.compile(gradient) if compiled else gradient
    return lambda: gradient(x, W, b)


def start_layers_memory(compiled: bool) -> Callable[[], float]:
    """Return a function that gives the most bytes that these gradients need at once.

    For a compiled program these are its buffers too, so it is prepared while they are counted.
    """

    def run() -> float:
        tracemalloc.start()
        gradient = start_layers(compiled)
        gradient()  # compiles
        gc.collect()
        kept = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        gradient()
        return float(max(kept, tracemalloc.get_traced_memory()[1]))

    return run
