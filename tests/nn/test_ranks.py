"""Tests of processes that train one network together: they find what one process finds."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import trained_by_ranks

import tinygrad_mlp as tg
from tinygrad_mlp.nn.blocks import Block
from tinygrad_mlp.nn.ranks import ALONE, ranks_of

PROGRAM = Path(trained_by_ranks.__file__)
MPIEXEC = shutil.which("mpiexec", path=Path(sys.executable).parent) or shutil.which("mpiexec")
SETTINGS = {
    "OPENBLAS_NUM_THREADS": "1",
    # Open MPI wants to be told that it may be started by root, and more often than there are cores.
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
}


def run(size, program, *arguments):
    """Run a program in so many processes, and return how it ended and what it wrote."""
    pytest.importorskip("mpi4py", reason="the package mpi4py is missing")
    if MPIEXEC is None:
        pytest.skip("the program mpiexec is missing")
    paths = os.pathsep.join([str(PROGRAM.parents[1]), str(PROGRAM.parent)])
    return subprocess.run(
        [MPIEXEC, "-n", str(size), sys.executable, "-W", "error", str(program), *arguments],
        env={**os.environ, **SETTINGS, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


START = """
import atexit, os, signal, sys, time
import numpy as np
from mpi4py import MPI
import tinygrad_mlp as tg
from trained_by_ranks import Scale, data, layers
comm = MPI.COMM_WORLD
if len(sys.argv) > 1:  # what all write to one pipe would be torn
    os.chdir(sys.argv[1])
    sys.stdout = open(f"printed{comm.rank}", "w")
    atexit.register(sys.stdout.close)
x, y = data()
told = {"epochs": 4, "learning_rate": 0.1, "batch_size": 16, "full_pass": True, "rng": 7,
        "loss": "softmax_cross_entropy", "comm": comm}
def fit(*middle, **other):
    network = tg.Network(layers(*middle), verbose=False)
    return network.fit(x, y, **(told | other))
"""


@pytest.fixture
def by_two(tmp_path):
    """A function that runs lines of code in two processes and returns what they printed, sorted."""

    def run_lines(code):
        program = tmp_path / "program.py"
        program.write_text(START + code, encoding="utf-8")
        done = run(2, program, tmp_path)
        assert (0, "") == (done.returncode, done.stderr)
        files = [tmp_path / f"printed{rank}" for rank in (0, 1)]
        return sorted(line for file in files for line in file.read_text().splitlines())

    return run_lines


# ----- The same numbers -----


@pytest.mark.parametrize("size", [1, 2, 4])
def test_several_processes_find_what_one_finds_alone(size, tmp_path):
    done = run(size, PROGRAM, ",".join(trained_by_ranks.SCENARIOS), tmp_path)
    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)
    for scenario in trained_by_ranks.SCENARIOS:
        alone = trained_by_ranks.found(scenario)
        files = [tmp_path / f"{scenario} {rank}.npz" for rank in range(size)]
        together = [dict(np.load(file)) for file in files]
        tolerance = 1e-6 if scenario == "float32" else 1e-10
        for mine in together:
            assert alone.keys() == mine.keys()
            for name, numbers in alone.items():
                np.testing.assert_allclose(
                    mine[name], numbers, rtol=0, atol=tolerance, err_msg=f"{scenario}, {name}"
                )
                assert np.array_equal(mine[name], together[0][name])  # of all, to the last bit
        assert len(alone["loss"]) == (4 if scenario != "validation" else len(together[0]["loss"]))


def test_batches_from_an_iterable_are_shared_too(by_two):
    told = by_two("""
def batches():
    return ((x[k : k + 9], y[k : k + 9]) for k in range(0, 50, 9))
options = {"epochs": 3, "learning_rate": 0.1, "loss": "softmax_cross_entropy", "rng": 0}
alone, together = (tg.Network(layers(tg.Dropout(0.3)), verbose=False) for _ in range(2))
first = alone.fit(batches, **options)
second = together.fit(batches, **options, comm=comm)
pairs = zip(alone.parameters(), together.parameters())
print(max(np.abs(p.data - q.data).max() for p, q in pairs) < 1e-10, np.allclose(first, second))
""")
    assert told == ["True True"] * 2


def test_a_training_goes_on_from_its_file_to_the_last_bit(by_two):
    told = by_two("""
def save(progress):
    progress.network.save("network.npz")
whole, first = (tg.Network(layers(tg.Dropout(0.3)), verbose=False) for _ in range(2))
options = told | {"optimizer": tg.optimizers.Adam(), "validation_split": 0.2}
history = whole.fit(x, y, **options)
first.fit(x, y, **(options | {"epochs": 3}), callbacks=[save])
comm.Barrier()
later = tg.Network.load("network.npz")
again = later.fit(x, y, epochs=1, comm=comm)
same = all(np.array_equal(p.data, q.data) for p, q in zip(whole.parameters(), later.parameters()))
print(same, again.curves == history.curves)
""")
    assert told == ["True True"] * 2


# ----- Who prints, and who decides -----


def test_only_the_first_process_prints_and_has_callbacks(by_two):
    told = by_two("""
network = tg.Network(layers())
def look(progress):
    print("callback", comm.rank)
    return progress.epoch == 1
def each(epoch, error):
    print("each", comm.rank)
history = network.fit(x, y, **told, callbacks=[look], callback=each)
print(comm.rank, len(history), history.stopped)
""")
    epoch = [line for line in told if line.startswith("epoch")]
    assert len(epoch) == 1
    rest = [line for line in told if line not in epoch]
    assert rest == ["0 2 look", "1 2 look", *["callback 0"] * 2, *["each 0"] * 2]


def test_who_warns_that_nothing_was_learned_is_the_first_process(by_two):
    told = by_two("""
import warnings
x[...] = 0.0
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    fit(epochs=40)
print(comm.rank, len(caught))
""")
    assert told == ["0 1", "1 0"]


# ----- Failures -----


def test_what_fails_in_all_alike_is_an_ordinary_error(by_two):
    told = by_two("""
for other in ({"learning_rate": 1e300}, {"batch_size": 0}, {"optimizer": 5}):
    try:
        with np.errstate(all="ignore"):
            fit(**other)
    except (FloatingPointError, ValueError, TypeError) as error:
        print(type(error).__name__)
print(len(fit()))
""")
    assert told == sorted(["FloatingPointError", "ValueError", "TypeError", "4"] * 2)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("fit(callbacks=[lambda progress: 1 / 0])", "rank 0 of 2 failed"),
        ("fit(batch_size=16 - 16 * comm.rank)", "rank 1 of 2 failed"),
    ],
)
def test_what_fails_in_one_process_ends_all_with_its_message(code, told, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(START + code, encoding="utf-8")
    start = time.monotonic()
    done = run(2, program)
    assert time.monotonic() - start < 30
    assert done.returncode != 0
    assert told in done.stderr
    assert ("ZeroDivisionError" in done.stderr) != ("batch_size must be" in done.stderr)


def test_a_process_that_is_killed_ends_all_within_seconds(tmp_path):
    program = tmp_path / "program.py"
    code = """
def rate(step):
    if comm.rank == 1 and step == 100:
        os.kill(os.getpid(), signal.SIGKILL)
    return 0.1
fit(learning_rate=rate, epochs=1_000_000)
"""
    program.write_text(START + code, encoding="utf-8")
    start = time.monotonic()
    done = run(2, program)
    assert time.monotonic() - start < 30
    assert done.returncode != 0
    assert "signal 9" in done.stdout + done.stderr  # says mpiexec


# ----- What is refused -----


REFUSED = [
    (
        "fit(validation_data=(x + comm.rank, y))",
        "the samples of rank 1 differ from rank 0",
    ),
    ("fit(epochs=2 + comm.rank)", "the arguments of rank 1 differ from rank 0"),
    ("fit(rng=None)", "the random numbers of rank 1 differ .* such as rng=0"),
    ("fit(tg.BatchNorm(8))", r"layer3, BatchNorm\(8\), measures whole batches"),
    ("fit(tg.Dropout(0.5), compiled=False)", "only a compiled step can do; say compiled=True"),
    (
        "fit(Odd(), compiled=True)",
        r"draws .* \(17, 1\) for a batch, and \(9, 1\) for a share",
    ),
    ("fit(Measuring(), compiled=True)", "a layer says training.after_step"),
    ("fit(tg.FullyConnectedLayer(8, 8, rng=comm.rank))", "the weights of rank 1 .* the same rng"),
    (
        "fit(tg.FullyConnectedLayer(8, 8, rng=0, dtype=np.float16))",
        "is float16, and with comm= it must be float32 or float64",
    ),
]


def test_what_would_not_be_the_training_of_one_process_is_refused(by_two):
    lines = """
class Odd(tg.Layer):
    def formula(self, x):
        return x
    def training_formula(self, x, training):
        return x + training.rng.random((len(x) + 1, 1)).sum()
class Measuring(tg.Layer):
    def formula(self, x):
        return x
    def training_formula(self, x, training):
        training.after_step(print, tg.mean(x))
        return x
"""
    for place, (code, _) in enumerate(REFUSED):
        lines += f"""
try:
    {code}
except (TypeError, ValueError) as error:
    print({place}, comm.rank, error)
"""
    printed = by_two(lines)
    assert len(printed) == 2 * len(REFUSED)
    for place, (_, told) in enumerate(REFUSED):
        for rank in (0, 1):
            assert re.match(f"{place} {rank} .*{told}", printed[2 * place + rank])


@pytest.mark.parametrize("comm", ["world", 2, object()])
def test_what_is_no_communicator_is_refused(comm):
    network = tg.Network([tg.FullyConnectedLayer(1, 1, rng=0)], verbose=False)
    with pytest.raises(TypeError, match="comm must be a communicator of mpi4py, such as"):
        network.fit([[1.0]], [[1.0]], 1, 0.1, comm=comm)


class Two:
    """What looks like a communicator of two processes."""

    Dup = Allreduce = None

    def Get_size(self):  # noqa: N802  mpi4py's name
        return 2

    Get_rank = Get_size


def test_a_missing_mpi4py_is_told_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    with pytest.raises(ModuleNotFoundError, match=r"fit\(comm=\) needs mpi4py; .*\[mpi\]"):
        ranks_of(Two())


def test_one_process_is_alone():
    class One(Two):
        def Get_size(self):  # noqa: N802  mpi4py's name
            return 1

    assert ranks_of(One()) is ALONE
    assert ranks_of(None) is ALONE


def test_spare_numbers_lie_behind_those_of_the_parameters():
    block = Block([np.ones((2, 2)), np.float32(3.0), np.ones(3)], spare=1)
    block.spare[0] = 5.0
    for part in block.parts:
        part[...] = 2.0
    assert [room.tolist() for room in block.rooms] == [[2.0] * 7 + [5.0], [2.0, 0.0]]
    assert [whole.tolist() for whole in block.wholes] == [[2.0] * 7, [2.0]]
    block.clear()
    assert not any(room.any() for room in block.rooms)
