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


def test_without_moves_in_between_it_is_importance_sampling_from_the_start():
    chains, x = 4000, X[:2]
    mean, std = np.array([[0.3, -0.2], [0.0, 0.1]]), np.array([[1.0, 1.1], [1.2, 1.3]])

    def wide(z):
        rest = np.repeat(x, chains, axis=0) - z @ W.T
        return stats.norm.logpdf(rest, 0.0, 2.0).sum(axis=1), rest @ W / 2.0**2

    options = {"chains": chains, "temperatures": 1, "leapfrogs": 1, "seed": 1}
    computed = ais.log_likelihood(wide, mean, std, **options)
    expected = stats.multivariate_normal.logpdf(x, np.zeros(3), W @ W.T + 2.0**2 * np.eye(3))
    error = np.abs(computed.log_likelihood - expected)
    np.testing.assert_array_less(error, 2.0 * computed.standard_error)
    # the spread of log p(x, z) - log q(z), which is 0 where every chain begins at the mean
    z = mean[:, None] + std[:, None] * np.random.default_rng(3).normal(size=(2, 100_000, 2))
    rest = x[:, None] - z @ W.T
    log_weight = (
        stats.norm.logpdf(rest, 0.0, 2.0).sum(axis=2)
        + stats.norm.logpdf(z).sum(axis=2)
        - stats.norm.logpdf(z, mean[:, None], std[:, None]).sum(axis=2)
    )
    np.testing.assert_allclose(computed.spread, log_weight.std(axis=1), rtol=0.1)
    weight = np.exp(log_weight - expected[:, None])
    np.testing.assert_allclose(
        computed.standard_error, weight.std(axis=1) / np.sqrt(chains), rtol=0.1
    )


def test_a_step_does_not_depend_on_the_chains_that_it_moves(monkeypatch):
    """The second pass gets the same step sizes wherever its chains are."""
    steps = {}

    def recorded(name):
        def move(path, z, b, step, random):
            steps.setdefault(name, []).append(np.array(step))
            moved, gap, probability = honest(path, z, b, step, random)
            first = len(steps[name]) <= 15
            return moved, gap, probability if first or name == "moved" else 0.0 * probability

        return move

    honest = ais._Path.move
    for name in ("moved", "stuck"):
        monkeypatch.setattr(ais._Path, "move", recorded(name))
        ais.log_likelihood(
            target, np.zeros((4, 2)), np.ones((4, 2)), chains=CHAINS, temperatures=30
        )
    assert len(steps["moved"]) == ais.moves(30) == 45
    np.testing.assert_array_equal(steps["moved"], steps["stuck"])
    assert np.ptp(steps["moved"][-1]) > 0.0  # each example has its own


def test_one_chain_has_no_spread_and_no_standard_error():
    result = ais.log_likelihood(
        lambda z: (np.zeros(len(z)), 0.0 * z),
        np.zeros((4, 2)),
        np.ones((4, 2)),
        chains=1,
        temperatures=4,
    )
    np.testing.assert_allclose(result.log_likelihood, 0.0, atol=1e-12)
    assert np.isnan(result.spread).all() and np.isnan(result.standard_error).all()


@pytest.mark.parametrize("name", ["chains", "temperatures", "leapfrogs"])
def test_numbers_below_one_are_refused(name):
    with pytest.raises(ValueError, match=f"`{name}`.* must be at least 1. Received: .*0"):
        ais.log_likelihood(target, np.zeros((4, 2)), np.ones((4, 2)), **{name: 0})


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


def test_the_jitter_of_a_step_leaves_its_mean():
    chains, size = 2000, 1000
    path = ais._Path(
        lambda z: (np.zeros(len(z)), 0.0 * z), np.zeros((1, size)), np.ones((1, size)), leapfrogs=1
    )
    begin = np.zeros((chains, size))  # where the slope is 0: a move is the step times N(0, I)
    moved, _, _ = path.move(begin, 1.0, np.full(chains, 0.5), np.random.default_rng(0))
    steps = np.linalg.norm(moved, axis=1) / np.sqrt(size)
    # five standard errors; the norm of 1,000 normal draws is known within a few hundredths
    np.testing.assert_allclose(steps.mean(), 0.5, atol=0.007)
    np.testing.assert_allclose([steps.min(), steps.max()], [0.4, 0.6], atol=0.06)
