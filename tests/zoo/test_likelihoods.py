"""Likelihoods against scipy."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import special, stats

from zoo import likelihoods

DRAWS = np.random.default_rng(0)
X, OUTPUTS = DRAWS.uniform(size=(4, 2, 3, 1)), DRAWS.normal(size=(4, 2, 3, 1))
OPTIONS = {"gaussian": {"std": 0.5}}


# the log probability of each feature of x in (0, 1) and the mean, from the outputs
KNOWN = {
    "bernoulli": (
        lambda x, outputs: x * special.log_expit(outputs) + (1.0 - x) * special.log_expit(-outputs),
        special.expit,
    ),
    "gaussian": (lambda x, outputs: stats.norm.logpdf(x, outputs, 0.5), lambda outputs: outputs),
}


def test_every_likelihood_has_its_formulas_here():
    assert set(KNOWN) == set(likelihoods.LIKELIHOODS)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_likelihood_equals_its_formulas(name):
    likelihood = likelihoods.LIKELIHOODS[name](**OPTIONS.get(name, {}))
    log_prob, mean = KNOWN[name]
    values = likelihood.log_prob(tf.constant(X), tf.constant(OUTPUTS))
    np.testing.assert_allclose(values, log_prob(X, OUTPUTS).sum(axis=(1, 2, 3)), rtol=1e-10)
    np.testing.assert_allclose(likelihood.mean(tf.constant(OUTPUTS)), mean(OUTPUTS), rtol=1e-12)


@pytest.mark.parametrize("name", sorted(likelihoods.LIKELIHOODS))
def test_a_likelihood_has_a_number_for_each_example_and_a_mean_of_its_shape(name):
    likelihood = likelihoods.LIKELIHOODS[name](**OPTIONS.get(name, {}))
    assert likelihood.log_prob(tf.constant(X), tf.constant(OUTPUTS)).shape == (4,)
    assert likelihood.mean(tf.constant(OUTPUTS)).shape == OUTPUTS.shape


def test_bernoulli_of_binary_features_is_scipys():
    x = (X > 0.5).astype(float)
    expected = stats.bernoulli.logpmf(x, special.expit(OUTPUTS)).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(
        likelihoods.bernoulli().log_prob(tf.constant(x), tf.constant(OUTPUTS)), expected, rtol=1e-10
    )
    np.testing.assert_allclose(
        likelihoods.bernoulli().mean(tf.constant(OUTPUTS)), special.expit(OUTPUTS), rtol=1e-12
    )


def test_bernoulli_is_finite_at_sure_outputs():
    computed = likelihoods.bernoulli().log_prob(
        tf.constant([[1.0, 0.0]]), tf.constant([[-200.0, 200.0]])
    )
    np.testing.assert_allclose(computed, [-400.0], rtol=1e-6)


@pytest.mark.parametrize(
    ("value_range", "low", "high"), [(None, None, None), ((-1.0, 1.0), -1.0, 1.0)], ids=str
)
def test_gaussian_is_scipys(value_range, low, high):
    mean = OUTPUTS if value_range is None else low + (high - low) * special.expit(OUTPUTS)
    likelihood = likelihoods.gaussian(0.3, value_range)
    expected = stats.norm.logpdf(X, mean, 0.3).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(
        likelihood.log_prob(tf.constant(X), tf.constant(OUTPUTS)), expected, rtol=1e-10
    )
    np.testing.assert_allclose(likelihood.mean(tf.constant(OUTPUTS)), mean, rtol=1e-12)


def test_a_deviation_of_zero_is_refused():
    with pytest.raises(ValueError, match="`std` must be above 0"):
        likelihoods.gaussian(0.0)


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="same shape"):
        likelihoods.bernoulli().log_prob(tf.zeros([2, 1]), tf.zeros([2, 1, 1]))
