"""Adversarial variational Bayes on a linear-Gaussian model with a known adversary and evidence."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from zoo import contrasts, likelihoods, noise, priors
from zoo.games import AVB, VAE
from zoo.networks import implicit, joint

W, STD = 1.5, 0.7  # p(x | z) = N(W z, STD**2), p(z) = N(0, 1), so that p(x) = N(0, W**2 + STD**2)
X = np.random.default_rng(0).normal(0.0, 1.6, (4096, 1)).astype("float32")
SLOPE, SPREAD = (
    W / (W**2 + STD**2),
    STD / np.sqrt(W**2 + STD**2),
)  # the exact posterior is N(SLOPE x, SPREAD**2)


def sampler(slope=SLOPE, spread=SPREAD):
    network = implicit.encoder(latent=1, shape=(1,), units=(), noise=1)
    network.set_weights([np.array([[slope], [spread]]), np.zeros(1)])
    return network


def decoder(units=1):
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(units, use_bias=False)])
    network.layers[0].set_weights([np.full((1, units), W)])
    return network


@keras.saving.register_keras_serializable(package="test")
class Best(keras.layers.Layer):
    """log q(z | x) - log p(z) for q = N(slope x, spread**2)."""

    def __init__(self, slope=SLOPE, spread=SPREAD):
        super().__init__()
        self.slope, self.spread = slope, spread

    def call(self, x, z):
        return (
            -0.5 * tf.square((z - self.slope * x) / self.spread)
            - np.log(self.spread)
            + 0.5 * tf.square(z)
        )


class Zero(keras.layers.Layer):
    def call(self, x, z):
        return 0.0 * z


def adversary(layer):
    x, z = keras.Input((1,)), keras.Input((1,))
    return keras.Model([x, z], layer(x, z))


def made(layer=None, **options):
    parts = {
        "encoder": sampler(),
        "decoder": decoder(),
        "adversary": adversary(layer or Best()),
        "prior": priors.normal(1),
        "likelihood": likelihoods.gaussian(STD),
        "contrast": contrasts.standard(),
    }
    return AVB(**parts | options)


def loss_of(game, player):
    draws = noise.Noise(seed=0, step=tf.constant(0), player=0, move=0, batch=len(X))
    loss, logs = game.players()[player].loss({"x": tf.constant(X)}, draws)
    return float(loss), {name: float(value) for name, value in logs.items()}


def test_the_bound_at_the_exact_posterior_with_the_best_adversary_is_the_evidence():
    loss, logs = loss_of(made(), "autoencoder")
    evidence = stats.norm.logpdf(X, 0.0, np.sqrt(W**2 + STD**2)).mean()
    # log p(x | z) - log q(z | x) + log p(z) is log p(x) whatever z is
    np.testing.assert_allclose(logs["elbo"], evidence, rtol=1e-5)
    np.testing.assert_allclose(loss, -logs["elbo"], rtol=1e-6)


def test_the_kl_read_off_the_best_adversary_is_the_posteriors():
    slope, spread = 0.2, 0.5
    _, logs = loss_of(made(Best(slope, spread), encoder=sampler(slope, spread)), "autoencoder")
    expected = np.mean(0.5 * (spread**2 + (slope * X.astype(float)) ** 2 - 1.0) - np.log(spread))
    np.testing.assert_allclose(logs["kl"], expected, atol=0.05)  # 4096 draws


def test_the_adversary_is_best_at_the_log_ratio_and_worth_log_4_at_zero():
    best, logs = loss_of(made(), "adversary")
    zero, _ = loss_of(made(Zero()), "adversary")
    np.testing.assert_allclose(zero, np.log(4.0), rtol=1e-5)
    assert best < zero and logs["adversary_accuracy"] > 0.5
    for other in (Best(SLOPE + 0.2), Best(SLOPE, 1.3 * SPREAD)):
        assert loss_of(made(other), "adversary")[0] > best


def test_beta_weighs_the_log_ratio():
    (one, logs), (four, same) = (loss_of(made(beta=beta), "autoencoder") for beta in (1.0, 4.0))
    assert logs == same
    np.testing.assert_allclose(four - one, 3.0 * logs["kl"], rtol=1e-4)


def summed():
    return implicit.bases(latent=1, shape=(1,), units=(3,), count=4, noise=2, basis_units=(5,))


def test_moments_of_a_sum_of_bases_are_the_batchs():
    game = made(encoder=summed(), contrast=contrasts.adaptive())
    eps = np.random.default_rng(1).normal(size=(len(X), 4, 2)).astype("float32")
    z, mean, std = game._posterior(tf.constant(X), tf.constant(eps), training=True)
    first, weights, bases = (np.asarray(part, np.float64) for part in game.encoder([X, eps]))
    np.testing.assert_allclose(z, first + (weights * bases).sum(axis=1), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        mean, first + (weights * bases.mean(axis=0)).sum(axis=1), rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(
        std, np.sqrt((weights**2 * bases.var(axis=0)).sum(axis=1) + 1e-4), rtol=1e-4
    )


def test_the_adaptive_bound_of_a_gaussian_posterior_needs_no_adversary():
    # q is its own r, so T = 0 is best and log r - log p is the KL
    game = made(Zero(), encoder=summed(), contrast=contrasts.adaptive())
    eps = np.random.default_rng(2).normal(size=(len(X), 4, 2)).astype("float32")
    z, mean, std = (
        part.numpy() for part in game._posterior(tf.constant(X), tf.constant(eps), training=True)
    )
    actual = game._log_ratio(
        tf.constant(X), tf.constant(z), tf.constant(mean), tf.constant(std), training=True
    )
    expected = stats.norm.logpdf(z, mean, std) - stats.norm.logpdf(z)
    np.testing.assert_allclose(actual, expected[:, 0], rtol=1e-3, atol=1e-4)


def test_training_brings_the_posterior_to_the_exact_one():
    keras.utils.set_random_seed(0)
    game = made(
        encoder=sampler(0.1, 0.8),
        adversary=joint.critic(latent=1, shape=(1,), units=(64, 64), activation="elu"),
        adversary_updates=2,
    )
    game.decoder.trainable = False
    game.compile(
        {"adversary": keras.optimizers.Adam(3e-3), "autoencoder": keras.optimizers.Adam(3e-3)},
        steps_per_execution=100,
    )
    x = np.random.default_rng(1).normal(0.0, np.sqrt(W**2 + STD**2), (2**16, 1)).astype("float32")
    data = tf.data.Dataset.from_tensor_slices(x).batch(512, drop_remainder=True).repeat()
    game.fit(data, steps_per_epoch=2000, verbose=0)
    slope, spread = game.encoder.get_layer("codes").get_weights()[0][:, 0]
    np.testing.assert_allclose([slope, abs(spread)], [SLOPE, SPREAD], atol=0.06)


def test_alternating_step_is_two_moves_of_the_adversary_and_one_against_the_new_one():
    """Each move has fresh draws, as in the notebook of the toy; the two moves fresh data too."""
    x = X[:16]

    def game():
        keras.utils.set_random_seed(0)
        critic = joint.critic(latent=1, shape=(1,), units=(4,))
        alternating = made(schedule="alternating", adversary_updates=2)
        alternating.adversary = critic
        return alternating

    stepped, manual = game(), game()
    rates = {"adversary": 0.5, "autoencoder": 0.1}
    stepped.compile({name: keras.optimizers.SGD(rate) for name, rate in rates.items()})
    stepped.train_step({"x": tf.constant(x)})
    players = manual.players()
    for position, name, move in [(0, "adversary", 0), (0, "adversary", 1), (1, "autoencoder", 0)]:
        draw = noise.Noise(
            seed=0, step=tf.constant(0, tf.int64), player=position, move=move, batch=8
        )
        variables = players[name].trainable_variables
        with tf.GradientTape() as tape:
            loss, _ = players[name].loss({"x": tf.constant(x[move::2])}, draw)
        for variable, gradient in zip(variables, tape.gradient(loss, [v.value for v in variables])):
            variable.assign_sub(rates[name] * gradient)
    for network in ("adversary", "encoder", "decoder"):
        for ours, expected in zip(
            getattr(stepped, network).weights, getattr(manual, network).weights, strict=True
        ):
            np.testing.assert_allclose(ours.numpy(), expected.numpy(), rtol=1e-5, atol=1e-7)


def test_endpoints_take_the_noise_and_score_by_the_likelihood():
    endpoints = made().endpoints()
    x, eps = (
        tf.constant(X[:5]),
        tf.constant(np.random.default_rng(3).normal(size=(5, 1)).astype("float32")),
    )
    z = SLOPE * X[:5] + SPREAD * eps.numpy()
    np.testing.assert_allclose(endpoints["encode"].function(x, eps)["z"], z, rtol=1e-5)
    np.testing.assert_allclose(
        endpoints["reconstruct"].function(x=x, noise=eps)["point"], W * z, rtol=1e-5
    )
    half = endpoints["interpolate"].function(x, x[::-1], tf.fill([5], 0.25), eps)["point"]
    ends = SLOPE * (0.75 * X[:5] + 0.25 * X[:5][::-1]) + SPREAD * eps.numpy()
    np.testing.assert_allclose(half, W * ends, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        endpoints["score"].function(x, eps)["score"],
        -stats.norm.logpdf(X[:5, 0], W * z[:, 0], STD),
        rtol=1e-4,
    )
    # without a hidden layer the encoder's features are its inputs
    distance = np.square(X[:5, 0] - W * z[:, 0])
    np.testing.assert_allclose(
        endpoints["score"].function(x, eps)["feature_distance"], distance, rtol=1e-3, atol=1e-6
    )
    drawn = endpoints["encode"].example(tf.range(3, dtype=tf.int64))
    assert {name: tuple(value.shape) for name, value in drawn.items()} == {
        "x": (3, 1),
        "noise": (3, 1),
    }


def test_a_latent_model_has_the_exact_ratio_of_a_vae_and_the_adversarys_of_avb():
    class Rows:
        def normal(self, shape):
            return tf.constant(np.random.default_rng(4).normal(size=(5, *shape)).astype("float32"))

    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])
    network.layers[0].set_weights([np.array([[SLOPE, 0.0]]), np.array([0.0, 2.0 * np.log(SPREAD)])])
    vae = VAE(
        encoder=network,
        decoder=decoder(),
        prior=priors.normal(1),
        likelihood=likelihoods.gaussian(STD),
    )
    evidence = stats.norm.logpdf(X[:5, 0], 0.0, np.sqrt(W**2 + STD**2))
    for game, exact in ((vae, True), (made(), False)):
        model = game.latent_model()
        z, log_ratio = model.log_ratio(tf.constant(X[:5]), Rows())
        assert model.exact is exact
        np.testing.assert_allclose(model.posterior(tf.constant(X[:5]), Rows()), z, rtol=1e-6)
        np.testing.assert_allclose(
            model.log_likelihood(tf.constant(X[:5]), z) - log_ratio, evidence, rtol=1e-4
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"encoder": keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])},
            r"must take \[x, noise\]",
        ),
        (
            {"encoder": implicit.encoder(latent=2, shape=(1,), units=(), noise=1)},
            r"must take \[x, noise\]",
        ),
        ({"decoder": decoder(2)}, "give what `encoder` takes"),
        ({"adversary": joint.critic(latent=2, shape=(1,), units=(3,))}, "`adversary` must take"),
        ({"contrast": contrasts.adaptive()}, "needs the posterior's moments"),
        ({"adversary_updates": 0}, "at least 1"),
        ({"binarize": True}, r"examples in \[0, 1\]"),
    ],
    ids=["one input", "latent", "decoder", "adversary", "contrast", "updates", "binarize"],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        made(**options)
