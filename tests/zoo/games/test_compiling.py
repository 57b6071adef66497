"""`compile` as in Keras: one optimizer for all players, a name, a dict; what it does not take."""

import keras
import numpy as np
import pytest

from zoo import likelihoods, losses, optimizers, priors
from zoo.games import GAN, VAE

X = np.random.default_rng(0).normal(size=(24, 2)).astype("float32")


def linear(inputs, outputs):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs)])


def gan():
    keras.utils.set_random_seed(0)
    parts = {"generator": linear(3, 2), "critic": linear(2, 1), "prior": priors.normal(3)}
    return GAN(**parts, loss=losses.non_saturating(), value_range=None)


def weights(compiled, **options):
    game = gan()
    game.compile(compiled, **options)
    game.fit(X, batch_size=4, epochs=2, verbose=0)
    return game.get_weights()


def assert_equal(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def adam():
    return keras.optimizers.Adam(1e-2, beta_1=0.5)


@pytest.mark.parametrize("given", ["one", "shared"])
def test_one_optimizer_for_several_players_is_one_with_its_settings_for_each(given):
    shared = adam()
    trained = weights(shared if given == "one" else {"critic": shared, "generator": shared})
    assert_equal(trained, weights({"critic": adam(), "generator": adam()}))


def test_each_player_has_an_optimizer_of_its_own():
    game = gan()
    game.compile(optimizer=adam())
    assert game.optimizers["critic"] is not game.optimizers["generator"]


def test_the_optimizer_of_a_single_player_is_the_one_that_is_given():
    keras.utils.set_random_seed(0)
    parts = {"encoder": linear(2, 6), "decoder": linear(3, 2), "prior": priors.normal(3)}
    game, given = VAE(**parts, likelihood=likelihoods.bernoulli()), adam()
    game.compile(given)
    assert game.optimizers == {"autoencoder": given}


def test_a_name_stands_for_the_optimizer_of_each_player():
    named = {"critic": keras.optimizers.RMSprop(), "generator": keras.optimizers.RMSprop()}
    assert_equal(weights("rmsprop"), weights(named))


def test_a_schedule_of_the_momentum_is_kept_where_an_optimizer_is_copied():
    def sgd():
        schedule = keras.optimizers.schedules.PolynomialDecay(0.5, 10, 0.9)
        return optimizers.SGD(0.1, momentum=schedule, clipnorm=1.0)

    assert_equal(weights(sgd()), weights({"critic": sgd(), "generator": sgd()}))


@pytest.mark.parametrize("option", [{"loss": "hinge"}, {"metrics": ["accuracy"]}])
def test_a_loss_or_metrics_in_compile_are_refused_with_their_place(option):
    with pytest.raises(ValueError, match=f"takes no `{next(iter(option))}`.*game is made"):
        gan().compile("adam", **option)


def test_automatic_steps_per_execution_change_no_bit():
    trained = weights(adam(), steps_per_execution="auto")
    assert_equal(trained, weights(adam()))


def test_automatic_steps_per_execution_are_the_largest_divisor_of_an_epoch():
    game = gan()
    game.compile(adam(), steps_per_execution="auto")
    for batch_size, steps in ((4, 6), (8, 3), (12, 2), (24, 1)):
        game.fit(X, batch_size=batch_size, verbose=0)
        assert game.steps_per_execution == steps
    calls = []
    counted = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: calls.append(1))
    game.fit(X, batch_size=1, epochs=2, callbacks=[counted], verbose=0)
    assert game.steps_per_execution == 24
    assert len(calls) == 2


def test_xla_left_to_keras_is_off():
    game = gan()
    game.compile(adam(), jit_compile="auto")
    assert game.jit_compile is False
