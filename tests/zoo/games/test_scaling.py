"""Half precision: losses, gradients and statistics stay in float32; float16 scales the loss."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import losses, penalties, priors
from zoo.games import GAN

X = np.random.default_rng(0).normal(size=(16, 2)).astype("float32")


def made(precision="float32", optimizer=None, **options):
    keras.utils.set_random_seed(0)
    layers, policy = keras.layers, "float32" if precision == "float32" else f"mixed_{precision}"
    generator = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(8, dtype=policy),
            layers.BatchNormalization(synchronized=True, dtype=policy),
            layers.Dense(2, "tanh", dtype="float32"),
        ]
    )
    critic = keras.Sequential(
        [keras.Input((2,)), layers.Dense(8, "relu", dtype=policy), layers.Dense(1, dtype="float32")]
    )
    game = GAN(
        generator=generator,
        critic=critic,
        prior=priors.normal(3),
        loss=losses.non_saturating(),
        penalty=penalties.gradient_penalty(),
        value_range=None,
    )
    game.compile(optimizer or keras.optimizers.SGD(0.1, global_clipnorm=0.5), **options)
    return game


def trained(*arguments, **options):
    game = made(*arguments, **options)
    logs = game.fit(X, batch_size=4, verbose=0).history
    return np.concatenate([v.numpy().ravel() for v in game.variables]), logs


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
@pytest.mark.parametrize("options", [{}, {"accumulate": 2, "jit_compile": True}], ids=str)
def test_half_precision_trains_as_float32_does_up_to_its_rounding(precision, options):
    expected, logs = trained(**{k: v for k, v in options.items() if k == "accumulate"})
    inside, half = keras.optimizers.SGD(0.1, global_clipnorm=0.5), precision == "float16"
    # Keras begins at 2**15, which this penalty's gradients overflow: the first moves are left out
    scaled = keras.optimizers.LossScaleOptimizer(inside, initial_scale=2.0**8) if half else inside
    values, rounded = trained(precision, scaled, **options)
    np.testing.assert_allclose(values, expected, rtol=0, atol=0.02)
    np.testing.assert_allclose(  # a norm that had kept the scale would be 256 times as large
        rounded["critic_gradient_norm"], logs["critic_gradient_norm"], rtol=0.05
    )


def test_only_float16_scales_the_loss():
    scaled = keras.optimizers.LossScaleOptimizer
    for precision in ("float32", "bfloat16"):
        assert not isinstance(made(precision).optimizers["critic"], scaled)
    assert all(isinstance(one, scaled) for one in made("float16").optimizers.values())


def test_a_move_with_an_infinite_gradient_changes_nothing_but_the_scale_and_counts_as_a_step():
    game = made("float16")
    before = [v.numpy() for v in game.trainable_variables + game.generator.variables]
    for optimizer in game.optimizers.values():
        optimizer.dynamic_scale.assign(2.0**127)
    logs = game.train_step(tf.constant(X[:4]))
    after = [v.numpy() for v in game.trainable_variables + game.generator.variables]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)
    assert {float(one.dynamic_scale) for one in game.optimizers.values()} == {2.0**126}
    assert int(game.step.numpy()) == 1
    assert {float(logs[f"{name}_gradient_norm"]) for name in game.players()} == {0.0}
    assert all(np.isfinite(float(value)) for value in logs.values())


def test_averages_and_rates_are_those_of_the_optimizer_inside():
    game = made("float16", keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5))
    game.fit(X, batch_size=4, verbose=0)
    with game.averaged_weights() as averaged:
        assert averaged
    rates = [float(one.learning_rate) for one in game.optimizer.optimizers]
    np.testing.assert_allclose(rates, [0.1, 0.1])
