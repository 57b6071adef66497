"""Keras's `model(inputs)`, `predict`, `evaluate` and validation, of a game."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import likelihoods, losses, priors
from zoo.games import GAN, VAE, Supervised

X = np.random.default_rng(0).random(size=(20, 2)).astype("float32")
Z = np.random.default_rng(1).normal(size=(5, 3)).astype("float32")


def linear(inputs, outputs):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs)])


def gan(averaged=False, **options):
    keras.utils.set_random_seed(0)
    parts = {"generator": linear(3, 2), "critic": linear(2, 1), "prior": priors.normal(3)}
    game = GAN(**parts, loss=losses.non_saturating(), value_range=None, **options)
    game.compile(keras.optimizers.SGD(0.1, use_ema=averaged, ema_momentum=0.5))
    return game


def vae():
    keras.utils.set_random_seed(0)
    parts = {"encoder": linear(2, 6), "decoder": linear(3, 2), "prior": priors.normal(3)}
    game = VAE(**parts, likelihood=likelihoods.bernoulli())
    game.compile(keras.optimizers.SGD(0.1))
    return game


@pytest.mark.parametrize("make", [gan, vae])
def test_a_call_generates(make):
    game = make()
    np.testing.assert_allclose(game(Z), game.generate(Z), rtol=1e-6)


def test_a_call_needs_no_compile_and_takes_python_numbers():
    keras.utils.set_random_seed(0)
    parts = {"generator": linear(3, 2), "critic": linear(2, 1), "prior": priors.normal(3)}
    game = GAN(**parts, loss=losses.non_saturating(), value_range=None)
    np.testing.assert_allclose(game(np.float64(Z)), game.generator(Z), rtol=1e-6)


def test_a_call_has_gradients_and_builds_a_larger_model():
    game, z = gan(), tf.constant(Z)
    with tf.GradientTape() as tape:
        tape.watch(z)
        total = tf.reduce_sum(game(z))
    kernel = game.generator.trainable_variables[0].numpy()
    expected = np.broadcast_to(kernel.sum(axis=1), Z.shape)
    np.testing.assert_allclose(tape.gradient(total, z), expected, rtol=1e-5)
    inputs = keras.Input((3,))
    larger = keras.Model(inputs, keras.ops.negative(game(inputs)))
    np.testing.assert_allclose(larger(z), -game(z), rtol=1e-6)


def test_examples_in_the_place_of_latents_are_refused_with_the_calls_there_are():
    with pytest.raises(ValueError, match="is 'generate', which needs.*3.*reconstruct"):
        vae()(X)


def test_a_call_of_a_classifier_classifies():
    x = keras.Input((2,))
    features = keras.layers.Dense(4, name="features")(x)
    network = keras.Model(x, keras.layers.Dense(3)(features))
    game = Supervised(classifier=network, value_range=None)
    np.testing.assert_allclose(game(X), network(X), rtol=1e-6)


def test_predict_is_generate_in_batches_and_takes_averaged_weights():
    game = gan(averaged=True)
    game.fit(X, batch_size=4, verbose=0)
    for _ in range(2):  # the second time with other weights in the same graph
        predicted = game.predict(Z, batch_size=2, verbose=0)
        np.testing.assert_allclose(predicted, game.generate(Z), rtol=1e-5)
        assert np.abs(predicted - game(Z)).max() > 1e-4
        game.fit(X, batch_size=4, verbose=0)


def weights(game):
    optimizers = [v for one in game.optimizers.values() for v in one.variables]
    return [v.numpy() for v in [*game.variables, *optimizers]]


def test_evaluate_gives_the_losses_and_changes_nothing():
    game = vae()
    before = game.get_weights()
    logs = game.evaluate(X, verbose=0, return_dict=True)
    assert set(logs) == {"autoencoder_loss", "log_likelihood", "kl", "elbo"}
    mean, log_variance = np.split(game.encoder(X).numpy(), 2, axis=1)
    kl = 0.5 * (mean**2 + np.exp(log_variance) - 1.0 - log_variance).sum(axis=1).mean()
    np.testing.assert_allclose(logs["kl"], kl, rtol=1e-5)
    np.testing.assert_allclose(logs["elbo"], -logs["autoencoder_loss"], rtol=1e-5)
    for one, other in zip(before, game.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_every_example_counts_the_same_in_an_evaluation():
    game = vae()
    whole = game.evaluate(X, verbose=0, return_dict=True, batch_size=20)["kl"]
    parted = game.evaluate(X, verbose=0, return_dict=True, batch_size=8)["kl"]  # 8, 8 and 4
    np.testing.assert_allclose(parted, whole, rtol=1e-5)


def test_an_evaluation_is_repeatable_and_its_batches_draw_apart():
    game = vae()
    twice = [game.evaluate(X, verbose=0, batch_size=10) for _ in range(2)]
    np.testing.assert_array_equal(*twice)
    same = np.repeat(X[:1], 20, axis=0)
    one = game.evaluate(same[:10], verbose=0, return_dict=True)["log_likelihood"]
    two = game.evaluate(same, verbose=0, return_dict=True, batch_size=10)["log_likelihood"]
    assert abs(one - two) > 1e-4


@pytest.mark.parametrize("steps", [1, 2])
def test_evaluate_takes_what_fit_takes(steps):
    game = vae()
    game.steps_per_execution = steps  # three batches are no multiple of two
    batches = tf.data.Dataset.from_tensor_slices(X).batch(8)
    expected = game.evaluate(X, verbose=0, batch_size=8)
    np.testing.assert_allclose(game.evaluate(batches, verbose=0), expected, rtol=1e-6)
    generator = (X[i : i + 8] for i in (0, 8, 16))
    np.testing.assert_allclose(game.evaluate(generator, verbose=0), expected, rtol=1e-6)


def test_validation_data_are_evaluated_after_each_epoch():
    game = vae()
    data = {"x": X[:16], "batch_size": 4, "epochs": 2, "verbose": 0}
    history = game.fit(**data, validation_data=X[16:]).history
    assert len(history["val_elbo"]) == 2
    last = game.evaluate(X[16:], verbose=0, return_dict=True)["elbo"]
    np.testing.assert_allclose(history["val_elbo"][-1], last, rtol=1e-6)


def test_validation_changes_no_bit_of_the_training():
    plain, validated = gan(), gan()
    plain.fit(X, batch_size=4, epochs=2, verbose=0)
    validated.fit(X, batch_size=4, epochs=2, verbose=0, validation_data=X)
    for one, other in zip(weights(plain), weights(validated), strict=True):
        np.testing.assert_array_equal(one, other)
    history = [game.history.history["critic_loss"] for game in (plain, validated)]
    np.testing.assert_array_equal(*history)


def test_validation_split_takes_the_last_examples():
    parted, given = vae(), vae()
    options = {"batch_size": 4, "epochs": 2, "verbose": 0}
    parted.fit(X, validation_split=0.2, **options)
    given.fit(X[:16], validation_data=X[16:], **options)
    for name, values in given.history.history.items():
        np.testing.assert_array_equal(parted.history.history[name], values)


def test_early_stopping_watches_the_validation():
    game = vae()
    stop = keras.callbacks.EarlyStopping("val_elbo", mode="max", min_delta=1e9, patience=1)
    game.fit(X, validation_data=X, epochs=9, callbacks=[stop], verbose=0, batch_size=10)
    assert len(game.history.history["elbo"]) == 2


@pytest.mark.parametrize("split", [1.0, 0.99])
def test_a_validation_split_that_leaves_nothing_is_refused(split):
    with pytest.raises(ValueError, match=r"`validation_split` must be in \(0, 1\)"):
        gan().fit(X, validation_split=split, verbose=0)


def test_moves_do_not_divide_what_is_evaluated():
    game = gan(critic_updates=5)
    assert len(game.evaluate(X[:3], verbose=0)) == 4
