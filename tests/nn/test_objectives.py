"""Tests of what fit minimises, against the textbook's formulas sample by sample."""

import math

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.nn.objectives import LOSSES, Objective, Samples

RNG = np.random.default_rng(5)


def by_hand(name, y, o):
    """The loss of one sample, in plain Python."""
    n = len(y)
    far = [abs(a - b) for a, b in zip(y, o)]
    if name == "half_squared_error":
        return sum(d * d for d in far) / 2
    if name == "mse":
        return sum(d * d for d in far) / 2 / n
    if name == "mae":
        return sum(far) / n
    if name == "huber":
        return sum(d * d / 2 if d <= 1 else d - 0.5 for d in far) / n
    if name == "binary_cross_entropy":
        p = [1 / (1 + math.exp(-z)) for z in o]
        return -sum(a * math.log(q) + (1 - a) * math.log(1 - q) for a, q in zip(y, p)) / n
    total = sum(math.exp(z) for z in o)
    return -sum(a * math.log(math.exp(z) / total) for a, z in zip(y, o))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_the_sum_over_the_samples_of_its_formula(name, weighted):
    y, o = RNG.uniform(0, 1, (7, 3)), 3 * RNG.normal(size=(7, 3))
    weights = RNG.uniform(0, 2, 7) if weighted else np.ones(7)
    found = Objective(name).total(y, o, weights if weighted else None)
    wanted = sum(w * by_hand(name, a, b) for w, a, b in zip(weights, y.tolist(), o.tolist()))
    assert found == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("name", LOSSES)
def test_the_gradient_of_a_loss_is_that_of_differences(name):
    y, o = RNG.uniform(0, 1, (4, 3)), 3 * RNG.normal(size=(4, 3))
    weights = RNG.uniform(0, 2, 4)
    assert tg.gradcheck(lambda z: Objective(name).total(y, z, weights), o)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "softmax_cross_entropy"])
def test_losses_of_logits_do_not_overflow(name):
    y, o = np.array([[1.0, 0.0]]), np.array([[-1e4, 1e4]])
    loss, slope = tg.value_and_grad(lambda z: Objective(name).total(y, z))(o)
    assert loss == pytest.approx(2e4 if name.startswith("softmax") else 1e4)
    assert np.isfinite(slope).all()


def test_a_function_gives_one_number_for_each_row_or_one_for_all():
    y, o = RNG.normal(size=(2, 5, 3))
    rows = Objective(lambda a, b: tg.sum((a - b) ** 2, axis=1))
    mean = Objective(lambda a, b: tg.mean(tg.sum((a - b) ** 2, axis=1)))
    assert rows.total(y, o) == pytest.approx(mean.total(y, o), rel=1e-14)
    assert rows.mean(Samples(o, y), o) == pytest.approx(np.mean(np.sum((y - o) ** 2, 1)))


def test_a_mean_is_that_by_weight():
    y, o = RNG.normal(size=(2, 4, 2))
    weights = np.array([1.0, 0.0, 2.0, 0.5])
    found = Objective("mae").mean(Samples(o, y, weights), o)
    assert found == pytest.approx(np.average(np.abs(y - o).mean(1), weights=weights))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: Objective("cross_entropy"),
            "loss must be one of half_squared_error, .*, got 'cro",
        ),
        (lambda: Objective(3), "loss must be a name or a function, got 3"),
        (lambda: Objective("mse", 0), "ignore_index is for loss='softmax_cross_entropy'"),
        (
            lambda: Objective(lambda y, o: (y - o) ** 2).total(np.ones((3, 2)), np.ones((3, 2))),
            r"gave shape \(3, 2\) for 3 rows, wanted \(3,\) or \(\); sum over the other axes",
        ),
        (
            lambda: Objective(lambda y, o: tg.mean(o)).total(*np.ones((2, 3, 2)), np.ones(3)),
            r"gave shape \(\) for 3 rows, wanted \(3,\) to weigh them; give one number for each",
        ),
        (
            lambda: Objective(lambda y, o: np.zeros(3)).total(
                np.ones((3, 2)), tg.Value(np.ones((3, 2)))
            ),
            "turned a Value into ndarray and lost the graph",
        ),
        (
            lambda: Objective(lambda y, o: np.float64(1.0)).total(
                np.ones((3, 2)), tg.Value(np.ones((3, 2)))
            ),
            "turned a Value into float64 and lost the graph",
        ),
        (
            lambda: Objective(lambda y, o: None).total(np.ones((3, 2)), tg.Value(np.ones((3, 2)))),
            "turned a Value into NoneType",
        ),
    ],
)
def test_losses_that_mean_nothing_are_refused(make, said):
    with pytest.raises((TypeError, ValueError), match=said):
        make()
