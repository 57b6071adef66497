"""Statistics of batch normalization gathered over batches, against numpy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import losses, noise, priors
from zoo.games import BiGAN, statistics
from zoo.networks import joint, mlp

BATCH = 8


@pytest.fixture
def game():
    keras.utils.set_random_seed(0)
    hidden = {"units": (6, 5), "normalization": "plain_batch", "initializer": ("normal", 0.5)}
    made = BiGAN(
        generator=mlp.generator(latent=3, shape=(4,), value_range=None, **hidden),
        encoder=mlp.encoder(
            latent=3, shape=(4,), normalize_first=False, statistics=1, activation="relu", **hidden
        ),
        critic=joint.critic(latent=3, shape=(4,), units=(5,)),
        prior=priors.normal(3),
        loss=losses.non_saturating(),
        value_range=None,
        seed=7,
    )
    made.compile({name: keras.optimizers.SGD(0.1) for name in ("critic", "generator")})
    return made


def data(count):
    return np.random.default_rng(0).normal(size=(count, BATCH, 4)).astype("float32")


def test_statistics_are_the_means_over_batches_of_numpy_s(game):
    x = data(5)
    encoder = [layer.get_weights() for layer in game.encoder.layers if layer.weights]
    generator = [layer.get_weights() for layer in game.generator.layers if layer.weights]
    sums, latents = [], []
    for number, batch in enumerate(x.astype("float64"), 1):
        (kernel, bias), (second, *_) = encoder[0], encoder[1]
        sums.append(np.maximum(batch @ kernel + bias, 0.0) @ second)
        draws = noise.Noise(
            seed=7, step=tf.constant(number, tf.int64), player=1, move=0, batch=BATCH
        )
        latents.append(game.prior.sample(draws).numpy().astype("float64") @ generator[0][0])
    expected = [
        np.mean([statistic(each, axis=0) for each in passed], axis=0)
        for passed in (latents, sums)
        for statistic in (np.mean, np.var)
    ]
    values = dict(zip([v.path for v in statistics.variables(game)], statistics.gathered(game, x)))
    assert len(values) == 6  # two layers of the generator, one of the encoder, none of the critic
    first, last = game.generator.layers, game.encoder.layers
    layers = [
        next(layer for layer in network if isinstance(layer, keras.layers.BatchNormalization))
        for network in (first, last)
    ]
    paths = [v.path for layer in layers for v in (layer.moving_mean, layer.moving_variance)]
    for path, value in zip(paths, expected):
        np.testing.assert_allclose(values[path], value, rtol=1e-4, atol=1e-6)


def test_gathering_changes_nothing_and_repeats(game):
    before = [v.numpy() for v in game.state()]
    momenta = [layer.momentum for layer in statistics._layers(game)]
    first, second = (statistics.gathered(game, data(3)) for _ in range(2))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)
    for v, value in zip(game.state(), before, strict=True):
        np.testing.assert_array_equal(v.numpy(), value)
    assert [layer.momentum for layer in statistics._layers(game)] == momenta


def test_no_batch_is_refused(game):
    with pytest.raises(ValueError, match="at least one batch"):
        statistics.gathered(game, [])
