"""Tests of grades: follow-through, and what is said of a mistake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.searching import one_in

# L = (x w + b)² + w at x = -2, w = -4, b = 2: p = 8, q = 10, a = 100, L = 96.


@pytest.fixture
def sheet(two_paths):
    """Every number of the expression is asked."""
    return tg.exercise(two_paths, seed=7, difficulty=3)


def number_of(sheet, sign):
    return next(blank.number for blank in sheet.blanks if blank.sign == sign)


def verdict(sheet, sign, answer, **others):
    """What is said of one wrong answer where all others are right."""
    number = number_of(sheet, sign)
    wrong = {number: answer, **{number_of(sheet, key): value for key, value in others.items()}}
    return sheet.grade({**sheet.key, **wrong}).verdicts[number]


def test_the_key_scores_full_marks(sheet, layer):
    for each in (sheet, tg.exercise(layer, difficulty=3), tg.exercise(layer, numbers="tenths")):
        grade = each.grade(each.key)
        assert grade.score == grade.total == len(each.blanks)
        assert {"right"} == set(grade.verdicts.values())
        assert grade == each.grade(list(each.key.values()))


@pytest.mark.parametrize("f", [tg.sigmoid, tg.tanh, tg.exp, tg.relu])
def test_the_key_scores_full_marks_although_it_is_rounded(f):
    x, w = tg.Value(1.0, label="x"), tg.Value(1.0, label="w")
    for sheet in tg.exercise(tg.square(f(x * w) + x), difficulty=3, numbers="tenths", variants=4):
        grade = sheet.grade({number: str(answer) for number, answer in sheet.key.items()})
        assert grade.score == grade.total


@one_in(3)
@given(data=st.data())
def test_one_wrong_answer_costs_one_point_if_the_rest_follows_from_it(data):
    """A student who makes one mistake, and computes on with it, loses one point."""
    x, w, b = (tg.Value(1.0, label=name) for name in "xwb")
    sheet = tg.exercise(tg.square(x * w + b) + w * 3.0, seed=4, difficulty=3)
    content, at = sheet._content, data.draw(st.sampled_from(sheet.blanks))
    known = dict(content.problem.numbers)
    known[at.quantity] = sheet.key[at.number] + data.draw(st.sampled_from([0.5, -1.0, 7.0]))
    # In the order in which one fills in; what comes before the mistake stays as it is.
    order = [b for b in sheet.blanks if b.quantity.kind == "forward"]
    order += [b for b in sheet.blanks if b.quantity.kind == "local"]
    order += [b for b in sheet.blanks if b.quantity.kind == "gradient"]
    for blank in order:
        if blank is not at:
            known[blank.quantity] = content.problem.step(blank.quantity, known)
    grade = sheet.grade([float(known[blank.quantity]) for blank in sheet.blanks])
    assert len(sheet.blanks) - 1 == grade.score
    assert "right" not in grade.verdicts[at.number]


def test_a_right_step_from_a_wrong_number_is_told(sheet):
    key = dict(sheet.key)
    upstream, below = number_of(sheet, "∂L/∂p"), number_of(sheet, "∂L/∂x")
    grade = sheet.grade({**key, upstream: 30, below: -120})
    assert "wrong" == grade.verdicts[upstream]
    assert (
        "the derivative is right, but the upstream ∂L/∂p (12) was already wrong"
        == (grade.verdicts[below])
    )
    assert grade.total - 1 == grade.score  # the key of ∂L/∂w is right, whatever came before


def test_a_right_step_from_a_wrong_value_is_told(sheet):
    wrong = {number_of(sheet, "p"): 9, number_of(sheet, "q"): 11}
    verdicts = sheet.grade({**sheet.key, **wrong}).verdicts
    assert "the step is right, but p (1) was already wrong" == verdicts[number_of(sheet, "q")]


@pytest.mark.parametrize(
    ("sign", "answer", "words"),
    [
        ("∂L/∂x", 80, "the sign"),
        ("∂L/∂w", -40, "you forgot the second path, straight into L"),
        ("∂L/∂w", 1, "you forgot the first path, through p"),
        ("∂p/∂x", -2, "that is the derivative by the other argument, w"),
        ("∂p/∂x", -80, "that is upstream × local; the local derivative is without"),
        ("∂L/∂x", -4, "that is the local derivative; multiply it by the upstream gradient"),
        ("∂L/∂x", 20, "that is the gradient that arrives at p; multiply it by the local one"),
        ("∂L/∂x", 16, "upstream and local are multiplied, not added"),
        ("∂L/∂x", -5, "upstream and local are multiplied, not divided"),
        ("∂L/∂x", -160, "twice too large: a factor of 2"),
        ("∂a/∂q", 10, "that is the value of q"),
        ("∂L/∂b", 2, "that is the value, not the gradient"),
        ("p", -6, "you added; the operation is ×"),
        ("q", 16, "you multiplied; the operation is +"),
        ("∂L/∂q", 12345, "wrong"),
    ],
)
def test_a_mistake_is_recognised(sheet, sign, answer, words):
    assert verdict(sheet, sign, answer).startswith(words)


def test_mistakes_in_tensors_are_recognised(layer):
    sheet = tg.exercise(layer, ask=["x", "W"], numbers="given")
    answers = {**sheet.key, 1: -sheet.key[1]}
    grade = sheet.grade(answers)
    assert "the sign" == grade.verdicts[1]
    assert grade.total - 1 == grade.score


def test_a_transposed_gradient_is_recognised(layer):
    sheet = tg.exercise(layer, ask="W", numbers="given")
    upper, lower = sheet.key[2], sheet.key[3]
    verdicts = sheet.grade({**sheet.key, 2: lower, 3: upper}).verdicts
    assert {"that is the number of the transposed matrix"} == {verdicts[2], verdicts[3]}


def test_answers_may_be_numbers_or_texts(two_paths):
    sheet = tg.exercise(two_paths, seed=7, ask=["x", "w"])
    for answers in ({"1": "-39", "2": "−80,0"}, ["-78/2", " -80 "], {1: -39, 2: -80.0}):
        assert 2 == sheet.grade(answers).score


def test_what_is_no_number_scores_nothing(two_paths):
    sheet = tg.exercise(two_paths, seed=7, ask=["x", "w", "b"])
    grade = sheet.grade({1: "twenty", 2: None})
    assert (0, 3) == (grade.score, grade.total)
    assert {1: "'twenty' is no number", 2: "empty", 3: "empty"} == grade.verdicts
    odd = ["nan", "1/0", float("inf"), True, "", "1e999", [1.0], object()]
    for answer in odd:
        assert 0 == sheet.grade({1: answer}).score


def test_answers_of_no_blank_are_refused(two_paths):
    sheet = tg.exercise(two_paths, seed=7, ask=["x", "w"])
    with pytest.raises(ValueError, match="answers has 3, which is no blank of this sheet"):
        sheet.grade({3: 1})
    with pytest.raises(ValueError, match="2 answers are wanted, got 1"):
        sheet.grade([1])
    with pytest.raises(TypeError, match="must be a dict"):
        sheet.grade("12")


def test_an_answer_from_rounded_numbers_is_right():
    x = tg.Value(0.7, label="x")
    sheet = tg.exercise(tg.tanh(x) * 100.0, numbers="given", difficulty=3)
    rounded = {blank.sign: blank.number for blank in sheet.blanks}
    # tanh(0.7) is 0.604368 and 0.604 on the sheet, so that 100 times it is 60.4 or 60.437.
    grade = sheet.grade({**sheet.key, rounded["L"]: 60.4})
    assert grade.score == grade.total
    assert "right from rounded numbers; more precisely it is 60.437" == grade.verdicts[rounded["L"]]


def test_a_grade_is_read_line_by_line(two_paths):
    sheet = tg.exercise(two_paths, seed=7, ask=["x", "w"])
    assert str(sheet.grade([-40, -80])).splitlines() == [
        "1 of 2 points",
        "1  ∂L/∂w  you forgot the second path, straight into L",
        "2  ∂L/∂x  right",
    ]


def test_the_solution_is_the_chain_of_each_leaf(two_paths):
    solution = tg.exercise(two_paths, seed=7, ask=["x", "w"]).solution
    assert "(1) ∂L/∂w = -39" in solution
    assert "∂L/∂x = ∂L/∂a · ∂a/∂q · ∂q/∂p · ∂p/∂x = 1 · 20 · 1 · (-4) = -80" in solution
    assert "w gets 20 × (-2) = -40 from p (×); it had 1 and now has -39" in solution
