"""Bounds from importance weights, by hand and on a Gaussian."""

import numpy as np
import pytest
from scipy import stats

from zoo.metrics import bounds


def test_bounds_are_the_mean_log_and_the_log_mean():
    weights = np.array([[1.0, 2.0, 4.0], [0.5, 0.5, 0.5]])
    np.testing.assert_allclose(bounds.elbo(np.log(weights)), [np.log(2.0), np.log(0.5)], rtol=1e-12)
    np.testing.assert_allclose(
        bounds.importance_weighted(np.log(weights)), np.log(weights.mean(axis=1)), rtol=1e-12
    )


def test_far_weights_do_not_underflow():
    np.testing.assert_allclose(
        bounds.importance_weighted(np.array([[-2000.0, -2000.0]])), [-2000.0], rtol=1e-12
    )


def test_more_samples_close_the_gap_to_the_evidence():
    # p(z) = N(0, 1), p(x | z) = N(z, 1), x = 1: log p(x) = log N(1; 0, 2); q is the prior
    z = np.random.default_rng(0).standard_normal((400, 500))
    log_weights = stats.norm.logpdf(1.0, z, 1.0)
    evidence = stats.norm.logpdf(1.0, 0.0, np.sqrt(2.0))
    one = bounds.elbo(log_weights).mean()
    many = bounds.importance_weighted(log_weights).mean()
    np.testing.assert_allclose(
        one, -0.5 * np.log(2 * np.pi) - 1.0, atol=0.02
    )  # E[-(1 - z)^2 / 2] = -1
    np.testing.assert_allclose(many, evidence, atol=0.01)
    assert one < many


@pytest.mark.parametrize("bound", [bounds.elbo, bounds.importance_weighted])
def test_weights_must_be_a_matrix(bound):
    with pytest.raises(ValueError, match=r"must be \[N, K\]"):
        bound(np.zeros(3))
