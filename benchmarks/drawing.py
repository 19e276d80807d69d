"""Print how long drawings take, from 100 to 100,000 nodes, as one table.

    python benchmarks/drawing.py [--quick]

The graph is a network of layers of scalars, in which every layer mixes the values of the one
before: it has scopes, repeats and edges that cross.  Times are those of the processor, the best of
three.  The built-in SVG is of every node where there are at most 6,000; folded drawings are laid
out by the built-in writer too.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from time import process_time
from typing import Any

from measuring import machine

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.builtin.plan import MAXIMUM_NODES, layered_svg
from tinygrad_mlp.drawing.graphviz.dot import to_dot
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.scopes import placed

SIZES = (100, 1_000, 5_000, 20_000, 100_000)
#: The longest that the built-in drawing of all of 1,000 nodes may take ...
WHOLE = 0.4
#: ... and a drawing with default options, which is folded, of 100,000.
FOLDED = 3.0
WIDTH = 5


def graph_of(size: int) -> tg.Graph:
    """Return a graph of about as many nodes."""
    values = [tg.Value(0.1 * place, label=f"x{place}") for place in range(WIDTH)]
    count, layer = WIDTH, 0
    while count < size:
        layer += 1
        with tg.scope(f"layer{layer}"):
            pairs = zip(values, values[1:] + values[:1], strict=True)
            values = [tg.tanh(one * 0.5 + other) for one, other in pairs]
        count += 4 * WIDTH
    return tg.Graph.of(*values)


def seconds(work: Callable[[], Any], rounds: int) -> float:
    """Return the least time that some work took."""
    best = float("inf")
    for _ in range(rounds):
        start = process_time()
        work()
        best = min(best, process_time() - start)
    return best


def measure(size: int, rounds: int) -> list[str]:
    """Return the cells of one row."""
    graph = graph_of(size)

    def folded() -> str:
        return layered_svg(fold(placed(graph)))

    cells = [f"{len(graph):,}", _time(seconds(lambda: to_dot(graph), rounds))]
    cells.append(_time(seconds(folded, rounds), FOLDED if size == max(SIZES) else None))
    if len(graph) <= MAXIMUM_NODES:
        time = seconds(lambda: layered_svg(graph), rounds)
        cells.append(_time(time, WHOLE if size == 1_000 else None))
    else:
        cells.append("folded")
    return cells


def _time(seconds: float, mark: float | None = None) -> str:
    """Return a time, and whether it is as short as it should be."""
    text = f"{seconds:.3g} s" if seconds >= 0.1 else f"{seconds * 1e3:.3g} ms"
    if mark is None:
        return text
    return f"{text} (≤ {mark:g} s: {'reached' if seconds <= mark else 'missed'})"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round instead of three")
    rounds = 1 if parser.parse_args().quick else 3
    print(machine())
    print()
    print("| nodes | `.source` of all | folded drawing, SVG | built-in SVG of all |")
    print("| --- | --- | --- | --- |")
    for size in SIZES:
        print("|", " | ".join(measure(size, rounds)), "|", flush=True)


if __name__ == "__main__":
    main()
