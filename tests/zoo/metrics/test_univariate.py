"""Divergences on the line against closed forms and the paper's table of best Gaussians."""

import numpy as np
import pytest
from scipy import stats

from zoo.metrics import univariate

# Nowozin et al., 2016, table 3: D_f(P || Q*), mean*, std* of each column;
# P as in train.data.toys.MIXTURE
PAPER = {
    "kl": (lambda u: u * np.log(u), 0.2831, 1.0100, 1.8308),
    "reverse_kl": (lambda u: -np.log(u), 0.2480, 1.5782, 1.6319),
    "jensen_shannon": (
        lambda u: u * np.log(u) - (u + 1) * np.log((u + 1) / 2),
        0.1280,
        1.3070,
        1.7542,
    ),
    "jeffrey": (lambda u: (u - 1) * np.log(u), 0.5705, 1.3218, 1.7034),
    "pearson": (lambda u: (u - 1) ** 2, 0.6457, 0.5737, 1.9274),
}
MIXTURE = univariate.Mixture(
    np.array([0.33, 0.67]), np.array([-1.0, 2.0]), np.array([0.255, 1.415])
)


@pytest.mark.parametrize("name", PAPER)
def test_the_nearest_gaussian_is_the_papers(name):
    f, *expected = PAPER[name]
    mean, std, value = univariate.nearest_gaussian(f, MIXTURE)
    # the mixture's parameters are rounded to three digits
    np.testing.assert_allclose([value, mean, std], expected, rtol=0, atol=6e-4)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (1.5, 1.0), (-1.0, 2.0)])
def test_kl_between_gaussians_is_exact(mean, std):
    normal = univariate.Mixture(np.ones(1), np.array([0.5]), np.array([0.8]))
    expected = np.log(std / 0.8) + (0.8**2 + (0.5 - mean) ** 2) / (2 * std**2) - 0.5
    np.testing.assert_allclose(
        univariate.divergence(PAPER["kl"][0], normal, mean, std), expected, rtol=1e-9
    )


def test_the_log_density_is_that_of_the_weighted_sum():
    x = np.linspace(-3.0, 5.0, 9)
    expected = 0.33 * stats.norm(-1.0, 0.255).pdf(x) + 0.67 * stats.norm(2.0, 1.415).pdf(x)
    np.testing.assert_allclose(np.exp(univariate.log_density(MIXTURE, x)), expected, rtol=1e-12)


def test_the_narrowest_gaussian_is_still_resolved():
    mean = 0.3
    std = univariate.narrowest(MIXTURE, mean, 1e-3)
    entropy = 0.5 * np.log(2.0 * np.pi * np.e * std**2)
    expected = -entropy - univariate.log_density(MIXTURE, np.array([mean]))[0]  # to order std**2
    reverse_kl = PAPER["reverse_kl"][0]
    np.testing.assert_allclose(
        univariate.divergence(reverse_kl, MIXTURE, mean, std), expected, atol=1e-4
    )
    # well below it the sum is wrong, and nothing in it says so
    assert univariate.divergence(reverse_kl, MIXTURE, mean, std / 20.0) < 0.1
