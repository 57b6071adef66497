"""Coverage of modes on points placed by hand."""

import numpy as np
import pytest

from train.data import toys
from zoo.metrics import modes

CENTRES = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])


def test_coverage_counts_points_by_hand():
    points = np.array([[0.0, 0.0], [0.3, 0.2], [10.0, 0.39], [10.0, 0.41], [5.0, 5.0], [0.0, 9.7]])
    computed = modes.coverage(points, CENTRES, 0.1)
    np.testing.assert_array_equal(computed.counts, [2, 1, 1, 0])
    assert computed.covered == 3
    np.testing.assert_allclose(computed.fraction, 4 / 6, rtol=1e-12)


def test_coverage_measures_distance_not_coordinates():
    # 0.3 off in both coordinates is 0.424 off
    assert modes.coverage(np.array([[0.3, 0.3]]), CENTRES, 0.1).fraction == 0.0


@pytest.mark.parametrize(
    "count, hits, covered", [(120, 2, 1), (120, 3, 2), (1200, 29, 1), (1200, 30, 2)]
)
def test_coverage_needs_a_tenth_of_the_fair_share(count, hits, covered):
    # 120 points on 4 modes: 30 each is fair, 3 is a tenth
    rest = count - hits
    points = np.concatenate([np.tile(CENTRES[0], (rest, 1)), np.tile(CENTRES[1], (hits, 1))])
    computed = modes.coverage(points, CENTRES, 0.1)
    assert computed.covered == covered
    np.testing.assert_array_equal(computed.counts, [rest, hits, 0, 0])


def test_coverage_of_few_points_counts_only_modes_that_are_hit():
    assert modes.coverage(CENTRES[:1], CENTRES, 0.1).covered == 1


@pytest.mark.parametrize("name", sorted(toys.MODES))
def test_coverage_of_a_toy_is_whole(name):
    centres, std = toys.modes(name)
    computed = modes.coverage(toys.points(name, 20_000), centres, std)
    assert computed.covered == len(centres)
    np.testing.assert_allclose(
        computed.fraction, 1.0 - np.exp(-8.0), atol=5e-4
    )  # of a Gaussian in the plane, within 4 std


def test_coverage_refuses_points_that_are_not_finite():
    with pytest.raises(ValueError, match="1 of 2"):
        modes.coverage(np.array([[0.0, np.nan], [0.0, 0.0]]), CENTRES, 0.1)


@pytest.mark.parametrize(
    "points, centres, std",
    [([3, 3], [4, 2], 0.1), ([3], [4, 2], 0.1), ([0, 2], [4, 2], 0.1), ([3, 2], [4, 2], 0.0)],
)
def test_coverage_refuses_what_does_not_fit(points, centres, std):
    with pytest.raises(ValueError, match="Received"):
        modes.coverage(np.zeros(points), np.zeros(centres), std)
