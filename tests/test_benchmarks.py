"""Tests of the benchmarks: the race is fair, and its contenders compute the same."""

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(autouse=True)
def benchmarks_can_be_imported(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


@pytest.fixture
def measuring():
    return import_module("measuring")


@pytest.fixture
def eager():
    return import_module("eager")


def flat(numbers):
    return import_module("measuring")._flat(numbers)


# ----- The race -----


def test_a_contender_runs_in_a_process_of_its_own(measuring):
    with measuring.Contender("chains:start_ours", 0) as contender:
        numbers, seconds = contender.numbers(), contender.seconds(2)
    assert numbers == flat(import_module("chains").start_ours(0)())
    assert 0 < seconds < 60


def test_a_worker_has_one_thread_and_this_package(measuring):
    environment = measuring.environment()
    assert environment["OPENBLAS_NUM_THREADS"] == "1"
    assert environment["PYTHONPATH"].startswith(str(BENCHMARKS.parent))


def test_a_library_that_is_missing_is_named(measuring):
    with pytest.raises(measuring.NotInstalledError, match="no_such_library"):
        measuring.Contender("scalar_mlp:start", "no_such_library")


def test_a_module_of_this_package_that_is_missing_is_an_error(measuring):
    with pytest.raises(RuntimeError, match="ended with an error"):
        measuring.Contender("scalar_mlp:start", "tinygrad_mlp.no_such_module")


def test_the_row_of_a_missing_library_is_left_out(eager, capsys):
    start = ("chains:start_ours", 0)
    missing = ("scalar_mlp:start", "no_such_library")
    eager.compare(eager.Table(), "Chain", start, {"peer": (missing, 1.0)}, rounds=1)
    assert "left out: no_such_library is not installed" in capsys.readouterr().out


def test_contenders_that_compute_different_numbers_do_not_race(eager):
    start = "step_contenders:start_numpy"
    ours, peer = ((start, sizes, 3, "float64") for sizes in ([2, 1], [1, 2]))
    with pytest.raises(ValueError, match="not the same computation"):
        eager.compare(eager.Table(), "Step", ours, {"peer": (peer, None)}, rounds=1)


def test_the_ratio_is_the_median_of_neighbours_in_time(measuring):
    race = measuring.Race.of([1.0, 2.0, 30.0], [2.0, 4.0, 10.0])
    assert (2.0, 4.0, 0.5) == (race.ours, race.peer, race.ratio)


def test_both_take_turns_and_as_much_time_as_the_span(measuring):
    turns = []

    def contender(name, seconds):
        return lambda count: turns.append((name, count)) or seconds

    race = measuring.race(contender("a", 0.1), contender("b", 0.2), rounds=2, span=1.0)
    a, b = [("a", 2), ("a", 10)], [("b", 1), ("b", 5)]  # each after some that do not count
    assert [("a", 1), ("b", 1), *b, *a, *a, *b] == turns
    assert 0.5 == race.ratio


@pytest.mark.parametrize(("mark", "verdict"), [(0.5, "reached"), (0.4, "**missed**")])
def test_a_row_tells_whether_the_mark_is_reached(eager, measuring, capsys, mark, verdict):
    eager.Table().race("Chain", "peer", measuring.Race.of([0.001], [0.002]), mark)
    row = capsys.readouterr().out.splitlines()[-1]
    expected = f"| Chain | 1 ms | peer 2 ms | 0.500 (0.500 to 0.500) | ≤ {mark} | {verdict} |"
    assert expected == row


def test_one_part_of_the_table_can_be_printed(eager, monkeypatch, capsys):
    monkeypatch.setattr(eager, "fit", lambda table, rounds: table.row("fit", str(rounds)))
    eager.fit.__name__ = "fit"
    monkeypatch.setattr(sys, "argv", ["eager.py", "--quick", "--only", "fit"])
    eager.main()
    lines = capsys.readouterr().out.splitlines()
    assert f"NumPy {np.__version__}" in lines[0]
    assert "| fit | 5 |" == lines[-1]


# ----- The contenders -----


def test_fit_trains_as_the_loop_over_samples():
    loop = import_module("notebook_loop")
    np.testing.assert_allclose(
        flat(loop.start_ours(3)()), flat(loop.start_loop(3)()), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("size", [0, 10])
def test_the_slope_of_the_chain_is_that_of_differences(size):
    chains = import_module("chains")
    x, step = chains._start_value(size), 1e-6
    above, below = (chains._chain(x + d, np.tanh, chains.LENGTH) for d in (step, -step))
    slope = chains.start_ours(size)()
    np.testing.assert_allclose(slope, (above - below) / (2 * step), rtol=1e-6)


def test_the_scalar_network_is_run_afresh_every_time():
    run = import_module("scalar_mlp").start("tinygrad_mlp")
    assert flat(run()) == flat(run())  # gradients are cleared between runs
    assert 1 + 3 * 16 + 17 * 16 + 17 == len(flat(run()))


def test_the_scalar_network_is_the_same_in_forty_lines(measuring):
    modules = ("tinygrad_mlp", "scalar_engine")
    assert differ(measuring, *(("scalar_mlp:start", module) for module in modules)) < 1e-12


def test_all_that_the_forty_lines_can_do_has_its_derivative():
    forty = import_module("scalar_engine")
    both = []
    for engine in (forty, tg):
        x, y = engine.Value(0.7), engine.Value(-1.3)
        z = (x**3 + 2.0 * x).log() + (x * y + y).exp() + y.relu() + x.relu() * y + x
        z.backward()
        both.append([float(v) for v in (z.data, x.grad, y.grad)])
    np.testing.assert_allclose(*both, rtol=1e-14)


@pytest.mark.parametrize("peer", ["autograd", "mygrad"])
def test_the_peers_that_are_installed_compute_the_same(measuring, peer):
    pytest.importorskip(peer)
    chains = (("chains:start_" + name, 10) for name in ("ours", peer))
    assert differ(measuring, *chains) < 1e-12
    steps = (("step_contenders:start_" + name, [3, 2], 4, "float64") for name in ("eager", peer))
    assert differ(measuring, *steps) < 1e-12


def test_the_scalar_network_is_the_same_in_micrograd(measuring):
    pytest.importorskip("micrograd")
    modules = ("tinygrad_mlp", "micrograd.engine")
    assert differ(measuring, *(("scalar_mlp:start", module) for module in modules)) < 1e-12


def test_the_step_is_the_same_in_torch(measuring):
    pytest.importorskip("torch")
    steps = (("step_contenders:start_" + name, [3, 2], 4, "float64") for name in ("eager", "torch"))
    assert differ(measuring, *steps) < 1e-12


def differ(measuring, ours, peer):
    with measuring.Contender(*ours) as a, measuring.Contender(*peer) as b:
        return measuring.largest_difference(a.numbers(), b.numbers())


def test_a_chain_remembers_a_few_hundred_bytes_for_each_node():
    used = import_module("chains").start_memory(1000)()
    assert 100 < used < 500


def test_all_of_a_long_chain_is_differentiated():
    slope = import_module("chains").start_long(5)()
    x = tg.Value(0.5)
    y = tg.tanh(x * x + x) * x + x
    assert tg.grad(y, x) == slope


@pytest.mark.parametrize(("size", "last"), [(30, "ms"), (6100, "folded")])
def test_a_row_on_drawing_tells_three_times(size, last):
    cells = import_module("drawing").measure(size, 1)
    assert size <= int(cells[0].replace(",", "")) < size + 20
    assert 4 == len(cells)
    assert cells[-1].endswith(last)


# ----- Compiled steps -----


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("start", ["loop", "numpy", "sharpest", "eager", "compiled", "fit"])
def test_every_contender_makes_the_step_written_by_hand_in_place(start, dtype):
    steps = import_module("step_contenders")
    problem = [5, 4, 3], 6, dtype
    by_hand = steps.start_inplace(*problem)
    run = getattr(steps, f"start_{start}")(*problem, *([1] if start == "fit" else []))
    before = [p.copy() for p in steps.problem(*problem)[2]]
    for _ in range(3):
        mine, theirs = run(), by_hand()
    tolerance = {"float64": 1e-12, "float32": 1e-5}[dtype]
    for p, q, first in zip(mine, theirs, before):
        p = p.numpy() if isinstance(p, tg.Value) else p
        assert (p.dtype, p.shape) == (q.dtype, q.shape)
        np.testing.assert_allclose(p - first, q - first, rtol=0, atol=tolerance)
        assert not np.array_equal(q, first)


def test_the_compiled_scalars_are_those_of_the_eager_ones():
    module = import_module("scalar_mlp")
    eager = flat(module.start("tinygrad_mlp")())
    np.testing.assert_allclose(flat(module.start_compiled()()), eager, rtol=1e-12, atol=1e-15)


def test_a_column_whose_library_is_missing_is_left_out(monkeypatch, capsys):
    compiled = import_module("compiled")
    columns = [compiled.Column("there", "start_numpy"), compiled.Column("gone", "start_gone")]

    def start(column, *_):
        if column.title == "gone":
            raise import_module("measuring").NotInstalledError("gone_library")
        return compiled.Contender("step_contenders:start_numpy", [2, 1], 1, "float64")

    monkeypatch.setattr(compiled, "start", start)
    assert ["there"] == [column.title for column in compiled.installed(columns)]
    assert "Left out: gone, as gone_library is not installed." in capsys.readouterr().out


def test_steps_that_differ_do_not_race(monkeypatch):
    compiled = import_module("compiled")
    columns = [compiled.Column("other", "start_compiled")]
    times = compiled.step_times(columns, [3, 2], 4, "float64", rounds=1)
    assert [1, 1] == [len(mine) for mine in times]
    monkeypatch.setitem(compiled.TOLERANCES, "float64", -1.0)
    with pytest.raises(ValueError, match="by hand, in place differs by"):
        compiled.step_times(columns, [3, 2], 4, "float64", rounds=1)
