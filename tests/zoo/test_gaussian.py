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


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="same shape"):
        gaussian.log_prob(tf.zeros([2, 1]), tf.zeros([2]), tf.zeros([2, 1]))
