"""The demonstration that micrograd comes with, in one code for every class of scalars.

A network of 2-16-16-1 scalars with relu, a loss that wants a margin between two classes, and a
penalty for large weights, on 20 points: some 15,000 nodes, built and differentiated.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Sequence
from importlib import import_module
from statistics import median
from time import process_time
from typing import Any

SIZES = (2, 16, 16, 1)
POINTS = 20


def _problem() -> tuple[list[list[float]], list[float], list[float]]:
    """Return points, their classes, and all weights and biases, neuron by neuron."""
    source = random.Random(1)
    # Python's floats, which suit micrograd best: with NumPy's it is slower.
    points = [[source.uniform(-1.0, 1.0) for _ in range(SIZES[0])] for _ in range(POINTS)]
    classes = [1.0 if x * x + y > 0.3 else -1.0 for x, y in points]
    parameters = []
    for inputs, outputs in zip(SIZES, SIZES[1:], strict=False):
        for _ in range(outputs):
            parameters += [*(source.uniform(-1.0, 1.0) for _ in range(inputs)), 0.0]
    return points, classes, parameters


def _loss(
    Value: Any, points: list[list[float]], classes: list[float], parameters: Sequence[Any]
) -> Any:
    """Return the loss for parameters in the order of ``_problem``."""
    rest = iter(parameters)
    layers = [
        [([next(rest) for _ in range(inputs)], next(rest)) for _ in range(outputs)]
        for inputs, outputs in zip(SIZES, SIZES[1:], strict=False)
    ]

    def score(x: list[Any]) -> Any:
        for layer in layers:
            x = [sum((w * a for w, a in zip(ws, x, strict=True)), b) for ws, b in layer]
            if layer is not layers[-1]:
                x = [z.relu() for z in x]
        return x[0]

    scores = [score([Value(a) for a in point]) for point in points]
    misses = [(1 + -y * s).relu() for y, s in zip(classes, scores, strict=True)]
    penalty = 1e-4 * sum(p * p for p in parameters)
    return sum(misses) * (1.0 / len(misses)) + penalty


def start(module: str) -> Callable[[], list[float]]:
    """Return the contender whose class is ``Value`` in ``module``."""
    Value = import_module(module).Value
    points, classes, numbers = _problem()
    parameters = [Value(number) for number in numbers]

    def run() -> list[float]:
        for p in parameters:
            p.grad = 0
        loss = _loss(Value, points, classes, parameters)
        loss.backward()
        return [loss.data, *(p.grad for p in parameters)]

    return run


def start_compiled(backend: str = "numpy") -> Callable[[], list[float]]:
    """Return the same as a compiled function of the weights and biases."""
    import tinygrad_mlp as tg

    points, classes, numbers = _problem()

    def loss(*parameters: Any) -> Any:
        return _loss(tg.Value, points, classes, parameters)

    step = tg.compile(tg.value_and_grad(loss, argnums=tuple(range(len(numbers)))), backend=backend)

    def run() -> list[float]:
        value, slopes = step(*numbers)
        return [value, *slopes]

    return run


def start_both(peer: str, rounds: int) -> Callable[[], list[float]]:
    """Return a function that times us and a peer in one process, after collecting all garbage.

    It gives the medians of the times of both, and of their ratio.
    """
    runs = start("tinygrad_mlp"), start(peer)

    def run() -> list[float]:
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(rounds):
            for one in (0, 1):
                gc.collect()
                begin = process_time()
                runs[one]()
                times[one].append(process_time() - begin)
        ratios = [a / b for a, b in zip(*times, strict=True)]
        return [median(times[0]), median(times[1]), median(ratios)]

    return run
