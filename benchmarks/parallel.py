"""Print what it gains to train in several processes (extra mpi), as Markdown, beside a model.

    python benchmarks/parallel.py [--quick]

It starts itself by ``mpiexec``.  One ``fit`` of plain descent on softmax regression with a hidden
layer of relus, by one process and by two in turns.  Times are those of the clock, because waiting
counts here, and such that a fiftieth of all steps took less, because what else the machine does
must not count.  A ratio below 1 is faster.

The model says that a step of p processes takes

    fixed + rows * count / p + latency + bytes / bandwidth

The first two are a line through the times of one process with the whole batch and with half of it;
the last two a line through the times of ``Allreduce`` with one number and with all gradients.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from measuring import environment, machine

#: Sizes of a network, and how many samples a batch has.
PROBLEMS = (
    ([64, 32, 10], 64),
    ([64, 128, 10], 512),
    ([784, 128, 10], 64),
    ([784, 128, 10], 512),
    ([784, 512, 10], 1024),
)
PROCESSES = 2
BATCHES = 4  # in memory
QUANTILE = 0.02


def steps_of(sizes: list[int], count: int, comm: Any) -> Callable[[int], list[float]]:
    """Return a function that makes so many steps, and returns the time of each."""
    import tinygrad_mlp as tg

    rng = np.random.default_rng(0)
    x = rng.normal(size=(BATCHES * count, sizes[0]))
    labels = (x @ rng.normal(size=(sizes[0], sizes[-1]))).argmax(1)
    network = tg.Network(verbose=False)
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        network.add(tg.FullyConnectedLayer(inputs, outputs, rng=0, init="he_normal"))
        network.add(tg.ActivationLayer("relu"))
    del network.layers[-1]

    def run(steps: int) -> list[float]:
        begins: list[float] = []

        def rate(_: int) -> float:  # asked for at the beginning of each step
            begins.append(perf_counter())
            return 0.1

        network.fit(
            x,
            labels,
            epochs=steps // BATCHES,
            learning_rate=rate,
            batch_size=count,
            full_pass=True,
            rng=0,
            loss="softmax_cross_entropy",
            comm=comm,
        )
        return np.diff(begins).tolist()

    return run


def reduces_of(size: int, comm: Any) -> Callable[[int], list[float]]:
    """Return a function that sums so many times over all processes, and returns each time."""
    from mpi4py import MPI

    room = np.zeros(size)

    def run(steps: int) -> list[float]:
        times = []
        for _ in range(steps):
            comm.Barrier()
            start = perf_counter()
            comm.Allreduce(MPI.IN_PLACE, room)
            times.append(perf_counter() - start)
        return times

    return run


def measure(sizes: list[int], count: int, rounds: int, comm: Any) -> list[float]:
    """Return times of a step: one process, with half the batch, all, and two Allreduces."""
    size = sum((a + 1) * b for a, b in zip(sizes, sizes[1:], strict=False)) + 1
    work = sum(a * b for a, b in zip(sizes, sizes[1:], strict=False)) * count
    steps = max(4, int(1e9 / (work + 2e6)) // BATCHES) * BATCHES
    runs = (
        steps_of(sizes, count, None),
        steps_of(sizes, count // 2, None),
        steps_of(sizes, count, comm),
        reduces_of(size, comm),
        reduces_of(1, comm),
    )
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for place, run in enumerate(runs):
            comm.Barrier()
            if place > 1 or not comm.rank:  # where one is measured, the others wait
                times[place] += run(steps)
    return [float(np.quantile(column, QUANTILE)) for column in times if column]


def worker(rounds: int) -> None:
    """Measure, as one of the processes; the first one prints."""
    from mpi4py import MPI

    comm = MPI.COMM_WORLD
    for sizes, count in PROBLEMS:
        times = measure(sizes, count, rounds, comm)
        if comm.rank:
            continue
        alone, half, together, large, small = times
        per_row = 2 * (alone - half) / count
        fixed = alone - per_row * count
        model = fixed + per_row * count / comm.size + large
        size = 8 * sum((a + 1) * b for a, b in zip(sizes, sizes[1:], strict=False))
        cells = (
            f"{'-'.join(map(str, sizes))}, {count}",
            *(f"{1e6 * time:,.0f} µs" for time in (alone, together)),
            f"{together / alone:.2f}",
            f"{model / alone:.2f}",
            f"{1e6 * fixed:,.0f} + {1e6 * per_row * count:,.0f} / p",
            f"{1e6 * small:,.0f} + {1e6 * (large - small):,.0f} µs ({size / 1e3:,.0f} kB)",
        )
        print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    rounds = 2 if quick else 20
    if "--worker" in sys.argv[1:]:
        worker(rounds)
        return
    beside = Path(sys.executable).parent
    program = shutil.which("mpiexec", path=beside) or shutil.which("mpiexec")
    if program is None:
        raise SystemExit("this needs mpiexec and mpi4py: pip install '.[mpi]' mpich")
    print(
        f"| sizes, batch | 1 process | {PROCESSES} processes | ratio | model | "
        "model: fixed + rows | Allreduce: latency + bytes |"
    )
    print("| --- " * 7 + "|", flush=True)
    more = ["--quick"] if quick else []
    command = [program, "-n", str(PROCESSES), sys.executable, __file__, "--worker", *more]
    subprocess.run(command, env={**os.environ, **environment()}, check=True)
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
