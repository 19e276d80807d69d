"""Tests of backward passes to write: the grade is the doctor's, as far as hints allow."""

import numpy as np
import pytest

import tinygrad_mlp as tg


def forward(x, W, b):
    return tg.tanh(x @ W + b)


ARGS = (np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([[0.3], [-0.2]]), np.array([[0.1]]))


def backward(upstream, x, W, b):
    delta = upstream * (1 - forward(x, W, b) ** 2)
    return delta @ W.T, x.T @ delta, delta.sum(axis=0, keepdims=True)


def without_sum(upstream, x, W, b):
    delta = upstream * (1 - forward(x, W, b) ** 2)
    return delta @ W.T, -x.T @ delta, delta


def test_a_right_backward_pass_gets_all_points():
    grade = tg.exercise_code(forward, *ARGS).grade(backward)
    assert (3, 3) == (grade.score, grade.total)
    assert {"x": "right", "W": "right", "b": "right"} == grade.verdicts


@pytest.mark.parametrize("name", ["elu", "gelu", "leaky_relu", "selu", "silu"])
def test_an_activation_made_of_rows_with_options_is_graded(name):
    f = getattr(tg, name)
    task = tg.exercise_code(f, 0.3)
    derivative = tg.elementwise_grad(f)
    assert 1 == task.grade(lambda upstream, x: (upstream * derivative(x),)).score
    grade = task.grade(lambda upstream, x: (-upstream * derivative(x),))
    assert {"wrong sign"} == set(grade.verdicts.values())


def test_a_program_that_leaves_python_gets_no_points():
    grade = tg.exercise_code(forward, *ARGS).grade("import sys\nsys.exit()")
    assert (0, 3) == (grade.score, grade.total)
    assert "SystemExit" in grade.verdicts["x"]


def test_what_is_no_program_is_refused():
    with pytest.raises(TypeError, match="must be a function, a text or a Path, got int 3"):
        tg.exercise_code(forward, *ARGS).grade(3)
    grade = tg.exercise_code(forward, *ARGS).grade(lambda x: x)
    assert "my_backward" not in grade.verdicts["x"]


def test_a_function_without_a_name_is_called_f():
    assert "backward pass of f." in tg.exercise_code(lambda x: x * x, 2.0).template


@pytest.mark.parametrize(
    ("hints", "verdicts"),
    [
        (0, {}),
        (1, {"x": "right", "W": "wrong", "b": "wrong"}),
        (2, {"x": "right", "W": "wrong sign", "b": "missing sum"}),
    ],
)
def test_hints_say_more_and_more(hints, verdicts):
    grade = tg.exercise_code(forward, *ARGS, hints=hints).grade(without_sum)
    assert 1 == grade.score
    assert verdicts == grade.verdicts


def test_all_hints_are_what_the_doctor_says():
    grade = tg.exercise_code(forward, *ARGS, hints=3).grade(without_sum)
    report = tg.diagnose(forward, without_sum, *ARGS)
    assert f"W: {grade.verdicts['W']}" == str(report["W"])
    assert "wanted" in grade.verdicts["W"]


def test_a_gradient_that_is_not_computed_earns_nothing():
    grade = tg.exercise_code(forward, *ARGS).grade(lambda g, x, W, b: (None, None, None))
    assert 0 == grade.score
    assert {"not computed"} == set(grade.verdicts.values())


def test_code_may_come_as_text_or_as_a_file(tmp_path):
    task = tg.exercise_code(lambda x, y: x * y, 2.0, 3.0)
    text = "def backward(upstream, x, y):\n    return upstream * y, upstream * x\n"
    (tmp_path / "answer.py").write_text(text, encoding="utf-8")
    assert 2 == task.grade(text).score == task.grade(tmp_path / "answer.py").score
    assert 2 == task.grade(str(tmp_path / "answer.py")).score
    assert "FileNotFoundError" in str(task.grade("nowhere.py"))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("def backward(", "SyntaxError"),
        ("x = 1", "no function called backward"),
        ("def backward(upstream, x, y): return oops", "NameError: name 'oops'"),
        ("def backward(upstream, x, y): raise NotImplementedError", "NotImplementedError"),
    ],
)
def test_code_that_does_not_run_scores_nothing_and_says_why(code, words):
    grade = tg.exercise_code(lambda x, y: x * y, 2.0, 3.0).grade(code)
    assert 0 == grade.score
    assert words in str(grade)


def test_the_template_names_results_as_the_function_does():
    weights = tg.Value([[0.5], [1.0]])

    def network(x, b1):
        z1 = x @ weights + b1
        return tg.sigmoid(z1) * 2.0

    lines = tg.exercise_code(network, [[1.0, 2.0]], [[0.1]]).template.splitlines()
    assert "    z₁ = c + b₁" in lines  # and not b + b₁
    assert weights.label is None


def test_the_template_can_be_gone_on_with(tmp_path):
    task = tg.exercise_code(forward, *ARGS)
    task.save(tmp_path / "task.py")
    text = (tmp_path / "task.py").read_text(encoding="utf-8")
    for line in ("    a = x @ W", "    c = a + b", "    L = tanh(c)", "    W: (2, 1)"):
        assert line in text.splitlines()
    assert "def backward(upstream, x, W, b):" in text
    assert "NotImplementedError" in str(task.grade(text))
    solved = text.replace("raise NotImplementedError", "return solved(upstream, x, W, b)")
    namespace = {"solved": backward}
    exec(compile(solved, "task", "exec"), namespace)
    assert 3 == task.grade(namespace["backward"]).score
    with pytest.raises(ValueError, match=r"must end with \.py"):
        task.save(tmp_path / "task.txt")


def test_arguments_without_names_get_some():
    task = tg.exercise_code(lambda *xs: xs[0] * xs[1], 2.0, 3.0)
    assert "def backward(upstream, x0, x1):" in task.template
    assert 2 == task.grade(lambda upstream, x0, x1: (upstream * x1, upstream * x0)).score


def test_wrong_choices_are_named():
    with pytest.raises(ValueError, match="hints must be 0 to 3, got 4"):
        tg.exercise_code(forward, *ARGS, hints=4)
    with pytest.raises(TypeError, match="give the arguments of f"):
        tg.exercise_code(forward)


def test_it_says_that_code_runs_unsandboxed():
    assert "unsandboxed" in tg.exercise_code(forward, *ARGS).grade.__doc__
