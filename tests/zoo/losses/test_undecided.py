"""The losses of a critic that cannot tell: closed forms."""

import math

import numpy as np
import pytest
import tensorflow as tf

from zoo import divergences, losses

LOG2 = math.log(2.0)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        # D = 1/2: -log D - log(1 - D), and each opponent has minus one term, or the other term
        (losses.minimax(), (2 * LOG2, -LOG2, -LOG2)),
        (losses.non_saturating(), (2 * LOG2, LOG2, LOG2)),
        # D = 1/2 lies between the labels 0 and 1: 2 * (1/2)**2 / 2
        (losses.least_squares(), (0.25, 0.125, 0.125)),
        # D = 0 between -1 and 1, and the generator aims at 0
        (losses.least_squares(fake=-1.0, real=1.0, target=0.0), (1.0, None, 0.0)),
        (losses.hinge(), (2.0, None, None)),  # any logit in [-1, 1]
        (losses.wasserstein(), (0.0, None, None)),  # any logit
    ],
)
def test_the_losses_of_a_critic_that_cannot_tell(loss, expected):
    computed = losses.undecided(loss)
    for value, wanted in zip(computed, expected):
        if wanted is None and value is None:
            continue
        if wanted is not None:
            np.testing.assert_allclose(value, wanted, rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", sorted(divergences.DIVERGENCES))
def test_an_f_gan_critic_that_cannot_tell_has_minus_f_of_one(name):
    options = {"alpha": {"alpha": 0.5}, "jensen_shannon_weighted": {"pi": 0.3}}.get(name, {})
    made = divergences.DIVERGENCES[name](**options)
    expected = -float(made.f(tf.constant(1.0, tf.float64)))  # the divergence of P and P
    computed = losses.undecided(losses.f_gan(made)).critic
    np.testing.assert_allclose(computed, expected, rtol=0, atol=1e-6)


def test_smoothed_labels_move_the_generator_too():
    # -0.75 log D - 0.25 log(1 - D) - log(1 - D) is least at D = 0.75 / 2
    computed = losses.undecided(losses.non_saturating(label_smoothing=0.25))
    d = 0.375
    critic = -0.75 * math.log(d) - 1.25 * math.log(1 - d)
    np.testing.assert_allclose(computed.critic, critic, rtol=0, atol=1e-7)
    np.testing.assert_allclose(computed.opponent_fake, -math.log(d), rtol=0, atol=1e-4)
