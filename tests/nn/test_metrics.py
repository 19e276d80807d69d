"""Tests of metrics, against counting by hand and published definitions."""

import numpy as np
import pytest

from tinygrad_mlp.nn.metrics import METRICS, metrics_of

RNG = np.random.default_rng(3)


def test_accuracy_counts_rows_whose_largest_output_is_in_the_right_place():
    y = np.eye(4)[[0, 1, 2, 3, 1]]
    o = RNG.normal(size=(5, 4))
    wanted = sum(int(np.argmax(a) == np.argmax(b)) for a, b in zip(y, o)) / 5
    assert METRICS["accuracy"](y, o) == wanted


def test_one_output_is_the_probability_of_the_second_class():
    y, o = np.array([[1.0], [0.0], [1.0], [0.0]]), np.array([[0.9], [0.4], [0.2], [0.6]])
    assert METRICS["accuracy"](y, o) == 0.5


@pytest.mark.parametrize("k", [1, 2, 3, 10])
def test_the_right_class_is_among_the_k_largest(k):
    y, o = np.eye(5)[RNG.integers(0, 5, 50)], RNG.normal(size=(50, 5))
    wanted = np.mean([a.argmax() in b.argsort()[::-1][:k] for a, b in zip(y, o)])
    assert metrics_of(f"top_{k}")[f"top_{k}"](y, o) == wanted


def test_errors_have_no_factor():
    y, o = np.array([[1.0, 2.0]]), np.array([[3.0, -2.0]])
    assert (METRICS["mse"](y, o), METRICS["mae"](y, o)) == (10.0, 3.0)


def test_r2_is_1_for_the_truth_and_0_for_the_mean_and_averages_outputs():
    y = RNG.normal(size=(20, 2))
    assert METRICS["r2"](y, y) == 1.0
    assert METRICS["r2"](y, np.broadcast_to(y.mean(0), y.shape)) == pytest.approx(0.0)
    assert METRICS["r2"](y, np.stack([y[:, 0], np.full(20, y[:, 1].mean())], 1)) == pytest.approx(
        0.5
    )
    constant = np.ones((3, 1))
    assert (METRICS["r2"](constant, constant), METRICS["r2"](constant, 0 * constant)) == (1.0, 0.0)


def test_metrics_are_names_and_functions():
    def worst(y_true, y_pred):
        return np.max(np.abs(y_true - y_pred))

    assert list(metrics_of(["accuracy", worst])) == ["accuracy", "worst"]
    assert list(metrics_of(worst)) == ["worst"]
    with pytest.raises(ValueError, match=r"metrics must be of accuracy, mse.* got 'top_0'"):
        metrics_of(["top_0"])
    with pytest.raises(TypeError, match="metrics must be names or functions, got 3"):
        metrics_of(3)
