"""Print every claim about the speed of the eager engine as one table.

    python benchmarks/eager.py [--quick]

Each row races this package against a peer: both in processes of their own, in turns, after a check
that they compute the same numbers (see ``measuring``).  What counts is the ratio of the times, and
of the ratios the median; in brackets are the quartiles.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

from measuring import (
    Contender,
    NotInstalledError,
    Race,
    environment,
    largest_difference,
    machine,
    race,
    time_of_children,
)

TOLERANCE = 1e-9
EPOCHS = 300


class Table:
    """A Markdown table that is printed while it grows."""

    def __init__(self) -> None:
        self.row("What", "Ours", "Peer", "Ratio", "Mark", "")
        self.row(*["---"] * 6)

    def row(self, *cells: str) -> None:
        """Print one row."""
        print("|", " | ".join(cells), "|", flush=True)

    def race(self, what: str, peer: str, result: Race, mark: float | None = None) -> None:
        """Print a row for a race; ``mark`` is the largest ratio that keeps the claim."""
        verdict = "" if mark is None else "reached" if result.ratio <= mark else "**missed**"
        self.row(
            what,
            _time(result.ours),
            f"{peer} {_time(result.peer)}",
            f"{result.ratio:.3f} ({result.quarter:.3f} to {result.three_quarters:.3f})",
            "" if mark is None else f"≤ {mark:.3g}",
            verdict,
        )

    def missing(self, what: str, peer: str, module: str) -> None:
        """Print a row that says why there is nothing to say."""
        self.row(what, "", peer, f"left out: {module} is not installed", "", "")


def _time(seconds: float) -> str:
    if seconds >= 0.1:
        return f"{seconds:.3g} s"
    return f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.3g} µs"


def compare(
    table: Table,
    what: str,
    ours: tuple[Any, ...],
    peers: Mapping[str, tuple[tuple[Any, ...], float | None]],
    rounds: int,
    span: float = 0.03,
) -> None:
    """Race one of our contenders against several peers; each may have a mark."""
    for peer, (start, mark) in peers.items():
        try:
            with Contender(*ours) as a, Contender(*start) as b:
                difference = largest_difference(a.numbers(), b.numbers())
                if not difference <= TOLERANCE:
                    raise ValueError(f"{what}: {peer} differs from ours by {difference:.1e}")
                table.race(what, peer, race(a.seconds, b.seconds, rounds, span), mark)
        except NotInstalledError as error:
            table.missing(what, peer, str(error))


def scalar_graphs(table: Table, rounds: int) -> None:
    """Build and differentiate the demonstration of micrograd in scalars."""
    modules = "tinygrad_mlp", "micrograd.engine"
    what = "Scalars: MLP 2-16-16-1, 20 points, max-margin loss"
    peers = {
        "micrograd": (("scalar_mlp:start", "micrograd.engine"), 0.7),
        "forty lines": (("scalar_mlp:start", "scalar_engine"), 2.0),
    }
    compare(table, what, ("scalar_mlp:start", "tinygrad_mlp"), peers, rounds, span=0.1)
    what += "; one process, garbage collected before each run"
    try:
        with Contender("scalar_mlp:start_both", *modules, rounds) as both:
            a, b, ratio = both.numbers()
    except NotInstalledError as error:
        table.missing(what, "micrograd", str(error))
    else:
        table.row(what, _time(a), f"micrograd {_time(b)}", f"{ratio:.3f}", "", "")


def chains(table: Table, rounds: int) -> None:
    """Build and differentiate a chain of 2,000 tiny operations."""
    for size, shape in ((10, "(10,)"), (0, "()")):
        peers = {peer: ((f"chains:start_{peer}", size), 1.0) for peer in ("autograd", "mygrad")}
        what = f"Chain of 2,000 operations on shape {shape}, and its gradient"
        compare(table, what, ("chains:start_ours", size), peers, rounds)


def training_steps(table: Table, rounds: int) -> None:
    """Make one step of gradient descent on a batch of 64."""
    for sizes, mark in (([64, 32, 10], 2.0), ([784, 128, 64, 10], 1.3)):
        marks = {"numpy": mark, "inplace": 1.6, "autograd": 1.0, "mygrad": None, "torch": 1.0}
        problem = sizes, 64, "float64"
        peers = {
            "numpy, out=" if peer == "inplace" else peer: (
                (f"step_contenders:start_{peer}", *problem),
                limit,
            )
            for peer, limit in marks.items()
        }
        what = f"Training step, {'-'.join(map(str, sizes))} sigmoid, batch 64"
        compare(table, what, ("step_contenders:start_eager", *problem), peers, rounds)


def fit(table: Table, rounds: int) -> None:
    """Train on the digits with ``Network.fit``."""
    what = f"Network.fit, digits, 64-32-10, {EPOCHS} batches of 64"
    peers = {"loop over samples": (("notebook_loop:start_loop", EPOCHS), 1 / 15)}
    compare(table, what, ("notebook_loop:start_ours", EPOCHS), peers, rounds)


def import_time(table: Table, rounds: int) -> None:
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

        ours, peer = (partial(importing, module) for module in ("tinygrad_mlp", "numpy"))
        result = race(ours, peer, rounds, span=0.1)
    table.race("A process that imports the package", "one that imports NumPy", result, 1.2)


def long_chains(table: Table, rounds: int) -> None:
    """Measure how memory and time grow with a chain of scalars."""
    with Contender("chains:start_memory", 200_000) as chain:
        used = chain.numbers()[0]
    table.row(
        "Memory of a node, in a chain of 200,000 scalars", f"{used:.0f} bytes", "", "", "", ""
    )
    lengths = (50_000, 200_000, 800_000)
    for length, result in _times_of_nodes(lengths, rounds):
        what = f"Time of a node, in a chain of {length:,} scalars, with its gradient"
        table.race(what, f"{lengths[0]:,} scalars:", result, None if length == lengths[0] else 1.5)


def _times_of_nodes(lengths: tuple[int, ...], rounds: int) -> Iterator[tuple[int, Race]]:
    times: dict[int, list[float]] = {length: [] for length in lengths}
    for _ in range(rounds):
        for length in lengths:
            with Contender("chains:start_long", length) as chain:
                times[length].append(chain.seconds() / length)
    for length in lengths:
        yield length, Race.of(times[length], times[lengths[0]])


def main() -> None:
    sections = {
        function.__name__: function
        for function in (scalar_graphs, chains, training_steps, fit, import_time, long_chains)
    }
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, rougher numbers")
    parser.add_argument("--only", choices=sections, action="append", help="one part of the table")
    arguments = parser.parse_args()
    print(machine(), end="\n\n")
    table = Table()
    for name in arguments.only or sections:
        rounds = 3 if name == "long_chains" else 41
        sections[name](table, max(1, rounds // 8) if arguments.quick else rounds)


if __name__ == "__main__":
    main()
