"""Compiling and running programs of many operations."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from time import process_time
from typing import Any

from chains import _chain

LAYERS = 1000
WIDTH = 16
BATCH = 8


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


def start_memory(compiled: bool) -> Callable[[], float]:
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
