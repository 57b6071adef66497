"""Adversarial losses against numpy and the papers' known values."""

import numpy as np
import pytest
import tensorflow as tf

from zoo import losses

LOGITS = np.linspace(-30.0, 30.0, 61)


def made(name):
    return losses.LOSSES[name](**{"f_gan": {"divergence": "gan"}}.get(name, {}))


def values(function, logits=LOGITS):
    return function(tf.constant(logits, tf.float64)).numpy()


def softplus(v):
    return np.logaddexp(0.0, v)


# critic_real, critic_fake, opponent_real and opponent_fake of each row with its defaults
FORMULAS = {
    "f_gan": (softplus(-LOGITS), softplus(LOGITS), -softplus(-LOGITS), -softplus(LOGITS)),
    "hinge": (np.maximum(0, 1 - LOGITS), np.maximum(0, 1 + LOGITS), LOGITS, -LOGITS),
    "least_squares": (
        0.5 * (LOGITS - 1) ** 2,
        0.5 * LOGITS**2,
        0.5 * LOGITS**2,
        0.5 * (LOGITS - 1) ** 2,
    ),
    "minimax": (softplus(-LOGITS), softplus(LOGITS), -softplus(-LOGITS), -softplus(LOGITS)),
    "non_saturating": (softplus(-LOGITS), softplus(LOGITS), softplus(LOGITS), softplus(-LOGITS)),
    "wasserstein": (-LOGITS, LOGITS, LOGITS, -LOGITS),
}


def test_every_loss_has_its_formulas_here():
    assert set(FORMULAS) == set(losses.LOSSES)


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_terms_equal_their_formulas(name):
    for function, expected in zip(made(name)[:4], FORMULAS[name], strict=True):
        np.testing.assert_allclose(values(function), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", sorted(losses.LOSSES))
def test_terms_keep_the_shape(name):
    for function in made(name)[:4]:
        assert function(tf.zeros([3, 1])).shape == (3, 1)


@pytest.mark.parametrize("name", sorted(losses.LOSSES))
def test_opponents_push_their_branch_to_the_other_side(name):
    loss = made(name)
    v = tf.constant(0.5)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(v)
        real, fake = loss.opponent_real(v), loss.opponent_fake(v)
    assert tape.gradient(real, v) > 0  # descent lowers the logit of the real branch
    assert tape.gradient(fake, v) < 0


def test_zero_logits_give_the_value_of_equilibrium():
    loss = losses.minimax()
    zero = tf.constant(0.0, tf.float64)
    np.testing.assert_allclose(
        float(loss.critic_real(zero) + loss.critic_fake(zero)), np.log(4.0), rtol=1e-12
    )


def test_minimax_value_at_the_optimal_critic_is_the_jensen_shannon_divergence():
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(7)), rng.dirichlet(np.ones(7))
    m = (p + q) / 2
    divergence = 0.5 * np.sum(p * np.log(p / m)) + 0.5 * np.sum(q * np.log(q / m))
    loss = losses.minimax()
    logits = np.log(p / q)
    value = -np.sum(p * values(loss.critic_real, logits)) - np.sum(
        q * values(loss.critic_fake, logits)
    )
    np.testing.assert_allclose(value, -np.log(4.0) + 2 * divergence, rtol=1e-12)


def test_least_squares_at_its_optimal_critic_is_pearson():
    rng = np.random.default_rng(1)
    p, q = rng.dirichlet(np.ones(7)), rng.dirichlet(np.ones(7))
    loss = losses.least_squares(fake=-1.0, real=1.0, target=0.0)
    logits = (p - q) / (p + q)
    value = 2 * np.sum((p + q) * values(loss.opponent_fake, logits))
    np.testing.assert_allclose(value, np.sum((p - q) ** 2 / (p + q)), rtol=1e-12)


def test_label_smoothing_moves_the_optimum_to_the_smoothed_target():
    real = losses.non_saturating(label_smoothing=0.1).critic_real
    optimum = LOGITS[:, None] * 0 + np.log(0.9 / 0.1)
    v = tf.constant(optimum)
    with tf.GradientTape() as tape:
        tape.watch(v)
        loss = real(v)
    np.testing.assert_allclose(tape.gradient(loss, v).numpy(), 0.0, atol=1e-12)


def test_equal_labels_are_refused():
    with pytest.raises(ValueError, match="must differ"):
        losses.least_squares(fake=1.0, real=1.0)


def test_smoothing_outside_its_range_is_refused():
    with pytest.raises(ValueError, match=r"\[0, 1\)"):
        losses.minimax(label_smoothing=1.0)
