"""Precision, recall, density, coverage and copies, on sets where they are known."""

import numpy as np
import prdc
import pytest

from zoo.metrics import neighbors

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(300, 3))


def test_sets_apart_have_none_of_it_and_equal_sets_all():
    assert neighbors.coverage(X, X + 100.0) == (0.0, 0.0, 0.0, 0.0)
    same = neighbors.coverage(X, X)
    assert same[:2] == (1.0, 1.0)
    assert same.coverage == 1.0


def test_one_mode_of_two_is_precise_and_half_recalled():
    both = np.concatenate([X, X + 100.0])
    computed = neighbors.coverage(both, X + 100.0)
    assert computed.precision == 1.0
    assert (computed.recall, computed.coverage) == (0.5, 0.5)
    other = neighbors.coverage(X + 100.0, both)
    assert (other.precision, other.recall) == (0.5, 1.0)


def test_it_is_the_definition_by_hand():
    y, k = RANDOM.normal(size=(200, 3)) + 0.7, 4

    def reach(points):
        return np.sort(np.linalg.norm(points[:, None] - points[None], axis=-1), axis=1)[:, k]

    between = np.linalg.norm(X[:, None] - y[None], axis=-1)
    inside = between <= reach(X)[:, None]
    expected = (
        inside.any(axis=0).mean(),
        (between <= reach(y)).any(axis=1).mean(),
        inside.sum(axis=0).mean() / k,
        inside.any(axis=1).mean(),
    )
    np.testing.assert_allclose(neighbors.coverage(X, y, k=k), expected, rtol=1e-12)


def test_it_is_that_of_another_implementation():
    y = RANDOM.normal(size=(200, 3)) * 0.8 + 0.4
    expected = prdc.compute_prdc(real_features=X, fake_features=y, nearest_k=5)
    computed = neighbors.coverage(X, y, k=5)
    np.testing.assert_allclose(
        computed,
        [expected[key] for key in ("precision", "recall", "density", "coverage")],
        rtol=1e-12,
    )


def test_density_of_one_distribution_is_near_one():
    y = np.random.default_rng(2).normal(size=(2000, 3))
    np.testing.assert_allclose(
        neighbors.coverage(np.random.default_rng(1).normal(size=(2000, 3)), y).density,
        1.0,
        atol=0.05,
    )


def test_a_copy_is_at_distance_zero():
    y = np.concatenate([X[7:9], [[9.0, 9.0, 9.0]]])
    computed = neighbors.nearest_distance(y, X)
    np.testing.assert_array_equal(computed[:2], 0.0)
    np.testing.assert_allclose(computed[2], np.linalg.norm(X - 9.0, axis=1).min(), rtol=1e-6)


def test_a_copy_of_an_image_is_at_distance_exactly_zero():
    images = np.random.default_rng(0).integers(0, 256, (50, 784)).astype(np.float32) / 255.0
    computed = neighbors.nearest_distance(images[:20], images)
    np.testing.assert_array_equal(computed, 0.0)


def test_among_others_an_example_is_not_its_own_neighbour():
    expected = np.sort(np.linalg.norm(X[:20, None] - X[None], axis=-1), axis=1)[:, 1]
    computed = neighbors.nearest_distance(X[:20], X, others=True)
    np.testing.assert_allclose(computed, expected, rtol=1e-12)
    twins = np.concatenate([X, X[:5]])  # a twin is another example
    np.testing.assert_array_equal(neighbors.nearest_distance(X[:5], twins, others=True), 0.0)


def test_sets_are_checked():
    with pytest.raises(ValueError, match="with N and M above k = 5"):
        neighbors.coverage(X[:5], X)
