"""Tests of the benchmarks: the race is fair, and its contenders compute the same."""

import re
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
def speed():
    return import_module("speed")


def flat(numbers):
    return import_module("measuring").flat(numbers)


# ----- The race -----


def test_a_contender_runs_in_a_process_of_its_own(measuring):
    with measuring.Contender("chains:start_ours", 0) as contender:
        numbers, seconds = contender.numbers(), contender.seconds(2)
    assert numbers == flat(import_module("chains").start_ours(0)())
    assert 0 < seconds < 60


def test_the_same_process_can_do_something_else_afterwards(measuring):
    steps = import_module("steps")
    problem = [2, 1], 3, "float64"
    with measuring.Contender("operations:start_numpy", "x + y") as contender:
        contender.start("steps:start_numpy", *problem)
        third = contender.numbers(3)
    run = steps.start_numpy(*problem)
    assert third == [flat(run()) for _ in range(3)][-1]


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


def test_numbers_of_any_library_are_told_one_after_another():
    assert flat([1, tg.Value([2.0, 3.0]), (np.float32(4), [])]).tolist() == [1.0, 2.0, 3.0, 4.0]


def test_contenders_that_compute_different_numbers_do_not_race(measuring):
    entries = [
        measuring.Entry(str(sizes), "steps:start_numpy", (sizes, 3, "float64"))
        for sizes in ([2, 1], [1, 2])
    ]
    with pytest.raises(ValueError, match="not the same computation"):
        measuring.compare(entries, rounds=1)


@pytest.mark.parametrize("other", [1.5, float("nan")])
def test_contenders_that_differ_a_little_do_not_race(measuring, other):
    measuring.check({"one": [1.0, 2.0], "other": [1.0, 2.0 + 1e-9]}, tolerance=1e-9)
    with pytest.raises(ValueError, match="other differs from one by"):
        measuring.check({"one": [1.0, 2.0], "other": [other, 2.0]})


def test_the_time_is_that_of_a_step_and_numbers_are_compared_after_all_steps(measuring):
    entries = [
        measuring.Entry("by hand", "steps:start_numpy"),
        measuring.Entry("fit", "steps:start_fit", (3,), steps=3),
        measuring.Entry("products", "steps:start_products", is_checked=False),
    ]
    problem = [3, 2], 4, "float64"
    times = measuring.compare(entries, problem, rounds=2, span=0.001, steps=6)
    assert [2, 2, 2] == [len(mine) for mine in times]
    entries[1] = entries[1]._replace(steps=2)  # it makes three
    with pytest.raises(ValueError, match="fit differs from by hand"):
        measuring.compare(entries, problem, rounds=1, steps=6)


def test_the_ratio_is_the_median_of_neighbours_in_time(measuring):
    assert 0.5 == measuring.ratio([1.0, 2.0, 30.0], [2.0, 4.0, 10.0])


def test_all_take_turns_and_as_much_time_as_the_span(measuring):
    turns = []

    def contender(name, seconds):
        return lambda count: turns.append((name, count)) or seconds

    times = measuring.turns([contender("a", 0.1), contender("b", 0.2)], rounds=2, span=1.0)
    a, b = [("a", 2), ("a", 10)], [("b", 1), ("b", 5)]  # each after some that do not count
    assert [("a", 1), ("b", 1), *b, *a, *a, *b] == turns
    assert [[0.1, 0.1], [0.2, 0.2]] == times


# ----- The tables -----


@pytest.mark.parametrize(("mark", "cell"), [(None, "0.51"), (0.51, "0.51"), (0.5, "**0.51**")])
def test_a_ratio_above_its_mark_is_bold(speed, mark, cell):
    assert cell == speed.ratio_of([0.514], [1.0], mark)


def test_a_library_that_is_missing_leaves_a_cell_that_says_so(speed, measuring, capsys):
    ours = measuring.Entry("ours", "chains:start_ours", (0,))
    missing = measuring.Entry("peer", "scalar_mlp:start", ("no_such_library",))
    speed.pairs("Chain", ours, missing, rounds=1)
    assert capsys.readouterr().out.endswith("| peer |  | not installed |\n")


def test_a_row_of_steps_is_in_multiples_of_the_first(speed, capsys):
    two = (speed.COMPILED[0], speed.COMPILED[3]._replace(marks=(0.0,)))
    speed.step_table(two, [([3, 2], 4)], ["float32"], rounds=1)
    head, _, row = capsys.readouterr().out.splitlines()
    assert "| sizes, batch, type | NumPy by hand, in place | compile |" == head
    name, base, cell = row.strip("| ").split(" | ")
    assert "3-2, 4, float32" == name
    assert base.endswith(" µs")
    assert cell.startswith("**")
    assert cell.endswith("**")


def test_only_the_parts_asked_for_are_printed_with_the_machine(speed, monkeypatch, capsys):
    def part(rounds):
        """Do it."""
        speed.row("fit", str(rounds))

    monkeypatch.setitem(speed.PARTS, "graphs", part)
    monkeypatch.setattr(sys, "argv", ["speed.py", "graphs", "--quick"])
    speed.main()
    title, _, row, _, machine, _ = capsys.readouterr().out.splitlines()
    assert "graphs (Do it.)" == title
    assert "| fit | 5 |" == row
    assert f"NumPy {np.__version__}" in machine


def test_a_part_that_there_is_not_is_refused(speed, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["speed.py", "fit"])
    with pytest.raises(SystemExit):
        speed.main()
    assert "there is no part 'fit'; the parts are steps, " in capsys.readouterr().err


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


@pytest.mark.parametrize("peer", ["autograd", "mygrad"])
def test_the_chain_is_the_same_in_the_peers_that_are_installed(measuring, peer):
    pytest.importorskip(peer)
    same(measuring, *(("chains:start_" + name, 10) for name in ("ours", peer)))


@pytest.mark.parametrize("peer", ["autograd", "torch", "jax"])
def test_the_step_is_the_same_in_the_peers_that_are_installed(measuring, peer):
    pytest.importorskip(peer)
    same(measuring, *(("steps:start_" + name, [3, 2], 4, "float64") for name in ("natural", peer)))


@pytest.mark.parametrize("module", ["scalar_engine", "micrograd.engine"])
def test_the_scalar_network_is_the_same_in_other_engines(measuring, module):
    pytest.importorskip(module.partition(".")[0])
    same(measuring, *(("scalar_mlp:start", name) for name in ("tinygrad_mlp", module)))


def same(measuring, ours, peer):
    with measuring.Contender(*ours) as a, measuring.Contender(*peer) as b:
        measuring.check({"ours": a.numbers(), "peer": b.numbers()}, 1e-12)


@pytest.mark.parametrize("with_gradient", [False, True])
def test_every_operation_is_the_same_in_torch(with_gradient):
    pytest.importorskip("torch")
    operations = import_module("operations")
    for name in operations.OPERATIONS:
        ours, peer = (
            flat(start(name, with_gradient)())
            for start in (operations.start_ours, operations.start_torch)
        )
        np.testing.assert_allclose(ours, peer, rtol=1e-14, err_msg=name)


def test_the_gradients_of_every_operation_are_those_of_differences():
    operations = import_module("operations")
    step = 1e-6
    for name in operations.OPERATIONS:
        operation, arrays, g = operations._problem(name)
        by = arrays if " y" in name else arrays[:1]
        expected = []
        for array in by:
            for place in np.ndindex(array.shape):
                number = array[place]
                ends = []
                for moved in (number + step, number - step):
                    array[place] = moved
                    ends.append(np.sum(operation(np, *arrays) * g))
                array[place] = number
                expected.append((ends[0] - ends[1]) / (2 * step))
        slopes = flat(operations.start_ours(name, True)())
        np.testing.assert_allclose(slopes, expected, atol=1e-8, err_msg=name)
        assert flat(operations.start_numpy(name)()) == flat(operations.start_ours(name)())


def test_all_that_the_forty_lines_can_do_has_its_derivative():
    forty = import_module("scalar_engine")
    both = []
    for engine in (forty, tg):
        x, y = engine.Value(0.7), engine.Value(-1.3)
        z = (x**3 + 2.0 * x).log() + (x * y + y).exp() + y.relu() + x.relu() * y + x
        z.backward()
        both.append([float(v) for v in (z.data, x.grad, y.grad)])
    np.testing.assert_allclose(*both, rtol=1e-14)


def test_a_chain_remembers_a_few_hundred_bytes_for_each_node():
    used = import_module("chains").start_memory(1000)()
    assert 100 < used < 500


def test_all_of_a_long_chain_is_differentiated():
    slope = import_module("chains").start_long(5)()
    x = tg.Value(0.5)
    y = tg.tanh(x * x + x) * x + x
    assert tg.grad(y, x) == slope


@pytest.mark.parametrize(("size", "last"), [(30, r"[\d.]+ m?s"), (6100, "folded")])
def test_a_row_on_drawing_tells_three_times(size, last):
    cells = import_module("drawing").measure(size, 1)
    assert size <= int(cells[0].replace(",", "")) < size + 20
    assert 4 == len(cells)
    assert re.fullmatch(last, cells[-1])


# ----- Steps -----


STARTS = ("numpy", "natural", "value_and_grad", "tuned", "compiled", "whole_step", "fit")
STEPS = [(start, dtype) for start in STARTS for dtype in ("float64", "float32")]


@pytest.mark.parametrize(("start", "dtype"), [*STEPS, ("one_page", "float64")])
def test_every_contender_makes_the_step_written_by_hand_in_place(start, dtype):
    steps = import_module("steps")
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


# ----- Linear systems, factors and convolutions -----


@pytest.mark.parametrize("peer", ["autograd", "torch"])
@pytest.mark.parametrize("with_gradient", [False, True])
def test_every_linear_case_is_the_same_in_the_peers_that_are_installed(peer, with_gradient):
    pytest.importorskip(peer)
    linear = import_module("linear")
    for name, sizes in linear.CASES.items():
        ours, theirs = (
            flat(getattr(linear, f"start_{library}")(name, sizes[0], with_gradient)())
            for library in ("ours", peer)
        )
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-13, err_msg=name)


def test_the_gradients_of_every_linear_case_are_those_of_differences():
    linear = import_module("linear")
    step = 1e-6
    for name, sizes in linear.CASES.items():
        arrays, g = linear.problem(name, sizes[0])
        assert flat(linear.start_numpy(name, sizes[0])()) == flat(
            linear.start_ours(name, sizes[0])()
        )
        found = linear.start_ours(name, sizes[0], True)()
        function = {**vars(np.linalg), "convolve": np.convolve}[name]
        for place, array in enumerate(arrays):
            way = np.random.default_rng(place).normal(size=array.shape)
            if name == "cholesky":
                way = way + way.T
            ends = [
                np.sum(g * function(*arrays[:place], array + t * way, *arrays[place + 1 :]))
                for t in (step, -step)
            ]
            slope = (ends[0] - ends[1]) / (2 * step)
            np.testing.assert_allclose(np.sum(found[place] * way), slope, rtol=1e-6)


def test_the_costs_of_transforms_are_printed_as_ratios(capsys):
    import_module("transforms").main(rounds=1, count=20)
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 5
    assert all(0 < float(line.rpartition(" ")[2]) < 20 for line in printed)


def test_every_step_of_a_parallel_training_has_a_time_of_its_own():
    times = import_module("parallel").steps_of([3, 4, 2], 6, None)(8)
    assert len(times) == 7  # from each beginning to the next
    assert min(times) > 0
