"""Annealed importance sampling on linear-Gaussian decoders, whose evidence is known exactly."""

import numpy as np
import pytest
from scipy import stats

from zoo.metrics import ais

W = np.random.default_rng(0).normal(size=(3, 2))  # x = W z + 0.5 * noise
STD = 0.5
X = np.random.default_rng(1).normal(size=(4, 3))
CHAINS = 16


def target(z):
    """log p(x | z) and its gradient; an example's chains follow each other."""
    rest = np.repeat(X, CHAINS, axis=0) - z @ W.T
    return stats.norm.logpdf(rest, 0.0, STD).sum(axis=1), rest @ W / STD**2


@pytest.mark.parametrize("start", ["prior", "off"])
def test_the_evidence_of_a_linear_gaussian_decoder_is_exact(start):
    mean, std = (
        np.full((4, 2), 0.0 if start == "prior" else 0.5),
        np.full((4, 2), 1.0 if start == "prior" else 0.7),
    )
    computed = ais.log_likelihood(target, mean, std, chains=CHAINS, temperatures=300, seed=2)
    expected = stats.multivariate_normal.logpdf(X, np.zeros(3), W @ W.T + STD**2 * np.eye(3))
    np.testing.assert_allclose(computed.log_likelihood, expected, atol=0.1)
    assert computed.acceptance.shape == (300,) and 0.5 < computed.acceptance.mean() < 0.85
    assert (computed.spread < 1.0).all()


def test_from_the_exact_posterior_every_chain_has_the_evidence():
    covariance = np.linalg.inv(W.T @ W / STD**2 + np.eye(2))
    rotation = np.linalg.eigh(covariance)[1]  # so that the posterior's axes are the coordinates'
    turned, spread = W @ rotation, np.sqrt(np.diag(rotation.T @ covariance @ rotation))

    def aligned(z):
        rest = np.repeat(X, 2, axis=0) - z @ turned.T
        return stats.norm.logpdf(rest, 0.0, STD).sum(axis=1), rest @ turned / STD**2

    mean = X @ turned / STD**2 * spread**2
    computed = ais.log_likelihood(aligned, mean, np.tile(spread, (4, 1)), chains=2, temperatures=5)
    expected = stats.multivariate_normal.logpdf(X, np.zeros(3), W @ W.T + STD**2 * np.eye(3))
    np.testing.assert_allclose(computed.log_likelihood, expected, rtol=1e-9)
    np.testing.assert_allclose(computed.spread, 0.0, atol=1e-8)


def test_one_seed_gives_one_estimate():
    options = {"chains": CHAINS, "temperatures": 5}
    a, b, c = (
        ais.log_likelihood(
            target, np.zeros((4, 2)), np.ones((4, 2)), seed=seed, **options
        ).log_likelihood
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(a, b)
    assert (a != c).all()


def test_a_start_without_width_is_refused():
    with pytest.raises(ValueError, match="`std` above 0"):
        ais.log_likelihood(target, np.zeros((4, 2)), np.zeros((4, 2)))
