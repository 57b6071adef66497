"""Gradients of micro-batches add up to those of the whole batch."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import losses, penalties, priors
from zoo.games import GAN
from zoo.networks import dropout

X = np.random.default_rng(0).normal(size=(96, 2)).astype("float32")


def made(accumulate=1, *, batch_norm=False, jit=False, schedule="alternating", moves=2):
    """A game with all that draws: latents, a mask of the critic, and points of the penalty."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    normal = [layers.BatchNormalization(synchronized=True)] if batch_norm else []
    generator = keras.Sequential(
        [keras.Input((3,)), layers.Dense(8), *normal, layers.ReLU(), layers.Dense(2)]
    )
    hidden = layers.Dense(8, "relu", kernel_regularizer="l2")
    critic = keras.Sequential([keras.Input((2,)), hidden, dropout.Dropout(0.5), layers.Dense(1)])
    game = GAN(
        generator=generator,
        critic=critic,
        prior=priors.normal(3),
        loss=losses.non_saturating(),
        penalty=penalties.gradient_penalty(),
        critic_updates=moves,
        value_range=None,
        schedule=schedule,
    )
    game.compile(keras.optimizers.SGD(0.1), jit_compile=jit, accumulate=accumulate)
    return game


def trained(*arguments, **options):
    game = made(*arguments, **options)
    history = game.fit(X, batch_size=16, epochs=1, verbose=0).history
    return [v.numpy() for v in game.variables], history


def assert_close(one, other, tolerance=1e-6):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


# XLA takes seconds to compile each of the parts
@pytest.mark.parametrize(
    "parts, options", [(4, {}), (4, {"schedule": "simultaneous"}), (2, {"jit": True})], ids=str
)
def test_micro_batches_give_the_weights_and_the_logs_of_the_whole_batch(parts, options):
    weights, history = trained(parts, **options)
    expected, logs = trained(**options)
    assert_close(weights, expected)
    assert sorted(history) == sorted(logs)
    for name, values in logs.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-5, atol=1e-6, err_msg=name)


def test_batch_normalization_takes_the_moments_of_micro_batches():
    """The moving mean advances with each of them: after two, 0.99 * 0.01 a + 0.01 b."""
    game = made(2, batch_norm=True, moves=1)
    players, x = game.players(), {"x": tf.constant(X[:8])}
    seen = [
        game.generator.layers[0](game.prior.sample(game.draws("generator", rows, 0, 0, part, 2)))
        for part, rows in enumerate([{"x": X[:4]}, {"x": X[4:8]}])
    ]
    means = [tf.reduce_mean(values, axis=0).numpy() for values in seen]
    _, state, _ = game._gradients("generator", 0, players, x)
    moving = {v.path.rpartition("/")[2]: value.numpy() for v, value in state}["moving_mean"]
    np.testing.assert_allclose(moving, 0.99 * 0.01 * means[0] + 0.01 * means[1], atol=1e-7)


def test_a_batch_that_does_not_divide_is_refused():
    with pytest.raises(ValueError, match="multiple of `accumulate`.*accumulate=3, {'x': 16}"):
        trained(3)
    with pytest.raises(ValueError, match="`accumulate` must be at least 1. Received: 0"):
        made(0)
