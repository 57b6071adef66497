"""Diagonal Gaussians against scipy and quadrature."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from zoo import gaussian

DRAWS = np.random.default_rng(0)
X, MEAN, LOG_VARIANCE = (DRAWS.normal(size=(5, 3)) for _ in range(3))


def test_the_log_density_is_scipys():
    expected = stats.norm.logpdf(X, MEAN, np.exp(0.5 * LOG_VARIANCE)).sum(axis=-1)
    np.testing.assert_allclose(
        gaussian.log_prob(*(tf.constant(v) for v in (X, MEAN, LOG_VARIANCE))), expected, rtol=1e-12
    )


def test_the_kl_is_the_integral():
    x, width = np.linspace(-30.0, 30.0, 60_001, retstep=True)
    for mean, log_variance in ((0.3, -1.0), (-2.0, 0.7), (0.0, 0.0)):
        q = stats.norm.pdf(x, mean, np.exp(0.5 * log_variance))
        ratio = stats.norm.logpdf(x, mean, np.exp(0.5 * log_variance)) - stats.norm.logpdf(x)
        computed = gaussian.kl_to_standard_normal(
            tf.constant([mean], tf.float64), tf.constant([log_variance], tf.float64)
        )
        np.testing.assert_allclose(
            float(computed), width * np.sum(q * ratio), rtol=1e-9, atol=1e-12
        )


def test_the_kl_of_draws_is_the_notebooks_formula_and_the_kl_in_the_mean():
    eps = np.random.default_rng(1).normal(size=(200_000, 2))
    mean, log_variance = np.array([0.4, -1.2]), np.array([-0.8, 0.5])
    log_std = 0.5 * log_variance
    z = mean + np.exp(log_std) * eps
    computed = gaussian.drawn_kl_to_standard_normal(
        tf.constant(z), tf.constant(np.broadcast_to(log_variance, z.shape))
    ).numpy()
    np.testing.assert_allclose(computed, (0.5 * z**2 - log_std - 0.5).sum(axis=1), atol=1e-12)
    exact = (0.5 * (mean**2 + np.exp(log_variance)) - log_std - 0.5).sum()
    error = computed.std() / np.sqrt(len(z))
    np.testing.assert_allclose(computed.mean(), exact, atol=4 * error)


def test_the_gradient_of_the_kl_of_draws_is_the_kls_in_the_mean():
    eps = tf.constant(np.random.default_rng(2).normal(size=(200_000, 1)))
    mean, log_variance = tf.constant([0.7], tf.float64), tf.constant([-0.6], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch([mean, log_variance])
        z = mean + tf.exp(0.5 * log_variance) * eps
        kl = gaussian.drawn_kl_to_standard_normal(z, tf.broadcast_to(log_variance, z.shape))
        loss = tf.reduce_mean(kl)
    by_mean, by_log_variance = tape.gradient(loss, [mean, log_variance])
    # d KL / d mean = mean and d KL / d log variance = (variance - 1) / 2, in closed form
    np.testing.assert_allclose(by_mean, [0.7], atol=4 * np.exp(-0.3) / np.sqrt(200_000))
    np.testing.assert_allclose(by_log_variance, [0.5 * (np.exp(-0.6) - 1.0)], atol=6e-3)


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="same shape"):
        gaussian.log_prob(tf.zeros([2, 1]), tf.zeros([2]), tf.zeros([2, 1]))
