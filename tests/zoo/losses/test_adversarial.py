"""What holds of every row in the table of losses, and of the two constructors."""

import numpy as np
import pytest
import tensorflow as tf

from zoo import losses

NAMES = sorted(losses.LOSSES)
TERMS = losses.AdversarialLoss._fields[:4]
OPTIONS = {"f_gan": {"divergence": "gan"}}
EXTREME = np.array([-1e4, -100.0, -1.0, 0.0, 1.0, 100.0, 1e4], np.float32)


def made(name):
    return losses.LOSSES[name](**OPTIONS.get(name, {}))


def slopes(function, logits):
    x = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return tape.gradient(y, x).numpy()


@pytest.mark.parametrize("shape", [(), (3,), (3, 1), (2, 3, 1)], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_terms_reduce_nothing(name, shape):
    logits = tf.constant(np.random.default_rng(0).normal(size=shape).astype("float32"))
    for term in made(name)[:4]:
        assert term(logits).shape == shape
        assert term(logits).dtype == tf.float32


@pytest.mark.parametrize("name", NAMES)
def test_terms_are_pointwise(name):
    for term in made(name)[:4]:
        alone = np.stack([term(tf.constant(logit)).numpy() for logit in EXTREME])
        np.testing.assert_allclose(term(tf.constant(EXTREME)).numpy(), alone, rtol=1e-6, atol=0)


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("name", NAMES)
def test_terms_and_their_slopes_are_finite_at_extreme_logits(name, term):
    function = getattr(made(name), term)
    assert np.isfinite(function(tf.constant(EXTREME)).numpy()).all()
    assert np.isfinite(slopes(function, EXTREME)).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_critic_raises_real_logits_and_lowers_fake_ones(name):
    # from where a critic starts, logits near 0; far beyond its labels least squares pulls back
    logits = np.linspace(-0.9, 0.9, 7).astype("float32")
    loss = made(name)
    assert (slopes(loss.critic_real, logits) < 0).all()
    below = (
        logits[logits > 0] if name == "least_squares" else logits
    )  # its label of generated data is 0
    assert (slopes(loss.critic_fake, below) > 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_generator_raises_fake_logits_wherever_the_critic_put_them(name):
    logits = np.linspace(-8.0, 0.9, 20).astype("float32")
    assert (slopes(made(name).opponent_fake, logits) < 0).all()


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"f_gan", "minimax"}))
def test_the_generator_learns_from_a_critic_that_is_sure(name):
    # minimax saturates: section 3 of the first paper is about that
    assert slopes(made(name).opponent_fake, np.float32(-30.0)) < -0.9


def test_minimax_saturates_where_the_critic_is_sure():
    np.testing.assert_allclose(
        slopes(made("minimax").opponent_fake, np.float32(-30.0)), -np.exp(-30.0), rtol=1e-5
    )


@pytest.mark.parametrize("name", ["f_gan", "minimax", "wasserstein"])
def test_zero_sum_rows_add_up_to_nothing(name):
    loss = made(name)
    for critic, opponent in (
        (loss.critic_real, loss.opponent_real),
        (loss.critic_fake, loss.opponent_fake),
    ):
        np.testing.assert_array_equal(
            opponent(tf.constant(EXTREME)).numpy(), -critic(tf.constant(EXTREME)).numpy()
        )


@pytest.mark.parametrize("name", ["least_squares", "non_saturating"])
def test_swapped_rows_exchange_the_labels(name):
    loss = made(name)
    for critic, opponent in (
        (loss.critic_real, loss.opponent_fake),
        (loss.critic_fake, loss.opponent_real),
    ):
        np.testing.assert_array_equal(
            opponent(tf.constant(EXTREME)).numpy(), critic(tf.constant(EXTREME)).numpy()
        )


def test_zero_sum_negates_both_terms():
    loss = losses.zero_sum(lambda t: 2.0 * t, lambda t: t**2)
    assert [float(term(tf.constant(3.0))) for term in loss[:4]] == [6.0, 9.0, -6.0, -9.0]


def test_swapped_gives_each_opponent_the_other_term():
    loss = losses.swapped(lambda t: 2.0 * t, lambda t: t**2)
    assert [float(term(tf.constant(3.0))) for term in loss[:4]] == [6.0, 9.0, 9.0, 6.0]


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
def test_smoothing_changes_the_critics_real_term_only(name):
    plain, smoothed = losses.LOSSES[name](), losses.LOSSES[name](label_smoothing=0.1)
    for term in TERMS:
        before, after = (
            getattr(loss, term)(tf.constant(EXTREME[1:-1])).numpy() for loss in (plain, smoothed)
        )
        if term == "critic_real":
            t = EXTREME[1:-1].astype("float64")
            np.testing.assert_allclose(
                after, 0.9 * np.logaddexp(0, -t) + 0.1 * np.logaddexp(0, t), rtol=1e-6
            )
        else:
            np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("name", ["f_gan", "minimax", "non_saturating"])
def test_the_optimal_critic_is_the_log_ratio_of_the_densities(name):
    rng = np.random.default_rng(3)
    p, q = rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6))
    loss = made(name)
    slope = p * slopes(loss.critic_real, np.log(p / q)) + q * slopes(
        loss.critic_fake, np.log(p / q)
    )
    np.testing.assert_allclose(slope, 0.0, atol=1e-12)


def test_least_squares_with_its_defaults_has_the_equilibrium_of_the_paper():
    loss = made("least_squares")
    half = tf.constant(0.5, tf.float64)  # D* = (b p + a q) / (p + q) at p = q
    np.testing.assert_allclose(
        slopes(loss.critic_real, 0.5) + slopes(loss.critic_fake, 0.5), 0.0, atol=1e-12
    )
    np.testing.assert_allclose(
        float(loss.critic_real(half) + loss.critic_fake(half)), 0.25, rtol=1e-12
    )
    np.testing.assert_allclose(float(loss.opponent_fake(half)), 0.125, rtol=1e-12)
