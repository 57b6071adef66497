"""XLA compiles the gradient of a move, and changes neither the draws nor the training."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import losses, penalties, priors
from zoo.games import GAN
from zoo.networks import dropout

X = np.random.default_rng(0).normal(size=(24, 2)).astype("float32")


def made(*, batch_norm=True, jit=False, rate=0.05, **options):
    keras.utils.set_random_seed(0)
    layers = keras.layers
    normal = [layers.BatchNormalization(synchronized=True)] if batch_norm else []
    generator = keras.Sequential(
        [keras.Input((3,)), layers.Dense(8), *normal, layers.ReLU(), layers.Dense(2)]
    )
    critic = keras.Sequential(
        [keras.Input((2,)), layers.Dense(8, "relu"), dropout.Dropout(0.5), layers.Dense(1)]
    )
    game = GAN(
        generator=generator,
        critic=critic,
        prior=priors.normal(3),
        loss=losses.non_saturating(),
        penalty=penalties.gradient_penalty(),
        critic_updates=2,
        value_range=None,
        **options,
    )
    game.compile(keras.optimizers.SGD(rate), jit_compile=jit, steps_per_execution=3)
    return game


def trained(**options):
    game = made(**options)
    game.fit(X, batch_size=4, epochs=1, verbose=0)
    return [v.numpy() for v in game.variables]


@pytest.mark.parametrize("schedule", ["alternating", "simultaneous"])
def test_xla_changes_the_training_by_rounding_alone(schedule):
    for one, other in zip(
        trained(schedule=schedule), trained(schedule=schedule, jit=True), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)


def test_xla_compiles_the_gradient_of_every_move(monkeypatch):
    compiled, make = [], tf.function

    def counted(*functions, **options):
        compiled.extend([options] if options.get("jit_compile") else [])
        return make(*functions, **options)

    monkeypatch.setattr(tf, "function", counted)
    trained(jit=True)
    assert len(compiled) == 3
    trained(jit=False)
    assert len(compiled) == 3
