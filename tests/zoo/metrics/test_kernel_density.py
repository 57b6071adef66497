"""Parzen windows against scipy's Gaussians in float64, and the bandwidth of a known one."""

import numpy as np
import pytest
from scipy import special, stats

from zoo.metrics import distances, kernel_density


def brute_force(x, samples, bandwidth):
    """Log densities by scipy, from differences rather than an expanded square."""
    per_kernel = stats.norm.logpdf(x[:, None], samples[None], bandwidth).sum(axis=-1)
    return special.logsumexp(per_kernel, axis=1) - np.log(len(samples))


def test_log_likelihood_of_one_sample_is_a_gaussian():
    x, sample = np.array([[0.3, -1.0, 2.0]]), np.array([[0.0, 0.5, 1.0]])
    expected = stats.multivariate_normal(sample[0], 0.49 * np.eye(3)).logpdf(x)
    np.testing.assert_allclose(
        kernel_density.log_likelihood(x, sample, 0.7), [expected], rtol=1e-12
    )


def test_log_likelihood_of_two_samples_is_their_even_mixture():
    # between two kernels at -1 and 1 both give the same, so the mixture is one kernel:
    # -1/2 - log(2 pi)/2
    computed = kernel_density.log_likelihood(np.zeros([1, 1]), np.array([[-1.0], [1.0]]), 1.0)
    np.testing.assert_allclose(computed, [-0.5 - 0.5 * np.log(2.0 * np.pi)], rtol=1e-12)


@pytest.mark.parametrize("bandwidth", [0.01, 0.1, 0.215, 1.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_likelihood_of_images_matches_brute_force(bandwidth, dtype):
    random = np.random.default_rng(0)
    x, samples = (
        random.uniform(size=(20, 784)).astype(dtype),
        random.uniform(size=(50, 784)).astype(dtype),
    )
    expected = brute_force(x.astype(np.float64), samples.astype(np.float64), bandwidth)
    np.testing.assert_allclose(
        kernel_density.log_likelihood(x, samples, bandwidth), expected, rtol=1e-10
    )


def test_log_likelihood_far_from_the_origin_is_exact():
    # at a million an expanded square loses ten digits unless it is taken around the samples' mean
    random = np.random.default_rng(1)
    x, samples = random.normal(size=(10, 4)), random.normal(size=(30, 4))
    x, samples = (
        np.round(x * 2**20) / 2**20 + 2.0**20,
        np.round(samples * 2**20) / 2**20 + 2.0**20,
    )  # sums without rounding
    np.testing.assert_allclose(
        kernel_density.log_likelihood(x, samples, 0.1), brute_force(x, samples, 0.1), rtol=1e-6
    )


def test_log_likelihood_far_from_every_sample_is_finite():
    computed = kernel_density.log_likelihood(np.full([1, 2], 100.0), np.zeros([3, 2]), 0.1)
    np.testing.assert_allclose(computed, [-1e6 - np.log(2.0 * np.pi * 0.01)], rtol=1e-12)


def test_log_likelihood_in_blocks_covers_every_row(monkeypatch):
    random = np.random.default_rng(2)
    x, samples = random.normal(size=(7, 3)), random.normal(size=(5, 3))
    monkeypatch.setattr(distances, "ENTRIES", 15)  # three rows a block, one in the last
    np.testing.assert_allclose(
        kernel_density.log_likelihood(x, samples, 0.5), brute_force(x, samples, 0.5), rtol=1e-10
    )


def test_best_bandwidth_of_one_gaussian_is_its_standard_deviation():
    x = 0.4 * np.random.default_rng(3).standard_normal((4000, 2))
    computed, _ = kernel_density.best_bandwidth(x, np.zeros([1, 2]), [0.2, 0.3, 0.4, 0.5, 0.6])
    assert computed == 0.4


def test_best_bandwidth_means_are_those_of_every_bandwidth(monkeypatch):
    random = np.random.default_rng(4)
    x, samples = random.normal(size=(7, 3)), random.normal(size=(5, 3))
    monkeypatch.setattr(distances, "ENTRIES", 15)
    computed, means = kernel_density.best_bandwidth(x, samples)
    expected = [
        brute_force(x, samples, bandwidth).mean() for bandwidth in kernel_density.BANDWIDTHS
    ]
    np.testing.assert_allclose(means, expected, rtol=1e-10)
    assert computed == kernel_density.BANDWIDTHS[int(np.argmax(expected))]


def test_bandwidths_are_the_released_ones():
    np.testing.assert_allclose(
        kernel_density.BANDWIDTHS, 10.0 ** (np.arange(10) / 9 - 1.0), rtol=1e-12
    )


@pytest.mark.parametrize(
    "x, samples, bandwidth",
    [
        ([3], [3, 1], 1.0),
        ([3, 2], [3, 1], 1.0),
        ([3, 1], [0, 1], 1.0),
        ([3, 1], [3, 1], 0.0),
        ([3, 1], [3, 1], float("nan")),
    ],
)
def test_log_likelihood_refuses_what_does_not_fit(x, samples, bandwidth):
    with pytest.raises(ValueError, match="Received"):
        kernel_density.log_likelihood(np.zeros(x), np.zeros(samples), bandwidth)
