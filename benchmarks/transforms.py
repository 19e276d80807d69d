"""What transforms cost: tables of derivatives, batches and recomputing, as ratios to loops."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

import tinygrad_mlp as tg

ROUNDS = 15
RNG = np.random.default_rng(0)
FIRST, SECOND = RNG.normal(size=(2, 100, 100)) / 10


def ratio(one: Callable[[], Any], other: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Return how long one takes in times of the other, both in turns, the best of each."""
    best = [np.inf, np.inf]
    for _ in range(rounds):
        for place, run in enumerate((one, other)):
            start = perf_counter()
            run()
            best[place] = min(best[place], perf_counter() - start)
    return float(best[0] / best[1])


def layers(x: Any) -> Any:
    """Return two layers of 100 numbers each."""
    return tg.tanh(tg.tanh(x @ FIRST) @ SECOND)


def rows_of(f: Any, x: Any) -> Any:
    """Return the Jacobian by one backward pass for each output."""
    output, pull_back = tg.vjp(f, x)
    return np.stack([pull_back(unit)[0] for unit in np.eye(output.size)])


def rosenbrock(x: Any) -> Any:
    """Return a valley."""
    return tg.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def chain(wrap: Callable[[Any], Any], count: int) -> Callable[[], Any]:
    """Return the gradient of a chain of layers of ten operations each."""
    weight = np.linspace(0.5, 1.5, 64)

    def layer(x: Any) -> Any:
        for _ in range(10):
            x = tg.sin(x * weight)
        return x

    wrapped = wrap(layer)

    def end(x: Any) -> Any:
        for _ in range(count):
            x = wrapped(x)
        return tg.sum(x)

    return lambda: tg.grad(end)(np.ones((16, 64)))


def peak(run: Callable[[], Any]) -> int:
    """Return how many bytes a run takes at most."""
    tracemalloc.start()
    run()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def main(rounds: int = ROUNDS, count: int = 1000) -> None:
    """Print everything."""
    x, many = RNG.normal(size=100), RNG.normal(size=(200, 100))
    slope, jacobian, hessian = tg.grad(rosenbrock), tg.jacobian(layers), tg.hessian(rosenbrock)
    batch = tg.vmap(slope)
    table = ratio(lambda: jacobian(x), lambda: rows_of(layers, x), rounds)
    print(f"jacobian of 100 outputs of two layers, to a pass for each: {table:.2f}")
    table = ratio(lambda: hessian(x), lambda: rows_of(slope, x), rounds)
    print(f"hessian of a function of 100 numbers, to a pass for each: {table:.2f}")
    each = ratio(lambda: batch(many), lambda: np.stack([slope(x) for x in many]), rounds)
    print(f"vmap of a gradient for 200 examples, to a loop: {each:.2f}")
    kept, again = chain(lambda f: f, count), chain(tg.checkpoint, count)
    print(f"checkpoint of {count} layers of 10 operations, memory: {peak(again) / peak(kept):.2f}")
    print(f"checkpoint, time: {ratio(again, kept, max(1, rounds // 5)):.2f}")


if __name__ == "__main__":
    main()
