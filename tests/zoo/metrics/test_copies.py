"""Near-copies: counts by hand, and the number that chance gives against its law."""

import math

import numpy as np
import pytest

from zoo.metrics import copies


def beta_binomial(draws, alpha, beta):
    """The probabilities of 0 to `draws`, from the definition."""

    def log_beta(a, b):
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)

    return np.array(
        [
            math.comb(draws, k)
            * math.exp(log_beta(k + alpha, draws - k + beta) - log_beta(alpha, beta))
            for k in range(draws + 1)
        ]
    )


def distances(count, seed):
    """Distances to the nearest training example, as held-out examples have them."""
    return np.random.default_rng(seed).gamma(20.0, 0.2, count)


@pytest.mark.parametrize("fraction", [0.01, 0.1, 0.5, 1.0])
def test_copies_among_samples_are_counted(fraction):
    samples, examples = distances(2000, 0), distances(2000, 1)
    samples[: int(2000 * fraction)] = 0.0
    result = copies.near_copies(samples, examples)
    threshold = np.sort(examples)[2]  # a fraction of 0.001 of them is nearer
    assert result.distance == threshold and result.of_examples == 2
    assert result.exact == int(2000 * fraction)
    assert result.count == np.sum(samples < threshold)
    own = np.sum(distances(2000, 0)[result.exact :] < threshold)
    assert result.count == result.exact + own and result.count > result.by_chance


def test_almost_exact_copies_are_near_ones():
    samples, examples = distances(1000, 0), distances(1000, 1)
    samples[:500] = 1e-3
    result = copies.near_copies(samples, examples)
    np.testing.assert_allclose(result.count / 1000, 0.5, atol=4 * (0.25 / 1000) ** 0.5)
    assert result.exact == 0 and result.count > result.by_chance


@pytest.mark.parametrize("examples", [50, 180, 1000, 2000])
def test_chance_gives_what_the_law_of_the_threshold_says(examples):
    held_out = distances(examples, 1)
    result = copies.near_copies(distances(300, 0), held_out)
    below = examples // 1000
    assert result.of_examples == below
    law = beta_binomial(300, below + 1, examples - below)
    np.testing.assert_allclose(law.sum(), 1.0, rtol=1e-9)
    exceeded = 1.0 - np.cumsum(law)  # the probability of more than k
    assert exceeded[result.by_chance] <= copies.CHANCE < exceeded[result.by_chance - 1]


def test_samples_like_the_examples_are_near_as_often_as_the_law_says():
    results = [
        copies.near_copies(distances(200, 2 * k), distances(1000, 2 * k + 1)) for k in range(400)
    ]
    counts = np.array([result.count for result in results])
    expected = 200 * 2 / 1001  # of the second of 1000, in the mean
    assert abs(counts.mean() - expected) < 4 * counts.std() / 400**0.5
    exceeded = sum(result.count > result.by_chance for result in results)
    assert exceeded <= 400 * copies.CHANCE + 4 * (400 * copies.CHANCE) ** 0.5


def test_copies_within_the_data_set_are_no_warning():
    # one example in ten has a twin among those that were trained on
    samples, examples = distances(1000, 0), distances(1000, 1)
    samples[:100] = examples[:100] = 0.0
    result = copies.near_copies(samples, examples)
    assert (result.distance, result.count, result.of_examples, result.exact) == (0.0, 100, 100, 100)
    assert result.count <= result.by_chance and not result.suspicious
    samples[:300] = 0.0
    result = copies.near_copies(samples, examples)
    assert result.count == 300 > result.by_chance and result.suspicious


def test_exact_copies_are_suspicious_where_held_out_examples_are_few():
    samples, examples = distances(1000, 0), distances(20, 1)
    result = copies.near_copies(samples, examples)
    assert not result.suspicious
    samples[0] = 0.0
    result = copies.near_copies(samples, examples)
    assert (result.exact, result.exact_of_examples) == (1, 0)
    assert result.count <= result.by_chance and result.suspicious


def test_examples_that_are_all_copies_exclude_nothing():
    result = copies.near_copies(np.zeros(20), np.zeros(10))
    assert (result.count, result.of_examples) == (20, 10) and result.by_chance == 20
