"""Fair races: contenders in processes of their own, run in turns, compared by ratios.

A contender is a function ``start(*arguments)`` that prepares and returns another, ``run()``, which
does the work once and returns numbers.  ``Contender`` runs it in a worker process that speaks lines
of JSON over pipes.  ``compare`` checks that several compute the same numbers, and lets them take
turns.  Times are those of the processor.

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
from array import array
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
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

#: The libraries that we are compared with, besides NumPy.
PEERS = ("torch", "autograd", "jax", "numba", "micrograd", "mygrad")


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
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
            cwd=HERE,
        )
        try:
            self.start(start, *arguments)
        except (NotInstalledError, RuntimeError):
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, start: str, *arguments: Any) -> None:
        """Let the same process do something else from now on."""
        self.name = start
        missing = self._ask("start", start, *arguments)
        if missing:
            raise NotInstalledError(missing)

    def numbers(self, runs: int = 1) -> array[float]:
        """Run so often, and return everything that the last run computed, one after another."""
        return array("d", b64decode(self._ask("numbers", runs)))

    def seconds(self, runs: int = 1) -> float:
        """Run so often, and return the time of one run."""
        return float(self._ask("seconds", runs)) / runs

    def close(self) -> None:
        """End the worker."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def _ask(self, *question: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker of {self.name} ended with an error, printed above")
        return json.loads(line)


def serve() -> None:
    """Be the worker of a contender, until the pipe is closed."""
    run: Callable[[], object] = list
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        answer: Any = None
        if command == "start":
            try:
                run = _started(*arguments)
            except ModuleNotFoundError as error:
                if str(error.name).partition(".")[0] == "tinygrad_mlp":
                    raise  # no library that is missing, but a name of ours that is out of date
                answer = error.name
        elif command == "seconds":
            answer = _timed(run, *arguments)
        else:
            for _ in range(arguments[0] - 1):
                run()
            answer = b64encode(flat(run())).decode()
        print(json.dumps(answer), flush=True)


def _started(start: str, *arguments: Any) -> Callable[[], object]:
    module, function = start.split(":")
    run: Callable[[], object] = getattr(import_module(module), function)(*arguments)
    return run


def _timed(run: Callable[[], object], count: int) -> float:
    begin = process_time()  # on the processor: what else the machine does must not count
    for _ in range(count):
        run()
    return process_time() - begin


def flat(numbers: Any) -> array[float]:
    """Return numbers, arrays, Values and nested lists of them one after another."""
    import numpy as np

    if isinstance(numbers, list | tuple):
        return sum(map(flat, numbers), array("d"))
    if hasattr(numbers, "detach"):  # a tensor of PyTorch
        numbers = numbers.detach()
    if hasattr(numbers, "numpy"):  # this too, and a Value
        numbers = numbers.numpy()
    return array("d", np.asarray(numbers, float).tobytes())


class Entry(NamedTuple):
    """One who takes part in a race, and what of it is compared."""

    title: str
    start: str
    more: tuple[Any, ...] = ()  # arguments, after those that all have in common
    steps: int = 1  # how many a run makes
    is_checked: bool = True  # whether its numbers are those of the first
    marks: tuple[float, ...] = ()  # the largest ratios that are aimed at, row by row


def compare(
    entries: Sequence[Entry],
    arguments: Sequence[Any] = (),
    *,
    rounds: int,
    span: float = 0.02,
    steps: int = 1,
    tolerance: float = 1e-9,
) -> list[list[float] | None]:
    """Race contenders that compute the same.

    Parameters
    ----------
    entries : sequence of Entry
        The first is the one whose numbers the others have to give.
    arguments : sequence
        What all of them are started with.
    rounds, span
        As for ``turns``.
    steps : int
        After how many steps the numbers are compared.
    tolerance : float
        By how much they may differ, relative to the largest.

    Returns
    -------
    list of lists of floats
        For each the seconds of a step, turn by turn; None where the library is not installed.
    """
    with ExitStack() as stack:
        there: list[tuple[Entry, Contender] | None] = []
        for entry in entries:
            try:
                contender = Contender(entry.start, *arguments, *entry.more)
            except NotInstalledError:
                there.append(None)
            else:
                there.append((entry, stack.enter_context(contender)))
        present = [pair for pair in there if pair is not None]
        checked = [pair for pair in present if pair[0].is_checked]
        check({e.title: c.numbers(steps // e.steps) for e, c in checked}, tolerance)
        times = iter(turns([contender.seconds for _, contender in present], rounds, span))
        return [
            None if pair is None else [time / pair[0].steps for time in next(times)]
            for pair in there
        ]


def check(numbers: Mapping[str, Sequence[float]], tolerance: float = 1e-9) -> None:
    """Raise ValueError if any numbers differ from the first."""
    (first, expected), *others = numbers.items()
    for title, mine in others:
        if len(mine) != len(expected):
            raise ValueError(
                f"{title} gives {len(mine)} numbers, {first} {len(expected)}: "
                "not the same computation"
            )
        difference = max(abs(a - b) for a, b in zip(mine, expected, strict=True))
        difference /= max(map(abs, expected))
        if not difference <= tolerance:
            raise ValueError(f"{title} differs from {first} by {difference:.1e}")


def ratio(times: Sequence[float], base: Sequence[float]) -> float:
    """Return the median ratio of times that were taken in turns: each with the one beside it."""
    return median(mine / other for mine, other in zip(times, base, strict=True))


def turns(runs: Sequence[Callable[[int], float]], rounds: int, span: float) -> list[list[float]]:
    """Let functions that return the time of one of ``count`` runs take turns.

    A turn begins with runs that are not counted, a quarter of it: the caches of the processor are
    full of what the others did, which is not what somebody meets who repeats a step.

    Parameters
    ----------
    runs : sequence of callables
        ``Contender.seconds``, or another function of a count.
    rounds : int
        How many turns each has, after one run that is not counted.
    span : float
        A turn is as many runs as take about this many seconds.

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


def machine() -> str:
    """Return one line that names the machine and the software that everything ran on."""
    os.environ.update(ONE_THREAD)
    import numpy as np

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    one_thread = f"{blas['name']} {blas['version']} with one thread"
    peers = [f"{name} {version(name)}" for name in PEERS if find_spec(name) is not None]
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()}; " + ", ".join(
        [python, f"NumPy {np.__version__}", one_thread, *peers]
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    serve()
