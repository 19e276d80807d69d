"""Points in the plane."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_mlp.datasets import circles, moons, spirals, xor

GENERATORS = [moons, circles, spirals]
seeds = st.integers(0, 2**32)


def test_xor_is_one_where_exactly_one_input_is():
    x, y = xor()
    assert x.tolist() == [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    assert y.tolist() == [[0.0], [1.0], [1.0], [0.0]]
    assert (np.float64, np.float64) == (x.dtype, y.dtype)


@pytest.mark.parametrize("generate", GENERATORS)
@given(n=st.integers(3, 50), seed=seeds)
def test_every_class_has_its_even_share_of_the_points(generate, n, seed):
    x, labels = generate(n, rng=seed)
    assert ((n, 2), np.float64) == (x.shape, x.dtype)
    assert ((n,), np.int64) == (labels.shape, labels.dtype)
    counts = np.bincount(labels)
    assert len(counts) == (3 if generate is spirals else 2)
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("generate", GENERATORS)
def test_the_same_seed_gives_the_same_points_and_another_one_others(generate):
    first, again, other = (generate(20, rng=seed)[0] for seed in (5, 5, 6))
    assert first.tobytes() == again.tobytes()
    assert not np.array_equal(first, other)


@given(seeds)
def test_moons_without_noise_lie_on_two_half_circles(seed):
    x, labels = moons(40, noise=0.0, rng=seed)
    upper, lower = x[labels == 0], x[labels == 1] - [1.0, 0.5]
    np.testing.assert_allclose(np.hypot(*upper.T), 1.0, rtol=1e-12)
    np.testing.assert_allclose(np.hypot(*lower.T), 1.0, rtol=1e-12)
    assert upper[:, 1].min() >= 0.0
    assert lower[:, 1].max() <= 0.0


@given(seeds, st.floats(0.01, 0.99))
def test_circles_without_noise_have_the_radii_one_and_factor(seed, factor):
    x, labels = circles(40, noise=0.0, factor=factor, rng=seed)
    np.testing.assert_allclose(np.hypot(*x.T), np.where(labels == 0, 1.0, factor), rtol=1e-12)


@given(seeds, st.integers(2, 6))
def test_arms_of_a_spiral_are_turned_copies_of_one_curve(seed, classes):
    x, labels = spirals(60, classes, noise=0.0, rng=seed)
    radius = np.hypot(*x.T)
    assert radius.max() <= 1.0
    turned = radius * np.exp(1j * (4.0 * radius + 2.0 * np.pi * labels / classes))
    np.testing.assert_allclose(x[:, 0] + 1j * x[:, 1], turned, atol=1e-12)


@pytest.mark.parametrize("generate", GENERATORS)
def test_noise_is_the_standard_deviation_of_every_coordinate(generate):
    n = 20_000
    calm, _ = generate(n, noise=0.0, rng=1)
    noisy, _ = generate(n, noise=0.5, rng=1)
    np.testing.assert_allclose((noisy - calm).std(axis=0), 0.5, rtol=0.02)


@pytest.mark.parametrize("generate", GENERATORS)
def test_wrong_counts_and_noise_are_refused_by_name(generate):
    for n in (1, 0, -5):
        with pytest.raises(ValueError, match=rf"n must be at least \d, got {n}"):
            generate(n, rng=0)
    for n in (True, 10.0, "10", None):
        with pytest.raises(TypeError, match="n must be an int"):
            generate(n, rng=0)
    for noise in (-0.1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="noise must be"):
            generate(10, noise=noise, rng=0)
    with pytest.raises(TypeError, match="noise must be a real number"):
        generate(10, noise="0.1", rng=0)


@pytest.mark.parametrize("factor", [0.0, 1.0, -0.5, 2])
def test_the_inner_circle_must_be_inside_the_outer_one(factor):
    with pytest.raises(ValueError, match="factor must be between 0 and 1"):
        circles(10, factor=factor, rng=0)


def test_a_spiral_has_two_arms_at_least_and_a_point_on_each():
    with pytest.raises(ValueError, match="classes must be at least 2, got 1"):
        spirals(10, classes=1, rng=0)
    with pytest.raises(ValueError, match="n must be at least 5, got 4"):
        spirals(4, classes=5, rng=0)
