"""Losses and the gradient penalty against TF-GAN's, written by others from the same papers."""

import numpy as np
import pytest
import tensorflow as tf

from zoo import losses, noise, penalties
from zoo.metrics import tf_gan

RNG = np.random.default_rng(0)
REAL = tf.constant(3.0 * RNG.normal(size=(16, 1)).astype("float32"))
FAKE = tf.constant(3.0 * RNG.normal(size=(16, 1)).astype("float32"))


@pytest.fixture(scope="module")
def theirs():
    return tf_gan.module("losses.losses_impl")


def critic(name):
    loss = losses.LOSSES[name]()
    return float(tf.reduce_mean(loss.critic_real(REAL)) + tf.reduce_mean(loss.critic_fake(FAKE)))


def generator(name):
    return float(tf.reduce_mean(losses.LOSSES[name]().opponent_fake(FAKE)))


THEIRS = {
    "hinge": ("wasserstein_hinge_discriminator_loss", "wasserstein_hinge_generator_loss"),
    "least_squares": ("least_squares_discriminator_loss", "least_squares_generator_loss"),
    "minimax": ("minimax_discriminator_loss", "minimax_generator_loss"),
    "non_saturating": ("modified_discriminator_loss", "modified_generator_loss"),
    "wasserstein": ("wasserstein_discriminator_loss", "wasserstein_generator_loss"),
}
UNSMOOTHED = {
    "minimax": {"label_smoothing": 0.0},
    "non_saturating": {"label_smoothing": 0.0},
}  # its default is 0.25
# its saturating generator also counts a constant logit of 1 on the side of the data
CONSTANT = {"minimax": -np.logaddexp(0.0, -1.0)}


@pytest.mark.parametrize("name", sorted(THEIRS))
def test_the_critics_loss_is_tf_gans(theirs, name):
    expected = getattr(theirs, THEIRS[name][0])(REAL, FAKE, **UNSMOOTHED.get(name, {}))
    np.testing.assert_allclose(critic(name), float(expected), rtol=1e-6)


@pytest.mark.parametrize("name", sorted(THEIRS))
def test_the_generators_loss_is_tf_gans(theirs, name):
    expected = getattr(theirs, THEIRS[name][1])(FAKE, **UNSMOOTHED.get(name, {}))
    np.testing.assert_allclose(
        generator(name) + CONSTANT.get(name, 0.0), float(expected), rtol=1e-6
    )


def test_smoothing_of_the_critics_loss_is_tf_gans(theirs):
    loss = losses.minimax(label_smoothing=0.1)
    ours = float(tf.reduce_mean(loss.critic_real(REAL)) + tf.reduce_mean(loss.critic_fake(FAKE)))
    # TF-GAN smooths towards 1/2: its 0.2 makes the target 0.9
    expected = float(theirs.minimax_discriminator_loss(REAL, FAKE, label_smoothing=0.2))
    np.testing.assert_allclose(ours, expected, rtol=1e-6)


@pytest.mark.parametrize("one_sided", [False, True])
def test_the_gradient_penalty_is_tf_gans(theirs, one_sided):
    rng = np.random.default_rng(1)
    x_real = tf.constant(rng.normal(size=(6, 4, 4, 1)).astype("float32"))
    # with equal ends the point between does not depend on either library's own draws
    weights = tf.constant(rng.normal(size=(16, 1)).astype("float32"))

    def curved(x):
        return tf.reduce_sum(
            tf.square(tf.reshape(x, [-1, 16])), axis=1, keepdims=True
        ) / 8.0 + tf.tanh(tf.reshape(x, [-1, 16]) @ weights)

    @tf.function
    def penalty():
        return theirs.wasserstein_gradient_penalty(
            x_real,
            x_real,
            None,
            lambda x, _: curved(x),
            "critic",
            epsilon=1e-12,
            one_sided=one_sided,
            weights=10.0,
        )

    draws = noise.Noise(seed=0, step=tf.constant(0), player=0, move=0, batch=6)
    ours = penalties.gradient_penalty(weight=10.0, one_sided=one_sided)(
        curved, x_real, x_real, draws
    )
    np.testing.assert_allclose(float(ours), float(penalty()), rtol=1e-6)
