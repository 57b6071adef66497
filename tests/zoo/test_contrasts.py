"""Contrasts against closed forms of Gaussians, and which way their gradients go."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from zoo import noise, priors
from zoo.contrasts import CONTRASTS

Z = np.random.default_rng(0).normal(size=(6, 2))
MEAN, STD = np.full((6, 2), 0.5), np.array([[0.3, 2.0]] * 6)


def tensors(*arrays):
    return [tf.constant(array, tf.float64) for array in arrays]


@pytest.mark.parametrize("name", sorted(CONTRASTS))
def test_the_log_ratio_at_the_best_adversary_is_that_of_posterior_and_prior(name):
    contrast = CONTRASTS[name]()
    log_q, log_p = (
        stats.norm.logpdf(Z, *at).sum(axis=1) for at in ((MEAN - 0.2, STD * 1.5), (0.0, 1.0))
    )
    log_other = stats.norm.logpdf(Z, MEAN, STD).sum(axis=1) if contrast.needs_moments else log_p
    computed = contrast.log_ratio(
        *tensors((log_q - log_other)[:, None], Z, MEAN, STD), priors.normal(2)
    )
    np.testing.assert_allclose(computed, log_q - log_p, rtol=1e-12)


@pytest.mark.parametrize("name", sorted(CONTRASTS))
def test_the_gradient_goes_by_the_latent_alone(name):
    contrast = CONTRASTS[name]()
    z, mean, std = tensors(Z, MEAN, STD)
    with tf.GradientTape() as tape:
        tape.watch([z, mean, std])
        seen = contrast.seen(z, mean, std)
        value = tf.reduce_sum(
            contrast.log_ratio(
                tf.reduce_sum(seen, axis=1, keepdims=True), z, mean, std, priors.normal(2)
            )
        )
    by_z, by_mean, by_std = tape.gradient(value, [z, mean, std])
    assert by_mean is None and by_std is None
    expected = 1.0 / STD - (Z - MEAN) / STD**2 + Z if contrast.needs_moments else np.ones_like(Z)
    np.testing.assert_allclose(by_z, expected, rtol=1e-12)


@pytest.mark.parametrize("name", sorted(CONTRASTS))
def test_half_the_square_of_what_is_seen_leaves_no_force_but_the_prior_s(name):
    """With T = |seen|**2 / 2 the posterior is equally dense everywhere.

    What a network adds to T is then log q, whose slope is bounded.
    """
    contrast = CONTRASTS[name]()
    z, mean, std = tensors(Z, MEAN, STD)
    half = 0.5 * tf.reduce_sum(tf.square(contrast.seen(z, mean, std)), axis=1, keepdims=True)
    log_q = contrast.log_ratio(half, z, mean, std, priors.normal(2)) + stats.norm.logpdf(Z).sum(
        axis=1
    )
    expected = -np.log(2 * np.pi) - (np.log(STD).sum(axis=1) if contrast.needs_moments else 0.0)
    np.testing.assert_allclose(log_q, np.broadcast_to(expected, 6), rtol=1e-12)


def test_the_other_side_is_the_prior_or_standard_normal():
    def draws():
        return noise.Noise(seed=0, step=tf.constant(0), player=0, move=0, batch=5)

    prior = priors.uniform(2)
    np.testing.assert_array_equal(
        CONTRASTS["standard"]().other(prior, draws()), prior.sample(draws())
    )
    np.testing.assert_array_equal(
        CONTRASTS["adaptive"]().other(prior, draws()), draws().normal((2,))
    )
