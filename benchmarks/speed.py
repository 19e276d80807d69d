"""Print the tables on speed that README.md and docs/performance.md show, as Markdown.

    python benchmarks/speed.py [PART ...] [--quick]

The parts are steps, operations, linear, graphs, compiled and compiling; without any, all are
printed.
Contenders are processes of their own and take turns, after a check that they compute the same
numbers (see ``measuring``).  A ratio is the median of the ratios of times of the processor that
were taken side by side: below 1 is faster.  A bold ratio misses the mark that was set for it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from statistics import median
from tempfile import TemporaryDirectory

from linear import CASES
from measuring import (
    Contender,
    Entry,
    NotInstalledError,
    check,
    compare,
    environment,
    machine,
    ratio,
    time_of_children,
    turns,
)
from operations import OPERATIONS

#: What the numbers of one type may differ by after some steps.
TOLERANCES = {"float64": 1e-9, "float32": 1e-5}
EPOCHS = 50  # of fit, in one call; as many steps are made before numbers are compared
SMALL, MIDDLE, LARGE = ([2, 3, 1], 4), ([64, 32, 10], 64), ([784, 128, 64, 10], 64)
NETWORKS = (SMALL, MIDDLE, ([784, 30, 10], 10), LARGE, ([784, 1024, 1024, 10], 256))

EAGER = (
    Entry("NumPy by hand", "steps:start_numpy"),
    Entry("natural", "steps:start_natural", marks=(3.0, 2.0, 1.15)),
    Entry("value_and_grad", "steps:start_value_and_grad"),
    Entry("tuned", "steps:start_tuned"),
    Entry("one page", "steps:start_one_page"),
    Entry("PyTorch", "steps:start_torch"),
    Entry("autograd", "steps:start_autograd"),
)
COMPILED = (
    Entry("NumPy by hand, in place", "steps:start_inplace"),
    Entry("products alone", "steps:start_products", is_checked=False),
    Entry("NumPy by hand", "steps:start_numpy"),
    Entry("compile", "steps:start_compiled", marks=(1.15, 1.03, 1.03, 1.03, 1.03)),
    Entry("fit", "steps:start_fit", (EPOCHS,), EPOCHS, marks=(1.25, 1.15, 1.25, 1.1, 1.03)),
    Entry("whole step", "steps:start_whole_step"),
    Entry("whole step, numba", "steps:start_whole_step", ("numba",)),
    Entry("torch.compile", "steps:start_torch", (True,)),
    Entry("JAX jit", "steps:start_jax"),
)


def row(*cells: str) -> None:
    """Print one row of a table."""
    print("|", " | ".join(cells), "|", flush=True)


def head(*titles: str) -> None:
    """Print the first two rows of a table."""
    row(*titles)
    row(*["---"] * len(titles))


def time_of(seconds: float) -> str:
    """Return a time with its unit, to three digits."""
    if seconds >= 0.1:
        return f"{seconds:.3g} s"
    return f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.3g} µs"


def ratio_of(
    times: Sequence[float] | None, base: Sequence[float] | None, mark: float | None = None
) -> str:
    """Return the cell of a ratio, bold if it is above the mark."""
    if times is None or base is None:
        return "not installed"
    text = f"{ratio(times, base):.2f}"
    return f"**{text}**" if mark is not None and float(text) > mark else text


# ----- The parts -----


def steps(rounds: int) -> None:
    """Race steps of gradient descent whose graph is recorded anew, against plain NumPy."""
    step_table(EAGER, (SMALL, MIDDLE, LARGE), ("float64",), rounds)


def compiled(rounds: int) -> None:
    """Race steps that are compiled first, against NumPy where no array is made anew."""
    step_table(COMPILED, NETWORKS, tuple(TOLERANCES), rounds)


def step_table(
    entries: Sequence[Entry],
    networks: Sequence[tuple[list[int], int]],
    dtypes: Sequence[str],
    rounds: int,
) -> None:
    """Print a row for each network and type, in multiples of the first entry."""
    head("sizes, batch, type", *(entry.title for entry in entries))
    for dtype in dtypes:
        for place, (sizes, batch) in enumerate(networks):
            base, *others = compare(
                entries,
                (sizes, batch, dtype),
                rounds=rounds,
                steps=EPOCHS,
                tolerance=TOLERANCES[dtype],
            )
            assert base is not None
            cells = [
                ratio_of(times, base, entry.marks[place] if entry.marks else None)
                for entry, times in zip(entries[1:], others, strict=True)
            ]
            row(f"{'-'.join(map(str, sizes))}, {batch}, {dtype}", time_of(median(base)), *cells)


def operations(rounds: int) -> None:
    """Race each operation on arrays of shape (4, 3), alone and with its gradients."""
    alone = ("NumPy", "ours", "PyTorch", "ratio")
    head("operation", *alone, *(f"{title}, gradients too" for title in alone[1:]))
    with ExitStack() as stack:
        workers = {}  # of which each does all operations, as importing PyTorch takes seconds
        for library in ("numpy", "ours", "torch"):
            try:
                worker = Contender(f"operations:start_{library}", "x + y")
            except NotInstalledError:
                continue
            workers[library] = stack.enter_context(worker)
        for name in OPERATIONS:
            times = operation_times(workers, name, (), rounds)
            cells = [time_of(median(times.pop("numpy")))]
            cells += race_of(times)
            differentiating = {name: one for name, one in workers.items() if name != "numpy"}
            cells += race_of(operation_times(differentiating, name, (True,), rounds), 0.6)
            row(f"`{name}`", *cells)


def operation_times(
    workers: Mapping[str, Contender], name: str, more: tuple[bool, ...], rounds: int
) -> dict[str, list[float]]:
    """Return the times of an operation by the name of the library."""
    for library, worker in workers.items():
        worker.start(f"operations:start_{library}", name, *more)
    check({f"{name} with {library}": worker.numbers() for library, worker in workers.items()})
    times = turns([worker.seconds for worker in workers.values()], rounds, span=0.01)
    return dict(zip(workers, times, strict=True))


def race_of(times: Mapping[str, list[float]], mark: float | None = None) -> list[str]:
    """Return the cells of our time, that of PyTorch, and the ratio."""
    ours, peer = times["ours"], times.get("torch")
    theirs = "not installed" if peer is None else time_of(median(peer))
    return [time_of(median(ours)), theirs, ratio_of(ours, peer, mark)]


def linear(rounds: int) -> None:
    """Race linear systems, Cholesky's factor and convolutions, alone and with their gradients."""
    peers = {"autograd": 1.0, "torch": None}
    titles = ("ours", "autograd", "ratio", "PyTorch", "ratio")
    head("function", "NumPy", *titles, *(f"{title}, gradients too" for title in titles))
    with ExitStack() as stack:
        workers = {}
        for library in ("numpy", "ours", *peers):
            try:
                worker = Contender(f"linear:start_{library}", "solve", 3)
            except NotInstalledError:
                continue
            workers[library] = stack.enter_context(worker)
        for name, sizes in CASES.items():
            for size in sizes:
                times = linear_times(workers, name, size, rounds)
                cells = [time_of(median(times.pop("numpy")))]
                both = {library: one for library, one in workers.items() if library != "numpy"}
                for found in (times, linear_times(both, name, size, rounds, True)):
                    cells.append(time_of(median(found["ours"])))
                    for peer, mark in peers.items():
                        theirs = found.get(peer)
                        cells.append("" if theirs is None else time_of(median(theirs)))
                        cells.append(ratio_of(found["ours"], theirs, mark))
                row(f"`{name}`, {' and '.join(map(str, sizes_of(size)))}", *cells)


def sizes_of(size: int | Sequence[int]) -> Sequence[str]:
    """Return the texts of the sizes of a case."""
    return [f"{size} × {size}"] if isinstance(size, int) else [f"{n:,}" for n in size]


def linear_times(
    workers: Mapping[str, Contender], name: str, size: object, rounds: int, *more: bool
) -> dict[str, list[float]]:
    """Return the times of a function by the name of the library."""
    for library, worker in workers.items():
        worker.start(f"linear:start_{library}", name, size, *more)
    check({f"{name} with {library}": worker.numbers() for library, worker in workers.items()})
    times = turns([worker.seconds for worker in workers.values()], rounds, span=0.02)
    return dict(zip(workers, times, strict=True))


def graphs(rounds: int) -> None:
    """Race graphs of many small operations, and what else a user waits for."""
    head("what", "ours", "against", "", "ratio")
    demonstration = "scalars: an MLP 2-16-16-1 on 20 points, and its gradient"
    micrograd = ("scalar_mlp:start", ("micrograd.engine",))
    small = ("scalar_mlp:start", ("scalar_engine",))
    pairs(
        demonstration,
        Entry("ours", "scalar_mlp:start", ("tinygrad_mlp",)),
        Entry("micrograd", *micrograd, marks=(0.35,)),
        Entry("benchmarks/scalar_engine.py", *small, marks=(2.0,)),
        rounds=rounds,
        span=0.1,
    )
    one_process(demonstration, rounds)
    pairs(
        f"{demonstration}, compiled",
        Entry("compiled", "scalar_mlp:start_compiled"),
        Entry("micrograd", *micrograd, marks=(0.1,)),
        Entry("benchmarks/scalar_engine.py", *small),
        rounds=rounds,
        span=0.1,
    )
    for size, numbers in ((10, "10 numbers"), (0, "scalars")):
        pairs(
            f"a chain of 2,000 operations on {numbers}, and its gradient",
            Entry("ours", "chains:start_ours", (size,)),
            Entry("autograd", "chains:start_autograd", (size,), marks=(1.0,)),
            Entry("mygrad", "chains:start_mygrad", (size,), marks=(1.0,)),
            rounds=rounds,
        )
    pairs(
        "`Network.fit` on the digits, 64-32-10, 300 batches of 64",
        Entry("fit", "notebook_loop:start_ours", (300,)),
        Entry("a loop over samples", "notebook_loop:start_loop", (300,), marks=(1 / 15,)),
        rounds=rounds,
    )
    imports(rounds)
    long_chains(rounds)


def pairs(what: str, ours: Entry, *peers: Entry, rounds: int, span: float = 0.02) -> None:
    """Print a row for each peer."""
    mine, *others = compare((ours, *peers), rounds=rounds, span=span)
    assert mine is not None
    for peer, times in zip(peers, others, strict=True):
        cell = "" if times is None else time_of(median(times))
        mark = peer.marks[0] if peer.marks else None
        row(what, time_of(median(mine)), peer.title, cell, ratio_of(mine, times, mark))


def one_process(what: str, rounds: int) -> None:
    """Race micrograd where nobody pays for garbage: it is collected before each run."""
    try:
        with Contender("scalar_mlp:start_both", "micrograd.engine", rounds) as both:
            mine, peer, times = both.numbers()
    except NotInstalledError:
        return
    row(f"{what}; in one process with an empty heap", time_of(mine), "micrograd", time_of(peer),
        f"{times:.2f}")  # fmt: skip


def imports(rounds: int) -> None:
    """Start Python and import, in whole processes, with compiled modules as after installing."""
    with TemporaryDirectory() as folder:
        variables = {**environment(), "PYTHONPYCACHEPREFIX": folder}
        variables.pop("PYTHONDONTWRITEBYTECODE", None)

        def importing(module: str, count: int) -> float:
            command = [sys.executable, "-c", f"import {module}"]
            begin = time_of_children()
            for _ in range(count):
                subprocess.run(command, check=True, env=variables)
            return (time_of_children() - begin) / count

        runs = [partial(importing, module) for module in ("tinygrad_mlp", "numpy")]
        ours, peer = turns(runs, rounds, span=0.1)
    row("a process with `import tinygrad_mlp`", time_of(median(ours)), "`import numpy`",
        time_of(median(peer)), ratio_of(ours, peer, 1.2))  # fmt: skip


def long_chains(rounds: int) -> None:
    """Measure how memory and time grow with a chain of scalars."""
    with Contender("chains:start_memory", 200_000) as chain:
        used = chain.numbers()[0]
    row("memory of a node, in a chain of 200,000 scalars", f"{used:.0f} bytes", "", "", "")
    lengths = (50_000, 1_000_000)
    times: dict[int, list[float]] = {length: [] for length in lengths}
    for _ in range(max(1, rounds // 10)):
        for length in lengths:
            with Contender("chains:start_long", length) as chain:
                times[length].append(chain.seconds() / length)
    base, longest = times.values()
    row("time of a node, in a chain of 1,000,000 scalars, with its gradient",
        time_of(median(longest)), "of 50,000 scalars", time_of(median(base)),
        ratio_of(longest, base, 1.5))  # fmt: skip


def compiling(rounds: int) -> None:
    """Compile gradients of chains of growing length, and of a network of many layers."""
    head("what", "ours", "against", "", "ratio")
    first = 0.0
    for length in (400, 2_000, 4_000):
        with Contender("chains:start_compiling", length) as chain:
            found = [chain.numbers() for _ in range(max(3, rounds // 8))]
        operations, seconds = found[0][0], median(pair[1] for pair in found)
        mine = seconds / operations
        first = first or mine
        row(f"compile a gradient of {operations:,.0f} operations", time_of(seconds),
            "an operation of the shortest", time_of(first),
            f"{mine / first:.2f} for each")  # fmt: skip
    what = "1,000 layers tanh(x W + b), batch 8, width 16, gradients, compiled"
    ours, eager = (Entry(name, "chains:start_layers", (name == "compiled",))
                   for name in ("compiled", "eager"))  # fmt: skip
    pairs(what, ours, eager, rounds=rounds)
    used = []
    for is_compiled in (True, False):
        with Contender("chains:start_layers_memory", is_compiled) as one:
            used.append(one.numbers()[0])
    mine, peer = (f"{size / 2**20:.2f} MiB" for size in used)
    row(f"{what}: memory", mine, "eager", peer, f"{used[0] / used[1]:.2f}")


PARTS = {part.__name__: part for part in (steps, operations, linear, graphs, compiled, compiling)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, rougher numbers")
    arguments = parser.parse_args()
    for name in arguments.parts:
        if name not in PARTS:
            parser.error(f"there is no part {name!r}; the parts are {', '.join(PARTS)}")
    for name in arguments.parts or PARTS:
        print(f"{name} ({PARTS[name].__doc__})\n")
        PARTS[name](5 if arguments.quick else 31)
        print(f"\n{machine()}.\n", flush=True)


if __name__ == "__main__":
    main()
