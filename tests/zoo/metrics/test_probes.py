"""Probes on sets whose classes are known to be separable, or not."""

import numpy as np
import pytest

from zoo.metrics import probes


def clouds(count, seed, gap=6.0):
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    return random.standard_normal((count, 2)) + gap * np.eye(3)[labels][:, :2], labels


@pytest.mark.parametrize("accuracy", [probes.nearest_neighbor_accuracy, probes.linear_accuracy])
def test_separate_clouds_are_told_apart_and_noise_is_not(accuracy):
    train, test = clouds(300, 0), clouds(90, 1)
    assert accuracy(*train, *test) > 0.97
    shuffled = np.random.default_rng(2).permutation(train[1])
    assert accuracy(train[0], shuffled, *test) < 0.6


def test_a_linear_probe_is_blind_to_a_ring_that_neighbours_see():
    random = np.random.default_rng(0)
    angles, labels = random.uniform(0, 2 * np.pi, 400), np.arange(400) % 2
    x = np.stack([np.cos(angles), np.sin(angles)], axis=1) * (1.0 + 2.0 * labels[:, None])
    assert probes.nearest_neighbor_accuracy(x[:300], labels[:300], x[300:], labels[300:]) == 1.0
    assert probes.linear_accuracy(x[:300], labels[:300], x[300:], labels[300:]) < 0.7


def test_the_nearest_neighbour_is_the_nearest_by_hand():
    (train, a), (test, b) = clouds(50, 0, gap=1.0), clouds(20, 1, gap=1.0)
    nearest = np.linalg.norm(test[:, None] - train[None], axis=-1).argmin(axis=1)
    np.testing.assert_allclose(
        probes.nearest_neighbor_accuracy(train, a, test, b), np.mean(a[nearest] == b), rtol=1e-12
    )


def test_rows_and_labels_must_match():
    with pytest.raises(ValueError, match="with N and M labels"):
        probes.linear_accuracy(np.zeros((3, 2)), np.zeros(2), np.zeros((3, 2)), np.zeros(3))
