"""The entropy of a cloud against Gaussians' closed form."""

import numpy as np
import pytest

from zoo.metrics import entropy


@pytest.mark.parametrize(("size", "std"), [(1, 0.3), (2, 1.0), (5, 2.0)])
def test_the_entropy_of_a_gaussian(size, std):
    z = std * np.random.default_rng(0).standard_normal((20_000, size))
    np.testing.assert_allclose(
        entropy.nearest_neighbor_entropy(z),
        0.5 * size * np.log(2 * np.pi * np.e * std**2),
        atol=0.05,
    )


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (0.5, 0.6), (1.0, 2.0)])
def test_the_kl_of_a_gaussian_to_the_prior(mean, std):
    z = mean + std * np.random.default_rng(1).standard_normal((20_000, 2))
    expected = 2 * 0.5 * (std**2 + mean**2 - 1.0 - 2.0 * np.log(std))
    np.testing.assert_allclose(
        entropy.kl_to_standard_normal(z), expected, rtol=0.05, atol=0.05
    )  # 3 standard errors of |z|**2


def test_equal_draws_and_few_are_refused():
    with pytest.raises(ValueError, match="more than 3 equal draws. Received: 10"):
        entropy.nearest_neighbor_entropy(np.zeros((10, 2)))
    with pytest.raises(ValueError, match="N above k"):
        entropy.nearest_neighbor_entropy(np.zeros((3, 2)))
