"""BiGAN and ALI: the two pairs, whose loss moves what, and endpoints, on linear networks."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import special

from zoo import losses, noise, priors
from zoo.games import BiGAN
from zoo.networks import joint

MEAN, STD = 1.5, 0.5  # x ~ N(MEAN, STD**2), which G(z) = MEAN + STD * z makes of z ~ N(0, 1)
X = (MEAN + STD * np.random.default_rng(0).standard_normal((4096, 1))).astype("float32")


def linear(slope, offset, units=1):
    network = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(units, name="features"), keras.layers.Dense(units)]
    )
    network.layers[0].set_weights([np.full((1, units), slope), np.full(units, offset)])
    network.layers[1].set_weights([np.eye(units), np.zeros(units)])
    return network


def critic(a=0.7, b=-0.4):
    """D(x, z) = a x + b z."""
    x, z = keras.Input((1,), name="x"), keras.Input((1,), name="z")
    logits = keras.layers.Dense(1, use_bias=False)(keras.layers.Concatenate()([x, z]))
    network = keras.Model([x, z], logits)
    network.set_weights([np.array([[a], [b]])])
    return network


def made(**options):
    parts = {
        "generator": linear(STD, MEAN),
        "encoder": linear(1.0 / STD, -MEAN / STD),
        "critic": critic(),
        "prior": priors.normal(1),
        "loss": losses.non_saturating(),
        "value_range": None,
    }
    return BiGAN(**parts | options)


def draws():
    return noise.Noise(seed=0, step=tf.constant(0), player=0, move=0, batch=len(X))


def loss_of(game, player):
    loss, logs = game.players()[player].loss({"x": tf.constant(X)}, draws())
    return float(loss), {name: float(value) for name, value in logs.items()}


@pytest.mark.parametrize("name", ["minimax", "non_saturating", "least_squares"])
def test_both_losses_are_the_papers_on_both_pairs(name):
    z = draws().normal((1,)).numpy()
    real, fake = 0.7 * X - 0.4 * (X - MEAN) / STD, 0.7 * (MEAN + STD * z) - 0.4 * z
    real, fake = real.astype(float), fake.astype(float)
    one, zero = lambda v: -special.log_expit(v), lambda v: -special.log_expit(-v)
    expected = {
        "minimax": (one(real).mean() + zero(fake).mean(), -one(real).mean() - zero(fake).mean()),
        "non_saturating": (
            one(real).mean() + zero(fake).mean(),
            zero(real).mean() + one(fake).mean(),
        ),
        "least_squares": (
            0.5 * np.mean((real - 1.0) ** 2) + 0.5 * np.mean(fake**2),
            0.5 * np.mean(real**2) + 0.5 * np.mean((fake - 1.0) ** 2),
        ),
    }[name]
    game = made(loss=getattr(losses, name)())
    np.testing.assert_allclose(
        [loss_of(game, "critic")[0], loss_of(game, "generator")[0]], expected, rtol=1e-5
    )


def test_inverse_networks_make_pairs_that_no_linear_critic_tells_apart():
    game = made()
    real, fake = game._pairs(tf.constant(X), draws())
    real, fake = (np.concatenate(pair, axis=1).astype(float) for pair in (real, fake))
    np.testing.assert_allclose(real.mean(axis=0), fake.mean(axis=0), atol=0.06)
    np.testing.assert_allclose(np.cov(real.T), np.cov(fake.T), atol=0.06)
    # with the encoder's sign turned, the pairs lie on two different lines
    turned, _ = made(encoder=linear(-1.0 / STD, MEAN / STD))._pairs(tf.constant(X), draws())
    np.testing.assert_allclose(np.corrcoef(np.concatenate(turned, axis=1).T)[0, 1], -1.0, atol=1e-5)


def test_generator_and_encoder_move_together_and_the_critic_by_itself():
    game = made()
    game.compile({name: keras.optimizers.SGD(0.1) for name in ("critic", "generator")})
    players = game.players()
    assert players["critic"].networks == (game.critic,)
    assert players["generator"].networks == (game.generator, game.encoder)
    before = [
        v.numpy()
        for network in (game.generator, game.encoder, game.critic)
        for v in network.trainable_variables
    ]
    game.fit(X, batch_size=512, verbose=0)
    after = [
        v.numpy()
        for network in (game.generator, game.encoder, game.critic)
        for v in network.trainable_variables
    ]
    assert all(np.any(a != b) for a, b in zip(before, after))


def test_a_stochastic_encoder_draws_its_codes():
    encoder = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])
    encoder.layers[0].set_weights([np.array([[2.0, 0.0]]), np.array([0.5, 2.0 * np.log(0.3)])])
    game = made(encoder=encoder)
    (_, code), _ = game._pairs(tf.constant(X), draws())
    rest = (code.numpy() - 2.0 * X - 0.5) / 0.3
    np.testing.assert_allclose([rest.mean(), rest.std()], [0.0, 1.0], atol=0.05)
    codes = game.endpoints()["encode"].function(tf.constant(X[:3]))
    np.testing.assert_allclose(codes["mean"], 2.0 * X[:3] + 0.5, rtol=1e-5)
    np.testing.assert_allclose(codes["std"], np.full((3, 1), 0.3), rtol=1e-5)


def test_the_score_is_the_sum_of_squares_over_features():
    """Reconstructions are off by 1, 2 and 3 in the three features."""
    z, x = keras.Input((1,)), keras.Input((3,))
    generator = keras.Model(z, keras.layers.Dense(3)(z))
    generator.set_weights([np.zeros((1, 3)), np.array([1.0, -2.0, 3.0])])
    encoder = keras.Sequential([x, keras.layers.Dense(1, name="features")])
    pair = keras.layers.Concatenate()([x, z])
    game = made(
        generator=generator,
        encoder=encoder,
        critic=keras.Model([x, z], keras.layers.Dense(1)(pair)),
    )
    score = game.endpoints()["score"].function(tf.zeros((5, 3)))["score"]
    np.testing.assert_allclose(score, np.full(5, 14.0), rtol=1e-6)


def test_endpoints_invert_each_other():
    endpoints = made().endpoints()
    x = tf.constant(X[:5])
    np.testing.assert_allclose(
        endpoints["encode"].function(x)["z"], (X[:5] - MEAN) / STD, rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(endpoints["reconstruct"].function(x)["point"], X[:5], rtol=1e-5)
    np.testing.assert_allclose(endpoints["score"].function(x)["score"], np.zeros(5), atol=1e-6)
    np.testing.assert_allclose(
        endpoints["features"].function(x)["features"], (X[:5] - MEAN) / STD, rtol=1e-4, atol=1e-5
    )
    off = (
        made(encoder=linear(1.0 / STD, -MEAN / STD + 2.0)).endpoints()["score"].function(x)["score"]
    )
    np.testing.assert_allclose(off, np.full(5, (2.0 * STD) ** 2), rtol=1e-4)
    # the first layer's outputs are 1 / STD times as far apart as the examples
    far = (
        made(encoder=linear(1.0 / STD, -MEAN / STD + 2.0))
        .endpoints()["score"]
        .function(x)["feature_distance"]
    )
    np.testing.assert_allclose(far, np.full(5, 2.0**2), rtol=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"generator": linear(1.0, 0.0, units=2)}, "give what `encoder` takes"),
        ({"encoder": linear(1.0, 0.0, units=3)}, r"must give codes \[B, 1\]"),
        ({"critic": joint.critic(latent=2, shape=(1,), units=(3,))}, "`critic` must take"),
    ],
    ids=["generator", "encoder", "critic"],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        made(**options)


def test_the_critic_sees_augmented_images_and_the_encoder_plain_ones():
    loss = losses.wasserstein()
    plain = made(loss=loss)
    doubled = made(loss=loss, augmentation=lambda x, noise: 2.0 * x)
    batch = {"x": tf.constant(X)}
    real, fake = doubled._pairs(batch["x"], draws())
    plain_real, plain_fake = plain._pairs(batch["x"], draws())
    np.testing.assert_allclose(real[0], 2.0 * plain_real[0], rtol=1e-6)
    np.testing.assert_allclose(fake[0], 2.0 * plain_fake[0], rtol=1e-6)
    np.testing.assert_array_equal(real[1], plain_real[1])
    np.testing.assert_array_equal(fake[1], plain_fake[1])
