"""Print every claim about the speed of compiled functions as tables.

    python benchmarks/compiled.py [--quick] [--only PART]

The first table races one step of gradient descent in many ways against the same step in NumPy by
hand, where every result goes into an array that is made once.  All contenders are processes of
their own and take turns, after a check that they compute the same numbers (see ``measuring`` and
``step_contenders``).  A number is the median of the ratios of times of the processor that were
taken side by side: below 1 is faster than by hand.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from statistics import median
from typing import Any, NamedTuple

from eager import Table, compare, import_time
from measuring import Contender, NotInstalledError, Race, largest_difference, machine, turns

NETWORKS = (
    ([2, 3, 1], 4),
    ([64, 32, 10], 64),
    ([784, 30, 10], 10),
    ([784, 128, 64, 10], 64),
    ([784, 1024, 1024, 10], 256),
)
TOLERANCES = {"float64": 1e-9, "float32": 1e-5}
CHECKED_STEPS = 3


class Column(NamedTuple):
    """A column of the table: whom to start, with what, and the largest ratio that is aimed at."""

    title: str
    start: str
    more: tuple[Any, ...] = ()
    mark: Mapping[int, float] | None = None  # by the number of the network

    def aim(self, network: int) -> float | None:
        """Return the largest ratio that reaches the mark."""
        return None if self.mark is None else self.mark.get(network)


ALL = range(len(NETWORKS))
BASE = Column("by hand, in place", "start_inplace")
COLUMNS = (
    Column("products alone", "start_products"),
    Column("loop over samples", "start_loop"),
    Column("plain NumPy", "start_numpy"),
    Column("by hand, sharpest", "start_sharpest"),
    Column("eager", "start_eager", mark=dict.fromkeys(ALL[1:], 1.6)),
    Column("compile", "start_compiled", mark=dict.fromkeys(ALL, 1.0)),
    Column("compile, numba", "start_compiled", ("numba",), mark={0: 0.15, 1: 0.8}),
    Column("fit", "start_fit", mark=dict.fromkeys(ALL, 1.15)),
    Column("autograd", "start_autograd"),
    Column("mygrad", "start_mygrad"),
    Column("PyTorch", "start_torch"),
    Column("torch.compile", "start_torch", (True,)),
    Column("JAX jit", "start_jax"),
)


class Steps:
    """The table of steps, printed while it grows, and the marks that were missed."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.missed: list[str] = []
        titles = [BASE.title, *(column.title for column in columns)]
        print("| sizes, batch, type |", " | ".join(titles), "|")
        print("|", " | ".join(["---"] * (len(titles) + 1)), "|", flush=True)

    def row(self, network: int, dtype: str, rounds: int) -> None:
        """Race all columns on one network."""
        sizes, batch = NETWORKS[network]
        name = f"{'-'.join(map(str, sizes))}, {batch}, {dtype}"
        times = step_times(self.columns, sizes, batch, dtype, rounds)
        cells = [f"{median(times[0]) * 1e6:,.0f} µs"]
        for column, mine in zip(self.columns, times[1:], strict=True):
            ratio = Race.of(mine, times[0]).ratio
            aim = column.aim(network)
            is_missed = aim is not None and round(ratio, 2) > aim
            cells.append(f"**{ratio:.2f}**" if is_missed else f"{ratio:.2f}")
            if is_missed:
                self.missed.append(f"{column.title} on {name}: {ratio:.3f} instead of {aim}")
        print(f"| {name} |", " | ".join(cells), "|", flush=True)


def step_times(
    columns: Sequence[Column], sizes: list[int], batch: int, dtype: str, rounds: int
) -> list[list[float]]:
    """Return the times of the base and of all columns, after a check of their numbers."""
    steps = 100 if sum(sizes) < 1000 else 10  # of fit, in one run
    with ExitStack() as stack:
        contenders = []
        expected: list[float] = []
        for column in (BASE, *columns):
            more = (CHECKED_STEPS,) if column.start == "start_fit" else column.more
            contender = start(column, sizes, batch, dtype, more)
            contenders.append(contender)
            stack.callback(contender.close)
            if column.start == "start_products":
                continue
            repeats = 1 if column.start == "start_fit" else CHECKED_STEPS
            numbers = [contender.numbers() for _ in range(repeats)][-1]
            expected = expected or numbers
            difference = largest_difference(numbers, expected)
            if not difference <= TOLERANCES[dtype]:
                raise ValueError(f"{column.title} differs by {difference:.1e} on {sizes} {dtype}")
        runs = []
        for column, contender in zip((BASE, *columns), contenders, strict=True):
            if column.start == "start_fit":
                many = start(column, sizes, batch, dtype, (steps,))
                stack.callback(many.close)
                runs.append(lambda count, many=many: many.seconds(count) / steps)
            else:
                runs.append(contender.seconds)
        return turns(runs, rounds, span=0.02)


def start(
    column: Column, sizes: list[int], batch: int, dtype: str, more: tuple[Any, ...]
) -> Contender:
    """Start the contender of a column."""
    return Contender(f"step_contenders:{column.start}", sizes, batch, dtype, *more)


def installed(columns: Sequence[Column]) -> list[Column]:
    """Return the columns whose library is there, and say which are left out."""
    found = []
    for column in columns:
        more = (1,) if column.start == "start_fit" else column.more
        try:
            start(column, [2, 1], 1, "float64", more).close()
        except NotInstalledError as error:
            print(f"Left out: {column.title}, as {error} is not installed.", end="\n\n")
        else:
            found.append(column)
    return found


def steps(rounds: int) -> None:
    """Race one step of gradient descent; missed marks are bold, and listed below."""
    table = Steps(installed(COLUMNS))
    for dtype in TOLERANCES:
        for network in ALL:
            table.row(network, dtype, rounds)
    print()
    for column in table.columns:
        if column.mark is not None:
            aims = sorted(set(column.mark.values()))
            print(f"Mark of {column.title}: at most {' and '.join(map(str, aims))}.")
    print("Missed marks:", *(table.missed or ["none"]), sep="\n- ")


def compiling(rounds: int) -> None:
    """Compile gradients of chains on 10 numbers, of growing length."""
    table = Table()
    per_operation = []
    for length in (400, 2_000, 4_000):
        with Contender("compile_contenders:start_compiling", length) as chain:
            found = [chain.numbers() for _ in range(max(3, rounds // 8))]
        operations, seconds = found[0][0], median(pair[1] for pair in found)
        per_operation.append(seconds / operations)
        table.row(
            f"Compile a gradient of {operations:,.0f} operations",
            f"{seconds:.3g} s",
            f"per operation: {per_operation[-1] * 1e6:.0f} µs",
            f"{per_operation[-1] / per_operation[0]:.2f} of the first",
            "≤ 3 s" if operations > 5000 else "",
            ("reached" if seconds <= 3 else "**missed**") if operations > 5000 else "",
        )


def scalars(rounds: int) -> None:
    """Race the demonstration of micrograd."""
    what = "Scalars: MLP 2-16-16-1, 20 points, max-margin loss"
    peer = ("scalar_mlp:start", "micrograd.engine")
    table = Table()
    compare(
        table,
        f"{what}, compiled",
        ("scalar_mlp:start_compiled",),
        {
            "micrograd": (peer, 0.1),
            "eager": (("scalar_mlp:start", "tinygrad_mlp"), None),
        },
        rounds,
    )


def layers(rounds: int) -> None:
    """Differentiate a network of 1,000 layers."""
    table = Table()
    what = "1,000 layers tanh(x W + b), batch 8, width 16, gradients"
    ours, peer = (("compile_contenders:start_layers", compiled) for compiled in (True, False))
    compare(table, f"{what}, compiled", ours, {"eager": (peer, None)}, rounds)
    used = []
    for compiled in (True, False):
        with Contender("compile_contenders:start_memory", compiled) as one:
            used.append(one.numbers()[0] / 2**20)
    table.row(
        f"{what}: memory", f"{used[0]:.2f} MiB", f"eager {used[1]:.2f} MiB",
        f"{used[0] / used[1]:.3f}", "", "",
    )  # fmt: skip


def imports(rounds: int) -> None:
    """Start Python and import the package."""
    import_time(Table(), rounds)


def main() -> None:
    parts = {part.__name__: part for part in (steps, compiling, scalars, layers, imports)}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, rougher numbers")
    parser.add_argument("--only", choices=parts, action="append", help="one part")
    arguments = parser.parse_args()
    print(machine(), end="\n\n")
    for name in arguments.only or parts:
        parts[name](5 if arguments.quick else 31)
        print()


if __name__ == "__main__":
    main()
