"""The variational autoencoder against the exact evidence of a linear-Gaussian model."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from zoo import likelihoods, noise, priors
from zoo.games import VAE

W, STD = 1.5, 0.7  # p(x | z) = N(W z, STD**2), p(z) = N(0, 1), so that p(x) = N(0, W**2 + STD**2)
X = np.random.default_rng(0).normal(0.0, 1.6, (4096, 1)).astype("float32")


def encoder(slope, log_variance):
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])
    network.layers[0].set_weights([np.array([[slope, 0.0]]), np.array([0.0, log_variance])])
    return network


def decoder(w=W):
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    network.layers[0].set_weights([np.array([[w]])])
    return network


BEST = (
    W / (W**2 + STD**2),
    np.log(STD**2 / (W**2 + STD**2)),
)  # of the exact posterior N(W x / (..), STD**2 / (..))


def made(slope=BEST[0], log_variance=BEST[1], **options):
    return VAE(
        encoder=encoder(slope, log_variance),
        decoder=decoder(),
        prior=priors.normal(1),
        **{"likelihood": likelihoods.gaussian(STD)} | options,
    )


def draws():
    return noise.Noise(seed=0, step=tf.constant(0), player=0, move=0, batch=len(X))


def bound(game):
    loss, logs = game.players()["autoencoder"].loss({"x": tf.constant(X)}, draws())
    return float(loss), {name: float(value) for name, value in logs.items()}


def test_the_bound_at_the_exact_posterior_is_the_evidence():
    loss, logs = bound(made())
    evidence = stats.norm.logpdf(X, 0.0, np.sqrt(W**2 + STD**2)).mean()
    # one draw an example: the standard error of the mean over 4096 of them is below 0.01
    np.testing.assert_allclose(logs["elbo"], evidence, atol=0.04)
    np.testing.assert_allclose(loss, -logs["elbo"], rtol=1e-6)
    np.testing.assert_allclose(logs["elbo"], logs["log_likelihood"] - logs["kl"], rtol=1e-5)


@pytest.mark.parametrize(
    ("slope", "log_variance"),
    [(0.0, 0.0), (BEST[0], 0.0), (-BEST[0], BEST[1])],
    ids=["prior", "wide", "mirrored"],
)
def test_any_other_posterior_is_below_the_evidence_by_its_kl(slope, log_variance):
    _, logs = bound(made(slope, log_variance))
    # E_x KL(N(slope x, v) || N(BEST x, u)), in closed form
    v, u = np.exp(log_variance), np.exp(BEST[1])
    gap = 0.5 * (
        v / u - 1.0 + np.log(u / v) + (slope - BEST[0]) ** 2 * np.mean(X.astype(float) ** 2) / u
    )
    evidence = stats.norm.logpdf(X, 0.0, np.sqrt(W**2 + STD**2)).mean()
    np.testing.assert_allclose(logs["elbo"], evidence - gap, rtol=0.03)


def test_beta_weighs_the_divergence_and_leaves_the_bound():
    one, logs = bound(made())
    four, same = bound(made(beta=4.0))
    assert logs == same
    np.testing.assert_allclose(four - one, 3.0 * logs["kl"], rtol=1e-5)


def test_monte_carlo_kl_is_that_of_the_draw_that_is_decoded():
    loss, logs = bound(made(kl="monte_carlo"))
    eps = draws().normal((1,)).numpy().astype(float)
    z = BEST[0] * X.astype(float) + np.exp(0.5 * BEST[1]) * eps
    kl = np.mean(0.5 * z**2 - 0.5 * BEST[1] - 0.5)
    log_likelihood = stats.norm.logpdf(X, W * z, STD).mean()
    np.testing.assert_allclose(logs["kl"], kl, rtol=1e-5)
    np.testing.assert_allclose(logs["log_likelihood"], log_likelihood, rtol=1e-5)
    np.testing.assert_allclose(loss, kl - log_likelihood, rtol=1e-5)
    np.testing.assert_allclose(logs["elbo"], -loss, rtol=1e-6)
    assert abs(logs["kl"] - bound(made())[1]["kl"]) > 1e-4


def test_binarized_pixels_are_drawn_with_their_own_probability():
    network = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(2, kernel_initializer="zeros")]
    )
    outputs = keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.Dense(1, kernel_initializer="zeros", bias_initializer="ones"),
        ]
    )
    game = VAE(
        encoder=network,
        decoder=outputs,
        prior=priors.normal(1),
        likelihood=likelihoods.bernoulli(),
        binarize=True,
    )
    x = np.full((4096, 1), 0.3, np.float32)
    _, logs = game.players()["autoencoder"].loss({"x": tf.constant(x)}, draws())
    ones = logs["log_likelihood"] + np.logaddexp(
        0.0, 1.0
    )  # x * 1 - softplus(1), so that the mean tells the share of ones
    np.testing.assert_allclose(ones, 0.3, atol=5 * np.sqrt(0.21 / 4096))


def test_training_raises_the_bound_to_the_evidence():
    keras.utils.set_random_seed(0)
    game = made(slope=0.1, log_variance=0.0)
    game.decoder.trainable = False
    x = np.random.default_rng(1).normal(0.0, np.sqrt(W**2 + STD**2), (8192, 1)).astype("float32")
    game.compile({"autoencoder": keras.optimizers.Adam(0.02)})
    game.fit(x, batch_size=128, epochs=6, verbose=0)
    kernel, bias = game.encoder.layers[0].get_weights()
    np.testing.assert_allclose([kernel[0, 0], bias[1]], BEST, atol=0.05)


def test_endpoints_are_the_posterior_its_reconstruction_and_minus_the_bound_at_the_mean():
    endpoints = made().endpoints()
    x = tf.constant(X[:5])
    codes = endpoints["encode"].function(x)
    np.testing.assert_allclose(codes["mean"], BEST[0] * X[:5], rtol=1e-5)
    np.testing.assert_allclose(codes["std"], np.full((5, 1), np.exp(0.5 * BEST[1])), rtol=1e-5)
    np.testing.assert_allclose(
        endpoints["reconstruct"].function(x)["point"], W * BEST[0] * X[:5], rtol=1e-5
    )
    half = endpoints["interpolate"].function(x, x[::-1], tf.fill([5], 0.25))["point"]
    np.testing.assert_allclose(
        half, W * BEST[0] * (0.75 * X[:5] + 0.25 * X[:5][::-1]), rtol=1e-4, atol=1e-6
    )
    mean, v = BEST[0] * X[:5, 0].astype(float), np.exp(BEST[1])
    kl = 0.5 * (v - 1.0 - np.log(v) + mean**2)
    np.testing.assert_allclose(
        endpoints["score"].function(x)["score"],
        kl - stats.norm.logpdf(X[:5, 0], W * mean, STD),
        rtol=1e-4,
    )
    assert endpoints["sample"].function(tf.range(3, dtype=tf.int64))["point"].shape == (3, 1)


def test_a_latent_model_draws_codes_with_the_deviation_of_the_posterior():
    class Twos:
        def normal(self, shape):
            return tf.fill([3, *shape], 2.0)

    model = made(slope=0.5, log_variance=2.0 * np.log(0.3)).latent_model()
    z, _ = model.log_ratio(tf.constant(X[:3]), Twos())
    np.testing.assert_allclose(z, 0.5 * X[:3] + 0.3 * 2.0, rtol=1e-5)


def test_the_score_of_bits_has_the_example_and_the_logits_in_their_places():
    x = np.array([[1.0], [0.0], [1.0]], np.float32)
    score = made(likelihood=likelihoods.bernoulli()).endpoints()["score"].function(tf.constant(x))
    mean, v = BEST[0] * x[:, 0].astype(float), np.exp(BEST[1])
    kl, logits = 0.5 * (v - 1.0 - np.log(v) + mean**2), W * mean
    log_prob = x[:, 0] * logits - np.logaddexp(0.0, logits)
    np.testing.assert_allclose(score["score"], kl - log_prob, rtol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"encoder": keras.Sequential([keras.Input((1,)), keras.layers.Dense(3)])},
            "a mean and a log variance",
        ),
        (
            {"decoder": keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])},
            "give what `encoder` takes",
        ),
        (
            {"decoder": keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, "sigmoid")])},
            "end in a linear layer.*sigmoid",
        ),
        ({"prior": priors.uniform(1)}, r"must be N\(0, I\)"),
        ({"binarize": True}, r"examples in \[0, 1\]"),
        ({"kl": "monte_carl"}, "Did you mean 'monte_carlo'"),
    ],
    ids=["encoder", "decoder", "activation", "prior", "binarize", "kl"],
)
def test_what_does_not_fit_is_refused(options, message):
    parts = {
        "encoder": encoder(1.0, 0.0),
        "decoder": decoder(),
        "prior": priors.normal(1),
        "likelihood": likelihoods.gaussian(STD),
    }
    with pytest.raises(ValueError, match=message):
        VAE(**parts | options)
