"""The sliced distance of shifted, scaled and equal sets."""

import numpy as np
import ot
import pytest
from scipy import stats

from zoo.metrics import sliced_wasserstein

X = np.random.default_rng(0).normal(size=(500, 4))


def test_a_shift_of_the_whole_set_is_its_length_over_the_root_of_the_dimensions():
    computed = sliced_wasserstein.distance(X, X + [3.0, 0.0, 4.0, 0.0], directions=20_000)
    np.testing.assert_allclose(computed, 5.0 / np.sqrt(4.0), rtol=1e-2)


def test_in_one_dimension_it_is_the_distance_of_quantiles():
    grid = stats.norm.ppf((np.arange(2000) + 0.5) / 2000)[:, None]
    np.testing.assert_allclose(
        sliced_wasserstein.distance(grid, 2.0 * grid + 1.0),
        np.sqrt(1.0 + np.mean(grid**2)),
        rtol=1e-9,
    )


def test_it_is_that_of_another_implementation():
    y = np.random.default_rng(1).normal(size=X.shape) * 1.5 + 0.3
    expected = ot.sliced_wasserstein_distance(X, y, n_projections=2000, seed=2)
    np.testing.assert_allclose(
        sliced_wasserstein.distance(X, y, directions=2000), expected, rtol=2e-2
    )


def test_order_does_not_matter_and_equal_sets_are_at_zero():
    assert sliced_wasserstein.distance(X, X[::-1]) == 0.0


def test_sizes_must_agree():
    with pytest.raises(ValueError, match="of the same size"):
        sliced_wasserstein.distance(X, X[:-1])


def test_no_points_are_refused():
    with pytest.raises(ValueError, match="not empty. Received: \\(0, 3\\)"):
        sliced_wasserstein.distance(np.zeros((0, 3)), np.zeros((0, 3)))


def test_the_published_distances_are_of_512_directions_of_seed_0():
    y = X[::-1] ** 2
    unsaid = sliced_wasserstein.distance(X, y)
    assert unsaid == sliced_wasserstein.distance(X, y, directions=512, seed=0)
    assert unsaid != sliced_wasserstein.distance(X, y, directions=512, seed=1)
