"""Keras's callbacks of learning rates and averaged weights: for every player, or for one."""

import keras
import numpy as np
import pytest

from zoo import losses, priors
from zoo.games import GAN, ForPlayer

X = np.random.default_rng(0).normal(size=(24, 2)).astype("float32")
RATES = {"critic": 0.04, "generator": 0.01}


def linear(inputs, outputs):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs)])


def gan(**averaged):
    keras.utils.set_random_seed(0)
    parts = {"generator": linear(3, 2), "critic": linear(2, 1), "prior": priors.normal(3)}
    game = GAN(**parts, loss=losses.non_saturating(), value_range=None)
    game.compile({name: keras.optimizers.SGD(rate, **averaged) for name, rate in RATES.items()})
    return game


def fit(game, *callbacks, epochs=2, **options):
    options = {"batch_size": 8, "verbose": 0, "epochs": epochs} | options
    return game.fit(X, callbacks=[*callbacks], **options).history


def assert_rates(game, critic, generator):
    rates = [float(one.learning_rate) for one in game.optimizers.values()]
    np.testing.assert_allclose(rates, [critic, generator], rtol=1e-6)


def halving():
    return keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)


def plateau():  # no epoch is an improvement
    return keras.callbacks.ReduceLROnPlateau(
        monitor="critic_loss", mode="min", factor=0.1, patience=1, min_delta=1e9
    )


def test_a_learning_rate_scheduler_moves_every_player_from_its_own_rate():
    game = gan()
    history = fit(game, halving())
    assert_rates(game, 0.01, 0.0025)
    np.testing.assert_allclose(history["learning_rate_critic"], [0.02, 0.01], rtol=1e-6)
    np.testing.assert_allclose(history["learning_rate_generator"], [0.005, 0.0025], rtol=1e-6)


def test_a_scheduled_rate_is_the_rate_of_the_steps():
    game, still = gan(), gan()
    fit(game, keras.callbacks.LearningRateScheduler(lambda epoch: 0.0), epochs=1)
    for trained, initial in zip(game.trainable_variables, still.trainable_variables, strict=True):
        np.testing.assert_array_equal(trained.numpy(), initial.numpy())


def test_reduce_on_plateau_reduces_every_players_rate():
    game = gan()
    fit(game, plateau(), epochs=2)
    assert_rates(game, 0.004, 0.001)


@pytest.mark.parametrize("callback", [halving, plateau])
def test_a_callback_for_a_player_leaves_the_others_alone(callback):
    game, every = gan(), gan()
    fit(game, ForPlayer("generator", callback()))
    fit(every, callback())
    assert_rates(game, 0.04, float(every.optimizers["generator"].learning_rate))
    assert float(game.optimizers["generator"].learning_rate) < 0.01


def test_a_callback_for_a_player_can_end_the_training():
    class End(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = True

    game = gan()
    fit(game, ForPlayer("critic", End()))
    assert int(game.step.numpy()) == 1


def test_a_callback_for_a_player_that_the_game_lacks_is_refused():
    with pytest.raises(ValueError, match="Unknown player 'generatr'.*mean 'generator'"):
        fit(gan(), ForPlayer("generatr", halving()))


def test_swapped_weights_are_the_averages_after_an_epoch_and_the_trained_ones_in_it():
    averaged = {"use_ema": True, "ema_momentum": 0.5}
    swapped, plain = gan(**averaged), gan(**averaged)
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    fit(swapped, swap, epochs=3)
    fit(plain, epochs=3)
    with plain.averaged_weights():
        expected = [v.numpy() for v in plain.trainable_variables]
    for variable, value in zip(swapped.trainable_variables, expected, strict=True):
        np.testing.assert_allclose(variable.numpy(), value, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(swapped.sample(4), plain.sample(4), rtol=1e-5, atol=1e-6)


def test_swapping_weights_without_averages_is_refused():
    with pytest.raises(ValueError, match="use_ema=True"):
        fit(gan(), keras.callbacks.SwapEMAWeights(swap_on_epoch=True))
