"""Tests of what is asked on a sheet, and of the numbers on it."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.searching import one_in
from tinygrad_mlp.teaching.exercises.problem import Quantity

PROGRAM = """
import sys, tinygrad_mlp as tg
x, w = tg.Value(1.0, label="x"), tg.Value([[1.0, 2.0]], label="w")
sheet = tg.exercise(tg.sum(tg.tanh(w * x)), seed=5, difficulty=3, numbers="halves", variants=2)[1]
for end in (".svg", ".md", ".tex", ".html", ".xml", ".ipynb"):
    sheet.save(sys.argv[1] + "/sheet" + end)
sheet.save_otter(sys.argv[1] + "/otter")
"""


def signs(sheet):
    return [blank.sign for blank in sheet.blanks]


def numbers_of(sheet):
    return tuple(sheet._content.given)


def test_the_same_seed_gives_the_same_numbers_with_every_python_and_numpy(two_paths):
    sheet = tg.exercise(two_paths, seed=7, difficulty=1)
    assert ("x = -2", "w = -4", "b = 2") == numbers_of(sheet)
    assert {1: 1, 2: 20, 3: 20, 4: 20, 5: -39, 6: -80} == sheet.key


def test_files_have_the_same_bytes_in_every_process(tmp_path):
    folders = []
    for number, seed in enumerate(("1", "2")):
        folder = tmp_path / str(number)
        folder.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", PROGRAM, str(folder)]
        subprocess.run(command, check=True, env=environment)
        folders.append({p.relative_to(folder): p.read_bytes() for p in folder.rglob("*.*")})
    assert 7 == len(folders[0])
    assert folders[0] == folders[1]


def test_nothing_else_is_touched(two_paths):
    state = np.random.get_state()[1].tolist()
    tg.exercise(two_paths, seed=3).grade([1] * 13)
    assert state == np.random.get_state()[1].tolist()
    assert all(value.grad is None for value in tg.Graph.of(two_paths).values().values())
    assert 1.0 == next(iter(tg.Graph.of(two_paths).values().values())).numpy()


def test_everybody_in_a_class_gets_another_sheet(two_paths):
    sheets = tg.exercise(two_paths, seed=7, variants=30)
    assert 30 == len({numbers_of(sheet) for sheet in sheets})
    assert list(range(1, 31)) == [sheet.number for sheet in sheets]
    fewer = tg.exercise(two_paths, seed=7, variants=3)
    assert [sheet.key for sheet in fewer] == [sheet.key for sheet in sheets[:3]]
    assert tg.exercise(two_paths, seed=7).key == sheets[0].key
    assert tg.exercise(two_paths, seed=8).key != sheets[0].key


@pytest.mark.parametrize(
    ("difficulty", "kinds"),
    [(1, {"gradient"}), (2, {"gradient", "local"}), (3, {"gradient", "local", "forward"})],
)
def test_difficulty_says_what_is_blank(two_paths, difficulty, kinds):
    sheet = tg.exercise(two_paths, difficulty=difficulty)
    assert kinds == {blank.quantity.kind for blank in sheet.blanks}


@pytest.mark.parametrize(
    ("ask", "wanted"),
    [
        ("forward", ["p", "q", "a", "L"]),
        ("local", 7),
        ("w", ["∂L/∂w"]),
        ("q", ["q", "∂L/∂q"]),
        (["forward", "x"], ["p", "q", "a", "L", "∂L/∂x"]),
    ],
)
def test_ask_chooses_kinds_and_labels(two_paths, ask, wanted):
    found = signs(tg.exercise(two_paths, ask=ask))
    assert wanted == (len(found) if isinstance(wanted, int) else found)


@pytest.mark.parametrize("numbers", ["integers", "positive", "halves", "tenths"])
def test_answers_are_short_where_the_operations_allow_it(two_paths, numbers):
    for sheet in tg.exercise(two_paths, seed=1, difficulty=3, numbers=numbers, variants=5):
        assert all(blank.is_exact for blank in sheet.blanks)
        assert "Round" not in str(sheet)


def test_what_cannot_be_short_is_rounded_and_the_sheet_says_so():
    x = tg.Value(0.5, label="x")
    sheet = tg.exercise(tg.tanh(x), ask="forward", numbers="given", digits=2)
    assert {1: 0.46} == sheet.key
    assert "Round to 2 digits" in str(sheet)


@pytest.mark.parametrize(
    "f",
    [
        tg.maximum,
        lambda x, w: tg.clip(x * w, -3, 3),
        lambda x, w: tg.relu(x + w),
        lambda x, w: tg.abs(x - w),
        lambda x, w: tg.max(tg.stack([x, w, x * w])),
    ],
)
def test_no_sheet_is_at_a_kink(f):
    x, w = tg.Value(1.0, label="x"), tg.Value(2.0, label="w")
    for sheet in tg.exercise(f(x, w), variants=8):
        problem = sheet._content.problem
        x0, w0 = (float(node.value) for node in problem.graph if node.label in ("x", "w"))
        # Central differences of the whole function, which a kink would spoil.
        h = 1e-6
        slope = (f(x0 + h, w0 + h / 3) - f(x0 - h, w0 - h / 3)) / (2 * h)
        at = {node.label: Quantity("gradient", node.id) for node in problem.graph}
        found = problem.numbers[at["x"]] + problem.numbers[at["w"]] / 3
        assert float(found) == pytest.approx(float(slope), abs=1e-4)


def test_truth_values_are_shown_and_not_asked():
    x, w = tg.Value(1.0, label="x"), tg.Value(2.0, label="w")
    sheet = tg.exercise(tg.where(x * w > w, x * w, w * 3.0), difficulty=3)
    assert all(isinstance(answer, float) for answer in sheet.key.values())
    assert sheet.grade(sheet.key).score == len(sheet.key)


def test_given_and_kept_numbers_stay(two_paths):
    assert ("x = 1", "w = 1", "b = 1") == numbers_of(tg.exercise(two_paths, numbers="given"))
    sheets = tg.exercise(two_paths, keep="w", variants=5)
    assert {"w = 1"} == {numbers_of(sheet)[1] for sheet in sheets}


def test_the_key_is_what_backward_computes(two_paths):
    x, w, b = -2.0, -4.0, 2.0  # seed 7
    slope = 2 * (x * w + b)
    key = tg.exercise(two_paths, seed=7, ask=["x", "w", "b"]).key
    assert {1: slope, 2: slope * x + 1, 3: slope * w} == key


def test_tensors_have_a_blank_for_each_number(layer):
    sheet = tg.exercise(layer, ask=["W"], numbers="given")
    assert ["∂L/∂W[0, 0]", "∂L/∂W[0, 1]", "∂L/∂W[1, 0]", "∂L/∂W[1, 1]"] == signs(sheet)
    assert [14, 20, 28, 40] == list(sheet.key.values())  # xᵀ (2 x W)


def test_operations_of_ones_own_are_explained():
    @tg.operation(lambda g, out, x: g * 3.0 * x**2)
    def my_cube(x):
        "The third power."
        return x**3

    sheet = tg.exercise(my_cube(tg.Value(2.0, label="x")), numbers="given", difficulty=3)
    assert [8, 12, 12] == list(sheet.key.values())
    assert "my\\_cube: The third power." in str(sheet)


def test_values_without_labels_get_names_and_no_two_are_the_same():
    x, other = tg.Value(1.0, label="x"), tg.Value(2.0, label="x")
    sheet = tg.exercise((x * other) * tg.Value(3.0), ask="forward")
    assert ["a = x · x₂", "L = a · b"] == sheet._content.steps


def test_a_transposed_matrix_needs_no_word_about_its_axes():
    matrix = tg.Value([[1.0], [2.0]], label="k")
    assert "a = kᵀ" == tg.exercise(tg.sum(matrix.T), seed=1)._content.steps[0]
    kept = tg.exercise(tg.sum(tg.transpose(matrix, (0, 1))), seed=1)._content.steps[0]
    assert "a = kᵀ  (axes = (0, 1))" == kept


@one_in(5)
@given(st.lists(st.sampled_from(["x", "L", "a", "g", "▢1▢▢", " ", "W1", "v0", "e"]), max_size=4))
def test_names_are_never_the_same(labels):
    total = tg.Value(1.0)
    for label in labels:
        total = total * tg.Value(2.0, label=label)
    content = tg.exercise(tg.exp(total), numbers="given", ask="forward")._content
    names = [node.label for node in content.problem.graph if node.role != "constant"]
    assert all(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"ask": "frwd"}, ValueError, "no node has the label or the id 'frwd'"),
        ({"ask": 3}, TypeError, "ask must be a text or a list"),
        ({"difficulty": 4}, ValueError, "difficulty must be 1, 2 or 3, got 4"),
        ({"numbers": "primes"}, ValueError, "numbers must be one of integers"),
        ({"keep": "p"}, ValueError, "no leaf has the label or the id 'p'"),
        ({"digits": 0}, ValueError, "digits must be at least 1"),
        ({"digits": 10}, ValueError, "digits must be at most 9"),
        ({"seed": -1}, ValueError, "seed must be at least 0"),
        ({"seed": 1.5}, TypeError, "seed must be an int"),
        ({"variants": 0}, ValueError, "variants must be at least 1"),
        ({"title": 3}, TypeError, "title must be a text"),
    ],
)
def test_a_wrong_choice_is_named(two_paths, options, error, words):
    with pytest.raises(error, match=words):
        tg.exercise(two_paths, **options)


def test_what_fits_on_no_sheet_is_refused():
    with pytest.raises(TypeError, match="output must be a Value, got float"):
        tg.exercise(3.0)
    with pytest.raises(tg.GraphError, match="output must be a scalar"):
        tg.exercise(tg.Value([1.0, 2.0]) * 2.0)
    with pytest.raises(ValueError, match="computed from nothing"):
        tg.exercise(tg.Value(1.0))
    with pytest.raises(ValueError, match=r"x has the shape \(5,\), and a sheet shows"):
        tg.exercise(tg.sum(tg.Value(np.ones(5), label="x")))
    total = tg.Value(1.0)
    for _ in range(300):
        total = total * 1.5
    with pytest.raises(ValueError, match="601 nodes, and a sheet at most 200"):
        tg.exercise(total)
    products = [tg.Value([[1.0] * 4] * 4) * float(place) for place in range(1, 8)]
    total = tg.sum(sum(products[1:], start=products[0]))
    with pytest.raises(ValueError, match="blanks are too many for a sheet, which has at most 200"):
        tg.exercise(total)
    with pytest.raises(ValueError, match="nothing is left to ask"):
        tg.exercise(tg.sum(tg.Value([1.0, 2.0])), ask="local")


def test_numbers_without_a_logarithm_are_said_to_be_impossible():
    with (
        pytest.raises(ValueError, match="in 24 draws of 'integers' numbers not all"),
        np.errstate(all="ignore"),
    ):
        tg.exercise(tg.log(tg.negative(tg.square(tg.Value(1.0)))))


def test_a_sheet_that_its_printed_numbers_do_not_solve_is_refused():
    with pytest.raises(ValueError, match="take rounder numbers, or fewer digits"):
        tg.exercise(tg.square(tg.Value(1234.567)), numbers="given")
    assert tg.exercise(tg.square(tg.Value(1234.5)), numbers="given").key


def test_an_array_that_is_no_value_is_given_too():
    z = tg.Value([[1.0, 2.0, 3.0]], label="z")
    loss = tg.softmax_cross_entropy(np.array([[1.0, 0.0, 0.0]]), z)
    sheet = str(tg.exercise(loss, seed=1))
    assert "- a = \\[1 0 0\\]\n" in sheet
    assert "- L = CE(a, z)\n" in sheet
    kept = np.array([True, False, True])
    sheet = str(tg.exercise(tg.sum(tg.where(kept, z, 2.0 * z)), seed=1))
    assert "= \\[True False True\\]\n" in sheet
