"""AGE: both losses in numpy, who moves, and endpoints."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import noise, priors
from zoo.games import AGE

X = np.random.default_rng(0).normal(size=(256, 3)).astype("float32")
KERNELS = [
    np.random.default_rng(seed).normal(size=size) for seed, size in ((1, (3, 4)), (2, (4, 3)))
]


SPHERE = priors.sphere(4)
# a thousandth wider than the sphere
WIDER = SPHERE._replace(sample=lambda source: 1.001 * SPHERE.sample(source))


def linear(inputs, outputs, kernel=None):
    network = keras.Sequential(
        [keras.Input((inputs,)), keras.layers.Dense(outputs, use_bias=False)]
    )
    if kernel is not None:
        network.layers[0].set_weights([kernel])
    return network


def made(**options):
    parts = {
        "encoder": linear(3, 4, KERNELS[0]),
        "generator": linear(4, 3, KERNELS[1]),
        "prior": priors.sphere(4),
        "value_range": None,
    }
    return AGE(**parts | options)


def draws():
    return noise.Noise(seed=0, step=tf.constant(0), player=0, move=0, batch=len(X))


def loss_of(game, player):
    loss, logs = game.players()[player].loss({"x": tf.constant(X)}, draws())
    return float(loss), {name: float(value) for name, value in logs.items()}


def codes(x):
    x = x.astype(float) @ KERNELS[0]
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def kl(z, slip):
    mean, spread = z.mean(axis=0), z.var(axis=0) if slip else z.std(axis=0)
    return 0.5 * (spread**2 + mean**2) - np.log(spread) - 0.5


@pytest.mark.parametrize("official_code", [False, True])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_both_losses_are_the_papers(reduction, official_code):
    game = made(
        reduction=reduction, official_code=official_code, data_weight=7.0, latent_weight=30.0
    )
    over = np.mean if reduction == "mean" else np.sum
    z = priors.sphere(4).sample(draws()).numpy().astype(float)
    fake = codes(z @ KERNELS[1])
    real, of_fake = (over(kl(values, official_code)) for values in (codes(X), fake))
    error = np.abs(X - codes(X) @ KERNELS[1]).mean()
    loss, logs = loss_of(game, "encoder")
    np.testing.assert_allclose(loss, real - of_fake + 7.0 * error, rtol=1e-4)
    np.testing.assert_allclose(
        [logs["kl_real"], logs["kl_fake"], logs["reconstruction_error"]],
        [real, of_fake, error],
        rtol=1e-4,
    )
    latent = np.mean(0.5 * over((z - fake) ** 2, axis=1))
    loss, logs = loss_of(game, "generator")
    np.testing.assert_allclose(loss, of_fake + 30.0 * latent, rtol=1e-4)
    np.testing.assert_allclose(logs["latent_error"], latent, rtol=1e-4)
    # on the sphere it is 1 - cos, over the coordinates' number where they are averaged
    np.testing.assert_allclose(
        latent,
        np.mean(1.0 - np.sum(z * fake, axis=1)) / (4 if reduction == "mean" else 1),
        rtol=1e-6,
    )


def test_the_game_is_worth_nothing_where_generated_codes_are_the_datas():
    game = made(data_weight=0.0)
    z = priors.sphere(4).sample(draws()).numpy()
    loss, _ = game.players()["encoder"].loss(
        {"x": tf.constant(z @ KERNELS[1].astype("float32"))}, draws()
    )
    np.testing.assert_allclose(float(loss), 0.0, atol=1e-5)


def test_each_player_moves_itself_and_the_generator_twice():
    game = made()
    game.compile({name: keras.optimizers.SGD(0.01) for name in ("encoder", "generator")})
    players = game.players()
    assert players["encoder"].networks == (game.encoder,) and players["generator"].networks == (
        game.generator,
    )
    assert (players["encoder"].updates, players["generator"].updates) == (1, 2) and game.turns == 2
    before = game.encoder.get_weights()[0], game.generator.get_weights()[0]
    game.fit(tf.data.Dataset.from_tensors(X), verbose=0)
    assert np.any(game.encoder.get_weights()[0] != before[0]) and np.any(
        game.generator.get_weights()[0] != before[1]
    )
    assert int(game.generator_optimizer.iterations.numpy()) == 2


def test_the_encoders_moving_statistics_are_those_of_data():
    normalization = keras.layers.BatchNormalization(momentum=0.75, center=False, scale=False)
    encoder = keras.Sequential(
        [keras.Input((3,)), normalization, keras.layers.Dense(4, use_bias=False)]
    )
    game = made(encoder=encoder, generator=linear(4, 3, KERNELS[1] + 9.0))  # far from data
    game.compile({player: keras.optimizers.SGD(0.0) for player in game.players()})
    game.fit(X, batch_size=len(X) // game.turns, epochs=1, verbose=0, steps_per_epoch=1)
    seen = np.abs(normalization.moving_mean.numpy())
    assert 0.0 < seen.max() < 0.25 * np.abs(X).mean(axis=0).max()
    values = normalization.moving_variance.numpy()
    assert (np.abs(values - 1.0) < 0.25).all()  # of data it is near 1, of what is generated near 40


def test_the_encoders_gradient_does_not_reach_through_generated_data_to_the_generator():
    game = made(data_weight=0.0)
    with tf.GradientTape() as tape:
        loss, _ = game.players()["encoder"].loss({"x": tf.constant(X)}, draws())
    # the weighted reconstruction is the one way there
    np.testing.assert_array_equal(
        tape.gradient(loss, game.generator.trainable_variables[0].value), 0.0
    )


def test_endpoints_lie_on_the_sphere_and_score_the_reconstruction():
    endpoints = made().endpoints()
    z = endpoints["encode"].function(tf.constant(X[:5]))["z"].numpy()
    np.testing.assert_allclose(z, codes(X[:5]), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        endpoints["reconstruct"].function(tf.constant(X[:5]))["point"],
        z @ KERNELS[1],
        rtol=1e-4,
        atol=1e-5,
    )
    expected = np.abs(X[:5] - z @ KERNELS[1]).mean(axis=1)
    np.testing.assert_allclose(
        endpoints["score"].function(tf.constant(X[:5]))["score"], expected, rtol=1e-4
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prior": priors.normal(4)}, "must lie on the unit sphere"),
        ({"prior": priors.uniform(4)}, "must lie on the unit sphere"),
        ({"prior": WIDER}, "must lie on the unit sphere"),
        ({"generator": linear(4, 2)}, "give what `encoder` takes"),
        ({"encoder": linear(3, 5)}, r"must give codes \[B, 4\]"),
        ({"generator_updates": 0}, "at least 1"),
        ({"reduction": "men"}, "Did you mean 'mean'"),
    ],
    ids=["normal", "uniform", "wider", "generator", "encoder", "updates", "reduction"],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        made(**options)
