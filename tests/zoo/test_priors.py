"""Priors against scipy's densities and their closed-form moments."""

import math

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from zoo import noise, priors, seeds

NAMES = sorted(priors.PRIORS)
COUNT, SIZE = 20_000, 3
NO_DIRECTION = stats.vonmises_fisher(
    [1.0, 0.0, 0.0], 1e-9
)  # without concentration it is uniform on the sphere
# mean, variance of a coordinate, and the density in nats
KNOWN = {
    "normal": (0.0, 1.0, lambda z: stats.norm.logpdf(z).sum(axis=-1)),
    "uniform": (0.0, 1.0 / 3.0, lambda z: stats.uniform(-1.0, 2.0).logpdf(z).sum(axis=-1)),
    "sphere": (
        0.0,
        1.0 / SIZE,
        lambda z: NO_DIRECTION.logpdf(z / np.linalg.norm(z, axis=-1, keepdims=True)),
    ),
}
SOURCES = {
    "noise": lambda count: noise.Noise(seed=3, step=tf.constant(5), player=0, move=0, batch=count),
    "rows": lambda count: seeds.Rows(tf.range(count, dtype=tf.int64)),
}


def test_every_prior_has_known_moments():
    assert set(KNOWN) == set(priors.PRIORS)


@pytest.mark.parametrize("source", sorted(SOURCES))
@pytest.mark.parametrize("name", NAMES)
def test_draws_have_the_moments_of_the_prior(name, source):
    mean, variance, _ = KNOWN[name]
    z = priors.PRIORS[name](SIZE).sample(SOURCES[source](COUNT)).numpy()
    assert z.shape == (COUNT, SIZE)
    # five standard errors of a mean and of a covariance; all fourth moments are below 3 variance**2
    np.testing.assert_allclose(z.mean(axis=0), mean, atol=5 * math.sqrt(variance / COUNT))
    np.testing.assert_allclose(
        np.cov(z.T), variance * np.eye(SIZE), atol=5 * variance * math.sqrt(2.0 / COUNT)
    )


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_a_wider_uniform_fills_its_interval(source):
    z = priors.uniform(2, low=2.0, high=5.0).sample(SOURCES[source](COUNT)).numpy()
    assert stats.kstest(z.ravel(), stats.uniform(2.0, 3.0).cdf).pvalue > 1e-3


@pytest.mark.parametrize("source", sorted(SOURCES))
@pytest.mark.parametrize("name", NAMES)
def test_rows_differ(name, source):
    z = priors.PRIORS[name](SIZE).sample(SOURCES[source](100)).numpy()
    assert len(np.unique(z, axis=0)) == 100


@pytest.mark.parametrize("name", NAMES)
def test_log_density_is_scipys(name):
    prior = priors.PRIORS[name](SIZE)
    z = prior.sample(SOURCES["noise"](50))
    computed = prior.log_prob(z)
    assert computed.shape == (50,)
    np.testing.assert_allclose(
        computed.numpy(), KNOWN[name][2](z.numpy().astype("float64")), rtol=1e-5
    )


def test_uniform_density_is_zero_outside():
    computed = (
        priors.uniform(2, low=0.0, high=4.0)
        .log_prob(tf.constant([[1.0, 3.0], [1.0, 4.5], [-0.1, 1.0]]))
        .numpy()
    )
    np.testing.assert_allclose(computed, [-2 * math.log(4.0), -np.inf, -np.inf], rtol=1e-6)


def test_the_ends_of_an_interval_belong_to_it():
    # a draw of U[low, high) may be `low`, and rounding may make it `high`
    computed = priors.uniform(2, low=0.0, high=4.0).log_prob(tf.constant([[0.0, 4.0]]))
    np.testing.assert_allclose(computed, [-2 * math.log(4.0)], rtol=1e-6)


def test_points_of_the_sphere_have_length_one():
    z = priors.sphere(7).sample(SOURCES["rows"](100)).numpy()
    np.testing.assert_allclose(np.linalg.norm(z, axis=1), 1.0, rtol=1e-6)


@pytest.mark.parametrize(
    ("size", "surface"), [(2, 2 * math.pi), (3, 4 * math.pi), (4, 2 * math.pi**2)]
)
def test_sphere_density_is_one_over_its_surface(size, surface):
    computed = priors.sphere(size).log_prob(tf.one_hot([0], size)).numpy()
    np.testing.assert_allclose(computed, [-math.log(surface)], rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_a_prior_knows_its_size_and_refuses_none(name):
    assert priors.PRIORS[name](SIZE).size == SIZE
    with pytest.raises(ValueError, match=r"`size` must be at least \d.* Received: 0"):
        priors.PRIORS[name](0)


def test_empty_interval_is_refused():
    with pytest.raises(ValueError, match="`low` must be below `high`"):
        priors.uniform(2, low=1.0, high=1.0)
