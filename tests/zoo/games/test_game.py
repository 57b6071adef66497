"""The engine: whose variables move, on what data, with which draws."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import constraints, losses, noise, penalties, priors
from zoo.games import GAN


def networks(batch_norm=False):
    layers = keras.layers
    normal = [layers.BatchNormalization(synchronized=True)] if batch_norm else []
    generator = keras.Sequential(
        [keras.Input((3,)), layers.Dense(8), *normal, layers.ReLU(), layers.Dense(2)]
    )
    normal = [layers.BatchNormalization(synchronized=True)] if batch_norm else []
    critic = keras.Sequential(
        [keras.Input((2,)), layers.Dense(8), *normal, layers.LeakyReLU(0.2), layers.Dense(1)]
    )
    return {"generator": generator, "critic": critic}


def made(*, batch_norm=False, rate=0.1, **options):
    keras.utils.set_random_seed(0)
    options = {
        "prior": priors.normal(3),
        "loss": losses.non_saturating(),
        "value_range": None,
    } | options
    game = GAN(**networks(batch_norm), **options)
    game.compile({"critic": keras.optimizers.SGD(rate), "generator": keras.optimizers.SGD(rate)})
    return game


def batch(count=8):
    return np.random.default_rng(0).normal(size=(count, 2)).astype("float32")


def weights(network):
    return [v.numpy() for v in network.variables]


def test_a_move_changes_its_players_variables_only():
    game = made(batch_norm=True)
    players = game.players()
    before = weights(game.generator), weights(game.critic)
    gradients, state, _ = game._gradients("critic", 0, players, {"x": tf.constant(batch())})
    game._move("critic", players["critic"], gradients, state)
    for old, new in zip(before[0], weights(game.generator)):
        np.testing.assert_array_equal(old, new)
    assert any(not np.array_equal(old, new) for old, new in zip(before[1], weights(game.critic)))


def test_moving_statistics_of_the_mover_advance():
    game = made(batch_norm=True)
    players = game.players()
    gradients, state, _ = game._gradients("critic", 0, players, {"x": tf.constant(batch())})
    game._move("critic", players["critic"], gradients, state)
    statistics = [v.numpy() for v in game.critic.non_trainable_variables]
    assert any(np.abs(value).max() > 0 for value in statistics[:1])


def test_simultaneous_takes_all_gradients_before_any_move():
    game = made(schedule="simultaneous")
    players = game.players()
    x = tf.constant(batch())
    expected = {name: game._gradients(name, 0, players, {"x": x})[0] for name in players}
    before = {
        name: [v.numpy() for v in player.networks[0].trainable_variables]
        for name, player in players.items()
    }
    game.train_step(x)
    for name, player in players.items():
        for old, gradient, new in zip(
            before[name], expected[name], player.networks[0].trainable_variables
        ):
            np.testing.assert_allclose(new.numpy(), old - 0.1 * gradient.numpy(), atol=1e-7)


def test_every_critic_move_sees_its_own_stride_of_the_batch():
    game = made(critic_updates=2)
    seen = []
    original = game._critic_loss
    game._critic_loss = lambda x, draws: (seen.append(x["x"].numpy()), original(x, draws))[1]
    x = batch(8)
    game.train_step(tf.constant(x))
    np.testing.assert_array_equal(seen[0], x[0::2])
    np.testing.assert_array_equal(seen[1], x[1::2])


def test_a_batch_that_is_no_multiple_of_the_turns_is_refused():
    with pytest.raises(ValueError, match="multiple of 3"):
        made(critic_updates=3).train_step(tf.constant(batch(8)))


def test_optimizers_must_name_every_player():
    with pytest.raises(ValueError, match="one entry per player"):
        made().compile({"critic": "sgd"})


def test_penalty_refuses_batch_normalization():
    with pytest.raises(ValueError, match="BatchNormalization"):
        made(batch_norm=True, penalty=penalties.gradient_penalty())


def test_weight_clip_bounds_every_weight_after_a_step():
    game = made(loss=losses.wasserstein(), constraint=constraints.weight_clip(0.01))
    game.train_step(tf.constant(batch()))
    for variable in game.critic.trainable_variables:
        assert np.abs(variable.numpy()).max() <= np.float32(0.01)


def test_spectral_normalization_converges_to_the_largest_singular_value():
    network = keras.Sequential([keras.Input((5,)), keras.layers.Dense(4, use_bias=False)])
    wrapped = constraints.spectral_normalization(iterations=200)(network)
    x = np.random.default_rng(0).normal(size=(3, 5)).astype("float32")
    kernel = network.trainable_variables[0].numpy()
    expected = x @ (kernel / np.linalg.svd(kernel, compute_uv=False)[0])
    np.testing.assert_allclose(wrapped(x, training=True).numpy(), expected, rtol=1e-4, atol=1e-6)


def test_gradient_penalty_of_a_linear_critic_is_exact():
    slope = np.array([[1.5], [2.0]], np.float32)  # norm 2.5
    draws = noise.Noise(seed=0, step=tf.constant(0), player=0, move=0, batch=4)
    x = tf.constant(batch(4))
    value = penalties.gradient_penalty(weight=10.0)(lambda x: x @ slope, x, -x, draws)
    np.testing.assert_allclose(float(value), 10.0 * 1.5**2, rtol=1e-6)


def test_r1_of_a_linear_critic_is_exact():
    slope = np.array([[1.5], [2.0]], np.float32)
    value = penalties.r1(weight=10.0)(lambda x: x @ slope, tf.constant(batch(4)), None, None)
    np.testing.assert_allclose(float(value), 5.0 * 2.5**2, rtol=1e-6)


def test_a_draw_is_a_function_of_its_place():
    def draw(**place):
        place = {"seed": 1, "step": tf.constant(2), "player": 0, "move": 0, "batch": 4} | place
        return noise.Noise(**place).normal((3,)).numpy()

    np.testing.assert_array_equal(draw(), draw())
    for change in ({"seed": 2}, {"step": tf.constant(3)}, {"player": 1}, {"move": 1}):
        assert not np.array_equal(draw(), draw(**change))


def test_fit_trains_from_an_array_and_reports_epoch_means():
    history = made().fit(batch(64), batch_size=8, epochs=2, verbose=0).history
    assert {"critic_loss", "generator_loss", "critic_accuracy", "critic_gradient_norm"} <= set(
        history
    )
    assert len(history["critic_loss"]) == 2


def losses_and_gradients(generator=None, critic=None, activity=None):
    """Each player's loss and gradient by the kernel, which is of ones, under these L2 weights."""

    def network(inputs, outputs, weight, activity=None):
        dense = keras.layers.Dense(
            outputs,
            use_bias=False,
            kernel_initializer="ones",
            kernel_regularizer=weight and keras.regularizers.L2(weight),
            activity_regularizer=activity and keras.regularizers.L2(activity),
        )
        return keras.Sequential([keras.Input((inputs,)), dense])

    game = GAN(
        generator=network(3, 2, generator, activity),
        critic=network(2, 1, critic),
        prior=priors.normal(3),
        loss=losses.non_saturating(),
        value_range=None,
    )
    results = {}
    for name in ("critic", "generator"):
        (gradient,), _, logs = game._gradients(name, 0, game.players(), {"x": tf.constant(batch())})
        results[name] = float(logs[f"{name}_loss"]), gradient.numpy()
    return results


def test_a_players_loss_has_the_regularisation_of_its_own_networks():
    plain, decayed = losses_and_gradients(), losses_and_gradients(generator=0.25, critic=0.5)
    for name, weight, size in (("generator", 0.25, 6), ("critic", 0.5, 2)):
        loss, gradient = (new - old for new, old in zip(decayed[name], plain[name]))
        # of weight * w**2, summed over a kernel of ones
        np.testing.assert_allclose(loss, weight * size, rtol=1e-5)
        np.testing.assert_allclose(gradient, 2.0 * weight, rtol=1e-4)


def test_what_a_layer_adds_to_the_loss_is_its_players():
    plain, added = losses_and_gradients(), losses_and_gradients(activity=0.1)
    assert plain["critic"][0] == added["critic"][0]
    draws = noise.Noise(seed=0, step=tf.constant(0), player=1, move=0, batch=8)
    outputs = draws.normal((3,)).numpy() @ np.ones((3, 2))
    loss = added["generator"][0] - plain["generator"][0]
    # Keras divides by the number of examples
    np.testing.assert_allclose(loss, 0.1 * np.mean(np.sum(outputs**2, axis=1)), rtol=1e-4)


def test_a_row_of_sample_does_not_depend_on_its_batch():
    game = made(batch_norm=True)
    sample = game.endpoints()["sample"].function
    together = sample(tf.constant([1, 2, 3], tf.int64))["point"].numpy()
    alone = sample(tf.constant([2], tf.int64))["point"].numpy()
    np.testing.assert_allclose(together[1:2], alone, atol=1e-6)


def test_the_end_of_finite_data_is_no_step():
    game = made()
    x = np.stack([batch()] * 3)
    history = game.fit(tf.data.Dataset.from_tensor_slices(x), epochs=2, verbose=0).history
    assert int(game.step.numpy()) == 6
    assert int(game.generator_optimizer.iterations.numpy()) == 6
    assert all(0.0 <= value <= 1.0 for value in history["critic_accuracy"])
    # the mean over three steps, not over the fourth call, which had no data
    assert set(game.logs._counts.numpy()) == {0.0, 3.0}


def test_averaged_weights_are_the_average_and_before_the_first_move_the_weights():
    game = made()
    game.compile(
        {
            "critic": keras.optimizers.SGD(0.1),
            "generator": keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.75),
        }
    )
    seen = [weights(game.generator)]
    with game.averaged_weights():  # Keras's averages are 0 until then
        for actual, right in zip(weights(game.generator), seen[0], strict=True):
            np.testing.assert_array_equal(actual, right)
    for _ in range(2):
        game.fit(tf.data.Dataset.from_tensors(batch()), verbose=0)
        seen.append(weights(game.generator))
    with game.averaged_weights():
        # the first move sets the average to what it gives
        for actual, first, second in zip(weights(game.generator), seen[1], seen[2], strict=True):
            np.testing.assert_allclose(actual, 0.75 * first + 0.25 * second, rtol=1e-5, atol=1e-7)
    for actual, right in zip(weights(game.generator), seen[2], strict=True):
        np.testing.assert_array_equal(actual, right)
