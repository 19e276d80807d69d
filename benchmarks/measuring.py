"""Fair races: contenders in processes of their own, run in turns, compared by ratios.

A contender is a function ``start(*arguments)`` that prepares and returns another, ``run()``, which
does the work once and returns numbers.  ``Contender`` runs it in a worker process that speaks
lines over pipes: ``numbers`` and ``time COUNT``.  Times are those of the processor.

Why processes: what one library leaves behind slows the others down.  The graph of micrograd is made
of reference cycles; its garbage waits for the collector, which then runs, and is paid for, in
whatever code comes next.  The collector itself stays in its normal state.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from types import TracebackType
from typing import Any, NamedTuple, Self

HERE = Path(__file__).resolve().parent

#: One thread for every BLAS; read when NumPy is loaded, so it is in the environment of workers.
ONE_THREAD = {
    f"{library}_NUM_THREADS": "1"
    for library in ("OPENBLAS", "OMP", "MKL", "BLIS", "VECLIB_MAXIMUM", "NUMEXPR")
}
#: Keep freed memory.  Otherwise the C library of Linux may hand large arrays back to the system and
#: fetch them again, page by page, in every step: a lottery that doubles the time of one contender
#: and spares the other, by where in memory their arrays happen to lie.
KEEP_MEMORY = {f"MALLOC_{name}_THRESHOLD_": str(2**25) for name in ("MMAP", "TRIM")}


def environment() -> dict[str, str]:
    """Return the environment of a worker: as above, and this checkout of the package first."""
    paths = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")]))
    return {**os.environ, **ONE_THREAD, **KEEP_MEMORY, "PYTHONPATH": paths}


class NotInstalledError(Exception):
    """The library that a contender needs is not here."""


class Contender:
    """A function in a process of its own.

    Parameters
    ----------
    start : str
        ``"module:function"``, a module of this folder; called with ``arguments`` in the worker.
    arguments : numbers, texts and lists
        What to call it with.

    Raises
    ------
    NotInstalledError
        If it needs a module that cannot be found.
    """

    def __init__(self, start: str, *arguments: Any) -> None:
        self.name = start
        self._process = subprocess.Popen(
            [sys.executable, __file__, start, json.dumps(arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
            cwd=HERE,
        )
        try:
            answer = self._answer()
        except RuntimeError:
            self.close()
            raise
        if answer != "ready":
            self.close()
            raise NotInstalledError(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self.close()

    def numbers(self) -> list[float]:
        """Run once, and return everything that it computed as one list."""
        numbers: list[float] = self._ask("numbers")
        return numbers

    def seconds(self, count: int = 1) -> float:
        """Run ``count`` times, and return the time of one run."""
        return float(self._ask(f"time {count}")) / count

    def close(self) -> None:
        """End the worker."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def _ask(self, command: str) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker of {self.name} ended with an error, printed above")
        return json.loads(line)


def serve(start: str, arguments: list[Any]) -> None:
    """Be the worker of a contender, until the pipe is closed."""
    module, function = start.split(":")
    try:
        run = getattr(import_module(module), function)(*arguments)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] == "tinygrad_mlp":
            raise  # no library that is missing, but a name of ours that is out of date
        print(json.dumps(str(error.name)), flush=True)
        return
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        command, *rest = line.split()
        answer = _timed(run, int(rest[0])) if command == "time" else _flat(run())
        print(json.dumps(answer), flush=True)


def _timed(run: Callable[[], object], count: int) -> float:
    begin = process_time()  # on the processor: what else the machine does must not count
    for _ in range(count):
        run()
    return process_time() - begin


def _flat(numbers: Any) -> list[float]:
    """Return numbers, arrays, Values and nested lists of them as one list."""
    if isinstance(numbers, list | tuple):
        return [one for part in numbers for one in _flat(part)]
    if hasattr(numbers, "numpy") and not hasattr(numbers, "tolist"):  # a Value
        numbers = numbers.numpy()
    return _flat(numbers.tolist()) if hasattr(numbers, "tolist") else [float(numbers)]


class Race(NamedTuple):
    """How two contenders compare: seconds of one run, and our time divided by the peer's."""

    ours: float
    peer: float
    ratio: float
    quarter: float
    three_quarters: float

    @classmethod
    def of(cls, ours: Sequence[float], peer: Sequence[float]) -> Race:
        """Compare times that were taken in turns: each with the one beside it."""
        ratios = sorted(a / b for a, b in zip(ours, peer, strict=True))
        quarter = len(ratios) // 4
        return cls(
            median(ours), median(peer), median(ratios), ratios[quarter], ratios[-1 - quarter]
        )


def race(
    ours: Callable[[int], float], peer: Callable[[int], float], rounds: int, span: float
) -> Race:
    """Let two functions that return the time of one of ``count`` runs take turns.

    Parameters
    ----------
    ours, peer : callable
        ``Contender.seconds``, or another function of a count.
    rounds : int
        How many turns each has, after one run that is not counted.
    span : float
        A turn is as many runs as take about this many seconds.
    """
    return Race.of(*turns((ours, peer), rounds, span))


def turns(runs: Sequence[Callable[[int], float]], rounds: int, span: float) -> list[list[float]]:
    """Let functions that return the time of one of ``count`` runs take turns.

    A turn begins with runs that are not counted, a quarter of it: the caches of the processor are
    full of what the others did, which is not what somebody meets who repeats a step.

    Parameters
    ----------
    runs : sequence of callables
        As for ``race``.
    rounds, span
        As for ``race``.

    Returns
    -------
    list of lists of floats
        For each function its times, turn by turn.
    """
    counts = [max(1, round(span / run(1))) for run in runs]
    times: list[list[float]] = [[] for _ in runs]
    places = range(len(runs))
    for turn in range(rounds):
        # being second must be nobody's fate
        for one in places if turn % 2 else reversed(places):
            if counts[one] >= 4:
                runs[one](counts[one] // 4)
            times[one].append(runs[one](counts[one]))
    return times


def time_of_children() -> float:
    """Return the time that finished processes took of the processor; of the clock on Windows."""
    try:
        import resource
    except ModuleNotFoundError:
        return perf_counter()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def largest_difference(ours: Sequence[float], peer: Sequence[float]) -> float:
    """Return the largest difference of two lists of numbers, relative to the largest number."""
    if len(ours) != len(peer):
        raise ValueError(f"{len(ours)} numbers against {len(peer)}: not the same computation")
    scale = max(map(abs, peer))
    return max(abs(a - b) for a, b in zip(ours, peer, strict=True)) / scale


def machine() -> str:
    """Return one line that names the machine and the software that everything ran on."""
    os.environ.update(ONE_THREAD)
    import numpy as np

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}; "
        f"{platform.python_implementation()} {platform.python_version()}, NumPy {np.__version__}, "
        f"{blas['name']} {blas['version']} with one thread"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    serve(sys.argv[1], json.loads(sys.argv[2]))
